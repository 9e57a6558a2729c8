//! What a period was like: figures without anybody's data, and the reservations of a period to take away.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::schedule::{SLOT_SECONDS, Schedule, TimeOfDay};
use crate::domain::sighting::{Camera, State};
use crate::store::reservations::{Counted, RowId};
use crate::store::sightings::Tally;
use crate::store::{bays, cameras, reservations, sightings};

use super::{Caller, Failure, Site, privacy};

/// A report counts so many reservations at most.
const MOST: i64 = 250_000;

/// A period that is asked for, ending today.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Period {
    /// Seven days.
    Week,
    /// Four weeks.
    FourWeeks,
    /// Ninety days.
    Quarter,
}

impl Period {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Week, Self::FourWeeks, Self::Quarter];

    /// How many days it has.
    #[must_use]
    pub const fn days(self) -> i64 {
        match self {
            Self::Week => 7,
            Self::FourWeeks => 28,
            Self::Quarter => 90,
        }
    }

    /// The days of a step of what is shown over time.
    const fn step(self) -> i64 {
        match self {
            Self::Week | Self::FourWeeks => 1,
            Self::Quarter => 7,
        }
    }
}

/// Booked half hours out of those that could be booked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Share {
    /// Booked half hours.
    pub booked: i64,
    /// Half hours of opening hours, closed bays included.
    pub all: i64,
}

impl Share {
    /// In percent, rounded; `None` where nothing could be booked.
    #[must_use]
    pub fn percent(self) -> Option<i64> {
        (self.all > 0).then(|| (self.booked * 200 + self.all) / (self.all * 2))
    }
}

/// How many came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Shows {
    /// Reservations that are over and that a camera could have seen.
    pub over: i64,
    /// Of those, whose car was seen.
    pub seen: i64,
    /// Of those, whose car was not.
    pub missed: i64,
    /// Reservations that are over and of which nobody can tell: no camera looked, or the car was forgotten.
    pub unknown: i64,
}

/// How plates were recognised in some days.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recognised {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Matched letter by letter.
    pub exact: i64,
    /// Matched although the read differed.
    pub tolerant: i64,
    /// Put to a person.
    pub person: i64,
    /// No car that was expected.
    pub nobody: i64,
    confidence: i64,
    confident: i64,
}

impl Recognised {
    /// How many sightings there were.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.exact + self.tolerant + self.person + self.nobody
    }

    /// How sure readers were, in percent, on average; `None` where none said.
    #[must_use]
    pub fn confidence(&self) -> Option<i64> {
        (self.confident > 0).then(|| self.confidence / self.confident / 10)
    }
}

/// What a period was like.
#[derive(Clone, Debug)]
pub struct Report {
    /// The first day.
    pub from: Date,
    /// The last day, today.
    pub until: Date,
    /// By hour of the day (local, 0 to 23), the weekdays from Monday on.
    pub hours: Vec<(u8, [Share; 7])>,
    /// By bay.
    pub bays: Vec<(Bay, Share)>,
    /// Who came.
    pub shows: Shows,
    /// How plates were recognised, the earliest first.
    pub recognised: Vec<Recognised>,
    /// How many reservations were counted.
    pub reservations: usize,
    /// Whether there were more than are counted.
    pub cut: bool,
}

/// What a period was like.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn report(site: &Site, caller: &Caller, period: Period) -> Result<Report, Failure> {
    site.authorise(caller, Action::SeeOperatorsLists).await?;
    let now = site.clock.now();
    let until = site.schedule.today(now);
    let from = until.saturating_sub((period.days() - 1).days());
    let (first, last) = (site.schedule.day_bounds(from).0, site.schedule.day_bounds(until).1);
    let read = site.store.snapshot(async move |conn| {
        Ok((
            bays::all(conn).await?,
            cameras::all(conn).await?,
            reservations::counted(conn, first, last, MOST + 1).await?,
            sightings::tallies(conn, first, last).await?,
        ))
    });
    let (bays, cameras, mut counted, tallies) = read.await?;
    let cut = i64::try_from(counted.len()).unwrap_or(i64::MAX) > MOST;
    if cut {
        counted.pop();
    }
    let open = open_half_hours(&site.schedule, from, until);
    Ok(Report {
        from,
        until,
        hours: by_hour(&site.schedule, &open, &counted, bays.len()),
        shows: shows(&counted, &cameras, now),
        recognised: recognised(&site.schedule, &tallies, from, until, period.step()),
        reservations: counted.len(),
        bays: by_bay(bays, &counted, open.len()),
        cut,
    })
}

/// The starts of the half hours that could be booked from one day to another.
fn open_half_hours(schedule: &Schedule, from: Date, until: Date) -> Vec<i64> {
    let (open, close) = (schedule.hours().open().minutes(), schedule.hours().close().minutes());
    let mut starts = Vec::new();
    for date in days(from, until) {
        for minute in (open..close).step_by(30) {
            let (start, end) = (TimeOfDay::from_minutes(minute), TimeOfDay::from_minutes(minute + 30));
            if let (Some(start), Some(end)) = (start, end)
                && let Ok(range) = schedule.range(date, start, end)
            {
                starts.extend(range.slots());
            }
        }
    }
    starts
}

fn days(from: Date, until: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |date| date.tomorrow().ok()).take_while(move |date| *date <= until)
}

/// The hour of the day and the weekday (Monday is 0) of an instant.
fn hour_and_weekday(schedule: &Schedule, at: i64) -> (u8, usize) {
    let local = schedule.local_between(at, at + SLOT_SECONDS);
    let hour = u8::try_from(local.start.minutes() / 60).unwrap_or_default();
    (hour, usize::try_from(local.date.weekday().to_monday_zero_offset()).unwrap_or_default())
}

fn by_hour(schedule: &Schedule, open: &[i64], counted: &[Counted], bays: usize) -> Vec<(u8, [Share; 7])> {
    let bays = i64::try_from(bays).unwrap_or(i64::MAX);
    let mut booked: BTreeMap<i64, i64> = BTreeMap::new();
    for slot in counted.iter().flat_map(|reservation| reservation.range.slots()) {
        *booked.entry(slot).or_default() += 1;
    }
    let mut hours: BTreeMap<u8, [Share; 7]> = BTreeMap::new();
    for start in open {
        let (hour, weekday) = hour_and_weekday(schedule, *start);
        let share = &mut hours.entry(hour).or_default()[weekday];
        share.all += bays;
        share.booked += booked.get(start).copied().unwrap_or_default();
    }
    hours.into_iter().collect()
}

fn by_bay(bays: Vec<Bay>, counted: &[Counted], open: usize) -> Vec<(Bay, Share)> {
    let mut booked: BTreeMap<i64, i64> = BTreeMap::new();
    for reservation in counted {
        *booked.entry(reservation.bay).or_default() +=
            (reservation.range.end() - reservation.range.start()) / SLOT_SECONDS;
    }
    let all = i64::try_from(open).unwrap_or(i64::MAX);
    let share = |bay: &Bay| Share { booked: booked.get(&bay.id).copied().unwrap_or_default(), all };
    bays.into_iter().map(|bay| (bay.clone(), share(&bay))).collect()
}

fn shows(counted: &[Counted], cameras: &[Camera], now: i64) -> Shows {
    // A camera that was there when it began, looks at the bay or at an entrance, and was not switched off since.
    let watched = |one: &Counted| {
        cameras.iter().any(|camera| {
            camera.created_at <= one.range.start()
                && camera.off_at.is_none_or(|off| off >= one.range.end())
                && camera.bay.is_none_or(|bay| bay == one.bay)
        })
    };
    let mut shows = Shows::default();
    for one in counted.iter().filter(|one| one.range.end() <= now) {
        match one.seen {
            Some(true) => {
                shows.over += 1;
                shows.seen += 1;
            }
            Some(false) if watched(one) => {
                shows.over += 1;
                shows.missed += 1;
            }
            _ => shows.unknown += 1,
        }
    }
    shows
}

fn recognised(schedule: &Schedule, tallies: &[Tally], from: Date, until: Date, step: i64) -> Vec<Recognised> {
    let empty = |from: Date| {
        let last = from.saturating_add((step - 1).days());
        let until = last.min(until);
        Recognised { from, until, exact: 0, tolerant: 0, person: 0, nobody: 0, confidence: 0, confident: 0 }
    };
    let steps = usize::try_from(step).unwrap_or(1);
    let mut buckets: Vec<Recognised> = days(from, until).step_by(steps).map(empty).collect();
    for tally in tallies {
        let date = schedule.today(tally.quarter);
        let Some(bucket) = buckets.iter_mut().find(|bucket| (bucket.from..=bucket.until).contains(&date)) else {
            continue;
        };
        match (tally.state, tally.how.as_str()) {
            (State::Matched, "exact") => bucket.exact += tally.count,
            (State::Matched, _) => bucket.tolerant += tally.count,
            (State::Passing, _) => bucket.nobody += tally.count,
            (State::Review | State::Accepted | State::Corrected | State::Rejected, _) => bucket.person += tally.count,
        }
        bucket.confidence += tally.confidence;
        bucket.confident += tally.confident;
    }
    buckets
}

/// Cancelled reservations are read in pages of so many.
const PAGE: i64 = 1000;

/// The reservations of a period, to be taken away piece by piece.
pub struct Download {
    next: Option<Next>,
    period: (i64, i64),
    until: Date,
}

enum Next {
    /// Those that stand, of this day.
    Day(Date),
    /// Those that were cancelled, after this row.
    Cancelled(Option<RowId>),
}

/// Begins a download of the reservations that start on the days from `from` to `until`. That it was taken away is
/// recorded.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn download(site: &Site, caller: &Caller, from: Date, until: Date) -> Result<Download, Failure> {
    site.authorise(caller, Action::SeeOperatorsLists).await?;
    privacy::record_seen(site, caller, format!("reservations:{from}..{until}")).await?;
    let period = (site.schedule.day_bounds(from).0, site.schedule.day_bounds(until).1);
    Ok(Download { next: Some(Next::Day(from)), period, until })
}

impl Download {
    /// The next piece, which may be empty; `None` at the end. First come those that stand, day by day, then those that
    /// were cancelled.
    ///
    /// # Errors
    /// When the storage broke.
    pub async fn next(&mut self, site: &Site) -> Result<Option<Vec<Reservation>>, Failure> {
        match self.next.take() {
            None => Ok(None),
            Some(Next::Day(date)) => {
                let (from, until) = site.schedule.day_bounds(date);
                let tomorrow = date.tomorrow().ok().filter(|tomorrow| *tomorrow <= self.until);
                self.next = Some(tomorrow.map_or(Next::Cancelled(None), Next::Day));
                let day = async move |conn: &mut crate::store::Conn<'_>| {
                    reservations::starting_between(conn, from, until).await
                };
                Ok(Some(site.store.snapshot(day).await?))
            }
            Some(Next::Cancelled(after)) => {
                let (from, until) = self.period;
                let page = site
                    .store
                    .snapshot(async move |conn| reservations::cancelled_page(conn, from, until, after, PAGE).await);
                let page = page.await?;
                self.next = page.last().map(|(row, _)| Next::Cancelled(Some(*row)));
                Ok(Some(page.into_iter().map(|(_, reservation)| reservation).collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_and_nothing_of_nothing_is_none() {
        let percent = |booked, all| Share { booked, all }.percent();
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(0, 8), Some(0));
        assert_eq!(percent(1, 8), Some(13));
        assert_eq!(percent(1, 3), Some(33));
        assert_eq!(percent(2, 3), Some(67));
        assert_eq!(percent(8, 8), Some(100));
    }

    #[test]
    fn weeks_of_a_quarter_end_today_without_overlap() {
        let schedule = Schedule::new(jiff::tz::TimeZone::UTC, "09:00-22:00".parse().expect("opening hours"), 30);
        let until = jiff::civil::date(2026, 4, 1);
        let from = until.saturating_sub(89.days());
        let weeks = recognised(&schedule, &[], from, until, 7);
        assert_eq!(weeks.len(), 13);
        assert_eq!((weeks[0].from, weeks[12].until), (from, until));
        assert!(weeks.windows(2).all(|pair| pair[0].until.tomorrow().ok() == Some(pair[1].from)));
    }
}
