//! Reading the plate in a picture (report §4).

use crate::domain::account::Action;
use crate::recognize::{Recognition, Usage};

use super::{Caller, Failure, Site};

pub use crate::recognize::{Found, LocalReader, Picture, PictureError, SURE, Turn, recognition_of};

/// A picture in small, as a JPEG. `None` when it cannot be decoded.
#[must_use]
pub fn picture_for_page(file: bytes::Bytes) -> Option<Vec<u8>> {
    Picture::check(file).ok()?.small()
}

/// Takes a turn at what reads plates, before the picture is taken.
///
/// # Errors
/// [`super::Refusal`]: not set up, or busy.
pub async fn take_turn<'s>(site: &'s Site, caller: &Caller) -> Result<Turn<'s>, Failure> {
    site.authorise(caller, Action::Recognize).await?;
    site.pace_check(caller)?;
    site.recognizer.turn().map_err(|error| Failure::Refused(error.into()))
}

/// Reads the plate in a picture. Nothing of the picture is kept.
///
/// # Errors
/// [`super::Refusal`]: what reads plates failed or took too long.
pub async fn read(site: &Site, turn: &Turn<'_>, picture: Picture) -> Result<Recognition, Failure> {
    let began = std::time::Instant::now();
    let read = site.recognizer.read(turn, picture).await;
    tracing::info!(
        recognize.engine = site.recognizer.engine(),
        recognize.plates = read.as_ref().map_or(0, |read| read.plates.len()),
        recognize.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "a picture was read"
    );
    read.map_err(|error| Failure::Refused(error.into()))
}

/// What reads plates, and how much it was asked since the start.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn usage(site: &Site, caller: &Caller) -> Result<(String, Usage), Failure> {
    site.authorise(caller, Action::SeeRecognition).await?;
    Ok((site.recognizer.engine(), site.recognizer.usage()))
}
