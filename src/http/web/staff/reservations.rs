//! One reservation as operators see it, and booking on behalf of somebody.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::reservation::Status;
use crate::domain::schedule::TimeOfDay;
use crate::http::LONGEST_REASON;
use crate::http::api::{IdInPath, uuid_or};
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::booking::{self, Booking, Change};
use crate::service::{Caller, Site, audit, bays, cameras, sightings as seen};
use crate::store::audit::Search as AuditSearch;

use super::super::form::Form;
use super::super::page::{Frame, go, show_with};
use super::super::when::When;
use super::audit::Row as AuditRow;
use super::search::{plate, status};
use super::sightings::{self, SeenRow};
use super::texts::StaffTexts;
use super::{Asked, Choice, Staff, Tried, bay_choices, bay_name};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/staff/reservations/{id}", get(one))
        .route("/staff/reservations/{id}/move", post(move_it))
        .route("/staff/reservations/{id}/cancel", post(cancel))
        .route("/staff/book", get(book_form).post(book))
}

#[derive(Template)]
#[template(path = "staff/reservation.html")]
struct One {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    id: String,
    plate: String,
    bay: String,
    when: String,
    email: String,
    account: String,
    status: &'static str,
    tone: &'static str,
    /// Whether it can be moved, and whether it can be cancelled.
    live: bool,
    cancellable: bool,
    bays: Vec<Choice>,
    times: Vec<Choice>,
    bay_now: String,
    date_now: String,
    start_now: String,
    end_now: String,
    seen: Vec<SeenRow>,
    history: Vec<AuditRow>,
}

async fn one(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    show_one(&site, staff, uuid_or(id, Code::ReservationNotFound)?, Tried::nothing()).await
}

/// The half hours of opening hours, to choose from.
fn times(when: &When) -> Vec<Choice> {
    let hours = when.schedule.hours();
    let minutes = (hours.open().minutes()..=hours.close().minutes()).step_by(30);
    let times = minutes.filter_map(TimeOfDay::from_minutes).map(|time| time.to_string());
    times.map(|time| Choice::new(time.clone(), time)).collect()
}

async fn show_one(site: &Arc<Site>, Staff { page, t }: Staff, id: String, tried: Tried) -> Result<Response, Problem> {
    let caller = &page.caller;
    let found = booking::find(site, caller, id.clone()).await?;
    let (bays, cameras) = (bays::list(site, caller).await?, cameras::list(site, caller).await?);
    let search = seen::Search { reservation: Some(id.clone()), ..seen::Search::default() };
    let sightings = seen::search(site, caller, search, None).await?;
    let search = AuditSearch { object: Some(format!("reservation:{id}")), ..AuditSearch::default() };
    let history = audit::search(site, caller, search).await?;
    let state = found.status(page.when.now);
    let (status, tone) = status(page.frame.t, state);
    let local = page.when.schedule.local(&found.range);
    let row = |sighting| sightings::row(t, &page.when, &cameras, sighting, Some(&found.plate_text));
    let view = One {
        plate: plate(t, &found),
        bay: bay_name(&bays, found.bay),
        when: page.when.span(&found.range),
        live: matches!(state, Status::Confirmed | Status::InProgress),
        cancellable: state != Status::Cancelled,
        times: times(&page.when),
        bay_now: found.bay.to_string(),
        date_now: local.date.to_string(),
        start_now: local.start.to_string(),
        end_now: local.end.to_string(),
        seen: sightings.iter().map(row).collect(),
        history: history.into_iter().map(|record| AuditRow::of(&page.when, record)).collect(),
        bays: bay_choices(&bays, Choice::new("any", t.any_bay)),
        email: found.contact_email.unwrap_or_default(),
        account: found.account.unwrap_or_default(),
        frame: page.frame,
        t,
        id,
        status,
        tone,
        tried,
    };
    show_with(view.tried.status(), &view)
}

async fn move_it(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::ReservationNotFound)?;
    match change(&site, &staff.page.caller, &id, &form).await {
        Ok(()) => Ok(go(&format!("/staff/reservations/{id}?done=moved"))),
        Err(problem) => {
            let tried = Tried::of("move", problem, &staff.page, form)?;
            show_one(&site, staff, id, tried).await
        }
    }
}

async fn change(site: &Site, caller: &Caller, id: &str, form: &Form) -> Result<(), Problem> {
    let mut fields = form.fields();
    let bay = fields.optional("sessionId", fields::bay_choice);
    let date = fields.optional("date", fields::date);
    let start = fields.optional("startTime", fields::time_of_day);
    let end = fields.optional("endTime", fields::time_of_day);
    let reason = fields.optional("overrideReason", fields::line(LONGEST_REASON));
    fields.finish()?;
    let change = Change { bay: bay?, date: date?, start: start?, end: end?, override_reason: reason? };
    booking::change(site, caller, id.to_owned(), change).await?;
    Ok(())
}

async fn cancel(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::ReservationNotFound)?;
    match cancel_it(&site, &staff.page.caller, &id, &form).await {
        Ok(()) => Ok(go(&format!("/staff/reservations/{id}?done=cancelled"))),
        Err(problem) => {
            let tried = Tried::of("cancel", problem, &staff.page, form)?;
            show_one(&site, staff, id, tried).await
        }
    }
}

async fn cancel_it(site: &Site, caller: &Caller, id: &str, form: &Form) -> Result<(), Problem> {
    let mut fields = form.fields();
    let reason = fields.required("reason", fields::line(LONGEST_REASON));
    fields.finish()?;
    Ok(booking::cancel_any(site, caller, id.to_owned(), Some(reason?)).await?)
}

#[derive(Template)]
#[template(path = "staff/book.html")]
struct BookPage {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    bays: Vec<Choice>,
    times: Vec<Choice>,
    today: String,
    days: String,
}

async fn book_form(State(site): State<Arc<Site>>, staff: Staff, Asked(asked): Asked) -> Result<Response, Problem> {
    // A link may fill in what it knows.
    let tried = if asked.given("date").is_some() { Tried::typed("book", asked) } else { Tried::nothing() };
    show_book(&site, staff, tried).await
}

async fn show_book(site: &Arc<Site>, Staff { page, t }: Staff, tried: Tried) -> Result<Response, Problem> {
    let bays = bays::list(site, &page.caller).await?;
    let open: Vec<_> = bays.into_iter().filter(|bay| bay.closed.is_none()).collect();
    let (today, last) = (page.when.today(), page.when.schedule.last_bookable_day(page.when.now));
    let view = BookPage {
        bays: bay_choices(&open, Choice::new("any", t.any_bay)),
        times: times(&page.when),
        today: today.to_string(),
        days: format!("min=\"{today}\" max=\"{last}\" required"),
        frame: page.frame,
        t,
        tried,
    };
    show_with(view.tried.status(), &view)
}

async fn book(State(site): State<Arc<Site>>, staff: Staff, form: Form) -> Result<Response, Problem> {
    match book_it(&site, &staff.page.caller, &form).await {
        Ok(id) => Ok(go(&format!("/staff/reservations/{id}?done=booked"))),
        Err(problem) => {
            let tried = Tried::of("book", problem, &staff.page, form)?;
            show_book(&site, staff, tried).await
        }
    }
}

/// Books; answers the id.
async fn book_it(site: &Site, caller: &Caller, form: &Form) -> Result<String, Problem> {
    let mut fields = form.fields();
    let plate = fields.required("plate", fields::plate);
    let bay = fields.required("sessionId", fields::bay_choice);
    let date = fields.required("date", fields::date);
    let start = fields.required("startTime", fields::time_of_day);
    let end = fields.required("endTime", fields::time_of_day);
    let email = fields.optional("contactEmail", fields::email);
    let reason = fields.optional("overrideReason", fields::line(LONGEST_REASON));
    fields.finish()?;
    let (plate, plate_text) = plate?;
    let wanted = Booking {
        bay: bay?,
        plate,
        plate_text,
        date: date?,
        times: vec![(start?, end?)],
        contact_email: email?,
        override_reason: reason?,
    };
    let booked = booking::create(site, caller, wanted, None).await?;
    booked.reservations.into_iter().next().map(|reservation| reservation.id).ok_or(Code::Internal.into())
}
