//! The fields of a message: numbers that are texts, plates in every spelling, times of every kind.

use jiff::civil::DateTime;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::{Direction, MOST_CANDIDATES, NotUnderstood, Taken};

/// The longest plate, in characters.
const LONGEST_PLATE: usize = 40;
/// The longest id of an event, in characters.
const LONGEST_EVENT: usize = 128;
/// The longest name of a device, in characters.
const LONGEST_DEVICE: usize = 64;
/// The longest text that is read as a number or a time, in bytes.
const LONGEST_NUMBER: usize = 64;
/// 2000-01-01T00:00:00Z in milliseconds, the first instant that is accepted.
const FIRST: i64 = 946_684_800_000;
/// 2101-01-01T00:00:00Z in milliseconds, the first instant after those that are accepted.
const AFTER_LAST: i64 = 4_133_980_800_000;

/// What cameras write where there is no plate, besides signs alone.
const NO_PLATE: [&str; 12] = [
    "unknown",
    "none",
    "null",
    "noplate",
    "no_plate",
    "no plate",
    "unlicensed",
    "not defined",
    "n/a",
    "无车牌",
    "车牌",
    "미인식",
];

/// What the numbers of a confidence mean.
#[derive(Clone, Copy)]
pub(super) enum Scale {
    /// From 0 to 1; what is above 1 can only be percents.
    One,
    /// Percents; a fraction below 1 can only be one of 1.
    Percent,
    /// Percents, and above 100 of 255.
    Byte,
}

/// A field of an object that is neither missing nor null.
pub(super) fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// The first of several fields that is there.
pub(super) fn first_of<'a>(object: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| field(object, name))
}

/// A text that says something, without the white space around it.
pub(super) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    field(object, name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A text or a whole number, as a text.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.len() <= LONGEST_NUMBER => {
            let text = text.trim();
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.,eE".contains(&byte));
            plain.then(|| text.replace(',', ".").parse::<f64>().ok())?.filter(|number| number.is_finite())
        }
        _ => None,
    }
}

/// Whether a field says yes: `true`, `"true"`, `1`.
pub(super) fn says_yes(object: &Value, name: &str) -> bool {
    match field(object, name) {
        Some(Value::Bool(yes)) => *yes,
        Some(value) => word(value).is_some_and(|word| word == "1" || word.eq_ignore_ascii_case("true")),
        None => false,
    }
}

/// Whether a field says no: `false`, `"false"`, `0`.
pub(super) fn says_no(object: &Value, name: &str) -> bool {
    match field(object, name) {
        Some(Value::Bool(yes)) => !*yes,
        Some(value) => word(value).is_some_and(|word| word == "0" || word.eq_ignore_ascii_case("false")),
        None => false,
    }
}

/// A plate as it was written. `None` for nothing, and for the words that cameras have for it.
pub(super) fn plate(value: &Value) -> Result<Option<String>, NotUnderstood> {
    let written = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err(NotUnderstood::BrokenPlate),
    };
    // Decomposed, a syllable is up to three characters of three bytes.
    if written.len() > LONGEST_PLATE * 9 || written.chars().any(char::is_control) {
        return Err(NotUnderstood::BrokenPlate);
    }
    let composed: String = written.nfc().collect();
    if composed.chars().count() > LONGEST_PLATE {
        return Err(NotUnderstood::BrokenPlate);
    }
    let says_nothing =
        !composed.chars().any(char::is_alphanumeric) || NO_PLATE.contains(&composed.to_lowercase().as_str());
    Ok(Some(composed).filter(|_| !says_nothing))
}

/// The plate in a field that must be there.
pub(super) fn plate_in(object: &Value, name: &str) -> Result<Option<String>, NotUnderstood> {
    plate(object.get(name).ok_or(NotUnderstood::BrokenPlate)?)
}

/// A confidence from 0 to 1. `None` where it is not said; an error where it is no number, or beyond its scale.
pub(super) fn confidence(value: Option<&Value>, scale: Scale) -> Result<Option<f64>, NotUnderstood> {
    let Some(value) = value else { return Ok(None) };
    if let Value::String(text) = value
        && matches!(text.trim().to_ascii_lowercase().as_str(), "" | "-" | "--" | "unknown" | "n/a" | "null")
    {
        return Ok(None);
    }
    let number = number(value).ok_or(NotUnderstood::BrokenField)?;
    if number < 0.0 {
        return Ok(None);
    }
    let scaled = match scale {
        Scale::One if number <= 1.0 => number,
        Scale::Percent | Scale::Byte if number < 1.0 => number,
        Scale::Byte if number > 100.0 => number / 255.0,
        _ => number / 100.0,
    };
    if scaled <= 1.0 { Ok(Some(scaled)) } else { Err(NotUnderstood::BrokenField) }
}

/// Confidences of characters, where there is one for each of `plate`.
pub(super) fn characters<'a>(values: impl Iterator<Item = &'a Value>, scale: Scale, plate: Option<&str>) -> Vec<f64> {
    let count = plate.map_or(0, |plate| plate.chars().count());
    let read: Option<Vec<f64>> =
        values.take(LONGEST_PLATE + 1).map(|value| confidence(Some(value), scale).ok().flatten()).collect();
    read.filter(|read| read.len() == count).unwrap_or_default()
}

/// Other readings: a list of objects with the plate in one field and the confidence in another, or of plates.
pub(super) fn candidates(
    list: Option<&Value>,
    [plate_name, confidence_name]: [&str; 2],
    scale: Scale,
) -> Result<Vec<(String, Option<f64>)>, NotUnderstood> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for value in list.as_array().ok_or(NotUnderstood::BrokenField)?.iter().take(MOST_CANDIDATES) {
        let (text, confidence) = match value {
            Value::Object(_) => (plate_in(value, plate_name)?, confidence(field(value, confidence_name), scale)?),
            _ => (plate(value)?, None),
        };
        found.extend(text.map(|text| (text, confidence)));
    }
    Ok(found)
}

/// A direction in any of the words that cameras have for it.
pub(super) fn direction(value: Option<&Value>) -> Option<Direction> {
    let word = value?.as_str()?.trim().to_ascii_lowercase();
    match word.as_str() {
        "approach" | "approaching" | "forward" | "obverse" | "in" | "enter" | "entering" | "coming" => {
            Some(Direction::Approaching)
        }
        "leave" | "leaving" | "away" | "reverse" | "backward" | "out" | "exit" | "exiting" => Some(Direction::Leaving),
        _ => None,
    }
}

/// What the device calls itself: the first of these fields that says something.
pub(super) fn device(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let name: String = word(field(object, name)?)?.nfc().filter(|c| !c.is_control()).take(LONGEST_DEVICE).collect();
        Some(name).filter(|name| !name.is_empty())
    })
}

/// An id of an event, put together of these. `None` unless all are there. A longer one than is kept becomes its
/// SHA-256, so that two of them stay two.
pub(super) fn event(parts: &[Option<String>]) -> Option<String> {
    let mut id = String::new();
    for part in parts {
        let part = part.as_deref().filter(|part| !part.is_empty())?;
        if !id.is_empty() {
            id.push('/');
        }
        id.extend(part.chars().filter(|c| !c.is_control()));
    }
    if id.chars().count() <= LONGEST_EVENT {
        return Some(id).filter(|id| !id.is_empty());
    }
    Some(crate::random::hex(&Sha256::digest(id.as_bytes())))
}

/// A field as a part of an id.
pub(super) fn id(object: &Value, names: &[&str]) -> Option<String> {
    word(first_of(object, names)?)
}

/// A time in any of the spellings that cameras have: epoch seconds, milliseconds, microseconds or nanoseconds; ISO
/// 8601 with an offset or without; `2026/04/01 10:00:00`; `20260401 100000123`. What is none is `Unknown`.
pub(super) fn taken(value: Option<&Value>) -> Taken {
    match value {
        Some(Value::Number(_)) => value.and_then(number).map_or(Taken::Unknown, epoch),
        Some(Value::String(text)) if text.len() <= LONGEST_NUMBER && text.is_ascii() => written(text.trim()),
        _ => Taken::Unknown,
    }
}

fn epoch(number: f64) -> Taken {
    // In seconds, 10^11 is the year 5138; in milliseconds it is 1973. And so on by thousands.
    let milliseconds = match number {
        n if n < 1e11 => n * 1e3,
        n if n < 1e14 => n,
        n if n < 1e17 => n / 1e3,
        n => n / 1e6,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 becomes its end, which is out of range")]
    let milliseconds = milliseconds.floor() as i64;
    instant(milliseconds)
}

fn instant(milliseconds: i64) -> Taken {
    if (FIRST..AFTER_LAST).contains(&milliseconds) { Taken::Instant(milliseconds) } else { Taken::Unknown }
}

fn written(text: &str) -> Taken {
    let is_number = text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_compact = text.len() == 14 || text.len() == 17;
    if is_number && !(is_compact && text.starts_with("20")) {
        return text.parse().map_or(Taken::Unknown, epoch);
    }
    let text = spelt_out(text);
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return instant(timestamp.as_millisecond());
    }
    // A text with an offset that is none must not be taken for one without.
    let has_offset = text.get(10..).is_some_and(|time| time.contains(['+', '-', 'Z', 'z', '[']));
    match text.parse::<DateTime>() {
        // A date alone is no time.
        Ok(local) if text.len() > 11 && !has_offset && (2000..=2100).contains(&local.year()) => Taken::Local(local),
        _ => Taken::Unknown,
    }
}

/// `20260401 100000123 +0900` and `2026/04/01 10:00:00` as ISO 8601; anything else as it is.
fn spelt_out(text: &str) -> String {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b' ').filter(|byte| *byte != b' ');
    let digits: Vec<u8> = digits.take(18).collect();
    if text.as_bytes().get(..8).is_some_and(|head| head.iter().all(u8::is_ascii_digit))
        && (digits.len() == 14 || digits.len() == 17)
    {
        let at = |from: usize, to: usize| String::from_utf8_lossy(&digits[from..to]).into_owned();
        let fraction = if digits.len() == 17 { format!(".{}", at(14, 17)) } else { String::new() };
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let [year, month, day] = [at(0, 4), at(4, 6), at(6, 8)];
        let [hour, minute, second] = [at(8, 10), at(10, 12), at(12, 14)];
        return format!("{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}{rest}");
    }
    let (date, time) = text.split_at_checked(10).unwrap_or((text, ""));
    // jiff wants no space before the offset.
    let time = time.replace(" +", "+").replace(" -", "-").replace(" Z", "Z");
    format!("{}{time}", date.replace('/', "-"))
}
