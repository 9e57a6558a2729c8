//! Booking: one form, filled in from the board, from a photo, or by hand; and what is free instead.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use jiff::civil::Date;

use crate::domain::account::{Action, Actor};
use crate::domain::plate::{Plate, PlateClass};
use crate::domain::schedule::TimeOfDay;
use crate::random;
use crate::service::booking::{self, BayChoice, Booking, Cancelled, Known};
use crate::service::recognition::{Picture, SURE};
use crate::service::{Site, bays, recognition};

use super::super::api::QueryFields;
use super::super::caller::RepeatKey;
use super::super::codes::Code;
use super::super::error::Problem;
use super::super::fields;
use super::super::upload;
use super::board::{Column, columns};
use super::form::{Form, Wrong};
use super::page::{Frame, Page, go, show_with};
use super::texts::Texts;

/// So many half hours are booked unless somebody says otherwise.
const USUAL_LENGTH: i64 = 2;

/// So many of one's cars are offered.
const OFFERED_CARS: usize = 5;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/book", get(begin).post(book))
        .route("/book/mine", post(take_car))
        .route("/book/photo", post(photo))
        .route("/book/plate", get(kind))
}

#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    frame: Frame,
    wrong: Wrong,
    typed: Typed,
    bays: Vec<(i64, String)>,
    starts: Vec<TimeOfDay>,
    ends: Vec<TimeOfDay>,
    first: Date,
    last: Date,
    cars: Vec<String>,
    alternatives: Option<Vec<Offer>>,
    /// What was found in a photo.
    photo: Option<(&'static str, bool)>,
    may_book: bool,
    /// Whose e-mail is asked for: those without an account have none.
    asks_email: bool,
    /// Makes a form that is sent twice act once.
    once: String,
}

/// What the form says, as it was typed.
#[derive(Clone, Default)]
struct Typed {
    bay: String,
    date: String,
    start: String,
    end: String,
    plate: String,
    email: String,
}

impl Typed {
    fn of(form: &Form) -> Self {
        let text = |name: &str| form.text(name).chars().take(64).collect::<String>();
        Self {
            bay: text("bay"),
            date: text("date"),
            start: text("start"),
            end: text("end"),
            plate: text("plate"),
            email: form.text("email").chars().take(254).collect(),
        }
    }
}

impl Typed {
    /// As the query of an address: a form with a photo keeps it there, so that it is not lost with the photo.
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("bay", &self.bay).append_pair("date", &self.date);
        query.append_pair("start", &self.start).append_pair("end", &self.end);
        query.append_pair("plate", &self.plate).append_pair("email", &self.email).finish()
    }
}

/// A time that is free instead.
struct Offer {
    bay: i64,
    date: Date,
    start: TimeOfDay,
    end: TimeOfDay,
    told: String,
}

/// The form, with what the address says of it: `bay`, `date`, `start`, `end` or `length` in half hours, `plate`.
async fn begin(
    State(site): State<Arc<Site>>,
    page: Page,
    QueryFields(mut query): QueryFields,
) -> Result<Response, Problem> {
    let bay = query.optional("bay", fields::bay_choice);
    let date = query.optional("date", fields::date);
    let start = query.optional("start", fields::time_of_day);
    let end = query.optional("end", fields::time_of_day);
    let length = query.optional("length", fields::page_start);
    let plate = query.optional("plate", fields::plate_typed);
    query.finish()?;
    let date = date?.unwrap_or_else(|| page.when.today());
    let columns = columns(&page.when, date);
    let next = columns.iter().find(|column| column.range.start() >= page.when.now).map(|column| column.start);
    let start = start?.or(next).unwrap_or_else(|| page.when.schedule.hours().open());
    let length = length?.unwrap_or(USUAL_LENGTH).clamp(1, 48);
    let end = end?.unwrap_or_else(|| end_after(&page, start, length));
    let typed = Typed {
        bay: match bay? {
            Some(BayChoice::Bay(id)) => id.to_string(),
            Some(BayChoice::Any) | None => "any".to_owned(),
        },
        date: date.to_string(),
        start: start.to_string(),
        end: end.to_string(),
        plate: plate?.unwrap_or_default(),
        email: String::new(),
    };
    form_page(&site, page, typed, Wrong::default(), None, None).await
}

/// So many half hours later, or closing time.
fn end_after(page: &Page, start: TimeOfDay, half_hours: i64) -> TimeOfDay {
    let close = page.when.schedule.hours().close();
    let minutes = i64::from(start.minutes()) + 30 * half_hours;
    u16::try_from(minutes).ok().and_then(TimeOfDay::from_minutes).map_or(close, |end| end.min(close))
}

/// What the form says, read.
struct Wanted {
    bay: BayChoice,
    plate: Plate,
    plate_text: String,
    date: Date,
    start: TimeOfDay,
    end: TimeOfDay,
    email: Option<String>,
}

fn read(form: &Form) -> Result<Wanted, Problem> {
    let mut fields = form.fields();
    let bay = fields.optional("bay", fields::bay_choice);
    let plate = fields.required("plate", fields::plate);
    let date = fields.required("date", fields::date);
    let start = fields.required("start", fields::time_of_day);
    let end = fields.required("end", fields::time_of_day);
    let email = fields.optional("email", fields::email);
    let _once = fields.optional("once", fields::plate_typed);
    fields.finish()?;
    let (plate, plate_text) = plate?;
    let bay = bay?.unwrap_or(BayChoice::Any);
    Ok(Wanted { bay, plate, plate_text, date: date?, start: start?, end: end?, email: email? })
}

async fn book(State(site): State<Arc<Site>>, page: Page, form: Form) -> Result<Response, Problem> {
    let refused = match try_to_book(&site, &page, &form).await {
        Ok(id) if page.caller.actor.account().is_some() => return Ok(go(&format!("/reservations/{id}?done=booked"))),
        Ok(_) => return Ok(go("/board?done=booked")),
        Err(problem) => problem,
    };
    let wrong = Wrong::of(refused, &page)?;
    let alternatives = match (wrong.code, read(&form)) {
        (Some(code), Ok(wanted)) if is_about_the_place(code) => Some(offers(&site, &page, &wanted).await?),
        _ => None,
    };
    form_page(&site, page, Typed::of(&form), wrong, alternatives, None).await
}

async fn try_to_book(site: &Site, page: &Page, form: &Form) -> Result<String, Problem> {
    page.log_in_first()?;
    let wanted = read(form)?;
    let what =
        [form.text("bay"), form.text("date"), form.text("start"), form.text("end"), form.text("plate")].join("\n");
    let key = RepeatKey::of_form(form.given("once")).for_request(&page.caller, "POST /book", what.as_bytes());
    let booking = Booking {
        bay: wanted.bay,
        plate: wanted.plate,
        plate_text: wanted.plate_text,
        date: wanted.date,
        times: vec![(wanted.start, wanted.end)],
        contact_email: wanted.email.or_else(|| page.frame.email.clone()),
        override_reason: None,
    };
    let booked = booking::create(site, &page.caller, booking, key).await?;
    let first = booked.reservations.into_iter().next().ok_or(Code::Internal)?;
    Ok(first.id)
}

/// Whether another bay or another time would do.
fn is_about_the_place(code: Code) -> bool {
    matches!(
        code,
        Code::BayTaken
            | Code::NoBayFree
            | Code::BayClosed
            | Code::BayNotFound
            | Code::InThePast
            | Code::OutsideOpeningHours
            | Code::AfterClosing
            | Code::NotOnHalfHour
            | Code::TimeSkipped
            | Code::PlateTaken
    )
}

async fn offers(site: &Site, page: &Page, wanted: &Wanted) -> Result<Vec<Offer>, Problem> {
    let length = wanted.end.minutes().saturating_sub(wanted.start.minutes()).max(30).next_multiple_of(30);
    let found = booking::alternatives(site, &page.caller, wanted.bay, wanted.date, wanted.start, length).await?;
    // The car itself is in the way somewhere else: no bay helps at that time.
    let held = match page.caller.actor.account() {
        Some(_) => {
            let known = Known { plate: Some(wanted.plate.clone()), contact_email: None };
            booking::mine(site, &page.caller, known, Cancelled::LeftOut).await?
        }
        None => Vec::new(),
    };
    let is_held =
        |range: &crate::domain::schedule::SlotRange| held.iter().any(|reservation| reservation.range.overlaps(range));
    let offer = |found: booking::Alternative| {
        let local = page.when.schedule.local(&found.range);
        Offer {
            told: format!("{} · {}–{}", found.bay.name, local.start, local.end),
            bay: found.bay.id,
            date: local.date,
            start: local.start,
            end: local.end,
        }
    };
    Ok(found.into_iter().filter(|found| !is_held(&found.range)).map(offer).collect())
}

async fn form_page(
    site: &Site,
    page: Page,
    typed: Typed,
    wrong: Wrong,
    alternatives: Option<Vec<Offer>>,
    photo: Option<(&'static str, bool)>,
) -> Result<Response, Problem> {
    let when = &page.when;
    let bays = bays::list(site, &page.caller).await?;
    let date = jiff::civil::Date::strptime("%Y-%m-%d", &typed.date).unwrap_or_else(|_| when.today());
    let columns: Vec<Column> = columns(when, date);
    let may_book = page.caller.actor.can(Action::Book);
    let cars = if page.caller.actor.account().is_some() { own_cars(site, &page).await? } else { Vec::new() };
    let shown = BookPage {
        bays: bays.into_iter().filter(|bay| bay.closed.is_none()).map(|bay| (bay.id, bay.name)).collect(),
        starts: columns.iter().map(|column| column.start).collect(),
        ends: columns.iter().map(|column| column.end).collect(),
        first: when.today(),
        last: when.schedule.last_bookable_day(when.now),
        asks_email: page.caller.actor == Actor::Open,
        once: random::request_id(),
        typed: Typed {
            plate: cars.first().filter(|_| typed.plate.is_empty()).unwrap_or(&typed.plate).clone(),
            ..typed
        },
        cars,
        alternatives,
        photo,
        may_book,
        frame: page.frame,
        wrong,
    };
    let status = if shown.wrong.any() { shown.wrong.status } else { StatusCode::OK };
    show_with(status, &shown)
}

/// The cars that somebody booked for, the last one first.
async fn own_cars(site: &Site, page: &Page) -> Result<Vec<String>, Problem> {
    let mine = booking::mine(site, &page.caller, Known::default(), Cancelled::Shown).await?;
    let mut cars: Vec<(String, String)> = Vec::new();
    for reservation in mine {
        if cars.len() < OFFERED_CARS && cars.iter().all(|(key, _)| *key != reservation.plate) {
            cars.push((reservation.plate, reservation.plate_text));
        }
    }
    Ok(cars.into_iter().map(|(_, text)| text).filter(|text| !text.is_empty()).collect())
}

/// Puts one of one's cars into the form.
async fn take_car(State(site): State<Arc<Site>>, page: Page, form: Form) -> Result<Response, Problem> {
    let typed = Typed { plate: form.text("car").chars().take(64).collect(), ..Typed::of(&form) };
    form_page(&site, page, typed, Wrong::default(), None, None).await
}

/// Reads the plate in a photo into the form; the rest of the form stands in the address and stays.
async fn photo(State(site): State<Arc<Site>>, page: Page, request: Request) -> Result<Response, Problem> {
    page.log_in_first()?;
    let query = request.uri().query().unwrap_or_default();
    let form = Form::of(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    let mut typed = Typed::of(&form);
    let read = async {
        upload::boundary(request.headers())?;
        let turn = match recognition::take_turn(&site, &page.caller).await {
            Ok(turn) => turn,
            Err(failure) => return Err(upload::refuse(request, failure).await),
        };
        let sent = upload::read(request, "image", false).await?;
        let picture = Picture::check(sent.picture)?;
        Ok::<_, Problem>(recognition::read(&site, &turn, picture).await?)
    };
    let (wrong, told) = match read.await {
        Ok(read) => {
            let best = read.plates.into_iter().next();
            let told = match &best {
                None => (page.frame.t.book_photo_none, false),
                Some(best) if best.confidence.is_none_or(|sure| sure >= SURE) => (page.frame.t.book_photo_sure, true),
                Some(_) => (page.frame.t.book_photo_unsure, false),
            };
            if let Some(best) = best {
                typed.plate = best.plate.canonical();
            }
            (Wrong::default(), Some(told))
        }
        Err(problem) => (Wrong::of(problem, &page)?, None),
    };
    form_page(&site, page, typed, wrong, None, told).await
}

/// What kind of plate a text is, for whoever is typing it: a sentence, or nothing for what is no plate yet.
async fn kind(page: Page, QueryFields(mut query): QueryFields) -> Result<Response, Problem> {
    let text = query.required("plate", fields::plate_typed);
    query.finish()?;
    let t = page.frame.t;
    let told = match Plate::parse(&text?) {
        Ok(plate) => page.frame.fill(t.book_plate_kind, kind_of(t, &plate)),
        Err(_) => t.book_plate_unknown.to_owned(),
    };
    Ok(told.into_response())
}

fn kind_of(t: &'static Texts, plate: &Plate) -> &'static str {
    match plate.class() {
        PlateClass::Private => t.plate_kind_private,
        PlateClass::Rental => t.plate_kind_rental,
        PlateClass::Commercial => t.plate_kind_commercial,
        PlateClass::Delivery => t.plate_kind_delivery,
        PlateClass::Diplomatic => t.plate_kind_diplomatic,
        _ => t.plate_kind_other,
    }
}
