//! What readers take for what: the one data table of the matcher.
//!
//! A share is the part of a reader's errors at one true character that give this wrong one. The shares were measured:
//! `reader/confusions.py` prints what the reader built in takes for what, on drawn plates whose letterforms it never saw.
//! Another reader's matrix replaces [`DIGITS`], [`CONSONANTS`] and [`NEIGHBOURS`] and nothing else. Costs are natural
//! logarithms of odds (nats): 0 for the character itself, 2.3 for what is ten times less likely.

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

/// Shares of the wrong digits in thousandths: `DIGITS[true][read]`, the mean of both directions. One case in five is given
/// to all alike, because cameras have readers of their own.
#[rustfmt::skip]
const DIGITS: [[u16; 10]; 10] = [
    //  0    1    2    3    4    5    6    7    8    9
    [   0,  148,  115,   61,   66,   50,  139,   73,  148,  182],
    [ 148,    0,  116,  105,  150,   61,   71,  339,   81,   86],
    [ 115,  116,    0,  100,   87,   72,   65,  220,   67,   91],
    [  61,  105,  100,    0,   96,  219,   70,   77,  135,   99],
    [  66,  150,   87,   96,    0,   77,  116,   49,  100,  128],
    [  50,   61,   72,  219,   77,    0,  210,   37,   90,  137],
    [ 139,   71,   65,   70,  116,  210,    0,   48,  286,   70],
    [  73,  339,  220,   77,   49,   37,   48,    0,   43,   59],
    [ 148,   81,   67,  135,  100,   90,  286,   43,    0,  159],
    [ 182,   86,   91,   99,  128,  137,   70,   59,  159,    0],
];

/// Vowels taken for each other: ㅏ/ㅓ, ㅗ/ㅜ.
const VOWELS: [(char, char); 2] = [('ㅏ', 'ㅓ'), ('ㅗ', 'ㅜ')];

/// First consonants taken for each other, and the share in thousandths of a syllable that differs in nothing else.
const CONSONANTS: [(char, char, u16); 15] = [
    ('ㅁ', 'ㅇ', 440),
    ('ㅅ', 'ㅈ', 314),
    ('ㄴ', 'ㄷ', 300),
    ('ㅇ', 'ㅎ', 133),
    ('ㅁ', 'ㅂ', 123),
    ('ㄷ', 'ㅁ', 114),
    ('ㅁ', 'ㅎ', 108),
    ('ㅂ', 'ㅎ', 106),
    ('ㄹ', 'ㅂ', 91),
    ('ㄱ', 'ㅈ', 90),
    ('ㄹ', 'ㅎ', 84),
    ('ㄹ', 'ㅁ', 84),
    ('ㄷ', 'ㄹ', 84),
    ('ㄱ', 'ㅁ', 83),
    ('ㅅ', 'ㅎ', 69),
];

/// Shares of the wrong syllables in thousandths.
struct Neighbours {
    /// One jamo differs, by a pair of [`VOWELS`].
    vowel: u16,
    /// One jamo differs, and neither [`VOWELS`] nor [`CONSONANTS`] has the pair.
    kin: u16,
    /// More than one jamo differs.
    far: u16,
}

const NEIGHBOURS: Neighbours = Neighbours { vowel: 119, kin: 30, far: 9 };

/// The share, in thousandths, of `read` among what is read for the digit `truth`; `None` where one is no digit.
pub(super) fn digit_share(truth: char, read: char) -> Option<u16> {
    let (truth, read) = (truth.to_digit(10)?, read.to_digit(10)?);
    Some(DIGITS[truth as usize][read as usize])
}

/// The share, in thousandths, of `read` among what is read for the syllable `truth`; `None` where one is no syllable.
pub(super) fn syllable_share(truth: char, read: char) -> Option<u16> {
    let (truth, read) = (jamo(truth)?, jamo(read)?);
    let differing = (0..3).filter(|&at| truth[at] != read[at]).count();
    let is = |at: usize, a: char, b: char| (truth[at], read[at]) == (a, b) || (truth[at], read[at]) == (b, a);
    let consonants = CONSONANTS.iter().find(|&&(a, b, _)| is(0, a, b));
    Some(match (differing, consonants) {
        (1, _) if VOWELS.iter().any(|&(a, b)| is(1, a, b)) => NEIGHBOURS.vowel,
        (1, Some(&(_, _, share))) => share,
        (1, None) => NEIGHBOURS.kin,
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
