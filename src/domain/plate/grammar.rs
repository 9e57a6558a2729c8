//! The shapes of Korean plates. Sources: MOLIT notice of 2013 for the syllables, notice 2021-202 for the three-digit
//! classes, the construction scheme of 2022-11-26.
//!
//! A region may stand in front, in its short or a long form. The longest name is taken off and the rest is read; if
//! that fails, the whole is read again as if it named no region, because 광주시 is a region's name and a district's
//! (경기 광주시 issues temporary permits as `광주시 1234`). The rest is tried in this order:
//!
//! | order | shape | class |
//! |---|---|---|
//! | 1 | 외교 영사 준외 준영 국기 협정 대표 외빈, 6 digits; no region | diplomatic |
//! | 2 | `임` or `임시`, 4–6 digits | temporary |
//! | 3 | 01–99, one of 45 syllables, 4 digits (military: no region) | by syllable |
//! | | 100–999, private or rental syllable, 4 digits | by syllable |
//! | | 0 and 01–27, private or commercial syllable, 4 digits | construction |
//! | | 1–9, civil syllable, 4 digits; region required (1973–95) | by syllable |
//! | | 1–9, civil syllable, 5 digits; no region | motorcycle |
//! | 4 | district in 시 군 구, perhaps `임`, 4–6 digits | temporary |
//! | 5 | district of 1–4 syllables, civil syllable, 4 digits; region required | motorcycle |
//!
//! Shapes 1, 2, 4 and 5 begin with Hangul and 3 with a digit; within 3 the digit counts differ. 1 and 2 meet no other:
//! their words end in no civil syllable, and `임시` is tried before it could be taken for a district. Only 4 and 5 can
//! meet, in 구, which is a suffix and a syllable: `서울 강남구 1234` is a temporary permit, `서울 강남 가 1234` a
//! motorcycle. Both readings would have the same key, so nothing but the class hangs on it.

use super::region::Region;
use super::{Plate, PlateClass, Vehicle};

const PRIVATE: &str = "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주";
const COMMERCIAL: &str = "바사아자";
const DELIVERY: &str = "배";
const RENTAL: &str = "하허호";
const MILITARY: &str = "국합육해공";
const DIPLOMATIC: [&str; 8] = ["외교", "영사", "준외", "준영", "국기", "협정", "대표", "외빈"];
const DISTRICT_ENDS: [char; 3] = ['시', '군', '구'];
/// 창원시마산회원구 is the longest district there is, with eight syllables.
const LONGEST_DISTRICT: usize = 8;

/// Reads a folded text that has Hangul in it.
pub(super) fn korean(folded: &str) -> Option<Plate> {
    let text: String = folded.chars().map(digit_or_hangul).collect::<Option<_>>()?;
    Region::strip(&text)
        .and_then(|(region, rest)| shapes(Some(region), rest))
        .filter(reads_back)
        .or_else(|| shapes(None, &text))
}

/// Whether the canonical spelling would lose the same region again. An invented district could grow together with the
/// short name: `경기도` and `도봉` make `경기도봉`, which reads as `경기도` and `봉`. No real district does.
fn reads_back(plate: &Plate) -> bool {
    Region::strip(&plate.canonical()).is_some_and(|(region, rest)| Some(region) == plate.region && rest == plate.key)
}

/// The digit that a Latin look-alike stands for. Case matters: `b` is as near to 6 as to 8 and is refused.
pub(in crate::domain) fn digit_or_hangul(c: char) -> Option<char> {
    match c {
        '0'..='9' | '가'..='힣' => Some(c),
        'O' | 'o' | 'Q' => Some('0'),
        'I' | 'i' | 'l' | '|' => Some('1'),
        'Z' | 'z' => Some('2'),
        'S' | 's' => Some('5'),
        'B' => Some('8'),
        _ => None,
    }
}

fn shapes(region: Option<Region>, text: &str) -> Option<Plate> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return numbered(region, text);
    }
    let words = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &text[words.len()..];
    if words.contains(|c: char| c.is_ascii_digit()) || !digits.contains(|c: char| c != '0') {
        return None;
    }
    diplomatic(region, words, digits)
        .or_else(|| temporary(region, words, digits))
        .or_else(|| old_motorcycle(region, words, digits))
}

/// Shape 3: digits, a syllable, digits.
fn numbered(region: Option<Region>, text: &str) -> Option<Plate> {
    let syllable = text.chars().find(|c| !c.is_ascii_digit())?;
    let (prefix, serial) = text.split_once(syllable)?;
    if !serial.bytes().all(|b| b.is_ascii_digit()) || !serial.contains(|c: char| c != '0') {
        return None;
    }
    let class = class_of(syllable)?;
    let civil = class != PlateClass::Military;
    // More digits than any plate has do not parse as a `u16`, or match no arm below.
    let number: u16 = prefix.parse().ok()?;
    let class = match (prefix.len(), serial.len(), number) {
        (1, 4, 1..) if civil && region.is_some() => class,
        (1, 5, 1..) if civil && region.is_none() => PlateClass::Motorcycle,
        (2, 4, 1..) if civil || region.is_none() => class,
        (3, 4, 1..=27) if matches!(class, PlateClass::Private | PlateClass::Commercial) => PlateClass::Construction,
        (3, 4, 100..) if matches!(class, PlateClass::Private | PlateClass::Rental) => class,
        _ => return None,
    };
    Some(Plate { key: text.to_owned(), region, class, vehicle: vehicle_of(class, prefix.len(), number) })
}

fn class_of(syllable: char) -> Option<PlateClass> {
    [
        (PRIVATE, PlateClass::Private),
        (COMMERCIAL, PlateClass::Commercial),
        (DELIVERY, PlateClass::Delivery),
        (RENTAL, PlateClass::Rental),
        (MILITARY, PlateClass::Military),
    ]
    .into_iter()
    .find_map(|(syllables, class)| syllables.contains(syllable).then_some(class))
}

/// Whether a syllable stands between the numbers of some plate: 45 of them do.
pub(in crate::domain) fn is_legal_syllable(syllable: char) -> bool {
    class_of(syllable).is_some()
}

fn vehicle_of(class: PlateClass, digits: usize, number: u16) -> Option<Vehicle> {
    if !matches!(class, PlateClass::Private | PlateClass::Commercial | PlateClass::Delivery | PlateClass::Rental) {
        return None;
    }
    match (digits, number) {
        (2, 1..=69) | (3, 100..=699) => Some(Vehicle::Car),
        (2, 70..=79) | (3, 700..=799) => Some(Vehicle::Van),
        (2, 80..=97) | (3, 800..=979) => Some(Vehicle::Truck),
        (2, 98..=99) | (3, 980..=997) => Some(Vehicle::Special),
        (3, 998..=999) => Some(Vehicle::Emergency),
        _ => None,
    }
}

fn diplomatic(region: Option<Region>, words: &str, digits: &str) -> Option<Plate> {
    let legal = region.is_none() && DIPLOMATIC.contains(&words) && digits.len() == 6;
    legal.then(|| named(None, words, digits, PlateClass::Diplomatic))
}

/// Shapes 2 and 4. `임시` is written `임`, as on the plate.
fn temporary(region: Option<Region>, words: &str, digits: &str) -> Option<Plate> {
    let (district, mark) = match words.strip_suffix("임시").or_else(|| words.strip_suffix('임')) {
        Some(district) => (district, "임"),
        None => (words, ""),
    };
    let named_district =
        (2..=LONGEST_DISTRICT).contains(&district.chars().count()) && district.ends_with(DISTRICT_ENDS);
    let legal = (4..=6).contains(&digits.len()) && (named_district || district.is_empty() && !mark.is_empty());
    legal.then(|| named(region, &format!("{district}{mark}"), digits, PlateClass::Temporary))
}

/// Shape 5. Plates say 강남, people also say 강남구, so a suffix is left out as long as something remains.
fn old_motorcycle(region: Option<Region>, words: &str, digits: &str) -> Option<Plate> {
    let syllable = words.chars().next_back()?;
    let full = words.strip_suffix(syllable)?;
    let civil = !matches!(class_of(syllable)?, PlateClass::Military);
    let mut district = full;
    while let Some(shorter) = district.strip_suffix(DISTRICT_ENDS).filter(|shorter| !shorter.is_empty()) {
        district = shorter;
    }
    let legal = region.is_some() && civil && (1..=4).contains(&full.chars().count()) && digits.len() == 4;
    legal.then(|| named(region, &format!("{district}{syllable}"), digits, PlateClass::Motorcycle))
}

fn named(region: Option<Region>, words: &str, digits: &str, class: PlateClass) -> Plate {
    Plate { key: format!("{words}{digits}"), region, class, vehicle: None }
}
