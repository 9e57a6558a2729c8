//! One's own bookings: the list, one of them with its calendar file and QR code, moving and cancelling it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use icalendar::{Calendar, Component as _, EventLike as _};
use jiff::civil::Date;

use crate::domain::reservation::{Reservation, Status};
use crate::domain::schedule::TimeOfDay;
use crate::service::booking::{self, Cancelled, Change, Known};
use crate::service::{Site, bays};

use super::super::api::{QueryFields, ReservationId};
use super::super::caller::Origin;
use super::super::error::Problem;
use super::super::fields;
use super::board::columns;
use super::form::{Form, Wrong};
use super::page::{Frame, Page, go, show, show_with};
use super::qr;
use super::texts::Texts;

/// So many earlier bookings are shown at once.
const PAGE: usize = 20;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/my", get(mine))
        .route("/reservations/{id}", get(one))
        .route("/reservations/{id}/move", post(move_it))
        .route("/reservations/{id}/cancel", post(cancel))
        .route("/reservations/{id}/calendar.ics", get(calendar_file))
}

/// The name of a state, and how it is marked.
pub(super) fn status_told(t: &'static Texts, status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Confirmed => (t.status_confirmed, "good"),
        Status::InProgress => (t.status_in_progress, "good"),
        Status::Completed => (t.status_completed, ""),
        Status::Cancelled => (t.status_cancelled, "warn"),
    }
}

#[derive(Template)]
#[template(path = "my.html")]
struct Mine {
    frame: Frame,
    coming: Vec<Line>,
    past: Vec<Line>,
    more: Option<i64>,
}

/// A booking in the list.
struct Line {
    id: String,
    when: String,
    bay: String,
    plate: String,
    status: (&'static str, &'static str),
}

async fn mine(
    State(site): State<Arc<Site>>,
    page: Page,
    QueryFields(mut query): QueryFields,
) -> Result<Response, Problem> {
    page.log_in_first()?;
    let from = query.optional("from", fields::page_start);
    query.finish()?;
    let from = usize::try_from(from?.unwrap_or_default()).unwrap_or_default();
    let all = booking::mine(&site, &page.caller, Known::default(), Cancelled::Shown).await?;
    let names = bays::list(&site, &page.caller).await?;
    let now = page.when.now;
    let line = |reservation: &Reservation| Line {
        id: reservation.id.clone(),
        when: page.when.span(&reservation.range),
        bay: names.iter().find(|bay| bay.id == reservation.bay).map(|bay| bay.name.clone()).unwrap_or_default(),
        plate: reservation.plate_text.clone(),
        status: status_told(page.frame.t, reservation.status(now)),
    };
    let is_coming =
        |reservation: &&Reservation| matches!(reservation.status(now), Status::Confirmed | Status::InProgress);
    let coming = all.iter().rev().filter(is_coming).map(line).collect();
    let mut past: Vec<_> =
        all.iter().filter(|reservation| !is_coming(reservation)).skip(from).take(PAGE + 1).map(line).collect();
    let more = (past.len() > PAGE).then(|| i64::try_from(from + PAGE).unwrap_or_default());
    past.truncate(PAGE);
    show(&Mine { frame: page.frame, coming, past, more })
}

#[derive(Template)]
#[template(path = "reservation.html")]
struct One {
    frame: Frame,
    wrong: Wrong,
    id: String,
    when: String,
    bay: String,
    plate: String,
    status: (&'static str, &'static str),
    /// Whether it can still be moved and cancelled.
    open: bool,
    /// Whether it has begun, so that it stays in its bay.
    begun: bool,
    qr: String,
    bays: Vec<(i64, String, bool)>,
    date: Date,
    start: TimeOfDay,
    end: TimeOfDay,
    starts: Vec<TimeOfDay>,
    ends: Vec<TimeOfDay>,
    first: Date,
    last: Date,
}

async fn one(
    State(site): State<Arc<Site>>,
    page: Page,
    origin: Origin,
    ReservationId(id): ReservationId,
) -> Result<Response, Problem> {
    page.log_in_first()?;
    one_page(&site, page, &origin, id, Wrong::default()).await
}

async fn one_page(site: &Site, page: Page, origin: &Origin, id: String, wrong: Wrong) -> Result<Response, Problem> {
    let found = booking::find(site, &page.caller, id).await?;
    let all = bays::list(site, &page.caller).await?;
    let (when, now) = (&page.when, page.when.now);
    let local = when.schedule.local(&found.range);
    let columns = columns(when, local.date);
    let status = found.status(now);
    let shown = One {
        when: when.span(&found.range),
        bay: all.iter().find(|bay| bay.id == found.bay).map(|bay| bay.name.clone()).unwrap_or_default(),
        plate: found.plate_text.clone(),
        status: status_told(page.frame.t, status),
        open: matches!(status, Status::Confirmed | Status::InProgress),
        begun: status == Status::InProgress,
        qr: qr::svg(&format!("{}/reservations/{}", origin.0, found.id), page.frame.t.qr_alt),
        bays: all
            .into_iter()
            .filter(|bay| bay.closed.is_none() || bay.id == found.bay)
            .map(|bay| (bay.id, bay.name, bay.id == found.bay))
            .collect(),
        date: local.date,
        start: local.start,
        end: local.end,
        starts: columns.iter().map(|column| column.start).collect(),
        ends: columns.iter().map(|column| column.end).collect(),
        first: when.today(),
        last: when.schedule.last_bookable_day(now),
        id: found.id,
        frame: page.frame,
        wrong,
    };
    let code = if shown.wrong.any() { shown.wrong.status } else { StatusCode::OK };
    show_with(code, &shown)
}

/// Moves it to `bay`, `date`, `start`, `end`.
async fn move_it(
    State(site): State<Arc<Site>>,
    page: Page,
    origin: Origin,
    ReservationId(id): ReservationId,
    form: Form,
) -> Result<Response, Problem> {
    page.log_in_first()?;
    let moved = async {
        let mut fields = form.fields();
        let bay = fields.optional("bay", fields::bay_choice);
        let date = fields.required("date", fields::date);
        let start = fields.required("start", fields::time_of_day);
        let end = fields.required("end", fields::time_of_day);
        fields.finish()?;
        let change =
            Change { bay: bay?, date: Some(date?), start: Some(start?), end: Some(end?), override_reason: None };
        Ok::<_, Problem>(booking::change(&site, &page.caller, id.clone(), change).await?)
    };
    match moved.await {
        Ok(_) => Ok(go(&format!("/reservations/{id}?done=moved"))),
        Err(problem) => {
            let wrong = Wrong::of(problem, &page)?;
            one_page(&site, page, &origin, id, wrong).await
        }
    }
}

async fn cancel(
    State(site): State<Arc<Site>>,
    page: Page,
    origin: Origin,
    ReservationId(id): ReservationId,
    _form: Form,
) -> Result<Response, Problem> {
    page.log_in_first()?;
    match booking::cancel(&site, &page.caller, id.clone(), Known::default()).await {
        Ok(()) => Ok(go("/my?done=cancelled")),
        Err(failure) => {
            let wrong = Wrong::of(failure.into(), &page)?;
            one_page(&site, page, &origin, id, wrong).await
        }
    }
}

/// The booking for a calendar, which renames and moves it when the file is opened again.
async fn calendar_file(
    State(site): State<Arc<Site>>,
    page: Page,
    origin: Origin,
    ReservationId(id): ReservationId,
) -> Result<Response, Problem> {
    page.log_in_first()?;
    let found = booking::find(&site, &page.caller, id).await?;
    let all = bays::list(&site, &page.caller).await?;
    let bay = all.into_iter().find(|bay| bay.id == found.bay).map(|bay| bay.name).unwrap_or_default();
    let utc = |at: i64| chrono::DateTime::from_timestamp(at, 0).unwrap_or_default();
    let event = icalendar::Event::new()
        .uid(&format!("{}@jari", found.id))
        .summary(&format!("{} · {} · {}", page.frame.t.brand, bay, found.plate_text))
        .location(&bay)
        .url(&format!("{}/reservations/{}", origin.0, found.id))
        .timestamp(utc(page.when.now))
        .starts(utc(found.range.start()))
        .ends(utc(found.range.end()))
        .done();
    let file = Calendar::new().push(event).done().to_string();
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"jari.ics\""),
    ];
    Ok((headers, file).into_response())
}
