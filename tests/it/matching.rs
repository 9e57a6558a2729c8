//! Reads of cameras over HTTP: which car they are taken for, and which not.

use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TOMORROW, both_engines};

/// 09:30 of tomorrow in Seoul.
const HALF_PAST_NINE: &str = "2026-04-02T09:30:00+09:00";

async fn camera(server: &Server) -> String {
    let key = server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "gate", "scope": "camera"})).await.expect(201);
    key.json["bearer"].as_str().unwrap().to_owned()
}

async fn seen(server: &Server, token: &str, plate: &str, at: &str) -> Answer {
    server.post("/api/plates/match", token, json!({"plate": plate, "timestamp": at})).await.expect(200)
}

/// Books every plate at a bay of its own, tomorrow from nine to ten.
async fn booked(engine: Engine, plates: &[&str], more: &[(&str, &str)]) -> Server {
    let server = Server::start_with(engine, more).await;
    for (number, plate) in plates.iter().enumerate() {
        server.book(ADMIN_TOKEN, json!(number + 1), plate, "09:00", "10:00").await.expect(201);
    }
    server
}

/// What an answer says: match, how, and the plate that was found.
fn told(answer: &Answer) -> (bool, &str, Option<&str>) {
    (answer.json["match"].as_bool().unwrap(), answer.json["how"].as_str().unwrap(), answer.json["expected"].as_str())
}

both_engines! {
    async fn a_misread_car_is_known_and_a_stranger_is_not(engine: Engine) {
        let server = booked(engine, &["12가3456", "345나6789", "서울32바1234"], &[]).await;
        let of = |plate: &'static str| seen(&server, ADMIN_TOKEN, plate, HALF_PAST_NINE);
        for (read, found) in [
            ("12가3456", (true, "exact", Some("12가3456"))),
            ("12 가 3456", (true, "exact", Some("12가3456"))),
            ("32바1234", (true, "exact", Some("서울32바1234"))),
            ("12거3456", (true, "tolerant", Some("12가3456"))),
            ("12가3458", (true, "tolerant", Some("12가3456"))),
            ("45나6789", (true, "tolerant", Some("345나6789"))),
            ("77마9012", (false, "none", None)),
            ("12가9999", (false, "none", None)),
            ("부산32바1234", (false, "none", None)),
            ("EV PARKING", (false, "none", None)),
        ] {
            let answer = of(read).await;
            assert_eq!(told(&answer), found, "{read}: {}", answer.text);
            assert_eq!(answer.json["plate"], read);
            assert_eq!(answer.json["reservation"].is_null(), !found.0);
        }
        // What a tolerant match says refuses nobody: the car that was misread can still book.
        let verify = json!({"plate": "12거3456", "date": TOMORROW, "startTime": "09:00", "endTime": "10:00"});
        let verdict = server.post("/api/plates/verify", ADMIN_TOKEN, verify).await.expect(200);
        assert_eq!((&verdict.json["valid"], &verdict.json["conflict"]), (&json!(true), &json!(false)));
        server.book(ADMIN_TOKEN, json!(4), "12거3456", "09:00", "10:00").await.expect(201);
    }

    async fn twins_are_not_taken_for_each_other(engine: Engine) {
        let server = booked(engine, &["12가3456", "12가3458"], &[]).await;
        let of = |plate: &'static str| seen(&server, ADMIN_TOKEN, plate, HALF_PAST_NINE);
        assert_eq!(told(&of("12가3456").await), (true, "exact", Some("12가3456")));
        assert_eq!(told(&of("12가3458").await), (true, "exact", Some("12가3458")));
        // Between the two, a person decides.
        let between = of("12가3450").await;
        assert_eq!(told(&between), (false, "none", None), "{}", between.text);
        assert_eq!(between.json["needsReview"], true, "{}", between.text);
    }

    async fn early_and_late_cars_are_told_from_strangers(engine: Engine) {
        let server = booked(engine, &["12가3456"], &[("MATCH_EARLY_MINUTES", "20"), ("MATCH_LATE_MINUTES", "5")]).await;
        for (read, at, when) in [
            ("12가3456", "08:39:59", None),
            ("12가3456", "08:40:00", Some("early")),
            ("12가3458", "08:59:59", Some("early")),
            ("12가3456", "10:00:00", Some("late")),
            ("12가3456", "10:04:59", Some("late")),
            ("12가3456", "10:05:00", None),
            ("77마9012", "08:55:00", None),
        ] {
            let answer = seen(&server, ADMIN_TOKEN, read, &format!("{TOMORROW}T{at}+09:00")).await;
            assert_eq!((&answer.json["match"], &answer.json["reservation"]), (&json!(false), &Value::Null), "{at}");
            assert_eq!(answer.json["nearby"]["when"].as_str(), when, "{read} at {at}: {}", answer.text);
            assert_eq!(answer.json["nearby"]["reservation"]["plate"].as_str(), when.map(|_| "12가3456"));
        }
        // A car that comes between two reservations of its own comes to the one that runs.
        server.book(ADMIN_TOKEN, json!(2), "12가3456", "10:00", "10:30").await.expect(201);
        let answer = seen(&server, ADMIN_TOKEN, "12가3458", &format!("{TOMORROW}T10:01:00+09:00")).await;
        assert_eq!(answer.json["reservation"]["sessionId"], 2, "{}", answer.text);
    }

    async fn tolerance_can_be_turned_off(engine: Engine) {
        let server = booked(engine, &["12가3456"], &[("MATCH_TOLERANCE", "exact")]).await;
        assert_eq!(told(&seen(&server, ADMIN_TOKEN, "12가3456", HALF_PAST_NINE).await), (true, "exact", Some("12가3456")));
        let misread = seen(&server, ADMIN_TOKEN, "12가3458", HALF_PAST_NINE).await;
        assert_eq!(told(&misread), (false, "none", None));
        assert_eq!(misread.json["reason"], "tolerance_off");
    }

    async fn who_may_not_see_plates_sees_them_masked_here_too(engine: Engine) {
        let server = booked(engine, &["12가3456"], &[]).await;
        let camera = camera(&server).await;
        let answer = seen(&server, &camera, "12가3458", HALF_PAST_NINE).await;
        assert_eq!(told(&answer), (true, "tolerant", Some("12가**56")));
        assert!(!answer.text.contains("12가3456"), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_reader_says_of_its_confidence_counts() {
    let server = booked(Engine::Sqlite, &["12가3456"], &[]).await;
    let send = |more: Value| {
        let mut body = json!({"plate": "12너3956", "timestamp": HALF_PAST_NINE});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.post("/api/plates/match", ADMIN_TOKEN, body)
    };
    // Two characters wrong is a stranger, unless the reader was unsure of just those.
    assert_eq!(send(json!({})).await.expect(200).json["match"], false);
    let unsure = send(json!({"confidences": [0.99, 0.99, 0.4, 0.99, 0.4, 0.99, 0.99]})).await.expect(200);
    assert_eq!(told(&unsure), (true, "tolerant", Some("12가3456")), "{}", unsure.text);
    let sure = send(json!({"confidences": [0.99, 0.99, 0.99, 0.99, 0.99, 0.99, 0.99]})).await.expect(200);
    assert_eq!(sure.json["match"], false, "{}", sure.text);
    let listed = json!([{"plate": "12너3956", "confidence": 0.5}, {"plate": "12가3456", "confidence": 0.4}]);
    let listed = send(json!({"candidates": listed})).await.expect(200);
    assert_eq!(told(&listed), (true, "tolerant", Some("12가3456")), "{}", listed.text);
    for (more, field, code) in [
        (json!({"confidences": [1.5]}), "confidences", "confidence_invalid"),
        (json!({"confidences": "high"}), "confidences", "wrong_type"),
        (json!({"confidences": vec![0.5; 33]}), "confidences", "confidence_invalid"),
        (json!({"candidates": [{"plate": "12가3456"}]}), "candidates", "candidates_invalid"),
        (json!({"candidates": [{"plate": 5, "confidence": 0.5}]}), "candidates", "candidates_invalid"),
        (json!({"candidates": {}}), "candidates", "wrong_type"),
    ] {
        let answer = send(more).await.expect_problem(422, "invalid_input");
        assert_eq!(
            (&answer.json["errors"][0]["field"], &answer.json["errors"][0]["code"]),
            (&json!(field), &json!(code))
        );
    }
}
