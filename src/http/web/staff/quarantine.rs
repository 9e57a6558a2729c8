//! What cameras sent that was not understood.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::http::api::{IdInPath, uuid_or};
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::inbox::{self, Replayed};
use crate::service::{Site, cameras};

use super::super::page::{Frame, go, show};
use super::super::texts::fill;
use super::sightings::camera_name;
use super::texts::StaffTexts;
use super::{Asked, Staff};

/// What is kept is listed in pages of so many, as the use case does.
const PAGE: usize = 100;

/// A replay from a page goes on for so many steps of the use case, so that the answer comes in time.
const STEPS: usize = 20;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/staff/cameras/quarantine", get(list))
        .route("/staff/cameras/quarantine/replay", post(replay))
        .route("/staff/cameras/quarantine/{id}/delete", post(discard))
}

struct Row {
    id: String,
    when: String,
    camera: String,
    kind: String,
    size: String,
    reason: String,
    times: i64,
}

#[derive(Template)]
#[template(path = "staff/quarantine.html")]
struct Quarantine {
    frame: Frame,
    t: &'static StaffTexts,
    rows: Vec<Row>,
    later: bool,
    more: String,
    /// What a replay did; empty for none.
    replayed: String,
}

async fn list(State(site): State<Arc<Site>>, staff: Staff, Asked(asked): Asked) -> Result<Response, Problem> {
    let mut fields = asked.fields();
    let after = fields.optional("after", fields::id);
    fields.finish()?;
    show_list(&site, staff, after?, String::new()).await
}

async fn show_list(
    site: &Site,
    Staff { page, t }: Staff,
    after: Option<String>,
    replayed: String,
) -> Result<Response, Problem> {
    let cameras = cameras::list(site, &page.caller).await?;
    let later = after.is_some();
    let kept = inbox::quarantined(site, &page.caller, after).await?;
    let more = kept.last().filter(|_| kept.len() >= PAGE).map_or_else(String::new, |last| last.id.clone());
    let rows = kept.into_iter().map(|kept| Row {
        when: page.when.moment(kept.last_at),
        camera: camera_name(t, &cameras, &kept.camera),
        kind: kept.content_type.unwrap_or_else(|| t.unknown.to_owned()),
        size: fill(t.bytes, &[&kept.size.to_string()]),
        reason: kept.reason,
        times: kept.times,
        id: kept.id,
    });
    show(&Quarantine { rows: rows.collect(), frame: page.frame, t, later, more, replayed })
}

async fn replay(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    let (mut all, mut after) = (Replayed::default(), None);
    for _ in 0..STEPS {
        let (step, end) = inbox::replay(&site, &staff.page.caller, after).await?;
        all.understood += step.understood;
        all.stored += step.stored;
        all.left += step.left;
        after = end;
        if !step.more {
            break;
        }
    }
    let [understood, stored, left] = [all.understood, all.stored, all.left].map(|count| count.to_string());
    let told = fill(staff.t.replayed, &[&understood, &stored, &left]);
    show_list(&site, staff, None, told).await
}

async fn discard(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    inbox::discard(&site, &staff.page.caller, uuid_or(id, Code::QuarantinedNotFound)?).await?;
    Ok(go("/staff/cameras/quarantine?done=discarded"))
}
