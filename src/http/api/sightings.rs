//! What cameras saw, for operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::matching::Explanation;
use crate::domain::plate::Plate;
use crate::domain::sighting::{self, State as SightingState};

use crate::service::Site;
use crate::service::recognition::Picture;
use crate::service::sightings::{self, Decision, Search};

use super::super::caller::{OperatorsReader, Reviewer};
use super::super::codes::{Code, FieldCode};
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::schemas;
use super::{IdInPath, QueryFields, rfc3339, uuid_or};

/// What a camera saw.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sighting {
    /// A UUID.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its place among all sightings: the higher, the later.
    number: i64,
    /// Which camera.
    #[schema(format = "uuid")]
    camera_id: String,
    /// The number of the bay that the camera looks at; null at an entrance.
    #[schema(required = true)]
    session_id: Option<i64>,
    /// When, RFC 3339, UTC.
    #[schema(format = "date-time")]
    taken_at: String,
    /// When, by the camera's own clock, RFC 3339, UTC.
    #[schema(required = true, format = "date-time")]
    device_at: Option<String>,
    /// When it arrived here, RFC 3339, UTC.
    #[schema(format = "date-time")]
    received_at: String,
    /// When the same car was seen last, RFC 3339, UTC.
    #[schema(format = "date-time")]
    last_at: String,
    /// How often the same car was seen again.
    repeats: i64,
    /// The plate as it was read. Null for cars that only pass by, and once it is forgotten.
    #[schema(required = true)]
    plate: Option<String>,
    /// The plate masked; empty when none was read.
    plate_masked: String,
    /// How sure the reader was, from 0 to 1.
    #[schema(required = true)]
    confidence: Option<f64>,
    /// What read it: `camera`, or the engine that was given the picture.
    read_by: String,
    /// In which format it was told, see docs/cameras.md.
    format: String,
    /// `approaching` or `leaving`.
    #[schema(required = true)]
    direction: Option<String>,
    /// How the car was found: `exact`, `tolerant` or `none`.
    how: String,
    /// Why, see docs/matching.md.
    reason: String,
    /// How unlike the nearest expected plate the read is; 0 for the same.
    #[schema(required = true)]
    distance: Option<f64>,
    /// How far the next best was behind.
    #[schema(required = true)]
    margin: Option<f64>,
    /// When the car came, beside its reservation: `early`, `on_time` or `late`.
    #[schema(required = true)]
    arrival: Option<String>,
    /// The reservation that the car holds.
    #[schema(required = true, format = "uuid")]
    reservation_id: Option<String>,
    /// `matched`, `passing`, `review`, `accepted`, `corrected` or `rejected`.
    #[schema(value_type = String)]
    state: &'static str,
    /// When a person looked, RFC 3339, UTC.
    #[schema(required = true, format = "date-time")]
    reviewed_at: Option<String>,
    /// Who, as the audit trail names them.
    #[schema(required = true)]
    reviewed_by: Option<String>,
}

fn share(thousandths: i64) -> f64 {
    // Thousandths are small numbers.
    f64::from(i32::try_from(thousandths).unwrap_or(i32::MAX)) / 1000.0
}

impl From<sighting::Sighting> for Sighting {
    fn from(seen: sighting::Sighting) -> Self {
        Self {
            id: seen.id,
            number: seen.number,
            camera_id: seen.camera,
            session_id: seen.bay,
            taken_at: rfc3339(seen.taken_at),
            device_at: seen
                .device_at
                .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
                .map(|at| at.to_string()),
            received_at: rfc3339(seen.received_at),
            last_at: rfc3339(seen.last_at),
            repeats: seen.repeats,
            plate: seen.plate_text,
            plate_masked: seen.plate_masked,
            confidence: seen.confidence.map(share),
            read_by: seen.read_by,
            format: seen.format,
            direction: seen.direction,
            how: seen.how,
            reason: seen.reason,
            distance: seen.distance.map(share),
            margin: seen.margin.map(share),
            arrival: seen.arrival,
            reservation_id: seen.reservation,
            state: seen.state.as_str(),
            reviewed_at: seen.reviewed_at.map(rfc3339),
            reviewed_by: seen.reviewed_by,
        }
    }
}

/// Sightings, newest first, 100 at most. For the next page, send the last number as `before`.
#[utoipa::path(get, path = "/api/admin/sightings", operation_id = "list_sightings", tag = "cameras", security(("bearer" = [])),
    params(
        ("state" = Option<String>, Query, description = "`review` for what a person should look at; or another state."),
        ("cameraId" = Option<String>, Query, format = "uuid", description = "Of one camera."),
        ("reservationId" = Option<String>, Query, format = "uuid", description = "Of one reservation."),
        ("plate" = Option<String>, Query, description = "Of one plate, in any spelling."),
        ("before" = Option<i64>, Query, minimum = 0, description = "Only sightings with a lower number."),
    ),
    responses(
        (status = 200, description = "The sightings.", body = Vec<Sighting>),
        (status = 422, description = "The query is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(site): State<Arc<Site>>,
    OperatorsReader(caller): OperatorsReader,
    QueryFields(mut query): QueryFields,
) -> Result<Json<Vec<Sighting>>, Problem> {
    let state = query.optional("state", fields::sighting_state);
    let camera = query.optional("cameraId", fields::id);
    let reservation = query.optional("reservationId", fields::id);
    let plate = query.optional("plate", fields::plate);
    let before = query.optional("before", fields::page_start);
    query.finish_known()?;
    let search =
        Search { state: state?, camera: camera?, reservation: reservation?, plate_hash: None, before: before? };
    let plate = plate?.map(|(plate, _)| plate);
    let found = sightings::search(&site, &caller, search, plate).await?;
    Ok(Json(found.into_iter().map(Sighting::from).collect()))
}

/// An expected plate beside what was read.
#[derive(Serialize, ToSchema)]
pub(crate) struct Beside {
    /// As it was booked.
    plate: String,
    /// How unlike the read it is.
    distance: f64,
}

/// A sighting with the expected plates that are nearest to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SightingBeside {
    /// What was seen.
    sighting: Sighting,
    /// The expected plates that are nearest to what was read, best first; five at most.
    expected: Vec<Beside>,
    /// How many cars are expected around that time.
    expected_cars: usize,
    /// Whether there is a picture.
    has_picture: bool,
}

fn beside(explanation: Option<Explanation>) -> (Vec<Beside>, usize) {
    explanation.map_or((Vec::new(), 0), |explanation| {
        let ranked = explanation.ranked.into_iter();
        (ranked.map(|one| Beside { plate: one.plate, distance: one.distance }).collect(), explanation.expected)
    })
}

/// One sighting, with the expected plates that are nearest to it.
#[utoipa::path(get, path = "/api/admin/sightings/{id}", operation_id = "get_sighting", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "The sighting.", body = SightingBeside),
        (status = 404, description = "There is no such sighting.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get(
    State(site): State<Arc<Site>>,
    OperatorsReader(caller): OperatorsReader,
    id: IdInPath,
) -> Result<Json<SightingBeside>, Problem> {
    let found = sightings::find(&site, &caller, uuid_or(id, Code::SightingNotFound)?).await?;
    let (expected, expected_cars) = beside(found.explanation);
    Ok(Json(SightingBeside {
        sighting: found.sighting.into(),
        expected,
        expected_cars,
        has_picture: found.has_picture,
    }))
}

/// The picture of a sighting that a person should look at.
#[utoipa::path(get, path = "/api/admin/sightings/{id}/picture", operation_id = "get_sighting_picture", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "The picture.", content((String = "image/jpeg"), (String = "image/png"), (String = "image/webp"))),
        (status = 404, description = "There is no such picture.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn picture(
    State(site): State<Arc<Site>>,
    Reviewer(caller): Reviewer,
    id: IdInPath,
) -> Result<Response, Problem> {
    let bytes = sightings::picture(&site, &caller, uuid_or(id, Code::SightingNotFound)?).await?;
    // What a camera calls a picture is shown only if it is one.
    let picture = Picture::check(bytes.into()).map_err(|_| Code::SightingNotFound)?;
    Ok(([(CONTENT_TYPE, picture.media_type())], picture.into_bytes()).into_response())
}

/// What a person found.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct Review {
    /// `accept`: it is the nearest of the expected cars. `correct`: it is the plate that is given. `reject`: it is no car
    /// that anybody should know of.
    #[schema(schema_with = schemas::decision)]
    decision: (),
    /// With `correct`: which plate it is.
    #[schema(schema_with = schemas::plate_of_review, required = false)]
    plate: (),
}

/// Says which car a doubtful sighting is. Its picture is forgotten.
#[utoipa::path(post, path = "/api/admin/sightings/{id}/review", operation_id = "review_sighting", tag = "cameras", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    request_body = Review,
    responses(
        (status = 200, description = "The sighting as it is now.", body = Sighting),
        (status = 404, description = "There is no such sighting.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It was reviewed already, or no expected car is near it.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn review(
    State(site): State<Arc<Site>>,
    Reviewer(caller): Reviewer,
    id: IdInPath,
    JsonBody(body): JsonBody,
) -> Result<Json<Sighting>, Problem> {
    let id = uuid_or(id, Code::SightingNotFound)?;
    let mut fields = Fields::of_json(&body)?;
    let decision = fields.required("decision", fields::decision);
    let plate = fields.optional("plate", fields::plate);
    match (&decision, &plate) {
        (Ok(SightingState::Corrected), Ok(None)) => fields.refuse("plate", FieldCode::Missing),
        (Ok(SightingState::Accepted | SightingState::Rejected), Ok(Some(_))) => {
            fields.refuse("plate", FieldCode::PlateWithoutCorrecting);
        }
        _ => {}
    }
    fields.finish_known()?;
    let decision = match (decision?, plate?) {
        (SightingState::Corrected, Some((plate, text))) => correction(plate, text),
        (SightingState::Accepted, _) => Decision::Accept,
        _ => Decision::Reject,
    };
    Ok(Json(sightings::review(&site, &caller, id, decision).await?.into()))
}

fn correction(plate: Plate, text: String) -> Decision {
    Decision::Correct(plate, text)
}
