//! The timestamps that cameras send with a plate: ISO 8601 in its usual dresses, or epoch seconds or milliseconds.
//!
//! Cameras in the field run other people's software, so every form with one plain meaning is taken; the wire contract
//! ("Timestamps of `match`") lists them. What has no plain meaning is refused: a date without a time, a local time in
//! words, a number of unknown unit. The answer is always whole epoch seconds, rounded down.

#[cfg(test)]
mod tests;

use jiff::civil::{Date, date};

/// The longest text that is looked at, in bytes.
const MAX_BYTES: usize = 64;
/// 2000-01-01T00:00:00Z, the first instant that is accepted.
const FIRST: i64 = 946_684_800;
/// 2101-01-01T00:00:00Z, the first instant after those that are accepted.
const AFTER_LAST: i64 = 4_133_980_800;
/// Numbers above this are milliseconds: as seconds they would lie in the year 33658.
const MILLISECONDS_ABOVE: i64 = 1_000_000_000_000;

/// Why something is no timestamp. The input itself is never part of the error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
pub enum TimestampError {
    /// Nothing but white space.
    #[error("the timestamp is empty")]
    Empty,
    /// More than 64 bytes; refused unread.
    #[error("the timestamp is longer than any timestamp")]
    TooLong,
    /// None of the accepted forms, a date or time that does not exist, or not a finite number.
    #[error("this is not a timestamp in ISO 8601 or epoch seconds or milliseconds")]
    NotATimestamp,
    /// A timestamp, but not in the years 2000 to 2100 (UTC).
    #[error("the timestamp is not between the years 2000 and 2100")]
    OutOfRange,
}

/// Reads a timestamp from text: ISO 8601 (`2026-04-01T10:00:00+09:00`, `20260401T010203Z`, a space or `t` for `T`,
/// seconds and offset optional, UTC without one) or a number as in [`parse_number`]. ASCII only; a leap second `:60`
/// counts as `:59`.
///
/// # Errors
/// See [`TimestampError`].
pub fn parse_text(text: &str) -> Result<i64, TimestampError> {
    if text.len() > MAX_BYTES {
        return Err(TimestampError::TooLong);
    }
    let text = text.trim_ascii().as_bytes();
    if text.is_empty() {
        return Err(TimestampError::Empty);
    }
    match digit_string(text) {
        Some(seconds) => seconds,
        None => in_range(iso_8601(text).ok_or(TimestampError::NotATimestamp)?),
    }
}

/// Reads epoch seconds, or epoch milliseconds above 10^12, with or without a fraction.
///
/// # Errors
/// `NotATimestamp` for NaN and the infinities, `OutOfRange`.
pub fn parse_number(number: f64) -> Result<i64, TimestampError> {
    if !number.is_finite() {
        return Err(TimestampError::NotATimestamp);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 becomes its end, which is out of range")]
    let whole = number.floor() as i64;
    number_of(whole, number > 1e12)
}

/// Reads epoch seconds, or epoch milliseconds above 10^12.
///
/// # Errors
/// `OutOfRange`.
pub fn parse_integer(number: i64) -> Result<i64, TimestampError> {
    number_of(number, number > MILLISECONDS_ABOVE)
}

/// Negative numbers need no unit: they lie before 1970 in either, which is out of range.
fn number_of(whole: i64, milliseconds: bool) -> Result<i64, TimestampError> {
    in_range(if milliseconds { whole.div_euclid(1000) } else { whole })
}

fn in_range(seconds: i64) -> Result<i64, TimestampError> {
    if (FIRST..AFTER_LAST).contains(&seconds) { Ok(seconds) } else { Err(TimestampError::OutOfRange) }
}

/// A number in digits: a sign, digits, a point and digits. `None` for any other text.
fn digit_string(text: &[u8]) -> Option<Result<i64, TimestampError>> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let point = digits.iter().position(|&b| b == b'.');
    let (whole, fraction) = digits.split_at(point.unwrap_or(digits.len()));
    let fraction = match fraction {
        [] => &[][..],
        [_, rest @ ..] if !rest.is_empty() => rest,
        _ => return None,
    };
    if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let magnitude =
        whole.iter().fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    let above = magnitude > MILLISECONDS_ABOVE
        || magnitude == MILLISECONDS_ABOVE && fraction.iter().any(|&digit| digit != b'0');
    Some(if negative { Err(TimestampError::OutOfRange) } else { number_of(magnitude, above) })
}

/// Epoch seconds of a date and a time. `None` for what is not ISO 8601 or does not exist.
fn iso_8601(text: &[u8]) -> Option<i64> {
    let mut rest = Rest(text);
    let year = rest.digits(4)?;
    let extended = rest.take(b"-");
    let month = rest.digits(2)?;
    if extended && !rest.take(b"-") {
        return None;
    }
    let day = rest.digits(2)?;
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    if !rest.take(b"Tt ") {
        return None;
    }
    let time = rest.time_of_day()?;
    let offset = rest.offset()?;
    rest.0.is_empty().then_some(())?;
    Some(date.duration_since(EPOCH).as_secs() + time - offset)
}

const EPOCH: Date = date(1970, 1, 1);

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Takes one byte if it is one of these.
    fn take(&mut self, any_of: &[u8]) -> bool {
        match self.0 {
            [first, rest @ ..] if any_of.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    }

    /// Two digits from 0 up to a largest value.
    fn two_digits_to(&mut self, largest: i64) -> Option<i64> {
        self.digits(2).filter(|number| *number <= largest)
    }

    /// `HH:MM`, `HH:MM:SS`, `HHMM` or `HHMMSS`, the seconds with a fraction or without; in whole seconds.
    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.two_digits_to(23)?;
        let extended = self.take(b":");
        let minute = self.two_digits_to(59)?;
        let has_second = if extended { self.take(b":") } else { self.0.first().is_some_and(u8::is_ascii_digit) };
        let mut second = 0;
        if has_second {
            second = self.two_digits_to(60)?.min(59);
            if self.take(b".,") {
                self.digits(1)?;
                while self.take(b"0123456789") {}
            }
        }
        Some(hour * 3600 + minute * 60 + second)
    }

    /// `Z`, `+HH:MM`, `+HHMM` or `+HH`, perhaps after a space; nothing means UTC. In seconds east of Greenwich.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() {
            return Some(0);
        }
        self.take(b" ");
        if self.take(b"Zz") {
            return Some(0);
        }
        let sign = if self.take(b"-") { -1 } else { i64::from(self.take(b"+")) };
        if sign == 0 {
            return None;
        }
        let hours = self.two_digits_to(23)?;
        let minutes = if self.take(b":") || !self.0.is_empty() { self.two_digits_to(59)? } else { 0 };
        Some(sign * (hours * 3600 + minutes * 60))
    }
}
