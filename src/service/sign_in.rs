//! Signing in with an identity provider: OpenID Connect, authorization code flow with PKCE.
//!
//! The browser leaves with a state and comes back with a code. The state works once, in the browser that began;
//! the code is exchanged for an ID token, which is checked before anything in it is believed.

mod account;
mod client;
mod problem;
mod provider;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::config::ProviderConfig;
use crate::domain::account::Role;
use crate::random;
use crate::store::audit;
use crate::store::sign_ins::{self, SignIn};

use self::account::{Rules, role_of, settle};
use self::client::Client;
use self::problem::Problem;
use self::provider::{Identity, Provider, Secrets};
use super::sessions::{By, LoggedIn, LoginFor, start_by};
use super::throttle::{RETURN_BY_ADDRESS, SIGN_IN_BY_ADDRESS};
use super::{Caller, Failure, Refusal, Site};

/// How long somebody may take at the provider's, in seconds: ten minutes.
pub const SIGN_IN_SECONDS: i64 = 10 * 60;

/// The identity providers of the settings.
#[derive(Default)]
pub struct Providers {
    list: Vec<Provider>,
}

impl Providers {
    /// Asks none of them anything yet.
    ///
    /// # Errors
    /// When there is no TLS to ask them by.
    pub fn new(configs: &[ProviderConfig], public_url: Option<&str>) -> Result<Self, String> {
        let (Some(public_url), false) = (public_url, configs.is_empty()) else { return Ok(Self::default()) };
        let client = Client::new()?;
        let provider = |config: &ProviderConfig| Provider::new(config.clone(), public_url, client.clone());
        Ok(Self { list: configs.iter().map(provider).collect() })
    }

    /// Name and title of each, in the order of the settings.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|provider| (provider.config.name.as_str(), provider.config.title.as_str()))
    }

    /// The title of the one of this name.
    #[must_use]
    pub fn title(&self, name: &str) -> Option<&str> {
        Some(self.find(name).ok()?.config.title.as_str())
    }

    fn find(&self, name: &str) -> Result<&Provider, Refusal> {
        self.list.iter().find(|provider| provider.config.name == name).ok_or(Refusal::ProviderNotFound)
    }
}

/// A sign-in that was begun.
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// To be set as a cookie until it comes back.
    pub browser: String,
}

/// Begins a sign-in with the provider of this name.
///
/// # Errors
/// [`Refusal::ProviderNotFound`], [`Refusal::ProviderUnavailable`], [`Refusal::TooManyTries`].
pub async fn begin(site: &Site, caller: &Caller, name: &str) -> Result<Begun, Failure> {
    let provider = site.providers.find(name)?;
    site.count(SIGN_IN_BY_ADDRESS, &caller.counted_address())?;
    let now = site.clock.now();
    let (state, browser) = (random::secret(), random::secret());
    let begun = SignIn {
        state_hash: hash(&state),
        browser_hash: hash(&browser),
        provider: name.to_owned(),
        nonce: random::secret(),
        code_verifier: random::secret(),
        expires_at: now + SIGN_IN_SECONDS,
    };
    let secrets = Secrets { state, nonce: begun.nonce.clone(), code_verifier: begun.code_verifier.clone() };
    let url = provider.authorization_url(secrets, now).await.map_err(|problem| logged(problem, caller, name))?;
    site.store.write(async move |conn| Ok::<_, Failure>(sign_ins::insert(conn, &begun, now).await?)).await?;
    Ok(Begun { url, browser })
}

/// What a browser brings back from the provider.
#[derive(Clone, Debug, Default)]
pub struct Return {
    /// Names the sign-in.
    pub state: Option<String>,
    /// To be exchanged for the ID token.
    pub code: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The provider's issuer, if it says it (RFC 9207).
    pub issuer: Option<String>,
    /// Our cookie.
    pub browser: Option<String>,
}

/// Finishes a sign-in: finds or makes the account, brings its role up to date, and logs in.
///
/// # Errors
/// [`Refusal::SignInFailed`] when anything about it is not good, whatever it is; the log has the cause. As for
/// [`begin`]; [`Refusal::AccountDisabled`], [`Refusal::EmailNotVerified`], [`Refusal::AccountNotLinked`],
/// [`Refusal::RegistrationClosed`], [`Refusal::LastAdministrator`].
pub async fn finish(site: &Site, caller: &Caller, name: &str, back: Return) -> Result<LoggedIn, Failure> {
    let provider = site.providers.find(name)?;
    let address = caller.counted_address();
    site.count(RETURN_BY_ADDRESS, &address)?;
    let done = sign_in(site, caller, provider, back).await;
    match &done {
        Ok(_) => {
            // Both tries, this one and its beginning, were right ones.
            site.throttle.forgive(RETURN_BY_ADDRESS, &address);
            site.throttle.forgive(SIGN_IN_BY_ADDRESS, &address);
        }
        Err(Failure::Refused(refusal)) => record_refusal(site, caller, name, refusal).await?,
        Err(_) => {}
    }
    done
}

async fn sign_in(site: &Site, caller: &Caller, provider: &Provider, back: Return) -> Result<LoggedIn, Failure> {
    let now = site.clock.now();
    let name = provider.config.name.as_str();
    let identity = identify(site, provider, back, now).await?.map_err(|problem| logged(problem, caller, name))?;
    let config = &provider.config;
    let email = identity.email.as_deref().unwrap_or_default();
    let rules = Rules {
        provider: config.name.clone(),
        admits: config.allow_registration.unwrap_or_else(|| site.registration.admits(email)),
        trusts_email: config.trust_email,
        role: role_of(&identity.groups, &config.roles),
    };
    let (who, id) = (caller.clone(), random::uuid(&site.clock));
    let settled = site.store.write(async move |conn| settle(conn, &identity, &rules, &who, &id, now).await);
    let account = settled.await?;
    let whom = if account.role == Role::Driver { LoginFor::Anybody } else { LoginFor::Staff };
    start_by(site, caller, whom, account, By::Provider(name)).await
}

/// Checks everything that the browser and the provider say.
async fn identify(
    site: &Site,
    provider: &Provider,
    back: Return,
    now: i64,
) -> Result<Result<Identity, Problem>, Failure> {
    let Some(state) = back.state else { return Ok(Err(Problem::sign_in("the state is missing"))) };
    let state = hash(&state);
    let taken = site.store.write(async move |conn| Ok::<_, Failure>(sign_ins::take(conn, &state, now).await?));
    let Some(begun) = taken.await? else {
        return Ok(Err(Problem::sign_in("the state is unknown, used or over")));
    };
    let browser = hash(back.browser.as_deref().unwrap_or_default());
    let same: bool = browser.as_bytes().ct_eq(begun.browser_hash.as_bytes()).into();
    Ok(if !same {
        Err(Problem::sign_in("another browser began this sign-in, or its cookie is gone"))
    } else if begun.provider != provider.config.name {
        Err(Problem::sign_in("it was begun with another provider"))
    } else if back.issuer.is_some_and(|issuer| issuer != provider.config.issuer) {
        Err(Problem::sign_in("another issuer sent the browser back"))
    } else {
        match (back.error, back.code) {
            (Some(error), _) => Err(Problem::sign_in(format!("the provider says: {}", error_name(&error)))),
            (None, None) => Err(Problem::sign_in("the code is missing")),
            (None, Some(code)) => provider.identity(code, begun.nonce, begun.code_verifier, now).await,
        }
    })
}

/// The name of an error if it looks like one; people can write anything into an address.
fn error_name(error: &str) -> &str {
    let plain = error.len() <= 40 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain { error } else { "something that is no name of an error" }
}

fn logged(problem: Problem, caller: &Caller, name: &str) -> Failure {
    let request = caller.request_id.as_deref().unwrap_or_default();
    let cause = problem.cause;
    tracing::warn!(oidc.provider = name, request.id = request, cause, "a sign-in was refused");
    problem.refusal.into()
}

async fn record_refusal(site: &Site, caller: &Caller, name: &str, refusal: &Refusal) -> Result<(), Failure> {
    let mut entry = caller.entry(site.clock.now(), "session.refused", "session".to_owned());
    entry.after = Some(serde_json::json!({"provider": name, "reason": refusal}).to_string());
    site.store.write(async move |conn| Ok::<_, Failure>(audit::append(conn, entry.clone()).await?)).await
}

fn hash(secret: &str) -> String {
    random::hex(&Sha256::digest(secret.as_bytes()))
}
