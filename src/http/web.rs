//! Our own pages: rendered here, complete without JavaScript; small modules of ours make them quicker.
//!
//! A page is a handler, a struct and a template. Handlers ask the same use cases as the API; what they refuse is told on
//! the page the person is on ([`form`]), or on a page of its own ([`problem`]).

mod assets;
mod form;
mod look;
mod page;
mod problem;
mod staff;
pub(super) mod texts;
mod when;

use std::sync::Arc;

use axum::Router;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};

use crate::service::Site;

pub(super) use problem::{Reader, wants_page};

/// The pages and what they load.
pub(super) fn routes() -> Router<Arc<Site>> {
    // Pages hold no secret that somebody else's text stands beside: links of mails keep theirs behind the `#`.
    let squeeze = CompressionLayer::new().compress_when(SizeAbove::new(512).and(assets::is_text));
    Router::new().merge(assets::routes()).merge(look::routes()).merge(staff::routes()).layer(squeeze)
}
