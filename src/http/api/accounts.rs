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

/// An e-mail and a password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct Credentials {
    /// In any case.
    #[schema(max_length = 254, example = "driver@example.com")]
    email: String,
    /// 8 to 256 characters.
    #[schema(max_length = 256, format = "password")]
    password: String,
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
#[utoipa::path(post, path = "/api/user/login", tag = "accounts", security(()),
    request_body = Credentials,
    responses(
        (status = 200, body = UserLogin),
        (status = 400, description = "E-mail or password is blank.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "E-mail or password is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn login(State(site): State<Arc<Site>>, JsonBody(body): JsonBody) -> Result<Json<UserLogin>, Problem> {
    let (email, password) = credentials(&body)?;
    Ok(Json(accounts::log_in(&site, LoginFor::Anybody, email, password).await?.into()))
}

/// Makes a driver's account and logs in.
#[utoipa::path(post, path = "/api/user/register", tag = "accounts", security(()),
    request_body = Credentials,
    responses(
        (status = 201, body = UserLogin),
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
