//! Verify and match.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::matching::{How, Read, Reason};
use crate::domain::plate::Plate;
use crate::service::plates::{self, Arrival, Question, Verdict};
use crate::service::{Refusal, Site};

use super::super::caller::{Asker, Watcher};
use super::super::codes::FieldCode;
use super::super::error::{Problem, ProblemBody, code_of, sentence};
use super::super::fields::{self, Fields, JsonBody};
use super::super::lang::Lang;
use super::super::openapi::schemas;
use super::super::wire::{ConflictingReservation, Reservation, Viewer};

/// A booking that somebody thinks of making. An empty text or null counts as not given.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
#[schema(rename_all = "camelCase")]
pub(crate) struct VerifyRequest {
    /// The number plate, as somebody typed it.
    #[schema(schema_with = schemas::plate_typed)]
    plate: (),
    /// The number of a bay, or `"any"`.
    #[schema(schema_with = schemas::bay_choice_or_blank, required = false)]
    session_id: (),
    /// The day. Date, start and end are looked at only when all three are given.
    #[schema(schema_with = schemas::date_or_blank, required = false)]
    date: (),
    /// From when.
    #[schema(schema_with = schemas::start_or_blank, required = false)]
    start_time: (),
    /// Until when.
    #[schema(schema_with = schemas::end_or_blank, required = false)]
    end_time: (),
}

/// Whether a booking would be possible.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyAnswer {
    /// Whether it would be.
    valid: bool,
    /// Whether the bay or the car is taken then.
    conflict: bool,
    /// One sentence for the person.
    message: String,
    /// The reservation that stands in the way.
    #[schema(required = true)]
    conflicting_reservation: Option<ConflictingReservation>,
}

/// Says whether a booking would be possible now. Only the booking itself decides.
#[utoipa::path(post, path = "/api/plates/verify", operation_id = "verify_plate", tag = "plates", security((), ("bearer" = [])),
    request_body = VerifyRequest,
    responses((status = 200, description = "Whether it would be possible, and if not, why.", body = VerifyAnswer)))]
pub(crate) async fn verify(
    State(site): State<Arc<Site>>,
    Asker(caller): Asker,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Json<VerifyAnswer>, Problem> {
    let mut fields = Fields::of_json(&body)?.without_blanks();
    let typed = fields.required("plate", fields::plate_typed);
    let bay = fields.optional("sessionId", fields::bay_choice);
    let date = fields.optional("date", fields::date);
    let start = fields.optional("startTime", fields::time_of_day);
    let end = fields.optional("endTime", fields::time_of_day);
    fields.finish()?;
    let lang = Lang::of(&headers);
    let Ok(plate) = Plate::parse(&typed?) else {
        return Ok(Json(VerifyAnswer {
            valid: false,
            conflict: false,
            message: FieldCode::PlateInvalid.sentence(lang).to_owned(),
            conflicting_reservation: None,
        }));
    };
    let time = match (date?, start?, end?) {
        (Some(date), Some(start), Some(end)) => Some((date, start, end)),
        _ => None,
    };
    let verdict = plates::verify(&site, &caller, Question { plate, bay: bay?, time }).await?;
    let told = |refusal: &Refusal| {
        let reason = if let Refusal::BayClosed(reason) = refusal { reason.as_deref() } else { None };
        sentence(code_of(refusal), reason, lang, &site.schedule)
    };
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    Ok(Json(match verdict {
        Verdict::Free => VerifyAnswer {
            valid: true,
            conflict: false,
            message: match lang {
                Lang::Ko => "예약할 수 있습니다.".to_owned(),
                Lang::En => "This can be booked.".to_owned(),
            },
            conflicting_reservation: None,
        },
        Verdict::Invalid(refusal) => {
            VerifyAnswer { valid: false, conflict: false, message: told(&refusal), conflicting_reservation: None }
        }
        Verdict::Conflict(refusal, holder) => VerifyAnswer {
            valid: false,
            conflict: true,
            message: told(&refusal),
            conflicting_reservation: holder.map(|holder| viewer.show_conflict(*holder)),
        },
    }))
}

/// What a camera read, and when.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct MatchRequest {
    /// The plate as it was read.
    #[schema(schema_with = schemas::plate_read)]
    plate: (),
    /// ISO 8601 (without an offset: UTC), or Unix seconds or milliseconds as a number or digits.
    #[schema(schema_with = schemas::timestamp)]
    timestamp: (),
    /// How sure the reader is of each character of the plate, 0 to 1, separators left out.
    #[schema(schema_with = schemas::confidences, required = false)]
    confidences: (),
    /// What else it may be, the likeliest first.
    #[schema(schema_with = schemas::candidates, required = false)]
    candidates: (),
}

/// Whether a car holds a reservation at a moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MatchAnswer {
    /// The plate as it was sent, trimmed.
    plate: String,
    /// Whether it does.
    r#match: bool,
    /// The reservation it holds.
    #[schema(required = true)]
    reservation: Option<Reservation>,
    /// How the car was found: `exact`, `tolerant` (the read differs from the plate), or `none`.
    #[schema(value_type = String)]
    how: How,
    /// Why, see docs/matching.md.
    #[schema(value_type = String)]
    reason: Reason,
    /// The read as it was compared.
    read: String,
    /// The plate of the car that was found.
    #[schema(required = true)]
    expected: Option<String>,
    /// How unlike the nearest expected plate the read is; 0 for the same. See docs/matching.md.
    #[schema(required = true)]
    distance: Option<f64>,
    /// How far the next best is behind.
    #[schema(required = true)]
    margin: Option<f64>,
    /// Whether a person should look before anything is done because of this read.
    needs_review: bool,
    /// A car that was found and whose reservation does not run at that moment.
    #[schema(required = true)]
    nearby: Option<Nearby>,
}

/// A reservation that begins soon, or ended a short while ago.
#[derive(Serialize, ToSchema)]
pub(crate) struct Nearby {
    /// `early` or `late`.
    when: &'static str,
    /// The reservation.
    reservation: Reservation,
}

/// Says whether a car holds a reservation at a moment: `start <= timestamp < end`. A read that differs from a booked
/// plate is forgiven where only one car comes into question.
#[utoipa::path(post, path = "/api/plates/match", operation_id = "match_plate", tag = "plates", security((), ("bearer" = [])),
    request_body = MatchRequest,
    responses(
        (status = 200, description = "Whether it does, and the reservation.", body = MatchAnswer),
        (status = 403, description = "Drivers may not ask this.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn find_match(
    State(site): State<Arc<Site>>,
    Watcher(caller): Watcher,
    JsonBody(body): JsonBody,
) -> Result<Json<MatchAnswer>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let text = fields.required("plate", fields::plate_read);
    let instant = fields.required("timestamp", fields::instant);
    let confidences = fields.optional("confidences", fields::confidences);
    let candidates = fields.optional("candidates", fields::candidates);
    fields.finish()?;
    let (text, instant) = (text?, instant?);
    let (confidences, candidates) = (confidences?.unwrap_or_default(), candidates?.unwrap_or_default());
    let read = Read { text: text.clone(), confidences, candidates, region_unreadable: false };
    let matched = plates::find_match(&site, &caller, &read, instant).await?;
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    let explanation = matched.explanation;
    let (mut reservation, mut nearby, mut expected) = (None, None, None);
    if let Some((found, arrival)) = matched.found {
        let shown = viewer.show(found);
        expected = Some(shown.plate().to_owned());
        match arrival {
            Arrival::OnTime => reservation = Some(shown),
            Arrival::Early => nearby = Some(Nearby { when: "early", reservation: shown }),
            Arrival::Late => nearby = Some(Nearby { when: "late", reservation: shown }),
        }
    }
    Ok(Json(MatchAnswer {
        plate: text,
        r#match: reservation.is_some(),
        reservation,
        how: explanation.how,
        reason: explanation.reason,
        read: explanation.read,
        expected,
        distance: explanation.distance,
        margin: explanation.margin,
        needs_review: explanation.needs_review,
        nearby,
    }))
}
