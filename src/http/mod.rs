//! The API over HTTP: the routes and what lies around each of them.

mod api;
mod caller;
pub mod codes;
mod cors;
mod error;
mod etag;
mod fields;
mod lang;
mod layers;
mod openapi;
mod server;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tower_http::catch_panic::CatchPanicLayer;

use crate::service::Site;

pub use api::bays::{LONGEST_NAME, LONGEST_REASON};
pub use cors::Origins;
pub use error::code_of;
pub use openapi::{error_reference_markdown, openapi_json};
pub use server::{Limits, serve};

/// What the router needs beside the site.
pub struct HttpSettings {
    /// Which origins browsers may call from.
    pub origins: Origins,
    /// How long a request may take.
    pub request_timeout: Duration,
}

/// The whole API.
pub fn router(site: Arc<Site>, settings: HttpSettings) -> Router {
    let schedule = Arc::new(site.schedule.clone());
    let (routes, document) = openapi::routes().split_for_parts();
    let deadline = settings.request_timeout;
    // The last layer is the outermost: it gives the request its id and writes every problem.
    routes
        .with_state(site)
        .merge(openapi::docs(document))
        .fallback(async || error::Problem::from(codes::Code::RouteNotFound))
        .method_not_allowed_fallback(async || error::Problem::from(codes::Code::MethodNotAllowed))
        .layer(from_fn_with_state(deadline, layers::deadline))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(Arc::new(settings.origins), cors::cors))
        .layer(from_fn_with_state(schedule, layers::outermost))
}
