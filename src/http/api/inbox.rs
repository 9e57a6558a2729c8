//! What cameras send, and what of it was not understood.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::sighting;
use crate::service::{Site, inbox};

use super::super::caller::{CameraItself, CameraManager};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::schemas;
use super::super::upload;
use super::reservations::{DONE, Done};
use super::{IdInPath, QueryFields, rfc3339, uuid_or};

/// Takes what a camera tells, in the words of its maker: see docs/cameras.md. The key of the camera stands in the path.
/// What is not understood is kept, and understood after an update. The answer is what the camera's firmware wants to see.
#[utoipa::path(post, path = "/api/cameras/{key}/events", operation_id = "send_events", tag = "cameras", security(("bearer" = [])),
    params(("key" = String, Path, description = "The key of the camera, or any word when the key is sent as `Authorization: Bearer`.")),
    request_body(content = String, content_type = "application/octet-stream", description = "XML, JSON, a form or a picture; whatever its `Content-Type` says."),
    responses(
        (status = 200, description = "It is stored.", content((String = "application/json"), (String = "application/xml"), (String = "text/plain"))),
        (status = 404, description = "The key is no camera's.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 6 MiB.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Busy, or too much is not understood.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn send(
    State(site): State<Arc<Site>>,
    CameraItself(caller): CameraItself,
    request: Request,
) -> Result<Response, Problem> {
    let camera = match inbox::camera_of(&site, &caller).await {
        Ok(camera) => camera,
        Err(failure) => return Err(upload::refuse(request, failure).await),
    };
    let (declared, content_type) = declared(request.headers());
    let _room = match site.room.take(declared).await {
        Ok(room) => room,
        Err(refusal) => return Err(upload::refuse(request, refusal).await),
    };
    let body = upload::read_whole(request, inbox::LARGEST).await?;
    let received = inbox::receive(&site, &camera, content_type.as_deref(), body).await?;
    let (content_type, body) = received.acknowledgement;
    Ok(([(CONTENT_TYPE, content_type)], body).into_response())
}

/// How long a body is said to be, and of what type.
fn declared(headers: &HeaderMap) -> (Option<u64>, Option<String>) {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    (text(CONTENT_LENGTH).and_then(|length| length.parse().ok()), text(CONTENT_TYPE).map(str::to_owned))
}

/// The same under the fixed paths of Dahua's ITSAPI, which follow the key: `/k/KEY/NotificationInfo/TollgateInfo`.
#[utoipa::path(post, path = "/NotificationInfo/{what}", operation_id = "send_notification_info", tag = "cameras", security(("bearer" = [])),
    params(("what" = String, Path, description = "`TollgateInfo`, `KeepAlive` or `DeviceInfo`.")),
    request_body(content = String, content_type = "application/octet-stream", description = "JSON."),
    responses(
        (status = 200, description = "It is stored.", content((String = "application/json"), (String = "application/xml"), (String = "text/plain"))),
        (status = 404, description = "The key is no camera's.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "More than 6 MiB.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Busy, or too much is not understood.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn send_notification_info(
    site: State<Arc<Site>>,
    camera: CameraItself,
    request: Request,
) -> Result<Response, Problem> {
    send(site, camera, request).await
}

/// Something that a camera sent and that was not understood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Quarantined {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// Which camera.
    #[schema(format = "uuid")]
    camera_id: String,
    /// What the camera called it.
    #[schema(required = true)]
    content_type: Option<String>,
    /// Bytes.
    size: i64,
    /// Why it was not understood.
    reason: String,
    /// When it was sent first, RFC 3339, UTC.
    #[schema(format = "date-time")]
    received_at: String,
    /// When it was sent last, RFC 3339, UTC.
    #[schema(format = "date-time")]
    last_at: String,
    /// How often it was sent.
    times: i64,
}

impl From<sighting::Quarantined> for Quarantined {
    fn from(kept: sighting::Quarantined) -> Self {
        Self {
            id: kept.id,
            camera_id: kept.camera,
            content_type: kept.content_type,
            size: kept.size,
            reason: kept.reason,
            received_at: rfc3339(kept.received_at),
            last_at: rfc3339(kept.last_at),
            times: kept.times,
        }
    }
}

/// What was not understood, the oldest first, 100 at most. For the next page, send the last id as `after`.
#[utoipa::path(get, path = "/api/admin/quarantine", operation_id = "list_quarantine", tag = "cameras", security(("bearer" = [])),
    params(("after" = Option<String>, Query, format = "uuid", description = "Only what came after this one.")),
    responses(
        (status = 200, description = "What is kept.", body = Vec<Quarantined>),
        (status = 422, description = "The query is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn quarantined(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    QueryFields(mut query): QueryFields,
) -> Result<Json<Vec<Quarantined>>, Problem> {
    let after = query.optional("after", fields::id);
    query.finish_known()?;
    let kept = inbox::quarantined(&site, &caller, after?).await?;
    Ok(Json(kept.into_iter().map(Quarantined::from).collect()))
}

/// What was sent, byte for byte.
#[utoipa::path(get, path = "/api/admin/quarantine/{id}", operation_id = "get_quarantined", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "The bytes.", body = String, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such thing.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn payload(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    id: IdInPath,
) -> Result<Response, Problem> {
    let payload = inbox::payload(&site, &caller, uuid_or(id, Code::QuarantinedNotFound)?).await?;
    // Whatever it is, no browser shall show it.
    let headers =
        [(CONTENT_TYPE, "application/octet-stream"), (CONTENT_DISPOSITION, "attachment; filename=\"payload.bin\"")];
    Ok((headers, payload).into_response())
}

/// Forgets something that was not understood.
#[utoipa::path(delete, path = "/api/admin/quarantine/{id}", operation_id = "discard_quarantined", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "It is forgotten.", body = Done),
        (status = 404, description = "There is no such thing.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn discard(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    id: IdInPath,
) -> Result<Json<Done>, Problem> {
    inbox::discard(&site, &caller, uuid_or(id, Code::QuarantinedNotFound)?).await?;
    Ok(DONE)
}

/// From where a replay goes on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct ReplayBody {
    /// `last` of the answer before; left out to begin.
    #[schema(schema_with = schemas::optional_id, required = false)]
    after: (),
}

/// What a replay did.
#[derive(Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// Payloads that are understood now and left the quarantine.
    understood: usize,
    /// Sightings that were stored of them.
    stored: usize,
    /// Payloads that are still not understood.
    left: usize,
    /// Whether there are more: send `last` as `after`.
    more: bool,
    /// The last that was looked at.
    #[schema(required = true, format = "uuid")]
    last: Option<String>,
}

/// Tries again what was not understood, 50 at once.
#[utoipa::path(post, path = "/api/admin/quarantine/replay", operation_id = "replay_quarantine", tag = "cameras", security(("bearer" = [])),
    request_body = ReplayBody,
    responses((status = 200, description = "What became of it.", body = Replayed)))]
pub(crate) async fn replay(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    JsonBody(body): JsonBody,
) -> Result<Json<Replayed>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let after = fields.optional("after", fields::id);
    fields.finish_known()?;
    let (done, last) = inbox::replay(&site, &caller, after?).await?;
    let (understood, stored, left, more) = (done.understood, done.stored, done.left, done.more);
    Ok(Json(Replayed { understood, stored, left, more, last }))
}
