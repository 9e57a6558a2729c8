//! What is refused, in which words, and what those words leave out.

use super::*;

#[test]
fn every_wrong_value_gets_a_sentence_that_names_its_setting() {
    let long = "x".repeat(9_000);
    for (name, value, hint) in [
        ("BIND_ADDRESS", "localhost:8000", "127.0.0.1:8000"),
        ("BIND_ADDRESS", "8000", "127.0.0.1:8000"),
        ("BIND_ADDRESS", "127.0.0.1", "port"),
        ("BIND_ADDRESS", "127.0.0.1:65536", "port"),
        ("DATA_DIR", "~/jari", "home directory"),
        ("STATIC_DIR", "~", "home directory"),
        ("PUBLIC_URL", "charge.example.kr", "scheme"),
        ("PUBLIC_URL", "https://charge.example.kr/jari", "no path"),
        ("PUBLIC_URL", "ftp://charge.example.kr", "http"),
        ("PLAIN_HTTP", "yes", "loopback or proxies or allow"),
        ("SECOND_FACTOR", "off", "optional or staff or required"),
        ("OIDC_PROVIDERS", "google", "JSON"),
        ("MAX_CONNECTIONS", "15", "from 16 to 65536"),
        ("MAX_CONNECTIONS", "65537", "from 16 to 65536"),
        ("REQUEST_TIMEOUT_SECONDS", "0", "from 1 to 300"),
        ("REQUEST_TIMEOUT_SECONDS", "1.5", "whole number"),
        ("SHUTDOWN_GRACE_SECONDS", "301", "from 0 to 300"),
        ("DATABASE_URL", "oracle://x", "sqlite:///relative"),
        ("DATABASE_POOL_SIZE", "0", "from 1 to 256"),
        ("BUSINESS_TIMEZONE", "Seoul", "such as Asia/Seoul."),
        ("BUSINESS_TIMEZONE", "Asia/Tokio", "such as Asia/Tokyo."),
        ("BUSINESS_TIMEZONE", "Etc/Unknown", "IANA name"),
        ("BUSINESS_TIMEZONE", "+09:00", "IANA name"),
        ("OPENING_HOURS", "22:00-09:00", "later"),
        ("OPENING_HOURS", "always", "00:00-24:00"),
        ("BOOKING_HORIZON_DAYS", "0", "from 1 to 366"),
        ("BOOKING_HORIZON_DAYS", "367", "from 1 to 366"),
        ("BOOKING_HORIZON_DAYS", "-1", "whole number"),
        ("BOOKING_HORIZON_DAYS", "+5", "whole number"),
        ("BOOKING_HORIZON_DAYS", "99999999999999999999999", "out of range"),
        ("BOOKING_HORIZON_DAYS", "６０", "whole number"),
        ("AUTO_SEED_SESSIONS", "maybe", "true"),
        ("MATCH_TOLERANCE", "loose", "tolerant or exact"),
        ("QUOTA_HOURS_PER_DAY", "25", "from 0 to 24"),
        ("ACCESS_MODE", "closed", "accounts or open"),
        ("ADMIN_EMAIL", "admin", "admin@example.kr"),
        ("ADMIN_EMAIL", "a@b@c", "admin@example.kr"),
        ("ADMIN_EMAIL", "a b@c", "admin@example.kr"),
        ("STAFF_SESSION_HOURS", "169", "from 1 to 168"),
        ("ACCESS_TOKEN_MINUTES", "0", "from 1 to 1440"),
        ("SESSION_DAYS", "366", "from 1 to 365"),
        ("REGISTRATION", "anybody", "open, off, invited or domains"),
        ("REGISTRATION", "open, example.kr", "open, off, invited or domains"),
        ("MAIL_FROM", "jari", "no-reply@example.kr"),
        ("REGISTRATION_VERIFY", "perhaps", "true"),
        ("TRUSTED_PROXIES", "proxy.local", "addresses or networks"),
        ("TRUSTED_PROXIES", "10.0.0.0/33", "addresses or networks"),
        ("CORS_ORIGINS", "*", "browsers refuse it"),
        ("CORS_ORIGINS", "https://*.example.kr", "browsers refuse it"),
        ("CORS_ORIGINS", "example.kr", "scheme"),
        ("CORS_ORIGINS", "null", "scheme"),
        ("CORS_ORIGINS", "https://example.kr/app", "no path"),
        ("CORS_ORIGINS", "https://example.kr?x", "no path"),
        ("CORS_ORIGINS", "https://u:p@example.kr", "scheme"),
        ("CORS_ORIGINS", "https://example.kr:0", "scheme"),
        ("CORS_ORIGINS", "https://자리.kr", "xn--"),
        ("CORS_ORIGINS", "[\"https://example.kr\"]", "scheme"),
        ("CORS_ORIGINS", "https://[::zz]", "scheme"),
        ("PLATE_SERVICE_MODE", "openai", "gptapi or http or local"),
        ("PLATE_SERVICE_URL", "localhost:8001", "http://localhost:8001"),
        ("PLATE_SERVICE_URL", "file:///etc/passwd", "http://"),
        ("PLATE_OPENAI_MODEL", "two words", "gpt-5-mini"),
        ("PLATE_OPENAI_PROMPT", &long, "8000 is the most"),
        ("OPENAI_BASE_URL", "https://api?x=1", "query"),
        ("LOG_FORMAT", "yaml", "text or json"),
        ("LOG_LEVEL", "inof", "debug"),
        ("LOG_LEVEL", "info,", "debug"),
        ("LOG_LEVEL", "=info", "debug"),
        ("LOG_LEVEL", "ja ri=info", "debug"),
        ("LOG_LEVEL", "\"info\"", "quotes"),
    ] {
        let error = refused(&[(name, value)]);
        assert!(error.starts_with(&format!("{name} (environment): ")), "{error}");
        assert!(error.contains(hint) && error.ends_with('.'), "{name}={value}: {error}");
        assert!(error.chars().count() < 420 && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_wrong_secret_is_refused_without_a_trace_of_it() {
    let long = format!("{}hunter2", "x".repeat(2_000));
    for (name, value, hint) in [
        ("ADMIN_PASSWORD", "hunter2", "8 characters"),
        ("ADMIN_PASSWORD", "admin123", "published"),
        ("ADMIN_PASSWORD", " Admin123 ", "published"),
        ("ADMIN_PASSWORD", "PASSWORD", "published"),
        ("ADMIN_PASSWORD", "changeme", "published"),
        ("ADMIN_PASSWORD", "zzzzzzzzzz", "again and again"),
        ("ADMIN_PASSWORD", " hunter2hunter2", "white space"),
        ("ADMIN_PASSWORD", "hunter2hunter2\r", "Windows"),
        ("ADMIN_PASSWORD", "'hunter2hunter2'", "quotes"),
        ("ADMIN_PASSWORD", "boss@site.kr", "same as ADMIN_EMAIL"),
        ("ADMIN_PASSWORD", &long, "256"),
        ("ADMIN_TOKEN", "admin-demo-token", "published"),
        ("ADMIN_TOKEN", "hunter2", "24 characters"),
        ("ADMIN_TOKEN", "hunter2 hunter2 hunter2 hunter2", "header"),
        ("ADMIN_TOKEN", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "repeats"),
        ("ADMIN_TOKEN", "hunter2-자리-hunter2-hunter2", "header"),
        ("ADMIN_TOKEN", &long, "1024"),
        ("OPENAI_API_KEY", "hunter2 hunter2", "header"),
        ("DATABASE_URL", "postgres://u:hunter2@h:x/d", "port"),
        ("DATABASE_READ_URL", "mysql://u:hunter2@h/d", "postgresql://"),
        ("PLATE_SERVICE_URL", "ftp://u:hunter2@h/d", "http://"),
        ("PLATE_SERVICE_URL", "http://u:hunter2@h:x/d", "whole address"),
        ("OPENAI_BASE_URL", "https://h/?key=hunter2", "query"),
        ("CORS_ORIGINS", "https://u:hunter2@h", "scheme"),
        ("SMTP_URL", "http://u:hunter2@h", "smtps://"),
        ("SMTP_URL", "smtp://u:hunter2@h?tls=none", "unprotected"),
        ("SMTP_URL", "smtp://u:hun@ter2@h", "%40"),
        ("SMTP_URL", "smtps://u:hunter2@h", "set MAIL_FROM"),
    ] {
        let error = refused(&[("ADMIN_EMAIL", "boss@site.kr"), (name, value)]);
        assert!(error.starts_with(&format!("{name} (environment): ")), "{error}");
        assert!(error.contains(hint) && error.ends_with('.'), "{name}: {error}");
        for trace in ["hunter2", "admin123", "admin-demo", "zzz"] {
            assert!(!error.contains(trace), "{error}");
        }
    }
}

#[test]
fn settings_that_need_each_other_are_checked_together() {
    let error = refused(&[("ADMIN_PASSWORD", PASSWORD)]);
    assert!(error.contains("set ADMIN_EMAIL too"), "{error}");
    good(&[("ADMIN_EMAIL", "boss@site.kr")]);

    let postgres = "postgresql://u:p@h/d";
    let error = refused(&[("DATABASE_READ_URL", postgres)]);
    assert!(error.starts_with("DATABASE_READ_URL") && error.contains("PostgreSQL"), "{error}");
    let error = refused(&[("DATABASE_URL", postgres), ("DATABASE_READ_URL", "sqlite:///x.db")]);
    assert!(error.starts_with("DATABASE_READ_URL") && error.contains("not a SQLite file"), "{error}");

    let error = refused(&[("SMTP_URL", "smtps://h"), ("MAIL_FROM", "a@site.kr")]);
    assert!(error.starts_with("SMTP_URL") && error.contains("set PUBLIC_URL"), "{error}");
    let error = refused(&[("REGISTRATION_VERIFY", "true")]);
    assert!(error.starts_with("REGISTRATION_VERIFY") && error.contains("SMTP_URL"), "{error}");
    assert_eq!(good(&[("REGISTRATION_VERIFY", "false")]).mail, None);
    let mails = [("SMTP_URL", "smtps://h"), ("MAIL_FROM", "a@site.kr"), ("PUBLIC_URL", "https://site.kr")];
    assert!(good(&mails).mail.unwrap().verify);

    let error = refused(&[("TLS_CERT", "cert.pem")]);
    assert!(error.starts_with("TLS_CERT") && error.contains("set TLS_KEY too"), "{error}");
    let error = refused(&[("TLS_KEY", "key.pem")]);
    assert!(error.starts_with("TLS_KEY") && error.contains("set TLS_CERT too"), "{error}");
    let tls = [("TLS_CERT", "cert.pem"), ("TLS_KEY", "key.pem")];
    assert!(refused(&[tls[0], tls[1], ("PUBLIC_URL", "http://site.kr")]).starts_with("PUBLIC_URL"));
    assert!(refused(&[("PLAIN_HTTP", "proxies")]).starts_with("PLAIN_HTTP"));

    // What follows from another error is not told as a second one.
    let error = refused(&[("ADMIN_EMAIL", "boss"), ("ADMIN_PASSWORD", PASSWORD)]);
    assert!(error.starts_with("ADMIN_EMAIL"), "{error}");
    let error = refused(&[("DATABASE_URL", "x"), ("DATABASE_READ_URL", postgres)]);
    assert!(error.starts_with("DATABASE_URL"), "{error}");
    let error = from_file("admin_email = 1\nadmin_password = 'correct-horse-battery'").unwrap_err();
    assert!(only_error(&error).starts_with("ADMIN_EMAIL (file jari.toml)"), "{error}");
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_in_order() {
    let env = env(&[("LOG_FORMAT", "yaml"), ("BIND_ADDRESS", "x")]);
    let flags = [("OPENING_HOURS".to_owned(), "x".to_owned())];
    let file = "max_connections = 1\nbind_adress = 'x'\nlog_format = 'text'";
    let sources = Sources { file: Some((Path::new(FILE), file)), env: &env, flags: &flags, ..Sources::default() };
    let errors = load(Sources { openai_key_file: Some("a b"), ..sources }).unwrap_err();
    let starts: Vec<_> =
        errors.errors().iter().map(|e| format!("{} ({})", e.setting.as_deref().unwrap_or("-"), e.origin)).collect();
    assert_eq!(
        starts,
        [
            "bind_adress (file jari.toml)",
            "BIND_ADDRESS (environment)",
            "MAX_CONNECTIONS (file jari.toml)",
            "OPENING_HOURS (flag)",
            "OPENAI_API_KEY (openai-key.txt)",
            "LOG_FORMAT (environment)",
        ]
    );
    let text = errors.to_string();
    assert!(text.starts_with("6 settings are wrong:\n  - bind_adress"), "{text}");
    assert_eq!(text.lines().count(), 7);
}

#[test]
fn the_file_takes_the_types_that_fit_a_setting() {
    let config = from_file(
        "\u{feff}booking_horizon_days = 30\nmax_connections = '64'\nauto_seed_sessions = false\n\
         cors_origins = ['https://a.kr', 'https://b.kr:8443']\nopening_hours = '08:00-20:00'\n\
         admin_email = ''\n",
    )
    .unwrap();
    assert_eq!(config.booking.horizon_days, 30);
    assert_eq!(config.server.max_connections, 64);
    assert!(!config.booking.auto_seed);
    assert_eq!(config.access.cors_origins, ["https://a.kr", "https://b.kr:8443"]);
    assert_eq!(shown(&config, "CORS_ORIGINS").0, "https://a.kr, https://b.kr:8443");

    for (text, start) in [
        ("admin_password = 1234567890", "ADMIN_PASSWORD (file jari.toml): this must be a text"),
        ("opening_hours = 09:00:00", "OPENING_HOURS (file jari.toml): this must be a text"),
        ("booking_horizon_days = 1.5", "BOOKING_HORIZON_DAYS (file jari.toml): this must be a whole"),
        ("auto_seed_sessions = []", "AUTO_SEED_SESSIONS (file jari.toml): this must be true or"),
        ("cors_origins = [1]", "CORS_ORIGINS (file jari.toml): each item of the list"),
        ("cors_origins = 1", "CORS_ORIGINS (file jari.toml): this must be a list"),
        ("[server]\nbind_address = 'x'", "server (file jari.toml): the settings file has no sections of this name"),
    ] {
        let error = only_error(&from_file(text).unwrap_err());
        assert!(error.starts_with(start), "{error}");
    }
}

#[test]
fn an_unknown_name_is_refused_with_the_closest_known_one() {
    for (key, hint) in [
        ("bind_adress", "did you mean bind_address?"),
        ("BIND_ADDRESS", "did you mean bind_address?"),
        ("jari_log_level", "did you mean log_level?"),
        ("cors_origin", "did you mean cors_origins?"),
        ("database", "did you mean database_url?"),
        ("colour", "lists them all"),
        ("\"a\\nb\"", "lists them all"),
    ] {
        let error = only_error(&from_file(&format!("{key} = 'hunter2'")).unwrap_err());
        assert!(error.contains(hint) && !error.contains("hunter2"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    let flags = [("LOG_LEVLE".to_owned(), "hunter2".to_owned())];
    let error = only_error(&load(Sources { flags: &flags, ..Sources::default() }).unwrap_err());
    assert_eq!(error, "LOG_LEVLE (flag): there is no setting of this name; did you mean LOG_LEVEL?");
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line_and_not_its_content() {
    for text in [
        "log_level = 'info'\nadmin_password = \"hunter2",
        "log_level = 'info'\nadmin_password = hunter2",
        "log_level = 'info'\nadmin_password = 'x' hunter2",
        "log_level = 'info'\nlog_level = 'hunter2'",
        "log_level = 'info'\nadmin_password = \"hunter2\\q\"",
        "log_level = 'info'\nadmin_password = 'hunter2\u{1}'",
    ] {
        let error = only_error(&from_file(text).unwrap_err());
        assert!(error.starts_with("file jari.toml: the settings file is not valid TOML"), "{error}");
        assert!(error.contains("at line 2") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn foreign_environment_variables_are_passed_over() {
    good(&[("PATH", "/bin"), ("bind_address", "x"), ("JARI_CONFIG", "x"), ("JARI_TEST", "x")]);
    let error = refused(&[("JARI_ADMIN_TOKEN", "hunter2")]);
    assert!(error.contains("have no prefix: ADMIN_TOKEN.") && !error.contains("hunter2"), "{error}");
}

#[cfg(unix)]
#[test]
fn values_that_are_not_utf_8_are_refused_where_they_are_ours() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = OsStr::from_bytes(b"hunter2\xff").to_owned();
    let ours = [("DATA_DIR".into(), bytes.clone())];
    let errors = load(Sources { env: &ours, ..Sources::default() }).unwrap_err();
    let error = only_error(&errors);
    assert!(error.contains("UTF-8") && !error.contains("hunter2"), "{error}");
    let foreign = [("OTHER".into(), bytes.clone()), (bytes.clone(), bytes)];
    load(Sources { env: &foreign, ..Sources::default() }).unwrap();
}
