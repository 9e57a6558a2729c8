//! What lies around every route: the id of the request, its line in the log, a deadline, and a last
//! answer when a handler panics.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;

use crate::domain::schedule::Schedule;
use crate::random;

use super::caller::{RequestId, Secure, Way, sender_of};
use super::codes::Code;
use super::cors::{CrossOrigin, Origins};
use super::error::{Problem, render};
use super::lang::Lang;
use super::watch::{Watched, watch};
use super::web::wants_page;

const REQUEST_ID: header::HeaderName = header::HeaderName::from_static("x-request-id");

/// What every request needs that lies around its route.
pub(super) struct Around {
    pub schedule: Schedule,
    pub origins: Arc<Origins>,
    pub watched: Watched,
    /// How long a request may take.
    pub deadline: Duration,
    pub way: Way,
}

/// Gives the request its id, writes problems in the reader's language, sets the headers that every answer
/// has, and logs one line. The address is logged as the route's pattern: queries carry plates and e-mails.
///
/// All that lies around the routes is one layer: each of its own would be a box to make and a request to move.
pub(super) async fn around(State(around): State<Arc<Around>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    request.extensions_mut().insert(around.way.clone());
    let lang = Lang::of(request.headers());
    let id = given_id(&request).unwrap_or_else(random::request_id);
    let method = request.method().clone();
    let docs = request.uri().path().starts_with("/docs");
    let route = request.extensions().get::<MatchedPath>().cloned();
    let secure = Secure::of(request.headers(), request.extensions());
    let address = sender_of(request.headers(), request.extensions()).address;
    request.extensions_mut().insert(RequestId(id.clone()));
    let reader = wants_page(&request);
    let cross = CrossOrigin::of(&request, &around.origins);
    let mut response = if cross.is_preflight {
        StatusCode::OK.into_response()
    } else {
        let answered = watch(&around.watched, request, around.deadline, next);
        AssertUnwindSafe(answered).catch_unwind().await.unwrap_or_else(panicked)
    };
    cross.mark(response.headers_mut());
    let mut response = render(response, reader.as_ref(), lang, &id, &around.schedule);
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    harden(headers, docs, secure);
    // What is not said to be fit for a cache is for the one who asked, now.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let status = response.status();
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    // Who was refused is told, so that attempts can be followed; who was served is the proxy's to tell.
    let address = address.filter(|_| status.is_client_error()).map(|address| address.to_string());
    tracing::info!(
        http.method = %method,
        http.route = route,
        http.status = status.as_u16(),
        client.address = address,
        http.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        request.id = %id,
        "answered"
    );
    response
}

/// Headers that keep browsers from doing what no client of ours needs (OWASP secure headers project). The page of
/// the OpenAPI document runs its own scripts; everything else is data, and loads and runs nothing. What an answer says
/// of itself stays.
fn harden(headers: &mut HeaderMap, docs: bool, Secure(secure): Secure) {
    if secure {
        // A year, and for hosts below ours too (OWASP ASVS 5 V3.4.1).
        let policy = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, policy);
    }
    let content = if docs {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'none'; object-src 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, content),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=()"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// The id that a proxy gave the request, if it is fit to be logged.
fn given_id(request: &Request) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.';
    ((8..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

/// The answer of a handler that panicked. The panic itself was logged by the hook of `main`.
fn panicked(_panic: Box<dyn Any + Send>) -> Response {
    Problem::from(Code::Internal).into_response()
}
