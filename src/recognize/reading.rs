//! Plates in what a model says: it was asked for the characters alone, and often says more.

use crate::domain::plate::{Plate, PlateClass};

/// The longest text that is looked through, in characters.
const LONGEST: usize = 2_000;

/// The most words that one plate is written in, such as `서울 32 바 1234`.
const WORDS: usize = 4;

/// The most plates that are taken from one text.
const MOST: usize = 10;

/// The plates that a text names, in their order, each once.
///
/// A text that is a plate as a whole is that plate. Else Korean plates are looked for, in one word or in several that
/// follow each other, and only if there is none, foreign ones written in capitals.
#[must_use]
pub fn plates_in(text: &str) -> Vec<Plate> {
    if let Ok(plate) = Plate::parse(text.trim()) {
        return vec![plate];
    }
    let text: String = text.chars().take(LONGEST).collect();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '·' | '.'))
        .map(|word| word.trim_matches(['-', '·', '.']))
        .filter(|word| !word.is_empty())
        .collect();
    let korean = plates_of(
        &words,
        |word| word.chars().any(|c| !c.is_ascii_alphabetic()),
        |plate| plate.class() != PlateClass::Foreign,
    );
    if !korean.is_empty() {
        return korean;
    }
    let in_capitals = |word: &str| word.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    plates_of(&words, in_capitals, |plate| plate.key().len() >= 5)
}

fn plates_of(words: &[&str], fits: impl Fn(&str) -> bool, wanted: impl Fn(&Plate) -> bool) -> Vec<Plate> {
    let mut found: Vec<Plate> = Vec::new();
    let mut at = 0;
    while at < words.len() && found.len() < MOST {
        let run = words[at..].iter().take(WORDS).take_while(|word| fits(word)).count();
        // The longest first: `서울 32바1234` is one plate, not one without its region.
        let longest = (1..=run).rev().find_map(|length| {
            let plate = Plate::parse(&words[at..at + length].concat()).ok().filter(&wanted)?;
            Some((length, plate))
        });
        match longest {
            Some((length, plate)) => {
                if !found.contains(&plate) {
                    found.push(plate);
                }
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_says_around_the_plate_is_left_out() {
        for (said, plates) in [
            ("12가3456", &["12가3456"][..]),
            (" 12가 3456\n", &["12가3456"]),
            ("**12가3456**", &["12가3456"]),
            ("```\n12가3456\n```", &["12가3456"]),
            ("The plate is 12가3456.", &["12가3456"]),
            ("번호판은 \"123나 4567\" 입니다.", &["123나4567"]),
            ("{\"plate\": \"서울 32 바 1234\"}", &["서울32바1234"]),
            ("12가3456 or 12가3458", &["12가3456", "12가3458"]),
            ("Plate: ABC1234 (foreign)", &["ABC1234"]),
            ("NONE", &[]),
            ("None.", &[]),
            ("I cannot read the plate in this picture, sorry.", &[]),
            ("The car has 4 doors and 2 mirrors", &[]),
            ("it is 12가3456", &["12가3456"]),
            ("", &[]),
        ] {
            let found: Vec<String> = plates_in(said).iter().map(Plate::canonical).collect();
            assert_eq!(found, plates, "{said}");
        }
    }

    #[test]
    fn long_and_odd_texts_cost_little() {
        for text in ["1가2345 ".repeat(100_000), "가".repeat(1_000_000), "1 ".repeat(100_000), "\u{0}".repeat(10_000)]
        {
            assert!(plates_in(&text).len() <= MOST);
        }
    }
}
