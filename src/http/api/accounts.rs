//! Registering, logging in and out, one's own password and log-ins.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Actor;
use crate::service::accounts;
use crate::service::registration::{self, NewAccount as Wanted, Registered};
use crate::service::sessions::{self, LoggedIn, LoginFor};
use crate::service::{Refusal, Site, privacy};
use crate::store::sessions::Session as StoredSession;

use super::super::caller::{AccountOwner, Anybody, Enroller, LoggingIn, RepeatKey, Secure, set_session_cookie};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::lang::Lang;
use super::super::openapi::{IdempotencyHeader, schemas};
use super::super::wire::{Reservation, Viewer};
use super::reservations::{DONE, Done};
use super::{IdInPath, rfc3339, uuid_or};

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
    /// The second factor.
    #[schema(schema_with = schemas::optional_code, required = false)]
    code: (),
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
    /// The secret of an invitation for this e-mail.
    #[schema(schema_with = schemas::optional_secret, required = false)]
    invitation: (),
}

/// A driver who logged in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserLogin {
    /// To be sent as `Authorization: Bearer`.
    token: String,
    /// How long the token holds, in seconds.
    expires_in: i64,
    /// Gets the next token from `/api/user/refresh`, once.
    refresh_token: String,
    /// Who it is.
    user: User,
    /// There and true when this server asks the account for a second factor that it does not have: until it is set up,
    /// nothing else can be done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    must_enrol: bool,
}

/// A driver.
#[derive(Serialize, ToSchema)]
struct User {
    /// Lower case.
    email: String,
}

/// The answer to a log-in, with the cookie of our pages.
fn logged_in(status: StatusCode, secure: Secure, logged_in: LoggedIn) -> impl IntoResponse {
    let cookie = session_cookie(&logged_in, secure);
    let body = UserLogin {
        token: logged_in.token,
        expires_in: logged_in.token_seconds,
        refresh_token: logged_in.refresh_token,
        user: User { email: logged_in.account.email },
        must_enrol: logged_in.must_enrol,
    };
    (status, cookie, Json(body))
}

/// The header that sets the cookie of a log-in.
pub(in crate::http) fn session_cookie(logged_in: &LoggedIn, secure: Secure) -> HeaderMap {
    set_session_cookie(&logged_in.cookie, logged_in.session_seconds, secure)
}

pub(super) fn credentials(body: &[u8]) -> Result<sessions::Credentials, Problem> {
    let mut fields = Fields::of_json(body)?;
    let email = fields.required("email", fields::login_name);
    let password = fields.required("password", fields::password);
    let code = fields.optional("code", fields::code);
    fields.finish()?;
    let code = code?.filter(|code| !code.trim().is_empty());
    Ok(sessions::Credentials { email: email?, password: password?, code })
}

/// Logs in. Also sets the cookie of our pages.
#[utoipa::path(post, path = "/api/user/login", operation_id = "log_in", tag = "accounts", security(()),
    request_body = Credentials,
    responses(
        (status = 200, description = "Who it is, and the token.", body = UserLogin),
        (status = 400, description = "E-mail or password is blank.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "E-mail or password is wrong; or they are right, and a code is needed, or it is wrong.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn login(
    State(site): State<Arc<Site>>,
    LoggingIn(caller): LoggingIn,
    secure: Secure,
    JsonBody(body): JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let done = sessions::log_in(&site, &caller, LoginFor::Anybody, credentials(&body)?).await?;
    Ok(logged_in(StatusCode::OK, secure, done))
}

/// Makes an account. On a server without mails, and with an invitation, it also logs in and sets the cookie of our
/// pages. On one with mails the answer is the same whether the e-mail has an account or not; the rest is in the mail.
#[utoipa::path(post, path = "/api/user/register", operation_id = "register", tag = "accounts", security(()),
    params(IdempotencyHeader),
    request_body = NewAccount,
    responses(
        (status = 201, description = "Who it is, and the token.", body = UserLogin),
        (status = 202, description = "What to do next is in a mail.", body = Done),
        (status = 400, description = "The password is blank or not acceptable, or the invitation is over.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "A repeated request, of an account that has a second factor since: log in.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "This e-mail cannot register without an invitation, or at all.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The e-mail has an account; only on a server without mails, or with an invitation.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many new accounts.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn register(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    secure: Secure,
    key: RepeatKey,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let email = fields.required("email", fields::email);
    let password = fields.required("password", fields::password);
    let invitation = fields.optional("invitation", fields::invitation);
    fields.finish_known()?;
    let wanted = Wanted { email: email?, password: password?, invitation: invitation?, lang: Lang::of(&headers) };
    let key = key.for_registration(&wanted.email, wanted.invitation.as_deref());
    Ok(match registration::register(&site, &caller, wanted, key).await? {
        Registered::LoggedIn(done) => logged_in(StatusCode::CREATED, secure, *done).into_response(),
        Registered::SeeMail => (StatusCode::ACCEPTED, DONE).into_response(),
    })
}

/// A refresh token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct RefreshRequest {
    /// As the last log-in or refresh answered it.
    #[schema(schema_with = schemas::secret)]
    refresh_token: (),
}

/// Gets a new token. The refresh token is used up; sent again, it ends the log-in.
#[utoipa::path(post, path = "/api/user/refresh", operation_id = "refresh_token", tag = "accounts", security(()),
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "A new token.", body = UserLogin),
        (status = 401, description = "The refresh token is no good.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn refresh(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    secure: Secure,
    JsonBody(body): JsonBody,
) -> Result<impl IntoResponse, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let token = fields.required("refreshToken", fields::secret);
    fields.finish_known()?;
    let done = sessions::refresh(&site, &caller, &token?).await?;
    Ok(logged_in(StatusCode::OK, secure, done))
}

/// Logs out: every token of this log-in ends at once.
#[utoipa::path(post, path = "/api/user/logout", operation_id = "log_out", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The log-in has ended.", body = Done)))]
pub(crate) async fn logout(
    State(site): State<Arc<Site>>,
    Enroller(caller): Enroller,
    secure: Secure,
) -> Result<impl IntoResponse, Problem> {
    sessions::log_out(&site, &caller).await?;
    Ok((set_session_cookie("", 0, secure), DONE))
}

/// The old and the new password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct PasswordChange {
    /// The one that holds now.
    #[schema(schema_with = schemas::password_given)]
    old_password: (),
    /// 8 to 256 characters.
    #[schema(schema_with = schemas::password_chosen)]
    new_password: (),
}

/// Changes one's own password. Every other log-in of the account ends.
#[utoipa::path(post, path = "/api/user/password", operation_id = "change_password", tag = "accounts", security(("bearer" = [])),
    request_body = PasswordChange,
    responses(
        (status = 200, description = "It was changed.", body = Done),
        (status = 400, description = "The new password is blank or not acceptable.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change_password(
    State(site): State<Arc<Site>>,
    AccountOwner(caller): AccountOwner,
    JsonBody(body): JsonBody,
) -> Result<axum::Json<Done>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let old = fields.required("oldPassword", fields::password);
    let new = fields.required("newPassword", fields::password);
    fields.finish_known()?;
    accounts::change_password(&site, &caller, old?, new?).await?;
    Ok(DONE)
}

/// The secret of a link and a new password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct PasswordReset {
    /// As the operator handed it over, or what stands behind the `#` of the link in the mail.
    #[schema(schema_with = schemas::secret)]
    link: (),
    /// 8 to 256 characters.
    #[schema(schema_with = schemas::password_chosen)]
    new_password: (),
}

/// Sets a new password by the secret of a link, which works once. Every log-in of the account ends.
#[utoipa::path(post, path = "/api/user/password/reset", operation_id = "reset_password", tag = "accounts", security(()),
    request_body = PasswordReset,
    responses(
        (status = 200, description = "It was set.", body = Done),
        (status = 400, description = "The link is over, or the new password is not acceptable.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn reset_password(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    JsonBody(body): JsonBody,
) -> Result<axum::Json<Done>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let link = fields.required("link", fields::secret);
    let new = fields.required("newPassword", fields::password);
    fields.finish_known()?;
    accounts::reset_password(&site, &caller, &link?, new?).await?;
    Ok(DONE)
}

/// A log-in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it was last used, give or take a sixteenth of the time after which an unused one ends. RFC 3339, UTC.
    #[schema(format = "date-time")]
    used_at: String,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    expires_at: String,
    /// From which address.
    #[schema(required = true)]
    address: Option<String>,
    /// By which program, as it says itself.
    #[schema(required = true)]
    user_agent: Option<String>,
}

impl Session {
    fn shown(session: StoredSession, current: &str) -> Self {
        Self {
            current: session.id == current,
            id: session.id,
            created_at: rfc3339(session.created_at),
            used_at: rfc3339(session.used_at),
            expires_at: rfc3339(session.expires_at),
            address: session.address,
            user_agent: session.user_agent,
        }
    }
}

/// One's own log-ins that have not ended, newest first.
#[utoipa::path(get, path = "/api/user/sessions", operation_id = "list_log_ins", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The log-ins.", body = Vec<Session>)))]
pub(crate) async fn sessions(
    State(site): State<Arc<Site>>,
    AccountOwner(caller): AccountOwner,
) -> Result<Json<Vec<Session>>, Problem> {
    let list = sessions::list(&site, &caller).await?;
    let Actor::Account(_, current) = &caller.actor else { return Err(Refusal::LoginRequired.into()) };
    Ok(Json(list.into_iter().map(|session| Session::shown(session, current)).collect()))
}

/// Ends one of one's own log-ins, at once. To end another than the one that asks, send the password, or log in less
/// than a quarter of an hour before.
#[utoipa::path(delete, path = "/api/user/sessions/{id}", operation_id = "end_log_in", tag = "accounts", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    request_body = Option<Erasure>,
    responses(
        (status = 200, description = "It has ended.", body = Done),
        (status = 403, description = "The password is needed.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such log-in, or it is somebody else's.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn end_session(
    State(site): State<Arc<Site>>,
    AccountOwner(caller): AccountOwner,
    id: IdInPath,
    JsonBody(body): JsonBody,
) -> Result<Json<Done>, Problem> {
    let password = if fields::is_left_out(&body) { None } else { Some(password(&body)?) };
    sessions::end(&site, &caller, uuid_or(id, Code::SessionNotFound)?, password).await?;
    Ok(DONE)
}

/// Everything that is stored about somebody.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersonalData {
    /// Lower case.
    email: String,
    /// `driver`, `operator` or `administrator`.
    role: &'static str,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    created_at: String,
    /// Since when a second factor is asked for. RFC 3339, UTC.
    #[schema(required = true, format = "date-time")]
    second_factor_since: Option<String>,
    /// Log-ins that have not ended.
    sessions: Vec<Session>,
    /// Reservations, cancelled ones too.
    reservations: Vec<Reservation>,
    /// What cameras saw of one's cars.
    sightings: Vec<super::sightings::Sighting>,
}

/// Everything that is stored about oneself.
#[utoipa::path(get, path = "/api/user/export", operation_id = "export_own_data", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The data.", body = PersonalData)))]
pub(crate) async fn export(
    State(site): State<Arc<Site>>,
    AccountOwner(caller): AccountOwner,
) -> Result<Json<PersonalData>, Problem> {
    let data = privacy::export(&site, &caller).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    let Actor::Account(_, current) = &caller.actor else { return Err(Refusal::LoginRequired.into()) };
    Ok(Json(PersonalData {
        email: data.account.email,
        role: data.account.role.as_str(),
        created_at: rfc3339(data.created_at),
        second_factor_since: data.second_factor_since.map(rfc3339),
        sessions: data.sessions.into_iter().map(|session| Session::shown(session, current)).collect(),
        reservations: viewer.show_all(data.reservations),
        sightings: data.sightings.into_iter().map(Into::into).collect(),
    }))
}

/// The proof that it is meant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct Erasure {
    /// The one that holds now. An account without a password needs a log-in of the last quarter of an hour instead.
    #[schema(schema_with = schemas::optional_password, required = false)]
    password: (),
}

/// Erases one's own account: reservations to come are cancelled, those of the past stay without plate and
/// e-mail, and every log-in ends.
#[utoipa::path(post, path = "/api/user/erase", operation_id = "erase_account", tag = "accounts", security(("bearer" = [])),
    request_body = Erasure,
    responses(
        (status = 200, description = "It was erased.", body = Done),
        (status = 400, description = "The account has a password, and none was given.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tries.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is the last administrator's.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn erase(
    State(site): State<Arc<Site>>,
    AccountOwner(caller): AccountOwner,
    JsonBody(body): JsonBody,
) -> Result<Json<Done>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let password = fields.optional("password", fields::password);
    fields.finish_known()?;
    privacy::erase(&site, &caller, password?).await?;
    Ok(DONE)
}

/// The password of a body that holds nothing else.
fn password(body: &[u8]) -> Result<String, Problem> {
    let mut fields = Fields::of_json(body)?;
    let password = fields.required("password", fields::password);
    fields.finish_known()?;
    Ok(password?)
}
