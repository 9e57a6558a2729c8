//! The audit trail: searching, checking and taking it away.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::audit::{Broken, Record};
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::audit as use_case;
use crate::service::{Caller, Site};
use crate::store::audit::Search;

use super::super::form::Form;
use super::super::page::{Frame, Page, show, show_with};
use super::super::texts::fill;
use super::super::when::When;
use super::search::days;
use super::texts::StaffTexts;
use super::{Asked, Staff, Tried, search_again};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/audit", get(list)).route("/staff/audit/verify", post(verify))
}

/// A record as pages tell it.
pub(super) struct Row {
    pub number: i64,
    pub when: String,
    pub actor: String,
    pub action: String,
    pub object: String,
    /// The operators' page of the object; empty for none.
    pub link: String,
    pub before: String,
    pub after: String,
    pub address: String,
}

impl Row {
    pub(super) fn of(when: &When, record: Record) -> Self {
        let link = match record.object.split_once(':') {
            Some(("reservation", id)) => format!("/staff/reservations/{id}"),
            Some(("account", id)) => format!("/staff/people/{id}"),
            Some(("bay", id)) => format!("/staff/bays/{id}"),
            Some(("camera", id)) => format!("/staff/cameras/{id}"),
            Some(("sighting", id)) => format!("/staff/review/{id}"),
            _ => String::new(),
        };
        Self {
            number: record.number,
            when: when.moment(record.at),
            actor: record.actor,
            action: record.action,
            object: record.object,
            link,
            before: record.before.unwrap_or_default(),
            after: record.after.unwrap_or_default(),
            address: record.address.unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct Audit {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    history: Vec<Row>,
    more: String,
    /// What checking the chain told; empty for not asked.
    whole: String,
    broken: String,
}

async fn list(
    State(site): State<Arc<Site>>,
    Staff { page, t }: Staff,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let (found, tried) = match find(&site, &page, &page.caller, &asked).await {
        Ok(found) => (found, Tried::typed("search", asked)),
        Err(problem) => (Vec::new(), Tried::of("search", problem, &page, asked)?),
    };
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= use_case::PAGE;
    let more = found.last().filter(|_| full).map_or_else(String::new, |last| next_page(&tried.typed, last.number));
    let history = found.into_iter().map(|record| Row::of(&page.when, record)).collect();
    let (whole, broken) = (String::new(), String::new());
    let view = Audit { frame: page.frame, t, tried, history, more, whole, broken };
    show_with(view.tried.status(), &view)
}

async fn find(site: &Site, page: &Page, caller: &Caller, asked: &Form) -> Result<Vec<Record>, Problem> {
    let mut fields = asked.fields();
    let actor = fields.optional("actor", fields::word);
    let action = fields.optional("action", fields::word);
    let object = fields.optional("object", fields::word);
    let days = days(&mut fields);
    let before = fields.optional("before", fields::page_start);
    fields.finish()?;
    let (from, until) = days?;
    let search = Search {
        actor: actor?,
        object: object?,
        action: action?,
        from: from.map(|date| page.when.schedule.day_bounds(date).0),
        until: until.map(|date| page.when.schedule.day_bounds(date).1),
        before: before?,
    };
    Ok(use_case::search(site, caller, search).await?)
}

fn next_page(typed: &Form, last: i64) -> String {
    let address = search_again("/staff/audit", typed, &["actor", "action", "object", "from", "until"]);
    format!("{address}before={last}")
}

async fn verify(State(site): State<Arc<Site>>, Staff { page, t }: Staff) -> Result<Response, Problem> {
    let (whole, broken) = match use_case::verify(&site, &page.caller).await? {
        Ok(records) => (fill(t.audit_whole, &[&records.to_string()]), String::new()),
        Err(broken) => (String::new(), told(t, &broken)),
    };
    let found = use_case::search(&site, &page.caller, Search::default()).await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= use_case::PAGE;
    let nothing = Form::of(Vec::new());
    let more = found.last().filter(|_| full).map_or_else(String::new, |last| next_page(&nothing, last.number));
    let history = found.into_iter().map(|record| Row::of(&page.when, record)).collect();
    show(&Audit { frame: page.frame, t, tried: Tried::nothing(), history, more, whole, broken })
}

fn told(t: &'static StaffTexts, broken: &Broken) -> String {
    match broken {
        Broken::Changed(number) => fill(t.audit_changed, &[&number.to_string()]),
        Broken::Missing(number) => fill(t.audit_missing, &[&number.to_string()]),
        Broken::NotFollowing(number) => fill(t.audit_not_following, &[&number.to_string()]),
        Broken::Cut { found, expected } => fill(t.audit_cut, &[&found.to_string(), &expected.to_string()]),
    }
}
