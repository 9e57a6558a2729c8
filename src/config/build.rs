//! All settings read in turn, and the rules that concern more than one.

use std::path::PathBuf;
use std::time::Duration;

use super::database_url::DatabaseUrl;
use super::reader::Reader;
use super::url::ServiceUrl;
use super::{
    AccessConfig, BookingConfig, Config, ConfigErrors, DatabaseConfig, LogConfig, MailConfig, PasswordLogin, PlainHttp,
    PlateServiceMode, RecognitionConfig, Secret, ServerConfig, Sources, TlsFiles, credentials, mail, parse, providers,
};

/// Reads and checks every setting.
///
/// # Errors
/// All that is wrong at once, fit for printing: each error names the setting and its source and
/// says what would be right, and none contains a secret.
pub fn load(sources: Sources<'_>) -> Result<Config, ConfigErrors> {
    let mut reader = Reader::new(sources);
    let server = server(&mut reader);
    let access = access(&mut reader);
    check_ways_in(&mut reader, &server, &access);
    let config = Config {
        database: database(&mut reader, &server),
        server,
        booking: booking(&mut reader),
        access,
        mail: mails(&mut reader),
        recognition: recognition(&mut reader),
        log: log(&mut reader),
        effective: Vec::new(),
    };
    let effective = reader.finish()?;
    Ok(Config { effective, ..config })
}

/// How people reach jari: what one setting says of it must fit the others.
fn check_ways_in(r: &mut Reader, server: &ServerConfig, access: &AccessConfig) {
    if server.tls.is_some() && server.public_url.as_deref().is_some_and(|url| url.starts_with("http://")) {
        r.wrong("PUBLIC_URL", "with TLS_CERT people reach jari by https:// only; give that address.");
    }
    if server.plain_http == PlainHttp::Proxies && access.trusted_proxies.is_empty() && !r.is_wrong("TRUSTED_PROXIES") {
        r.wrong("PLAIN_HTTP", "nobody knows which proxies are meant; name them in TRUSTED_PROXIES.");
    }
}

/// A path as people write it; only UTF-8 comes in.
#[expect(clippy::ptr_arg, reason = "it is passed as a function of the parsed type")]
fn path_text(path: &PathBuf) -> String {
    path.display().to_string()
}

fn server(r: &mut Reader) -> ServerConfig {
    let seconds = |n: u64| Duration::from_secs(n);
    let tls = tls(r);
    ServerConfig {
        tls,
        plain_http: r.value("PLAIN_HTTP", parse::choice, ToString::to_string),
        bind_address: r.value("BIND_ADDRESS", parse::bind_address, ToString::to_string),
        public_url: r.optional("PUBLIC_URL", parse::public_url, Clone::clone),
        data_dir: r.value("DATA_DIR", parse::folder, path_text),
        static_dir: r.optional("STATIC_DIR", parse::folder, path_text),
        max_connections: r.value("MAX_CONNECTIONS", parse::number(16..=65_536), ToString::to_string),
        connections_per_address: r.value("MAX_CONNECTIONS_PER_ADDRESS", parse::number(1..=65_536), ToString::to_string),
        requests_per_minute: r.value("RATE_REQUESTS_PER_MINUTE", parse::number(0..=1_000_000), ToString::to_string),
        request_timeout: seconds(r.value("REQUEST_TIMEOUT_SECONDS", parse::number(1..=300), ToString::to_string)),
        shutdown_grace: seconds(r.value("SHUTDOWN_GRACE_SECONDS", parse::number(0..=300), ToString::to_string)),
    }
}

fn tls(r: &mut Reader) -> Option<TlsFiles> {
    let certificate = r.optional("TLS_CERT", parse::folder, path_text);
    let key = r.optional("TLS_KEY", parse::folder, path_text);
    match (r.is_given("TLS_CERT"), r.is_given("TLS_KEY")) {
        (true, false) => r.wrong("TLS_CERT", "a certificate needs its key; set TLS_KEY too, or leave both off."),
        (false, true) => r.wrong("TLS_KEY", "a key needs its certificate; set TLS_CERT too, or leave both off."),
        _ => {}
    }
    Some(TlsFiles { certificate: certificate?, key: key? })
}

fn database(r: &mut Reader, server: &ServerConfig) -> DatabaseConfig {
    let database_url = |text: &str| text.parse::<DatabaseUrl>().map_err(|error| error.0);
    let url =
        r.value_or("DATABASE_URL", database_url, ToString::to_string, || DatabaseUrl::in_data_dir(&server.data_dir));
    let read_url = r.optional("DATABASE_READ_URL", database_url, ToString::to_string);
    if let Some(read_url) = &read_url
        && !r.is_wrong("DATABASE_URL")
    {
        if !url.is_postgres() {
            r.wrong(
                "DATABASE_READ_URL",
                "a second database for reading needs a PostgreSQL server as the first \
                     one; leave this setting off, or set DATABASE_URL to PostgreSQL.",
            );
        } else if !read_url.is_postgres() {
            r.wrong(
                "DATABASE_READ_URL",
                "the database for reading must be a copy of the PostgreSQL one, not a \
                 SQLite file.",
            );
        }
    }
    let pool_size = r.value("DATABASE_POOL_SIZE", parse::number(1..=256), ToString::to_string);
    DatabaseConfig { url, read_url, pool_size }
}

fn booking(r: &mut Reader) -> BookingConfig {
    BookingConfig {
        timezone: r
            .value("BUSINESS_TIMEZONE", parse::time_zone, |zone| zone.iana_name().unwrap_or("(unnamed)").to_owned()),
        opening_hours: r.value("OPENING_HOURS", parse::opening_hours, ToString::to_string),
        horizon_days: r.value("BOOKING_HORIZON_DAYS", parse::number(1..=366), ToString::to_string),
        auto_seed: r.value("AUTO_SEED_SESSIONS", parse::switch, ToString::to_string),
        match_tolerance: r.value("MATCH_TOLERANCE", parse::choice, ToString::to_string),
        match_early_minutes: r.value("MATCH_EARLY_MINUTES", parse::number(0..=240), ToString::to_string),
        match_late_minutes: r.value("MATCH_LATE_MINUTES", parse::number(0..=240), ToString::to_string),
        camera_cool_down: r.value("CAMERA_COOL_DOWN_SECONDS", parse::number(0..=3600), ToString::to_string),
        sighting_days: r.value("RETENTION_SIGHTING_DAYS", parse::number(0..=3650), ToString::to_string),
        picture_hours: r.value("RETENTION_PICTURE_HOURS", parse::number(1..=720), ToString::to_string),
        quota_open_bookings: r.value("QUOTA_OPEN_BOOKINGS", parse::number(0..=10_000), ToString::to_string),
        quota_hours_per_day: r.value("QUOTA_HOURS_PER_DAY", parse::number(0..=24), ToString::to_string),
        quota_days_ahead: r.value("QUOTA_DAYS_AHEAD", parse::number(0..=366), ToString::to_string),
        changes_per_hour: r.value("RATE_CHANGES_PER_HOUR", parse::number(0..=100_000), ToString::to_string),
        checks_per_minute: r.value("RATE_CHECKS_PER_MINUTE", parse::number(0..=100_000), ToString::to_string),
        retention_days: r.value("RETENTION_BOOKING_DAYS", parse::number(0..=3650), ToString::to_string),
    }
}

fn access(r: &mut Reader) -> AccessConfig {
    let mode = r.value("ACCESS_MODE", parse::choice, ToString::to_string);
    let admin_email = r.optional("ADMIN_EMAIL", parse::email, Clone::clone);
    let admin_password = r.optional("ADMIN_PASSWORD", credentials::admin_password, ToString::to_string);
    if let Some(password) = &admin_password {
        if !r.is_given("ADMIN_EMAIL") {
            r.wrong(
                "ADMIN_PASSWORD",
                "a password alone belongs to nobody; set ADMIN_EMAIL too, or leave both \
                 off.",
            );
        } else if admin_email.as_deref().is_some_and(|email| is_name_of(email, password)) {
            r.wrong(
                "ADMIN_PASSWORD",
                "the password is the same as ADMIN_EMAIL; choose one that nobody can \
                 guess.",
            );
        }
    }
    let admin_token = r.optional("ADMIN_TOKEN", credentials::admin_token, ToString::to_string);
    let staff_hours: u64 = r.value("STAFF_SESSION_HOURS", parse::number(1..=168), ToString::to_string);
    let token_minutes: u64 = r.value("ACCESS_TOKEN_MINUTES", parse::number(1..=1440), ToString::to_string);
    let session_days: u64 = r.value("SESSION_DAYS", parse::number(1..=365), ToString::to_string);
    let session_idle: u64 = r.value("SESSION_IDLE_DAYS", parse::number(1..=365), ToString::to_string);
    let staff_idle: u64 = r.value("STAFF_IDLE_HOURS", parse::number(1..=168), ToString::to_string);
    let password_login = r.value("PASSWORD_LOGIN", parse::choice, ToString::to_string);
    let second_factor = r.value("SECOND_FACTOR", parse::choice, ToString::to_string);
    let registration = r.value("REGISTRATION", parse::registration, ToString::to_string);
    let providers = r.optional("OIDC_PROVIDERS", providers::providers, |_| Secret::MASK.to_owned());
    if providers.is_some() && !r.is_given("PUBLIC_URL") {
        r.wrong(
            "OIDC_PROVIDERS",
            "identity providers send people back to an address; set PUBLIC_URL to the one under which they reach \
             jari.",
        );
    }
    if providers.is_none() && password_login != PasswordLogin::On && !r.is_wrong("OIDC_PROVIDERS") {
        r.wrong(
            "PASSWORD_LOGIN",
            "people who cannot log in with a password need an identity provider; set OIDC_PROVIDERS, or leave this \
             setting on.",
        );
    }
    let allowed_hosts = r.optional("ALLOWED_HOSTS", parse::hosts, |list| list.join(", "));
    let trusted_proxies = r.optional("TRUSTED_PROXIES", parse::networks, |list| {
        list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    });
    let cors_origins = r.optional("CORS_ORIGINS", parse::origins, |list| list.join(", "));
    AccessConfig {
        mode,
        admin_email,
        admin_password,
        admin_token,
        staff_session: Duration::from_hours(staff_hours),
        access_token: Duration::from_mins(token_minutes),
        session: Duration::from_hours(24 * session_days),
        session_idle: Duration::from_hours(24 * session_idle),
        staff_idle: Duration::from_hours(staff_idle),
        password_login,
        second_factor,
        allowed_hosts: allowed_hosts.unwrap_or_default(),
        registration,
        providers: providers.unwrap_or_default(),
        trusted_proxies: trusted_proxies.unwrap_or_default(),
        cors_origins: cors_origins.unwrap_or_default(),
    }
}

/// Whether the password is the address, or the part before the `@`.
fn is_name_of(email: &str, password: &Secret) -> bool {
    let password = password.expose().to_lowercase();
    email == password || email.split('@').next() == Some(&password)
}

fn mails(r: &mut Reader) -> Option<MailConfig> {
    let server = r.optional("SMTP_URL", mail::server, |server| server.shown().to_owned());
    let from = r.optional("MAIL_FROM", mail::sender, ToString::to_string);
    if server.is_some() && !r.is_given("MAIL_FROM") {
        r.wrong("SMTP_URL", "mails need somebody in whose name they go out; set MAIL_FROM.");
    } else if server.is_some() && !r.is_given("PUBLIC_URL") {
        r.wrong(
            "SMTP_URL",
            "the links in mails lead to an address; set PUBLIC_URL to the one under which people reach jari.",
        );
    }
    let verify = r.value_or("REGISTRATION_VERIFY", parse::switch, ToString::to_string, || server.is_some());
    if verify && !r.is_given("SMTP_URL") {
        r.wrong("REGISTRATION_VERIFY", "without mails no e-mail can be verified; set SMTP_URL, or this to false.");
    }
    Some(MailConfig { server: server?, from: from?, verify })
}

fn recognition(r: &mut Reader) -> RecognitionConfig {
    let openai_api_key = r.optional("OPENAI_API_KEY", credentials::api_key, ToString::to_string);
    let mode_by_key = if openai_api_key.is_some() { PlateServiceMode::GptApi } else { PlateServiceMode::Local };
    RecognitionConfig {
        mode: r.value_or("PLATE_SERVICE_MODE", parse::choice, ToString::to_string, || mode_by_key),
        service_url: r.value("PLATE_SERVICE_URL", ServiceUrl::endpoint, ToString::to_string),
        openai_model: r.value("PLATE_OPENAI_MODEL", parse::model, Clone::clone),
        openai_prompt: r.value("PLATE_OPENAI_PROMPT", parse::prompt, Clone::clone),
        openai_base_url: r.value("OPENAI_BASE_URL", ServiceUrl::base, ToString::to_string),
        openai_api_key,
        model_dir: r.optional("PLATE_MODEL_DIR", parse::folder, path_text),
        timeout: Duration::from_secs(r.value(
            "PLATE_SERVICE_TIMEOUT_SECONDS",
            parse::number(1..=120),
            ToString::to_string,
        )),
        at_once: r.value("PLATE_SERVICE_AT_ONCE", parse::number(1..=64), ToString::to_string),
    }
}

fn log(r: &mut Reader) -> LogConfig {
    LogConfig {
        format: r.value("LOG_FORMAT", parse::choice, ToString::to_string),
        level: r.value("LOG_LEVEL", parse::log_level, Clone::clone),
    }
}
