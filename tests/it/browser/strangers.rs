//! What strangers try: markup in every field that somebody can fill, and forms on their own pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use reqwest::Method;
use serde_json::{Value, json};

use super::driver::{Browser, broken_policies};
use super::pages::{forms, pages};
use super::place::{PASSWORD, Place, Who, book, give_role, log_in, token, trail};
use crate::harness::{ADMIN_TOKEN, Answer, Server, TOMORROW};

/// Markup that says `run` by `alert` if it is taken for such, however it is taken.
const MARKUP: [&str; 4] = [
    "<img src=x onerror=alert('run')>",
    "\"><svg onload=alert('run')>",
    "' autofocus onfocus=alert('run') x='",
    "</title></textarea></script><script>alert('run')</script>",
];

/// Puts each text into every field that takes one; answers how many took it.
async fn put_everywhere(place: &Place) -> usize {
    let server = &place.server;
    let mut taken = BTreeSet::new();
    let mut note = |field: &'static str, answer: &Answer| {
        assert!(!answer.status.is_server_error(), "{field}: {}", answer.text);
        if answer.status.is_success() {
            taken.insert(field);
        }
    };
    let driver = token(server, Who::Driver.email()).await;
    for (at, text) in MARKUP.iter().enumerate() {
        let bay = json!({"name": format!("{at}{text}")});
        note("name of a bay", &server.post("/api/bays", ADMIN_TOKEN, bay).await);
        let reason = json!({"closed": true, "closedReason": text});
        note("why a bay is closed", &server.patch(&format!("/api/bays/{}", 5 + at), ADMIN_TOKEN, reason).await);
        for scope in ["camera", "integration"] {
            note(
                "name of a key",
                &server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": text, "scope": scope})).await,
            );
        }
        let email = format!("{}@example.com", text.replace(' ', "/"));
        let invited = json!({"email": email, "role": "driver"});
        note("e-mail of an invitation", &server.post("/api/admin/invitations", ADMIN_TOKEN, invited).await);
        for email in [email, format!("\"{text}\"@example.com"), "a'onfocus=alert(1)//@example.com".to_owned()] {
            note(
                "e-mail of an account",
                &server.post("/api/user/register", "", json!({"email": email, "password": PASSWORD})).await,
            );
        }
        for plate in [(*text).to_owned(), format!("12가345{at}{text}"), format!("{text}12가345{at}")] {
            let body = json!({"sessionId": 1, "plate": plate, "date": TOMORROW, "startTime": format!("{}:00", 17 + at),
                "endTime": format!("{}:30", 17 + at), "contactEmail": "x@example.com"});
            note("plate", &server.post("/api/reservations", &driver, body).await);
        }
        let body = json!({"sessionId": 2, "plate": format!("34나567{at}"), "date": TOMORROW, "startTime": format!("{}:00", 17 + at),
            "endTime": format!("{}:30", 17 + at), "overrideReason": text});
        note("why limits are exceeded", &server.post("/api/reservations", ADMIN_TOKEN, body.clone()).await);
        let mut by_mail = body;
        (by_mail["sessionId"], by_mail["plate"]) = (json!(4), json!(format!("45라678{at}")));
        by_mail["contactEmail"] = json!("a'onfocus=alert(1)//@example.com");
        note("contact e-mail", &server.post("/api/reservations", ADMIN_TOKEN, by_mail).await);
        // What a browser calls itself stands on the page of one's account.
        let login = json!({"email": Who::Driver.email(), "password": PASSWORD});
        let request = server.request(Method::POST, "/api/user/login").header("User-Agent", *text);
        note("name of a browser", &Answer::of(request.json(&login)).await);
        note(
            "name of a camera",
            &server.post("/api/admin/cameras", ADMIN_TOKEN, json!({"name": format!("{at}{text}")})).await,
        );
        let event = json!({"plate": text, "event": text, "device": text, "confidence": 0.3,
            "candidates": [{"plate": format!("31머132{at}{text}"), "confidence": 0.3}]});
        note("what a camera reads", &place.gate.send(server, event).await);
        note("what is not understood", &place.gate.send_bytes(server, "text/html", (*text).to_owned()).await);
        let reason = json!({"reason": text});
        let id = book(server, ADMIN_TOKEN, 3, &format!("56다789{at}"), TOMORROW, ("17:00", "17:30")).await;
        let path = format!("/api/admin/reservations/{id}");
        let cancelled = server.send(Method::DELETE, &path, ADMIN_TOKEN, Some(reason)).await;
        note("why a booking is cancelled", &cancelled);
    }
    println!("fields that took markup: {taken:?}");
    taken.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_any_field_is_text_on_every_page() {
    let place = Place::busy().await;
    assert!(put_everywhere(&place).await >= 8);
    let browser = Browser::open().await;
    let mut shown = 0;
    for who in [Who::Driver, Who::Administrator] {
        browser.forget_cookies().await;
        log_in(&browser, &place.server, who.email()).await;
        for page in pages(&place).iter().filter(|page| page.whom.contains(&who)) {
            browser.go(&format!("{}{}", place.server.base, page.address)).await;
            let parts = browser
                .js("return [[...document.querySelectorAll('script:not([src]), svg[onload], [onerror], [onfocus], img[src=x]')]
                    .map((part) => part.outerHTML), document.documentElement.textContent.includes('onerror=alert')]", json!([]))
                .await;
            assert_eq!(parts[0], json!([]), "{} as {who:?} took a text for markup", page.address);
            shown += usize::from(parts[1] == json!(true));
            assert_eq!(broken_policies(&browser).await, [""; 0], "{} as {who:?}", page.address);
        }
    }
    println!("the markup stands as text on {shown} pages");
    assert!(shown >= 3, "the texts are shown nowhere, so nothing was tried");
    let refused = |told: &String| told.contains("Content Security Policy") || told.contains("run");
    let complaints = browser.complaints().await;
    assert!(!complaints.iter().any(refused), "{complaints:?}");
}

/// A page of a stranger's that sends a form of its own to every address that takes one, each in a frame.
fn stranger(target: &str, addresses: &[String], fields: &Value) -> String {
    let mut inputs = String::new();
    for (name, value) in fields.as_object().unwrap() {
        write!(inputs, "<input name=\"{name}\" value=\"{}\">", value.as_str().unwrap()).unwrap();
    }
    let mut page = "<!doctype html><title>win</title>".to_owned();
    let mut add = |action: &str, kind: &str, inputs: &str| {
        let frame = page.len();
        write!(
            page,
            "<iframe name=\"f{frame}\"></iframe><form method=post action=\"{target}{action}\" target=\"f{frame}\" \
             enctype=\"{kind}\">{inputs}</form>"
        )
        .unwrap();
    };
    for address in addresses {
        add(address, "application/x-www-form-urlencoded", &inputs);
        add(address, "multipart/form-data", &inputs);
    }
    // JSON in the only way that a form can send it.
    let json = format!(
        "<input name='{{\"sessionId\":4,\"plate\":\"11가1111\",\"date\":\"{TOMORROW}\",\"startTime\":\"20:00\",\
         \"endTime\":\"20:30\",\"x\":\"' value='\"}}'>"
    );
    add("/api/reservations", "text/plain", &json);
    page.push_str(
        "<script>window.answered = 0;
        for (const frame of document.querySelectorAll('iframe')) frame.onload = () => { answered += 1; };
        for (const form of document.querySelectorAll('form')) form.submit();</script>",
    );
    page
}

/// What the audit trail has, but for records of attempts.
async fn changes(server: &Server) -> Vec<Value> {
    let all = trail(server, "").await;
    all.into_iter().filter(|record| !record["action"].as_str().unwrap().starts_with("access.")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_on_other_peoples_pages_change_nothing() {
    let place = Place::busy().await;
    let server = &place.server;
    let victim = "victim@example.com";
    server.driver(victim).await;
    give_role(server, victim, "administrator").await;
    let own = book(server, &token(server, victim).await, 4, "11가1112", TOMORROW, ("18:00", "19:00")).await;
    let addresses: Vec<String> = forms()
        .into_iter()
        .map(|route| {
            let id = match route.as_str() {
                route if route.starts_with("/reservations") => own.clone(),
                route if route.starts_with("/staff/reservations") => place.others.clone(),
                route if route.starts_with("/staff/review") => place.review.clone(),
                route if route.starts_with("/staff/cameras") => place.gate.id.clone(),
                route if route.starts_with("/staff/bays") => "1".to_owned(),
                _ => "1".to_owned(),
            };
            route.replace("{id}", &id)
        })
        .collect();
    assert!(addresses.len() >= 10, "{addresses:?}");
    // One form with every field that any of ours has.
    let fields = json!({"bay": "4", "sessionId": "4", "date": TOMORROW, "start": "20:00", "end": "20:30", "startTime": "20:00",
        "endTime": "20:30", "plate": "11가1111", "email": "stranger@example.com", "password": PASSWORD, "old": PASSWORD,
        "new": "a password of a stranger", "name": "stranger", "role": "administrator", "scope": "integration", "reason": "none",
        "closedReason": "none", "decision": "reject", "disabled": "yes", "enabled": "no", "zone": "Asia/Seoul", "next": "/board",
        "language": "ko", "theme": "dark", "here": "/board", "code": "000000", "key": "x", "car": "11가1111"});
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = stranger(&server.base, &addresses, &fields);
    let strangers = Router::new().route("/", get(async move || Html(page.clone())));
    let running = tokio::spawn(async move { axum::serve(listener, strangers).await });

    let browser = Browser::open().await;
    let mut refused = 0;
    // The same host at another port, which is the same site to cookies; and another host.
    for host in ["127.0.0.1", "localhost"] {
        log_in(&browser, server, victim).await;
        let before = changes(server).await;
        browser.go(&format!("http://{host}:{port}/")).await;
        let sent = addresses.len() * 2 + 1;
        browser.until("sent them all", "window.answered >= arguments[0]", json!([sent])).await;
        let after = changes(server).await;
        let new: Vec<_> = after.iter().filter(|record| !before.contains(record)).collect();
        assert!(new.is_empty(), "a stranger's form at {host} did something: {new:#?}");
        refused = trail(server, "access.cross_origin").await.len().max(refused);
        // Still logged in, in the language and the colours that were chosen.
        browser.go(&format!("{}/account", server.base)).await;
        browser.says("main", victim).await;
        assert_eq!(
            browser
                .js("return document.documentElement.lang + document.documentElement.dataset.theme", json!([]))
                .await,
            "endevice"
        );
    }
    println!("{} addresses that take forms; {refused} attempts recorded", addresses.len());
    assert!(refused > 0, "the stranger's forms never came with the victim's cookie");
    running.abort();
    // The fields do something when they come from a page of ours: otherwise nothing was tried.
    let ours = "return (await fetch('/book', { method: 'POST', body: new URLSearchParams(arguments[0]) })).url";
    let booked = browser.js_later(ours, json!([fields])).await;
    assert!(booked.as_str().unwrap().contains("done=booked"), "{booked}");
}
