//! Number plates: one canonical form, one grammar, and what may be shown of them.
//!
//! The server this one replaces removed white space and upper-cased, so full-width digits, decomposed Hangul and
//! invisible characters each made another car out of the same plate. Here a text becomes a [`Plate`] in three steps:
//!
//! 1. `text`: drop what carries no meaning (invisible characters, separators), fold compatibility forms (NFKC),
//!    write the decimal digits of every script in ASCII.
//! 2. With Hangul in it, the text is read by the Korean grammar (`grammar`), where the look-alikes of digits
//!    (`O`, `I`, `l`, `S`, …) become digits: no Korean plate has a Latin letter, so each can only stand for a digit.
//! 3. Without Hangul it is a foreign plate: 4 to 10 of `A`–`Z` and `0`–`9`, at least one of each kind, upper-cased.
//!
//! Electric or not is in the colour of a Korean plate, never in its text, so nothing here claims to know it.

mod grammar;
mod region;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

pub(super) use grammar::{digit_or_hangul, is_legal_syllable};
pub use region::Region;
pub use text::display_text;
pub(super) use text::fold;

/// The longest input that is looked at, in characters. The longest decorated plate we know of has fewer than 40.
const MAX_CHARS: usize = 64;
/// The longest input that is looked at, in bytes of UTF-8.
const MAX_BYTES: usize = 256;
/// Masks of free text never show more stars than this, so that a mask has a bounded length.
const MAX_STARS: usize = 8;

/// A number plate that passed the grammar. Two spellings of one plate are equal.
///
/// There is no `Display`: a plate in a log line or a message has to be asked for, by [`Plate::canonical`] or
/// [`Plate::masked`]. `Debug` shows the mask.
#[derive(Clone, Eq, PartialEq, Hash)]
pub struct Plate {
    key: String,
    region: Option<Region>,
    class: PlateClass,
    vehicle: Option<Vehicle>,
}

/// What kind of registration a plate stands for, as far as its text tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub enum PlateClass {
    /// Private, government and SOFA cars: the 32 syllables of `가`–`주`.
    Private,
    /// Commercial transport such as taxis and buses: `바 사 아 자`.
    Commercial,
    /// Parcel delivery: `배`.
    Delivery,
    /// Rental: `하 허 호`.
    Rental,
    /// Military: `국 합 육 해 공`.
    Military,
    /// Embassies, consulates, international bodies and guests of the state: a word and six digits.
    Diplomatic,
    /// Construction machines since 2022-11-26: `0`, a type of 01–27, a syllable, four digits.
    Construction,
    /// Temporary permits. Their digit counts are not verified, so 4 to 6 digits are accepted.
    Temporary,
    /// Motorcycles, old (region and district) and new (nationwide, from 2026).
    Motorcycle,
    /// Anything that is not Korean.
    Foreign,
}

/// The kind of vehicle, from the number before the syllable (notice 2021-202 and its predecessors).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub enum Vehicle {
    /// Passenger car: 01–69, 100–699.
    Car,
    /// Van or bus: 70–79, 700–799.
    Van,
    /// Truck: 80–97, 800–979.
    Truck,
    /// Special vehicle such as a tow truck: 98–99, 980–997.
    Special,
    /// Police, fire and ambulance: 998–999. Gates have to let these pass.
    Emergency,
}

/// Why a text is no plate. The text itself is never part of the error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
pub enum PlateError {
    /// Nothing but white space, separators and invisible characters.
    #[error("the plate is empty")]
    Empty,
    /// More than 64 characters or 256 bytes; refused unread.
    #[error("the plate is longer than any plate")]
    TooLong,
    /// No shape of the grammar fits.
    #[error("this is not the number of a plate")]
    NotAPlate,
}

impl Plate {
    /// Reads a plate as people and cameras write it.
    ///
    /// The work is bounded by the limits of [`PlateError::TooLong`], and
    /// `Plate::parse(&plate.canonical()) == Ok(plate)` for every plate.
    ///
    /// # Errors
    /// See [`PlateError`].
    pub fn parse(input: &str) -> Result<Self, PlateError> {
        if input.len() > MAX_BYTES || input.chars().count() > MAX_CHARS {
            return Err(PlateError::TooLong);
        }
        let folded = text::fold(input);
        if folded.is_empty() {
            return Err(PlateError::Empty);
        }
        let plate = if folded.chars().any(text::is_hangul) { grammar::korean(&folded) } else { foreign(&folded) };
        plate.ok_or(PlateError::NotAPlate)
    }

    /// What the unique key of the database holds: the canonical characters without the region, such as `12가3456`,
    /// `32바1234`, `외교005003` or `012가4568`.
    ///
    /// The region is left out because people and cameras often do; [`Plate::same_car`] weighs it where both have one.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The whole plate in one spelling, region first: `서울32바1234`.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.with_region(&self.key)
    }

    /// The province or metropolitan city, where the plate names one.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// The kind of registration.
    #[must_use]
    pub fn class(&self) -> PlateClass {
        self.class
    }

    /// The kind of vehicle, where the number before the syllable tells. `None` for military, diplomatic, construction,
    /// temporary, motorcycle and foreign plates, and for the single-digit classes of before 1996.
    #[must_use]
    pub fn vehicle(&self) -> Option<Vehicle> {
        self.vehicle
    }

    /// The plate as those see it who may not see it: `12가**56`, `서울32바**34`, `외교****03`, `AB***78`.
    ///
    /// At least two characters are starred. Korean plates keep what stands before the last run of digits and the last
    /// two digits; foreign ones keep at most two characters at each end.
    #[must_use]
    pub fn masked(&self) -> String {
        let masked = if self.class == PlateClass::Foreign {
            mask_middle(&self.key)
        } else {
            let head = self.key.trim_end_matches(|c: char| c.is_ascii_digit());
            let (hidden, shown) = self.key[head.len()..].split_at(self.key.len() - head.len() - 2);
            format!("{head}{}{shown}", "*".repeat(hidden.len()))
        };
        self.with_region(&masked)
    }

    /// Whether two readings may be one car: the keys are equal, and the regions do not contradict each other.
    /// A missing region contradicts nothing.
    #[must_use]
    pub fn same_car(&self, other: &Self) -> bool {
        let regions_differ = matches!((self.region, other.region), (Some(a), Some(b)) if a != b);
        self.key == other.key && !regions_differ
    }

    fn with_region(&self, rest: &str) -> String {
        format!("{}{rest}", self.region.map_or("", Region::name))
    }
}

/// Masked, so that a plate does not reach a log through a derived `Debug` around it.
impl fmt::Debug for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plate({}, {:?})", self.masked(), self.class)
    }
}

/// Masks any text: a plate as [`Plate::masked`] does, another text by starring its middle.
///
/// At most two characters at each end stay, at least two stars (at most eight) stand between them, and a text of up to
/// three characters is starred whole. Empty stays empty.
#[must_use]
pub fn mask_text(input: &str) -> String {
    Plate::parse(input).map_or_else(|_| mask_middle(&text::composed(&display_text(input))), |plate| plate.masked())
}

fn mask_middle(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (head, tail) = match chars.len() {
        0 => return String::new(),
        1..=3 => (0, 0),
        4 => (1, 1),
        5 => (2, 1),
        _ => (2, 2),
    };
    let hidden = (chars.len() - head - tail).clamp(2, MAX_STARS);
    let mut masked: String = chars[..head].iter().collect();
    masked.push_str(&"*".repeat(hidden));
    masked.extend(&chars[chars.len() - tail..]);
    masked
}

fn foreign(folded: &str) -> Option<Plate> {
    let key = folded.to_ascii_uppercase();
    let legal = (4..=10).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric())
        && key.bytes().any(|b| b.is_ascii_digit())
        && key.bytes().any(|b| b.is_ascii_alphabetic());
    legal.then_some(Plate { key, region: None, class: PlateClass::Foreign, vehicle: None })
}
