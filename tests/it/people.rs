//! Log-ins, keys, throttling and the audit trail over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, both_engines};

const PASSWORD: &str = "a password of the tests";

async fn log_in(server: &Server, email: &str, password: &str) -> Answer {
    server.post("/api/user/login", "", json!({"email": email, "password": password})).await
}

/// Registers somebody and gives them a role; answers their token after logging in as staff.
pub async fn staff(server: &Server, email: &str, role: &str) -> String {
    server.driver(email).await;
    let list = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
    let account = list.json.as_array().unwrap().iter().find(|account| account["email"] == email).unwrap();
    let path = format!("/api/admin/accounts/{}", account["id"].as_str().unwrap());
    server.patch(&path, ADMIN_TOKEN, json!({"role": role})).await.expect(200);
    let login = server.post("/api/admin/login", "", json!({"email": email, "password": PASSWORD})).await.expect(200);
    login.json["token"].as_str().unwrap().to_owned()
}

async fn key(server: &Server, scope: &str) -> (String, String) {
    let made = server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": scope, "scope": scope})).await.expect(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made.json["bearer"]), text(&made.json["key"]["id"]))
}

both_engines! {
    async fn a_refresh_token_works_once_and_a_second_time_ends_the_log_in(engine: Engine) {
        let server = Server::start(engine).await;
        server.driver("me@example.com").await;
        let first = log_in(&server, "me@example.com", PASSWORD).await.expect(200);
        let refresh = |token: &Value| server.post("/api/user/refresh", "", json!({"refreshToken": token}));
        let second = refresh(&first.json["refreshToken"]).await.expect(200);
        let token = second.json["token"].as_str().unwrap();
        server.get("/api/reservations/my", token).await.expect(200);
        refresh(&first.json["refreshToken"]).await.expect_problem(401, "token_invalid");
        server.get("/api/reservations/my", token).await.expect_problem(401, "token_invalid");
        refresh(&second.json["refreshToken"]).await.expect_problem(401, "token_invalid");
        let trail = server.get("/api/admin/audit?action=session.reuse", ADMIN_TOKEN).await.expect(200);
        assert_eq!(trail.json.as_array().unwrap().len(), 1);
    }

    async fn rights_and_ends_work_at_once(engine: Engine) {
        let server = Server::start(engine).await;
        let token = staff(&server, "op@example.com", "operator").await;
        server.get("/api/admin/reservations/by-session?date=2026-04-01", &token).await.expect(200);
        let id = server.get("/api/admin/accounts", ADMIN_TOKEN).await.json[1]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/admin/accounts/{id}");
        server.patch(&path, ADMIN_TOKEN, json!({"role": "driver"})).await.expect(200);
        server.get("/api/admin/reservations/by-session?date=2026-04-01", &token).await.expect_problem(403, "forbidden");
        server.patch(&path, ADMIN_TOKEN, json!({"disabled": true})).await.expect(200);
        server.get("/api/reservations/my", &token).await.expect_problem(401, "token_invalid");
        log_in(&server, "op@example.com", PASSWORD).await.expect_problem(401, "credentials_wrong");
        server.patch(&path, ADMIN_TOKEN, json!({"disabled": false})).await.expect(200);
        log_in(&server, "op@example.com", PASSWORD).await.expect(200);
    }

    async fn a_new_password_ends_every_other_log_in(engine: Engine) {
        let server = Server::start(engine).await;
        let other = server.driver("me@example.com").await;
        let mine = log_in(&server, "me@example.com", PASSWORD).await.json["token"].as_str().unwrap().to_owned();
        let change = |old: &str, new: &str| json!({"oldPassword": old, "newPassword": new});
        let wrong = server.post("/api/user/password", &mine, change("no", "twelve green tomatoes")).await;
        wrong.expect_problem(401, "credentials_wrong");
        let weak = server.post("/api/user/password", &mine, change(PASSWORD, "password1234")).await;
        weak.expect_problem(400, "password_guessable");
        server.post("/api/user/password", &mine, change(PASSWORD, "twelve green tomatoes")).await.expect(200);
        server.get("/api/reservations/my", &mine).await.expect(200);
        server.get("/api/reservations/my", &other).await.expect_problem(401, "token_invalid");
        log_in(&server, "me@example.com", PASSWORD).await.expect_problem(401, "credentials_wrong");
    }

    async fn a_reset_link_works_once_and_for_an_hour(engine: Engine) {
        let server = Server::start(engine).await;
        let before = server.driver("me@example.com").await;
        let accounts = server.get("/api/admin/accounts", ADMIN_TOKEN).await;
        let id = accounts.json[1]["id"].as_str().unwrap();
        let path = format!("/api/admin/accounts/{id}/reset-link");
        let issue = || server.send(Method::POST, &path, ADMIN_TOKEN, None);
        let reset = |link: &Value| {
            server.post("/api/user/password/reset", "", json!({"link": link, "newPassword": "twelve green tomatoes"}))
        };
        let replaced = issue().await.expect(201).json["link"].clone();
        let link = issue().await.expect(201).json["link"].clone();
        reset(&replaced).await.expect_problem(400, "link_invalid");
        reset(&link).await.expect(200);
        reset(&link).await.expect_problem(400, "link_invalid");
        server.get("/api/reservations/my", &before).await.expect_problem(401, "token_invalid");
        log_in(&server, "me@example.com", "twelve green tomatoes").await.expect(200);
        let late = issue().await.expect(201).json["link"].clone();
        server.clock.set(NOW + 3600);
        reset(&late).await.expect_problem(400, "link_invalid");
    }

    async fn one_sees_and_ends_ones_own_log_ins_only(engine: Engine) {
        let server = Server::start(engine).await;
        let (mine, theirs) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let list = server.get("/api/user/sessions", &theirs).await.expect(200);
        let id = list.json[0]["id"].as_str().unwrap();
        assert_eq!(list.json[0]["current"], true);
        let path = format!("/api/user/sessions/{id}");
        server.delete(&path, &mine).await.expect_problem(404, "session_not_found");
        server.delete(&path, &theirs).await.expect(200);
        server.get("/api/user/sessions", &theirs).await.expect_problem(401, "token_invalid");
        server.send(Method::POST, "/api/user/logout", &mine, None).await.expect(200);
        server.get("/api/user/sessions", &mine).await.expect_problem(401, "token_invalid");
    }

    async fn keys_do_what_their_scope_says_until_they_end(engine: Engine) {
        let server = Server::start(engine).await;
        let (camera, id) = key(&server, "camera").await;
        let read = json!({"plate": "12가3456", "timestamp": NOW});
        server.post("/api/plates/match", &camera, read.clone()).await.expect(200);
        server.get("/api/reservations/my", &camera).await.expect_problem(403, "forbidden");
        server.get("/api/admin/keys", &camera).await.expect_problem(403, "forbidden");
        // In the path, for machines whose only setting is an address.
        server.post(&format!("/k/{camera}/api/plates/match"), "", read.clone()).await.expect(200);
        server.post("/k/jari_x/api/plates/match", "", read.clone()).await.expect_problem(401, "token_invalid");
        let (export, _) = key(&server, "export").await;
        server.get("/api/admin/reservations/by-session?date=2026-04-01", &export).await.expect(200);
        server.post("/api/plates/match", &export, read.clone()).await.expect_problem(403, "forbidden");
        let shown = server.get("/api/admin/keys", ADMIN_TOKEN).await.expect(200);
        let secret = camera.rsplit('_').next().unwrap();
        assert!(!shown.text.contains(secret), "a key is shown once");
        server.clock.set(NOW + 365 * 86_400);
        server.post("/api/plates/match", &camera, read.clone()).await.expect_problem(401, "token_invalid");
        server.clock.set(NOW);
        server.delete(&format!("/api/admin/keys/{id}"), ADMIN_TOKEN).await.expect(200);
        server.post("/api/plates/match", &camera, read).await.expect_problem(401, "token_invalid");
        server.delete(&format!("/api/admin/keys/{id}"), ADMIN_TOKEN).await.expect_problem(404, "key_not_found");
    }

    async fn every_change_is_one_record_of_a_whole_chain(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("me@example.com").await;
        let count = async || {
            let store = server.database.store().await;
            let count = store.read(async |conn| conn.one("SELECT number FROM audit_head", &[], |row| row.int(0)).await).await;
            count.unwrap().unwrap()
        };
        let before = count().await;
        let booked = server.book(&driver, json!(1), "12가3456", "10:00", "11:00").await.expect(201);
        let path = format!("/api/reservations/{}", booked.json["id"].as_str().unwrap());
        assert_eq!(count().await, before + 1);
        server.book(&driver, json!(1), "34나5678", "10:00", "11:00").await.expect(409);
        server.get(&path, &driver).await.expect(200);
        assert_eq!(count().await, before + 1, "refusals and reads change nothing");
        server.patch(&path, &driver, json!({"startTime": "12:00"})).await.expect(200);
        server.delete(&path, &driver).await.expect(200);
        server.post("/api/bays", ADMIN_TOKEN, json!({"name": "B1-07"})).await.expect(201);
        server.patch("/api/bays/5", ADMIN_TOKEN, json!({"closed": true})).await.expect(200);
        assert_eq!(count().await, before + 5);
        let trail = server.get("/api/admin/audit", ADMIN_TOKEN).await.expect(200);
        let actions: Vec<&str> = trail.json.as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
        assert_eq!(actions[..5], ["bay.change", "bay.add", "reservation.cancel", "reservation.move", "reservation.create"]);
        assert!(!trail.text.contains("12가3456") && !trail.text.contains("me@example.com"), "{}", trail.text);
        let export = server.get("/api/admin/audit/export", ADMIN_TOKEN).await.expect(200);
        assert_eq!(i64::try_from(export.text.lines().count()).unwrap(), count().await);
        let store = server.database.store().await;
        let verified = store.snapshot(async |conn| jari::store::audit::verify(conn).await).await.unwrap();
        assert_eq!(verified, Ok(count().await));
    }

    async fn an_edit_of_any_byte_of_the_trail_is_found(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("me@example.com").await;
        server.book(&driver, json!(1), "12가3456", "10:00", "11:00").await.expect(201);
        let store = server.database.store().await;
        let verify = async || store.snapshot(async |conn| jari::store::audit::verify(conn).await).await.unwrap();
        assert!(verify().await.is_ok());
        let edits = [
            "UPDATE audit_records SET at = at + 1 WHERE number = 2",
            "UPDATE audit_records SET actor = 'administrator' WHERE number = (SELECT MAX(number) FROM audit_records)",
            "UPDATE audit_records SET after = replace(after, '1', '2') WHERE action = 'reservation.create'",
            "UPDATE audit_records SET address = NULL WHERE action = 'reservation.create'",
            "DELETE FROM audit_records WHERE number = 3",
            "DELETE FROM audit_records WHERE number = (SELECT MAX(number) FROM audit_records)",
        ];
        for edit in edits {
            let undone = store.write(async move |conn| {
                let changed = conn.exec(edit, &[]).await?;
                let found = jari::store::audit::verify(conn).await?;
                // The refusal takes the edit back.
                Err::<(), _>(jari::store::Failure::Refused((changed, found.is_err())))
            }).await;
            assert!(matches!(undone, Err(jari::store::Failure::Refused((1, true)))), "{edit}: {undone:?}");
        }
        assert!(verify().await.is_ok());
    }

    async fn registering_again_with_the_same_key_logs_in(engine: Engine) {
        let server = Server::start(engine).await;
        let send = |password: &'static str, key: &'static str| {
            let request = server.request(Method::POST, "/api/user/register").header("Idempotency-Key", key);
            Answer::of(request.json(&json!({"email": "me@example.com", "password": password})))
        };
        send(PASSWORD, "one").await.expect(201);
        let again = send(PASSWORD, "one").await.expect(201);
        server.get("/api/reservations/my", again.json["token"].as_str().unwrap()).await.expect(200);
        send("twelve green tomatoes", "one").await.expect_problem(422, "idempotency_key_reused");
        send(PASSWORD, "two").await.expect_problem(409, "email_taken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_guesses_are_throttled_and_the_owner_gets_in_from_elsewhere() {
    let server = Server::start_with(Engine::Sqlite, &[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    server.driver("me@example.com").await;
    let try_from = |address: &'static str, email: &'static str, password: String| {
        let request = server.request(Method::POST, "/api/user/login").header("X-Forwarded-For", address);
        Answer::of(request.json(&json!({"email": email, "password": password})))
    };
    let (mut wrong, mut throttled) = (0, 0);
    for guess in 0..1000 {
        let answer = try_from("203.0.113.9", "me@example.com", format!("guess {guess}")).await;
        match answer.status.as_u16() {
            401 => wrong += 1,
            429 => {
                throttled += 1;
                let wait: i64 = answer.header("retry-after").parse().unwrap();
                assert!((1..=900).contains(&wait));
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    println!("1,000 guesses: {wrong} were checked, {throttled} throttled (goal at most 10 checked)");
    assert_eq!((wrong, throttled), (10, 990));
    try_from("203.0.113.9", "me@example.com", PASSWORD.into()).await.expect_problem(429, "too_many_tries");
    try_from("198.51.100.7", "me@example.com", PASSWORD.into()).await.expect(200);
    // The address has had 10 of its 30 wrong tries, whatever the account.
    let mut checked = 0;
    for guess in 0..100 {
        let email: &'static str = Box::leak(format!("nobody{guess}@example.com").into_boxed_str());
        checked += usize::from(try_from("203.0.113.9", email, "guess".into()).await.status == 401);
    }
    assert_eq!(checked, 20);
    server.clock.set(NOW + 900);
    try_from("203.0.113.9", "me@example.com", PASSWORD.into()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_our_pages_works_from_our_pages_only() {
    let server = Server::start_with(Engine::Sqlite, &[("CORS_ORIGINS", "https://app.example.kr")]).await;
    server.driver("me@example.com").await;
    let login = log_in(&server, "me@example.com", PASSWORD).await.expect(200);
    let set = login.header("set-cookie").to_owned();
    assert!(set.starts_with("jari_session=") && set.contains("; HttpOnly; SameSite=Lax"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    let own = server.base.clone();
    let book = |origin: Option<&str>, start: &str, end: &str| {
        let mut request = server.request(Method::POST, "/api/reservations").header("Cookie", &cookie);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        Answer::of(
            request.json(&json!({"plate": "12가3456", "date": "2026-04-02", "startTime": start, "endTime": end})),
        )
    };
    book(Some(&own), "09:00", "10:00").await.expect(201);
    book(Some("https://app.example.kr"), "10:00", "11:00").await.expect(201);
    book(None, "11:00", "12:00").await.expect(201);
    for origin in ["https://evil.example", "null", "https://app.example.kr.evil.example", "http://app.example.kr"] {
        book(Some(origin), "12:00", "13:00").await.expect_problem(403, "cross_origin");
    }
    let mine = Answer::of(server.request(Method::GET, "/api/reservations/my").header("Cookie", &cookie)).await;
    assert_eq!(mine.expect(200).json.as_array().unwrap().len(), 3);
    // As a bearer it is nothing.
    let value = cookie.split_once('=').unwrap().1;
    server.get("/api/reservations/my", value).await.expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guesser_with_a_token_or_a_whole_network_is_throttled_too() {
    let server = Server::start_with(Engine::Sqlite, &[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let token = server.driver("me@example.com").await;
    let mut checked = 0;
    for guess in 0..20 {
        let body = json!({"oldPassword": format!("guess {guess}"), "newPassword": "twelve green tomatoes"});
        let answer = server.post("/api/user/password", &token, body).await;
        checked += usize::from(answer.status == 401);
    }
    assert_eq!(checked, 10);
    let mut checked = 0;
    for guess in 0..60 {
        let address = format!("2001:db8:0:7::{guess:x}");
        let request = server.request(Method::POST, "/api/user/login").header("X-Forwarded-For", address);
        let body = json!({"email": format!("nobody{guess}@example.com"), "password": "guess"});
        checked += usize::from(Answer::of(request.json(&body)).await.status == 401);
    }
    assert_eq!(checked, 30, "a /64 is one address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_a_driver_is_void_once_they_are_more() {
    let server = Server::start(Engine::Sqlite).await;
    let operator = staff(&server, "op@example.com", "operator").await;
    let token = server.driver("rising@example.com").await;
    let list = server.get("/api/admin/accounts?unmasked=true", &operator).await.expect(200);
    let account =
        list.json.as_array().unwrap().iter().find(|account| account["email"] == "rising@example.com").unwrap();
    let path = format!("/api/admin/accounts/{}", account["id"].as_str().unwrap());
    let issued = server.send(Method::POST, &format!("{path}/reset-link"), &operator, None).await.expect(201);
    server.patch(&path, ADMIN_TOKEN, json!({"role": "administrator"})).await.expect(200);
    let body = json!({"link": issued.json["link"], "newPassword": "twelve green tomatoes"});
    server.post("/api/user/password/reset", "", body).await.expect_problem(400, "link_invalid");
    // The driver's log-in of weeks is over, and the next one lasts for a shift.
    server.get("/api/user/sessions", &token).await.expect_problem(401, "token_invalid");
    let login = log_in(&server, "rising@example.com", PASSWORD).await.expect(200);
    assert!(login.header("set-cookie").contains("Max-Age=43200"), "{}", login.header("set-cookie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_for_the_servers_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/jari.db");
    let store = jari::store::Store::open_sqlite(&path).unwrap();
    store.migrate(NOW).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
    assert_eq!(mode(&folder.path().join("data/jari.db-wal")), 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_can_be_closed_or_kept_to_domains() {
    let register = async |setting: &'static str, email: &str| {
        let server = Server::start_with(Engine::Sqlite, &[("REGISTRATION", setting)]).await;
        server.post("/api/user/register", "", json!({"email": email, "password": PASSWORD})).await.status.as_u16()
    };
    assert_eq!(register("off", "me@example.kr").await, 403);
    assert_eq!(register("example.kr", "me@example.kr").await, 201);
    assert_eq!(register("example.kr", "me@evil-example.kr").await, 403);
    assert_eq!(register("example.kr", "me@example.kr.evil.com").await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays_and_operators_change_drivers_only() {
    let server = Server::start(Engine::Sqlite).await;
    let operator = staff(&server, "op@example.com", "operator").await;
    server.driver("driver@example.com").await;
    let list = server.get("/api/admin/accounts?unmasked=true", &operator).await.expect(200);
    let id = |email: &str| {
        let account = list.json.as_array().unwrap().iter().find(|account| account["email"] == email).unwrap();
        format!("/api/admin/accounts/{}", account["id"].as_str().unwrap())
    };
    server.patch(&id("driver@example.com"), &operator, json!({"disabled": true})).await.expect(200);
    server
        .patch(&id("driver@example.com"), &operator, json!({"role": "operator"}))
        .await
        .expect_problem(403, "forbidden");
    server.patch(&id("admin@localhost"), &operator, json!({"disabled": true})).await.expect_problem(403, "forbidden");
    let link = format!("{}/reset-link", id("admin@localhost"));
    server.send(Method::POST, &link, &operator, None).await.expect_problem(403, "forbidden");
    let refused = server.patch(&id("admin@localhost"), ADMIN_TOKEN, json!({"role": "driver"})).await;
    refused.expect_problem(409, "last_administrator");
    let refused = server.patch(&id("admin@localhost"), ADMIN_TOKEN, json!({"disabled": true})).await;
    refused.expect_problem(409, "last_administrator");
}
