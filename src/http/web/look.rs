//! Language and looks, remembered by the browser.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::post;

use crate::service::Site;

use super::super::caller::{Anybody, Secure};
use super::super::lang::LANGUAGE;
use super::form::Form;
use super::page::{THEME, go, own_address};

/// A year, in seconds.
const REMEMBERED: i64 = 365 * 24 * 60 * 60;

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
        let attribute = if secure.0 { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age={REMEMBERED}; SameSite=Lax; HttpOnly{attribute}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}
