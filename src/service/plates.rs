//! Verify and match (report §3.2).

use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::plate::Plate;
use crate::domain::reservation::Reservation;
use crate::domain::schedule::{SlotRange, TimeOfDay, slot_candidates};
use crate::store::{bays, reservations};

use super::booking::BayChoice;
use super::{Caller, Failure, Refusal, Site};

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
    let now = site.clock.now();
    if let Some(BayChoice::Bay(id)) = question.bay {
        match site.store.read(async |conn| bays::find(conn, id).await).await? {
            None => return Ok(Verdict::Invalid(Refusal::BayNotFound)),
            Some(bay) => {
                if let Some(closed) = bay.closed {
                    return Ok(Verdict::Invalid(Refusal::BayClosed(closed.reason)));
                }
            }
        }
    }
    let plate = question.plate.key();
    let Some((date, start, end)) = question.time else {
        let next = site.store.read(async |conn| reservations::next_of_plate(conn, plate, now).await).await?;
        return Ok(conflict_with(Refusal::PlateTaken, next));
    };
    let range = match site.schedule.range(date, start, end) {
        Ok(range) => range,
        Err(error) => return Ok(Verdict::Invalid(error.into())),
    };
    if let Err(error) = site.schedule.check_bookable(&range, now) {
        return Ok(Verdict::Invalid(error.into()));
    }
    taken_in(site, question.bay, plate, range).await
}

async fn taken_in(site: &Site, bay: Option<BayChoice>, plate: &str, range: SlotRange) -> Result<Verdict, Failure> {
    match bay {
        Some(BayChoice::Bay(bay)) => {
            let holder = site.store.read(async |conn| reservations::holding_bay(conn, bay, range).await).await?;
            if holder.is_some() {
                return Ok(conflict_with(Refusal::BayTaken, holder));
            }
        }
        Some(BayChoice::Any) => {
            let free = site.store.read(async |conn| bays::free(conn, range.start(), range.end()).await).await?;
            if free.is_empty() {
                return Ok(Verdict::Conflict(Refusal::NoBayFree, None));
            }
        }
        None => {}
    }
    let holder = site.store.read(async |conn| reservations::holding_plate(conn, plate, range).await).await?;
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
    let Some(plate) = plate else { return Ok(None) };
    let (key, slots) = (plate.key(), slot_candidates(instant));
    let found = site.store.read(async |conn| reservations::of_plate_at(conn, key, slots).await).await?;
    // The key leaves the region out. Two regions that are both known and differ are two cars.
    Ok(found.filter(|found| Plate::parse(&found.plate_text).map_or(true, |booked| booked.same_car(plate))))
}
