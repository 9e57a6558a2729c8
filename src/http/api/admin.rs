//! The operators' calls of the report.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Action;
use crate::service::sessions::{self, LoginFor};
use crate::service::{Site, booking};

use super::super::caller::{Anybody, From};
use super::super::error::{Problem, ProblemBody};
use super::super::fields::JsonBody;
use super::accounts::{Credentials, credentials};
use super::calendar::{DayList, day_list};
use super::reservations::{DONE, Done};
use super::{PathId, QueryFields, reservation_id};

/// An operator who logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminLogin {
    /// To be sent as `Authorization: Bearer`.
    token: String,
    /// Who it is.
    admin: Admin,
}

/// An operator.
#[derive(Serialize, ToSchema)]
struct Admin {
    /// Lower case.
    email: String,
}

/// Logs in as an operator or administrator. Every cause of failure has the same answer.
#[utoipa::path(post, path = "/api/admin/login", tag = "operators", security(()),
    request_body = Credentials,
    responses(
        (status = 200, body = AdminLogin),
        (status = 400, description = "E-mail or password is blank.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "E-mail or password is wrong, or the account is no operator's.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn login(
    State(site): State<Arc<Site>>,
    Anybody(caller): Anybody,
    JsonBody(body): JsonBody,
) -> Result<Json<AdminLogin>, Problem> {
    let (email, password) = credentials(&body)?;
    let logged_in = sessions::log_in(&site, &caller, LoginFor::Staff, email, password).await?;
    Ok(Json(AdminLogin { token: logged_in.token, admin: Admin { email: logged_in.account.email } }))
}

/// The reservations of one day, bay by bay, with plates and e-mails.
#[utoipa::path(get, path = "/api/admin/reservations/by-session", tag = "operators", security(("bearer" = [])),
    params(("date" = String, Query, format = "date", description = "A day in the business time zone.", example = "2026-04-01")),
    responses(
        (status = 200, body = DayList),
        (status = 422, description = "The date is missing or wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn by_session(
    State(site): State<Arc<Site>>,
    From(caller): From,
    query: QueryFields,
) -> Result<Json<DayList>, Problem> {
    site.authorise(&caller, Action::SeeOperatorsLists).await?;
    day_list(&site, &caller, query).await
}

/// Cancels anybody's reservation. It stays in the history.
#[utoipa::path(delete, path = "/api/admin/reservations/{id}", tag = "operators", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, body = Done),
        (status = 404, description = "There is no such reservation, or it is cancelled already.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn cancel(
    State(site): State<Arc<Site>>,
    From(caller): From,
    PathId(id): PathId,
) -> Result<Json<Done>, Problem> {
    // Who may not cancel learns nothing about which ids exist.
    site.authorise(&caller, Action::CancelAnybodys).await?;
    booking::cancel_any(&site, &caller, reservation_id(&id)?).await?;
    Ok(DONE)
}
