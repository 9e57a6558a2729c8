//! `POST /api/plates/verify`.

use serde_json::{Value, json};

use super::{CAR, OTHER_CAR, address, book, names};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TODAY, TOMORROW, both_engines};

async fn verify(server: &Server, token: &str, question: Value) -> Answer {
    let answer = server.post("/api/plates/verify", token, question).await.expect(200);
    assert_eq!(names(&answer.json), ["conflict", "conflictingReservation", "message", "valid"]);
    assert!(!answer.json["message"].as_str().unwrap().is_empty());
    answer
}

/// A good question with some fields changed.
fn question(changes: Value) -> Value {
    super::booking(changes)
}

#[track_caller]
fn is(answer: &Answer, valid: bool, conflict: bool) {
    assert_eq!((&answer.json["valid"], &answer.json["conflict"]), (&json!(valid), &json!(conflict)), "{}", answer.text);
    if !conflict {
        assert_eq!(answer.json["conflictingReservation"], Value::Null);
    }
}

both_engines! {
    async fn a_taken_bay_or_a_taken_car_is_a_conflict(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        is(&verify(&server, &me, question(json!({}))).await, true, false);
        let theirs = book(&server, &them, json!({"plate": OTHER_CAR, "contactEmail": "them@example.com"})).await.expect(201);
        let bay = verify(&server, &me, question(json!({}))).await;
        is(&bay, false, true);
        let told = json!({"id": theirs.json["id"], "sessionId": 1, "plate": null, "date": TOMORROW, "startTime": "10:00",
            "endTime": "11:00", "status": "CONFIRMED", "contactEmail": null});
        assert_eq!(bay.json["conflictingReservation"], told);
        assert!(!bay.text.contains("34나") && !bay.text.contains("them@"), "{}", bay.text);
        // Another bay and the same car: somebody else holds it, and still nothing is told of them.
        let car = verify(&server, &me, question(json!({"sessionId": 2, "plate": "34 나-5678"}))).await;
        is(&car, false, true);
        assert_eq!(car.json["conflictingReservation"], told);
        // To those who may see them, plate and e-mail are told.
        for token in [ADMIN_TOKEN, them.as_str()] {
            let seen = verify(&server, token, question(json!({}))).await;
            assert_eq!(seen.json["conflictingReservation"], theirs.json);
        }
        // Free: another bay for another car, and times that touch.
        is(&verify(&server, &me, question(json!({"sessionId": 2}))).await, true, false);
        is(&verify(&server, &me, question(json!({"startTime": "11:00", "endTime": "12:00"}))).await, true, false);
        is(&verify(&server, &me, question(json!({"startTime": "10:30", "endTime": "11:30"}))).await, false, true);
        // Without a bay only the car counts.
        is(&verify(&server, &me, question(json!({"sessionId": null}))).await, true, false);
        is(&verify(&server, &me, question(json!({"sessionId": null, "plate": OTHER_CAR}))).await, false, true);
        // Asking books nothing, and what is cancelled is no conflict.
        server.delete(&address(&theirs), &them).await.expect(200);
        is(&verify(&server, &me, question(json!({}))).await, true, false);
        assert_eq!(server.get("/api/reservations/my", &me).await.json, json!([]));
    }

    async fn any_bay_is_valid_while_one_is_free(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        for bay in 1..=4 {
            is(&verify(&server, &me, question(json!({"sessionId": "any"}))).await, true, false);
            book(&server, &them, json!({"sessionId": bay, "plate": format!("34나567{bay}")})).await.expect(201);
        }
        let full = verify(&server, &me, question(json!({"sessionId": "any"}))).await;
        is(&full, false, true);
        assert_eq!(full.json["conflictingReservation"], Value::Null);
        let car = json!({"sessionId": "any", "plate": "34나5671", "startTime": "10:30", "endTime": "11:30"});
        is(&verify(&server, &me, question(car)).await, false, true);
    }

    async fn without_a_time_it_looks_at_what_is_active_or_to_come(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let plate = || json!({"plate": CAR});
        is(&verify(&server, &me, plate()).await, true, false);
        let today = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        let later = book(&server, &me, json!({"date": "2026-04-20"})).await.expect(201);
        let conflict = async || verify(&server, ADMIN_TOKEN, plate()).await.json["conflictingReservation"]["id"].clone();
        assert_eq!(conflict().await, today.json["id"], "to come: the first");
        server.clock.set(NOW + 2 * 3600);
        assert_eq!(conflict().await, today.json["id"], "running");
        server.clock.set(NOW + 3 * 3600 - 1);
        assert_eq!(conflict().await, today.json["id"], "running until the end");
        server.clock.set(NOW + 3 * 3600);
        assert_eq!(conflict().await, later.json["id"], "over");
        server.delete(&address(&later), &me).await.expect(200);
        is(&verify(&server, &me, plate()).await, true, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_never_be_booked_is_not_valid_and_says_why() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let closed = json!({"closed": true, "closedReason": "케이블 교체"});
    server.patch("/api/bays/2", ADMIN_TOKEN, closed).await.expect(200);
    let cases = [
        (json!({"sessionId": 99}), "자리를 찾을 수 없습니다"),
        (json!({"sessionId": 2}), "사유: 케이블 교체"),
        (json!({"startTime": "08:00", "endTime": "09:00"}), "09:00-22:00"),
        (json!({"startTime": "21:30", "endTime": "22:30"}), "09:00-22:00"),
        (json!({"startTime": "11:00", "endTime": "10:00"}), "종료 시간은 시작 시간보다"),
        (json!({"startTime": "10:00", "endTime": "10:00"}), "종료 시간은 시작 시간보다"),
        (json!({"startTime": "10:15", "endTime": "11:00"}), "30분"),
        (json!({"date": "2026-03-31"}), "지난 시간"),
        (json!({"date": "2026-06-01"}), "60일"),
        (json!({"plate": "nonsense"}), "번호판"),
        (json!({"plate": "12긱3456"}), "번호판"),
    ];
    for (change, part) in cases {
        let answer = verify(&server, &me, question(change.clone())).await;
        is(&answer, false, false);
        assert!(answer.json["message"].as_str().unwrap().contains(part), "{change}: {}", answer.text);
    }
    // Without a time, too.
    is(&verify(&server, &me, json!({"plate": CAR, "sessionId": 99})).await, false, false);
    is(&verify(&server, &me, json!({"plate": CAR, "sessionId": 2})).await, false, false);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_text_and_null_count_as_not_given() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    book(&server, &me, json!({})).await.expect(201);
    for nothing in [json!(""), json!("  "), Value::Null] {
        let all =
            json!({"plate": CAR, "sessionId": nothing, "date": nothing, "startTime": nothing, "endTime": nothing});
        is(&verify(&server, &me, all.clone()).await, false, true);
        let mut other = all;
        other["plate"] = json!(OTHER_CAR);
        is(&verify(&server, &me, other).await, true, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_not_well_formed_is_422() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let wrong = [
        ("plate", json!({"plate": null})),
        ("plate", json!({"plate": 5})),
        ("sessionId", json!({"sessionId": "first"})),
        ("date", json!({"date": "2026-02-30"})),
        ("startTime", json!({"startTime": "10:00:00"})),
        ("endTime", json!({"endTime": 11})),
    ];
    for (field, change) in wrong {
        let answer = server.post("/api/plates/verify", &me, question(change)).await;
        assert_eq!(answer.expect_problem(422, "invalid_input").json["errors"][0]["field"], field);
    }
    server.post("/api/plates/verify", "", question(json!({}))).await.expect_problem(401, "login_required");
}
