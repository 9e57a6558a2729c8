//! Methods and paths that are odd.

use super::{Case, NOWHERE, Sender};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = methods();
    cases.extend(ids());
    cases.extend(routes());
    cases
}

fn methods() -> Vec<Case> {
    let mut cases: Vec<Case> =
        ["PUT", "TRACE", "BREW", "get", "post", "Patch", "PROPFIND", "DELETE", "OPTIONS", "X-ZZ!#$%&'*+.^_`|~"]
            .map(|method| Case::of(method, "/api/bays", "405 method_not_allowed"))
            .into();
    cases.extend([
        Case::of("POST", "/health", "405 method_not_allowed"),
        Case::of("TRACE", "/health", "405 method_not_allowed"),
        Case::of("GET", "/api/user/login", "405 method_not_allowed"),
        Case::of("PUT", format!("/api/reservations/{NOWHERE}"), "405 method_not_allowed"),
        Case::of("HEAD", "/api/bays", "200"),
        Case::of("BREW", "/coffee", "404 route_not_found"),
        Case::get("/api/bays", "200").body("{\"zzmarkerzz\":1}"),
        Case::of("DELETE", format!("/api/reservations/{NOWHERE}"), "404 reservation_not_found").body("zzmarkerzz"),
    ]);
    cases
}

/// Ids in paths. What is no id names nothing.
fn ids() -> Vec<Case> {
    let long = "z".repeat(8 * 1024);
    let odd = [
        "zzmarkerzz",
        "0",
        "-1",
        "null",
        "undefined",
        "NaN",
        "9223372036854775808",
        "%00",
        "%ff",
        "%ff%fe",
        "%ed%a0%80",
        "%c0%ae",
        "a%2Fb",
        "..%2f..%2fetc%2fpasswd",
        "%252e%252e",
        "%e2%80%ae",
        "%EA%B0%80",
        "1%20OR%201=1",
        "';DROP%20TABLE%20reservations;--",
        "%3Cscript%3Ezzmarkerzz%3C%2Fscript%3E",
        "000000000000400080000000000000000",
        "00000000000040008000000000000000",
        "%7B00000000-0000-4000-8000-000000000000%7D",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "00000000-0000-4000-8000-00000000000g",
        "00000000-0000-4000-8000-00000000000%00",
        "zzzzzzzz-zzzz-4zzz-8zzz-zzmarkerzzzz",
        "000000000000000000000000000000000000",
        "００００-0000-4000-8000-0000",
        &long,
    ];
    let mut cases = Vec::new();
    for id in odd {
        cases.push(Case::get(format!("/api/reservations/{id}"), "404 reservation_not_found"));
    }
    for id in ["zzmarkerzz", "%ff", "%00", &NOWHERE.to_uppercase()] {
        let of =
            |method: &str, path: &str, code: &str| Case::of(method, path.replace("{id}", id), format!("404 {code}"));
        cases.extend([
            of("PATCH", "/api/reservations/{id}", "reservation_not_found").body("{\"endTime\":\"12:00\"}"),
            of("DELETE", "/api/reservations/{id}", "reservation_not_found"),
            of("DELETE", "/api/admin/reservations/{id}", "reservation_not_found"),
            of("DELETE", "/api/user/sessions/{id}", "session_not_found").sent_by(Sender::Driver),
            of("PATCH", "/api/admin/accounts/{id}", "account_not_found").body("{\"disabled\":true}"),
            of("POST", "/api/admin/accounts/{id}/reset-link", "account_not_found"),
            of("DELETE", "/api/admin/keys/{id}", "key_not_found"),
        ]);
    }
    for id in [
        "0",
        "-1",
        "1.0",
        "1e0",
        "9223372036854775808",
        "%EF%BC%91",
        "any",
        "true",
        "%00",
        "%ff",
        "1%20",
        "%201",
        "zzmarkerzz",
        "1;DROP%20TABLE%20bays",
    ] {
        cases.push(Case::of("PATCH", format!("/api/bays/{id}"), "404 bay_not_found").body("{\"closed\":false}"));
    }
    cases
}

fn routes() -> Vec<Case> {
    let long = format!("/{}", "z".repeat(8 * 1024));
    let mut cases: Vec<Case> = [
        "/api",
        "/api/",
        "/API/BAYS",
        "/api/bays/",
        "//api/bays",
        "/api//bays",
        "/api/bays%2f1",
        "/api%2fbays",
        "/.env",
        "/.git/config",
        "/wp-login.php",
        "/zzmarkerzz",
        "/%00",
        "/%ff",
        "/%F0%9F%9A%97",
        "/api/reservations/my/extra",
        "/health%00",
        "/health/zzmarkerzz",
        "/docs/zzmarkerzz",
        "/docs/%2e%2e%2fCargo.toml",
        "/k/zzmarkerzz",
        "/k/a/k/b/api/bays",
        &long,
    ]
    .map(|path| Case::get(path, "404 route_not_found"))
    .into();
    for path in ["/k//api/bays", "/k/zzmarkerzz/api/bays", "/k/%ff/api/bays", "/k/%00/api/bays", "/k/jari__/api/bays"] {
        cases.push(Case::get(path, "401 token_invalid").sent_by(Sender::Header));
    }
    cases
}
