//! What is looked at before any route: how often an address asks.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::service::Site;

use super::caller::anybody;
use super::error::Problem;

/// Refuses requests of an address that asks too often.
pub(super) async fn watch(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let caller = anybody(&parts);
    if let Err(refused) = site.pace_request(&caller) {
        return Problem::from(refused).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}
