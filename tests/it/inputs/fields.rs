//! One field at a time: of wrong types, out of range, in other alphabets, with SQL and markup in it.

mod booking;
mod people;
mod plates;

use super::{Case, NOWHERE, Sender, object_with};
use booking::{BATCH_FIELDS, BOOKING_FIELDS};
use people::{
    ACCOUNT_FIELDS, BAY_CHANGE_FIELDS, BAY_FIELDS, FORGOT_FIELDS, INVITATION_FIELDS, KEY_FIELDS, LOGIN_FIELDS,
    PASSWORD_FIELDS, REFRESH_FIELDS, REGISTER_FIELDS, RESET_FIELDS, VERIFY_LINK_FIELDS,
};
use plates::{READING_FIELDS, VERIFY_FIELDS};

type Base<'a> = [(&'a str, &'a str)];

/// A good booking, as names and JSON.
pub(super) const BOOKING: [(&str, &str); 5] = [
    ("sessionId", "1"),
    ("plate", "\"12가3456\""),
    ("date", "\"2026-04-02\""),
    ("startTime", "\"10:00\""),
    ("endTime", "\"11:00\""),
];
const BATCH: [(&str, &str); 4] =
    [("sessionId", "1"), ("plate", "\"12가3456\""), ("date", "\"2026-04-02\""), ("startTimes", "[\"10:00\"]")];
const READING: [(&str, &str); 2] = [("plate", "\"12가3456\""), ("timestamp", "1774998000")];
const KEY: [(&str, &str); 2] = [("name", "\"camera\""), ("scope", "\"camera\"")];
const CREDENTIALS: [(&str, &str); 2] = [("email", "\"me@example.com\""), ("password", "\"a password of the tests\"")];
const CHANGE: [(&str, &str); 2] = [("oldPassword", "\"wrong\""), ("newPassword", "\"twelve green tomatoes\"")];
const RESET: [(&str, &str); 2] = [("link", "\"zzmarkerzz\""), ("newPassword", "\"twelve green tomatoes\"")];

/// Values of a field that all have the same outcome: a code of the field, or a whole outcome.
type Table<'a> = [(&'a str, &'a str, &'a [&'a str])];

const SQL: &str = "\"'; DROP TABLE reservations; -- zzmarkerzz\"";
const MARKUP: &str = "\"<script>alert('zzmarkerzz')</script>\"";

/// The cases of a table, for one operation.
fn of_table<'a>(method: &'a str, path: &'a str, base: &'a Base, table: &'a Table) -> impl Iterator<Item = Case> + 'a {
    table.iter().flat_map(move |(field, outcome, values)| {
        values.iter().map(move |value| {
            let whole = outcome.starts_with(|c: char| c.is_ascii_digit());
            let expected = if whole { (*outcome).to_owned() } else { format!("422 {field}:{outcome}") };
            Case::of(method, path, expected).body(object_with(base, field, value))
        })
    })
}

pub(super) fn cases() -> Vec<Case> {
    let account = format!("/api/admin/accounts/{NOWHERE}");
    let mut cases = Vec::new();
    cases.extend(of_table("POST", "/api/reservations", &BOOKING, BOOKING_FIELDS));
    cases.extend(of_table("POST", "/api/reservations/batch", &BATCH, BATCH_FIELDS));
    cases.extend(of_table("POST", "/api/plates/match", &READING, READING_FIELDS));
    cases.extend(of_table("POST", "/api/plates/verify", &BOOKING, VERIFY_FIELDS));
    cases.extend(of_table("POST", "/api/bays", &[], BAY_FIELDS));
    cases.extend(of_table("PATCH", "/api/bays/1", &[], BAY_CHANGE_FIELDS));
    cases.extend(of_table("POST", "/api/admin/keys", &KEY, KEY_FIELDS));
    cases.extend(of_table("PATCH", &account, &[], ACCOUNT_FIELDS));
    cases.extend(of_table("POST", "/api/user/register", &CREDENTIALS, REGISTER_FIELDS));
    cases.extend(of_table("POST", "/api/user/password/forgot", &[], FORGOT_FIELDS));
    cases.extend(of_table("POST", "/api/user/verify", &[], VERIFY_LINK_FIELDS));
    cases.extend(of_table("POST", "/api/admin/invitations", &[("email", "\"me@example.com\"")], INVITATION_FIELDS));
    cases.extend(of_table("POST", "/api/user/login", &CREDENTIALS, LOGIN_FIELDS));
    cases.extend(of_table("POST", "/api/admin/login", &CREDENTIALS, LOGIN_FIELDS));
    cases.extend(of_table("POST", "/api/user/refresh", &[], REFRESH_FIELDS));
    cases.extend(of_table("POST", "/api/user/password/reset", &RESET, RESET_FIELDS));
    let driver = |case: Case| case.sent_by(Sender::Driver);
    cases.extend(of_table("POST", "/api/user/password", &CHANGE, PASSWORD_FIELDS).map(driver));
    cases.extend(long());
    cases
}

/// Values of just too many characters.
fn long() -> Vec<Case> {
    let text = |length: usize| format!("\"{}\"", "z".repeat(length));
    let book = |field: &str, value: &str, expected: &str| {
        Case::post("/api/reservations", object_with(&BOOKING, field, value), expected)
    };
    let email = |local: usize, domain: usize| format!("\"{}@{}.kr\"", "a".repeat(local), "b".repeat(domain));
    let one_of = |path: &str, base: &Base, field: &str, value: &str, expected: &str| {
        Case::post(path, object_with(base, field, value), expected)
    };
    let hours: Vec<String> = (0..25).map(|hour| format!("\"{}:00\"", hour % 24)).collect();
    let networks: Vec<String> = (0..21).map(|host| format!("\"10.0.0.{host}\"")).collect();
    vec![
        book("plate", &text(64), "422 plate:plate_invalid"),
        book("plate", &text(65), "422 plate:too_long"),
        book("plate", &format!("\"{}12가3456\"", " ".repeat(64)), "422 plate:too_long"),
        book("plate", &text(15_000), "422 plate:too_long"),
        book("date", &text(15_000), "422 date:date_invalid"),
        book("startTime", &text(15_000), "422 startTime:time_invalid"),
        book("sessionId", &"9".repeat(300), "422 sessionId:bay_invalid"),
        book("sessionId", &"9".repeat(15_000), "422 malformed_json"),
        book("contactEmail", &email(64, 186), "201"),
        book("contactEmail", &email(64, 187), "422 contactEmail:too_long"),
        book("contactEmail", &email(65, 10), "422 contactEmail:email_invalid"),
        book("contactEmail", &text(15_000), "422 contactEmail:too_long"),
        book("overrideReason", &text(200), "201"),
        book("overrideReason", &text(201), "422 overrideReason:too_long"),
        one_of(
            "/api/reservations/batch",
            &BATCH,
            "startTimes",
            &format!("[{}]", hours.join(",")),
            "422 startTimes:start_times_invalid",
        ),
        one_of("/api/plates/match", &READING, "plate", &text(65), "422 plate:too_long"),
        one_of("/api/plates/match", &READING, "timestamp", &text(15_000), "422 timestamp:timestamp_invalid"),
        one_of("/api/plates/verify", &BOOKING, "plate", &text(65), "422 plate:too_long"),
        one_of("/api/bays", &[], "name", &text(101), "422 name:too_long"),
        one_of(
            "/api/admin/keys",
            &KEY,
            "addresses",
            &format!("[{}]", networks.join(",")),
            "422 addresses:addresses_invalid",
        ),
        one_of("/api/user/register", &CREDENTIALS, "password", &text(257), "400 password_length"),
        one_of("/api/user/register", &CREDENTIALS, "password", &text(1025), "422 password:too_long"),
        one_of("/api/user/register", &CREDENTIALS, "email", &email(64, 187), "422 email:too_long"),
        one_of("/api/user/login", &CREDENTIALS, "email", &text(255), "422 email:too_long"),
        one_of("/api/user/login", &CREDENTIALS, "password", &text(1025), "422 password:too_long"),
        one_of("/api/user/refresh", &[], "refreshToken", &text(513), "422 refreshToken:too_long"),
        one_of("/api/user/password/reset", &RESET, "link", &text(513), "422 link:too_long"),
    ]
}
