//! Looking for reservations: by car, person, bay and days.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

use crate::domain::reservation::{Reservation, Status};
use crate::http::codes::FieldCode;
use crate::http::error::Problem;
use crate::http::fields::{self, Fields, Invalid};
use crate::service::booking::{self, Wanted};
use crate::service::{Caller, Site, bays};

use super::super::form::Form;
use super::super::page::{Frame, Page, show_with};
use super::super::when::When;
use super::texts::StaffTexts;
use super::{Asked, Choice, Staff, Tried, bay_choices, bay_name, search_again};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/search", get(search))
}

/// A reservation as lists tell it.
struct Row {
    when: String,
    bay: String,
    plate: String,
    email: String,
    status: &'static str,
    tone: &'static str,
    link: String,
}

#[derive(Template)]
#[template(path = "staff/search.html")]
struct SearchPage {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    bays: Vec<Choice>,
    cancelled: bool,
    rows: Vec<Row>,
    /// The address of the next page; empty at the end.
    more: String,
}

async fn search(
    State(site): State<Arc<Site>>,
    Staff { page, t }: Staff,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let bays = bays::list(&site, &page.caller).await?;
    let (found, tried) = match find(&site, &page, &page.caller, &asked).await {
        Ok(found) => (found, Tried::typed("search", asked)),
        Err(problem) => (Vec::new(), Tried::of("search", problem, &page, asked)?),
    };
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= booking::PAGE;
    let more = found.last().filter(|_| full).map_or_else(String::new, |last| next_page(&tried.typed, last));
    let rows = found.into_iter().map(|reservation| {
        let (status, tone) = status(page.frame.t, reservation.status(page.when.now));
        Row {
            when: page.when.span(&reservation.range),
            bay: bay_name(&bays, reservation.bay),
            plate: plate(t, &reservation),
            email: reservation.contact_email.unwrap_or_default(),
            status,
            tone,
            link: format!("/staff/reservations/{}", reservation.id),
        }
    });
    let view = SearchPage {
        rows: rows.collect(),
        bays: bay_choices(&bays, Choice::new("", t.any_bay)),
        cancelled: tried.typed.given("cancelled").is_some(),
        frame: page.frame,
        t,
        tried,
        more,
    };
    show_with(view.tried.status(), &view)
}

/// A reservation whose plate was forgotten says so.
pub(super) fn plate(t: &'static StaffTexts, reservation: &Reservation) -> String {
    if reservation.plate_text.is_empty() { t.plate_forgotten.to_owned() } else { reservation.plate_text.clone() }
}

/// The state of a reservation, with the class of its tag.
pub(super) fn status(t: &'static super::super::texts::Texts, status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Confirmed => (t.status_confirmed, ""),
        Status::InProgress => (t.status_in_progress, "good"),
        Status::Completed => (t.status_completed, ""),
        Status::Cancelled => (t.status_cancelled, "wrong"),
    }
}

async fn find(site: &Site, page: &Page, caller: &Caller, asked: &Form) -> Result<Vec<Reservation>, Problem> {
    let mut fields = asked.fields();
    let plate = fields.optional("plate", fields::plate);
    let email = fields.optional("email", fields::email);
    let bay = fields.optional("bay", fields::bay_id);
    let days = days(&mut fields);
    let after = fields.optional("after", place);
    fields.finish()?;
    let (plate, email, (from, until)) = (plate?, email?, days?);
    let known = plate.is_some() || email.is_some();
    let (from, until) = period(&page.when, from, until, known);
    let wanted = Wanted {
        plate: plate.map(|(plate, _)| plate),
        email,
        bay: bay?,
        from,
        until,
        cancelled: asked.given("cancelled").is_some(),
        after: after?,
    };
    Ok(booking::search(site, caller, wanted).await?)
}

type Days = (Option<jiff::civil::Date>, Option<jiff::civil::Date>);

/// The fields `from` and `until`, both days included.
pub(super) fn days(fields: &mut Fields) -> Result<Days, Invalid> {
    let (from, until) = (fields.optional("from", fields::date), fields.optional("until", fields::date));
    if let (Ok(Some(from)), Ok(Some(until))) = (&from, &until)
        && until < from
    {
        fields.refuse("until", FieldCode::DateInvalid);
    }
    Ok((from?, until?))
}

/// Without a car or a person it is about today and what comes.
fn period(when: &When, from: Option<jiff::civil::Date>, until: Option<jiff::civil::Date>, known: bool) -> (i64, i64) {
    let begin = |date| when.schedule.day_bounds(date).0;
    let earliest = if known { 0 } else { begin(when.today().min(until.unwrap_or_else(|| when.today()))) };
    (from.map_or(earliest, begin), until.map_or(i64::MAX, |date| when.schedule.day_bounds(date).1))
}

/// Start and id of the last reservation of the page before: `START.ID`.
fn place(value: &Value) -> Result<(i64, String), FieldCode> {
    let (start, id) = value.as_str().and_then(|text| text.split_once('.')).ok_or(FieldCode::WrongType)?;
    Ok((start.parse().map_err(|_| FieldCode::WrongType)?, fields::id(&Value::from(id))?))
}

fn next_page(typed: &Form, last: &Reservation) -> String {
    let address = search_again("/staff/search", typed, &["plate", "email", "bay", "from", "until", "cancelled"]);
    format!("{address}after={}.{}", last.range.start(), last.id)
}
