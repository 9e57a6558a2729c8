//! What no client library sends, written to the socket by hand.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{LONGEST_ERROR, MARKER, bodies};
use crate::harness::{ADMIN_TOKEN, Engine, Server, TOMORROW};

/// Sends bytes and reads until the server closes, or what came within five seconds.
async fn exchange(server: &Server, request: &[u8]) -> String {
    let stream = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let request = request.to_vec();
    // The server may answer and close before it has read all.
    let written = tokio::spawn(async move {
        let _ = writing.write_all(&request).await;
        writing
    });
    let mut answer = Vec::new();
    let read = async {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reading.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..count]);
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), read).await;
    written.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

/// `STATUS CODE`, `STATUS -` for an answer without a body, `closed` for none.
fn told(answer: &str) -> String {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return "closed".to_owned() };
    let status = head.split(' ').nth(1).unwrap_or_default();
    let problem: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    match problem["code"].as_str() {
        Some(code) => {
            assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer}");
            assert!(problem["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{answer}");
            format!("{status} {code}")
        }
        None if body.is_empty() => format!("{status} -"),
        None => status.to_owned(),
    }
}

/// A request of ours with these headers and this body, and nothing added.
fn post(headers: &str, body: &str) -> Vec<u8> {
    let start = format!(
        "POST /api/reservations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n"
    );
    format!("{start}{headers}\r\n{body}").into_bytes()
}

fn get(path: &str) -> Vec<u8> {
    let start = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    format!("{start}Authorization: Bearer {ADMIN_TOKEN}\r\n\r\n").into_bytes()
}

fn cases() -> Vec<(Vec<u8>, &'static str)> {
    // The first of two headers counts.
    let twice = |headers: &str, start: &str, end: &str| {
        let body = format!(
            "{{\"plate\":\"12가3456\",\"date\":\"{TOMORROW}\",\"startTime\":\"{start}\",\"endTime\":\"{end}\"}}"
        );
        post(&format!("Content-Length: {}\r\n{headers}", body.len()), &body)
    };
    let many = "X-Many: zzmarkerzz\r\n".repeat(100);
    let long = "z".repeat(1_000_000);
    let chunk = format!("4400\r\n{}\r\n0\r\n\r\n", " ".repeat(0x4400));
    vec![
        // No HTTP. The answer is the HTTP library's own, without a body.
        (b"zzmarkerzz\r\n\r\n".to_vec(), "400 -"),
        (b"\0\0\0\0\r\n\r\n".to_vec(), "400 -"),
        (b"GET\r\n\r\n".to_vec(), "400 -"),
        (b"GET /health\r\n\r\n".to_vec(), "400 -"),
        (b"GET /health HTTP/9.9\r\n\r\n".to_vec(), "400 -"),
        (b"GET  /health HTTP/1.1\r\n\r\n".to_vec(), "400 -"),
        (b"G@T /health HTTP/1.1\r\n\r\n".to_vec(), "400 -"),
        (b"GET /he alth HTTP/1.1\r\n\r\n".to_vec(), "400 -"),
        (b"GET /\0 HTTP/1.1\r\n\r\n".to_vec(), "400 -"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03zzmarkerzz\r\n\r\n".to_vec(), "400 -"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), "closed"),
        (b"GET /health HTTP/1.1\r\nno colon\r\n\r\n".to_vec(), "400 -"),
        (b"GET /health HTTP/1.1\r\nX: a\0b\r\n\r\n".to_vec(), "400 -"),
        (b"GET /health HTTP/1.1\r\nX : a\r\n\r\n".to_vec(), "400 -"),
        (b"GET /health HTTP/1.1\r\n: a\r\n\r\n".to_vec(), "400 -"),
        (b"GET /health HTTP/1.1\r\nX: a\r\n folded\r\n\r\n".to_vec(), "400 -"),
        (format!("GET /{long} HTTP/1.1\r\n\r\n").into_bytes(), "431 - or closed"),
        (format!("GET /health HTTP/1.1\r\nX: {long}\r\n\r\n").into_bytes(), "431 - or closed"),
        (format!("GET /health HTTP/1.1\r\n{many}\r\n").into_bytes(), "431 -"),
        // Lengths that contradict each other or are none.
        (post("Content-Length: 1\r\nContent-Length: 2\r\n", "{}"), "400 -"),
        (post("Content-Length: 2, 3\r\n", "{}"), "400 -"),
        (post("Content-Length: -1\r\n", "{}"), "400 -"),
        (post("Content-Length: +2\r\n", "{}"), "400 -"),
        (post("Content-Length: 0x2\r\n", "{}"), "400 -"),
        (post("Content-Length: zzmarkerzz\r\n", "{}"), "400 -"),
        (post("Content-Length: 99999999999999999999\r\n", "{}"), "400 -"),
        (post("Content-Length: 18446744073709551615\r\n", "{}"), "431 -"),
        (post("Transfer-Encoding: zzmarkerzz\r\n", "{}"), "400 -"),
        (post("Transfer-Encoding: chunked, gzip\r\n", "2\r\n{}\r\n0\r\n\r\n"), "400 -"),
        // Bodies in chunks.
        (post("Transfer-Encoding: chunked\r\n", "zzmarkerzz\r\n{}\r\n"), "408 request_timeout"),
        (post("Transfer-Encoding: chunked\r\n", "-1\r\n{}\r\n"), "408 request_timeout"),
        (post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n"), "408 request_timeout"),
        (post("Transfer-Encoding: chunked\r\n", "2\r\n{}zz"), "408 request_timeout"),
        (post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), "422 malformed_json"),
        (post("Transfer-Encoding: chunked\r\n", &chunk), "413 body_too_large"),
        // Too large by its own word: refused before a byte of it is sent.
        (post("Content-Length: 209715200\r\n", ""), "413 body_too_large"),
        (post("Content-Length: 16385\r\nExpect: 100-continue\r\n", ""), "413 body_too_large"),
        (twice("Content-Type: application/json\r\nContent-Type: text/plain\r\n", "10:00", "10:30"), "201"),
        (
            twice("Content-Type: text/plain\r\nContent-Type: application/json\r\n", "10:00", "10:30"),
            "415 unsupported_media_type",
        ),
        (twice("Idempotency-Key: a\r\nIdempotency-Key: b\r\n", "11:00", "11:30"), "422 idempotency_key_invalid"),
        // Paths that client libraries tidy up.
        (get("/api/../health"), "404 route_not_found"),
        (get("/api/reservations/.."), "404 reservation_not_found"),
        (get("/api/reservations/%2e%2e"), "404 reservation_not_found"),
        (get("/api/reservations/."), "404 reservation_not_found"),
        (get("/\"<zzmarkerzz>\""), "400 -"),
        (get("/api/reservations/by-session?date=\"<zzmarkerzz>\""), "400 -"),
        (get("http://zzmarkerzz/nowhere"), "404 route_not_found"),
        (b"OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(), "404 route_not_found"),
        (b"CONNECT zzmarkerzz:443 HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(), "404 route_not_found"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_refused_and_the_server_lives() {
    let server = Server::start(Engine::Sqlite).await;
    let cases = cases();
    let mut wrong = Vec::new();
    for (request, expected) in &cases {
        let began = Instant::now();
        let answer = exchange(&server, request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(250)]).into_owned();
        let told = told(&answer);
        if !expected.split(" or ").any(|expected| told == expected) || told.starts_with('5') {
            wrong.push(format!("{told} for {expected}: {shown:?}"));
        }
        if answer.len() > 2 * LONGEST_ERROR || answer.contains(MARKER) || began.elapsed() > Duration::from_secs(2) {
            wrong.push(format!("{} bytes after {:?}: {shown:?} got {answer}", answer.len(), began.elapsed()));
        }
        server.get("/health", "").await.expect(200);
    }
    println!("odd requests by hand: {} tried, {} wrong (goal 0)", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_megabytes_are_refused_unread() {
    let server = Server::start(Engine::Sqlite).await;
    for body in bodies::oversized().iter().cycle().take(20) {
        let began = Instant::now();
        let declared = post(&format!("Content-Length: {}\r\n", body.len()), body);
        let chunked = post("Transfer-Encoding: chunked\r\n", &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()));
        for request in [declared, chunked] {
            // The server closes while the client still sends; on some of these the machine drops the answer.
            let told = told(&exchange(&server, &request).await);
            assert!(["413 body_too_large", "closed"].contains(&told.as_str()), "{told}");
        }
        server.get("/health", "").await.expect(200);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_works_in_upper_case_too() {
    let server = Server::start(Engine::Sqlite).await;
    let driver = server.driver("driver@example.com").await;
    let made = server.book(&driver, 1.into(), "12가3456", "10:00", "11:00").await.expect(201);
    let path = format!("/api/reservations/{}", made.json["id"].as_str().unwrap().to_uppercase());
    assert_eq!(server.get(&path, &driver).await.expect(200).json["id"], made.json["id"]);
    server.delete(&path, &driver).await.expect(200);
}
