//! The operators' pages.

use std::sync::Arc;

use axum::Router;

use crate::service::Site;

use super::texts::Texts;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
}

/// What was done, by its name in an address.
pub(super) fn done(_t: &'static Texts, _what: &str) -> Option<&'static str> {
    None
}
