//! Whether the server lives, and whether it can work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::{self, Site};

use super::super::error::{Problem, ProblemBody};

/// All is well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// The process answers.
#[utoipa::path(get, path = "/health", operation_id = "get_health", tag = "health", responses((status = 200, description = "It does.", body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    OK
}

/// The process answers: restart it when this fails.
#[utoipa::path(get, path = "/health/live", operation_id = "get_live", tag = "health", responses((status = 200, description = "It does.", body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    OK
}

/// The storage can be read and written: send requests elsewhere while this fails.
#[utoipa::path(get, path = "/health/ready", operation_id = "get_ready", tag = "health", responses(
    (status = 200, description = "They can.", body = Health),
    (status = 503, description = "The storage cannot be reached.", body = ProblemBody, content_type = "application/problem+json"),
    (status = 507, description = "The disk is full.", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn ready(State(site): State<Arc<Site>>) -> Result<Json<Health>, Problem> {
    service::check_ready(&site).await?;
    Ok(OK)
}
