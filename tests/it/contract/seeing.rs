//! Who sees plates and e-mails in the lists.

use serde_json::{Value, json};

use super::{OTHER_CAR, book};
use crate::harness::{ADMIN_TOKEN, Engine, Server, TOMORROW, both_engines};

/// Plate and e-mail of the two reservations of bay 1 as somebody sees them.
async fn seen(server: &Server, path: &str, token: &str) -> [(Value, Value); 2] {
    let list = server.get(path, token).await.expect(200);
    let bays = if list.json.is_array() { &list.json } else { &list.json["sessions"] };
    let reservations = bays[0]["reservations"].as_array().unwrap();
    assert_eq!(reservations.len(), 2, "{}", list.text);
    [0, 1].map(|index| (reservations[index]["plate"].clone(), reservations[index]["contactEmail"].clone()))
}

both_engines! {
    async fn plates_are_masked_and_e_mails_null_for_all_but_operators_and_oneself(engine: Engine) {
        let server = Server::start(engine).await;
        let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
        book(&server, &me, json!({"contactEmail": "me@example.com"})).await.expect(201);
        let theirs = json!({"plate": OTHER_CAR, "startTime": "11:00", "endTime": "12:00", "contactEmail": "them@example.com"});
        book(&server, &them, theirs).await.expect(201);
        let key = async |scope: &str| {
            let body = json!({"name": scope, "scope": scope});
            let made = server.post("/api/admin/keys", ADMIN_TOKEN, body).await.expect(201);
            made.json["bearer"].as_str().unwrap().to_owned()
        };
        let (camera, export, integration) = (key("camera").await, key("export").await, key("integration").await);
        let open = |plate: &str, email: &str| (json!(plate), json!(email));
        let masked = |plate: &str| (json!(plate), Value::Null);
        let (mine, others) = (open("12가3456", "me@example.com"), open("34나5678", "them@example.com"));
        let (mine_masked, others_masked) = (masked("12가**56"), masked("34나**78"));
        for path in [format!("/api/reservations/by-session?date={TOMORROW}"), "/api/sessions".to_owned()] {
            for public in ["", camera.as_str()] {
                assert_eq!(seen(&server, &path, public).await, [mine_masked.clone(), others_masked.clone()]);
            }
            assert_eq!(seen(&server, &path, &me).await, [mine.clone(), others_masked.clone()]);
            assert_eq!(seen(&server, &path, &them).await, [mine_masked.clone(), others.clone()]);
            for all in [ADMIN_TOKEN, &export, &integration] {
                assert_eq!(seen(&server, &path, all).await, [mine.clone(), others.clone()]);
            }
        }
        let list = format!("/api/admin/reservations/by-session?date={TOMORROW}");
        assert_eq!(seen(&server, &list, ADMIN_TOKEN).await, [mine, others]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_books_with_somebody_elses_e_mail_shows_them_nothing_of_it() {
    let server = Server::start(Engine::Sqlite).await;
    let (me, them) = (server.driver("me@example.com").await, server.driver("them@example.com").await);
    book(&server, &them, json!({"contactEmail": "me@example.com"})).await.expect(201);
    let list = server.get(&format!("/api/reservations/by-session?date={TOMORROW}"), &me).await.expect(200);
    assert_eq!(list.json["sessions"][0]["reservations"][0]["plate"], "12가**56");
    assert_eq!(server.get("/api/reservations/my?email=me@example.com", &me).await.expect(200).json, json!([]));
}
