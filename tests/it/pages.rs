//! The drivers' pages as a browser without JavaScript meets them.

mod static_dir;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, ORIGIN};
use reqwest::{RequestBuilder, redirect};
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TODAY, TOMORROW, both_engines};
use crate::recognition::local;

const PASSWORD: &str = "a password of the tests";

/// Somebody at a browser: cookies are kept, redirects are looked at.
pub struct Browser {
    client: reqwest::Client,
    base: String,
    language: &'static str,
}

impl Browser {
    pub fn new(server: &Server, language: &'static str) -> Self {
        let client = reqwest::Client::builder().cookie_store(true).redirect(redirect::Policy::none());
        Self { client: client.build().unwrap(), base: server.base.clone(), language }
    }

    /// With the log-in of a new driver.
    pub async fn driver(server: &Server, email: &str) -> Self {
        let browser = Self::new(server, "en");
        let form = [("email", email), ("password", PASSWORD), ("next", "/my")];
        let made = browser.submit("/register", &form).await;
        assert_eq!((made.status.as_u16(), made.header("location")), (303, "/my"), "{}", made.text);
        browser
    }

    fn dressed(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(ACCEPT, "text/html,*/*;q=0.8").header(ACCEPT_LANGUAGE, self.language)
    }

    fn filled_in(&self, request: RequestBuilder, form: &[(&str, &str)]) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.dressed(request).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    pub async fn open(&self, path: &str) -> Answer {
        Answer::of(self.dressed(self.client.get(format!("{}{path}", self.base)))).await
    }

    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base)).header(ORIGIN, &self.base);
        Answer::of(self.filled_in(request, form)).await
    }

    pub async fn submit_from(&self, origin: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base)).header(ORIGIN, origin);
        Answer::of(self.filled_in(request, form)).await
    }

    /// Books and answers the id of the reservation.
    pub async fn book(&self, bay: &str, date: &str, start: &str, end: &str, plate: &str) -> String {
        let form = [("bay", bay), ("date", date), ("start", start), ("end", end), ("plate", plate)];
        let booked = self.submit("/book", &form).await;
        assert_eq!(booked.status, 303, "{}", booked.text);
        let address = booked.header("location");
        address.strip_prefix("/reservations/").unwrap().strip_suffix("?done=booked").unwrap().to_owned()
    }
}

/// Whether a page says something.
#[track_caller]
fn says(page: &Answer, text: &str) {
    assert!(page.text.contains(text), "{text:?} is not in {}", page.text);
}

#[track_caller]
fn says_not(page: &Answer, text: &str) {
    assert!(!page.text.contains(text), "{text:?} is in {}", page.text);
}

both_engines! {
    async fn a_driver_signs_up_books_moves_and_cancels_with_forms_alone(engine: Engine) {
        let server = Server::start(engine).await;
        let browser = Browser::driver(&server, "me@example.com").await;
        says(&browser.open("/my").await, "No bookings.");
        let form = browser.open(&format!("/book?date={TOMORROW}&bay=2&start=18:00&length=4")).await;
        says(&form, "<option selected>18:00</option>");
        says(&form, "<option selected>20:00</option>");
        let id = browser.book("2", TOMORROW, "18:00", "20:00", "12가 3456").await;
        let page = browser.open(&format!("/reservations/{id}?done=booked")).await;
        says(&page, "18:00–\u{2060}20:00");
        says(&page, "12가 3456");
        says(&page, "<svg role=\"img\"");
        // The car is remembered.
        says(&browser.open("/book").await, "value=\"12가 3456\"");
        let file = browser.open(&format!("/reservations/{id}/calendar.ics")).await;
        assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
        says(&file, "DTSTART:20260402T090000Z");
        says(&file, "DTEND:20260402T110000Z");
        let to = [("bay", "3"), ("date", TOMORROW), ("start", "19:00"), ("end", "20:00")];
        let moved = browser.submit(&format!("/reservations/{id}/move"), &to).await;
        assert_eq!(moved.header("location"), format!("/reservations/{id}?done=moved"));
        says(&browser.open("/my").await, "19:00–\u{2060}20:00");
        let cancelled = browser.submit(&format!("/reservations/{id}/cancel"), &[]).await;
        assert_eq!(cancelled.header("location"), "/my?done=cancelled");
        let mine = browser.open("/my?done=cancelled").await;
        says(&mine, "The booking was cancelled.");
        says(&mine, "<span class=\"tag warn\">cancelled</span>");
        let board = browser.open(&format!("/board?date={TOMORROW}")).await;
        says_not(&board, "12가 3456");
    }

    async fn who_comes_second_is_offered_what_is_free_nearby_and_takes_it(engine: Engine) {
        let server = Server::start(engine).await;
        let first = Browser::driver(&server, "first@example.com").await;
        let second = Browser::driver(&server, "second@example.com").await;
        first.book("1", TOMORROW, "18:00", "20:00", "12가3456").await;
        let form = [("bay", "1"), ("date", TOMORROW), ("start", "18:30"), ("end", "19:30"), ("plate", "34나5678")];
        let refused = second.submit("/book", &form).await;
        assert_eq!(refused.status, 409);
        says(&refused, "role=\"alert\"");
        // What was typed is kept, and the same time in another bay comes first.
        says(&refused, "value=\"34나5678\"");
        let offer = refused.text.split("<h2 id=\"instead\">").nth(1).unwrap();
        let value = |name: &str| {
            let after = offer.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            after.split('"').next().unwrap().to_owned()
        };
        assert_eq!((value("bay"), value("start"), value("end")), ("2".into(), "18:30".into(), "19:30".into()));
        second.book(&value("bay"), &value("date"), &value("start"), &value("end"), &value("plate")).await;
        // Of a car that is booked elsewhere at the time, nothing at that time is offered.
        let refused = first.submit("/book", &[("bay", "4"), ("date", TOMORROW), ("start", "19:00"), ("end", "20:00"), ("plate", "12가3456")]).await;
        assert_eq!(refused.status, 409);
        says(&refused, "17:00");
        says_not(&refused, "name=\"start\" value=\"19:30\"><input type=\"hidden\" name=\"end\" value=\"20:30\"");
    }

    async fn a_form_that_is_sent_twice_acts_once(engine: Engine) {
        let server = Server::start(engine).await;
        let browser = Browser::driver(&server, "me@example.com").await;
        let form = [("bay", "1"), ("date", TODAY), ("start", "18:00"), ("end", "19:00"), ("plate", "12가3456"), ("once", "a-b-c")];
        let first = browser.submit("/book", &form).await;
        let again = browser.submit("/book", &form).await;
        assert_eq!((first.status, again.status), (again.status, 303.try_into().unwrap()));
        assert_eq!(first.header("location"), again.header("location"));
    }
}

/// Somebody else's bookings are masked on the board and nowhere to be opened.
#[tokio::test]
async fn the_board_tells_free_taken_and_ones_own_apart() {
    let server = Server::start(Engine::Sqlite).await;
    let (me, them) =
        (Browser::driver(&server, "me@example.com").await, Browser::driver(&server, "them@example.com").await);
    me.book("1", TOMORROW, "10:00", "11:30", "12가3456").await;
    let theirs = them.book("2", TOMORROW, "12:00", "13:00", "34나5678").await;
    let board = me.open(&format!("/board?date={TOMORROW}")).await;
    says(&board, "<td class=\"t m\" colspan=\"3\"");
    says(&board, "12가3456");
    says(&board, "34나**78");
    says_not(&board, "34나5678");
    says_not(&board, &theirs);
    says(&board, &format!("/book?date={TOMORROW}&amp;bay=1&amp;start=11:30\">11:30</a>"));
    says_not(&board, "bay=1&amp;start=11:00");
    for path in ["", "/calendar.ics"] {
        assert_eq!(me.open(&format!("/reservations/{theirs}{path}")).await.status, 404);
    }
    for what in ["move", "cancel"] {
        let form = [("bay", "4"), ("date", TOMORROW), ("start", "20:00"), ("end", "21:00")];
        assert_eq!(me.submit(&format!("/reservations/{theirs}/{what}"), &form).await.status, 404);
    }
    let nobody = Browser::new(&server, "ko").open(&format!("/board?date={TOMORROW}")).await;
    says(&nobody, "12가**56");
    says(&nobody, "내일, 2026년 4월 2일 (목)");
    says_not(&nobody, "12가3456");
}

#[tokio::test]
async fn before_nine_in_the_morning_the_board_shows_today_and_after_closing_tomorrow() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::new(&server, "en");
    says(&browser.open("/board").await, "Today, Wed 1 April 2026");
    server.clock.set(NOW + 14 * 3600);
    says(&browser.open("/board").await, "Tomorrow, Thu 2 April 2026");
    says(&browser.open(&format!("/board?date={TODAY}")).await, "Opening hours are over for today.");
}

#[tokio::test]
async fn who_must_log_in_comes_back_to_where_they_were() {
    let server = Server::start(Engine::Sqlite).await;
    server.driver("me@example.com").await;
    let browser = Browser::new(&server, "en");
    for (path, next) in [("/my", "/my"), ("/my?from=20", "/my%3Ffrom%3D20"), ("/account", "/account")] {
        let sent = browser.open(path).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, format!("/login?next={next}").as_str()));
    }
    let wrong = [("email", "me@example.com"), ("password", "not this one"), ("next", "/my?from=20")];
    let refused = browser.submit("/login", &wrong).await;
    assert_eq!(refused.status, 401);
    says(&refused, "value=\"me@example.com\"");
    says(&refused, "value=\"/my?from=20\"");
    let right = [("email", "me@example.com"), ("password", PASSWORD), ("next", "//evil.example/")];
    assert_eq!(browser.submit("/login", &right).await.header("location"), "/board");
    assert_eq!(browser.open("/login?next=/account").await.header("location"), "/account");
    let out = browser.submit("/logout", &[]).await;
    assert_eq!(out.header("location"), "/board?done=out");
    assert_eq!(browser.open("/my").await.status, 303);
}

#[tokio::test]
async fn forms_of_another_site_change_nothing() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::driver(&server, "me@example.com").await;
    let id = browser.book("1", TOMORROW, "10:00", "11:00", "12가3456").await;
    let booking = [("bay", "2"), ("date", TOMORROW), ("start", "12:00"), ("end", "13:00"), ("plate", "34나5678")];
    let passwords = [("old", PASSWORD), ("new", "twelve green tomatoes")];
    for (path, form) in [
        ("/book".to_owned(), &booking[..]),
        (format!("/reservations/{id}/move"), &booking[..]),
        (format!("/reservations/{id}/cancel"), &[]),
        ("/account/password".to_owned(), &passwords[..]),
        ("/account/erase".to_owned(), &passwords[..1]),
        ("/account/second-factor".to_owned(), &[]),
        ("/logout".to_owned(), &[]),
        ("/login".to_owned(), &[("email", "me@example.com"), ("password", PASSWORD)]),
        ("/look".to_owned(), &[("theme", "dark")]),
    ] {
        for origin in ["https://evil.example", "null"] {
            let refused = browser.submit_from(origin, &path, form).await;
            assert!(
                refused.status == 403 || refused.header("location").starts_with("/login"),
                "{path} {}",
                refused.status
            );
            assert_eq!(refused.header("set-cookie"), "", "{path}");
        }
    }
    let page = browser.open(&format!("/reservations/{id}")).await;
    says(&page, "10:00–\u{2060}11:00");
    let list = server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), ADMIN_TOKEN).await;
    let all: Vec<&Value> = list.json["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|bay| bay["reservations"].as_array().unwrap())
        .collect();
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn pages_speak_the_language_that_was_chosen_and_look_as_chosen() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::new(&server, "ko-KR,ko;q=0.9");
    says(&browser.open("/board").await, "<html lang=\"ko\" data-theme=\"device\">");
    let sent = browser.submit("/look", &[("language", "en"), ("here", "/login?next=/my")]).await;
    assert_eq!(sent.header("location"), "/login?next=/my");
    browser.submit("/look", &[("theme", "dark"), ("here", "https://evil.example")]).await;
    says(&browser.open("/board").await, "<html lang=\"en\" data-theme=\"dark\">");
    browser.submit("/look", &[("theme", "<script>"), ("language", "xx")]).await;
    says(&browser.open("/board").await, "<html lang=\"en\" data-theme=\"dark\">");
}

#[tokio::test]
async fn what_goes_wrong_is_a_page_for_people_and_a_problem_for_programs() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::new(&server, "en");
    let missing = browser.open("/nothing/here").await;
    assert_eq!((missing.status.as_u16(), missing.header("content-type")), (404, "text/html; charset=utf-8"));
    says(&missing, "<h1>That did not work</h1>");
    says_not(&missing, "nothing/here");
    assert_eq!(browser.open("/api/nothing").await.header("content-type"), "application/problem+json");
    assert_eq!(server.get("/nothing/here", "").await.header("content-type"), "application/problem+json");
    let wrong = browser.open("/board?date=2026-02-30").await;
    assert_eq!(wrong.status, 422);
    says(&wrong, "<code>date</code>");
    assert_eq!(browser.open("/").await.header("location"), "/board");
}

#[tokio::test]
async fn pages_run_nothing_but_our_own_files_and_are_kept_by_nobody() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::driver(&server, "me@example.com").await;
    for path in ["/board", "/book", "/my", "/account", "/account/second-factor", "/kiosk", "/login?x=1", "/offline"] {
        let page = browser.open(path).await;
        if page.status == 303 {
            continue;
        }
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        says_not(&page, " style=");
        says_not(&page, " onclick=");
        assert_eq!(
            page.text.matches("<script").count(),
            page.text.matches("<script type=\"module\" src=\"/web/").count()
        );
        for file in page.text.split("=\"/web/").skip(1) {
            let file = format!("/web/{}", file.split('"').next().unwrap());
            let loaded = browser.open(&file).await;
            assert_eq!(loaded.status, 200, "{file}");
            assert!(loaded.header("cache-control").contains("immutable"), "{file}");
        }
    }
    assert_eq!(browser.open("/web/0/style.css").await.header("cache-control"), "no-cache");
    assert_eq!(browser.open("/web/0/../style.rs").await.status, 404);
    let manifest = browser.open("/manifest.webmanifest").await.expect(200);
    let manifest: Value = serde_json::from_str(&manifest.text).unwrap();
    for icon in manifest["icons"].as_array().unwrap() {
        browser.open(icon["src"].as_str().unwrap()).await.expect(200);
    }
}

#[tokio::test]
async fn pages_are_made_small_and_the_stream_of_events_is_not_held_back() {
    let server = Server::start(Engine::Sqlite).await;
    for number in 0..96 {
        server.post("/api/bays", ADMIN_TOKEN, json!({"name": format!("B{number}")})).await.expect(201);
    }
    let client = reqwest::Client::new();
    let asked = client.get(format!("{}/board?date={TOMORROW}", server.base)).header(ACCEPT_ENCODING, "gzip").send();
    let answer = asked.await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let bytes = answer.bytes().await.unwrap().len();
    println!("the board of 100 bays: {bytes} bytes");
    assert!(bytes < 40_000, "{bytes}");
    let asked = client.get(format!("{}/api/events", server.base)).header(ACCEPT_ENCODING, "gzip").send();
    assert!(!asked.await.unwrap().headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn markup_that_people_typed_stays_text() {
    let server = Server::start(Engine::Sqlite).await;
    let nasty = "<img src=x onerror=alert(1)>\"'";
    server.patch("/api/bays/1", ADMIN_TOKEN, json!({"name": nasty})).await.expect(200);
    server.patch("/api/bays/2", ADMIN_TOKEN, json!({"closed": true, "closedReason": nasty})).await.expect(200);
    let browser = Browser::driver(&server, "me@example.com").await;
    let id = browser.book("1", TOMORROW, "10:00", "11:00", "12가3456").await;
    for path in ["/board", "/book", "/my", "/kiosk", &format!("/reservations/{id}"), &format!("/board?date={TOMORROW}")]
    {
        let page = browser.open(path).await;
        says_not(&page, "<img");
        assert_eq!(page.status, 200, "{path}");
    }
    says(&browser.open("/board").await, "&#60;img src=x");
    // What was typed and refused comes back as text, too.
    let typed = [("bay", nasty), ("date", nasty), ("start", nasty), ("end", nasty), ("plate", nasty), ("email", nasty)];
    for path in ["/book", "/book/mine"] {
        let page = browser.submit(path, &typed).await;
        assert!(page.status.as_u16() < 500, "{path}");
        says_not(&page, "<img");
    }
    let page =
        Browser::new(&server, "en").submit("/login", &[("email", nasty), ("password", nasty), ("next", nasty)]).await;
    says_not(&page, "<img");
}

#[tokio::test]
async fn a_photo_fills_in_the_plate_and_the_rest_of_the_form_stays() {
    let server = Server::start_with(Engine::Sqlite, &[("PLATE_SERVICE_MODE", "local")]).await;
    let browser = Browser::driver(&server, "me@example.com").await;
    let (picture, plate) = local::drawn_plate();
    let part = reqwest::multipart::Part::bytes(picture).file_name("plate.jpg");
    let begun = browser.open(&format!("/book?bay=3&date={TOMORROW}&start=15:00&end=17:00")).await;
    let action = begun.text.split("action=\"").find(|action| action.starts_with("/book/photo?")).unwrap();
    let action = action.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let form = reqwest::multipart::Form::new().part("image", part);
    let request = browser.client.post(format!("{}{action}", server.base)).header(ORIGIN, &server.base);
    let page = Answer::of(browser.dressed(request).multipart(form)).await.expect(200);
    says(&page, &format!("value=\"{plate}\""));
    says(&page, "<option selected>15:00</option>");
    says(&page, "<option selected>17:00</option>");
    let form = reqwest::multipart::Form::new()
        .part("image", reqwest::multipart::Part::bytes(b"<html>".to_vec()).file_name("plate.jpg"));
    let request = browser.client.post(format!("{}{action}", server.base)).header(ORIGIN, &server.base);
    let page = Answer::of(browser.dressed(request).multipart(form)).await;
    assert_eq!(page.status, 415);
    says(&page, "<option selected>15:00</option>");
    says(&page, "role=\"alert\"");
}

#[tokio::test]
async fn while_typing_one_is_told_what_kind_of_plate_it_is() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::new(&server, "en");
    for (typed, told) in [
        ("12가3456", "Recognised as: private car"),
        ("123허4567", "Recognised as: rental car"),
        ("12바3456", "Recognised as: commercial vehicle"),
        ("12가34", "Not a Korean plate yet."),
    ] {
        assert_eq!(browser.open(&format!("/book/plate?plate={typed}")).await.expect(200).text, told);
    }
}

#[tokio::test]
async fn the_screen_at_the_entrance_shows_masked_plates_whoever_logged_in_at_it() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::driver(&server, "me@example.com").await;
    browser.book("1", TODAY, "09:00", "10:00", "12가3456").await;
    browser.book("1", TODAY, "11:00", "12:00", "34나5678").await;
    server.clock.set(NOW + 5400);
    let screen = browser.open("/kiosk").await.expect(200);
    says(&screen, "<b>12가**56</b> <small>until 10:00</small>");
    says(&screen, "<b>34나**78</b> <small>from 11:00</small>");
    says_not(&screen, "12가3456");
}

#[tokio::test]
async fn an_account_is_looked_after_with_forms_alone() {
    let server = Server::start(Engine::Sqlite).await;
    let browser = Browser::driver(&server, "me@example.com").await;
    let other = Browser::new(&server, "en");
    other.submit("/login", &[("email", "me@example.com"), ("password", PASSWORD)]).await;
    let page = browser.open("/account").await;
    let session = page.text.split("/account/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let ended = browser.submit(&format!("/account/sessions/{session}/end"), &[]).await;
    assert_eq!(ended.header("location"), "/account?done=session");
    assert_eq!(other.open("/my").await.status, 303);
    let weak = browser.submit("/account/password", &[("old", PASSWORD), ("new", "password1234")]).await;
    assert_eq!(weak.status, 400);
    says(&weak, "role=\"alert\"");
    let changed = browser.submit("/account/password", &[("old", PASSWORD), ("new", "twelve green tomatoes")]).await;
    assert_eq!(changed.header("location"), "/account?done=password");
    // A second factor: the key is shown, a code turns it on, and the next log-in asks for one.
    let begun = browser.submit("/account/second-factor", &[("password", "twelve green tomatoes")]).await.expect(200);
    says(&begun, "<svg role=\"img\"");
    let key = begun.text.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let wrong = browser.submit("/account/second-factor/confirm", &[("code", "000000"), ("key", key)]).await;
    assert!(wrong.status.is_client_error());
    says(&wrong, key);
    let code = crate::second_factor::code_at(key, NOW);
    let on = browser.submit("/account/second-factor/confirm", &[("code", &code), ("key", key)]).await.expect(200);
    assert_eq!(on.text.matches("<li><code>").count(), 10);
    let asked = other.submit("/login", &[("email", "me@example.com"), ("password", "twelve green tomatoes")]).await;
    assert_eq!(asked.status, 401);
    says(&asked, "name=\"code\"");
    server.clock.set(NOW + 60);
    let code = crate::second_factor::code_at(key, NOW + 60);
    let form = [("email", "me@example.com"), ("password", "twelve green tomatoes"), ("code", &code)];
    assert_eq!(other.submit("/login", &form).await.header("location"), "/board");
    let erased = browser.submit("/account/erase", &[("password", "twelve green tomatoes")]).await;
    assert_eq!(erased.header("location"), "/board?done=erased");
    assert_eq!(other.open("/my").await.status, 303);
}
