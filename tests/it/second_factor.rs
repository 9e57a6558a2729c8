//! Second factors: enrolled by a right code, asked for after the password, used once, lost and removed.

use jari::domain::totp;
use jari::service::{Caller, Failure, Refusal, second_factor};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, both_engines};
use crate::people::staff;

const PASSWORD: &str = "a password of the tests";
const MINUTE: i64 = 60;

/// The code of a secret, so many steps from now.
/// The code of a secret at a moment.
pub fn code_at(secret: &str, now: i64) -> String {
    totp::code_at(&totp::from_base32(secret).unwrap(), totp::current_step(now))
}

fn code(server: &Server, secret: &str, steps: i64) -> String {
    totp::code_at(&totp::from_base32(secret).unwrap(), totp::current_step(server.clock.now()) + steps)
}

async fn log_in(server: &Server, email: &str, code: Option<&str>) -> Answer {
    server.post("/api/user/login", "", json!({"email": email, "password": PASSWORD, "code": code})).await
}

async fn token(server: &Server, email: &str, code: Option<&str>) -> String {
    log_in(server, email, code).await.expect(200).json["token"].as_str().unwrap().to_owned()
}

async fn begin(server: &Server, token: &str) -> String {
    let begun = server.send(Method::POST, "/api/user/second-factor", token, None).await.expect(201);
    begun.json["secret"].as_str().unwrap().to_owned()
}

async fn confirm(server: &Server, token: &str, code: &str) -> Answer {
    server.post("/api/user/second-factor/confirm", token, json!({"code": code})).await
}

/// Sets a second factor up; answers its secret and the recovery codes. Its next code is that of the next step.
async fn enrol(server: &Server, token: &str) -> (String, Vec<String>) {
    let secret = begin(server, token).await;
    let done = confirm(server, token, &code(server, &secret, 0)).await.expect(200);
    let codes = done.json["recoveryCodes"].as_array().unwrap();
    server.clock.set(server.clock.now() + 30);
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn trail(server: &Server, action: &str) -> Vec<Value> {
    let list = server.get(&format!("/api/admin/audit?action={action}"), ADMIN_TOKEN).await.expect(200);
    list.json.as_array().unwrap().clone()
}

async fn remove(server: &Server, token: &str, code: &str) -> Answer {
    server.send(Method::DELETE, "/api/user/second-factor", token, Some(json!({"code": code}))).await
}

async fn id(server: &Server, email: &str) -> String {
    let list = server.get(&format!("/api/admin/accounts?email={email}"), ADMIN_TOKEN).await.expect(200);
    list.json[0]["id"].as_str().unwrap().to_owned()
}

const DAY_LIST: &str = "/api/admin/reservations/by-session?date=2026-04-01";

both_engines! {
    async fn a_code_is_asked_for_once_a_right_one_was_given(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let other = token(&server, "me@example.com", None).await;
        let begun = server.send(Method::POST, "/api/user/second-factor", &me, None).await.expect(201);
        let secret = begun.json["secret"].as_str().unwrap();
        assert_eq!(totp::from_base32(secret).unwrap().len(), 20);
        assert_eq!(begun.json["uri"], totp::uri(secret, "me@example.com"));

        // Nothing has changed yet, and a wrong code changes nothing.
        confirm(&server, &me, &code(&server, secret, 5)).await.expect_problem(401, "code_wrong");
        confirm(&server, &me, "not a code").await.expect_problem(401, "code_wrong");
        log_in(&server, "me@example.com", None).await.expect(200);
        let done = confirm(&server, &me, &code(&server, secret, 0)).await.expect(200);
        assert_eq!(done.json["recoveryCodes"].as_array().unwrap().len(), 10);
        server.get("/api/reservations/my", &me).await.expect(200);
        server.get("/api/reservations/my", &other).await.expect_problem(401, "token_invalid");
        server.send(Method::POST, "/api/user/second-factor", &me, None).await.expect_problem(409, "second_factor_active");

        log_in(&server, "me@example.com", None).await.expect_problem(401, "code_needed");
        log_in(&server, "me@example.com", Some(" ")).await.expect_problem(401, "code_needed");
        let operators = json!({"email": "me@example.com", "password": PASSWORD});
        server.post("/api/admin/login", "", operators).await.expect_problem(401, "credentials_wrong");
        server.clock.set(NOW + 30);
        let right = code(&server, secret, 0);
        let guess = json!({"email": "me@example.com", "password": "wrong", "code": right});
        server.post("/api/user/login", "", guess).await.expect_problem(401, "credentials_wrong");
        let spaced = format!("{} {}", &right[..3], &right[3..]);
        let mine = token(&server, "me@example.com", Some(&spaced)).await;
        let shown = server.get("/api/user/second-factor", &mine).await.expect(200).json;
        let since = json!("2026-03-31T23:00:00Z");
        assert_eq!(shown, json!({"active": true, "since": since, "recoveryCodesLeft": 10, "needed": false}));
        assert_eq!(server.get("/api/user/export", &mine).await.json["secondFactorSince"], since);
        assert_eq!((trail(&server, "second_factor.begin").await.len(), trail(&server, "second_factor.enrol").await.len()), (1, 1));
        let starts = trail(&server, "session.start").await;
        assert_eq!(starts.iter().filter(|start| start["after"].to_string().contains("secondFactor")).count(), 1, "{starts:?}");
        // Others are not asked for what they do not have; what they send along is not looked at.
        server.driver("them@example.com").await;
        log_in(&server, "them@example.com", Some("123456")).await.expect(200);
    }

    async fn a_code_opens_one_log_in_however_many_ask_at_once(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let (secret, _) = enrol(&server, &me).await;
        let (early, right) = (code(&server, &secret, -1), code(&server, &secret, 0));
        log_in(&server, "me@example.com", Some(&early)).await.expect_problem(401, "code_wrong");
        let asked = (0..6).map(|_| log_in(&server, "me@example.com", Some(&right)));
        let answers = futures_util::future::join_all(asked).await;
        let opened = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(opened, 1, "{answers:?}");
        assert!(answers.iter().all(|answer| answer.status == 200 || answer.code() == "code_wrong"), "{answers:?}");
        // An app whose clock is a step ahead is right, and takes those before with it.
        server.clock.set(server.clock.now() + 30);
        log_in(&server, "me@example.com", Some(&code(&server, &secret, 1))).await.expect(200);
        log_in(&server, "me@example.com", Some(&code(&server, &secret, 0))).await.expect_problem(401, "code_wrong");
    }

    async fn a_recovery_code_works_once_and_only_its_hash_is_kept(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let (_, codes) = enrol(&server, &me).await;
        let typed = codes[3].to_uppercase().replace('-', " ");
        let mine = token(&server, "me@example.com", Some(&typed)).await;
        log_in(&server, "me@example.com", Some(&codes[3])).await.expect_problem(401, "code_wrong");
        assert_eq!(server.get("/api/user/second-factor", &mine).await.json["recoveryCodesLeft"], 9);
        let used = trail(&server, "second_factor.recovery").await;
        assert_eq!(used.len(), 1);
        assert!(used[0]["after"].to_string().contains('9'), "{used:?}");
        log_in(&server, "me@example.com", Some(&codes[4])).await.expect(200);
        let store = server.database.store().await;
        let stored = store.read(async |conn| conn.all("SELECT code_hash FROM recovery_codes", &[], |row| row.text(0)).await);
        let stored = stored.await.unwrap();
        assert_eq!(stored.len(), 8);
        assert!(stored.iter().all(|hash| hash.len() == 64 && !codes.contains(hash)));
    }

    async fn a_removal_takes_a_fresh_log_in_and_a_code(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let (secret, codes) = enrol(&server, &me).await;
        remove(&server, &me, "000000").await.expect_problem(401, "code_wrong");
        let used = code(&server, &secret, -1);
        remove(&server, &me, &used).await.expect_problem(401, "code_wrong");
        server.clock.set(NOW + 16 * MINUTE);
        remove(&server, &me, &code(&server, &secret, 0)).await.expect_problem(403, "log_in_again");
        let fresh = token(&server, "me@example.com", Some(&code(&server, &secret, 0))).await;
        remove(&server, &fresh, &code(&server, &secret, 0)).await.expect_problem(401, "code_wrong");
        remove(&server, &fresh, &codes[0]).await.expect(200);
        remove(&server, &fresh, &codes[1]).await.expect_problem(404, "second_factor_not_found");
        log_in(&server, "me@example.com", None).await.expect(200);
        server.get("/api/reservations/my", &me).await.expect_problem(401, "token_invalid");
        assert_eq!(trail(&server, "second_factor.remove").await.len(), 1);
        assert_eq!(trail(&server, "access.code_refused").await.len(), 1, "once an hour");

        // So does setting one up, or whoever finds a device that is logged in could lock its owner out.
        server.clock.set(NOW + 40 * MINUTE);
        for nothing in [None, Some(Value::Null), Some(json!({}))] {
            let stale = server.send(Method::POST, "/api/user/second-factor", &fresh, nothing).await;
            stale.expect_problem(403, "log_in_again");
        }
        let wrong = server.post("/api/user/second-factor", &fresh, json!({"password": "wrong"})).await;
        wrong.expect_problem(401, "credentials_wrong");
        let begun = server.post("/api/user/second-factor", &fresh, json!({"password": PASSWORD})).await.expect(201);
        // The secret waits for a quarter of an hour.
        server.clock.set(NOW + 55 * MINUTE);
        let late = code(&server, begun.json["secret"].as_str().unwrap(), 0);
        confirm(&server, &fresh, &late).await.expect_problem(404, "second_factor_not_found");
    }

    async fn administrators_remove_what_somebody_lost(engine: Engine) {
        let server = Server::start(engine).await;
        let (operator, root) = (staff(&server, "op@example.com", "operator").await, staff(&server, "root@example.com", "administrator").await);
        let me = server.driver("me@example.com").await;
        enrol(&server, &me).await;
        enrol(&server, &root).await;
        let path = async |email: &str| format!("/api/admin/accounts/{}/second-factor", id(&server, email).await);
        let (mine, own) = (path("me@example.com").await, path("root@example.com").await);
        // An operator can hand over a link for a new password; with this too the account would be theirs.
        server.delete(&mine, &operator).await.expect_problem(403, "forbidden");
        server.delete(&own, &root).await.expect_problem(403, "forbidden");
        server.delete(&mine, &root).await.expect(200);
        server.delete(&mine, &root).await.expect_problem(404, "second_factor_not_found");
        server.get("/api/reservations/my", &me).await.expect_problem(401, "token_invalid");
        log_in(&server, "me@example.com", None).await.expect(200);
        let removed = trail(&server, "second_factor.remove").await;
        assert_eq!(removed.len(), 1);
        assert_eq!(removed[0]["object"], format!("account:{}", id(&server, "me@example.com").await));
        // The last administrator's way is the command line.
        let root_id = id(&server, "root@example.com").await;
        second_factor::remove_of(&server.site, &Caller::command_line(), root_id.clone()).await.unwrap();
        let again = second_factor::remove_of(&server.site, &Caller::command_line(), root_id).await;
        assert!(matches!(again, Err(Failure::Refused(Refusal::SecondFactorNotFound))));
        log_in(&server, "root@example.com", None).await.expect(200);
    }

    async fn with_the_staff_rule_operators_enrol_before_anything_else(engine: Engine) {
        let server = Server::start_with(engine, &[("SECOND_FACTOR", "staff")]).await;
        let operator = staff(&server, "op@example.com", "operator").await;
        let body = json!({"email": "op@example.com", "password": PASSWORD});
        let login = server.post("/api/admin/login", "", body).await.expect(200);
        assert_eq!(login.json["mustEnrol"], true);
        for path in [DAY_LIST, "/api/admin/accounts", "/api/reservations/my", "/api/user/sessions", "/api/user/export"] {
            server.get(path, &operator).await.expect_problem(403, "second_factor_missing");
        }
        let erase = server.post("/api/user/erase", &operator, json!({"password": PASSWORD})).await;
        erase.expect_problem(403, "second_factor_missing");
        server.get("/api/sessions", &operator).await.expect(200);
        assert_eq!(server.get("/api/user/second-factor", &operator).await.json["needed"], true);
        let (secret, codes) = enrol(&server, &operator).await;
        server.get(DAY_LIST, &operator).await.expect(200);
        let again = log_in(&server, "op@example.com", Some(&code(&server, &secret, 0))).await.expect(200);
        assert_eq!(again.json["mustEnrol"], Value::Null);
        let token = again.json["token"].as_str().unwrap();
        server.get(DAY_LIST, token).await.expect(200);
        let refreshed = server.post("/api/user/refresh", "", json!({"refreshToken": again.json["refreshToken"]})).await;
        server.get(DAY_LIST, refreshed.expect(200).json["token"].as_str().unwrap()).await.expect(200);
        // Without it, the log-in is at once no better than its password.
        remove(&server, token, &codes[0]).await.expect(200);
        server.get(DAY_LIST, token).await.expect_problem(403, "second_factor_missing");
        server.send(Method::POST, "/api/user/logout", token, None).await.expect(200);
        server.get("/api/user/second-factor", token).await.expect_problem(401, "token_invalid");

        let driver = server.driver("me@example.com").await;
        server.get("/api/reservations/my", &driver).await.expect(200);
        server.get(DAY_LIST, ADMIN_TOKEN).await.expect(200);
    }

    async fn a_rule_that_was_made_stricter_holds_for_log_ins_from_before(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("me@example.com").await;
        let enrolled = server.driver("them@example.com").await;
        enrol(&server, &enrolled).await;
        let (clock, database) = (server.clock.clone(), server.stop().await);
        let server = Server::start_on(database, clock, &[("SECOND_FACTOR", "required")]).await;
        server.get("/api/reservations/my", &driver).await.expect_problem(403, "second_factor_missing");
        server.get("/api/reservations/my", &enrolled).await.expect(200);
        let body = json!({"email": "new@example.com", "password": PASSWORD});
        let new = server.post("/api/user/register", "", body).await.expect(201);
        assert_eq!(new.json["mustEnrol"], true);
    }

    async fn no_other_way_in_leaves_the_code_out(engine: Engine) {
        let server = Server::start(engine).await;
        let register = || {
            let request = server.request(Method::POST, "/api/user/register").header("Idempotency-Key", "one");
            Answer::of(request.json(&json!({"email": "me@example.com", "password": PASSWORD})))
        };
        let me = register().await.expect(201).json["token"].as_str().unwrap().to_owned();
        let (secret, _) = enrol(&server, &me).await;
        register().await.expect_problem(401, "code_needed");
        let path = format!("/api/admin/accounts/{}/reset-link", id(&server, "me@example.com").await);
        let link = server.send(Method::POST, &path, ADMIN_TOKEN, None).await.expect(201).json["link"].clone();
        let reset = json!({"link": link, "newPassword": "twelve green tomatoes"});
        server.post("/api/user/password/reset", "", reset).await.expect(200);
        let mut body = json!({"email": "me@example.com", "password": "twelve green tomatoes"});
        server.post("/api/user/login", "", body.clone()).await.expect_problem(401, "code_needed");
        body["code"] = json!(code(&server, &secret, 0));
        let mine = server.post("/api/user/login", "", body).await.expect(200);
        // Whoever leaves takes it along.
        let erase = json!({"password": "twelve green tomatoes"});
        server.post("/api/user/erase", mine.json["token"].as_str().unwrap(), erase).await.expect(200);
        let store = server.database.store().await;
        let left = "SELECT (SELECT COUNT(*) FROM second_factors) + (SELECT COUNT(*) FROM recovery_codes)";
        assert_eq!(store.read(async |conn| conn.one(left, &[], |row| row.int(0)).await).await.unwrap(), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_held_back_as_wrong_passwords_are_and_wherever_they_come_from() {
    let server = Server::start_with(Engine::Sqlite, &[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let me = server.driver("me@example.com").await;
    let (secret, _) = enrol(&server, &me).await;
    let wrong = code(&server, &secret, 7);
    let try_from = async |address: &str, code: &str| {
        let request = server.request(Method::POST, "/api/user/login").header("X-Forwarded-For", address);
        Answer::of(request.json(&json!({"email": "me@example.com", "password": PASSWORD, "code": code}))).await
    };
    let mut checked = 0;
    for _ in 0..30 {
        checked += usize::from(try_from("203.0.113.9", &wrong).await.code() == "code_wrong");
    }
    assert_eq!(checked, 10);
    let right = code(&server, &secret, 0);
    try_from("203.0.113.9", &right).await.expect_problem(429, "too_many_tries");
    let refused = trail(&server, "session.refused").await;
    assert_eq!(refused.len(), 10);
    assert!(refused.iter().all(|record| record["after"].to_string().contains("code")), "{refused:?}");
    // From many addresses: ten more in the hour, then nobody, right or wrong.
    for network in 0..30 {
        checked += usize::from(try_from(&format!("198.51.100.{network}"), &wrong).await.code() == "code_wrong");
    }
    assert_eq!(checked, 20);
    try_from("192.0.2.7", &right).await.expect_problem(429, "too_many_tries");
    server.clock.set(NOW + 61 * MINUTE);
    try_from("192.0.2.7", &code(&server, &secret, 0)).await.expect(200);
}
