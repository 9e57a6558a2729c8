//! `POST /api/user/login`, and the rows that it shares with the operators' log-in.

use serde_json::{Value, json};

use super::{PASSWORD, without_request_id};
use crate::harness::{Engine, Server, both_engines};

const BOTH: [&str; 2] = ["/api/user/login", "/api/admin/login"];

both_engines! {
    async fn the_right_password_gets_a_token_that_works(engine: Engine) {
        let server = Server::start(engine).await;
        server.driver("Me@Example.com").await;
        for email in ["me@example.com", " ME@EXAMPLE.COM "] {
            let login = server.post("/api/user/login", "", json!({"email": email, "password": PASSWORD})).await.expect(200);
            assert_eq!(login.json["user"], json!({"email": "me@example.com"}));
            let token = login.json["token"].as_str().unwrap();
            server.get("/api/reservations/my", token).await.expect(200);
        }
    }

    async fn a_wrong_password_and_an_unknown_e_mail_have_the_same_answer(engine: Engine) {
        let server = Server::start(engine).await;
        server.driver("me@example.com").await;
        for path in BOTH {
            let mut answers: Vec<Value> = Vec::new();
            for email in ["me@example.com", "nobody@example.com", "nonsense"] {
                for password in ["wrong", "a password of the test", " a password of the tests", "A PASSWORD OF THE TESTS"] {
                    let answer = server.post(path, "", json!({"email": email, "password": password})).await;
                    answers.push(without_request_id(&answer.expect_problem(401, "credentials_wrong")));
                }
            }
            assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_e_mail_or_password_is_400_and_a_missing_one_422() {
    let server = Server::start(Engine::Sqlite).await;
    for path in BOTH {
        for (email, password) in [("", "x"), ("  ", "x"), ("me@example.com", ""), ("me@example.com", "  "), ("", "")] {
            let answer = server.post(path, "", json!({"email": email, "password": password})).await;
            answer.expect_problem(400, "credentials_missing");
        }
        for body in [
            json!({}),
            json!({"email": "me@example.com"}),
            json!({"email": 5, "password": "x"}),
            json!({"email": null, "password": "x"}),
        ] {
            server.post(path, "", body).await.expect_problem(422, "invalid_input");
        }
    }
}
