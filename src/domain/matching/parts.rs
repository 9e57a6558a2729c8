//! Plates and reads taken apart by the grammar: region, class digits, syllable (or words), serial.

use super::confusion::{
    DIGIT_RIGHT, DIGITS_OF_A_STRANGER, ILLEGAL_OF_A_STRANGER, LEAST_SURE, MOST_SURE, SYLLABLE_RIGHT,
    SYLLABLES_OF_A_STRANGER, UNREAD_DIGIT, cost, digit_share, odds,
};
use crate::domain::plate::{Plate, Region, digit_or_hangul, is_legal_syllable};

/// The longest read that is looked at, in characters that carry meaning; the longest plate has 19.
const MAX_READ: usize = 24;
/// A list of candidates leaves at least this much for all others, whatever it adds up to.
const LEAST_RESIDUE: f64 = 1e-4;
/// How far what a list leaves over spreads to characters on which all the listed agree.
const EVERYWHERE: f64 = 0.002;

/// An expected plate, taken apart once.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) shape: Shape,
    pub(super) region: Option<Region>,
    /// The digits before the syllable; none for a worded plate.
    pub(super) class: Vec<char>,
    /// The syllable, or the words of a worded plate.
    pub(super) words: Vec<char>,
    /// The digits at the end; for a foreign plate all of it.
    pub(super) serial: Vec<char>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// Class digits, a syllable, a serial.
    Numbered,
    /// Words and digits: diplomatic, temporary, old motorcycles.
    Worded,
    /// Latin letters and digits.
    Foreign,
}

impl Parts {
    pub(super) fn new(key: &str, region: Option<Region>) -> Self {
        let key: Vec<char> = key.chars().collect();
        let Some(last) = key.iter().rposition(|&c| is_syllable(c)) else {
            return Self { shape: Shape::Foreign, region: None, class: Vec::new(), words: Vec::new(), serial: key };
        };
        let first = key.iter().position(|&c| is_syllable(c)).unwrap_or(last);
        let shape = if first == 0 { Shape::Worded } else { Shape::Numbered };
        Self {
            shape,
            region,
            class: key[..first].to_vec(),
            words: key[first..=last].to_vec(),
            serial: key[last + 1..].to_vec(),
        }
    }
}

/// A character of a read, and what its reader's confidence makes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) c: char,
    /// `ln(right / wrong)`.
    pub(super) odds: f64,
    /// What it costs that it stands for each digit: a read is compared with hundreds of plates.
    pub(super) for_digit: [f64; 10],
    /// What it adds to the [`Hypothesis::weight`].
    weight: f64,
}

/// What stands before the class digits of a read.
#[derive(Clone, Debug)]
pub(super) enum Head {
    /// Nothing, or nothing that may be looked at.
    Unread,
    /// A region by one of its names.
    Region(Region),
    /// Syllables that name no region.
    Other(Vec<Seen>),
}

/// One way to cut a read of a numbered plate.
#[derive(Clone, Debug)]
pub(super) struct Split {
    pub(super) head: Head,
    pub(super) class: Vec<Seen>,
    /// The character in the place of the syllable, if there is one.
    pub(super) syllable: Option<Seen>,
    pub(super) serial: Vec<Seen>,
}

/// One text that a reader may have seen, in all its cuts.
#[derive(Clone, Debug)]
pub(super) struct Hypothesis {
    /// The plate, if the text is one.
    pub(super) plate: Option<Plate>,
    /// How much less likely it is than the read's own text, in nats.
    pub(super) penalty: f64,
    /// How much rarer the text is on a stranger's car than in a read of the plate itself, in nats.
    pub(super) weight: f64,
    pub(super) numbered: Vec<Split>,
    /// Whether the region is not to be looked at.
    pub(super) region_unreadable: bool,
    /// Words and digits of a worded plate; the words still have the region in front.
    pub(super) worded: Option<(Vec<Seen>, Vec<Seen>)>,
    /// The whole in upper case, look-alikes as they stand.
    pub(super) foreign: Vec<Seen>,
}

impl Seen {
    /// A syllable of a region, which says nothing of whose car it is.
    pub(super) fn of_region(c: char, odds: f64) -> Self {
        Self::new(c, odds, 0.0)
    }

    fn new(c: char, odds: f64, weight: f64) -> Self {
        let for_digit = DIGITS.map(|digit| match digit_share(digit, c) {
            _ if digit == c => 0.0,
            Some(share) => cost(odds, share),
            None => UNREAD_DIGIT,
        });
        Self { c, odds, for_digit, weight }
    }
}

const DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

impl Hypothesis {
    /// `None` for a text that is empty or too long to be a plate.
    ///
    /// `text` is folded; `confidences` count if there is one for each character.
    pub(super) fn new(folded: &str, confidences: &[f64], penalty: f64, region_unreadable: bool) -> Option<Self> {
        let raw: Vec<char> = folded.chars().collect();
        if raw.is_empty() || raw.len() > MAX_READ {
            return None;
        }
        let plate = Plate::parse(folded).ok();
        // The canonical spelling shortens the long names of regions and districts.
        let chars: Vec<char> = match plate.as_ref().filter(|_| raw.iter().any(|&c| is_syllable(c))) {
            Some(plate) => plate.canonical().chars().collect(),
            None => raw.iter().map(|&c| digit_or_hangul(c).unwrap_or(c)).collect(),
        };
        let each = |at: usize, length: usize| confidences.get(at).copied().filter(|_| confidences.len() == length);
        let seen: Vec<Seen> = chars.iter().enumerate().map(|(at, &c)| seen(c, each(at, chars.len()))).collect();
        let foreign = raw.iter().enumerate().map(|(at, &c)| seen_foreign(c, each(at, raw.len()))).collect();
        let (numbered, worded, first) = cuts(&seen, region_unreadable);
        let weight = seen[first..].iter().map(|seen| seen.weight).sum();
        Some(Self { plate, penalty, weight, numbered, region_unreadable, worded, foreign })
    }

    /// Whether it is the read's own text; a candidate is always less likely.
    pub(super) fn is_own(&self) -> bool {
        self.penalty <= 0.0
    }

    /// The text in one spelling.
    pub(super) fn text(&self) -> String {
        self.plate.as_ref().map_or_else(|| self.foreign.iter().map(|seen| seen.c).collect(), Plate::canonical)
    }
}

/// What a list of candidates says of each character of `text`: the part of the probability that agrees with it there.
/// What the list leaves over lies where the listed differ, mostly.
pub(super) fn marginals(text: &str, listed: &[(String, f64)]) -> Vec<f64> {
    let own: Vec<char> = text.chars().collect();
    let alike: Vec<(Vec<char>, f64)> = (listed.iter())
        .map(|(candidate, confidence)| (candidate.chars().collect::<Vec<char>>(), *confidence))
        .filter(|(candidate, _)| candidate.len() == own.len())
        .collect();
    let all: f64 = alike.iter().map(|(_, confidence)| confidence).sum();
    let left = (1.0 - all).clamp(LEAST_RESIDUE, 1.0);
    let differing = |at: usize| {
        let unlike: f64 = alike.iter().filter(|(it, _)| it[at] != own[at]).map(|(_, confidence)| confidence).sum();
        unlike / all.max(1.0)
    };
    let doubts: Vec<f64> = (0..own.len()).map(differing).collect();
    let total: f64 = doubts.iter().map(|doubt| doubt + EVERYWHERE).sum();
    doubts.iter().map(|doubt| 1.0 - doubt - left * (doubt + EVERYWHERE) / total).collect()
}

pub(super) fn is_syllable(c: char) -> bool {
    matches!(c, '가'..='힣')
}

fn seen(c: char, confidence: Option<f64>) -> Seen {
    let confidence = confidence.filter(|value| value.is_finite());
    let (right, rarity) = if c.is_ascii_digit() {
        (DIGIT_RIGHT, DIGITS_OF_A_STRANGER)
    } else if is_legal_syllable(c) {
        (SYLLABLE_RIGHT, SYLLABLES_OF_A_STRANGER)
    } else if is_syllable(c) {
        (SYLLABLE_RIGHT, ILLEGAL_OF_A_STRANGER)
    } else {
        return Seen::new(c, 0.0, 0.0);
    };
    let sure = confidence.unwrap_or(right).clamp(LEAST_SURE, MOST_SURE);
    Seen::new(c, odds(sure), (sure * rarity).ln().max(0.0))
}

fn seen_foreign(c: char, confidence: Option<f64>) -> Seen {
    let sure = confidence.filter(|value| value.is_finite()).unwrap_or(DIGIT_RIGHT).clamp(LEAST_SURE, MOST_SURE);
    Seen::new(c.to_ascii_uppercase(), odds(sure), 0.0)
}

type Cuts = (Vec<Split>, Option<(Vec<Seen>, Vec<Seen>)>, usize);

/// The ways to read the characters as a plate, and where what follows the region begins.
///
/// The last syllable is the anchor. Where the only syllables stand in front, the one between the numbers was lost, read
/// as a digit or as something else; or the class digits before it were.
fn cuts(seen: &[Seen], region_unreadable: bool) -> Cuts {
    let is_word = |s: &Seen| is_syllable(s.c);
    let lead = seen.iter().take_while(|s| is_word(s)).count();
    let head = |end: usize| head(&seen[..end], region_unreadable);
    let anchor = seen.iter().rposition(is_word);
    if let Some(at) = anchor.filter(|&at| at >= lead) {
        return (vec![split(seen, head(lead), lead, Some(at), at + 1)], None, lead);
    }
    let body = seen.len() - lead;
    let mut numbered = Vec::new();
    if lead > 0 {
        numbered.push(split(seen, head(lead - 1), lead, Some(lead - 1), lead));
    }
    if let Some(at) = seen.iter().rposition(|s| !s.c.is_ascii_digit() && !is_word(s)) {
        numbered.push(split(seen, head(lead), lead, Some(at), at + 1));
    }
    if body >= 5 {
        numbered.push(split(seen, head(lead), lead, Some(seen.len() - 5), seen.len() - 4));
    }
    if body >= 4 {
        numbered.push(split(seen, head(lead), lead, None, seen.len() - 4));
    }
    (numbered, Some((seen[..lead].to_vec(), seen[lead..].to_vec())), 0)
}

fn split(seen: &[Seen], head: Head, class: usize, syllable: Option<usize>, serial: usize) -> Split {
    let class_ends = syllable.unwrap_or(serial).max(class);
    Split {
        head,
        class: seen[class..class_ends].to_vec(),
        syllable: syllable.map(|at| seen[at]),
        serial: seen[serial..].to_vec(),
    }
}

fn head(seen: &[Seen], region_unreadable: bool) -> Head {
    if seen.is_empty() || region_unreadable {
        return Head::Unread;
    }
    let text: String = seen.iter().map(|s| s.c).collect();
    match Region::strip(&text) {
        Some((region, "")) => Head::Region(region),
        _ => Head::Other(seen.to_vec()),
    }
}
