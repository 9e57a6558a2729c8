//! A start changes nothing that is stored.

use std::sync::Arc;

use jari::clock::Clock;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::process::{Process, database};
use crate::harness::{ADMIN_TOKEN, Answer, Database, Engine, Server, both_engines, full_scale};

/// Every row of every table, in order.
pub async fn dump(database: &Database, engine: Engine) -> Vec<String> {
    let mut rows = match engine {
        Engine::Sqlite => dump_sqlite(&rusqlite::Connection::open(database.file()).unwrap()),
        Engine::Postgres => dump_postgres(&database.url).await,
    };
    rows.sort();
    rows
}

fn dump_sqlite(file: &rusqlite::Connection) -> Vec<String> {
    let mut rows = Vec::new();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut names = file.prepare(names).unwrap();
    for name in names.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let name = name.unwrap();
        let mut table = file.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = table.column_count();
        let read = table.query_map([], |row| {
            let values = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column).unwrap());
            Ok(format!("{name} {:?}", values.collect::<Vec<_>>()))
        });
        rows.extend(read.unwrap().map(Result::unwrap));
    }
    rows
}

async fn dump_postgres(url: &str) -> Vec<String> {
    use sqlx::{ConnectOptions as _, Row as _};
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut server = options.connect().await.unwrap();
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let tables = sqlx::query(tables).fetch_all(&mut server).await.unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let sql = format!("SELECT row_to_json({table})::text FROM {table}");
        let read = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut server).await.unwrap();
        rows.extend(read.iter().map(|row| format!("{table} {}", row.get::<String, _>(0))));
    }
    rows
}

/// Fills a database with what a site has after a few days: bookings of the past, running, to come, cancelled
/// and moved, a closed bay, accounts, an idempotency key. Answers a camera's key, too.
async fn live_a_little(database: Arc<Database>) -> (Arc<Database>, String) {
    let now = Timestamp::now().as_second();
    let today = Timestamp::now().in_tz("Asia/Seoul").unwrap().date();
    let hours = [("OPENING_HOURS", "00:00-24:00")];
    let server = Server::start_on(database, Clock::standing_at(now - 3 * 86_400), &hours).await;
    let driver = server.driver("driver@example.com").await;
    let book = async |token: &str, bay: i64, day: i32, start: &str, end: &str| -> String {
        let body = json!({"sessionId": bay, "plate": format!("3{bay}나{:04}", day + 5000), "startTime": start,
            "date": today.saturating_add(day.days()).to_string(), "endTime": end, "contactEmail": "a@example.com"});
        let answer = server.post("/api/reservations", token, body).await.expect(201);
        answer.json["id"].as_str().unwrap().to_owned()
    };
    for bay in 1..=4 {
        for day in -2..=20 {
            book(if bay % 2 == 0 { ADMIN_TOKEN } else { &driver }, bay, day, "00:00", "24:00").await;
        }
    }
    for (number, start) in ["09:00", "10:30", "23:00"].into_iter().enumerate() {
        let id = book(&driver, 1, 30 + i32::try_from(number).unwrap(), start, "23:30").await;
        match number {
            0 => drop(server.delete(&format!("/api/reservations/{id}"), &driver).await.expect(200)),
            1 => drop(
                server.patch(&format!("/api/reservations/{id}"), &driver, json!({"sessionId": 3})).await.expect(200),
            ),
            _ => {}
        }
    }
    // Today's: a start forgets keys that are over a day old.
    server.clock.set(now);
    let body = json!({"plate": "12가3456", "date": today.saturating_add(1.day()).to_string(), "startTimes": ["09:00"]});
    let keyed = server.request(reqwest::Method::POST, "/api/reservations/batch").bearer_auth(ADMIN_TOKEN);
    Answer::of(keyed.header("Idempotency-Key", "once").json(&body)).await.expect(409);
    let closed = json!({"closed": true, "closedReason": "수리 중"});
    server.patch("/api/bays/4", ADMIN_TOKEN, closed).await.expect(200);
    let gate =
        server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "gate", "scope": "camera"})).await.expect(201);
    (server.stop().await, gate.json["bearer"].as_str().unwrap().to_owned())
}

async fn look_around(server: &Process, camera: &str) {
    let client = reqwest::Client::new();
    // As nobody, and as a camera: an operator who looks at other people's plates is recorded.
    for path in ["/health/ready", "/api/sessions", "/api/bays", "/api/availability"] {
        let answer = client.get(format!("{}{path}", server.base)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
    let sighting = json!({"plate": "31나5000", "timestamp": Timestamp::now().to_string()});
    let answer = client.post(format!("{}/api/plates/match", server.base)).bearer_auth(camera).json(&sighting);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["match"], true, "{answer}");
}

both_engines! {
    async fn a_hundred_restarts_change_no_byte_of_a_row(engine: Engine) {
        let (database, camera) = live_a_little(Arc::new(database(engine).await)).await;
        let administrator = [("ADMIN_EMAIL", "boss@example.com"), ("ADMIN_PASSWORD", "a good long passphrase")];
        Process::start(&database.url, &administrator).unwrap().stop();
        let before = dump(&database, engine).await;
        assert!(before.len() > 400, "{} rows", before.len());
        let restarts = if full_scale() { 100 } else { 10 };
        let mut changed = 0;
        for number in 0..restarts {
            let mut settings = if number % 2 == 0 { administrator.to_vec() } else { Vec::new() };
            // How a booking is shown hangs on the zone; what is stored does not.
            settings.push(("BUSINESS_TIMEZONE", ["Asia/Seoul", "America/New_York", "UTC"][number % 3]));
            let server = Process::start(&database.url, &settings).unwrap();
            look_around(&server, &camera).await;
            let ended = if number % 4 < 2 { server.stop() } else { server.kill() };
            assert!(!ended.told.contains("password"), "{}", ended.told);
            let after = dump(&database, engine).await;
            let differs = |row: &&String| before.binary_search(row).is_err();
            changed += after.iter().filter(differs).count();
            changed += after.len().abs_diff(before.len());
        }
        println!("{engine:?}, {restarts} restarts over {} rows: changed rows: {changed} (0)", before.len());
        assert_eq!(changed, 0);
    }
}
