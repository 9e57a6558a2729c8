//! The operators' calls of the report.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::sessions::{self, LoginFor};
use crate::service::{Site, booking};

use super::super::caller::{LoggingIn, Operator, OperatorsReader};
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, JsonBody};
use super::accounts::{Credentials, credentials};
use super::bays::LONGEST_REASON;
use super::calendar::{DayList, day_list};
use super::reservations::{DONE, Done};
use super::{QueryFields, ReservationId};

/// An operator who logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdminLogin {
    /// To be sent as `Authorization: Bearer`.
    token: String,
    /// Who it is.
    admin: Admin,
    /// There and true when this server asks operators for a second factor, and the account has none: until it is set up,
    /// nothing else can be done.
    #[serde(rename = "mustEnrol", skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    must_enrol: bool,
}

/// An operator.
#[derive(Serialize, ToSchema)]
struct Admin {
    /// Lower case.
    email: String,
}

/// Logs in as an operator or administrator. Every cause of failure has the same answer.
#[utoipa::path(post, path = "/api/admin/login", operation_id = "log_in_operator", tag = "operators", security(()),
    request_body = Credentials,
    responses(
        (status = 200, description = "Who it is, and the token.", body = AdminLogin),
        (status = 400, description = "E-mail or password is blank.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "E-mail or password is wrong, or the account is no operator's; or they are right, and a code is needed, or it is wrong.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong tries.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn login(
    State(site): State<Arc<Site>>,
    LoggingIn(caller): LoggingIn,
    JsonBody(body): JsonBody,
) -> Result<Json<AdminLogin>, Problem> {
    let logged_in = sessions::log_in(&site, &caller, LoginFor::Staff, credentials(&body)?).await?;
    Ok(Json(AdminLogin {
        token: logged_in.token,
        admin: Admin { email: logged_in.account.email },
        must_enrol: logged_in.must_enrol,
    }))
}

/// The reservations of one day, bay by bay, with plates and e-mails.
#[utoipa::path(get, path = "/api/admin/reservations/by-session", operation_id = "list_day_unmasked", tag = "operators", security(("bearer" = [])),
    params(("date" = String, Query, format = "date", pattern = "^(20[0-9]{2}|2100)-", example = "2026-04-01",
        description = "A day in the business time zone, of the years 2000 to 2100.")),
    responses(
        (status = 200, description = "Every bay with the day's reservations.", body = DayList),
        (status = 422, description = "The date is missing or wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn by_session(
    State(site): State<Arc<Site>>,
    OperatorsReader(caller): OperatorsReader,
    query: QueryFields,
) -> Result<Json<DayList>, Problem> {
    day_list(&site, &caller, query).await
}

/// Cancels anybody's reservation. It stays in the history.
#[utoipa::path(delete, path = "/api/admin/reservations/{id}", operation_id = "cancel_any_reservation", tag = "operators", security(("bearer" = [])),
    params(
        ("id" = String, Path, format = "uuid", description = "Its id."),
        ("reason" = Option<String>, Query, min_length = 1, max_length = 200, description = "Why, for the audit trail."),
    ),
    responses(
        (status = 200, description = "It is cancelled.", body = Done),
        (status = 404, description = "There is no such reservation, or it is cancelled already.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The reason is too long.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn cancel(
    State(site): State<Arc<Site>>,
    Operator(caller): Operator,
    ReservationId(id): ReservationId,
    QueryFields(query): QueryFields,
) -> Result<Json<Done>, Problem> {
    let mut query = query.without_blanks();
    let reason = query.optional("reason", fields::line(LONGEST_REASON));
    query.finish()?;
    booking::cancel_any(&site, &caller, id, reason?).await?;
    Ok(DONE)
}
