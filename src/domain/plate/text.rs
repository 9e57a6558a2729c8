//! From what was typed or read to the characters that count.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A text as given, fit to be shown: trimmed, white space collapsed to single spaces, and without control, format,
/// bidirectional, zero-width and other characters that show nothing. All else stays as it was typed.
#[must_use]
pub fn display_text(input: &str) -> String {
    let mut shown = String::with_capacity(input.len());
    let mut gap = false;
    for c in input.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !is_invisible(c) {
            if gap && !shown.is_empty() {
                shown.push(' ');
            }
            gap = false;
            shown.push(c);
        }
    }
    shown
}

/// The characters of a plate that carry meaning: nothing invisible, no separators, compatibility forms folded (NFKC),
/// digits of every script in ASCII. Letters keep their case, because `l` and `i` look like digits where `L` does not.
///
/// What is invisible goes first: between two conjoining jamo it would keep them from composing.
pub(in crate::domain) fn fold(input: &str) -> String {
    let kept: String = input.chars().filter(|&c| !is_noise(c)).collect();
    if kept.chars().all(is_plain) {
        return kept;
    }
    kept.nfkc().filter(|&c| !is_noise(c)).map(|c| ascii_digit(c).unwrap_or(c)).collect()
}

/// The composed form (NFC), in which a Hangul syllable is one character.
pub(super) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// Whether a character is a composed Hangul syllable or a part of one.
pub(super) fn is_hangul(c: char) -> bool {
    matches!(c, '가'..='힣' | '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}')
}

/// The ASCII digit for a decimal digit (`Nd`) of any script.
///
/// Unicode promises that the digits of a script are ten neighbours in ascending order, so the distance from the start
/// of their run, modulo ten, is the value; a test walks all of them.
pub(super) fn ascii_digit(c: char) -> Option<char> {
    let is_digit =
        |point: u32| char::from_u32(point).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber);
    let point = u32::from(c);
    if c.is_ascii() || !is_digit(point) {
        return c.is_ascii_digit().then_some(c);
    }
    let distance = (1..=point).take_while(|back| is_digit(point - back)).count();
    u32::try_from(distance).ok().and_then(|distance| char::from_digit(distance % 10, 10))
}

/// ASCII and composed syllables: what nearly every plate is written in. They fold to themselves, and their categories
/// need not be looked up.
fn is_plain(c: char) -> bool {
    c.is_ascii() || matches!(c, '가'..='힣')
}

fn is_noise(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || is_separator(c)
}

/// Control (`Cc`) and format (`Cf`) characters, and the rest of Unicode's `Default_Ignorable_Code_Point`
/// (`DerivedCoreProperties.txt`), which is the list of what a font shows nothing for: joiners, variation selectors,
/// Hangul fillers, tags.
fn is_invisible(c: char) -> bool {
    if is_plain(c) {
        return c.is_ascii_control();
    }
    matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
        || matches!(c,
            '\u{034F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{2065}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// What people put between the parts of a plate: dashes of every kind (`Pd`), the minus sign, dots, middle dots,
/// underscores, brackets, and the keycap that phones draw around digits. Koreans also type the letters `ㆍ` and `ㅡ`
/// for a middle dot and a dash; no legal syllable has either vowel.
fn is_separator(c: char) -> bool {
    !is_plain(c) && c.general_category() == GeneralCategory::DashPunctuation
        || matches!(
            c,
            '-' | '.'
                | ','
                | '_'
                | '('
                | ')'
                | '['
                | ']'
                | '\u{2212}'
                | '\u{2043}'
                | '\u{30FC}'
                | '\u{3161}'
                | '\u{00B7}'
                | '\u{2022}'
                | '\u{2024}'
                | '\u{2027}'
                | '\u{2219}'
                | '\u{22C5}'
                | '\u{30FB}'
                | '\u{318D}'
                | '\u{3002}'
                | '\u{FF61}'
                | '\u{FF65}'
                | '\u{119E}'
                | '\u{20E3}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is not looked up is what a look-up would say.
    #[test]
    fn plain_characters_are_what_unicode_says() {
        for c in (0..=0x7f_u32).chain(0xac00..=0xd7a3).filter_map(char::from_u32) {
            let category = c.general_category();
            assert_eq!(is_invisible(c), category == GeneralCategory::Control, "{c:?}");
            assert_eq!(c == '-', category == GeneralCategory::DashPunctuation, "{c:?}");
            assert_eq!(c.to_string().nfkc().collect::<String>(), c.to_string());
            assert_eq!(ascii_digit(c), c.is_ascii_digit().then_some(c));
        }
        // Side by side they do not compose either: a syllable takes only a conjoining final.
        let all: String = ('가'..='힣').flat_map(|c| [c, '가', 'a']).collect();
        assert_eq!(all.nfkc().collect::<String>(), all);
    }
}
