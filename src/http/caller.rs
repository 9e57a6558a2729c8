//! Who sends a request and from where, and the key under which it may be repeated.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method};
use ipnet::IpNet;
use sha2::{Digest as _, Sha256};

use crate::domain::account::{Action, Actor};
use crate::random;
use crate::service::sessions::{self, Credential};
use crate::service::{Caller, Failure, Refusal, Site, keys};
use crate::store::idempotency::IdempotencyKey;

use super::codes::Code;
use super::cors::Origins;
use super::error::Problem;

/// The cookie of our pages; [`cookie_name`] says what it is called.
const SESSION: &str = "jari_session";

/// The cookie of a sign-in with an identity provider, which tells the browser that comes back from the one that left.
const SIGN_IN: &str = "jari_oidc";

/// The id of a request, as the outermost layer gave it.
#[derive(Clone)]
pub(super) struct RequestId(pub String);

/// The other end of the connection.
#[derive(Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// A key that stood in the path, for machines that cannot send headers.
#[derive(Clone)]
pub(super) struct PathKey(pub String);

/// What is known of the way that requests take.
#[derive(Clone)]
pub(super) struct Way {
    pub trusted_proxies: Arc<[IpNet]>,
    pub origins: Arc<Origins>,
    /// Whether people reach us by TLS: ours, or that of a proxy, as `PUBLIC_URL` says.
    pub tls: bool,
    /// Where people and cameras reach us, if the settings say so.
    pub public_url: Option<Arc<str>>,
}

/// Who turned out to send a request, for what lies around the routes.
#[derive(Clone, Default)]
pub(super) struct Known(pub Arc<OnceLock<Actor>>);

/// From where a request comes, and whether it came by TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sender {
    pub address: Option<IpAddr>,
    pub tls: bool,
}

impl Sender {
    /// The peer, or what trusted proxies say of theirs: of `X-Forwarded-For` the last address that is not a
    /// trusted proxy's, because everything before it may be made up.
    pub(super) fn of(headers: &HeaderMap, peer: Option<IpAddr>, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
        let peer = peer.map(|peer| peer.to_canonical());
        let Some(proxy) = peer.filter(is_trusted) else { return Self { address: peer, tls: false } };
        let mut address = proxy;
        let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let forwarded: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        for hop in forwarded.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !is_trusted(&address) {
                break;
            }
        }
        let tls = headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https");
        Self { address: Some(address), tls }
    }
}

/// Who sends the request.
pub(super) struct From(pub Caller);

/// Whoever sends the request, for calls that prove who it is: a token that is over must not be in the way of
/// getting a new one.
pub(super) struct Anybody(pub Caller);

/// As [`Anybody`], for log-ins: the log-in of a token that was sent along ends, too.
pub(super) struct LoggingIn(pub Caller);

impl FromRequestParts<Arc<Site>> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let cookie = session_cookie(parts);
        let mut found = actor(parts, site, cookie.as_deref()).await;
        if let Err(Failure::Refused(refusal)) = &found {
            record(parts, site, refusal).await;
            // A cookie that is over is no reason to refuse what anybody may do.
            let by_cookie = cookie.is_some()
                && !parts.headers.contains_key(AUTHORIZATION)
                && parts.extensions.get::<PathKey>().is_none();
            if by_cookie && *refusal != Refusal::CrossOrigin {
                found = sessions::actor(site, Credential::None, None).await;
            }
        }
        let actor = found?;
        if let Some(known) = parts.extensions.get::<Known>() {
            let _ = known.0.set(actor.clone());
        }
        Ok(Self(caller(parts, actor)))
    }
}

/// Whom a request's credential names.
async fn actor(parts: &Parts, site: &Site, cookie: Option<&str>) -> Result<Actor, Failure> {
    let path_key = parts.extensions.get::<PathKey>();
    let credential = match (only(&parts.headers, &AUTHORIZATION), path_key, cookie) {
        (Given::Once(header), ..) => Credential::Bearer(bearer(header).ok_or(Refusal::TokenInvalid)?),
        (Given::Never, Some(PathKey(key)), _) if keys::is_key(key) => Credential::Bearer(key),
        (Given::Often, ..) | (Given::Never, Some(_), _) => return Err(Refusal::TokenInvalid.into()),
        (Given::Never, None, Some(cookie)) => Credential::Cookie(cookie),
        (Given::Never, None, None) => Credential::None,
    };
    if matches!(credential, Credential::Cookie(_)) && !same_origin(parts) {
        return Err(Refusal::CrossOrigin.into());
    }
    sessions::actor(site, credential, sender(parts).address).await
}

/// Records what looks like an attempt. A token that is merely over is none: clients find out so that it is.
async fn record(parts: &Parts, site: &Site, refusal: &Refusal) {
    let action = match refusal {
        Refusal::TokenInvalid => "access.token_refused",
        Refusal::CrossOrigin => "access.cross_origin",
        _ => return,
    };
    site.record_attempt(&anybody(parts), action, None).await;
}

impl FromRequestParts<Arc<Site>> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        if !same_origin(parts) {
            // Logging somebody in from another site's page would let that site see what they do here.
            record(parts, site, &Refusal::CrossOrigin).await;
            return Err(Refusal::CrossOrigin.into());
        }
        let cookie = session_cookie(parts);
        let replaces = cookie.and_then(|cookie| sessions::named(site, &Credential::Cookie(&cookie)));
        Ok(Self(Caller { replaces, ..anybody(parts) }))
    }
}

impl FromRequestParts<Arc<Site>> for LoggingIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let Anybody(mut caller) = Anybody::from_request_parts(parts, site).await?;
        if let Given::Once(header) = only(&parts.headers, &AUTHORIZATION)
            && let Some(token) = bearer(header)
        {
            caller.replaces = sessions::named(site, &Credential::Bearer(token)).or(caller.replaces);
        }
        Ok(Self(caller))
    }
}

/// Whoever sends a request, before anything is asked of who it is.
pub(super) fn anybody(parts: &Parts) -> Caller {
    caller(parts, Actor::Anonymous)
}

fn caller(parts: &Parts, actor: Actor) -> Caller {
    let user_agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    Caller {
        actor,
        address: sender(parts).address,
        request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()),
        user_agent: user_agent.map(|agent| agent.chars().take(200).collect()),
        replaces: None,
    }
}

/// Whether people come by TLS, so that cookies and browsers can be kept to it: it is ours, `PUBLIC_URL` says so, or a
/// trusted proxy says it of this request.
#[derive(Clone, Copy)]
pub(super) struct Secure(pub bool);

impl Secure {
    /// Of a request.
    pub(super) fn of(headers: &HeaderMap, extensions: &Extensions) -> Self {
        Self(extensions.get::<Way>().is_some_and(|way| way.tls) || sender_of(headers, extensions).tls)
    }
}

/// The name of a cookie of ours. By TLS it has the prefix by which browsers keep it to this very host and to TLS
/// (RFC 6265bis §4.1.3.2). Without TLS they refuse the prefix, so there the name is plain. Only the name that fits is
/// read: a neighbour of our domain can plant the plain one.
fn cookie_name(name: &str, Secure(secure): Secure) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// The header that sets a cookie of ours for so many seconds. `Lax` lets it come along when a provider sends the
/// browser back.
fn set_cookie(name: &str, value: &str, seconds: i64, secure: Secure) -> HeaderMap {
    let (name, attribute) = (cookie_name(name, secure), if secure.0 { "; Secure" } else { "" });
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{attribute}");
    let cookie = HeaderValue::from_str(&cookie).ok();
    cookie.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect()
}

/// Sets the cookie of our pages.
pub(super) fn set_session_cookie(value: &str, seconds: i64, secure: Secure) -> HeaderMap {
    set_cookie(SESSION, value, seconds, secure)
}

/// Sets the cookie of a sign-in with a provider.
pub(super) fn set_sign_in_cookie(value: &str, seconds: i64, secure: Secure) -> HeaderMap {
    set_cookie(SIGN_IN, value, seconds, secure)
}

/// Sets a cookie that remembers how somebody likes our pages, for a year.
pub(super) fn set_preference_cookie(name: &str, value: &str, secure: Secure) -> HeaderMap {
    set_cookie(name, value, 365 * 24 * 60 * 60, secure)
}

/// How somebody likes our pages. A neighbour of our domain may plant the plain name, and change a colour by it.
pub(super) fn preference(headers: &HeaderMap, name: &str) -> Option<String> {
    cookie(headers, &cookie_name(name, Secure(true))).or_else(|| cookie(headers, name))
}

/// The value of the cookie of a sign-in.
pub(super) fn sign_in_cookie(headers: &HeaderMap, secure: Secure) -> Option<String> {
    cookie(headers, &cookie_name(SIGN_IN, secure))
}

fn session_cookie(parts: &Parts) -> Option<String> {
    cookie(&parts.headers, &cookie_name(SESSION, Secure::of(&parts.headers, &parts.extensions)))
}

impl<S: Sync> FromRequestParts<S> for Secure {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers, &parts.extensions))
    }
}

/// Where people reach us: as the settings say, or as this request did. Without a slash at its end.
pub(super) struct Origin(pub String);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let given = parts.extensions.get::<Way>().and_then(|way| way.public_url.as_deref());
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let Secure(secure) = Secure::of(&parts.headers, &parts.extensions);
        let asked = || format!("http{}://{host}", if secure { "s" } else { "" });
        Ok(Self(given.map_or_else(asked, |url| url.trim_end_matches('/').to_owned())))
    }
}

/// From where a request comes.
fn sender(parts: &Parts) -> Sender {
    sender_of(&parts.headers, &parts.extensions)
}

/// From where a request with these headers comes.
pub(super) fn sender_of(headers: &HeaderMap, extensions: &Extensions) -> Sender {
    let peer = extensions.get::<Peer>().map(|peer| peer.0.ip());
    let way = extensions.get::<Way>();
    Sender::of(headers, peer, way.map_or(&[], |way| &way.trusted_proxies))
}

fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    // Machines that were written for another plate reader call it `Token`.
    let known = scheme.eq_ignore_ascii_case("bearer") || (scheme.eq_ignore_ascii_case("token") && keys::is_key(token));
    known.then_some(token)
}

/// The value of the cookie of this name.
fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// Whether a request that carries our cookie comes from our own page, or from an allowed origin. Browsers send
/// the cookie along with whatever a page of another site asks for; `SameSite` stops most of it, this the rest
/// (OWASP CSRF cheat sheet, "verifying origin"). Reading is left to the same-origin policy.
fn same_origin(parts: &Parts) -> bool {
    if parts.method == Method::GET || parts.method == Method::HEAD || parts.method == Method::OPTIONS {
        return true;
    }
    let Some(origin) = parts.headers.get(ORIGIN) else {
        // Browsers send Origin with every request that changes something; who sends none is no browser.
        return parts.headers.get("sec-fetch-site").is_none_or(|site| site.as_bytes() == b"same-origin");
    };
    if parts.extensions.get::<Way>().is_some_and(|way| way.origins.allows(origin)) {
        return true;
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin == host)
}

/// Makes extractors of callers who may do one thing. Who may not is told so before anything else of the
/// request is looked at: it learns nothing from our opinion of its body.
macro_rules! callers_who_may {
    ($($(#[$doc:meta])* $name:ident = $action:expr;)+) => {$(
        $(#[$doc])*
        pub(super) struct $name(pub Caller);

        impl FromRequestParts<Arc<Site>> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
                let From(caller) = From::from_request_parts(parts, site).await?;
                site.authorise(&caller, $action).await?;
                Ok(Self(caller))
            }
        }
    )+};
}

callers_who_may! {
    /// Who may book.
    Booker = Action::Book;
    /// Who may have reservations of their own.
    Holder = Action::SeeOwn;
    /// Who may ask whether a booking would be possible.
    Asker = Action::Verify;
    /// Who may ask whether a car holds a bay.
    Watcher = Action::Match;
    /// Who may have the plate in a picture read.
    Photographer = Action::Recognize;
    /// Who may see how much was asked of what reads plates.
    RecognitionReader = Action::SeeRecognition;
    /// Who may tell what a camera saw.
    CameraItself = Action::SendEvents;
    /// Who may change cameras.
    CameraManager = Action::ManageCameras;
    /// Who may say which car a doubtful sighting is.
    Reviewer = Action::ReviewSightings;
    /// Who may see the operators' lists.
    OperatorsReader = Action::SeeOperatorsLists;
    /// Who may cancel anybody's reservation.
    Operator = Action::CancelAnybodys;
    /// Who has an account of their own.
    AccountOwner = Action::ManageOwnAccount;
    /// Who may set up a second factor, and leave.
    Enroller = Action::ManageSecondFactor;
    /// Who may see and change accounts.
    PeopleManager = Action::ManageAccounts;
    /// Who may make and revoke keys.
    KeyManager = Action::ManageKeys;
    /// Who may read the audit trail.
    AuditReader = Action::ReadAudit;
    /// Who may change bays.
    BayManager = Action::ManageBays;
}

/// How often a header is given that belongs there once.
enum Given<'a> {
    Never,
    Once(&'a HeaderValue),
    /// Which of them is meant, a proxy may see otherwise than we do.
    Often,
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Given<'a> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Given::Never,
        (Some(header), None) => Given::Once(header),
        (Some(_), Some(_)) => Given::Often,
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The `Idempotency-Key` of a request, if it has one.
pub(super) struct RepeatKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for RepeatKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let key = match only(&parts.headers, &IDEMPOTENCY_KEY) {
            Given::Never => return Ok(Self(None)),
            Given::Once(header) => header.to_str().unwrap_or_default(),
            Given::Often => return Err(Code::IdempotencyKeyInvalid.into()),
        };
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Code::IdempotencyKeyInvalid.into());
        }
        Ok(Self(Some(key.to_owned())))
    }
}

impl RepeatKey {
    /// The key with whom it belongs to and what it was sent for.
    pub(super) fn for_request(self, caller: &Caller, operation: &str, body: &[u8]) -> Option<IdempotencyKey> {
        let key = self.0?;
        Some(Self::made(&key, caller.actor.name(), operation, body))
    }

    /// The key of somebody who makes the account of an e-mail. The body is left out: it has a password.
    pub(super) fn for_registration(self, email: &str, invitation: Option<&str>) -> Option<IdempotencyKey> {
        let body = [email, invitation.unwrap_or_default()].join("\n");
        Some(Self::made(&self.0?, format!("register:{email}"), "POST /api/user/register", body.as_bytes()))
    }

    /// The key that stood in a form of ours.
    pub(super) fn of_form(key: Option<&str>) -> Self {
        let good = |key: &&str| key.len() <= 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Self(key.filter(good).map(str::to_owned))
    }

    fn made(key: &str, scope: String, operation: &str, body: &[u8]) -> IdempotencyKey {
        let hash = Sha256::new().chain_update(operation).chain_update([0]).chain_update(body).finalize();
        IdempotencyKey::new(scope, key, random::hex(&hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(forwarded: &[&'static str], peer: &str) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", axum::http::HeaderValue::from_static(value));
        }
        let trusted = ["10.0.0.0/8".parse().expect("a network"), "::1/128".parse().expect("a network")];
        let sender = Sender::of(&headers, Some(peer.parse().expect("an address")), &trusted);
        sender.address.expect("an address").to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_their_own_word() {
        assert_eq!(address(&["1.2.3.4"], "203.0.113.9"), "203.0.113.9");
        assert_eq!(address(&["1.2.3.4"], "10.0.0.5"), "1.2.3.4");
        assert_eq!(address(&["6.6.6.6, 1.2.3.4"], "10.0.0.5"), "1.2.3.4");
        assert_eq!(address(&["6.6.6.6", "1.2.3.4, 10.0.0.7"], "10.0.0.5"), "1.2.3.4");
        assert_eq!(address(&["1.2.3.4, nonsense"], "10.0.0.5"), "10.0.0.5");
        assert_eq!(address(&[], "10.0.0.5"), "10.0.0.5");
        assert_eq!(address(&["::ffff:1.2.3.4"], "::1"), "1.2.3.4");
    }
}
