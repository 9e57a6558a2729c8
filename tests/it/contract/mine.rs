//! `GET /api/reservations/my`.

use serde_json::json;

use super::{CAR, OTHER_CAR, address, book, each, encoded};
use crate::harness::{ADMIN_TOKEN, Engine, NOW, Server, both_engines};

both_engines! {
    async fn ones_own_come_latest_start_first_and_filters_narrow_them(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        let at = |day: &str, start: &str, end: &str, plate: &str, email: &str| {
            json!({"date": day, "startTime": start, "endTime": end, "plate": plate, "contactEmail": email})
        };
        // Not in the order of their starts; the last is somebody else's for the same car and e-mail.
        let b = book(&server, &me, at("2026-04-03", "09:00", "10:00", CAR, "b@example.com")).await.expect(201);
        let d = book(&server, &me, at("2026-04-05", "09:00", "10:00", CAR, "a@example.com")).await.expect(201);
        let a = book(&server, &me, at("2026-04-02", "21:00", "22:00", CAR, "a@example.com")).await.expect(201);
        let c = book(&server, &me, at("2026-04-03", "09:30", "10:00", OTHER_CAR, "a@example.com").as_object().map(|fields| {
            let mut fields = fields.clone();
            fields.insert("sessionId".into(), json!(2));
            json!(fields)
        }).unwrap()).await.expect(201);
        book(&server, &them, at("2026-04-06", "09:00", "10:00", CAR, "a@example.com")).await.expect(201);
        let ids = |answers: &[&crate::harness::Answer]| answers.iter().map(|one| one.json["id"].clone()).collect::<Vec<_>>();
        let car = encoded("１２가 3456");
        let cases = [
            (String::new(), ids(&[&d, &c, &b, &a])),
            ("?email=&plate=".to_owned(), ids(&[&d, &c, &b, &a])),
            ("?email=A@Example.com".to_owned(), ids(&[&d, &c, &a])),
            (format!("?plate={car}"), ids(&[&d, &b, &a])),
            (format!("?email=a@example.com&plate={car}"), ids(&[&d, &a])),
            (format!("?email=b@example.com&plate={}", encoded(OTHER_CAR)), Vec::new()),
            ("?email=them@example.com".to_owned(), Vec::new()),
        ];
        for (query, expected) in cases {
            let list = server.get(&format!("/api/reservations/my{query}"), &me).await.expect(200);
            assert_eq!(each(&list.json, "id"), expected, "{query}");
        }
        // Operators who name somebody see everybody's; without a name, their own.
        let named = server.get(&format!("/api/reservations/my?email=a@example.com&plate={car}"), ADMIN_TOKEN).await.expect(200);
        assert_eq!(each(&named.json, "date"), ["2026-04-06", "2026-04-05", "2026-04-02"]);
        server.get("/api/reservations/my", ADMIN_TOKEN).await.expect_problem(400, "filter_missing");
        server.get("/api/reservations/my?email=a@example.com", "").await.expect_problem(401, "login_required");
    }

    async fn cancelled_ones_are_shown_only_when_asked_for(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let first = book(&server, &me, json!({})).await.expect(201);
        book(&server, &me, json!({"startTime": "11:00", "endTime": "12:00"})).await.expect(201);
        server.delete(&address(&first), &me).await.expect(200);
        let states = async |query: &str| {
            each(&server.get(&format!("/api/reservations/my{query}"), &me).await.expect(200).json, "status")
        };
        assert_eq!(states("").await, ["CONFIRMED"]);
        assert_eq!(states("?cancelled=false").await, ["CONFIRMED"]);
        assert_eq!(states("?cancelled=true").await, ["CONFIRMED", "CANCELLED"]);
        // Those that are over are no less one's own.
        server.clock.set(NOW + 28 * 3600);
        let body = json!({"email": "me@example.com", "password": super::PASSWORD});
        let me = server.post("/api/user/login", "", body).await.expect(200).json["token"].as_str().unwrap().to_owned();
        let list = server.get("/api/reservations/my", &me).await.expect(200);
        assert_eq!(each(&list.json, "status"), ["COMPLETED"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_filter_is_422() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    let cases = [("email", "nonsense"), ("plate", "abc"), ("cancelled", "perhaps")];
    for (field, value) in cases {
        let answer = server.get(&format!("/api/reservations/my?{field}={value}"), &me).await;
        assert_eq!(answer.expect_problem(422, "invalid_input").json["errors"][0]["field"], field);
    }
    let twice = server.get("/api/reservations/my?email=a@example.com&email=b@example.com", &me).await;
    twice.expect_problem(422, "invalid_input");
}
