//! What is free near a time that is not.

use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::reservation::Bay;
use crate::domain::schedule::{SLOT_SECONDS, Schedule, SlotRange, TimeOfDay};
use crate::store::{Conn, bays, reservations};

use super::BayChoice;
use crate::service::{Caller, Failure, Site};

/// A bay that is free at a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alternative {
    /// The bay.
    pub bay: Bay,
    /// When.
    pub range: SlotRange,
}

/// So many are offered.
const OFFERED: usize = 5;

/// The free times of a day that are nearest to a wanted one and as long, nearest first: at the same time in another bay
/// before at another time, in the wanted bay before in another.
///
/// # Errors
/// When the caller may not see the calendar.
pub async fn alternatives(
    site: &Site,
    caller: &Caller,
    bay: BayChoice,
    date: Date,
    start: TimeOfDay,
    length: u16,
) -> Result<Vec<Alternative>, Failure> {
    site.authorise(caller, Action::SeeCalendar).await?;
    let now = site.clock.now();
    let (from, until) = site.schedule.day_bounds(date);
    let read = async move |conn: &mut Conn<'_>| {
        Ok((bays::all(conn).await?, reservations::busy_between(conn, from - DAY, until + DAY).await?))
    };
    let (bays, busy) = site.store.snapshot(read).await?;
    let ranges = ranges(&site.schedule, date, length, now);
    let wanted = site.schedule.range(date, start, TimeOfDay::from_minutes(start.minutes() + length).unwrap_or(start));
    let at = wanted.map_or(from + i64::from(start.minutes()) * 60, |range| range.start());
    Ok(nearest(&bays, &busy, &ranges, bay, at))
}

/// A day, in seconds: what began before a day may reach into it.
const DAY: i64 = 24 * 60 * 60;

/// The times of a day that are so many minutes long and can be booked.
fn ranges(schedule: &Schedule, date: Date, length: u16, now: i64) -> Vec<SlotRange> {
    let hours = schedule.hours();
    let step = u16::try_from(SLOT_SECONDS / 60).unwrap_or(30);
    let range = |start: u16| {
        let (start, end) = (TimeOfDay::from_minutes(start)?, TimeOfDay::from_minutes(start.checked_add(length)?)?);
        let range = schedule.range(date, start, end).ok()?;
        schedule.check_bookable(&range, now).ok().map(|()| range)
    };
    (hours.open().minutes()..hours.close().minutes()).step_by(usize::from(step)).filter_map(range).collect()
}

fn nearest(
    bays: &[Bay],
    busy: &[(i64, i64, i64)],
    ranges: &[SlotRange],
    wanted: BayChoice,
    at: i64,
) -> Vec<Alternative> {
    let is_free = |bay: &Bay, range: &SlotRange| {
        !busy.iter().any(|(id, start, end)| *id == bay.id && *start < range.end() && range.start() < *end)
    };
    let mut offers: Vec<(i64, bool, usize, SlotRange)> = Vec::new();
    for (number, bay) in bays.iter().enumerate().filter(|(_, bay)| bay.closed.is_none()) {
        let other = matches!(wanted, BayChoice::Bay(id) if id != bay.id);
        let free = ranges.iter().filter(|range| is_free(bay, range));
        offers.extend(free.map(|range| ((range.start() - at).abs(), other, number, *range)));
    }
    offers.sort_unstable_by_key(|(far, other, number, range)| (*far, *other, *number, range.start()));
    // One bay a time is enough to choose from, except at the wanted time.
    let mut offered: Vec<Alternative> = Vec::new();
    for (far, _, number, range) in offers {
        if offered.len() == OFFERED {
            break;
        }
        if far == 0 || offered.iter().all(|offer| offer.range != range) {
            offered.push(Alternative { bay: bays[number].clone(), range });
        }
    }
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn bay(id: i64, closed: bool) -> Bay {
        let closed = closed.then_some(crate::domain::reservation::Closed { at: 0, reason: None });
        Bay { id, name: format!("bay {id}"), closed }
    }

    fn hour(at: i64) -> SlotRange {
        SlotRange::from_instants(at * HOUR, (at + 1) * HOUR).expect("two slots")
    }

    #[test]
    fn the_same_time_elsewhere_comes_before_another_time() {
        let bays = [bay(1, false), bay(2, false), bay(3, true)];
        let ranges: Vec<_> = (10..14).map(hour).collect();
        let busy = [(1, 11 * HOUR, 12 * HOUR), (2, 12 * HOUR, 13 * HOUR)];
        let offers = nearest(&bays, &busy, &ranges, BayChoice::Bay(1), 11 * HOUR);
        let told: Vec<_> = offers.iter().map(|offer| (offer.bay.id, offer.range.start() / HOUR)).collect();
        assert_eq!(told, [(2, 11), (1, 10), (1, 12), (1, 13)]);
    }

    #[test]
    fn a_closed_bay_and_a_full_day_offer_nothing() {
        let ranges = [hour(10)];
        assert_eq!(nearest(&[bay(3, true)], &[], &ranges, BayChoice::Any, 0), []);
        assert_eq!(nearest(&[bay(1, false)], &[(1, 0, 24 * HOUR)], &ranges, BayChoice::Any, 0), []);
    }
}
