//! What is looked at before any route: for which host a request is, and how often its address asks.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::domain::account::Actor;
use crate::service::{Caller, Site};

use super::caller::{Known, anybody};
use super::codes::Code;
use super::error::Problem;

/// What every request is held against.
pub(super) struct Watched {
    pub site: Arc<Site>,
    /// The names of hosts that requests may be for; `None` for any.
    pub hosts: Option<Arc<[String]>>,
}

/// Refuses requests for hosts that are not ours and of addresses that ask too often, and records who was held back. The
/// others are answered within `limit`.
pub(super) async fn watch(watched: &Watched, request: Request, limit: Duration, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = anybody(&parts);
    if watched.hosts.as_deref().is_some_and(|hosts| !is_for_us(&parts.headers, hosts)) {
        watched.site.record_attempt(&caller, "access.wrong_host", None).await;
        return Problem::from(Code::WrongHost).into_response();
    }
    let known = Known::default();
    parts.extensions.insert(known.clone());
    let response = match watched.site.pace_request(&caller) {
        Ok(()) => deadline(limit, Request::from_parts(parts, body), next).await,
        Err(refused) => Problem::from(refused).into_response(),
    };
    if response.extensions().get::<Problem>().is_some_and(|problem| problem.code() == Code::TooManyTries) {
        let actor = known.0.get().cloned().unwrap_or(Actor::Anonymous);
        watched.site.record_attempt(&Caller { actor, ..caller }, "access.throttled", None).await;
    }
    response
}

/// Gives up on a request that takes too long, its body included.
async fn deadline(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::from(Code::TimedOut).into_response(),
    }
}

/// Whether every `Host` of a request names us. An address in numbers cannot be another site's name, nor can
/// `localhost`; what sends no `Host` is no browser.
fn is_for_us(headers: &HeaderMap, hosts: &[String]) -> bool {
    let names_us = |host: &HeaderValue| {
        let Ok(host) = host.to_str() else { return false };
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let number = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || number.parse::<IpAddr>().is_ok() || hosts.contains(&name)
    };
    headers.get_all(HOST).iter().all(names_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_ours_is_another_sites() {
        let ours = ["charge.example.kr".to_owned()];
        for (host, expected) in [
            ("charge.example.kr", true),
            ("Charge.Example.KR.:8000", true),
            ("127.0.0.1:8000", true),
            ("[::1]:8000", true),
            ("192.168.7.5", true),
            ("localhost:5173", true),
            ("evil.example", false),
            ("charge.example.kr.evil.example", false),
            ("evilcharge.example.kr", false),
            ("127.0.0.1.evil.example:8000", false),
            ("localhost.evil.example", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            assert_eq!(is_for_us(&headers, &ours), expected, "{host}");
        }
        assert!(is_for_us(&HeaderMap::new(), &ours));
    }
}
