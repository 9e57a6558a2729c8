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
mod path_key;
mod server;
mod tls;
mod upload;
mod watch;
mod web;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse as _;
use ipnet::IpNet;

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
    /// A folder with somebody's own front end, served where no address of ours is.
    pub static_dir: Option<std::path::PathBuf>,
    /// The names of hosts that requests may be for, in lower case; `None` for any.
    pub hosts: Option<Vec<String>>,
}

/// The whole API.
pub fn router(site: Arc<Site>, settings: HttpSettings) -> Router {
    let (routes, document) = openapi::routes().split_for_parts();
    let origins = Arc::new(settings.origins);
    let way = caller::Way {
        trusted_proxies: settings.trusted_proxies.into(),
        origins: Arc::clone(&origins),
        tls: settings.tls,
        public_url: settings.public_url.map(Into::into),
    };
    let around = layers::Around {
        schedule: site.schedule.clone(),
        origins,
        watched: watch::Watched { site: Arc::clone(&site), hosts: settings.hosts.map(Into::into) },
        deadline: settings.request_timeout,
        way,
    };
    let routes = match &settings.static_dir {
        // The root is the front end's.
        Some(_) => routes,
        None => routes.route("/", axum::routing::get(web::root)),
    };
    let folder = settings.static_dir;
    routes
        .merge(api::sign_in::routes())
        .merge(web::routes())
        .with_state(site)
        .merge(openapi::docs(document))
        .fallback(async move |request: axum::extract::Request| match folder {
            Some(folder) => web::static_dir::serve(folder, request).await,
            None => error::Problem::from(codes::Code::RouteNotFound).into_response(),
        })
        .method_not_allowed_fallback(async || error::Problem::from(codes::Code::MethodNotAllowed))
        .layer(from_fn_with_state(Arc::new(around), layers::around))
}
