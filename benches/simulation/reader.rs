//! A drawn reader: what it makes of a plate, and what it says of its confidence.
//!
//! Each character has a chance of its own to be misread, most of them small and a few large, whose mean is the rate. The
//! confidence is one less that chance, so among characters read with 0.7 seven in ten are right: honestly calibrated,
//! by construction. The pairs taken for each other are those of the notes on plates, not the matcher's table.

use jari::domain::matching::{Candidate, Read};
use jari::domain::plate::{Plate, Region};

use super::Random;
use super::fleet::LEGAL;

/// The error model. The defaults give about a quarter of reads that are not exact.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// How often a digit is misread.
    pub digit: f64,
    /// How often a syllable is misread.
    pub syllable: f64,
    /// How much of either goes to a confusable character, where the character has one.
    pub confusable: f64,
    /// How often the first of three digits is lost.
    pub lost_first: f64,
    /// How often the small line of the region is not in the read.
    pub lost_region: f64,
}

impl Default for Reader {
    fn default() -> Self {
        Self { digit: 0.03, syllable: 0.08, confusable: 0.7, lost_first: 0.02, lost_region: 0.3 }
    }
}

/// What the reader tells besides the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tells {
    Nothing,
    Confidences,
    Candidates,
}

/// The largest chance of a single character to be misread.
const WORST: f64 = 0.6;
/// The candidates that a reader lists.
const LISTED: usize = 5;
const DIGIT_PAIRS: [(char, char); 8] =
    [('0', '8'), ('6', '8'), ('5', '6'), ('3', '8'), ('1', '7'), ('0', '6'), ('2', '7'), ('3', '5')];
const SYLLABLE_SETS: [&str; 27] = [
    "가거",
    "나너",
    "다더",
    "라러",
    "마머",
    "바버",
    "사서",
    "아어",
    "자저",
    "하허",
    "고구",
    "노누",
    "도두",
    "로루",
    "모무",
    "보부",
    "소수",
    "오우",
    "조주",
    "다라더러",
    "도로",
    "두루부",
    "마바",
    "머버",
    "모보",
    "너더",
    "허어",
];

struct Glyph {
    truth: char,
    seen: char,
    doubt: f64,
}

impl Reader {
    /// Reads a plate.
    pub fn read(&self, random: &mut Random, plate: &Plate, tells: Tells) -> Read {
        let region = plate.region().filter(|_| !random.chance(self.lost_region)).map_or("", Region::name);
        let mut key: Vec<char> = plate.key().chars().collect();
        if key[..3].iter().all(char::is_ascii_digit) && random.chance(self.lost_first) {
            key.remove(0);
        }
        let glyphs: Vec<Glyph> = region.chars().chain(key).map(|truth| self.glyph(random, truth)).collect();
        let mut read = Read::of(&text(&glyphs));
        match tells {
            Tells::Nothing => {}
            Tells::Confidences => read.confidences = glyphs.iter().map(|glyph| 1.0 - glyph.doubt).collect(),
            Tells::Candidates => read.candidates = self.candidates(&glyphs),
        }
        read
    }

    fn glyph(&self, random: &mut Random, truth: char) -> Glyph {
        let rate = if truth.is_ascii_digit() { self.digit } else { self.syllable };
        // The mean of WORST * u^n is WORST / (n + 1).
        let doubt = if rate > 0.0 { WORST * random.unit().powf(WORST / rate - 1.0) } else { 0.0 };
        let seen = if random.chance(doubt) { self.wrong(random, truth) } else { truth };
        Glyph { truth, seen, doubt }
    }

    fn wrong(&self, random: &mut Random, truth: char) -> char {
        let near = confusable(truth);
        if !near.is_empty() && random.chance(self.confusable) {
            return random.pick(&near);
        }
        let all: Vec<char> = alphabet(truth).chars().filter(|&c| c != truth).collect();
        random.pick(&all)
    }

    /// How the doubt about a character is spread over the others: the share of `other`.
    fn share(&self, seen: char, other: char) -> f64 {
        let near = confusable(seen);
        let count = |n: usize| f64::from(u32::try_from(n).unwrap());
        let even = 1.0 / count(alphabet(seen).chars().filter(|&c| c != seen).count());
        if near.is_empty() {
            return even;
        }
        let likely = if near.contains(&other) { self.confusable / count(near.len()) } else { 0.0 };
        likely + (1.0 - self.confusable) * even
    }

    fn candidates(&self, glyphs: &[Glyph]) -> Vec<Candidate> {
        let certain: f64 = glyphs.iter().map(|glyph| 1.0 - glyph.doubt).product();
        let mut single: Vec<(f64, usize, char)> = Vec::new();
        for (at, glyph) in glyphs.iter().enumerate() {
            for other in alphabet(glyph.seen).chars().filter(|&c| c != glyph.seen) {
                let odds = glyph.doubt * self.share(glyph.seen, other) / (1.0 - glyph.doubt);
                single.push((odds, at, other));
            }
        }
        single.sort_by(|a, b| b.0.total_cmp(&a.0));
        single.truncate(12);
        let with = |changes: &[(f64, usize, char)]| {
            let mut seen: Vec<char> = glyphs.iter().map(|glyph| glyph.seen).collect();
            for &(_, at, other) in changes {
                seen[at] = other;
            }
            let confidence = certain * changes.iter().map(|&(odds, _, _)| odds).product::<f64>();
            Candidate { text: seen.into_iter().collect(), confidence }
        };
        let mut all = vec![with(&[])];
        for (number, &first) in single.iter().enumerate() {
            all.push(with(&[first]));
            all.extend(
                single[..number].iter().filter(|second| second.1 != first.1).map(|&second| with(&[first, second])),
            );
        }
        all[1..].sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        all.truncate(LISTED);
        all
    }
}

fn text(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.seen).collect()
}

fn alphabet(of: char) -> &'static str {
    if of.is_ascii_digit() { "0123456789" } else { LEGAL }
}

fn confusable(truth: char) -> Vec<char> {
    if truth.is_ascii_digit() {
        let other = |&(a, b): &(char, char)| if a == truth { Some(b) } else { (b == truth).then_some(a) };
        return DIGIT_PAIRS.iter().filter_map(other).collect();
    }
    let mut near: Vec<char> =
        SYLLABLE_SETS.iter().filter(|set| set.contains(truth)).flat_map(|set| set.chars()).collect();
    near.retain(|&c| c != truth);
    near.sort_unstable();
    near.dedup();
    near
}
