//! Creates with commits on the real disk: ours, one transaction a request, and a raw batch insert.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jari::service::{Site, booking};

use crate::raw;
use crate::site::{self, MIDNIGHT, disk, median, percentile};

const ROUNDS: usize = 5;
const EACH: Duration = Duration::from_millis(1500);

struct Measured {
    per_second: f64,
    waits: Vec<Duration>,
}

/// A database with our schema and bays, and the path of its file.
async fn database(folder: &Path, name: &str) -> (Arc<Site>, std::path::PathBuf) {
    let path = folder.join(name);
    (site::open(&format!("sqlite:///{}", path.display())).await, path)
}

pub async fn run() {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).unwrap();
    let (ours, _) = database(folder.path(), "ours.db").await;
    let (_, single) = database(folder.path(), "single.db").await;
    let (_, batch) = database(folder.path(), "batch.db").await;
    let postgres = postgres().await;
    let next = || Arc::new(AtomicUsize::new(0));
    let (ours_next, single_next, batch_next, postgres_next) = (next(), next(), next(), next());
    let single = Arc::new(Mutex::new(raw::open(&single)));
    let batch = raw::open(&batch);

    println!("creates: reservation, two half hours, quotas, audit record; WAL, synchronous=FULL; {ROUNDS} rounds");
    let mut rows: Vec<(&str, Vec<f64>, Vec<Duration>)> = Vec::new();
    let mut note = |name: &'static str, measured: Measured| {
        if !rows.iter().any(|row| row.0 == name) {
            rows.push((name, Vec::new(), Vec::new()));
        }
        let row = rows.iter_mut().find(|row| row.0 == name).unwrap();
        row.1.push(measured.per_second);
        row.2.extend(measured.waits);
    };
    let mut fsyncs = Vec::new();
    for _ in 0..ROUNDS {
        fsyncs.push(fsync_rate(folder.path()));
        for (name, clients) in [("ours, 1 client", 1), ("ours, 16 clients", 16), ("ours, 64 clients", 64)] {
            note(name, through_the_store(&ours, &ours_next, clients).await);
        }
        note("one transaction a request, 64 clients", one_transaction_each(&single, &single_next, 64));
        note("raw batch, 512 a commit", raw_batch(&batch, &batch_next, 512));
        note("raw batch, 64 a commit", raw_batch(&batch, &batch_next, 64));
        if let Some(postgres) = &postgres {
            note("PostgreSQL, 64 clients", through_the_store(postgres, &postgres_next, 64).await);
        }
    }
    println!("  {:<40} {:>10.0}/s", "fsync of 4 KiB", median(&mut fsyncs));
    let mut figure = |name: &str| {
        let row = rows.iter_mut().find(|row| row.0 == name).unwrap();
        (median(&mut row.1), (!row.2.is_empty()).then(|| percentile(&mut row.2, 0.99)))
    };
    let mut names = vec!["ours, 1 client", "ours, 16 clients", "ours, 64 clients"];
    names.extend(["one transaction a request, 64 clients", "raw batch, 512 a commit", "raw batch, 64 a commit"]);
    names.extend(postgres.is_some().then_some("PostgreSQL, 64 clients"));
    for name in names {
        let (per_second, p99) = figure(name);
        let p99 = p99.map(|p99| format!("p99 {:.1} ms", p99.as_secs_f64() * 1000.0)).unwrap_or_default();
        println!("  {name:<40} {per_second:>10.0}/s  {p99}");
    }
    let (ours, p99) = figure("ours, 64 clients");
    let (single, _) = figure("one transaction a request, 64 clients");
    let (batch, _) = figure("raw batch, 512 a commit");
    println!("  ours / one transaction a request, 64 clients: {:.1} (goal 5)", ours / single);
    println!("  ours, 64 clients / raw batch, 512 a commit: {:.2} (goal 0.7)", ours / batch);
    println!("  ours, 64 clients / raw batch, 64 a commit: {:.2}", ours / figure("raw batch, 64 a commit").0);
    println!("  p99 of ours, 64 clients: {:.1} ms (goal 50)", p99.unwrap().as_secs_f64() * 1000.0);
}

async fn postgres() -> Option<Arc<Site>> {
    #[expect(clippy::disallowed_methods, reason = "how the script names its throw-away server")]
    let url = std::env::var("JARI_TEST_POSTGRES_URL").ok()?;
    Some(site::open(&url).await)
}

fn fsync_rate(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("fsync")).unwrap();
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < Duration::from_millis(300) {
        file.write_all(&[0; 4096]).unwrap();
        file.sync_all().unwrap();
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

async fn through_the_store(site: &Arc<Site>, next: &Arc<AtomicUsize>, clients: usize) -> Measured {
    let began = Instant::now();
    let mut running = Vec::new();
    for _ in 0..clients {
        let (site, next) = (Arc::clone(site), Arc::clone(next));
        running.push(tokio::spawn(async move {
            let (caller, mut waits) = (site::caller(), Vec::new());
            while began.elapsed() < EACH {
                let number = next.fetch_add(1, Ordering::Relaxed);
                // A second a booking: ids begin with the time, and a clock that stands would scatter them.
                site.clock.set(MIDNIGHT - 86_400 + i64::try_from(number).unwrap());
                let wanted = site::booking(number);
                let asked = Instant::now();
                booking::create(&site, &caller, wanted, None).await.unwrap();
                waits.push(asked.elapsed());
            }
            waits
        }));
    }
    let mut waits = Vec::new();
    for client in running {
        waits.extend(client.await.unwrap());
    }
    measured(waits, began)
}

fn one_transaction_each(
    connection: &Arc<Mutex<rusqlite::Connection>>,
    next: &Arc<AtomicUsize>,
    clients: usize,
) -> Measured {
    let began = Instant::now();
    let waits = std::thread::scope(|threads| {
        let one = || {
            let mut waits = Vec::new();
            while began.elapsed() < EACH {
                let asked = Instant::now();
                let connection = connection.lock().unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                raw::insert(&connection, next.fetch_add(1, Ordering::Relaxed));
                connection.execute_batch("COMMIT").unwrap();
                drop(connection);
                waits.push(asked.elapsed());
            }
            waits
        };
        let clients: Vec<_> = (0..clients).map(|_| threads.spawn(one)).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    measured(waits, began)
}

fn raw_batch(connection: &rusqlite::Connection, next: &Arc<AtomicUsize>, commit: u32) -> Measured {
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < EACH {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for _ in 0..commit {
            raw::insert(connection, next.fetch_add(1, Ordering::Relaxed));
        }
        connection.execute_batch("COMMIT").unwrap();
        count += commit;
    }
    Measured { per_second: f64::from(count) / began.elapsed().as_secs_f64(), waits: Vec::new() }
}

fn measured(waits: Vec<Duration>, began: Instant) -> Measured {
    let count = f64::from(u32::try_from(waits.len()).unwrap());
    Measured { per_second: count / began.elapsed().as_secs_f64(), waits }
}
