//! Floods of uploads against the real program: what they cost in memory, and whom they keep waiting.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::pictures::{jpeg, png};
use super::upstream::{Trick, Upstream};
use crate::durability::process::{Process, database};
use crate::harness::{ADMIN_TOKEN, Engine, choose_tls};

const UPLOADS: usize = 64;
const EACH: usize = 200 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// Sends an upload of [`EACH`] bytes as far as it is taken, and answers the status.
async fn flood(address: String, chunked: bool, first: Vec<u8>) -> u16 {
    let stream = TcpStream::connect(&address).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let length = if chunked { "Transfer-Encoding: chunked".to_owned() } else { format!("Content-Length: {EACH}") };
    let head = format!(
        "POST /api/license-plates HTTP/1.1\r\nHost: jari\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"
    );
    let part = b"--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\n";
    let sending = async move {
        let framed = |bytes: &[u8]| {
            if chunked {
                [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
            } else {
                bytes.to_vec()
            }
        };
        writer.write_all(head.as_bytes()).await?;
        writer.write_all(&framed(&[&part[..], &first].concat())).await?;
        let block = framed(&vec![0x55; 64 * 1024]);
        for _ in 0..EACH / (64 * 1024) {
            writer.write_all(&block).await?;
        }
        std::io::Result::Ok(())
    };
    let reading = async move {
        let mut answer = [0; 12];
        reader.read_exact(&mut answer).await.ok()?;
        std::str::from_utf8(&answer[9..]).ok()?.parse::<u16>().ok()
    };
    let sending = tokio::spawn(sending);
    let status = tokio::time::timeout(Duration::from_mins(1), reading).await;
    sending.abort();
    status.ok().flatten().unwrap_or(0)
}

/// The most memory that the process ever had, and has now, in bytes.
fn memory(process: &Process) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    };
    (of("VmHWM:"), of("VmRSS:"))
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_uploads_cost_little_memory_and_keep_nobody_waiting() {
    choose_tls();
    let upstream = Upstream::start().await;
    upstream.trick(Trick::Silent);
    let database = database(Engine::Sqlite).await;
    let url = format!("{}/v1/recognize", upstream.base);
    let settings = [
        ("ADMIN_TOKEN", ADMIN_TOKEN),
        ("PLATE_SERVICE_MODE", "http"),
        ("PLATE_SERVICE_URL", &url),
        ("PLATE_SERVICE_TIMEOUT_SECONDS", "2"),
    ];
    let process = Process::start(&database.url, &settings).unwrap_or_else(|ended| panic!("{}", ended.told));
    let address = process.base.trim_start_matches("http://").to_owned();
    let client = reqwest::Client::new();
    let health = format!("{}/health", process.base);
    for _ in 0..20 {
        client.get(&health).send().await.unwrap();
    }
    let (_, idle) = memory(&process);
    let began = Instant::now();
    let kinds =
        [(false, jpeg(64, 48)), (true, jpeg(640, 480)), (true, png(30_000, 30_000)), (true, b"<html>".to_vec())];
    let floods: Vec<_> = (0..UPLOADS)
        .map(|number| {
            let (chunked, first) = kinds[number % kinds.len()].clone();
            tokio::spawn(flood(address.clone(), chunked, first))
        })
        .collect();
    let watching = tokio::spawn(async move {
        let mut waits = Vec::new();
        while began.elapsed() < Duration::from_secs(3) {
            let asked = Instant::now();
            assert_eq!(client.get(&health).send().await.unwrap().status(), 200);
            waits.push(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        waits.sort_unstable();
        (waits[waits.len() * 99 / 100], waits.len())
    });
    let mut statuses = std::collections::BTreeMap::new();
    for flood in floods {
        *statuses.entry(flood.await.unwrap()).or_insert(0) += 1;
    }
    let took = began.elapsed();
    let (p99, asked) = watching.await.unwrap();
    let (most, _) = memory(&process);
    println!(
        "{UPLOADS} uploads of 200 MiB at once: {statuses:?} in {took:.1?}; memory {} MiB idle, {} MiB at most (goal idle + 64); \
         /health p99 {p99:.1?} of {asked} (goal 100 ms)",
        idle / MIB,
        most / MIB
    );
    assert!(statuses.keys().all(|status| [413, 415, 422, 503].contains(status)), "{statuses:?}");
    assert!(most < idle + 64 * MIB, "{} MiB over {} MiB", most / MIB, idle / MIB);
    process.stop();
}

/// Sends an event of a camera, whole, and answers the status.
async fn event(client: reqwest::Client, url: String, body: Vec<u8>) -> u16 {
    let sent = client.post(url).header("content-type", "application/json").body(body).send().await;
    sent.map_or(0, |answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_a_cameras_events_cost_little_memory() {
    use base64::Engine as _;
    choose_tls();
    let database = database(Engine::Sqlite).await;
    let process = Process::start(&database.url, &[("ADMIN_TOKEN", ADMIN_TOKEN)]);
    let process = process.unwrap_or_else(|ended| panic!("{}", ended.told));
    let client = reqwest::Client::new();
    let made = client.post(format!("{}/api/admin/cameras", process.base)).bearer_auth(ADMIN_TOKEN);
    let made: serde_json::Value =
        made.json(&serde_json::json!({"name": "Gate"})).send().await.unwrap().json().await.unwrap();
    let url = made["url"].as_str().unwrap().to_owned();
    let mut picture = jpeg(640, 480);
    picture.resize(4 * 1024 * 1024, 0x55);
    let picture = base64::engine::general_purpose::STANDARD.encode(picture);
    let body = |number: usize| {
        serde_json::json!({"plate": null, "event": format!("e{number}"), "picture": picture}).to_string().into_bytes()
    };
    assert_eq!(event(client.clone(), url.clone(), br#"{"plate": "12\uAC003456"}"#.to_vec()).await, 200);
    let (_, idle) = memory(&process);
    let bodies: Vec<Vec<u8>> = (0..32).map(body).collect();
    let floods: Vec<_> =
        bodies.into_iter().map(|body| tokio::spawn(event(client.clone(), url.clone(), body))).collect();
    let mut statuses = std::collections::BTreeMap::new();
    for flood in floods {
        *statuses.entry(flood.await.unwrap()).or_insert(0) += 1;
    }
    // One whose length nobody knows takes all the room there is, and is cut where it is too long.
    let address = process.base.trim_start_matches("http://").to_owned();
    let path = url.strip_prefix(&process.base).unwrap();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nHost: jari\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let block = [format!("{:x}\r\n", 64 * 1024).into_bytes(), vec![0x55; 64 * 1024], b"\r\n".to_vec()].concat();
    for _ in 0..(7 * 16) {
        if stream.write_all(&block).await.is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer[9..], b"413");
    let (most, _) = memory(&process);
    println!("32 events of 5 MiB at once: {statuses:?}; memory {} MiB idle, {} MiB at most", idle / MIB, most / MIB);
    assert!(statuses.keys().all(|status| [200, 503].contains(status)) && statuses[&200] > 0, "{statuses:?}");
    // All of them at once, as texts and as pictures, would be 300 MiB. Reading one takes 45 MiB.
    assert!(most < idle + 136 * MIB, "{} MiB over {} MiB", most / MIB, idle / MIB);
    process.stop();
}
