//! What the forms do.

use serde_json::{Value, json};

use super::{account_id, audit, between, full_site, log_in, says, says_not, staff};
use crate::harness::{ADMIN_TOKEN, NOW, Server, TODAY, TOMORROW, both_engines};
use crate::inbox::{Camera, server_with_booking, sightings};
use crate::pages::Browser;

/// Sends a form that works; answers where it leads.
async fn done(browser: &Browser, path: &str, form: &[(&str, &str)]) -> String {
    let answer = browser.submit(path, form).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.text);
    answer.header("location").to_owned()
}

/// The trail's `after` of a record, as JSON.
fn after(record: &Value) -> Value {
    serde_json::from_str(record["after"].as_str().unwrap_or("null")).unwrap()
}

both_engines! {
    async fn a_booking_is_made_moved_and_cancelled_with_a_reason(engine: Engine) {
        let server = Server::start_with(engine, &[("QUOTA_OPEN_BOOKINGS", "1")]).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let mut form = vec![("plate", "12가3456"), ("sessionId", "any"), ("date", TOMORROW), ("startTime", "09:00"),
            ("endTime", "10:00"), ("contactEmail", "driver@example.com")];
        let place = done(&operator, "/staff/book", &form).await;
        assert!(place.ends_with("?done=booked"), "{place}");
        let page = operator.open(&place).await.expect(200);
        says(&page, "12가3456");
        says(&page, "driver@example.com");
        says(&page, "reservation.create");
        let one = place.strip_suffix("?done=booked").unwrap();
        // The car has its one booking: only a reason helps, and what was typed stays.
        form[3] = ("startTime", "14:00");
        form[4] = ("endTime", "15:00");
        let refused = operator.submit("/staff/book", &form).await.expect(409);
        says(&refused, "role=\"alert\"");
        says(&refused, "value=\"12가3456\"");
        says(&refused, "<option value=\"14:00\" selected>");
        form.push(("overrideReason", "the fire brigade"));
        let other = done(&operator, "/staff/book", &form).await;
        assert_eq!(after(&audit(&server, "reservation.create").await[0])["overrideReason"], "the fire brigade");
        // Wrong fields are named.
        let wrong = operator.submit("/staff/book", &[("plate", "no plate"), ("sessionId", "1")]).await.expect(422);
        says(&wrong, "id=\"book-plate-wrong\"");
        says(&wrong, "id=\"book-date-wrong\"");
        let to = [("sessionId", "3"), ("date", TOMORROW), ("startTime", "18:00"), ("endTime", "19:30"), ("overrideReason", "asked by phone")];
        assert_eq!(done(&operator, &format!("{one}/move"), &to).await, format!("{one}?done=moved"));
        let page = operator.open(one).await;
        says(&page, "18:00–\u{2060}19:30");
        let other = other.split('?').next().unwrap();
        let taken = operator.submit(&format!("{other}/move"), &to).await.expect(409);
        says(&taken, "role=\"alert\"");
        // A reason is needed, and stands in the trail.
        let blank = operator.submit(&format!("{one}/cancel"), &[("reason", " ")]).await.expect(422);
        says(&blank, "id=\"cancel-reason-wrong\"");
        let gone = done(&operator, &format!("{one}/cancel"), &[("reason", "the charger is broken")]).await;
        assert_eq!(gone, format!("{one}?done=cancelled"));
        let record = &audit(&server, "reservation.cancel").await[0];
        assert_eq!(after(record)["cancelReason"], "the charger is broken");
        let page = operator.open(&gone).await.expect(200);
        says(&page, "the charger is broken");
        says(&page, "The booking was cancelled.");
        says_not(&page, "/cancel\"");
        let again = operator.submit(&format!("{one}/cancel"), &[("reason", "again")]).await;
        assert_eq!(again.status, 404);
        // The call of the API goes on without one, and takes one.
        let id = other.strip_prefix("/staff/reservations/").unwrap();
        let too_long = format!("/api/admin/reservations/{id}?reason={}", "x".repeat(201));
        server.delete(&too_long, ADMIN_TOKEN).await.expect_problem(422, "invalid_input");
        server.delete(&format!("/api/admin/reservations/{id}"), ADMIN_TOKEN).await.expect(200);
        assert_eq!(after(&audit(&server, "reservation.cancel").await[0]), Value::Null);
        let third = server.book(ADMIN_TOKEN, json!(4), "34나5678", "09:00", "10:00").await.expect(201);
        let path = format!("/api/admin/reservations/{}?reason=a+power+cut", third.json["id"].as_str().unwrap());
        server.delete(&path, ADMIN_TOKEN).await.expect(200);
        assert_eq!(after(&audit(&server, "reservation.cancel").await[0])["cancelReason"], "a power cut");
    }

    async fn bays_are_added_renamed_closed_and_reopened(engine: Engine) {
        let server = Server::start(engine).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        assert_eq!(done(&operator, "/staff/bays", &[("name", "By the lift")]).await, "/staff/bays?done=bay-added");
        let page = operator.open("/staff/bays?done=bay-added").await;
        says(&page, "By the lift");
        says(&page, "The bay was added.");
        let twice = operator.submit("/staff/bays", &[("name", "By the lift")]).await.expect(409);
        says(&twice, "value=\"By the lift\"");
        says(&twice, "Another bay has this name.");
        let blank = operator.submit("/staff/bays", &[("name", "")]).await.expect(422);
        says(&blank, "aria-describedby=\"add-name-wrong\"");
        done(&operator, "/staff/bays/5/rename", &[("name", "By the stairs")]).await;
        let refused = operator.submit("/staff/bays/5/rename", &[("name", "세션 1")]).await.expect(409);
        says(&refused, "value=\"세션 1\"");
        done(&operator, "/staff/bays/5/close", &[("closedReason", "wet paint")]).await;
        says(&operator.open("/staff/bays").await, "wet paint");
        let bays = server.get("/api/bays", "").await.json;
        assert_eq!((&bays[4]["name"], &bays[4]["closed"], &bays[4]["closedReason"]), (&json!("By the stairs"), &json!(true), &json!("wet paint")));
        server.book(ADMIN_TOKEN, json!(5), "12가3456", "09:00", "10:00").await.expect_problem(409, "bay_closed");
        done(&operator, "/staff/bays/5/reopen", &[]).await;
        server.book(ADMIN_TOKEN, json!(5), "12가3456", "09:00", "10:00").await.expect(201);
        assert_eq!(operator.open("/staff/bays/99").await.status, 404);
        assert_eq!(operator.submit("/staff/bays/99/close", &[]).await.status, 404);
    }

    async fn a_camera_is_added_switched_and_removed(engine: Engine) {
        let (server, _) = server_with_booking(engine, &[]).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let form = [("name", "Gate"), ("sessionId", "1"), ("zone", "Asia/Seoul"), ("addresses", "127.0.0.0/8, ::1"), ("days", "30")];
        let made = operator.submit("/staff/cameras", &form).await.expect(200);
        assert_eq!(made.header("cache-control"), "no-store");
        let url = between(&made.text, "<dd><code>", "</code>").strip_prefix(&server.base).unwrap().to_owned();
        let bearer = url.split('/').nth(3).unwrap().to_owned();
        says(&made, &format!("<code>{bearer}</code>"));
        server.post(&url, "", json!({"plate": "12가3456"})).await.expect(200);
        let list = operator.open("/staff/cameras").await;
        assert!(!list.text.contains(&bearer), "a key is shown once");
        says(&list, "09:10");
        let path = format!("/staff/cameras/{}", between(&list.text, "plain\" href=\"/staff/cameras/", "\""));
        let wrong = operator.submit("/staff/cameras", &[("name", "Other"), ("addresses", "the gate"), ("days", "0"), ("zone", "Nowhere")]).await.expect(422);
        for field in ["addresses", "days", "zone"] {
            says(&wrong, &format!("id=\"add-{field}-wrong\""));
        }
        done(&operator, &path, &[("name", "Old gate"), ("sessionId", "entrance"), ("zone", "UTC")]).await;
        let page = operator.open(&path).await;
        says(&page, "Old gate");
        says(&page, "<option value=\"entrance\" selected>");
        done(&operator, &format!("{path}/switch"), &[("to", "off")]).await;
        server.post(&url, "", json!({"plate": "12가3456"})).await.expect_problem(403, "camera_off");
        done(&operator, &format!("{path}/switch"), &[("to", "on")]).await;
        let fresh = operator.submit(&format!("{path}/key"), &[("addresses", ""), ("days", "30")]).await.expect(200);
        let fresh = between(&fresh.text, "<dd><code>", "</code>").strip_prefix(&server.base).unwrap().to_owned();
        assert_eq!(server.post(&url, "", json!({"heartbeat": true})).await.status, 401, "the key before has ended");
        server.post(&fresh, "", json!({"heartbeat": true})).await.expect(200);
        assert_eq!(done(&operator, &format!("{path}/remove"), &[]).await, "/staff/cameras?done=camera-removed");
        assert_eq!(server.post(&fresh, "", json!({"heartbeat": true})).await.status, 401);
        assert_eq!(operator.open(&path).await.status, 404);
        // What it saw stays, and what it was is told.
        says(&operator.open("/staff").await, "a removed camera");
    }

    async fn what_was_not_understood_is_read_again_or_deleted(engine: Engine) {
        let (server, _) = server_with_booking(engine, &[]).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send_bytes(&server, "text/plain", "LPR=1").await.expect(200);
        says(&operator.open("/staff").await, "Requests of cameras that were not understood: 1.");
        let page = operator.open("/staff/cameras/quarantine").await;
        says(&page, "text/plain");
        says(&page, "5 bytes");
        let replayed = operator.submit("/staff/cameras/quarantine/replay", &[]).await.expect(200);
        says(&replayed, "Understood: 0; sightings stored: 0; still not understood: 1.");
        let id = between(&page.text, "/api/admin/quarantine/", "\"");
        let payload = operator.open(&format!("/api/admin/quarantine/{id}")).await.expect(200);
        assert_eq!(payload.text, "LPR=1");
        done(&operator, &format!("/staff/cameras/quarantine/{id}/delete"), &[]).await;
        says(&operator.open("/staff/cameras/quarantine").await, "Nothing is kept.");
    }

    async fn a_person_decides_about_what_is_doubtful_one_after_another(engine: Engine) {
        let (server, _) = full_site(engine).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        says(&operator.open("/staff").await, "Doubtful sightings that wait for a person: 2.");
        let queue = sightings(&server, "?state=review").await;
        let [newest, oldest] = [0, 1].map(|at| format!("/staff/review/{}", queue[at]["id"].as_str().unwrap()));
        let page = operator.open(&newest).await.expect(200);
        for told in ["12가345?", "12가3456", "12가3458", "Gate", "alt=\"Picture by Gate"] {
            says(&page, told);
        }
        // The picture opens with the cookie alone.
        let picture = between(&page.text, "<img class=\"picture\" src=\"", "\"");
        assert_eq!(operator.open(picture).await.expect(200).header("content-type"), "image/png");
        let wrong = operator.submit(&newest, &[("decision", "correct"), ("plate", "no plate")]).await.expect(422);
        says(&wrong, "value=\"no plate\"");
        says(&wrong, "id=\"correct-plate-wrong\"");
        // What is accepted is what was on show.
        let stale = operator.submit(&newest, &[("decision", "accept"), ("expected", "99하9999")]).await;
        assert_eq!(stale.status, 409, "{}", stale.text);
        let expected = between(&page.text, "name=\"expected\" value=\"", "\"").to_owned();
        assert_eq!(done(&operator, &newest, &[("decision", "accept"), ("expected", &expected)]).await, format!("{oldest}?done=reviewed"));
        assert_eq!(done(&operator, &oldest, &[("decision", "correct"), ("plate", "12가3456")]).await, "/staff/review?done=reviewed");
        says(&operator.open("/staff/review").await, "Nothing waits for a person.");
        let states: Vec<Value> = sightings(&server, "").await.into_iter().map(|one| one["state"].clone()).collect();
        assert_eq!(states[..2], ["accepted", "corrected"]);
        let late = operator.submit(&oldest, &[("decision", "reject")]).await.expect(409);
        says(&late, "role=\"alert\"");
        says_not(&operator.open(&oldest).await, "value=\"reject\"");
        assert_eq!(audit(&server, "sighting.").await.len(), 2);
    }

    async fn accounts_are_changed_as_far_as_the_role_allows(engine: Engine) {
        let server = Server::start(engine).await;
        server.driver("driver@example.com").await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let boss = staff(&server, "boss@example.com", "administrator", "en").await;
        let id = async |email| format!("/staff/people/{}", account_id(&server, email).await);
        let (driver, other) = (id("driver@example.com").await, id("operator@example.com").await);
        // Operators see masks, and asking for more is recorded.
        let list = operator.open("/staff/people").await;
        says(&list, "d***@example.com");
        says_not(&list, "driver@example.com");
        let who = format!("account:{}", account_id(&server, "operator@example.com").await);
        let seen = async || {
            let all = audit(&server, "personal_data.see").await;
            let own = all.iter().filter(|record| record["actor"] == who.as_str());
            own.map(|record| record["object"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(seen().await.is_empty());
        says(&operator.open("/staff/people?unmasked=true").await, "driver@example.com");
        assert_eq!(seen().await, ["accounts"]);
        says(&operator.open("/staff/people?email=DRIVER%40example.com").await, "d***@example.com");
        says(&operator.open("/staff/people?email=nobody%40example.com").await, "No account fits.");
        says_not(&operator.open(&driver).await, "driver@example.com");
        // A driver can be disabled by an operator, an operator cannot.
        done(&operator, &format!("{driver}/disable"), &[("to", "disabled")]).await;
        let login = json!({"email": "driver@example.com", "password": super::PASSWORD});
        assert_eq!(server.post("/api/user/login", "", login.clone()).await.status, 401);
        done(&operator, &format!("{driver}/disable"), &[("to", "enabled")]).await;
        server.post("/api/user/login", "", login).await.expect(200);
        let page = operator.open(&other).await;
        says(&page, "Only administrators change accounts of operators");
        says_not(&page, "<form method=\"post\" action=\"/staff");
        for (path, form) in [
            (format!("{other}/disable"), ("to", "disabled")),
            (format!("{driver}/role"), ("role", "operator")),
            (format!("{other}/password-link"), ("", "")),
            (format!("{driver}/second-factor"), ("", "")),
        ] {
            assert_eq!(operator.submit(&path, &[form]).await.status, 403, "{path}");
        }
        // An administrator gives another role, but is not the last to give it up.
        done(&boss, &format!("{driver}/role"), &[("role", "operator")]).await;
        let made = server.get("/api/admin/accounts?email=driver@example.com", ADMIN_TOKEN).await.json;
        assert_eq!(made[0]["role"], "operator");
        assert_eq!(boss.submit(&format!("{driver}/role"), &[("role", "king")]).await.status, 422);
        // The first start made one administrator.
        let first = server.get("/api/admin/accounts?email=admin@localhost", ADMIN_TOKEN).await.json;
        done(&boss, &format!("/staff/people/{}/disable", first[0]["id"].as_str().unwrap()), &[("to", "disabled")]).await;
        let own = id("boss@example.com").await;
        let refused = boss.submit(&format!("{own}/role"), &[("role", "driver")]).await.expect(409);
        says(&refused, "last administrator");
        // A link opens the account once.
        let link = boss.submit(&format!("{driver}/password-link"), &[]).await.expect(200);
        let secret = between(&link.text, "/reset#", "<").to_owned();
        let body = json!({"link": secret, "newPassword": "eleven purple kettles"});
        server.post("/api/user/password/reset", "", body.clone()).await.expect(200);
        server.post("/api/user/password/reset", "", body).await.expect_problem(400, "link_invalid");
        let missing = boss.submit(&format!("{driver}/second-factor"), &[]).await.expect(404);
        says(&missing, "<h1>");
    }

    async fn people_are_invited_and_invitations_revoked(engine: Engine) {
        let server = Server::start(engine).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let boss = staff(&server, "boss@example.com", "administrator", "en").await;
        let made = operator.submit("/staff/people/invitations", &[("email", "new@example.com"), ("role", "driver")]).await.expect(200);
        let secret = between(&made.text, "/invite#", "<").to_owned();
        says(&operator.open("/staff/people/invitations").await, "n***@example.com");
        let body = json!({"email": "new@example.com", "password": super::PASSWORD, "invitation": secret});
        server.post("/api/user/register", "", body).await.expect(201);
        says(&operator.open("/staff/people/invitations").await, "No invitation waits.");
        let taken = operator.submit("/staff/people/invitations", &[("email", "new@example.com")]).await.expect(409);
        says(&taken, "value=\"new@example.com\"");
        let form = [("email", "second@example.com"), ("role", "operator")];
        assert_eq!(operator.submit("/staff/people/invitations", &form).await.status, 403);
        boss.submit("/staff/people/invitations", &form).await.expect(200);
        let list = boss.open("/staff/people/invitations").await;
        let revoke = format!("/staff/people/invitations/{}", between(&list.text, "action=\"/staff/people/invitations/", "\""));
        assert_eq!(operator.submit(&revoke, &[]).await.status, 403);
        done(&boss, &revoke, &[]).await;
        says(&boss.open("/staff/people/invitations").await, "No invitation waits.");
    }

    async fn keys_are_made_and_revoked(engine: Engine) {
        let server = Server::start(engine).await;
        let boss = staff(&server, "boss@example.com", "administrator", "en").await;
        let form = [("name", "Display"), ("scope", "export"), ("addresses", "127.0.0.1"), ("days", "7")];
        let made = boss.submit("/staff/keys", &form).await.expect(200);
        let bearer = between(&made.text, "<p class=\"card\"><code>", "<").to_owned();
        let day = format!("/api/admin/reservations/by-session?date={TODAY}");
        server.get(&day, &bearer).await.expect(200);
        let list = boss.open("/staff/keys").await;
        says(&list, "127.0.0.1/32");
        assert!(!list.text.contains(&bearer), "a key is shown once");
        let wrong = boss.submit("/staff/keys", &[("name", "Other"), ("scope", "everything"), ("days", "9999")]).await.expect(422);
        says(&wrong, "id=\"make-scope-wrong\"");
        says(&wrong, "id=\"make-days-wrong\"");
        says(&wrong, "value=\"9999\"");
        let revoke = format!("/staff/keys/{}", between(&list.text, "action=\"/staff/keys/", "\""));
        done(&boss, &revoke, &[]).await;
        assert_eq!(server.get(&day, &bearer).await.status, 401);
        says(&boss.open("/staff/keys").await, "There are no keys.");
    }

    async fn the_trail_is_searched_and_checked(engine: Engine) {
        let server = Server::start(engine).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        done(&operator, "/staff/bays/1/close", &[("closedReason", "today")]).await;
        server.clock.set(NOW + 24 * 60 * 60);
        let operator = log_in(&server, "operator@example.com", "en").await;
        done(&operator, "/staff/bays/2/close", &[("closedReason", "tomorrow")]).await;
        let who = format!("account:{}", account_id(&server, "operator@example.com").await);
        for (query, today, tomorrow) in [
            (String::new(), true, true),
            ("action=bay.".into(), true, true),
            ("action=camera.".into(), false, false),
            ("object=bay:1".into(), true, false),
            (format!("actor={who}"), true, true),
            ("actor=account:nobody".into(), false, false),
            (format!("from={TOMORROW}"), false, true),
            (format!("until={TODAY}"), true, false),
            (format!("from={TODAY}&until={TOMORROW}&object=bay:2"), false, true),
        ] {
            let page = operator.open(&format!("/staff/audit?{query}")).await.expect(200);
            let told = ["today", "tomorrow"].map(|reason| page.text.contains(&format!("&#34;reason&#34;:&#34;{reason}&#34;")));
            assert_eq!(told, [today, tomorrow], "{query}");
        }
        let whole = operator.submit("/staff/audit/verify", &[]).await.expect(200);
        let count = server.get("/api/admin/audit", ADMIN_TOKEN).await.json[0]["number"].as_i64().unwrap();
        says(&whole, &format!("All {count} records are whole."));
        let lines = operator.open("/api/admin/audit/export").await.expect(200);
        assert_eq!(i64::try_from(lines.text.lines().count()).unwrap(), count);
    }

    async fn the_settings_are_told_without_secrets(engine: Engine) {
        let server = Server::start(engine).await;
        let boss = staff(&server, "boss@example.com", "administrator", "en").await;
        let page = boss.open("/staff/settings").await.expect(200);
        let row = between(&page.text, "<code>ADMIN_TOKEN</code>", "</tr>");
        assert!(row.contains("***"), "{row}");
        says_not(&page, ADMIN_TOKEN);
        says(&page, "No mails are sent");
        says(&page, "Operators can log in with a password alone");
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        server.clock.set(NOW + 25 * 60 * 60);
        let boss = log_in(&server, "boss@example.com", "en").await;
        says(&boss.open("/staff/settings").await, "The camera Gate has sent nothing for a day.");
        let sent = json!({"plate": "12가3456", "taken_at": (NOW + 25 * 60 * 60 + 600) * 1000});
        camera.send(&server, sent).await.expect(200);
        let page = boss.open("/staff/settings").await;
        says_not(&page, "has sent nothing");
        says(&page, "The clock of the camera Gate is off.");
        says(&boss.open("/staff/cameras").await, "10 min ahead");
        let examined = boss.submit("/staff/settings", &[]).await.expect(200);
        says(&examined, "The database is whole (");
    }
}
