//! Making, moving and cancelling reservations (report §3.1).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::account::{Action, Actor};
use crate::domain::audit::Entry;
use crate::domain::plate::{self, Plate};
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::schedule::{Schedule, SlotRange, TimeOfDay};
use crate::random;
use crate::store::idempotency::{self, Begun, IdempotencyKey};
use crate::store::reservations::{self, Filter, Taken};
use crate::store::{Conn, DbError, audit, bays};

use super::quota::Quota;
use super::{Caller, Failure, Refusal, Site, privacy};

/// A list of one's own reservations is cut after so many, latest first.
const LONGEST_LIST: i64 = 1000;

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
/// [`Refusal`]; the order of checks is the wire contract's.
pub async fn create(
    site: &Site,
    caller: &Caller,
    booking: Booking,
    key: Option<IdempotencyKey>,
) -> Result<Booked, Failure> {
    site.authorise(caller, Action::Book).await?;
    let now = site.clock.now();
    if let BayChoice::Bay(id) = booking.bay {
        // Unknown bays are named before wrong times. That the bay is still open is asked again below.
        site.store.read(async |conn| bays::find(conn, id).await).await?.ok_or(Refusal::BayNotFound)?;
    }
    let mut wanted = Vec::with_capacity(booking.times.len());
    for (start, end) in booking.times {
        let range = site.schedule.range(booking.date, start, end).map_err(Refusal::from)?;
        site.schedule.check_bookable(&range, now).map_err(Refusal::from)?;
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
        quota.check_day(&site.schedule, reservation.range, now)?;
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
    answer.await?.map_err(Failure::Refused)
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
    serde_json::json!({
        "overrideReason": override_reason,
        "sessionId": reservation.bay,
        "plate": plate::mask_text(&reservation.plate_text),
        "start": reservation.range.start(),
        "end": reservation.range.end(),
    })
    .to_string()
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
    let now = site.clock.now();
    if let Some(BayChoice::Bay(bay)) = change.bay {
        site.store.read(async |conn| bays::find(conn, bay).await).await?.ok_or(Refusal::BayNotFound)?;
    }
    let quota = site.quota_for(caller, change.override_reason.clone());
    let (schedule, caller) = (site.schedule.clone(), caller.clone());
    let moved = site.store.write(async move |conn| {
        let held = reservations::hold(conn, &id, now).await?;
        let (row, old) = held.ok_or(Refusal::ReservationNotFound)?;
        if !caller.actor.can(Action::Manage { owner: old.account.as_deref() }) {
            return Err(Refusal::ReservationNotFound.into());
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
        let mut entry = record(&caller, now, "reservation.move", &moved);
        (entry.before, entry.after) = (Some(before), Some(told(&moved, quota.override_reason())));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(moved)
    });
    Ok(Booked { reservations: vec![moved.await?], at: now })
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

fn refusal(taken: Taken) -> Failure {
    Failure::Refused(match taken {
        Taken::Bay => Refusal::BayTaken,
        Taken::Plate => Refusal::PlateTaken,
    })
}

/// What somebody who cancels or looks for reservations knows of them.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The contact e-mail, lower case.
    pub contact_email: Option<String>,
    /// The car.
    pub plate: Option<Plate>,
}

impl Known {
    fn is_nothing(&self) -> bool {
        self.contact_email.is_none() && self.plate.is_none()
    }

    fn fits(&self, reservation: &Reservation) -> bool {
        self.contact_email.as_ref().is_none_or(|email| reservation.contact_email.as_ref() == Some(email))
            && self.plate.as_ref().is_none_or(|plate| plate.key() == reservation.plate)
    }
}

/// Cancels one's own reservation. What is `known` of it must hold.
///
/// # Errors
/// [`Refusal::ReservationNotFound`] also for somebody else's, and for one that was cancelled before.
pub async fn cancel(site: &Site, caller: &Caller, id: String, known: Known) -> Result<(), Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    if caller.actor == Actor::Open && known.is_nothing() {
        return Err(Refusal::FilterMissing.into());
    }
    let may_rewrite_history = caller.actor.can(Action::CancelAnybodys);
    let actor = caller.actor.clone();
    let allowed = move |reservation: &Reservation, now: i64| {
        let manages = actor.can(Action::Manage { owner: reservation.account.as_deref() });
        if !manages || !known.fits(reservation) {
            return Err(Refusal::ReservationNotFound);
        }
        if reservation.range.end() <= now && !may_rewrite_history {
            return Err(Refusal::ReservationOver);
        }
        Ok(())
    };
    cancel_if(site, caller, id, allowed).await
}

/// Cancels anybody's reservation, for operators.
///
/// # Errors
/// [`Refusal::ReservationNotFound`] when there is none, or it was cancelled before.
pub async fn cancel_any(site: &Site, caller: &Caller, id: String) -> Result<(), Failure> {
    site.authorise(caller, Action::CancelAnybodys).await?;
    cancel_if(site, caller, id, |_, _| Ok(())).await
}

async fn cancel_if(
    site: &Site,
    caller: &Caller,
    id: String,
    allowed: impl Fn(&Reservation, i64) -> Result<(), Refusal> + Send + 'static,
) -> Result<(), Failure> {
    let (now, caller) = (site.clock.now(), caller.clone());
    let cancelled = site.store.write(async move |conn| {
        let held = reservations::hold(conn, &id, now).await?;
        let (row, reservation) = held.ok_or(Refusal::ReservationNotFound)?;
        allowed(&reservation, now)?;
        reservations::mark_cancelled(conn, row, now).await?;
        reservations::release(conn, row, reservation.bay, reservation.range).await?;
        let mut entry = record(&caller, now, "reservation.cancel", &reservation);
        entry.before = Some(told(&reservation, None));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(())
    });
    cancelled.await
}

/// One reservation, cancelled or not, for whoever may manage it.
///
/// # Errors
/// [`Refusal::ReservationNotFound`] also for somebody else's.
pub async fn find(site: &Site, caller: &Caller, id: String) -> Result<Reservation, Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    let found = site.store.read(async |conn| reservations::find(conn, &id).await).await?;
    let found = found.filter(|found| caller.actor.can(Action::Manage { owner: found.account.as_deref() }));
    let found = found.ok_or(Refusal::ReservationNotFound)?;
    if caller.actor.account().map(|account| &account.id) != found.account.as_ref() {
        privacy::record_seen(site, caller, format!("reservation:{}", found.id)).await?;
    }
    Ok(found)
}

/// One's own reservations, latest start first, those that also fit what is `known`. Operators who name an
/// e-mail or a plate see everybody's.
///
/// # Errors
/// [`Refusal::FilterMissing`] when nothing says whose are meant.
pub async fn mine(
    site: &Site,
    caller: &Caller,
    known: Known,
    cancelled: Cancelled,
) -> Result<Vec<Reservation>, Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    let own = caller.actor.account().map(|account| account.id.clone());
    let anybodys = caller.actor.can(Action::NameOneself) && !known.is_nothing();
    if anybodys {
        privacy::record_seen(site, caller, "search".to_owned()).await?;
    }
    let filter = Filter {
        account: if anybodys { None } else { Some(own.ok_or(Refusal::FilterMissing)?) },
        contact_email: known.contact_email,
        plate: known.plate.map(|plate| plate.key().to_owned()),
        cancelled: cancelled == Cancelled::Shown,
    };
    Ok(site.store.snapshot(async move |conn| reservations::matching(conn, &filter, LONGEST_LIST).await).await?)
}

/// Whether a list shows cancelled reservations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cancelled {
    /// Only those that stand.
    LeftOut,
    /// All of them.
    Shown,
}
