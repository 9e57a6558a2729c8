//! Tokens: what a client sends to say by which log-in it comes.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::random;
use crate::store::DbError;
use crate::store::secrets::NamedSecret;

const ISSUER: &str = "jari";

/// Makes and checks signed tokens that expire. A token names a log-in; whether that still holds, and what its
/// account may do, is read from the database at each request.
pub struct Tokens {
    /// The newest first: it signs, all of them check.
    keys: Vec<Key>,
    validation: Validation,
    admin: Option<AdminToken>,
}

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
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

/// Where a token may be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// In `Authorization: Bearer`.
    Access,
    /// In the cookie of our pages.
    Cookie,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The account.
    sub: String,
    /// The log-in.
    sid: String,
    #[serde(rename = "use")]
    token_use: TokenUse,
    iat: i64,
    exp: i64,
    jti: String,
}

/// What a good token says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bearer {
    /// By the log-in of this id.
    Session(String),
    /// Whoever holds the `ADMIN_TOKEN`.
    AdminToken,
}

impl Tokens {
    /// Tokens signed with the first of `secrets`, and checked with any of them.
    #[must_use]
    pub fn new(secrets: &[NamedSecret], admin: Option<AdminToken>) -> Self {
        // One algorithm, ours: the token does not choose (RFC 8725 §3.1).
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The clock is a parameter here, so the times are checked below, where their types are fixed too.
        validation.validate_exp = false;
        let key = |secret: &NamedSecret| Key {
            id: secret.name.clone(),
            encoding: EncodingKey::from_secret(secret.value.as_bytes()),
            decoding: DecodingKey::from_secret(secret.value.as_bytes()),
        };
        Self { keys: secrets.iter().map(key).collect(), validation, admin }
    }

    /// A token for a log-in of an account, from `now` until `until`.
    ///
    /// # Errors
    /// When there is no key, which a test would show.
    pub fn issue(
        &self,
        account: &str,
        session: &str,
        token_use: TokenUse,
        now: i64,
        until: i64,
    ) -> Result<String, DbError> {
        let key = self.keys.first().ok_or_else(|| DbError::broken("there is no key to sign tokens"))?;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: account.to_owned(),
            sid: session.to_owned(),
            token_use,
            iat: now,
            exp: until,
            jti: random::hex(&random::bytes::<16>()),
        };
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, &key.encoding)
            .map_err(|error| DbError::broken(format!("a token cannot be signed: {error}")))
    }

    /// Whether a token is one of ours that is over at `now`: whoever sends it guesses nothing.
    #[must_use]
    pub fn is_over(&self, token: &str, token_use: TokenUse, now: i64) -> bool {
        self.claims(token).is_some_and(|claims| claims.token_use == token_use && claims.exp <= now)
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        let kid = decode_header(token).ok()?.kid?;
        let key = self.keys.iter().find(|key| key.id == kid)?;
        Some(decode::<Claims>(token, &key.decoding, &self.validation).ok()?.claims)
    }

    /// What a token says, or `None` when it is not ours, for another use, or over at `now`.
    #[must_use]
    pub fn check(&self, token: &str, token_use: TokenUse, now: i64) -> Option<Bearer> {
        if token_use == TokenUse::Access && self.admin.as_ref().is_some_and(|admin| admin.is(token)) {
            return Some(Bearer::AdminToken);
        }
        let claims = self.claims(token)?;
        let good = claims.token_use == token_use && claims.iat <= now && now < claims.exp;
        good.then_some(Bearer::Session(claims.sid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str) -> NamedSecret {
        NamedSecret { name: name.into(), value: format!("the value of {name}") }
    }

    fn tokens() -> Tokens {
        Tokens::new(&[secret("new"), secret("old")], Some(AdminToken::new("the admin token")))
    }

    fn issue(tokens: &Tokens) -> String {
        tokens.issue("me", "session", TokenUse::Access, 1000, 1100).expect("signed")
    }

    fn holds(token: &str) -> bool {
        tokens().check(token, TokenUse::Access, 1050).is_some()
    }

    #[test]
    fn a_token_holds_from_its_making_until_its_end() {
        let token = issue(&tokens());
        for (now, holds) in [(999, false), (1000, true), (1099, true), (1100, false)] {
            assert_eq!(tokens().check(&token, TokenUse::Access, now).is_some(), holds, "at {now}");
        }
    }

    #[test]
    fn a_token_of_a_key_that_was_replaced_holds_until_that_is_forgotten() {
        let token = issue(&Tokens::new(&[secret("old")], None));
        assert!(holds(&token));
        assert!(Tokens::new(&[secret("new")], None).check(&token, TokenUse::Access, 1050).is_none());
    }

    #[test]
    fn a_cookie_is_no_access_token_and_the_other_way_round() {
        let cookie = tokens().issue("me", "session", TokenUse::Cookie, 1000, 1100).expect("signed");
        assert!(!holds(&cookie));
        assert!(tokens().check(&issue(&tokens()), TokenUse::Cookie, 1050).is_none());
        assert!(tokens().check("the admin token", TokenUse::Cookie, 1050).is_none());
    }

    #[test]
    fn the_admin_token_is_compared_whole() {
        assert_eq!(tokens().check("the admin token", TokenUse::Access, 0), Some(Bearer::AdminToken));
        assert_eq!(tokens().check("the admin toke", TokenUse::Access, 0), None);
        assert_eq!(tokens().check("", TokenUse::Access, 0), None);
    }

    /// A token made of parts that somebody chose.
    fn forged(header: &serde_json::Value, claims: &serde_json::Value, secret: &[u8]) -> String {
        use jsonwebtoken::crypto;
        let part = |value: &serde_json::Value| base64_url(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let key = EncodingKey::from_secret(secret);
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("signed");
        format!("{message}.{signature}")
    }

    fn base64_url(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            for digit in 0..=chunk.len() {
                text.push(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize] as char);
            }
        }
        text
    }

    #[test]
    fn forty_forged_and_stale_tokens_are_not_accepted() {
        use serde_json::{Value, json};
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": "new"});
        let claims = json!({"iss": "jari", "aud": "jari", "sub": "me", "sid": "session", "use": "access",
            "iat": 1000, "exp": 1100, "jti": "x"});
        let ours = b"the value of new";
        assert!(holds(&forged(&header, &claims, ours)), "the forgery is a good one when nothing is wrong");
        let with = |base: &Value, name: &str, value: Value| {
            let mut changed = base.clone();
            changed[name] = value;
            changed
        };
        let without = |name: &str| {
            let mut changed = claims.clone();
            changed.as_object_mut().expect("an object").remove(name);
            changed
        };
        let mut tokens = Vec::new();
        for alg in ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", ""] {
            tokens.push(forged(&with(&header, "alg", json!(alg)), &claims, ours));
        }
        let unsigned = forged(&with(&header, "alg", json!("none")), &claims, ours);
        tokens.push(format!("{}.", unsigned.rsplit_once('.').expect("three parts").0));
        for kid in [json!("other"), json!(""), json!(null), json!(7), json!("../new"), json!("new' OR 1=1 --")] {
            tokens.push(forged(&with(&header, "kid", kid), &claims, ours));
        }
        // The other key's name with this key's signature, and keys of nobody.
        tokens.push(forged(&with(&header, "kid", json!("old")), &claims, ours));
        tokens.push(forged(&header, &claims, b""));
        tokens.push(forged(&header, &claims, b"secret"));
        for name in ["iss", "aud", "sub", "sid", "use", "iat", "exp", "jti"] {
            tokens.push(forged(&header, &without(name), ours));
        }
        for (name, value) in [
            ("exp", json!("1100")),
            ("exp", json!(null)),
            ("exp", json!(1049)),
            ("exp", json!(1e300)),
            ("exp", json!([1100])),
            ("iat", json!(2000)),
            ("iat", json!("1000")),
            ("iss", json!("jari.example")),
            ("aud", json!(["other"])),
            ("use", json!("cookie")),
            ("use", json!("refresh")),
            ("sid", json!(7)),
        ] {
            tokens.push(forged(&header, &with(&claims, name, value), ours));
        }
        let good = forged(&header, &claims, ours);
        tokens.push(good[..good.len() - 1].to_owned());
        tokens.push(format!("{good}."));
        tokens.push(good.replacen('.', "..", 1));
        tokens.push("...".to_owned());
        assert!(tokens.len() >= 40, "{}", tokens.len());
        for token in &tokens {
            assert!(!holds(token), "{token}");
        }
        println!("forged tokens: {} tried, 0 accepted (goal 40, 0)", tokens.len());
    }
}
