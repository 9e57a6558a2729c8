//! The program is killed, or told to stop, while it writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::ledger::{Found, Writer, compare};
use super::process::{Ended, Process, database, run};
use crate::harness::{ADMIN_TOKEN, Database, Engine, both_engines, full_scale};

const WRITERS: i64 = 4;

/// Lets every writer write for `time`, and then does `end` to the server: while it works.
async fn write_until(
    server: Process,
    writers: Vec<Writer>,
    time: Duration,
    end: impl FnOnce(Process) -> Ended + Send + 'static,
) -> (Vec<Writer>, Ended) {
    let stop = Arc::new(AtomicBool::new(false));
    let base = server.base.clone();
    let tasks: Vec<_> = writers
        .into_iter()
        .map(|mut writer| {
            let (base, stop) = (base.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                writer.write(&base, &stop).await;
                writer
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    let ended = tokio::task::spawn_blocking(move || end(server)).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    let mut writers = Vec::new();
    for task in tasks {
        writers.push(task.await.unwrap());
    }
    (writers, ended)
}

fn sum(all: &mut Found, found: Found) {
    all.lost += found.lost;
    all.changed += found.changed;
    all.unexplained += found.unexplained;
    all.done += found.done;
    all.not_done += found.not_done;
}

/// What the program itself and SQLite say of a database that nobody uses.
fn assert_sound(database: &Database, engine: Engine) {
    let (ended, told) = run(&database.url, &["doctor"], &[]);
    assert!(ended.status.success() && !told.contains("WRONG"), "{told}{}", ended.told);
    assert!(told.contains("Every live reservation holds its half hours"), "{told}");
    if engine == Engine::Sqlite {
        let file = rusqlite::Connection::open(database.file()).unwrap();
        let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}

both_engines! {
    async fn every_answered_booking_outlives_kill_nine(engine: Engine) {
        let database = database(engine).await;
        let cycles = if full_scale() { 30 } else { 5 };
        let mut writers: Vec<Writer> = (1..=WRITERS).map(Writer::new).collect();
        let (mut all, mut failed, mut slowest) = (Found::default(), 0, Duration::ZERO);
        for _ in 0..cycles {
            let since = std::time::Instant::now();
            let Ok(server) = Process::start(&database.url, &[]) else { failed += 1; continue };
            slowest = slowest.max(since.elapsed());
            let found = compare(&server.base, &mut writers).await;
            sum(&mut all, found);
            let time = Duration::from_millis(200 + u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 600 / 255);
            (writers, _) = write_until(server, writers, time, Process::kill).await;
        }
        assert_sound(&database, engine);
        let server = Process::start(&database.url, &[]).unwrap();
        let found = compare(&server.base, &mut writers).await;
        sum(&mut all, found);
        for id in writers.iter().flat_map(Writer::some_cancelled) {
            let request = reqwest::Client::new().get(format!("{}/api/reservations/{id}", server.base));
            let kept: Value = request.bearer_auth(ADMIN_TOKEN).send().await.unwrap().json().await.unwrap();
            assert_eq!(kept["status"], "CANCELLED", "a cancellation is kept as history");
        }
        let answered: usize = writers.iter().map(|writer| writer.answered).sum();
        println!("{engine:?}, {cycles} times kill -9 under {WRITERS} writers:");
        println!("acknowledged writes: {answered}; unanswered and done: {}, not done: {}", all.done, all.not_done);
        println!("acknowledged writes lost: {} (0), changed: {} (0), unexplained: {} (0)", all.lost, all.changed, all.unexplained);
        println!("failed starts: {failed} (0); slowest start: {} ms", slowest.as_millis());
        assert_eq!((all.lost, all.changed, all.unexplained, failed), (0, 0, 0, 0));
        assert!(answered > cycles * 10, "the writers wrote");
    }

    async fn a_stop_under_load_finishes_what_was_begun(engine: Engine) {
        let database = database(engine).await;
        let mut writers: Vec<Writer> = (1..=WRITERS).map(Writer::new).collect();
        let (mut all, mut slowest) = (Found::default(), Duration::ZERO);
        for _ in 0..5 {
            let server = Process::start(&database.url, &[]).unwrap();
            let found = compare(&server.base, &mut writers).await;
            sum(&mut all, found);
            let ended;
            (writers, ended) = write_until(server, writers, Duration::from_millis(400), Process::stop).await;
            assert!(ended.status.success(), "{ended:?}");
            slowest = slowest.max(ended.after);
        }
        let server = Process::start(&database.url, &[]).unwrap();
        let found = compare(&server.base, &mut writers).await;
        sum(&mut all, found);
        let answered: usize = writers.iter().map(|writer| writer.answered).sum();
        println!("{engine:?}, 5 times SIGTERM under {WRITERS} writers:");
        println!("acknowledged writes: {answered}; lost: {} (0), changed: {} (0)", all.lost, all.changed);
        println!("done without an answer: {} (0); slowest end: {} ms (10000)", all.done, slowest.as_millis());
        // A connection that was closed before its request was read gave no answer; then nothing was done.
        assert_eq!((all.lost, all.changed, all.unexplained, all.done), (0, 0, 0, 0));
    }
}
