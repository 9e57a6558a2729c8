//! Korean unless English is asked for.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CAR, booking};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server};

fn is_korean(text: &Value) -> bool {
    text.as_str().unwrap().chars().any(|c| ('가'..='힣').contains(&c))
}

#[tokio::test(flavor = "multi_thread")]
async fn sentences_are_korean_unless_english_is_asked_for() {
    let server = Server::start(Engine::Sqlite).await;
    let asked = [
        (None, true),
        (Some("ko"), true),
        (Some("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"), true),
        (Some("fr"), true),
        (Some("*"), true),
        (Some("en"), false),
        (Some("en-US,en;q=0.9,ko;q=0.8"), false),
    ];
    for (language, korean) in asked {
        let send = |method: Method, path: &str, body: Value| {
            let mut request = server.request(method, path).bearer_auth(ADMIN_TOKEN).json(&body);
            if let Some(language) = language {
                request = request.header("Accept-Language", language);
            }
            Answer::of(request)
        };
        let problems = [
            send(Method::POST, "/api/reservations", booking(json!({"sessionId": 99}))).await.expect(404),
            send(Method::POST, "/api/reservations", booking(json!({"endTime": "09:00"}))).await.expect(400),
            send(Method::GET, "/nowhere", json!({})).await.expect(404),
            send(Method::PUT, "/api/reservations", json!({})).await.expect(405),
        ];
        for problem in problems {
            assert_eq!(is_korean(&problem.json["detail"]), korean, "{language:?}: {}", problem.text);
            assert_eq!(problem.header("content-language"), if korean { "ko" } else { "en" });
        }
        let fields = send(Method::POST, "/api/reservations", json!({})).await.expect(422);
        assert_eq!(is_korean(&fields.json["detail"]), korean);
        assert!(fields.json["errors"].as_array().unwrap().iter().all(|error| is_korean(&error["message"]) == korean));
        for question in
            [json!({"plate": CAR}), booking(json!({"sessionId": 99})), booking(json!({"date": "2026-03-01"}))]
        {
            let verdict = send(Method::POST, "/api/plates/verify", question).await.expect(200);
            assert_eq!(is_korean(&verdict.json["message"]), korean, "{}", verdict.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_in_a_sentence_are_those_of_the_site() {
    let server =
        Server::start_with(Engine::Sqlite, &[("OPENING_HOURS", "06:00-23:30"), ("BOOKING_HORIZON_DAYS", "7")]).await;
    let detail = async |change: Value| {
        let answer = server.post("/api/reservations", ADMIN_TOKEN, booking(change)).await.expect(400);
        assert!(!answer.text.contains('{') || !answer.json["detail"].as_str().unwrap().contains('{'));
        answer.json["detail"].as_str().unwrap().to_owned()
    };
    assert!(detail(json!({"startTime": "05:30"})).await.contains("06:00-23:30"));
    assert!(detail(json!({"endTime": "24:00"})).await.contains("06:00-23:30"));
    assert!(detail(json!({"date": "2026-04-09"})).await.contains("7일"));
}
