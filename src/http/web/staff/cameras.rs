//! Cameras: how they do, adding and changing them, and their keys.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::reservation::Bay;
use crate::domain::sighting::Camera;
use crate::http::LONGEST_NAME;
use crate::http::api::{IdInPath, uuid_or};
use crate::http::caller::Origin;
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields::{self, Fields, Invalid};
use crate::service::cameras::{self, CameraKey, Change, MadeCamera, NewCamera};
use crate::service::{Caller, Site, bays, installation};

use super::super::form::Form;
use super::super::page::{Frame, go, show, show_with};
use super::super::texts::fill;
use super::super::when::When;
use super::sightings::moment;
use super::texts::StaffTexts;
use super::{Choice, Staff, Tried, bay_choices, bay_name, key_days, networks};

/// A camera sits where it is for years.
const DAYS: i64 = 3650;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/staff/cameras", get(list).post(add))
        .route("/staff/cameras/{id}", get(one).post(change))
        .route("/staff/cameras/{id}/switch", post(switch))
        .route("/staff/cameras/{id}/key", post(replace_key))
        .route("/staff/cameras/{id}/remove", post(remove))
}

/// A camera as pages tell it.
struct Row {
    id: String,
    name: String,
    place: String,
    zone: String,
    off: bool,
    silent: bool,
    seen: String,
    format: String,
    clock: String,
    off_time: bool,
    /// What its place is called in a form.
    bay: String,
}

impl Row {
    fn of(t: &'static StaffTexts, when: &When, bays: &[Bay], camera: &Camera) -> Self {
        Self {
            id: camera.id.clone(),
            name: camera.name.clone(),
            place: camera.bay.map_or_else(|| t.entrance.to_owned(), |bay| bay_name(bays, bay)),
            zone: camera.zone.clone(),
            off: camera.off_at.is_some(),
            silent: installation::is_silent(camera, when.now),
            seen: camera.seen_at.map_or_else(|| t.never_seen.to_owned(), |at| moment(when, at)),
            format: camera.format.clone().unwrap_or_else(|| t.unknown.to_owned()),
            clock: clock(t, camera.drift),
            off_time: installation::is_off_time(camera),
            bay: camera.bay.map_or_else(|| "entrance".to_owned(), |bay| bay.to_string()),
        }
    }
}

/// How far a camera's clock is off, in words. Below two seconds nobody can tell it from the way of the request.
fn clock(t: &'static StaffTexts, drift: Option<i64>) -> String {
    let Some(drift) = drift else { return t.unknown.to_owned() };
    let seconds = drift.saturating_abs() / 1000;
    let length = match seconds {
        0..2 => return t.clock_right.to_owned(),
        2..120 => fill(t.seconds, &[&seconds.to_string()]),
        120..7200 => fill(t.minutes, &[&(seconds / 60).to_string()]),
        _ => fill(t.hours, &[&(seconds / 3600).to_string()]),
    };
    fill(if drift > 0 { t.clock_ahead } else { t.clock_behind }, &[&length])
}

#[derive(Template)]
#[template(path = "staff/cameras.html")]
struct Cameras {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    rows: Vec<Row>,
    places: Vec<Choice>,
    zone: String,
}

#[derive(Template)]
#[template(path = "staff/camera.html")]
struct One {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    camera: Row,
    places: Vec<Choice>,
}

/// A key that is shown once.
#[derive(Template)]
#[template(path = "staff/camera_key.html")]
struct MadeKey {
    frame: Frame,
    t: &'static StaffTexts,
    name: String,
    url: String,
    bearer: String,
    header_url: String,
    id: String,
}

async fn list(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    show_list(&site, staff, Tried::nothing()).await
}

async fn show_list(site: &Site, Staff { page, t }: Staff, tried: Tried) -> Result<Response, Problem> {
    let cameras = cameras::list(site, &page.caller).await?;
    let bays = bays::list(site, &page.caller).await?;
    let view = Cameras {
        rows: cameras.iter().map(|camera| Row::of(t, &page.when, &bays, camera)).collect(),
        places: bay_choices(&bays, Choice::new("entrance", t.entrance)),
        zone: site.schedule.zone_name().to_owned(),
        frame: page.frame,
        t,
        tried,
    };
    show_with(view.tried.status(), &view)
}

async fn one(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    show_one(&site, staff, &uuid_or(id, Code::CameraNotFound)?, Tried::nothing()).await
}

async fn show_one(site: &Site, Staff { page, t }: Staff, id: &str, tried: Tried) -> Result<Response, Problem> {
    let cameras = cameras::list(site, &page.caller).await?;
    let camera = cameras.iter().find(|camera| camera.id == id).ok_or(Code::CameraNotFound)?;
    let bays = bays::list(site, &page.caller).await?;
    let view = One {
        camera: Row::of(t, &page.when, &bays, camera),
        places: bay_choices(&bays, Choice::new("entrance", t.entrance)),
        frame: page.frame,
        t,
        tried,
    };
    show_with(view.tried.status(), &view)
}

fn show_key(Staff { page, t }: Staff, made: MadeCamera, origin: &str) -> Result<Response, Problem> {
    show(&MadeKey {
        frame: page.frame,
        t,
        name: made.camera.name,
        url: format!("{origin}/api/cameras/{}/events", made.bearer),
        header_url: format!("{origin}/api/cameras/x/events"),
        bearer: made.bearer,
        id: made.camera.id,
    })
}

async fn add(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Origin(origin): Origin,
    form: Form,
) -> Result<Response, Problem> {
    match add_it(&site, &staff.page.caller, &form).await {
        Ok(made) => show_key(staff, made, &origin),
        Err(problem) => {
            let tried = Tried::of("add", problem, &staff.page, form)?;
            show_list(&site, staff, tried).await
        }
    }
}

fn key(
    addresses: Result<Option<Vec<ipnet::IpNet>>, Invalid>,
    days: Result<Option<i64>, Invalid>,
) -> Result<CameraKey, Invalid> {
    Ok(CameraKey { addresses: addresses?.unwrap_or_default(), days: days?.unwrap_or(DAYS) })
}

async fn add_it(site: &Site, caller: &Caller, form: &Form) -> Result<MadeCamera, Problem> {
    let mut fields = form.fields();
    let name = fields.required("name", fields::line(LONGEST_NAME));
    let bay = fields.optional("sessionId", fields::bay_or_entrance);
    let zone = fields.optional("zone", fields::time_zone);
    let (addresses, days) = (fields.optional("addresses", networks), fields.optional("days", key_days));
    fields.finish()?;
    let new = NewCamera { name: name?, bay: bay?.flatten(), zone: zone?, key: key(addresses, days)? };
    Ok(cameras::add(site, caller, new).await?)
}

async fn change(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::CameraNotFound)?;
    let wanted = read_change(form.fields());
    change_it(&site, staff, id, "change", form, wanted).await
}

fn read_change(mut fields: Fields) -> Result<Change, Problem> {
    let name = fields.required("name", fields::line(LONGEST_NAME));
    let bay = fields.optional("sessionId", fields::bay_or_entrance);
    let zone = fields.optional("zone", fields::time_zone);
    fields.finish()?;
    Ok(Change { name: Some(name?), bay: bay?, zone: zone?, off: None })
}

async fn change_it(
    site: &Site,
    staff: Staff,
    id: String,
    which: &'static str,
    form: Form,
    wanted: Result<Change, Problem>,
) -> Result<Response, Problem> {
    let changed = match wanted {
        Ok(wanted) => cameras::change(site, &staff.page.caller, id.clone(), wanted).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(go(&format!("/staff/cameras/{id}?done=camera-changed"))),
        Err(problem) => {
            let tried = Tried::of(which, problem, &staff.page, form)?;
            show_one(site, staff, &id, tried).await
        }
    }
}

async fn switch(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::CameraNotFound)?;
    let wanted = Change { off: Some(form.text("to") == "off"), ..Change::default() };
    change_it(&site, staff, id, "switch", form, Ok(wanted)).await
}

async fn replace_key(
    State(site): State<Arc<Site>>,
    staff: Staff,
    id: IdInPath,
    Origin(origin): Origin,
    form: Form,
) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::CameraNotFound)?;
    let mut fields = form.fields();
    let (addresses, days) = (fields.optional("addresses", networks), fields.optional("days", key_days));
    let rules = fields.finish().and_then(|()| Ok(key(addresses, days)?));
    let replaced = match rules {
        Ok(rules) => cameras::replace_key(&site, &staff.page.caller, id.clone(), rules).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match replaced {
        Ok(made) => show_key(staff, made, &origin),
        Err(problem) => {
            let tried = Tried::of("key", problem, &staff.page, form)?;
            show_one(&site, staff, &id, tried).await
        }
    }
}

async fn remove(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    cameras::remove(&site, &staff.page.caller, uuid_or(id, Code::CameraNotFound)?).await?;
    Ok(go("/staff/cameras?done=camera-removed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_in_words() {
        let t = StaffTexts::of(crate::domain::lang::Lang::En);
        for (drift, told) in [
            (None, "unknown"),
            (Some(-1999), "right"),
            (Some(2000), "2 s ahead"),
            (Some(-90_000), "90 s behind"),
            (Some(3_600_000), "60 min ahead"),
            (Some(-7_200_000), "2 h behind"),
            (Some(i64::MIN), "2562047788015 h behind"),
        ] {
            assert_eq!(clock(t, drift), told, "{drift:?}");
        }
    }
}
