//! Cookies by TLS, log-ins that end, first and old passwords, records of attempts, and the rights of database roles.

use std::sync::Arc;

use jari::app::App;
use jari::clock::Clock;
use jari::service::accounts::Administrator;
use jari::service::sessions::{Credentials, LoginFor, log_in};
use jari::service::{Caller, Failure, Refusal};
use reqwest::Method;
use serde_json::{Value, json};

use crate::binary::Process;
use crate::harness::{ADMIN_TOKEN, Answer, Database, Engine, NOW, Server, both_engines, settings};

const PASSWORD: &str = "a password of the tests";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Logs in, as somebody who has this cookie and token already.
async fn log_in_with(server: &Server, email: &str, cookie: &str, token: &str) -> Answer {
    let mut request = server.request(Method::POST, "/api/user/login").header("Cookie", cookie);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    Answer::of(request.json(&json!({"email": email, "password": PASSWORD}))).await.expect(200)
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn my(server: &Server, cookie: &str) -> Answer {
    Answer::of(server.request(Method::GET, "/api/user/sessions").header("Cookie", cookie)).await
}

/// The records whose action begins so, newest first.
async fn trail(server: &Server, action: &str) -> Vec<Value> {
    let list = server.get(&format!("/api/admin/audit?action={action}"), ADMIN_TOKEN).await.expect(200);
    list.json.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_tls_cookies_belong_to_this_host_alone_and_browsers_keep_to_tls() {
    let server = Server::start_with(Engine::Sqlite, &[("PUBLIC_URL", "https://jari.test")]).await;
    server.driver("me@example.com").await;
    let done = log_in_with(&server, "me@example.com", "", "").await;
    let set = done.header("set-cookie");
    assert!(set.starts_with("__Host-jari_session=") && set.contains("; Path=/;") && set.ends_with("; Secure"), "{set}");
    assert!(!set.contains("Domain"), "{set}");
    my(&server, &cookie(&done)).await.expect(200);
    // A cookie that another host of the domain planted is not looked at.
    my(&server, &cookie(&done).replace("__Host-", "")).await.expect_problem(401, "login_required");
    for path in ["/health", "/api/bays", "/nowhere", "/api/user/sessions", "/docs/"] {
        let policy = server.get(path, "").await.header("strict-transport-security").to_owned();
        assert_eq!(policy, "max-age=31536000; includeSubDomains", "{path}");
    }
    let out = Answer::of(server.request(Method::POST, "/api/user/logout").header("Cookie", cookie(&done))).await;
    assert!(out.header("set-cookie").starts_with("__Host-jari_session=; Path=/; Max-Age=0"));

    // Without PUBLIC_URL a trusted proxy says how a request came.
    let server = Server::start_with(Engine::Sqlite, &[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    server.driver("me@example.com").await;
    let body = json!({"email": "me@example.com", "password": PASSWORD});
    for (proto, name, policy) in
        [("https", "__Host-jari_session=", "max-age=31536000; includeSubDomains"), ("http", "jari_session=", "")]
    {
        let request = server.request(Method::POST, "/api/user/login").header("X-Forwarded-Proto", proto);
        let done = Answer::of(request.json(&body)).await.expect(200);
        assert!(done.header("set-cookie").starts_with(name), "{}", done.header("set-cookie"));
        assert_eq!(done.header("strict-transport-security"), policy);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seeing_by_match_verify_and_the_list_of_accounts_is_recorded_too() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    server.book(&me, json!(1), "12가3456", "10:00", "11:00").await.expect(201);
    let key = async |scope: &str| {
        let made =
            server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": scope, "scope": scope})).await.expect(201);
        made.json["bearer"].as_str().unwrap().to_owned()
    };
    let (integration, camera) = (key("integration").await, key("camera").await);
    let tomorrow = "2026-04-02T10:30:00+09:00";
    let verify = json!({"plate": "12가3456", "date": "2026-04-02", "startTime": "10:00", "endTime": "11:00"});
    let nothing = json!({"plate": "34나5678", "timestamp": tomorrow});
    for token in [&integration, &camera] {
        assert_eq!(server.post("/api/plates/match", token, nothing.clone()).await.expect(200).json["match"], false);
    }
    server.post("/api/plates/verify", &me, verify.clone()).await.expect(200);
    assert_eq!(trail(&server, "personal_data.see").await.len(), 0, "nothing was seen, or masked");
    for _ in 0..3 {
        for token in [&integration, &camera] {
            let asked = json!({"plate": "12가3456", "timestamp": tomorrow});
            assert_eq!(server.post("/api/plates/match", token, asked).await.expect(200).json["match"], true);
        }
        server.post("/api/plates/verify", &integration, verify.clone()).await.expect(200);
        server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
    }
    let seen = trail(&server, "personal_data.see").await;
    let seen: Vec<_> =
        seen.iter().map(|record| (record["actor"].as_str().unwrap(), record["object"].as_str().unwrap())).collect();
    assert_eq!(seen.iter().map(|(_, object)| *object).collect::<Vec<_>>(), ["accounts", "verify", "match"], "{seen:?}");
    assert!(seen[1].0.starts_with("key:") && seen[1].0 == seen[2].0, "{seen:?}");
}

both_engines! {
    async fn a_new_log_in_takes_the_place_of_the_one_before(engine: Engine) {
        let server = Server::start(engine).await;
        server.driver("me@example.com").await;
        let other = log_in_with(&server, "me@example.com", "", "").await;
        let first = log_in_with(&server, "me@example.com", "", "").await;
        let second = log_in_with(&server, "me@example.com", &cookie(&first), "").await;
        my(&server, &cookie(&first)).await.expect_problem(401, "login_required");
        server.get("/api/user/sessions", first.json["token"].as_str().unwrap()).await.expect_problem(401, "token_invalid");
        my(&server, &cookie(&second)).await.expect(200);
        let third = log_in_with(&server, "me@example.com", "", second.json["token"].as_str().unwrap()).await;
        my(&server, &cookie(&second)).await.expect_problem(401, "login_required");
        // Those of other browsers stay, and a log-in that fails ends nothing.
        my(&server, &cookie(&other)).await.expect(200);
        let request = server.request(Method::POST, "/api/user/login").header("Cookie", cookie(&third));
        Answer::of(request.json(&json!({"email": "me@example.com", "password": "no"}))).await.expect(401);
        my(&server, &cookie(&third)).await.expect(200);
        assert_eq!(trail(&server, "session.end").await.len(), 2);
    }

    async fn log_ins_that_are_not_used_end(engine: Engine) {
        let server = Server::start_with(engine, &[("SESSION_DAYS", "60"), ("STAFF_IDLE_HOURS", "8")]).await;
        server.driver("me@example.com").await;
        let used = log_in_with(&server, "me@example.com", "", "").await;
        let unused = log_in_with(&server, "me@example.com", "", "").await;
        for day in [13, 26, 39] {
            server.clock.set(NOW + day * DAY);
            my(&server, &cookie(&used)).await.expect(200);
            if day == 13 {
                let list = my(&server, &cookie(&used)).await;
                assert_eq!(list.json.as_array().unwrap().len(), 3);
                continue;
            }
            my(&server, &cookie(&unused)).await.expect_problem(401, "login_required");
            let refresh = json!({"refreshToken": unused.json["refreshToken"]});
            server.post("/api/user/refresh", "", refresh).await.expect_problem(401, "token_invalid");
            assert_eq!(my(&server, &cookie(&used)).await.json.as_array().unwrap().len(), 1, "nor do they stand in the list");
        }
        server.clock.set(NOW + 39 * DAY + 14 * DAY - 1);
        my(&server, &cookie(&used)).await.expect(200);
        server.clock.set(NOW + 60 * DAY);
        my(&server, &cookie(&used)).await.expect_problem(401, "login_required");
        // A shift of somebody who went home.
        server.clock.set(NOW);
        let list = server.get("/api/admin/accounts", ADMIN_TOKEN).await;
        let path = format!("/api/admin/accounts/{}", list.json[1]["id"].as_str().unwrap());
        server.patch(&path, ADMIN_TOKEN, json!({"role": "operator"})).await.expect(200);
        let (used, unused) = (log_in_with(&server, "me@example.com", "", "").await, log_in_with(&server, "me@example.com", "", "").await);
        server.clock.set(NOW + 7 * HOUR);
        my(&server, &cookie(&used)).await.expect(200);
        server.clock.set(NOW + 8 * HOUR);
        my(&server, &cookie(&used)).await.expect(200);
        my(&server, &cookie(&unused)).await.expect_problem(401, "login_required");
        // That a token is over is no attempt of anybody's.
        assert_eq!(trail(&server, "access.token_refused").await.len(), 0);
    }

    async fn ending_another_log_in_needs_a_proof(engine: Engine) {
        let server = Server::start(engine).await;
        let found = server.driver("me@example.com").await;
        let other = log_in_with(&server, "me@example.com", "", "").await;
        let token = other.json["token"].as_str().unwrap();
        let list = server.get("/api/user/sessions", &found).await.expect(200);
        let id = |current: bool| {
            let session = list.json.as_array().unwrap().iter().find(|session| session["current"] == current);
            format!("/api/user/sessions/{}", session.unwrap()["id"].as_str().unwrap())
        };
        let with = async |path: &str, password: &str| server.send(Method::DELETE, path, &found, Some(json!({"password": password}))).await;
        server.clock.set(NOW + 15 * 60);
        server.delete(&id(false), &found).await.expect_problem(403, "log_in_again");
        with(&id(false), "guess").await.expect_problem(401, "credentials_wrong");
        server.get("/api/user/sessions", token).await.expect(200);
        with(&id(false), PASSWORD).await.expect(200);
        server.get("/api/user/sessions", token).await.expect_problem(401, "token_invalid");
        // The own one ends without, and shortly after a log-in any does.
        server.delete(&id(true), &found).await.expect(200);
        let (first, second) = (log_in_with(&server, "me@example.com", "", "").await, log_in_with(&server, "me@example.com", "", "").await);
        let list = server.get("/api/user/sessions", first.json["token"].as_str().unwrap()).await.expect(200);
        let other = list.json.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap()["id"].clone();
        let path = format!("/api/user/sessions/{}", other.as_str().unwrap());
        server.delete(&path, first.json["token"].as_str().unwrap()).await.expect(200);
        my(&server, &cookie(&second)).await.expect_problem(401, "login_required");
    }

    async fn an_old_hash_of_a_password_is_renewed_by_a_log_in(engine: Engine) {
        use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
        let server = Server::start(engine).await;
        server.driver("me@example.com").await;
        let stored = async || {
            let store = server.database.store().await;
            let find = async |conn: &mut jari::store::Conn<'_>| jari::store::accounts::find_by_email(conn, "me@example.com").await;
            store.read(find).await.unwrap().unwrap().password_hash.unwrap()
        };
        let before = stored().await;
        log_in_with(&server, "me@example.com", "", "").await;
        assert_eq!(stored().await, before, "one of today's stays");
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let old = old.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap().to_string();
        let store = server.database.store().await;
        let set = old.clone();
        let sql = "UPDATE accounts SET password_hash = $1 WHERE email = 'me@example.com'";
        let written = store.write(async move |conn| {
            conn.exec(sql, &[jari::store::Val::Text(Some(&set))]).await?;
            Ok::<_, Failure>(())
        });
        written.await.unwrap();
        let wrong = json!({"email": "me@example.com", "password": "wrong"});
        server.post("/api/user/login", "", wrong).await.expect(401);
        assert_eq!(stored().await, old, "a wrong password renews nothing");
        log_in_with(&server, "me@example.com", "", "").await;
        let new = stored().await;
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
        log_in_with(&server, "me@example.com", "", "").await;
        assert_eq!(stored().await, new);
        assert_eq!(trail(&server, "account.rehash").await.len(), 1);
    }

    async fn the_password_that_the_first_start_shows_works_for_a_week(engine: Engine) {
        let database = Database::create(engine).await;
        let clock = Clock::standing_at(NOW);
        let app = App::build(&settings(&database, &[]), clock.clone()).await.unwrap();
        let Administrator::Made { email, password } = app.administrator else { panic!("nobody was made") };
        let site = app.site;
        let come = async |password: &str| {
            let credentials = Credentials { email: email.clone(), password: password.to_owned(), code: None };
            log_in(&site, &Caller::command_line(), LoginFor::Staff, credentials).await
        };
        clock.set(NOW + 7 * DAY - 1);
        let logged_in = come(&password).await.unwrap();
        clock.set(NOW + 7 * DAY);
        assert!(matches!(come(&password).await, Err(Failure::Refused(Refusal::CredentialsWrong))));
        // Nobody is locked out: the command line makes a link.
        let me = Caller::command_line();
        let link = jari::service::accounts::issue_reset(&site, &me, logged_in.account.id, None).await.unwrap();
        jari::service::accounts::reset_password(&site, &me, &link, "twelve green tomatoes".to_owned()).await.unwrap();
        clock.set(NOW + 100 * DAY);
        come("twelve green tomatoes").await.unwrap();
    }

    async fn attempts_are_recorded_once_an_hour_and_cannot_fill_the_disk(engine: Engine) {
        let server = Server::start_with(engine, &[("TRUSTED_PROXIES", "127.0.0.0/8"), ("RATE_CHECKS_PER_MINUTE", "5")]).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let theirs = server.book(&them, json!(1), "12가3456", "10:00", "11:00").await.expect(201);
        let path = format!("/api/reservations/{}", theirs.json["id"].as_str().unwrap());
        let send = async |address: &str, method: Method, path: &str, token: &str, body: Value| {
            let request = server.request(method, path).header("X-Forwarded-For", address).header("X-Request-Id", "a-request-id");
            Answer::of(request.bearer_auth(token).json(&body)).await
        };
        let mut answers = std::collections::BTreeMap::new();
        for _ in 0..10 {
            for (method, path, token, body) in [
                (Method::GET, path.as_str(), me.as_str(), json!(null)),
                (Method::PATCH, &path, &me, json!({"startTime": "12:00"})),
                (Method::DELETE, &path, &me, json!(null)),
                (Method::GET, "/api/admin/accounts", &me, json!(null)),
                (Method::GET, "/api/reservations/my", "no.token.ours", json!(null)),
                (Method::GET, "/api/reservations/my", "jari_0123_secret", json!(null)),
                (Method::POST, "/api/user/refresh", "", json!({"refreshToken": "no.token"})),
                (Method::POST, "/api/plates/verify", &me, json!({"plate": "12가3456"})),
            ] {
                let answer = send("203.0.113.9", method, path, token, body).await;
                *answers.entry(answer.code().to_owned()).or_insert(0) += 1;
            }
            let request = server.request(Method::POST, "/api/user/login").header("Origin", "https://evil.example");
            let request = request.header("X-Forwarded-For", "203.0.113.9");
            Answer::of(request.json(&json!({}))).await.expect_problem(403, "cross_origin");
        }
        let answered = |code: &str| answers.get(code).copied().unwrap_or_default();
        assert_eq!((answered("reservation_not_found"), answered("forbidden"), answered("token_invalid")), (30, 10, 30));
        assert_eq!(answered("too_many_tries"), 5);
        for (action, by) in [
            ("access.not_own", "account:"),
            ("access.forbidden", "account:"),
            ("access.token_refused", "anonymous"),
            ("access.throttled", "account:"),
            ("access.cross_origin", "anonymous"),
        ] {
            let records = trail(&server, action).await;
            assert_eq!(records.len(), 1, "{action}: {records:?}");
            assert!(records[0]["actor"].as_str().unwrap().starts_with(by), "{}", records[0]);
            assert_eq!(records[0]["address"], "203.0.113.9");
        }
        // An hour later, or from elsewhere, it is another.
        server.clock.set(NOW + HOUR);
        send("203.0.113.9", Method::GET, &path, &me, json!(null)).await.expect(404);
        send("198.51.100.7", Method::GET, &path, &me, json!(null)).await.expect(404);
        assert_eq!(trail(&server, "access.not_own").await.len(), 3);
        // A wrong old password is a refused log-in like any other.
        let body = json!({"oldPassword": "guess", "newPassword": "twelve green tomatoes"});
        send("203.0.113.9", Method::POST, "/api/user/password", &me, body).await.expect_problem(401, "credentials_wrong");
        assert_eq!(trail(&server, "session.refused").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_from_everywhere_are_bounded_too() {
    let server = Server::start(Engine::Sqlite).await;
    let count = async || {
        let store = server.database.store().await;
        let number = async |conn: &mut jari::store::Conn<'_>| {
            conn.one("SELECT number FROM audit_head", &[], |row| row.int(0)).await
        };
        store.read(number).await.unwrap().unwrap()
    };
    let before = count().await;
    for number in 0..3000_u32 {
        let address = Some(std::net::Ipv4Addr::from(0xcb00_0000 + number).into());
        let caller = Caller { actor: jari::domain::account::Actor::Anonymous, address, ..Caller::command_line() };
        server.site.record_attempt(&caller, "access.token_refused", None).await;
    }
    println!("attempts from 3,000 addresses within an hour left {} records (goal 1,000)", count().await - before);
    assert_eq!(count().await - before, 1000);
}

#[test]
fn the_log_says_who_was_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    for path in ["/nowhere", "/health"] {
        let asked = std::process::Command::new("curl").args(["-s", &format!("{}{path}", server.base)]).output();
        assert!(asked.unwrap().status.success());
    }
    std::thread::sleep(std::time::Duration::from_millis(200));
    let log = server.log.lock().unwrap().clone();
    let line =
        |status: &str| log.lines().find(|line| line.contains(status)).unwrap_or_else(|| panic!("{log}")).to_owned();
    assert!(line("http.status=404").contains("127.0.0.1"), "{log}");
    assert!(!line("http.status=200").contains("127.0.0.1"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_site_answers_to_its_own_names_only() {
    let ask = async |server: &Server, host: &str| {
        Answer::of(server.request(Method::GET, "/api/bays").header("Host", host)).await
    };
    let settings = [("ACCESS_MODE", "open"), ("PUBLIC_URL", "http://charge.lan:8000"), ("ALLOWED_HOSTS", "jari.lan")];
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    for host in ["charge.lan:8000", "Charge.lan", "jari.lan:1", "localhost:8000", "192.168.7.5:8000", "[::1]:8000"] {
        ask(&server, host).await.expect(200);
    }
    for host in ["evil.example", "charge.lan.evil.example:8000", "127.0.0.1.evil.example"] {
        ask(&server, host).await.expect_problem(421, "wrong_host");
    }
    assert_eq!(trail(&server, "access.wrong_host").await.len(), 1);
    // With log-ins a page of another site can do nothing, and without the settings the names are not known.
    let with_log_ins = Server::start_with(Engine::Sqlite, &settings[1..]).await;
    ask(&with_log_ins, "evil.example").await.expect(200);
    let unknown = Server::start_with(Engine::Sqlite, &settings[..1]).await;
    ask(&unknown, "whatever.example").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_can_be_kept_to_administrators_or_to_nobody() {
    let provider =
        json!([{"name": "company", "issuer": "https://id.example.kr", "client_id": "jari", "client_secret": "x"}]);
    let provider = provider.to_string();
    for (setting, driver, administrator) in [("on", 200, 200), ("administrators", 401, 200), ("off", 403, 403)] {
        let database = Arc::new(Database::create(Engine::Sqlite).await);
        let before = Server::start_on(Arc::clone(&database), Clock::standing_at(NOW), &[]).await;
        before.driver("me@example.com").await;
        before.stop().await;
        let more = [
            ("PASSWORD_LOGIN", setting),
            ("OIDC_PROVIDERS", &provider),
            ("PUBLIC_URL", "https://jari.test"),
            ("ADMIN_EMAIL", "root@example.com"),
            ("ADMIN_PASSWORD", "twelve green tomatoes"),
        ];
        let server = Server::start_on(database, Clock::standing_at(NOW), &more).await;
        let log_in = async |path: &str, email: &str, password: &str| {
            server.post(path, "", json!({"email": email, "password": password})).await.status.as_u16()
        };
        assert_eq!(log_in("/api/user/login", "me@example.com", PASSWORD).await, driver, "{setting}");
        assert_eq!(
            log_in("/api/admin/login", "root@example.com", "twelve green tomatoes").await,
            administrator,
            "{setting}"
        );
        let register = log_in("/api/user/register", "new@example.com", "eleven green tomatoes").await;
        assert_eq!(register, if setting == "on" { 201 } else { 403 });
    }
    let flags = [("PASSWORD_LOGIN".to_owned(), "off".to_owned())];
    let sources = jari::config::Sources { flags: &flags, ..jari::config::Sources::default() };
    let refused = jari::config::load(sources).unwrap_err().to_string();
    assert!(refused.contains("OIDC_PROVIDERS"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_serves_cannot_change_the_trail() {
    let database = Arc::new(Database::create(Engine::Postgres).await);
    let owner = database.store().await;
    let script = async |sql: String| {
        let unit = async move |conn: &mut jari::store::Conn<'_>| Ok::<_, Failure>(conn.script(&sql).await?);
        owner.write(unit).await
    };
    owner.migrate(NOW).await.unwrap();
    // The statements of the page, with a name of this test's own.
    let page = include_str!("../../docs/security.md");
    let grants = page.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    let role = format!("serve_{}", uuid::Uuid::new_v4().simple());
    script(format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    script(grants.replace("jari_serve", &role)).await.unwrap();

    let url = database.url.replacen("jari_test@", &format!("{role}@"), 1);
    let server = Server::start_on(Arc::clone(&database), Clock::standing_at(NOW), &[("DATABASE_URL", &url)]).await;
    let me = server.driver("me@example.com").await;
    let made = server.book(&me, json!("any"), "12가3456", "10:00", "11:00").await.expect(201);
    let path = format!("/api/reservations/{}", made.json["id"].as_str().unwrap());
    server.patch(&path, &me, json!({"startTime": "12:00"})).await.expect(200);
    server.delete(&path, &me).await.expect(200);
    server.post("/api/bays", ADMIN_TOKEN, json!({"name": "B1-07"})).await.expect(201);
    server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "x", "scope": "camera"})).await.expect(201);
    server.post("/api/user/erase", &me, json!({"password": PASSWORD})).await.expect(200);
    server.get("/health/ready", "").await.expect(200);
    jari::service::privacy::forget_old_log_ins(&server.site).await.unwrap();
    jari::service::forget_old_keys(&server.site).await.unwrap();

    for sql in [
        "UPDATE audit_records SET actor = 'nobody'",
        "DELETE FROM audit_records",
        "TRUNCATE audit_records",
        "DROP TABLE audit_records",
        "DELETE FROM audit_head",
        "INSERT INTO schema_migrations (version, name, applied_at) VALUES (99, 'x', 0)",
        "CREATE TABLE mine (x BIGINT)",
        "DROP INDEX audit_records_object",
    ] {
        let unit = async move |conn: &mut jari::store::Conn<'_>| Ok::<_, Failure>(conn.script(sql).await?);
        let refused = server.site.store.write(unit).await.unwrap_err().to_string();
        assert!(refused.contains("denied") || refused.contains("owner"), "{sql}: {refused}");
    }
    let verified = owner.snapshot(async |conn| jari::store::audit::verify(conn).await).await.unwrap();
    assert!(verified.is_ok());
    server.stop().await;
    script(format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}
