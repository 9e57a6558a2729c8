//! Bodies that are odd as a whole: no JSON, no object, too large, too deep, in another encoding.

use super::fields::BOOKING;
use super::{Case, object_with};

const BOOK: &str = "/api/reservations";

/// A good booking, to be made odd.
fn good() -> String {
    object_with(&BOOKING, "plate", "\"12가3456\"")
}

fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// An object of so many keys, all unknown.
fn keys(count: usize) -> String {
    let keys: Vec<String> = (0..count).map(|key| format!("\"k{key}\":0")).collect();
    format!("{{{}}}", keys.join(","))
}

/// A good booking with another field of arrays, so that the whole is `depth` deep.
fn deep(depth: usize) -> String {
    object_with(&BOOKING, "note", &format!("{}{}", "[".repeat(depth - 1), "]".repeat(depth - 1)))
}

const ALL_MISSING: &str = "422 plate:missing date:missing startTime:missing endTime:missing";

pub(super) fn cases() -> Vec<Case> {
    let malformed = |body: &[u8]| Case::post(BOOK, body, "422 malformed_json");
    let mut cases: Vec<Case> = [
        "",
        " ",
        "\0",
        "null",
        "true",
        "1",
        "\"zzmarkerzz\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{}}",
        "{]",
        "{\"a\"}",
        "{a:1}",
        "{'plate':1}",
        "{\"plate\":}",
        "{\"plate\":1,}",
        "{,}",
        "{1:2}",
        "{null:1}",
        "{} zzmarkerzz",
        "{}{}",
        "{}\0",
        "/*zzmarkerzz*/{}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":0x10}",
        "{\"a\":1e400}",
        "{\"a\":-1e400}",
        "{\"a\":NaN}",
        "{\"a\":-Infinity}",
        "{\"a\":undefined}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"\\ud800\":1}",
        "{\"a\":tru}",
        "plate=12%EA%B0%803456",
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
        "\u{feff}{}",
        "\u{200b}{}",
        "{\"a\":\"",
    ]
    .into_iter()
    .map(|body| malformed(body.as_bytes()))
    .collect();
    let not_utf_8: [&[u8]; 5] = [
        b"\xff\xfe{}",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xc0\x80\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"\xea\xb0\"}",
    ];
    cases.extend(not_utf_8.map(malformed));
    let good = good();
    cases.extend([
        malformed(&utf_16(&good, u16::to_le_bytes)),
        malformed(&utf_16(&good, u16::to_be_bytes)),
        malformed(&utf_16(&format!("\u{feff}{good}"), u16::to_le_bytes)),
        malformed(format!("\u{feff}{good}").as_bytes()),
        malformed(format!("{good}zzmarkerzz").as_bytes()),
        malformed(format!("{good}\n{good}").as_bytes()),
        malformed(&good.as_bytes()[..good.len() - 1]),
        Case::post(BOOK, format!(" \r\n\t{good} \r\n"), "201"),
        Case::post(BOOK, "{}", ALL_MISSING),
        Case::post(BOOK, "{\"\":1,\"zzmarkerzz\":{\"zzmarkerzz\":[]}}", ALL_MISSING),
        Case::post(BOOK, "{\"__proto__\":{\"plate\":1},\"constructor\":1}", ALL_MISSING),
        Case::post(BOOK, object_with(&BOOKING, "x".repeat(10_000).as_str(), "1"), "201"),
        // Depth: what is parsed, what is not, and what is not even read.
        Case::post(BOOK, deep(16), "201"),
        Case::post(BOOK, deep(17), "422 json_too_deep"),
        Case::post(BOOK, "[".repeat(10_000), "422 json_too_deep"),
        Case::post(BOOK, "{\"a\":".repeat(3_000), "422 json_too_deep"),
        Case::post(BOOK, deep(10_000), "413 body_too_large"),
        Case::post(BOOK, object_with(&BOOKING, "note", &format!("\"{}\"", "[{".repeat(5_000))), "201"),
        // Size: one byte too many, and as many keys as fit.
        Case::post(BOOK, format!("{good}{}", " ".repeat(16 * 1024 - good.len())), "201"),
        Case::post(BOOK, format!("{good}{}", " ".repeat(16 * 1024 + 1 - good.len())), "413 body_too_large"),
        Case::post(BOOK, keys(1_600), ALL_MISSING),
        Case::post("/api/bays", keys(1_600), format!("422 name:missing{}", unknown(8))),
        Case::post("/api/bays", "{\"name\":\"x\",\"zz <zzmarkerzz>\":1}", "422 ?:unknown"),
        Case::post("/api/bays", "{\"name\":\"x\",\"b@zzmarkerzz.kr\":1,\"\\u0000\":2}", "422 ?:unknown ?:unknown"),
        // Twice the same.
        Case::post(
            BOOK,
            good.replacen('{', "{\"plate\":\"zzmarkerzz\",", 1),
            "422 plate:duplicate plate:plate_invalid",
        ),
        Case::post(BOOK, good.replacen('{', "{\"pl\\u0061te\":\"34나5678\",", 1), "422 plate:duplicate"),
        Case::post(BOOK, good.replacen('{', "{\"session_id\":1,", 1), "422 sessionId:duplicate"),
        Case::post(BOOK, good.replacen('{', "{\"start_time\":null,", 1), "422 startTime:duplicate"),
        Case::post(BOOK, good.replacen('{', "{\"note\":1,\"note\":2,", 1), "422 note:duplicate"),
        Case::post(BOOK, good.replacen("startTime", "start_time", 1), "201"),
    ]);
    cases
}

fn unknown(count: usize) -> String {
    (0..count).fold(String::new(), |all, key| all + &format!(" k{key}:unknown"))
}

/// Bodies that are sent by hand, because the server stops reading them: 300,000 keys and a plate of 1 MB.
pub(super) fn oversized() -> [String; 2] {
    [keys(300_000), object_with(&BOOKING, "plate", &format!("\"{}\"", "zzmarkerzz".repeat(100_000)))]
}
