//! The command line, as an administrator uses it.

use std::process::Output;

use crate::binary::{Process, jari, run};

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn bays_are_added_renamed_closed_and_opened_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let bay = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["bay"].iter().chain(arguments).copied().collect();
        run(folder.path(), &arguments)
    };
    assert!(out(&bay(&["add", "B1-07"])).contains("5       open    B1-07"));
    assert!(out(&bay(&["rename", "5", "B1-08"])).contains("B1-08"));
    assert!(out(&bay(&["close", "5", "--reason", "케이블 교체"])).contains("closed  B1-08 (케이블 교체)"));
    let seen = std::process::Command::new("curl").args(["-s", &format!("{}/api/bays", server.base)]).output().unwrap();
    assert!(out(&seen).contains(r#"{"sessionId":5,"name":"B1-08","closed":true,"closedReason":"케이블 교체"}"#));
    assert!(out(&bay(&["open", "5"])).contains("open    B1-08"));
    assert_eq!(out(&bay(&["list"])).lines().count(), 6);

    for (arguments, sentence) in [
        (["rename", "5", "세션 1"], "another bay has this name"),
        (["rename", "77", "x"], "there is no such bay"),
        (["rename", "5", " "], "NAME must have 1 to 100 characters"),
    ] {
        let refused = bay(&arguments);
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains(sentence), "{}", err(&refused));
    }
}

#[test]
fn config_show_says_what_is_in_force_and_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jari.toml"), "opening_hours = \"07:00-24:00\"\n").unwrap();
    let token = "a-token-that-is-long-enough-1234";
    let shown = jari(folder.path())
        .args(["config", "show", "--set", "BOOKING_HORIZON_DAYS=30"])
        .env("ADMIN_TOKEN", token)
        .output()
        .unwrap();
    let shown = out(&shown);
    let line = |name: &str| shown.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("OPENING_HOURS").contains("jari.toml") && line("OPENING_HOURS").contains("07:00-24:00"));
    assert!(line("BOOKING_HORIZON_DAYS").contains("flag") && line("BOOKING_HORIZON_DAYS").contains("30"));
    assert!(line("ADMIN_TOKEN").contains("environment") && line("ADMIN_TOKEN").contains("***"));
    assert!(line("BUSINESS_TIMEZONE").contains("default") && line("BUSINESS_TIMEZONE").contains("Asia/Seoul"));
    assert!(!shown.contains(token));

    // A secret in a file of its own.
    std::fs::write(folder.path().join("token"), format!("{token}\n")).unwrap();
    let with_file =
        |path: &str| jari(folder.path()).args(["config", "show"]).env("ADMIN_TOKEN_FILE", path).output().unwrap();
    let shown = out(&with_file("token"));
    let line = shown.lines().find(|line| line.starts_with("ADMIN_TOKEN")).unwrap();
    assert!(line.contains("file token") && line.contains("***") && !shown.contains(token), "{line}");
    assert!(err(&with_file("nowhere")).contains("ADMIN_TOKEN_FILE: there is no file nowhere"));
}

#[test]
fn wrong_settings_stop_the_start_with_every_reason_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("jari.toml"), "opning_hours = \"09:00-22:00\"\n").unwrap();
    let refused = jari(folder.path())
        .arg("serve")
        .envs([("BUSINESS_TIMEZONE", "Asia/Soul"), ("ADMIN_TOKEN", "admin-demo-token")])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let told = err(&refused);
    for needle in ["opning_hours", "opening_hours", "BUSINESS_TIMEZONE", "ADMIN_TOKEN"] {
        assert!(told.contains(needle), "{needle}: {told}");
    }
    assert!(!told.contains("admin-demo-token"), "{told}");
    assert!(!folder.path().join("data").exists(), "nothing was made");
}

#[test]
fn a_settings_file_that_was_named_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), &["config", "show", "--config", "nowhere.toml"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("there is no settings file nowhere.toml"));
}

#[test]
fn migrate_works_once_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(out(&run(folder.path(), &["migrate"])).starts_with("Brought the database from schema version 0 to "));
    assert!(out(&run(folder.path(), &["migrate"])).contains("there was nothing to do"));
}

#[test]
fn the_doctor_finds_what_is_wrong_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |settings: &[(&str, &str)]| {
        let output = jari(folder.path()).arg("doctor").envs(settings.iter().copied()).output().unwrap();
        (output.status.success(), out(&output))
    };
    let (well, told) = doctor(&[("BIND_ADDRESS", "127.0.0.1:0")]);
    assert!(well, "{told}");
    assert!(told.contains("There is no database at"), "{told}");
    assert!(!folder.path().join("data").exists(), "a look makes no database");

    drop(Process::start(folder.path(), &[]));
    let (well, told) = doctor(&[("BIND_ADDRESS", "127.0.0.1:0")]);
    assert!(well && !told.contains("WRONG"), "{told}");
    assert!(told.contains("The database is not damaged."), "{told}");

    let (well, told) = doctor(&[("BIND_ADDRESS", "0.0.0.0:0"), ("ACCESS_MODE", "open"), ("PLAIN_HTTP", "allow")]);
    assert!(well, "{told}");
    assert!(told.contains("sees every plate") && told.contains("without TLS"), "{told}");
    let (well, refused) = doctor(&[("BIND_ADDRESS", "0.0.0.0:0")]);
    assert!(!well && refused.contains("`jari serve` refuses it"), "{refused}");

    assert!(told.contains("Mails are not set up"), "{told}");
    let mails = [
        ("BIND_ADDRESS", "127.0.0.1:0"),
        ("SMTP_URL", "smtp://kim:hidden@127.0.0.1:1?tls=none"),
        ("MAIL_FROM", "a@example.kr"),
        ("PUBLIC_URL", "https://charge.example.kr"),
    ];
    let (well, told) = doctor(&mails);
    assert!(!well && told.contains("smtp://kim:***@127.0.0.1:1") && told.contains("cannot be reached"), "{told}");
    assert!(!told.contains("hidden"), "{told}");
    let remote = "postgres://somebody:hidden@203.0.113.9:1/nowhere";
    for (mode, sentence) in [("require", "for whoever answers"), ("disable", "in clear")] {
        // Nobody is asked: the address is one of documentation, and the settings alone are enough to tell.
        let url = format!("{remote}?sslmode={mode}&connect_timeout=1");
        let (_, told) = doctor(&[("BIND_ADDRESS", "127.0.0.1:0"), ("DATABASE_URL", &url)]);
        assert!(told.contains(sentence) && !told.contains("hidden"), "{told}");
    }
    let (well, told) = doctor(&[("DATABASE_URL", &format!("{remote}?sslmode=prefer"))]);
    assert!(!well && told.contains("sslmode=prefer"), "{told}");

    let (well, told) = doctor(&[("OPENING_HOURS", "22:00-09:00")]);
    assert!(!well && told.contains("WRONG") && told.contains("OPENING_HOURS"), "{told}");

    let connection = rusqlite::Connection::open(folder.path().join("data/ev_charging.db")).unwrap();
    let cut =
        "INSERT INTO reservations (public_id, bay_id, plate, plate_text, start_at, end_at, created_at, updated_at)
               VALUES ('x', 1, '12가3456', '12가3456', 0, 1800, 0, 0)";
    connection.execute(cut, []).unwrap();
    let (well, told) = doctor(&[("BIND_ADDRESS", "127.0.0.1:0")]);
    assert!(!well && told.contains("1 half hours or reservations do not fit together"), "{told}");
}

#[test]
fn the_doctor_says_when_the_database_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://somebody:hidden@127.0.0.1:1/nowhere";
    let output = jari(folder.path())
        .arg("doctor")
        .envs([("DATABASE_URL", url), ("BIND_ADDRESS", "127.0.0.1:0")])
        .output()
        .unwrap();
    let told = out(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("cannot be opened") && told.contains("Check DATABASE_URL"), "{told}");
    assert!(!told.contains("hidden"), "{told}");
}

#[test]
fn keys_users_and_the_audit_trail_are_managed_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let told = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        (output.status.success(), out(&output), err(&output))
    };
    let (_, made, _) = told(&["key", "make", "gate", "--scope", "camera", "--from", "127.0.0.0/8"]);
    let key = made.lines().last().unwrap();
    let body = r#"{"plate": "12가3456", "timestamp": "2026-04-01T10:00:00+09:00"}"#;
    let matched = |key: &str| {
        let url = format!("{}/k/{key}/api/plates/match", server.base);
        let arguments = ["-s", &url, "-H", "Content-Type: application/json", "-d", body];
        out(&std::process::Command::new("curl").args(arguments).output().unwrap())
    };
    assert!(matched(key).contains("\"match\":false"), "{}", matched(key));
    let (_, listed, _) = told(&["key", "list"]);
    let line = listed.lines().find(|line| line.contains("gate")).unwrap();
    assert!(line.contains("camera") && line.contains("127.0.0.0/8"), "{line}");
    assert!(told(&["key", "revoke", &line[..36]]).0);
    assert!(matched(key).contains("token_invalid"), "{}", matched(key));

    assert!(told(&["user", "list"]).1.contains("administrator  active    admin@localhost"));
    assert!(told(&["user", "disable", "admin@localhost"]).2.contains("this is the last administrator"));
    assert!(told(&["user", "reset-link", "nobody@example.com"]).2.contains("there is no account"));
    assert!(told(&["user", "reset-link", "ADMIN@localhost"]).0);

    let add = |email: &str, role: &str, password: &str| {
        use std::io::Write as _;
        let mut command = jari(folder.path());
        command.args(["user", "add", email, "--role", role]).stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), out(&output), err(&output))
    };
    assert!(add("Op@example.com", "operator", "twelve green tomatoes").1.contains("op@example.com is active, with"));
    assert!(add("op@example.com", "driver", "twelve green tomatoes").2.contains("this e-mail has an account"));
    assert!(add("weak@example.com", "driver", "password1234").2.contains("soon guessed"));
    assert!(add("nobody", "driver", "twelve green tomatoes").2.contains("an e-mail address such as"));
    assert!(told(&["user", "list"]).1.contains("operator       active    op@example.com"));
    let url = format!("{}/api/admin/login", server.base);
    let body = r#"{"email": "op@example.com", "password": "twelve green tomatoes"}"#;
    let arguments = ["-s", &url, "-H", "Content-Type: application/json", "-d", body];
    let login = out(&std::process::Command::new("curl").args(arguments).output().unwrap());
    assert!(login.contains("\"token\""), "{login}");
    assert!(told(&["user", "remove-second-factor", "op@example.com"]).2.contains("this account has no second factor"));
    let (_, invited, _) = told(&["user", "invite", "me@example.com"]);
    assert!(invited.contains("once, within seven days") && invited.lines().count() == 2, "{invited}");
    assert!(told(&["user", "invite", "op@example.com"]).2.contains("this e-mail has an account"));

    let (_, added, _) = told(&["camera", "add", "Gate", "--bay", "1", "--address", "127.0.0.1"]);
    let url = added.lines().next().unwrap();
    assert!(url.contains("/api/cameras/jari_"), "{added}");
    let send = |body: &str| {
        let path = url.split_once("/api/").unwrap().1;
        let url = format!("{}/api/{path}", server.base);
        out(&std::process::Command::new("curl").args(["-s", &url, "-d", body]).output().unwrap())
    };
    assert_eq!(send(r#"{"plate": "12가3456", "taken_at": "2026-04-01T10:00:00+09:00"}"#), r#"{"accepted":1}"#);
    assert!(send("what is this").contains("quarantined"));
    let (_, listed, _) = told(&["camera", "list"]);
    assert!(listed.lines().any(|line| line.starts_with("on     1 ") && line.contains("own")), "{listed}");
    assert_eq!(told(&["camera", "replay"]).1, "0 understood, 0 sightings stored, 1 still not understood\n");
    assert!(told(&["camera", "add", "Gate"]).2.contains("another camera has this name"));
    assert!(told(&["camera", "add", "Side", "--bay", "99"]).2.contains("there is no such bay"));
    assert!(told(&["camera", "add", "Side", "--zone", "Seoul"]).2.contains("a time zone such as Asia/Seoul"));
    assert!(told(&["camera", "off", "Gate"]).1.contains("off    1 "));
    assert!(send("{}").contains("camera_off"));
    assert!(told(&["camera", "on", "Gate"]).0);
    assert!(told(&["camera", "key", "Gate"]).1.contains("/api/cameras/jari_"));
    assert!(send("{}").contains("token_invalid"));
    assert!(told(&["camera", "remove", "Gate"]).0);
    assert!(told(&["camera", "on", "Gate"]).2.contains("there is no such camera"));

    let (whole, verified, _) = told(&["audit", "verify"]);
    assert!(whole && verified.starts_with("The audit trail is whole: "), "{verified}");
    let (_, exported, _) = told(&["audit", "export"]);
    assert!(exported.lines().count() >= 8 && exported.contains("\"action\":\"key.revoke\""), "{exported}");
    let connection = rusqlite::Connection::open(folder.path().join("data/ev_charging.db")).unwrap();
    connection.execute("UPDATE audit_records SET actor = 'account:somebody' WHERE number = 2", []).unwrap();
    let (whole, _, broken) = told(&["audit", "verify"]);
    assert!(!whole && broken.contains("record 2 was changed"), "{broken}");
}
