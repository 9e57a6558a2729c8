//! Odd requests around the body: methods, addresses, queries, headers.

use super::Expected::{Bare, Field, Fine, Problem};
use super::fields::CREATE;
use super::{Expected, Odd, json_request, odd, request};

pub(super) fn inputs() -> Vec<Odd> {
    [methods(), paths(), queries(), tokens(), keys(), headers()].into_iter().flatten().collect()
}

fn line(line: &str, expected: Expected) -> Odd {
    odd(line.chars().take(120).collect::<String>(), request(line, &[], b""), expected)
}

fn methods() -> Vec<Odd> {
    let not_allowed = Problem(405, "method_not_allowed");
    let mut all: Vec<Odd> = [
        "PUT /api/reservations",
        "DELETE /api/reservations",
        "PATCH /api/reservations",
        "GET /api/reservations",
        "OPTIONS /api/reservations",
        "TRACE /api/reservations",
        "PROPFIND /api/reservations",
        "ZQXMARKER /api/reservations",
        "post /api/reservations",
        "POST /api/sessions",
        "POST /health",
        "GET /api/plates/match",
        "DELETE /api/bays/1",
        "PUT /api/reservations/00000000-0000-7000-8000-000000000000",
        "GET /api/admin/login",
    ]
    .into_iter()
    .map(|text| line(text, not_allowed))
    .collect();
    all.push(line("HEAD /api/bays", Fine(200, "")));
    all.push(line("G@T /health", Bare(400)));
    all.push(odd("no method", *b"/health HTTP/1.1\r\nHost: jari\r\n\r\n", Bare(400)));
    all.push(odd("no HTTP at all", *b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03zqxmarker\r\n\r\n", Bare(400)));
    all.push(odd("HTTP/9.9", *b"GET /health HTTP/9.9\r\nHost: jari\r\n\r\n", Bare(400)));
    all
}

fn paths() -> Vec<Odd> {
    let nothing = Problem(404, "route_not_found");
    let mut all: Vec<Odd> = [
        "GET /zqxmarker",
        "GET /api",
        "GET /api/",
        "GET //api/bays",
        "GET /api//bays",
        "GET /api/bays/",
        "GET /API/BAYS",
        "GET /api/bays/1/zqxmarker",
        "GET /api/bays;zqxmarker",
        "GET /%61pi/bays",
        "GET /api%2Fbays",
        "GET /api/../health",
        "GET /..%2f..%2fetc%2fpasswd",
        "GET /.env",
        "GET /%00",
        "GET /%",
        "GET /%zz",
        "GET /api/reservations/a/b",
    ]
    .into_iter()
    .map(|text| line(text, nothing))
    .collect();
    for id in [
        "1",
        "zqxmarker",
        "00000000-0000-7000-8000-00000000000",
        "00000000000070008000000000000000",
        "%7B00000000-0000-7000-8000-000000000000%7D",
        "urn:uuid:00000000-0000-7000-8000-000000000000",
        "%FF%FE",
        "%00",
        "%",
        "%zz",
        "%ED%A0%80",
        "..%2F..%2Fhealth",
        "00000000-0000-7000-8000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    ] {
        for call in ["GET /api/reservations/", "DELETE /api/reservations/", "DELETE /api/admin/reservations/"] {
            all.push(line(&format!("{call}{id}"), Problem(404, "reservation_not_found")));
        }
    }
    for id in [
        "0",
        "-1",
        "9999",
        "9223372036854775808",
        "99999999999999999999999",
        "1.0",
        "1e1",
        "one",
        "%FF",
        "%EF%BC%91",
        "%00",
        "1%20",
    ] {
        let bytes = json_request(&format!("PATCH /api/bays/{id}"), b"{}");
        all.push(odd(format!("bay {id} in the path"), bytes, Problem(404, "bay_not_found")));
    }
    all.push(odd("a space in the address", *b"GET /api/bays zqxmarker HTTP/1.1\r\nHost: jari\r\n\r\n", Bare(400)));
    all.push(odd("a NUL in the address", *b"GET /api/\0bays HTTP/1.1\r\nHost: jari\r\n\r\n", Bare(400)));
    all.push(line(&format!("GET /{}", "a".repeat(60_000)), nothing));
    all.push(line(&format!("GET /{}", "a".repeat(70_000)), Bare(414)));
    all.push(line("GET http://elsewhere.example/health", Fine(200, "")));
    all
}

fn queries() -> Vec<Odd> {
    let date = |code| Field("date", code);
    let mut all: Vec<Odd> = [
        ("", date("missing")),
        ("?", date("missing")),
        ("?&&&", date("missing")),
        ("?=2026-04-02", date("missing")),
        ("?Date=2026-04-02", date("missing")),
        ("?date", date("date_invalid")),
        ("?date=", date("date_invalid")),
        ("?date=%00", date("date_invalid")),
        ("?date=2026-04-02%00", date("date_invalid")),
        ("?date=0001-01-01", date("date_invalid")),
        ("?date=1999-12-31", date("date_invalid")),
        ("?date=2101-01-01", date("date_invalid")),
        ("?date=9999-12-31", date("date_invalid")),
        ("?date=2026-04-02&date=2026-04-03", date("duplicate")),
        ("?date=2026-04-02&date=2026-04-02", date("duplicate")),
        ("?d%61te=2026-04-02&date=2026-04-03", date("duplicate")),
        ("?date=2026-04-02&a=1&a=2", Field("a", "duplicate")),
        ("?date[]=2026-04-02", date("missing")),
        ("?date=%FF%FE", date("date_invalid")),
        ("?date=%zz", date("date_invalid")),
        ("?date=%", date("date_invalid")),
        ("?date=2026-04-02;zqxmarker", date("date_invalid")),
        ("?date=2000-01-01", Fine(200, "name")),
        ("?date=2100-12-31", Fine(200, "name")),
        ("?date=2026-04-02&zqxmarker=zqxmarker", Fine(200, "name")),
        ("?date=%32026-04-02", Fine(200, "name")),
    ]
    .into_iter()
    .flat_map(|(query, expected)| {
        ["/api/reservations/by-session", "/api/admin/reservations/by-session"]
            .map(|path| line(&format!("GET {path}{query}"), expected))
    })
    .collect();
    for (query, field, code) in [
        ("from=", "from", "date_invalid"),
        ("days=", "days", "days_invalid"),
        ("days=0", "days", "days_invalid"),
        ("days=32", "days", "days_invalid"),
        ("days=-1", "days", "days_invalid"),
        ("days=1.5", "days", "days_invalid"),
        ("days=1e1", "days", "days_invalid"),
        ("days=65537", "days", "days_invalid"),
        ("days=99999999999999999999", "days", "days_invalid"),
        ("days=%EF%BC%91", "days", "days_invalid"),
        ("from=9999-12-31", "from", "date_invalid"),
        ("date=2026-04-02", "date", "unknown"),
        ("from=2026-04-02&from=2026-04-02", "from", "duplicate"),
    ] {
        all.push(line(&format!("GET /api/availability?{query}"), Field(field, code)));
    }
    all.push(line("GET /api/availability?from=2100-12-31&days=31", Fine(200, "name")));
    all.push(line("GET /api/reservations/my?email=a%0D%0ABcc:zqxmarker@example.com", Field("email", "email_invalid")));
    all.push(line("GET /api/reservations/my?plate=%00", Field("plate", "blank")));
    all.push(line("GET /api/reservations/my?email=&plate=", Problem(400, "filter_missing")));
    let many: String = (0..2000).map(|number| format!("&zqxmarker{number}=1")).collect();
    all.push(line(&format!("GET /api/reservations/by-session?date=2026-04-02{many}"), Fine(200, "name")));
    let long = "1".repeat(50_000);
    all.push(line(&format!("GET /api/reservations/my?plate={long}"), Field("plate", "too_long")));
    all
}

fn tokens() -> Vec<Odd> {
    let refused = Problem(401, "token_invalid");
    let mut all: Vec<Odd> = [
        &b""[..],
        b"Bearer",
        b"Bearer ",
        b"Bearer zqxmarker",
        b"Bearer\tzqxmarker",
        b"Basic YWRtaW46enF4bWFya2Vy",
        b"Digest username=zqxmarker",
        b"zqxmarker",
        b"Bearer \xff\xfe",
        b"Bearer a.b.c",
        b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        b"Bearer f3b1c5d7e9a2468013579bdf02468acf",
        b"Bearer f3b1c5d7e9a2468013579bdf02468ace, Bearer zqxmarker",
        &[b'a'; 30_000],
    ]
    .into_iter()
    .flat_map(|value| {
        ["GET /api/admin/reservations/by-session?date=2026-04-02", "GET /api/bays"].map(|call| {
            let what: String = String::from_utf8_lossy(value).chars().take(60).collect();
            odd(format!("{call} with {what}"), request(call, &[("Authorization", value)], b""), refused)
        })
    })
    .collect();
    let mut twice = String::from_utf8(request("GET /api/bays", &[], b"")).unwrap();
    twice = twice.replacen("\r\n\r\n", "\r\nAuthorization: Bearer zqxmarker\r\n\r\n", 1);
    all.push(odd("two tokens", twice, refused));
    all
}

fn keys() -> Vec<Odd> {
    let refused = Problem(422, "idempotency_key_invalid");
    let good = String::from_utf8(CREATE.with("plate", r#""98하7654""#)).unwrap().replace("2026-04-02", "2026-04-03");
    let good = good.into_bytes();
    let with = |value: &[u8]| {
        let mut bytes = good.clone();
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        bytes.splice(at..at, [b"\r\nIdempotency-Key: ", value].concat());
        bytes
    };
    let mut all: Vec<Odd> = [
        &b""[..],
        b" ",
        b"with a space",
        b"tab\ttab",
        b"caf\xe9",
        "열쇠".as_bytes(),
        b"zqxmarker zqxmarker",
        &[b'k'; 256],
        &[b'k'; 20_000],
        b"one\r\nIdempotency-Key: two",
        b"same\r\nIdempotency-Key: same",
    ]
    .into_iter()
    .map(|value| {
        let what: String = String::from_utf8_lossy(value).chars().take(40).collect();
        odd(format!("idempotency key {what:?}"), with(value), refused)
    })
    .collect();
    all.push(odd("the longest idempotency key", with(&[b'~'; 255]), Fine(201, "")));
    all.push(odd("the same again", with(&[b'~'; 255]), Fine(201, "")));
    let other = String::from_utf8(with(&[b'~'; 255])).unwrap().replace("98하7654", "98하7655");
    all.push(odd("the same key for another body", other, Problem(422, "idempotency_key_reused")));
    all
}

fn headers() -> Vec<Odd> {
    let fine = Fine(200, "");
    let with = |what: &str, name: &str, value: &[u8], expected| {
        odd(format!("header: {what}"), request("GET /health", &[(name, value)], b""), expected)
    };
    let many: Vec<(String, Vec<u8>)> = (0..80).map(|number| (format!("X-{number}"), b"1".to_vec())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    vec![
        with("a request id that is none", "X-Request-Id", b"zqxmarker<b>", fine),
        with("a request id that breaks lines", "X-Request-Id", b"zqxmarker%0d%0aSet-Cookie: a=b", fine),
        with("a request id that is too long", "X-Request-Id", &b"zqxmarker".repeat(20), fine),
        with("a language that is none", "Accept-Language", b"zqxmarker;q=zqxmarker,,,;;;", fine),
        with("very many languages", "Accept-Language", &b"en;q=0.1,".repeat(2000), fine),
        with("an origin that is none", "Origin", b"zqxmarker", fine),
        with("an origin of bytes", "Origin", b"\xff\xfe", fine),
        with("a cookie", "Cookie", b"token=zqxmarker; token=zqxmarker", fine),
        with("a long header", "X-Long", &[b'a'; 50_000], fine),
        with("a longer header", "X-Long", &[b'a'; 70_000], Bare(431)),
        with("a header with a NUL", "X-Nul", b"a\0b", Bare(400)),
        odd("very many headers", request("GET /health", &many, b""), Bare(431)),
        odd("a folded header", *b"GET /health HTTP/1.1\r\nHost: jari\r\nX: a\r\n zqxmarker\r\n\r\n", Bare(400)),
        odd("a space before the colon", *b"GET /health HTTP/1.1\r\nHost : jari\r\n\r\n", Bare(400)),
        odd(
            "an etag that is none",
            request("GET /api/availability", &[("If-None-Match", b"zqxmarker\xff")], b""),
            Fine(200, "name"),
        ),
        odd(
            "a preflight for a header that is none",
            request(
                "OPTIONS /api/bays",
                &[
                    ("Origin", b"https://zqxmarker.example"),
                    ("Access-Control-Request-Method", b"zqxmarker"),
                    ("Access-Control-Request-Headers", b"zqxmarker, <b>"),
                ],
                b"",
            ),
            fine,
        ),
    ]
}
