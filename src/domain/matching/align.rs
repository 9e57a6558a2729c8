//! The distance between one cut of a read and one expected plate, part by part.

use serde::Serialize;

use super::confusion::{
    JUNK, LOST_DIGIT, LOST_FIRST_DIGIT, LOST_SYLLABLE, UNREAD_DIGIT, cost, digit_share, odds, syllable_share,
};
use super::parts::{Head, Hypothesis, Parts, Seen, Shape, Split};
use crate::domain::plate::Region;

/// The share of a letter's errors that is one certain other character of a foreign plate, in thousandths.
const FOREIGN_SHARE: u16 = 20;
/// The same for the look-alikes of digits.
const LOOK_ALIKE_SHARE: u16 = 400;
const LOOK_ALIKES: [(char, char); 7] =
    [('0', 'O'), ('0', 'D'), ('1', 'I'), ('2', 'Z'), ('5', 'S'), ('6', 'G'), ('8', 'B')];

/// The part of a plate that a character belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The province or city in front.
    Region,
    /// The digits before the syllable.
    Class,
    /// The syllable between the numbers, or the words in front of a plate that begins with words.
    Syllable,
    /// The digits at the end; the whole of a foreign plate.
    Serial,
}

/// What became of one character.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Read as it is expected.
    Same,
    /// Read as another.
    Confused,
    /// Expected, and not in the read.
    Lost,
    /// In the read, and not expected.
    Added,
}

/// One character of an alignment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The part it belongs to.
    pub part: Part,
    /// The character of the read; nothing if it was lost.
    pub read: Option<char>,
    /// The character of the expected plate; nothing if it was added.
    pub expected: Option<char>,
    /// What became of it.
    pub outcome: Outcome,
    /// What it adds to the distance, in nats.
    pub cost: f64,
}

/// A distance, and what of it is in the serial.
#[derive(Clone, Copy, Debug)]
pub(super) struct Distance {
    pub(super) total: f64,
    pub(super) serial: f64,
    /// How many characters of the serial differ.
    pub(super) serial_errors: usize,
}

/// The least distance over all cuts of a hypothesis, its penalty included; `None` where it is `bound` or more, or where
/// the shapes cannot be one plate.
pub(super) fn distance(hypothesis: &Hypothesis, plate: &Parts, bound: f64) -> Option<Distance> {
    let mut best: Option<Distance> = None;
    let mut consider = |split: Option<Distance>| {
        if let Some(split) = split.filter(|split| best.is_none_or(|best| split.total < best.total)) {
            best = Some(split);
        }
    };
    let bound = bound - hypothesis.penalty;
    match plate.shape {
        Shape::Numbered => {
            for split in &hypothesis.numbered {
                consider(numbered(split, plate, bound, &mut |_| ()));
            }
        }
        Shape::Worded => consider(worded(hypothesis, plate, bound, &mut |_| ())),
        Shape::Foreign => consider(foreign(hypothesis, plate, &mut |_| ())),
    }
    let best = best.filter(|best| best.total < bound)?;
    Some(Distance { total: best.total + hypothesis.penalty, ..best })
}

/// The characters behind a distance, in the order of the plate.
pub(super) fn steps(hypothesis: &Hypothesis, plate: &Parts) -> Vec<Step> {
    let mut steps = Vec::with_capacity(12);
    let mut note = |step: Step| steps.push(step);
    match plate.shape {
        Shape::Numbered => {
            let far = f64::INFINITY;
            let nearest = hypothesis
                .numbered
                .iter()
                .filter_map(|split| Some((numbered(split, plate, far, &mut |_| ())?.total, split)))
                .min_by(|(a, _), (b, _)| a.total_cmp(b));
            if let Some((_, split)) = nearest {
                numbered(split, plate, far, &mut note);
            }
        }
        Shape::Worded => drop(worded(hypothesis, plate, f64::INFINITY, &mut note)),
        Shape::Foreign => drop(foreign(hypothesis, plate, &mut note)),
    }
    // The serial is compared first, because most plates differ there; it is shown last, where it stands.
    steps.sort_by_key(|step| step.part as u8);
    steps
}

fn numbered(split: &Split, plate: &Parts, bound: f64, note: &mut impl FnMut(Step)) -> Option<Distance> {
    let (serial, serial_errors) = digits(&split.serial, &plate.serial, Part::Serial, bound, note)?;
    // Most plates are too far by their serial alone, and nothing makes a distance less.
    if serial >= bound {
        return None;
    }
    let class = digits(&split.class, &plate.class, Part::Class, bound - serial, note)?.0;
    if serial + class >= bound {
        return None;
    }
    let syllable = syllable(split.syllable, plate.words[0], note);
    let total = serial + class + syllable + region(&split.head, plate.region, note);
    Some(Distance { total, serial, serial_errors })
}

fn worded(hypothesis: &Hypothesis, plate: &Parts, bound: f64, note: &mut impl FnMut(Step)) -> Option<Distance> {
    let (words, numbers) = hypothesis.worded.as_ref()?;
    let (serial, serial_errors) = digits(numbers, &plate.serial, Part::Serial, bound, note)?;
    let extra = words.len().saturating_sub(plate.words.len());
    let lost = plate.words.len().saturating_sub(words.len());
    let mut total = serial;
    let in_front: String = words[..extra].iter().map(|s| s.c).collect();
    let named = matches!(Region::strip(&in_front), Some((named, "")) if 
        hypothesis.region_unreadable || plate.region.is_none_or(|region| region == named));
    for seen in words[..extra].iter().filter(|_| !named) {
        total += added(Part::Region, seen, JUNK, note);
    }
    for (at, &expected) in plate.words.iter().enumerate() {
        let seen = at.checked_sub(lost).map(|at| words[at + extra]);
        total += syllable(seen, expected, note);
    }
    Some(Distance { total, serial, serial_errors })
}

fn foreign(hypothesis: &Hypothesis, plate: &Parts, note: &mut impl FnMut(Step)) -> Option<Distance> {
    if hypothesis.foreign.len() != plate.serial.len() {
        return None;
    }
    let (mut total, mut serial_errors) = (0.0, 0);
    for (seen, &expected) in hypothesis.foreign.iter().zip(&plate.serial) {
        let alike = LOOK_ALIKES.iter().any(|&(a, b)| (seen.c, expected) == (a, b) || (seen.c, expected) == (b, a));
        let share = if alike { LOOK_ALIKE_SHARE } else { digit_share(expected, seen.c).unwrap_or(FOREIGN_SHARE) };
        let cost = if seen.c == expected { 0.0 } else { cost(seen.odds, share) };
        serial_errors += usize::from(cost > 0.0);
        total += paired(Part::Serial, *seen, expected, cost, note);
    }
    Some(Distance { total, serial: total, serial_errors })
}

/// A run of digits: as long as expected, or one longer or shorter, or not there at all. Answers its cost and how many
/// characters differ; a cost of `bound` or more is a lower bound.
fn digits(
    read: &[Seen],
    expected: &[char],
    part: Part,
    bound: f64,
    note: &mut impl FnMut(Step),
) -> Option<(f64, usize)> {
    if read.is_empty() {
        let total = expected.iter().map(|&digit| lost(part, digit, LOST_DIGIT, note)).sum();
        return Some((total, expected.len()));
    }
    if read.len() == expected.len() {
        return Some(run(read, expected, part, bound, note));
    }
    if read.len() + 1 == expected.len() {
        let edge = part == Part::Class && expected.len() == 3;
        let price = |gap| if gap == 0 && edge { LOST_FIRST_DIGIT } else { LOST_DIGIT };
        let around = |gap: usize, bound: f64, note: &mut dyn FnMut(Step)| {
            let (before, errors) = run(&read[..gap], &expected[..gap], part, bound, note);
            let gone = lost(part, expected[gap], price(gap), &mut |step| note(step));
            let (after, more) = run(&read[gap..], &expected[gap + 1..], part, bound, note);
            (before + gone + after, errors + more + 1)
        };
        let gap = cheapest(expected.len(), |gap| around(gap, bound, &mut |_| ()).0);
        return Some(around(gap, f64::INFINITY, note));
    }
    if read.len() == expected.len() + 1 {
        let around = |gap: usize, bound: f64, note: &mut dyn FnMut(Step)| {
            let (before, errors) = run(&read[..gap], &expected[..gap], part, bound, note);
            let more = added(part, &read[gap], LOST_DIGIT, &mut |step| note(step));
            let (after, others) = run(&read[gap + 1..], &expected[gap..], part, bound, note);
            (before + more + after, errors + others + 1)
        };
        let gap = cheapest(read.len(), |gap| around(gap, bound, &mut |_| ()).0);
        return Some(around(gap, f64::INFINITY, note));
    }
    None
}

fn cheapest(places: usize, price: impl Fn(usize) -> f64) -> usize {
    (0..places).map(|gap| (gap, price(gap))).min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(gap, _)| gap)
}

/// Two runs of one length, position by position, until the cost reaches `bound`.
fn run(
    read: &[Seen],
    expected: &[char],
    part: Part,
    bound: f64,
    note: &mut (impl FnMut(Step) + ?Sized),
) -> (f64, usize) {
    let (mut total, mut errors) = (0.0, 0);
    for (seen, &expected) in read.iter().zip(expected) {
        errors += usize::from(seen.c != expected);
        total += paired(part, *seen, expected, digit(*seen, expected), &mut |step| note(step));
        if total >= bound {
            break;
        }
    }
    (total, errors)
}

fn digit(seen: Seen, expected: char) -> f64 {
    match expected.to_digit(10) {
        Some(digit) => seen.for_digit[digit as usize],
        None if seen.c == expected => 0.0,
        None => UNREAD_DIGIT,
    }
}

fn syllable(seen: Option<Seen>, expected: char, note: &mut impl FnMut(Step)) -> f64 {
    let Some(seen) = seen else { return lost(Part::Syllable, expected, LOST_SYLLABLE, note) };
    let cost = if seen.c == expected {
        0.0
    } else {
        syllable_share(expected, seen.c).map_or(LOST_SYLLABLE, |share| cost(seen.odds, share))
    };
    paired(Part::Syllable, seen, expected, cost, note)
}

/// A region that either side does not name says nothing.
fn region(head: &Head, expected: Option<Region>, note: &mut impl FnMut(Step)) -> f64 {
    match (head, expected) {
        (Head::Unread, _) | (Head::Region(_), None) => 0.0,
        (Head::Region(read), Some(expected)) => {
            let odds = odds(super::confusion::SYLLABLE_RIGHT);
            let seen = |c| Seen::of_region(c, odds);
            let pairs = read.name().chars().zip(expected.name().chars());
            pairs.map(|(read, expected)| region_syllable(seen(read), expected, note)).sum()
        }
        (Head::Other(read), Some(expected)) if read.len() == 2 => {
            let pairs = read.iter().zip(expected.name().chars());
            pairs.map(|(&seen, expected)| region_syllable(seen, expected, note)).sum()
        }
        (Head::Other(read), _) => read.iter().map(|seen| added(Part::Region, seen, JUNK, note)).sum(),
    }
}

fn region_syllable(seen: Seen, expected: char, note: &mut impl FnMut(Step)) -> f64 {
    let differs = if seen.c == expected { None } else { syllable_share(expected, seen.c) };
    paired(Part::Region, seen, expected, differs.map_or(0.0, |share| cost(seen.odds, share)), note)
}

fn paired(part: Part, seen: Seen, expected: char, cost: f64, note: &mut impl FnMut(Step)) -> f64 {
    let outcome = if seen.c == expected { Outcome::Same } else { Outcome::Confused };
    note(Step { part, read: Some(seen.c), expected: Some(expected), outcome, cost });
    cost
}

fn lost(part: Part, expected: char, cost: f64, note: &mut impl FnMut(Step)) -> f64 {
    note(Step { part, read: None, expected: Some(expected), outcome: Outcome::Lost, cost });
    cost
}

fn added(part: Part, seen: &Seen, cost: f64, note: &mut impl FnMut(Step)) -> f64 {
    note(Step { part, read: Some(seen.c), expected: None, outcome: Outcome::Added, cost });
    cost
}
