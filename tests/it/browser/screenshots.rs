//! Pictures of the pages for the documentation: `make screenshots` writes them where `JARI_SCREENSHOTS` says.

use std::path::PathBuf;

use serde_json::json;

use super::driver::{Browser, DESKTOP, PHONE, Setting};
use super::place::{Place, Who, log_in, speak};
use crate::harness::{TODAY, TOMORROW};

/// No picture is larger, in bytes.
const LARGEST: usize = 150_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes files: make screenshots"]
async fn screenshots() {
    let folder = PathBuf::from(std::env::var("JARI_SCREENSHOTS").unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let place = Place::busy_for_a_week().await;
    let base = &place.server.base;
    let browser = Browser::open_as(Setting { language: "ko", javascript: true }).await;
    browser.cdp("Emulation.setScrollbarsHidden", json!({"hidden": true})).await;
    let reservation = format!("/reservations/{}", place.coming);
    let book = format!("/book?date={TOMORROW}&bay=2&start=10:00&length=4");
    let taken = format!("/book?date={TODAY}&bay=1&start=11:30&length=4&plate=98하7654");
    let review = format!("/staff/review/{}", place.review);
    let pictures: &[(&str, &str, Who)] = &[
        ("board", "/board", Who::Driver),
        ("book", &book, Who::Driver),
        ("taken", &taken, Who::Driver),
        ("my", "/my", Who::Driver),
        ("reservation", &reservation, Who::Driver),
        ("kiosk", "/kiosk", Who::Anybody),
        ("staff", "/staff", Who::Operator),
        ("review", &review, Who::Operator),
        ("reports", "/staff/reports?days=7", Who::Operator),
    ];
    for (name, address, who) in pictures {
        browser.forget_cookies().await;
        if *who != Who::Anybody {
            log_in(&browser, &place.server, who.email()).await;
        }
        speak(&browser, &place.server, "ko").await;
        for (device, on) in [(PHONE, "phone"), (DESKTOP, "desktop")] {
            browser.device(device).await;
            browser.go(&format!("{base}{address}")).await;
            if *name == "taken" {
                browser.click("#book > button").await;
                browser.find("section[aria-labelledby=instead]").await;
            }
            browser.js_later("await document.fonts.ready; await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))", json!([])).await;
            let picture = smaller(&browser.picture().await);
            println!("{name}-{on}.png: {} KB", picture.len() / 1000);
            assert!(picture.len() <= LARGEST, "{name}-{on}.png has {} bytes", picture.len());
            std::fs::write(folder.join(format!("{name}-{on}.png")), picture).unwrap();
        }
    }
}

/// The same picture, packed as tightly as PNG can.
fn smaller(png: &[u8]) -> Vec<u8> {
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    let picture = image::load_from_memory(png).unwrap().to_rgb8();
    let mut packed = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut packed, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).unwrap();
    packed
}
