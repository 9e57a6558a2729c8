//! General: what is accepted, and what goes out.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CAR, address, book, booking, names};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TOMORROW, both_engines};

both_engines! {
    async fn a_reservation_has_these_fields_and_no_others(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let email = json!({"contactEmail": "  Me@Example.COM ", "plate": "  12가 3456 "});
        let made = book(&server, &me, email).await.expect(201);
        let expected = json!({"id": made.json["id"], "sessionId": 1, "plate": "12가 3456", "date": TOMORROW,
            "startTime": "10:00", "endTime": "11:00", "status": "CONFIRMED", "contactEmail": "me@example.com"});
        assert_eq!(made.json, expected);
        assert!(uuid::Uuid::try_parse(made.json["id"].as_str().unwrap()).is_ok());
        assert_eq!(made.header("location"), address(&made));
        assert_eq!(server.get(&address(&made), &me).await.expect(200).json, expected);
        assert_eq!(server.get("/api/reservations/my", &me).await.expect(200).json, json!([expected]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_may_be_in_snake_case_with_numbers_as_text_and_times_without_a_leading_zero() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let body = json!({"session_id": "3", "plate": CAR, "date": TOMORROW, "start_time": "9:00", "end_time": "9:30",
        "contact_email": "me@example.com"});
    let made = server.post("/api/reservations", &me, body).await.expect(201);
    assert_eq!(made.json["sessionId"], 3);
    assert_eq!((&made.json["startTime"], &made.json["endTime"]), (&json!("09:00"), &json!("09:30")));
    assert_eq!(made.json["contactEmail"], "me@example.com");
    let batch = json!({"session_id": "2", "plate": CAR, "date": TOMORROW, "start_times": ["9:30"]});
    let batch = server.post("/api/reservations/batch", &me, batch).await.expect(201);
    assert_eq!((&batch.json[0]["sessionId"], &batch.json[0]["endTime"]), (&json!(2), &json!("10:30")));
    let asked =
        json!({"plate": "34나5678", "session_id": "3", "date": TOMORROW, "start_time": "9:00", "end_time": "9:30"});
    let verdict = server.post("/api/plates/verify", &me, asked).await.expect(200);
    assert_eq!((&verdict.json["valid"], &verdict.json["conflict"]), (&json!(false), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_ignored_on_the_calls_of_the_report_and_refused_on_new_ones() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let made = book(&server, &me, json!({"colour": "red"})).await.expect(201);
    let later = json!({"plate": CAR, "date": TOMORROW, "startTimes": ["12:00"], "colour": 1});
    server.post("/api/reservations/batch", &me, later).await.expect(201);
    server.post("/api/plates/verify", &me, json!({"plate": CAR, "colour": []})).await.expect(200);
    let read = json!({"plate": CAR, "timestamp": NOW, "colour": {}});
    server.post("/api/plates/match", ADMIN_TOKEN, read).await.expect(200);
    let login = json!({"email": "me@example.com", "password": super::PASSWORD, "remember": true});
    server.post("/api/user/login", "", login).await.expect(200);
    server.get(&format!("/api/reservations/by-session?date={TOMORROW}&_=1"), "").await.expect(200);
    server.get("/api/reservations/my?page=2", &me).await.expect(200);
    let refused = [
        (Method::PATCH, address(&made), json!({"colour": "red"})),
        (Method::POST, "/api/bays".to_owned(), json!({"name": "five", "colour": "red"})),
        (Method::PATCH, "/api/bays/1".to_owned(), json!({"colour": "red"})),
        (
            Method::POST,
            "/api/user/register".to_owned(),
            json!({"email": "x@example.com", "password": "long enough 12", "colour": "red"}),
        ),
    ];
    for (method, path, body) in refused {
        let answer = server.send(method, &path, ADMIN_TOKEN, Some(body)).await.expect_problem(422, "invalid_input");
        assert_eq!(
            (&answer.json["errors"][0]["field"], &answer.json["errors"][0]["code"]),
            (&json!("colour"), &json!("unknown"))
        );
    }
    server.get("/api/availability?colour=red", "").await.expect_problem(422, "invalid_input");
}

/// Each: the field that is told, its code, and what is changed in a good body.
fn wrong_bodies() -> Vec<(&'static str, &'static str, Value)> {
    let mut wrong = vec![
        ("plate", "missing", json!({"plate": null})),
        ("date", "missing", json!({"date": null})),
        ("startTime", "missing", json!({"startTime": null})),
        ("endTime", "missing", json!({"endTime": null})),
        ("sessionId", "duplicate", json!({"session_id": 1})),
        ("plate", "plate_invalid", json!({"plate": "abc"})),
        ("plate", "blank", json!({"plate": "  "})),
        ("plate", "too_long", json!({"plate": "1".repeat(65)})),
        ("plate", "wrong_type", json!({"plate": 123_456})),
        ("contactEmail", "email_invalid", json!({"contactEmail": "me at example"})),
        ("contactEmail", "email_invalid", json!({"contactEmail": "a@example.com\nBcc: b@example.com"})),
        ("contactEmail", "too_long", json!({"contactEmail": format!("{}@example.com", "a".repeat(250))})),
        ("contactEmail", "wrong_type", json!({"contactEmail": 5})),
    ];
    for bay in
        [json!(1.5), json!(true), json!(""), json!("one"), json!("1.0"), json!([1]), json!("99999999999999999999")]
    {
        wrong.push(("sessionId", "bay_invalid", json!({"sessionId": bay})));
    }
    for date in [
        "2026-02-29",
        "2026-13-01",
        "2026-4-2",
        "20260402",
        "2026/04/02",
        "2026-04-02T00:00:00",
        "",
        "tomorrow",
        "0000-00-00",
        "9999-12-31",
    ] {
        wrong.push(("date", "date_invalid", json!({"date": date})));
    }
    wrong.push(("date", "wrong_type", json!({"date": 20_260_402})));
    for time in ["09:00:00", "9", "0900", "25:00", "24:30", "09:60", "9:0", "-1:00", "09:00 ", "오전 9시", ""] {
        wrong.push(("startTime", "time_invalid", json!({"startTime": time})));
        wrong.push(("endTime", "time_invalid", json!({"endTime": time})));
    }
    wrong.push(("startTime", "wrong_type", json!({"startTime": 9})));
    wrong.push(("endTime", "wrong_type", json!({"endTime": 39_600})));
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_422_named_with_a_sentence_and_never_echoed() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    for (field, code, change) in wrong_bodies() {
        let answer = book(&server, &me, change.clone()).await.expect_problem(422, "invalid_input");
        let errors = answer.json["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{change}: {}", answer.text);
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(field), &json!(code)), "{change}");
        assert_eq!(names(&errors[0]), ["code", "field", "message"]);
        assert!(!errors[0]["message"].as_str().unwrap().is_empty());
    }
    let marked =
        booking(json!({"plate": "ECHO-ME-NOT", "date": "ECHO-ME-NOT", "contactEmail": "ECHO-ME-NOT", "<b>ECHO": 1}));
    let answer = server.post("/api/reservations", &me, marked).await.expect_problem(422, "invalid_input");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 3, "all are told at once");
    assert!(!answer.text.contains("ECHO"), "{}", answer.text);
    assert_eq!(server.get("/api/reservations/my", &me).await.json, json!([]), "nothing was booked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_is_422_and_a_flood_of_keys_is_refused_at_once() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let send = |body: Vec<u8>| {
        let request = server.request(Method::POST, "/api/reservations").bearer_auth(&me);
        Answer::of(request.header("Content-Type", "application/json").body(body))
    };
    for body in ["", "null", "[]", "\"x\"", "{", "{\"plate\":NaN}", "{\"plate\":1e999}", "{'plate':1}", "{}{}"] {
        assert_eq!(send(body.into()).await.expect(422).json["status"], 422, "{body:?}");
    }
    send(b"{\"plate\":\"\xff\xfe\"}".to_vec()).await.expect_problem(422, "malformed_json");
    send(format!("{{\"plate\":{}1{}}}", "[".repeat(900), "]".repeat(900)).into())
        .await
        .expect_problem(422, "json_too_deep");
    let keys: Vec<String> = (0..300_000).map(|number| format!("\"k{number}\":1")).collect();
    let started = std::time::Instant::now();
    send(format!("{{{}}}", keys.join(",")).into()).await.expect_problem(413, "body_too_large");
    assert!(started.elapsed().as_secs() < 2);
}
