//! The plate in a picture.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::service::recognition::{self, Picture, PictureError, Turn};
use crate::service::{Caller, Site};

use super::super::caller::{Photographer, RecognitionReader};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::upload;
use super::rfc3339;

/// What a score is said to be where whatever reads the plates does not say how sure it is. Clients of Plate
/// Recognizer expect a number.
const SCORE_UNKNOWN: f64 = 0.9;

impl From<PictureError> for Problem {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Empty => Code::PictureEmpty,
            PictureError::NoPicture => Code::PictureTypeUnknown,
            PictureError::Broken => Code::PictureBroken,
            PictureError::TooManyPixels => Code::PictureTooManyPixels,
        }
        .into()
    }
}

/// A form with a picture.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; upload.rs reads it")]
pub(crate) struct PictureForm {
    /// JPEG, PNG or WebP, 8 MiB and 50 million pixels at most.
    #[schema(value_type = String, format = Binary)]
    image: (),
}

/// What was read in a picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecognitionAnswer {
    /// The plate in its canonical form; empty when none was read.
    plate: String,
    /// What whatever reads the plates answered: its text, or its JSON.
    #[schema(value_type = Object, required = true)]
    raw: Value,
    /// How sure it is, from 0 to 1; null when it does not say.
    #[schema(required = true)]
    confidence: Option<f64>,
    /// Every plate that was read, the likeliest first.
    candidates: Vec<PlateCandidate>,
    /// What read it: `openai:MODEL`, `http` or `local`.
    engine: String,
}

/// A plate that may be the one in the picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlateCandidate {
    /// In its canonical form.
    plate: String,
    /// From 0 to 1; null when it is not known.
    #[schema(required = true)]
    confidence: Option<f64>,
}

/// Reads the plate in a picture. The picture is not kept.
#[utoipa::path(post, path = "/api/license-plates", operation_id = "recognize_plate", tag = "plates", security((), ("bearer" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What was read.", body = RecognitionAnswer),
        (status = 400, description = "The file is empty.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "No form, or no picture.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "The server that reads plates fails.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not set up, or busy.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 504, description = "The server that reads plates takes too long.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn recognize(
    State(site): State<Arc<Site>>,
    Photographer(caller): Photographer,
    request: Request,
) -> Result<Json<RecognitionAnswer>, Problem> {
    let turn = match take_turn(&site, &caller, request.headers()).await {
        Ok(turn) => turn,
        Err(problem) => return Err(upload::refuse(request, problem).await),
    };
    let form = upload::read(request, "image", false).await?;
    let picture = Picture::check(form.picture)?;
    let read = recognition::read(&site, &turn, picture).await?;
    let candidates: Vec<_> = read
        .plates
        .iter()
        .map(|one| PlateCandidate { plate: one.plate.canonical(), confidence: one.confidence })
        .collect();
    Ok(Json(RecognitionAnswer {
        plate: candidates.first().map(|first| first.plate.clone()).unwrap_or_default(),
        raw: read.raw,
        confidence: candidates.first().and_then(|first| first.confidence),
        candidates,
        engine: site.recognizer.engine(),
    }))
}

/// Takes a turn for a request that looks like one with a picture.
async fn take_turn<'s>(site: &'s Site, caller: &Caller, headers: &HeaderMap) -> Result<Turn<'s>, Problem> {
    upload::boundary(headers)?;
    Ok(recognition::take_turn(site, caller).await?)
}

/// The same under the name that it had before.
#[utoipa::path(post, path = "/api/plates/recognize", operation_id = "recognize_plate_old_name", tag = "plates", security((), ("bearer" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What was read.", body = RecognitionAnswer),
        (status = 400, description = "The file is empty.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "No form, or no picture.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "The server that reads plates fails.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not set up, or busy.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 504, description = "The server that reads plates takes too long.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn recognize_old_name(
    site: State<Arc<Site>>,
    caller: Photographer,
    request: Request,
) -> Result<Json<RecognitionAnswer>, Problem> {
    recognize(site, caller, request).await
}

/// A form as clients of Plate Recognizer's Snapshot API send it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; upload.rs reads it")]
pub(crate) struct SnapshotForm {
    /// The picture: a file, or its base64 as a text.
    #[schema(value_type = String, format = Binary)]
    upload: (),
    /// Comes back as it was sent.
    #[schema(value_type = String, required = false)]
    camera_id: (),
}

/// What was read, in the shape of Plate Recognizer's Snapshot API.
#[derive(Serialize, ToSchema)]
pub(crate) struct SnapshotAnswer {
    /// Milliseconds.
    processing_time: f64,
    /// One entry a plate.
    results: Vec<SnapshotResult>,
    /// What the client calls the file.
    filename: String,
    /// Of the shape.
    version: u8,
    /// As it was sent.
    #[schema(required = true)]
    camera_id: Option<String>,
    /// When it was read, RFC 3339 in UTC.
    timestamp: String,
}

/// A plate in the shape of Plate Recognizer's Snapshot API.
#[derive(Serialize, ToSchema)]
pub(crate) struct SnapshotResult {
    /// In lower case.
    plate: String,
    /// How sure it is that the plate is read right, from 0 to 1; 0.9 where that is not known.
    score: f64,
    /// How sure it is that this is a plate.
    dscore: f64,
    /// The country.
    region: SnapshotRegion,
    /// What it may also be.
    candidates: Vec<SnapshotCandidate>,
}

/// The country of a plate.
#[derive(Serialize, ToSchema)]
pub(crate) struct SnapshotRegion {
    /// `kr`, or empty where it is not known.
    code: &'static str,
    /// How sure it is, from 0 to 1.
    score: f64,
}

/// What a plate may also be.
#[derive(Serialize, ToSchema)]
pub(crate) struct SnapshotCandidate {
    /// In lower case.
    plate: String,
    /// From 0 to 1.
    score: f64,
}

/// Reads the plate in a picture for clients that were written for Plate Recognizer's Snapshot API: the key goes into
/// `Authorization: Token KEY`.
#[utoipa::path(post, path = "/v1/plate-reader/", operation_id = "read_snapshot", tag = "plates", security((), ("bearer" = [])),
    request_body(content = SnapshotForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "What was read.", body = SnapshotAnswer),
        (status = 400, description = "The file is empty.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The file is too large.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "No form, or no picture.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "The server that reads plates fails.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not set up, or busy.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 504, description = "The server that reads plates takes too long.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn snapshot(
    State(site): State<Arc<Site>>,
    Photographer(caller): Photographer,
    request: Request,
) -> Result<(StatusCode, Json<SnapshotAnswer>), Problem> {
    let turn = match take_turn(&site, &caller, request.headers()).await {
        Ok(turn) => turn,
        Err(problem) => return Err(upload::refuse(request, problem).await),
    };
    let began = Instant::now();
    let form = upload::read(request, "upload", true).await?;
    let picture = Picture::check(form.picture)?;
    let read = recognition::read(&site, &turn, picture).await?;
    let candidates = || {
        read.plates.iter().map(|one| SnapshotCandidate {
            plate: one.plate.canonical().to_lowercase(),
            score: one.confidence.unwrap_or(SCORE_UNKNOWN),
        })
    };
    let results = candidates().zip(&read.plates).take(1).map(|(best, one)| {
        let korean = one.plate.class() != crate::domain::plate::PlateClass::Foreign;
        SnapshotResult {
            plate: best.plate,
            score: best.score,
            dscore: best.score,
            region: SnapshotRegion { code: if korean { "kr" } else { "" }, score: f64::from(u8::from(korean)) },
            candidates: candidates().collect(),
        }
    });
    let camera_id = form.texts.into_iter().find(|(name, _)| name == "camera_id").map(|(_, text)| text);
    let answer = SnapshotAnswer {
        processing_time: began.elapsed().as_secs_f64() * 1e3,
        results: results.collect(),
        filename: form.file_name.chars().take(120).filter(|c| !c.is_control()).collect(),
        version: 1,
        camera_id,
        timestamp: rfc3339(site.clock.now()),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// How much was asked of what reads plates.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecognitionUsage {
    /// What reads them: `openai:MODEL`, `http` or `local`.
    engine: String,
    /// Pictures that were given to it since the start.
    calls: u64,
    /// Those it failed at.
    failed: u64,
    /// Those in which it found no plate.
    without_plate: u64,
    /// Tokens of what it was sent, where it counts them.
    input_tokens: u64,
    /// Tokens of what it answered.
    output_tokens: u64,
}

/// Says what reads plates, and how much it was asked since the start.
#[utoipa::path(get, path = "/api/admin/recognition", operation_id = "recognition_usage", tag = "operators", security(("bearer" = [])),
    responses((status = 200, description = "How much.", body = RecognitionUsage)))]
pub(crate) async fn usage(
    State(site): State<Arc<Site>>,
    RecognitionReader(caller): RecognitionReader,
) -> Result<Json<RecognitionUsage>, Problem> {
    let (engine, usage) = recognition::usage(&site, &caller).await?;
    Ok(Json(RecognitionUsage {
        engine,
        calls: usage.calls,
        failed: usage.failed,
        without_plate: usage.without_plate,
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
    }))
}
