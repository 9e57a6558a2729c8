//! `ACCESS_MODE=open`: the flows of the clients in the field, unchanged and without a credential.

use reqwest::Method;
use serde_json::{Value, json};

use super::{CAR, NOWHERE, OTHER_CAR, PASSWORD, address, book, each, encoded};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TODAY, TOMORROW, both_engines};

const OPEN: [(&str, &str); 2] = [("ACCESS_MODE", "open"), ("CORS_ORIGINS", "https://app.example.kr")];

both_engines! {
    async fn a_driver_books_sees_and_cancels_by_e_mail_or_plate(engine: Engine) {
        let server = Server::start_with(engine, &OPEN).await;
        let made = book(&server, "", json!({"contactEmail": "me@example.com"})).await.expect(201);
        assert_eq!((&made.json["plate"], &made.json["contactEmail"]), (&json!(CAR), &json!("me@example.com")));
        let batch = json!({"sessionId": 2, "plate": OTHER_CAR, "date": TOMORROW, "startTimes": ["09:00", "12:00"], "contactEmail": "me@example.com"});
        let batch = server.post("/api/reservations/batch", "", batch).await.expect(201);
        // The lists are unmasked.
        for path in [format!("/api/reservations/by-session?date={TOMORROW}"), "/api/sessions".to_owned()] {
            let list = server.get(&path, "").await.expect(200);
            let bays = if list.json.is_array() { &list.json } else { &list.json["sessions"] };
            assert_eq!(bays[0]["reservations"], json!([made.json]));
            assert_eq!(bays[1]["reservations"], batch.json);
        }
        let my = async |query: String| server.get(&format!("/api/reservations/my{query}"), "").await;
        let ids = [&batch.json[1]["id"], &made.json["id"], &batch.json[0]["id"]].map(Value::clone);
        assert_eq!(each(&my("?email=ME@example.com".into()).await.expect(200).json, "id"), ids);
        assert_eq!(each(&my(format!("?plate={}", encoded("12 가 3456"))).await.expect(200).json, "id"), [ids[1].clone()]);
        let both = my(format!("?email=me@example.com&plate={}", encoded(CAR))).await.expect(200);
        assert_eq!(both.json, json!([made.json]));
        let neither_fits = my(format!("?email=them@example.com&plate={}", encoded(CAR))).await.expect(200);
        assert_eq!(neither_fits.json, json!([]));
        for nothing in ["", "?email=&plate=", "?email="] {
            my(nothing.into()).await.expect_problem(400, "filter_missing");
        }
        // Cancelling.
        server.delete(&address(&made), "").await.expect_problem(400, "filter_missing");
        for wrong in [format!("plate={}", encoded(OTHER_CAR)), "email=them@example.com".to_owned()] {
            let answer = server.delete(&format!("{}?{wrong}", address(&made)), "").await;
            answer.expect_problem(404, "reservation_not_found");
        }
        let nowhere = format!("/api/reservations/{NOWHERE}?plate={}", encoded(CAR));
        server.delete(&nowhere, "").await.expect_problem(404, "reservation_not_found");
        let path = format!("{}?plate={}", address(&made), encoded(CAR));
        assert_eq!(server.delete(&path, "").await.expect(200).json, json!({"ok": true}));
        server.delete(&path, "").await.expect_problem(404, "reservation_not_found");
        let path = format!("/api/reservations/{}?email=me@example.com", batch.json[0]["id"].as_str().unwrap());
        server.delete(&path, "").await.expect(200);
    }

    async fn a_driver_verifies_and_a_camera_matches_without_a_credential(engine: Engine) {
        let server = Server::start_with(engine, &OPEN).await;
        let made = book(&server, "", json!({"date": TODAY, "contactEmail": "me@example.com"})).await.expect(201);
        let asked = super::booking(json!({"date": TODAY, "plate": OTHER_CAR}));
        let verdict = server.post("/api/plates/verify", "", asked).await.expect(200);
        assert_eq!(verdict.json["conflictingReservation"], made.json, "unmasked");
        let read = json!({"plate": CAR, "timestamp": NOW + 2 * 3600});
        let read = server.post("/api/plates/match", "", read).await.expect(200);
        assert_eq!(read.json["reservation"]["id"], made.json["id"]);
        assert_eq!(read.json["reservation"]["contactEmail"], "me@example.com");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_calls_still_need_a_log_in() {
    let server = Server::start_with(Engine::Sqlite, &OPEN).await;
    let made = book(&server, "", json!({})).await.expect(201);
    let list = format!("/api/admin/reservations/by-session?date={TOMORROW}");
    server.get(&list, "").await.expect_problem(401, "login_required");
    server.get(&list, "wrong").await.expect_problem(401, "token_invalid");
    let remove = format!("/api/admin{}", address(&made).trim_start_matches("/api"));
    server.delete(&remove, "").await.expect_problem(401, "login_required");
    server.post("/api/bays", "", json!({"name": "five"})).await.expect_problem(401, "login_required");
    server.patch("/api/bays/1", "", json!({"closed": true})).await.expect_problem(401, "login_required");
    server.get(&list, ADMIN_TOKEN).await.expect(200);
    server.delete(&remove, ADMIN_TOKEN).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_on_an_allowed_origin_books_without_a_credential() {
    let server = Server::start_with(Engine::Sqlite, &OPEN).await;
    let request = server.request(Method::POST, "/api/reservations").header("Origin", "https://app.example.kr");
    let answer = Answer::of(request.json(&super::booking(json!({})))).await.expect(201);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.kr");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_on_an_open_site_sees_its_own_and_is_checked_by_its_password() {
    let server = Server::start_with(Engine::Sqlite, &OPEN).await;
    let me = server.driver("me@example.com").await;
    book(&server, "", json!({})).await.expect(201);
    let own = book(&server, &me, json!({"sessionId": 2, "plate": OTHER_CAR})).await.expect(201);
    assert_eq!(server.get("/api/reservations/my", &me).await.expect(200).json, json!([own.json]));
    let login =
        |password: &str| server.post("/api/user/login", "", json!({"email": "me@example.com", "password": password}));
    login("anything").await.expect_problem(401, "credentials_wrong");
    login(PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_site_asks_for_a_credential_where_the_original_asked_for_none() {
    let server = Server::start(Engine::Sqlite).await;
    book(&server, "", json!({})).await.expect_problem(401, "login_required");
    let batch = json!({"plate": CAR, "date": TOMORROW, "startTimes": ["09:00"]});
    server.post("/api/reservations/batch", "", batch).await.expect_problem(401, "login_required");
    server.get("/api/reservations/my?email=me@example.com", "").await.expect_problem(401, "login_required");
    let path = format!("/api/reservations/{NOWHERE}?plate={}", encoded(CAR));
    server.delete(&path, "").await.expect_problem(401, "login_required");
    server.post("/api/plates/verify", "", json!({"plate": CAR})).await.expect_problem(401, "login_required");
    let read = json!({"plate": CAR, "timestamp": NOW});
    server.post("/api/plates/match", "", read.clone()).await.expect_problem(401, "login_required");
    // The camera worker cannot send a header: its secret is in the address.
    let key = server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "gate", "scope": "camera"})).await.expect(201);
    let path = format!("/k/{}/api/plates/match", key.json["bearer"].as_str().unwrap());
    server.post(&path, "", read).await.expect(200);
    server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), "").await.expect(200);
    server.get("/api/sessions", "").await.expect(200);
}
