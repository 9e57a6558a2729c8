//! Mails: links for new passwords, proofs of e-mails, and what becomes of them when the mail server is in trouble.

pub mod smtp;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::binary::Process;
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, both_engines};
use smtp::{Mood, Smtp};

const PASSWORD: &str = "a password of the tests";
const OTHER: &str = "twelve green tomatoes";

/// A server whose mails go to `smtp`.
pub async fn server(engine: Engine, smtp: &Smtp, more: &[(&str, &str)]) -> Server {
    let url = smtp.url();
    let mut settings = vec![
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "자리 <no-reply@example.kr>"),
        ("PUBLIC_URL", "https://charge.example.kr"),
    ];
    settings.extend(more);
    Server::start_with(engine, &settings).await
}

async fn register(server: &Server, email: &str, password: &str) -> Answer {
    server.post("/api/user/register", "", json!({"email": email, "password": password})).await
}

async fn log_in(server: &Server, email: &str, password: &str) -> Answer {
    server.post("/api/user/login", "", json!({"email": email, "password": password})).await
}

async fn forgot(server: &Server, email: &str) -> Answer {
    server.post("/api/user/password/forgot", "", json!({"email": email})).await
}

async fn reset(server: &Server, link: &str) -> Answer {
    server.post("/api/user/password/reset", "", json!({"link": link, "newPassword": OTHER})).await
}

/// Registers somebody and proves the e-mail by the mail of this number.
async fn proved(server: &Server, smtp: &Smtp, email: &str, number: usize) {
    register(server, email, PASSWORD).await.expect(202);
    let link = smtp.mail(number).await;
    assert_eq!(link.to, email);
    server.post("/api/user/verify", "", json!({"link": link.secret()})).await.expect(200);
}

async fn trail(server: &Server, action: &str) -> Vec<Value> {
    let found = server.get(&format!("/api/admin/audit?action={action}"), ADMIN_TOKEN).await.expect(200);
    found.json.as_array().unwrap().clone()
}

/// What two answers have in common when nobody can tell them apart.
fn shape(answer: &Answer) -> (u16, String, Vec<String>) {
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status.as_u16(), answer.text.clone(), names)
}

both_engines! {
    async fn whoever_registers_proves_the_e_mail_before_anything_else(engine: Engine) {
        let smtp = Smtp::start().await;
        let server = server(engine, &smtp, &[]).await;
        let answer = register(&server, "me@example.com", PASSWORD).await.expect(202);
        assert_eq!((answer.text.as_str(), answer.header("set-cookie")), (r#"{"ok":true}"#, ""));
        let mail = smtp.mail(0).await;
        assert!(mail.link().starts_with("https://charge.example.kr/verify#"), "{mail:?}");
        log_in(&server, "me@example.com", PASSWORD).await.expect_problem(401, "credentials_wrong");
        let verify = |link: &str| server.post("/api/user/verify", "", json!({"link": link}));
        verify("somebody else's").await.expect_problem(400, "link_invalid");
        reset(&server, mail.secret()).await.expect_problem(400, "link_invalid");
        server.clock.set(NOW + 24 * 3600);
        verify(mail.secret()).await.expect_problem(400, "link_invalid");
        server.clock.set(NOW + 24 * 3600 - 1);
        verify(mail.secret()).await.expect(200);
        verify(mail.secret()).await.expect_problem(400, "link_invalid");
        server.clock.set(NOW);
        let token = log_in(&server, "me@example.com", PASSWORD).await.expect(200).json["token"].clone();
        server.book(token.as_str().unwrap(), json!(1), "12가3456", "10:00", "11:00").await.expect(201);
        assert_eq!(trail(&server, "account.verification_link").await.len(), 1);
        assert_eq!(trail(&server, "account.verify").await.len(), 1);
        assert_eq!(trail(&server, "account.register").await.len(), 1);
        let text = server.get("/api/admin/audit", ADMIN_TOKEN).await.text;
        assert!(!text.contains("me@example.com") && !text.contains(mail.secret()), "{text}");
    }

    async fn who_has_not_proved_the_e_mail_cannot_book(engine: Engine) {
        let smtp = Smtp::start().await;
        let first = server(engine, &smtp, &[]).await;
        register(&first, "me@example.com", PASSWORD).await.expect(202);
        smtp.mail(0).await;
        // For a while mails are not set up, and everybody gets in.
        let database = first.stop().await;
        let clock = jari::clock::Clock::standing_at(NOW);
        let without = Server::start_on(database, clock.clone(), &[]).await;
        let token = log_in(&without, "me@example.com", PASSWORD).await.expect(200).json["token"].clone();
        let old = without.driver("old@example.com").await;
        let database = without.stop().await;
        let url = smtp.url();
        let settings =
            [("SMTP_URL", url.as_str()), ("MAIL_FROM", "a@example.kr"), ("PUBLIC_URL", "https://charge.example.kr")];
        let again = Server::start_on(database, clock, &settings).await;
        let refused = again.book(token.as_str().unwrap(), json!(1), "12가3456", "10:00", "11:00").await;
        refused.expect_problem(403, "email_not_verified");
        // Who was not asked need not.
        again.book(&old, json!(1), "34나5678", "10:00", "11:00").await.expect(201);
        log_in(&again, "old@example.com", PASSWORD).await.expect(200);
        // An operator's link vouches for whoever uses it.
        let found = again.get("/api/admin/accounts?email=me@example.com", ADMIN_TOKEN).await.expect(200);
        let path = format!("/api/admin/accounts/{}/reset-link", found.json[0]["id"].as_str().unwrap());
        let issued = again.send(Method::POST, &path, ADMIN_TOKEN, None).await.expect(201);
        reset(&again, issued.json["link"].as_str().unwrap()).await.expect(200);
        let token = log_in(&again, "me@example.com", OTHER).await.expect(200).json["token"].clone();
        again.book(token.as_str().unwrap(), json!(1), "12가3456", "12:00", "13:00").await.expect(201);
    }

    async fn a_forgotten_password_is_set_anew_by_a_link_in_a_mail(engine: Engine) {
        let smtp = Smtp::start().await;
        let server = server(engine, &smtp, &[]).await;
        proved(&server, &smtp, "me@example.com", 0).await;
        let before = log_in(&server, "me@example.com", PASSWORD).await.expect(200).json["token"].clone();
        let known = forgot(&server, "ME@example.com").await.expect(202);
        let unknown = forgot(&server, "nobody@example.com").await.expect(202);
        assert_eq!(shape(&known), shape(&unknown));
        let replaced = smtp.mail(1).await;
        assert!(replaced.link().starts_with("https://charge.example.kr/reset#"), "{replaced:?}");
        forgot(&server, "me@example.com").await.expect(202);
        let mail = smtp.mail(2).await;
        reset(&server, replaced.secret()).await.expect_problem(400, "link_invalid");
        reset(&server, mail.secret()).await.expect(200);
        reset(&server, mail.secret()).await.expect_problem(400, "link_invalid");
        server.get("/api/user/sessions", before.as_str().unwrap()).await.expect_problem(401, "token_invalid");
        log_in(&server, "me@example.com", OTHER).await.expect(200);
        forgot(&server, "me@example.com").await.expect(202);
        let late = smtp.mail(3).await;
        server.clock.set(NOW + 3600);
        reset(&server, late.secret()).await.expect_problem(400, "link_invalid");
        assert!(smtp.all().iter().all(|mail| mail.to == "me@example.com"), "{:?}", smtp.all());
        assert_eq!(trail(&server, "account.reset_link").await.len(), 3);
    }

    async fn registering_a_known_e_mail_looks_like_registering_a_new_one(engine: Engine) {
        let smtp = Smtp::start().await;
        let server = server(engine, &smtp, &[]).await;
        proved(&server, &smtp, "known@example.com", 0).await;
        let known = register(&server, "known@example.com", OTHER).await.expect(202);
        let new = register(&server, "new@example.com", OTHER).await.expect(202);
        assert_eq!(shape(&known), shape(&new));
        let told = smtp.mail(2).await;
        let told = if told.to == "known@example.com" { told } else { smtp.mail(1).await };
        assert!(told.link().contains("/reset#"), "{told:?}");
        // Nothing tells them apart afterwards, and nothing changed.
        log_in(&server, "known@example.com", OTHER).await.expect_problem(401, "credentials_wrong");
        log_in(&server, "new@example.com", OTHER).await.expect_problem(401, "credentials_wrong");
        log_in(&server, "known@example.com", PASSWORD).await.expect(200);
        // The offer in the mail works, also for somebody whose address another registered first.
        register(&server, "new@example.com", "a squatter's other password").await.expect(202);
        let offer = smtp.mail(3).await;
        assert_eq!(offer.to, "new@example.com");
        let body = json!({"link": offer.secret(), "newPassword": "nine purple tractors jumping"});
        server.post("/api/user/password/reset", "", body).await.expect(200);
        log_in(&server, "new@example.com", "nine purple tractors jumping").await.expect(200);
        log_in(&server, "new@example.com", OTHER).await.expect_problem(401, "credentials_wrong");
    }

    async fn a_registration_that_is_repeated_with_its_key_sends_one_mail(engine: Engine) {
        let smtp = Smtp::start().await;
        let server = server(engine, &smtp, &[]).await;
        let send = || {
            let request = server.request(Method::POST, "/api/user/register").header("Idempotency-Key", "one");
            Answer::of(request.json(&json!({"email": "me@example.com", "password": PASSWORD})))
        };
        let (first, again) = (send().await.expect(202), send().await.expect(202));
        assert_eq!(shape(&first), shape(&again));
        server.stop().await;
        assert_eq!(smtp.all().len(), 1, "{:?}", smtp.all());
    }
}

/// The middle one of some durations.
fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_and_a_new_e_mail_take_as_long() {
    let smtp = Smtp::start().await;
    let server = server(Engine::Sqlite, &smtp, &[]).await;
    proved(&server, &smtp, "known@example.com", 0).await;
    let (mut register_known, mut register_new) = (Vec::new(), Vec::new());
    let (mut forgot_known, mut forgot_new) = (Vec::new(), Vec::new());
    for round in 0..15 {
        server.clock.set(NOW + 7200 * (round + 1));
        let new = format!("new{round}@example.com");
        for (email, registered, forgotten) in [
            ("known@example.com", &mut register_known, &mut forgot_known),
            (new.as_str(), &mut register_new, &mut forgot_new),
        ] {
            let begun = Instant::now();
            register(&server, email, OTHER).await.expect(202);
            registered.push(begun.elapsed());
            let email = if email == new { "nobody@example.com" } else { email };
            let begun = Instant::now();
            forgot(&server, email).await.expect(202);
            forgotten.push(begun.elapsed());
        }
    }
    let [known, new, forgot_known, forgot_new] =
        [register_known, register_new, forgot_known, forgot_new].map(|durations| median(durations).as_secs_f64() * 1e3);
    println!(
        "register: known {known:.1} ms, new {new:.1} ms; forgot: known {forgot_known:.2} ms, unknown {forgot_new:.2} ms"
    );
    assert!((0.5..2.0).contains(&(known / new)), "{known} {new}");
    assert!(
        forgot_known < 0.5 * known && forgot_new < 0.5 * known,
        "nothing is hashed, looked up or sent: {forgot_known} {forgot_new}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_limited_by_e_mail_and_by_address() {
    let smtp = Smtp::start().await;
    let server = server(Engine::Sqlite, &smtp, &[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let from = |address: String, email: String| {
        let request = server.request(Method::POST, "/api/user/password/forgot").header("X-Forwarded-For", address);
        Answer::of(request.json(&json!({"email": email})))
    };
    let mut taken = 0;
    for host in 0..10 {
        taken += usize::from(from(format!("203.0.113.{host}"), "me@example.com".into()).await.status == 202);
    }
    assert_eq!(taken, 5);
    let refused = from("198.51.100.9".into(), "me@example.com".into()).await.expect_problem(429, "too_many_tries");
    assert!(!refused.header("retry-after").is_empty());
    let mut taken = 0;
    for number in 0..30 {
        taken += usize::from(from("192.0.2.7".into(), format!("nobody{number}@example.com")).await.status == 202);
    }
    assert_eq!(taken, 20);
    // Registering counts for the same e-mail.
    register(&server, "me@example.com", PASSWORD).await.expect_problem(429, "too_many_tries");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mails_nobody_is_promised_one() {
    let server = Server::start(Engine::Sqlite).await;
    server.driver("me@example.com").await;
    for email in ["me@example.com", "nobody@example.com"] {
        forgot(&server, email).await.expect_problem(503, "mail_not_configured");
    }
    register(&server, "me@example.com", PASSWORD).await.expect_problem(409, "email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_in_the_readers_language_and_safe_to_answer() {
    let smtp = Smtp::start().await;
    let server = server(Engine::Sqlite, &smtp, &[]).await;
    proved(&server, &smtp, "me@example.com", 0).await;
    let request = server.request(Method::POST, "/api/user/password/forgot").header("Accept-Language", "en-GB");
    Answer::of(request.json(&json!({"email": "me@example.com"}))).await.expect(202);
    let (korean, english) = (smtp.mail(0).await, smtp.mail(1).await);
    assert!(korean.body.contains("가입하셨다면"), "{korean:?}");
    assert!(english.body.contains("choose a new password") && english.head.contains("Subject: [jari]"), "{english:?}");
    for mail in [korean, english] {
        assert!(mail.head.contains("Auto-Submitted: auto-generated") && mail.head.contains("text/plain"), "{mail:?}");
        assert!(mail.head.contains("<no-reply@example.kr>"), "{mail:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_sends_what_waits() {
    let smtp = Smtp::start().await;
    smtp.is(Mood::Slow(Duration::from_millis(700)));
    let server = server(Engine::Sqlite, &smtp, &[]).await;
    for number in 0..6 {
        register(&server, &format!("driver{number}@example.com"), PASSWORD).await.expect(202);
    }
    server.stop().await;
    assert_eq!(smtp.all().len(), 6);
}

/// Waits until the log says something.
async fn wait_for(server: &Process, words: &str) {
    for _ in 0..1500 {
        if server.log.lock().unwrap().contains(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the log never says {words}:\n{}", server.log.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_in_trouble_troubles_nobody_and_is_logged_without_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let smtp = Smtp::start().await;
    let (url, port) = (smtp.url(), smtp.port);
    let settings =
        [("SMTP_URL", url.as_str()), ("MAIL_FROM", "a@example.kr"), ("PUBLIC_URL", "https://charge.example.kr")];
    let server = Process::start(folder.path(), &settings);
    // Whoever runs this test alone has no other that chose it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let register = async |email: &str| {
        let begun = Instant::now();
        let request = client.post(format!("{}/api/user/register", server.base));
        let answer = Answer::of(request.json(&json!({"email": email, "password": PASSWORD}))).await;
        answer.expect(202);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    };
    smtp.is(Mood::Silent);
    for number in 0..6 {
        register(&format!("silent{number}@example.com")).await;
    }
    smtp.is(Mood::Refuses);
    // Those of the silent server hold every turn for ten seconds; then the next are tried.
    wait_for(&server, "the mail server does not answer in time").await;
    register("refused@example.com").await;
    wait_for(&server, "a mail was not sent, for good").await;
    smtp.is(Mood::Busy);
    register("busy@example.com").await;
    wait_for(&server, "the mail server refuses it for now (421)").await;
    drop(smtp);
    register("down@example.com").await;
    wait_for(&server, "the mail server cannot be reached").await;
    Answer::of(client.get(format!("{}/health/ready", server.base))).await.expect(200);
    // It comes back, and what waited arrives.
    let smtp = Smtp::on(port).await;
    smtp.mail(0).await;
    let log = server.log.lock().unwrap().clone();
    assert!(!log.contains("@example.com") && !log.contains("verify#"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_that_mails_lead_to_are_there_and_load_nothing_but_their_own() {
    let server = Server::start(Engine::Sqlite).await;
    for (path, call) in
        [("/reset", "/api/user/password/reset"), ("/verify", "/api/user/verify"), ("/invite", "/api/user/register")]
    {
        for (language, title) in [("ko", "<html lang=\"ko\" "), ("en", "<html lang=\"en\" ")] {
            let request = server.request(Method::GET, path).header("Accept-Language", language);
            let page = Answer::of(request).await.expect(200);
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            let policy = page.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"),
                "{policy}"
            );
            assert!(page.text.contains(title) && page.text.contains(&format!("data-call=\"{call}\"")), "{}", page.text);
            // What the policy forbids is not in the page: no script of its own, no style.
            assert!(["<style", " style=", " onclick=", " onsubmit="].iter().all(|inline| !page.text.contains(inline)));
            assert_eq!(page.text.matches("<script").count(), 2, "{}", page.text);
            // The call that the page makes is one of ours.
            let answer = server.post(call, "", json!({})).await;
            assert_eq!(answer.status, 422, "{call}: {}", answer.text);
        }
    }
    for (path, media_type) in
        [("/web/0/links.js", "text/javascript; charset=utf-8"), ("/web/0/style.css", "text/css; charset=utf-8")]
    {
        assert_eq!(server.get(path, "").await.expect(200).header("content-type"), media_type);
    }
}
