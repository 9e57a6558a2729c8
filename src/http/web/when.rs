//! Times and dates as people read them.

use jiff::civil::Date;

use crate::domain::schedule::Schedule;

use super::texts::{Texts, fill};

/// Writes times in the business zone, in a language.
#[derive(Clone)]
pub(crate) struct When {
    pub schedule: Schedule,
    pub t: &'static Texts,
    /// UTC seconds.
    pub now: i64,
}

impl When {
    /// Today, in the business zone.
    pub(crate) fn today(&self) -> Date {
        self.schedule.today(self.now)
    }

    /// `HH:MM` of an instant.
    pub(crate) fn time(&self, at: i64) -> String {
        self.zoned(at).map_or_else(String::new, |at| at.strftime("%H:%M").to_string())
    }

    /// The day of an instant.
    pub(crate) fn date_of(&self, at: i64) -> Date {
        self.zoned(at).map_or_else(|| self.today(), |at| at.date())
    }

    fn zoned(&self, at: i64) -> Option<jiff::Zoned> {
        let instant = jiff::Timestamp::from_second(at).ok()?;
        Some(instant.to_zoned(self.schedule.zone().clone()))
    }

    /// A short weekday.
    pub(crate) fn weekday(&self, date: Date) -> &'static str {
        let at = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        self.t.weekdays.split(',').nth(at).unwrap_or_default()
    }

    /// A date in full.
    pub(crate) fn day(&self, date: Date) -> String {
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        let month = self.t.months.split(',').nth(month).unwrap_or_default();
        self.t
            .date_long
            .replace("{year}", &date.year().to_string())
            .replace("{month}", month)
            .replace("{day}", &date.day().to_string())
            .replace("{weekday}", self.weekday(date))
    }

    /// A date in full, or today or tomorrow.
    pub(crate) fn near_day(&self, date: Date) -> String {
        let today = self.today();
        if date == today {
            format!("{}, {}", self.t.today, self.day(date))
        } else if today.tomorrow().is_ok_and(|tomorrow| tomorrow == date) {
            format!("{}, {}", self.t.tomorrow, self.day(date))
        } else {
            self.day(date)
        }
    }

    /// Day and time of an instant.
    pub(crate) fn moment(&self, at: i64) -> String {
        format!("{} {}", self.day(self.date_of(at)), self.time(at))
    }

    /// From when until when, with the day; the end of a day is `24:00`.
    pub(crate) fn span(&self, range: &crate::domain::schedule::SlotRange) -> String {
        let local = self.schedule.local(range);
        // The word joiner keeps the times on one line.
        format!("{} {}–\u{2060}{}", self.near_day(local.date), local.start, local.end)
    }

    /// How long, in half hours.
    pub(crate) fn length(&self, half_hours: i64) -> String {
        let hours = (half_hours / 2).to_string();
        match (half_hours / 2, half_hours % 2) {
            (0, _) => self.t.hours_half.to_owned(),
            (_, 0) => fill(self.t.hours_whole, &[&hours]),
            _ => fill(self.t.hours_and_half, &[&hours]),
        }
    }
}
