//! Verify and match (report §3.2).

mod expected;

use jiff::civil::Date;

use crate::domain::account::Action;
use crate::domain::matching::{self, Expected, Explanation, How, Read, Tolerance};
use crate::domain::plate::Plate;
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::schedule::{SlotRange, TimeOfDay, slot_candidates};
use crate::store::{Conn, DbError, bays, reservations};

pub use self::expected::ExpectedCars;
use self::expected::{Car, ItPays, Window};
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

/// How close to its reservation a car comes, and how much a read may differ.
#[derive(Clone, Copy, Debug)]
pub struct Matching {
    /// Seconds before its start in which a car is early and no stranger.
    pub early: i64,
    /// Seconds after its end in which a car is late and no stranger.
    pub late: i64,
    /// How much a read may differ.
    pub tolerance: Tolerance,
}

/// When a car was seen, beside the reservation that it holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// Before its start.
    Early,
    /// From its start until before its end.
    OnTime,
    /// After its end.
    Late,
}

impl Arrival {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::OnTime => "on_time",
            Self::Late => "late",
        }
    }
}

/// What a read was found to be.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The reservation of the car, and when the car was seen beside it.
    pub found: Option<(Reservation, Arrival)>,
    /// Why.
    pub explanation: Explanation,
}

impl Matched {
    /// Whether the car holds its reservation at the moment that was asked for.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        matches!(self.found, Some((_, Arrival::OnTime)))
    }
}

/// Which reservation the car that was read holds at an instant (UTC seconds), or shortly before or after.
///
/// An exact read of a car whose reservation runs is that car. Any other read is compared with every car that is expected
/// around then, see [`ExpectedCars`]. Nothing else is done with what a tolerant match says: it refuses nobody.
///
/// # Errors
/// [`Refusal`] when the actor may not ask.
pub async fn find_match(site: &Site, caller: &Caller, read: &Read, instant: i64) -> Result<Matched, Failure> {
    site.authorise(caller, Action::Match).await?;
    site.pace_check(caller)?;
    let matched = compare(site, read, instant).await?;
    if matched.found.is_some() {
        privacy::record_seen(site, caller, "match".to_owned()).await?;
    }
    Ok(matched)
}

/// As [`find_match`], for those who were asked already.
pub(super) async fn compare(site: &Site, read: &Read, instant: i64) -> Result<Matched, DbError> {
    let plate = Plate::parse(&read.text).ok();
    // Asked for before anything is read: what is read later is as new as this, or newer.
    let version = site.store.version()?;
    let kept = version.map(|version| site.expected.kept(version, instant));
    let it_pays = match kept {
        Some(Ok(window)) => return Ok(among(&window, read, plate.as_ref(), &site.matching.tolerance)),
        Some(Err(ItPays(it_pays))) => it_pays,
        None => false,
    };
    if let Some(plate) = plate.as_ref().filter(|_| !it_pays) {
        let (key, slots) = (plate.key(), slot_candidates(instant));
        let found = site.store.read(async |conn| reservations::of_plate_at(conn, key, slots).await).await?;
        let car = found.map(|found| Car::expected(found, Arrival::OnTime));
        if let Some(matched) = car.and_then(|car| spelt(&car, read, plate, &site.matching.tolerance)) {
            return Ok(matched);
        }
    }
    let window = expected::read(&site.store, &site.expected, &site.matching, version, instant).await?;
    Ok(among(&window, read, plate.as_ref(), &site.matching.tolerance))
}

/// The match of a read that spells the plate of a car whose reservation runs.
fn spelt(car: &Expected<Car>, read: &Read, plate: &Plate, tolerance: &Tolerance) -> Option<Matched> {
    if !car.id.is(plate) {
        return None;
    }
    let explanation = matching::decide(read, [car], tolerance).explanation;
    let found = || Some((car.id.reservation.clone(), Arrival::OnTime));
    (explanation.how == How::Exact).then(|| Matched { found: found(), explanation })
}

/// The match of a read among the cars that are expected.
fn among(window: &Window, read: &Read, plate: Option<&Plate>, tolerance: &Tolerance) -> Matched {
    if let Some(plate) = plate
        && let Some(car) = window.of(plate.key()).filter(|car| car.id.arrival == Arrival::OnTime)
        && let Some(matched) = spelt(car, read, plate, tolerance)
    {
        return matched;
    }
    let decision = matching::decide(read, &window.cars, tolerance);
    let found = decision.chosen.map(|car| (car.id.reservation.clone(), car.id.arrival));
    Matched { found, explanation: decision.explanation }
}
