//! Dates, times of day and opening hours as people write them.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

/// A local time of day in minutes, from `00:00` up to and including `24:00`, the end of the day.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash)]
pub struct TimeOfDay(u16);

/// A text that is not a time of day.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
#[error("a time of day is written HH:MM, from 00:00 to 24:00, without seconds")]
pub struct TimeError;

/// A text that is not a date to book on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
pub enum DateError {
    /// Not ten characters `YYYY-MM-DD`, or a day that no calendar has.
    #[error("a date is written YYYY-MM-DD and must exist")]
    NotADate,
    /// A date, but not in the years 2000 to 2100.
    #[error("the year of a date is between 2000 and 2100")]
    YearOutOfRange,
}

/// When a site is open, the same every day: two half hours, the first before the second.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub struct OpeningHours {
    open: TimeOfDay,
    close: TimeOfDay,
}

/// A text that is not a pair of opening hours.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
pub enum HoursError {
    /// Not two times with a hyphen between them.
    #[error("opening hours are written HH:MM-HH:MM, for example 09:00-22:00")]
    NotTwoTimes,
    /// A time is not on a half hour, so no slot could start or end there.
    #[error("opening hours begin and end on a full or half hour")]
    NotOnHalfHour,
    /// Closing is not after opening; hours across midnight are not supported.
    #[error("closing time must be after opening time on the same day")]
    CloseNotAfterOpen,
}

impl TimeOfDay {
    /// `24:00`, the midnight at the end of the day.
    pub const MIDNIGHT_AFTER: Self = Self(24 * 60);

    /// A time from minutes after midnight; `None` above 1440.
    #[must_use]
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= Self::MIDNIGHT_AFTER.0).then_some(Self(minutes))
    }

    /// Minutes after midnight, 0 to 1440.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// Whether a slot may start or end here.
    #[must_use]
    pub fn is_half_hour(self) -> bool {
        self.0.is_multiple_of(30)
    }

    /// The minute of a clock time; seconds are dropped.
    pub(super) fn of(time: Time) -> Self {
        Self(u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()))
    }

    /// This time on a date; `24:00` is midnight of the next one.
    pub(super) fn on(self, date: Date) -> DateTime {
        date.at(0, 0, 0, 0).saturating_add(i64::from(self.0).minutes())
    }
}

/// `09:00` or `9:00`: one or two digits, a colon, two digits.
impl FromStr for TimeOfDay {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (hours, minutes) = text.split_once(':').ok_or(TimeError)?;
        if !(1..=2).contains(&hours.len()) || minutes.len() != 2 {
            return Err(TimeError);
        }
        let number = |digits: &str| {
            let only_digits = digits.bytes().all(|b| b.is_ascii_digit());
            only_digits.then(|| digits.parse::<u16>().ok()).flatten().ok_or(TimeError)
        };
        match (number(hours)?, number(minutes)?) {
            (24, 0) => Ok(Self::MIDNIGHT_AFTER),
            (hours @ 0..=23, minutes @ 0..=59) => Ok(Self(hours * 60 + minutes)),
            _ => Err(TimeError),
        }
    }
}

/// `HH:MM`, always five characters.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl OpeningHours {
    /// Opening hours from two times.
    ///
    /// # Errors
    /// `NotOnHalfHour`, `CloseNotAfterOpen`.
    pub fn new(open: TimeOfDay, close: TimeOfDay) -> Result<Self, HoursError> {
        if !open.is_half_hour() || !close.is_half_hour() {
            return Err(HoursError::NotOnHalfHour);
        }
        if close <= open {
            return Err(HoursError::CloseNotAfterOpen);
        }
        Ok(Self { open, close })
    }

    /// The first time at which a reservation may start.
    #[must_use]
    pub fn open(self) -> TimeOfDay {
        self.open
    }

    /// The last time at which a reservation may end.
    #[must_use]
    pub fn close(self) -> TimeOfDay {
        self.close
    }
}

/// `09:00-22:00`; spaces around the times do not matter. A site that never closes is `00:00-24:00`.
impl FromStr for OpeningHours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (open, close) = text.split_once('-').ok_or(HoursError::NotTwoTimes)?;
        let time = |text: &str| text.trim().parse().map_err(|TimeError| HoursError::NotTwoTimes);
        Self::new(time(open)?, time(close)?)
    }
}

/// `HH:MM-HH:MM`.
impl fmt::Display for OpeningHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.open, self.close)
    }
}

/// Reads a date of the wire: ten ASCII characters `YYYY-MM-DD`, nothing around them.
///
/// # Errors
/// See [`DateError`].
pub fn parse_date(text: &str) -> Result<Date, DateError> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return Err(DateError::NotADate);
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0')))
    };
    let (year, month, day) = (number(&[y1, y2, y3, y4]), number(&[m1, m2]), number(&[d1, d2]));
    let small = |number: Option<i16>| number.and_then(|number| i8::try_from(number).ok()).ok_or(DateError::NotADate);
    let date =
        Date::new(year.ok_or(DateError::NotADate)?, small(month)?, small(day)?).map_err(|_| DateError::NotADate)?;
    if (2000..=2100).contains(&date.year()) { Ok(date) } else { Err(DateError::YearOutOfRange) }
}
