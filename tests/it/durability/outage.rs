//! PostgreSQL goes away and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::ConnectOptions as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::ledger::{Writer, compare};
use super::process::{Process, database};
use crate::harness::{ADMIN_TOKEN, Engine, full_scale};

/// A road to PostgreSQL that can be cut: connections break, and new ones are refused.
struct Road {
    port: u16,
    server: std::net::SocketAddr,
    traffic: Option<JoinHandle<()>>,
}

impl Road {
    async fn to(server: std::net::SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { port, server, traffic: Some(tokio::spawn(carry(listener, server))) }
    }

    async fn cut(&mut self) {
        if let Some(traffic) = self.traffic.take() {
            traffic.abort();
            let _ = traffic.await;
        }
    }

    async fn mend(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.traffic = Some(tokio::spawn(carry(listener, self.server)));
    }
}

async fn carry(listener: TcpListener, server: std::net::SocketAddr) {
    // Dropped with this task, and every connection with it.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        connections.spawn(async move {
            if let Ok(mut server) = TcpStream::connect(server).await {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}

/// Ends every connection to the database but this one, as an administrator would.
async fn terminate_backends(url: &str) {
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut server = options.connect().await.unwrap();
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(sql).execute(&mut server).await.unwrap();
}

/// How long it takes until an order to verify and a booking go through again.
async fn works_again(base: &str, since: Instant, number: i64) -> Duration {
    let client = reqwest::Client::new();
    let name = json!({"name": format!("bay of outage {number}")});
    loop {
        let request = client.post(format!("{base}/api/bays")).bearer_auth(ADMIN_TOKEN).json(&name);
        let answer = request.send().await.unwrap();
        match answer.status().as_u16() {
            // Taken: an earlier try was done although its answer was lost.
            201 | 409 => return since.elapsed(),
            503 => assert!(answer.headers().contains_key("retry-after")),
            other => panic!("{other}: {}", answer.text().await.unwrap()),
        }
        assert!(since.elapsed() < Duration::from_mins(1), "it does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_goes_away_and_comes_back() {
    let database = database(Engine::Postgres).await;
    let address = database.url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let mut road = Road::to(address.parse().unwrap()).await;
    let by_road = database.url.replace(&address, &format!("127.0.0.1:{}", road.port));
    let server = Process::start(&by_road, &[]).unwrap();
    // Two seconds are waited out; seven are longer than a request waits for a connection.
    let outages: &[u64] = if full_scale() { &[0, 2, 0, 7, 0, 1] } else { &[0, 1] };
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (1..=4)
        .map(|bay| {
            let (base, stop, mut writer) = (server.base.clone(), Arc::clone(&stop), Writer::new(bay));
            tokio::spawn(async move {
                writer.write(&base, &stop).await;
                writer
            })
        })
        .collect();
    let mut slowest = Duration::ZERO;
    for (number, seconds) in outages.iter().enumerate() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if *seconds == 0 {
            terminate_backends(&database.url).await;
        } else {
            road.cut().await;
            tokio::time::sleep(Duration::from_secs(*seconds)).await;
            road.mend().await;
        }
        slowest = slowest.max(works_again(&server.base, Instant::now(), i64::try_from(number).unwrap()).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::SeqCst);
    let mut writers = Vec::new();
    for task in tasks {
        writers.push(task.await.unwrap());
    }
    let found = compare(&server.base, &mut writers).await;
    let answered: usize = writers.iter().map(|writer| writer.answered).sum();
    let unavailable: usize = writers.iter().map(|writer| writer.unavailable).sum();
    // A writer panics at any answer but success and 503 with Retry-After.
    println!(
        "{} outages of PostgreSQL under 4 writers: 500s: 0 (0), 503s with Retry-After: {unavailable}",
        outages.len()
    );
    println!("acknowledged writes: {answered}; lost: {} (0), changed: {} (0)", found.lost, found.changed);
    println!("slowest return: {} ms (2000)", slowest.as_millis());
    assert_eq!((found.lost, found.changed, found.unexplained), (0, 0, 0));
}
