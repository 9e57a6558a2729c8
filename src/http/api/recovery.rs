//! Getting back in, and proving an e-mail.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use utoipa::ToSchema;

use crate::service::{Site, recovery};

use super::super::caller::Anybody;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::lang::Lang;
use super::super::openapi::schemas;
use super::reservations::{DONE, Done};

/// Who forgot the password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct Forgotten {
    /// The e-mail of the account.
    #[schema(schema_with = schemas::email)]
    email: (),
}

/// Mails a link for a new password. The answer is the same whether the e-mail has an account or not.
#[utoipa::path(post, path = "/api/user/password/forgot", operation_id = "forgot_password", tag = "accounts", security(()),
    request_body = Forgotten,
    responses(
        (status = 202, description = "If there is such an account, a mail goes out.", body = Done),
        (status = 429, description = "Too many tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn forgot(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Done>), Problem> {
    let mut fields = Fields::of_json(&body)?;
    let email = fields.required("email", fields::email);
    fields.finish_known()?;
    recovery::forgot(&site, &caller, email?, Lang::of(&headers))?;
    Ok((StatusCode::ACCEPTED, DONE))
}

/// The secret of a link.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct Proof {
    /// What stands behind the `#` of the link in the mail.
    #[schema(schema_with = schemas::secret)]
    link: (),
}

/// Proves the e-mail of an account by the secret of a link, which works once, for a day.
#[utoipa::path(post, path = "/api/user/verify", operation_id = "verify_email", tag = "accounts", security(()),
    request_body = Proof,
    responses(
        (status = 200, description = "The e-mail is proved; its owner can log in.", body = Done),
        (status = 400, description = "The link is over.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn verify(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    JsonBody(body): JsonBody,
) -> Result<Json<Done>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let link = fields.required("link", fields::secret);
    fields.finish_known()?;
    recovery::verify(&site, &caller, &link?).await?;
    Ok(DONE)
}
