//! Invitations, masked e-mails, and administrators of whom one always stays.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN_TOKEN, Answer, Engine, NOW, Server, both_engines};
use crate::mails::{self, smtp::Smtp};
use crate::people::staff;

const PASSWORD: &str = "a password of the tests";

async fn invite(server: &Server, token: &str, email: &str, role: &str) -> Answer {
    server.post("/api/admin/invitations", token, json!({"email": email, "role": role})).await
}

async fn join(server: &Server, email: &str, link: &Value) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "invitation": link});
    server.post("/api/user/register", "", body).await
}

both_engines! {
    async fn an_invitation_makes_one_account_of_one_e_mail(engine: Engine) {
        let server = Server::start_with(engine, &[("REGISTRATION", "invited")]).await;
        join(&server, "me@example.com", &Value::Null).await.expect_problem(403, "registration_closed");
        join(&server, "me@example.com", &json!("made up")).await.expect_problem(400, "link_invalid");
        let made = invite(&server, ADMIN_TOKEN, "Op@example.com", "operator").await.expect(201);
        assert_eq!((&made.json["mailed"], &made.json["url"]), (&json!(false), &Value::Null));
        let link = &made.json["link"];
        join(&server, "me@example.com", link).await.expect_problem(400, "link_invalid");
        let joined = join(&server, "op@example.com", link).await.expect(201);
        let operator = joined.json["token"].as_str().unwrap();
        join(&server, "op@example.com", link).await.expect_problem(400, "link_invalid");
        join(&server, "op2@example.com", link).await.expect_problem(400, "link_invalid");
        // The operator invites drivers, and nobody to more.
        invite(&server, operator, "me@example.com", "operator").await.expect_problem(403, "forbidden");
        invite(&server, operator, "op@example.com", "driver").await.expect_problem(409, "email_taken");
        let link = invite(&server, operator, "me@example.com", "driver").await.expect(201).json["link"].clone();
        server.clock.set(NOW + 7 * 86_400);
        join(&server, "me@example.com", &link).await.expect_problem(400, "link_invalid");
        server.clock.set(NOW + 3600);
        let made = invite(&server, operator, "me@example.com", "driver").await.expect(201);
        let listed = server.get("/api/admin/invitations", ADMIN_TOKEN).await.expect(200);
        assert_eq!(listed.json.as_array().unwrap().len(), 2);
        assert!(!listed.text.contains(made.json["link"].as_str().unwrap()), "a link is shown once");
        let path = format!("/api/admin/invitations/{}", made.json["invitation"]["id"].as_str().unwrap());
        server.delete(&path, operator).await.expect(200);
        server.delete(&path, operator).await.expect_problem(404, "invitation_not_found");
        join(&server, "me@example.com", &made.json["link"]).await.expect_problem(400, "link_invalid");
        join(&server, "me@example.com", &link).await.expect(201);
        // What only administrators give, only they take.
        let made = invite(&server, ADMIN_TOKEN, "root@example.com", "administrator").await.expect(201);
        let path = format!("/api/admin/invitations/{}", made.json["invitation"]["id"].as_str().unwrap());
        server.delete(&path, operator).await.expect_problem(403, "forbidden");
        let trail = server.get("/api/admin/audit?action=invitation.", ADMIN_TOKEN).await.expect(200);
        assert_eq!(trail.json.as_array().unwrap().len(), 5);
        assert!(!trail.text.contains("@example.com"), "{}", trail.text);
    }

    async fn two_who_use_one_invitation_at_once_are_one(engine: Engine) {
        let server = Server::start_with(engine, &[("REGISTRATION", "invited")]).await;
        for round in 0..5 {
            let email = format!("me{round}@example.com");
            let link = invite(&server, ADMIN_TOKEN, &email, "driver").await.expect(201).json["link"].clone();
            let (one, two) = tokio::join!(join(&server, &email, &link), join(&server, &email, &link));
            let mut statuses = [one.status.as_u16(), two.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 400], "{} {}", one.text, two.text);
        }
    }

    async fn an_invitation_is_mailed_and_needs_no_other_proof(engine: Engine) {
        let smtp = Smtp::start().await;
        let server = mails::server(engine, &smtp, &[("REGISTRATION", "invited")]).await;
        let made = invite(&server, ADMIN_TOKEN, "me@example.com", "driver").await.expect(201);
        let mail = smtp.mail(0).await;
        assert_eq!((&made.json["url"], mail.to.as_str()), (&json!(mail.link()), "me@example.com"));
        let joined = join(&server, "me@example.com", &json!(mail.secret())).await.expect(201);
        server.book(joined.json["token"].as_str().unwrap(), json!(1), "12가3456", "10:00", "11:00").await.expect(201);
    }

    async fn operators_see_masked_e_mails_and_that_they_unmask_them_is_recorded(engine: Engine) {
        let server = Server::start(engine).await;
        let operator = staff(&server, "op@example.com", "operator").await;
        server.driver("kim@example.com").await;
        let seen = async || {
            let trail = server.get("/api/admin/audit?action=personal_data.see", ADMIN_TOKEN).await.expect(200);
            let by_account = |record: &&Value| record["actor"].as_str().unwrap().starts_with("account:");
            trail.json.as_array().unwrap().iter().filter(by_account).count()
        };
        let list = server.get("/api/admin/accounts", &operator).await.expect(200);
        assert!(list.text.contains("k***@example.com") && !list.text.contains("kim@"), "{}", list.text);
        let found = server.get("/api/admin/accounts?email=Kim@example.com", &operator).await.expect(200);
        assert_eq!(found.json.as_array().unwrap().len(), 1);
        assert_eq!(found.json[0]["email"], "k***@example.com");
        let path = format!("/api/admin/accounts/{}", found.json[0]["id"].as_str().unwrap());
        let changed = server.patch(&path, &operator, json!({"disabled": false})).await.expect(200);
        assert_eq!(changed.json["email"], "k***@example.com");
        assert_eq!(seen().await, 0);
        let list = server.get("/api/admin/accounts?unmasked=true", &operator).await.expect(200);
        assert!(list.text.contains("kim@example.com"), "{}", list.text);
        assert_eq!(seen().await, 1);
        let list = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
        assert!(list.text.contains("kim@example.com"), "{}", list.text);
        // The next page begins after an id, so that nobody needs the e-mail for it.
        let first = list.json[0]["id"].as_str().unwrap();
        let next = server.get(&format!("/api/admin/accounts?after={first}"), &operator).await.expect(200);
        assert_eq!(next.json.as_array().unwrap().len(), list.json.as_array().unwrap().len() - 1);
        invite(&server, ADMIN_TOKEN, "lee@example.com", "driver").await.expect(201);
        let list = server.get("/api/admin/invitations", &operator).await.expect(200);
        assert_eq!(list.json[0]["email"], "l***@example.com");
    }

    async fn of_administrators_who_go_at_the_same_time_one_stays(engine: Engine) {
        let server = Server::start(engine).await;
        let mut paths = Vec::new();
        for email in ["a@example.com", "b@example.com"] {
            staff(&server, email, "administrator").await;
            let found = server.get(&format!("/api/admin/accounts?email={email}"), ADMIN_TOKEN).await.expect(200);
            paths.push(format!("/api/admin/accounts/{}", found.json[0]["id"].as_str().unwrap()));
        }
        let found = server.get("/api/admin/accounts?email=admin@localhost", ADMIN_TOKEN).await.expect(200);
        let first = format!("/api/admin/accounts/{}", found.json[0]["id"].as_str().unwrap());
        server.patch(&first, ADMIN_TOKEN, json!({"role": "driver"})).await.expect(200);
        let (mut gone, mut refused) = (0, 0);
        for round in 0..20 {
            let login = async |email: &str| {
                let body = json!({"email": email, "password": PASSWORD});
                server.post("/api/user/login", "", body).await.expect(200).json["token"].as_str().unwrap().to_owned()
            };
            let change = if round % 2 == 0 { json!({"role": "driver"}) } else { json!({"disabled": true}) };
            let last = round == 19;
            let token = if last { login("b@example.com").await } else { String::new() };
            let other = async {
                if last {
                    server.post("/api/user/erase", &token, json!({"password": PASSWORD})).await
                } else {
                    server.patch(&paths[1], ADMIN_TOKEN, change.clone()).await
                }
            };
            let (one, two) = tokio::join!(server.patch(&paths[0], ADMIN_TOKEN, change.clone()), other);
            for answer in [one, two] {
                if answer.status == 200 {
                    gone += 1;
                } else {
                    answer.expect_problem(409, "last_administrator");
                    refused += 1;
                }
            }
            let shown = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
            let stays = |account: &&Value| account["role"] == "administrator" && account["disabled"] == false;
            assert_eq!(shown.json.as_array().unwrap().iter().filter(stays).count(), 1, "round {round}: {}", shown.text);
            if !last {
                for path in &paths {
                    let back = json!({"role": "administrator", "disabled": false});
                    server.patch(path, ADMIN_TOKEN, back).await.expect(200);
                }
            }
        }
        println!("administrators removed at the same time: {gone} gone, {refused} refused, never the last (goal 20, 20)");
        assert_eq!((gone, refused), (20, 20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_invited_where_nobody_registers() {
    let server = Server::start(Engine::Sqlite).await;
    let made = invite(&server, ADMIN_TOKEN, "me@example.com", "driver").await.expect(201);
    let clock = server.clock.clone();
    let database = server.stop().await;
    let server = Server::start_on(database, clock, &[("REGISTRATION", "off")]).await;
    invite(&server, ADMIN_TOKEN, "me@example.com", "driver").await.expect_problem(403, "registration_closed");
    join(&server, "me@example.com", &made.json["link"]).await.expect_problem(403, "registration_closed");
    let path = "/api/admin/invitations/00000000-0000-4000-8000-000000000000";
    server.send(Method::DELETE, path, ADMIN_TOKEN, None).await.expect_problem(404, "invitation_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_and_links_are_forgotten_after_a_month() {
    let server = Server::start(Engine::Sqlite).await;
    invite(&server, ADMIN_TOKEN, "me@example.com", "driver").await.expect(201);
    let count = async || {
        let store = server.database.store().await;
        let sql = "SELECT COUNT(*) FROM invitations";
        store.read(async |conn| conn.one(sql, &[], |row| row.int(0)).await).await.unwrap().unwrap()
    };
    server.clock.set(NOW + 36 * 86_400);
    jari::service::privacy::forget_old_log_ins(&server.site).await.unwrap();
    assert_eq!(count().await, 1);
    server.clock.set(NOW + 38 * 86_400);
    jari::service::privacy::forget_old_log_ins(&server.site).await.unwrap();
    assert_eq!(count().await, 0);
}
