//! One identity provider: what it publishes, where it is asked, and whether its word is good.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::DateTime;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm as Algorithm, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client::Client;
use super::problem::{Problem, discovery, exchange};
use crate::config::ProviderConfig;
use crate::domain::account;

/// What a provider publishes is asked for again after so many seconds: an hour.
const PUBLISHED_HOLDS: i64 = 60 * 60;

/// A key that we do not know makes us ask again, but no more often than this, in seconds.
const KEYS_HOLD: i64 = 60;

/// An ID token may come from a clock that is ahead by so many seconds.
const CLOCK_TOLERANCE: i64 = 60;

/// Signatures that only the holder of a private key can make: what we check them with is public (RFC 8725 §3.2).
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// Every claim that the standard does not name: somebody's groups are among them.
#[derive(Debug, Deserialize, Serialize)]
struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

type Fields =
    IdTokenFields<OtherClaims, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>;

type OidcClient = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a provider says of somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Identity {
    pub issuer: String,
    /// Who, for ever, there.
    pub subject: String,
    /// The e-mail, if the provider has verified it.
    pub email: Option<String>,
    pub groups: Vec<String>,
}

/// Three secrets of one sign-in.
pub(super) struct Secrets {
    pub state: String,
    pub nonce: String,
    pub code_verifier: String,
}

/// An identity provider of the settings. What it publishes is asked for when it is first needed: one that is
/// down keeps nobody from starting the server.
pub(super) struct Provider {
    pub config: ProviderConfig,
    redirect: String,
    client: Client,
    published: Mutex<Option<Published>>,
}

#[derive(Clone)]
struct Published {
    metadata: Arc<CoreProviderMetadata>,
    /// When, UTC seconds.
    at: i64,
}

impl Provider {
    pub(super) fn new(config: ProviderConfig, public_url: &str, client: Client) -> Self {
        let redirect = format!("{public_url}/auth/{}/callback", config.name);
        Self { config, redirect, client, published: Mutex::new(None) }
    }

    /// Where to send the browser.
    pub(super) async fn authorization_url(&self, secrets: Secrets, now: i64) -> Result<String, Problem> {
        let client = self.oidc(&self.published(PUBLISHED_HOLDS, now).await?.metadata)?;
        let verifier = PkceCodeVerifier::new(secrets.code_verifier);
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client
            .authorize_url(flow, || CsrfToken::new(secrets.state), || Nonce::new(secrets.nonce))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(self.config.scopes.iter().cloned().map(Scope::new));
        let (url, _, _) = request.url();
        Ok(url.into())
    }

    /// Exchanges the code for an ID token, and checks that.
    pub(super) async fn identity(
        &self,
        code: String,
        nonce: String,
        code_verifier: String,
        now: i64,
    ) -> Result<Identity, Problem> {
        let published = self.published(PUBLISHED_HOLDS, now).await?;
        let client = self.oidc(&published.metadata)?;
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(Problem::provider)?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(code_verifier));
        let answer = request.request_async(&self.client).await.map_err(exchange)?;
        let token = answer.id_token().ok_or_else(|| Problem::provider("there is no ID token in the answer"))?;
        let nonce = Nonce::new(nonce);
        match self.checked(&published.metadata, token, &nonce, now) {
            Err(error) if is_of_another_key(&error) && published.at + KEYS_HOLD <= now => {
                // The provider has taken another key since.
                let published = self.published(KEYS_HOLD, now).await?;
                self.checked(&published.metadata, token, &nonce, now).map_err(Problem::token)
            }
            checked => checked.map_err(Problem::token),
        }
    }

    fn checked(
        &self,
        metadata: &CoreProviderMetadata,
        token: &openidconnect::IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>,
        nonce: &Nonce,
        now: i64,
    ) -> Result<Identity, ClaimsVerificationError> {
        let client = self.oidc(metadata).map_err(|_| ClaimsVerificationError::Other("no client".to_owned()))?;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || DateTime::from_timestamp(now, 0).unwrap_or_default())
            .set_issue_time_verifier_fn(move |issued| {
                let early = issued.timestamp() > now + CLOCK_TOLERANCE;
                if early { Err("issued in the future".to_owned()) } else { Ok(()) }
            });
        let claims = token.claims(&verifier, nonce)?;
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.len() > 255 || subject.chars().any(char::is_control) {
            return Err(ClaimsVerificationError::InvalidSubject("not 1 to 255 printable characters".to_owned()));
        }
        let proved = claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| proved).and_then(|email| account::email(email));
        let groups = groups(&claims.additional_claims().0, &self.config.groups_claim);
        Ok(Identity { issuer: self.config.issuer.clone(), subject, email, groups })
    }

    fn oidc(&self, metadata: &CoreProviderMetadata) -> Result<OidcClient, Problem> {
        let methods = metadata.token_endpoint_auth_methods_supported();
        let in_body = methods.is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        let id = ClientId::new(self.config.client_id.clone());
        let secret = ClientSecret::new(self.config.client_secret.expose().to_owned());
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(Problem::provider)?;
        let client = OidcClient::from_provider_metadata(metadata.clone(), id, Some(secret)).set_redirect_uri(redirect);
        Ok(client.set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }))
    }

    /// What the provider publishes, no older than so many seconds. Nobody waits for somebody else's question:
    /// two at once ask twice.
    async fn published(&self, holds: i64, now: i64) -> Result<Published, Problem> {
        let known = self.published.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.at <= now && now < known.at + holds) {
            return Ok(known);
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(Problem::provider)?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.client).await.map_err(discovery)?;
        self.refuse_downgrade(&metadata)?;
        let published = Published { metadata: Arc::new(metadata), at: now };
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = Some(published.clone());
        Ok(published)
    }

    /// An `https` provider must not send code, secret or people over `http`.
    fn refuse_downgrade(&self, metadata: &CoreProviderMetadata) -> Result<(), Problem> {
        let token = metadata.token_endpoint().ok_or_else(|| Problem::provider("it has no token endpoint"))?;
        let schemes = [metadata.authorization_endpoint().url(), token.url(), metadata.jwks_uri().url()];
        let secure = self.config.issuer.starts_with("https://");
        let good = |scheme: &str| scheme == "https" || (scheme == "http" && !secure);
        if schemes.into_iter().all(|url| good(url.scheme())) {
            Ok(())
        } else {
            Err(Problem::provider("one of its endpoints is not https"))
        }
    }
}

fn is_of_another_key(error: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::{AmbiguousKeyId, CryptoError, NoMatchingKey};
    let ClaimsVerificationError::SignatureVerification(error) = error else { return false };
    matches!(error, NoMatchingKey | CryptoError(_) | AmbiguousKeyId(_))
}

/// The groups of a claim: a text or a list of texts, under this very name or, by its dots, inside objects.
fn groups(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    let inside = || {
        let mut parts = name.split('.');
        let first = claims.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    };
    match claims.get(name).or_else(inside) {
        Some(Value::String(group)) => vec![group.clone()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_under_a_name_or_inside_objects() {
        let claims = serde_json::json!({"groups": ["a", 7, "b"], "role": "c", "realm_access": {"roles": ["d"]},
            "https://example.kr/roles": ["e"]});
        let Value::Object(claims) = claims else { unreachable!("it is an object") };
        let cases: [(&str, &[&str]); 6] = [
            ("groups", &["a", "b"]),
            ("role", &["c"]),
            ("realm_access.roles", &["d"]),
            ("https://example.kr/roles", &["e"]),
            ("realm_access", &[]),
            ("none.such", &[]),
        ];
        for (name, expected) in cases {
            assert_eq!(groups(&claims, name), expected, "{name}");
        }
    }
}
