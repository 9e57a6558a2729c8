//! Verify and match (report §3.2).

use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::plate::Plate;
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::schedule::{SlotRange, TimeOfDay, slot_candidates};
use crate::store::{Conn, DbError, bays, reservations};

use super::booking::BayChoice;
use super::{Caller, Failure, Refusal, Site, privacy};

/// A booking that somebody thinks of making. What is `None` was not given.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which car.
    pub plate: Plate,
    /// Which bay.
    pub bay: Option<BayChoice>,
    /// Which day, and from when until when: looked at only when all three are given.
    pub time: Option<(Date, TimeOfDay, TimeOfDay)>,
}

/// What stands in the way of the booking, if anything.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Nothing.
    Free,
    /// It could never be booked so.
    Invalid(Refusal),
    /// The bay or the car is taken then, by this reservation.
    Conflict(Refusal, Option<Box<Reservation>>),
}

/// Says whether a booking would be possible now. It promises nothing: only the booking itself decides.
///
/// # Errors
/// [`Refusal`] when the actor may not ask.
pub async fn verify(site: &Site, caller: &Caller, question: Question) -> Result<Verdict, Failure> {
    site.authorise(caller, Action::Verify).await?;
    site.pace_check(caller)?;
    let now = site.clock.now();
    let Question { plate, bay, time } = question;
    let range = time.map(|(date, start, end)| bookable(site, date, start, end, now));
    // Bay and car are looked up at one moment. Between two, a car could leave one bay and another take the other, and
    // the answer would have been true at neither.
    let verdict = site.store.snapshot(async move |conn| {
        if let Some(BayChoice::Bay(id)) = bay {
            match bays::find(conn, id).await? {
                None => return Ok(Verdict::Invalid(Refusal::BayNotFound)),
                Some(Bay { closed: Some(closed), .. }) => {
                    return Ok(Verdict::Invalid(Refusal::BayClosed(closed.reason)));
                }
                Some(_) => {}
            }
        }
        match range {
            None => Ok(conflict_with(Refusal::PlateTaken, reservations::next_of_plate(conn, plate.key(), now).await?)),
            Some(Err(refusal)) => Ok(Verdict::Invalid(refusal)),
            Some(Ok(range)) => taken_in(conn, bay, plate.key(), range).await,
        }
    });
    let verdict = verdict.await?;
    if let Verdict::Conflict(_, Some(_)) = &verdict {
        privacy::record_seen(site, caller, "verify".to_owned()).await?;
    }
    Ok(verdict)
}

fn bookable(site: &Site, date: Date, start: TimeOfDay, end: TimeOfDay, now: i64) -> Result<SlotRange, Refusal> {
    let range = site.schedule.range(date, start, end)?;
    site.schedule.check_bookable(&range, now)?;
    Ok(range)
}

async fn taken_in(
    conn: &mut Conn<'_>,
    bay: Option<BayChoice>,
    plate: &str,
    range: SlotRange,
) -> Result<Verdict, DbError> {
    let bay_holder = match bay {
        Some(BayChoice::Bay(bay)) => reservations::holding_bay(conn, bay, range).await?,
        Some(BayChoice::Any) if bays::free(conn, range.start(), range.end()).await?.is_empty() => {
            return Ok(Verdict::Conflict(Refusal::NoBayFree, None));
        }
        Some(BayChoice::Any) | None => None,
    };
    if bay_holder.is_some() {
        return Ok(conflict_with(Refusal::BayTaken, bay_holder));
    }
    let holder = reservations::holding_plate(conn, plate, range).await?;
    Ok(conflict_with(Refusal::PlateTaken, holder))
}

fn conflict_with(refusal: Refusal, holder: Option<Reservation>) -> Verdict {
    match holder {
        Some(holder) => Verdict::Conflict(refusal, Some(Box::new(holder))),
        None => Verdict::Free,
    }
}

/// The reservation that a car holds at an instant (UTC seconds), if any: `start <= instant < end`.
///
/// # Errors
/// [`Refusal`] when the actor may not ask.
pub async fn find_match(
    site: &Site,
    caller: &Caller,
    plate: Option<&Plate>,
    instant: i64,
) -> Result<Option<Reservation>, Failure> {
    site.authorise(caller, Action::Match).await?;
    site.pace_check(caller)?;
    let Some(plate) = plate else { return Ok(None) };
    let (key, slots) = (plate.key(), slot_candidates(instant));
    let found = site.store.read(async |conn| reservations::of_plate_at(conn, key, slots).await).await?;
    // The key leaves the region out. Two regions that are both known and differ are two cars.
    let found = found.filter(|found| Plate::parse(&found.plate_text).map_or(true, |booked| booked.same_car(plate)));
    if found.is_some() {
        privacy::record_seen(site, caller, "match".to_owned()).await?;
    }
    Ok(found)
}
