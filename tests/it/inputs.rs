//! Odd input of every kind: it is refused by name or taken for what it is, and never makes a 5xx.

mod addresses;
mod bodies;
mod fields;
mod headers;
mod queries;
mod raw;

use std::sync::Arc;

use reqwest::Method;

use crate::harness::{ADMIN_TOKEN, Answer, Server, TOMORROW, both_engines};

/// Stands in inputs wherever a text may; no answer that is an error may contain it.
const MARKER: &str = "zzmarkerzz";

/// An error is at most so many bytes long, whatever was sent.
const LONGEST_ERROR: usize = 4096;

/// Nobody's id.
const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// Who sends a request. `Header`: the request has an `Authorization` of its own, or needs none.
#[derive(Clone, Copy, Debug)]
enum Sender {
    Administrator,
    Driver,
    Header,
}

/// An odd request and what it gets: `STATUS`, `STATUS CODE`, or `422 FIELD:CODE …`, all fields in order.
struct Case {
    method: Method,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Option<Vec<u8>>,
    sender: Sender,
    expected: String,
}

impl Case {
    fn of(method: &str, path: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.into(),
            headers: Vec::new(),
            body: None,
            sender: Sender::Administrator,
            expected: expected.into(),
        }
    }

    fn get(path: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::of("GET", path, expected)
    }

    fn post(path: &str, body: impl Into<Vec<u8>>, expected: impl Into<String>) -> Self {
        Self::of("POST", path, expected).body(body)
    }

    fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.headers.push(("content-type", b"application/json".into()));
        self
    }

    /// Sets a header; with [`Case::body`], a second `content-type` replaces the first.
    fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(given, _)| *given != "content-type" || *given != name);
        self.headers.push((name, value.into()));
        self
    }

    fn sent_by(mut self, sender: Sender) -> Self {
        self.sender = sender;
        self
    }

    /// The request as a failure shows it.
    fn shown(&self) -> String {
        let start = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(160)]).into_owned();
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}: {}", start(value))).collect();
        let body = self.body.as_deref().map(start).unwrap_or_default();
        format!("{} {} {headers:?} {body}", self.method, start(self.path.as_bytes()))
    }

    async fn send(&self, server: &Server, driver: &str) -> Answer {
        let mut request = server.request(self.method.clone(), &self.path);
        request = match self.sender {
            Sender::Administrator => request.bearer_auth(ADMIN_TOKEN),
            Sender::Driver => request.bearer_auth(driver),
            Sender::Header => request,
        };
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_slice());
        }
        if let Some(body) = self.body.clone() {
            request = request.body(body);
        }
        Answer::of(request).await
    }
}

/// A JSON object with one of its fields replaced or added; the values are JSON text, and need not be right.
fn object_with(base: &[(&str, &str)], field: &str, value: &str) -> String {
    let kept = base.iter().filter(|(name, _)| *name != field).map(|(name, value)| format!("\"{name}\":{value}"));
    let fields: Vec<String> = kept.chain([format!("\"{field}\":{value}")]).collect();
    format!("{{{}}}", fields.join(","))
}

/// What came, as [`Case`] writes it.
fn told(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    if let Some(errors) = answer.json["errors"].as_array() {
        let one = |error: &serde_json::Value| {
            format!(" {}:{}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap())
        };
        return format!("{status}{}", errors.iter().map(one).collect::<String>());
    }
    if answer.code().is_empty() { status.to_string() } else { format!("{status} {}", answer.code()) }
}

/// What holds of every answer; the faults found.
fn faults(method: &Method, answer: &Answer) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |good: bool, fault: &str| {
        if !good {
            faults.push(fault.to_owned());
        }
    };
    check(!answer.status.is_server_error(), "a server error");
    if answer.status.is_client_error() {
        let id = answer.json["requestId"].as_str().unwrap_or_default();
        let text = |name: &str| answer.json[name].as_str().is_some_and(|text| !text.trim().is_empty());
        check(answer.text.len() <= LONGEST_ERROR, "a long error");
        check(answer.header("content-type") == "application/problem+json", "another content type");
        check(*method == Method::HEAD || text("detail"), "no detail");
        check(*method == Method::HEAD || (!id.is_empty() && id == answer.header("x-request-id")), "no request id");
        let headers = format!("{:?}", answer.headers);
        check(!answer.text.contains(MARKER) && !headers.contains(MARKER), "an echo of the input");
    }
    faults
}

/// Takes back what an odd request booked, so that the next ones find every bay free.
async fn take_back(server: &Server, answer: &Answer) {
    let one = std::slice::from_ref(&answer.json);
    for made in answer.json.as_array().map_or(one, Vec::as_slice) {
        if let (Some(id), Some(_)) = (made["id"].as_str(), made["plate"].as_str()) {
            server.delete(&format!("/api/admin/reservations/{id}"), ADMIN_TOKEN).await.expect(200);
        }
    }
}

both_engines! {
    async fn odd_input_is_refused_by_name_and_never_makes_a_server_error(engine: Engine) {
        let server = Arc::new(Server::start(engine).await);
        let driver = server.driver("driver@example.com").await;
        let cases: Vec<Case> =
            [bodies::cases(), fields::cases(), addresses::cases(), queries::cases(), headers::cases()].into_iter().flatten().collect();
        let (mut wrong, mut server_errors) = (Vec::new(), 0);
        for case in &cases {
            let answer = case.send(&server, &driver).await;
            server_errors += usize::from(answer.status.is_server_error());
            let mut found = faults(&case.method, &answer);
            if told(&answer) != case.expected {
                found.push(format!("{} for {}", told(&answer), case.expected));
            }
            if answer.status.is_success() {
                take_back(&server, &answer).await;
            }
            if server.get("/health", "").await.status != 200 {
                found.push("no health afterwards".to_owned());
            }
            if !found.is_empty() {
                wrong.push(format!("{}: {}", case.shown(), found.join(", ")));
            }
        }
        println!("odd inputs: {} tried, {server_errors} server errors (goal 150, 0)", cases.len());
        assert!(cases.len() >= 150);
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        // Nothing that was refused was done, and nothing that was typed into a field ran.
        let list = server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), ADMIN_TOKEN).await.expect(200);
        assert!(list.json["sessions"].as_array().unwrap().iter().all(|bay| bay["reservations"] == serde_json::json!([])));
    }
}
