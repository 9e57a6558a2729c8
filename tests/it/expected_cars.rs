//! What is kept in memory of the expected cars is never older than the last change, whoever made it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::durability::process::Process;
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TOMORROW, both_engines};

/// A misread of a car's plate at half past nine of a day: whether it is matched, and with which bay.
async fn asked(server: &Server, plate: &str, day: &str) -> (bool, Value) {
    let body = json!({"plate": plate, "timestamp": format!("{day}T09:30:00+09:00")});
    let answer = server.post("/api/plates/match", ADMIN_TOKEN, body).await.expect(200);
    (answer.json["match"].as_bool().unwrap(), answer.json["reservation"]["sessionId"].clone())
}

/// Asks about a car, read rightly and wrongly, until what is expected is surely kept.
async fn warm(server: &Server, plate: &str, misread: &str, day: &str, expected: &(bool, Value)) {
    for _ in 0..12 {
        assert_eq!(&asked(server, misread, day).await, expected);
        assert_eq!(&asked(server, plate, day).await, expected);
    }
}

fn id(answer: &Answer) -> String {
    answer.json["id"].as_str().unwrap().to_owned()
}

both_engines! {
    async fn a_change_is_seen_by_the_very_next_match(engine: Engine) {
        let server = Server::start(engine).await;
        server.book(ADMIN_TOKEN, json!(1), "12가3456", "09:00", "10:00").await.expect(201);
        let nobody = (false, Value::Null);
        for round in 0..6 {
            warm(&server, "12가3456", "12가3458", TOMORROW, &(true, json!(1))).await;
            // Once the rightly read car comes first, once the misread one.
            let (first, second) = if round % 2 == 0 { ("345나6789", "345나6788") } else { ("345나6788", "345나6789") };
            assert_eq!(asked(&server, first, TOMORROW).await, nobody);
            let booked = server.book(ADMIN_TOKEN, json!(2), "345나6789", "09:00", "10:00").await.expect(201);
            assert_eq!(asked(&server, first, TOMORROW).await, (true, json!(2)), "booked");
            warm(&server, first, second, TOMORROW, &(true, json!(2))).await;
            let path = format!("/api/reservations/{}", id(&booked));
            server.patch(&path, ADMIN_TOKEN, json!({"sessionId": 3})).await.expect(200);
            assert_eq!(asked(&server, first, TOMORROW).await, (true, json!(3)), "moved to another bay");
            warm(&server, first, second, TOMORROW, &(true, json!(3))).await;
            server.patch(&path, ADMIN_TOKEN, json!({"startTime": "13:00", "endTime": "14:00"})).await.expect(200);
            assert_eq!(asked(&server, first, TOMORROW).await, nobody, "moved to another time");
            server.patch(&path, ADMIN_TOKEN, json!({"startTime": "09:00", "endTime": "10:00"})).await.expect(200);
            assert_eq!(asked(&server, first, TOMORROW).await, (true, json!(3)), "moved back");
            warm(&server, first, second, TOMORROW, &(true, json!(3))).await;
            server.patch("/api/bays/3", ADMIN_TOKEN, json!({"closed": true})).await.expect(200);
            assert_eq!(asked(&server, first, TOMORROW).await, (true, json!(3)), "a closed bay keeps its reservations");
            server.patch("/api/bays/3", ADMIN_TOKEN, json!({"closed": false})).await.expect(200);
            warm(&server, first, second, TOMORROW, &(true, json!(3))).await;
            server.delete(&path, ADMIN_TOKEN).await.expect(200);
            assert_eq!(asked(&server, first, TOMORROW).await, nobody, "cancelled");
        }
    }

    async fn a_change_through_another_server_is_seen_by_the_very_next_match(engine: Engine) {
        let ours = Server::start(engine).await;
        let other = Server::start_on(ours.database.clone(), ours.clock.clone(), &[]).await;
        other.book(ADMIN_TOKEN, json!(1), "12가3456", "09:00", "10:00").await.expect(201);
        for _ in 0..6 {
            warm(&ours, "12가3456", "12가3458", TOMORROW, &(true, json!(1))).await;
            assert_eq!(asked(&ours, "345나6788", TOMORROW).await, (false, Value::Null));
            let booked = other.book(ADMIN_TOKEN, json!(2), "345나6789", "09:00", "10:00").await.expect(201);
            assert_eq!(asked(&ours, "345나6788", TOMORROW).await, (true, json!(2)));
            warm(&ours, "345나6789", "345나6788", TOMORROW, &(true, json!(2))).await;
            other.delete(&format!("/api/reservations/{}", id(&booked)), ADMIN_TOKEN).await.expect(200);
            assert_eq!(asked(&ours, "345나6788", TOMORROW).await, (false, Value::Null));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_another_process_is_seen_by_the_very_next_match() {
    let server = Server::start(Engine::Sqlite).await;
    let process = Process::start(&server.database.url, &[]).unwrap();
    // The process has the machine's clock; when a car is asked for says the question.
    let day = jiff::Zoned::now().in_tz("Asia/Seoul").unwrap().date().tomorrow().unwrap().to_string();
    let send = async |method: Method, path: String, body: Value| {
        let request = server.client.request(method, format!("{}{path}", process.base)).bearer_auth(ADMIN_TOKEN);
        Answer::of(request.json(&body)).await
    };
    for _ in 0..6 {
        for _ in 0..12 {
            assert_eq!(asked(&server, "345나6788", &day).await, (false, Value::Null));
            assert_eq!(asked(&server, "345나6789", &day).await, (false, Value::Null));
        }
        let body = json!({"sessionId": 2, "plate": "345나6789", "date": day, "startTime": "09:00", "endTime": "10:00"});
        let booked = send(Method::POST, "/api/reservations".to_owned(), body).await.expect(201);
        assert_eq!(asked(&server, "345나6788", &day).await, (true, json!(2)));
        warm(&server, "345나6789", "345나6788", &day, &(true, json!(2))).await;
        send(Method::DELETE, format!("/api/reservations/{}", id(&booked)), json!({})).await.expect(200);
        assert_eq!(asked(&server, "345나6788", &day).await, (false, Value::Null));
    }
    assert!(process.stop().status.success());
}

/// Bookings go on all the time, and everybody who has booked asks at once: nobody is told of a moment ago.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_booked_is_found_while_others_book() {
    let server = std::sync::Arc::new(Server::start(Engine::Sqlite).await);
    let mut running = Vec::new();
    for bay in 1..=4 {
        let server = std::sync::Arc::clone(&server);
        running.push(tokio::spawn(async move {
            for round in 0..40 {
                let plate = format!("{}가{}{}{}{}", 100 + bay * 7, bay, bay, round % 10, round / 10);
                let booked = server.book(ADMIN_TOKEN, json!(bay), &plate, "09:00", "10:00").await.expect(201);
                assert_eq!(asked(&server, &plate, TOMORROW).await, (true, json!(bay)), "{plate}");
                let misread = plate.replace('가', "거");
                assert_eq!(asked(&server, &misread, TOMORROW).await, (true, json!(bay)), "{misread}");
                server.delete(&format!("/api/reservations/{}", id(&booked)), ADMIN_TOKEN).await.expect(200);
                assert!(!asked(&server, &plate, TOMORROW).await.0, "{plate} after it was cancelled");
            }
        }));
    }
    for task in running {
        task.await.unwrap();
    }
}

/// Whether anything is kept at all: what is not kept cannot be stale.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_expected_is_kept_on_sqlite() {
    let server = Server::start(Engine::Sqlite).await;
    server.book(ADMIN_TOKEN, json!(1), "12가3456", "09:00", "10:00").await.expect(201);
    assert_eq!(server.site.expected.windows(), 0);
    warm(&server, "12가3456", "12가3458", TOMORROW, &(true, json!(1))).await;
    assert_eq!(server.site.expected.windows(), 1);
}
