//! Signing in with an identity provider: a real one, on loopback.

mod attacks;
mod browser;
mod provider;

use serde_json::{Value, json};

use self::browser::{account, go, leave, server, sign_in, signed_in, trail};
use self::provider::{PUBLIC_URL, Provider};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, both_engines};

fn kim(groups: &[&str]) -> Value {
    json!({"email": "Kim@Example.com", "email_verified": true, "groups": groups})
}

async fn role(server: &crate::harness::Server, email: &str) -> String {
    account(server, email).await["role"].as_str().unwrap_or("none").to_owned()
}

both_engines! {
    async fn somebody_new_gets_an_account_and_is_known_from_then_on(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&[]));
        let server = server(engine, &provider, json!({}), &[]).await;
        let shown = server.get("/api/auth/providers", "").await.expect(200);
        assert_eq!(shown.json, json!([{"name": "company", "title": "Our company", "url": "/auth/company"}]));
        let cookie = signed_in(&server).await;
        go(&server, "/api/reservations/my", &cookie).await.expect(200);
        assert_eq!(role(&server, "kim@example.com").await, "driver");
        // The subject counts, whatever becomes of the address.
        provider.lets_in("kim", json!({"email": "other@example.com", "email_verified": false}));
        signed_in(&server).await;
        assert_eq!(account(&server, "other@example.com").await, Value::Null);
        assert_eq!(trail(&server, "account.register").await.len(), 1);
        let starts = trail(&server, "session.start").await;
        assert_eq!(starts.len(), 2);
        assert!(starts.iter().all(|start| start["after"].to_string().contains("company")), "{starts:?}");
        // There is no password to log in with, and none is guessed.
        for password in ["", " ", "kim", "null"] {
            let body = json!({"email": "kim@example.com", "password": password});
            assert!(server.post("/api/user/login", "", body).await.status.is_client_error());
        }
        let sessions = go(&server, "/api/user/sessions", &cookie).await.expect(200);
        assert_eq!(sessions.json.as_array().unwrap().len(), 2);
    }

    async fn who_comes_with_a_provider_is_its_to_ask_for_a_second_factor(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&["staff"]));
        let roles = json!({"roles": {"staff": "operator"}});
        let server = server(engine, &provider, roles, &[("SECOND_FACTOR", "required")]).await;
        let cookie = signed_in(&server).await;
        go(&server, "/api/admin/reservations/by-session?date=2026-04-01", &cookie).await.expect(200);
        let own = go(&server, "/api/user/second-factor", &cookie).await.expect(200);
        assert_eq!((&own.json["active"], &own.json["needed"]), (&json!(false), &json!(true)));
        let driver = server.driver("me@example.com").await;
        server.get("/api/reservations/my", &driver).await.expect_problem(403, "second_factor_missing");
    }

    async fn whoever_waited_in_an_account_with_a_second_factor_is_out_of_it(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&[]));
        let server = server(engine, &provider, json!({"trust_email": true}), &[]).await;
        // Somebody makes the account before its owner comes, and would keep the owner out of every later log-in.
        let waiting = server.driver("kim@example.com").await;
        let begun = server.send(reqwest::Method::POST, "/api/user/second-factor", &waiting, None).await.expect(201);
        let secret = jari::domain::totp::from_base32(begun.json["secret"].as_str().unwrap()).unwrap();
        let code = jari::domain::totp::code_at(&secret, jari::domain::totp::current_step(NOW));
        server.post("/api/user/second-factor/confirm", &waiting, json!({"code": code})).await.expect(200);
        let cookie = signed_in(&server).await;
        assert_eq!(go(&server, "/api/user/second-factor", &cookie).await.expect(200).json["active"], false);
        server.get("/api/user/second-factor", &waiting).await.expect_problem(401, "token_invalid");
    }

    async fn groups_give_a_role_and_take_it_at_each_sign_in(engine: Engine) {
        let provider = Provider::start().await;
        let roles = json!({"roles": {"staff": "operator", "it": "administrator"}});
        let server = server(engine, &provider, roles, &[]).await;
        let list = "/api/admin/reservations/by-session?date=2026-04-01";
        for (groups, expected, may) in [
            (&["other"] as &[&str], "driver", 403),
            (&["staff"], "operator", 200),
            (&["staff", "it"], "administrator", 200),
            (&[], "driver", 403),
        ] {
            provider.lets_in("kim", kim(groups));
            let cookie = signed_in(&server).await;
            assert_eq!(role(&server, "kim@example.com").await, expected);
            assert_eq!(go(&server, list, &cookie).await.status.as_u16(), may);
        }
        let changes = trail(&server, "account.change").await;
        assert_eq!(changes.len(), 3);
        // Who is the last administrator is not made less: nobody would be left who runs the server.
        provider.lets_in("kim", kim(&["it"]));
        signed_in(&server).await;
        let admin = account(&server, "admin@localhost").await["id"].as_str().unwrap().to_owned();
        server.patch(&format!("/api/admin/accounts/{admin}"), ADMIN_TOKEN, json!({"role": "driver"})).await.expect(200);
        provider.lets_in("kim", kim(&[]));
        sign_in(&server).await.expect_problem(409, "last_administrator");
        assert_eq!(role(&server, "kim@example.com").await, "administrator");
    }

    async fn an_account_that_exists_is_not_taken_over(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&["it"]));
        let server = server(engine, &provider, json!({"roles": {"it": "administrator"}}), &[]).await;
        server.driver("kim@example.com").await;
        let refused = sign_in(&server).await.expect_problem(409, "account_not_linked");
        assert_eq!(browser::cookie(&refused, "jari_session"), None);
        assert_eq!(role(&server, "kim@example.com").await, "driver");
        assert!(trail(&server, "session.refused").await[0]["after"].to_string().contains("account_not_linked"));
        // Nor is one that another subject of the same provider has.
        provider.lets_in("lee", json!({"email": "lee@example.com", "email_verified": true}));
        signed_in(&server).await;
        provider.lets_in("somebody else", json!({"email": "lee@example.com", "email_verified": true}));
        sign_in(&server).await.expect_problem(409, "account_not_linked");
    }

    async fn a_trusted_provider_opens_the_account_and_whoever_squatted_it_is_out(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&[]));
        let server = server(engine, &provider, json!({"trust_email": true}), &[]).await;
        let squatter = server.driver("kim@example.com").await;
        let cookie = signed_in(&server).await;
        go(&server, "/api/reservations/my", &cookie).await.expect(200);
        server.get("/api/reservations/my", &squatter).await.expect_problem(401, "token_invalid");
        let body = json!({"email": "kim@example.com", "password": "a password of the tests"});
        server.post("/api/user/login", "", body).await.expect_problem(401, "credentials_wrong");
        assert_eq!(trail(&server, "account.join").await.len(), 1);
        signed_in(&server).await;
        // Trust in verified addresses is no trust in others.
        provider.lets_in("lee", json!({"email": "lee@example.com", "email_verified": false}));
        server.driver("lee@example.com").await;
        sign_in(&server).await.expect_problem(403, "email_not_verified");
    }

    async fn who_has_no_password_erases_the_account_by_a_fresh_log_in(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&[]));
        let server = server(engine, &provider, json!({}), &[]).await;
        let cookie = signed_in(&server).await;
        let erase = |cookie: &str, body: Value| {
            let request = server.request(reqwest::Method::POST, "/api/user/erase").header("Cookie", cookie.to_owned());
            Answer::of(request.json(&body))
        };
        server.clock.set(NOW + 900);
        erase(&cookie, json!({})).await.expect_problem(403, "log_in_again");
        erase(&cookie, json!({"password": "whatever it may be"})).await.expect_problem(403, "log_in_again");
        // The provider's word holds for minutes only, so the clock goes back for it.
        server.clock.set(NOW);
        let cookie = signed_in(&server).await;
        server.clock.set(NOW + 899);
        erase(&cookie, json!({})).await.expect(200);
        assert_eq!(account(&server, "kim@example.com").await, Value::Null);
        assert_eq!(trail(&server, "account.erase").await.len(), 1);
        // Who has a password gives it, however fresh the log-in.
        let driver = server.driver("lee@example.com").await;
        server.post("/api/user/erase", &driver, json!({})).await.expect_problem(400, "credentials_missing");
    }

    async fn a_disabled_account_stays_out(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&["it"]));
        let server = server(engine, &provider, json!({"roles": {"it": "operator"}}), &[]).await;
        let cookie = signed_in(&server).await;
        let id = account(&server, "kim@example.com").await["id"].as_str().unwrap().to_owned();
        server.patch(&format!("/api/admin/accounts/{id}"), ADMIN_TOKEN, json!({"disabled": true})).await.expect(200);
        go(&server, "/api/user/sessions", &cookie).await.expect_problem(401, "login_required");
        let refused = sign_in(&server).await.expect_problem(403, "account_disabled");
        assert_eq!(browser::cookie(&refused, "jari_session"), None);
    }

    async fn a_state_works_once_in_the_browser_that_began_and_for_ten_minutes(engine: Engine) {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&[]));
        let server = server(engine, &provider, json!({}), &[]).await;
        let failed = |answer: Answer| {
            assert_eq!(browser::cookie(&answer, "jari_session"), None);
            answer.expect_problem(401, "sign_in_failed")
        };
        let (path, cookie) = leave(&server).await;
        go(&server, &path, &cookie).await.expect(303);
        failed(go(&server, &path, &cookie).await);
        // Without the cookie, and with that of another browser; either uses the state up.
        let (path, cookie) = leave(&server).await;
        failed(go(&server, &path, "").await);
        failed(go(&server, &path, &cookie).await);
        let ((path, _), (_, other)) = (leave(&server).await, leave(&server).await);
        failed(go(&server, &path, &other).await);
        // A code of one sign-in in another one, with the cookie of the other: PKCE and nonce are not its own.
        let ((mine, _), (theirs, cookie)) = (leave(&server).await, leave(&server).await);
        let state = theirs.split_once("&state=").unwrap().1;
        failed(go(&server, &format!("{}&state={state}", mine.split_once("&state=").unwrap().0), &cookie).await);
        // Nothing, and things that nobody sent.
        for query in ["", "?state=x", "?state=&code=", "?code=x", "?error=access_denied", "?state=x&error=%3Cb%3E"] {
            let answer = failed(go(&server, &format!("/auth/company/callback{query}"), &cookie).await);
            assert!(!answer.text.contains("access_denied") && !answer.text.contains("<b>"), "{}", answer.text);
        }
        let twice = go(&server, "/auth/company/callback?state=x&state=y&code=z", &cookie).await;
        twice.expect_problem(422, "malformed_query");
        // Another issuer's answer (RFC 9207), and a person who said no.
        let (path, cookie) = leave(&server).await;
        failed(go(&server, &format!("{path}&iss=https%3A%2F%2Fevil.example"), &cookie).await);
        let (path, cookie) = leave(&server).await;
        failed(go(&server, &path.replace("code=", "error=access_denied&x="), &cookie).await);
        let (path, cookie) = leave(&server).await;
        server.clock.set(NOW + 899);
        failed(go(&server, &path, &cookie).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_a_new_account_is_a_setting() {
    let register = async |more: Value, setting: &'static str| {
        let provider = Provider::start().await;
        provider.lets_in("kim", kim(&[]));
        let server = server(Engine::Sqlite, &provider, more, &[("REGISTRATION", setting)]).await;
        sign_in(&server).await.status.as_u16()
    };
    assert_eq!(register(json!({}), "off").await, 403);
    assert_eq!(register(json!({}), "example.com").await, 303);
    assert_eq!(register(json!({}), "example.kr").await, 403);
    assert_eq!(register(json!({"allow_registration": true}), "off").await, 303);
    assert_eq!(register(json!({"allow_registration": false}), "open").await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_verified_addresses_that_are_addresses_make_accounts() {
    let provider = Provider::start().await;
    let server = server(Engine::Sqlite, &provider, json!({}), &[]).await;
    for claims in [
        json!({}),
        json!({"email": "kim@example.com"}),
        json!({"email": "kim@example.com", "email_verified": false}),
        json!({"email": "kim", "email_verified": true}),
        json!({"email": "a b@example.com", "email_verified": true}),
        json!({"email": "a@b@example.com", "email_verified": true}),
        json!({"email": "", "email_verified": true}),
        json!({"email": format!("{}@example.com", "k".repeat(300)), "email_verified": true}),
        json!({"email_verified": true}),
    ] {
        provider.lets_in("kim", claims.clone());
        let answer = sign_in(&server).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "email_not_verified"), "{claims}");
    }
    assert_eq!(trail(&server, "account.register").await.len(), 0);
    server.get("/auth/nobody", "").await.expect_problem(404, "provider_not_found");
    go(&server, "/auth/nobody", "").await.expect_problem(404, "provider_not_found");
    server.get("/auth/nobody/callback", "").await.expect_problem(404, "provider_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_and_redirects_are_what_they_should_be() {
    let provider = Provider::start().await;
    provider.lets_in("kim", kim(&[]));
    let server = server(Engine::Sqlite, &provider, json!({"scopes": ["email", "groups"]}), &[]).await;
    let begun = go(&server, "/auth/company?next=https://evil.example", "").await.expect(303);
    let location = reqwest::Url::parse(begun.header("location")).unwrap();
    assert!(location.as_str().starts_with(&format!("{}/authorize?", provider.base)));
    let asked: std::collections::HashMap<_, _> = location.query_pairs().into_owned().collect();
    assert_eq!(asked["scope"], "openid email groups");
    assert_eq!(asked["redirect_uri"], format!("{PUBLIC_URL}/auth/company/callback"));
    assert!(asked["state"].len() >= 43 && asked["nonce"].len() >= 43 && !location.as_str().contains("evil"));
    let set = begun.header("set-cookie");
    assert!(set.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{set}");
    assert!(!location.as_str().contains(set.split(['=', ';']).nth(1).unwrap()), "the cookie stays here");
    assert_eq!((begun.header("cache-control"), begun.header("referrer-policy")), ("no-store", "no-referrer"));
    // Behind TLS every cookie is kept to it.
    let tls = [("PUBLIC_URL", "https://jari.test")];
    let server = browser::server(Engine::Sqlite, &provider, json!({}), &tls).await;
    let begun = go(&server, "/auth/company", "").await.expect(303);
    let set = begun.header("set-cookie");
    assert!(set.starts_with("__Host-jari_oidc=") && set.contains("; Path=/;") && set.ends_with("; Secure"), "{set}");
    // The whole way, by TLS as the proxy says.
    let server = browser::server(Engine::Sqlite, &provider, json!({}), &[]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let by_tls = async |path: &str, cookie: &str| {
        let request = client.get(format!("{}{path}", server.base)).header("Cookie", cookie);
        Answer::of(request.header("Sec-Fetch-Site", "none").header("X-Forwarded-Proto", "https")).await
    };
    // What a neighbour of our domain can plant is not read.
    for (prefix, status) in [("__Host-", 303), ("", 401)] {
        let begun = by_tls("/auth/company", "").await.expect(303);
        let cookie = browser::cookie(&begun, "__Host-jari_oidc").unwrap().replace("__Host-", prefix);
        let let_in = Answer::of(client.get(begun.header("location"))).await.expect(303);
        let back = let_in.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned();
        let done = by_tls(&back, &cookie).await.expect(status);
        assert_eq!(browser::cookie(&done, "__Host-jari_session").is_some(), status == 303);
        assert_eq!(browser::cookie(&done, "jari_session"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_another_site_sends_is_asked_first() {
    let provider = Provider::start().await;
    let server = server(Engine::Sqlite, &provider, json!({"title": "<b>\"Us\" & them</b>"}), &[]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("{}/auth/company", server.base);
    for site in [Some("cross-site"), Some("same-site"), Some("whatever"), None] {
        let request = client.get(&url).header("Accept-Language", "en");
        let request = if let Some(site) = site { request.header("Sec-Fetch-Site", site) } else { request };
        let asked = Answer::of(request).await.expect(200);
        assert!(asked.text.contains("<form method=\"post\">") && asked.text.contains("Log in with this account?"));
        assert!(asked.text.contains("&lt;b&gt;&quot;Us&quot; &amp; them&lt;/b&gt;") && !asked.text.contains("<b>"));
        assert_eq!((asked.header("set-cookie"), asked.header("referrer-policy")), ("", "same-origin"));
        assert!(asked.header("content-security-policy").starts_with("default-src 'none'; frame-ancestors 'none'"));
    }
    for site in ["same-origin", "none"] {
        Answer::of(client.get(&url).header("Sec-Fetch-Site", site)).await.expect(303);
    }
    // The form's button, and another site's.
    Answer::of(client.post(&url).header("Origin", &server.base)).await.expect(303);
    for origin in ["https://evil.example", "null"] {
        Answer::of(client.post(&url).header("Origin", origin)).await.expect_problem(403, "cross_origin");
    }
    Answer::of(client.post(&url).header("Sec-Fetch-Site", "cross-site")).await.expect_problem(403, "cross_origin");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_nobody_finishes_are_throttled() {
    let provider = Provider::start().await;
    provider.lets_in("kim", kim(&[]));
    let server = server(Engine::Sqlite, &provider, json!({}), &[]).await;
    for _ in 0..40 {
        // Those that are finished do not count.
        signed_in(&server).await;
    }
    let mut begun = 0;
    while go(&server, "/auth/company", "").await.status == 303 {
        begun += 1;
    }
    assert_eq!(begun, 60);
    go(&server, "/auth/company", "").await.expect_problem(429, "too_many_tries");
}
