//! A site with people, bookings, cars that were seen, and everything else that a page can show.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use jari::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use super::driver::Browser;
use crate::harness::{ADMIN_TOKEN, Answer, Database, Engine, NOW, Server, TODAY, TOMORROW};
use crate::inbox::Camera;

/// Whose account has which password.
pub const PASSWORD: &str = "a password of the tests";

/// Twenty past eleven in Seoul.
pub const LATE_MORNING: i64 = NOW + 200 * 60;

/// Who reads a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Who {
    Anybody,
    Driver,
    Operator,
    Administrator,
}

impl Who {
    pub const ALL: [Self; 4] = [Self::Anybody, Self::Driver, Self::Operator, Self::Administrator];

    pub const fn email(self) -> &'static str {
        match self {
            Self::Anybody => "",
            Self::Driver => "driver@example.com",
            Self::Operator => "operator@example.com",
            Self::Administrator => "administrator@example.com",
        }
    }
}

/// A picture of `tests/pictures`, drawn by us: no car of anybody's.
pub fn drawn(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)
}

/// The plate in the picture `crop-00.png`.
pub const DRAWN: (&str, &str) = ("crop-00.png", "796조0983");

/// A read of one of two booked cars, and nobody knows which.
pub const TWIN: &str = "43하156?";

/// A server with a site that is in use.
pub struct Place {
    pub server: Server,
    /// A coming booking of the driver's.
    pub coming: String,
    /// One that is over.
    pub past: String,
    /// A coming booking of somebody else's.
    pub others: String,
    /// The driver's account.
    pub driver: String,
    /// A read that a person should look at.
    pub review: String,
    /// The camera at the gate.
    pub gate: Camera,
}

/// A server with a driver, an operator and an administrator, and nothing booked; the clock stands at [`NOW`].
pub async fn with_people(more: &[(&str, &str)]) -> Server {
    let database = std::sync::Arc::new(Database::create(Engine::Sqlite).await);
    let server = Server::start_on(database, Clock::standing_at(NOW), more).await;
    for who in [Who::Driver, Who::Operator, Who::Administrator] {
        server.driver(who.email()).await;
        if who != Who::Driver {
            let role = if who == Who::Operator { "operator" } else { "administrator" };
            give_role(&server, who.email(), role).await;
        }
    }
    server
}

/// Makes somebody an operator or an administrator.
pub async fn give_role(server: &Server, email: &str, role: &str) {
    let path = format!("/api/admin/accounts/{}", account_id(server, email).await);
    server.patch(&path, ADMIN_TOKEN, json!({"role": role})).await.expect(200);
}

pub async fn account_id(server: &Server, email: &str) -> String {
    let list = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
    let found = list.json.as_array().unwrap().iter().find(|account| account["email"] == email);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

/// A token of somebody's for the API.
pub async fn token(server: &Server, email: &str) -> String {
    let done = server.post("/api/user/login", "", json!({"email": email, "password": PASSWORD})).await.expect(200);
    done.json["token"].as_str().unwrap().to_owned()
}

/// Logs a browser in, without its pages.
pub async fn log_in(browser: &Browser, server: &Server, email: &str) {
    let done = server.post("/api/user/login", "", json!({"email": email, "password": PASSWORD})).await.expect(200);
    let (name, value) = done.header("set-cookie").split(';').next().unwrap().split_once('=').unwrap();
    browser.set_cookie(&server.base, name, value).await;
}

/// Chooses the language of the pages, without clicking.
pub async fn speak(browser: &Browser, server: &Server, language: &str) {
    browser.set_cookie(&server.base, "jari_language", language).await;
}

/// Books as the holder of a token; answers the id.
pub async fn book(server: &Server, token: &str, bay: i64, plate: &str, date: &str, times: (&str, &str)) -> String {
    let body = json!({"sessionId": bay, "plate": plate, "date": date, "startTime": times.0, "endTime": times.1});
    let booked: Answer = server.post("/api/reservations", token, body).await.expect(201);
    booked.json["id"].as_str().unwrap().to_owned()
}

/// A picture as a camera sends it: Base64 of the file.
pub fn as_sent(name: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(std::fs::read(drawn(name)).unwrap())
}

impl Place {
    /// A site on a busy morning, at [`LATE_MORNING`].
    pub async fn busy() -> Self {
        Self::at_work(with_people(&[]).await).await
    }

    /// The same with the week before, of which reports can tell.
    pub async fn busy_for_a_week() -> Self {
        let server = with_people(&[]).await;
        let gate = Camera::add(&server, json!({"name": "후문"})).await;
        for day in 0..7_i64 {
            let morning = NOW - (7 - day) * 86_400;
            for bay in 1..=4 {
                server.clock.set(morning);
                // Busier at noon and towards the end of the week.
                let starts: Vec<_> = (9..20).filter(|hour| (hour * 7 + bay * 3 + day * 5) % 13 < 2 + day).collect();
                let times: Vec<String> = starts.iter().map(|hour| format!("{hour:02}:00")).collect();
                if times.is_empty() {
                    continue;
                }
                let plate = format!("{}나{:04}", 20 + day, 4100 + bay * 37);
                let body = json!({"sessionId": bay, "plate": plate, "date": format!("2026-03-{}", 25 + day), "startTimes": times,
                    "contactEmail": "week@example.com"});
                server.post("/api/reservations/batch", ADMIN_TOKEN, body).await.expect(201);
                server.clock.set(morning + (starts[0] - 8) * 3600 + 300);
                let read = if (day + bay) % 3 == 0 { plate.replace('나', "다") } else { plate };
                gate.send(&server, json!({"plate": read, "confidence": 0.7})).await.expect(200);
                gate.send(&server, json!({"plate": format!("99마{:04}", 1000 + day * 10 + bay), "confidence": 0.9}))
                    .await
                    .expect(200);
            }
        }
        server.clock.set(NOW);
        Self::at_work(server).await
    }

    async fn at_work(server: Server) -> Self {
        for (at, name) in ["지하 1층 A-1", "지하 1층 A-2", "지하 1층 A-3", "지하 1층 B-1"].iter().enumerate()
        {
            server.patch(&format!("/api/bays/{}", at + 1), ADMIN_TOKEN, json!({"name": name})).await.expect(200);
        }
        for name in ["지하 1층 B-2", "지상 급속 1", "지상 급속 2", "지상 급속 3"] {
            server.post("/api/bays", ADMIN_TOKEN, json!({"name": name})).await.expect(201);
        }
        let closing = json!({"closed": true, "closedReason": "케이블 교체"});
        server.patch("/api/bays/7", ADMIN_TOKEN, closing).await.expect(200);

        let driver = token(&server, Who::Driver.email()).await;
        let neighbour = server.driver("neighbour@example.com").await;
        let past = book(&server, &driver, 1, "12가3456", TODAY, ("09:00", "10:30")).await;
        book(&server, &driver, 2, "12가3456", TODAY, ("11:00", "13:00")).await;
        let coming = book(&server, &driver, 3, "12가3456", TODAY, ("15:00", "17:00")).await;
        let cancelled = book(&server, &driver, 4, "12가3456", TOMORROW, ("10:00", "12:00")).await;
        server.delete(&format!("/api/reservations/{cancelled}"), &driver).await.expect(200);
        book(&server, &driver, 5, "98하7654", TOMORROW, ("09:00", "10:00")).await;
        let others = book(&server, &neighbour, 1, "796조0983", TODAY, ("13:00", "14:30")).await;
        for (bay, plate, start, end) in [
            (1, "685서1788", "11:00", "12:30"),
            (3, "008어8143", "09:30", "12:00"),
            // Twins: who reads one badly cannot tell it from the other.
            (4, "43하1568", "10:00", "11:30"),
            (4, "500보3717", "16:00", "18:00"),
            (5, "019보5075", "09:00", "13:00"),
            (6, "258더3434", "11:30", "12:00"),
            (6, "31머1326", "12:00", "13:30"),
            (8, "43하1560", "09:00", "11:30"),
            (8, "69너8576", "17:00", "18:00"),
        ] {
            book(&server, &neighbour, bay, plate, TODAY, (start, end)).await;
        }
        for bay in 1..=6 {
            book(&server, &neighbour, bay, &format!("34나{:04}", 5600 + bay), TOMORROW, ("13:00", "16:00")).await;
        }

        let gate = Camera::add(&server, json!({"name": "정문"})).await;
        let stand = Camera::add(&server, json!({"name": "A-2 카메라", "sessionId": 2})).await;
        server.clock.set(LATE_MORNING - 18 * 60);
        let seen = |plate: &str, confidence: f64, picture: &str| json!({"plate": plate, "confidence": confidence, "picture": as_sent(picture)});
        stand.send(&server, json!({"plate": "12가3456", "confidence": 0.98})).await.expect(200);
        gate.send(&server, seen("685서1788", 0.97, "crop-01.png")).await.expect(200);
        server.clock.set(LATE_MORNING - 9 * 60);
        gate.send(&server, seen("77마9012", 0.96, "crop-04.png")).await.expect(200);
        gate.send(&server, json!({"plate": "읽을 수 없음", "confidence": 0.2})).await.expect(200);
        gate.send_bytes(&server, "application/json", "{\"이것은\": ").await;
        server.clock.set(LATE_MORNING);
        gate.send(&server, seen(TWIN, 0.5, "crop-09.png")).await.expect(200);
        let queue = server.get("/api/admin/sightings?state=review", ADMIN_TOKEN).await.expect(200);
        let review = queue.json[0]["id"].as_str().expect("something to review").to_owned();

        server
            .post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "주차 관제", "scope": "integration"}))
            .await
            .expect(201);
        let invited = json!({"email": "new@example.com", "role": "operator"});
        server.post("/api/admin/invitations", ADMIN_TOKEN, invited).await.expect(201);
        let driver = account_id(&server, Who::Driver.email()).await;
        Self { server, coming, past, others, driver, review, gate }
    }
}

/// The audit records whose action begins so, newest first.
pub async fn trail(server: &Server, action: &str) -> Vec<Value> {
    let list =
        server.send(Method::GET, &format!("/api/admin/audit?action={action}"), ADMIN_TOKEN, None).await.expect(200);
    list.json.as_array().unwrap().clone()
}
