//! Who sends a request, and the key under which it may be repeated.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use crate::domain::account::{Action, Actor};
use crate::random;
use crate::service::{Refusal, Site, accounts};
use crate::store::idempotency::IdempotencyKey;

use super::codes::Code;
use super::error::Problem;

/// Who sends the request, by its `Authorization: Bearer`.
pub(super) struct Caller(pub Actor);

impl FromRequestParts<Arc<Site>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let header = match only(&parts.headers, &AUTHORIZATION) {
            Given::Never => return Ok(Self(accounts::actor(site, None).await?)),
            Given::Once(header) => header,
            Given::Often => return Err(Code::TokenInvalid.into()),
        };
        let header = header.to_str().map_err(|_| Code::TokenInvalid)?;
        let (scheme, token) = header.trim().split_once(' ').ok_or(Code::TokenInvalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Code::TokenInvalid.into());
        }
        Ok(Self(accounts::actor(site, Some(token.trim())).await?))
    }
}

/// Makes extractors of callers who may do one thing. Who may not is told so before anything else of the
/// request is looked at: it learns nothing from our opinion of its body.
macro_rules! callers_who_may {
    ($($(#[$doc:meta])* $name:ident = $action:expr;)+) => {$(
        $(#[$doc])*
        pub(super) struct $name(pub Actor);

        impl FromRequestParts<Arc<Site>> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
                let Caller(actor) = Caller::from_request_parts(parts, site).await?;
                actor.authorise($action).map_err(Refusal::from)?;
                Ok(Self(actor))
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
    /// Who may make the operators' calls.
    Operator = Action::Administer;
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
    pub(super) fn for_request(self, actor: &Actor, operation: &str, body: &[u8]) -> Option<IdempotencyKey> {
        let key = self.0?;
        let hash = Sha256::new().chain_update(operation).chain_update([0]).chain_update(body).finalize();
        Some(IdempotencyKey { scope: actor.scope().to_owned(), key, request_hash: random::hex(&hash) })
    }
}
