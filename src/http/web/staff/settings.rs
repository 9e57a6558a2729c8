//! How the server is set up, to be read, and what is worth a look.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::http::error::Problem;
use crate::service::Site;
use crate::service::installation::{self, Examined, Finding};

use super::super::page::{Frame, show};
use super::super::texts::fill;
use super::Staff;
use super::texts::StaffTexts;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/settings", get(look).post(examine))
}

struct Row {
    name: &'static str,
    value: String,
    origin: String,
}

/// Something worth a look; `grave` for what stops the server from doing its work.
struct Note {
    told: String,
    grave: bool,
}

#[derive(Template)]
#[template(path = "staff/settings.html")]
struct Settings {
    frame: Frame,
    t: &'static StaffTexts,
    rows: Vec<Row>,
    notes: Vec<Note>,
    /// What an examination of the database told.
    examined: Vec<Note>,
    good: String,
}

async fn look(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    show_settings(&site, staff, None).await
}

async fn examine(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    let examined = installation::examine(&site, &staff.page.caller).await?;
    show_settings(&site, staff, Some(examined)).await
}

async fn show_settings(site: &Site, Staff { page, t }: Staff, examined: Option<Examined>) -> Result<Response, Problem> {
    let (settings, findings) = installation::look(site, &page.caller).await?;
    let rows = settings.into_iter().map(|setting| Row {
        name: setting.name,
        origin: setting.origin.to_string(),
        value: setting.value,
    });
    let (good, examined) = examined.map_or_else(Default::default, |examined| database(t, &examined));
    show(&Settings {
        rows: rows.collect(),
        notes: findings.iter().map(|finding| note(t, finding)).collect(),
        frame: page.frame,
        t,
        examined,
        good,
    })
}

fn note(t: &'static StaffTexts, finding: &Finding) -> Note {
    let told = match finding {
        Finding::NotWritable => t.finding_not_writable.to_owned(),
        Finding::OpenMode => t.finding_open_mode.to_owned(),
        Finding::NoMails => t.finding_no_mails.to_owned(),
        Finding::NoSecondFactor => t.finding_no_second_factor.to_owned(),
        Finding::KeptForEver => t.finding_kept_for_ever.to_owned(),
        Finding::CameraSilent(name) => fill(t.finding_camera_silent, &[name]),
        Finding::CameraClock(name) => fill(t.finding_camera_clock, &[name]),
        Finding::NotUnderstood(count) => fill(t.quarantine_waits, &[&count.to_string()]),
    };
    Note { told, grave: *finding == Finding::NotWritable }
}

/// What is good about the database, and what is not.
fn database(t: &'static StaffTexts, examined: &Examined) -> (String, Vec<Note>) {
    let mut notes = Vec::new();
    let mut wrong = |told: String| notes.push(Note { told, grave: true });
    if !examined.latest {
        wrong(t.database_not_latest.to_owned());
    }
    if !examined.damage.is_empty() {
        wrong(fill(t.database_damaged, &[&examined.damage.join("; ")]));
    }
    if examined.inconsistent != 0 {
        wrong(fill(t.database_inconsistent, &[&examined.inconsistent.to_string()]));
    }
    let schema = examined.schema.to_string();
    let good = if notes.is_empty() { fill(t.database_good, &[&examined.engine, &schema]) } else { String::new() };
    (good, notes)
}
