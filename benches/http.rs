//! Match over HTTP, beside a bare JSON echo behind the same accept loop: 400 cars expected, tolerance on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::routing::post;
use axum::{Json, Router};
use jari::app::App;
use jari::clock::Clock;
use jari::config::{self, Sources};
use jari::domain::plate::Plate;
use jari::domain::schedule::TimeOfDay;
use jari::http::Limits;
use jari::service::booking::{self, BayChoice, Booking};
use jari::service::{Site, bays};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::site::{MIDNIGHT, caller, disk, median, percentile, plate};

const CARS: usize = 400;
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const EACH: Duration = Duration::from_millis(1500);
const TOKEN: &str = "f3b1c5d7e9a2468013579bdf02468ace";

pub async fn run() {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).unwrap();
    let url = format!("sqlite:///{}", folder.path().join("http.db").display());
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let flags = [
        set("DATABASE_URL", &url),
        set("OPENING_HOURS", "00:00-24:00"),
        set("ADMIN_TOKEN", TOKEN),
        set("AUTO_SEED_SESSIONS", "false"),
    ];
    let config = config::load(Sources { flags: &flags, ..Sources::default() }).unwrap();
    let app = App::build(&config, Clock::standing_at(MIDNIGHT)).await.unwrap();
    fill(&app.site).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = listener.local_addr().unwrap().to_string();
    tokio::spawn(app.run(listener, std::future::pending()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let echo = listener.local_addr().unwrap().to_string();
    let router = Router::new().route("/api/plates/match", post(async |Json(body): Json<serde_json::Value>| Json(body)));
    let limits = Limits {
        connections: 1024,
        connections_per_address: 1024,
        trusted_proxies: Vec::new(),
        plain_from: None,
        grace: Duration::ZERO,
    };
    tokio::spawn(jari::http::serve(listener, router, limits, None, std::future::pending()));

    let mut rows =
        [("bare JSON echo", &echo, 0), ("match, exact reads", &ours, 0), ("match, a quarter misread", &ours, 4)]
            .map(|(name, address, misread)| (name, address, misread, Vec::new(), Vec::new()));
    for _ in 0..ROUNDS {
        for (_, address, misread, rates, waits) in &mut rows {
            let (rate, mut waited) = load(address, *misread).await;
            rates.push(rate);
            waits.append(&mut waited);
        }
    }
    println!(
        "http: {CONNECTIONS} connections, {CARS} cars expected, client and server on this machine; {ROUNDS} rounds"
    );
    let reference = median(&mut rows[0].3.clone());
    for (name, _, _, rates, waits) in &mut rows {
        let rate = median(rates);
        let p99 = percentile(waits, 0.99).as_secs_f64() * 1000.0;
        println!("  {name:<28} {rate:>10.0}/s  p99 {p99:.2} ms   of the echo {:.2} (goal 0.5)", rate / reference);
    }
}

/// As many bays as cars, each booked for the hour after midnight.
async fn fill(site: &Arc<Site>) {
    let time = |minutes| TimeOfDay::from_minutes(minutes).unwrap();
    for number in 0..CARS {
        let bay = bays::add(site, &caller(), format!("bay {number}"), None).await.unwrap();
        let text = plate(number);
        let wanted = Booking {
            bay: BayChoice::Bay(bay.id),
            plate: Plate::parse(&text).unwrap(),
            plate_text: text,
            date: jiff::civil::date(2026, 4, 1),
            times: vec![(time(0), time(60))],
            contact_email: None,
            override_reason: None,
        };
        booking::create(site, &caller(), wanted, None).await.unwrap();
    }
}

/// The requests of the load: every car's, each `misread`th with a wrong last digit (none for 0).
fn requests(misread: usize) -> Vec<Vec<u8>> {
    let request = |number: usize| {
        let mut text = plate(number);
        if misread > 0 && number.is_multiple_of(misread) {
            let last = text.pop().unwrap();
            text.push(if last == '8' { '3' } else { '8' });
        }
        let body = format!(r#"{{"plate":"{text}","timestamp":{}}}"#, MIDNIGHT + 600);
        format!(
            "POST /api/plates/match HTTP/1.1\r\nHost: jari\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    (0..CARS).map(request).collect()
}

async fn load(address: &str, misread: usize) -> (f64, Vec<Duration>) {
    let (requests, next) = (Arc::new(requests(misread)), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let mut running = Vec::new();
    for _ in 0..CONNECTIONS {
        let (requests, next, address) = (Arc::clone(&requests), Arc::clone(&next), address.to_owned());
        running.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut waits, mut buffer) = (Vec::new(), vec![0; 16 * 1024]);
            while began.elapsed() < EACH {
                let asked = Instant::now();
                stream.write_all(&requests[next.fetch_add(1, Ordering::Relaxed) % CARS]).await.unwrap();
                read_answer(&mut stream, &mut buffer).await;
                waits.push(asked.elapsed());
            }
            waits
        }));
    }
    let mut waits = Vec::new();
    for client in running {
        waits.extend(client.await.unwrap());
    }
    let count = f64::from(u32::try_from(waits.len()).unwrap());
    (count / began.elapsed().as_secs_f64(), waits)
}

/// Reads one answer with a `Content-Length`, which must be 200.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        filled += stream.read(&mut buffer[filled..]).await.unwrap();
        let text = &buffer[..filled];
        let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&text[..end]).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if filled >= end + 4 + length.parse::<usize>().unwrap() {
            return;
        }
    }
}
