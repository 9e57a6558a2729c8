//! Logging in: as long for a stranger as for a wrong password, and no burden for everybody else.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jari::domain::account::Role;
use jari::service::sessions::{Credentials, LoginFor, log_in};
use jari::service::{Caller, Site, accounts, calendar};

use crate::site::{self, disk, median, percentile};

const TRIES: u32 = 400;
const AT_ONCE: u32 = 500;

/// Somebody from an address of their own, so that nobody is throttled.
fn from(number: u32) -> Caller {
    let actor = jari::domain::account::Actor::Anonymous;
    Caller { actor, address: Some(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number))), ..Caller::command_line() }
}

pub async fn run() {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).unwrap();
    let site = site::open(&format!("sqlite:///{}", folder.path().join("people.db").display())).await;
    let password = "twelve green tomatoes".to_owned();
    accounts::add(&site, &Caller::command_line(), "me@example.com".to_owned(), Role::Driver, password).await.unwrap();

    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 1..=TRIES {
        known.push(wrong_try(&site, number * 2, "me@example.com").await);
        unknown.push(wrong_try(&site, number * 2 + 1, "stranger@example.com").await);
    }
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    println!("log-ins: medians over {TRIES} wrong tries each: known {known:.2} ms, unknown {unknown:.2} ms");
    println!("  difference {:.2} % (goal under 2)", (known - unknown).abs() / known.max(unknown) * 100.0);

    let alone = reads(&site, Duration::from_secs(2)).await;
    let trying: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let site = Arc::clone(&site);
            tokio::spawn(async move { wrong_try(&site, 100_000 + number, "me@example.com").await })
        })
        .collect();
    let meanwhile = reads(&site, Duration::from_secs(2)).await;
    for one in trying {
        one.await.unwrap();
    }
    println!(
        "reads of a day's list: p99 {alone:.1?} alone, {meanwhile:.1?} beside {AT_ONCE} log-ins (goal under 250 ms)"
    );
}

async fn wrong_try(site: &Site, number: u32, email: &str) -> f64 {
    let began = Instant::now();
    let wrong = Credentials { email: email.to_owned(), password: "wrong".to_owned(), code: None };
    let refused = log_in(site, &from(number), LoginFor::Anybody, wrong).await;
    assert!(refused.is_err());
    began.elapsed().as_secs_f64() * 1000.0
}

async fn reads(site: &Arc<Site>, during: Duration) -> Duration {
    let (began, mut waits) = (Instant::now(), Vec::new());
    while began.elapsed() < during {
        let asked = Instant::now();
        calendar::day(site, &site::caller(), jiff::civil::date(2026, 4, 1)).await.unwrap();
        waits.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    percentile(&mut waits, 0.99)
}
