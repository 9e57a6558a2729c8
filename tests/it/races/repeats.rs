//! The same request again: `Idempotency-Key`.

use std::collections::BTreeSet;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{at_once, booked, cancel, create, expect_consistent, half_hour, outcome, plate, post, rounds};
use crate::harness::{ADMIN_TOKEN, Answer, Server, both_engines};

fn keyed(request: RequestBuilder, key: &str) -> RequestBuilder {
    request.header("Idempotency-Key", key)
}

/// Sends a request eight times at once under one key, and answers the one body that all of them got.
async fn eight_times(server: &Server, path: &str, body: &Value, key: &str) -> Answer {
    let requests = (0..8).map(|_| keyed(post(server, path, body), key));
    let mut answers: Vec<_> = at_once(requests).await.into_iter().map(|(answer, _)| answer).collect();
    let different: BTreeSet<_> = answers.iter().map(|answer| (answer.status.as_u16(), answer.text.as_str())).collect();
    assert_eq!(different.len(), 1, "{different:#?}");
    answers.swap_remove(0)
}

async fn stored(server: &Server, sql: &'static str) -> i64 {
    server.site.store.read(async |conn| conn.one(sql, &[], |row| row.int(0)).await).await.unwrap().unwrap()
}

/// What does not change from one telling of a refusal to the next: all but the request id.
fn told(answer: &Answer) -> (u16, String, String) {
    (answer.status.as_u16(), answer.code().to_owned(), answer.json["detail"].to_string())
}

both_engines! {
    async fn a_create_that_is_sent_eight_times_at_once_acts_once(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(200, 25);
        for round in 0..rounds {
            let time = half_hour(round);
            // Every other one leaves the bay to the server, where a second run would find another bay free.
            let bay = if round.is_multiple_of(2) { json!(1) } else { json!("any") };
            let body = json!({"sessionId": bay, "plate": plate(round), "date": time.date, "startTime": time.start, "endTime": time.end});
            let answer = eight_times(&server, "/api/reservations", &body, &format!("create-{round}")).await.expect(201);
            assert_eq!(answer.json["sessionId"], 1);
        }
        let made = stored(&server, "SELECT COUNT(*) FROM reservations").await;
        println!("{rounds} creates, each 8 times at once under one key, {engine:?}: {made} reservations ({rounds})");
        assert_eq!(usize::try_from(made).unwrap(), rounds);
        expect_consistent(&server).await;
    }

    async fn batches_and_bays_have_keys_too(engine: Engine) {
        let server = Server::start(engine).await;
        let batch = json!({"sessionId": "any", "plate": plate(1), "date": half_hour(0).date, "startTimes": ["09:00", "12:00", "10:00"]});
        let answer = eight_times(&server, "/api/reservations/batch", &batch, "one").await.expect(201);
        assert_eq!(answer.json.as_array().unwrap().len(), 3);
        assert_eq!(stored(&server, "SELECT COUNT(*) FROM reservations").await, 3);
        // The same key at another address is another request.
        Answer::of(keyed(post(&server, "/api/bays", &json!({"name": "bay"})), "one")).await.expect_problem(422, "idempotency_key_reused");
        let bay = eight_times(&server, "/api/bays", &json!({"name": "bay 5"}), "two").await.expect(201);
        assert_eq!(bay.json["name"], "bay 5");
        assert_eq!(stored(&server, "SELECT COUNT(*) FROM bays").await, 5);
        // A batch that is refused leaves nothing but its key.
        let half_taken = json!({"sessionId": 1, "plate": plate(2), "date": half_hour(0).date, "startTimes": ["15:00", "09:00"]});
        for _ in 0..3 {
            Answer::of(keyed(post(&server, "/api/reservations/batch", &half_taken), "three")).await.expect_problem(409, "bay_taken");
        }
        Answer::of(post(&server, "/api/bays", &json!({"name": "bay 5"}))).await.expect_problem(409, "bay_name_taken");
        assert_eq!(stored(&server, "SELECT COUNT(*) FROM reservations").await, 3);
        expect_consistent(&server).await;
    }

    async fn secrets_that_are_shown_once_are_shown_again_to_who_repeats_the_request_and_stored_nowhere(engine: Engine) {
        let server = Server::start(engine).await;
        let body = json!({"name": "gate", "scope": "camera"});
        let made = eight_times(&server, "/api/admin/keys", &body, "a-key").await.expect(201);
        assert_eq!(stored(&server, "SELECT COUNT(*) FROM machine_keys").await, 1);
        let bearer = made.json["bearer"].as_str().unwrap();
        let seen = json!({"plate": plate(1), "timestamp": format!("{}T09:00:00Z", half_hour(0).date)});
        server.post("/api/plates/match", bearer, seen).await.expect(200);
        server.driver("driver@example.com").await;
        let accounts = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
        let driver = &accounts.json[1];
        let path = format!("/api/admin/accounts/{}/reset-link", driver["id"].as_str().unwrap());
        let link = eight_times(&server, &path, &json!({}), "a-link").await.expect(201);
        assert_eq!(stored(&server, "SELECT COUNT(*) FROM one_time_links").await, 1);
        let link = link.json["link"].as_str().unwrap();
        let answers = server.site.store.read(async |conn| {
            conn.all("SELECT answer FROM idempotency_keys", &[], |row| row.opt_text(0)).await
        });
        let answers = format!("{:?}", answers.await.unwrap());
        let secret = bearer.rsplit('_').next().unwrap();
        assert!(!answers.contains(secret) && !answers.contains(link), "a secret is stored: {answers}");
        let new = json!({"link": link, "newPassword": "twelve green tomatoes"});
        server.post("/api/user/password/reset", "", new).await.expect(200);
    }

    async fn a_refusal_that_is_repeated_stays_the_same_refusal(engine: Engine) {
        let server = Server::start(engine).await;
        let time = half_hour(0);
        let holder = booked(&server, 1, &plate(1), &time).await;
        let request = || keyed(create(&server, 1, &plate(2), &time), "refused");
        let mut answers: Vec<_> = at_once((0..8).map(|_| request())).await.into_iter().map(|(answer, _)| answer).collect();
        Answer::of(cancel(&server, &holder)).await.expect(200);
        answers.push(Answer::of(request()).await);
        for answer in &answers {
            assert_eq!(told(answer), told(&answers[0]));
            assert_eq!((answer.status.as_u16(), answer.code()), (409, "bay_taken"));
        }
        // Under a new key the place is there.
        Answer::of(keyed(create(&server, 1, &plate(2), &time), "another")).await.expect(201);
        expect_consistent(&server).await;
    }

    async fn a_key_with_another_body_is_refused_and_does_nothing(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(100, 10);
        for round in 0..rounds {
            // Four bodies race for one key: one is done, three are told that the key is not theirs.
            let key = format!("contended-{round}");
            let requests = (1..=4).map(|bay| keyed(create(&server, bay, &plate(10 * round + bay), &half_hour(round)), &key));
            let tally = super::Tally::of(&at_once(requests).await);
            tally.expect(&[("201", 1), ("idempotency_key_reused", 3)]);
        }
        let made = stored(&server, "SELECT COUNT(*) FROM reservations").await;
        println!("4 bodies under one key, {rounds} rounds, {engine:?}: {made} reservations ({rounds})");
        assert_eq!(usize::try_from(made).unwrap(), rounds);
    }

    async fn the_same_key_of_two_people_are_two_keys(engine: Engine) {
        let server = Server::start(engine).await;
        let people = [ADMIN_TOKEN.to_owned(), server.driver("one@example.com").await, server.driver("two@example.com").await];
        let time = half_hour(0);
        let requests = people.iter().zip(1..).map(|(token, bay)| {
            let body = json!({"sessionId": bay, "plate": plate(bay), "date": time.date, "startTime": time.start, "endTime": time.end});
            let request = server.request(reqwest::Method::POST, "/api/reservations").bearer_auth(token).json(&body);
            keyed(request, "the-same")
        });
        let answers = at_once(requests).await;
        let bays: Vec<_> = answers.iter().map(|(answer, _)| (outcome(answer), answer.json["sessionId"].as_i64())).collect();
        assert_eq!(bays, [("201".into(), Some(1)), ("201".into(), Some(2)), ("201".into(), Some(3))]);
    }
}
