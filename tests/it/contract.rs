//! The wire contract, row by row, over HTTP.

mod availability;
mod batch;
mod bays;
mod calendar;
mod cancelling;
mod cross_origin;
mod languages;
mod logging_in;
mod making;
mod matching;
mod mine;
mod moving;
mod open_access;
mod operators;
mod protocol;
mod repeating;
mod seeing;
mod spellings;
mod states;
mod verifying;

use serde_json::{Value, json};

use crate::harness::{Answer, Server, TOMORROW};

/// The car of most tests.
const CAR: &str = "12가3456";

/// Another car.
const OTHER_CAR: &str = "34나5678";

/// The password of every driver of the harness.
const PASSWORD: &str = "a password of the tests";

/// The id of no reservation.
const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// A good body for a reservation, with some fields changed; `null` in `changes` takes a field out.
fn booking(changes: Value) -> Value {
    let mut body = json!({"sessionId": 1, "plate": CAR, "date": TOMORROW, "startTime": "10:00", "endTime": "11:00"});
    let Value::Object(changes) = changes else { panic!("{changes} is no object") };
    for (name, value) in changes {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(&name);
        } else {
            body[name] = value;
        }
    }
    body
}

/// Sends [`booking`].
async fn book(server: &Server, token: &str, changes: Value) -> Answer {
    server.post("/api/reservations", token, booking(changes)).await
}

/// The address of a reservation.
fn address(reservation: &Answer) -> String {
    format!("/api/reservations/{}", reservation.json["id"].as_str().unwrap())
}

/// A value of a query, percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().flat_map(|byte| ['%', hex(byte >> 4), hex(byte & 15)]).collect()
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap()
}

/// A problem without what differs from request to request.
fn without_request_id(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    assert!(body["requestId"].is_string(), "{body}");
    body["requestId"].take();
    body
}

/// One field of each element of a list.
fn each(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|one| one[field].clone()).collect()
}

/// The names of the fields of an object, sorted.
fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
