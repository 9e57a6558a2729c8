//! Headers that are odd.

use super::fields::BOOKING;
use super::{Case, Sender, object_with};

/// Reads that everybody may do, so that only the header can be at fault.
const READ: &str = "/api/bays";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = content_types();
    cases.extend(authorizations());
    cases.extend(idempotency_keys());
    cases.extend(others());
    cases
}

fn good() -> String {
    object_with(&BOOKING, "plate", "\"12가3456\"")
}

fn content_types() -> Vec<Case> {
    let refused: [&[u8]; 16] = [
        b"",
        b" ",
        b";",
        b"/",
        b"json",
        b"text/json",
        b"text/plain",
        b"text/plain; charset=utf-8",
        b"application/jsonp",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=zzmarkerzz",
        b"application/xml",
        b"application/json, text/plain",
        b"*/*",
        b"\xff\xfe",
        "애플리케이션/json".as_bytes(),
    ];
    let taken: [&[u8]; 6] = [
        b"application/json",
        b"APPLICATION/JSON",
        b"application/json;charset=utf-8",
        b" application/json ;;",
        b"application/json; charset=zzmarkerzz",
        b"application/vnd.api+json",
    ];
    let book =
        |value: &[u8], expected: &str| Case::post("/api/reservations", good(), expected).header("content-type", value);
    let mut cases: Vec<Case> = refused.map(|value| book(value, "415 unsupported_media_type")).into();
    cases.extend(taken.map(|value| book(value, "201")));
    let mut undeclared = book(b"", "201");
    undeclared.headers.clear();
    cases.push(undeclared);
    cases
}

fn authorizations() -> Vec<Case> {
    let long = format!("Bearer {}", "z".repeat(10 * 1024)).into_bytes();
    let odd: [&[u8]; 22] = [
        b"",
        b" ",
        b"Bearer",
        b"Bearer ",
        b"Bearer  ",
        b"bearer zzmarkerzz",
        b"Bearer zz markerzz zzmarkerzz",
        b"Basic YWRtaW46enptYXJrZXJ6eg==",
        b"Digest username=\"zzmarkerzz\"",
        b"zzmarkerzz",
        b"Bearer\tzzmarkerzz",
        b"Bearer \xff\xfe",
        "Bearer 가나다".as_bytes(),
        b"Bearer null",
        b"Bearer ' OR '1'='1",
        b"Bearer a.b.c",
        b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        b"Bearer ..",
        b"Bearer jari__",
        b"Bearer jari_%00_zzmarkerzz",
        b"Bearer eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.AAAA",
        &long,
    ];
    let mut cases: Vec<Case> = (odd.iter())
        .map(|value| Case::get(READ, "401 token_invalid").header("authorization", *value).sent_by(Sender::Header))
        .collect();
    let cookie = |value: &[u8]| Case::get(READ, "200").header("cookie", value).sent_by(Sender::Header);
    let odd: [&[u8]; 6] = [
        b"",
        b"jari_session",
        b"jari_session=",
        b"jari_session=zzmarkerzz",
        b"jari_session=\"'; DROP TABLE sessions\"",
        b";=;=\xff",
    ];
    cases.extend(odd.map(cookie));
    cases
}

fn idempotency_keys() -> Vec<Case> {
    let (longest, too_long) = ("k".repeat(255).into_bytes(), "k".repeat(256).into_bytes());
    let odd: [(&[u8], &str); 10] = [
        (b"", "422 idempotency_key_invalid"),
        (b"a b", "422 idempotency_key_invalid"),
        (b"a\tb", "422 idempotency_key_invalid"),
        (b"\xff", "422 idempotency_key_invalid"),
        ("열쇠".as_bytes(), "422 idempotency_key_invalid"),
        (&too_long, "422 idempotency_key_invalid"),
        (&longest, "201"),
        (b"'/**/OR/**/1=1;--", "201"),
        (b"<script>zzmarkerzz</script>", "201"),
        (b"../../%00%ff", "201"),
    ];
    odd.map(|(key, expected)| Case::post("/api/reservations", good(), expected).header("idempotency-key", key)).into()
}

fn others() -> Vec<Case> {
    let read = |name: &'static str, value: &[u8]| Case::get(READ, "200").header(name, value);
    let book = |name: &'static str, value: &[u8]| Case::post("/api/reservations", good(), "201").header(name, value);
    let long = "en;q=0.5,".repeat(1_000).into_bytes();
    let mut many = Case::get(READ, "200");
    many.headers.extend(std::iter::repeat_n(("x-zz", b"zzmarkerzz".to_vec()), 40));
    vec![
        many,
        read("accept-language", b"\xff\xfe"),
        read("accept-language", b"en;q=NaN, ko;q=inf, *;q=-1"),
        read("accept-language", b";;;,,,===q=q="),
        read("accept-language", &long),
        read("accept", b"text/html"),
        read("x-request-id", b"short"),
        read("x-request-id", b"'; DROP TABLE audit_records; --"),
        read("x-request-id", "요청".as_bytes()),
        Case::get("/nowhere", "404 route_not_found").header("x-request-id", b"<b>zzmarkerzz</b>"),
        Case::get("/nowhere", "404 route_not_found").header("referer", b"http://zzmarkerzz/"),
        Case::get("/nowhere", "404 route_not_found").header("host", b"zzmarkerzz"),
        read("x-forwarded-for", b"zzmarkerzz, ::1, 999.999.999.999"),
        read("x-forwarded-for", b"\xff"),
        read("x-http-method-override", b"DELETE"),
        read("range", b"bytes=0-1,5-1,-9999999999999999999"),
        read("if-modified-since", b"zzmarkerzz"),
        read("origin", b"\xff"),
        read("user-agent", b"\xff<script>"),
        read("content-type", b"zzmarkerzz"),
        Case::get("/api/availability", "200").header("if-none-match", b"\"\xff\", W/, ,,"),
        Case::get("/api/availability", "304").header("if-none-match", b"*"),
        Case::of("OPTIONS", READ, "200")
            .header("origin", b"https://zzmarkerzz")
            .header("access-control-request-method", b"\xff"),
        book("origin", b"https://zzmarkerzz"),
        book("content-encoding", b"gzip"),
        book("user-agent", &"z".repeat(10_000).into_bytes()),
        book("expect", b"zzmarkerzz"),
        Case::post("/api/user/login", "{\"email\":\"a@b.kr\",\"password\":\"x\"}", "403 cross_origin")
            .header("origin", b"null"),
        Case::post("/api/user/login", "{\"email\":\"a@b.kr\",\"password\":\"x\"}", "403 cross_origin")
            .header("origin", b"https://zzmarkerzz"),
        Case::post("/api/user/login", "{\"email\":\"a@b.kr\",\"password\":\"x\"}", "403 cross_origin")
            .header("origin", b"\xff"),
    ]
}
