//! The policies that are compared. Each answers the place of the plate it would let in.

use jari::domain::matching::{self, Expected, How, Read, Tolerance};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// The texts are equal.
    Exact,
    /// The last four characters are equal; the first in the list.
    LastFour,
    /// One character inserted, lost or changed at most; the first in the list.
    FirstWithinOne,
    /// As many without the syllable, the nearest, the first of equals.
    HangulDropped,
    /// This project's.
    Ours,
}

/// What a policy did with a read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    pub chosen: Option<usize>,
    pub tolerant: bool,
    pub review: bool,
}

impl Policy {
    pub fn answer(self, read: &Read, expected: &[Expected<usize>], tolerance: &Tolerance) -> Answer {
        let text: Vec<char> = read.text.chars().collect();
        let bare: Vec<char> = text.iter().copied().skip_while(|c| !c.is_ascii_digit()).collect();
        // A plate that begins with words has no region to be dropped.
        let key = if bare.iter().any(|c| !c.is_ascii_digit()) { &bare } else { &text };
        let place = |found: Option<&Expected<usize>>| Answer { chosen: found.map(|it| it.id), ..Answer::default() };
        match self {
            Self::Exact => place(expected.iter().find(|it| it.key.chars().eq(key.iter().copied()))),
            Self::LastFour => place(expected.iter().find(|it| last_four(&it.key) == last_four(&read.text))),
            Self::FirstWithinOne => {
                place(expected.iter().find(|it| edits(&it.key.chars().collect::<Vec<_>>(), key) <= 1))
            }
            Self::HangulDropped => {
                let digits = |text: &[char]| text.iter().copied().filter(char::is_ascii_digit).collect::<Vec<_>>();
                let read = digits(key);
                let near = expected.iter().map(|it| (edits(&digits(&it.key.chars().collect::<Vec<_>>()), &read), it));
                place(near.filter(|(edits, _)| *edits <= 1).min_by_key(|(edits, _)| *edits).map(|(_, it)| it))
            }
            Self::Ours => {
                let decision = matching::decide(read, expected, tolerance);
                let explanation = &decision.explanation;
                Answer {
                    chosen: decision.chosen.map(|it| it.id),
                    tolerant: explanation.how == How::Tolerant,
                    review: explanation.needs_review,
                }
            }
        }
    }
}

fn last_four(text: &str) -> Vec<char> {
    text.chars().rev().take(4).collect()
}

/// Levenshtein's distance up to 1; 2 stands for anything more.
fn edits(a: &[char], b: &[char]) -> usize {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    if long.len() - short.len() > 1 {
        return 2;
    }
    let Some(at) = (0..short.len()).find(|&at| long[at] != short[at]) else { return long.len() - short.len() };
    let after = if long.len() == short.len() { at + 1 } else { at };
    if long[at + 1..] == short[after..] { 1 } else { 2 }
}
