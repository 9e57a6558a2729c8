//! Adding, renaming, closing and reopening bays.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::account::Action;
use crate::domain::reservation::{Bay, Closed, Reservation, closure_key};
use crate::domain::schedule::{ScheduleError, SlotRange, TimeOfDay};
use crate::random;
use crate::store::idempotency::{self, Begun, IdempotencyKey};
use crate::store::{Conn, audit, bays, reservations};

use super::{Caller, Failure, Refusal, Site};

/// What the original named its bays.
const SEED_NAMES: [&str; 4] = ["세션 1", "세션 2", "세션 3", "세션 4"];

/// Every bay, by number.
///
/// # Errors
/// [`Refusal`] when the actor may not see them.
pub async fn list(site: &Site, caller: &Caller) -> Result<Vec<Bay>, Failure> {
    site.authorise(caller, Action::SeeCalendar).await?;
    Ok(site.store.snapshot(async |conn| bays::all(conn).await).await?)
}

/// The answer to adding a bay, to give again under the same idempotency key.
#[derive(Serialize, Deserialize)]
struct Added(Bay);

/// Adds an open bay.
///
/// # Errors
/// [`Refusal::BayNameTaken`].
pub async fn add(site: &Site, caller: &Caller, name: String, key: Option<IdempotencyKey>) -> Result<Bay, Failure> {
    site.authorise(caller, Action::ManageBays).await?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let answer = site.store.write(async move |conn| match idempotency::begin(conn, key.as_ref(), now).await? {
        Begun::Again(answer) => Ok(answer),
        Begun::First => {
            let worked = add_and_record(conn, &name, &caller, now).await.map(Added);
            idempotency::finish(conn, key.as_ref(), worked).await
        }
    });
    match answer.await? {
        Ok(Added(bay)) => Ok(bay),
        Err(refusal) => Err(refusal.into()),
    }
}

async fn add_and_record(conn: &mut Conn<'_>, name: &str, caller: &Caller, now: i64) -> Result<Bay, Failure> {
    let bay = bays::insert(conn, name).await?.ok_or(Refusal::BayNameTaken)?;
    let mut entry = caller.entry(now, "bay.add", format!("bay:{}", bay.id));
    entry.after = Some(told(&bay));
    audit::append(conn, entry).await?;
    Ok(bay)
}

fn told(bay: &Bay) -> String {
    let reason = bay.closed.as_ref().and_then(|closed| closed.reason.as_ref());
    serde_json::json!({"name": bay.name, "closed": bay.closed.is_some(), "reason": reason}).to_string()
}

/// What shall be different about a bay; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another name.
    pub name: Option<String>,
    /// Open or closed.
    pub state: Option<State>,
}

/// Whether a bay takes new bookings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// It does.
    Open,
    /// It does not; a sentence for drivers says why. Bookings that stand are left alone.
    Closed(Option<String>),
}

/// Renames, closes or reopens a bay.
///
/// # Errors
/// [`Refusal::BayNotFound`], [`Refusal::BayNameTaken`].
pub async fn change(site: &Site, caller: &Caller, id: i64, change: Change) -> Result<Bay, Failure> {
    site.authorise(caller, Action::ManageBays).await?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let changed = site.store.write(async move |conn| {
        let mut bay = bays::find(conn, id).await?.ok_or(Refusal::BayNotFound)?;
        let before = told(&bay);
        if let Some(name) = &change.name {
            if bays::name_taken(conn, id, name).await? {
                return Err(Refusal::BayNameTaken.into());
            }
            bay.name.clone_from(name);
        }
        match &change.state {
            None => {}
            Some(State::Open) => bay.closed = None,
            // Closing a closed bay changes the reason, not since when.
            Some(State::Closed(reason)) => {
                let at = bay.closed.map_or(now, |closed| closed.at);
                bay.closed = Some(Closed { at, reason: reason.clone() });
            }
        }
        bays::update(conn, &bay).await?;
        let mut entry = caller.entry(now, "bay.change", format!("bay:{id}"));
        (entry.before, entry.after) = (Some(before), Some(told(&bay)));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(bay)
    });
    changed.await
}

/// For how long a bay shall be closed: from a time of a day until a time of the same or a later day.
#[derive(Clone, Debug)]
pub struct ClosedTime {
    /// The first day.
    pub from: Date,
    /// From when on the first day; on the others from opening time.
    pub start: TimeOfDay,
    /// The last day.
    pub until: Date,
    /// Until when on the last day; on the others until closing time.
    pub end: TimeOfDay,
    /// A sentence for drivers.
    pub reason: Option<String>,
}

/// What drivers read of a bay that is closed for a time without a reason.
const NO_REASON: &str = "사용 중지";

/// Closes a bay for a time. It holds the bay as a booking would, day by day, and by the same keys: no booking gets in, and
/// where one stands already nothing is closed. Reopening is cancelling. Answers on how many days.
///
/// # Errors
/// [`Refusal::BayNotFound`], [`Refusal::BayTaken`], [`Refusal::Schedule`].
pub async fn close_for(site: &Site, caller: &Caller, id: i64, time: ClosedTime) -> Result<usize, Failure> {
    site.authorise(caller, Action::ManageBays).await?;
    let (now, hours) = (site.clock.now(), site.schedule.hours());
    let days = std::iter::successors(Some(time.from), |day| day.tomorrow().ok()).take_while(|day| *day <= time.until);
    let mut ranges = Vec::new();
    for day in days {
        let start = if day == time.from { time.start } else { hours.open() };
        let end = if day == time.until { time.end } else { hours.close() };
        let range = site.schedule.range(day, start, end).map_err(Refusal::from)?;
        site.schedule.check_bookable(&range, now).map_err(Refusal::from)?;
        ranges.push(range);
    }
    if ranges.is_empty() {
        return Err(Refusal::from(ScheduleError::EndNotAfterStart).into());
    }
    let (caller, reason) = (caller.clone(), time.reason.unwrap_or_else(|| NO_REASON.to_owned()));
    let ids: Vec<String> = ranges.iter().map(|_| random::uuid(&site.clock)).collect();
    let closed = site.store.write(async move |conn| {
        bays::find(conn, id).await?.ok_or(Refusal::BayNotFound)?;
        for (range, public) in ranges.iter().zip(&ids) {
            let closure = Reservation {
                id: public.clone(),
                bay: id,
                plate: closure_key(id),
                plate_text: reason.clone(),
                range: *range,
                contact_email: None,
                account: None,
                cancelled_at: None,
            };
            let row = reservations::insert(conn, &closure, now).await?;
            if reservations::claim(conn, row, id, &closure.plate, *range).await?.is_err() {
                return Err(Refusal::BayTaken.into());
            }
        }
        let mut entry = caller.entry(now, "bay.close_for", format!("bay:{id}"));
        let (from, until) = (ranges.first().map(SlotRange::start), ranges.last().map(SlotRange::end));
        entry.after = Some(serde_json::json!({"from": from, "until": until, "reason": reason}).to_string());
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(ranges.len())
    });
    let closed = closed.await?;
    site.live.nudge();
    Ok(closed)
}

/// The times for which a bay will be or is closed, by start.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn closures(site: &Site, caller: &Caller, id: i64) -> Result<Vec<Reservation>, Failure> {
    site.authorise(caller, Action::ManageBays).await?;
    let now = site.clock.now();
    Ok(site.store.read(async |conn| reservations::closures(conn, id, now, LONGEST_LIST).await).await?)
}

/// So many times are listed.
const LONGEST_LIST: i64 = 100;

/// Makes the four bays of the original when there is no bay at all; says whether it did.
///
/// # Errors
/// When the storage broke.
pub async fn seed(site: &Site) -> Result<bool, Failure> {
    // Nothing is written at a start that changes nothing.
    if site.store.read(async |conn| bays::any(conn).await).await? {
        return Ok(false);
    }
    let names = SEED_NAMES.map(String::from);
    let now = site.clock.now();
    let seeded = site.store.write(async move |conn| {
        let seeded = bays::seed(conn, &names).await?;
        for bay in &seeded {
            let mut entry = Caller::command_line().entry(now, "bay.add", format!("bay:{}", bay.id));
            entry.after = Some(told(bay));
            audit::append(conn, entry).await?;
        }
        Ok::<_, Failure>(!seeded.is_empty())
    });
    seeded.await
}
