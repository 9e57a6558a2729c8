//! `POST /api/plates/match` and its timestamps.

use serde_json::{Value, json};

use super::{CAR, address, book, names};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server, TODAY, both_engines};

/// 2026-04-01T01:00:00Z, 10:00 in Seoul.
const TEN: i64 = 1_775_005_200;

async fn read(server: &Server, plate: &str, timestamp: impl Into<Value>) -> Answer {
    let body = json!({"plate": plate, "timestamp": timestamp.into()});
    let answer = server.post("/api/plates/match", ADMIN_TOKEN, body).await.expect(200);
    // The fields of the earlier server, and ours.
    let ours = ["distance", "expected", "how", "margin", "nearby", "needsReview", "read", "reason"];
    let earlier: Vec<_> = names(&answer.json).into_iter().filter(|name| !ours.contains(name)).collect();
    assert_eq!(earlier, ["match", "plate", "reservation"]);
    assert_eq!(answer.json["match"] == true, answer.json["reservation"].is_object(), "{}", answer.text);
    answer
}

both_engines! {
    async fn a_reservation_holds_from_its_start_until_before_its_end(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"date": TODAY, "contactEmail": "me@example.com"})).await.expect(201);
        let cases = [(TEN - 1, false), (TEN, true), (TEN + 1800, true), (TEN + 3599, true), (TEN + 3600, false)];
        for (timestamp, matches) in cases {
            assert_eq!(read(&server, CAR, timestamp).await.json["match"], matches, "{timestamp}");
            let milliseconds = timestamp * 1000;
            assert_eq!(read(&server, CAR, milliseconds).await.json["match"], matches, "{milliseconds}");
        }
        assert_eq!(read(&server, CAR, "2026-04-01T00:59:59.999999Z").await.json["match"], false);
        assert_eq!(read(&server, CAR, "2026-04-01T01:59:59.999999Z").await.json["match"], true);
        assert_eq!(read(&server, CAR, 1_775_005_199.999).await.json["match"], false);
        assert_eq!(read(&server, CAR, 1_775_008_799.999).await.json["match"], true);
        let answer = read(&server, CAR, TEN).await;
        assert_eq!(answer.json["reservation"], made.json);
        assert_eq!(read(&server, "34나5678", TEN).await.json["match"], false);
    }

    async fn a_cancelled_reservation_never_matches(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        let made = book(&server, &me, json!({"date": TODAY})).await.expect(201);
        server.delete(&address(&made), &me).await.expect(200);
        let answer = read(&server, CAR, TEN).await.json;
        assert_eq!((&answer["match"], &answer["reservation"], &answer["how"]), (&json!(false), &Value::Null, &json!("none")));
        let again = book(&server, &me, json!({"date": TODAY, "sessionId": 2})).await.expect(201);
        assert_eq!(read(&server, CAR, TEN).await.json["reservation"]["id"], again.json["id"]);
    }

    async fn another_region_is_another_car(engine: Engine) {
        let server = Server::start(engine).await;
        let me = server.driver("me@example.com").await;
        book(&server, &me, json!({"date": TODAY, "plate": "서울 32바 1234"})).await.expect(201);
        for plate in ["서울32바1234", "서울특별시 32바1234", "32바1234"] {
            assert_eq!(read(&server, plate, TEN).await.json["match"], true, "{plate}");
        }
        for plate in ["부산32바1234", "경기 32바 1234"] {
            assert_eq!(read(&server, plate, TEN).await.json["match"], false, "{plate}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plate_comes_back_as_it_was_sent_trimmed() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    book(&server, &me, json!({"date": TODAY})).await.expect(201);
    let cases = [
        ("  12가 3456\n", "12가 3456", true),
        ("１２가-３４５６", "１２가-３４５６", true),
        ("12\u{1100}\u{1161}3456", "12\u{1100}\u{1161}3456", true),
        // A lorry's side is no error.
        (" Fresh Fish GmbH ", "Fresh Fish GmbH", false),
        ("?", "?", false),
    ];
    for (sent, back, matches) in cases {
        let answer = read(&server, sent, TEN).await;
        assert_eq!((&answer.json["plate"], &answer.json["match"]), (&json!(back), &json!(matches)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_timestamp_of_the_contract_is_read() {
    let server = Server::start(Engine::Sqlite).await;
    let me = server.driver("me@example.com").await;
    book(&server, &me, json!({"date": TODAY, "endTime": "10:30"})).await.expect(201);
    // All of them mean 01:02:03 UTC, 10:02:03 in Seoul.
    let texts = [
        "2026-04-01T01:02:03Z",
        "2026-04-01T01:02:03z",
        "2026-04-01T01:02:03",
        "2026-04-01 01:02:03",
        "2026-04-01 01:02:03Z",
        "2026-04-01T10:02:03+09:00",
        "2026-04-01 10:02:03+09:00",
        "2026-04-01T10:02:03+0900",
        "2026-03-31T20:32:03-04:30",
        "2026-04-01T01:02:03.5Z",
        "2026-04-01T10:02:03.123456+09:00",
        "20260401T010203Z",
        "20260401T100203+0900",
        " 2026-04-01T01:02:03Z ",
        "1775005323",
        "1775005323.75",
        "1775005323000",
        "1775005323000.5",
    ];
    for text in texts {
        assert_eq!(read(&server, CAR, text).await.json["match"], true, "{text}");
    }
    let numbers =
        [json!(1_775_005_323), json!(1_775_005_323.75), json!(1_775_005_323_000_i64), json!(1_775_005_323_000.5)];
    for number in numbers {
        assert_eq!(read(&server, CAR, number.clone()).await.json["match"], true, "{number}");
    }
    // Read as Seoul's time instead of UTC these would match.
    for text in ["2026-04-01T10:02:03", "2026-04-01 10:02:03", "20260401T100203"] {
        assert_eq!(read(&server, CAR, text).await.json["match"], false, "{text}");
    }
    for text in ["2000-01-01T00:00:00Z", "2100-12-31T23:59:59Z"] {
        assert_eq!(read(&server, CAR, text).await.json["match"], false, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_timestamp_is_422_and_nothing_makes_a_500() {
    let server = Server::start(Engine::Sqlite).await;
    let wrong = [
        "true",
        "false",
        "null",
        "[]",
        "{}",
        "[1775005323]",
        "\"\"",
        "\"  \"",
        "\"now\"",
        "\"NaN\"",
        "\"nan\"",
        "\"Infinity\"",
        "\"-inf\"",
        "\"true\"",
        "\"1e9\"",
        "\"2026-04-01\"",
        "\"2026-02-29T10:00:00Z\"",
        "\"2026-04-01T25:00:00Z\"",
        "\"1999-12-31T23:59:59Z\"",
        "\"2101-01-01T00:00:00Z\"",
        "\"0001-01-01T00:00:00+23:59\"",
        "\"9999-12-31T23:59:59-23:59\"",
        "0",
        "-1",
        "-0.0",
        "946684799",
        "4133980800",
        "1000000000000",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "1e18",
        "1e300",
        "-1e300",
        "1e-300",
        "NaN",
        "Infinity",
        "1e999",
        "\"99999999999999999999999999999999999999999999999\"",
        "\"\\u0000\"",
        "\"1775005323\\u0000\"",
    ];
    for timestamp in wrong {
        let request = server.request(reqwest::Method::POST, "/api/plates/match").bearer_auth(ADMIN_TOKEN);
        let body = format!("{{\"plate\":\"12가3456\",\"timestamp\":{timestamp}}}");
        let answer = Answer::of(request.header("Content-Type", "application/json").body(body)).await;
        assert_eq!(answer.status, 422, "{timestamp}: {}", answer.text);
    }
    for plate in [json!(""), json!("  "), json!(5), Value::Null, json!("가".repeat(65))] {
        let answer = server.post("/api/plates/match", ADMIN_TOKEN, json!({"plate": plate, "timestamp": TEN})).await;
        assert_eq!(answer.expect_problem(422, "invalid_input").json["errors"][0]["field"], "plate");
    }
}
