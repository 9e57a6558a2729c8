//! Moving a reservation to another time, another bay or both.

use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::reservation::Reservation;
use crate::domain::schedule::{Schedule, SlotRange, TimeOfDay};
use crate::store::reservations::{self, Taken};
use crate::store::{Conn, audit, bays};

use super::{BayChoice, Booked, check_open, record, refusal, told};
use crate::service::{Caller, Failure, Refusal, Site};

/// Where and when a reservation shall be instead; what is not given stays. A new start without a new end
/// keeps the length.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another bay.
    pub bay: Option<BayChoice>,
    /// Another day.
    pub date: Option<Date>,
    /// Another start.
    pub start: Option<TimeOfDay>,
    /// Another end.
    pub end: Option<TimeOfDay>,
    /// Why the quotas shall not hold, from somebody who may say so.
    pub override_reason: Option<String>,
}

/// Moves a reservation in one step: it is at its new place, or untouched at its old one.
///
/// # Errors
/// [`Refusal`], as for a booking; and [`Refusal::ReservationOver`], [`Refusal::ReservationStarted`].
pub async fn change(site: &Site, caller: &Caller, id: String, change: Change) -> Result<Booked, Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    site.pace_change(caller)?;
    let now = site.clock.now();
    if let Some(BayChoice::Bay(bay)) = change.bay {
        site.store.read(async |conn| bays::find(conn, bay).await).await?.ok_or(Refusal::BayNotFound)?;
    }
    let quota = site.quota_for(caller, change.override_reason.clone());
    let (schedule, who) = (site.schedule.clone(), caller.clone());
    let moved = site.store.write(async move |conn| {
        let held = reservations::hold(conn, &id, now).await?;
        let (row, old) = held.ok_or(Refusal::ReservationNotFound)?;
        if !who.actor.can(Action::Manage { owner: old.account.as_deref() }) {
            return Err(Refusal::ReservationOfAnother.into());
        }
        let range = changed_range(&schedule, &old, &change, now)?;
        if old.range.start() <= now && change.bay.is_some_and(|bay| bay != BayChoice::Bay(old.bay)) {
            return Err(Refusal::ReservationStarted.into());
        }
        let old_range = old.range;
        let bay = move_slots(conn, row, &old, range, change.bay).await?;
        reservations::set_place(conn, row, bay, range).await?;
        let before = told(&old, None);
        let moved = Reservation { bay, range, ..old };
        if moved.range != old_range {
            quota.check_day(&schedule, moved.range, now)?;
            quota.check_stored(conn, &moved, now).await?;
        }
        let mut entry = record(&who, now, "reservation.move", &moved);
        (entry.before, entry.after) = (Some(before), Some(told(&moved, quota.override_reason())));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(moved)
    });
    let moved = super::own::noted(site, caller, moved.await).await?;
    Ok(Booked { reservations: vec![moved], at: now })
}

fn changed_range(schedule: &Schedule, old: &Reservation, change: &Change, now: i64) -> Result<SlotRange, Refusal> {
    if old.range.end() <= now {
        return Err(Refusal::ReservationOver);
    }
    if change.date.is_none() && change.start.is_none() && change.end.is_none() {
        return Ok(old.range);
    }
    let local = schedule.local(&old.range);
    let start = change.start.unwrap_or(local.start);
    let end = match (change.start, change.end) {
        (_, Some(end)) => end,
        (Some(start), None) => later(start, local.end.minutes().saturating_sub(local.start.minutes())),
        (None, None) => local.end,
    };
    let range = schedule.range(change.date.unwrap_or(local.date), start, end)?;
    if old.range.start() <= now {
        // Running: it may end later or sooner, not begin elsewhere.
        if range.start() != old.range.start() {
            return Err(Refusal::ReservationStarted);
        }
        if range.end() <= now {
            return Err(Refusal::ReservationOver);
        }
    } else if range != old.range {
        schedule.check_bookable(&range, now)?;
    }
    Ok(range)
}

/// A time of day `minutes` later, midnight at the latest.
fn later(time: TimeOfDay, minutes: u16) -> TimeOfDay {
    TimeOfDay::from_minutes(time.minutes().saturating_add(minutes)).unwrap_or(TimeOfDay::MIDNIGHT_AFTER)
}

/// Gives back the slots of a reservation, claims the new ones, and answers the bay.
async fn move_slots(
    conn: &mut Conn<'_>,
    row: reservations::RowId,
    old: &Reservation,
    range: SlotRange,
    choice: Option<BayChoice>,
) -> Result<i64, Failure> {
    let bay = match choice {
        Some(BayChoice::Any) => return move_to_any(conn, row, old, range).await,
        Some(BayChoice::Bay(bay)) => bay,
        None => old.bay,
    };
    // Staying in a bay that was closed since is no new booking, as long as the time does not grow.
    let shrinks = bay == old.bay && range.start() >= old.range.start() && range.end() <= old.range.end();
    if !shrinks {
        check_open(conn, bay).await?;
    }
    // The claim decides. Asking first keeps it, on PostgreSQL, from waiting for a move that has given this place
    // back but is not done: two that swap places would wait for each other, until the engine ends one of them.
    if let Some(taken) = reservations::in_the_way(conn, row, bay, &old.plate, range).await? {
        return Err(refusal(taken));
    }
    reservations::release(conn, row, old.bay, old.range).await?;
    reservations::claim(conn, row, bay, &old.plate, range).await?.map_err(refusal)?;
    Ok(bay)
}

async fn move_to_any(
    conn: &mut Conn<'_>,
    row: reservations::RowId,
    old: &Reservation,
    range: SlotRange,
) -> Result<i64, Failure> {
    reservations::release(conn, row, old.bay, old.range).await?;
    loop {
        let candidates = bays::free(conn, range.start(), range.end()).await?;
        if candidates.is_empty() {
            return Err(Refusal::NoBayFree.into());
        }
        for bay in candidates {
            conn.exec("SAVEPOINT candidate", &[]).await?;
            match reservations::claim(conn, row, bay, &old.plate, range).await? {
                Ok(()) => {
                    conn.exec("RELEASE SAVEPOINT candidate", &[]).await?;
                    return Ok(bay);
                }
                Err(Taken::Plate) => return Err(Refusal::PlateTaken.into()),
                Err(Taken::Bay) => {
                    conn.exec("ROLLBACK TO SAVEPOINT candidate", &[]).await?;
                    conn.exec("RELEASE SAVEPOINT candidate", &[]).await?;
                }
            }
        }
    }
}
