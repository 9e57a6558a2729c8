//! The operators' log-in, list and removal.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOWHERE, PASSWORD, address, book, without_request_id};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TODAY, TOMORROW, both_engines};

const ADMIN: [(&str, &str); 2] = [("ADMIN_EMAIL", "Boss@Example.com"), ("ADMIN_PASSWORD", "twelve green tomatoes")];

async fn log_in(server: &Server, email: &str, password: &str) -> Answer {
    server.post("/api/admin/login", "", json!({"email": email, "password": password})).await
}

both_engines! {
    async fn the_token_of_the_log_in_lists_and_removes_until_the_shift_is_over(engine: Engine) {
        let server = Server::start_with(engine, &ADMIN).await;
        let login = log_in(&server, " BOSS@example.com ", "twelve green tomatoes").await.expect(200);
        let token = login.json["token"].as_str().unwrap();
        assert_eq!(login.json, json!({"token": token, "admin": {"email": "boss@example.com"}}));
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"contactEmail": "me@example.com"})).await.expect(201);
        let list = server.get(&format!("/api/admin/reservations/by-session?date={TOMORROW}"), token).await.expect(200);
        assert_eq!(list.json["sessions"][0], json!({"sessionId": 1, "name": "세션 1", "reservations": [made.json]}));
        assert_eq!(list.json["sessions"].as_array().unwrap().len(), 4);
        server.clock.set(NOW + 10 * 3600);
        let path = format!("/api/admin{}", address(&made).trim_start_matches("/api"));
        assert_eq!(server.delete(&path, token).await.expect(200).json, json!({"ok": true}));
        server.delete(&path, token).await.expect_problem(404, "reservation_not_found");
        let nowhere = format!("/api/admin/reservations/{NOWHERE}");
        server.delete(&nowhere, token).await.expect_problem(404, "reservation_not_found");
        server.delete("/api/admin/reservations/nonsense", token).await.expect_problem(404, "reservation_not_found");
        assert_eq!(server.get(&address(&made), token).await.expect(200).json["status"], "CANCELLED");
        server.clock.set(NOW + 12 * 3600);
        server.delete(&path, token).await.expect_problem(401, "token_invalid");
    }

    async fn operators_also_remove_what_is_over(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        server.clock.set(NOW + 5 * 3600);
        let path = format!("/api/admin{}", address(&made).trim_start_matches("/api"));
        server.delete(&path, ADMIN_TOKEN).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_bearer_is_401_and_the_scheme_is_in_any_case() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let made = book(&server, &me, json!({})).await.expect(201);
    let list = format!("/api/admin/reservations/by-session?date={TOMORROW}");
    let remove = format!("/api/admin{}", address(&made).trim_start_matches("/api"));
    let send = |method: Method, path: &str, header: Option<String>| {
        let mut request = server.request(method, path);
        if let Some(header) = header {
            request = request.header("Authorization", header);
        }
        Answer::of(request)
    };
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer wrong".to_owned()),
        Some(format!("Bearer {ADMIN_TOKEN}x")),
        Some(format!("Bearer{ADMIN_TOKEN}")),
        Some(ADMIN_TOKEN.to_owned()),
        Some(format!("Basic {ADMIN_TOKEN}")),
        Some(format!("Token {ADMIN_TOKEN}")),
    ];
    for header in wrong {
        for (method, path) in [(Method::GET, &list), (Method::DELETE, &remove)] {
            let answer = send(method, path, header.clone()).await.expect(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{header:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
    // The rights come before what was asked for: a wrong date and an unknown id tell nothing.
    send(Method::GET, "/api/admin/reservations/by-session", None).await.expect(401);
    send(Method::DELETE, &format!("/api/admin/reservations/{NOWHERE}"), None).await.expect(401);
    server.get(&list, &me).await.expect_problem(403, "forbidden");
    server.delete(&remove, &me).await.expect_problem(403, "forbidden");
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        send(Method::GET, &list, Some(format!("{scheme} {ADMIN_TOKEN}"))).await.expect(200);
    }
    send(Method::DELETE, &remove, Some(format!("bearer {ADMIN_TOKEN}"))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cause_of_a_refused_log_in_has_one_answer() {
    let server = Server::start_with(Engine::Sqlite, &ADMIN).await;
    server.driver("driver@example.com").await;
    let causes = [
        ("boss@example.com", "wrong"),
        ("nobody@example.com", "twelve green tomatoes"),
        ("nobody@example.com", "wrong"),
        ("no e-mail at all", "wrong"),
        // A driver's account is no operator's, right password or wrong.
        ("driver@example.com", PASSWORD),
        ("driver@example.com", "wrong"),
    ];
    let mut answers: Vec<Value> = Vec::new();
    for (email, password) in causes {
        answers
            .push(without_request_id(&log_in(&server, email, password).await.expect_problem(401, "credentials_wrong")));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}
