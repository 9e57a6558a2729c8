//! How the server is set up, to be read, and what is worth a look.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::http::error::Problem;
use crate::http::fields;
use crate::service::changeable;
use crate::service::installation::{self, Examined, Finding};
use crate::service::{Quotas, Site};

use super::super::form::Form;
use super::super::page::{Frame, go, show_with};
use super::super::texts::fill;
use super::texts::StaffTexts;
use super::{Staff, Tried};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/settings", get(look).post(examine)).route("/staff/settings/quotas", post(change_quotas))
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
    tried: Tried,
    /// The quotas in force, as they are typed, and whether they were changed here.
    quotas: [String; 3],
    changed: bool,
    rows: Vec<Row>,
    notes: Vec<Note>,
    /// What an examination of the database told.
    examined: Vec<Note>,
    good: String,
}

async fn look(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    show_settings(&site, staff, None, Tried::nothing()).await
}

async fn examine(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    let examined = installation::examine(&site, &staff.page.caller).await?;
    show_settings(&site, staff, Some(examined), Tried::nothing()).await
}

/// Changes the quotas, or goes back to those of the settings (`back`).
async fn change_quotas(State(site): State<Arc<Site>>, staff: Staff, form: Form) -> Result<Response, Problem> {
    let changed = async {
        let mut fields = form.fields();
        let back = fields.optional("back", fields::word);
        let open = fields.optional("openBookings", fields::most(10_000));
        let hours = fields.optional("hoursPerDay", fields::most(24));
        let days = fields.optional("daysAhead", fields::most(366));
        fields.finish()?;
        let at_least_one = |most: Option<u16>| most.filter(|most| *most > 0);
        let wanted = Quotas {
            open_bookings: at_least_one(open?),
            hours_per_day: at_least_one(hours?),
            days_ahead: at_least_one(days?),
        };
        let wanted = if back?.is_some() { None } else { Some(wanted) };
        Ok::<_, Problem>(changeable::change_quotas(&site, &staff.page.caller, wanted).await?)
    };
    match changed.await {
        Ok(()) => Ok(go("/staff/settings?done=saved")),
        Err(problem) => {
            let tried = Tried::of("quotas", problem, &staff.page, form)?;
            show_settings(&site, staff, None, tried).await
        }
    }
}

async fn show_settings(
    site: &Site,
    Staff { page, t }: Staff,
    examined: Option<Examined>,
    tried: Tried,
) -> Result<Response, Problem> {
    let (quotas, changed) = changeable::quotas(site, &page.caller).await?;
    let shown = |most: Option<u16>| most.map_or_else(String::new, |most| most.to_string());
    let (settings, findings) = installation::look(site, &page.caller).await?;
    let rows = settings.into_iter().map(|setting| Row {
        name: setting.name,
        origin: setting.origin.to_string(),
        value: setting.value,
    });
    let (good, examined) = examined.map_or_else(Default::default, |examined| database(t, &examined));
    let settings = Settings {
        quotas: [quotas.open_bookings, quotas.hours_per_day, quotas.days_ahead].map(shown),
        changed,
        tried,
        rows: rows.collect(),
        notes: findings.iter().map(|finding| note(t, finding)).collect(),
        frame: page.frame,
        t,
        examined,
        good,
    };
    show_with(settings.tried.status(), &settings)
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
