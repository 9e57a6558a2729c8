//! Uploads: a form with one picture, read as it comes and never beyond a limit.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use base64::Engine as _;
use futures_util::stream::{self, Stream, StreamExt as _};
use tokio::sync::Mutex;

use super::codes::{Code, FieldCode};
use super::error::{FieldProblem, Problem};
use super::fields::read_on;

/// The largest picture that is taken.
pub(super) const LARGEST_PICTURE: usize = 8 * 1024 * 1024;

/// The largest form: a picture and some short fields. A third more where the picture may come as base64.
const LARGEST_FORM: usize = LARGEST_PICTURE + 64 * 1024;

/// How long a form may take to arrive. Whoever sends it has one of few turns meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most fields of a form that are looked at.
const MOST_FIELDS: usize = 32;

/// The longest text of a field that is kept.
const LONGEST_TEXT: usize = 256;

/// A form as it was sent.
#[derive(Default)]
pub(super) struct Form {
    /// The picture, of the field that was asked for.
    pub picture: Bytes,
    /// What the client calls the file.
    pub file_name: String,
    /// The other fields, as far as they are short.
    pub texts: Vec<(String, String)>,
}

/// Refuses a request whose body was not read. Who asks before sending, or means to send far more, is told at once;
/// the others lose the answer unless their body is read on.
pub(super) async fn refuse(request: Request, problem: impl Into<Problem>) -> Problem {
    let headers = request.headers();
    if !headers.contains_key(EXPECT) && declared_length(headers).is_none_or(|length| length <= LARGEST_FORM as u64) {
        read_on(&mut request.into_body().into_data_stream()).await;
    }
    problem.into()
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What separates the fields of the form. Refuses what says by its headers that it is no form, or too large for one.
pub(super) fn boundary(headers: &HeaderMap) -> Result<String, Problem> {
    if declared_length(headers).is_some_and(|length| length > LARGEST_FORM as u64) {
        return Err(Code::UploadTooLarge.into());
    }
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    multer::parse_boundary(declared).map_err(|_| Code::UploadExpected.into())
}

/// Reads a form whose picture is in `field`; `base64` where it may also be a text.
pub(super) async fn read(request: Request, field: &'static str, base64: bool) -> Result<Form, Problem> {
    let boundary = boundary(request.headers())?;
    let chunks = Arc::new(Mutex::new(request.into_body().into_data_stream()));
    let reading = read_fields(Arc::clone(&chunks), boundary, field, base64);
    let read = tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| Err(Code::RequestTimeout.into()));
    if read.is_err() {
        read_on(&mut *chunks.lock().await).await;
    }
    read
}

/// Reads a body of any kind, up to `largest` bytes.
pub(super) async fn read_whole(request: Request, largest: usize) -> Result<Vec<u8>, Problem> {
    let declared = declared_length(request.headers());
    if declared.is_some_and(|length| length > largest as u64) {
        return Err(refuse(request, Code::UploadTooLarge).await);
    }
    let mut chunks = request.into_body().into_data_stream();
    let reading = async {
        let mut body = Vec::with_capacity(declared.and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Code::RequestTimeout)?;
            if body.len() + chunk.len() > largest {
                return Err(Code::UploadTooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    let read = tokio::time::timeout(PATIENCE, reading).await.unwrap_or(Err(Code::RequestTimeout));
    if read.is_err() {
        read_on(&mut chunks).await;
    }
    Ok(read?)
}

/// The body, which is read on when its form is refused halfway.
type Chunks = Arc<Mutex<BodyDataStream>>;

async fn read_fields(chunks: Chunks, boundary: String, wanted: &'static str, base64: bool) -> Result<Form, Problem> {
    let mut form = multer::Multipart::new(bounded(chunks), boundary);
    let (mut found, mut read) = (None, Form::default());
    for _ in 0..MOST_FIELDS {
        let Some(mut field) = form.next_field().await.map_err(|error| problem(&error))? else { break };
        let (name, file_name) = (field.name().map(str::to_owned), field.file_name().map(str::to_owned));
        let is_wanted = name.as_deref() == Some(wanted) && found.is_none();
        // What is not wanted is read past, chunk by chunk.
        let limit = if is_wanted { LARGEST_FORM } else { LONGEST_TEXT };
        // As much as may come, at once: memory that is not written to costs nothing, growing costs twice.
        let mut bytes = Vec::with_capacity(limit);
        while let Some(chunk) = field.chunk().await.map_err(|error| problem(&error))? {
            if bytes.len() + chunk.len() <= limit {
                bytes.extend_from_slice(&chunk);
            } else if is_wanted {
                return Err(Code::UploadTooLarge.into());
            }
        }
        match name {
            Some(_) if is_wanted => {
                if base64 && file_name.is_none() {
                    bytes = base64::engine::general_purpose::STANDARD
                        .decode(bytes.trim_ascii())
                        .map_err(|_| Code::PictureBroken)?;
                }
                if bytes.len() > LARGEST_PICTURE {
                    return Err(Code::UploadTooLarge.into());
                }
                read.file_name = file_name.unwrap_or_default();
                found = Some(bytes);
            }
            Some(name) => read.texts.extend(String::from_utf8(bytes).ok().map(|text| (name, text))),
            None => {}
        }
    }
    let missing = FieldProblem { field: wanted.to_owned(), code: FieldCode::Missing };
    read.picture = found.ok_or_else(|| Problem::fields(vec![missing]))?.into();
    Ok(read)
}

/// Why a form was not read to its end.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Stopped {
    #[error("the client went away")]
    Gone,
    #[error("the form is too large")]
    TooLarge,
}

/// The chunks of a body, up to the limit.
fn bounded(chunks: Chunks) -> impl Stream<Item = Result<Bytes, Stopped>> + Send {
    stream::unfold((chunks, 0_usize), async |(chunks, read)| {
        let chunk = chunks.lock().await.next().await?;
        let read = read + chunk.as_ref().map_or(0, Bytes::len);
        let chunk = match chunk {
            Ok(_) if read > LARGEST_FORM => Err(Stopped::TooLarge),
            Ok(chunk) => Ok(chunk),
            Err(_) => Err(Stopped::Gone),
        };
        Some((chunk, (chunks, read)))
    })
}

fn problem(error: &multer::Error) -> Problem {
    let multer::Error::StreamReadFailed(cause) = error else { return Code::MalformedForm.into() };
    match cause.downcast_ref::<Stopped>() {
        Some(Stopped::TooLarge) => Code::UploadTooLarge.into(),
        _ => Code::RequestTimeout.into(),
    }
}
