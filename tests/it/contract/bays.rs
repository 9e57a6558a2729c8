//! The bays: adding, renaming, closing, reopening.

use reqwest::Method;
use serde_json::{Value, json};

use super::{address, book, booking, each};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TOMORROW, both_engines};

both_engines! {
    async fn the_seeded_bays_are_public_and_new_ones_come_after_them(engine: Engine) {
        let server = Server::start(engine).await;
        let list = server.get("/api/bays", "").await.expect(200);
        assert_eq!(each(&list.json, "name"), ["세션 1", "세션 2", "세션 3", "세션 4"]);
        assert_eq!(list.json[0], json!({"sessionId": 1, "name": "세션 1", "closed": false, "closedReason": null}));
        let made = server.post("/api/bays", ADMIN_TOKEN, json!({"name": " B1-07 "})).await.expect(201);
        assert_eq!(made.json, json!({"sessionId": 5, "name": "B1-07", "closed": false, "closedReason": null}));
        server.post("/api/bays", ADMIN_TOKEN, json!({"name": "B1-07"})).await.expect_problem(409, "bay_name_taken");
        server.patch("/api/bays/5", ADMIN_TOKEN, json!({"name": "세션 1"})).await.expect_problem(409, "bay_name_taken");
        let renamed = server.patch("/api/bays/5", ADMIN_TOKEN, json!({"name": "B2-01"})).await.expect(200);
        assert_eq!(renamed.json["name"], "B2-01");
        assert_eq!(server.get("/api/bays", "").await.json[4], renamed.json);
        assert_eq!(server.get("/api/sessions", "").await.json[4], json!({"sessionId": 5, "name": "B2-01", "reservations": []}));
        let me = server.driver("me@example.com").await;
        book(&server, &me, json!({"sessionId": 5})).await.expect(201);
    }

    async fn a_closed_bay_says_why_to_whoever_books_it_and_can_be_reopened(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let standing = book(&server, &me, json!({})).await.expect(201);
        let closing = json!({"closed": true, "closedReason": "케이블 교체"});
        let closed = server.patch("/api/bays/1", ADMIN_TOKEN, closing).await.expect(200);
        assert_eq!((&closed.json["closed"], &closed.json["closedReason"]), (&json!(true), &json!("케이블 교체")));
        assert_eq!(server.get("/api/bays", "").await.json[0], closed.json);
        for (language, told) in [("ko", "사유: 케이블 교체"), ("en", "Reason: 케이블 교체")] {
            let send = |path: &str, body: Value| {
                let request = server.request(Method::POST, path).bearer_auth(&me).header("Accept-Language", language);
                Answer::of(request.json(&body))
            };
            let later = booking(json!({"startTime": "15:00", "endTime": "16:00"}));
            let refused = send("/api/reservations", later.clone()).await.expect_problem(409, "bay_closed");
            assert!(refused.json["detail"].as_str().unwrap().ends_with(told), "{}", refused.text);
            let batch = json!({"sessionId": 1, "plate": super::CAR, "date": TOMORROW, "startTimes": ["15:00"]});
            let refused = send("/api/reservations/batch", batch).await.expect_problem(409, "bay_closed");
            assert!(refused.json["detail"].as_str().unwrap().ends_with(told), "{}", refused.text);
            let verdict = send("/api/plates/verify", later).await.expect(200);
            assert!(verdict.json["message"].as_str().unwrap().ends_with(told), "{}", verdict.text);
        }
        // Those that stand are left alone, and may shrink but not grow.
        assert_eq!(server.get(&address(&standing), &me).await.json, standing.json);
        server.patch(&address(&standing), &me, json!({"endTime": "11:30"})).await.expect_problem(409, "bay_closed");
        server.patch(&address(&standing), &me, json!({"endTime": "10:30"})).await.expect(200);
        // Any bay is an open one.
        let any = json!({"sessionId": "any", "plate": "34나5678", "startTime": "12:00", "endTime": "13:00"});
        assert_eq!(book(&server, &me, any).await.expect(201).json["sessionId"], 2);
        let other_reason = json!({"closed": true, "closedReason": "도색"});
        assert_eq!(server.patch("/api/bays/1", ADMIN_TOKEN, other_reason).await.expect(200).json["closedReason"], "도색");
        let open = server.patch("/api/bays/1", ADMIN_TOKEN, json!({"closed": false})).await.expect(200);
        assert_eq!((&open.json["closed"], &open.json["closedReason"]), (&json!(false), &Value::Null));
        book(&server, &me, json!({"startTime": "15:00", "endTime": "16:00"})).await.expect(201);
    }

    async fn with_every_bay_closed_any_is_refused(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        for bay in 1..=4 {
            server.patch(&format!("/api/bays/{bay}"), ADMIN_TOKEN, json!({"closed": true})).await.expect(200);
        }
        book(&server, &me, json!({"sessionId": "any"})).await.expect_problem(409, "no_bay_free");
        let without_reason = book(&server, &me, json!({})).await.expect_problem(409, "bay_closed");
        assert!(without_reason.json["detail"].as_str().unwrap().ends_with("선택해 주세요."), "{}", without_reason.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_changes_of_a_bay_are_refused() {
    let server = Server::start(Engine::Sqlite).await;
    let refused = [
        ("/api/bays/1", json!({"closedReason": "점검"}), 422),
        ("/api/bays/1", json!({"closed": false, "closedReason": "점검"}), 422),
        ("/api/bays/1", json!({"closed": "shut"}), 422),
        ("/api/bays/1", json!({"closed": 1}), 422),
        ("/api/bays/1", json!({"name": "  "}), 422),
        ("/api/bays/1", json!({"name": "x".repeat(101)}), 422),
        ("/api/bays/1", json!({"name": "a\u{7}b"}), 422),
        ("/api/bays/1", json!({"closed": true, "closedReason": "x".repeat(201)}), 422),
        ("/api/bays/99", json!({"name": "five"}), 404),
        ("/api/bays/one", json!({"name": "five"}), 404),
    ];
    for (path, body, status) in refused {
        server.patch(path, ADMIN_TOKEN, body).await.expect(status);
    }
    for body in [json!({}), json!({"name": ""}), json!({"name": 5})] {
        server.post("/api/bays", ADMIN_TOKEN, body).await.expect_problem(422, "invalid_input");
    }
    let list = server.get("/api/bays", "").await.expect(200);
    assert_eq!(each(&list.json, "name"), ["세션 1", "세션 2", "세션 3", "세션 4"]);
    assert_eq!(each(&list.json, "closed"), [false; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bays_are_not_seeded_again_or_when_told_not_to() {
    let server = Server::start_with(Engine::Sqlite, &[("AUTO_SEED_SESSIONS", "false")]).await;
    assert_eq!(server.get("/api/bays", "").await.expect(200).json, json!([]));
    server.post("/api/bays", ADMIN_TOKEN, json!({"name": "only"})).await.expect(201);
    let clock = server.clock.clone();
    let server = Server::start_on(server.stop().await, clock, &[]).await;
    assert_eq!(each(&server.get("/api/bays", "").await.json, "name"), ["only"]);
}
