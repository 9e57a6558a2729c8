//! The queue of doubtful sightings: a person says which car it is.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::domain::sighting::State as SightingState;
use crate::http::api::{IdInPath, uuid_or};
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::sightings::{self as use_case, Beside, Decision, Search};
use crate::service::{Caller, Site, cameras};

use super::super::form::Form;
use super::super::page::{Frame, go, show, show_with};
use super::super::texts::fill;
use super::sightings::{self, SeenRow};
use super::texts::StaffTexts;
use super::{Asked, Staff, Tried};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/review", get(queue)).route("/staff/review/{id}", get(one).post(decide))
}

#[derive(Template)]
#[template(path = "staff/review.html")]
struct Queue {
    frame: Frame,
    t: &'static StaffTexts,
    rows: Vec<SeenRow>,
    later: bool,
    /// The number after which the next page begins; empty at the end.
    more: String,
}

async fn queue(
    State(site): State<Arc<Site>>,
    Staff { page, t }: Staff,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let mut fields = asked.fields();
    let before = fields.optional("before", fields::page_start);
    fields.finish()?;
    let before = before?;
    let search = Search { state: Some(SightingState::Review), before, ..Search::default() };
    let found = use_case::search(&site, &page.caller, search, None).await?;
    let cameras = cameras::list(&site, &page.caller).await?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= use_case::PAGE;
    let more = found.last().filter(|_| full).map_or_else(String::new, |last| last.number.to_string());
    let rows = found.iter().map(|sighting| sightings::row(t, &page.when, &cameras, sighting, None)).collect();
    show(&Queue { frame: page.frame, t, rows, later: before.is_some(), more })
}

/// A car that is so little nearer than the next is no nearer, in nats: the margin of the matcher.
const TIE: f64 = 3.0;

/// An expected plate beside what was read.
struct Near {
    plate: String,
    distance: String,
    /// What its button says, which takes the car for the one that was seen.
    told: String,
}

#[derive(Template)]
#[template(path = "staff/review_one.html")]
struct One {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    id: String,
    has_picture: bool,
    picture_told: String,
    when: String,
    camera: String,
    read: String,
    confidence: String,
    why: String,
    state: &'static str,
    tone: &'static str,
    waits: bool,
    expected: String,
    nearest: String,
    accept: String,
    /// Whether two cars are about as near: none is put forward then.
    tie: bool,
    near: Vec<Near>,
}

async fn one(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::SightingNotFound)?;
    show_one(&site, staff, id, Tried::nothing()).await
}

fn nearest(found: &Beside) -> String {
    let ranked = found.explanation.as_ref().and_then(|explanation| {
        explanation.plate.clone().or_else(|| explanation.ranked.first().map(|ranked| ranked.plate.clone()))
    });
    ranked.unwrap_or_default()
}

async fn show_one(site: &Arc<Site>, Staff { page, t }: Staff, id: String, tried: Tried) -> Result<Response, Problem> {
    let found = use_case::find(site, &page.caller, id.clone()).await?;
    let cameras = cameras::list(site, &page.caller).await?;
    let nearest = nearest(&found);
    let (expected_cars, near, tie) = found.explanation.map_or((0, Vec::new(), false), |explanation| {
        let tie = matches!(&explanation.ranked[..], [first, second, ..] if second.distance - first.distance < TIE);
        let near = explanation.ranked.into_iter().map(|one| Near {
            told: fill(t.review_accept, &[&one.plate]),
            plate: one.plate,
            distance: format!("{:.1}", one.distance),
        });
        (explanation.expected, near.collect(), tie)
    });
    let sighting = found.sighting;
    let (state, tone) = sightings::state(t, sighting.state);
    let camera = sightings::camera_name(t, &cameras, &sighting.camera);
    let when = page.when.moment(sighting.taken_at);
    let confidence = sighting.confidence.map_or_else(|| t.unknown.to_owned(), |sure| format!("{}%", sure / 10));
    let view = One {
        has_picture: found.has_picture,
        picture_told: fill(t.picture_of, &[&camera, &when]),
        read: sightings::plate(t, &sighting),
        why: sightings::why(t, &sighting, None),
        waits: sighting.state == SightingState::Review,
        expected: fill(t.expected_cars, &[&expected_cars.to_string()]),
        accept: fill(t.review_accept, &[&nearest]),
        frame: page.frame,
        t,
        id,
        when,
        camera,
        confidence,
        state,
        tone,
        nearest,
        tie,
        near,
        tried,
    };
    show_with(view.tried.status(), &view)
}

async fn decide(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::SightingNotFound)?;
    let which = if form.text("decision") == "correct" { "correct" } else { "decide" };
    match store(&site, &staff.page.caller, &id, &form).await {
        Ok(number) => {
            let next = next(&site, &staff.page.caller, number).await?;
            Ok(go(&next.map_or_else(
                || "/staff/review?done=reviewed".to_owned(),
                |next| format!("/staff/review/{next}?done=reviewed"),
            )))
        }
        Err(problem) => {
            let tried = Tried::of(which, problem, &staff.page, form)?;
            show_one(&site, staff, id, tried).await
        }
    }
}

/// Stores a decision; answers the number of the sighting.
async fn store(site: &Site, caller: &Caller, id: &str, form: &Form) -> Result<i64, Problem> {
    let mut fields = form.fields();
    let decision = fields.required("decision", fields::decision);
    let plate = match decision {
        Ok(SightingState::Corrected) => fields.required("plate", fields::plate).map(Some),
        _ => Ok(None),
    };
    fields.finish()?;
    let decision = match (decision?, plate?) {
        (SightingState::Corrected, Some((plate, text))) => Decision::Correct(plate, text),
        (SightingState::Accepted, _) => {
            // Cars come and go: what is accepted is what the person saw.
            let found = use_case::find(site, caller, id.to_owned()).await?;
            if nearest(&found) != form.text("expected") {
                return Err(Code::NothingToAccept.into());
            }
            Decision::Accept
        }
        _ => Decision::Reject,
    };
    Ok(use_case::review(site, caller, id.to_owned(), decision).await?.number)
}

/// The next that waits: the one before this in the queue, else the newest.
async fn next(site: &Site, caller: &Caller, number: i64) -> Result<Option<String>, Problem> {
    for before in [Some(number), None] {
        let search = Search { state: Some(SightingState::Review), before, ..Search::default() };
        if let Some(next) = use_case::search(site, caller, search, None).await?.into_iter().next() {
            return Ok(Some(next.id));
        }
    }
    Ok(None)
}
