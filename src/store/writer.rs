//! The one writer of SQLite: a thread that commits in groups.
//!
//! A disk does a few hundred to a few thousand fsyncs a second, and with `synchronous=FULL` each commit is
//! one. So the writer takes every unit of work that waits, runs each in one transaction, commits once and only
//! then answers each. A unit that is refused, panics or waits for anything but the store is rolled back alone; its
//! neighbours are committed. To keep a savepoint for each costs a quarter of a booking, so a group is run without
//! them first, and once more with them if a unit has to be taken back ([`Undo`]).
//!
//! Callers who are answered together come back one by one. A writer that took whoever is first would commit
//! a handful at a time while the rest wait, so it waits a moment for as many as came the last time
//! ([`Queue::next_group`]). A single caller never waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::{Semaphore, oneshot};

use super::conn::Conn;
use super::error::{DbError, Failure};

/// Units of work in one commit at most; more wait for the next.
const GROUP: usize = 512;

/// Units that may wait for the writer; a caller beyond that waits to hand its unit over.
const QUEUE: usize = 4096;

/// How long a group is waited for at most.
const PATIENCE: Duration = Duration::from_millis(2);

/// Hands units of work to the writer thread.
pub(super) struct Writer {
    queue: Arc<Queue>,
}

/// What waits for the writer thread.
struct Queue {
    waiting: Mutex<Waiting>,
    /// Told when as many units wait as the writer wants, or when the last has come.
    enough: Condvar,
    /// Free places.
    places: Semaphore,
}

struct Waiting {
    units: Vec<Box<dyn Unit>>,
    /// The writer sleeps until so many wait.
    wanted: usize,
    /// No more will come.
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that runs under the lock panics halfway.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place, and hands over a unit; `false` when the writer has ended.
    async fn push(&self, unit: Box<dyn Unit>) -> bool {
        let Ok(place) = self.places.acquire().await else { return false };
        place.forget();
        let mut waiting = self.lock();
        if waiting.closed {
            return false;
        }
        waiting.units.push(unit);
        if waiting.units.len() >= waiting.wanted {
            self.enough.notify_one();
        }
        true
    }

    /// Waits for a unit, then at most `patience` until there are `expected`, and takes [`GROUP`] at most. None
    /// are left when `group` stays empty: the queue is closed.
    fn next_group(&self, group: &mut Vec<Box<dyn Unit>>, expected: usize, patience: Duration) {
        let mut waiting = self.lock();
        waiting.wanted = 1;
        while waiting.units.is_empty() && !waiting.closed {
            waiting = self.enough.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.wanted = expected;
        let until = Instant::now() + patience;
        while waiting.units.len() < expected && !waiting.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            waiting = self.enough.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let taken = waiting.units.len().min(GROUP);
        group.extend(waiting.units.drain(..taken));
        drop(waiting);
        self.places.add_permits(taken);
    }

    /// Lets nothing more in; what waits is still taken.
    fn close(&self) {
        self.lock().closed = true;
        self.places.close();
        self.enough.notify_one();
    }
}

/// Held by the writer thread: however it ends, nobody waits for it any more.
struct Taking(Arc<Queue>);

impl Drop for Taking {
    fn drop(&mut self) {
        self.0.close();
        self.0.lock().units.clear();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// One unit of work whose types are hidden: run inside the transaction, answered after it.
trait Unit: Send {
    /// Runs the unit; it may be run again. An error asks for a rollback to where it began.
    fn run(&mut self, conn: &mut rusqlite::Connection) -> Result<(), NotKept>;
    /// Gives the caller its answer; `outcome` is what became of the commit.
    fn answer(self: Box<Self>, outcome: Result<(), DbError>);
}

/// Why nothing of a unit may stay.
enum NotKept {
    /// It was refused.
    Refused,
    /// The storage broke, or the unit did.
    Broken(DbError),
}

struct Job<F, T, R> {
    body: F,
    result: Option<Result<T, Failure<R>>>,
    caller: oneshot::Sender<Result<T, Failure<R>>>,
}

impl<F, T, R> Unit for Job<F, T, R>
where
    F: for<'a, 'c> AsyncFn(&'a mut Conn<'c>) -> Result<T, Failure<R>> + Send,
    T: Send,
    R: Send,
{
    fn run(&mut self, conn: &mut rusqlite::Connection) -> Result<(), NotKept> {
        let body = &self.body;
        let result = catch_unwind(AssertUnwindSafe(|| body(&mut Conn::Lite(conn)).now_or_never()));
        let result = match result {
            Ok(Some(result)) => result,
            Ok(None) => Err(DbError::broken("a unit of work waited for something that is not the store").into()),
            Err(_panic) => Err(DbError::broken("a unit of work panicked").into()),
        };
        let keep = match &result {
            Ok(_) => Ok(()),
            Err(Failure::Db(error)) => Err(NotKept::Broken(error.clone())),
            Err(Failure::Refused(_) | Failure::KeyReused) => Err(NotKept::Refused),
        };
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, outcome: Result<(), DbError>) {
        let answer = match (outcome, self.result) {
            (Ok(()), Some(result)) => result,
            // A refusal changed nothing, so it stands whatever became of the commit.
            (Err(_), Some(Err(refusal @ (Failure::Refused(_) | Failure::KeyReused)))) => Err(refusal),
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(DbError::broken("a unit of work was committed without being run").into()),
        };
        // The caller may have gone away; what was committed stays committed.
        let _ = self.caller.send(answer);
    }
}

impl Writer {
    /// Starts the writer thread over a connection that is set up; it ends when the `Writer` is dropped.
    pub(super) fn start(mut conn: rusqlite::Connection) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let waiting = Waiting { units: Vec::new(), wanted: 1, closed: false };
        let queue = Queue { waiting: Mutex::new(waiting), enough: Condvar::new(), places: Semaphore::new(QUEUE) };
        let queue = Arc::new(queue);
        let writer = Self { queue: Arc::clone(&queue) };
        let taking = Taking(queue);
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            let mut group = Vec::with_capacity(GROUP);
            let (mut expected, mut patience, mut undo) = (1, Duration::ZERO, Undo::Together);
            loop {
                taking.0.next_group(&mut group, expected, patience);
                if group.is_empty() {
                    break;
                }
                let began = Instant::now();
                let outcome = commit_together(&mut conn, &mut group, &mut undo);
                // As many as now may be back soon; to wait longer than half of what a commit takes cannot pay.
                expected = group.len();
                patience = (began.elapsed() / 2).min(PATIENCE);
                for unit in group.drain(..) {
                    unit.answer(outcome.clone());
                }
            }
            rest(conn);
        })?;
        Ok((writer, thread))
    }

    /// Runs `body` in the next group and answers after its commit.
    pub(super) async fn write<F, T, R>(&self, body: F) -> Result<T, Failure<R>>
    where
        F: for<'a, 'c> AsyncFn(&'a mut Conn<'c>) -> Result<T, Failure<R>> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let job = Box::new(Job { body, result: None, caller });
        let gone = || DbError::unavailable("the store is shutting down");
        if !self.queue.push(job).await {
            return Err(gone().into());
        }
        answer.await.map_err(|_| gone())?
    }
}

/// The writer's end: moves the log into the database, and leaves the connection open until the process ends.
///
/// The last connection that is closed removes the files beside the database. On a disk that is full to the
/// last byte the next start could not make them again, and would refuse even to read.
fn rest(conn: rusqlite::Connection) {
    if let Err(error) = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        // The log stays, and is as good: the next start reads it.
        tracing::warn!(cause = %error, "the log of the database could not be emptied");
    }
    std::mem::forget(conn);
}

/// How a group is run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Undo {
    /// Nothing is kept to take one unit back: if one must be, the whole group is, and is run again apart.
    Together,
    /// A savepoint a unit.
    Apart,
}

/// Runs a group in one transaction; what became of its commit holds for every unit in it. `undo` is how it is
/// tried, and then how the next may best be: units that are taken back come in swarms, many cars at one bay.
fn commit_together(
    conn: &mut rusqlite::Connection,
    group: &mut [Box<dyn Unit>],
    undo: &mut Undo,
) -> Result<(), DbError> {
    let outcome = match run_group(conn, group, *undo) {
        Ok(Ran::NotToBeKept) => step(conn, "ROLLBACK").and_then(|()| run_group(conn, group, Undo::Apart)),
        ran => ran,
    };
    let outcome = outcome.and_then(|ran| match ran {
        Ran::Committed { undone } => {
            *undo = if undone { Undo::Apart } else { Undo::Together };
            Ok(())
        }
        Ran::NotToBeKept => Err(DbError::broken("a group was run apart and not committed")),
    });
    if let Err(error) = &outcome {
        tracing::error!(cause = %error, units = group.len(), "a group of writes was not committed");
        // Nothing of a group that was not committed may leak into the next.
        if !conn.is_autocommit()
            && let Err(error) = conn.execute_batch("ROLLBACK")
        {
            tracing::error!(cause = %error, "a failed group of writes could not be rolled back");
        }
    }
    outcome
}

/// What became of a group.
enum Ran {
    /// It is on the disk; whether a unit had to be taken back.
    Committed { undone: bool },
    /// A unit must be taken back, and there is nothing kept to do it with.
    NotToBeKept,
}

fn run_group(conn: &mut rusqlite::Connection, group: &mut [Box<dyn Unit>], undo: Undo) -> Result<Ran, DbError> {
    step(conn, "BEGIN IMMEDIATE")?;
    let mut undone = false;
    for unit in group {
        let before = conn.total_changes();
        if undo == Undo::Apart {
            step(conn, "SAVEPOINT unit")?;
        }
        let ran = unit.run(conn);
        if conn.is_autocommit() {
            // A full disk, an I/O error or lack of memory makes SQLite roll the whole transaction back,
            // with the units before this one: none of the group may be answered as done.
            let cause = match ran {
                Err(NotKept::Broken(cause)) => cause,
                _ => DbError::unavailable("SQLite rolled the group back"),
            };
            return Err(cause);
        }
        // A refusal before the first change leaves nothing to take back. What an error leaves, nobody knows.
        let clean = match ran {
            Ok(()) => true,
            Err(NotKept::Refused) => conn.total_changes() == before,
            Err(NotKept::Broken(_)) => false,
        };
        undone |= !clean;
        match undo {
            Undo::Together if !clean => return Ok(Ran::NotToBeKept),
            Undo::Together => {}
            Undo::Apart => {
                if !clean {
                    step(conn, "ROLLBACK TO unit")?;
                }
                step(conn, "RELEASE unit")?;
            }
        }
    }
    step(conn, "COMMIT")?;
    Ok(Ran::Committed { undone })
}

fn step(conn: &rusqlite::Connection, sql: &str) -> Result<(), DbError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}
