//! Random histories: many clients at once over HTTP, then the question whether one clerk with a paper calendar
//! could have given all those answers, one request after another, none before it was sent or after it was answered.
//!
//! `JARI_TEST_SEED` repeats what the clients ask for (not how their requests interleave).

mod check;
mod client;
mod doctored;
mod journal;
mod model;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use check::{Event, Lie, tell};
use client::{Dice, World, act, list};
use journal::Journal;
use model::{Answer, Calendar, Rule};
use tokio::task::JoinSet;

use crate::harness::{Database, Engine, NOW, Server, both_engines, full_scale};
use crate::races::without_keys::{Key, drop_key};

const CLIENTS: usize = 64;

/// Operations of a client between two moments at which all is quiet; there the search begins anew.
const OPERATIONS_A_SEGMENT: usize = 8;

fn seed() -> u64 {
    let given = std::env::var("JARI_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().1)
}

/// A server whose writes are noted. SQLite lies in memory: what a disk does is another test's subject.
async fn server(engine: Engine) -> Server {
    let memory = std::path::Path::new("/dev/shm");
    let database = match engine {
        Engine::Sqlite if memory.is_dir() => Database::sqlite_in(memory),
        _ => Database::create(engine).await,
    };
    noting(database, engine).await
}

async fn noting(database: Database, engine: Engine) -> Server {
    // The cars of a history are as alike as cars can be; what a misread car is taken for is told elsewhere.
    let exact = [("MATCH_TOLERANCE", "exact")];
    let server = Server::start_on(Arc::new(database), jari::clock::Clock::standing_at(NOW), &exact).await;
    journal::install(&server, engine).await;
    server
}

/// One segment: every client does its operations, then all is quiet, and the day's list is read.
async fn segment(server: &Arc<Server>, world: &Arc<World>, seed: u64) -> Vec<Event> {
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (server, world) = (Arc::clone(server), Arc::clone(world));
        clients.spawn(async move {
            let mut dice = Dice(seed ^ (u64::try_from(client).unwrap() << 32));
            let mut events = Vec::with_capacity(OPERATIONS_A_SEGMENT);
            for _ in 0..OPERATIONS_A_SEGMENT {
                events.push(act(&server, &world, &mut dice).await);
            }
            events
        });
    }
    let mut events: Vec<Event> = clients.join_all().await.into_iter().flatten().collect();
    events.push(list(server, world).await);
    events
}

/// What a run was like.
#[derive(Default)]
struct Report {
    operations: usize,
    segments: usize,
    departures: usize,
    most_steps: usize,
    answers: BTreeMap<String, usize>,
    /// Reservations made, moved and cancelled.
    changes: usize,
}

impl Report {
    fn note(&mut self, events: &[Event]) {
        self.segments += 1;
        self.operations += events.len();
        for event in events {
            *self.answers.entry(name(&event.answer)).or_default() += 1;
            self.changes += match &event.answer {
                Answer::Booked(booked) => booked.len(),
                Answer::Moved(_) | Answer::Cancelled => 1,
                _ => 0,
            };
        }
    }
}

fn name(answer: &Answer) -> String {
    match answer {
        Answer::Booked(_) => "booked".into(),
        Answer::Moved(_) => "moved".into(),
        Answer::Cancelled => "cancelled".into(),
        Answer::Refused(code) => format!("refused {code}"),
        Answer::Free => "verified free".into(),
        Answer::Taken(code, _) => format!("verified {code}"),
        Answer::Matched(Some(_)) => "matched".into(),
        Answer::Matched(None) => "unmatched".into(),
        Answer::Listed(_) => "listed".into(),
    }
}

/// Runs at least so many operations, then tells each segment in turn, each from where the one before ended.
async fn run(server: Server, operations: usize) -> (Report, Result<Calendar, Box<Lie>>) {
    let (server, world, seed) = (Arc::new(server), Arc::<World>::default(), seed());
    println!("histories: seed {seed}");
    let mut dice = Dice(seed);
    let (mut report, mut segments) = (Report::default(), Vec::new());
    let began = Instant::now();
    while report.operations < operations {
        let events = segment(&server, &world, dice.roll(u64::MAX)).await;
        report.note(&events);
        segments.push(events);
    }
    let ran = began.elapsed();
    let mut journal = Journal::read(&server).await;
    let began = Instant::now();
    let mut calendar = Calendar::default();
    for mut events in segments {
        journal.advise(&mut events);
        match tell(&calendar, events) {
            Ok(told) => {
                report.departures += told.departures;
                report.most_steps = report.most_steps.max(told.steps);
                calendar = told.calendar;
            }
            Err(lie) => return (report, Err(lie)),
        }
    }
    println!(
        "histories: {} operations of {CLIENTS} clients in {ran:.1?} ({:.0}/s), {} segments told in {:.1?}, \
         {} departures from the advice, {} steps in the longest",
        report.operations,
        f64::from(u32::try_from(report.operations).unwrap()) / ran.as_secs_f64(),
        report.segments,
        began.elapsed(),
        report.departures,
        report.most_steps,
    );
    println!("histories: {:?}", report.answers);
    expect_the_end(&server, &world, &calendar).await;
    expect_the_trail(&server, report.changes).await;
    (report, Ok(calendar))
}

/// Every change is one record of the audit trail, and its chain is whole.
async fn expect_the_trail(server: &Server, changes: usize) {
    let (records, chain) = server
        .site
        .store
        .snapshot(async |conn| {
            let sql = "SELECT COUNT(*) FROM audit_records WHERE action LIKE 'reservation.%'";
            let records = conn.one(sql, &[], |row| row.int(0)).await?;
            Ok((records, jari::store::audit::verify(conn).await?))
        })
        .await
        .unwrap();
    println!("histories: {changes} changes, {records:?} audit records (as many), chain of {chain:?}");
    assert_eq!(records, i64::try_from(changes).ok());
    assert!(chain.is_ok(), "{chain:?}");
}

/// At the end the database is consistent with itself, and the day's list is the model's.
async fn expect_the_end(server: &Server, world: &World, calendar: &Calendar) {
    assert_eq!(list(server, world).await.answer, Answer::Listed(calendar.bookings().to_vec()));
    let seen = server.site.store.snapshot(async |conn| jari::store::inspect::inspect(conn).await).await.unwrap();
    assert_eq!((seen.inconsistent_slots, seen.damage), (0, Vec::new()));
    println!("histories: {} inconsistent slots (0), {} deadlocks", seen.inconsistent_slots, deadlocks(server).await);
}

/// How often PostgreSQL had to end a transaction to resolve a deadlock, which takes it a second each time.
async fn deadlocks(server: &Server) -> i64 {
    if server.site.store.engine() == jari::store::EngineName::Sqlite {
        return 0;
    }
    let count = server.site.store.read(async |conn| {
        conn.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", &[], |row| row.int(0))
            .await
    });
    count.await.unwrap().unwrap()
}

both_engines! {
    async fn every_history_of_many_clients_can_be_told_one_by_one(engine: Engine) {
        let operations = match (full_scale(), engine) {
            (true, Engine::Sqlite) => 100_000,
            (true, Engine::Postgres) => 30_000,
            (false, Engine::Sqlite) => 6_000,
            (false, Engine::Postgres) => 3_000,
        };
        let (report, told) = run(server(engine).await, operations).await;
        if let Err(lie) = told {
            panic!("{engine:?}: {lie}");
        }
        println!("histories, {engine:?}: {} operations told (at least {operations})", report.operations);
        // A run in which something never happened proves nothing about it.
        for kind in ["booked", "moved", "cancelled", "refused bay_taken", "refused plate_taken", "refused no_bay_free",
            "refused reservation_not_found", "verified free", "verified plate_taken", "matched", "unmatched", "listed"] {
            assert!(report.answers.contains_key(kind), "never {kind}: {:?}", report.answers);
        }
    }

    async fn one_client_is_answered_exactly_as_the_model_says(engine: Engine) {
        let server = server(engine).await;
        let (world, seed) = (World::default(), seed());
        println!("histories, one client: seed {seed}");
        let (mut dice, mut calendar, mut report) = (Dice(seed), Calendar::default(), Report::default());
        for _ in 0..if full_scale() { 10_000 } else { 3_000 } {
            let event = act(&server, &world, &mut dice).await;
            report.note(std::slice::from_ref(&event));
            let after = calendar.after(&event.op, &event.answer, Rule::Alone);
            calendar = after.unwrap_or_else(|| panic!("{engine:?}: {event:?} is not what {calendar:?} gives"));
        }
        expect_the_end(&server, &world, &calendar).await;
        println!("histories, one client, {engine:?}: {} answers as the model's: {:?}", report.operations, report.answers);
    }

    async fn a_history_without_the_plate_key_cannot_be_told(engine: Engine) {
        let server = server(engine).await;
        drop_key(&server, engine, Key::PlateSlot).await;
        let (_, told) = run(server, 1_000).await;
        let lie = told.expect_err("the check does not find the missing key of the plates");
        println!("histories without the plate key, {engine:?}: found, at {:?}", lie.stuck.op);
    }

    async fn a_history_without_the_bay_key_cannot_be_told(engine: Engine) {
        let server = server(engine).await;
        drop_key(&server, engine, Key::BaySlot).await;
        let (_, told) = run(server, 1_000).await;
        let lie = told.expect_err("the check does not find the missing key of the bays");
        println!("histories without the bay key, {engine:?}: found, at {:?}", lie.stuck.op);
    }
}

/// A commit that takes its time: an answer that went out before it would be contradicted by the next read.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_on_a_disk_can_be_told_too() {
    let server = noting(Database::create(Engine::Sqlite).await, Engine::Sqlite).await;
    let (_, told) = run(server, if full_scale() { 10_000 } else { 2_000 }).await;
    if let Err(lie) = told {
        panic!("SQLite on a disk: {lie}");
    }
}
