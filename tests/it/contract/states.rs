//! The status of a reservation follows the clock, and times go out in the business time zone.

use serde_json::{Value, json};

use super::{CAR, address, book};
use crate::harness::{ADMIN_TOKEN, Engine, NOW, Server, TODAY, both_engines};

const HOUR: i64 = 3600;

both_engines! {
    async fn the_status_follows_the_clock_with_the_end_outside(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        let states = [
            (2 * HOUR - 1, "CONFIRMED"),
            (2 * HOUR, "IN_PROGRESS"),
            (3 * HOUR - 1, "IN_PROGRESS"),
            (3 * HOUR, "COMPLETED"),
            (30 * 24 * HOUR, "COMPLETED"),
        ];
        for (after, state) in states {
            server.clock.set(NOW + after);
            assert_eq!(server.get(&address(&made), ADMIN_TOKEN).await.expect(200).json["status"], state, "{after}");
            let list = server.get(&format!("/api/reservations/by-session?date={TODAY}"), "").await.expect(200);
            assert_eq!(list.json["sessions"][0]["reservations"][0]["status"], state, "{after}");
        }
    }

    async fn a_cancelled_reservation_stays_cancelled(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        server.delete(&address(&made), &me).await.expect(200);
        for after in [0, 2 * HOUR, 3 * HOUR, 99 * HOUR] {
            server.clock.set(NOW + after);
            assert_eq!(server.get(&address(&made), ADMIN_TOKEN).await.expect(200).json["status"], "CANCELLED");
        }
    }

    async fn dates_and_times_stay_as_they_were_when_the_server_starts_again(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({})).await.expect(201);
        let clock = server.clock.clone();
        let mut database = server.stop().await;
        for _ in 0..2 {
            let server = Server::start_on(database, clock.clone(), &[]).await;
            let again = server.get(&address(&made), &me).await.expect(200);
            assert_eq!(again.json, made.json);
            database = server.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_day_is_24_00_and_each_half_belongs_to_its_own_day() {
    let server = Server::start_with(Engine::Sqlite, &[("OPENING_HOURS", "00:00-24:00")]).await;
    let me = server.driver("me@example.com").await;
    let last = json!({"date": TODAY, "startTime": "23:30", "endTime": "24:00"});
    let last = book(&server, &me, last).await.expect(201);
    assert_eq!((&last.json["date"], &last.json["endTime"]), (&json!(TODAY), &json!("24:00")));
    let first = json!({"date": "2026-04-02", "startTime": "00:00", "endTime": "0:30"});
    let first = book(&server, &me, first).await.expect(201);
    assert_eq!((&first.json["date"], &first.json["startTime"]), (&json!("2026-04-02"), &json!("00:00")));
    let midnight = json!({"date": TODAY, "startTime": "23:00", "endTime": "00:00"});
    book(&server, &me, midnight).await.expect_problem(400, "end_not_after_start");
    for (day, made) in [(TODAY, &last), ("2026-04-02", &first)] {
        let shown = server.get(&format!("/api/reservations/by-session?date={day}"), &me).await.expect(200);
        assert_eq!(shown.json["sessions"][0]["reservations"], json!([made.json]));
    }
    let free = server.get("/api/availability?days=2", "").await.expect(200);
    assert_eq!(free.json["openingHours"], json!({"startTime": "00:00", "endTime": "24:00"}));
    assert_eq!(free.json["sessions"][0]["days"][0]["busy"], json!([{"startTime": "23:30", "endTime": "24:00"}]));
    assert_eq!(free.json["sessions"][0]["days"][1]["busy"], json!([{"startTime": "00:00", "endTime": "00:30"}]));
    let at_midnight = json!({"plate": CAR, "timestamp": "2026-04-01T15:00:00Z"});
    let read = server.post("/api/plates/match", ADMIN_TOKEN, at_midnight).await.expect(200);
    assert_eq!(read.json["reservation"]["id"], first.json["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn null_is_sent_and_never_left_out() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let is_null = |object: &Value, field: &str| {
        assert_eq!(object.as_object().unwrap().get(field), Some(&Value::Null), "{field} of {object}");
    };
    let made = book(&server, &me, json!({})).await.expect(201);
    is_null(&made.json, "contactEmail");
    let blank = json!({"contactEmail": "", "startTime": "11:00", "endTime": "12:00"});
    is_null(&book(&server, &me, blank).await.expect(201).json, "contactEmail");
    is_null(&server.get("/api/reservations/my", &me).await.json[0], "contactEmail");
    let list = server.get("/api/reservations/by-session?date=2026-04-02", "").await;
    is_null(&list.json["sessions"][0]["reservations"][0], "contactEmail");
    let read = server.post("/api/plates/match", ADMIN_TOKEN, json!({"plate": CAR, "timestamp": NOW})).await.expect(200);
    assert_eq!((&read.json["plate"], &read.json["match"]), (&json!(CAR), &json!(false)));
    for field in ["reservation", "expected", "distance", "margin", "nearby"] {
        is_null(&read.json, field);
    }
    let free = server.post("/api/plates/verify", &me, json!({"plate": "34나5678"})).await.expect(200);
    is_null(&free.json, "conflictingReservation");
    let taken =
        json!({"plate": "34나5678", "sessionId": 1, "date": "2026-04-02", "startTime": "10:00", "endTime": "11:00"});
    let taken = server.post("/api/plates/verify", &me, taken).await.expect(200);
    is_null(&taken.json["conflictingReservation"], "contactEmail");
    is_null(&server.get("/api/bays", "").await.json[0], "closedReason");
}
