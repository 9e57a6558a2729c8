//! The one file that knows what becomes of a refusal: its code, and through the code its status and
//! sentence (RFC 9457).
//!
//! A handler answers a [`Problem`]; [`render`], the outermost layer, writes it in the reader's language with
//! the id of the request. The client gets code, sentence and request id; the log gets the cause, once.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::schedule::{Schedule, ScheduleError};
use crate::service::Refusal;
use crate::store::{DbError, Failure};

use super::codes::{Code, FieldCode};
use super::lang::Lang;
use super::web::Reader;

/// An answer that says what was wrong. It becomes a body in [`render`].
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    reason: Option<String>,
    limit: Option<u16>,
    fields: Vec<FieldProblem>,
    retry_after: Option<u32>,
}

/// What was wrong with one field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldProblem {
    /// The name on the wire.
    pub field: String,
    /// What was wrong.
    pub code: FieldCode,
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, reason: None, limit: None, fields: Vec::new(), retry_after: None }
    }
}

impl Problem {
    /// Fields that are missing or wrong.
    #[must_use]
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Code::InvalidInput.into() }
    }

    /// What was wrong with the request as a whole.
    pub(super) fn code(&self) -> Code {
        self.code
    }

    /// What was wrong, in one sentence for the person.
    pub(super) fn told(&self, lang: Lang, schedule: &Schedule) -> String {
        sentence(self.code, self.reason.as_deref(), lang, schedule)
            .replace("{limit}", &self.limit.unwrap_or_default().to_string())
    }

    /// The fields that were missing or wrong, each with a sentence for the person.
    pub(super) fn wrong_fields(&self, lang: Lang) -> Vec<(String, &'static str)> {
        self.fields.iter().map(|wrong| (wrong.field.clone(), wrong.code.sentence(lang))).collect()
    }

    /// Whether the client shall be told how to log in.
    fn wants_login(&self) -> bool {
        self.code.status() == StatusCode::UNAUTHORIZED
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = code_of(&refusal);
        match refusal {
            Refusal::BayClosed(reason) => Self { reason, ..code.into() },
            Refusal::QuotaOpenBookings(limit) | Refusal::QuotaHoursPerDay(limit) | Refusal::QuotaDaysAhead(limit) => {
                Self { limit: Some(limit), ..code.into() }
            }
            Refusal::TooBusy | Refusal::RecognizerBusy => Self { retry_after: Some(2), ..code.into() },
            Refusal::QuarantineFull => Self { retry_after: Some(600), ..code.into() },
            Refusal::TooManyTries(seconds) => Self { retry_after: u32::try_from(seconds).ok(), ..code.into() },
            _ => code.into(),
        }
    }
}

/// The code of a refusal.
#[must_use]
pub fn code_of(refusal: &Refusal) -> Code {
    match refusal {
        Refusal::LoginRequired => Code::LoginRequired,
        Refusal::Forbidden => Code::Forbidden,
        Refusal::TokenInvalid | Refusal::TokenOver => Code::TokenInvalid,
        Refusal::CredentialsWrong => Code::CredentialsWrong,
        Refusal::CodeNeeded => Code::CodeNeeded,
        Refusal::CodeWrong => Code::CodeWrong,
        Refusal::SecondFactorActive => Code::SecondFactorActive,
        Refusal::SecondFactorNotFound => Code::SecondFactorNotFound,
        Refusal::SecondFactorMissing => Code::SecondFactorMissing,
        Refusal::CredentialsMissing => Code::CredentialsMissing,
        Refusal::EmailTaken => Code::EmailTaken,
        Refusal::PasswordLength => Code::PasswordLength,
        Refusal::PasswordGuessable => Code::PasswordGuessable,
        Refusal::LogInAgain => Code::LogInAgain,
        Refusal::PasswordLoginOff => Code::PasswordLoginOff,
        Refusal::RegistrationClosed => Code::RegistrationClosed,
        Refusal::TooManyTries(_) => Code::TooManyTries,
        Refusal::LinkInvalid => Code::LinkInvalid,
        Refusal::SessionNotFound => Code::SessionNotFound,
        Refusal::KeyNotFound => Code::KeyNotFound,
        Refusal::AccountNotFound => Code::AccountNotFound,
        Refusal::CameraNotFound => Code::CameraNotFound,
        Refusal::CameraNameTaken => Code::CameraNameTaken,
        Refusal::CameraOff => Code::CameraOff,
        Refusal::SightingNotFound => Code::SightingNotFound,
        Refusal::SightingReviewed => Code::SightingReviewed,
        Refusal::NothingToAccept => Code::NothingToAccept,
        Refusal::QuarantinedNotFound => Code::QuarantinedNotFound,
        Refusal::QuarantineFull => Code::QuarantineFull,
        Refusal::InvitationNotFound => Code::InvitationNotFound,
        Refusal::MailNotConfigured => Code::MailNotConfigured,
        Refusal::ProviderNotFound => Code::ProviderNotFound,
        Refusal::ProviderUnavailable => Code::ProviderUnavailable,
        Refusal::SignInFailed => Code::SignInFailed,
        Refusal::EmailNotVerified => Code::EmailNotVerified,
        Refusal::AccountNotLinked => Code::AccountNotLinked,
        Refusal::AccountDisabled => Code::AccountDisabled,
        Refusal::LastAdministrator => Code::LastAdministrator,
        Refusal::CrossOrigin => Code::CrossOrigin,
        Refusal::QuotaOpenBookings(_) => Code::QuotaOpenBookings,
        Refusal::QuotaHoursPerDay(_) => Code::QuotaHoursPerDay,
        Refusal::QuotaDaysAhead(_) => Code::QuotaDaysAhead,
        Refusal::TooBusy => Code::TooBusy,
        Refusal::RecognizerNotConfigured => Code::RecognizerNotConfigured,
        Refusal::RecognizerBusy => Code::RecognizerBusy,
        Refusal::RecognizerFailed => Code::RecognizerFailed,
        Refusal::RecognizerTimedOut => Code::RecognizerTimedOut,
        Refusal::PictureBroken => Code::PictureBroken,
        Refusal::PictureTooManyPixels => Code::PictureTooManyPixels,
        Refusal::BayNotFound => Code::BayNotFound,
        Refusal::BayClosed(_) => Code::BayClosed,
        Refusal::BayNameTaken => Code::BayNameTaken,
        Refusal::BayTaken => Code::BayTaken,
        Refusal::PlateTaken => Code::PlateTaken,
        Refusal::NoBayFree => Code::NoBayFree,
        Refusal::ReservationNotFound | Refusal::ReservationOfAnother => Code::ReservationNotFound,
        Refusal::ReservationOver => Code::ReservationOver,
        Refusal::ReservationStarted => Code::ReservationStarted,
        Refusal::FilterMissing => Code::FilterMissing,
        Refusal::Schedule(error) => match error {
            ScheduleError::EndNotAfterStart => Code::EndNotAfterStart,
            ScheduleError::NotOnHalfHour => Code::NotOnHalfHour,
            ScheduleError::StartOutsideHours => Code::OutsideOpeningHours,
            ScheduleError::EndAfterClose => Code::AfterClosing,
            ScheduleError::TimeSkipped => Code::TimeSkipped,
            ScheduleError::InThePast => Code::InThePast,
            ScheduleError::BeyondHorizon => Code::BeyondHorizon,
        },
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        tracing::error!(cause = %error, "the storage broke");
        match error {
            DbError::Unavailable(_) | DbError::Again(_) => {
                Self { retry_after: Some(2), ..Code::StorageUnavailable.into() }
            }
            DbError::Full(_) => Self { retry_after: Some(60), ..Code::StorageFull.into() },
            DbError::Broken(_) => Code::Internal.into(),
        }
    }
}

impl From<Failure<Refusal>> for Problem {
    fn from(failure: Failure<Refusal>) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::KeyReused => Code::IdempotencyKeyReused.into(),
            Failure::Db(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if self.wants_login() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The sentence of a code, with its places filled in.
#[must_use]
pub fn sentence(code: Code, reason: Option<&str>, lang: Lang, schedule: &Schedule) -> String {
    let reason = match (reason, lang) {
        (None, _) => String::new(),
        (Some(reason), Lang::Ko) => format!(" 사유: {reason}"),
        (Some(reason), Lang::En) => format!(" Reason: {reason}"),
    };
    code.sentence(lang)
        .replace("{hours}", &schedule.hours().to_string())
        .replace("{days}", &schedule.horizon_days().to_string())
        .replace("{reason}", &reason)
}

/// A problem on the wire.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:jari:problem:` and the code.
    #[schema(example = "urn:jari:problem:bay_taken")]
    r#type: String,
    /// What kind of problem, in English: the status in words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// One sentence for the person, in their language: what was wrong and what to do.
    detail: String,
    /// Stable name of the problem, see docs/errors.md.
    #[schema(example = "bay_taken")]
    code: String,
    /// The id of this request, also in the header `X-Request-Id`.
    request_id: String,
    /// With 422: which fields, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldBody>,
}

/// What was wrong with one field.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FieldProblem)]
struct FieldBody {
    /// The name of the field.
    field: String,
    /// Stable name of what was wrong, see docs/errors.md.
    code: &'static str,
    /// One sentence for the person, in their language.
    message: &'static str,
}

/// Writes the body of an answer that is a problem, or an error without a body of ours: a page for who reads pages.
pub(super) fn render(
    response: Response,
    reader: Option<&Reader>,
    lang: Lang,
    request_id: &str,
    schedule: &Schedule,
) -> Response {
    let status = response.status();
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None => match unexplained(&response) {
            Some(code) => code.into(),
            None => return response,
        },
    };
    if let Some(page) = reader.and_then(|reader| reader.told(&problem, lang, request_id, schedule)) {
        return page;
    }
    let body = ProblemBody {
        r#type: format!("urn:jari:problem:{}", problem.code.as_str()),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: problem.told(lang, schedule),
        code: problem.code.as_str().to_owned(),
        request_id: request_id.to_owned(),
        errors: problem
            .fields
            .into_iter()
            .map(|field| FieldBody {
                field: field.field,
                code: field.code.as_str(),
                message: field.code.sentence(lang),
            })
            .collect(),
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    // A struct of texts and numbers always has a JSON form.
    let body = serde_json::to_vec(&body).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

/// The code of an error that a library answered in its own words.
fn unexplained(response: &Response) -> Option<Code> {
    // A page of ours says itself what was wrong.
    if response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes().starts_with(b"text/html"))
    {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(Code::RouteNotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Code::MethodNotAllowed),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Code::BodyTooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Code::UnsupportedMediaType),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Some(Code::MalformedQuery),
        status if status.is_server_error() => Some(Code::Internal),
        _ => None,
    }
}
