//! Who may do what: every operation of the OpenAPI document, for every kind of caller.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TOMORROW, both_engines};

/// What each caller gets, one letter each, in the order of [`CALLERS`]: `y` done (or refused for a reason that
/// has nothing to do with rights), `L` 401, `F` 403, `N` 404.
const MATRIX: [(&str, &str); 79] = [
    ("GET /health", "yyyyyyyyyyy"),
    ("GET /health/live", "yyyyyyyyyyy"),
    ("GET /health/ready", "yyyyyyyyyyy"),
    ("GET /api/sessions", "yyyyyyyyyLL"),
    ("GET /api/bays", "yyyyyyyyyLL"),
    ("GET /api/availability", "yyyyyyyyyLL"),
    ("GET /api/reservations/by-session", "yyyyyyyyyLL"),
    ("POST /api/reservations", "LyyFFyyyyLL"),
    ("POST /api/reservations/batch", "LyyFFyyyyLL"),
    ("GET /api/reservations/my", "LyyFFyyyyLL"),
    ("GET /api/reservations/{id} own", "LyNFFyyyyLL"),
    ("GET /api/reservations/{id} missing", "LNNFFNNNNLL"),
    ("PATCH /api/reservations/{id} own", "LyNFFyyyyLL"),
    ("PATCH /api/reservations/{id} missing", "LNNFFNNNNLL"),
    ("DELETE /api/reservations/{id} own", "LyNFFyyyyLL"),
    ("DELETE /api/reservations/{id} missing", "LNNFFNNNNLL"),
    ("POST /api/plates/verify", "LyyFFyyyyLL"),
    ("POST /api/plates/match", "LFFyFyyyyLL"),
    ("POST /api/license-plates", "LyyyFyyyyLL"),
    ("POST /api/plates/recognize", "LyyyFyyyyLL"),
    ("POST /v1/plate-reader/", "LyyyFyyyyLL"),
    ("GET /api/admin/recognition", "LFFFFFyyyLL"),
    ("POST /api/user/login", "LLLLLLLLLLL"),
    ("POST /api/admin/login", "LLLLLLLLLLL"),
    ("GET /api/auth/providers", "yyyyyyyyyyy"),
    ("POST /api/user/register", "yyyyyyyyyyy"),
    ("POST /api/user/refresh", "LLLLLLLLLLL"),
    ("POST /api/user/password/reset", "yyyyyyyyyyy"),
    ("POST /api/user/password/forgot", "yyyyyyyyyyy"),
    ("POST /api/user/verify", "yyyyyyyyyyy"),
    ("POST /api/user/password", "LyyFFFyyFLL"),
    ("GET /api/user/sessions", "LyyFFFyyFLL"),
    ("GET /api/user/export", "LyyFFFyyFLL"),
    ("POST /api/user/erase", "LLLFFFLLFLL"),
    ("DELETE /api/user/sessions/{id} own", "LyNFFFNNFLL"),
    ("DELETE /api/user/sessions/{id} missing", "LNNFFFNNFLL"),
    ("GET /api/admin/reservations/by-session", "LFFFyyyyyLL"),
    ("DELETE /api/admin/reservations/{id} own", "LFFFFFyyyLL"),
    ("DELETE /api/admin/reservations/{id} missing", "LFFFFFNNNLL"),
    ("POST /api/bays", "LFFFFFyyyLL"),
    ("PATCH /api/bays/{sessionId} own", "LFFFFFyyyLL"),
    ("PATCH /api/bays/{sessionId} missing", "LFFFFFNNNLL"),
    ("GET /api/admin/accounts", "LFFFFFyyyLL"),
    ("PATCH /api/admin/accounts/{id} own", "LFFFFFyyyLL"),
    ("PATCH /api/admin/accounts/{id} missing", "LFFFFFNNNLL"),
    ("POST /api/admin/accounts/{id}/reset-link own", "LFFFFFyyyLL"),
    ("GET /api/admin/invitations", "LFFFFFyyyLL"),
    ("POST /api/admin/invitations", "LFFFFFyyyLL"),
    ("DELETE /api/admin/invitations/{id} own", "LFFFFFyyyLL"),
    ("DELETE /api/admin/invitations/{id} missing", "LFFFFFNNNLL"),
    ("GET /api/admin/keys", "LFFFFFFyyLL"),
    ("POST /api/admin/keys", "LFFFFFFyyLL"),
    ("DELETE /api/admin/keys/{id} missing", "LFFFFFFNNLL"),
    ("GET /api/events", "yyyyyyyyyLL"),
    ("POST /api/cameras/{key}/events", "LFFNFFFFFLL"),
    ("POST /NotificationInfo/{what}", "LFFNFFFFFLL"),
    ("GET /api/admin/cameras", "LFFFFFyyyLL"),
    ("POST /api/admin/cameras", "LFFFFFyyyLL"),
    ("PATCH /api/admin/cameras/{id} own", "LFFFFFyyyLL"),
    ("PATCH /api/admin/cameras/{id} missing", "LFFFFFNNNLL"),
    ("POST /api/admin/cameras/{id}/key own", "LFFFFFyyyLL"),
    ("DELETE /api/admin/cameras/{id} own", "LFFFFFyyyLL"),
    ("DELETE /api/admin/cameras/{id} missing", "LFFFFFNNNLL"),
    ("GET /api/admin/sightings", "LFFFyyyyyLL"),
    ("GET /api/admin/sightings/{id} missing", "LFFFNNNNNLL"),
    ("GET /api/admin/sightings/{id}/picture missing", "LFFFFFNNNLL"),
    ("POST /api/admin/sightings/{id}/review missing", "LFFFFFNNNLL"),
    ("GET /api/admin/quarantine", "LFFFFFyyyLL"),
    ("POST /api/admin/quarantine/replay", "LFFFFFyyyLL"),
    ("GET /api/admin/quarantine/{id} missing", "LFFFFFNNNLL"),
    ("DELETE /api/admin/quarantine/{id} missing", "LFFFFFNNNLL"),
    ("POST /api/admin/cameras/{id}/key missing", "LFFFFFNNNLL"),
    ("GET /api/admin/audit", "LFFFFFyyyLL"),
    ("GET /api/admin/audit/export", "LFFFFFyyyLL"),
    ("GET /api/user/second-factor", "LyyFFFyyFLL"),
    ("POST /api/user/second-factor", "LyyFFFyyFLL"),
    // A wrong code is 401 for those who may.
    ("POST /api/user/second-factor/confirm", "LLLFFFLLFLL"),
    ("DELETE /api/user/second-factor", "LNNFFFNNFLL"),
    ("DELETE /api/admin/accounts/{id}/second-factor missing", "LFFFFFFNNLL"),
];

/// The last log-in of the account of the matrix is ended in between, so it is asked for last.
const CALLERS: [&str; 11] = [
    "nobody",
    "driver",
    "another driver",
    "camera key",
    "export key",
    "integration key",
    "operator",
    "administrator",
    "admin token",
    "revoked log-in",
    "expired token",
];

struct World {
    server: Server,
    tokens: [String; 11],
    driver_id: String,
}

impl World {
    async fn make(engine: Engine) -> Self {
        let server = Server::start_with(engine, &[("ACCESS_TOKEN_MINUTES", "15")]).await;
        let expired = server.driver("expired@example.com").await;
        server.clock.set(NOW + 3600);
        let driver = server.driver("driver@example.com").await;
        let other = server.driver("other@example.com").await;
        let revoked = server.driver("revoked@example.com").await;
        server.send(Method::POST, "/api/user/logout", &revoked, None).await.expect(200);
        let mut staff = Vec::new();
        let mut driver_id = String::new();
        for (email, role) in [("op@example.com", "operator"), ("root@example.com", "administrator")] {
            server.driver(email).await;
            let accounts = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
            let id = |email: &str| {
                let found = accounts.json.as_array().unwrap().iter().find(|account| account["email"] == email);
                found.unwrap()["id"].as_str().unwrap().to_owned()
            };
            driver_id = id("driver@example.com");
            let path = format!("/api/admin/accounts/{}", id(email));
            server.patch(&path, ADMIN_TOKEN, json!({"role": role})).await.expect(200);
            let body = json!({"email": email, "password": "a password of the tests"});
            let login = server.post("/api/admin/login", "", body).await.expect(200);
            staff.push(login.json["token"].as_str().unwrap().to_owned());
        }
        let mut keys = Vec::new();
        for scope in ["camera", "export", "integration"] {
            let body = json!({"name": scope, "scope": scope});
            let made = server.post("/api/admin/keys", ADMIN_TOKEN, body).await.expect(201);
            keys.push(made.json["bearer"].as_str().unwrap().to_owned());
        }
        let [camera, export, integration] = keys.try_into().unwrap();
        let [operator, administrator] = staff.try_into().unwrap();
        let tokens = [
            String::new(),
            driver,
            other,
            camera,
            export,
            integration,
            operator,
            administrator,
            ADMIN_TOKEN.to_owned(),
            revoked,
            expired,
        ];
        Self { server, tokens, driver_id }
    }

    /// The body that an operation needs, `None` for those without.
    fn body(operation: &str, round: usize) -> Option<Value> {
        let plate = format!("{:02}가{:04}", round % 60 + 1, round + 1000);
        Some(match operation {
            "POST /api/reservations" => {
                json!({"plate": plate, "date": TOMORROW, "startTime": "09:00", "endTime": "09:30"})
            }
            "POST /api/reservations/batch" => json!({"plate": plate, "date": TOMORROW, "startTimes": ["09:00"]}),
            "PATCH /api/reservations/{id}" => json!({"endTime": "22:00"}),
            "POST /api/plates/verify" | "POST /api/cameras/{key}/events" | "POST /NotificationInfo/{what}" => {
                json!({"plate": plate})
            }
            "POST /api/plates/match" => json!({"plate": plate, "timestamp": NOW}),
            "POST /api/user/login" | "POST /api/admin/login" => {
                json!({"email": format!("nobody{round}@example.com"), "password": "wrong"})
            }
            "POST /api/user/register" => {
                json!({"email": format!("new{round}@example.com"), "password": "a password of the tests"})
            }
            "POST /api/user/password/forgot" => json!({"email": "nobody@example.com"}),
            "POST /api/user/verify" => json!({"link": "none"}),
            "POST /api/admin/invitations" => json!({"email": format!("guest{round}@example.com")}),
            "POST /api/user/refresh" => json!({"refreshToken": "no.token"}),
            "POST /api/user/password/reset" => json!({"link": "none", "newPassword": "twelve green tomatoes"}),
            "POST /api/user/password" => {
                json!({"oldPassword": "a password of the tests", "newPassword": "a password of the tests"})
            }
            // A wrong password erases nobody, and is 401 for those who may.
            "POST /api/user/erase" => json!({"password": "wrong"}),
            "POST /api/user/second-factor/confirm" | "DELETE /api/user/second-factor" => json!({"code": "000000"}),
            "POST /api/bays" => json!({"name": format!("bay {round}")}),
            "PATCH /api/bays/{sessionId}" => json!({"closed": false}),
            "PATCH /api/admin/accounts/{id}" => json!({"disabled": false}),
            "POST /api/admin/cameras" => json!({"name": format!("camera {round}")}),
            "PATCH /api/admin/cameras/{id}" => json!({"off": false}),
            "POST /api/admin/cameras/{id}/key" | "POST /api/admin/quarantine/replay" => json!({}),
            "POST /api/admin/sightings/{id}/review" => json!({"decision": "reject"}),
            "POST /api/admin/keys" => json!({"name": "another", "scope": "export"}),
            _ => return None,
        })
    }

    /// A path with its id filled in: an object of the driver's, made anew, or one that is not there.
    async fn path(&self, operation: &str, missing: bool, round: usize) -> String {
        let path = operation.split_once(' ').unwrap().1;
        let nowhere = "00000000-0000-4000-8000-000000000000";
        let id = match path {
            _ if !path.contains('{') => String::new(),
            "/api/bays/{sessionId}" => if missing { "999" } else { "1" }.to_owned(),
            _ if missing => nowhere.to_owned(),
            "/api/reservations/{id}" | "/api/admin/reservations/{id}" => {
                let plate = format!("{:02}나{:04}", round % 60 + 1, round + 1000);
                let day = format!("2026-05-{:02}", round % 28 + 1);
                let body = json!({"plate": plate, "date": day, "startTime": "21:00", "endTime": "21:30"});
                let made = self.server.post("/api/reservations", &self.tokens[1], body).await.expect(201);
                made.json["id"].as_str().unwrap().to_owned()
            }
            "/api/cameras/{key}/events" | "/NotificationInfo/{what}" => String::new(),
            "/api/admin/cameras/{id}" | "/api/admin/cameras/{id}/key" => {
                let body = json!({"name": format!("camera of {round}")});
                let made = self.server.post("/api/admin/cameras", ADMIN_TOKEN, body).await.expect(201);
                made.json["camera"]["id"].as_str().unwrap().to_owned()
            }
            "/api/admin/invitations/{id}" => {
                let body = json!({"email": format!("invited{round}@example.com")});
                let made = self.server.post("/api/admin/invitations", ADMIN_TOKEN, body).await.expect(201);
                made.json["invitation"]["id"].as_str().unwrap().to_owned()
            }
            "/api/user/sessions/{id}" => {
                let body = json!({"email": "driver@example.com", "password": "a password of the tests"});
                self.server.post("/api/user/login", "", body).await.expect(200);
                let list = self.server.get("/api/user/sessions", &self.tokens[1]).await.expect(200);
                let other = list.json.as_array().unwrap().iter().find(|session| session["current"] == false);
                other.unwrap()["id"].as_str().unwrap().to_owned()
            }
            _ => self.driver_id.clone(),
        };
        let path = path.replace("{id}", &id).replace("{sessionId}", &id).replace("{key}", "x").replace("{what}", "x");
        if path.ends_with("by-session") { format!("{path}?date={TOMORROW}") } else { path }
    }
}

/// A stream has no end: its status says whether it was opened.
async fn opened(server: &Server, token: &str) -> Answer {
    let mut request = server.request(Method::GET, "/api/events");
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let (status, headers) = {
        let response = request.send().await.unwrap();
        (response.status(), response.headers().clone())
    };
    Answer { status, headers, text: String::new(), json: Value::Null }
}

both_engines! {
    async fn every_caller_gets_what_the_matrix_says(engine: Engine) {
        let world = World::make(engine).await;
        let (mut wrong, mut cells) = (Vec::new(), 0);
        for (row, (name, expected)) in MATRIX.iter().enumerate() {
            let operation = name.trim_end_matches(" own").trim_end_matches(" missing");
            for (column, letter) in expected.chars().enumerate() {
                let round = row * CALLERS.len() + column;
                let path = world.path(operation, name.ends_with(" missing"), round).await;
                let method: Method = operation.split(' ').next().unwrap().parse().unwrap();
                // A log-in of one's own that changes the password ends the others: ask for that as a throw-away.
                let body = World::body(operation, round);
                let token = &world.tokens[column];
                let answer = if path == "/api/events" {
                    opened(&world.server, token).await
                } else {
                    world.server.send(method, &path, token, body).await
                };
                let got = match answer.status.as_u16() {
                    401 => 'L',
                    403 => 'F',
                    404 => 'N',
                    // 415: a picture would be read, and none was sent.
                    200..=299 | 400 | 409 | 415 => 'y',
                    // Who asks has nothing to do with it: this server sends no mails.
                    503 if answer.code() == "mail_not_configured" => 'y',
                    _ => '?',
                };
                cells += 1;
                if got != letter {
                    wrong.push(format!("{name} as {}: {got} for {letter}: {}", CALLERS[column], answer.text));
                }
            }
        }
        println!("authorisation matrix: {cells} cells, {} wrong (goal 0)", wrong.len());
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[test]
fn the_matrix_has_every_operation() {
    let document: Value = serde_json::from_str(&jari::http::openapi_json()).unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let in_matrix: BTreeSet<String> = MATRIX
        .iter()
        .map(|(name, _)| name.trim_end_matches(" own").trim_end_matches(" missing").to_owned())
        .filter(|name| name != "POST /api/user/logout")
        .collect();
    // Logging out is what makes the revoked log-in of the matrix.
    operations.remove("POST /api/user/logout");
    assert_eq!(in_matrix, operations);
}
