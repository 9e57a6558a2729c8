//! Cameras: what they send becomes sightings, or is kept until it is understood.

use std::collections::BTreeSet;
use std::sync::Arc;

use jari::domain::sighting::Quarantined;
use jari::store::quarantine;
use reqwest::Method;
use serde_json::{Value, json};

use crate::camera_payloads::{AT, all};
use crate::cameras::mutations::{Numbers, mutate};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, TODAY, both_engines};
use crate::recognition::upstream::{Trick, Upstream};

/// Ten past nine in Seoul.
const TEN_PAST: i64 = NOW + 70 * 60;

const PLATE: &str = "12가3456";
const STRANGER: &str = "98하7654";

/// A camera of a test.
pub struct Camera {
    pub id: String,
    /// Where it sends to, below the server's address.
    pub path: String,
    pub bearer: String,
}

impl Camera {
    pub async fn add(server: &Server, body: Value) -> Self {
        let made = server.post("/api/admin/cameras", ADMIN_TOKEN, body).await.expect(201).json;
        let url = made["url"].as_str().unwrap();
        Self {
            id: made["camera"]["id"].as_str().unwrap().to_owned(),
            path: url.strip_prefix(&server.base).unwrap().to_owned(),
            bearer: made["bearer"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn send(&self, server: &Server, body: Value) -> Answer {
        server.post(&self.path, "", body).await
    }

    pub async fn send_bytes(&self, server: &Server, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = server.request(Method::POST, &self.path).header("content-type", content_type);
        Answer::of(request.body(body)).await
    }
}

/// A server at ten past nine, with a booking of bay 1 from nine to ten.
pub async fn server_with_booking(engine: Engine, more: &[(&str, &str)]) -> (Server, String) {
    let server = Server::start_with(engine, more).await;
    let body = json!({"sessionId": 1, "plate": PLATE, "date": TODAY, "startTime": "09:00", "endTime": "10:00",
        "contactEmail": "driver@example.com"});
    let booked = server.post("/api/reservations", ADMIN_TOKEN, body).await.expect(201);
    server.clock.set(TEN_PAST);
    (server, booked.json["id"].as_str().unwrap().to_owned())
}

pub async fn sightings(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/admin/sightings{query}"), ADMIN_TOKEN).await.expect(200);
    answer.json.as_array().unwrap().clone()
}

/// A picture that is one by its first bytes: 1 × 1 pixel.
fn png() -> Vec<u8> {
    crate::recognition::pictures::png(1, 1)
}

both_engines! {
    async fn every_vendors_words_become_sightings_and_are_acknowledged(engine: Engine) {
        let server = Server::start(engine).await;
        server.clock.set(AT / 1000);
        for (at, payload) in all().into_iter().enumerate() {
            let said = format!("{}: {}", payload.format, payload.name);
            let camera = Camera::add(&server, json!({"name": format!("camera {at}")})).await;
            for sent in ["once", "again"] {
                let answer = camera.send_bytes(&server, payload.content_type, payload.body.clone()).await.expect(200);
                let content_type = Some(payload.content_type).filter(|declared| !declared.is_empty());
                let delivery = jari::camera::understand(content_type, &payload.body).unwrap();
                let (content_type, body) = jari::camera::acknowledgement(payload.format, &delivery);
                assert_eq!((answer.header("content-type"), answer.text.as_str()), (content_type, body.as_str()), "{said}");
                // What has neither an id nor a plate cannot be known again.
                let known = |read: &&crate::camera_payloads::Seen| read.event.is_some() || read.text.is_some();
                let expected = match sent {
                    "once" => payload.reads.len(),
                    _ => payload.reads.len() + payload.reads.iter().filter(|read| !known(read)).count(),
                };
                let seen = sightings(&server, &format!("?cameraId={}", camera.id)).await;
                assert_eq!(seen.len(), expected, "{said}, sent {sent}: {seen:#?}");
                for (read, seen) in payload.reads.iter().zip(seen.iter().rev()) {
                    let masked = read.text.as_deref().map(jari::domain::plate::mask_text).unwrap_or_default();
                    assert_eq!(seen["plateMasked"], masked, "{said}");
                    assert_eq!(seen["format"], payload.format.name(), "{said}");
                }
            }
        }
        assert_eq!(server.get("/api/admin/quarantine", ADMIN_TOKEN).await.expect(200).json, json!([]));
    }

    async fn nothing_that_is_sent_is_lost(engine: Engine) {
        let server = Server::start_with(engine, &[("RATE_REQUESTS_PER_MINUTE", "0")]).await;
        server.clock.set(AT / 1000);
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        let rounds = match engine {
            Engine::Sqlite if crate::harness::full_scale() => 10_000,
            _ => 1_000,
        };
        let payloads = all();
        let bodies: Vec<Vec<u8>> = payloads.iter().map(|payload| payload.body.clone()).collect();
        let mut numbers = Numbers(7);
        let (mut quarantined, mut understood) = (0_i64, Vec::new());
        for round in 0..rounds {
            let payload = &payloads[numbers.below(payloads.len())];
            let mut body = payload.body.clone();
            for _ in 0..=numbers.below(3) {
                mutate(&mut body, &bodies, &mut numbers);
            }
            let answer = camera.send_bytes(&server, payload.content_type, body.clone()).await;
            assert_eq!(answer.status, 200, "round {round}: {}", answer.text);
            if answer.json["quarantined"] == true {
                quarantined += 1;
            } else {
                let content_type = Some(payload.content_type).filter(|declared| !declared.is_empty());
                let delivery = jari::camera::understand(content_type, &body).unwrap();
                understood.extend(delivery.reads);
            }
        }
        // Each is kept, or known by its plate or its id.
        let (kept, seen) = server.site.store.snapshot(async |conn| {
            let (mut kept, mut after) = (0, None);
            loop {
                let page = quarantine::list(conn, after.as_deref(), 1000).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
                kept += page.iter().map(|one| one.times).sum::<i64>();
            }
            Ok((kept, jari::store::sightings::after(conn, 0, 100_000).await?))
        }).await.unwrap();
        println!("{rounds} broken payloads: {quarantined} kept, {} reads understood as {} cars", understood.len(), seen.len());
        assert_eq!(kept, quarantined, "what was not understood is there, byte for byte");
        let hashes: BTreeSet<&str> = seen.iter().filter_map(|one| one.plate_hash.as_deref()).collect();
        let events: BTreeSet<&str> = seen.iter().filter_map(|one| one.event.as_deref()).collect();
        for read in &understood {
            let hash = read.text.as_deref().map(|text| server.site.plate_hasher.hash(text));
            let by_plate = hash.as_deref().is_some_and(|hash| hashes.contains(hash));
            let by_event = read.event.as_deref().is_some_and(|event| events.contains(event));
            let unread = read.text.is_none() && read.event.is_none();
            assert!(by_plate || by_event || unread, "{read:?}");
        }
        let unread = understood.iter().filter(|read| read.text.is_none() && read.event.is_none()).count();
        assert_eq!(seen.iter().filter(|one| one.plate_hash.is_none() && one.event.is_none()).count(), unread);
        assert!(quarantined > i64::from(rounds) / 10 && understood.len() > usize::try_from(rounds).unwrap() / 10);
    }

    async fn a_camera_tells_which_car_came(engine: Engine) {
        let (server, booked) = server_with_booking(engine, &[]).await;
        let camera = Camera::add(&server, json!({"name": "Bay 1", "sessionId": 1})).await;
        let sent = json!({"plate": "12 가 3456", "taken_at": "2026-04-01T09:10:00+09:00", "confidence": 0.97});
        camera.send(&server, sent).await.expect(200);
        let seen = sightings(&server, "").await;
        assert_eq!(seen.len(), 1, "{seen:#?}");
        assert_eq!(seen[0]["state"], "matched");
        assert_eq!(seen[0]["how"], "exact");
        assert_eq!(seen[0]["arrival"], "on_time");
        assert_eq!(seen[0]["reservationId"], booked);
        assert_eq!(seen[0]["plate"], "12 가 3456");
        assert_eq!(seen[0]["cameraId"], camera.id);
        assert_eq!(seen[0]["sessionId"], 1);
        assert_eq!(seen[0]["confidence"], 0.97);
        let cameras = server.get("/api/admin/cameras", ADMIN_TOKEN).await.expect(200).json;
        assert_eq!(cameras[0]["format"], "own");
        assert_eq!(cameras[0]["driftMilliseconds"], 0);
        assert_eq!(cameras[0]["zone"], "Asia/Seoul");
        // By header, and by the fixed paths that follow a key.
        let sent = json!({"plate": PLATE, "event": "by header"});
        server.post("/api/cameras/gate/events", &camera.bearer, sent).await.expect(200);
        let path = format!("/k/{}/NotificationInfo/TollgateInfo", camera.bearer);
        server.post(&path, "", json!({"plate": STRANGER})).await.expect(200);
        assert_eq!(sightings(&server, "?state=passing").await.len(), 1);
    }

    async fn who_only_passes_by_is_not_known(engine: Engine) {
        let (server, _) = server_with_booking(engine, &[]).await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send(&server, json!({"plate": STRANGER, "event": "one"})).await.expect(200);
        let seen = sightings(&server, "").await;
        assert_eq!(seen[0]["state"], "passing");
        assert_eq!(seen[0]["plate"], Value::Null);
        assert_eq!(seen[0]["plateMasked"], "98하**54");
        assert_eq!(seen[0]["sessionId"], Value::Null);
        // Who knows the plate can ask whether it was there; the plate itself stands nowhere.
        assert_eq!(sightings(&server, "?plate=98하7654").await.len(), 1);
        assert_eq!(sightings(&server, "?plate=98하7655").await.len(), 0);
        if engine == Engine::Sqlite {
            let database = server.stop().await;
            for name in ["jari.db", "jari.db-wal"] {
                let bytes = std::fs::read(database.file().with_file_name(name)).unwrap_or_default();
                for secret in [STRANGER.as_bytes(), b"7654"] {
                    assert!(!bytes.windows(secret.len()).any(|window| window == secret), "in {name}");
                }
            }
        }
    }

    async fn an_event_and_a_car_that_stands_there_are_one_sighting(engine: Engine) {
        let (server, booked) = server_with_booking(engine, &[]).await;
        let camera = Camera::add(&server, json!({"name": "Bay 1", "sessionId": 1})).await;
        let other = Camera::add(&server, json!({"name": "Bay 2", "sessionId": 2})).await;
        server.clock.set(NOW + 50 * 60);
        for _ in 0..3 {
            camera.send(&server, json!({"plate": PLATE, "event": "e1"})).await.expect(200);
        }
        assert_eq!(sightings(&server, "").await.len(), 1, "an event is told once");
        // The same car again, by events of their own, every half minute until it is nine: it is early.
        for at in 0..20 {
            server.clock.set(NOW + 50 * 60 + at * 30);
            camera.send(&server, json!({"plate": PLATE, "event": format!("e2-{at}")})).await.expect(200);
        }
        let seen = sightings(&server, "").await;
        assert_eq!(seen.len(), 1);
        assert_eq!((&seen[0]["arrival"], &seen[0]["repeats"]), (&json!("early"), &json!(20)));
        // Its time begins: that is news.
        server.clock.set(NOW + 60 * 60 + 10);
        camera.send(&server, json!({"plate": PLATE, "event": "e3"})).await.expect(200);
        let seen = sightings(&server, &format!("?reservationId={booked}")).await;
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0]["arrival"], "on_time");
        // Another camera, and the same one after a while.
        other.send(&server, json!({"plate": PLATE, "event": "e3"})).await.expect(200);
        server.clock.set(NOW + 60 * 60 + 75);
        camera.send(&server, json!({"plate": PLATE, "event": "e4"})).await.expect(200);
        assert_eq!(sightings(&server, "").await.len(), 4);
        assert_eq!(sightings(&server, &format!("?cameraId={}", other.id)).await.len(), 1);
    }

    async fn times_are_the_cameras_as_long_as_they_can_be(engine: Engine) {
        let (server, _) = server_with_booking(engine, &[]).await;
        let camera = Camera::add(&server, json!({"name": "Gate", "zone": "Asia/Seoul"})).await;
        let drift = async || {
            server.get("/api/admin/cameras", ADMIN_TOKEN).await.expect(200).json[0]["driftMilliseconds"].clone()
        };
        let taken = async |query: &str| sightings(&server, query).await[0]["takenAt"].clone();
        // A wall clock in the camera's zone, eight seconds slow.
        let milesight = |time: &str, plate: &str| json!({"device": "gate", "time": time, "plate": plate, "region": "KR",
            "type": "Visitor", "detection_region": "1", "coordinate_x1": "1"});
        camera.send(&server, milesight("2026-04-01 09:09:52", PLATE)).await.expect(200);
        assert_eq!(taken("").await, "2026-04-01T00:09:52Z");
        assert_eq!(drift().await, -8000);
        // What it could not send two hours ago.
        camera.send(&server, milesight("2026-04-01 07:10:00", STRANGER)).await.expect(200);
        assert_eq!(taken("").await, "2026-03-31T22:10:00Z");
        assert_eq!(drift().await, -8000);
        // A clock that lost its time.
        camera.send(&server, milesight("2026-01-01 00:00:03", "11나1111")).await.expect(200);
        let seen = sightings(&server, "").await;
        assert_eq!(seen[0]["takenAt"], "2026-04-01T00:10:00Z");
        assert_eq!(seen[0]["deviceAt"], "2025-12-31T15:00:03Z");
        assert!(drift().await.as_i64().unwrap() < -7_000_000_000);
    }

    async fn a_person_decides_what_is_doubtful(engine: Engine) {
        let (server, booked) = server_with_booking(engine, &[]).await;
        let twin = json!({"sessionId": 2, "plate": "12가3458", "date": TODAY, "startTime": "09:30", "endTime": "10:00"});
        server.post("/api/reservations", ADMIN_TOKEN, twin).await.expect(201);
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        let picture = {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(png())
        };
        // Which of the twins is it?
        for at in 0..4 {
            let sent = json!({"plate": "12가345?", "event": format!("e{at}"), "picture": picture});
            server.clock.set(TEN_PAST + 8 * 60 + at * 90);
            camera.send(&server, sent).await.expect(200);
        }
        let queue = sightings(&server, "?state=review").await;
        assert_eq!(queue.len(), 4, "{queue:#?}");
        let id = |at: usize| queue[at]["id"].as_str().unwrap();
        let beside = server.get(&format!("/api/admin/sightings/{}", id(0)), ADMIN_TOKEN).await.expect(200).json;
        assert_eq!(beside["hasPicture"], true);
        let plates: Vec<&str> = beside["expected"].as_array().unwrap().iter().map(|one| one["plate"].as_str().unwrap()).collect();
        assert!(plates.contains(&PLATE) && plates.contains(&"12가3458"), "{beside:#}");
        let shown = server.request(Method::GET, &format!("/api/admin/sightings/{}/picture", id(0)));
        let shown = shown.bearer_auth(ADMIN_TOKEN).send().await.unwrap();
        assert_eq!(shown.headers()["content-type"], "image/png");
        assert_eq!(shown.bytes().await.unwrap(), png());
        let review = async |at: usize, body: Value| {
            server.post(&format!("/api/admin/sightings/{}/review", id(at)), ADMIN_TOKEN, body).await
        };
        review(0, json!({"decision": "correct"})).await.expect_problem(422, "invalid_input");
        review(0, json!({"decision": "accept", "plate": PLATE})).await.expect_problem(422, "invalid_input");
        review(0, json!({"decision": "maybe"})).await.expect_problem(422, "invalid_input");
        let corrected = review(0, json!({"decision": "correct", "plate": PLATE})).await.expect(200).json;
        assert_eq!((&corrected["state"], &corrected["reservationId"]), (&json!("corrected"), &json!(booked)));
        assert_eq!(corrected["reviewedBy"], "administrator");
        let stranger = review(1, json!({"decision": "correct", "plate": STRANGER})).await.expect(200).json;
        assert_eq!((&stranger["plate"], &stranger["plateMasked"]), (&Value::Null, &json!("98하**54")));
        let rejected = review(2, json!({"decision": "reject"})).await.expect(200).json;
        assert_eq!((&rejected["state"], &rejected["plate"]), (&json!("rejected"), &Value::Null));
        review(3, json!({"decision": "accept"})).await.expect(200);
        for at in 0..4 {
            review(at, json!({"decision": "reject"})).await.expect_problem(409, "sighting_reviewed");
            let path = format!("/api/admin/sightings/{}/picture", id(at));
            server.get(&path, ADMIN_TOKEN).await.expect_problem(404, "sighting_not_found");
        }
        assert!(sightings(&server, "?state=review").await.is_empty());
        let audit = server.get("/api/admin/audit?action=sighting.", ADMIN_TOKEN).await.expect(200);
        assert_eq!(audit.json.as_array().unwrap().len(), 4);
        assert!(!audit.text.contains("3456") && !audit.text.contains("7654"), "the trail holds no plates");
    }

    async fn many_cameras_and_many_people_at_once_get_in_nobodys_way(engine: Engine) {
        let (server, _) = server_with_booking(engine, &[]).await;
        let server = Arc::new(server);
        let mut sending = Vec::new();
        for at in 0..16 {
            let camera = Camera::add(&server, json!({"name": format!("camera {at}")})).await;
            let server = Arc::clone(&server);
            sending.push(tokio::spawn(async move {
                for event in 0..5 {
                    // Each event comes twice at once, as from a camera that lost patience.
                    let sent = json!({"plate": format!("12가34{at:02}"), "event": format!("e{event}"),
                        "taken_at": TEN_PAST - 300 * event});
                    let (one, two) = tokio::join!(camera.send(&server, sent.clone()), camera.send(&server, sent));
                    one.expect(200);
                    two.expect(200);
                }
            }));
        }
        for camera in sending {
            camera.await.unwrap();
        }
        let all = server.site.store.snapshot(async |conn| jari::store::sightings::after(conn, 0, 1000).await);
        let numbers: Vec<i64> = all.await.unwrap().iter().map(|one| one.number).collect();
        assert_eq!(numbers, (1..=80).collect::<Vec<i64>>(), "one after another, each once");
        // Of eight people who decide about a picture that nobody read, one does.
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send_bytes(&server, "image/png", png()).await.expect(200);
        let queue = sightings(&server, "?state=review").await;
        let id = queue.iter().find(|one| one["cameraId"] == camera.id).unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/admin/sightings/{id}/review");
        let deciding = (0..8).map(|_| server.post(&path, ADMIN_TOKEN, json!({"decision": "reject"})));
        let statuses: Vec<u16> =
            futures_util::future::join_all(deciding).await.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
        let path = format!("/api/admin/audit?object=sighting:{id}");
        assert_eq!(server.get(&path, ADMIN_TOKEN).await.expect(200).json.as_array().unwrap().len(), 1);
    }

    async fn what_is_not_understood_is_kept_and_replayed(engine: Engine) {
        let (server, booked) = server_with_booking(engine, &[]).await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        let odd = b"LPR=12\xea\xb0\x803456;TS=1;\x00\xff".to_vec();
        for _ in 0..3 {
            camera.send_bytes(&server, "text/plain", odd.clone()).await.expect(200);
        }
        camera.send_bytes(&server, "", Vec::new()).await.expect(200);
        let kept = server.get("/api/admin/quarantine", ADMIN_TOKEN).await.expect(200).json;
        assert_eq!(kept.as_array().unwrap().len(), 2, "{kept:#}");
        let odd_one = kept.as_array().unwrap().iter().find(|one| one["contentType"] == "text/plain").unwrap();
        assert_eq!(odd_one["times"], 3);
        let id = odd_one["id"].as_str().unwrap();
        let path = format!("/api/admin/quarantine/{id}");
        let payload = server.request(Method::GET, &path).bearer_auth(ADMIN_TOKEN).send().await.unwrap();
        assert_eq!(payload.bytes().await.unwrap(), odd);
        // As if an older version had kept it: this one understands it.
        let known = Quarantined {
            id: "01900000-0000-7000-8000-000000000000".into(),
            camera: camera.id.clone(),
            content_type: None,
            size: 20,
            reason: "no format that is known".into(),
            received_at: TEN_PAST,
            last_at: TEN_PAST,
            times: 1,
        };
        let payload = json!({"plate": PLATE}).to_string();
        server.site.store.write(async move |conn| {
            quarantine::insert(conn, &known, "digest", payload.as_bytes()).await?;
            Ok::<_, jari::store::Failure<()>>(())
        }).await.unwrap();
        server.clock.set(TEN_PAST + 7200);
        let replayed = server.post("/api/admin/quarantine/replay", ADMIN_TOKEN, json!({})).await.expect(200).json;
        assert_eq!((&replayed["understood"], &replayed["stored"], &replayed["left"], &replayed["more"]),
            (&json!(1), &json!(1), &json!(2), &json!(false)));
        // It counts as seen when it was received.
        let seen = sightings(&server, "").await;
        assert_eq!((&seen[0]["reservationId"], &seen[0]["arrival"]), (&json!(booked), &json!("on_time")));
        server.delete(&path, ADMIN_TOKEN).await.expect(200);
        server.delete(&path, ADMIN_TOKEN).await.expect_problem(404, "quarantined_not_found");
        let kept = server.get("/api/admin/quarantine", ADMIN_TOKEN).await.expect(200).json;
        assert_eq!(kept.as_array().unwrap().len(), 1);
        let audit = server.get("/api/admin/audit?action=quarantine.", ADMIN_TOKEN).await.expect(200);
        assert_eq!(audit.json.as_array().unwrap().len(), 2);
    }

    async fn a_camera_is_heard_by_its_key_alone(engine: Engine) {
        let server = Server::start(engine).await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        let sent = || json!({"plate": PLATE});
        server.post("/api/admin/cameras", ADMIN_TOKEN, json!({"name": "Gate"})).await
            .expect_problem(409, "camera_name_taken");
        server.post("/api/admin/cameras", ADMIN_TOKEN, json!({"name": "x", "sessionId": 99})).await
            .expect_problem(404, "bay_not_found");
        server.post("/api/admin/cameras", ADMIN_TOKEN, json!({"name": "x", "zone": "Seoul"})).await
            .expect_problem(422, "invalid_input");
        let far = Camera::add(&server, json!({"name": "Far", "addresses": ["10.0.0.0/8"]})).await;
        far.send(&server, sent()).await.expect_problem(401, "token_invalid");
        server.post("/api/cameras/x/events", ADMIN_TOKEN, sent()).await.expect_problem(403, "forbidden");
        server.post("/api/cameras/x/events", "", sent()).await.expect_problem(401, "login_required");
        let key = json!({"name": "worker", "scope": "camera"});
        let key = server.post("/api/admin/keys", ADMIN_TOKEN, key).await.expect(201).json;
        server.post("/api/cameras/x/events", key["bearer"].as_str().unwrap(), sent()).await
            .expect_problem(404, "camera_not_found");
        let path = format!("/api/admin/cameras/{}", camera.id);
        server.patch(&path, ADMIN_TOKEN, json!({"off": true})).await.expect(200);
        camera.send(&server, sent()).await.expect_problem(403, "camera_off");
        let on = json!({"off": false, "sessionId": 2, "name": "Bay 2", "zone": "UTC"});
        let changed = server.patch(&path, ADMIN_TOKEN, on).await.expect(200).json;
        assert_eq!((&changed["off"], &changed["sessionId"], &changed["name"]), (&json!(false), &json!(2), &json!("Bay 2")));
        let changed = server.patch(&path, ADMIN_TOKEN, json!({"sessionId": "entrance"})).await.expect(200).json;
        assert_eq!(changed["sessionId"], Value::Null);
        camera.send(&server, sent()).await.expect(200);
        let again = server.post(&format!("{path}/key"), ADMIN_TOKEN, json!({})).await.expect(201).json;
        camera.send(&server, sent()).await.expect_problem(401, "token_invalid");
        let bearer = again["bearer"].as_str().unwrap();
        server.post("/api/cameras/x/events", bearer, sent()).await.expect(200);
        server.delete(&path, ADMIN_TOKEN).await.expect(200);
        server.post("/api/cameras/x/events", bearer, sent()).await.expect_problem(401, "token_invalid");
        // The name is free again, and what was seen stays.
        Camera::add(&server, json!({"name": "Bay 2"})).await;
        assert_eq!(sightings(&server, "").await.len(), 1);
    }

    async fn sightings_are_forgotten_in_time(engine: Engine) {
        let more = [("RETENTION_SIGHTING_DAYS", "2"), ("RETENTION_PICTURE_HOURS", "3")];
        let (server, _) = server_with_booking(engine, &more).await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send(&server, json!({"plate": PLATE})).await.expect(200);
        camera.send_bytes(&server, "image/png", png()).await.expect(200);
        let unread = sightings(&server, "?state=review").await[0]["id"].as_str().unwrap().to_owned();
        let picture = format!("/api/admin/sightings/{unread}/picture");
        let forget = async |at: i64| {
            server.clock.set(at);
            jari::service::privacy::forget_sightings(&server.site).await.unwrap()
        };
        assert_eq!(forget(TEN_PAST + 3 * 3600).await, 0);
        server.get(&picture, ADMIN_TOKEN).await.expect(200);
        assert_eq!(forget(TEN_PAST + 3 * 3600 + 1).await, 0);
        server.get(&picture, ADMIN_TOKEN).await.expect(404);
        assert_eq!(forget(TEN_PAST + 2 * 86400).await, 0);
        assert_eq!(sightings(&server, "?state=matched").await[0]["plate"], PLATE);
        assert_eq!(forget(TEN_PAST + 2 * 86400 + 1).await, 1);
        let seen = sightings(&server, "?state=matched").await;
        assert_eq!((&seen[0]["plate"], &seen[0]["plateMasked"]), (&Value::Null, &json!("12가**56")));
    }

    async fn what_a_camera_did_not_read_is_read_here(engine: Engine) {
        let upstream = Upstream::start().await;
        upstream.answer_json(json!({"plate": "12가3456", "confidence": 0.93}));
        let url = format!("{}/v1/recognize", upstream.base);
        let more = [("PLATE_SERVICE_MODE", "http"), ("PLATE_SERVICE_URL", url.as_str())];
        let (server, booked) = server_with_booking(engine, &more).await;
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send_bytes(&server, "image/png", png()).await.expect(200);
        let seen = sightings(&server, "").await;
        assert_eq!((&seen[0]["reservationId"], &seen[0]["readBy"]), (&json!(booked), &json!("http")));
        assert_eq!((&seen[0]["format"], &seen[0]["state"]), (&json!("picture"), &json!("matched")));
        // What the camera read is taken for what it is.
        camera.send(&server, json!({"plate": STRANGER, "event": "e1", "picture": null})).await.expect(200);
        assert_eq!(upstream.asked().len(), 1);
        // Nothing to read, or nobody who reads: the picture waits for a person.
        upstream.answer_json(json!({"plate": ""}));
        camera.send_bytes(&server, "image/png", png()).await.expect(200);
        upstream.trick(Trick::Status(500));
        camera.send_bytes(&server, "image/png", png()).await.expect(200);
        let queue = sightings(&server, "?state=review").await;
        assert_eq!(queue.len(), 2);
        assert_eq!((&queue[0]["plate"], &queue[0]["reason"]), (&Value::Null, &json!("unreadable")));
        let path = format!("/api/admin/sightings/{}/review", queue[0]["id"].as_str().unwrap());
        server.post(&path, ADMIN_TOKEN, json!({"decision": "accept"})).await.expect_problem(409, "nothing_to_accept");
        let body = json!({"decision": "correct", "plate": PLATE});
        let corrected = server.post(&path, ADMIN_TOKEN, body).await.expect(200).json;
        assert_eq!(corrected["reservationId"], booked);
    }

    async fn people_get_and_erase_what_was_seen_of_their_cars(engine: Engine) {
        let server = Server::start(engine).await;
        let driver = server.driver("driver@example.com").await;
        let body = json!({"sessionId": 1, "plate": PLATE, "date": TODAY, "startTime": "09:00", "endTime": "10:00"});
        server.post("/api/reservations", &driver, body).await.expect(201);
        server.clock.set(TEN_PAST);
        let camera = Camera::add(&server, json!({"name": "Gate"})).await;
        camera.send(&server, json!({"plate": PLATE})).await.expect(200);
        let data = server.get("/api/user/export", &driver).await.expect(200).json;
        assert_eq!(data["sightings"][0]["plate"], PLATE);
        let proof = json!({"password": "a password of the tests"});
        server.post("/api/user/erase", &driver, proof).await.expect(200);
        let seen = sightings(&server, "").await;
        assert_eq!((&seen[0]["plate"], &seen[0]["plateMasked"], &seen[0]["reservationId"]),
            (&Value::Null, &json!(""), &Value::Null));
        assert!(sightings(&server, "?plate=12가3456").await.is_empty());
    }
}
