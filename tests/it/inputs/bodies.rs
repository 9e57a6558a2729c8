//! Odd bodies as a whole.

use std::fmt::Write as _;

use super::Expected::{Field, Fine, Over, Problem};
use super::fields::CREATE;
use super::{Odd, json_request, odd, request};

const LINE: &str = "POST /api/reservations";

pub(super) fn inputs() -> Vec<Odd> {
    [not_json(), shapes(), sizes(), depths(), names(), content_types()].into_iter().flatten().collect()
}

fn body(what: &str, bytes: impl AsRef<[u8]>, expected: super::Expected) -> Odd {
    odd(format!("body: {what}"), json_request(LINE, bytes.as_ref()), expected)
}

fn not_json() -> Vec<Odd> {
    let malformed = Problem(422, "malformed_json");
    let utf_16 = |big: bool| -> Vec<u8> {
        let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        "\u{feff}{\"plate\":\"12가3456\"}".encode_utf16().flat_map(unit).collect()
    };
    let mut all: Vec<Odd> = [
        ("nothing", &b""[..]),
        ("white space", b" \r\n\t "),
        ("half an object", br#"{"plate":"zqxmarker"#),
        ("one bracket", b"{"),
        ("two objects", br#"{"plate":"zqxmarker"}{}"#),
        ("something after it", br#"{} zqxmarker"#),
        ("a comma too many", br#"{"plate":"zqxmarker",}"#),
        ("a name without quotes", br#"{plate:"zqxmarker"}"#),
        ("quotes of another kind", br#"{'plate':'zqxmarker'}"#),
        ("a comment", br#"{"plate":/* zqxmarker */"1"}"#),
        ("a line break in a text", b"{\"plate\":\"zqx\nmarker\"}"),
        ("a NUL in a text", b"{\"plate\":\"zqx\0marker\"}"),
        ("NULs", &[0; 64]),
        ("a lone high surrogate", br#"{"plate":"\ud800"}"#),
        ("a lone low surrogate", br#"{"plate":"12\udc003456"}"#),
        ("surrogates the wrong way round", br#"{"plate":"\udc00\ud800"}"#),
        ("a lone surrogate as a name", br#"{"\ud800":1}"#),
        ("half an escape", br#"{"plate":"\u12"}"#),
        ("an escape that is none", br#"{"plate":"\x41"}"#),
        ("bytes that are no UTF-8", b"{\"plate\":\"\xff\xfe\"}"),
        ("UTF-8 cut short", b"{\"plate\":\"\xea\xb0\"}"),
        ("overlong UTF-8", b"{\"plate\":\"\xc0\xaf\"}"),
        ("a surrogate in UTF-8", b"{\"plate\":\"\xed\xa0\x80\"}"),
        ("EUC-KR", b"{\"plate\":\"12\xb0\xa13456\"}"),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("a form", b"plate=zqxmarker&date=2026-04-02"),
        ("XML", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
        ("YAML", b"plate: zqxmarker"),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00"),
    ]
    .into_iter()
    .map(|(what, bytes)| body(what, bytes, malformed))
    .collect();
    all.push(body("UTF-16, little end first", utf_16(false), malformed));
    all.push(body("UTF-16, big end first", utf_16(true), malformed));
    all
}

fn shapes() -> Vec<Odd> {
    let malformed = Problem(422, "malformed_json");
    let mut all: Vec<Odd> = ["[]", "[{}]", "null", "true", "0", "\"zqxmarker\"", "[[[[]]]]", "1e5"]
        .into_iter()
        .map(|json| body(json, json, malformed))
        .collect();
    all.push(body("an empty object", "{}", Field("plate", "missing")));
    for line in ["POST /api/plates/match", "POST /api/user/login", "POST /api/admin/login", "POST /api/bays"] {
        all.push(odd(format!("{line} with a list"), json_request(line, b"[]"), malformed));
        all.push(odd(format!("{line} with nothing"), json_request(line, b""), malformed));
    }
    // Calls that read no body do not mind one.
    let get = json_request("GET /api/bays", b"{\"zqxmarker\":1}");
    all.push(odd("GET with a body", get, Fine(200, "")));
    all
}

fn sizes() -> Vec<Odd> {
    let keys = |count: usize| {
        let mut object = String::from("{");
        for number in 0..count {
            write!(object, "\"zqxmarker{number}\":0,").unwrap();
        }
        object + "\"x\":0}"
    };
    // Bodies over the limit are not read, so what is sent here of the large ones is only their beginning.
    let declared = |length: usize, begun: &str| {
        let whole = json_request(LINE, begun.as_bytes());
        let text = String::from_utf8(whole).unwrap();
        text.replace(&format!("Content-Length: {}", begun.len()), &format!("Content-Length: {length}")).into_bytes()
    };
    let three_hundred_thousand = keys(300_000).len();
    let plate = format!("{{\"plate\":\"{}", "1".repeat(4000));
    let fits = keys(930);
    assert!(fits.len() < 16 * 1024 && fits.len() > 15 * 1024, "{}", fits.len());
    let just = |length: usize| format!("{{\"x\":\"{}\"}}", "y".repeat(length - 8));
    let too_large = Over(413, "body_too_large");
    vec![
        odd("300,000 keys", declared(three_hundred_thousand, &keys(100)[..1000]), too_large),
        body("as many keys as fit", &fits, Field("plate", "missing")),
        odd(
            "as many unknown keys as fit",
            json_request("POST /api/bays", fits.replace("zqxmarker", "zqx-marke").as_bytes()),
            Field("?", "unknown"),
        ),
        odd("a plate of 1 MB", declared(1_000_000, &plate), too_large),
        odd("a length beyond 64 bits", declared_as("99999999999999999999"), super::Expected::Bare(400)),
        odd("a negative length", declared_as("-1"), super::Expected::Bare(400)),
        odd("two lengths", declared_as("1\r\nContent-Length: 2"), super::Expected::Bare(400)),
        odd("a length of 2^63", declared_as("9223372036854775808"), too_large),
        body("16 KiB to the byte", just(16 * 1024), Field("plate", "missing")),
        odd("16 KiB and a byte", declared(16 * 1024 + 1, &just(16 * 1024)), too_large),
    ]
}

fn declared_as(length: &str) -> Vec<u8> {
    let text = String::from_utf8(json_request(LINE, b"")).unwrap();
    text.replace("Content-Length: 0", &format!("Content-Length: {length}")).into_bytes()
}

fn depths() -> Vec<Odd> {
    let too_deep = Problem(422, "json_too_deep");
    let lists = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let objects = |depth: usize| format!("{}1{}", "{\"x\":".repeat(depth), "}".repeat(depth));
    vec![
        body("10,000 opening brackets", "[".repeat(10_000), too_deep),
        body("10,000 opening objects", "{\"\":".repeat(10_000 / 4), too_deep),
        body("depth 8,000, closed", format!("{}{}", "[".repeat(8000), "]".repeat(8000)), too_deep),
        body("lists of depth 17", lists(17), too_deep),
        body("objects of depth 17", objects(17), too_deep),
        body("lists of depth 16", lists(16), Field("plate", "missing")),
        body("objects of depth 16", objects(16), Field("plate", "missing")),
        body(
            "brackets in a text are no depth",
            format!("{{\"x\":\"{}\\\"[[\"}}", "[{".repeat(500)),
            Field("plate", "missing"),
        ),
        body(
            "brackets after a text that does not end",
            format!("{{\"x\":\"{}", "[".repeat(50)),
            Problem(422, "malformed_json"),
        ),
        body("closing brackets first", "]".repeat(1000), Problem(422, "malformed_json")),
    ]
}

/// Names of fields: twice, in both spellings, in none.
fn names() -> Vec<Odd> {
    let good = String::from_utf8(CREATE.with("zqxmarker", "1")).unwrap();
    let good = good.split("\r\n\r\n").nth(1).unwrap();
    let and = |more: &str| format!("{},{more}}}", good.trim_end_matches('}'));
    vec![
        body("a field twice", and(r#""plate":"34나5678""#), Field("plate", "duplicate")),
        body("a field twice with one value", and(r#""date":"2026-04-02""#), Field("date", "duplicate")),
        body("both spellings of a field", and(r#""session_id":1"#), Field("sessionId", "duplicate")),
        body("both spellings, one null", and(r#""start_time":null"#), Field("startTime", "duplicate")),
        body("an unknown field twice", and(r#""a":1,"a":2"#), Field("a", "duplicate")),
        body("an escaped name twice", and(r#""pl\u0061te":"34나5678""#), Field("plate", "duplicate")),
        body("other cases of a name", r#"{"PLATE":"12가3456","Plate":"12가3456"}"#, Field("plate", "missing")),
        body("a prototype", r#"{"__proto__":{"plate":"12가3456"},"constructor":1}"#, Field("plate", "missing")),
        odd(
            "an unknown field with a name that is no name",
            json_request("POST /api/bays", br#"{"name":"B","<b>zqxmarker</b>":1,"":2}"#),
            Field("?", "unknown"),
        ),
        odd(
            "an unknown field with a very long name",
            json_request("POST /api/bays", format!(r#"{{"name":"B","zqxmarker{}":1}}"#, "a".repeat(5000)).as_bytes()),
            Field("?", "unknown"),
        ),
    ]
}

fn content_types() -> Vec<Odd> {
    let with = |what: &str, headers: &[(&str, &[u8])], expected| {
        odd(format!("content type: {what}"), request(LINE, headers, b"{}"), expected)
    };
    let refused = Problem(415, "unsupported_media_type");
    let read = Field("plate", "missing");
    let mut all = vec![with("none", &[], read)];
    for (value, expected) in [
        (&b"application/json"[..], read),
        (b"APPLICATION/JSON", read),
        (b"application/json; charset=utf-8", read),
        (b"application/json;charset=EUC-KR", read),
        (b"application/merge-patch+json", read),
        (b"text/plain", refused),
        (b"text/json", refused),
        (b"application/x-www-form-urlencoded", refused),
        (b"multipart/form-data; boundary=zqxmarker", refused),
        (b"application/jsonp", refused),
        (b"application/octet-stream", refused),
        (b"text/plain; application/json", refused),
        (b"+json", refused),
        (b"json", refused),
        (b"*/*", refused),
        (b"", refused),
        (b"zqxmarker", refused),
        (b"application/\xff\xfe", refused),
        ("application/제이슨".as_bytes(), refused),
    ] {
        all.push(with(&String::from_utf8_lossy(value), &[("Content-Type", value)], expected));
    }
    all
}
