//! An identity provider on loopback: a real server with discovery, keys, an authorization page that lets everybody
//! in, and a token endpoint that checks the client, the code and PKCE. It can be told to misbehave.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as URL};
use futures_util::stream;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::harness::NOW;

pub const CLIENT: &str = "jari-at-the-provider";
pub const SECRET: &str = "s3cret/of the client+";
pub const PUBLIC_URL: &str = "http://jari.test";

/// How the provider misbehaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trick {
    None,
    WrongIssuer,
    WrongAudience,
    AnotherAudienceToo,
    WrongNonce,
    NoNonce,
    Expired,
    ExpiresAsText,
    FromTheFuture,
    Unsigned,
    SignedWithNothing,
    PublicKeyAsSecret,
    ClientSecretAsKey,
    AnotherKey,
    AnotherKeyOfThatName,
    CutSignature,
    NoIdToken,
    NoSubject,
    CodeRefused,
    ClientRefused,
    TokenStatus500,
    TokenNotJson,
    TokenRedirects,
    TokenSlow,
    TokenDrips,
    TokenEndless,
    DiscoverySlow,
    DiscoveryEndless,
    DiscoveryRedirects,
    DiscoveryOfAnother,
    DiscoveryNotJson,
    KeysEndless,
    KeysNotJson,
}

/// Who is let in next.
#[derive(Clone)]
pub struct Person {
    pub subject: String,
    pub claims: Value,
}

pub struct Provider {
    pub base: String,
    inner: Arc<Inner>,
}

struct Inner {
    base: String,
    keys: Mutex<Keys>,
    person: Mutex<Person>,
    trick: Mutex<Trick>,
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    sent: AtomicUsize,
    /// Requests that came to where only a redirect leads.
    led_astray: AtomicUsize,
}

/// A fresh P-256 key, or the RSA key of this run.
struct Keys {
    id: String,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Value,
    public_bytes: Vec<u8>,
}

impl Keys {
    fn p256(id: &str) -> Self {
        use p256::elliptic_curve::sec1::ToEncodedPoint as _;
        use p256::pkcs8::EncodePrivateKey as _;
        let random = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(uuid::Uuid::into_bytes).concat();
        let key = p256::SecretKey::from_slice(&random).unwrap();
        let point = key.public_key().to_encoded_point(false);
        let (x, y) = (URL.encode(point.x().unwrap()), URL.encode(point.y().unwrap()));
        Self {
            id: id.to_owned(),
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(key.to_pkcs8_der().unwrap().as_bytes()),
            public: json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": id, "x": x, "y": y}),
            public_bytes: point.as_bytes().to_vec(),
        }
    }

    fn rsa() -> Self {
        use rsa::pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
        use rsa::traits::PublicKeyParts as _;
        static KEY: OnceLock<rsa::RsaPrivateKey> = OnceLock::new();
        let key = KEY.get_or_init(|| rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());
        let (n, e) = (URL.encode(key.n().to_bytes_be()), URL.encode(key.e().to_bytes_be()));
        let pem = key.to_public_key().to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap();
        Self {
            id: "rsa".to_owned(),
            algorithm: Algorithm::RS256,
            private: EncodingKey::from_rsa_der(key.to_pkcs1_der().unwrap().as_bytes()),
            public: json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "rsa", "n": n, "e": e}),
            public_bytes: pem.into_bytes(),
        }
    }
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            base: base.clone(),
            keys: Mutex::new(Keys::p256("first")),
            person: Mutex::new(Person { subject: "kim".into(), claims: json!({}) }),
            trick: Mutex::new(Trick::None),
            codes: Mutex::default(),
            sent: AtomicUsize::new(0),
            led_astray: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .fallback(async |State(inner): State<Arc<Inner>>| {
                inner.led_astray.fetch_add(1, Ordering::SeqCst);
                Json(inner.document(&inner.base))
            })
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, inner }
    }

    /// The next who signs in, with claims beside the subject.
    pub fn lets_in(&self, subject: &str, claims: Value) {
        *self.inner.person.lock().unwrap() = Person { subject: subject.to_owned(), claims };
    }

    pub fn plays(&self, trick: Trick) {
        *self.inner.trick.lock().unwrap() = trick;
    }

    pub fn takes_another_key(&self, id: &str) {
        *self.inner.keys.lock().unwrap() = Keys::p256(id);
    }

    pub fn takes_an_rsa_key(&self) {
        *self.inner.keys.lock().unwrap() = Keys::rsa();
    }

    /// Bytes of endless answers that were taken.
    pub fn sent(&self) -> usize {
        self.inner.sent.swap(0, Ordering::SeqCst)
    }

    pub fn led_astray(&self) -> usize {
        self.inner.led_astray.load(Ordering::SeqCst)
    }
}

impl Inner {
    fn trick(&self) -> Trick {
        *self.trick.lock().unwrap()
    }

    fn document(&self, issuer: &str) -> Value {
        let base = &self.base;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        })
    }

    /// JSON without an end, sixteen KiB at a time.
    fn endless(self: Arc<Self>) -> Response {
        let chunks = stream::repeat_with(move || {
            self.sent.fetch_add(16 * 1024, Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 16 * 1024]))
        });
        ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
    }

    fn id_token(&self, nonce: &str) -> String {
        let trick = self.trick();
        let person = self.person.lock().unwrap().clone();
        let mut claims = json!({"iss": self.base, "aud": CLIENT, "sub": person.subject, "nonce": nonce,
            "iat": NOW, "exp": NOW + 300});
        claims.as_object_mut().unwrap().extend(person.claims.as_object().unwrap().clone());
        match trick {
            Trick::WrongIssuer => claims["iss"] = json!("http://127.0.0.1:1"),
            Trick::WrongAudience => claims["aud"] = json!("another-client"),
            Trick::AnotherAudienceToo => claims["aud"] = json!([CLIENT, "another-client"]),
            Trick::WrongNonce => claims["nonce"] = json!("of another sign-in"),
            Trick::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
            Trick::Expired => claims["exp"] = json!(NOW - 1),
            Trick::ExpiresAsText => claims["exp"] = json!((NOW + 300).to_string()),
            Trick::FromTheFuture => claims["iat"] = json!(NOW + 3600),
            Trick::NoSubject => claims["sub"] = json!(""),
            _ => {}
        }
        let keys = self.keys.lock().unwrap();
        let other = Keys::p256(&keys.id);
        let (algorithm, name, kid, private) = match trick {
            Trick::Unsigned | Trick::SignedWithNothing => (None, "none", &*keys.id, &keys.private),
            Trick::PublicKeyAsSecret => {
                (Some(Algorithm::HS256), "HS256", &*keys.id, &EncodingKey::from_secret(&keys.public_bytes))
            }
            Trick::ClientSecretAsKey => {
                (Some(Algorithm::HS256), "HS256", &*keys.id, &EncodingKey::from_secret(SECRET.as_bytes()))
            }
            Trick::AnotherKey => (Some(Algorithm::ES256), "ES256", "another", &other.private),
            Trick::AnotherKeyOfThatName => (Some(Algorithm::ES256), "ES256", &*keys.id, &other.private),
            _ if keys.algorithm == Algorithm::RS256 => (Some(Algorithm::RS256), "RS256", &*keys.id, &keys.private),
            _ => (Some(Algorithm::ES256), "ES256", &*keys.id, &keys.private),
        };
        let part = |value: &Value| URL.encode(value.to_string());
        let message = format!("{}.{}", part(&json!({"alg": name, "typ": "JWT", "kid": kid})), part(&claims));
        let signature = algorithm.map(|algorithm| crypto::sign(message.as_bytes(), private, algorithm).unwrap());
        match (trick, signature) {
            (Trick::SignedWithNothing, _) => format!("{message}.AAAA"),
            (Trick::CutSignature, Some(signature)) => format!("{message}.{}", &signature[..signature.len() - 4]),
            (_, signature) => format!("{message}.{}", signature.unwrap_or_default()),
        }
    }
}

async fn discovery(State(inner): State<Arc<Inner>>) -> Response {
    match inner.trick() {
        Trick::DiscoverySlow => tokio::time::sleep(Duration::from_secs(30)).await,
        Trick::DiscoveryEndless => return inner.endless(),
        Trick::DiscoveryRedirects => return Redirect::temporary("/elsewhere").into_response(),
        Trick::DiscoveryOfAnother => return Json(inner.document("https://accounts.example.com")).into_response(),
        Trick::DiscoveryNotJson => return "<html>maintenance of the provider</html>".into_response(),
        _ => {}
    }
    Json(inner.document(&inner.base)).into_response()
}

async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    match inner.trick() {
        Trick::KeysEndless => inner.endless(),
        Trick::KeysNotJson => "nonsense".into_response(),
        _ => Json(json!({"keys": [inner.keys.lock().unwrap().public]})).into_response(),
    }
}

fn pairs(encoded: &str) -> HashMap<String, String> {
    reqwest::Url::parse(&format!("http://x/?{encoded}")).unwrap().query_pairs().into_owned().collect()
}

/// Lets the person in and sends the browser back with a code.
async fn authorize(State(inner): State<Arc<Inner>>, RawQuery(query): RawQuery) -> Response {
    let asked = pairs(&query.unwrap());
    let right = asked["response_type"] == "code"
        && asked["client_id"] == CLIENT
        && asked["redirect_uri"].starts_with(&format!("{PUBLIC_URL}/auth/"))
        && asked["code_challenge_method"] == "S256"
        && asked["scope"].split(' ').any(|scope| scope == "openid");
    if !right {
        return (StatusCode::BAD_REQUEST, format!("{asked:?}")).into_response();
    }
    let code = uuid::Uuid::new_v4().to_string();
    let back = format!("{}?code={code}&state={}", asked["redirect_uri"], asked["state"]);
    inner.codes.lock().unwrap().insert(code, asked);
    Redirect::to(&back).into_response()
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error, "error_description": "no, <b>kim</b>"}))).into_response()
}

async fn token(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    match inner.trick() {
        Trick::CodeRefused => return refused("invalid_grant"),
        Trick::ClientRefused => return refused("invalid_client"),
        Trick::TokenStatus500 => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Trick::TokenNotJson => return "<html>".into_response(),
        Trick::TokenRedirects => return Redirect::temporary("/elsewhere").into_response(),
        Trick::TokenSlow => tokio::time::sleep(Duration::from_secs(30)).await,
        Trick::TokenEndless => return inner.endless(),
        Trick::TokenDrips => {
            let drops = stream::unfold((), async |()| {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
            });
            return ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(Box::pin(drops))).into_response();
        }
        _ => {}
    }
    let sent = pairs(&body);
    let encode = |text: &str| reqwest::Url::parse_with_params("http://x/", [("", text)]).unwrap();
    let encode = |text: &str| encode(text).query().unwrap().trim_start_matches('=').to_owned();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(SECRET))));
    if headers.get(header::AUTHORIZATION).is_none_or(|sent| sent.as_bytes() != basic.as_bytes()) {
        return refused("invalid_client");
    }
    // A code works once.
    let Some(asked) = inner.codes.lock().unwrap().remove(&sent["code"]) else { return refused("invalid_grant") };
    let challenge = URL.encode(sha2::Sha256::digest(&sent["code_verifier"]));
    let right = challenge == asked["code_challenge"]
        && sent["redirect_uri"] == asked["redirect_uri"]
        && sent["grant_type"] == "authorization_code";
    if !right {
        return refused("invalid_grant");
    }
    let mut answer = json!({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300});
    if inner.trick() != Trick::NoIdToken {
        answer["id_token"] = json!(inner.id_token(&asked["nonce"]));
    }
    Json(answer).into_response()
}
