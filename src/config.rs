//! The settings: where they come from, what they may say, and which one won.
//!
//! Defaults < file < environment < flags. Nothing here reads the environment or a file: both are
//! parameters, so that `main` alone decides and every rule can be tried in a test. All that is
//! wrong is reported at once, in sentences for the person who starts the server.

mod build;
mod credentials;
mod database_url;
mod error;
mod layers;
mod mail;
mod parse;
mod providers;
mod reader;
mod reference;
mod secret;
mod setting;
mod table;
#[cfg(test)]
mod tests;
mod url;

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use crate::domain::schedule::OpeningHours;

pub use build::load;
pub use database_url::{DatabaseUrl, DatabaseUrlError, Encryption};
pub use error::{ConfigError, ConfigErrors};
pub use layers::{FilePath, file_path};
pub use mail::{MailConfig, MailServer, MailTls, Sender};
pub use providers::ProviderConfig;
pub use reference::reference_markdown;
pub use secret::Secret;
pub use setting::{Fallback, Group, Kind, Setting};
pub use table::SETTINGS;
pub use url::{ServiceUrl, host_of};

/// Everything that settings are read from. The default is "nothing was given". Not `Debug`, because
/// it holds every secret in clear.
#[derive(Clone, Copy, Default)]
pub struct Sources<'a> {
    /// The settings file: its path, for messages, and its text.
    pub file: Option<(&'a Path, &'a str)>,
    /// The whole environment; names that are not ours are passed over.
    pub env: &'a [(OsString, OsString)],
    /// `--set NAME=VALUE`, in the order given; the last one of a name wins.
    pub flags: &'a [(String, String)],
    /// What stands in files that environment variables such as `ADMIN_TOKEN_FILE` name.
    pub secret_files: &'a [SecretFile],
    /// The text of `openai-key.txt` in the working directory.
    pub openai_key_file: Option<&'a str>,
}

/// A secret that came in a file of its own: from a vault's agent, a container's secrets, the service manager.
#[derive(Clone)]
pub struct SecretFile {
    /// The setting that it is the value of.
    pub setting: &'static str,
    /// Where it stands.
    pub path: PathBuf,
    /// The file as it is.
    pub text: String,
}

/// The settings of one run, each checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listening, files and limits.
    pub server: ServerConfig,
    /// Where reservations are stored.
    pub database: DatabaseConfig,
    /// What can be booked, and when.
    pub booking: BookingConfig,
    /// Who may do what, and from where.
    pub access: AccessConfig,
    /// How mails go out; `None` when they do not.
    pub mail: Option<MailConfig>,
    /// How a picture becomes a plate.
    pub recognition: RecognitionConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    effective: Vec<Effective>,
}

impl Config {
    /// Each setting with the value in force and where that came from, in the order of the
    /// reference. Fit for printing: secrets are masked.
    #[must_use]
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }
}

/// Listening, files and limits.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `BIND_ADDRESS`
    pub bind_address: SocketAddr,
    /// `PUBLIC_URL`: an origin, spelled as browsers do.
    pub public_url: Option<String>,
    /// `DATA_DIR`; not yet known to exist.
    pub data_dir: PathBuf,
    /// `STATIC_DIR`; not yet known to exist.
    pub static_dir: Option<PathBuf>,
    /// `MAX_CONNECTIONS`
    pub max_connections: u32,
    /// `MAX_CONNECTIONS_PER_ADDRESS`
    pub connections_per_address: u32,
    /// `RATE_REQUESTS_PER_MINUTE`; 0 for any number.
    pub requests_per_minute: u32,
    /// `REQUEST_TIMEOUT_SECONDS`
    pub request_timeout: Duration,
    /// `SHUTDOWN_GRACE_SECONDS`; zero means not to wait.
    pub shutdown_grace: Duration,
    /// `TLS_CERT` and `TLS_KEY`; not yet known to exist.
    pub tls: Option<TlsFiles>,
    /// `PLAIN_HTTP`; `proxies` only with `TRUSTED_PROXIES`.
    pub plain_http: PlainHttp,
}

impl ServerConfig {
    /// Whether other machines would be served without TLS, and no setting says so.
    #[must_use]
    pub fn is_open_without_tls(&self) -> bool {
        let reachable = !self.bind_address.ip().to_canonical().is_loopback();
        reachable && self.tls.is_none() && self.plain_http == PlainHttp::Loopback
    }
}

/// The files of our own TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// `TLS_CERT`
    pub certificate: PathBuf,
    /// `TLS_KEY`
    pub key: PathBuf,
}

/// Where reservations are stored.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`
    pub url: DatabaseUrl,
    /// `DATABASE_READ_URL`; when given, it and `url` are both PostgreSQL.
    pub read_url: Option<DatabaseUrl>,
    /// `DATABASE_POOL_SIZE`
    pub pool_size: u32,
}

/// What can be booked, and when.
#[derive(Debug, Clone)]
pub struct BookingConfig {
    /// `BUSINESS_TIMEZONE`; always one with an IANA name.
    pub timezone: TimeZone,
    /// `OPENING_HOURS`
    pub opening_hours: OpeningHours,
    /// `BOOKING_HORIZON_DAYS`
    pub horizon_days: u16,
    /// `AUTO_SEED_SESSIONS`
    pub auto_seed: bool,
    /// `MATCH_TOLERANCE`
    pub match_tolerance: MatchTolerance,
    /// `MATCH_EARLY_MINUTES`
    pub match_early_minutes: u16,
    /// `MATCH_LATE_MINUTES`
    pub match_late_minutes: u16,
    /// Seconds within which a camera that sees the same car again sees nothing new.
    pub camera_cool_down: u16,
    /// After how many days sightings lose their plates; 0 for never.
    pub sighting_days: u16,
    /// After how many hours pictures of sightings are forgotten.
    pub picture_hours: u16,
    /// `QUOTA_OPEN_BOOKINGS`; 0 for any number.
    pub quota_open_bookings: u16,
    /// `QUOTA_HOURS_PER_DAY`; 0 for any number.
    pub quota_hours_per_day: u16,
    /// `QUOTA_DAYS_AHEAD`; 0 for the horizon.
    pub quota_days_ahead: u16,
    /// `RATE_CHANGES_PER_HOUR`; 0 for any number.
    pub changes_per_hour: u32,
    /// `RATE_CHECKS_PER_MINUTE`; 0 for any number.
    pub checks_per_minute: u32,
    /// `RETENTION_BOOKING_DAYS`; 0 for ever.
    pub retention_days: u16,
}

/// Who may do what, and from where.
#[derive(Debug, Clone)]
pub struct AccessConfig {
    /// `ACCESS_MODE`
    pub mode: AccessMode,
    /// `ADMIN_EMAIL`, in lower case.
    pub admin_email: Option<String>,
    /// `ADMIN_PASSWORD`; only ever together with `admin_email`.
    pub admin_password: Option<Secret>,
    /// `ADMIN_TOKEN`
    pub admin_token: Option<Secret>,
    /// `STAFF_SESSION_HOURS`
    pub staff_session: Duration,
    /// `ACCESS_TOKEN_MINUTES`
    pub access_token: Duration,
    /// `SESSION_DAYS`
    pub session: Duration,
    /// `SESSION_IDLE_DAYS`
    pub session_idle: Duration,
    /// `STAFF_IDLE_HOURS`
    pub staff_idle: Duration,
    /// `PASSWORD_LOGIN`; not `off` without providers.
    pub password_login: PasswordLogin,
    /// `SECOND_FACTOR`
    pub second_factor: SecondFactorRule,
    /// `ALLOWED_HOSTS`, in lower case, without ports.
    pub allowed_hosts: Vec<String>,
    /// `REGISTRATION`
    pub registration: Registration,
    /// `OIDC_PROVIDERS`; when there are any, `PUBLIC_URL` is given.
    pub providers: Vec<ProviderConfig>,
    /// `TRUSTED_PROXIES`
    pub trusted_proxies: Vec<IpNet>,
    /// `CORS_ORIGINS`, each spelled as browsers send it in the `Origin` header.
    pub cors_origins: Vec<String>,
}

/// Who can make a driver's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Nobody.
    Off,
    /// Those who were invited.
    Invited,
    /// Those whose e-mail is in one of these domains, in lower case.
    Domains(Vec<String>),
}

impl Registration {
    /// Whether the owner of an e-mail in lower case can register without an invitation.
    #[must_use]
    pub fn admits(&self, email: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Off | Self::Invited => false,
            Self::Domains(domains) => {
                email.rsplit_once('@').is_some_and(|(_, domain)| domains.iter().any(|known| known == domain))
            }
        }
    }
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Off => f.write_str("off"),
            Self::Invited => f.write_str("invited"),
            Self::Domains(domains) => f.write_str(&domains.join(", ")),
        }
    }
}

/// How a picture becomes a plate.
#[derive(Debug, Clone)]
pub struct RecognitionConfig {
    /// `PLATE_SERVICE_MODE`
    pub mode: PlateServiceMode,
    /// `PLATE_SERVICE_URL`
    pub service_url: ServiceUrl,
    /// `PLATE_OPENAI_MODEL`
    pub openai_model: String,
    /// `PLATE_OPENAI_PROMPT`
    pub openai_prompt: String,
    /// `OPENAI_API_KEY`; may be absent even in the mode `gptapi`.
    pub openai_api_key: Option<Secret>,
    /// `OPENAI_BASE_URL`, without a slash at the end.
    pub openai_base_url: ServiceUrl,
    /// `PLATE_MODEL_DIR`
    pub model_dir: Option<PathBuf>,
    /// `PLATE_SERVICE_TIMEOUT_SECONDS`
    pub timeout: Duration,
    /// `PLATE_SERVICE_AT_ONCE`
    pub at_once: usize,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `LOG_FORMAT`
    pub format: LogFormat,
    /// `LOG_LEVEL`: directives that `tracing_subscriber::EnvFilter` accepts.
    pub level: String,
}

/// Declares a setting that is one word out of a few, with the words in one place.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl parse::Choice for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }
    };
}

choice! {
    /// Who may see and cancel reservations.
    AccessMode {
        /// People log in and see their own.
        Accounts = "accounts",
        /// Everybody may do everything, as the first server of this kind did.
        Open = "open",
    }
}

choice! {
    /// Who is served without TLS.
    PlainHttp {
        /// This machine.
        Loopback = "loopback",
        /// This machine and the proxies of `TRUSTED_PROXIES`.
        Proxies = "proxies",
        /// Everybody.
        Allow = "allow",
    }
}

choice! {
    /// Who can log in with a password.
    PasswordLogin {
        /// Everybody who has one.
        On = "on",
        /// Administrators; the others come with an identity provider.
        Administrators = "administrators",
        /// Nobody.
        Off = "off",
    }
}

choice! {
    /// Who must have a second factor.
    SecondFactorRule {
        /// Nobody; whoever wants one has it.
        Optional = "optional",
        /// Operators and administrators.
        Staff = "staff",
        /// Everybody.
        Required = "required",
    }
}

choice! {
    /// What turns a picture into a plate.
    PlateServiceMode {
        /// A server that speaks the OpenAI Responses API.
        GptApi = "gptapi",
        /// A recognition service of the site's own.
        Http = "http",
        /// The reader built in.
        Local = "local",
    }
}

choice! {
    /// How alike a plate that a camera saw and a booked plate must be.
    MatchTolerance {
        /// Common misreadings are forgiven where only one booking fits.
        Tolerant = "tolerant",
        /// Each character must agree.
        Exact = "exact",
    }
}

choice! {
    /// The shape of a log line.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line, for log collectors.
        Json = "json",
    }
}

/// One setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The environment spelling, such as `BIND_ADDRESS`.
    pub name: &'static str,
    /// The value for people to read; `***` in place of secrets, `(none)` when there is none.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave it.
    Default,
    /// The settings file at this path.
    File(PathBuf),
    /// An environment variable.
    Environment,
    /// The file that an environment variable such as `ADMIN_TOKEN_FILE` names.
    SecretFile(PathBuf),
    /// `--set` on the command line.
    Flag,
    /// `openai-key.txt` in the working directory.
    KeyFile,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) | Self::SecretFile(path) => write!(f, "file {}", path.display()),
            Self::Environment => f.write_str("environment"),
            Self::Flag => f.write_str("flag"),
            Self::KeyFile => f.write_str("openai-key.txt"),
        }
    }
}

/// The lines of `jari config show`: name, origin and value in columns. The value stands last,
/// because it alone can be long.
#[must_use]
pub fn show(config: &Config) -> String {
    let mut rows = vec![["SETTING".to_owned(), "FROM".to_owned(), "VALUE".to_owned()]];
    rows.extend(config.effective.iter().map(|e| [e.name.to_owned(), e.origin.to_string(), one_line(&e.value)]));
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let (names, origins) = (width(0), width(1));
    let line = |[name, origin, value]: &[String; 3]| format!("{name:names$}  {origin:origins$}  {value}\n");
    rows.iter().map(line).collect()
}

/// Control characters would break the columns, or drive the terminal.
fn one_line(text: &str) -> String {
    let escaped = |c: char| {
        if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
    };
    text.chars().map(escaped).collect()
}
