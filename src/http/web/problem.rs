//! What was refused, as a page: for browsers that asked for one.

use askama::Template;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::response::Response;

use crate::domain::schedule::Schedule;

use super::super::codes::Code;
use super::super::error::Problem;
use super::super::lang::Lang;
use super::page::{Frame, Theme, go, show_with};
use super::texts::Texts;

/// The addresses of programs, whatever they say they accept.
const OF_PROGRAMS: [&str; 6] = ["/api/", "/v1/", "/docs", "/health", "/k/", "/NotificationInfo/"];

/// Who asked for a page and may have to be told that there is none.
pub(in crate::http) struct Reader {
    theme: Theme,
    here: String,
    reads: bool,
}

/// Whether a request is a person's at a browser, and how they like their pages.
pub(in crate::http) fn wants_page(request: &Request) -> Option<Reader> {
    let accept = request.headers().get(header::ACCEPT)?.to_str().ok()?;
    let path = request.uri().path();
    if !accept.contains("text/html") || OF_PROGRAMS.iter().any(|program| path.starts_with(program)) {
        return None;
    }
    let reads = request.method() == Method::GET;
    let here = request.uri().path_and_query().filter(|_| reads).map_or("/board", |here| here.as_str());
    Some(Reader { theme: Theme::of(request.headers()), here: here.to_owned(), reads })
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    sentence: String,
    fields: Vec<(String, &'static str)>,
    id: String,
}

impl Reader {
    /// A problem as a page. Who must log in first is sent there.
    pub(in crate::http) fn told(
        &self,
        problem: &Problem,
        lang: Lang,
        id: &str,
        schedule: &Schedule,
    ) -> Option<Response> {
        match problem.code() {
            Code::LoginRequired | Code::TokenInvalid => {
                let next = if self.reads { &self.here } else { "/board" };
                return Some(go(&format!("/login?next={}", encoded(next))));
            }
            Code::SecondFactorMissing => return Some(go("/account/second-factor")),
            _ => {}
        }
        let t = Texts::of(lang);
        let frame = Frame {
            lang,
            t,
            theme: self.theme,
            // What was asked for is not repeated.
            here: "/board".to_owned(),
            email: None,
            staff: false,
            administrator: false,
            open: false,
            zone: schedule.zone_name().to_owned(),
            done: None,
        };
        let sentence = problem.told(lang, schedule);
        let page = ProblemPage { frame, sentence, fields: problem.wrong_fields(lang), id: id.to_owned() };
        show_with(problem.code().status(), &page).ok()
    }
}

/// A text as a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
