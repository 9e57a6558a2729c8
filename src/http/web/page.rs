//! What every page knows of who reads it, and how a page goes out.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::domain::account::{Action, Actor, Role};
use crate::service::{Caller, Site};

use super::super::caller::{From, LoggingIn, preference};
use super::super::codes::Code;
use super::super::error::Problem;
use super::super::lang::Lang;
use super::assets;
use super::problem::encoded;
use super::texts::{Texts, fill};
use super::when::When;

/// Our own scripts, styles, pictures and calls, and nothing else; no script and no style stands in a page itself.
const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                       connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; \
                       base-uri 'none'; form-action 'self'";

/// The cookie that remembers dark or light.
pub(super) const THEME: &str = "jari_theme";

/// Dark, light, or as the device says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Theme {
    Device,
    Dark,
    Light,
}

impl Theme {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match preference(headers, THEME).as_deref() {
            Some("dark") => Self::Dark,
            Some("light") => Self::Light,
            _ => Self::Device,
        }
    }

    /// As the attribute of the page.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// What the frame of a page needs: language, looks, and who is there.
pub(crate) struct Frame {
    pub lang: Lang,
    pub t: &'static Texts,
    pub theme: Theme,
    /// The address of this page, to come back to.
    pub here: String,
    /// Whom the page is for; `None` for who has not logged in.
    pub email: Option<String>,
    /// Whether the menu has the operators' pages.
    pub staff: bool,
    /// Whether the menu has the administrators' pages.
    pub administrator: bool,
    /// Whether operators should be warned of open mode.
    pub open: bool,
    pub zone: String,
    /// What was done just before, to be told.
    pub done: Option<&'static str>,
}

impl Frame {
    /// The address of a file that pages load, which changes with its content.
    #[expect(clippy::unused_self, reason = "templates call it on what they have")]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Whether this page, or one below it, is at an address.
    pub(crate) fn is_at(&self, address: &str) -> bool {
        let path = self.here.split('?').next().unwrap_or_default();
        path == address || path.strip_prefix(address).is_some_and(|below| below.starts_with('/'))
    }

    /// An address as a value of a query.
    #[expect(clippy::unused_self, reason = "templates call it on what they have")]
    pub(crate) fn encoded(&self, address: &str) -> String {
        encoded(address)
    }

    /// The address of this page, as a value of a query.
    pub(crate) fn here_encoded(&self) -> String {
        encoded(if self.is_at("/login") || self.is_at("/register") { "/board" } else { &self.here })
    }

    /// The language that the page is not in.
    pub(crate) const fn other_language(&self) -> &'static str {
        match self.lang {
            Lang::Ko => Lang::En.tag(),
            Lang::En => Lang::Ko.tag(),
        }
    }

    /// The text of the footer.
    pub(crate) fn zone_told(&self) -> String {
        fill(self.t.footer_zone, &[&self.zone])
    }

    /// A text with its places filled.
    #[expect(clippy::unused_self, reason = "templates call it on what they have")]
    pub(crate) fn fill(&self, text: &str, value: impl std::fmt::Display) -> String {
        fill(text, &[&value.to_string()])
    }
}

/// Who reads a page, with what its handler needs.
pub(crate) struct Page {
    pub caller: Caller,
    pub frame: Frame,
    pub when: When,
}

impl FromRequestParts<Arc<Site>> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let From(caller) = From::from_request_parts(parts, site).await?;
        Ok(Self::of(parts, site, caller))
    }
}

/// As [`Page`], for forms by which somebody proves who they are: a cookie that is over is not in the way, and the
/// log-in that was there ends.
pub(crate) struct Newcomer(pub Page);

impl FromRequestParts<Arc<Site>> for Newcomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let LoggingIn(caller) = LoggingIn::from_request_parts(parts, site).await?;
        Ok(Self(Page::of(parts, site, caller)))
    }
}

impl Page {
    pub(super) fn of(parts: &Parts, site: &Site, caller: Caller) -> Self {
        let lang = Lang::of(&parts.headers);
        let t = Texts::of(lang);
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
        let role = caller.actor.account().map(|account| account.role);
        let frame = Frame {
            lang,
            t,
            theme: Theme::of(&parts.headers),
            here: if parts.method == axum::http::Method::GET { here.to_owned() } else { parts.uri.path().to_owned() },
            email: caller.actor.account().map(|account| account.email.clone()),
            staff: matches!(role, Some(Role::Operator | Role::Administrator))
                && caller.actor.can(Action::SeeOperatorsLists),
            administrator: caller.actor.can(Action::ManageKeys),
            open: site.is_open(),
            zone: site.schedule.zone_name().to_owned(),
            done: done(t, parts.uri.query()),
        };
        let when = When { schedule: site.schedule.clone(), t, now: site.clock.now() };
        Self { caller, frame, when }
    }

    /// Refuses who has not logged in; they are sent to the log-in and come back.
    pub(super) fn log_in_first(&self) -> Result<(), Problem> {
        match self.caller.actor {
            Actor::Anonymous => Err(Code::LoginRequired.into()),
            Actor::Enrolling(..) => Err(Code::SecondFactorMissing.into()),
            _ => Ok(()),
        }
    }
}

/// What an address says was done: `?done=cancelled`. Only what stands here is told.
fn done(t: &'static Texts, query: Option<&str>) -> Option<&'static str> {
    let what = query?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    match what {
        "moved" => Some(t.moved),
        "cancelled" => Some(t.cancelled),
        "booked" => Some(t.booked_title),
        "password" => Some(t.account_password_done),
        "session" => Some(t.account_session_ended),
        "factor-off" => Some(t.factor_removed),
        "out" => Some(t.logged_out),
        "erased" => Some(t.account_erased),
        _ => None,
    }
}

/// A page as it goes out.
pub(crate) fn show(template: &impl Template) -> Result<Response, Problem> {
    show_with(StatusCode::OK, template)
}

/// A page that says that something was refused.
pub(crate) fn show_with(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    let text = template.render().map_err(|error| {
        tracing::error!(cause = %error, "a page could not be written");
        Problem::from(Code::Internal)
    })?;
    Ok((status, headers(), text).into_response())
}

fn headers() -> [(HeaderName, HeaderValue); 4] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT)),
        // The origin must come along with forms, by which they are told from those of other sites.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::VARY, HeaderValue::from_static("cookie, accept-language")),
    ]
}

/// Sends a browser on, after something was done.
pub(crate) fn go(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// An address of ours to come back to. Anything else, such as another site's, is the board.
pub(crate) fn own_address(given: Option<&str>) -> &str {
    let own = |address: &&str| {
        address.starts_with('/')
            && !address.starts_with("//")
            && !address.starts_with("/\\")
            && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    given.filter(own).unwrap_or("/board")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (given, expected) in [
            (Some("/my"), "/my"),
            (Some("/board?date=2026-04-01"), "/board?date=2026-04-01"),
            (Some("//evil.example"), "/board"),
            (Some("/\\evil.example"), "/board"),
            (Some("https://evil.example"), "/board"),
            (Some("javascript:alert(1)"), "/board"),
            (Some("/\t/evil.example"), "/board"),
            (Some(""), "/board"),
            (None, "/board"),
        ] {
            assert_eq!(own_address(given), expected, "{given:?}");
        }
    }
}
