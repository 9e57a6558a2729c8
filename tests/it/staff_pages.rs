//! The operators' pages as a browser without JavaScript meets them.

mod closures;
mod forms;
mod markup;
mod reports;

use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TODAY, both_engines};
use crate::inbox::{Camera, server_with_booking, sightings};
use crate::pages::Browser;
use crate::people;

const PASSWORD: &str = "a password of the tests";

/// The pages without an id in their address.
pub const PAGES: [&str; 17] = [
    "/staff",
    "/staff/review",
    "/staff/search",
    "/staff/search?plate=12가3456&cancelled=yes",
    "/staff/book",
    "/staff/bays",
    "/staff/bays/1",
    "/staff/cameras",
    "/staff/cameras/quarantine",
    "/staff/people",
    "/staff/people?unmasked=true",
    "/staff/people/invitations",
    "/staff/reports",
    "/staff/reports?days=7",
    "/staff/reports?days=90",
    "/staff/audit",
    "/staff/audit?action=reservation.&from=2026-01-01",
];

/// The pages for administrators alone.
pub const ADMINISTRATORS: [&str; 2] = ["/staff/keys", "/staff/settings"];

/// Somebody of a role at a browser.
pub async fn staff(server: &Server, email: &str, role: &str, language: &'static str) -> Browser {
    people::staff(server, email, role).await;
    log_in(server, email, language).await
}

pub async fn log_in(server: &Server, email: &str, language: &'static str) -> Browser {
    let browser = Browser::new(server, language);
    let form = [("email", email), ("password", PASSWORD), ("next", "/staff")];
    let done = browser.submit("/login", &form).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/staff"), "{}", done.text);
    browser
}

#[track_caller]
pub fn says(page: &Answer, text: &str) {
    assert!(page.text.contains(text), "{text:?} is not in {}", page.text);
}

#[track_caller]
pub fn says_not(page: &Answer, text: &str) {
    assert!(!page.text.contains(text), "{text:?} is in {}", page.text);
}

/// What is between two texts, the first time.
#[track_caller]
pub fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin:?} is not in {text}"));
    rest.split(end).next().unwrap()
}

/// The records of the trail whose action begins so, the newest first.
pub async fn audit(server: &Server, action: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/admin/audit?action={action}"), ADMIN_TOKEN).await.expect(200);
    answer.json.as_array().unwrap().clone()
}

pub async fn account_id(server: &Server, email: &str) -> String {
    let found = server.get(&format!("/api/admin/accounts?email={email}"), ADMIN_TOKEN).await.expect(200);
    found.json[0]["id"].as_str().unwrap().to_owned()
}

/// A site with something of everything: a booking that runs, a camera, a doubtful sighting with its picture, and
/// something that was not understood. Answers the pages of single things.
pub async fn full_site(engine: Engine) -> (Server, Vec<String>) {
    let (server, booked) = server_with_booking(engine, &[]).await;
    let twin = json!({"sessionId": 2, "plate": "12가3458", "date": TODAY, "startTime": "09:30", "endTime": "10:00"});
    server.post("/api/reservations", ADMIN_TOKEN, twin).await.expect(201);
    let camera = Camera::add(&server, json!({"name": "Gate"})).await;
    camera.send(&server, json!({"plate": "12가3456", "confidence": 0.9})).await.expect(200);
    camera.send_bytes(&server, "text/plain", "LPR=1").await.expect(200);
    server.clock.set(crate::harness::NOW + 78 * 60);
    let picture = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(crate::recognition::pictures::png(1, 1))
    };
    for event in ["one", "two"] {
        camera.send(&server, json!({"plate": "12가345?", "event": event, "picture": picture})).await.expect(200);
        server.clock.set(server.clock.now() + 120);
    }
    let review = sightings(&server, "?state=review").await;
    let review = review[0]["id"].as_str().unwrap();
    server.driver("driver@example.com").await;
    let driver = account_id(&server, "driver@example.com").await;
    let pages = vec![
        format!("/staff/reservations/{booked}"),
        format!("/staff/review/{review}"),
        format!("/staff/cameras/{}", camera.id),
        format!("/staff/people/{driver}"),
    ];
    (server, pages)
}

both_engines! {
    async fn every_page_is_there_in_both_languages_for_staff_alone(engine: Engine) {
        let (server, single) = full_site(engine).await;
        let driver = log_in(&server, "driver@example.com", "en").await;
        let nobody = Browser::new(&server, "en");
        people::staff(&server, "operator@example.com", "operator").await;
        people::staff(&server, "boss@example.com", "administrator").await;
        let pages: Vec<&str> = PAGES.into_iter().chain(single.iter().map(String::as_str)).collect();
        for language in ["ko", "en"] {
            let operator = log_in(&server, "operator@example.com", language).await;
            let boss = log_in(&server, "boss@example.com", language).await;
            for page in &pages {
                for reader in [&operator, &boss] {
                    let shown = reader.open(page).await;
                    assert_eq!(shown.status, 200, "{page}: {}", shown.text);
                    says(&shown, &format!("<html lang=\"{language}\""));
                    says(&shown, if language == "ko" { "운영 메뉴" } else { "Operations menu" });
                    markup::check(page, &shown.text);
                }
            }
            for page in ADMINISTRATORS {
                let shown = boss.open(page).await;
                assert_eq!(shown.status, 200, "{page}: {}", shown.text);
                markup::check(page, &shown.text);
                says(&operator.open("/staff").await, "aria-current=\"page\"");
                assert_eq!(operator.open(page).await.status, 403, "{page} for an operator");
                says_not(&operator.open("/staff").await, page);
            }
        }
        for page in pages.iter().chain(&ADMINISTRATORS) {
            let refused = driver.open(page).await;
            assert_eq!(refused.status, 403, "{page} for a driver: {}", refused.text);
            assert!(refused.header("content-type").starts_with("text/html"), "{page}");
            let sent = nobody.open(page).await;
            assert_eq!(sent.status, 303, "{page} for nobody");
            assert!(sent.header("location").starts_with("/login?next=%2Fstaff") || sent.header("location").starts_with("/login?next=/staff"), "{}", sent.header("location"));
        }
    }

    async fn today_tells_who_is_here_who_is_late_and_what_was_seen(engine: Engine) {
        let (server, booked) = server_with_booking(engine, &[]).await;
        let other = json!({"sessionId": 2, "plate": "34나5678", "date": TODAY, "startTime": "09:00", "endTime": "10:00"});
        server.clock.set(crate::harness::NOW);
        let late = server.post("/api/reservations", ADMIN_TOKEN, other).await.expect(201).json["id"].clone();
        let next = json!({"sessionId": 3, "plate": "56다7890", "date": TODAY, "startTime": "09:30", "endTime": "10:00"});
        server.post("/api/reservations", ADMIN_TOKEN, next).await.expect(201);
        server.patch("/api/bays/4", ADMIN_TOKEN, json!({"closed": true})).await.expect(200);
        server.clock.set(crate::harness::NOW + 70 * 60);
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        // Without a camera nobody can be late.
        let page = operator.open("/staff").await;
        says_not(&page, "id=\"late\"");
        says(&page, "No camera looks at this bay.");
        says(&page, "There are no cameras.");
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send(&server, json!({"plate": "12가3453"})).await.expect(200);
        camera.send(&server, json!({"plate": "98하7654"})).await.expect(200);
        let page = operator.open("/staff").await;
        says(&page, "data-live data-events");
        let here = between(&page.text, "id=\"here\"", "<h2");
        assert!(here.contains(&booked) && here.contains("read 12가3453, booked 12가3456") && here.contains("by Gate"), "{here}");
        assert!(!here.contains(late.as_str().unwrap()));
        let missed = between(&page.text, "id=\"late\"", "<h2");
        assert!(missed.contains("34나5678") && missed.contains("started 10 min ago, not seen"), "{missed}");
        assert!(!missed.contains("12가3456"));
        let coming = between(&page.text, "id=\"next\"", "<h2");
        assert!(coming.contains("56다7890") && coming.contains("in 20 min"), "{coming}");
        let free = between(&page.text, "id=\"free\"", "<h2");
        assert_eq!(free.matches("<li").count(), 1, "bays 1 and 2 are held, 4 is closed: {free}");
        assert!(free.contains("세션 3") && free.contains("Closed bays: 1"), "{free}");
        let seen = between(&page.text, "id=\"seen\"", "</table>");
        assert!(seen.contains("98하**54") && !seen.contains("98하7654"), "who passes by is masked: {seen}");
        assert!(seen.contains("passing by") && seen.contains("matched"), "{seen}");
        assert_eq!(audit(&server, "personal_data.see").await.iter().filter(|record| record["object"] == "overview").count(), 1);
    }

    async fn reservations_are_found_by_car_person_bay_and_days(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("me@example.com").await;
        let book = async |token: &str, bay: i64, plate: &str, day: &str, start: &str, email: Option<&str>| {
            let end = format!("{:02}:30", start[..2].parse::<u8>().unwrap());
            let body = json!({"sessionId": bay, "plate": plate, "date": day, "startTime": start, "endTime": end, "contactEmail": email});
            server.post("/api/reservations", token, body).await.expect(201).json["id"].as_str().unwrap().to_owned()
        };
        let mine = book(&driver, 1, "12가3456", "2026-04-02", "09:00", None).await;
        let other = book(ADMIN_TOKEN, 2, "34나5678", "2026-04-03", "10:00", Some("you@example.com")).await;
        let gone = book(ADMIN_TOKEN, 2, "34나5678", "2026-04-04", "11:00", Some("you@example.com")).await;
        server.delete(&format!("/api/admin/reservations/{gone}"), ADMIN_TOKEN).await.expect(200);
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let find = async |query: &str| {
            let page = operator.open(&format!("/staff/search?{query}")).await.expect(200);
            [&mine, &other, &gone].map(|id| page.text.contains(id.as_str()))
        };
        for (query, found) in [
            ("", [true, true, false]),
            ("plate=12%EA%B0%80+3456", [true, false, false]),
            ("plate=12%EA%B0%803456&bay=2", [false, false, false]),
            ("email=me%40example.com", [true, false, false]),
            ("email=YOU%40example.com", [false, true, false]),
            ("email=you%40example.com&cancelled=yes", [false, true, true]),
            ("plate=34%EB%82%985678&cancelled=yes", [false, true, true]),
            ("cancelled=yes", [true, true, true]),
            ("bay=2", [false, true, false]),
            ("from=2026-04-03", [false, true, false]),
            ("until=2026-04-02", [true, false, false]),
            ("from=2026-04-02&until=2026-04-04&cancelled=yes&bay=2", [false, true, true]),
            ("email=nobody%40example.com", [false, false, false]),
        ] {
            assert_eq!(find(query).await, found, "{query}");
        }
        for wrong in ["plate=no+plate", "email=nobody", "bay=first", "from=tomorrow", "from=2026-04-03&until=2026-04-02"] {
            let refused = operator.open(&format!("/staff/search?{wrong}")).await;
            assert_eq!(refused.status, 422, "{wrong}");
            says(&refused, "aria-invalid=\"true\"");
        }
        // Pages do not overlap and leave nothing out.
        for at in 0..110_i64 {
            let day = format!("2026-04-{:02}", 5 + at / 12);
            book(ADMIN_TOKEN, 3, &format!("{:02}마{:04}", at % 60 + 10, at + 1000), &day, &format!("{:02}:00", 9 + at % 12), None).await;
        }
        let (mut address, mut seen) = ("/staff/search?bay=3".to_owned(), std::collections::BTreeSet::new());
        for size in [50, 50, 10] {
            let page = operator.open(&address).await.expect(200);
            let ids: Vec<&str> = page.text.split("/staff/reservations/").skip(1).map(|rest| &rest[..36]).collect();
            assert_eq!(ids.len(), size, "{address}");
            assert!(ids.iter().all(|id| seen.insert((*id).to_owned())), "{address}");
            if size == 50 {
                address = between(&page.text, "<a class=\"button plain\" href=\"/staff/search?", "\"").replace("&amp;", "&").replace("&#38;", "&");
                address.insert_str(0, "/staff/search?");
            } else {
                says_not(&page, "<a class=\"button plain\" href=\"/staff/search?");
            }
        }
        assert_eq!(seen.len(), 110);
    }
}
