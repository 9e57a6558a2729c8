//! `GET /api/availability`, and the days on which the clocks change.

use std::sync::Arc;

use jari::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use super::{CAR, OTHER_CAR, address, book, each, names};
use crate::harness::{ADMIN_TOKEN, Answer, Database, Engine, NOW, Server, TODAY, TOMORROW, both_engines};

fn busy(start: &str, end: &str) -> Value {
    json!({"startTime": start, "endTime": end})
}

both_engines! {
    async fn neighbours_are_one_and_nobody_is_named(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book(&server, &me, json!({"contactEmail": "me@example.com"})).await.expect(201);
        book(&server, &them, json!({"plate": OTHER_CAR, "startTime": "11:00", "endTime": "12:30"})).await.expect(201);
        book(&server, &me, json!({"startTime": "13:00", "endTime": "13:30"})).await.expect(201);
        let gone = book(&server, &me, json!({"startTime": "12:30", "endTime": "13:00"})).await.expect(201);
        server.delete(&address(&gone), &me).await.expect(200);
        book(&server, &me, json!({"sessionId": 2, "startTime": "21:00", "endTime": "22:00"})).await.expect(201);
        server.patch("/api/bays/3", ADMIN_TOKEN, json!({"closed": true, "closedReason": "점검"})).await.expect(200);
        let answer = server.get(&format!("/api/availability?from={TOMORROW}&days=2"), "").await.expect(200);
        assert_eq!(names(&answer.json), ["lastBookableDate", "openingHours", "sessions", "slotMinutes", "timezone", "today"]);
        assert_eq!((&answer.json["timezone"], &answer.json["today"]), (&json!("Asia/Seoul"), &json!(TODAY)));
        assert_eq!((&answer.json["lastBookableDate"], &answer.json["slotMinutes"]), (&json!("2026-05-31"), &json!(30)));
        assert_eq!(answer.json["openingHours"], busy("09:00", "22:00"));
        assert_eq!(answer.json["sessions"][0], json!({"sessionId": 1, "name": "세션 1", "closed": false, "closedReason": null, "days": [
            {"date": TOMORROW, "busy": [busy("10:00", "12:30"), busy("13:00", "13:30")]},
            {"date": "2026-04-03", "busy": []},
        ]}));
        assert_eq!(answer.json["sessions"][1]["days"][0]["busy"], json!([busy("21:00", "22:00")]));
        let closed = &answer.json["sessions"][2];
        assert_eq!((&closed["closed"], &closed["closedReason"]), (&json!(true), &json!("점검")));
        assert!(!answer.text.contains("12가") && !answer.text.contains("example.com"), "{}", answer.text);
        let same = server.get(&format!("/api/availability?from={TOMORROW}&days=2"), ADMIN_TOKEN).await.expect(200);
        assert_eq!(same.text, answer.text, "everybody gets the same");
    }

    async fn an_etag_is_304_until_something_changes(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let ask = async |tag: &str| {
            let request = server.request(Method::GET, "/api/availability?days=3");
            Answer::of(if tag.is_empty() { request } else { request.header("If-None-Match", tag) }).await
        };
        let mut tags = vec![ask("").await.expect(200).header("etag").to_owned()];
        let mut changed = async || {
            let last = tags.last().unwrap().clone();
            let fresh = ask(&last).await.expect(200);
            let tag = fresh.header("etag").to_owned();
            assert!(tag.starts_with('"') && !tags.contains(&tag), "{tag}");
            for asked in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
                let known = ask(&asked).await.expect(304);
                assert_eq!((known.text.as_str(), known.header("etag")), ("", tag.as_str()));
            }
            tags.push(tag);
        };
        let made = book(&server, &me, json!({})).await.expect(201);
        changed().await;
        server.patch(&address(&made), &me, json!({"startTime": "12:00"})).await.expect(200);
        changed().await;
        server.patch("/api/bays/2", ADMIN_TOKEN, json!({"closed": true})).await.expect(200);
        changed().await;
        server.clock.set(NOW + 86_400);
        changed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_begins_today_for_fourteen_days_unless_told_and_31_are_the_most() {
    let server = Server::start(Engine::Sqlite).await;
    let days = async |query: &str| {
        let answer = server.get(&format!("/api/availability{query}"), "").await.expect(200);
        let dates = each(&answer.json["sessions"][0]["days"], "date");
        (dates.len(), dates[0].as_str().unwrap().to_owned(), dates[dates.len() - 1].as_str().unwrap().to_owned())
    };
    assert_eq!(days("").await, (14, TODAY.to_owned(), "2026-04-14".to_owned()));
    assert_eq!(days("?from=2026-02-27&days=3").await, (3, "2026-02-27".to_owned(), "2026-03-01".to_owned()));
    assert_eq!(days("?days=31").await, (31, TODAY.to_owned(), "2026-05-01".to_owned()));
    assert_eq!(days("?from=2100-12-31&days=1").await, (1, "2100-12-31".to_owned(), "2100-12-31".to_owned()));
    for (field, query) in [
        ("days", "days=0"),
        ("days", "days=32"),
        ("days", "days=x"),
        ("days", "days=1.5"),
        ("from", "from=2026-02-29"),
        ("from", "from=now"),
    ] {
        let answer = server.get(&format!("/api/availability?{query}"), "").await.expect_problem(422, "invalid_input");
        assert_eq!(answer.json["errors"][0]["field"], field, "{query}");
    }
}

/// A site in New York that never closes, at `now`.
async fn new_york(now: i64) -> Server {
    let database = Arc::new(Database::create(Engine::Sqlite).await);
    let settings = [("BUSINESS_TIMEZONE", "America/New_York"), ("OPENING_HOURS", "00:00-24:00")];
    Server::start_on(database, Clock::standing_at(now), &settings).await
}

async fn busy_on(server: &Server, day: &str) -> Value {
    let answer = server.get(&format!("/api/availability?from={day}&days=1"), "").await.expect(200);
    assert_eq!(answer.json["timezone"], "America/New_York");
    answer.json["sessions"][0]["days"][0]["busy"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skipped_hour_cannot_be_booked_and_the_half_hours_around_it_touch() {
    // 2026-03-07 07:00 in New York; on the 8th the clock goes from 02:00 to 03:00.
    let server = new_york(1_772_884_800).await;
    let at = |start: &str, end: &str| json!({"date": "2026-03-08", "startTime": start, "endTime": end});
    for (start, end) in [("02:00", "03:00"), ("02:30", "03:30"), ("02:00", "02:30"), ("01:30", "02:30")] {
        book(&server, ADMIN_TOKEN, at(start, end)).await.expect_problem(400, "time_skipped");
        let asked = json!({"plate": CAR, "date": "2026-03-08", "startTime": start, "endTime": end});
        let verdict = server.post("/api/plates/verify", ADMIN_TOKEN, asked).await.expect(200);
        assert_eq!((&verdict.json["valid"], &verdict.json["conflict"]), (&json!(false), &json!(false)));
    }
    let before = book(&server, ADMIN_TOKEN, at("01:30", "02:00")).await.expect(201);
    assert_eq!((&before.json["startTime"], &before.json["endTime"]), (&json!("01:30"), &json!("03:00")));
    let after = book(&server, ADMIN_TOKEN, at("03:00", "04:00")).await.expect(201);
    assert_eq!((&after.json["startTime"], &after.json["endTime"]), (&json!("03:00"), &json!("04:00")));
    assert_eq!(busy_on(&server, "2026-03-08").await, json!([busy("01:30", "04:00")]));
    for (timestamp, holder) in [("2026-03-08T06:59:59Z", &before), ("2026-03-08T07:00:00Z", &after)] {
        let read = server
            .post("/api/plates/match", ADMIN_TOKEN, json!({"plate": CAR, "timestamp": timestamp}))
            .await
            .expect(200);
        assert_eq!(read.json["reservation"]["id"], holder.json["id"], "{timestamp}");
    }
    let whole = book(
        &server,
        ADMIN_TOKEN,
        json!({"sessionId": 2, "plate": OTHER_CAR, "date": "2026-03-08", "startTime": "00:00", "endTime": "24:00"}),
    )
    .await
    .expect(201);
    assert_eq!(whole.json["endTime"], "24:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_hour_belongs_to_the_half_hour_before_it() {
    // 2026-10-31 08:00 in New York; on 1 November the clock goes from 02:00 back to 01:00.
    let server = new_york(1_793_448_000).await;
    let at = |start: &str, end: &str| json!({"date": "2026-11-01", "startTime": start, "endTime": end});
    book(&server, ADMIN_TOKEN, at("01:30", "02:00")).await.expect(201);
    book(&server, ADMIN_TOKEN, at("02:00", "03:00")).await.expect(201);
    assert_eq!(busy_on(&server, "2026-11-01").await, json!([busy("01:30", "03:00")]));
    for (timestamp, matches) in
        [("05:29:59", false), ("05:30:00", true), ("06:45:00", true), ("07:59:59", true), ("08:00:00", false)]
    {
        let body = json!({"plate": CAR, "timestamp": format!("2026-11-01T{timestamp}Z")});
        let read = server.post("/api/plates/match", ADMIN_TOKEN, body).await.expect(200);
        assert_eq!(read.json["match"], matches, "{timestamp}");
    }
}
