//! Bays: adding, renaming, closing and reopening.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::reservation::{Bay, Reservation};
use crate::http::api::BayId;
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields;
use crate::http::{LONGEST_NAME, LONGEST_REASON};
use crate::service::bays::{self, Change, ClosedTime, State as BayState};
use crate::service::{Caller, Site};

use super::super::form::Form;
use super::super::page::{Frame, go, show_with};
use super::super::texts::fill;
use super::super::when::When;
use super::texts::StaffTexts;
use super::{Staff, Tried};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/staff/bays", get(list).post(add))
        .route("/staff/bays/{id}", get(one))
        .route("/staff/bays/{id}/rename", post(rename))
        .route("/staff/bays/{id}/close", post(close))
        .route("/staff/bays/{id}/reopen", post(reopen))
        .route("/staff/bays/{id}/close-for", post(close_for))
}

/// A bay as pages tell it.
struct Row {
    id: i64,
    name: String,
    closed: bool,
    /// Since when it is closed, and why.
    told: String,
    reason: String,
}

impl Row {
    fn of(t: &'static StaffTexts, when: &When, bay: Bay) -> Self {
        let reason = bay.closed.as_ref().and_then(|closed| closed.reason.clone()).unwrap_or_default();
        let told = bay.closed.as_ref().map_or_else(String::new, |closed| {
            let since = fill(t.closed_since, &[&when.moment(closed.at)]);
            if reason.is_empty() { since } else { format!("{since} · {reason}") }
        });
        Self { id: bay.id, name: bay.name, closed: bay.closed.is_some(), told, reason }
    }
}

#[derive(Template)]
#[template(path = "staff/bays.html")]
struct Bays {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "staff/bay.html")]
struct One {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    bay: Row,
    closures: Vec<Closure>,
    today: String,
    open: String,
    close: String,
}

/// A time for which a bay is closed.
struct Closure {
    id: String,
    when: String,
    reason: String,
}

async fn list(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    show_list(&site, staff, Tried::nothing()).await
}

async fn show_list(site: &Site, Staff { page, t }: Staff, tried: Tried) -> Result<Response, Problem> {
    let bays = bays::list(site, &page.caller).await?;
    let rows = bays.into_iter().map(|bay| Row::of(t, &page.when, bay)).collect();
    show_with(tried.status(), &Bays { frame: page.frame, t, rows, tried })
}

async fn add(State(site): State<Arc<Site>>, staff: Staff, form: Form) -> Result<Response, Problem> {
    match add_it(&site, &staff.page.caller, &form).await {
        Ok(()) => Ok(go("/staff/bays?done=bay-added")),
        Err(problem) => {
            let tried = Tried::of("add", problem, &staff.page, form)?;
            show_list(&site, staff, tried).await
        }
    }
}

async fn add_it(site: &Site, caller: &Caller, form: &Form) -> Result<(), Problem> {
    let mut fields = form.fields();
    let name = fields.required("name", fields::line(LONGEST_NAME));
    fields.finish()?;
    bays::add(site, caller, name?, None).await?;
    Ok(())
}

async fn one(State(site): State<Arc<Site>>, staff: Staff, BayId(id): BayId) -> Result<Response, Problem> {
    show_one(&site, staff, id, Tried::nothing()).await
}

async fn show_one(site: &Site, Staff { page, t }: Staff, id: i64, tried: Tried) -> Result<Response, Problem> {
    let bays = bays::list(site, &page.caller).await?;
    let bay = bays.into_iter().find(|bay| bay.id == id).ok_or(Code::BayNotFound)?;
    let bay = Row::of(t, &page.when, bay);
    let when = &page.when;
    let closure =
        |closure: Reservation| Closure { when: when.span(&closure.range), id: closure.id, reason: closure.plate_text };
    let shown = One {
        closures: bays::closures(site, &page.caller, id).await?.into_iter().map(closure).collect(),
        today: when.today().to_string(),
        open: when.schedule.hours().open().to_string(),
        close: when.schedule.hours().close().to_string(),
        frame: page.frame,
        t,
        tried,
        bay,
    };
    show_with(shown.tried.status(), &shown)
}

/// Changes a bay and goes back to the list, or says on its page what was wrong.
async fn change(
    site: &Site,
    staff: Staff,
    id: i64,
    which: &'static str,
    form: Form,
    change: Result<Change, Problem>,
) -> Result<Response, Problem> {
    let changed = match change {
        Ok(change) => bays::change(site, &staff.page.caller, id, change).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(go("/staff/bays?done=bay-changed")),
        Err(problem) => {
            let tried = Tried::of(which, problem, &staff.page, form)?;
            show_one(site, staff, id, tried).await
        }
    }
}

async fn rename(
    State(site): State<Arc<Site>>,
    staff: Staff,
    BayId(id): BayId,
    form: Form,
) -> Result<Response, Problem> {
    let read = || {
        let mut fields = form.fields();
        let name = fields.required("name", fields::line(LONGEST_NAME));
        fields.finish()?;
        Ok(Change { name: Some(name?), state: None })
    };
    let wanted = read();
    change(&site, staff, id, "rename", form, wanted).await
}

async fn close(State(site): State<Arc<Site>>, staff: Staff, BayId(id): BayId, form: Form) -> Result<Response, Problem> {
    let read = || {
        let mut fields = form.fields();
        let reason = fields.optional("closedReason", fields::line(LONGEST_REASON));
        fields.finish()?;
        Ok(Change { name: None, state: Some(BayState::Closed(reason?)) })
    };
    let wanted = read();
    change(&site, staff, id, "close", form, wanted).await
}

/// Closes a bay from a time of a day until a time of the same or a later day.
async fn close_for(
    State(site): State<Arc<Site>>,
    staff: Staff,
    BayId(id): BayId,
    form: Form,
) -> Result<Response, Problem> {
    let closed = async {
        let mut fields = form.fields();
        let from = fields.required("from", fields::date);
        let start = fields.required("start", fields::time_of_day);
        let until = fields.required("until", fields::date);
        let end = fields.required("end", fields::time_of_day);
        let reason = fields.optional("reason", fields::line(LONGEST_REASON));
        fields.finish()?;
        let time = ClosedTime { from: from?, start: start?, until: until?, end: end?, reason: reason? };
        Ok::<_, Problem>(bays::close_for(&site, &staff.page.caller, id, time).await?)
    };
    match closed.await {
        Ok(_) => Ok(go(&format!("/staff/bays/{id}?done=bay-changed"))),
        Err(problem) => {
            let tried = Tried::of("close-for", problem, &staff.page, form)?;
            show_one(&site, staff, id, tried).await
        }
    }
}

async fn reopen(
    State(site): State<Arc<Site>>,
    staff: Staff,
    BayId(id): BayId,
    form: Form,
) -> Result<Response, Problem> {
    change(&site, staff, id, "reopen", form, Ok(Change { name: None, state: Some(BayState::Open) })).await
}
