//! What holds for the markup of every page, and that nothing that people or cameras write becomes markup.

use jari::domain::sighting::State;
use jari::service::Refusal;
use jari::store::{Failure, sightings};
use serde_json::json;

use super::{ADMINISTRATORS, PAGES, account_id, full_site, log_in, says, staff};
use crate::harness::{ADMIN_TOKEN, Server, TODAY, both_engines};
use crate::inbox::Camera;
use crate::people;

/// The values of an attribute, in order.
fn values<'a>(text: &'a str, attribute: &str) -> Vec<&'a str> {
    text.split(&format!(" {attribute}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The tags of a name, each as it is written.
fn tags<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let begins = |rest: &&str| rest.starts_with([' ', '>']);
    text.split(&format!("<{name}")).skip(1).filter(begins).map(|rest| rest.split('>').next().unwrap()).collect()
}

/// Fails unless a page keeps what can be seen in its text: no style and no script in it, ids once, labels, headings.
#[track_caller]
pub fn check(page: &str, text: &str) {
    for tag in text.split('<').skip(1) {
        // What stands between quotes is a value, whatever it looks like.
        let names: String = tag.split('>').next().unwrap().split('"').step_by(2).collect();
        let banned = names.contains(" style=") || names.contains(" on") || names.starts_with("style");
        assert!(!banned, "{page} has <{tag}: {text}");
    }
    assert!(!text.contains("\"javascript:"), "{page} has a script in an address");
    assert!(tags(text, "script").iter().all(|tag| tag.contains(" src=")), "{page} has a script in it");
    let mut ids = values(text, "id");
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "{page} has an id twice");
    for named in ["for", "aria-describedby"].into_iter().flat_map(|name| values(text, name)) {
        assert!(ids.contains(&named), "{page} names {named}");
    }
    for named in values(text, "aria-labelledby").into_iter().flat_map(str::split_whitespace) {
        assert!(ids.contains(&named), "{page} names {named}");
    }
    let labels = values(text, "for");
    for tag in tags(text, "input").into_iter().chain(tags(text, "select")) {
        let hidden = tag.contains("type=\"hidden\"") || tag.contains("type=\"checkbox\"");
        let id = values(tag, "id");
        assert!(hidden || id.first().is_some_and(|id| labels.contains(id)), "{page}: no label for <{tag}>");
    }
    assert!(tags(text, "img").iter().all(|tag| tag.contains(" alt=\"")), "{page}: a picture without words");
    assert!(tags(text, "th").iter().all(|tag| tag.contains(" scope=\"")), "{page}: a th without scope");
    assert_eq!(tags(text, "table").len(), tags(text, "caption").len(), "{page}: a table without caption");
    assert_eq!(tags(text, "h1").len(), 1, "{page}: one h1");
    assert!(tags(text, "h3").is_empty() || !tags(text, "h2").is_empty(), "{page}: headings in order");
    let svgs: Vec<&str> = text.split("<svg").skip(1).collect();
    for svg in svgs {
        let svg = svg.split("</svg>").next().unwrap();
        let told = svg.contains("role=\"img\"") && svg.contains("<title") && svg.contains("<desc");
        assert!(told || svg.contains("aria-hidden=\"true\""), "{page}: a picture without words");
    }
}

const BAD: &str = "<script>alert(1)</script>\"'><img src=x onerror=1>";

/// Puts markup wherever people and cameras can write something; answers the pages of single things.
async fn poison(server: &Server, pages: Vec<String>) -> Vec<String> {
    let mut pages = pages;
    server.patch("/api/bays/1", ADMIN_TOKEN, json!({"name": BAD})).await.expect(200);
    let more = server.post("/api/bays", ADMIN_TOKEN, json!({"name": format!("{BAD}2")})).await.expect(201).json;
    let closed = json!({"closed": true, "closedReason": BAD});
    server.patch(&format!("/api/bays/{}", more["sessionId"]), ADMIN_TOKEN, closed).await.expect(200);
    pages.push(format!("/staff/bays/{}", more["sessionId"]));
    let camera = Camera::add(server, json!({"name": BAD})).await;
    pages.push(format!("/staff/cameras/{}", camera.id));
    camera.send_bytes(server, "x/<script>alert(1)</script>", "not understood").await.expect(200);
    camera.send(server, json!({"plate": "<img src=x onerror=1>\"'>"})).await.expect(200);
    server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": BAD, "scope": "export"})).await.expect(201);
    let email = "o'brien&co@example.com";
    let body = json!({"sessionId": 3, "plate": "34나5678", "date": TODAY, "startTime": "12:00", "endTime": "13:00",
        "contactEmail": email, "overrideReason": BAD});
    let booked = server.post("/api/reservations", ADMIN_TOKEN, body).await.expect(201).json;
    pages.push(format!("/staff/reservations/{}", booked["id"].as_str().unwrap()));
    server.post("/api/admin/invitations", ADMIN_TOKEN, json!({"email": email})).await.expect(201);
    // What a camera read is kept as it is while a person has to look at it.
    let all = server.site.store.snapshot(async |conn| sightings::after(conn, 0, 100).await).await.unwrap();
    let doubtful = all.into_iter().filter(|one| one.state == State::Review).collect::<Vec<_>>();
    let written = server.site.store.write(async move |conn| {
        for mut one in doubtful.clone() {
            one.plate_text = Some(BAD.to_owned());
            sightings::set_review(conn, &one).await?;
        }
        Ok::<_, Failure<Refusal>>(())
    });
    written.await.unwrap();
    pages
}

both_engines! {
    async fn what_people_and_cameras_write_never_becomes_markup(engine: Engine) {
        let (server, pages) = full_site(engine).await;
        let pages = poison(&server, pages).await;
        people::staff(&server, "boss@example.com", "administrator").await;
        let boss = log_in(&server, "boss@example.com", "en").await;
        let cancelled = pages.last().unwrap().clone();
        boss.submit(&format!("{cancelled}/cancel"), &[("reason", BAD)]).await.expect(303);
        let mut escaped = 0;
        for page in PAGES.into_iter().chain(ADMINISTRATORS).chain(pages.iter().map(String::as_str)) {
            let shown = boss.open(page).await.expect(200);
            for bad in ["<script>alert", "<img src=x", "x/<script", "<i*", "onerror=1>\"'"] {
                assert!(!shown.text.contains(bad), "{page} has {bad}: {}", shown.text);
            }
            check(page, &shown.text);
            escaped += usize::from(shown.text.contains("&#60;script&#62;alert(1)"));
        }
        assert!(escaped >= 12, "the markup is on {escaped} pages as text");
        // What was typed and refused comes back as text, too.
        let refused = boss.submit("/staff/bays", &[("name", BAD)]).await;
        assert_eq!(refused.status, 409);
        says(&refused, "value=\"&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#62;");
        check("a refusal", &refused.text);
        let searched = boss.open("/staff/audit?actor=%3Cscript%3E%22").await.expect(200);
        says(&searched, "value=\"&#60;script&#62;&#34;\"");
    }

    async fn a_form_from_another_site_changes_nothing(engine: Engine) {
        let (server, single) = full_site(engine).await;
        let boss = staff(&server, "boss@example.com", "administrator", "en").await;
        let driver = account_id(&server, "driver@example.com").await;
        let [reservation, review, camera, _] = <[String; 4]>::try_from(single).unwrap();
        let posts: Vec<(String, Vec<(&str, &str)>)> = vec![
            (review, vec![("decision", "reject")]),
            (format!("{reservation}/move"), vec![("sessionId", "4")]),
            (format!("{reservation}/cancel"), vec![("reason", "why not")]),
            ("/staff/book".into(), vec![("plate", "34나5678"), ("sessionId", "any"), ("date", TODAY), ("startTime", "20:00"), ("endTime", "21:00")]),
            ("/staff/bays".into(), vec![("name", "another")]),
            ("/staff/bays/1/rename".into(), vec![("name", "another")]),
            ("/staff/bays/1/close".into(), vec![]),
            ("/staff/bays/1/reopen".into(), vec![]),
            ("/staff/cameras".into(), vec![("name", "another")]),
            (camera.clone(), vec![("name", "another")]),
            (format!("{camera}/switch"), vec![("to", "off")]),
            (format!("{camera}/key"), vec![]),
            (format!("{camera}/remove"), vec![]),
            ("/staff/cameras/quarantine/replay".into(), vec![]),
            (format!("/staff/people/{driver}/role"), vec![("role", "administrator")]),
            (format!("/staff/people/{driver}/disable"), vec![("to", "disabled")]),
            (format!("/staff/people/{driver}/password-link"), vec![]),
            (format!("/staff/people/{driver}/second-factor"), vec![]),
            ("/staff/people/invitations".into(), vec![("email", "x@example.com")]),
            ("/staff/keys".into(), vec![("name", "another"), ("scope", "export")]),
            ("/staff/audit/verify".into(), vec![]),
            ("/staff/settings".into(), vec![]),
        ];
        let changes = async || {
            let all = super::audit(&server, "").await;
            all.iter().filter(|record| !record["action"].as_str().unwrap().starts_with("access.")).count()
        };
        let driver = log_in(&server, "driver@example.com", "en").await;
        let before = changes().await;
        for (path, form) in &posts {
            let refused = boss.submit_from("https://evil.example", path, form).await;
            assert_eq!(refused.status, 403, "{path}: {}", refused.text);
            // Nor does a driver get anywhere from our own pages.
            assert_eq!(driver.submit(path, form).await.status, 403, "{path} by a driver");
        }
        assert_eq!(changes().await, before, "nothing was done");
    }
}
