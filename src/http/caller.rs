//! Who sends a request, and the key under which it may be repeated.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

use crate::domain::account::Actor;
use crate::random;
use crate::service::{Site, accounts};
use crate::store::idempotency::IdempotencyKey;

use super::codes::Code;
use super::error::Problem;

/// Who sends the request, by its `Authorization: Bearer`.
pub(super) struct Caller(pub Actor);

impl FromRequestParts<Arc<Site>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(AUTHORIZATION) else {
            return Ok(Self(accounts::actor(site, None).await?));
        };
        let header = header.to_str().map_err(|_| Code::TokenInvalid)?;
        let (scheme, token) = header.trim().split_once(' ').ok_or(Code::TokenInvalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Code::TokenInvalid.into());
        }
        Ok(Self(accounts::actor(site, Some(token.trim())).await?))
    }
}

/// The `Idempotency-Key` of a request, if it has one.
pub(super) struct RepeatKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for RepeatKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let key = header.to_str().unwrap_or_default();
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
