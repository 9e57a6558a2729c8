//! Machines' keys, for administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Site;
use crate::service::keys::{self, NewKey};
use crate::store::keys::StoredKey;

use super::super::caller::{KeyManager, RepeatKey};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::{IdempotencyHeader, schemas};
use super::reservations::{DONE, Done};
use super::{IdInPath, rfc3339, uuid_or};

/// A machine's key, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Key {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// What people call it.
    name: String,
    /// `camera`, `export` or `integration`.
    scope: &'static str,
    /// Networks that it may come from; none for any.
    addresses: Vec<String>,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    created_at: String,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    expires_at: String,
}

impl std::convert::From<StoredKey> for Key {
    fn from(stored: StoredKey) -> Self {
        let addresses = stored.addresses.iter().flat_map(|list| list.split(',')).map(str::to_owned);
        Self {
            id: stored.key.id,
            name: stored.key.name,
            scope: stored.key.scope.as_str(),
            addresses: addresses.collect(),
            created_at: rfc3339(stored.created_at),
            expires_at: rfc3339(stored.expires_at),
        }
    }
}

/// A key to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct NewKeyBody {
    /// What people call it.
    #[schema(schema_with = schemas::bay_name)]
    name: (),
    /// `camera`: match. `export`: read every list. `integration`: book, move and cancel on behalf of people.
    #[schema(schema_with = schemas::key_scope)]
    scope: (),
    /// Addresses or networks that it may come from; left out for any.
    #[schema(schema_with = schemas::addresses, required = false)]
    addresses: (),
    /// For how many days it holds; 365 when left out.
    #[schema(schema_with = schemas::key_days, required = false)]
    days: (),
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeKey {
    /// To be sent as `Authorization: Bearer`, or in the path as `/k/KEY/api/…`. Shown once.
    bearer: String,
    /// What is stored.
    key: Key,
}

/// Every key that is not revoked, by name.
#[utoipa::path(get, path = "/api/admin/keys", operation_id = "list_keys", tag = "people", security(("bearer" = [])),
    responses((status = 200, description = "The keys.", body = Vec<Key>)))]
pub(crate) async fn list(
    State(site): State<Arc<Site>>,
    KeyManager(caller): KeyManager,
) -> Result<Json<Vec<Key>>, Problem> {
    Ok(Json(keys::list(&site, &caller).await?.into_iter().map(Key::from).collect()))
}

/// Makes a key. Its secret is shown once.
#[utoipa::path(post, path = "/api/admin/keys", operation_id = "make_key", tag = "people", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = NewKeyBody,
    responses((status = 201, description = "The key.", body = MadeKey)))]
pub(crate) async fn make(
    State(site): State<Arc<Site>>,
    KeyManager(caller): KeyManager,
    repeat: RepeatKey,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<MadeKey>), Problem> {
    let mut fields = Fields::of_json(&body)?;
    let name = fields.required("name", fields::line(super::bays::LONGEST_NAME));
    let scope = fields.required("scope", fields::key_scope);
    let addresses = fields.optional("addresses", fields::addresses);
    let days = fields.optional("days", fields::key_days);
    fields.finish_known()?;
    let new =
        NewKey { name: name?, scope: scope?, addresses: addresses?.unwrap_or_default(), days: days?.unwrap_or(365) };
    let repeat = repeat.for_request(&caller, "POST /api/admin/keys", &body);
    let made = keys::make(&site, &caller, new, repeat).await?;
    Ok((StatusCode::CREATED, Json(MadeKey { bearer: made.bearer, key: made.stored.into() })))
}

/// Revokes a key, at once.
#[utoipa::path(delete, path = "/api/admin/keys/{id}", operation_id = "revoke_key", tag = "people", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "It was revoked.", body = Done),
        (status = 404, description = "There is no such key.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn revoke(
    State(site): State<Arc<Site>>,
    KeyManager(caller): KeyManager,
    id: IdInPath,
) -> Result<Json<Done>, Problem> {
    keys::revoke(&site, &caller, uuid_or(id, Code::KeyNotFound)?).await?;
    Ok(DONE)
}
