//! Tokens: what a client sends to say who it is.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::random;
use crate::store::DbError;

const ISSUER: &str = "jari";

/// Makes and checks signed tokens that expire. A token says who somebody is; what they may do is read from
/// their account at each request.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    lifetime: i64,
    admin: Option<AdminToken>,
}

/// The `ADMIN_TOKEN` of the settings, as a hash: comparing hashes takes the same time wherever they differ.
pub struct AdminToken([u8; 32]);

impl AdminToken {
    /// Keeps the hash of a token.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    fn is(&self, token: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        self.0.ct_eq(&given).into()
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Whom a token names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bearer {
    /// The account of this id.
    Account(String),
    /// Whoever holds the `ADMIN_TOKEN`.
    AdminToken,
}

impl Tokens {
    /// Tokens signed with `secret` that hold for `lifetime` seconds.
    #[must_use]
    pub fn new(secret: &str, lifetime: i64, admin: Option<AdminToken>) -> Self {
        // One algorithm, ours: the token does not choose (RFC 8725 §3.1).
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The clock is a parameter here, so the times are checked below, where their types are fixed too.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
            validation,
            lifetime,
            admin,
        }
    }

    /// A token for an account, from `now` on.
    ///
    /// # Errors
    /// When signing fails, which a test would show.
    pub fn issue(&self, account: &str, now: i64) -> Result<String, DbError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: account.to_owned(),
            iat: now,
            exp: now + self.lifetime,
            jti: random::hex(&random::bytes::<16>()),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| DbError::broken(format!("a token cannot be signed: {error}")))
    }

    /// Whom a token names, or `None` when it is not ours or over at `now`.
    #[must_use]
    pub fn check(&self, token: &str, now: i64) -> Option<Bearer> {
        if self.admin.as_ref().is_some_and(|admin| admin.is(token)) {
            return Some(Bearer::AdminToken);
        }
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        (claims.iat <= now && now < claims.exp).then_some(Bearer::Account(claims.sub))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::new("a secret for the tests of this file", 100, Some(AdminToken::new("the admin token")))
    }

    #[test]
    fn a_token_holds_from_its_making_until_its_end() {
        let token = tokens().issue("me", 1000).expect("signed");
        for (now, holds) in [(999, false), (1000, true), (1099, true), (1100, false)] {
            assert_eq!(tokens().check(&token, now).is_some(), holds, "at {now}");
        }
    }

    #[test]
    fn a_token_of_another_key_names_nobody() {
        let theirs = Tokens::new("another secret", 100, None).issue("me", 1000).expect("signed");
        assert_eq!(tokens().check(&theirs, 1000), None);
    }

    #[test]
    fn a_token_with_another_algorithm_names_nobody() {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: ISSUER.into(),
            sub: "me".into(),
            iat: 1000,
            exp: 1100,
            jti: String::new(),
        };
        let key = EncodingKey::from_secret(b"a secret for the tests of this file");
        let token = encode(&Header::new(Algorithm::HS512), &claims, &key).expect("signed");
        assert_eq!(tokens().check(&token, 1050), None);
        // "alg": "none", with the claims of a good token and no signature.
        let good = tokens().issue("me", 1000).expect("signed");
        let body = good.split('.').nth(1).expect("three parts");
        assert_eq!(tokens().check(&format!("eyJhbGciOiJub25lIn0.{body}."), 1050), None);
    }

    #[test]
    fn the_admin_token_is_compared_whole() {
        assert_eq!(tokens().check("the admin token", 0), Some(Bearer::AdminToken));
        assert_eq!(tokens().check("the admin toke", 0), None);
        assert_eq!(tokens().check("", 0), None);
    }
}
