//! What is booked when.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::service::calendar::{self, BayCalendar};
use crate::service::{Caller, Site};

use super::super::caller::From;
use super::super::error::{Problem, ProblemBody};
use super::super::etag::json_or_not_modified;
use super::super::fields;
use super::super::openapi::schemas;
use super::super::wire::{Reservation, Viewer};
use super::QueryFields;

/// A bay with its reservations, by start.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionReservations {
    /// The number of the bay.
    session_id: i64,
    /// What people call it.
    name: String,
    /// Live reservations, by start.
    reservations: Vec<Reservation>,
}

/// The reservations of one day, bay by bay.
#[derive(Serialize, ToSchema)]
pub(crate) struct DayList {
    /// Every bay, by number.
    sessions: Vec<SessionReservations>,
}

fn shown(site: &Site, caller: &Caller, calendars: Vec<BayCalendar>) -> Vec<SessionReservations> {
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    let one = |calendar: BayCalendar| SessionReservations {
        session_id: calendar.bay.id,
        name: calendar.bay.name,
        reservations: viewer.show_all(calendar.reservations),
    };
    calendars.into_iter().map(one).collect()
}

/// Every bay with its reservations from today to the booking horizon.
#[utoipa::path(get, path = "/api/sessions", operation_id = "list_sessions", tag = "calendar", security((), ("bearer" = [])), responses(
    (status = 200, description = "Every bay with its reservations.", body = Vec<SessionReservations>),
    (status = 401, description = "The token is no good.", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(crate) async fn sessions(
    State(site): State<Arc<Site>>,
    From(caller): From,
) -> Result<Json<Vec<SessionReservations>>, Problem> {
    let calendars = calendar::upcoming(&site, &caller).await?;
    Ok(Json(shown(&site, &caller, calendars)))
}

/// The reservations of one day, bay by bay. Cancelled ones are left out; plates are masked and e-mails null
/// for those who may not see them.
#[utoipa::path(get, path = "/api/reservations/by-session", operation_id = "list_day", tag = "calendar", security((), ("bearer" = [])),
    params(("date" = String, Query, format = "date", pattern = "^(20[0-9]{2}|2100)-", example = "2026-04-01",
        description = "A day in the business time zone, of the years 2000 to 2100.")),
    responses(
        (status = 200, description = "Every bay with the day's reservations.", body = DayList),
        (status = 401, description = "The token is no good.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The date is missing or wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn by_session(
    State(site): State<Arc<Site>>,
    From(caller): From,
    query: QueryFields,
) -> Result<Json<DayList>, Problem> {
    day_list(&site, &caller, query).await
}

pub(super) async fn day_list(site: &Site, caller: &Caller, query: QueryFields) -> Result<Json<DayList>, Problem> {
    let QueryFields(mut fields) = query;
    let date = fields.required("date", fields::date);
    fields.finish()?;
    let calendars = calendar::day(site, caller, date?).await?;
    Ok(Json(DayList { sessions: shown(site, caller, calendars) }))
}

/// A taken stretch of time; neighbouring bookings are one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Busy {
    /// `HH:MM` in the business time zone.
    #[schema(schema_with = schemas::start_shown)]
    start_time: String,
    /// `HH:MM` in the business time zone; `24:00` for the end of the day.
    #[schema(schema_with = schemas::end_shown)]
    end_time: String,
}

/// One day of one bay.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BusyDay {
    /// The day in the business time zone.
    #[schema(format = "date")]
    date: String,
    /// What is taken, by start.
    busy: Vec<Busy>,
}

/// A bay with its taken times.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SessionAvailability {
    /// The number of the bay.
    session_id: i64,
    /// What people call it.
    name: String,
    /// Whether it takes no new bookings.
    closed: bool,
    /// Why, if the operator said so.
    #[schema(required = true)]
    closed_reason: Option<String>,
    /// One entry a day.
    days: Vec<BusyDay>,
}

/// When a day can be booked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OpeningHours {
    /// `HH:MM` in the business time zone.
    #[schema(schema_with = schemas::start_shown)]
    start_time: String,
    /// `HH:MM` in the business time zone; `24:00` for the end of the day.
    #[schema(schema_with = schemas::end_shown)]
    end_time: String,
}

/// Free and busy, without anybody's data.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Availability {
    /// The business time zone.
    #[schema(example = "Asia/Seoul")]
    timezone: String,
    /// Today there.
    #[schema(format = "date")]
    today: String,
    /// The last day that can be booked.
    #[schema(format = "date")]
    last_bookable_date: String,
    /// The length of a slot: always 30.
    #[schema(example = 30)]
    slot_minutes: u8,
    /// When a day can be booked.
    opening_hours: OpeningHours,
    /// Every bay, by number.
    sessions: Vec<SessionAvailability>,
}

/// Which days.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape of the query for the OpenAPI document; fields.rs reads it")]
pub(crate) struct DaysQuery {
    /// The first day; today when left out.
    #[param(schema_with = schemas::first_day, required = false)]
    from: (),
    /// How many days; 14 when left out.
    #[param(schema_with = schemas::days, required = false)]
    days: (),
}

/// Which answer the client has already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the shape of the header for the OpenAPI document; etag.rs reads it")]
pub(crate) struct KnownAnswer {
    /// The `ETag` of the last answer.
    #[param(rename = "If-None-Match", schema_with = schemas::etag, required = false)]
    if_none_match: (),
}

/// Free and busy for a calendar, without anybody's data. Cheap to poll: send back the `ETag` as
/// `If-None-Match`, and the answer is 304 while nothing changed.
#[utoipa::path(get, path = "/api/availability", operation_id = "get_availability", tag = "calendar", security((), ("bearer" = [])),
    params(DaysQuery, KnownAnswer),
    responses(
        (status = 200, description = "Every bay with its taken times.", body = Availability, headers(("ETag" = String, description = "To be sent back as `If-None-Match`."))),
        (status = 304, description = "Nothing changed since the answer with this ETag."),
        (status = 401, description = "The token is no good.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The date or the number of days is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn availability(
    State(site): State<Arc<Site>>,
    From(caller): From,
    headers: HeaderMap,
    QueryFields(mut fields): QueryFields,
) -> Result<Response, Problem> {
    let from = fields.optional("from", fields::date);
    let days = fields.optional("days", fields::days);
    fields.finish_known()?;
    let (schedule, now) = (&site.schedule, site.clock.now());
    let today = schedule.today(now);
    let bays = calendar::availability(&site, &caller, from?.unwrap_or(today), days?.unwrap_or(14)).await?;
    let clock = |instant: (i64, i64)| {
        let local = schedule.local_between(instant.0, instant.1);
        Busy { start_time: local.start.to_string(), end_time: local.end.to_string() }
    };
    let of_day = |day: calendar::BusyDay| BusyDay {
        date: day.date.to_string(),
        busy: day.busy.into_iter().map(clock).collect(),
    };
    let availability_of = |of: calendar::BayAvailability| SessionAvailability {
        session_id: of.bay.id,
        name: of.bay.name,
        closed: of.bay.closed.is_some(),
        closed_reason: of.bay.closed.and_then(|closed| closed.reason),
        days: of.days.into_iter().map(of_day).collect(),
    };
    let hours = schedule.hours();
    let answer = Availability {
        timezone: schedule.zone_name().to_owned(),
        today: today.to_string(),
        last_bookable_date: schedule.last_bookable_day(now).to_string(),
        slot_minutes: 30,
        opening_hours: OpeningHours { start_time: hours.open().to_string(), end_time: hours.close().to_string() },
        sessions: bays.into_iter().map(availability_of).collect(),
    };
    Ok(json_or_not_modified(&headers, &answer))
}
