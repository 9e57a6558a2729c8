//! `PATCH /api/reservations/{id}`.

use serde_json::{Value, json};

use super::{CAR, NOWHERE, OTHER_CAR, address, book};
use crate::harness::{ADMIN_TOKEN, NOW, Server, TODAY, TOMORROW, both_engines};

/// Where a reservation is.
fn place(reservation: &Value) -> (i64, &str, &str, &str) {
    let text = |field: &str| reservation[field].as_str().unwrap();
    (reservation["sessionId"].as_i64().unwrap(), text("date"), text("startTime"), text("endTime"))
}

both_engines! {
    async fn time_bay_or_both_change_and_the_length_is_kept(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"endTime": "11:30", "contactEmail": "me@example.com"})).await.expect(201);
        let changes = [
            (json!({"startTime": "14:00"}), (1, TOMORROW, "14:00", "15:30")),
            (json!({"session_id": "2"}), (2, TOMORROW, "14:00", "15:30")),
            (json!({"date": "2026-04-03"}), (2, "2026-04-03", "14:00", "15:30")),
            (json!({"endTime": "16:00"}), (2, "2026-04-03", "14:00", "16:00")),
            (json!({"startTime": "9:00", "endTime": "9:30", "sessionId": 3}), (3, "2026-04-03", "09:00", "09:30")),
            (json!({"startTime": "09:30", "sessionId": "any", "date": TOMORROW}), (1, TOMORROW, "09:30", "10:00")),
            // Onto itself, in part and whole.
            (json!({"startTime": "09:00", "endTime": "10:00"}), (1, TOMORROW, "09:00", "10:00")),
            (json!({"startTime": "09:30"}), (1, TOMORROW, "09:30", "10:30")),
            (json!({}), (1, TOMORROW, "09:30", "10:30")),
        ];
        for (change, expected) in changes {
            let moved = server.patch(&address(&made), &me, change.clone()).await.expect(200);
            assert_eq!(place(&moved.json), expected, "{change}");
            assert_eq!((&moved.json["id"], &moved.json["plate"]), (&made.json["id"], &json!(CAR)));
            assert_eq!((&moved.json["contactEmail"], &moved.json["status"]), (&json!("me@example.com"), &json!("CONFIRMED")));
            assert_eq!(server.get(&address(&made), &me).await.json, moved.json);
        }
        // The old places are free.
        let old = json!({"plate": OTHER_CAR, "startTime": "14:00", "endTime": "15:30"});
        book(&server, &me, old).await.expect(201);
    }

    async fn a_move_that_is_refused_leaves_the_old_place(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let made = book(&server, &me, json!({})).await.expect(201);
        book(&server, &them, json!({"plate": OTHER_CAR, "startTime": "12:00", "endTime": "13:00"})).await.expect(201);
        book(&server, &them, json!({"sessionId": 2, "startTime": "15:00", "endTime": "16:00"})).await.expect(201);
        book(&server, &them, json!({"plate": OTHER_CAR, "sessionId": 4})).await.expect(201);
        server.patch("/api/bays/4", ADMIN_TOKEN, json!({"closed": true, "closedReason": "점검"})).await.expect(200);
        let refused = [
            (json!({"startTime": "12:30"}), 409, "bay_taken"),
            (json!({"endTime": "12:30"}), 409, "bay_taken"),
            (json!({"startTime": "15:00"}), 409, "plate_taken"),
            (json!({"sessionId": 4}), 409, "bay_closed"),
            (json!({"sessionId": 99}), 404, "bay_not_found"),
            (json!({"endTime": "10:00"}), 400, "end_not_after_start"),
            (json!({"startTime": "10:15"}), 400, "not_on_half_hour"),
            (json!({"startTime": "08:30"}), 400, "outside_opening_hours"),
            (json!({"startTime": "21:30"}), 400, "after_closing"),
            (json!({"date": "2026-03-31"}), 400, "in_the_past"),
            (json!({"date": "2026-06-01"}), 400, "beyond_horizon"),
            (json!({"startTime": 9}), 422, "invalid_input"),
            (json!({"plate": OTHER_CAR}), 422, "invalid_input"),
        ];
        for (change, status, code) in refused {
            server.patch(&address(&made), &me, change).await.expect_problem(status, code);
            assert_eq!(server.get(&address(&made), &me).await.json, made.json);
        }
        book(&server, &them, json!({"plate": "56다7890"})).await.expect_problem(409, "bay_taken");
    }

    async fn one_that_runs_can_change_its_end_only_and_one_that_is_over_nothing(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"date": TODAY, "endTime": "12:00"})).await.expect(201);
        let path = address(&made);
        server.clock.set(NOW + 2 * 3600 + 600);
        for change in [json!({"startTime": "11:00"}), json!({"date": TOMORROW}), json!({"sessionId": 2}), json!({"startTime": "09:30", "endTime": "12:00"})] {
            server.patch(&path, &me, change).await.expect_problem(409, "reservation_started");
        }
        let longer = server.patch(&path, &me, json!({"endTime": "13:00"})).await.expect(200);
        assert_eq!((&longer.json["endTime"], &longer.json["status"]), (&json!("13:00"), &json!("IN_PROGRESS")));
        assert_eq!(server.patch(&path, &me, json!({"endTime": "10:30"})).await.expect(200).json["endTime"], "10:30");
        // What it gave back can be booked at once.
        book(&server, &me, json!({"date": TODAY, "plate": OTHER_CAR, "startTime": "10:30", "endTime": "11:00"})).await.expect(201);
        server.patch(&path, &me, json!({"endTime": "11:00"})).await.expect_problem(409, "bay_taken");
        server.clock.set(NOW + 2 * 3600 + 1800);
        for change in [json!({"endTime": "11:30"}), json!({"date": TOMORROW}), json!({})] {
            server.patch(&path, &me, change).await.expect_problem(409, "reservation_over");
        }
    }

    async fn only_ones_own_and_only_what_stands_can_be_moved(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let made = book(&server, &me, json!({})).await.expect(201);
        let later = json!({"startTime": "12:00"});
        server.patch(&address(&made), &them, later.clone()).await.expect_problem(404, "reservation_not_found");
        server.patch(&address(&made), "", later.clone()).await.expect_problem(401, "login_required");
        let nowhere = format!("/api/reservations/{NOWHERE}");
        server.patch(&nowhere, &me, later.clone()).await.expect_problem(404, "reservation_not_found");
        server.patch(&address(&made), ADMIN_TOKEN, later.clone()).await.expect(200);
        server.delete(&address(&made), &me).await.expect(200);
        server.patch(&address(&made), &me, later).await.expect_problem(404, "reservation_not_found");
    }
}
