//! `POST /api/reservations/batch`.

use serde_json::{Value, json};

use super::{CAR, OTHER_CAR, book, each};
use crate::harness::{Answer, Engine, Server, TOMORROW, both_engines};

async fn batch(server: &Server, token: &str, bay: Value, times: Value) -> Answer {
    let body = json!({"sessionId": bay, "plate": CAR, "date": TOMORROW, "startTimes": times, "contactEmail": "Me@Example.com"});
    server.post("/api/reservations/batch", token, body).await
}

both_engines! {
    async fn each_start_books_one_hour_and_the_order_is_kept(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let times = json!(["20:30", "9:00", "13:30", "10:00"]);
        let made = batch(&server, &me, json!(2), times).await.expect(201);
        assert_eq!(each(&made.json, "startTime"), ["20:30", "09:00", "13:30", "10:00"]);
        assert_eq!(each(&made.json, "endTime"), ["21:30", "10:00", "14:30", "11:00"]);
        for one in made.json.as_array().unwrap() {
            assert_eq!((&one["sessionId"], &one["plate"], &one["date"]), (&json!(2), &json!(CAR), &json!(TOMORROW)));
            assert_eq!((&one["status"], &one["contactEmail"]), (&json!("CONFIRMED"), &json!("me@example.com")));
        }
        let mine = server.get("/api/reservations/my", &me).await.expect(200);
        assert_eq!(each(&mine.json, "startTime"), ["20:30", "13:30", "10:00", "09:00"]);
    }

    async fn it_is_all_or_nothing(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book(&server, &them, json!({"plate": OTHER_CAR, "startTime": "15:00", "endTime": "15:30"})).await.expect(201);
        book(&server, &them, json!({"sessionId": 3, "startTime": "18:00", "endTime": "18:30"})).await.expect(201);
        batch(&server, &me, json!(1), json!(["09:00", "12:00", "14:30"])).await.expect_problem(409, "bay_taken");
        batch(&server, &me, json!(1), json!(["09:00", "12:00", "17:30"])).await.expect_problem(409, "plate_taken");
        batch(&server, &me, json!(1), json!(["09:00", "12:00", "21:30"])).await.expect_problem(400, "after_closing");
        batch(&server, &me, json!(1), json!(["09:00", "12:15"])).await.expect_problem(400, "not_on_half_hour");
        assert_eq!(server.get("/api/reservations/my", &me).await.json, json!([]));
        let list = server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), "").await.expect(200);
        assert_eq!(list.json["sessions"][0]["reservations"].as_array().unwrap().len(), 1);
        batch(&server, &me, json!(1), json!(["09:00", "12:00", "14:00"])).await.expect(201);
    }

    async fn any_is_one_bay_that_is_free_at_all_of_them(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book(&server, &them, json!({"plate": OTHER_CAR, "startTime": "09:00", "endTime": "10:00"})).await.expect(201);
        book(&server, &them, json!({"plate": OTHER_CAR, "sessionId": 2, "startTime": "12:00", "endTime": "13:00"})).await.expect(201);
        let made = batch(&server, &me, json!("any"), json!(["09:00", "12:00"])).await.expect(201);
        assert_eq!(each(&made.json, "sessionId"), [3, 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_an_empty_one_and_starts_that_overlap_are_422() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let wrong = [
        json!([]),
        json!(["09:00", "09:00"]),
        json!(["09:00", "9:00"]),
        json!(["09:00", "12:00", "09:30"]),
        json!(vec!["09:00"; 25]),
        json!("09:00"),
        json!({"0": "09:00"}),
        json!(9),
        json!([9]),
        json!(["09:00:00"]),
        json!(["09:00", null]),
        json!([["09:00"]]),
        Value::Null,
    ];
    for times in wrong {
        let answer = batch(&server, &me, json!(1), times.clone()).await.expect_problem(422, "invalid_input");
        assert_eq!(answer.json["errors"][0]["field"], "startTimes", "{times}");
    }
    assert_eq!(server.get("/api/reservations/my", &me).await.json, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_that_would_run_past_midnight_is_refused_and_never_shortened() {
    let server = Server::start_with(Engine::Sqlite, &[("OPENING_HOURS", "00:00-24:00")]).await;
    let me = server.driver("me@example.com").await;
    for start in ["23:30", "24:00"] {
        let answer = batch(&server, &me, json!(1), json!(["10:00", start])).await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
    assert_eq!(server.get("/api/reservations/my", &me).await.json, json!([]));
    let made = batch(&server, &me, json!(1), json!(["23:00"])).await.expect(201);
    assert_eq!(each(&made.json, "endTime"), ["24:00"]);
}
