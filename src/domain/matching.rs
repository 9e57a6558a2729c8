//! Which booked car a camera saw: a read compared with the plates that are expected around that time.
//!
//! A read is a message over a noisy channel. The distance of a read from an expected plate is how much less likely the
//! read is if that plate stood there than if the plate it spells did, in nats (natural logarithms of odds): 0 for equal
//! plates, about 4.5 for one likely confusion such as 8 for 6, about 6.6 for an unlikely one. Read and plate are aligned
//! by the grammar, so a digit is never compared with a syllable of another place.
//!
//! The nearest plate is taken if three things hold, and never because it comes first:
//!
//! 1. It is within the limit. A stranger's car has some legal plate, and the more a read says, the rarer it is that a
//!    stranger's plate looks like it by chance: the limit is the weight of the read, less `ln` of the number of expected
//!    plates, less [`Tolerance::assurance`]; never more than [`Tolerance::max_distance`].
//! 2. The next best is [`Tolerance::min_margin`] or more behind.
//! 3. Its serial (the last four digits) differs by two characters at most, and by no more than
//!    [`Tolerance::max_serial_distance`].
//!
//! A read that spells an expected plate is that plate: exact always wins. Everything else is `none`, with
//! [`Explanation::needs_review`] where a person should look. What a reader says of its own confidence makes differences
//! cheaper where it was unsure and dearer where it was sure.
//!
//! `docs/matching.md` has the figures. All work is bounded by the size of the input.

mod align;
mod confusion;
mod parts;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use serde::Serialize;

use self::parts::{Hypothesis, Parts};
use super::plate::{Plate, Region, fold};
pub use align::{Outcome, Part, Step};

/// How many of the nearest plates an explanation shows.
pub const SHOWN: usize = 5;
/// How many candidates of a reader are looked at, the first ones.
pub const MAX_CANDIDATES: usize = 8;
/// A plate this little beyond the limit, in nats, is worth a person's look.
const NEAR_MISS: f64 = 2.0;
/// A read of which the reader says that the chance to be right is less goes to a person.
const UNSURE: f64 = 0.1;
/// Serials that differ in more characters are two cars, whatever the confidence says.
const MAX_SERIAL_ERRORS: usize = 2;
/// Distances that differ by less are equal: sums of the same costs in another order.
const ROUNDING: f64 = 1e-9;

/// What a camera, or its reader, made of one picture.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The plate as read; it may be wrong or have gaps, an unread character may be written `?`.
    pub text: String,
    /// One confidence (0–1) for each character of `text`, white space and separators left out. Of another length: not
    /// looked at.
    pub confidences: Vec<f64>,
    /// What else it may have been. `text` itself should be among them, with its confidence.
    pub candidates: Vec<Candidate>,
    /// The camera cannot read the small line of the region, so it is not compared.
    pub region_unreadable: bool,
}

/// One of the texts that a reader holds possible.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The plate as read.
    pub text: String,
    /// How likely it is the whole plate, 0–1; those of one read add up to at most 1.
    pub confidence: f64,
}

/// A plate that holds a booking around the time of the capture, taken apart once for many reads.
#[derive(Clone, Debug)]
pub struct Expected<T> {
    /// [`Plate::key`]; no two expected plates have the same.
    pub key: String,
    /// The plate as it is shown.
    pub text: String,
    /// Whatever the caller knows the booking by.
    pub id: T,
    parts: Parts,
}

/// How much a read may differ. The default is tuned on drawn fleets (`docs/matching.md`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Whether a read that spells no expected plate can be one at all.
    pub tolerant: bool,
    /// The largest distance that is ever accepted, in nats.
    pub max_distance: f64,
    /// The same for a read whose reader says how sure it is of each character: there, errors are where it is unsure, and
    /// cost less.
    pub max_distance_if_sure: f64,
    /// How far the next best must be behind the nearest, in nats.
    pub min_margin: f64,
    /// How much likelier, in nats, the nearest plate must be than that a stranger's looks like it.
    pub assurance: f64,
    /// The same for a read with a list of candidates: a stranger's plate is rarely among them.
    pub assurance_of_list: f64,
    /// The largest part of the distance that may lie in the serial, in nats.
    pub max_serial_distance: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            tolerant: true,
            max_distance: 12.0,
            max_distance_if_sure: 9.3,
            min_margin: 3.0,
            assurance: 2.0,
            assurance_of_list: 1.0,
            max_serial_distance: 10.0,
        }
    }
}

/// How the chosen plate was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The read spells it.
    Exact,
    /// It is the nearest, near enough and alone.
    Tolerant,
    /// No plate was chosen.
    None,
}

impl How {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Tolerant => "tolerant",
            Self::None => "none",
        }
    }
}

/// Why it was decided so.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The read spells an expected plate.
    Same,
    /// The nearest plate is within the limit, and the next is far behind.
    Nearest,
    /// No plate is expected.
    NothingExpected,
    /// The read is empty, or longer than any plate.
    Unreadable,
    /// No expected plate is within the limit.
    TooFar,
    /// Two expected plates are about equally near.
    TwoAlike,
    /// The serial differs too much.
    SerialDiffers,
    /// One would be near enough, but only exact matches count.
    ToleranceOff,
}

impl Reason {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Nearest => "nearest",
            Self::NothingExpected => "nothing_expected",
            Self::Unreadable => "unreadable",
            Self::TooFar => "too_far",
            Self::TwoAlike => "two_alike",
            Self::SerialDiffers => "serial_differs",
            Self::ToleranceOff => "tolerance_off",
        }
    }
}

/// What was decided about a read.
#[derive(Clone, Debug)]
pub struct Decision<'a, T> {
    /// The plate that was seen, if it is an expected one.
    pub chosen: Option<&'a Expected<T>>,
    /// Why. It has whole plates in it: not for logs, and masked for who may not see them.
    pub explanation: Explanation,
}

/// A decision as it can be shown and kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// How the plate was found, or that none was.
    pub how: How,
    /// Why.
    pub reason: Reason,
    /// A person should look before anything is done because of this read.
    pub needs_review: bool,
    /// The read as compared: without separators, in one spelling of its characters.
    pub read: String,
    /// The chosen plate as it is shown.
    pub plate: Option<String>,
    /// The distance of the nearest plate in nats; absent where none is anywhere near.
    pub distance: Option<f64>,
    /// How far the next best is behind, in nats; absent where none is anywhere near.
    pub margin: Option<f64>,
    /// The distance up to which a plate is accepted for this read, in nats; negative for a read that says too little.
    pub limit: f64,
    /// How many plates were expected.
    pub expected: usize,
    /// The nearest plates, best first; [`SHOWN`] at most.
    pub ranked: Vec<Ranked>,
}

/// One expected plate beside the read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// The plate as it is shown.
    pub plate: String,
    /// Its distance in nats.
    pub distance: f64,
    /// The reader's candidate that is nearest to it, where that is not the read itself.
    pub candidate: Option<String>,
    /// Read and plate, character by character.
    pub steps: Vec<Step>,
}

impl Read {
    /// A read without anything said about confidence.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// The read's own text first, if there is one, then what else the reader holds possible.
    fn hypotheses(&self) -> Vec<Hypothesis> {
        let text = fold(if self.text.len() > MAX_TEXT { "" } else { &self.text });
        let listed: Vec<(String, f64)> = (self.candidates.iter().take(MAX_CANDIDATES))
            .filter(|it| it.confidence > 0.0 && it.text.len() <= MAX_TEXT)
            .map(|it| (fold(&it.text), it.confidence.min(1.0)))
            .collect();
        let own = listed.iter().find(|(candidate, _)| *candidate == text).map(|(_, confidence)| *confidence);
        let each = if !self.confidences.is_empty() {
            self.confidences.clone()
        } else if own.is_some() {
            parts::marginals(&text, &listed)
        } else {
            Vec::new()
        };
        let reference = own.unwrap_or_else(|| listed.iter().map(|(_, confidence)| *confidence).fold(0.0, f64::max));
        let own = Hypothesis::new(&text, &each, 0.0, self.region_unreadable);
        let others = listed.iter().filter(|(candidate, _)| *candidate != text).filter_map(|(candidate, confidence)| {
            let penalty = (reference / confidence).ln().max(confusion::LEAST_COST);
            Hypothesis::new(candidate, &each, penalty, self.region_unreadable)
        });
        own.into_iter().chain(others).collect()
    }

    /// Whether all that the reader says of itself is what else it may have been.
    fn is_list(&self) -> bool {
        self.confidences.is_empty() && !self.candidates.is_empty()
    }

    /// Whether the reader itself hardly believes it.
    fn is_unsure(&self) -> bool {
        !self.confidences.is_empty() && self.confidences.iter().product::<f64>() < UNSURE
            || self.candidates.iter().any(|it| it.text == self.text && it.confidence < UNSURE)
    }
}

impl<T> Expected<T> {
    /// An expected plate by its key and the text it was booked with, which may name a region.
    #[must_use]
    pub fn new(key: &str, text: &str, id: T) -> Self {
        let named = || Region::strip(&fold(text)).map(|(region, _)| region);
        // Most plates name no region; those need not be folded.
        let region = if text.trim_start().starts_with(|c: char| c.is_ascii_digit()) { None } else { named() };
        Self { key: key.to_owned(), text: text.to_owned(), id, parts: Parts::new(key, region) }
    }

    /// An expected plate.
    #[must_use]
    pub fn of(plate: &Plate, id: T) -> Self {
        let parts = Parts::new(plate.key(), plate.region());
        Self { key: plate.key().to_owned(), text: plate.canonical(), id, parts }
    }
}

/// The longest text that is looked at, in bytes.
const MAX_TEXT: usize = 256;

struct Found<'a, T> {
    plate: &'a Expected<T>,
    hypothesis: usize,
    distance: align::Distance,
    exact: bool,
}

/// Decides which of the expected plates a read is, if any. The order of the expected plates changes nothing.
pub fn decide<'a, T>(
    read: &Read,
    expected: impl IntoIterator<Item = &'a Expected<T>>,
    tolerance: &Tolerance,
) -> Decision<'a, T> {
    let hypotheses = read.hypotheses();
    // Beyond this a plate is neither accepted, nor a runner-up that counts, nor worth a look.
    let most = if read.confidences.is_empty() { tolerance.max_distance } else { tolerance.max_distance_if_sure };
    let horizon = most.max(0.0) + tolerance.min_margin.max(NEAR_MISS);
    let mut nearest: Vec<Found<'a, T>> = Vec::with_capacity(SHOWN + 1);
    let mut count = 0_u32;
    for plate in expected {
        count = count.saturating_add(1);
        let bound = nearest.get(SHOWN - 1).map_or(horizon, |last| last.distance.total + ROUNDING);
        if let Some(found) = find(&hypotheses, plate, bound, read.region_unreadable) {
            let place = nearest.partition_point(|other| compare(other, &found) == Ordering::Less);
            nearest.insert(place, found);
            nearest.truncate(SHOWN);
        }
    }
    let weight = nearest.first().map(|it| it.hypothesis).or(Some(0)).and_then(|it| hypotheses.get(it));
    let assurance = if read.is_list() { tolerance.assurance_of_list } else { tolerance.assurance };
    let limit = weight.map_or(0.0, |it| it.weight) - f64::from(count.max(1)).ln() - assurance;
    let limit = limit.min(most);
    let (chosen, reason) = choose(&nearest, limit, tolerance, count, hypotheses.is_empty());
    let margin = nearest.get(1).map(|next| next.distance.total - nearest[0].distance.total);
    let needs_review = if chosen.is_some() {
        margin.is_some_and(|margin| margin < tolerance.min_margin)
    } else {
        let near = nearest.first().is_some_and(|it| it.distance.total <= limit + NEAR_MISS);
        let is_plate = own(&hypotheses).is_some_and(|it| it.plate.is_some());
        count > 0 && (near || !is_plate || read.is_unsure())
    };
    let explanation = Explanation {
        how: match reason {
            Reason::Same => How::Exact,
            Reason::Nearest => How::Tolerant,
            _ => How::None,
        },
        reason,
        needs_review,
        read: own(&hypotheses).map(Hypothesis::text).unwrap_or_default(),
        plate: chosen.map(|plate| plate.text.clone()),
        distance: nearest.first().map(|it| rounded(it.distance.total)),
        margin: margin.map(rounded),
        limit: rounded(limit),
        expected: count as usize,
        ranked: nearest.iter().map(|found| ranked(found, &hypotheses)).collect(),
    };
    Decision { chosen, explanation }
}

fn own(hypotheses: &[Hypothesis]) -> Option<&Hypothesis> {
    hypotheses.first().filter(|it| it.is_own())
}

fn find<'a, T>(
    hypotheses: &[Hypothesis],
    plate: &'a Expected<T>,
    bound: f64,
    region_unreadable: bool,
) -> Option<Found<'a, T>> {
    let mut best: Option<(usize, align::Distance)> = None;
    for (at, hypothesis) in hypotheses.iter().enumerate() {
        let bound = best.map_or(bound, |(_, best)| best.total);
        best = align::distance(hypothesis, &plate.parts, bound).map(|found| (at, found)).or(best);
    }
    let (nearest, distance) = best?;
    let spelt = own(hypotheses).and_then(|own| own.plate.as_ref()).is_some_and(|own| own.key() == plate.key);
    let exact = spelt && (region_unreadable || distance.total < ROUNDING);
    Some(Found { plate, hypothesis: nearest, distance, exact })
}

fn compare<T>(a: &Found<'_, T>, b: &Found<'_, T>) -> Ordering {
    let by_distance = || a.distance.total.total_cmp(&b.distance.total);
    b.exact.cmp(&a.exact).then_with(by_distance).then_with(|| a.plate.key.cmp(&b.plate.key))
}

fn choose<'a, T>(
    nearest: &[Found<'a, T>],
    limit: f64,
    tolerance: &Tolerance,
    count: u32,
    unreadable: bool,
) -> (Option<&'a Expected<T>>, Reason) {
    let Some(best) = nearest.first() else {
        let reason = match (count, unreadable) {
            (0, _) => Reason::NothingExpected,
            (_, true) => Reason::Unreadable,
            _ => Reason::TooFar,
        };
        return (None, reason);
    };
    let next = nearest.get(1).map_or(f64::INFINITY, |next| next.distance.total);
    if best.exact {
        (Some(best.plate), Reason::Same)
    } else if best.distance.total > limit {
        (None, Reason::TooFar)
    } else if best.distance.serial_errors > MAX_SERIAL_ERRORS || best.distance.serial > tolerance.max_serial_distance {
        (None, Reason::SerialDiffers)
    } else if next - best.distance.total < tolerance.min_margin {
        (None, Reason::TwoAlike)
    } else if !tolerance.tolerant {
        (None, Reason::ToleranceOff)
    } else {
        (Some(best.plate), Reason::Nearest)
    }
}

fn ranked<T>(found: &Found<'_, T>, hypotheses: &[Hypothesis]) -> Ranked {
    let nearest = &hypotheses[found.hypothesis];
    Ranked {
        plate: found.plate.text.clone(),
        distance: rounded(found.distance.total),
        candidate: (!nearest.is_own()).then(|| nearest.text()),
        steps: align::steps(nearest, &found.plate.parts),
    }
}

/// Thousandths of a nat are more than the table knows.
fn rounded(nats: f64) -> f64 {
    (nats * 1000.0).round() / 1000.0
}
