//! What drivers do, from the first page to the last, with and without JavaScript.

use std::time::{Duration, Instant};

use serde_json::json;

use super::driver::{Browser, PHONE, Setting, broken_policies, soon};
use super::place::{DRAWN, PASSWORD, Place, Who, book, drawn, log_in, token, trail, with_people};
use crate::harness::{ADMIN_TOKEN, Server, TODAY, TOMORROW};

/// What the pages say where a walk looks.
struct Said {
    booked: &'static str,
    moved: &'static str,
    cancelled: &'static str,
    status: &'static str,
}

fn said(language: &str) -> Said {
    if language == "ko" {
        Said {
            booked: "예약했습니다", moved: "예약을 옮겼습니다", cancelled: "예약을 취소했습니다", status: "취소됨"
        }
    } else {
        Said { booked: "Booked", moved: "was moved", cancelled: "was cancelled", status: "cancelled" }
    }
}

/// A free half hour on the board.
fn free(bay: i64, start: &str) -> String {
    format!("#board tr[data-bay=\"{bay}\"] td.f a[href$=\"start={start}\"]")
}

/// From nothing to a booking, moved and cancelled.
async fn walk(setting: Setting) {
    let server = with_people(&[]).await;
    let browser = Browser::open_as(setting).await;
    let said = said(setting.language);
    browser.device(PHONE).await;

    browser.go(&format!("{}/", server.base)).await;
    browser.is_at("/board").await;
    browser.click(".top .who a").await;
    browser.click("main a[href^=\"/register\"]").await;
    browser.fill("input[name=email]", "New@Example.com").await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.click("main button").await;
    // Signed up, logged in, and where one was.
    browser.is_at("/board").await;

    browser.click(&format!(".days a[href=\"/board?date={TOMORROW}\"]")).await;
    browser.click(&free(2, "10:00")).await;
    browser.is_at("/book").await;
    browser.give_file("#photo input[type=file]", &drawn(DRAWN.0)).await;
    if !setting.javascript {
        browser.click("#photo-read").await;
    }
    soon("read from the photo", async || (browser.value("#plate").await == DRAWN.1).then_some(())).await;
    assert_eq!(
        browser.chosen("#book select[name=start]").await,
        "10:00",
        "a photo leaves the rest of the form as it is"
    );
    browser.choose("#book select[name=end]", "12:00").await;
    browser.click("#book > button").await;
    browser.says(".notice.good", said.booked).await;
    browser.says("dl.facts", DRAWN.1).await;
    assert!(browser.path().await.starts_with("/reservations/"));

    browser.choose("form[action$=\"/move\"] select[name=start]", "13:00").await;
    browser.choose("form[action$=\"/move\"] select[name=end]", "14:30").await;
    browser.choose("form[action$=\"/move\"] select[name=bay]", "세션 3").await;
    browser.click("form[action$=\"/move\"] button").await;
    browser.says(".notice.good", said.moved).await;
    browser.says("dl.facts", "13:00–14:30").await;
    let me = token(&server, "new@example.com").await;
    let mine = server.get("/api/reservations/my", &me).await.expect(200).json;
    assert_eq!((&mine[0]["sessionId"], &mine[0]["plate"]), (&json!(3), &json!(DRAWN.1)), "{mine}");

    browser.click("nav a[href=\"/my\"]").await;
    browser.says("#mine", DRAWN.1).await;
    browser.click("#mine a[href^=\"/reservations/\"]").await;
    browser.click("details:has(.danger) summary").await;
    browser.click("details .danger").await;
    browser.says(".notice.good", said.cancelled).await;
    browser.says("#mine", said.status).await;
    let free = server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), "").await.expect(200);
    assert!(!free.text.contains("796"), "{}", free.text);

    browser.click(".who button").await;
    browser.find(".top a[href^=\"/login\"]").await;
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_signs_up_books_by_photo_moves_and_cancels_in_korean() {
    walk(Setting { language: "ko", javascript: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_signs_up_books_by_photo_moves_and_cancels_without_javascript() {
    walk(Setting { language: "en", javascript: false }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_want_the_same_bay_one_books_and_the_other_is_offered_another_by_one_tap() {
    let server = with_people(&[]).await;
    server.driver("second@example.com").await;
    let (one, two) = Browser::open_two().await;
    for (browser, email, plate) in [(&one, Who::Driver.email(), "12가3456"), (&two, "second@example.com", "34나5678")]
    {
        log_in(browser, &server, email).await;
        browser.go(&format!("{}/board?date={TOMORROW}", server.base)).await;
        browser.click(&free(1, "11:00")).await;
        browser.fill("#plate", plate).await;
    }
    tokio::join!(one.click("#book > button"), two.click("#book > button"));
    let mut lost = Vec::new();
    for browser in [&one, &two] {
        browser.find(".notice").await;
        if browser.path().await == "/book" {
            lost.push(browser);
        } else {
            browser.says(".notice.good", "Booked").await;
        }
    }
    assert_eq!(lost.len(), 1, "one of them gets it");
    let lost = lost[0];
    lost.says(".notice.wrong", "").await;
    assert!(lost.count("#book").await == 1 && !lost.value("#plate").await.is_empty(), "what was typed stays");
    let offered = lost.text("section[aria-labelledby=instead] .chip").await;
    assert!(offered.contains("11:00–12:00"), "another bay at the same time comes first: {offered}");
    lost.click("section[aria-labelledby=instead] .chip").await;
    lost.says(".notice.good", "Booked").await;
    let day = server.get(&format!("/api/admin/reservations/by-session?date={TOMORROW}"), ADMIN_TOKEN).await.expect(200);
    for plate in ["12가3456", "34나5678"] {
        assert_eq!(day.text.matches(plate).count(), 1, "{}", day.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_hours_are_chosen_by_dragging_up_to_what_is_taken() {
    let server = with_people(&[]).await;
    let driver = token(&server, Who::Driver.email()).await;
    book(&server, &driver, 3, "12가3456", TOMORROW, ("12:00", "13:00")).await;
    let browser = Browser::open().await;
    log_in(&browser, &server, Who::Driver.email()).await;
    let board = format!("{}/board?date={TOMORROW}", server.base);
    browser.go(&board).await;
    browser.drag(&[&free(2, "10:00"), &free(2, "10:30"), &free(2, "11:30")]).await;
    browser.until("went on to book", "location.pathname === '/book'", json!([])).await;
    browser.find("#plate").await;
    let chosen = (browser.chosen("#book select[name=start]").await, browser.chosen("#book select[name=end]").await);
    assert_eq!(chosen, ("10:00".to_owned(), "12:00".to_owned()));
    assert_eq!(browser.chosen("#book select[name=bay]").await, "세션 2");
    // Backwards, and over a booking that stands in between.
    browser.go(&board).await;
    browser.drag(&[&free(3, "14:00"), &free(3, "13:30"), &free(3, "11:00")]).await;
    browser.until("went on to book", "location.pathname === '/book'", json!([])).await;
    browser.find("#plate").await;
    let chosen = (browser.chosen("#book select[name=start]").await, browser.chosen("#book select[name=end]").await);
    assert_eq!(chosen, ("13:00".to_owned(), "14:30".to_owned()));
    assert_eq!(browser.complaints().await, [""; 0]);
}

/// Notes where the board stands when a finger touches it.
const NOTE_START: &str = "
    const board = document.getElementById('board');
    board.addEventListener('pointerdown', () => { window.began = board.scrollLeft; }, { once: true });";

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_that_rests_chooses_and_one_that_moves_at_once_scrolls() {
    let server = with_people(&[]).await;
    let browser = Browser::open().await;
    log_in(&browser, &server, Who::Driver.email()).await;
    browser.device(PHONE).await;
    let board = format!("{}/board?date={TOMORROW}", server.base);
    // On a busy machine the movement may come so late that the finger seems to rest.
    let mut scrolled = false;
    for _ in 0..3 {
        browser.go(&board).await;
        browser.js(NOTE_START, json!([])).await;
        browser.drag_with_finger(&[&free(2, "13:00"), &free(2, "12:00"), &free(2, "11:00")], Duration::ZERO).await;
        let moved = "return location.pathname === '/board' && !document.querySelector('.chosen')
            && document.getElementById('board').scrollLeft > window.began + 20";
        scrolled = browser.js(moved, json!([])).await == true;
        if scrolled {
            break;
        }
    }
    assert!(scrolled, "a finger cannot scroll the board");
    browser
        .drag_with_finger(&[&free(2, "12:00"), &free(2, "12:30"), &free(2, "13:30")], Duration::from_millis(600))
        .await;
    browser.is_at("/book").await;
    browser.find("#plate").await;
    let chosen = (browser.chosen("#book select[name=start]").await, browser.chosen("#book select[name=end]").await);
    assert_eq!(chosen, ("12:00".to_owned(), "14:00".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_in_another_window_shows_what_is_booked_and_cancelled_at_once() {
    let server = with_people(&[]).await;
    let driver = token(&server, Who::Driver.email()).await;
    let browser = Browser::open().await;
    let board = format!("{}/board?date={TOMORROW}", server.base);
    browser.go(&board).await;
    let (first, second) = browser.open_window().await;
    log_in(&browser, &server, Who::Driver.email()).await;
    browser.go(&format!("{}/book?date={TOMORROW}&bay=2&start=10:00&length=3&plate=12가3456", server.base)).await;
    browser.switch_to(&first).await;
    browser.until("connected", "document.body.dataset.connection === 'good'", json!([])).await;
    browser.find(&free(2, "10:00")).await;
    browser.js("window.loaded = 'once'", json!([])).await;
    browser.switch_to(&second).await;
    browser.click("#book > button").await;
    let started = Instant::now();
    browser.switch_to(&first).await;
    browser.find("tr[data-bay=\"2\"] td.t").await;
    println!("a booking stands on a board in another window after {:.0?}", started.elapsed());
    assert_eq!(browser.js("return window.loaded", json!([])).await, "once", "without loading it anew");
    assert_eq!(browser.count(&free(2, "10:30")).await, 0);
    let mine = server.get("/api/reservations/my", &driver).await.expect(200).json;
    server.delete(&format!("/api/reservations/{}", mine[0]["id"].as_str().unwrap()), &driver).await.expect(200);
    browser.find(&free(2, "10:30")).await;
    assert_eq!(broken_policies(&browser).await, [""; 0]);
}

/// Where the focus is and whether a person sees it: `""` if all is well.
const FOCUS: &str = "
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return 'the focus is nowhere';
    const box = at.getBoundingClientRect(), style = getComputedStyle(at);
    const name = at.outerHTML.slice(0, 100);
    if (box.width < 2 || box.height < 2) return name + ' has no size';
    if (box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth) return name + ' is out of view';
    if (at.id !== 'main' && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2)) return name + ' shows no focus';
    const [x, y] = [(Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
    const over = document.elementFromPoint(x, y);
    if (!at.contains(over) && !(over && over.contains(at))) return name + ' is covered by ' + over?.outerHTML.slice(0, 80);
    return '';";

async fn focus_is_seen(browser: &Browser) {
    let mut wrong = browser.js(FOCUS, json!([])).await;
    // The board glides to where the focus is.
    for _ in 0..100 {
        if wrong == "" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        wrong = browser.js(FOCUS, json!([])).await;
    }
    panic!("{wrong} at {}", browser.path().await);
}

/// Presses Tab until the focus is on what is meant; everything on the way must show its focus.
async fn tab_to(browser: &Browser, css: &str) {
    let mut passed = Vec::new();
    for _ in 0..60 {
        browser.press(&[super::driver::keys::TAB]).await;
        focus_is_seen(browser).await;
        if browser.js("return document.activeElement.matches(arguments[0])", json!([css])).await == json!(true) {
            return;
        }
        passed.push(browser.js("return document.activeElement.outerHTML.slice(0, 60)", json!([])).await.to_string());
    }
    panic!("Tab does not get to {css} on {}, only to {passed:#?}", browser.path().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_by_keyboard_and_the_focus_is_always_seen() {
    use super::driver::keys::{DOWN, ENTER, LEFT, RIGHT, SHIFT, TAB, UP};
    let server = with_people(&[]).await;
    let other = server.driver("other@example.com").await;
    let browser = Browser::open().await;
    browser.device(PHONE).await;
    browser.go(&format!("{}/login?next=/board?date={TOMORROW}", server.base)).await;
    browser.press(&[TAB]).await;
    focus_is_seen(&browser).await;
    assert_eq!(browser.attribute(":focus", "class").await, "skip", "the first stop leads past the menu");
    browser.press(&[ENTER]).await;
    tab_to(&browser, "main input[name=email]").await;
    browser.type_text(Who::Driver.email()).await;
    tab_to(&browser, "main input[name=password]").await;
    browser.type_text(PASSWORD).await;
    browser.press(&[ENTER]).await;
    browser.until("logged in", "location.pathname === '/board' && document.readyState === 'complete'", json!([])).await;
    assert_eq!(browser.path().await, format!("/board?date={TOMORROW}"));

    tab_to(&browser, "td.f a").await;
    let at = async || browser.js("return new URL(document.activeElement.href).search", json!([])).await;
    let query = |bay: i64, start: &str| json!(format!("?date={TOMORROW}&bay={bay}&start={start}"));
    assert_eq!(at().await, query(1, "09:00"));
    for (key, bay, start) in [
        (RIGHT, 1, "09:30"),
        (DOWN, 2, "09:30"),
        (RIGHT, 2, "10:00"),
        (DOWN, 3, "10:00"),
        (UP, 2, "10:00"),
        (LEFT, 2, "09:30"),
    ] {
        browser.press(&[key]).await;
        assert_eq!(at().await, query(bay, start));
        focus_is_seen(&browser).await;
    }
    // Far to the right the focus stays in view, and the bay's name does not cover it.
    browser.press(&[RIGHT; 12]).await;
    focus_is_seen(&browser).await;
    browser.press(&[LEFT; 12]).await;
    focus_is_seen(&browser).await;
    // Somebody books the half hour under the focus.
    book(&server, &other, 2, "34나5678", TOMORROW, ("09:30", "10:00")).await;
    browser.find("tr[data-bay=\"2\"] td.t").await;
    focus_is_seen(&browser).await;
    browser.js("document.activeElement.blur()", json!([])).await;
    browser.go(&format!("{}/board?date={TOMORROW}", server.base)).await;
    tab_to(&browser, "td.f a").await;
    browser.press(&[DOWN, DOWN, RIGHT]).await;
    browser.press_holding(SHIFT, &[RIGHT, RIGHT]).await;
    assert_eq!(browser.count(".chosen").await, 3);
    browser.press(&[ENTER]).await;
    browser
        .until("went on to book", "location.pathname === '/book' && document.readyState === 'complete'", json!([]))
        .await;
    assert_eq!(browser.chosen("#book select[name=end]").await, "11:00");
    tab_to(&browser, "#plate").await;
    browser.type_text("12가3456").await;
    browser.press(&[ENTER]).await;
    browser.says(".notice.good", "Booked").await;
    tab_to(&browser, "details:has(.danger) summary").await;
    browser.press(&[ENTER]).await;
    tab_to(&browser, "details .danger").await;
    browser.press(&[ENTER]).await;
    browser.says(".notice.good", "was cancelled").await;
    assert_eq!(trail(&server, "reservation.cancel").await.len(), 1);
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_at_the_entrance_says_that_it_is_cut_off_and_comes_back_by_itself() {
    let place = Place::busy().await;
    let browser = Browser::open().await;
    browser.before_every_page(COUNT_STREAMS).await;
    browser.go(&format!("{}/kiosk", place.server.base)).await;
    browser.until("connected", "document.body.dataset.connection === 'good'", json!([])).await;
    browser.says("#kiosk", "12가**56").await;
    assert_eq!(browser.count("#stale:not([hidden])").await, 0);
    let (base, clock) = (place.server.base.clone(), place.server.clock.clone());
    let database = place.server.stop().await;
    browser.says("#stale:not([hidden])", "11:20").await;
    browser.says("#kiosk", "12가**56").await;
    // What stands in front of a server that is away answers for it, as a proxy does.
    let proxy = Away::at(&base).await;
    proxy.was_asked(2).await;
    let opened = browser.js("return window.opened", json!([])).await;
    proxy.end().await;
    let server = Server::start_at(&base, database, clock, &[]).await;
    browser.find("#stale[hidden]").await;
    // And it follows what happens from then on.
    let other = server.driver("other@example.com").await;
    browser.until("followed what happens again", "window.opened > arguments[0]", json!([opened])).await;
    let started = Instant::now();
    book(&server, &other, 3, "34나5678", TODAY, ("12:00", "12:30")).await;
    browser.says("#kiosk", "34나**78").await;
    assert!(started.elapsed() < Duration::from_secs(5), "it only asks now and then: {:.1?}", started.elapsed());
}

/// Counts how often a stream of events was opened.
const COUNT_STREAMS: &str = "
    window.opened = 0;
    window.EventSource = class extends EventSource {
        constructor(...given) { super(...given); this.addEventListener('open', () => { opened += 1; }); }
    };";

/// What answers that a server is away, at its address.
struct Away {
    asked: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Away {
    async fn at(base: &str) -> Self {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind(base.strip_prefix("http://").unwrap()).await.unwrap();
        let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&asked);
        let task = tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { continue };
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let answer = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        });
        Self { asked, task }
    }

    async fn was_asked(&self, times: usize) {
        let asked = async || (self.asked.load(std::sync::atomic::Ordering::SeqCst) >= times).then_some(());
        soon("asked while it is away", asked).await;
    }

    async fn end(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_our_own_page_says_so() {
    let server = with_people(&[]).await;
    let browser = Browser::open().await;
    browser.go(&format!("{}/board", server.base)).await;
    let kept =
        async || (browser.js_later("return !!await caches.match('/offline')", json!([])).await == true).then_some(());
    soon("kept the page for later", kept).await;
    browser.until("was looked after", "navigator.serviceWorker.controller", json!([])).await;
    let (base, clock) = (server.base.clone(), server.clock.clone());
    let database = server.stop().await;
    browser.go(&format!("{base}/my")).await;
    browser.says("h1", "You are offline").await;
    let spread = browser.js("return getComputedStyle(document.querySelector('.button')).borderRadius", json!([])).await;
    assert_ne!(spread, "0px", "it has its style");
    let _server = Server::start_at(&base, database, clock, &[]).await;
    browser.click("main .button").await;
    browser.find("#board").await;
}
