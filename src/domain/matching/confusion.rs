//! What readers take for what: the one data table of the matcher.
//!
//! A share is the part of a reader's errors at one true character that give this wrong one. The shares here are
//! estimates from letter shapes and from the errors of one small reader on drawn plates; a measured confusion matrix
//! replaces [`DIGITS`] and [`NEIGHBOURS`] and nothing else. Costs are natural logarithms of odds (nats): 0 for the
//! character itself, 2.3 for what is ten times less likely.

use std::sync::LazyLock;

/// How often a reader is right about a digit, where it does not say.
pub(super) const DIGIT_RIGHT: f64 = 0.97;
/// How often a reader is right about a syllable, where it does not say.
pub(super) const SYLLABLE_RIGHT: f64 = 0.92;
/// A confidence is believed between these; readers overstate both ends.
pub(super) const LEAST_SURE: f64 = 0.02;
/// See [`LEAST_SURE`].
pub(super) const MOST_SURE: f64 = 0.9995;
/// No difference costs less than this, so that only equal plates have distance 0.
pub(super) const LEAST_COST: f64 = 0.2;

/// The first digit of three is lost: plates of 2019 have one more than those before, and it stands at the edge.
pub(super) const LOST_FIRST_DIGIT: f64 = 3.9;
/// Another digit is lost, or one is there that the plate does not have (a bolt, a frame).
pub(super) const LOST_DIGIT: f64 = 6.5;
/// A syllable is missing, or something that is no syllable stands in its place.
pub(super) const LOST_SYLLABLE: f64 = 3.0;
/// A character that is no digit stands for a digit: it says nothing of which.
pub(super) const UNREAD_DIGIT: f64 = 2.5;
/// A syllable too many in front, or a region that is no region's name.
pub(super) const JUNK: f64 = 2.0;

/// How much a digit says: a stranger's plate has it with one chance in this many.
pub(super) const DIGITS_OF_A_STRANGER: f64 = 10.0;
/// How much a legal syllable says.
pub(super) const SYLLABLES_OF_A_STRANGER: f64 = 36.0;
/// A syllable that no plate has is itself an error, which strangers' plates seldom meet.
pub(super) const ILLEGAL_OF_A_STRANGER: f64 = 200.0;

/// Shares of the wrong digits in thousandths: `DIGITS[true][read]`. The likely pairs are 0-6, 0-8, 1-4, 1-7, 2-7, 3-5,
/// 3-8, 5-6, 6-8 and 8-9.
#[rustfmt::skip]
const DIGITS: [[u16; 10]; 10] = [
    //  0    1    2    3    4    5    6    7    8    9
    [   0,  45,  45,  45,  45,  45, 260,  45, 260,  45],
    [  45,   0,  45,  45, 150,  45,  45, 320,  45,  45],
    [  45,  45,   0,  45,  45,  45,  45, 320,  45,  45],
    [  45,  45,  45,   0,  45, 260,  45,  45, 260,  45],
    [  45, 150,  45,  45,   0,  45,  45,  45,  45,  45],
    [  45,  45,  45, 260,  45,   0, 260,  45,  45,  45],
    [ 260,  45,  45,  45,  45, 260,   0,  45, 200,  45],
    [  45, 320, 320,  45,  45,  45,  45,   0,  45,  45],
    [ 260,  45,  45, 260,  45,  45, 200,  45,   0, 150],
    [  45,  45,  45,  45,  45,  45,  45,  45, 150,   0],
];

/// Vowels taken for each other, by the share of the errors: ㅏ/ㅓ, ㅗ/ㅜ.
const VOWELS: [(char, char); 2] = [('ㅏ', 'ㅓ'), ('ㅗ', 'ㅜ')];
/// Consonants taken for each other. 부/두, 너/더 and 허/어 were seen; the others resemble each other.
const CONSONANTS: [(char, char); 6] =
    [('ㄷ', 'ㄹ'), ('ㅁ', 'ㅂ'), ('ㅅ', 'ㅈ'), ('ㅇ', 'ㅎ'), ('ㄷ', 'ㅂ'), ('ㄴ', 'ㄷ')];

/// Shares of the wrong syllables in thousandths.
struct Neighbours {
    /// One jamo differs, by a pair of [`VOWELS`].
    vowel: u16,
    /// One jamo differs, by a pair of [`CONSONANTS`].
    consonant: u16,
    /// One jamo differs, otherwise.
    kin: u16,
    /// More than one jamo differs.
    far: u16,
}

const NEIGHBOURS: Neighbours = Neighbours { vowel: 300, consonant: 250, kin: 20, far: 8 };

/// The share, in thousandths, of `read` among what is read for the digit `truth`; `None` where one is no digit.
pub(super) fn digit_share(truth: char, read: char) -> Option<u16> {
    let (truth, read) = (truth.to_digit(10)?, read.to_digit(10)?);
    Some(DIGITS[truth as usize][read as usize])
}

/// The share, in thousandths, of `read` among what is read for the syllable `truth`; `None` where one is no syllable.
pub(super) fn syllable_share(truth: char, read: char) -> Option<u16> {
    let (truth, read) = (jamo(truth)?, jamo(read)?);
    let differing = (0..3).filter(|&at| truth[at] != read[at]).count();
    let paired = |pairs: &[(char, char)], at: usize| {
        pairs.iter().any(|&(a, b)| (truth[at], read[at]) == (a, b) || (truth[at], read[at]) == (b, a))
    };
    Some(match differing {
        1 if paired(&VOWELS, 1) => NEIGHBOURS.vowel,
        1 if paired(&CONSONANTS, 0) => NEIGHBOURS.consonant,
        1 => NEIGHBOURS.kin,
        _ => NEIGHBOURS.far,
    })
}

/// Initial, vowel and final of a composed syllable (Unicode chapter 3.12), as letters; no final is `'\0'`.
fn jamo(syllable: char) -> Option<[char; 3]> {
    const INITIALS: [char; 19] = [
        'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ',
        'ㅎ',
    ];
    let index = u32::from(syllable).checked_sub(0xAC00).filter(|&index| index < 11_172)?;
    let vowel = char::from_u32(0x314F + index % 588 / 28)?;
    let last = index % 28;
    let last = if last == 0 { '\0' } else { char::from_u32(0x11A7 + last)? };
    Some([INITIALS[(index / 588) as usize], vowel, last])
}

/// What it costs that a character read with odds of `ln(right / wrong)` stands for another, by the share of that other.
pub(super) fn cost(odds: f64, share: u16) -> f64 {
    (odds - LOGARITHMS[usize::from(share).min(1000)]).max(LEAST_COST)
}

/// `ln` of every share, in thousandths: a comparison with four hundred plates needs thousands of them.
static LOGARITHMS: LazyLock<[f64; 1001]> = LazyLock::new(|| {
    let mut thousandths = 0.0;
    [0.0; 1001].map(|_: f64| {
        let share: f64 = thousandths / 1000.0;
        thousandths += 1.0;
        share.ln()
    })
});

/// `ln(right / wrong)` of a confidence.
pub(super) fn odds(confidence: f64) -> f64 {
    (confidence / (1.0 - confidence)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithm_that_was_taken_before_is_the_same() {
        for share in 0..=1000_u16 {
            for odds in [-3.9, 0.0, 2.442_347, 3.476_098_7, 7.6] {
                let plain: f64 = (odds - (f64::from(share) / 1000.0).ln()).max(LEAST_COST);
                assert_eq!(cost(odds, share).to_bits(), plain.to_bits(), "{share}");
            }
        }
    }
}
