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
mod pages;
mod path_key;
mod server;
mod tls;
mod upload;
mod watch;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;

use crate::service::Site;

pub use api::audit::audit_lines;
pub use api::bays::{LONGEST_NAME, LONGEST_REASON};
pub use caller::Peer;
pub use cors::Origins;
pub use error::code_of;
pub use openapi::{error_reference_markdown, openapi_json};
pub use server::{Limits, serve};
pub use tls::{Tls, TlsProblem};

/// What the router needs beside the site.
pub struct HttpSettings {
    /// Which origins browsers may call from.
    pub origins: Origins,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// The reverse proxies whose word is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether people reach us by TLS: ours, or that of a proxy, as `PUBLIC_URL` says.
    pub tls: bool,
    /// Where people and cameras reach us, if the settings say so.
    pub public_url: Option<String>,
    /// The names of hosts that requests may be for, in lower case; `None` for any.
    pub hosts: Option<Vec<String>>,
}

/// The whole API.
pub fn router(site: Arc<Site>, settings: HttpSettings) -> Router {
    let schedule = Arc::new(site.schedule.clone());
    let (routes, document) = openapi::routes().split_for_parts();
    let deadline = settings.request_timeout;
    let origins = Arc::new(settings.origins);
    let trusted_proxies = settings.trusted_proxies.into();
    let way = caller::Way {
        trusted_proxies,
        origins: Arc::clone(&origins),
        tls: settings.tls,
        public_url: settings.public_url.map(Into::into),
    };
    let watched = watch::Watched { site: Arc::clone(&site), hosts: settings.hosts.map(Into::into) };
    // The last layers are the outermost: `outermost` gives the request its id and writes every problem.
    routes
        .merge(api::sign_in::routes())
        .merge(pages::routes())
        .with_state(site)
        .merge(openapi::docs(document))
        .fallback(async || error::Problem::from(codes::Code::RouteNotFound))
        .method_not_allowed_fallback(async || error::Problem::from(codes::Code::MethodNotAllowed))
        .layer(from_fn_with_state(deadline, layers::deadline))
        .layer(from_fn_with_state(watched, watch::watch))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(origins, cors::cors))
        .layer(from_fn_with_state(schedule, layers::outermost))
        .layer(Extension(way))
}
