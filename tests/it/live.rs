//! What happens, as it happens: server-sent events.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Server, both_engines};
use crate::inbox::{Camera, server_with_booking, sightings};

/// An event as a client reads it.
#[derive(Clone, Debug)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

/// A stream that is being followed.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    async fn open(server: &Server, token: &str, last: Option<&str>) -> Self {
        let mut request = server.request(Method::GET, "/api/events");
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` when the stream ended, or nothing came for a while.
    async fn next(&mut self) -> Option<Event> {
        self.next_within(Duration::from_secs(10)).await
    }

    async fn next_within(&mut self, patience: Duration) -> Option<Event> {
        let until = tokio::time::Instant::now() + patience;
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    line.map(|value| value.trim_start().to_owned()).unwrap_or_default()
                };
                let read = Event {
                    name: field("event"),
                    id: field("id"),
                    data: serde_json::from_str(&field("data")).unwrap_or(Value::Null),
                };
                let rest = rest.to_owned();
                self.text = rest;
                // A comment says that the stream is still there.
                if read.name.is_empty() {
                    continue;
                }
                return Some(read);
            }
            let chunk = tokio::time::timeout_at(until, self.response.chunk()).await.ok()?.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

both_engines! {
    async fn everybody_sees_what_they_may(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("driver@example.com").await;
        let other = server.driver("other@example.com").await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        let mut streams = Vec::new();
        for token in ["", driver.as_str(), other.as_str(), ADMIN_TOKEN] {
            let mut stream = Stream::open(&server, token, None).await;
            let begin = stream.next().await.unwrap();
            assert_eq!((begin.name.as_str(), &begin.data), ("begin", &json!({"anew": false})));
            streams.push(stream);
        }
        let booked = server.book(&driver, json!(1), "12가3456", "09:00", "10:00").await.expect(201).json;
        for (stream, plate) in streams.iter_mut().zip(["12가**56", "12가3456", "12가**56", "12가3456"]) {
            let event = stream.next().await.unwrap();
            assert_eq!(event.name, "reservation");
            assert_eq!((&event.data["id"], &event.data["plate"]), (&booked["id"], &json!(plate)));
            assert_eq!(event.data["status"], "CONFIRMED");
        }
        // The next morning the car comes.
        server.clock.set(crate::harness::NOW + 86_400 + 70 * 60);
        let driver = {
            let body = json!({"email": "driver@example.com", "password": "a password of the tests"});
            let login = server.post("/api/user/login", "", body).await.expect(200);
            login.json["token"].as_str().unwrap().to_owned()
        };
        streams[1] = Stream::open(&server, &driver, None).await;
        streams[1].next().await.unwrap();
        let began = Instant::now();
        camera.send(&server, json!({"plate": "12가3456"})).await.expect(200);
        let seen = streams[3].next().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "an operator sees it within a second: {:?}", began.elapsed());
        assert_eq!((seen.name.as_str(), &seen.data["plate"]), ("sighting", &json!("12가3456")));
        let own = streams[1].next().await.unwrap();
        assert_eq!((own.name.as_str(), &own.data["reservationId"]), ("sighting", &booked["id"]));
        assert_eq!(own.data["plate"], Value::Null);
        let cancelled = server.delete(&format!("/api/admin/reservations/{}", booked["id"].as_str().unwrap()), ADMIN_TOKEN).await;
        cancelled.expect(200);
        server.patch("/api/bays/1", ADMIN_TOKEN, json!({"closed": true, "closedReason": "repair"})).await.expect(200);
        // Neither nobody nor another driver learns that the car was there.
        for stream in &mut streams {
            let (cancelled, closed) = (stream.next().await.unwrap(), stream.next().await.unwrap());
            assert_eq!((cancelled.name.as_str(), &cancelled.data["status"]), ("reservation", &json!("CANCELLED")));
            assert_eq!((closed.name.as_str(), &closed.data["closedReason"]), ("bay", &json!("repair")));
        }
    }

    async fn nothing_is_missed_between_two_streams(engine: Engine) {
        let server = Arc::new(Server::start(engine).await);
        let camera = Arc::new(Camera::add(&server, json!({"name": "Gate"})).await);
        let first = Stream::open(&server, ADMIN_TOKEN, None).await.next().await.unwrap();
        let booking = {
            let (server, camera) = (Arc::clone(&server), Arc::clone(&camera));
            tokio::spawn(async move {
                for at in 0..60 {
                    let plate = format!("{:02}가{:04}", at % 60 + 10, 1000 + at);
                    let body = json!({"sessionId": at % 4 + 1, "plate": plate, "date": format!("2026-04-{:02}", 3 + at / 4),
                        "startTime": "09:00", "endTime": "09:30"});
                    server.post("/api/reservations", ADMIN_TOKEN, body).await.expect(201);
                    camera.send(&server, json!({"plate": format!("{:02}하{:04}", at % 60 + 10, 2000 + at)})).await.expect(200);
                }
            })
        };
        // A client that loses its connection after every third event.
        let (mut last, mut seen) = (first.id, Vec::new());
        while seen.len() < 120 {
            let mut stream = Stream::open(&server, ADMIN_TOKEN, Some(&last)).await;
            let begin = stream.next().await.unwrap();
            assert_eq!(begin.data["anew"], false);
            for _ in 0..3 {
                let Some(event) = stream.next().await else { break };
                last = event.id;
                seen.push(format!("{} {}", event.name, event.data["id"]));
                if seen.len() == 120 {
                    break;
                }
            }
        }
        booking.await.unwrap();
        seen.sort();
        seen.dedup();
        let count = |name: &str| seen.iter().filter(|event| event.starts_with(name)).count();
        assert_eq!((count("reservation"), count("sighting")), (60, 60), "each once");
        // From the very beginning there is the same again, and a position that never was is told.
        let mut stream = Stream::open(&server, ADMIN_TOKEN, Some("0-0")).await;
        let mut all = 0;
        while let Some(event) = stream.next_within(Duration::from_secs(2)).await {
            all += usize::from(event.name == "reservation" || event.name == "sighting");
        }
        assert_eq!(all, 120);
        let mut stream = Stream::open(&server, ADMIN_TOKEN, Some("999999-1")).await;
        assert_eq!(stream.next().await.unwrap().data["anew"], true);
        let answer = server.get("/api/events?after=yesterday", ADMIN_TOKEN).await;
        answer.expect_problem(422, "invalid_input");
    }

    async fn a_stream_ends_with_its_log_in_and_with_the_server(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("driver@example.com").await;
        let mut stream = Stream::open(&server, &driver, None).await;
        stream.next().await.unwrap();
        server.post("/api/user/logout", &driver, json!({})).await.expect(200);
        server.clock.set(crate::harness::NOW + 2);
        server.book(ADMIN_TOKEN, json!(1), "12가3456", "09:00", "10:00").await.expect(201);
        assert!(stream.next().await.is_none(), "who logged out sees nothing more");
        let mut stream = Stream::open(&server, ADMIN_TOKEN, None).await;
        stream.next().await.unwrap();
        let began = Instant::now();
        server.stop().await;
        assert!(stream.next().await.is_none());
        assert!(began.elapsed() < Duration::from_secs(5), "streams keep no server from stopping: {:?}", began.elapsed());
    }

    async fn a_change_by_another_server_is_seen(engine: Engine) {
        // Two instances on PostgreSQL; on SQLite a second one on the same file, as the command line is.
        let (one, _) = server_with_booking(engine, &[]).await;
        let two = Server::start_on(Arc::clone(&one.database), one.clock.clone(), &[]).await;
        let camera = Camera::add(&one, json!({"name": "Gate"})).await;
        let mut stream = Stream::open(&two, ADMIN_TOKEN, None).await;
        let first = stream.next().await.unwrap();
        let sent = Instant::now();
        camera.send(&one, json!({"plate": "12가3456"})).await.expect(200);
        let seen = stream.next().await.unwrap();
        assert_eq!(seen.name, "sighting");
        println!("seen by another instance after {:?}", sent.elapsed());
        // What happened since can be had from either.
        one.book(ADMIN_TOKEN, json!(2), "34나5678", "11:00", "12:00").await.expect(201);
        for server in [&one, &two] {
            let mut stream = Stream::open(server, ADMIN_TOKEN, Some(&first.id)).await;
            stream.next().await.unwrap();
            let names = [stream.next().await.unwrap().name, stream.next().await.unwrap().name];
            assert!(names.contains(&"sighting".to_owned()) && names.contains(&"reservation".to_owned()), "{names:?}");
        }
        assert_eq!(sightings(&two, "").await.len(), 1);
    }
}
