//! What a period was like: pictures, each with its table.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::http::error::Problem;
use crate::service::Site;
use crate::service::reports::{self, Period, Recognised, Report, Share};

use super::super::page::{Frame, show};
use super::super::texts::fill;
use super::super::when::When;
use super::charts::{Bars, COLUMNS_HEIGHT, COLUMNS_WIDTH, Columns, HeatMap};
use super::texts::StaffTexts;
use super::{Asked, Staff};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/reports", get(report))
}

/// A period to choose.
struct Choice {
    days: i64,
    label: String,
    chosen: bool,
}

struct HourRow {
    hour: String,
    days: Vec<String>,
}

struct BayRow {
    name: String,
    booked: String,
    percent: String,
}

struct RecognisedRow {
    days: String,
    exact: i64,
    tolerant: i64,
    person: i64,
    nobody: i64,
    all: i64,
    confidence: String,
}

#[derive(Template)]
#[template(path = "staff/reports.html")]
struct Reports {
    frame: Frame,
    t: &'static StaffTexts,
    choices: Vec<Choice>,
    period: String,
    from: String,
    until: String,
    reservations: usize,
    cut: bool,
    weekdays: Vec<String>,
    heat: HeatMap,
    hours: Vec<HourRow>,
    bars: Bars,
    bays: Vec<BayRow>,
    over: i64,
    seen: i64,
    missed: i64,
    unknown: i64,
    missed_percent: String,
    columns: Columns,
    width: i64,
    height: i64,
    recognised: Vec<RecognisedRow>,
    any_seen: bool,
}

async fn report(
    State(site): State<Arc<Site>>,
    Staff { page, t }: Staff,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let wanted = |period: &Period| asked.text("days") == period.days().to_string();
    let period = Period::ALL.into_iter().find(wanted).unwrap_or(Period::FourWeeks);
    let report = reports::report(&site, &page.caller, period).await?;
    show(&view(page.frame, &page.when, t, period, &report))
}

fn percent(share: Share) -> String {
    share.percent().map_or_else(|| "–".to_owned(), |percent| format!("{percent}%"))
}

fn view(frame: Frame, when: &When, t: &'static StaffTexts, period: Period, report: &Report) -> Reports {
    let weekdays: Vec<String> = frame.t.weekdays.split(',').map(str::to_owned).collect();
    let hour = |hour: u8| format!("{hour:02}");
    let heat: Vec<_> =
        report.hours.iter().map(|(at, days)| (hour(*at), days.iter().map(|share| share.percent()).collect())).collect();
    let hours = report
        .hours
        .iter()
        .map(|(at, days)| HourRow { hour: hour(*at), days: days.iter().map(|share| percent(*share)).collect() });
    let bays = report.bays.iter().map(|(bay, share)| BayRow {
        name: bay.name.clone(),
        booked: fill(t.hours_booked, &[&format!("{}.{}", share.booked / 2, share.booked % 2 * 5)]),
        percent: percent(*share),
    });
    let used: Vec<_> =
        report.bays.iter().map(|(bay, share)| (bay.name.clone(), share.percent().unwrap_or_default())).collect();
    let columns: Vec<_> =
        report.recognised.iter().map(|one| (short(one), [one.exact, one.tolerant, one.person, one.nobody])).collect();
    let shows = report.shows;
    let choices = Period::ALL.into_iter().map(|one| Choice {
        days: one.days(),
        label: fill(t.last_days, &[&one.days().to_string()]),
        chosen: one == period,
    });
    Reports {
        choices: choices.collect(),
        period: fill(t.period, &[&when.day(report.from), &when.day(report.until)]),
        from: report.from.to_string(),
        until: report.until.to_string(),
        reservations: report.reservations,
        cut: report.cut,
        heat: HeatMap::of(&weekdays, &heat),
        weekdays,
        hours: hours.collect(),
        bars: Bars::of(&used),
        bays: bays.collect(),
        over: shows.over,
        seen: shows.seen,
        missed: shows.missed,
        unknown: shows.unknown,
        missed_percent: percent(Share { booked: shows.missed, all: shows.over }),
        columns: Columns::of(&columns),
        width: COLUMNS_WIDTH,
        height: COLUMNS_HEIGHT + 24,
        recognised: report.recognised.iter().map(recognised).collect(),
        any_seen: report.recognised.iter().any(|one| one.all() > 0),
        frame,
        t,
    }
}

/// `04-01`: the day, or the first of several.
fn short(one: &Recognised) -> String {
    one.from.strftime("%m-%d").to_string()
}

fn recognised(one: &Recognised) -> RecognisedRow {
    let days = if one.from == one.until { one.from.to_string() } else { format!("{}–{}", one.from, one.until) };
    RecognisedRow {
        days,
        exact: one.exact,
        tolerant: one.tolerant,
        person: one.person,
        nobody: one.nobody,
        all: one.all(),
        confidence: one.confidence().map_or_else(|| "–".to_owned(), |percent| format!("{percent}%")),
    }
}
