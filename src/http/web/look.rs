//! Language and looks, remembered by the browser.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::Response;
use axum::routing::post;

use crate::service::Site;

use super::super::caller::{Anybody, Secure, set_preference_cookie};
use super::super::lang::LANGUAGE;
use super::form::Form;
use super::page::{THEME, go, own_address};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/look", post(change))
}

/// Takes `language` (`ko`, `en`) or `theme` (`dark`, `light`, `device`), and goes back to `here`.
async fn change(Anybody(_): Anybody, secure: Secure, form: Form) -> Response {
    let mut response = go(own_address(form.given("here")));
    for (field, name, allowed) in
        [("language", LANGUAGE, &["ko", "en"] as &[&str]), ("theme", THEME, &["dark", "light", "device"])]
    {
        let Some(value) = form.given(field).filter(|value| allowed.contains(value)) else { continue };
        for cookie in set_preference_cookie(name, value, secure).values() {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
    }
    response
}
