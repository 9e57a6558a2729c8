//! Bays: listing, adding, renaming, closing and reopening.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use utoipa::ToSchema;

use crate::service::Site;
use crate::service::bays::{self, Change, State as BayState};

use super::super::caller::{BayManager, From, RepeatKey};
use super::super::codes::FieldCode;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::{IdempotencyHeader, schemas};
use super::super::wire::Bay;
use super::BayId;

/// A bay's name has at most so many characters.
pub const LONGEST_NAME: usize = 100;

/// The reason for closing a bay has at most so many characters.
pub const LONGEST_REASON: usize = 200;

/// A bay to be added.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct NewBay {
    /// What people call it, unique on the site.
    #[schema(schema_with = schemas::bay_name)]
    name: (),
}

/// What shall be different about a bay. What is left out stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct BayChange {
    /// Another name.
    #[schema(schema_with = schemas::optional_bay_name, required = false)]
    name: (),
    /// True closes it to new bookings, false reopens it.
    #[schema(required = false)]
    closed: Option<bool>,
    /// With `closed: true`: a sentence for drivers that says why.
    #[schema(schema_with = schemas::optional_reason, required = false)]
    closed_reason: (),
}

/// Every bay, by number.
#[utoipa::path(get, path = "/api/bays", operation_id = "list_bays", tag = "bays", security((), ("bearer" = [])),
    responses((status = 200, description = "The bays.", body = Vec<Bay>)))]
pub(crate) async fn list(State(site): State<Arc<Site>>, From(caller): From) -> Result<Json<Vec<Bay>>, Problem> {
    let bays = bays::list(&site, &caller).await?;
    Ok(Json(bays.into_iter().map(Bay::from).collect()))
}

/// Adds a bay.
#[utoipa::path(post, path = "/api/bays", operation_id = "add_bay", tag = "bays", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = NewBay,
    responses(
        (status = 201, description = "The new bay.", body = Bay, headers(("Location" = String, description = "The list of bays."))),
        (status = 409, description = "Another bay has this name.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn add(
    State(site): State<Arc<Site>>,
    BayManager(caller): BayManager,
    key: RepeatKey,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Json<Bay>), Problem> {
    let mut fields = Fields::of_json(&body)?;
    let name = fields.required("name", fields::line(LONGEST_NAME));
    fields.finish_known()?;
    let key = key.for_request(&caller, "POST /api/bays", &body);
    let bay = bays::add(&site, &caller, name?, key).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, "/api/bays")], Json(bay.into())))
}

/// Renames, closes or reopens a bay. A closed bay takes no new bookings; those that stand are left alone.
#[utoipa::path(patch, path = "/api/bays/{sessionId}", operation_id = "change_bay", tag = "bays", security(("bearer" = [])),
    params(("sessionId" = i64, Path, description = "The number of the bay.", minimum = 1)),
    request_body = BayChange,
    responses(
        (status = 200, description = "The bay as it is now.", body = Bay),
        (status = 404, description = "There is no such bay.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another bay has this name.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change(
    State(site): State<Arc<Site>>,
    BayManager(caller): BayManager,
    BayId(id): BayId,
    JsonBody(body): JsonBody,
) -> Result<Json<Bay>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let name = fields.optional("name", fields::line(LONGEST_NAME));
    let closed = fields.optional("closed", fields::boolean);
    let reason = fields.optional("closedReason", fields::line(LONGEST_REASON));
    if matches!(reason, Ok(Some(_))) && !matches!(closed, Ok(Some(true))) {
        fields.refuse("closedReason", FieldCode::ReasonWithoutClosing);
    }
    fields.finish_known()?;
    let reason = reason?;
    let state = closed?.map(|closed| if closed { BayState::Closed(reason) } else { BayState::Open });
    let bay = bays::change(&site, &caller, id, Change { name: name?, state }).await?;
    Ok(Json(bay.into()))
}
