//! What a start says, and when it refuses.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::process::{Process, database, disk, run};
use crate::harness::{Database, both_engines};

both_engines! {
    async fn the_first_start_tells_the_administrators_password_once(engine: Engine) {
        let database = database(engine).await;
        let first = Process::start(&database.url, &[]).unwrap().stop().told;
        let word_after = |label: &str| {
            let line = first.lines().find(|line| line.trim_start().starts_with(label));
            line.unwrap_or_else(|| panic!("no {label} in {first}")).split_whitespace().nth(1).unwrap().to_owned()
        };
        let (email, password) = (word_after("e-mail"), word_after("password"));
        assert_eq!(first.matches(&password).count(), 1);
        let server = Process::start(&database.url, &[]).unwrap();
        let body = json!({"email": email, "password": password});
        let request = reqwest::Client::new().post(format!("{}/api/admin/login", server.base)).json(&body);
        let answer: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        assert_eq!(answer["admin"]["email"], email.as_str());
        let second = server.stop().told;
        assert!(!second.contains("password") && !second.contains(&password), "{second}");
    }

    async fn a_database_of_a_later_version_stops_the_start(engine: Engine) {
        let database = database(engine).await;
        Process::start(&database.url, &[]).unwrap().stop();
        let store = database.store().await;
        store.write(async |conn| {
            conn.exec("INSERT INTO schema_migrations (version, name, applied_at) VALUES (9999, 'later', 0)", &[]).await?;
            Ok::<_, jari::store::NoRefusal>(())
        }).await.unwrap();
        store.close().await;
        assert_refused(&database.url, &[], &["9999", "later jari"]);
    }
}

/// Fails unless the start ends with status 1 and one sentence that says all of `sentence`.
fn assert_refused(url: &str, more: &[(&str, &str)], sentence: &[&str]) {
    let ended = Process::start(url, more).map(|server| server.base.clone()).unwrap_err();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let told = ended.told.lines().find(|line| line.starts_with("jari: ")).unwrap_or_else(|| panic!("{ended:?}"));
    for word in sentence {
        assert!(ended.told.contains(word), "{word} is not in: {told}");
    }
    println!("{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_stops_the_start_before_the_database_is_touched() {
    let database = Database::sqlite_in(&disk());
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    assert_refused(&database.url, &[("BIND_ADDRESS", &address)], &["cannot listen on", &address, "BIND_ADDRESS"]);
    assert!(!database.file().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_stop_the_start_and_are_all_named() {
    let database = Database::sqlite_in(&disk());
    let wrong = [("OPENING_HOURS", "nine to five"), ("BUSINESS_TIMEZONE", "Mars/Olympus")];
    assert_refused(&database.url, &wrong, &["OPENING_HOURS", "BUSINESS_TIMEZONE", "Mars/Olympus"]);
    assert_refused("sqlite://:memory:", &[], &["DATABASE_URL"]);
    assert_refused("mysql://localhost/jari", &[], &["DATABASE_URL"]);
    assert!(!database.file().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_stops_the_start() {
    // A port that was free a moment ago, and that nobody is given now.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_refused(&format!("postgres://jari:secret-word@127.0.0.1:{port}/jari"), &[], &["jari: "]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_earlier_server_stays_as_it_is_to_the_byte() {
    let database = Database::sqlite_in(&disk());
    let original = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/legacy/ev_charging.db");
    if std::fs::exists(original).unwrap() {
        std::fs::write(database.file(), std::fs::read(original).unwrap()).unwrap();
    } else {
        let file = rusqlite::Connection::open(database.file()).unwrap();
        let tables = "CREATE TABLE charging_sessions (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL);
                      INSERT INTO charging_sessions (name) VALUES ('세션 1'), ('세션 2');";
        file.execute_batch(tables).unwrap();
    }
    let before = std::fs::read(database.file()).unwrap();
    assert_refused(&database.url, &[], &["earlier server", "DATABASE_URL"]);
    for command in [&["migrate"][..], &["bay", "list"], &["doctor"]] {
        let (ended, told) = run(&database.url, command, &[]);
        assert_eq!(ended.status.code(), Some(1), "{command:?} {ended:?}");
        assert!((told + &ended.told).contains("earlier server"), "{command:?} {ended:?}");
    }
    assert!(std::fs::read(database.file()).unwrap() == before, "the file was changed");
    let beside = std::fs::read_dir(database.file().parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "nothing is left beside it");
}
