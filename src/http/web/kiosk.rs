//! The screen at the entrance: which bay is for which car, now and next. It shows what anybody may see.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::domain::account::Actor;
use crate::domain::plate;
use crate::domain::reservation::Reservation;
use crate::service::calendar::{self, BayCalendar};
use crate::service::{Caller, Site};

use super::super::error::Problem;
use super::page::{Frame, Page, show};
use super::texts::fill;
use super::when::When;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/kiosk", get(kiosk))
}

#[derive(Template)]
#[template(path = "kiosk.html")]
struct Kiosk {
    frame: Frame,
    day: String,
    time: String,
    stale: String,
    bays: Vec<Shown>,
}

/// A bay as the screen shows it.
struct Shown {
    name: String,
    closed: bool,
    now: Option<(String, String)>,
    next: Option<(String, String)>,
}

async fn kiosk(State(site): State<Arc<Site>>, page: Page) -> Result<Response, Problem> {
    let when = &page.when;
    // Whoever logged in at it, a screen in the open shows no more than anybody may see.
    let anybody = Caller { actor: Actor::Anonymous, ..page.caller.clone() };
    let bays = calendar::day(&site, &anybody, when.today()).await?;
    let time = when.time(when.now);
    let shown = Kiosk {
        day: when.day(when.today()),
        stale: fill(page.frame.t.kiosk_stale, &[&time]),
        bays: bays.into_iter().map(|bay| bay_shown(when, bay)).collect(),
        frame: page.frame,
        time,
    };
    show(&shown)
}

fn bay_shown(when: &When, BayCalendar { bay, reservations }: BayCalendar) -> Shown {
    let masked = |reservation: &Reservation| {
        if reservation.is_closure() {
            when.t.board_closed.to_owned()
        } else {
            plate::mask_text(&reservation.plate_text)
        }
    };
    let until = |reservation: &Reservation| {
        let end = when.schedule.local(&reservation.range).end.to_string();
        (masked(reservation), fill(when.t.kiosk_until, &[&end]))
    };
    let from = |reservation: &Reservation| {
        (masked(reservation), fill(when.t.kiosk_from, &[&when.time(reservation.range.start())]))
    };
    Shown {
        name: bay.name,
        closed: bay.closed.is_some(),
        now: reservations.iter().find(|reservation| reservation.range.contains(when.now)).map(until),
        next: reservations.iter().find(|reservation| reservation.range.start() > when.now).map(from),
    }
}
