//! Values of the wrong type in every field, and odd numbers.

use super::Expected::{Field, Fine, Problem};
use super::{Expected, Odd, json_request, odd};

/// A call with a body that is good as it stands.
pub(super) struct Call {
    pub line: &'static str,
    pub good: &'static [(&'static str, &'static str)],
}

pub(super) const CREATE: Call = Call {
    line: "POST /api/reservations",
    good: &[
        ("sessionId", "1"),
        ("plate", r#""12가3456""#),
        ("date", r#""2026-04-02""#),
        ("startTime", r#""10:00""#),
        ("endTime", r#""11:00""#),
        ("contactEmail", r#""driver@example.com""#),
    ],
};
pub(super) const BATCH: Call = Call {
    line: "POST /api/reservations/batch",
    good: &[
        ("sessionId", "1"),
        ("plate", r#""12가3456""#),
        ("date", r#""2026-04-02""#),
        ("startTimes", r#"["10:00"]"#),
        ("contactEmail", "null"),
    ],
};
pub(super) const MOVE: Call = Call {
    line: "PATCH /api/reservations/00000000-0000-7000-8000-000000000000",
    good: &[("sessionId", "1"), ("date", r#""2026-04-02""#), ("startTime", r#""10:00""#), ("endTime", r#""11:00""#)],
};
pub(super) const VERIFY: Call = Call {
    line: "POST /api/plates/verify",
    good: &[
        ("plate", r#""12가3456""#),
        ("sessionId", "1"),
        ("date", r#""2026-04-02""#),
        ("startTime", r#""10:00""#),
        ("endTime", r#""11:00""#),
    ],
};
pub(super) const MATCH: Call =
    Call { line: "POST /api/plates/match", good: &[("plate", r#""12가3456""#), ("timestamp", "1775005200")] };
pub(super) const LOGIN: Call = Call {
    line: "POST /api/user/login",
    good: &[("email", r#""nobody@example.com""#), ("password", r#""a wrong password""#)],
};
pub(super) const ADMIN_LOGIN: Call = Call { line: "POST /api/admin/login", good: LOGIN.good };
pub(super) const REGISTER: Call = Call {
    line: "POST /api/user/register",
    good: &[("email", r#""driver@example.com""#), ("password", r#""a good password""#)],
};
pub(super) const ADD_BAY: Call = Call { line: "POST /api/bays", good: &[("name", r#""B1""#)] };
pub(super) const CHANGE_BAY: Call =
    Call { line: "PATCH /api/bays/1", good: &[("name", "null"), ("closed", "null"), ("closedReason", "null")] };

impl Call {
    /// The request with one field replaced by, or made to be, this JSON; `""` leaves the field out.
    pub(super) fn with(&self, field: &str, json: &str) -> Vec<u8> {
        let mut parts: Vec<String> = Vec::new();
        for (name, good) in self.good {
            let value = if *name == field { json } else { good };
            if !value.is_empty() {
                parts.push(format!(r#""{name}":{value}"#));
            }
        }
        if !self.good.iter().any(|(name, _)| *name == field) {
            parts.push(format!(r#""{field}":{json}"#));
        }
        json_request(self.line, format!("{{{}}}", parts.join(",")).as_bytes())
    }

    pub(super) fn odd(&self, field: &str, json: &str, expected: Expected) -> Odd {
        let shown: String = json.chars().take(60).collect();
        odd(format!("{} {field} = {shown}", self.line), self.with(field, json), expected)
    }
}

pub(super) fn inputs() -> Vec<Odd> {
    [wrong_types(), numbers()].into_iter().flatten().collect()
}

/// Every field with values of the other types of JSON.
fn wrong_types() -> Vec<Odd> {
    let texts: [(&Call, &[&'static str]); 8] = [
        (&CREATE, &["plate", "date", "startTime", "endTime", "contactEmail"]),
        (&BATCH, &["plate", "date", "startTimes", "contactEmail"]),
        (&MOVE, &["date", "startTime", "endTime"]),
        (&VERIFY, &["plate", "date", "startTime", "endTime"]),
        (&MATCH, &["plate"]),
        (&LOGIN, &["email", "password"]),
        (&REGISTER, &["email", "password"]),
        (&ADD_BAY, &["name"]),
    ];
    let others = ["true", "7", "1.5", "{}", r#"{"zqxmarker":"zqxmarker"}"#];
    let mut all = Vec::new();
    for (call, fields) in texts {
        for field in fields {
            all.extend(others.map(|json| call.odd(field, json, Field(field, "wrong_type"))));
            if *field != "startTimes" {
                all.push(call.odd(field, r#"["zqxmarker"]"#, Field(field, "wrong_type")));
            }
        }
    }
    for call in [&CREATE, &BATCH, &MOVE, &VERIFY] {
        for json in ["true", "false", "1.5", "[1]", "{}", r#""one""#, r#""zqxmarker""#] {
            all.push(call.odd("sessionId", json, Field("sessionId", "bay_invalid")));
        }
    }
    for json in [r#""true""#, "1", "0", r#""zqxmarker""#, "[]", "{}"] {
        all.push(CHANGE_BAY.odd("closed", json, Field("closed", "boolean_invalid")));
    }
    for (json, code) in [
        (r#""10:00""#, "wrong_type"),
        ("[10]", "wrong_type"),
        ("[null]", "wrong_type"),
        (r#"[["10:00"]]"#, "wrong_type"),
        ("[]", "start_times_invalid"),
        (r#"["10:00","10:00"]"#, "start_times_invalid"),
        (r#"["10:00","10:30"]"#, "start_times_invalid"),
        (r#"["9:00","09:00"]"#, "start_times_invalid"),
        (r#"["23:30"]"#, "start_times_invalid"),
        (r#"["24:00"]"#, "start_times_invalid"),
        (r#"["zqxmarker"]"#, "time_invalid"),
    ] {
        all.push(BATCH.odd("startTimes", json, Field("startTimes", code)));
    }
    let many = vec![r#""10:00""#; 5000 / 8].join(",");
    all.push(BATCH.odd("startTimes", &format!("[{many}]"), Field("startTimes", "start_times_invalid")));
    // What must be there, and is null or left out.
    for (call, fields) in [
        (&CREATE, &["plate", "date", "startTime", "endTime"][..]),
        (&BATCH, &["plate", "date", "startTimes"]),
        (&VERIFY, &["plate"]),
        (&MATCH, &["plate", "timestamp"]),
        (&LOGIN, &["email", "password"]),
        (&ADMIN_LOGIN, &["email", "password"]),
        (&REGISTER, &["email", "password"]),
        (&ADD_BAY, &["name"]),
    ] {
        for field in fields {
            all.extend(["null", ""].map(|json| call.odd(field, json, Field(field, "missing"))));
        }
    }
    all
}

fn numbers() -> Vec<Odd> {
    let malformed = Problem(422, "malformed_json");
    let mut all = Vec::new();
    for literal in ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "0x10", "01", "+1", ".5", "1.", "1_000"] {
        all.push(CREATE.odd("sessionId", literal, malformed));
        all.push(MATCH.odd("timestamp", literal, malformed));
    }
    let long = "9".repeat(400);
    for json in ["9223372036854775808", "-9223372036854775809", "1e30", "1e308", "0.1", r#""9223372036854775808""#] {
        all.push(CREATE.odd("sessionId", json, Field("sessionId", "bay_invalid")));
    }
    all.push(CREATE.odd("sessionId", &long, malformed));
    all.push(CREATE.odd("sessionId", &format!("\"{long}\""), Field("sessionId", "bay_invalid")));
    for json in [r#""-1""#, r#""+1""#, r#"" 1 ""#, r#""1.0""#, r#""1e0""#, r#""0x1""#, r#""１""#, r#""²""#, r#""""#] {
        all.push(CREATE.odd("sessionId", json, Field("sessionId", "bay_invalid")));
    }
    // Numbers that are fine and name no bay.
    for json in ["9223372036854775807", "-9223372036854775808", "0", "-0", "-1", "-0.0", "1e2", "77.0", r#""077""#] {
        all.push(CREATE.odd("sessionId", json, Problem(404, "bay_not_found")));
        all.push(BATCH.odd("sessionId", json, Problem(404, "bay_not_found")));
        all.push(MOVE.odd("sessionId", json, Problem(404, "bay_not_found")));
        all.push(VERIFY.odd("sessionId", json, Fine(200, "")));
    }
    all
}
