//! What happens, as it happens: changes of reservations and bays, and sightings, for whoever follows.
//!
//! Nothing is written for it. The audit trail and the sightings number what happened in the order of the commits, and
//! that is what is followed, so that a reader misses nothing, whichever instance a change came by. One task an instance
//! reads on and keeps the newest in memory; who is further behind reads from the database. It looks twice a second while
//! anybody follows, and at once when a change came by this instance.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::domain::account::{Action, Actor};
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::sighting::Sighting;
use crate::store::{Conn, DbError, audit, bays, keys, reservations, sessions, sightings};

use super::{Caller, Failure, Site, privacy};

/// How often is looked for changes that came by another instance, or by the command line.
const EVERY: Duration = Duration::from_millis(500);

/// How often is looked whether anybody follows.
const IDLE: Duration = Duration::from_secs(5);

/// So many events are kept in memory.
const KEPT: usize = 1024;

/// So many records are read at once.
const PAGE: i64 = 200;

/// Who is so many records behind reads everything anew.
const TOO_FAR: i64 = 10_000;

/// How far somebody has followed: the newest record of the audit trail and the newest sighting that they know.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Position {
    audit: i64,
    sighting: i64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.audit, self.sighting)
    }
}

/// A text that is no position of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let number = |text: &str| match text.parse::<i64>() {
            Ok(number) if number >= 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
            _ => Err(NoPosition),
        };
        let (audit, sighting) = text.split_once('-').ok_or(NoPosition)?;
        Ok(Self { audit: number(audit)?, sighting: number(sighting)? })
    }
}

impl Position {
    /// Whether something is newer.
    const fn is_before(self, number: Number) -> bool {
        match number {
            Number::Audit(number) => number > self.audit,
            Number::Sighting(number) => number > self.sighting,
        }
    }

    const fn after(self, number: Number) -> Self {
        match number {
            Number::Audit(audit) => Self { audit, ..self },
            Number::Sighting(sighting) => Self { sighting, ..self },
        }
    }

    /// Whether everything after this one is also after `other`.
    const fn is_at_or_after(self, other: Self) -> bool {
        self.audit >= other.audit && self.sighting >= other.sighting
    }
}

/// The number of something that happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Number {
    Audit(i64),
    Sighting(i64),
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    number: Number,
    /// What.
    pub what: What,
}

/// What happened. Things are told as they are now, not as they were then.
#[derive(Clone, Debug)]
pub enum What {
    /// A reservation was made, moved or cancelled.
    Reservation(Box<Reservation>),
    /// A bay was added, renamed, closed or reopened.
    Bay(Bay),
    /// A car was seen, or a person looked at what was seen; with the reservation that it holds.
    Sighting(Box<Sighting>, Option<Box<Reservation>>),
    /// More than can be told: who shows the calendar should read it anew.
    Calendar,
}

/// What happened last, and who waits for more.
pub struct Live {
    recent: Mutex<Recent>,
    moved: watch::Sender<Position>,
    nudged: Notify,
    closed: watch::Sender<bool>,
}

#[derive(Default)]
struct Recent {
    /// Everything after it, up to the newest, is in `events`.
    floor: Position,
    events: VecDeque<Arc<Event>>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            recent: Mutex::default(),
            moved: watch::Sender::new(Position::default()),
            nudged: Notify::new(),
            closed: watch::Sender::new(false),
        }
    }
}

impl Live {
    /// Says that there may be something new.
    pub fn nudge(&self) {
        self.nudged.notify_one();
    }

    /// Ends every stream, so that a server that stops need not wait for them.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// What is in memory after a position; `None` when that does not reach back so far.
    fn after(&self, position: Position) -> Option<Vec<Arc<Event>>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let reaches = position.is_at_or_after(recent.floor);
        reaches.then(|| recent.events.iter().filter(|event| position.is_before(event.number)).cloned().collect())
    }

    fn begin_at(&self, position: Position) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        *recent = Recent { floor: position, events: VecDeque::new() };
        self.moved.send_replace(position);
    }

    fn add(&self, events: Vec<Event>, position: Position) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.events.extend(events.into_iter().map(Arc::new));
        while recent.events.len() > KEPT {
            if let Some(oldest) = recent.events.pop_front() {
                recent.floor = recent.floor.after(oldest.number);
            }
        }
        self.moved.send_replace(position);
    }
}

/// Follows what happens until the server stops.
pub async fn run(site: Arc<Site>) {
    let live = &site.live;
    let mut following = None;
    loop {
        if live.moved.receiver_count() == 0 {
            following = None;
            let _ = tokio::time::timeout(IDLE, live.nudged.notified()).await;
            continue;
        }
        match follow(&site, following).await {
            Ok(position) => following = Some(position),
            Err(error) => tracing::error!(cause = %error, "what happened could not be read"),
        }
        let _ = tokio::time::timeout(EVERY, live.nudged.notified()).await;
    }
}

async fn follow(site: &Site, following: Option<Position>) -> Result<Position, DbError> {
    let Some(mut position) = following else {
        let newest = site.store.read(async |conn| newest(conn).await).await?;
        site.live.begin_at(newest);
        return Ok(newest);
    };
    loop {
        let (events, next) = site.store.snapshot(async move |conn| page(conn, position).await).await?;
        if next == position {
            return Ok(position);
        }
        position = next;
        site.live.add(events, position);
    }
}

async fn newest(conn: &mut Conn<'_>) -> Result<Position, DbError> {
    Ok(Position { audit: audit::last_number(conn).await?, sighting: sightings::last_number(conn).await? })
}

/// What happened after a position, and how far that reaches.
async fn page(conn: &mut Conn<'_>, mut position: Position) -> Result<(Vec<Event>, Position), DbError> {
    let mut events = Vec::new();
    for record in audit::page(conn, position.audit, PAGE).await? {
        let number = Number::Audit(record.number);
        position = position.after(number);
        let id = record.object.split_once(':').map_or("", |(_, id)| id);
        let what = match record.action.split_once('.') {
            Some(("reservation", _)) => {
                reservations::find(conn, id).await?.map(|found| What::Reservation(Box::new(found)))
            }
            Some(("bay", _)) => match id.parse() {
                Ok(id) => bays::find(conn, id).await?.map(What::Bay),
                Err(_) => None,
            },
            Some(("sighting", _)) => match sightings::find(conn, id).await? {
                Some(found) => Some(with_reservation(conn, found).await?),
                None => None,
            },
            Some(("account", "erase")) => Some(What::Calendar),
            _ => None,
        };
        events.extend(what.map(|what| Event { number, what }));
    }
    for sighting in sightings::after(conn, position.sighting, PAGE).await? {
        let number = Number::Sighting(sighting.number);
        position = position.after(number);
        events.push(Event { number, what: with_reservation(conn, sighting).await? });
    }
    Ok((events, position))
}

async fn with_reservation(conn: &mut Conn<'_>, sighting: Sighting) -> Result<What, DbError> {
    let reservation = match &sighting.reservation {
        Some(id) => reservations::find(conn, id).await?.map(Box::new),
        None => None,
    };
    Ok(What::Sighting(Box::new(sighting), reservation))
}

/// Somebody who follows what happens.
pub struct Follower {
    site: Arc<Site>,
    caller: Caller,
    position: Position,
    moved: watch::Receiver<Position>,
    closed: watch::Receiver<bool>,
    waiting: VecDeque<(Position, Arc<Event>)>,
    checked_at: i64,
}

/// From where somebody follows on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Began {
    /// From where they were, or from now on.
    Here,
    /// They were too far behind, or somewhere that never was: what they know is to be read anew.
    Anew,
}

/// Follows on from a position, or from now.
///
/// # Errors
/// [`super::Refusal`] when the caller may not even see the calendar.
pub async fn begin(site: &Arc<Site>, caller: &Caller, last: Option<Position>) -> Result<(Follower, Began), Failure> {
    site.authorise(caller, Action::SeeCalendar).await?;
    privacy::record_seen(site, caller, "events".to_owned()).await?;
    Ok(Follower::begin(Arc::clone(site), caller.clone(), last).await?)
}

impl Follower {
    async fn begin(site: Arc<Site>, caller: Caller, last: Option<Position>) -> Result<(Self, Began), DbError> {
        let (moved, closed) = (site.live.moved.subscribe(), site.live.closed.subscribe());
        site.live.nudge();
        let newest = site.store.read(async |conn| newest(conn).await).await?;
        let near = |last: &Position| newest.is_at_or_after(*last) && newest.audit - last.audit <= TOO_FAR;
        let (position, began) = match last {
            None => (newest, Began::Here),
            Some(last) if near(&last) => (last, Began::Here),
            Some(_) => (newest, Began::Anew),
        };
        let checked_at = site.clock.now();
        Ok((Self { site, caller, position, moved, closed, waiting: VecDeque::new(), checked_at }, began))
    }

    /// How far they are.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Who follows.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The next that happens; `None` when the server stops, the storage breaks, or who follows may not any more.
    pub async fn next(&mut self) -> Option<Arc<Event>> {
        loop {
            if *self.closed.borrow() {
                return None;
            }
            if let Some((position, event)) = self.waiting.pop_front() {
                if !self.still_may().await {
                    return None;
                }
                self.position = position;
                return Some(event);
            }
            self.moved.borrow_and_update();
            if let Some(events) = self.site.live.after(self.position) {
                let mut position = self.position;
                for event in events {
                    position = position.after(event.number);
                    self.waiting.push_back((position, event));
                }
            } else {
                self.read_on().await?;
            }
            if self.waiting.is_empty() {
                tokio::select! {
                    moved = self.moved.changed() => moved.ok()?,
                    _ = self.closed.changed() => return None,
                    // What is not in memory yet is in the database.
                    () = tokio::time::sleep(IDLE) => {}
                }
            }
        }
    }

    /// Reads a page that is no longer, or not yet, in memory.
    async fn read_on(&mut self) -> Option<()> {
        let from = self.position;
        match self.site.store.snapshot(async move |conn| page(conn, from).await).await {
            Ok((events, end)) => {
                let mut position = from;
                for event in events {
                    position = position.after(event.number);
                    self.waiting.push_back((position, Arc::new(event)));
                }
                if self.waiting.is_empty() {
                    self.position = end;
                }
                Some(())
            }
            Err(error) => {
                tracing::error!(cause = %error, "what happened could not be read");
                None
            }
        }
    }

    /// Whether the log-in or key still holds, with the same rights; asked once a second.
    async fn still_may(&mut self) -> bool {
        let now = self.site.clock.now();
        if self.checked_at == now {
            return true;
        }
        let holds = self.site.store.read(async |conn| {
            Ok(match &self.caller.actor {
                Actor::Anonymous | Actor::Open | Actor::Administrator => true,
                Actor::Account(account, session) | Actor::Enrolling(account, session) => {
                    sessions::owner_of(conn, session, now).await?.is_some_and(|owner| owner.account == *account)
                }
                Actor::Key(key) => keys::find(conn, &key.id, now).await?.is_some(),
            })
        });
        self.checked_at = now;
        holds.await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(number: Number) -> Event {
        Event { number, what: What::Calendar }
    }

    #[test]
    fn positions_are_read_as_they_are_written() {
        let position = Position { audit: 12, sighting: 7 };
        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in ["", "12", "-1-2", "1-", "1--2", "+1-2", "a-b", "99999999999999999999-1", "1-2-3"] {
            assert_eq!(wrong.parse::<Position>(), Err(NoPosition), "{wrong}");
        }
    }

    #[test]
    fn memory_reaches_back_as_far_as_it_says() {
        let live = Live::default();
        live.begin_at(Position { audit: 10, sighting: 5 });
        live.add(
            vec![event(Number::Audit(11)), event(Number::Sighting(6)), event(Number::Audit(12))],
            Position { audit: 12, sighting: 6 },
        );
        let after = |audit, sighting| live.after(Position { audit, sighting }).map(|events| events.len());
        assert_eq!(after(10, 5), Some(3));
        assert_eq!(after(11, 5), Some(2));
        assert_eq!(after(12, 6), Some(0));
        assert_eq!(after(9, 5), None);
        assert_eq!(after(10, 4), None);
        let many = (13..13 + i64::try_from(KEPT).expect("small")).map(|number| event(Number::Audit(number))).collect();
        live.add(many, Position { audit: 12 + i64::try_from(KEPT).expect("small"), sighting: 6 });
        // The three from before are no longer there, and the floor has moved past them.
        assert_eq!(after(11, 6), None);
        assert_eq!(after(12, 5), None);
        assert_eq!(after(12, 6), Some(KEPT));
    }
}
