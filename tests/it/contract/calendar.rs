//! `GET /api/sessions` and `GET /api/reservations/by-session`.

use serde_json::json;

use super::{OTHER_CAR, address, book, each, names};
use crate::harness::{ADMIN_TOKEN, Engine, NOW, Server, TODAY, TOMORROW, both_engines};

const DAY: i64 = 86_400;

both_engines! {
    async fn a_day_shows_every_bay_by_number_and_its_reservations_by_start(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let late = book(&server, &me, json!({"startTime": "20:00", "endTime": "22:00"})).await.expect(201);
        let early = book(&server, &me, json!({"startTime": "09:00", "endTime": "10:00"})).await.expect(201);
        let gone = book(&server, &me, json!({"startTime": "12:00", "endTime": "13:00"})).await.expect(201);
        server.delete(&address(&gone), &me).await.expect(200);
        let other = book(&server, &me, json!({"sessionId": 3})).await.expect(201);
        book(&server, &me, json!({"date": "2026-04-03"})).await.expect(201);
        let list = server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), &me).await.expect(200);
        assert_eq!(list.json, json!({"sessions": [
            {"sessionId": 1, "name": "세션 1", "reservations": [early.json, late.json]},
            {"sessionId": 2, "name": "세션 2", "reservations": []},
            {"sessionId": 3, "name": "세션 3", "reservations": [other.json]},
            {"sessionId": 4, "name": "세션 4", "reservations": []},
        ]}));
        let empty = server.get("/api/reservations/by-session?date=2027-01-01", "").await.expect(200);
        assert_eq!(each(&empty.json["sessions"], "reservations"), vec![json!([]); 4]);
    }

    async fn sessions_reach_from_today_to_the_horizon(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let today = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        let last = book(&server, &me, json!({"date": "2026-05-31", "startTime": "21:30", "endTime": "22:00"})).await.expect(201);
        let gone = book(&server, &me, json!({"sessionId": 2, "plate": OTHER_CAR})).await.expect(201);
        server.delete(&address(&gone), &me).await.expect(200);
        let shown = async || server.get("/api/sessions", ADMIN_TOKEN).await.expect(200).json;
        let all = shown().await;
        assert_eq!(all.as_array().unwrap().len(), 4);
        assert_eq!(names(&all[0]), ["name", "reservations", "sessionId"]);
        assert_eq!(all[0]["reservations"], json!([today.json, last.json]));
        assert_eq!(all[1]["reservations"], json!([]));
        // What is over stays until its day is.
        server.clock.set(NOW + 15 * 3600);
        assert_eq!(each(&shown().await[0]["reservations"], "status"), ["COMPLETED", "CONFIRMED"]);
        server.clock.set(NOW + 16 * 3600);
        assert_eq!(each(&shown().await[0]["reservations"], "id"), [last.json["id"].clone()]);
        server.clock.set(NOW + 61 * DAY);
        assert_eq!(shown().await[0]["reservations"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_date_is_422() {
    let server = Server::start(Engine::Sqlite).await;
    for path in ["/api/reservations/by-session", "/api/admin/reservations/by-session"] {
        for query in [
            "",
            "?date=",
            "?date=2026-02-29",
            "?date=20260401",
            "?date=today",
            "?date=2026-4-1",
            "?date=2026-04-01T00:00",
            "?day=2026-04-01",
            "?date=2026-04-01&date=2026-04-02",
        ] {
            let answer = server.get(&format!("{path}{query}"), ADMIN_TOKEN).await.expect_problem(422, "invalid_input");
            assert_eq!(answer.json["errors"][0]["field"], "date", "{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fourteen_days_at_once_are_answered_before_log_in() {
    let server = Server::start(Engine::Sqlite).await;
    let mut asked = Vec::new();
    for day in 1..=14 {
        let request =
            server.request(reqwest::Method::GET, &format!("/api/reservations/by-session?date=2026-04-{day:02}"));
        asked.push(tokio::spawn(crate::harness::Answer::of(request)));
    }
    for answer in asked {
        assert_eq!(answer.await.unwrap().expect(200).json["sessions"].as_array().unwrap().len(), 4);
    }
}
