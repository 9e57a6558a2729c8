//! Odd plates, e-mails, log-ins and names, and what is meant to be run by somebody else.

use super::Expected::{Field, Fine, Problem};
use super::fields::{ADD_BAY, ADMIN_LOGIN, BATCH, CHANGE_BAY, CREATE, LOGIN, MATCH, MOVE, REGISTER, VERIFY};
use super::{MARKER, Odd, json_request, odd, request};

pub(super) fn inputs() -> Vec<Odd> {
    [plates(), emails(), logins(), bays(), payloads()].into_iter().flatten().collect()
}

fn plates() -> Vec<Odd> {
    let mut all = Vec::new();
    for (json, code) in [
        (r#""""#, "blank"),
        (r#""   ""#, "blank"),
        (r#""\u0000""#, "blank"),
        (r#""\u200b\u2060\ufeff""#, "blank"),
        (r#""-.-""#, "blank"),
        (r#""!!!!!""#, "plate_invalid"),
        (r#""🚗🚗🚗🚗""#, "plate_invalid"),
        (r#""12가345""#, "plate_invalid"),
        (r#""12가34567""#, "plate_invalid"),
        (r#""12가0000""#, "plate_invalid"),
        (r#""12힣3456""#, "plate_invalid"),
        (r#""123456""#, "plate_invalid"),
        (r#""ABCDEF""#, "plate_invalid"),
        (r#""12\u115f3456""#, "plate_invalid"),
        (r#""%00%00""#, "plate_invalid"),
        (r#""zqxmarker""#, "plate_invalid"),
        (r#""../../etc/passwd""#, "plate_invalid"),
        (r#""${jndi:ldap://zqxmarker/a}""#, "plate_invalid"),
        (r#""{{7*7}}""#, "plate_invalid"),
    ] {
        all.push(CREATE.odd("plate", json, Field("plate", code)));
        all.push(BATCH.odd("plate", json, Field("plate", code)));
    }
    for length in [65, 257, 15_000] {
        let long = format!("\"{}\"", "가".repeat(length.min(5000)));
        all.push(CREATE.odd("plate", &long, Field("plate", "too_long")));
        all.push(VERIFY.odd("plate", &long, Field("plate", "too_long")));
        all.push(MATCH.odd("plate", &long, Field("plate", "too_long")));
    }
    all.push(CREATE.odd("plate", &format!("\"{}\"", "\u{301}".repeat(300)), Field("plate", "too_long")));
    // A plate all the same, under what hides it; what hides it does not come back.
    for (json, start, end) in [
        (r#""12가\u00003456""#, "09:00", "09:30"),
        (r#""\u202e12가3456\u202c""#, "09:30", "10:00"),
        (r#""１２ 가-3456""#, "10:00", "10:30"),
        (r#""12\u1100\u11613456""#, "10:30", "11:00"),
    ] {
        let times = [("startTime", format!("\"{start}\"")), ("endTime", format!("\"{end}\""))];
        let mut body = String::from_utf8(CREATE.with("plate", json)).unwrap();
        for (field, json) in times {
            let good = CREATE.good.iter().find(|(name, _)| *name == field).unwrap().1;
            body = body.replace(&format!("\"{field}\":{good}"), &format!("\"{field}\":{json}"));
        }
        all.push(odd(format!("plate {json}"), body, Fine(201, "")));
    }
    for json in [r#""!!!!!""#, r#""zqxmarker""#, r#""<b>zqxmarker</b>""#, r#""\u0000""#, r#""!""#] {
        let expected = if json == r#""\u0000""# { Fine(200, "") } else { Fine(200, "plate") };
        all.push(VERIFY.odd("plate", json, Fine(200, "")));
        all.push(MATCH.odd("plate", json, expected));
    }
    all
}

fn emails() -> Vec<Odd> {
    let mut all = Vec::new();
    for text in [
        "a@example.com\r\nBcc: zqxmarker@example.com",
        "a@example.com\nBcc: zqxmarker@example.com",
        "not an email zqxmarker",
        "zqxmarker",
        "a@b",
        "@example.com",
        "a@",
        "a@@example.com",
        "a b@example.com",
        "<a@example.com>",
        "a@example..com",
        "a@.example.com",
        "a@example.com.",
        "a@-example.com",
        "a@example-.com",
        "a@example.com,b@example.com",
        "Kim <kim@example.com>",
        "\"a b\"@example.com",
        "a@[127.0.0.1]",
        "a\u{0}@example.com",
        "a@exam\u{0}ple.com",
        "a\u{202e}@example.com",
        "mailto:a@example.com",
        "a@example.com?bcc=zqxmarker",
        "a@exa mple.com",
    ] {
        let json = serde_json::to_string(text).unwrap();
        all.push(CREATE.odd("contactEmail", &json, Field("contactEmail", "email_invalid")));
        all.push(REGISTER.odd("email", &json, Field("email", "email_invalid")));
    }
    let long_local = format!("\"{}@example.com\"", "a".repeat(65));
    all.push(CREATE.odd("contactEmail", &long_local, Field("contactEmail", "email_invalid")));
    let long = format!("\"{}@example.com\"", "a".repeat(5000));
    all.push(CREATE.odd("contactEmail", &long, Field("contactEmail", "too_long")));
    all.push(REGISTER.odd("email", &long, Field("email", "too_long")));
    all.push(LOGIN.odd("email", &long, Field("email", "too_long")));
    all.push(REGISTER.odd("email", r#""""#, Field("email", "blank")));
    all
}

fn logins() -> Vec<Odd> {
    let wrong = Problem(401, "credentials_wrong");
    let mut all = Vec::new();
    for call in [&LOGIN, &ADMIN_LOGIN] {
        for json in [r#""\u0000""#, r#""a\u0000@example.com""#, r#""' OR 1=1 -- zqxmarker""#, r#""zqxmarker""#] {
            all.push(call.odd("email", json, wrong));
        }
        for json in [r#""\u0000\u0000""#, r#""' OR '1'='1""#] {
            all.push(call.odd("password", json, wrong));
        }
        for (field, json) in
            [("email", r#""""#), ("email", r#""  ""#), ("password", r#""""#), ("password", r#"" \t\n""#)]
        {
            all.push(call.odd(field, json, Problem(400, "credentials_missing")));
        }
        all.push(call.odd("password", &format!("\"{}\"", "a".repeat(2000)), Field("password", "too_long")));
    }
    all.push(REGISTER.odd("password", r#""short""#, Problem(400, "password_weak")));
    all.push(REGISTER.odd("password", &format!("\"{}\"", "a".repeat(257)), Problem(400, "password_weak")));
    all.push(REGISTER.odd("role", r#""administrator""#, Field("role", "unknown")));
    all
}

fn bays() -> Vec<Odd> {
    vec![
        ADD_BAY.odd("name", r#""""#, Field("name", "blank")),
        ADD_BAY.odd("name", r#""   ""#, Field("name", "blank")),
        ADD_BAY.odd("name", r#""B\u0000\u0031""#, Field("name", "unprintable_characters")),
        ADD_BAY.odd("name", r#""B\n1""#, Field("name", "unprintable_characters")),
        ADD_BAY.odd("name", r#""\u202eB1""#, Field("name", "unprintable_characters")),
        ADD_BAY.odd("name", &format!("\"{}\"", "가".repeat(101)), Field("name", "too_long")),
        ADD_BAY.odd("closed", "true", Field("closed", "unknown")),
        ADD_BAY.odd(MARKER, "1", Field(MARKER, "unknown")).but_named(),
        // A name is what the operator wants it to be; whoever shows it must escape it.
        ADD_BAY.odd("name", r#""<script>alert('zqxmarker')</script>""#, Fine(201, "name")),
        ADD_BAY.odd("name", r#""'; DROP TABLE bays; -- zqxmarker""#, Fine(201, "name")),
        ADD_BAY.odd("name", r#""세션 1""#, Problem(409, "bay_name_taken")),
        CHANGE_BAY.odd("closedReason", r#""zqxmarker""#, Field("closedReason", "reason_without_closing")),
        CHANGE_BAY.odd("id", "2", Field("id", "unknown")),
        MOVE.odd("plate", r#""12가3456""#, Field("plate", "unknown")),
        MOVE.odd("status", r#""CANCELLED""#, Field("status", "unknown")),
        MOVE.odd("sessionId", "2", Problem(404, "reservation_not_found")),
    ]
}

impl Odd {
    /// An unknown field is named in its error, as long as its name is a plain word.
    fn but_named(mut self) -> Self {
        let from = String::from_utf8(self.bytes).unwrap();
        self.bytes = from.replace(MARKER, "someField").into_bytes();
        self.expected = Field("someField", "unknown");
        self
    }
}

/// SQL, markup and other people's languages in every field and every parameter.
fn payloads() -> Vec<Odd> {
    let payloads = [
        "'; DROP TABLE reservations; -- zqxmarker",
        "1 OR 1=1 UNION SELECT 'zqxmarker'",
        "<script>alert('zqxmarker')</script>",
        "\"><img src=x onerror=zqxmarker>",
        "{{zqxmarker}}${zqxmarker}#{zqxmarker}",
    ];
    let mut all = Vec::new();
    for payload in payloads {
        let json = serde_json::to_string(payload).unwrap();
        for call in [&CREATE, &BATCH, &MOVE, &VERIFY] {
            all.push(call.odd("sessionId", &json, Field("sessionId", "bay_invalid")));
            all.push(call.odd("date", &json, Field("date", "date_invalid")));
        }
        all.push(CREATE.odd("plate", &json, Field("plate", "plate_invalid")));
        all.push(CREATE.odd("startTime", &json, Field("startTime", "time_invalid")));
        all.push(CREATE.odd("endTime", &json, Field("endTime", "time_invalid")));
        all.push(CREATE.odd("contactEmail", &json, Field("contactEmail", "email_invalid")));
        all.push(MATCH.odd("plate", &json, Fine(200, "plate")));
        all.push(MATCH.odd("timestamp", &json, Field("timestamp", "timestamp_invalid")));
        let encoded: String = payload.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for (path, field, code) in [
            ("/api/reservations/by-session?date=", "date", "date_invalid"),
            ("/api/admin/reservations/by-session?date=", "date", "date_invalid"),
            ("/api/availability?from=", "from", "date_invalid"),
            ("/api/availability?days=", "days", "days_invalid"),
            ("/api/reservations/my?email=", "email", "email_invalid"),
            ("/api/reservations/my?plate=", "plate", "plate_invalid"),
            ("/api/reservations/my?cancelled=", "cancelled", "boolean_invalid"),
        ] {
            let bytes = request(&format!("GET {path}{encoded}"), &[], b"");
            all.push(odd(format!("{path}{payload}"), bytes, Field(field, code)));
        }
        let paths = ["GET /api/reservations/", "PATCH /api/reservations/", "DELETE /api/admin/reservations/"];
        for path in paths {
            let bytes = json_request(&format!("{path}{encoded}"), b"{}");
            all.push(odd(format!("{path}{payload}"), bytes, Problem(404, "reservation_not_found")));
        }
        let bytes = json_request(&format!("PATCH /api/bays/{encoded}"), b"{}");
        all.push(odd(format!("bay {payload}"), bytes, Problem(404, "bay_not_found")));
    }
    all
}
