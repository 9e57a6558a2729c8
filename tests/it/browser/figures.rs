//! How much the pages weigh and how soon they are there. Weights are held to; times are printed.

use std::time::Instant;

use serde_json::{Value, json};

use super::driver::{Browser, PHONE};
use super::pages::pages;
use super::place::{Place, Who, log_in, with_people};
use crate::harness::{ADMIN_TOKEN, Server, TOMORROW};

/// What a page may weigh when it is loaded for the first time, as it comes over the network, without pictures.
const MOST_BYTES: u64 = 60_000;

/// Bytes without pictures, number of files, milliseconds of the server, until the first content is seen, until all is
/// loaded.
const WEIGH: &str = "
    const wanted = [...document.querySelectorAll('script[src], link[rel=stylesheet]')].map((part) => part.src || part.href);
    while (!wanted.every((address) => performance.getEntriesByName(address).length)) await new Promise((done) => setTimeout(done, 10));
    const [page] = performance.getEntriesByType('navigation');
    const files = performance.getEntriesByType('resource').filter((one) => one.name.startsWith(location.origin)
        && one.initiatorType !== 'img' && !one.name.includes('/api/events') && !/\\.(png|svg)$/.test(one.name));
    const paint = await new Promise((done) => {
        const seen = () => performance.getEntriesByName('first-contentful-paint')[0];
        if (seen()) return done(seen().startTime);
        new PerformanceObserver((_, watching) => { if (seen()) { watching.disconnect(); done(seen().startTime); } }).observe({ type: 'paint', buffered: true });
        setTimeout(() => done(-1), 3000);
    });
    return [page.encodedBodySize + files.reduce((sum, one) => sum + one.encodedBodySize, 0), 1 + files.length,
        page.responseStart - page.requestStart, paint, page.loadEventEnd].map(Math.round);";

async fn weigh(browser: &Browser, address: &str) -> [u64; 5] {
    browser.go(address).await;
    let figures = browser.js_later(WEIGH, json!([])).await;
    [0, 1, 2, 3, 4].map(|at| figures[at].as_i64().unwrap().try_into().unwrap_or_default())
}

/// A browser that keeps nothing, as on a first visit.
async fn on_a_first_visit() -> Browser {
    let browser = Browser::open().await;
    browser.cdp("Network.enable", json!({})).await;
    browser.cdp("Network.setCacheDisabled", json!({"cacheDisabled": true})).await;
    browser.cdp("Network.setBypassServiceWorker", json!({"bypass": true})).await;
    browser.device(PHONE).await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_light() {
    let place = Place::busy().await;
    let browser = on_a_first_visit().await;
    println!("page: bytes without pictures, files, ms of the server, ms to the first content, ms to the end");
    let mut heavy = Vec::new();
    for who in Who::ALL {
        browser.forget_cookies().await;
        if who != Who::Anybody {
            log_in(&browser, &place.server, who.email()).await;
        }
        for page in pages(&place).iter().filter(|page| page.whom.last() == Some(&who)) {
            let [bytes, files, server, paint, end] =
                weigh(&browser, &format!("{}{}", place.server.base, page.address)).await;
            println!("{:60} {bytes:6} {files:2} {server:4} {paint:5} {end:5}", page.address);
            assert!(bytes > 500, "nothing was weighed");
            if bytes > MOST_BYTES {
                heavy.push(format!("{}: {bytes}", page.address));
            }
        }
    }
    assert!(heavy.is_empty(), "{heavy:?}");
}

/// A hundred bays with four bookings a day each, for a fortnight.
async fn large_site() -> Server {
    let server = with_people(&[("RATE_REQUESTS_PER_MINUTE", "0")]).await;
    for bay in 5..=100 {
        server
            .post("/api/bays", ADMIN_TOKEN, json!({"name": format!("지하 {}층 {:02}", bay / 40 + 1, bay)}))
            .await
            .expect(201);
    }
    let days = if crate::harness::full_scale() { 14 } else { 2 };
    let start = |at: i64, bay: i64| {
        let half_hours = 18 + (at * 5 + bay) % 24;
        json!(format!("{:02}:{:02}", half_hours / 2, half_hours % 2 * 30))
    };
    for day in 0..days {
        for bay in 1..=100_i64 {
            let times: Vec<Value> = (0..4).map(|at| start(at, bay)).collect();
            let body = json!({"sessionId": bay, "plate": format!("{:02}가{:04}", 10 + day, 1000 + bay), "date": format!("2026-04-{:02}", 2 + day),
                "startTimes": times, "contactEmail": "many@example.com"});
            server.post("/api/reservations/batch", ADMIN_TOKEN, body).await.expect(201);
        }
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_a_hundred_bays_can_be_used() {
    let server = large_site().await;
    let browser = on_a_first_visit().await;
    log_in(&browser, &server, Who::Driver.email()).await;
    let board = format!("{}/board?date={TOMORROW}", server.base);
    weigh(&browser, &board).await;
    let [bytes, files, ms, paint, end] = weigh(&browser, &board).await;
    println!(
        "a board of 100 bays: {bytes} bytes in {files} files, {ms} ms of the server, first content after {paint} ms, all after {end} ms"
    );
    assert_eq!(browser.count("#board tbody tr").await, 100);
    assert!(browser.count("#board td.t").await >= 300);
    assert!(bytes < 4 * MOST_BYTES, "{bytes}");
    browser.device(super::driver::DESKTOP).await;
    let last = "tr[data-bay=\"100\"] td.f a";
    let links = browser.js("return [...document.querySelectorAll(arguments[0])].map((one) => new URL(one.href).searchParams.get('start'))", json!([last])).await;
    let first = links[0].as_str().unwrap().to_owned();
    let second = links[1].as_str().unwrap();
    let started = Instant::now();
    browser.drag(&[&format!("{last}[href$=\"start={first}\"]"), &format!("{last}[href$=\"start={second}\"]")]).await;
    browser.find("#plate").await;
    println!("its last row is scrolled to, dragged over and booked from in {:.1?}", started.elapsed());
    assert_eq!(browser.chosen("#book select[name=start]").await, first);
}
