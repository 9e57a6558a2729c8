//! Our own pages: rendered here, complete without JavaScript; small modules of ours make them quicker.
//!
//! A page is a handler, a struct and a template. Handlers ask the same use cases as the API; what they refuse is told on
//! the page the person is on ([`form`]), or on a page of its own ([`problem`]).

mod account;
mod assets;
mod board;
mod book;
mod form;
mod installed;
mod kiosk;
mod links;
mod look;
mod own;
mod page;
mod problem;
mod qr;
mod staff;
pub(super) mod static_dir;
pub(super) mod texts;
mod when;

use std::sync::Arc;

use axum::Router;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};

use crate::service::Site;

pub(super) use installed::root;
pub(super) use problem::{Reader, wants_page};

/// The pages and what they load.
pub(super) fn routes() -> Router<Arc<Site>> {
    // Pages hold no secret that somebody else's text stands beside: links of mails keep theirs behind the `#`.
    let squeeze = CompressionLayer::new().compress_when(SizeAbove::new(512).and(assets::is_text));
    Router::new()
        .merge(assets::routes())
        .merge(look::routes())
        .merge(board::routes())
        .merge(book::routes())
        .merge(own::routes())
        .merge(account::routes())
        .merge(kiosk::routes())
        .merge(links::routes())
        .merge(installed::routes())
        .merge(staff::routes())
        .layer(squeeze)
}
