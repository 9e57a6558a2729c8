//! Registering and logging in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Site;
use crate::service::accounts::{self, LoggedIn, LoginFor};

use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::schemas;

/// An e-mail and a password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct Credentials {
    /// In any case.
    #[schema(schema_with = schemas::login_name)]
    email: (),
    /// As it was chosen.
    #[schema(schema_with = schemas::password_given)]
    password: (),
}

/// The account to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct NewAccount {
    /// The e-mail to log in with.
    #[schema(schema_with = schemas::email)]
    email: (),
    /// A password of 8 to 256 characters.
    #[schema(schema_with = schemas::password_chosen)]
    password: (),
}

/// A driver who logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserLogin {
    /// To be sent as `Authorization: Bearer`.
    token: String,
    /// Who it is.
    user: User,
}

/// A driver.
#[derive(Serialize, ToSchema)]
struct User {
    /// Lower case.
    email: String,
}

impl From<LoggedIn> for UserLogin {
    fn from(logged_in: LoggedIn) -> Self {
        Self { token: logged_in.token, user: User { email: logged_in.account.email } }
    }
}

pub(super) fn credentials(body: &[u8]) -> Result<(String, String), Problem> {
    let mut fields = Fields::of_json(body)?;
    let email = fields.required("email", fields::login_name);
    let password = fields.required("password", fields::password);
    fields.finish()?;
    Ok((email?, password?))
}

/// Logs in.
#[utoipa::path(post, path = "/api/user/login", operation_id = "log_in", tag = "accounts", security(()),
    request_body = Credentials,
    responses(
        (status = 200, description = "Who it is, and the token.", body = UserLogin),
        (status = 400, description = "E-mail or password is blank.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "E-mail or password is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn login(State(site): State<Arc<Site>>, JsonBody(body): JsonBody) -> Result<Json<UserLogin>, Problem> {
    let (email, password) = credentials(&body)?;
    Ok(Json(accounts::log_in(&site, LoginFor::Anybody, email, password).await?.into()))
}

/// Makes a driver's account and logs in.
#[utoipa::path(post, path = "/api/user/register", operation_id = "register", tag = "accounts", security(()),
    request_body = NewAccount,
    responses(
        (status = 201, description = "Who it is, and the token.", body = UserLogin),
        (status = 400, description = "The password is blank or not acceptable.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The e-mail has an account.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn register(
    State(site): State<Arc<Site>>,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<UserLogin>), Problem> {
    let mut fields = Fields::of_json(&body)?;
    let email = fields.required("email", fields::email);
    let password = fields.required("password", fields::password);
    fields.finish_known()?;
    Ok((StatusCode::CREATED, Json(accounts::register(&site, email?, password?).await?.into())))
}
