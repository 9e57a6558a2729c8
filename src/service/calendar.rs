//! What is booked when: a day's list, the list of all bays, free and busy.

use jiff::civil::Date;

use crate::domain::account::{Action, Actor};
use crate::domain::reservation::{Bay, Reservation};
use crate::store::{Conn, bays, reservations};

use super::{Caller, Failure, Site, privacy};

/// A bay with its reservations, by start.
#[derive(Clone, Debug)]
pub struct BayCalendar {
    /// The bay.
    pub bay: Bay,
    /// Its live reservations.
    pub reservations: Vec<Reservation>,
}

/// The live reservations of one day in the business zone, bay by bay.
///
/// # Errors
/// [`Refusal`] when the actor may not see them.
pub async fn day(site: &Site, caller: &Caller, date: Date) -> Result<Vec<BayCalendar>, Failure> {
    site.authorise(caller, Action::SeeCalendar).await?;
    let (from, until) = site.schedule.day_bounds(date);
    privacy::record_seen(site, caller, format!("day:{date}")).await?;
    between(site, caller, from, until).await
}

/// The live reservations from today to the booking horizon, bay by bay: bounded, however long the history.
///
/// # Errors
/// [`Refusal`] when the actor may not see them.
pub async fn upcoming(site: &Site, caller: &Caller) -> Result<Vec<BayCalendar>, Failure> {
    site.authorise(caller, Action::SeeCalendar).await?;
    let now = site.clock.now();
    privacy::record_seen(site, caller, "days".to_owned()).await?;
    let (from, _) = site.schedule.day_bounds(site.schedule.today(now));
    let (_, until) = site.schedule.day_bounds(site.schedule.last_bookable_day(now));
    between(site, caller, from, until).await
}

async fn between(site: &Site, caller: &Caller, from: i64, until: i64) -> Result<Vec<BayCalendar>, Failure> {
    let day_list = async move |conn: &mut Conn<'_>| {
        Ok((bays::all(conn).await?, reservations::starting_between(conn, from, until).await?))
    };
    // Somebody without an account has written nothing that a copy could still be missing.
    let (bays, live) = match caller.actor {
        Actor::Anonymous => site.store.stale_snapshot(day_list).await?,
        _ => site.store.snapshot(day_list).await?,
    };
    let mut live = live.into_iter().peekable();
    let mut calendars = Vec::with_capacity(bays.len());
    for bay in bays {
        let mut reservations = Vec::new();
        while let Some(reservation) = live.next_if(|reservation| reservation.bay == bay.id) {
            reservations.push(reservation);
        }
        calendars.push(BayCalendar { bay, reservations });
    }
    Ok(calendars)
}

/// When a bay is taken on one day, without saying by whom.
#[derive(Clone, Debug)]
pub struct BusyDay {
    /// The day in the business zone.
    pub date: Date,
    /// Start and end in UTC seconds, in order; bookings that touch are one interval.
    pub busy: Vec<(i64, i64)>,
}

/// A bay with its taken times.
#[derive(Clone, Debug)]
pub struct BayAvailability {
    /// The bay.
    pub bay: Bay,
    /// One entry a day.
    pub days: Vec<BusyDay>,
}

/// Free and busy of every bay, for `days` days from `from`.
///
/// # Errors
/// [`Refusal`] when the actor may not see it.
pub async fn availability(
    site: &Site,
    caller: &Caller,
    from: Date,
    days: u16,
) -> Result<Vec<BayAvailability>, Failure> {
    site.authorise(caller, Action::SeeCalendar).await?;
    let dates: Vec<Date> =
        std::iter::successors(Some(from), |date| date.tomorrow().ok()).take(usize::from(days)).collect();
    let bounds: Vec<(i64, i64)> = dates.iter().map(|date| site.schedule.day_bounds(*date)).collect();
    let (first, last) = match (bounds.first(), bounds.last()) {
        (Some(first), Some(last)) => (first.0, last.1),
        _ => return Ok(Vec::new()),
    };
    let free_and_busy = async move |conn: &mut Conn<'_>| {
        Ok((bays::all(conn).await?, reservations::busy_between(conn, first, last).await?))
    };
    let (bays, taken) = site.store.stale_snapshot(free_and_busy).await?;
    let mut taken = taken.into_iter().peekable();
    let mut availability = Vec::with_capacity(bays.len());
    for bay in bays {
        let mut busy_days = Vec::with_capacity(dates.len());
        for (date, (_, end_of_day)) in dates.iter().zip(&bounds) {
            let mut busy: Vec<(i64, i64)> = Vec::new();
            while let Some((_, start, end)) = taken.next_if(|taken| taken.0 == bay.id && taken.1 < *end_of_day) {
                match busy.last_mut() {
                    Some(before) if before.1 == start => before.1 = end,
                    _ => busy.push((start, end)),
                }
            }
            busy_days.push(BusyDay { date: *date, busy });
        }
        availability.push(BayAvailability { bay, days: busy_days });
    }
    Ok(availability)
}
