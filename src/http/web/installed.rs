//! What makes a site of ours installable, and what stands at its root.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::json;

use crate::service::Site;

use super::super::error::Problem;
use super::super::lang::Lang;
use super::assets;
use super::page::{Frame, Page, go, show};
use super::texts::Texts;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/manifest.webmanifest", get(manifest))
        .route("/worker.js", get(worker))
        .route("/offline", get(offline))
}

/// The board, for whoever only knows the name of the site.
pub(in crate::http) async fn root() -> Response {
    go("/board")
}

async fn manifest(headers: HeaderMap) -> Response {
    let lang = Lang::of(&headers);
    let t = Texts::of(lang);
    let icon = |name: &str, sizes: &str, kind: &str, purpose: &str| json!({"src": assets::address(name), "sizes": sizes, "type": kind, "purpose": purpose});
    let manifest = json!({
        "id": "/board",
        "name": format!("{} · {}", t.brand, t.board_title),
        "short_name": t.brand,
        "lang": lang.tag(),
        "start_url": "/board",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b5d4a",
        "icons": [
            icon("icon.svg", "any", "image/svg+xml", "any maskable"),
            icon("icon-192.png", "192x192", "image/png", "any"),
            icon("icon-512.png", "512x512", "image/png", "any maskable"),
        ],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], Json(manifest)).into_response()
}

/// At the root, because a worker may only look after what lies below it.
async fn worker() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        // A worker goes by the policy of its own file.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"),
    ];
    (headers, include_str!("../../../assets/web/worker.js")).into_response()
}

#[derive(Template)]
#[template(path = "offline.html")]
struct Offline {
    frame: Frame,
}

/// Kept by browsers for when there is no connection, so it is nobody's.
async fn offline(mut page: Page) -> Result<Response, Problem> {
    page.frame.email = None;
    page.frame.staff = false;
    show(&Offline { frame: page.frame })
}
