//! Somebody's own front end, served from our origin (`STATIC_DIR`): the drivers' app of the server that ours replaces
//! runs unchanged, with the cookie of our log-in. Our own addresses come first; what is left is looked up in the folder.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use super::super::codes::Code;
use super::super::error::Problem;
use super::problem::wants_page;

/// Its own scripts, styles and pictures, and calls to us. Styles may stand in its pages: frameworks put them there.
const CONTENT: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                       media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; \
                       base-uri 'self'; form-action 'self'";

/// Files of a folder. A page that is no file is the app's `index.html`, whose script knows what it is; everything else
/// that is not there is not found.
pub(in crate::http) async fn serve(folder: PathBuf, request: Request) -> Response {
    let missing = || Problem::from(Code::RouteNotFound).into_response();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if !matches!(method, Method::GET | Method::HEAD) || is_hidden(&path) {
        return missing();
    }
    let is_page = wants_page(&request).is_some() && Path::new(&path).extension().is_none();
    let mut found = file(&folder, request).await;
    if !found.status().is_success() && found.status() != 304 && is_page {
        let index = Request::builder().method(method).uri(Uri::from_static("/index.html")).body(Body::empty());
        found = match index {
            Ok(index) => file(&folder, index).await,
            Err(_) => return missing(),
        };
    }
    if found.status().is_client_error() || found.status().is_server_error() {
        return missing();
    }
    let headers = found.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    found
}

async fn file(folder: &Path, request: Request) -> Response {
    match ServeDir::new(folder).oneshot(request).await {
        Ok(found) => found.map(Body::new),
        Err(never) => match never {},
    }
}

/// Whether a path names what is kept from visitors: `.git`, `.env` and their like.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') || part.to_ascii_lowercase().starts_with("%2e"))
}
