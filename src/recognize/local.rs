//! The reader built in: two small nets and the grammar of plates. No picture leaves the machine.
//!
//! A picture goes through four steps: `pixels` decodes it, `locate` finds the corners of plates, `model` looks at
//! each, pulled straight, and `decode` makes of that the legal plates it may be. How the nets were made and measured is
//! in `docs/reader.md`.

mod decode;
mod locate;
mod model;
mod pixels;

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use super::picture::{Picture, PictureError};
use super::{Candidate, Recognition};

use decode::{Reading, decode};
use model::{Models, Seen};
use pixels::{Pixels, Quad};

/// A plate as a whole is believed from this confidence on; below it, a person should look.
pub const SURE: f64 = 0.97;

/// From where on something is told as a plate: how surely it is one, and how surely it is read. A picture that may be a
/// plate as a whole was most likely taken of one, and somebody or the booked cars will tell what it says: there, the best
/// guess is told. In a street much looks like a plate.
#[derive(Clone, Copy, Debug)]
struct Least {
    is_plate: f64,
    confidence: f64,
}

const OF_CROP: Least = Least { is_plate: 0.5, confidence: decode::LEAST };
const LOCATED: Least = Least { is_plate: 0.9, confidence: 0.4 };

/// The most plates that are told of one picture.
const MOST: usize = 8;

/// A picture of this shape may be a plate as a whole: sides of 6 to 5 up to 10 to 1; a large one from 2 to 1.
fn may_be_crop(width: u32, height: u32) -> bool {
    let is_small = width <= 720 && height <= 480;
    let least = if is_small { (6, 5) } else { (2, 1) };
    width * least.1 >= height * least.0 && width <= height * 10
}

/// How far beyond its corners a plate is looked at: shares of its width and height, first and then.
const LOOSE: (f32, f32) = (0.07, 0.16);
const TIGHT: (f32, f32) = (0.018, 0.05);

/// How often a plate is looked at again that was not read surely.
const AGAIN: usize = 2;

/// What is so surely no plate is not looked at again.
const HOPELESS: f64 = 0.02;

/// Corners that moved by less, as a share of the sides, are where they should be.
const STILL: f32 = 0.02;

/// What reads plates.
pub struct LocalReader {
    models: Models,
}

/// Something that looks like a plate, and what it says.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its corners in the upright picture, in pixels, clockwise from the upper left.
    pub corners: Quad,
    /// How sure the reader is that it is a plate, from 0 to 1.
    pub is_plate: f64,
    /// What it says.
    pub reading: Reading,
    /// From where on it is told.
    least: Least,
}

impl Found {
    /// How sure the reader is of the likeliest plate; 0 when it is none.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.reading.candidates.first().and_then(|best| best.confidence).unwrap_or(0.0)
    }

    /// Whether it is told as a plate.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.is_plate >= self.least.is_plate && self.confidence() >= self.least.confidence
    }

    /// Whether it is believed without a person's look.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.is_told() && self.confidence() >= SURE
    }

    fn json(&self) -> Value {
        let share = |value: f64| (value * 1e4).round() / 1e4;
        let plates = |candidate: &Candidate| json!({"plate": candidate.plate.canonical(), "confidence": candidate.confidence.map(share)});
        let characters = |(text, sure): &(String, f64)| json!({"text": text, "confidence": share(*sure)});
        json!({
            "text": self.reading.text,
            "plate": self.reading.candidates.first().filter(|_| self.is_told()).map(|best| best.plate.canonical()),
            "confidence": share(self.confidence()),
            "sure": self.is_sure(),
            "isPlate": share(self.is_plate),
            "colour": self.reading.colour,
            "box": self.corners.map(|(x, y)| [x.round(), y.round()]),
            "characters": self.reading.characters.iter().map(characters).collect::<Vec<_>>(),
            "candidates": self.reading.candidates.iter().map(plates).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Debug for LocalReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalReader")
    }
}

impl LocalReader {
    /// The nets in the binary, or those in a folder: `locator.onnx`, `reader.onnx` and `reader.json`, as
    /// `docs/reader.md` says.
    ///
    /// # Errors
    /// A sentence, when a file is missing or is not what it should be.
    pub fn open(folder: Option<&Path>) -> Result<Self, String> {
        Ok(Self { models: Models::open(folder)? })
    }

    /// Reads a picture on this thread: the plates in it, the likeliest first, and after them what only looked like
    /// one.
    ///
    /// # Errors
    /// [`PictureError::Broken`] when it cannot be decoded, [`PictureError::TooManyPixels`] when it would take too much
    /// memory.
    pub fn look(&self, picture: &Picture) -> Result<Vec<Found>, PictureError> {
        let pixels = Pixels::decode(picture)?;
        let mut found: Vec<Found> = Vec::new();
        if may_be_crop(pixels.width(), pixels.height()) {
            found.extend(self.read(&pixels, pixels.whole(), false));
            if found.iter().any(Found::is_sure) {
                return Ok(found);
            }
        }
        for corners in locate::plates(&self.models, &pixels) {
            // What lies on a plate that was surely read is a part of it.
            if !found.iter().any(|known| known.is_sure() && locate::overlap(&known.corners, &corners)) {
                found.extend(self.read(&pixels, corners, true));
            }
        }
        let worth = |one: &Found| (one.is_told(), one.confidence());
        found.sort_by(|a, b| worth(b).partial_cmp(&worth(a)).unwrap_or(std::cmp::Ordering::Equal));
        let mut kept: Vec<Found> = Vec::new();
        for one in found {
            if kept.len() < MOST && kept.iter().all(|known| !locate::overlap(&known.corners, &one.corners)) {
                kept.push(one);
            }
        }
        Ok(kept)
    }

    /// Reads what is between four corners, and again between those that it then sees, for the locator is off by some
    /// pixels. What the looks say together counts. `None` when the corners make no sense.
    fn read(&self, pixels: &Pixels, corners: Quad, located: bool) -> Option<Found> {
        let least = if located { LOCATED } else { OF_CROP };
        let found = |looks: &[Seen]| {
            let seen = Seen::together(looks)?;
            let reading = decode(&seen, &self.models.meaning);
            Some(Found { corners: seen.corners, is_plate: seen.is_plate, reading, least })
        };
        let wide = if located { pixels::grown(&corners, LOOSE.0, LOOSE.1) } else { corners };
        let mut looks = vec![self.models.read(pixels, &wide)?];
        let mut told = found(&looks)?;
        while looks.len() <= AGAIN && told.confidence() < SURE && told.is_plate >= HOPELESS {
            let before = looks.last()?;
            let tight = pixels::grown(&before.corners, TIGHT.0, TIGHT.1);
            if before.moved < STILL || !pixels::is_sound(&tight) {
                break;
            }
            let Some(seen) = self.models.read(pixels, &tight) else { break };
            looks.push(seen);
            told = found(&looks)?;
        }
        Some(told)
    }
}

/// What was found, as the answer of an engine.
#[must_use]
pub fn recognition_of(found: &[Found]) -> Recognition {
    let mut plates: Vec<Candidate> = Vec::new();
    let told = found.iter().filter(|one| one.is_told());
    let best = told.clone().filter_map(|one| one.reading.candidates.first());
    let others = told.flat_map(|one| one.reading.candidates.iter().skip(1));
    for candidate in best.chain(others) {
        if plates.len() < 10 && plates.iter().all(|known| known.plate != candidate.plate) {
            plates.push(candidate.clone());
        }
    }
    plates.sort_by(|a, b| b.confidence.partial_cmp(&a.confidence).unwrap_or(std::cmp::Ordering::Equal));
    Recognition { plates, raw: json!({"plates": found.iter().map(Found::json).collect::<Vec<_>>()}) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plate::Plate;

    fn found(is_plate: f64, confidence: f64, least: Least) -> Found {
        let plate = Plate::parse("12가3456").unwrap();
        let candidates = vec![Candidate { plate, confidence: Some(confidence) }];
        let reading = Reading { text: "12가3456".to_owned(), characters: vec![], candidates, colour: "white" };
        Found { corners: [(0.0, 0.0); 4], is_plate, reading, least }
    }

    #[test]
    fn what_surely_is_a_plate_is_told_though_hardly_read_and_what_surely_is_none_is_not() {
        assert!(found(0.99, 0.45, LOCATED).is_told());
        assert!(!found(0.85, 0.85, LOCATED).is_told());
        assert!(found(0.6, 0.5, OF_CROP).is_told());
        assert!(!found(0.4, 0.4, OF_CROP).is_told());
        assert!(found(1.0, 0.05, OF_CROP).is_told() && !found(1.0, 0.05, LOCATED).is_told());
    }

    #[test]
    fn what_is_told_is_sure_only_from_a_high_confidence() {
        let sure = |confidence| found(1.0, confidence, LOCATED).json()["sure"].clone();
        assert_eq!((sure(0.98), sure(0.96)), (json!(true), json!(false)));
        assert_eq!(recognition_of(&[found(0.5, 0.5, LOCATED)]).plates.len(), 0);
    }

    #[test]
    fn small_pictures_and_wide_ones_may_be_plates_as_a_whole() {
        for (width, height) in [(335, 170), (520, 110), (720, 480), (1600, 400), (4000, 2000)] {
            assert!(may_be_crop(width, height), "{width} x {height}");
        }
        for (width, height) in [(1280, 720), (100, 100), (720, 700), (1100, 100), (3000, 2000)] {
            assert!(!may_be_crop(width, height), "{width} x {height}");
        }
    }
}
