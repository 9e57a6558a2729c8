//! Odd inputs, one by one, on one kept connection: each has an answer of its own, none makes a 5xx, none is
//! echoed, and the server goes on answering.
//!
//! Each row of the tables below was thought up, or broke the server that this one replaces (14 of its 108
//! odd inputs were a 500, and reset the connection of the next request).

mod bodies;
mod fields;
mod requests;
mod texts;
mod times;

use serde_json::Value;

use crate::harness::{ADMIN_TOKEN, Engine, Server, both_engines};
use crate::wire::{Wire, WireAnswer};

/// Stands in inputs, and never in answers.
pub const MARKER: &str = "zqxmarker";

/// What an input must be answered.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// A problem with this status and code.
    Problem(u16, &'static str),
    /// 422 `invalid_input`, and among its errors this field with this code.
    Field(&'static str, &'static str),
    /// Not refused. What was sent may come back in the field of this name only, if any.
    Fine(u16, &'static str),
    /// Refused before it is a request: a bare status, and the connection is over.
    Bare(u16),
    /// As `Problem`, and the connection is over, because what is left of the body is not read.
    Over(u16, &'static str),
}

/// One odd input.
pub struct Odd {
    what: String,
    bytes: Vec<u8>,
    expected: Expected,
}

/// An odd input of these bytes.
pub fn odd(what: impl Into<String>, bytes: impl Into<Vec<u8>>, expected: Expected) -> Odd {
    Odd { what: what.into(), bytes: bytes.into(), expected }
}

/// A request of the administrator's, with a body of JSON.
pub fn json_request(method_and_path: &str, body: &[u8]) -> Vec<u8> {
    request(method_and_path, &[("Content-Type", b"application/json")], body)
}

/// A request of the administrator's.
pub fn request(method_and_path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("{method_and_path} HTTP/1.1\r\nHost: jari\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    if !headers.iter().any(|(name, _)| *name == "Authorization") {
        bytes.extend(format!("Authorization: Bearer {ADMIN_TOKEN}\r\n").bytes());
    }
    for (name, value) in headers {
        bytes.extend(name.bytes().chain(*b": ").chain(value.iter().copied()).chain(*b"\r\n"));
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

both_engines! {
    async fn every_odd_input_has_a_clear_answer_and_the_server_goes_on(engine: Engine) {
        let server = Server::start(engine).await;
        let inputs: Vec<Odd> = [bodies::inputs(), fields::inputs(), times::inputs(), texts::inputs(), requests::inputs()].into_iter().flatten().collect();
        let mut wire = Wire::open(&server.base).await;
        let mut wrong = Vec::new();
        for input in &inputs {
            wire.send(&input.bytes).await;
            let to_head = input.bytes.starts_with(b"HEAD ");
            let answer = wire.answer(to_head).await;
            let over = matches!(input.expected, Expected::Bare(_) | Expected::Over(..));
            match &answer {
                None => wrong.push(format!("{}: the server hung up without an answer", input.what)),
                Some(answer) => {
                    if let Err(why) = judge(input, answer) {
                        let what = &input.what;
                        wrong.push(format!("{what}: {why}\n    {} {}", answer.status, cut(&answer.text())));
                    }
                }
            }
            if over || answer.is_none() {
                wire = Wire::open(&server.base).await;
            }
            wire.send(b"GET /health HTTP/1.1\r\nHost: jari\r\n\r\n").await;
            let health = wire.answer(false).await;
            if health.as_ref().is_none_or(|health| health.status != 200 || health.text() != r#"{"status":"ok"}"#) {
                wrong.push(format!("{}: no health after it: {health:?}", input.what));
                wire = Wire::open(&server.base).await;
            }
        }
        println!("{} odd inputs on {engine:?}", inputs.len());
        assert!(inputs.len() >= 150);
        assert!(wrong.is_empty(), "{} of {} are answered wrongly:\n{}", wrong.len(), inputs.len(), wrong.join("\n"));
    }
}

/// Whether an answer is what was expected, and what every answer must be.
fn judge(input: &Odd, answer: &WireAnswer) -> Result<(), String> {
    let json = answer.json();
    if answer.status >= 500 {
        return Err("a 5xx".to_owned());
    }
    if answer.head.contains(MARKER) {
        return Err("the input came back in a header".to_owned());
    }
    let (status, code) = match input.expected {
        Expected::Problem(status, code) | Expected::Over(status, code) => (status, code),
        Expected::Field(..) => (422, "invalid_input"),
        Expected::Fine(status, _) | Expected::Bare(status) => (status, ""),
    };
    if answer.status != status {
        return Err(format!("expected {:?}", input.expected));
    }
    if let Expected::Bare(_) = input.expected {
        return if answer.body.is_empty() { Ok(()) } else { Err("a body where none was expected".to_owned()) };
    }
    if let Expected::Fine(_, echo) = input.expected {
        let mut rest = json;
        blank_out(&mut rest, echo);
        return if rest.to_string().contains(MARKER) { Err("the input came back".to_owned()) } else { Ok(()) };
    }
    if answer.text().contains(MARKER) {
        return Err("the input came back".to_owned());
    }
    if answer.body.len() > 4096 {
        return Err(format!("{} bytes for an error", answer.body.len()));
    }
    let is_problem = answer.header("content-type") == "application/problem+json"
        && json["detail"].as_str().is_some_and(|detail| detail.chars().count() > 5)
        && json["status"] == status
        && json["type"] == format!("urn:jari:problem:{code}")
        && json["requestId"] == answer.header("x-request-id");
    if !is_problem || json["code"] != code {
        return Err(format!("expected {:?}", input.expected));
    }
    if let Expected::Field(field, code) = input.expected {
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        if !errors.iter().any(|error| error["field"] == field && error["code"] == code && error["message"].is_string())
        {
            return Err(format!("expected {:?}", input.expected));
        }
    }
    Ok(())
}

/// Takes out the one field in which a value may come back.
fn blank_out(json: &mut Value, field: &str) {
    match json {
        Value::Object(fields) => {
            fields.remove(field);
            fields.values_mut().for_each(|value| blank_out(value, field));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blank_out(item, field)),
        _ => {}
    }
}

fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}

#[tokio::test]
async fn a_body_of_several_megabytes_is_refused_before_it_is_sent() {
    let server = Server::start(Engine::Sqlite).await;
    let length = 3_500_000;
    let head = format!(
        "POST /api/reservations HTTP/1.1\r\nHost: jari\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n"
    );
    // The answer comes although nothing, or next to nothing, of the body does.
    for (more, begun) in [("", &b""[..]), ("", &[b'{'; 1000]), ("Expect: 100-continue\r\n", b"")] {
        let mut wire = Wire::open(&server.base).await;
        wire.send(format!("{head}{more}\r\n").as_bytes()).await;
        wire.send(begun).await;
        let answer = wire.answer(false).await.expect("an answer");
        assert_eq!((answer.status, answer.json()["code"].as_str()), (413, Some("body_too_large")), "{}", answer.text());
        assert!(wire.answer(false).await.is_none(), "the connection is over");
    }
    // Without a length, it comes as soon as the limit is passed.
    let mut wire = Wire::open(&server.base).await;
    let chunked = head.replace(&format!("Content-Length: {length}"), "Transfer-Encoding: chunked");
    wire.send(format!("{chunked}\r\n").as_bytes()).await;
    let chunk = format!("{:x}\r\n{}\r\n", 9000, "a".repeat(9000));
    wire.send(chunk.as_bytes()).await;
    wire.send(chunk.as_bytes()).await;
    let answer = wire.answer(false).await.expect("an answer");
    assert_eq!((answer.status, answer.json()["code"].as_str()), (413, Some("body_too_large")), "{}", answer.text());
}
