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

use super::super::caller::{Anybody, Secure, set_sign_in_cookie, sign_in_cookie};
use super::super::codes::Code;
use super::super::error::Problem;
use super::super::lang::Lang;
use super::accounts::session_cookie;

/// A code has a few hundred characters; longer ones are not sent on.
const LONGEST_VALUE: usize = 4096;

/// The addresses that browsers go to.
pub(in crate::http) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/auth/{provider}", get(ask_or_begin).post(begin))
        .route("/auth/{provider}/callback", get(callback))
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

/// Sends a person who comes from our own page, or by their own hand, to the provider. Whoever another site sends here is
/// asked first: nobody shall be logged in who did not want to be (OWASP ASVS 5 V7.6.2).
async fn ask_or_begin(
    state: State<Arc<Site>>,
    anybody: Anybody,
    secure: Secure,
    path: Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, Some(b"same-origin" | b"none")) {
        return begin(state, anybody, secure, path).await;
    }
    let title = state.providers.title(&path).ok_or(Code::ProviderNotFound)?;
    Ok(question(title, Lang::of(&headers)))
}

/// A page that asks whether somebody wants to log in. Its form sends them on, to the provider at last, so that it may
/// be sent anywhere; and its origin must come along, which `no-referrer` would keep back.
fn question(title: &str, lang: Lang) -> Response {
    let (question, button) = match lang {
        Lang::Ko => ("이 계정으로 로그인하시겠습니까?", "로그인"),
        Lang::En => ("Log in with this account?", "Log in"),
    };
    let (tag, title) = (lang.tag(), escaped(title));
    let page = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<form method=\"post\">\n<p>{title}</p>\n\
         <p>{question}</p>\n<button>{button}</button>\n</form>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, tag),
        (header::REFERRER_POLICY, "same-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' https: http:",
        ),
    ];
    (headers, page).into_response()
}

/// A text as it may stand between the tags of a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

async fn begin(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    secure: Secure,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let begun = sign_in::begin(&site, &caller, &name).await?;
    let mut headers = see_other(&begun.url)?;
    headers.extend(set_sign_in_cookie(&begun.browser, SIGN_IN_SECONDS, secure));
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
    let finished = async {
        let Query(pairs) = query.map_err(|_| Code::MalformedQuery)?;
        let mut back = read(pairs)?;
        back.browser = sign_in_cookie(&sent, secure);
        let done = sign_in::finish(&site, &caller, &name, back).await?;
        let mut headers = see_other("/")?;
        headers.extend(session_cookie(&done, secure));
        Ok::<_, Problem>((StatusCode::SEE_OTHER, headers).into_response())
    };
    let mut response = finished.await.unwrap_or_else(IntoResponse::into_response);
    // Good or not, this sign-in is over.
    let gone = set_sign_in_cookie("", 0, secure);
    gone.into_iter().filter_map(|(name, value)| Some((name?, value))).for_each(|(name, value)| {
        response.headers_mut().append(name, value);
    });
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
