//! The settings as a whole: defaults and layers here, refusals and printing in files of their own.

mod printing;
mod providers;
mod refusals;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

const FILE: &str = "jari.toml";
const PASSWORD: &str = "correct-horse-battery";
const PROVIDER: &str = r#"[{"name": "company", "issuer": "https://id.example.kr/realms/all",
    "client_id": "jari", "client_secret": "a-client-secret", "scopes": ["openid", "email", "groups"],
    "roles": {"charging-staff": "operator"}, "allow_registration": true}]"#;
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn env(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(n, v)| (n.into(), v.into())).collect()
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    load(Sources { env: &env(pairs), ..Sources::default() })
}

fn from_file(text: &str) -> Result<Config, ConfigErrors> {
    load(Sources { file: Some((Path::new(FILE), text)), ..Sources::default() })
}

fn good(pairs: &[(&str, &str)]) -> Config {
    from_env(pairs).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The one error that these settings cause, as printed.
fn refused(pairs: &[(&str, &str)]) -> String {
    only_error(&from_env(pairs).expect_err(&format!("{pairs:?}")))
}

fn only_error(errors: &ConfigErrors) -> String {
    assert_eq!(errors.errors().len(), 1, "{errors}");
    errors.errors()[0].to_string()
}

fn shown<'a>(config: &'a Config, name: &str) -> (&'a str, &'a Origin) {
    let found = config.effective().iter().find(|e| e.name == name).expect("a known name");
    (&found.value, &found.origin)
}

#[test]
fn without_any_source_the_defaults_of_the_contract_hold() {
    let config = load(Sources::default()).unwrap();

    assert_eq!(config.server.bind_address.to_string(), "127.0.0.1:8000");
    assert_eq!(config.server.data_dir, PathBuf::from("./data"));
    assert_eq!(config.server.static_dir, None);
    assert_eq!(config.server.max_connections, 4096);
    assert_eq!(config.server.request_timeout, Duration::from_secs(30));
    assert_eq!(config.server.shutdown_grace, Duration::from_secs(10));

    assert_eq!(config.database.url, DatabaseUrl::Sqlite("./data/ev_charging.db".into()));
    assert_eq!(config.database.url, "sqlite:///./data/ev_charging.db".parse().unwrap());
    assert_eq!(config.database.read_url, None);
    assert_eq!(config.database.pool_size, 16);

    assert_eq!(config.booking.timezone.iana_name(), Some("Asia/Seoul"));
    assert_eq!(config.booking.opening_hours, "09:00-22:00".parse().unwrap());
    assert_eq!(config.booking.horizon_days, 60);
    assert!(config.booking.auto_seed);
    assert_eq!(config.booking.match_tolerance, MatchTolerance::Tolerant);

    assert_eq!(config.access.mode, AccessMode::Accounts);
    assert_eq!(config.access.admin_email, None);
    assert_eq!(config.access.admin_password, None);
    assert_eq!(config.access.admin_token, None);
    assert_eq!(config.access.staff_session, Duration::from_hours(12));
    assert_eq!(config.access.access_token, Duration::from_mins(15));
    assert_eq!(config.access.registration, Registration::Open);
    assert!(config.access.cors_origins.is_empty());

    assert_eq!(config.recognition.mode, PlateServiceMode::Local);
    assert_eq!(config.recognition.service_url.as_str(), "http://localhost:8001/v1/recognize");
    assert_eq!(config.recognition.openai_model, "gpt-5-mini");
    assert!(config.recognition.openai_prompt.contains("characters of the plate only"));
    assert_eq!(config.recognition.openai_api_key, None);
    assert_eq!(config.recognition.openai_base_url.as_str(), "https://api.openai.com/v1");

    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.log.level, "info");

    assert!(config.effective().iter().all(|e| e.origin == Origin::Default));
    assert_eq!(shown(&config, "DATABASE_URL").0, "sqlite:///./data/ev_charging.db");
}

#[test]
fn the_effective_values_are_the_table_row_by_row() {
    let config = load(Sources::default()).unwrap();
    let names: Vec<_> = config.effective().iter().map(|e| e.name).collect();
    assert_eq!(names, SETTINGS.iter().map(|s| s.name).collect::<Vec<_>>());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "no name twice");
    for setting in SETTINGS {
        if let Fallback::Text(text) = setting.fallback {
            assert_eq!(shown(&config, setting.name).0, text, "a default is in its own best spelling");
        }
    }
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file_and_that_over_defaults() {
    let file = "booking_horizon_days = 10\n";
    let env = env(&[("BOOKING_HORIZON_DAYS", "20")]);
    let flag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let flags = [flag("booking-horizon-days", "25"), flag("BOOKING_HORIZON_DAYS", "30")];
    let mut sources = Sources::default();
    let outcome = |sources| {
        let config = load(sources).unwrap();
        let (value, origin) = shown(&config, "BOOKING_HORIZON_DAYS");
        assert_eq!(value, config.booking.horizon_days.to_string());
        (config.booking.horizon_days, origin.clone())
    };

    assert_eq!(outcome(sources), (60, Origin::Default));
    sources.file = Some((Path::new(FILE), file));
    assert_eq!(outcome(sources), (10, Origin::File(FILE.into())));
    sources.env = &env;
    assert_eq!(outcome(sources), (20, Origin::Environment));
    sources.flags = &flags;
    assert_eq!(outcome(sources), (30, Origin::Flag));
}

#[test]
fn other_machines_are_served_without_tls_only_where_a_setting_says_so() {
    let open = |pairs: &[(&str, &str)]| good(pairs).server.is_open_without_tls();
    let tls = [("TLS_CERT", "cert.pem"), ("TLS_KEY", "key.pem")];
    for address in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
        assert!(!open(&[("BIND_ADDRESS", address)]), "{address}");
    }
    for address in ["0.0.0.0:80", "192.168.0.7:80", "[::]:80", "[::ffff:10.0.0.1]:80"] {
        let bind = ("BIND_ADDRESS", address);
        assert!(open(&[bind]) && open(&[bind, ("TRUSTED_PROXIES", "10.0.0.5")]), "{address}");
        assert!(!open(&[bind, tls[0], tls[1]]) && !open(&[bind, ("PLAIN_HTTP", "allow")]), "{address}");
        assert!(!open(&[bind, ("PLAIN_HTTP", "proxies"), ("TRUSTED_PROXIES", "10.0.0.5")]), "{address}");
    }
}

#[test]
fn a_secret_can_stand_in_a_file_of_its_own() {
    let variables: Vec<_> = SETTINGS.iter().filter_map(Setting::file_variable).collect();
    for name in ["ADMIN_PASSWORD_FILE", "ADMIN_TOKEN_FILE", "OIDC_PROVIDERS_FILE", "DATABASE_URL_FILE", "SMTP_URL_FILE"]
    {
        assert!(variables.iter().any(|variable| variable == name), "{name}: {variables:?}");
        assert!(reference_markdown().contains(&format!("`{}`", name.trim_end_matches("_FILE"))), "{name}");
    }
    assert!(SETTINGS.iter().filter(|setting| setting.is_secret()).all(|setting| setting.file_variable().is_some()));
    let file = |text: &str| SecretFile { setting: "ADMIN_TOKEN", path: "/run/secrets/t".into(), text: text.to_owned() };
    let with = |text: &str, env_pairs: &[(&str, &str)]| {
        let (files, env) = ([file(text)], env(env_pairs));
        load(Sources { secret_files: &files, env: &env, ..Sources::default() })
    };
    for text in [TOKEN.to_owned(), format!("{TOKEN}\n"), format!("\u{feff}{TOKEN}\r\n")] {
        let config = with(&text, &[]).unwrap();
        assert_eq!(config.access.admin_token.as_ref().unwrap().expose(), TOKEN);
        assert_eq!(shown(&config, "ADMIN_TOKEN"), ("***", &Origin::SecretFile("/run/secrets/t".into())));
    }
    let twice = only_error(&with(TOKEN, &[("ADMIN_TOKEN", TOKEN)]).unwrap_err());
    assert!(twice.contains("twice; keep ADMIN_TOKEN or ADMIN_TOKEN_FILE") && !twice.contains(TOKEN), "{twice}");
    let empty = only_error(&with(" \n", &[]).unwrap_err());
    assert!(empty.contains("ADMIN_TOKEN (file /run/secrets/t): there is nothing in the file."), "{empty}");
}

#[test]
fn an_empty_value_counts_as_not_given() {
    for empty in ["", " ", "\r"] {
        let all: Vec<_> = SETTINGS.iter().map(|s| (s.name, empty)).collect();
        assert!(good(&all).effective().iter().all(|e| e.origin == Origin::Default));
    }
    let env = env(&[("ADMIN_EMAIL", "")]);
    let file = Some((Path::new(FILE), "admin_email = 'boss@site.kr'"));
    let config = load(Sources { file, env: &env, ..Sources::default() }).unwrap();
    assert_eq!(config.access.admin_email.as_deref(), Some("boss@site.kr"));
}

#[test]
fn right_values_of_every_setting_are_taken() {
    let config = good(&[
        ("BIND_ADDRESS", "[::]:80"),
        ("PUBLIC_URL", "HTTPS://Charge.Example.kr:443/"),
        ("TLS_CERT", "/etc/jari/fullchain.pem"),
        ("TLS_KEY", "/etc/jari/privkey.pem"),
        ("PLAIN_HTTP", "Proxies"),
        ("DATA_DIR", "/var/lib/jari"),
        ("STATIC_DIR", "web"),
        ("MAX_CONNECTIONS", "16"),
        ("MAX_CONNECTIONS_PER_ADDRESS", "7"),
        ("RATE_REQUESTS_PER_MINUTE", "0"),
        ("REQUEST_TIMEOUT_SECONDS", "300"),
        ("SHUTDOWN_GRACE_SECONDS", "0"),
        ("DATABASE_URL", "postgres://u:p@h/d"),
        ("DATABASE_READ_URL", "postgresql+asyncpg://u:p@replica/d"),
        ("DATABASE_POOL_SIZE", "256"),
        ("BUSINESS_TIMEZONE", "Europe/Berlin"),
        ("OPENING_HOURS", " 06:30-23:00\r"),
        ("BOOKING_HORIZON_DAYS", "366"),
        ("AUTO_SEED_SESSIONS", "Off"),
        ("MATCH_TOLERANCE", "EXACT"),
        ("MATCH_EARLY_MINUTES", "0"),
        ("MATCH_LATE_MINUTES", "240"),
        ("CAMERA_COOL_DOWN_SECONDS", "0"),
        ("RETENTION_SIGHTING_DAYS", "7"),
        ("RETENTION_PICTURE_HOURS", "720"),
        ("QUOTA_OPEN_BOOKINGS", "3"),
        ("QUOTA_HOURS_PER_DAY", "4"),
        ("QUOTA_DAYS_AHEAD", "14"),
        ("RATE_CHANGES_PER_HOUR", "100000"),
        ("RATE_CHECKS_PER_MINUTE", "9"),
        ("RETENTION_BOOKING_DAYS", "90"),
        ("ACCESS_MODE", "open"),
        ("ADMIN_EMAIL", " Boss@Site.KR "),
        ("ADMIN_PASSWORD", PASSWORD),
        ("ADMIN_TOKEN", TOKEN),
        ("STAFF_SESSION_HOURS", "168"),
        ("ACCESS_TOKEN_MINUTES", "1440"),
        ("SESSION_DAYS", "365"),
        ("SESSION_IDLE_DAYS", "3"),
        ("STAFF_IDLE_HOURS", "4"),
        ("PASSWORD_LOGIN", "Administrators"),
        ("SECOND_FACTOR", "Staff"),
        ("ALLOWED_HOSTS", "Jari.LAN., charge.lan"),
        ("REGISTRATION", "@Example.KR, example.com"),
        ("OIDC_PROVIDERS", PROVIDER),
        ("SMTP_URL", "smtps://jari:hunter2@mail.example.kr"),
        ("MAIL_FROM", "jari <no-reply@example.kr>"),
        ("REGISTRATION_VERIFY", "false"),
        ("TRUSTED_PROXIES", "10.0.0.5, 2001:db8::/32"),
        ("CORS_ORIGINS", "HTTPS://App.Example.kr:443/, http://localhost:5173,,https://app.example.kr"),
        ("PLATE_SERVICE_MODE", "http"),
        ("PLATE_SERVICE_URL", "https://u:p@lpr/v1?x=1"),
        ("PLATE_MODEL_DIR", "models"),
        ("PLATE_SERVICE_TIMEOUT_SECONDS", "120"),
        ("PLATE_SERVICE_AT_ONCE", "64"),
        ("PLATE_OPENAI_MODEL", "org/model-1"),
        ("PLATE_OPENAI_PROMPT", "번호판만 답하세요.\n다른 말은 하지 마세요."),
        ("OPENAI_API_KEY", " sk-abc\n"),
        ("OPENAI_BASE_URL", "http://localhost:11434/v1/"),
        ("LOG_FORMAT", "json"),
        ("LOG_LEVEL", "INFO, jari::store=Debug,tower-http=warning"),
    ]);
    assert!(config.effective().iter().all(|e| e.origin == Origin::Environment));
    assert_eq!(config.server.bind_address.port(), 80);
    assert_eq!((config.server.connections_per_address, config.server.requests_per_minute), (7, 0));
    assert_eq!((config.booking.changes_per_hour, config.booking.checks_per_minute), (100_000, 9));
    assert_eq!(config.server.tls.as_ref().unwrap().key, Path::new("/etc/jari/privkey.pem"));
    assert_eq!(config.server.plain_http, PlainHttp::Proxies);
    assert_eq!(config.access.session_idle, Duration::from_hours(72));
    assert_eq!(config.access.staff_idle, Duration::from_hours(4));
    assert_eq!(config.access.second_factor, SecondFactorRule::Staff);
    assert_eq!(config.access.password_login, PasswordLogin::Administrators);
    assert_eq!(config.access.allowed_hosts, ["jari.lan", "charge.lan"]);
    assert_eq!(config.server.public_url.as_deref(), Some("https://charge.example.kr"));
    assert_eq!(config.server.static_dir, Some("web".into()));
    assert_eq!(config.server.shutdown_grace, Duration::ZERO);
    let verified = "postgresql://u:p@h/d?sslmode=verify-full";
    assert_eq!(config.database.url, DatabaseUrl::Postgres(verified.into()));
    assert!(config.database.read_url.as_ref().is_some_and(DatabaseUrl::is_postgres));
    assert_eq!(config.booking.opening_hours, "06:30-23:00".parse().unwrap());
    assert!(!config.booking.auto_seed);
    assert_eq!(config.booking.match_tolerance, MatchTolerance::Exact);
    assert_eq!(config.access.mode, AccessMode::Open);
    assert_eq!(config.access.admin_email.as_deref(), Some("boss@site.kr"));
    assert_eq!(config.access.admin_password.as_ref().unwrap().expose(), PASSWORD);
    assert_eq!(config.access.admin_token.as_ref().unwrap().expose(), TOKEN);
    assert_eq!(config.access.cors_origins, ["https://app.example.kr", "http://localhost:5173"]);
    assert_eq!(config.recognition.mode, PlateServiceMode::Http);
    assert_eq!(config.recognition.openai_api_key.as_ref().unwrap().expose(), "sk-abc");
    assert_eq!(config.recognition.openai_base_url.as_str(), "http://localhost:11434/v1");
    assert_eq!(config.log.level, "info,jari::store=debug,tower-http=warn");
}

#[test]
fn the_database_stands_in_the_data_folder_unless_it_is_named() {
    for (dir, url) in [
        ("/var/lib/jari", "sqlite:////var/lib/jari/ev_charging.db"),
        ("/srv/100%?", "sqlite:////srv/100%25%3F/ev_charging.db"),
    ] {
        let config = good(&[("DATA_DIR", dir)]);
        assert_eq!(config.database.url, DatabaseUrl::Sqlite(Path::new(dir).join("ev_charging.db")));
        assert_eq!(shown(&config, "DATABASE_URL"), (url, &Origin::Default));
    }
}

#[test]
fn switches_are_read_in_every_usual_spelling() {
    for (text, on) in [("true", true), ("1", true), ("YES", true), ("On", true)].into_iter().chain([
        ("false", false),
        ("0", false),
        ("No", false),
        ("OFF", false),
    ]) {
        assert_eq!(good(&[("AUTO_SEED_SESSIONS", text)]).booking.auto_seed, on, "{text}");
    }
}

#[test]
fn the_way_plates_are_read_follows_the_key_unless_it_is_named() {
    let with_key_file = |text, pairs: &[(&str, &str)]| {
        let env = env(pairs);
        load(Sources { openai_key_file: Some(text), env: &env, ..Sources::default() }).unwrap()
    };
    let config = with_key_file("\u{feff} sk-file\r\n", &[]);
    assert_eq!(config.recognition.openai_api_key.as_ref().unwrap().expose(), "sk-file");
    assert_eq!(config.recognition.mode, PlateServiceMode::GptApi);
    assert_eq!(shown(&config, "OPENAI_API_KEY"), ("***", &Origin::KeyFile));

    let config = with_key_file("sk-file", &[("OPENAI_API_KEY", "sk-env")]);
    assert_eq!(config.recognition.openai_api_key.as_ref().unwrap().expose(), "sk-env");
    let config = with_key_file("sk-file", &[("PLATE_SERVICE_MODE", "local")]);
    assert_eq!(config.recognition.mode, PlateServiceMode::Local);
    let config = with_key_file(" \n", &[]);
    assert_eq!(config.recognition.mode, PlateServiceMode::Local);
    let config = good(&[("PLATE_SERVICE_MODE", "gptapi")]);
    assert_eq!(config.recognition.openai_api_key, None, "the server starts, and answers 503");
}
