//! Forms: their fields, and what was wrong with them, told beside the fields.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use super::super::codes::Code;
use super::super::error::Problem;
use super::super::fields::{Fields, read_small};
use super::page::Page;

/// The fields of a form, as they were sent.
pub(crate) struct Form(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !declared.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            return Err(Code::UnsupportedMediaType.into());
        }
        let body = read_small(request).await?;
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

impl Form {
    /// What was sent in other ways than a form's body.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// What was typed into a field, to be shown again or compared; the last, where there are several.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// What was typed, if anything was.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.trim().is_empty())
    }

    /// The fields to be read; what was left empty counts as not given.
    pub(crate) fn fields(&self) -> Fields {
        Fields::of_query(self.0.clone()).without_blanks()
    }
}

/// What was wrong, as a page tells it.
#[derive(Default)]
pub(crate) struct Wrong {
    /// A sentence; empty for nothing.
    pub sentence: String,
    fields: Vec<(String, &'static str)>,
    pub code: Option<Code>,
    pub status: StatusCode,
}

impl Wrong {
    /// What a problem says, in the language of the page. What the person cannot mend here stays a problem: it has a page
    /// of its own, or leads to the log-in.
    pub(crate) fn of(problem: Problem, page: &Page) -> Result<Self, Problem> {
        let status = problem.code().status();
        let elsewhere = matches!(
            problem.code(),
            Code::LoginRequired | Code::SecondFactorMissing | Code::Forbidden | Code::CrossOrigin
        ) || status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE;
        if elsewhere {
            return Err(problem);
        }
        let fields = problem.wrong_fields(page.frame.lang);
        Ok(Self {
            sentence: problem.told(page.frame.lang, &page.when.schedule),
            fields,
            code: Some(problem.code()),
            status,
        })
    }

    /// What was wrong with a field; empty for nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, told)| told)
    }

    /// Whether there is anything to tell.
    pub(crate) fn any(&self) -> bool {
        !self.sentence.is_empty()
    }
}
