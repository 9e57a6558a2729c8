//! The same work with 10,000 and with 1,000,000 stored reservations. In memory: what a disk does is not the
//! subject here.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jari::domain::matching::Read;
use jari::domain::plate::Plate;
use jari::service::booking::{self, BayChoice};
use jari::service::{Site, calendar, plates};

use crate::raw;
use crate::site::{self, BAYS, MIDNIGHT, caller, median, plate};

const SIZES: [usize; 2] = [10_000, 1_000_000];
const ROUNDS: usize = 9;
const DAY: i64 = 86_400;

/// Hours of a past day that are booked at each bay.
const HOURS: usize = 13;

/// A site with so many reservations in its past, the newest yesterday.
async fn filled(folder: &Path, stored: usize) -> Arc<Site> {
    let path = folder.join(format!("{stored}.db"));
    let site = site::open(&format!("sqlite:///{}", path.display())).await;
    let connection = raw::open(&path);
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    connection.execute_batch("BEGIN").unwrap();
    let days = stored.div_ceil(BAYS * HOURS);
    for number in 0..stored {
        let (bay, start) = place(number, days);
        raw::insert_at(&connection, number, bay, &plate(number), start);
    }
    connection.execute_batch("COMMIT; ANALYZE").unwrap();
    site
}

/// Bay and start of the `number`th past reservation of a site with so many past days.
fn place(number: usize, days: usize) -> (i64, i64) {
    let (bay, hour, day) = (number % BAYS, number / BAYS % HOURS, number / BAYS / HOURS);
    let day = i64::try_from(days - day).unwrap();
    (i64::try_from(bay).unwrap() + 1, MIDNIGHT - day * DAY + i64::try_from(9 + hour).unwrap() * 3600)
}

pub async fn run() {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { site::disk() };
    let folder = tempfile::Builder::new().prefix("jari-bench-").tempdir_in(parent).unwrap();
    let mut sites = Vec::new();
    for size in SIZES {
        let began = Instant::now();
        sites.push((size, filled(folder.path(), size).await, 0));
        println!("growth: stored {size} reservations in {:.1?}", began.elapsed());
    }
    let mut micros: Vec<(&str, [Vec<f64>; 2])> =
        ["match", "match, any stored day", "create", "a day's list", "verify", "availability, 14 days"]
            .map(|name| (name, <[Vec<f64>; 2]>::default()))
            .into();
    for _ in 0..ROUNDS {
        for (index, (size, site, created)) in sites.iter_mut().enumerate() {
            let taken = [
                matching(site, *size, true).await,
                matching(site, *size, false).await,
                creating(site, created).await,
                listing(site).await,
                verifying(site, *size).await,
                availability(site).await,
            ];
            for (row, taken) in micros.iter_mut().zip(taken) {
                row.1[index].push(taken);
            }
        }
    }
    println!(
        "growth: µs a call with {} and {} stored reservations, medians of {ROUNDS} interleaved rounds",
        SIZES[0], SIZES[1]
    );
    for (name, [few, many]) in &mut micros {
        let (few, many) = (median(few), median(many));
        println!("  {name:<24} {few:>10.1} {many:>10.1}   ratio {:.2} (goal 1.5)", many / few);
    }
}

/// Microseconds of one of `count` calls.
fn each(began: Instant, count: u32) -> f64 {
    began.elapsed().as_secs_f64() * 1e6 / f64::from(count)
}

/// Cars of the newest day, as a camera asks, or of any day that is stored.
async fn matching(site: &Site, stored: usize, newest: bool) -> f64 {
    let (caller, days, began) = (caller(), stored.div_ceil(BAYS * HOURS), Instant::now());
    let among = if newest { BAYS * HOURS } else { stored };
    for call in 0..2000_usize {
        let number = stored - 1 - call.wrapping_mul(7_919_317) % among;
        let read = Read::of(&plate(number));
        let found = plates::find_match(site, &caller, &read, place(number, days).1 + 1900).await.unwrap();
        assert!(found.is_on_time());
    }
    each(began, 2000)
}

async fn creating(site: &Arc<Site>, created: &mut usize) -> f64 {
    let began = Instant::now();
    let mut running = Vec::new();
    for client in 0..16 {
        let (site, first) = (Arc::clone(site), *created + client * 64);
        running.push(tokio::spawn(async move {
            for number in first..first + 64 {
                let mut wanted = site::booking(number);
                wanted.plate_text = plate(2_000_000 + number);
                wanted.plate = Plate::parse(&wanted.plate_text).unwrap();
                booking::create(&site, &caller(), wanted, None).await.unwrap();
            }
        }));
    }
    for client in running {
        client.await.unwrap();
    }
    *created += 1024;
    each(began, 1024)
}

async fn listing(site: &Site) -> f64 {
    let (caller, began) = (caller(), Instant::now());
    let yesterday = jiff::civil::date(2026, 3, 31);
    for _ in 0..20 {
        let list = calendar::day(site, &caller, yesterday).await.unwrap();
        assert_eq!(list.len(), BAYS);
    }
    each(began, 20)
}

async fn verifying(site: &Site, stored: usize) -> f64 {
    let (caller, began) = (caller(), Instant::now());
    for call in 0..1000_usize {
        let plate = Plate::parse(&plate(call.wrapping_mul(104_729) % stored)).unwrap();
        let wanted = site::booking(call + 700_000);
        let time = Some((wanted.date, wanted.times[0].0, wanted.times[0].1));
        let question = plates::Question { plate, bay: Some(BayChoice::Bay(1)), time };
        plates::verify(site, &caller, question).await.unwrap();
    }
    each(began, 1000)
}

async fn availability(site: &Site) -> f64 {
    let (caller, began) = (caller(), Instant::now());
    for _ in 0..20 {
        calendar::availability(site, &caller, jiff::civil::date(2026, 3, 25), 14).await.unwrap();
    }
    each(began, 20)
}
