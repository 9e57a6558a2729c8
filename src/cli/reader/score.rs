//! How much of what was read is right.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::share;
use crate::domain::matching::{Candidate, Expected, Read, Tolerance, decide};
use crate::domain::plate::Plate;
use crate::service::recognition::{Found, SURE};

/// How many plates are expected where a read is matched.
const EXPECTED: usize = 40;

/// How many bins confidences are sorted into.
const BINS: usize = 10;

/// One labelled picture and what was read in it.
pub(super) struct Picture {
    pub name: String,
    pub labels: Vec<Plate>,
    pub reads: Vec<OneRead>,
    pub ms: f64,
}

/// One plate that was read.
pub(super) struct OneRead {
    pub plate: Plate,
    pub confidence: f64,
    /// What the reader says of it, for matching.
    pub read: Read,
    /// Whether a label says the same, region included.
    pub right: bool,
}

/// The sums over all pictures.
#[derive(Default)]
pub(super) struct Score {
    pictures: usize,
    labelled: usize,
    right: usize,
    /// The key alone is right.
    right_without_region: usize,
    unread: usize,
    accepted: usize,
    accepted_right: usize,
    without_plate: usize,
    /// Pictures without a plate in which one was read.
    invented: usize,
    /// Reads, right reads, sum of confidences.
    bins: [(usize, usize, f64); BINS],
    matched: (usize, usize),
    /// What was read for what, by how often.
    confusions: BTreeMap<(char, char), usize>,
    ms: Vec<f64>,
}

impl Picture {
    pub(super) fn new(name: String, labels: Vec<Plate>, found: &[Found], ms: f64) -> Self {
        let reads = found.iter().filter(|one| one.is_told()).filter_map(|one| {
            let candidates = &one.reading.candidates;
            let best = candidates.first()?;
            let text = best.plate.canonical();
            let characters = &one.reading.characters;
            // A word is one symbol of several characters.
            let confidences = characters.iter().flat_map(|(symbol, sure)| symbol.chars().map(|_| *sure)).collect();
            let others = candidates
                .iter()
                .map(|one| Candidate { text: one.plate.canonical(), confidence: one.confidence.unwrap_or_default() });
            Some(OneRead {
                right: labels.iter().any(|label| label.canonical() == text),
                plate: best.plate.clone(),
                confidence: one.confidence(),
                read: Read { text, confidences, candidates: others.collect(), region_unreadable: false },
            })
        });
        let reads = reads.collect();
        Self { name, labels, reads, ms }
    }

    /// Whether each label was read right and nothing else was.
    pub(super) fn is_right(&self) -> bool {
        self.reads.iter().all(|one| one.right)
            && self.labels.iter().all(|label| self.reads.iter().any(|one| one.plate == *label))
    }
}

impl Score {
    pub(super) fn of(pictures: &[Picture]) -> Self {
        let mut score = Self { pictures: pictures.len(), ..Self::default() };
        let all: Vec<&Plate> = pictures.iter().flat_map(|picture| &picture.labels).collect();
        for picture in pictures {
            score.ms.push(picture.ms);
            for label in &picture.labels {
                score.label(label, picture);
                score.matching(label, picture, &all);
            }
            if picture.labels.is_empty() {
                score.without_plate += 1;
                score.invented += usize::from(!picture.reads.is_empty());
            }
            for one in &picture.reads {
                let bin =
                    BINS - 1 - (0..BINS - 1).rev().position(|bin| one.confidence >= edge(bin + 1)).unwrap_or(BINS - 1);
                score.bins[bin].0 += 1;
                score.bins[bin].1 += usize::from(one.right);
                score.bins[bin].2 += one.confidence;
            }
        }
        score.ms.sort_by(f64::total_cmp);
        score
    }

    fn label(&mut self, label: &Plate, picture: &Picture) {
        self.labelled += 1;
        if let Some(one) = picture.reads.iter().find(|one| one.plate == *label) {
            self.right += 1;
            self.right_without_region += 1;
            self.accepted += usize::from(one.confidence >= SURE);
            self.accepted_right += usize::from(one.confidence >= SURE);
            return;
        }
        let Some(nearest) = nearest(label, picture) else {
            self.unread += 1;
            return;
        };
        self.right_without_region += usize::from(nearest.plate.key() == label.key());
        self.accepted += usize::from(nearest.confidence >= SURE);
        let (truth, read): (Vec<char>, Vec<char>) =
            (label.key().chars().collect(), nearest.plate.key().chars().collect());
        if truth.len() == read.len() {
            for pair in truth.into_iter().zip(read).filter(|(truth, read)| truth != read) {
                *self.confusions.entry(pair).or_default() += 1;
            }
        }
    }

    /// Matches the read against the plate and others that the labels name, the ones that follow it.
    fn matching(&mut self, label: &Plate, picture: &Picture, all: &[&Plate]) {
        if all.len() < EXPECTED {
            return;
        }
        self.matched.1 += 1;
        let Some(one) = nearest(label, picture) else { return };
        let at = all.iter().position(|plate| *plate == label).unwrap_or_default();
        let others = all.iter().cycle().skip(at + 1).take(all.len()).filter(|plate| plate.key() != label.key());
        let mut expected = vec![Expected::of(label, ())];
        for other in others {
            if expected.len() < EXPECTED && expected.iter().all(|known| known.key != other.key()) {
                expected.push(Expected::of(other, ()));
            }
        }
        let decision = decide(&one.read, &expected, &Tolerance::default());
        self.matched.0 += usize::from(decision.chosen.is_some_and(|chosen| chosen.key == label.key()));
    }

    /// By how much the confidences are off, on average.
    fn calibration_error(&self) -> f64 {
        let reads: usize = self.bins.iter().map(|bin| bin.0).sum();
        let off = |(_, right, confidences): &(usize, usize, f64)| (real(*right) - confidences).abs();
        if reads == 0 { 0.0 } else { self.bins.iter().map(off).sum::<f64>() / real(reads) }
    }

    pub(super) fn json(&self, pictures: &[Picture]) -> Value {
        let bins = self.bins.iter().enumerate().filter(|(_, bin)| bin.0 > 0).map(|(at, (reads, right, confidences))| {
            json!({"from": edge(at), "reads": reads, "right": share(*right, *reads), "said": confidences / real(*reads)})
        });
        let confusions = self
            .ranked()
            .into_iter()
            .map(|((truth, read), times)| json!({"plate": truth, "read": read, "times": times}));
        let told = pictures.iter().map(|picture| {
            let reads = picture.reads.iter();
            let reads = reads
                .map(|one| json!({"plate": one.plate.canonical(), "confidence": one.confidence, "right": one.right}));
            json!({"file": picture.name, "ms": picture.ms, "reads": reads.collect::<Vec<_>>()})
        });
        json!({
            "pictures": self.pictures,
            "plates": self.labelled,
            "right": share(self.right, self.labelled),
            "rightWithoutRegion": share(self.right_without_region, self.labelled),
            "notRead": share(self.unread, self.labelled),
            "accepted": share(self.accepted, self.labelled),
            "rightAmongAccepted": share(self.accepted_right, self.accepted),
            "threshold": SURE,
            "picturesWithoutPlate": self.without_plate,
            "invented": share(self.invented, self.without_plate),
            "calibrationError": self.calibration_error(),
            "calibration": bins.collect::<Vec<_>>(),
            "matchedAgainst40": share(self.matched.0, self.matched.1),
            "confusions": confusions.collect::<Vec<_>>(),
            "millisecondsMedian": self.percentile(50),
            "milliseconds95": self.percentile(95),
            "files": told.collect::<Vec<_>>(),
        })
    }

    fn ranked(&self) -> Vec<((char, char), usize)> {
        let mut ranked: Vec<_> = self.confusions.iter().map(|(pair, times)| (*pair, *times)).collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }

    fn percentile(&self, percent: usize) -> f64 {
        self.ms.get((self.ms.len() * percent / 100).min(self.ms.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        let percent = |part: usize, whole: usize| {
            share(part, whole).as_f64().map_or_else(|| "-".to_owned(), |it| format!("{:.2} %", it * 100.0))
        };
        let mut text = format!(
            "pictures                   {:>8}\nplates                     {:>8}\n",
            self.pictures, self.labelled
        );
        let mut line = |what: &str, value: String| {
            let _ = writeln!(text, "{what:<26} {value:>8}");
        };
        line("read right", percent(self.right, self.labelled));
        line("  without the region", percent(self.right_without_region, self.labelled));
        line("not read at all", percent(self.unread, self.labelled));
        line(&format!("accepted (from {SURE})"), percent(self.accepted, self.labelled));
        line("  right among them", percent(self.accepted_right, self.accepted));
        line("pictures without a plate", self.without_plate.to_string());
        line("  in which one was read", percent(self.invented, self.without_plate));
        line("calibration error", format!("{:.4}", self.calibration_error()));
        line(&format!("right of {EXPECTED} expected"), percent(self.matched.0, self.matched.1));
        line("milliseconds, median", format!("{:.1}", self.percentile(50)));
        line("milliseconds, 95 of 100", format!("{:.1}", self.percentile(95)));
        text.push_str("\nsaid        reads     right\n");
        for (at, (reads, right, _)) in self.bins.iter().enumerate().filter(|(_, bin)| bin.0 > 0) {
            let _ = writeln!(text, "{:.1}-{:.1} {reads:>9} {:>9}", edge(at), edge(at + 1), percent(*right, *reads));
        }
        text.push_str("\nplate  read  times\n");
        for ((truth, read), times) in self.ranked().into_iter().take(30) {
            let _ = writeln!(text, "{truth:<6} {read:<5} {times:>5}");
        }
        text
    }
}

/// The read that is nearest to a label: the same length and the most characters in place.
fn nearest<'a>(label: &Plate, picture: &'a Picture) -> Option<&'a OneRead> {
    let alike = |one: &&OneRead| {
        let same = one.plate.key().chars().rev().zip(label.key().chars().rev()).filter(|(a, b)| a == b).count();
        // Another plate of the picture is not a misread one.
        let other = one.right && one.plate != *label;
        (!other, same)
    };
    picture.reads.iter().max_by_key(alike).filter(|one| !(one.right && one.plate != *label))
}

fn edge(bin: usize) -> f64 {
    real(bin) / real(BINS)
}

#[expect(clippy::cast_precision_loss, reason = "counts of pictures")]
fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(labels: &[&str], reads: &[(&str, f64)]) -> Picture {
        let labels: Vec<Plate> = labels.iter().map(|text| Plate::parse(text).unwrap()).collect();
        let reads = reads.iter().map(|(text, confidence)| {
            let plate = Plate::parse(text).unwrap();
            let right = labels.contains(&plate);
            OneRead { plate, confidence: *confidence, read: Read::of(text), right }
        });
        Picture { name: "a.jpg".to_owned(), reads: reads.collect(), labels, ms: 2.0 }
    }

    #[test]
    fn every_kind_of_outcome_is_counted_as_what_it_is() {
        let pictures = [
            picture(&["12가3456"], &[("12가3456", 0.98)]),
            picture(&["12가3456"], &[("12가3458", 0.55)]),
            picture(&["12가3456"], &[]),
            picture(&[], &[]),
            picture(&[], &[("12가3456", 0.35)]),
            picture(&["서울12바3456"], &[("12바3456", 0.97)]),
            picture(&["12가3456", "34나5678"], &[("34나5678", 0.99), ("12가3456", 0.97)]),
        ];
        let score = Score::of(&pictures).json(&pictures);
        assert_eq!((&score["pictures"], &score["plates"]), (&json!(7), &json!(6)));
        assert_eq!((&score["right"], &score["rightWithoutRegion"]), (&json!(0.5), &json!(0.6667)));
        assert_eq!((&score["notRead"], &score["accepted"]), (&json!(0.1667), &json!(0.6667)));
        assert_eq!((&score["rightAmongAccepted"], &score["invented"]), (&json!(0.75), &json!(0.5)));
        assert_eq!(score["confusions"], json!([{"plate": "6", "read": "8", "times": 1}]));
        assert_eq!(score["calibration"][0], json!({"from": 0.3, "reads": 1, "right": 0.0, "said": 0.35}));
        assert_eq!(
            pictures.iter().map(Picture::is_right).collect::<Vec<_>>(),
            [true, false, false, true, false, false, true]
        );
    }

    #[test]
    fn confidences_that_come_true_have_no_error() {
        let mut pictures: Vec<Picture> = (0..9).map(|_| picture(&["12가3456"], &[("12가3456", 0.9)])).collect();
        pictures.push(picture(&["12가3456"], &[("12가3458", 0.9)]));
        assert!(Score::of(&pictures).calibration_error() < 1e-9);
        pictures.truncate(9);
        assert!((Score::of(&pictures).calibration_error() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn a_misread_plate_is_matched_to_its_booking_among_forty() {
        let mut pictures: Vec<Picture> = (0..45)
            .map(|at| {
                let text = format!("{}가{}", 10 + at, 1000 + at * 137);
                picture(&[&text], &[(&text, 0.99)])
            })
            .collect();
        pictures.push(picture(&["77너8316"], &[("77너8310", 0.6)]));
        assert_eq!(Score::of(&pictures).json(&pictures)["matchedAgainst40"], json!(1.0));
        pictures.push(picture(&["78너8316"], &[]));
        assert!(Score::of(&pictures).json(&pictures)["matchedAgainst40"].as_f64().unwrap() < 1.0);
    }
}
