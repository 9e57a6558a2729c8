//! How much one client gets: requests, questions, changes, log-ins, connections.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TOMORROW, both_engines};

const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.0/8");

/// A request that comes from `address`, as a proxy says.
async fn from(server: &Server, address: &str, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
    let mut request = server.request(method, path).header("X-Forwarded-For", address);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    Answer::of(request).await
}

/// How many of `times` requests were not answered 429; the last wait that was told.
async fn let_in(times: usize, send: impl AsyncFn(usize) -> Answer) -> (usize, i64) {
    let (mut passed, mut wait) = (0, 0);
    for round in 0..times {
        let answer = send(round).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            wait = answer.header("retry-after").parse().unwrap();
            answer.expect_problem(429, "too_many_tries");
        } else {
            assert!(!answer.status.is_server_error(), "{}", answer.text);
            passed += 1;
        }
    }
    (passed, wait)
}

both_engines! {
    async fn changes_are_paced_by_account_and_by_address(engine: Engine) {
        let settings = [PROXY, ("RATE_CHANGES_PER_HOUR", "6"), ("OPENING_HOURS", "00:00-24:00")];
        let server = Server::start_with(engine, &settings).await;
        let me = server.driver("me@example.com").await;
        let book = |plate: usize, slot: usize| {
            let (hour, half) = (slot / 2, slot % 2 * 30);
            let end = slot + 1;
            json!({"sessionId": 1, "plate": format!("12가{:04}", plate + 1), "date": TOMORROW,
                "startTime": format!("{hour:02}:{half:02}"), "endTime": format!("{:02}:{:02}", end / 2, end % 2 * 30)})
        };
        // Booking, moving and cancelling count together.
        let path = "/api/reservations";
        let mut ids = Vec::new();
        for slot in 0..4 {
            let made = from(&server, "203.0.113.9", Method::POST, path, &me, Some(book(slot, slot))).await.expect(201);
            ids.push(format!("{path}/{}", made.json["id"].as_str().unwrap()));
        }
        let moved = Some(json!({"startTime": "20:00"}));
        from(&server, "203.0.113.9", Method::PATCH, &ids[0], &me, moved).await.expect(200);
        from(&server, "203.0.113.9", Method::DELETE, &ids[1], &me, None).await.expect(200);
        for (method, path, body) in [
            (Method::POST, path, Some(book(9, 9))),
            (Method::POST, "/api/reservations/batch", Some(json!({"plate": "12가3456", "date": TOMORROW, "startTimes": ["09:00"]}))),
            (Method::PATCH, ids[2].as_str(), Some(json!({"startTime": "21:00"}))),
            (Method::DELETE, ids[2].as_str(), None),
        ] {
            // From wherever they come.
            let refused = from(&server, "198.51.100.7", method, path, &me, body).await;
            assert_eq!(refused.header("retry-after"), "600");
            refused.expect_problem(429, "too_many_tries");
        }
        // Reading goes on, others are not touched, and after the wait there is one more.
        server.get(&ids[2], &me).await.expect(200);
        let them = server.driver("them@example.com").await;
        from(&server, "198.51.100.7", Method::POST, path, &them, Some(book(10, 10))).await.expect(201);
        server.clock.set(NOW + 600);
        from(&server, "203.0.113.9", Method::DELETE, &ids[2], &me, None).await.expect(200);
        from(&server, "203.0.113.9", Method::DELETE, &ids[3], &me, None).await.expect_problem(429, "too_many_tries");

        // Ten drivers of one address use its share up; one who is new there waits, elsewhere not.
        let mut drivers = Vec::new();
        for number in 0..12 {
            drivers.push(server.driver(&format!("driver{number}@example.com")).await);
        }
        let (passed, _) = let_in(72, async |round| {
            from(&server, "192.0.2.1", Method::POST, path, &drivers[round / 6], Some(book(round + 100, 11))).await
        })
        .await;
        assert_eq!(passed, 60);
        from(&server, "192.0.2.2", Method::DELETE, &ids[3], &drivers[11], None).await.expect(404);
        // Machines and operators have ten times as many, wherever they are; the administrator's token any number.
        let made = server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "x", "scope": "integration"})).await;
        let key = made.expect(201).json["bearer"].as_str().unwrap().to_owned();
        let cancel = async |token: &str| from(&server, "192.0.2.1", Method::DELETE, &ids[1], token, None).await;
        assert_eq!(let_in(80, async |_| cancel(&key).await).await.0, 60);
        assert_eq!(let_in(80, async |_| cancel(ADMIN_TOKEN).await).await.0, 80);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_about_plates_are_paced() {
    let server = Server::start_with(Engine::Sqlite, &[PROXY, ("RATE_CHECKS_PER_MINUTE", "20")]).await;
    let me = server.driver("me@example.com").await;
    let verify = async |address: &str, token: &str, round: usize| {
        let body = json!({"plate": format!("12가{:04}", round + 1)});
        from(&server, address, Method::POST, "/api/plates/verify", token, Some(body)).await
    };
    let (passed, wait) = let_in(100, async |round| verify("203.0.113.9", &me, round).await).await;
    println!("100 questions of one driver at once: {passed} were answered (goal 20)");
    assert_eq!((passed, wait), (20, 3));
    server.clock.set(NOW + 60);
    assert_eq!(let_in(100, async |round| verify("203.0.113.9", &me, round).await).await.0, 20);
    let made =
        server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "gate", "scope": "camera"})).await.expect(201);
    let key = made.json["bearer"].as_str().unwrap().to_owned();
    let ask = async |token: &str| {
        let body = json!({"plate": "12가3456", "timestamp": NOW});
        from(&server, "203.0.113.9", Method::POST, "/api/plates/match", token, Some(body)).await
    };
    assert_eq!(let_in(300, async |_| ask(&key).await).await.0, 200);
    assert_eq!(let_in(300, async |_| ask(ADMIN_TOKEN).await).await.0, 300);
    // Without log-ins the address is all there is to go by.
    let settings = [PROXY, ("RATE_CHECKS_PER_MINUTE", "20"), ("ACCESS_MODE", "open")];
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    let ask = async |address: &str| {
        let body = json!({"plate": "12가3456"});
        from(&server, address, Method::POST, "/api/plates/verify", "", Some(body)).await
    };
    assert_eq!(let_in(300, async |_| ask("203.0.113.9").await).await.0, 200);
    ask("198.51.100.7").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_one_address_are_paced_whatever_they_are() {
    let server = Server::start_with(Engine::Sqlite, &[PROXY, ("RATE_REQUESTS_PER_MINUTE", "50")]).await;
    let paths = ["/api/bays", "/api/availability", "/health", "/nowhere", "/api/reservations/my"];
    let get = async |address: &str, round: usize| {
        from(&server, address, Method::GET, paths[round % paths.len()], "", None).await
    };
    assert_eq!(let_in(80, async |round| get("203.0.113.9", round).await).await, (50, 2));
    // A whole network is one address; another one is not, nor is the machine itself.
    assert_eq!(let_in(80, async |round| get(&format!("2001:db8::{round:x}"), round).await).await.0, 50);
    assert_eq!(let_in(80, async |round| get("127.0.0.1", round).await).await.0, 80);
    server.clock.set(NOW + 60);
    get("203.0.113.9", 0).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn right_log_ins_are_paced_too() {
    let server = Server::start_with(Engine::Sqlite, &[PROXY]).await;
    let me = server.driver("me@example.com").await;
    let log_in = async |_: usize| {
        let body = json!({"email": "me@example.com", "password": "a password of the tests"});
        from(&server, "203.0.113.9", Method::POST, "/api/user/login", "", Some(body)).await
    };
    // Registering was the first.
    assert_eq!(let_in(125, log_in).await, (119, 30));
    server.get("/api/reservations/my", &me).await.expect(200);
}

/// Opens an idle connection from an address of this machine.
async fn connect(server: &Server, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    socket.connect(server.base.trim_start_matches("http://").parse().unwrap()).await.unwrap()
}

/// Whether a connection is served.
async fn is_served(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 12];
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.is_ok()
        && tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer))
            .await
            .is_ok_and(|read| read.is_ok())
        && &answer == b"HTTP/1.1 200"
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_every_connection() {
    let settings = [("MAX_CONNECTIONS", "300"), ("MAX_CONNECTIONS_PER_ADDRESS", "100")];
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    let mut held = Vec::new();
    for _ in 0..1000 {
        held.push(connect(&server, "127.0.0.2").await);
    }
    let began = Instant::now();
    assert!(is_served(&mut connect(&server, "127.0.0.3").await).await, "somebody else is served");
    let wait = began.elapsed();
    println!("beside 1,000 idle connections of one address another was served after {wait:?} (goal 1 s)");
    assert!(wait < Duration::from_secs(1));
    assert!(is_served(&mut held[0]).await, "those within the share are served");
    let mut count = 0;
    for stream in &mut held[1..] {
        count += usize::from(is_served(stream).await);
    }
    assert_eq!(count, 99);
    // What is closed is given back.
    drop(held);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(is_served(&mut connect(&server, "127.0.0.2").await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_may_have_every_connection() {
    let settings = [("MAX_CONNECTIONS_PER_ADDRESS", "3"), ("TRUSTED_PROXIES", "127.0.0.2")];
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    let (mut proxy, mut other) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        proxy.push(connect(&server, "127.0.0.2").await);
        other.push(connect(&server, "127.0.0.3").await);
    }
    let (mut by_proxy, mut by_other) = (0, 0);
    for (proxy, other) in proxy.iter_mut().zip(&mut other) {
        by_proxy += usize::from(is_served(proxy).await);
        by_other += usize::from(is_served(other).await);
    }
    assert_eq!((by_proxy, by_other), (20, 3));
}
