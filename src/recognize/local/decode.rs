//! From what the reader sees in each place to the legal plates it may be.
//!
//! The places are those of `reader/plates.py`: a word, a syllable, three digits before it and six after it, the digits
//! pushed to the right. Whatever is no plate by the grammar of the domain is left out, however likely.

use crate::domain::plate::{Plate, PlateClass};
use crate::recognize::Candidate;

use super::model::{COLOURS, DIGIT_SLOTS, DIGITS, Meaning, Seen};

const REGIONS_AND_WORDS: [&str; 27] = [
    "", "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북", "충남", "전북", "전남",
    "경북", "경남", "제주", "외교", "영사", "준외", "준영", "국기", "협정", "대표", "외빈", "임",
];
const SYLLABLES: &str = "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주바사아자배하허호국합육해공";
const COLOUR_NAMES: [&str; COLOURS] = ["white", "blue", "yellow", "light_green", "green", "navy", "orange", "unknown"];

/// No digit.
const NOTHING: usize = 10;
/// The digits before the syllable.
const FIRST: usize = 3;
/// How many ways to read the places so far are followed.
const BEAM: usize = 64;
/// What is less likely than this in its place is not followed.
const UNLIKELY: f64 = 1e-4;
/// The most candidates of one plate: as many as matching looks at.
const MOST: usize = 8;
/// A candidate is told from this confidence on.
pub(super) const LEAST: f64 = 0.005;

/// What a plate says.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The likeliest characters, whether they make a plate or not.
    pub text: String,
    /// Character by character (a word as one), and how sure each is, from 0 to 1. Those of the likeliest candidate, or
    /// of `text` if there is none.
    pub characters: Vec<(String, f64)>,
    /// The plates it may be, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// The colour of its ground; `unknown` where the picture has none.
    pub colour: &'static str,
}

/// One symbol for each place: the word, the digits before, the syllable, the digits after.
type Symbols = [usize; 2 + DIGIT_SLOTS];

/// The likelihood of each symbol in each place, in the order in which they are written.
struct Places {
    of: Vec<Vec<f64>>,
    syllables: Vec<char>,
}

/// Where the syllable stands in [`Symbols`].
const SYLLABLE: usize = 1 + FIRST;

pub(super) fn decode(seen: &Seen, meaning: &Meaning) -> Reading {
    let places = Places::new(seen, meaning.temperature);
    let best: Symbols = std::array::from_fn(|place| likeliest(&places.of[place]));
    let mut candidates: Vec<(Candidate, Symbols)> = Vec::new();
    for (likelihood, symbols) in places.beam() {
        let Ok(plate) = Plate::parse(&places.text(&symbols)) else { continue };
        if plate.class() == PlateClass::Foreign || candidates.iter().any(|(known, _)| known.plate == plate) {
            continue;
        }
        let confidence = seen.is_plate.min(calibrated(likelihood, meaning.plate));
        candidates.push((Candidate { plate, confidence: Some(confidence) }, symbols));
        if candidates.len() == MOST {
            break;
        }
    }
    // They add up to one at most.
    let best_confidence = candidates.first().and_then(|(best, _)| best.confidence).unwrap_or_default();
    let others: f64 = candidates.iter().skip(1).filter_map(|(other, _)| other.confidence).sum();
    let shrink = ((1.0 - best_confidence) / others.max(1e-9)).min(1.0);
    for (other, _) in candidates.iter_mut().skip(1) {
        other.confidence = other.confidence.map(|confidence| confidence * shrink);
    }
    candidates.retain(|(candidate, _)| candidate.confidence >= Some(LEAST));
    let told = candidates.first().map_or(best, |(_, symbols)| *symbols);
    Reading {
        text: places.text(&best),
        characters: places.characters(&told),
        candidates: candidates.into_iter().map(|(candidate, _)| candidate).collect(),
        colour: COLOUR_NAMES[likeliest(&softmax(&seen.colour, 1.0))],
    }
}

/// The probability that a plate is right, from the joint probability of its characters.
fn calibrated(likelihood: f64, (slope, offset): (f64, f64)) -> f64 {
    let p = likelihood.clamp(1e-9, 1.0 - 1e-9);
    1.0 / (1.0 + (-(slope * (p / (1.0 - p)).ln() + offset)).exp())
}

impl Places {
    fn new(seen: &Seen, temperature: f64) -> Self {
        let mut of = vec![softmax(&seen.word, temperature)];
        let mut digits: Vec<_> = seen.digits.chunks(DIGITS).map(|slot| softmax(slot, temperature)).collect();
        let after = digits.split_off(FIRST);
        of.extend(digits);
        of.push(softmax(&seen.syllable, temperature));
        of.extend(after);
        Self { of, syllables: SYLLABLES.chars().collect() }
    }

    /// The likeliest ways to read all places, whose digits have no gaps.
    fn beam(&self) -> Vec<(f64, Symbols)> {
        let mut beam: Vec<(f64, Symbols)> = vec![(1.0, [0; 2 + DIGIT_SLOTS])];
        for (place, likelihoods) in self.of.iter().enumerate() {
            let is_digit = place != 0 && place != SYLLABLE;
            let follows_digit = is_digit && place != 1 && place != SYLLABLE + 1;
            let mut longer = Vec::with_capacity(beam.len() * 4);
            for (likelihood, symbols) in &beam {
                for (symbol, p) in likelihoods.iter().enumerate().filter(|(_, p)| **p >= UNLIKELY) {
                    if follows_digit && symbol == NOTHING && symbols[place - 1] != NOTHING {
                        continue;
                    }
                    let mut symbols = *symbols;
                    symbols[place] = symbol;
                    longer.push((likelihood * p, symbols));
                }
            }
            longer.sort_by(|a, b| b.0.total_cmp(&a.0));
            longer.truncate(BEAM);
            beam = longer;
        }
        beam
    }

    fn symbol(&self, place: usize, symbol: usize) -> String {
        match (place, symbol) {
            (0, word) => REGIONS_AND_WORDS[word].to_owned(),
            (SYLLABLE, 0) => String::new(),
            (SYLLABLE, syllable) => self.syllables[syllable - 1].to_string(),
            (_, NOTHING) => String::new(),
            (_, digit) => digit.to_string(),
        }
    }

    fn text(&self, symbols: &Symbols) -> String {
        symbols.iter().enumerate().map(|(place, symbol)| self.symbol(place, *symbol)).collect()
    }

    fn characters(&self, symbols: &Symbols) -> Vec<(String, f64)> {
        let each =
            symbols.iter().enumerate().map(|(place, &symbol)| (self.symbol(place, symbol), self.of[place][symbol]));
        each.filter(|(text, _)| !text.is_empty()).collect()
    }
}

fn softmax(logits: &[f32], temperature: f64) -> Vec<f64> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (f64::from(logit - highest) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn likeliest(likelihoods: &[f64]) -> usize {
    likelihoods.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::super::model::{SYLLABLES as SYLLABLE_COUNT, WORDS};
    use super::*;

    const MEANING: &str = r#"{"format": 1, "temperature": 1.0, "plate": [1.0, 0.0]}"#;

    /// What a reader would see that is nearly sure of these symbols.
    fn sure_of(word: usize, syllable: usize, digits: [usize; DIGIT_SLOTS]) -> Seen {
        let sure = |length: usize, symbol: usize| {
            let mut logits = vec![0.0; length];
            logits[symbol] = 12.0;
            logits
        };
        Seen {
            word: sure(WORDS, word),
            syllable: sure(SYLLABLE_COUNT, syllable),
            digits: digits.iter().flat_map(|digit| sure(DIGITS, *digit)).collect(),
            colour: sure(COLOURS, 1),
            is_plate: 0.999,
            corners: [(0.0, 0.0); 4],
            moved: 0.0,
        }
    }

    fn read(seen: &Seen) -> Reading {
        decode(seen, &serde_json::from_str(MEANING).unwrap())
    }

    const N: usize = NOTHING;

    #[test]
    fn places_become_the_plates_of_every_kind() {
        for (word, syllable, digits, text) in [
            (0, 1, [1, 2, 3, N, N, 4, 5, 6, 7], "123가4567"),
            (0, 2, [N, 1, 2, N, N, 3, 4, 5, 6], "12나3456"),
            (1, 33, [N, 3, 2, N, N, 1, 2, 3, 4], "서울32바1234"),
            (18, 0, [N, N, N, 0, 1, 2, 3, 4, 5], "외교012345"),
            (26, 0, [N, N, N, N, N, 1, 2, 3, 4], "임1234"),
            (0, 1, [N, N, 1, N, 2, 3, 4, 5, 6], "1가23456"),
            (9, 1, [N, N, 3, N, N, 1, 1, 4, 2], "경기3가1142"),
            (0, 45, [N, 1, 2, N, N, 3, 4, 5, 6], "12공3456"),
        ] {
            let reading = read(&sure_of(word, syllable, digits));
            assert_eq!(reading.candidates[0].plate.canonical(), text);
            assert!(reading.candidates[0].confidence > Some(0.98), "{:?}", reading.candidates[0].confidence);
            assert_eq!((reading.text.as_str(), reading.colour), (text, "blue"));
            assert!(reading.characters.iter().all(|(_, sure)| *sure > 0.99));
        }
    }

    #[test]
    fn an_illegal_likeliest_reading_gives_way_to_the_likeliest_legal_one() {
        // Three digits and a commercial syllable are no plate, and 버 is the runner-up.
        let mut seen = sure_of(0, 33, [1, 2, 3, N, N, 4, 5, 6, 7]);
        let private = SYLLABLES.chars().position(|c| c == '버').unwrap() + 1;
        seen.syllable[private] = 11.0;
        let reading = read(&seen);
        assert_eq!((reading.text.as_str(), reading.candidates[0].plate.key()), ("123바4567", "123버4567"));
        assert!(reading.candidates[0].confidence < Some(0.5));
        assert_eq!(reading.characters[3].0, "버");
    }

    #[test]
    fn what_is_no_plate_has_no_candidates() {
        let reading = read(&sure_of(0, 0, [N; DIGIT_SLOTS]));
        assert!(reading.candidates.is_empty() && reading.text.is_empty());
        let reading = read(&sure_of(0, 0, [N, N, N, 1, 2, 3, 4, 5, 6]));
        assert_eq!((reading.candidates.len(), reading.text.as_str()), (0, "123456"));
    }

    #[test]
    fn every_symbol_of_the_reader_is_legal_and_none_is_missing() {
        assert_eq!(SYLLABLES.chars().count() + 1, SYLLABLE_COUNT);
        for syllable in SYLLABLES.chars() {
            assert!(Plate::parse(&format!("12{syllable}3456")).is_ok(), "{syllable}");
        }
        for word in &REGIONS_AND_WORDS[1..18] {
            assert!(Plate::parse(&format!("{word}12바3456")).unwrap().region().is_some(), "{word}");
        }
        for word in &REGIONS_AND_WORDS[18..26] {
            assert_eq!(Plate::parse(&format!("{word}012345")).unwrap().class(), PlateClass::Diplomatic);
        }
    }
}
