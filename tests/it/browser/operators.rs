//! What operators do: see who comes, decide what a camera could not, cancel with a reason, and find it again.

use std::time::{Duration, Instant};

use serde_json::json;

use super::driver::{Browser, Setting, broken_policies};
use super::place::{LATE_MORNING, PASSWORD, Place, TWIN, Who, as_sent, log_in, trail};
use crate::harness::ADMIN_TOKEN;

/// What the pages say where a walk looks.
struct Said {
    reviewed: &'static str,
    cancelled: &'static str,
    to_review: &'static str,
}

fn said(language: &str) -> Said {
    if language == "ko" {
        Said { reviewed: "저장했습니다", cancelled: "예약을 취소했습니다", to_review: "확인 필요" }
    } else {
        Said { reviewed: "was stored", cancelled: "was cancelled", to_review: "to review" }
    }
}

async fn walk(setting: Setting) {
    let place = Place::busy().await;
    let server = &place.server;
    let browser = Browser::open_as(setting).await;
    let said = said(setting.language);
    browser.go(&format!("{}/login?next=/staff", server.base)).await;
    browser.fill("input[name=email]", Who::Operator.email()).await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.click("main button").await;
    browser.is_at("/staff").await;

    // A car comes that could be either of two.
    server.clock.set(LATE_MORNING + 5 * 60);
    let event = json!({"plate": TWIN, "event": "twin", "confidence": 0.5, "picture": as_sent("crop-09.png")});
    place.gate.send(server, event).await.expect(200);
    if !setting.javascript {
        browser.go(&format!("{}/staff", server.base)).await;
    }
    browser.says("#today", said.to_review).await;
    browser.click("#today a[href=\"/staff/review\"]").await;
    browser.is_at("/staff/review").await;
    browser.click("#queue a[href^=\"/staff/review/\"]").await;
    browser.says("main", TWIN).await;
    assert_ne!(browser.js("return document.querySelector('.picture').naturalWidth", json!([])).await, 0, "its picture");
    browser.click("button[value=accept]").await;
    browser.says(".notice.good", said.reviewed).await;
    assert_eq!(trail(server, "sighting.").await.len(), 1);

    browser.go(&format!("{}/staff/search", server.base)).await;
    browser.fill("main input[name=plate]", "500보3717").await;
    browser.click("main form[role=search] button").await;
    browser.click("main a[href^=\"/staff/reservations/\"]").await;
    browser.says("main", "500보3717").await;
    browser.fill("form[action$=\"/cancel\"] input[name=reason]", "충전기 고장").await;
    browser.click("form[action$=\"/cancel\"] button").await;
    browser.says(".notice.good", said.cancelled).await;
    browser.click("nav a[href=\"/staff/audit\"]").await;
    browser.is_at("/staff/audit").await;
    browser.fill("main input[name=action]", "reservation.cancel").await;
    browser.click("main form[role=search] button").await;
    browser.says("table.records", "충전기 고장").await;
    let day = server.get("/api/admin/reservations/by-session?date=2026-04-01", ADMIN_TOKEN).await.expect(200);
    assert!(!day.text.contains("500보3717"), "{}", day.text);
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reviews_cancels_and_finds_it_in_the_audit_log_in_korean() {
    walk(Setting { language: "ko", javascript: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reviews_cancels_and_finds_it_in_the_audit_log_without_javascript() {
    walk(Setting { language: "en", javascript: false }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_camera_sends_stands_on_the_operators_page_within_a_second() {
    let place = Place::busy().await;
    let server = &place.server;
    let browser = Browser::open().await;
    log_in(&browser, server, Who::Operator.email()).await;
    browser.go(&format!("{}/staff", server.base)).await;
    browser.until("connected", "document.body.dataset.connection === 'good'", json!([])).await;
    browser.js("window.loaded = 'once'", json!([])).await;
    let mut slowest = Duration::ZERO;
    for (at, plate) in ["258더3434", "008어8143", "019보5075"].into_iter().enumerate() {
        server.clock.set(LATE_MORNING + 60 * (10 + i64::try_from(at).unwrap()));
        let started = Instant::now();
        place
            .gate
            .send(server, json!({"plate": plate, "confidence": 0.99, "picture": as_sent("crop-10.png")}))
            .await
            .expect(200);
        let seen = "[...document.querySelectorAll('[aria-labelledby=seen] tbody tr:first-child')].some((row) => row.innerText.includes(arguments[0]))";
        browser.until("seen", seen, json!([plate])).await;
        slowest = slowest.max(started.elapsed());
    }
    println!("a camera's event stands on /staff after {slowest:.0?} at most");
    assert!(slowest < Duration::from_secs(5), "it only asks now and then: {slowest:.1?}");
    assert_eq!(browser.js("return window.loaded", json!([])).await, "once", "without loading it anew");
    assert_eq!(broken_policies(&browser).await, [""; 0]);
}
