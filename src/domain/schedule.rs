//! When a bay can be booked: half-hour slots, opening hours and the business time zone.
//!
//! Instants are UTC epoch seconds; dates and times of day are local to the [`Schedule`]'s zone and are turned into
//! instants here and nowhere else. Twice a year that is not a plain sum, so the answers are fixed:
//!
//! - A local time that **occurs twice** means its first occurrence, as a start and as an end.
//! - A local time that is **skipped** is refused, except that an end on the first skipped half hour is read on the old
//!   clock: it is when the half hour before it is over. Nearly everywhere that is the instant of the change itself (in
//!   Chatham, which goes from 02:45 to 03:45, 02:30–03:00 ends a quarter of an hour later, at what is then 04:00).
//!
//! So the half hours of a day, taken in order, always tile: they never overlap and leave nothing out. In New York the
//! clock goes from 02:00 to 03:00 on 2026-03-08 and from 02:00 back to 01:00 on 2026-11-01:
//!
//! | booked | on 2026-03-08 | on 2026-11-01 |
//! |---|---|---|
//! | 01:00–01:30 | 30 minutes | 30 minutes, the first time round |
//! | 01:30–02:00 | 30 minutes, shown as ending at 03:00 | 90 minutes: the repeated hour belongs to it |
//! | 02:00–03:00 | [`ScheduleError::TimeSkipped`] | one hour |
//!
//! Sites that open at 09:00 never meet any of this.

mod clock;
mod slots;
#[cfg(test)]
mod tests;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

pub use clock::{DateError, HoursError, OpeningHours, TimeError, TimeOfDay, parse_date};
pub use slots::{MAX_SLOTS, RangeError, SLOT_SECONDS, SlotRange, slot_candidates};

/// When the bays of a site can be booked.
#[derive(Clone, Debug)]
pub struct Schedule {
    zone: TimeZone,
    hours: OpeningHours,
    horizon_days: u16,
}

/// A range of slots as the site's clock shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LocalRange {
    /// The date on which it starts.
    pub date: Date,
    /// The time at which it starts.
    pub start: TimeOfDay,
    /// The time at which it ends; `24:00` where that is the end of `date`.
    pub end: TimeOfDay,
}

/// Why a time cannot be booked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleError {
    /// The end is the start or before it.
    #[error("the end is not after the start")]
    EndNotAfterStart,
    /// The start or the end is not on a half hour.
    #[error("the times are not on the half hour")]
    NotOnHalfHour,
    /// The start is before opening or not before closing.
    #[error("the start is outside the opening hours")]
    StartOutsideHours,
    /// The end is after closing.
    #[error("the end is after closing")]
    EndAfterClose,
    /// The clock jumps over the start or the end on that day.
    #[error("the clock skips this time on that day")]
    TimeSkipped,
    /// The start has passed.
    #[error("the start is in the past")]
    InThePast,
    /// The date is later than the last day that can be booked.
    #[error("the date is beyond the booking horizon")]
    BeyondHorizon,
}

impl Schedule {
    /// A schedule: the business time zone, the opening hours, and how many days after today can still be booked
    /// (0 means today only).
    #[must_use]
    pub fn new(zone: TimeZone, hours: OpeningHours, horizon_days: u16) -> Self {
        Self { zone, hours, horizon_days }
    }

    /// The business time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The opening hours, the same every day.
    #[must_use]
    pub fn hours(&self) -> OpeningHours {
        self.hours
    }

    /// How many days after today can still be booked.
    #[must_use]
    pub fn horizon_days(&self) -> u16 {
        self.horizon_days
    }

    /// The IANA name of the business time zone, `UTC` for one without a name.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The slots from `start` to `end` on a local date. Says nothing about the past or the horizon; see
    /// [`Schedule::check_bookable`].
    ///
    /// # Errors
    /// The first that holds of `EndNotAfterStart`, `NotOnHalfHour`, `StartOutsideHours`, `EndAfterClose` (the order of
    /// the wire contract) and `TimeSkipped`. In a zone whose offset is no multiple of a quarter of an hour no local
    /// time is on a slot, which is `NotOnHalfHour` too; no zone of today's has one.
    pub fn range(&self, date: Date, start: TimeOfDay, end: TimeOfDay) -> Result<SlotRange, ScheduleError> {
        if end <= start {
            return Err(ScheduleError::EndNotAfterStart);
        }
        if !start.is_half_hour() || !end.is_half_hour() {
            return Err(ScheduleError::NotOnHalfHour);
        }
        if start < self.hours.open() || start >= self.hours.close() {
            return Err(ScheduleError::StartOutsideHours);
        }
        if end > self.hours.close() {
            return Err(ScheduleError::EndAfterClose);
        }
        let start = match self.instant(start.on(date)) {
            Local::At(instant) => instant,
            Local::Skipped { .. } => return Err(ScheduleError::TimeSkipped),
        };
        let end = match self.instant(end.on(date)) {
            Local::At(instant) => instant,
            Local::Skipped { change, old_clock } if old_clock - change < SLOT_SECONDS => old_clock,
            Local::Skipped { .. } => return Err(ScheduleError::TimeSkipped),
        };
        SlotRange::from_instants(start, end).map_err(|error| match error {
            RangeError::EndNotAfterStart => ScheduleError::EndNotAfterStart,
            RangeError::NotOnSlots | RangeError::TooLong => ScheduleError::NotOnHalfHour,
        })
    }

    /// Whether a range may be booked at `now` (epoch seconds). A slot that has begun is in the past; one that begins
    /// at this second is not.
    ///
    /// # Errors
    /// `InThePast`, `BeyondHorizon`.
    pub fn check_bookable(&self, range: &SlotRange, now: i64) -> Result<(), ScheduleError> {
        if range.start() < now {
            return Err(ScheduleError::InThePast);
        }
        if self.wall_clock(range.start()).date() > self.last_bookable_day(now) {
            return Err(ScheduleError::BeyondHorizon);
        }
        Ok(())
    }

    /// The first instant of a local date and the first of the next, in epoch seconds. A day may have 23, 25 or other
    /// numbers of hours, and none where a zone jumped over the date line (Samoa had no 2011-12-30).
    #[must_use]
    pub fn day_bounds(&self, date: Date) -> (i64, i64) {
        (self.first_instant(date), self.first_instant(date.saturating_add(1.day())))
    }

    /// The local date at `now` (epoch seconds).
    #[must_use]
    pub fn today(&self, now: i64) -> Date {
        self.wall_clock(now).date()
    }

    /// The last local date that can be booked at `now` (epoch seconds).
    #[must_use]
    pub fn last_bookable_day(&self, now: i64) -> Date {
        self.today(now).saturating_add(i64::from(self.horizon_days).days())
    }

    /// The range as the local clock shows it. An end at the next midnight is `24:00`; a range that crosses midnight,
    /// which [`Schedule::range`] never makes but imported data may hold, ends at the plain time of day.
    ///
    /// [`Schedule::range`] of the answer gives the same range back for every range it made, except where an end on a
    /// skipped time is shown as the later time and that time is after closing.
    #[must_use]
    pub fn local(&self, range: &SlotRange) -> LocalRange {
        self.local_between(range.start(), range.end())
    }

    /// As [`Schedule::local`], for any two instants in epoch seconds, such as several ranges that touch.
    #[must_use]
    pub fn local_between(&self, start: i64, end: i64) -> LocalRange {
        let start = self.wall_clock(start);
        let end = if end == self.day_bounds(start.date()).1 {
            TimeOfDay::MIDNIGHT_AFTER
        } else {
            TimeOfDay::of(self.wall_clock(end).time())
        };
        LocalRange { date: start.date(), start: TimeOfDay::of(start.time()), end }
    }

    fn first_instant(&self, date: Date) -> i64 {
        match self.instant(date.at(0, 0, 0, 0)) {
            Local::At(instant) | Local::Skipped { change: instant, .. } => instant,
        }
    }

    fn instant(&self, local: DateTime) -> Local {
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => Local::At(epoch_seconds(local, offset)),
            AmbiguousOffset::Fold { before, after } => {
                // jiff 0.2 sees a fold in Nuuk on 2023-10-28 that was none (the zone's last listed
                // change kept the offset), so the first occurrence has to prove itself.
                let first = epoch_seconds(local, before);
                let is_real = self.wall_clock(first) == local;
                Local::At(if is_real { first } else { epoch_seconds(local, after) })
            }
            AmbiguousOffset::Gap { before, .. } => {
                let old_clock = epoch_seconds(local, before);
                let last_change = self.zone.preceding(timestamp(old_clock.saturating_add(1))).next();
                let change = last_change.map_or(old_clock, |change| change.timestamp().as_second());
                Local::Skipped { change, old_clock }
            }
        }
    }

    fn wall_clock(&self, instant: i64) -> DateTime {
        self.zone.to_datetime(timestamp(instant))
    }
}

/// Where a local time lies, in epoch seconds.
enum Local {
    /// It occurs; if twice, this is the first time.
    At(i64),
    /// The clock skips it.
    Skipped {
        /// When the clock changes.
        change: i64,
        /// When it would have come on the clock of before, at the change or later.
        old_clock: i64,
    },
}

fn epoch_seconds(local: DateTime, offset: Offset) -> i64 {
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    local.duration_since(EPOCH).as_secs() - i64::from(offset.seconds())
}

/// Instants outside the years jiff knows become the nearest it knows.
fn timestamp(instant: i64) -> Timestamp {
    let nearest = if instant < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(instant).unwrap_or(nearest)
}
