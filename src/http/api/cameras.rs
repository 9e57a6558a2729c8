//! Cameras of the site, for operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::sighting;
use crate::service::Site;
use crate::service::cameras::{self, CameraKey, Change, NewCamera};

use super::super::caller::{CameraManager, Origin};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, Invalid, JsonBody};
use super::super::openapi::schemas;
use super::reservations::{DONE, Done};
use super::{IdInPath, rfc3339, uuid_or};

/// A camera.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Camera {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// What people call it.
    name: String,
    /// The number of the bay that it looks at; null for one at an entrance.
    #[schema(required = true)]
    session_id: Option<i64>,
    /// The time zone of its clock.
    zone: String,
    /// The key by which it sends, see `/api/admin/keys`.
    #[schema(format = "uuid")]
    key_id: String,
    /// Whether it is not listened to.
    off: bool,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it sent last, RFC 3339, UTC.
    #[schema(required = true, format = "date-time")]
    seen_at: Option<String>,
    /// The format in which it sent last, see docs/cameras.md.
    #[schema(required = true)]
    format: Option<String>,
    /// By how many milliseconds its clock was ahead of ours when it sent last; negative when it was behind.
    #[schema(required = true)]
    drift_milliseconds: Option<i64>,
}

impl From<sighting::Camera> for Camera {
    fn from(camera: sighting::Camera) -> Self {
        Self {
            id: camera.id,
            name: camera.name,
            session_id: camera.bay,
            zone: camera.zone,
            key_id: camera.key,
            off: camera.off_at.is_some(),
            created_at: rfc3339(camera.created_at),
            seen_at: camera.seen_at.map(rfc3339),
            format: camera.format,
            drift_milliseconds: camera.drift,
        }
    }
}

/// A camera to be added.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct NewCameraBody {
    /// What people call it.
    #[schema(schema_with = schemas::bay_name)]
    name: (),
    /// The bay that it looks at; left out for one at an entrance.
    #[schema(schema_with = schemas::bay_or_entrance, required = false)]
    session_id: (),
    /// The time zone of its clock; the site's when left out.
    #[schema(schema_with = schemas::time_zone, required = false)]
    zone: (),
    /// Addresses or networks that it may come from; left out for any.
    #[schema(schema_with = schemas::addresses, required = false)]
    addresses: (),
    /// For how many days its key holds; 3650 when left out.
    #[schema(schema_with = schemas::key_days, required = false)]
    days: (),
}

/// A change of a camera; what is left out stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct CameraChange {
    /// Another name.
    #[schema(schema_with = schemas::optional_bay_name, required = false)]
    name: (),
    /// Another bay, or `"entrance"`.
    #[schema(schema_with = schemas::bay_or_entrance, required = false)]
    session_id: (),
    /// Another time zone.
    #[schema(schema_with = schemas::time_zone, required = false)]
    zone: (),
    /// True: it is no longer listened to.
    #[schema(required = false)]
    off: Option<bool>,
}

/// The rules of a camera's key.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct CameraKeyBody {
    /// Addresses or networks that it may come from; left out for any.
    #[schema(schema_with = schemas::addresses, required = false)]
    addresses: (),
    /// For how many days it holds; 3650 when left out.
    #[schema(schema_with = schemas::key_days, required = false)]
    days: (),
}

/// A camera with its new key.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeCamera {
    /// Where the camera sends to: its key stands in it. Shown once.
    url: String,
    /// The key alone, for cameras that send it as `Authorization: Bearer`. Shown once.
    bearer: String,
    /// The camera.
    camera: Camera,
}

fn made(made: cameras::MadeCamera, origin: &str) -> MadeCamera {
    let url = format!("{origin}/api/cameras/{}/events", made.bearer);
    MadeCamera { url, bearer: made.bearer, camera: made.camera.into() }
}

/// A camera sits where it is for years.
const DAYS: i64 = 3650;

type KeyFields = (Result<Option<Vec<ipnet::IpNet>>, Invalid>, Result<Option<i64>, Invalid>);

fn key_fields(fields: &mut Fields) -> KeyFields {
    (fields.optional("addresses", fields::addresses), fields.optional("days", fields::key_days))
}

fn key((addresses, days): KeyFields) -> Result<CameraKey, Invalid> {
    Ok(CameraKey { addresses: addresses?.unwrap_or_default(), days: days?.unwrap_or(DAYS) })
}

/// Every camera, by name.
#[utoipa::path(get, path = "/api/admin/cameras", operation_id = "list_cameras", tag = "cameras", security(("bearer" = [])),
    responses((status = 200, description = "The cameras.", body = Vec<Camera>)))]
pub(crate) async fn list(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
) -> Result<Json<Vec<Camera>>, Problem> {
    Ok(Json(cameras::list(&site, &caller).await?.into_iter().map(Camera::from).collect()))
}

/// Adds a camera. The address that it sends to is shown once.
#[utoipa::path(post, path = "/api/admin/cameras", operation_id = "add_camera", tag = "cameras", security(("bearer" = [])),
    request_body = NewCameraBody,
    responses(
        (status = 201, description = "The camera.", body = MadeCamera),
        (status = 404, description = "There is no such bay.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another camera has this name.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn add(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    Origin(origin): Origin,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<MadeCamera>), Problem> {
    let mut fields = Fields::of_json(&body)?;
    let name = fields.required("name", fields::line(super::bays::LONGEST_NAME));
    let bay = fields.optional("sessionId", fields::bay_or_entrance);
    let zone = fields.optional("zone", fields::time_zone);
    let rules = key_fields(&mut fields);
    fields.finish_known()?;
    let new = NewCamera { name: name?, bay: bay?.flatten(), zone: zone?, key: key(rules)? };
    let added = cameras::add(&site, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(made(added, &origin))))
}

/// Changes a camera, or switches it off and on.
#[utoipa::path(patch, path = "/api/admin/cameras/{id}", operation_id = "change_camera", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    request_body = CameraChange,
    responses(
        (status = 200, description = "The camera as it is now.", body = Camera),
        (status = 404, description = "There is no such camera, or no such bay.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another camera has this name.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    id: IdInPath,
    JsonBody(body): JsonBody,
) -> Result<Json<Camera>, Problem> {
    let id = uuid_or(id, Code::CameraNotFound)?;
    let mut fields = Fields::of_json(&body)?;
    let name = fields.optional("name", fields::line(super::bays::LONGEST_NAME));
    let bay = fields.optional("sessionId", fields::bay_or_entrance);
    let zone = fields.optional("zone", fields::time_zone);
    let off = fields.optional("off", fields::boolean);
    fields.finish_known()?;
    let change = Change { name: name?, bay: bay?, zone: zone?, off: off? };
    Ok(Json(cameras::change(&site, &caller, id, change).await?.into()))
}

/// Gives a camera another key. The one before ends at once.
#[utoipa::path(post, path = "/api/admin/cameras/{id}/key", operation_id = "replace_camera_key", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    request_body = CameraKeyBody,
    responses(
        (status = 201, description = "The camera with its new key.", body = MadeCamera),
        (status = 404, description = "There is no such camera.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn replace_key(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    id: IdInPath,
    Origin(origin): Origin,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<MadeCamera>), Problem> {
    let id = uuid_or(id, Code::CameraNotFound)?;
    let mut fields = Fields::of_json(&body)?;
    let rules = key_fields(&mut fields);
    fields.finish_known()?;
    let replaced = cameras::replace_key(&site, &caller, id, key(rules)?).await?;
    Ok((StatusCode::CREATED, Json(made(replaced, &origin))))
}

/// Removes a camera and ends its key. What it saw stays.
#[utoipa::path(delete, path = "/api/admin/cameras/{id}", operation_id = "remove_camera", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "It was removed.", body = Done),
        (status = 404, description = "There is no such camera.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn remove(
    State(site): State<Arc<Site>>,
    CameraManager(caller): CameraManager,
    id: IdInPath,
) -> Result<Json<Done>, Problem> {
    cameras::remove(&site, &caller, uuid_or(id, Code::CameraNotFound)?).await?;
    Ok(DONE)
}
