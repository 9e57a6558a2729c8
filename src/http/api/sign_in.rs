//! Signing in with an identity provider. Browsers go to `/auth/…` by themselves, so these addresses are no part
//! of the OpenAPI document; which providers there are, is.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Site;
use crate::service::sign_in::{self, Return, SIGN_IN_SECONDS};

use super::super::caller::{Anybody, Secure, cookie};
use super::super::codes::Code;
use super::super::error::Problem;
use super::accounts::session_cookie;

/// Tells the browser that comes back from the one that left.
const COOKIE_NAME: &str = "jari_oidc";

/// A code has a few hundred characters; longer ones are not sent on.
const LONGEST_VALUE: usize = 4096;

/// The addresses that browsers go to.
pub(in crate::http) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/auth/{provider}", get(begin)).route("/auth/{provider}/callback", get(callback))
}

/// An identity provider.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentityProvider {
    /// Its name in our addresses.
    #[schema(example = "company")]
    name: String,
    /// What stands on its button.
    #[schema(example = "Company account")]
    title: String,
    /// Where its button leads: an address of this server, for browsers.
    #[schema(example = "/auth/company")]
    url: String,
}

/// The identity providers with whose accounts people can log in.
#[utoipa::path(get, path = "/api/auth/providers", tag = "accounts", security(()),
    responses((status = 200, body = Vec<IdentityProvider>)))]
pub(crate) async fn providers(State(site): State<Arc<Site>>) -> Json<Vec<IdentityProvider>> {
    let shown = |(name, title): (&str, &str)| IdentityProvider {
        name: name.to_owned(),
        title: title.to_owned(),
        url: format!("/auth/{name}"),
    };
    Json(site.providers.names().map(shown).collect())
}

async fn begin(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    secure: Secure,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let begun = sign_in::begin(&site, &caller, &name).await?;
    let mut headers = see_other(&begun.url)?;
    set_cookie(&mut headers, &begun.browser, SIGN_IN_SECONDS, secure.or(site.providers.tls()));
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

async fn callback(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    secure: Secure,
    Path(name): Path<String>,
    query: Result<Query<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
    sent: HeaderMap,
) -> Response {
    let secure = secure.or(site.providers.tls());
    let finished = async {
        let Query(pairs) = query.map_err(|_| Code::MalformedQuery)?;
        let mut back = read(pairs)?;
        back.browser = cookie(&sent, COOKIE_NAME);
        let done = sign_in::finish(&site, &caller, &name, back).await?;
        let mut headers = see_other("/")?;
        headers.extend(session_cookie(&done, secure));
        Ok::<_, Problem>((StatusCode::SEE_OTHER, headers).into_response())
    };
    let mut response = finished.await.unwrap_or_else(IntoResponse::into_response);
    // Good or not, this sign-in is over.
    set_cookie(response.headers_mut(), "", 0, secure);
    response
}

/// The answer of the provider. What stands there twice is refused (RFC 6749 §3.1), what is not known passed over.
fn read(pairs: Vec<(String, String)>) -> Result<Return, Code> {
    let mut back = Return::default();
    for (name, value) in pairs {
        let place = match name.as_str() {
            "state" => &mut back.state,
            "code" => &mut back.code,
            "error" => &mut back.error,
            "iss" => &mut back.issuer,
            _ => continue,
        };
        if value.len() > LONGEST_VALUE || place.replace(value).is_some() {
            return Err(Code::MalformedQuery);
        }
    }
    Ok(back)
}

/// The headers of a redirect. The address that the browser comes from has a code in it.
fn see_other(location: &str) -> Result<HeaderMap, Problem> {
    let location = HeaderValue::from_str(location).map_err(|_| Code::ProviderUnavailable)?;
    let policy = (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(HeaderMap::from_iter::<[(HeaderName, HeaderValue); 2]>([(header::LOCATION, location), policy]))
}

/// `Lax` lets the cookie come along when the provider sends the browser back.
fn set_cookie(headers: &mut HeaderMap, value: &str, seconds: i64, Secure(secure): Secure) {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE_NAME}={value}; Path=/auth/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}
