//! The board: what is free and what is taken on a day, a row a bay, a column a half hour.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::reservation::Reservation;
use crate::domain::schedule::{SlotRange, TimeOfDay};
use crate::service::Site;
use crate::service::calendar::{self, BayCalendar};

use super::super::api::QueryFields;
use super::super::error::Problem;
use super::super::fields;
use super::super::wire::Viewer;
use super::page::{Frame, Page, show};
use super::when::When;

/// So many days can be chosen at once.
const DAYS: i64 = 14;

/// Half an hour, in minutes.
const HALF_HOUR: u16 = 30;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/board", get(board))
}

#[derive(Template)]
#[template(path = "board.html")]
struct Board {
    frame: Frame,
    date: Date,
    title: String,
    days: Vec<Day>,
    earlier: Option<Date>,
    later: Option<Date>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    /// Nothing of this day can be booked any more.
    over: bool,
    starts: Vec<TimeOfDay>,
    start: Option<TimeOfDay>,
    lengths: Vec<(i64, String)>,
}

struct Day {
    date: Date,
    number: i8,
    weekday: &'static str,
    chosen: bool,
    today: bool,
}

/// A half hour.
pub(super) struct Column {
    pub start: TimeOfDay,
    pub end: TimeOfDay,
    pub range: SlotRange,
    now: bool,
}

struct Row {
    bay: i64,
    name: String,
    closed: Option<String>,
    cells: Vec<Cell>,
}

/// What stands in a row, over one column or several.
enum Cell {
    Free { start: TimeOfDay },
    Past { span: usize },
    Closed { span: usize, why: Option<String> },
    Taken { span: usize, plate: String, times: String },
    Own { span: usize, plate: String, id: String, times: String, staff: bool },
}

async fn board(
    State(site): State<Arc<Site>>,
    page: Page,
    QueryFields(mut query): QueryFields,
) -> Result<Response, Problem> {
    let date = query.optional("date", fields::date);
    // What else stands in the address may be another program's.
    query.finish()?;
    let when = &page.when;
    let (first, last) = (first_day(when), when.schedule.last_bookable_day(when.now));
    let date = date?.unwrap_or(first);
    let columns = columns(when, date);
    let calendars = calendar::day(&site, &page.caller, date).await?;
    let viewer = Viewer { actor: &page.caller.actor, schedule: &site.schedule, now: when.now };
    let rows = calendars.into_iter().map(|bay| row(when, &viewer, &columns, bay)).collect();
    let starts: Vec<_> =
        columns.iter().filter(|column| column.range.start() >= when.now).map(|column| column.start).collect();
    let shown = Board {
        title: when.near_day(date),
        days: days(when, date, first, last),
        earlier: shifted(date, -DAYS).map(|date| date.max(when.today())).filter(|_| date > first),
        later: shifted(date, DAYS).map(|date| date.min(last)).filter(|_| date < last),
        over: starts.is_empty(),
        start: starts.first().copied(),
        lengths: lengths(when),
        frame: page.frame,
        date,
        columns,
        rows,
        starts,
    };
    show(&shown)
}

/// How long one may book at a glance: half an hour to eight hours.
fn lengths(when: &When) -> Vec<(i64, String)> {
    [1, 2, 3, 4, 6, 8, 12, 16].map(|half_hours| (half_hours, when.length(half_hours))).into()
}

/// Today, or tomorrow once the bays are closed for today.
fn first_day(when: &When) -> Date {
    let today = when.today();
    let over = columns(when, today).last().is_none_or(|last| last.range.start() < when.now);
    let tomorrow = today.tomorrow().ok().filter(|_| over);
    tomorrow.filter(|tomorrow| *tomorrow <= when.schedule.last_bookable_day(when.now)).unwrap_or(today)
}

fn shifted(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// A fortnight in which the day lies that is shown.
fn days(when: &When, shown: Date, first: Date, last: Date) -> Vec<Day> {
    let today = when.today();
    let mut from = today.min(shown);
    while let Some(next) = shifted(from, DAYS).filter(|next| *next <= shown) {
        from = next;
    }
    let last = last.max(shown).max(first);
    let dates = std::iter::successors(Some(from), |date| date.tomorrow().ok());
    let count = usize::try_from(DAYS).unwrap_or_default();
    let day = |date: Date| Day {
        date,
        number: date.day(),
        weekday: when.weekday(date),
        chosen: date == shown,
        today: date == today,
    };
    dates.take_while(|date| *date <= last).take(count).map(day).collect()
}

/// The half hours of a day in which bays can be booked. One that the clock skips is none.
pub(super) fn columns(when: &When, date: Date) -> Vec<Column> {
    let hours = when.schedule.hours();
    let (open, close) = (hours.open().minutes(), hours.close().minutes());
    let column = |minutes: u16| {
        let (start, end) = (TimeOfDay::from_minutes(minutes)?, TimeOfDay::from_minutes(minutes + HALF_HOUR)?);
        let range = when.schedule.range(date, start, end).ok()?;
        Some(Column { start, end, range, now: range.contains(when.now) })
    };
    (open..close).step_by(usize::from(HALF_HOUR)).filter_map(column).collect()
}

fn row(when: &When, viewer: &Viewer<'_>, columns: &[Column], BayCalendar { bay, reservations }: BayCalendar) -> Row {
    let mut cells = Vec::new();
    let mut at = 0;
    while let Some(column) = columns.get(at) {
        let span_while =
            |here: &dyn Fn(&Column) -> bool| columns[at..].iter().take_while(|column| here(column)).count();
        let of = |column: &Column| reservations.iter().find(|reservation| reservation.range.overlaps(&column.range));
        let cell = if let Some(reservation) = of(column) {
            let span = span_while(&|column| reservation.range.overlaps(&column.range));
            at += span;
            taken(viewer, reservation, span)
        } else if bay.closed.is_some() {
            let span = span_while(&|column| of(column).is_none());
            at += span;
            Cell::Closed { span, why: None }
        } else if column.range.start() < when.now {
            let span = span_while(&|column| of(column).is_none() && column.range.start() < when.now);
            at += span;
            Cell::Past { span }
        } else {
            at += 1;
            Cell::Free { start: column.start }
        };
        cells.push(cell);
    }
    let closed = bay.closed.map(|closed| match closed.reason {
        Some(reason) => super::texts::fill(when.t.board_closed_why, &[&reason]),
        None => when.t.board_closed.to_owned(),
    });
    Row { bay: bay.id, name: bay.name, closed, cells }
}

fn taken(viewer: &Viewer<'_>, reservation: &Reservation, span: usize) -> Cell {
    let local = viewer.schedule.local(&reservation.range);
    let times = format!("{}–{}", local.start, local.end);
    let account = viewer.actor.account();
    if reservation.is_closure() {
        return Cell::Closed { span, why: Some(reservation.plate_text.clone()) };
    }
    let own = account.is_some_and(|account| reservation.account.as_ref() == Some(&account.id));
    let staff = viewer.actor.can(Action::CancelAnybodys);
    let plate = viewer.show(reservation.clone()).plate().to_owned();
    if own || staff {
        Cell::Own { span, plate, id: reservation.id.clone(), times, staff: !own }
    } else {
        Cell::Taken { span, plate, times }
    }
}
