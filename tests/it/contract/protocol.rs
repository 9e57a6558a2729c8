//! What every answer has: problems, request ids, HEAD, 405, health.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOWHERE, book, booking, names};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TOMORROW, both_engines};

both_engines! {
    async fn health_answers_ok_also_without_a_body(engine: Engine) {
        let server = Server::start(engine).await;
        for path in ["/health", "/health/live", "/health/ready"] {
            assert_eq!(server.get(path, "").await.expect(200).json, json!({"status": "ok"}), "{path}");
            let head = server.send(Method::HEAD, path, "", None).await.expect(200);
            assert_eq!((head.text.as_str(), head.header("content-type")), ("", "application/json"), "{path}");
        }
        assert_eq!(server.get("/health", "").await.text, "{\"status\":\"ok\"}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem_with_a_sentence_and_the_id_of_its_request() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    book(&server, &me, json!({})).await.expect(201);
    let problems = [
        server.get("/api/reservations/my", "").await.expect(401),
        server.get("/api/admin/accounts", &me).await.expect(403),
        server.get("/nowhere", "").await.expect(404),
        server.get(&format!("/api/reservations/{NOWHERE}"), &me).await.expect(404),
        server.send(Method::PUT, "/api/sessions", "", None).await.expect(405),
        book(&server, &me, json!({"endTime": "10:00"})).await.expect(400),
        book(&server, &me, json!({})).await.expect(409),
        book(&server, &me, json!({"plate": 5})).await.expect(422),
        server.get("/api/reservations/by-session", "").await.expect(422),
        server.get("/api/reservations/by-session?date=%FF", "").await.expect(422),
        Answer::of(
            server
                .request(Method::POST, "/api/reservations")
                .bearer_auth(&me)
                .header("Content-Type", "text/plain")
                .body("x"),
        )
        .await
        .expect(415),
        Answer::of(server.request(Method::POST, "/api/reservations").bearer_auth(&me).body("x".repeat(20_000)))
            .await
            .expect(413),
    ];
    for problem in problems {
        assert_eq!(problem.header("content-type"), "application/problem+json", "{}", problem.text);
        let body = &problem.json;
        assert_eq!(body["status"], problem.status.as_u16());
        assert_eq!(body["type"], format!("urn:jari:problem:{}", problem.code()));
        assert!(problem.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert!(body["detail"].as_str().unwrap().ends_with('.') && !body["title"].as_str().unwrap().is_empty());
        assert_eq!(body["requestId"], problem.header("x-request-id"));
        let mut fields = vec!["code", "detail", "requestId", "status", "title", "type"];
        if problem.code() == "invalid_input" {
            fields.insert(2, "errors");
        }
        assert_eq!(names(body), fields);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_given_back_if_it_is_fit_and_made_if_not() {
    let server = Server::start(Engine::Sqlite).await;
    let ask = async |id: Option<&str>| {
        let mut request = server.request(Method::GET, "/health");
        if let Some(id) = id {
            request = request.header("X-Request-Id", id);
        }
        Answer::of(request).await.expect(200).header("x-request-id").to_owned()
    };
    for id in ["abcdefgh", "8d1f5c1e-6f0e-4b61-9f6e-0c9f4f2a7b11", "trace_1.2-3"] {
        assert_eq!(ask(Some(id)).await, id);
    }
    let mut made = Vec::new();
    let unfit = "x".repeat(65);
    for id in [None, None, Some(""), Some("short"), Some("with a space"), Some("<script>alert</script>"), Some(&unfit)]
    {
        let given = ask(id).await;
        assert!(given.len() >= 8 && Some(given.as_str()) != id, "{id:?}: {given}");
        made.push(given);
    }
    made.sort_unstable();
    made.dedup();
    assert_eq!(made.len(), 7, "each request has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let server = Server::start(Engine::Sqlite).await;
    let day = format!("/api/reservations/by-session?date={TOMORROW}");
    for (path, status) in [
        ("/api/sessions", 200),
        (&day, 200),
        ("/api/bays", 200),
        ("/api/availability", 200),
        ("/nowhere", 404),
        ("/api/reservations/by-session", 422),
    ] {
        let get = server.get(path, "").await.expect(status);
        let head = server.send(Method::HEAD, path, "", None).await.expect(status);
        assert_eq!((head.text.as_str(), head.header("content-type")), ("", get.header("content-type")), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_an_address_does_not_take_is_405_with_those_it_does() {
    let server = Server::start(Engine::Sqlite).await;
    let one = format!("/api/reservations/{NOWHERE}");
    let removed = format!("/api/admin/reservations/{NOWHERE}");
    let addresses: [(&str, &[&str]); 13] = [
        ("/health", &["GET", "HEAD"]),
        ("/api/sessions", &["GET", "HEAD"]),
        ("/api/reservations/by-session", &["GET", "HEAD"]),
        ("/api/reservations", &["POST"]),
        ("/api/reservations/batch", &["POST"]),
        ("/api/reservations/my", &["GET", "HEAD"]),
        (&one, &["DELETE", "GET", "HEAD", "PATCH"]),
        ("/api/plates/verify", &["POST"]),
        ("/api/plates/match", &["POST"]),
        ("/api/user/login", &["POST"]),
        ("/api/admin/login", &["POST"]),
        (&removed, &["DELETE"]),
        ("/api/bays", &["GET", "HEAD", "POST"]),
    ];
    for (path, allowed) in addresses {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            // by-session, my and batch are also texts in the place of an id.
            if allowed.contains(&method) {
                continue;
            }
            let answer = server.send(method.parse().unwrap(), path, ADMIN_TOKEN, None).await;
            let answer = answer.expect_problem(405, "method_not_allowed");
            let mut told: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            told.sort_unstable();
            assert_eq!(told, allowed, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_address_in_other_spellings_is_not_there() {
    let server = Server::start(Engine::Sqlite).await;
    for path in ["/api", "/api/", "/api/sessions/", "/API/sessions", "/api/reservations/x/y", "/health/dead"] {
        server.get(path, "").await.expect_problem(404, "route_not_found");
    }
    let made =
        server.post("/api/reservations", ADMIN_TOKEN, booking(json!({"contactEmail": Value::Null}))).await.expect(201);
    let upper = format!("/api/reservations/{}", made.json["id"].as_str().unwrap().to_uppercase());
    assert_eq!(server.get(&upper, ADMIN_TOKEN).await.expect(200).json, made.json);
}
