//! The files that pages load, built into the binary. Their addresses carry a hash of all of them, so that browsers may
//! keep them for good and never mix two versions.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::random;
use crate::service::Site;

use super::super::codes::Code;
use super::super::error::Problem;

/// A file: its name, its media type and what is in it.
type File = (&'static str, &'static str, &'static [u8]);

macro_rules! files {
    ($($name:literal: $media_type:literal,)+) => {
        const FILES: &[File] = &[$(($name, $media_type, include_bytes!(concat!("../../../assets/web/", $name))),)+];
    };
}

files! {
    "style.css": "text/css; charset=utf-8",
    "staff.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "board.js": "text/javascript; charset=utf-8",
    "book.js": "text/javascript; charset=utf-8",
    "links.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all = FILES.iter().fold(Sha256::new(), |hash, (name, _, bytes)| hash.chain_update(name).chain_update(bytes));
    random::hex(&all.finalize()[..6])
});

/// Where browsers find a file.
pub(super) fn address(name: &str) -> String {
    format!("/web/{}/{name}", *VERSION)
}

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/web/{version}/{name}", get(file))
}

async fn file(Path((version, name)): Path<(String, String)>) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(known, ..)| *known == name).ok_or(Code::RouteNotFound)?;
    // A page of another version may still ask: it gets what there is now, and does not keep it.
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(([(header::CONTENT_TYPE, found.1), (header::CACHE_CONTROL, keep)], found.2).into_response())
}

/// Whether an answer is text that is worth to be made smaller.
pub(super) fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["text/", "application/manifest", "image/svg"].iter().any(|kind| media_type.starts_with(kind))
        && !media_type.starts_with("text/event-stream")
}
