//! CORS: the configured origins only, with credentials, on errors too.

use reqwest::Method;
use serde_json::json;

use super::booking;
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server};

const APP: &str = "https://app.example.kr";
const DESK: &str = "http://localhost:5173";
const SETTING: [(&str, &str); 1] = [("CORS_ORIGINS", "https://app.example.kr, http://localhost:5173")];

fn cors_headers(answer: &Answer) -> Vec<String> {
    let names = answer.headers.keys().map(|name| name.as_str().to_owned());
    names.filter(|name| name.starts_with("access-control-")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn configured_origins_may_read_every_answer_with_credentials_errors_too() {
    let server = Server::start_with(Engine::Sqlite, &SETTING).await;
    for origin in [APP, DESK] {
        let send = |method: Method, path: &str, token: &str| {
            let request = server.request(method, path).header("Origin", origin);
            Answer::of(if token.is_empty() { request } else { request.bearer_auth(token) })
        };
        let answers = [
            send(Method::GET, "/health", "").await.expect(200),
            send(Method::GET, "/api/sessions", "").await.expect(200),
            send(Method::GET, "/api/reservations/by-session", "").await.expect(422),
            send(Method::GET, "/api/reservations/my", "").await.expect(401),
            send(Method::GET, "/api/reservations/my", ADMIN_TOKEN).await.expect(400),
            send(Method::GET, "/api/sessions", "wrong").await.expect(401),
            send(Method::GET, "/nowhere", "").await.expect(404),
            send(Method::DELETE, "/api/sessions", "").await.expect(405),
            Answer::of(
                server
                    .request(Method::POST, "/api/reservations")
                    .header("Origin", origin)
                    .bearer_auth(ADMIN_TOKEN)
                    .body("x".repeat(20_000)),
            )
            .await
            .expect(413),
        ];
        for answer in answers {
            assert_eq!(answer.header("access-control-allow-origin"), origin, "{}", answer.text);
            assert_eq!(answer.header("access-control-allow-credentials"), "true");
            assert!(answer.header("vary").to_lowercase().contains("origin"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_is_200_and_names_what_was_asked_for() {
    let server = Server::start_with(Engine::Sqlite, &SETTING).await;
    let calls = [
        ("POST", "/api/reservations"),
        ("DELETE", "/api/admin/reservations/x"),
        ("PATCH", "/api/bays/1"),
        ("GET", "/nowhere"),
    ];
    for (method, path) in calls {
        let request = server.request(Method::OPTIONS, path).header("Origin", APP);
        let request = request.header("Access-Control-Request-Method", method);
        let headers = "authorization, content-type, idempotency-key";
        let answer = Answer::of(request.header("Access-Control-Request-Headers", headers)).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), APP);
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert!(answer.header("access-control-allow-methods").split(", ").any(|allowed| allowed == method));
        assert_eq!(answer.header("access-control-allow-headers"), headers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_origins_get_no_access_control_header_at_all() {
    let server = Server::start_with(Engine::Sqlite, &SETTING).await;
    let others = [
        "https://evil.example",
        "null",
        "http://app.example.kr",
        "https://app.example.kr.evil.example",
        "https://evil-app.example.kr",
        "https://app.example.kr:8443",
        "https://sub.app.example.kr",
        "https://APP.example.kr",
        "*",
    ];
    for origin in others {
        let preflight = server.request(Method::OPTIONS, "/api/reservations").header("Origin", origin);
        let preflight = preflight.header("Access-Control-Request-Method", "POST");
        let preflight =
            Answer::of(preflight.header("Access-Control-Request-Headers", "content-type")).await.expect(200);
        assert_eq!(cors_headers(&preflight), [""; 0], "{origin}");
        for path in ["/health", "/api/sessions", "/nowhere", "/api/reservations/my"] {
            let answer = Answer::of(server.request(Method::GET, path).header("Origin", origin)).await;
            assert_eq!(cors_headers(&answer), [""; 0], "{origin} {path}");
        }
    }
    // Nobody asked across origins, and a site that allows none.
    assert_eq!(cors_headers(&server.get("/api/sessions", "").await), [""; 0]);
    let closed = Server::start(Engine::Sqlite).await;
    let request = closed.request(Method::POST, "/api/reservations").header("Origin", APP).bearer_auth(ADMIN_TOKEN);
    assert_eq!(cors_headers(&Answer::of(request.json(&booking(json!({})))).await.expect(201)), [""; 0]);
}
