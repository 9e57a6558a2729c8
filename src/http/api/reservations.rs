//! Booking, moving and cancelling.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::domain::schedule::TimeOfDay;
use crate::service::Site;
use crate::service::booking::{self, BayChoice, Booked, Booking, Cancelled, Change, Known};

use super::super::caller::{Booker, Holder, RepeatKey};
use super::super::codes::FieldCode;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::{IdempotencyHeader, schemas};
use super::super::wire::{Reservation, Viewer};
use super::{QueryFields, ReservationId};

/// The most hours that one batch books.
const LARGEST_BATCH: usize = 24;

/// A reservation to be made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct NewReservation {
    /// The number of a bay; `"any"`, null or left out for the free bay with the lowest number.
    #[schema(schema_with = schemas::bay_choice, required = false)]
    session_id: (),
    /// The number plate.
    #[schema(schema_with = schemas::plate)]
    plate: (),
    /// The day in the business time zone.
    #[schema(schema_with = schemas::date)]
    date: (),
    /// From when, on the half hour.
    #[schema(schema_with = schemas::start)]
    start_time: (),
    /// Until when, on the half hour; `24:00` is the end of the day.
    #[schema(schema_with = schemas::end)]
    end_time: (),
    /// How to reach the driver.
    #[schema(schema_with = schemas::optional_email, required = false)]
    contact_email: (),
    /// From operators: why the quotas shall not hold.
    #[schema(schema_with = schemas::override_reason, required = false)]
    override_reason: (),
}

/// Several hours to be reserved, all or none.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct NewBatch {
    /// The number of a bay; `"any"`, null or left out for the first bay that is free at all of them.
    #[schema(schema_with = schemas::bay_choice, required = false)]
    session_id: (),
    /// The number plate.
    #[schema(schema_with = schemas::plate)]
    plate: (),
    /// The day in the business time zone.
    #[schema(schema_with = schemas::date)]
    date: (),
    /// From when, one hour each.
    #[schema(schema_with = schemas::start_times)]
    start_times: (),
    /// How to reach the driver.
    #[schema(schema_with = schemas::optional_email, required = false)]
    contact_email: (),
    /// From operators: why the quotas shall not hold.
    #[schema(schema_with = schemas::override_reason, required = false)]
    override_reason: (),
}

/// Where and when a reservation shall be instead. What is left out stays; a new start without a new end
/// keeps the length.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct ReservationChange {
    /// Another bay, or `"any"`.
    #[schema(schema_with = schemas::bay_to_move_to, required = false)]
    session_id: (),
    /// Another day.
    #[schema(schema_with = schemas::optional_date, required = false)]
    date: (),
    /// Another start.
    #[schema(schema_with = schemas::optional_start, required = false)]
    start_time: (),
    /// Another end.
    #[schema(schema_with = schemas::optional_end, required = false)]
    end_time: (),
    /// From operators: why the quotas shall not hold.
    #[schema(schema_with = schemas::override_reason, required = false)]
    override_reason: (),
}

/// It was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Done {
    /// Always true.
    ok: bool,
}

pub(super) const DONE: Json<Done> = Json(Done { ok: true });

type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

fn created<T>(location: String, body: T) -> Created<T> {
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(body))
}

/// Reserves a bay.
#[utoipa::path(post, path = "/api/reservations", operation_id = "create_reservation", tag = "reservations", security((), ("bearer" = [])),
    params(IdempotencyHeader),
    request_body = NewReservation,
    responses(
        (status = 201, description = "The reservation.", body = Reservation, headers(("Location" = String, description = "Its address."))),
        (status = 400, description = "The time cannot be booked.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such bay.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The bay or the car is taken then, or the bay is closed.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn create(
    State(site): State<Arc<Site>>,
    Booker(caller): Booker,
    key: RepeatKey,
    JsonBody(body): JsonBody,
) -> Result<Created<Reservation>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let bay = fields.optional("sessionId", fields::bay_choice);
    let plate = fields.required("plate", fields::plate);
    let date = fields.required("date", fields::date);
    let start = fields.required("startTime", fields::time_of_day);
    let end = fields.required("endTime", fields::time_of_day);
    let contact_email = fields.optional("contactEmail", fields::email_or_blank);
    let override_reason = fields.optional("overrideReason", fields::line(super::bays::LONGEST_REASON));
    fields.finish()?;
    let (plate, plate_text) = plate?;
    let booking = Booking {
        bay: bay?.unwrap_or(BayChoice::Any),
        plate,
        plate_text,
        date: date?,
        times: vec![(start?, end?)],
        contact_email: contact_email?.flatten(),
        override_reason: override_reason?,
    };
    let key = key.for_request(&caller, "POST /api/reservations", &body);
    let Booked { reservations, at } = booking::create(&site, &caller, booking, key).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: at };
    let reservation = reservations.into_iter().next().map(|one| (one.id.clone(), viewer.show(one)));
    let (id, shown) = reservation.ok_or(super::super::codes::Code::Internal)?;
    Ok(created(format!("/api/reservations/{id}"), shown))
}

/// Reserves several hours of a day, all or none.
#[utoipa::path(post, path = "/api/reservations/batch", operation_id = "create_reservations", tag = "reservations", security((), ("bearer" = [])),
    params(IdempotencyHeader),
    request_body = NewBatch,
    responses(
        (status = 201, description = "The reservations, in the order of their start times.", body = Vec<Reservation>, headers(("Location" = String, description = "The caller's reservations."))),
        (status = 400, description = "One of the times cannot be booked.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such bay.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The bay or the car is taken at one of the times, or the bay is closed.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn create_batch(
    State(site): State<Arc<Site>>,
    Booker(caller): Booker,
    key: RepeatKey,
    JsonBody(body): JsonBody,
) -> Result<Created<Vec<Reservation>>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let bay = fields.optional("sessionId", fields::bay_choice);
    let plate = fields.required("plate", fields::plate);
    let date = fields.required("date", fields::date);
    let times = fields.required("startTimes", start_times);
    let contact_email = fields.optional("contactEmail", fields::email_or_blank);
    let override_reason = fields.optional("overrideReason", fields::line(super::bays::LONGEST_REASON));
    fields.finish()?;
    let (plate, plate_text) = plate?;
    let booking = Booking {
        bay: bay?.unwrap_or(BayChoice::Any),
        plate,
        plate_text,
        date: date?,
        times: times?,
        contact_email: contact_email?.flatten(),
        override_reason: override_reason?,
    };
    let key = key.for_request(&caller, "POST /api/reservations/batch", &body);
    let Booked { reservations, at } = booking::create(&site, &caller, booking, key).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: at };
    Ok(created("/api/reservations/my".to_owned(), viewer.show_all(reservations)))
}

/// Start times as a list; each books one hour, and no two overlap.
fn start_times(value: &serde_json::Value) -> Result<Vec<(TimeOfDay, TimeOfDay)>, FieldCode> {
    let list = value.as_array().ok_or(FieldCode::WrongType)?;
    if list.is_empty() || list.len() > LARGEST_BATCH {
        return Err(FieldCode::StartTimesInvalid);
    }
    let mut times = Vec::with_capacity(list.len());
    for value in list {
        let start = fields::time_of_day(value)?;
        // No hour runs past midnight.
        let end = start.minutes().saturating_add(60);
        let end = TimeOfDay::from_minutes(end).ok_or(FieldCode::StartTimesInvalid)?;
        times.push((start, end));
    }
    let overlap = |a: &(TimeOfDay, TimeOfDay), b: &(TimeOfDay, TimeOfDay)| a.0 < b.1 && b.0 < a.1;
    let overlapping = times.iter().enumerate().any(|(index, a)| times[..index].iter().any(|b| overlap(a, b)));
    if overlapping { Err(FieldCode::StartTimesInvalid) } else { Ok(times) }
}

/// What is known of a reservation. Blank counts as not given.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape of the query for the OpenAPI document; fields.rs reads it")]
pub(crate) struct WhoseQuery {
    /// The contact e-mail that was given with the booking.
    #[param(schema_with = schemas::email_or_blank, required = false)]
    email: (),
    /// The car's plate, in any spelling.
    #[param(schema_with = schemas::plate_or_blank, required = false)]
    plate: (),
}

/// Which of them are shown.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape of the query for the OpenAPI document; fields.rs reads it")]
pub(crate) struct CancelledQuery {
    /// Whether cancelled ones are shown too.
    #[param(schema_with = schemas::word_for_boolean, required = false)]
    cancelled: (),
}

/// What the query says of somebody's reservations.
fn known(query: &mut Fields) -> impl FnOnce() -> Result<Known, Problem> + use<> {
    let email = query.optional("email", fields::email);
    let plate = query.optional("plate", fields::plate);
    move || Ok(Known { contact_email: email?, plate: plate?.map(|(plate, _)| plate) })
}

/// One's own reservations, latest start first. Operators who name an e-mail or a plate see everybody's.
#[utoipa::path(get, path = "/api/reservations/my", operation_id = "list_my_reservations", tag = "reservations", security((), ("bearer" = [])),
    params(WhoseQuery, CancelledQuery),
    responses(
        (status = 200, description = "The reservations.", body = Vec<Reservation>),
        (status = 400, description = "Nothing says whose reservations are meant.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The e-mail or the plate is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn my(
    State(site): State<Arc<Site>>,
    Holder(caller): Holder,
    QueryFields(query): QueryFields,
) -> Result<Json<Vec<Reservation>>, Problem> {
    let mut query = query.without_blanks();
    let known = known(&mut query);
    let cancelled = query.optional("cancelled", fields::word_for_boolean);
    query.finish()?;
    let cancelled = if cancelled?.unwrap_or(false) { Cancelled::Shown } else { Cancelled::LeftOut };
    let reservations = booking::mine(&site, &caller, known()?, cancelled).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    Ok(Json(viewer.show_all(reservations)))
}

/// One reservation of one's own, cancelled or not.
#[utoipa::path(get, path = "/api/reservations/{id}", operation_id = "get_reservation", tag = "reservations", security((), ("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "The reservation.", body = Reservation),
        (status = 404, description = "There is no such reservation, or it is somebody else's.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get(
    State(site): State<Arc<Site>>,
    Holder(caller): Holder,
    ReservationId(id): ReservationId,
) -> Result<Json<Reservation>, Problem> {
    let found = booking::find(&site, &caller, id).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    Ok(Json(viewer.show(found)))
}

/// Moves a reservation to another time, another bay or both, in one step: it is at its new place, or
/// untouched at its old one.
#[utoipa::path(patch, path = "/api/reservations/{id}", operation_id = "change_reservation", tag = "reservations", security((), ("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    request_body = ReservationChange,
    responses(
        (status = 200, description = "The reservation.", body = Reservation),
        (status = 400, description = "The time cannot be booked.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such reservation or bay, or the reservation is somebody else's.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The bay or the car is taken then, the bay is closed, or the reservation has started or is over.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change(
    State(site): State<Arc<Site>>,
    Holder(caller): Holder,
    ReservationId(id): ReservationId,
    JsonBody(body): JsonBody,
) -> Result<Json<Reservation>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let bay = fields.optional("sessionId", fields::bay_choice);
    let date = fields.optional("date", fields::date);
    let start = fields.optional("startTime", fields::time_of_day);
    let end = fields.optional("endTime", fields::time_of_day);
    let override_reason = fields.optional("overrideReason", fields::line(super::bays::LONGEST_REASON));
    fields.finish_known()?;
    let change = Change { bay: bay?, date: date?, start: start?, end: end?, override_reason: override_reason? };
    let Booked { reservations, at } = booking::change(&site, &caller, id, change).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: at };
    let shown = reservations.into_iter().next().map(|one| viewer.show(one));
    Ok(Json(shown.ok_or(super::super::codes::Code::Internal)?))
}

/// Cancels a reservation of one's own. It stays in the history.
#[utoipa::path(delete, path = "/api/reservations/{id}", operation_id = "cancel_reservation", tag = "reservations", security((), ("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id."), WhoseQuery),
    responses(
        (status = 200, description = "It is cancelled.", body = Done),
        (status = 400, description = "Nothing says whose reservation it is.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such reservation, it is cancelled already, or it is somebody else's.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The reservation is over.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The e-mail or the plate is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn cancel(
    State(site): State<Arc<Site>>,
    Holder(caller): Holder,
    ReservationId(id): ReservationId,
    QueryFields(query): QueryFields,
) -> Result<Json<Done>, Problem> {
    let mut query = query.without_blanks();
    let known = known(&mut query);
    query.finish()?;
    booking::cancel(&site, &caller, id, known()?).await?;
    Ok(DONE)
}
