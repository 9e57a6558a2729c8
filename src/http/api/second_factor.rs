//! One's own second factor, and somebody else's for administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::{Site, second_factor};

use super::super::caller::{Enroller, PeopleManager};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::schemas;
use super::reservations::{DONE, Done};
use super::{IdInPath, rfc3339, uuid_or};

/// What one's own account has beside its password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFactor {
    /// Whether a log-in with the password asks for a code.
    active: bool,
    /// Since when. RFC 3339, UTC.
    #[schema(required = true, format = "date-time")]
    since: Option<String>,
    /// How many recovery codes were not used yet.
    recovery_codes_left: i64,
    /// Whether this server asks an account such as this for one.
    needed: bool,
}

/// Says whether one's own account has a second factor.
#[utoipa::path(get, path = "/api/user/second-factor", operation_id = "get_second_factor", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "What the account has.", body = SecondFactor)))]
pub(crate) async fn get(
    State(site): State<Arc<Site>>,
    Enroller(caller): Enroller,
) -> Result<Json<SecondFactor>, Problem> {
    let status = second_factor::status(&site, &caller).await?;
    Ok(Json(SecondFactor {
        active: status.active_since.is_some(),
        since: status.active_since.map(rfc3339),
        recovery_codes_left: status.recovery_codes,
        needed: status.needed,
    }))
}

/// The proof that it is meant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct SecondFactorBeginning {
    /// The password, unless the log-in is of the last quarter of an hour.
    #[schema(schema_with = schemas::optional_password, required = false)]
    password: (),
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorSecret {
    /// In Base32, to be typed into the app. Shown once.
    secret: String,
    /// The same as an `otpauth:` address, to be shown as a QR code.
    uri: String,
}

/// Makes a secret for an authenticator app (TOTP: SHA-1, six digits, 30 seconds). Nothing changes until a code confirms
/// it, within a quarter of an hour. Asked for again, an unconfirmed secret is replaced.
#[utoipa::path(post, path = "/api/user/second-factor", operation_id = "begin_second_factor", tag = "accounts", security(("bearer" = [])),
    request_body = Option<SecondFactorBeginning>,
    responses(
        (status = 201, description = "The secret.", body = SecondFactorSecret),
        (status = 403, description = "The password is needed.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There is one already.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn begin(
    State(site): State<Arc<Site>>,
    Enroller(caller): Enroller,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<SecondFactorSecret>), Problem> {
    let password = if fields::is_left_out(&body) {
        None
    } else {
        let mut fields = Fields::of_json(&body)?;
        let password = fields.optional("password", fields::password);
        fields.finish_known()?;
        password?
    };
    let begun = second_factor::begin(&site, &caller, password).await?;
    Ok((StatusCode::CREATED, Json(SecondFactorSecret { secret: begun.secret, uri: begun.uri })))
}

/// A code.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct SecondFactorCode {
    /// Six digits of the authenticator app; to remove a second factor, a recovery code will do too.
    #[schema(schema_with = schemas::code)]
    code: (),
}

fn code(body: &[u8]) -> Result<String, Problem> {
    let mut fields = Fields::of_json(body)?;
    let code = fields.required("code", fields::code);
    fields.finish_known()?;
    Ok(code?)
}

/// The recovery codes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    /// Each logs in once in place of a code of the app. Shown once.
    recovery_codes: Vec<String>,
}

/// Confirms the secret by a code of the app: from now on a log-in with the password asks for one. Every other log-in of
/// the account ends.
#[utoipa::path(post, path = "/api/user/second-factor/confirm", operation_id = "confirm_second_factor", tag = "accounts", security(("bearer" = [])),
    request_body = SecondFactorCode,
    responses(
        (status = 200, description = "It is active; the recovery codes.", body = RecoveryCodes),
        (status = 404, description = "No secret waits for a code.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn confirm(
    State(site): State<Arc<Site>>,
    Enroller(caller): Enroller,
    JsonBody(body): JsonBody,
) -> Result<Json<RecoveryCodes>, Problem> {
    let recovery_codes = second_factor::confirm(&site, &caller, &code(&body)?).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Removes one's own second factor, by one of its codes, within a quarter of an hour after logging in. Every other
/// log-in of the account ends.
#[utoipa::path(delete, path = "/api/user/second-factor", operation_id = "remove_second_factor", tag = "accounts", security(("bearer" = [])),
    request_body = SecondFactorCode,
    responses(
        (status = 200, description = "It is gone, and so are its recovery codes.", body = Done),
        (status = 403, description = "The log-in is too old: log in again.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn remove(
    State(site): State<Arc<Site>>,
    Enroller(caller): Enroller,
    JsonBody(body): JsonBody,
) -> Result<Json<Done>, Problem> {
    second_factor::remove(&site, &caller, &code(&body)?).await?;
    Ok(DONE)
}

/// Removes the second factor of somebody who lost it, for administrators. Every log-in of the account ends. One's own
/// is removed by a code of it.
#[utoipa::path(delete, path = "/api/admin/accounts/{id}/second-factor", operation_id = "remove_second_factor_of", tag = "people", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "The id of the account.")),
    responses(
        (status = 200, description = "It is gone, and so are its recovery codes.", body = Done),
        (status = 404, description = "There is no such account, or it has none.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn remove_of(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    id: IdInPath,
) -> Result<Json<Done>, Problem> {
    second_factor::remove_of(&site, &caller, uuid_or(id, Code::AccountNotFound)?).await?;
    Ok(DONE)
}
