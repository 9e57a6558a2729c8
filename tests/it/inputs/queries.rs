//! Queries that are odd.

use super::Case;

/// Paths, what they answer, and the queries that they so answer.
const QUERIES: &[(&str, &str, &[&str])] = &[
    (
        "/api/reservations/by-session",
        "422 date:missing",
        &["", "DATE=2026-04-01", "date[]=2026-04-01", "date%00=2026-04-01", "%ff=%ff", "=2026-04-01"],
    ),
    (
        "/api/reservations/by-session",
        "422 date:date_invalid",
        &[
            "date",
            "date=",
            "date=0001-01-01",
            "date=1999-12-31",
            "date=2101-01-01",
            "date=9999-12-31",
            "date=10000-01-01",
            "date=2026-02-30",
            "date=2026-4-1",
            "date=%ff%fe",
            "date=%00",
            "date=%",
            "date=%zz",
            "date=%u0041",
            "date=2026-04-01%00",
            "date=+2026-04-01",
            "date=2026-04-01%0d%0aSet-Cookie:zzmarkerzz",
            "date=2026-04-01;x=1",
            "date=%EF%BC%92026-04-01",
            "date=2026-04-01'%20OR%20'1'='1",
            "date=%3Cscript%3Ezzmarkerzz",
            "date=NaN",
            "date=-0",
        ],
    ),
    (
        "/api/reservations/by-session",
        "422 date:duplicate",
        &["date=2026-04-01&date=2026-04-02", "date=2026-04-01&d%61te=2026-04-01"],
    ),
    (
        "/api/reservations/by-session",
        "200",
        &[
            "date=2026%2D04%2d01",
            "date=2000-01-01",
            "date=2100-12-31",
            "&&&date=2026-04-01&&",
            "date=2026-04-01&zzmarkerzz=%ff",
            "date=2026-04-01&a=1&A=2",
        ],
    ),
    (
        "/api/admin/reservations/by-session",
        "422 date:date_invalid",
        &["date=0001-01-01", "date=9999-12-31", "date=zzmarkerzz"],
    ),
    (
        "/api/availability",
        "422 days:days_invalid",
        &[
            "days=",
            "days=0",
            "days=32",
            "days=-1",
            "days=1.5",
            "days=1e1",
            "days=NaN",
            "days=true",
            "days=%EF%BC%92",
            "days=99999999999999999999",
            "days=7%00",
            "days=zzmarkerzz",
        ],
    ),
    (
        "/api/availability",
        "422 from:date_invalid",
        &["from=0001-01-01", "from=9999-12-31", "from=2026-02-30", "from=zzmarkerzz"],
    ),
    ("/api/availability", "422 days:duplicate", &["days=1&days=1"]),
    ("/api/availability", "422 ?:unknown", &["%3Czzmarkerzz%3E=1", "zz%00markerzz=1"]),
    ("/api/availability", "200", &["from=2100-12-31&days=31", "from=2000-01-01", "days=031"]),
    (
        "/api/reservations/my",
        "422 email:email_invalid",
        &["email=zzmarkerzz", "email=%ff@b.kr", "email=a@b.kr%0d%0aBcc:x@y.kr", "email='%20OR%201=1--"],
    ),
    (
        "/api/reservations/my",
        "422 plate:plate_invalid",
        &["plate=zzmarkerzz", "plate=%ff", "plate='%20OR%201=1--", "plate=%3Cscript%3E"],
    ),
    ("/api/reservations/my", "422 plate:blank", &["plate=%00", "plate=%E2%80%8B"]),
    ("/api/reservations/my", "400 filter_missing", &["plate=%20", "plate="]),
    (
        "/api/reservations/my",
        "422 cancelled:boolean_invalid",
        &["cancelled=1&plate=12%EA%B0%803456", "cancelled=TRUE&email=a@b.kr", "cancelled=zzmarkerzz"],
    ),
    ("/api/reservations/my", "422 email:duplicate", &["email=a@b.kr&email=c@d.kr"]),
    (
        "/api/admin/audit",
        "422 before:wrong_type",
        &[
            "before=-1",
            "before=9223372036854775808",
            "before=NaN",
            "before=1.0",
            "before=%00",
            "before=zzmarkerzz",
            "before=1%20OR%201=1",
        ],
    ),
    ("/api/admin/audit", "422 object:duplicate", &["object=a&object=b"]),
    (
        "/api/admin/audit",
        "200",
        &[
            "actor='%20OR%201=1;--",
            "object=%27;DROP%20TABLE%20audit_records;--",
            "action=%25",
            "action=_",
            "action=%5C",
            "actor=%ff",
            "object=%F0%9F%9A%97",
            "before=9223372036854775807",
            "before=0",
            "action=",
        ],
    ),
    ("/api/admin/accounts", "200", &["after='%20OR%201=1;--", "after=%ff", "after=%F0%9F%9A%97", "after=zzmarkerzz"]),
    ("/api/admin/audit", "422 actor:unprintable_characters", &["actor=%00", "actor=a%00b", "actor=a%0d%0azzmarkerzz"]),
    ("/api/admin/audit", "422 object:unprintable_characters action:unprintable_characters", &["object=%00&action=%00"]),
    ("/api/admin/accounts", "422 after:unprintable_characters", &["after=%00", "after=a%1bb"]),
    ("/api/admin/accounts", "422 after:duplicate", &["after=a&after=b"]),
];

pub(super) fn cases() -> Vec<Case> {
    let of_table = |(path, expected, queries): &(&str, &str, &[&'static str])| {
        let (path, expected) = ((*path).to_owned(), (*expected).to_owned());
        queries.iter().map(|query| Case::get(format!("{path}?{query}"), &*expected)).collect::<Vec<_>>()
    };
    let mut cases: Vec<Case> = QUERIES.iter().flat_map(of_table).collect();
    let long = "z".repeat(8 * 1024);
    let many: Vec<String> = (0..500).map(|name| format!("zzmarkerzz{name}=1")).collect();
    let by_session = |query: &str, expected: &str| Case::get(format!("/api/reservations/by-session?{query}"), expected);
    cases.extend([
        by_session(&many.join("&"), "422 date:missing"),
        by_session(&format!("date={long}"), "422 date:date_invalid"),
        by_session(&format!("date=2026-04-01&{long}={long}"), "200"),
        Case::get(format!("/api/reservations/my?plate={long}"), "422 plate:too_long"),
        Case::get(format!("/api/admin/audit?actor={long}"), "422 actor:too_long"),
        Case::get(format!("/api/admin/audit?actor={}", "z".repeat(101)), "422 actor:too_long"),
        Case::get(format!("/api/admin/accounts?after={}", "z".repeat(101)), "422 after:too_long"),
    ]);
    cases
}
