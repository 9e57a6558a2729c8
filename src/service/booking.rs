//! Making reservations (report §3.1); [`moving`] and [`own`] are what happens to them later,
//! [`alternatives`] what is offered instead.

mod alternatives;
mod moving;
mod own;
mod searching;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::account::Action;
use crate::domain::audit::Entry;
use crate::domain::plate::{self, Plate};
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::schedule::TimeOfDay;
use crate::random;
use crate::store::idempotency::{self, Begun, IdempotencyKey};
use crate::store::reservations::{self, Taken};
use crate::store::{Conn, DbError, audit, bays};

use super::quota::Quota;
use super::{Caller, Failure, Refusal, Site, recovery};

pub use alternatives::{Alternative, alternatives};
pub use moving::{Change, change};
pub use own::{Cancelled, Known, cancel, cancel_any, find, mine};
pub use searching::{PAGE, Wanted, search};

/// Which bay is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BayChoice {
    /// The free one with the lowest number.
    Any,
    /// This one.
    Bay(i64),
}

/// What somebody wants to book: one bay for one car, at one or several times of a day, all or nothing.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Which bay.
    pub bay: BayChoice,
    /// Which car.
    pub plate: Plate,
    /// The plate as it was typed, trimmed.
    pub plate_text: String,
    /// Which day, in the business zone.
    pub date: Date,
    /// From when until when.
    pub times: Vec<(TimeOfDay, TimeOfDay)>,
    /// How to reach the driver, lower case.
    pub contact_email: Option<String>,
    /// Why the quotas shall not hold, from somebody who may say so.
    pub override_reason: Option<String>,
}

/// What was booked, and when: enough to give the same answer again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Booked {
    /// In the order of the times that were asked for.
    pub reservations: Vec<Reservation>,
    /// When it was booked, UTC seconds.
    pub at: i64,
}

/// Books. With an idempotency key, a repetition answers what the first time answered.
///
/// # Errors
/// [`Refusal`], [`Refusal::TooManyTries`] too; the order of checks is the wire contract's.
pub async fn create(
    site: &Site,
    caller: &Caller,
    booking: Booking,
    key: Option<IdempotencyKey>,
) -> Result<Booked, Failure> {
    site.authorise(caller, Action::Book).await?;
    recovery::check_proved(site, caller).await?;
    site.pace_change(caller)?;
    let now = site.clock.now();
    let mut wanted = Vec::with_capacity(booking.times.len());
    for (start, end) in booking.times {
        let range = site.schedule.range(booking.date, start, end).and_then(|range| {
            site.schedule.check_bookable(&range, now)?;
            Ok(range)
        });
        let range = match range {
            Ok(range) => range,
            Err(error) => return Err(unknown_bay_or(site, booking.bay, error.into()).await),
        };
        wanted.push(Reservation {
            id: random::uuid(&site.clock),
            bay: 0,
            plate: booking.plate.key().to_owned(),
            plate_text: booking.plate_text.clone(),
            range,
            contact_email: booking.contact_email.clone(),
            account: caller.actor.account().map(|account| account.id.clone()),
            cancelled_at: None,
        });
    }
    let quota = site.quota_for(caller, booking.override_reason);
    for reservation in &wanted {
        if let Err(refusal) = quota.check_day(&site.schedule, reservation.range, now) {
            return Err(unknown_bay_or(site, booking.bay, refusal).await);
        }
    }
    let (choice, caller) = (booking.bay, caller.clone());
    let answer = site.store.write(async move |conn| match idempotency::begin(conn, key.as_ref(), now).await? {
        Begun::Again(answer) => Ok(answer),
        Begun::First => {
            let worked = place_and_record(conn, choice, &wanted, &quota, &caller, now).await;
            let booked = worked.map(|reservations| Booked { reservations, at: now });
            idempotency::finish(conn, key.as_ref(), booked).await
        }
    });
    let answer = answer.await?;
    site.live.nudge();
    answer.map_err(Failure::Refused)
}

/// Unknown bays are named before wrong times (the order of checks of the wire contract). A booking whose times are
/// right learns of its bay where it takes it.
async fn unknown_bay_or(site: &Site, bay: BayChoice, refusal: Refusal) -> Failure {
    let BayChoice::Bay(id) = bay else { return refusal.into() };
    match site.store.read(async |conn| bays::find(conn, id).await).await {
        Ok(Some(_)) => refusal.into(),
        Ok(None) => Refusal::BayNotFound.into(),
        Err(error) => error.into(),
    }
}

async fn place_and_record(
    conn: &mut Conn<'_>,
    choice: BayChoice,
    wanted: &[Reservation],
    quota: &Quota,
    caller: &Caller,
    now: i64,
) -> Result<Vec<Reservation>, Failure> {
    let placed = place(conn, choice, wanted, now).await?;
    for reservation in &placed {
        quota.check_stored(conn, reservation, now).await?;
    }
    for reservation in &placed {
        let mut entry = record(caller, now, "reservation.create", reservation);
        entry.after = Some(told(reservation, quota.override_reason()));
        audit::append(conn, entry).await?;
    }
    Ok(placed)
}

fn record(caller: &Caller, now: i64, action: &'static str, reservation: &Reservation) -> Entry {
    caller.entry(now, action, format!("reservation:{}", reservation.id))
}

/// A reservation as the audit trail tells it: without anybody's e-mail, and with the plate masked.
fn told(reservation: &Reservation, override_reason: Option<&str>) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Told<'a> {
        session_id: i64,
        plate: String,
        start: i64,
        end: i64,
        override_reason: Option<&'a str>,
    }
    let told = Told {
        session_id: reservation.bay,
        plate: plate::mask_text(&reservation.plate_text),
        start: reservation.range.start(),
        end: reservation.range.end(),
        override_reason,
    };
    serde_json::to_string(&told).unwrap_or_default()
}

/// Stores the wanted reservations at the chosen bay, or at the first that is free for all of them.
async fn place(
    conn: &mut Conn<'_>,
    choice: BayChoice,
    wanted: &[Reservation],
    now: i64,
) -> Result<Vec<Reservation>, Failure> {
    match choice {
        BayChoice::Bay(bay) => {
            check_open(conn, bay).await?;
            place_at(conn, bay, wanted, now).await?.map_err(refusal)
        }
        BayChoice::Any => {
            // A candidate may be lost to another booking (on PostgreSQL); then the next is tried, and the
            // free ones are looked up again until there are none: the race is ours, never the caller's.
            loop {
                let candidates = free_for_all(conn, wanted).await?;
                if candidates.is_empty() {
                    return Err(Refusal::NoBayFree.into());
                }
                for bay in candidates {
                    conn.exec("SAVEPOINT candidate", &[]).await?;
                    match place_at(conn, bay, wanted, now).await? {
                        Ok(placed) => {
                            conn.exec("RELEASE SAVEPOINT candidate", &[]).await?;
                            return Ok(placed);
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
    }
}

async fn check_open(conn: &mut Conn<'_>, id: i64) -> Result<Bay, Failure> {
    let bay = bays::find(conn, id).await?.ok_or(Refusal::BayNotFound)?;
    match bay.closed {
        Some(closed) => Err(Refusal::BayClosed(closed.reason).into()),
        None => Ok(bay),
    }
}

async fn free_for_all(conn: &mut Conn<'_>, wanted: &[Reservation]) -> Result<Vec<i64>, DbError> {
    match wanted {
        [one] => bays::free(conn, one.range.start(), one.range.end()).await,
        several => bays::free_in_all(conn, &several.iter().map(|one| one.range).collect::<Vec<_>>()).await,
    }
}

async fn place_at(
    conn: &mut Conn<'_>,
    bay: i64,
    wanted: &[Reservation],
    now: i64,
) -> Result<Result<Vec<Reservation>, Taken>, DbError> {
    let placed: Vec<_> = wanted.iter().map(|wanted| Reservation { bay, ..wanted.clone() }).collect();
    // In the order of time, whatever order was asked for: two batches that want the same hours then cannot each
    // hold what the other waits for.
    let mut in_time: Vec<_> = placed.iter().collect();
    in_time.sort_by_key(|reservation| reservation.range.start());
    for reservation in in_time {
        let row = reservations::insert(conn, reservation, now).await?;
        if let Err(taken) = reservations::claim(conn, row, bay, &reservation.plate, reservation.range).await? {
            return Ok(Err(taken));
        }
    }
    Ok(Ok(placed))
}

fn refusal(taken: Taken) -> Failure {
    Failure::Refused(match taken {
        Taken::Bay => Refusal::BayTaken,
        Taken::Plate => Refusal::PlateTaken,
    })
}
