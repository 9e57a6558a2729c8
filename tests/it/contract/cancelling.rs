//! `DELETE /api/reservations/{id}`.

use reqwest::Method;
use serde_json::json;

use super::{NOWHERE, OTHER_CAR, address, book, each, encoded, without_request_id};
use crate::harness::{ADMIN_TOKEN, NOW, Server, TODAY, both_engines};

both_engines! {
    async fn a_second_time_is_404_and_the_history_stays(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let made = book(&server, &me, json!({})).await.expect(201);
        assert_eq!(server.delete(&address(&made), &me).await.expect(200).json, json!({"ok": true}));
        server.delete(&address(&made), &me).await.expect_problem(404, "reservation_not_found");
        let list = server.get("/api/reservations/by-session?date=2026-04-02", &me).await.expect(200);
        assert_eq!(list.json["sessions"][0]["reservations"], json!([]));
        // The same bay and the same car are free again, as often as one likes.
        for _ in 0..3 {
            let again = book(&server, &them, json!({})).await.expect(201);
            server.delete(&address(&again), &them).await.expect(200);
        }
        assert_eq!(server.get(&address(&made), &me).await.expect(200).json["status"], "CANCELLED");
        let all = server.get("/api/reservations/my?cancelled=true", &me).await.expect(200);
        assert_eq!(each(&all.json, "id"), [made.json["id"].clone()]);
    }

    async fn somebody_elses_has_the_same_answer_as_one_that_is_not_there(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let theirs = book(&server, &them, json!({"contactEmail": "them@example.com"})).await.expect(201);
        let gone = book(&server, &me, json!({"plate": OTHER_CAR, "sessionId": 2})).await.expect(201);
        server.delete(&address(&gone), &me).await.expect(200);
        let missing = server.delete(&format!("/api/reservations/{NOWHERE}"), &me).await;
        let missing = without_request_id(&missing.expect_problem(404, "reservation_not_found"));
        let knowing = format!("{}?email=them@example.com&plate={}", address(&theirs), encoded(super::CAR));
        for path in [address(&theirs), knowing, address(&gone), "/api/reservations/nonsense".to_owned()] {
            let answer = server.delete(&path, &me).await.expect_problem(404, "reservation_not_found");
            assert_eq!(without_request_id(&answer), missing, "{path}");
        }
        let (there, nowhere) = (address(&theirs), format!("/api/reservations/{NOWHERE}"));
        for (method, body) in [(Method::GET, None), (Method::PATCH, Some(json!({"startTime": "12:00"})))] {
            let other = server.send(method.clone(), &there, &me, body.clone()).await.expect(404);
            let none = server.send(method, &nowhere, &me, body).await.expect(404);
            assert_eq!(without_request_id(&other), without_request_id(&none));
        }
        assert_eq!(server.get(&there, &them).await.expect(200).json, theirs.json, "it is untouched");
    }

    async fn a_plate_or_an_e_mail_that_is_given_must_fit(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"contactEmail": "me@example.com"})).await.expect(201);
        let (car, other) = (encoded("12-가-3456"), encoded(OTHER_CAR));
        let wrong = [
            format!("plate={other}"),
            "email=them@example.com".to_owned(),
            format!("email=me@example.com&plate={other}"),
            format!("email=them@example.com&plate={car}"),
        ];
        for query in wrong {
            let answer = server.delete(&format!("{}?{query}", address(&made)), &me).await;
            answer.expect_problem(404, "reservation_not_found");
        }
        server.delete(&format!("{}?plate=abc", address(&made)), &me).await.expect_problem(422, "invalid_input");
        server.delete(&format!("{}?email=abc", address(&made)), &me).await.expect_problem(422, "invalid_input");
        assert_eq!(server.get(&address(&made), &me).await.json["status"], "CONFIRMED");
        server.delete(&format!("{}?email=ME@example.com&plate={car}", address(&made)), &me).await.expect(200);
        let without = book(&server, &me, json!({})).await.expect(201);
        let named = server.delete(&format!("{}?email=me@example.com", address(&without)), &me).await;
        named.expect_problem(404, "reservation_not_found");
        server.delete(&format!("{}?email=&plate=", address(&without)), &me).await.expect(200);
    }

    async fn one_that_is_over_stays_for_its_driver_and_one_that_runs_can_end(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let over = book(&server, &me, json!({"date": TODAY, "startTime": "09:00", "endTime": "10:00"})).await.expect(201);
        let running = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        server.clock.set(NOW + 2 * 3600);
        server.delete(&address(&over), &me).await.expect_problem(409, "reservation_over");
        server.delete(&address(&running), &me).await.expect(200);
        server.delete(&address(&over), ADMIN_TOKEN).await.expect(200);
    }
}
