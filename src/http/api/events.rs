//! What happens, as it happens: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use serde_json::json;

use crate::domain::account::{Action, Actor};
use crate::service::live::{Began, Follower, What};
use crate::service::{Site, live};

use super::super::caller::From;
use super::super::codes::FieldCode;
use super::super::error::{FieldProblem, Problem, ProblemBody};
use super::super::fields;
use super::super::wire::{Bay, Viewer};
use super::sightings::Sighting;
use super::{QueryFields, rfc3339};

/// How often a stream on which nothing happens says that it is still there: often enough for proxies.
const STILL_THERE: Duration = Duration::from_secs(15);

/// What happens, as it happens, as server-sent events. `begin` comes first; with `"anew": true` too much has happened
/// since `Last-Event-ID`, and what is known is to be read anew. Then `reservation`, `bay` and `sighting`, each as it is
/// now and as the caller may see it, and `calendar` when the calendar is to be read anew. Everybody sees reservations
/// and bays, with masked plates; operators see sightings; drivers see that their own car was seen.
#[utoipa::path(get, path = "/api/events", operation_id = "follow_events", tag = "calendar", security((), ("bearer" = [])),
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received: what happened since comes first. Browsers send it by themselves."),
        ("after" = Option<String>, Query, description = "The same, for clients that cannot send the header."),
    ),
    responses(
        (status = 200, description = "The events, without end.", body = String, content_type = "text/event-stream"),
        (status = 422, description = "The id is none of ours.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn follow(
    State(site): State<Arc<Site>>,
    From(caller): From,
    headers: HeaderMap,
    QueryFields(mut query): QueryFields,
) -> Result<Response, Problem> {
    let after = query.optional("after", fields::position);
    query.finish_known()?;
    let last = match headers.get("last-event-id") {
        None => after?,
        Some(id) => {
            let position = id.to_str().ok().and_then(|id| id.trim().parse().ok());
            let wrong = || FieldProblem { field: "Last-Event-ID".to_owned(), code: FieldCode::PositionInvalid };
            Some(position.ok_or_else(|| Problem::fields(vec![wrong()]))?)
        }
    };
    let (follower, began) = live::begin(&site, &caller, last).await?;
    let keep_alive = KeepAlive::new().interval(STILL_THERE).text("");
    Ok(Sse::new(events(site, follower, began)).keep_alive(keep_alive).into_response())
}

fn events(site: Arc<Site>, follower: Follower, began: Began) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let first = Event::default()
        .event("begin")
        .id(follower.position().to_string())
        .retry(Duration::from_secs(3))
        .data(json!({"anew": began == Began::Anew}).to_string());
    stream::unfold((site, follower, Some(first)), async |(site, mut follower, first)| {
        if let Some(first) = first {
            return Some((Ok(first), (site, follower, None)));
        }
        loop {
            let event = follower.next().await?;
            if let Some(shown) = shown(&site, follower.actor(), &event.what) {
                let event = shown.id(follower.position().to_string());
                return Some((Ok(event), (site, follower, None)));
            }
        }
    })
}

/// One's own car was seen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OwnSighting<'a> {
    id: &'a str,
    session_id: Option<i64>,
    taken_at: String,
    arrival: Option<&'a str>,
    reservation_id: Option<&'a str>,
}

/// An event as somebody may see it; `None` when it is not for them.
fn shown(site: &Site, actor: &Actor, what: &What) -> Option<Event> {
    let viewer = Viewer { actor, schedule: &site.schedule, now: site.clock.now() };
    let event = |name: &str, data: serde_json::Result<String>| Some(Event::default().event(name).data(data.ok()?));
    match what {
        What::Reservation(reservation) => {
            event("reservation", serde_json::to_string(&viewer.show((**reservation).clone())))
        }
        What::Bay(bay) => event("bay", serde_json::to_string(&Bay::from(bay.clone()))),
        What::Calendar => event("calendar", Ok("{}".to_owned())),
        What::Sighting(sighting, _) if actor.can(Action::SeeOperatorsLists) => {
            event("sighting", serde_json::to_string(&Sighting::from((**sighting).clone())))
        }
        What::Sighting(sighting, reservation) => {
            let own = reservation.as_ref()?.account.as_deref() == Some(actor.account()?.id.as_str());
            let seen = OwnSighting {
                id: &sighting.id,
                session_id: sighting.bay,
                taken_at: rfc3339(sighting.taken_at),
                arrival: sighting.arrival.as_deref(),
                reservation_id: sighting.reservation.as_deref(),
            };
            own.then(|| event("sighting", serde_json::to_string(&seen)))?
        }
    }
}
