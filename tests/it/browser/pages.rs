//! Every page there is, as the source says it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::place::{Place, Who};
use crate::harness::TOMORROW;

/// What browsers load or what answers with a file, and no page that people read.
const NO_PAGES: [&str; 7] = [
    "/web/{version}/{name}",
    "/manifest.webmanifest",
    "/worker.js",
    "/book/plate",
    "/reservations/{id}/calendar.ics",
    "/staff/download/reservations.csv",
    "/staff/download/reservations.ndjson",
];

/// A page to be looked at.
pub struct Look {
    /// The route in the source; empty for what has none, such as the answer to an address that is none.
    pub route: &'static str,
    pub address: String,
    /// Who may read it.
    pub whom: &'static [Who],
}

const ALL: &[Who] = &Who::ALL;
const ACCOUNTS: &[Who] = &[Who::Driver, Who::Operator];
const STAFF: &[Who] = &[Who::Operator, Who::Administrator];
const ADMINISTRATORS: &[Who] = &[Who::Administrator];

/// Every page, with what a site in use shows on it.
pub fn pages(place: &Place) -> Vec<Look> {
    let look =
        |route: &'static str, address: &str, whom: &'static [Who]| Look { route, address: address.to_owned(), whom };
    let own = |id: &str| look("/reservations/{id}", &format!("/reservations/{id}"), &[Who::Driver]);
    vec![
        look("/board", "/board", ALL),
        look("/board", &format!("/board?date={TOMORROW}"), &[Who::Driver]),
        look("/book", &format!("/book?date={TOMORROW}&bay=2&start=10:00&length=3"), ALL),
        look("/my", "/my", ACCOUNTS),
        own(&place.coming),
        own(&place.past),
        look("/login", "/login?next=/my", &[Who::Anybody]),
        look("/register", "/register", &[Who::Anybody]),
        look("/forgot", "/forgot", &[Who::Anybody]),
        look("/account", "/account", ACCOUNTS),
        look("/account/second-factor", "/account/second-factor", ACCOUNTS),
        look("/kiosk", "/kiosk", &[Who::Anybody]),
        look("/offline", "/offline", &[Who::Anybody]),
        look("/staff", "/staff", STAFF),
        look("/staff/review", "/staff/review", STAFF),
        look("/staff/review/{id}", &format!("/staff/review/{}", place.review), STAFF),
        look("/staff/search", "/staff/search?plate=12%EA%B0%803456&cancelled=yes", STAFF),
        look("/staff/reservations/{id}", &format!("/staff/reservations/{}", place.others), STAFF),
        look("/staff/book", "/staff/book", STAFF),
        look("/staff/bays", "/staff/bays", STAFF),
        look("/staff/bays/{id}", "/staff/bays/7", STAFF),
        look("/staff/cameras", "/staff/cameras", STAFF),
        look("/staff/cameras/{id}", &format!("/staff/cameras/{}", place.gate.id), STAFF),
        look("/staff/cameras/quarantine", "/staff/cameras/quarantine", STAFF),
        look("/staff/people", "/staff/people", STAFF),
        look("/staff/people/{id}", &format!("/staff/people/{}", place.driver), STAFF),
        look("/staff/people/invitations", "/staff/people/invitations", STAFF),
        look("/staff/reports", "/staff/reports", STAFF),
        look("/staff/audit", "/staff/audit", STAFF),
        look("/staff/keys", "/staff/keys", ADMINISTRATORS),
        look("/staff/settings", "/staff/settings", ADMINISTRATORS),
        look("/reset", "/reset#secret", &[Who::Anybody]),
        look("/verify", "/verify#secret", &[Who::Anybody]),
        look("/invite", "/invite#secret", &[Who::Anybody]),
        look("", "/nowhere", ALL),
    ]
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            source_files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The routes that answer GET.
fn routes() -> BTreeSet<String> {
    routes_with(&["get("])
}

/// The routes that take forms.
pub fn forms() -> BTreeSet<String> {
    routes_with(&["post("])
}

/// The routes of the pages' modules with one of these handlers.
fn routes_with(handlers: &[&str]) -> BTreeSet<String> {
    let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let mut files = vec![http.join("web.rs")];
    source_files(&http.join("web"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for route in text.split(".route(").skip(1) {
            let Some((address, rest)) = route.trim_start().strip_prefix('"').and_then(|route| route.split_once('"'))
            else {
                continue;
            };
            let methods = rest.split([';', '\n']).find(|line| line.len() > 2).unwrap_or_default();
            if handlers.iter().any(|handler| methods.contains(handler)) {
                found.insert(address.to_owned());
            }
        }
    }
    found
}

/// Fails for a page that nobody looks at, and for one that is gone.
pub fn none_is_missed(looks: &[Look]) {
    let looked: BTreeSet<String> =
        looks.iter().map(|look| look.route.to_owned()).filter(|route| !route.is_empty()).collect();
    let no_pages: BTreeSet<String> = NO_PAGES.map(str::to_owned).into();
    let routes = routes();
    assert!(routes.len() >= 5, "the routes were not found in the source: {routes:?}");
    let missed: Vec<_> = routes.iter().filter(|route| !looked.contains(*route) && !no_pages.contains(*route)).collect();
    assert!(missed.is_empty(), "no test looks at {missed:?}: add them to tests/it/browser/pages.rs");
    let gone: Vec<_> = looked.union(&no_pages).filter(|route| !routes.contains(*route)).collect();
    assert!(gone.is_empty(), "there are no such pages: {gone:?}");
}
