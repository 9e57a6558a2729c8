//! The header `Idempotency-Key`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CAR, address, booking, each};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TOMORROW, both_engines};

async fn send(server: &Server, token: &str, path: &str, key: &str, body: &Value) -> Answer {
    let request = server.request(Method::POST, path).bearer_auth(token).header("Idempotency-Key", key);
    Answer::of(request.json(body)).await
}

both_engines! {
    async fn the_same_key_and_body_act_once_and_have_one_answer(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let batch = json!({"sessionId": 2, "plate": CAR, "date": TOMORROW, "startTimes": ["12:00", "15:00"]});
        let calls = [
            (me.as_str(), "/api/reservations", booking(json!({}))),
            (me.as_str(), "/api/reservations/batch", batch),
            (ADMIN_TOKEN, "/api/bays", json!({"name": "five"})),
        ];
        for (token, path, body) in calls {
            let first = send(&server, token, path, path.trim_start_matches('/'), &body).await.expect(201);
            for _ in 0..2 {
                let again = send(&server, token, path, path.trim_start_matches('/'), &body).await.expect(201);
                assert_eq!((&again.json, again.header("location")), (&first.json, first.header("location")));
            }
        }
        assert_eq!(server.get("/api/reservations/my", &me).await.json.as_array().unwrap().len(), 3);
        assert_eq!(server.get("/api/bays", "").await.json.as_array().unwrap().len(), 5);
    }

    async fn another_body_is_422_and_does_nothing(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        send(&server, &me, "/api/reservations", "key", &booking(json!({}))).await.expect(201);
        let other = booking(json!({"startTime": "12:00", "endTime": "13:00"}));
        let refused = send(&server, &me, "/api/reservations", "key", &other).await;
        refused.expect_problem(422, "idempotency_key_reused");
        let batch = json!({"plate": CAR, "date": TOMORROW, "startTimes": ["12:00"]});
        let refused = send(&server, &me, "/api/reservations/batch", "key", &batch).await;
        refused.expect_problem(422, "idempotency_key_reused");
        assert_eq!(each(&server.get("/api/reservations/my", &me).await.json, "startTime"), ["10:00"]);
        // Somebody else's key of the same name is another key.
        let them = server.driver("them@example.com").await;
        let theirs = booking(json!({"plate": "34나5678", "sessionId": 2}));
        send(&server, &them, "/api/reservations", "key", &theirs).await.expect(201);
    }

    async fn a_refusal_is_repeated_too(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let holder = super::book(&server, &them, json!({"plate": "34나5678"})).await.expect(201);
        send(&server, &me, "/api/reservations", "one", &booking(json!({}))).await.expect_problem(409, "bay_taken");
        server.delete(&address(&holder), &them).await.expect(200);
        send(&server, &me, "/api/reservations", "one", &booking(json!({}))).await.expect_problem(409, "bay_taken");
        send(&server, &me, "/api/reservations", "two", &booking(json!({}))).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_1_to_255_printable_characters() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    for key in [String::new(), "with space".to_owned(), "x".repeat(256)] {
        let answer = send(&server, &me, "/api/reservations", &key, &booking(json!({}))).await;
        answer.expect_problem(422, "idempotency_key_invalid");
    }
    send(&server, &me, "/api/reservations", &"x".repeat(255), &booking(json!({}))).await.expect(201);
    let again = send(&server, &me, "/api/reservations", "!~", &booking(json!({}))).await;
    again.expect_problem(409, "bay_taken");
}
