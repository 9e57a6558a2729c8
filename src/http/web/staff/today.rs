//! Today, as it is now.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::domain::reservation::{Bay, Reservation};
use crate::http::error::Problem;
use crate::service::Site;
use crate::service::overview::{self, MOST, Overview, Running};

use super::super::page::{Frame, Page, show};
use super::super::texts::fill;
use super::sightings::{self, SeenRow};
use super::texts::StaffTexts;
use super::{Staff, bay_name};

/// A reservation as today's lists tell it.
struct Row {
    bay: String,
    plate: String,
    when: String,
    /// What a camera saw of it, or since when it is missed.
    told: String,
    link: String,
}

#[derive(Template)]
#[template(path = "staff/today.html")]
struct Today {
    frame: Frame,
    t: &'static StaffTexts,
    as_of: String,
    reviews: String,
    waiting: bool,
    quarantined: String,
    not_understood: bool,
    watching: bool,
    here: Vec<Row>,
    late: Vec<Row>,
    unwatched: Vec<Row>,
    next: Vec<Row>,
    free: Vec<Bay>,
    closed: usize,
    seen: Vec<SeenRow>,
}

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff", get(today))
}

async fn today(State(site): State<Arc<Site>>, Staff { page, t }: Staff) -> Result<Response, Problem> {
    let now = overview::now(&site, &page.caller).await?;
    show(&view(page, t, now))
}

/// A count that ends somewhere.
fn counted(count: i64) -> String {
    if count >= MOST { format!("{MOST}+") } else { count.to_string() }
}

fn view(page: Page, t: &'static StaffTexts, now: Overview) -> Today {
    let Page { frame, when, .. } = page;
    let row = |reservation: &Reservation, told: String| {
        let local = when.schedule.local(&reservation.range);
        Row {
            bay: bay_name(&now.bays, reservation.bay),
            plate: reservation.plate_text.clone(),
            when: format!("{}–{}", local.start, local.end),
            told,
            link: format!("/staff/reservations/{}", reservation.id),
        }
    };
    let told = |running: &Running| match &running.seen {
        Some(seen) => {
            let camera = sightings::camera_name(t, &now.cameras, &seen.camera);
            let why = sightings::why(t, seen, Some(&running.reservation.plate_text));
            let leaving = if seen.direction.as_deref() == Some("leaving") { t.left_at } else { t.seen_at };
            format!("{} · {why}", fill(leaving, &[&sightings::moment(&when, seen.last_at), &camera]))
        }
        None if running.watched => {
            let minutes = (when.now - running.reservation.range.start()) / 60;
            fill(t.late_since, &[&minutes.to_string()])
        }
        None => t.not_watched.to_owned(),
    };
    let (mut here, mut late, mut unwatched) = (Vec::new(), Vec::new(), Vec::new());
    for running in &now.running {
        let list = match (&running.seen, running.watched) {
            (Some(_), _) => &mut here,
            (None, true) => &mut late,
            (None, false) => &mut unwatched,
        };
        list.push(row(&running.reservation, told(running)));
    }
    let starts = |reservation: &Reservation| (reservation.range.start() - when.now + 59) / 60;
    let next = now.next.iter().map(|reservation| {
        let minutes = starts(reservation);
        let soon = if minutes < 60 { fill(t.in_minutes, &[&minutes.to_string()]) } else { String::new() };
        row(reservation, soon)
    });
    let seen = now.seen.iter().map(|seen| {
        let expected = seen.reservation.as_ref().map(|reservation| reservation.plate_text.as_str());
        sightings::row(t, &when, &now.cameras, &seen.sighting, expected)
    });
    Today {
        as_of: fill(t.as_of, &[&when.time(when.now)]),
        reviews: fill(t.reviews_wait, &[&counted(now.reviews)]),
        waiting: now.reviews > 0,
        quarantined: fill(t.quarantine_waits, &[&counted(now.quarantined)]),
        not_understood: now.quarantined > 0,
        watching: now.cameras.iter().any(|camera| camera.off_at.is_none()),
        next: next.collect(),
        seen: seen.collect(),
        closed: now.bays.iter().filter(|bay| bay.closed.is_some()).count(),
        free: now.free,
        here,
        late,
        unwatched,
        frame,
        t,
    }
}
