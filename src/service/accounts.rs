//! Logging in, registering, and the first administrator.

use crate::config::AccessMode;
use crate::domain::account::{Account, Actor, Role};
use crate::random;
use crate::store::{DbError, accounts, secrets};

use super::tokens::Bearer;
use super::{Failure, Refusal, Site};

/// Passwords of drivers have at least so many characters.
pub const SHORTEST_PASSWORD: usize = 8;

/// Longer passwords cost time to hash and add nothing.
pub const LONGEST_PASSWORD: usize = 256;

/// The name of the key that signs tokens.
const TOKEN_SECRET: &str = "token_key";

/// Somebody who logged in, with the token that says so.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Who.
    pub account: Account,
    /// To be sent as `Authorization: Bearer`.
    pub token: String,
}

/// Who sends a request that carries `token`. The account is read anew at each request, so what it may do
/// is what it may do now.
///
/// # Errors
/// [`Refusal::TokenInvalid`] when there is a token and it is no good.
pub async fn actor(site: &Site, token: Option<&str>) -> Result<Actor, Failure> {
    let Some(token) = token else {
        return Ok(match site.access_mode {
            AccessMode::Accounts => Actor::Anonymous,
            AccessMode::Open => Actor::Open,
        });
    };
    match site.tokens.check(token, site.clock.now()) {
        None => Err(Refusal::TokenInvalid.into()),
        Some(Bearer::AdminToken) => Ok(Actor::Administrator),
        Some(Bearer::Account(id)) => {
            let account = site.store.read(async |conn| accounts::find(conn, &id).await).await?;
            Ok(Actor::Account(account.ok_or(Refusal::TokenInvalid)?))
        }
    }
}

/// Who may use a log-in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LoginFor {
    /// Everybody with an account.
    Anybody,
    /// Operators and administrators.
    Staff,
}

/// Logs in with an e-mail in lower case and a password.
///
/// # Errors
/// [`Refusal::CredentialsWrong`] for every cause, after the same time.
pub async fn log_in(site: &Site, whom: LoginFor, email: String, password: String) -> Result<LoggedIn, Failure> {
    if email.is_empty() || password.trim().is_empty() {
        return Err(Refusal::CredentialsMissing.into());
    }
    let found = site.store.read(async |conn| accounts::find_with_password(conn, &email).await).await?;
    let stored = found.as_ref().map(|(_, hash)| hash.as_str());
    let fits = site.hasher.verify(password, stored).await?;
    let account = found.map(|(account, _)| account).filter(|account| fits && whom.admits(account.role));
    let account = account.ok_or(Refusal::CredentialsWrong)?;
    let token = site.tokens.issue(&account.id, site.clock.now())?;
    Ok(LoggedIn { account, token })
}

impl LoginFor {
    fn admits(self, role: Role) -> bool {
        match self {
            Self::Anybody => true,
            Self::Staff => role != Role::Driver,
        }
    }
}

/// Makes a driver's account and logs in.
///
/// # Errors
/// [`Refusal::EmailTaken`], [`Refusal::PasswordWeak`], [`Refusal::CredentialsMissing`].
pub async fn register(site: &Site, email: String, password: String) -> Result<LoggedIn, Failure> {
    if email.is_empty() || password.trim().is_empty() {
        return Err(Refusal::CredentialsMissing.into());
    }
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.chars().count()) {
        return Err(Refusal::PasswordWeak.into());
    }
    let account = Account { id: random::uuid(&site.clock), email, role: Role::Driver };
    if !insert(site, &account, password).await? {
        return Err(Refusal::EmailTaken.into());
    }
    let token = site.tokens.issue(&account.id, site.clock.now())?;
    Ok(LoggedIn { account, token })
}

async fn insert(site: &Site, account: &Account, password: String) -> Result<bool, Failure> {
    let hash = site.hasher.hash(password).await?;
    let (account, now) = (account.clone(), site.clock.now());
    site.store.write(async move |conn| Ok::<_, Failure>(accounts::insert(conn, &account, &hash, now).await?)).await
}

/// The key that signs tokens; the first start makes it.
///
/// # Errors
/// When the storage broke.
pub async fn token_secret(store: &crate::store::Store, now: i64) -> Result<String, DbError> {
    // Nothing is written at a start that changes nothing.
    if let Some(secret) = store.read(async |conn| secrets::get(conn, TOKEN_SECRET).await).await? {
        return Ok(secret);
    }
    let candidate = random::secret();
    let made = store
        .write(async move |conn| Ok::<_, Failure>(secrets::get_or_set(conn, TOKEN_SECRET, &candidate, now).await?));
    made.await.map_err(|failure| match failure {
        Failure::Db(error) => error,
        Failure::Refused(_) | Failure::KeyReused => DbError::broken("a secret was refused"),
    })
}

/// What became of the administrator's account at start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Administrator {
    /// There is one, and it was left alone.
    Known,
    /// The account of the settings was made, or its password brought up to date.
    FromSettings,
    /// There was none: this one was made, with a password that is shown once.
    Made {
        /// Its e-mail.
        email: String,
        /// Its password.
        password: String,
    },
}

/// Sees to it that there is an administrator: the one of the settings, or one with a password made here.
///
/// # Errors
/// When the storage broke.
pub async fn ensure_administrator(
    site: &Site,
    email: Option<&str>,
    password: Option<&str>,
) -> Result<Administrator, Failure> {
    if let (Some(email), Some(password)) = (email, password) {
        return from_settings(site, email, password).await;
    }
    if site.store.read(async |conn| accounts::any_with_role(conn, Role::Administrator).await).await? {
        return Ok(Administrator::Known);
    }
    let email = email.unwrap_or("admin@localhost").to_owned();
    let password = random::hex(&random::bytes::<12>());
    store_administrator(site, &email, &password).await?;
    Ok(Administrator::Made { email, password })
}

async fn from_settings(site: &Site, email: &str, password: &str) -> Result<Administrator, Failure> {
    let found = site.store.read(async |conn| accounts::find_with_password(conn, email).await).await?;
    if let Some((account, hash)) = &found
        && account.role == Role::Administrator
        && site.hasher.verify(password.to_owned(), Some(hash)).await?
    {
        // Nothing is written at a start that changes nothing.
        return Ok(Administrator::Known);
    }
    store_administrator(site, email, password).await?;
    Ok(Administrator::FromSettings)
}

/// Makes the account, or gives it the password and the role when it exists.
async fn store_administrator(site: &Site, email: &str, password: &str) -> Result<(), Failure> {
    let hash = site.hasher.hash(password.to_owned()).await?;
    let new = Account { id: random::uuid(&site.clock), email: email.to_owned(), role: Role::Administrator };
    let now = site.clock.now();
    let stored = site.store.write(async move |conn| {
        if !accounts::insert(conn, &new, &hash, now).await?
            && let Some((known, _)) = accounts::find_with_password(conn, &new.email).await?
        {
            accounts::update(conn, &Account { role: Role::Administrator, ..known }, &hash, now).await?;
        }
        Ok::<_, Failure>(())
    });
    stored.await
}
