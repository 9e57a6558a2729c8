//! The order of checks when creating, and what overlaps.

use serde_json::{Value, json};

use super::{CAR, OTHER_CAR, book};
use crate::harness::{ADMIN_TOKEN, Engine, Server, TODAY, both_engines};

both_engines! {
    async fn checks_come_in_the_order_of_the_contract(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        // Bay 1 is another car's from 10 to 11 and from 21:30 on; our car is at bay 2 from 10 to 11.
        book(&server, &them, json!({"plate": OTHER_CAR})).await.expect(201);
        book(&server, &them, json!({"plate": OTHER_CAR, "startTime": "21:30", "endTime": "22:00"})).await.expect(201);
        book(&server, &me, json!({"sessionId": 2})).await.expect(201);
        book(&server, &them, json!({"plate": OTHER_CAR, "sessionId": 4, "startTime": "15:00", "endTime": "16:00"})).await.expect(201);
        server.patch("/api/bays/4", ADMIN_TOKEN, json!({"closed": true})).await.expect(200);
        // Each breaks two neighbouring rules; the one that is told is the first.
        let cases = [
            ("body before unknown bay", json!({"sessionId": 99, "plate": "x"}), 422, "invalid_input"),
            ("body before end not after start", json!({"plate": "x", "startTime": "12:00"}), 422, "invalid_input"),
            ("unknown bay before end not after start", json!({"sessionId": 99, "startTime": "12:00"}), 404, "bay_not_found"),
            ("end before start before half hour", json!({"startTime": "11:15", "endTime": "10:20"}), 400, "end_not_after_start"),
            ("end is start before half hour", json!({"startTime": "10:10", "endTime": "10:10"}), 400, "end_not_after_start"),
            ("half hour before opening", json!({"startTime": "08:15", "endTime": "08:45"}), 400, "not_on_half_hour"),
            ("half hour of the end before opening", json!({"startTime": "08:00", "endTime": "09:01"}), 400, "not_on_half_hour"),
            ("start outside before end after closing", json!({"startTime": "08:30", "endTime": "22:30"}), 400, "outside_opening_hours"),
            ("start at closing before end after closing", json!({"startTime": "22:00", "endTime": "22:30"}), 400, "outside_opening_hours"),
            ("after closing before past", json!({"date": "2026-03-31", "startTime": "21:00", "endTime": "22:30"}), 400, "after_closing"),
            ("after closing before horizon", json!({"date": "2027-01-01", "startTime": "21:00", "endTime": "24:00"}), 400, "after_closing"),
            ("after closing before bay taken", json!({"startTime": "21:30", "endTime": "22:30"}), 400, "after_closing"),
            ("past before bay closed", json!({"sessionId": 4, "date": "2026-03-31"}), 400, "in_the_past"),
            ("horizon before bay closed", json!({"sessionId": 4, "date": "2026-06-01"}), 400, "beyond_horizon"),
            ("bay closed before bay taken", json!({"sessionId": 4, "startTime": "15:00", "endTime": "16:00"}), 409, "bay_closed"),
            ("bay closed before plate taken", json!({"sessionId": 4}), 409, "bay_closed"),
            ("bay taken before plate taken", json!({}), 409, "bay_taken"),
            ("the car's own bay", json!({"sessionId": 2}), 409, "bay_taken"),
            ("plate taken", json!({"sessionId": 3}), 409, "plate_taken"),
            ("any bay: plate taken", json!({"sessionId": "any"}), 409, "plate_taken"),
        ];
        for (what, change, status, code) in cases {
            let answer = book(&server, &me, change).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{what}: {}", answer.text);
            assert!(answer.json["detail"].as_str().unwrap().ends_with('.'), "{what}");
        }
        assert_eq!(server.get("/api/reservations/my", &me).await.json.as_array().unwrap().len(), 1);
    }

    async fn a_batch_has_the_same_order_of_checks(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book(&server, &them, json!({"plate": OTHER_CAR})).await.expect(201);
        book(&server, &me, json!({"sessionId": 2})).await.expect(201);
        let cases: [(Value, u16, &str); 9] = [
            (json!({"sessionId": 99, "startTimes": []}), 422, "invalid_input"),
            (json!({"sessionId": 99, "startTimes": ["08:15"]}), 404, "bay_not_found"),
            (json!({"startTimes": ["08:15"]}), 400, "not_on_half_hour"),
            (json!({"startTimes": ["08:30"]}), 400, "outside_opening_hours"),
            (json!({"startTimes": ["21:30"]}), 400, "after_closing"),
            (json!({"date": "2026-03-31", "startTimes": ["10:00"]}), 400, "in_the_past"),
            (json!({"date": "2026-06-01", "startTimes": ["10:00"]}), 400, "beyond_horizon"),
            (json!({"startTimes": ["10:30"]}), 409, "bay_taken"),
            (json!({"sessionId": 3, "startTimes": ["09:30"]}), 409, "plate_taken"),
        ];
        for (change, status, code) in cases {
            let mut body = json!({"sessionId": 1, "plate": CAR, "date": "2026-04-02"});
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            server.post("/api/reservations/batch", &me, body).await.expect_problem(status, code);
        }
    }

    async fn touching_intervals_do_not_overlap_and_all_others_that_meet_do(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book(&server, &me, json!({"startTime": "12:00", "endTime": "13:00"})).await.expect(201);
        let overlapping = [("12:00", "13:00"), ("11:30", "12:30"), ("12:30", "13:30"), ("11:00", "14:00"), ("12:30", "13:00")];
        for (start, end) in overlapping {
            let at = |bay: i64, plate: &str| json!({"sessionId": bay, "plate": plate, "startTime": start, "endTime": end});
            book(&server, &them, at(1, OTHER_CAR)).await.expect_problem(409, "bay_taken");
            book(&server, &them, at(2, CAR)).await.expect_problem(409, "plate_taken");
        }
        for (start, end) in [("11:00", "12:00"), ("13:00", "14:00")] {
            book(&server, &them, json!({"plate": OTHER_CAR, "startTime": start, "endTime": end})).await.expect(201);
            book(&server, &me, json!({"sessionId": 2, "startTime": start, "endTime": end})).await.expect(201);
        }
    }

    async fn every_spelling_of_a_plate_is_the_same_car(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        book(&server, &me, json!({})).await.expect(201);
        let spellings = ["12 가 3456", "１２가３４５６", "12\u{1100}\u{1161}3456", "12\u{200B}가3456", "12가-3456", "12가.3456", "\u{3000}12가3456"];
        for spelling in spellings {
            let other = json!({"sessionId": 2, "plate": spelling});
            book(&server, &me, other).await.expect_problem(409, "plate_taken");
        }
        book(&server, &me, json!({"sessionId": 2, "plate": "abc-1234"})).await.expect(201);
        book(&server, &me, json!({"sessionId": 3, "plate": "ABC 1234"})).await.expect_problem(409, "plate_taken");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_opening_hours_the_past_and_the_horizon_have_exact_ends() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    book(&server, &me, json!({"date": TODAY, "startTime": "09:00", "endTime": "09:30"})).await.expect(201);
    book(&server, &me, json!({"date": "2026-05-31", "startTime": "21:30", "endTime": "22:00"})).await.expect(201);
    book(&server, &me, json!({"startTime": "09:00", "endTime": "22:00"})).await.expect(201);
    // At 09:30 sharp, 09:30 can still be booked; a second later it is past.
    server.clock.set(crate::harness::NOW + 5400);
    let now = json!({"sessionId": 2, "date": TODAY, "startTime": "09:30", "endTime": "10:00"});
    book(&server, &me, now).await.expect(201);
    server.clock.set(crate::harness::NOW + 5401);
    let late = json!({"sessionId": 3, "plate": OTHER_CAR, "date": TODAY, "startTime": "09:30", "endTime": "10:30"});
    book(&server, &me, late).await.expect_problem(400, "in_the_past");
    book(&server, &me, json!({"date": "2026-06-01"})).await.expect_problem(400, "beyond_horizon");
}
