//! Quotas, retention, and what people may ask of their data.

use jari::service::privacy;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TOMORROW, both_engines};

const DAY: i64 = 86_400;

async fn book_on(server: &Server, token: &str, plate: &str, day: &str, from: &str, until: &str) -> Answer {
    let body = json!({"plate": plate, "date": day, "startTime": from, "endTime": until});
    server.post("/api/reservations", token, body).await
}

both_engines! {
    async fn open_bookings_are_counted_by_account_and_by_car(engine: Engine) {
        let server = Server::start_with(engine, &[("QUOTA_OPEN_BOOKINGS", "2")]).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book_on(&server, &me, "12가3456", TOMORROW, "09:00", "10:00").await.expect(201);
        let second = book_on(&server, &me, "34나5678", TOMORROW, "10:00", "11:00").await.expect(201);
        let third = book_on(&server, &me, "56다7890", TOMORROW, "11:00", "12:00").await;
        assert!(third.json["detail"].as_str().unwrap().contains("2건까지"), "{}", third.text);
        third.expect_problem(409, "quota_open_bookings");
        // What was refused holds nothing.
        book_on(&server, &them, "56다7890", TOMORROW, "11:00", "12:00").await.expect(201);
        book_on(&server, &them, "12가3456", TOMORROW, "13:00", "14:00").await.expect(201);
        let other = server.driver("other@example.com").await;
        book_on(&server, &other, "12가3456", TOMORROW, "15:00", "16:00").await.expect_problem(409, "quota_open_bookings");
        server.delete(&format!("/api/reservations/{}", second.json["id"].as_str().unwrap()), &me).await.expect(200);
        book_on(&server, &me, "78라9012", TOMORROW, "10:00", "11:00").await.expect(201);
        // Over and past, they no longer count.
        server.clock.set(NOW + 3 * DAY);
        let body = json!({"email": "me@example.com", "password": "a password of the tests"});
        let me = server.post("/api/user/login", "", body).await.json["token"].as_str().unwrap().to_owned();
        book_on(&server, &me, "12가3456", "2026-04-05", "09:00", "10:00").await.expect(201);
    }

    async fn hours_of_a_day_are_counted_also_when_a_reservation_grows(engine: Engine) {
        let server = Server::start_with(engine, &[("QUOTA_HOURS_PER_DAY", "3")]).await;
        let me = server.driver("me@example.com").await;
        let first = book_on(&server, &me, "12가3456", TOMORROW, "09:00", "11:00").await.expect(201);
        book_on(&server, &me, "12가3456", TOMORROW, "12:00", "13:30").await.expect_problem(409, "quota_hours_per_day");
        book_on(&server, &me, "12가3456", "2026-04-03", "12:00", "13:30").await.expect(201);
        book_on(&server, &me, "12가3456", TOMORROW, "12:00", "13:00").await.expect(201);
        let path = format!("/api/reservations/{}", first.json["id"].as_str().unwrap());
        let grown = server.patch(&path, &me, json!({"endTime": "11:30"})).await;
        grown.expect_problem(409, "quota_hours_per_day");
        assert_eq!(server.get(&path, &me).await.json["endTime"], "11:00", "it stays as it was");
        server.patch(&path, &me, json!({"startTime": "10:00"})).await.expect(200);
        let batch = json!({"plate": "12가3456", "date": "2026-04-05", "startTimes": ["09:00", "11:00", "13:00", "15:00"]});
        server.post("/api/reservations/batch", &me, batch).await.expect_problem(409, "quota_hours_per_day");
        assert_eq!(server.get("/api/reservations/my", &me).await.json.as_array().unwrap().len(), 3, "all or nothing");
    }

    async fn operators_exceed_quotas_with_a_reason_that_is_recorded(engine: Engine) {
        let server = Server::start_with(engine, &[("QUOTA_OPEN_BOOKINGS", "1"), ("QUOTA_DAYS_AHEAD", "7")]).await;
        let me = server.driver("me@example.com").await;
        let late = book_on(&server, &me, "12가3456", "2026-04-20", "09:00", "10:00").await;
        late.expect_problem(409, "quota_days_ahead");
        let book = |token: String, reason: Value| {
            let body = json!({"plate": "12가3456", "date": "2026-04-20", "startTime": "09:00", "endTime": "10:00",
                "overrideReason": reason});
            let server = &server;
            async move { server.post("/api/reservations", &token, body).await }
        };
        book_on(&server, &me, "12가3456", TOMORROW, "09:00", "10:00").await.expect(201);
        book(me.clone(), json!("please")).await.expect_problem(409, "quota_days_ahead");
        book(ADMIN_TOKEN.into(), Value::Null).await.expect_problem(409, "quota_open_bookings");
        book(ADMIN_TOKEN.into(), json!("fleet of the post office")).await.expect(201);
        let trail = server.get("/api/admin/audit?action=reservation.create", ADMIN_TOKEN).await.expect(200);
        let after = trail.json[0]["after"].as_str().unwrap();
        assert!(after.contains("fleet of the post office"), "{after}");
    }

    async fn quotas_hold_when_many_book_at_once(engine: Engine) {
        let server = Server::start_with(engine, &[("QUOTA_OPEN_BOOKINGS", "3")]).await;
        let me = server.driver("me@example.com").await;
        let mut booking = Vec::new();
        for number in 0..24 {
            let plate = format!("12가{:04}", 1000 + number);
            let body = json!({"plate": plate, "date": format!("2026-04-{:02}", 2 + number), "startTime": "09:00", "endTime": "10:00"});
            let request = server.request(Method::POST, "/api/reservations").bearer_auth(&me).json(&body);
            booking.push(tokio::spawn(Answer::of(request)));
        }
        let mut booked = 0;
        for answer in booking {
            let answer = answer.await.unwrap();
            match answer.status.as_u16() {
                201 => booked += 1,
                _ => drop(answer.expect_problem(409, "quota_open_bookings")),
            }
        }
        assert_eq!(booked, 3);
    }

    async fn finished_reservations_lose_their_plate_after_a_while(engine: Engine) {
        let server = Server::start_with(engine, &[("RETENTION_BOOKING_DAYS", "30")]).await;
        let me = server.driver("me@example.com").await;
        let body = json!({"plate": "12가3456", "date": TOMORROW, "startTime": "09:00", "endTime": "10:00", "contactEmail": "me@example.com"});
        let old = server.post("/api/reservations", &me, body).await.expect(201);
        book_on(&server, &me, "12가3456", "2026-04-20", "09:00", "10:00").await.expect(201);
        server.clock.set(NOW + 33 * DAY);
        assert_eq!(privacy::enforce_retention(&server.site).await.unwrap(), 1);
        assert_eq!(privacy::enforce_retention(&server.site).await.unwrap(), 0);
        let shown = server.get(&format!("/api/reservations/{}", old.json["id"].as_str().unwrap()), ADMIN_TOKEN).await.expect(200);
        assert_eq!((&shown.json["plate"], &shown.json["contactEmail"]), (&json!(""), &Value::Null));
        assert_eq!((&shown.json["date"], &shown.json["status"]), (&json!(TOMORROW), &json!("COMPLETED")));
        let found = server.get("/api/reservations/my?plate=12%EA%B0%803456", ADMIN_TOKEN).await.expect(200);
        assert_eq!(found.json.as_array().unwrap().len(), 1);
        let store = server.database.store().await;
        let inspection = store.snapshot(async |conn| jari::store::inspect::inspect(conn).await).await.unwrap();
        assert_eq!(inspection.inconsistent_slots, 0);
    }

    async fn people_get_their_data_and_can_erase_it(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let body = json!({"sessionId": 1, "plate": "12가3456", "date": TOMORROW, "startTime": "09:00", "endTime": "10:00", "contactEmail": "me@example.com"});
        server.post("/api/reservations", &me, body.clone()).await.expect(201);
        book_on(&server, &them, "34나5678", TOMORROW, "09:00", "10:00").await.expect(201);
        let data = server.get("/api/user/export", &me).await.expect(200);
        assert_eq!(data.json["email"], "me@example.com");
        assert_eq!(data.json["reservations"][0]["plate"], "12가3456");
        assert!(!data.text.contains("34나5678") && !data.text.contains("password"), "{}", data.text);
        server.post("/api/user/erase", &me, json!({"password": "wrong"})).await.expect_problem(401, "credentials_wrong");
        server.post("/api/user/erase", &me, json!({"password": "a password of the tests"})).await.expect(200);
        server.get("/api/user/export", &me).await.expect_problem(401, "token_invalid");
        server.post("/api/user/login", "", json!({"email": "me@example.com", "password": "a password of the tests"})).await.expect_problem(401, "credentials_wrong");
        // The half hour is free again, and nothing of them is left.
        server.post("/api/reservations", &them, body).await.expect(201);
        let store = server.database.store().await;
        let left = store.read(async |conn| {
            conn.one(
                "SELECT (SELECT COUNT(*) FROM accounts WHERE email LIKE 'me@%')
                      + (SELECT COUNT(*) FROM reservations WHERE contact_email LIKE 'me@%' AND account_id IS NULL)
                      + (SELECT COUNT(*) FROM audit_records WHERE COALESCE(before, '') || COALESCE(after, '') || object LIKE '%me@example%')",
                &[], |row| row.int(0)).await
        }).await.unwrap();
        assert_eq!(left, Some(0));
        server.driver("me@example.com").await;
    }

    async fn seeing_other_peoples_plates_is_recorded_once_an_hour(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        book_on(&server, &me, "12가3456", TOMORROW, "09:00", "10:00").await.expect(201);
        let records = async || {
            let trail = server.get("/api/admin/audit?action=personal_data.see", ADMIN_TOKEN).await.expect(200);
            trail.json.as_array().unwrap().len()
        };
        let list = format!("/api/reservations/by-session?date={TOMORROW}");
        for token in ["", me.as_str()] {
            server.get(&list, token).await.expect(200);
            server.get("/api/sessions", token).await.expect(200);
        }
        server.get("/api/reservations/my", &me).await.expect(200);
        assert_eq!(records().await, 0, "masks and one's own are no matter");
        for _ in 0..3 {
            server.get(&list, ADMIN_TOKEN).await.expect(200);
        }
        assert_eq!(records().await, 1);
        server.get("/api/reservations/my?email=me@example.com", ADMIN_TOKEN).await.expect(200);
        assert_eq!(records().await, 2);
        server.clock.set(NOW + 3600);
        server.get(&list, ADMIN_TOKEN).await.expect(200);
        assert_eq!(records().await, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_tells_browsers_what_they_need_not_do() {
    let server = Server::start(Engine::Sqlite).await;
    for path in ["/api/sessions", "/nowhere", "/docs/", "/api/reservations/my"] {
        let answer = server.get(path, "").await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"), "{policy}");
    }
    assert_eq!(server.get("/api/sessions", "").await.header("cache-control"), "no-store");
}
