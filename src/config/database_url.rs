//! `DATABASE_URL`, in the spellings of SQLAlchemy that installations already have in their
//! settings.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::url;

/// Where reservations are stored.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file; a relative path starts at the working directory.
    Sqlite(PathBuf),
    /// A whole `postgresql://` URL, password included: print the enum, never this text.
    Postgres(String),
}

/// Why a text is not a database this server can use. A fixed sentence, so that it cannot carry a
/// password along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseUrlError(pub(super) &'static str);

const FORMS: &str = "this is not a database that jari knows; give \
     sqlite:///relative/path.db, sqlite:////absolute/path.db or \
     postgresql://user:password@host:5432/database.";
const IN_MEMORY: &str = "a database in memory forgets every reservation when the server stops; \
     give a file, such as sqlite:///./data/ev_charging.db.";

const FALLS_BACK: &str = "sslmode=prefer and sslmode=allow send reservations in clear when the server, or somebody \
     between, has no TLS; give sslmode=verify-full, or sslmode=disable where nobody else is on the network.";

/// Python drivers that SQLAlchemy names after a `+`; all of them talk to the same databases.
const SQLITE_DRIVERS: &[&str] = &["pysqlite", "aiosqlite"];
const POSTGRES_DRIVERS: &[&str] = &["psycopg", "psycopg_async", "psycopg2", "psycopg2cffi", "asyncpg", "pg8000"];
const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

impl DatabaseUrl {
    /// The file used when `DATABASE_URL` is not given.
    #[must_use]
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join("ev_charging.db"))
    }

    /// Whether this is a PostgreSQL server.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// How well the way to a database is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It does not leave this machine, or whose certificate it is was asked.
    Good,
    /// Encrypted, for whoever answers.
    Unproved,
    /// In clear.
    None,
}

impl DatabaseUrl {
    /// How well the way to it is guarded.
    #[must_use]
    pub fn encryption(&self) -> Encryption {
        let Self::Postgres(text) = self else { return Encryption::Good };
        let (_, query) = text.split_once('?').unwrap_or((text, ""));
        let pairs: Vec<String> = query.split('&').map(str::to_owned).collect();
        if url::split(text).is_ok_and(|parts| is_here(parts.host, &pairs)) {
            return Encryption::Good;
        }
        match pairs.iter().rev().find_map(|pair| pair.strip_prefix("sslmode=")) {
            Some("verify-full") => Encryption::Good,
            Some("verify-ca" | "require") => Encryption::Unproved,
            _ => Encryption::None,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(DatabaseUrlError(FORMS))?;
        let scheme = scheme.to_ascii_lowercase();
        let (engine, driver) = match scheme.split_once('+') {
            Some((engine, driver)) => (engine, Some(driver)),
            None => (scheme.as_str(), None),
        };
        let known = |drivers: &[&str]| driver.is_none_or(|d| drivers.contains(&d));
        match engine {
            "sqlite" if known(SQLITE_DRIVERS) => sqlite(rest).map(Self::Sqlite),
            "postgres" | "postgresql" if known(POSTGRES_DRIVERS) => postgres(rest).map(Self::Postgres),
            _ => Err(FORMS),
        }
        .map_err(DatabaseUrlError)
    }
}

fn sqlite(rest: &str) -> Result<PathBuf, &'static str> {
    if rest == ":memory:" || rest == "//" || rest == "///" || rest.is_empty() {
        return Err(IN_MEMORY);
    }
    let path = rest.strip_prefix("///").ok_or(
        "a SQLite URL has three slashes before a relative path and four before \
             an absolute one: sqlite:///./data/ev_charging.db or \
             sqlite:////var/lib/jari/ev_charging.db.",
    )?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    query.split('&').filter(|pair| !pair.is_empty()).try_for_each(sqlite_parameter)?;
    let path = percent_decoded(path)?;
    if path.is_empty() || path == ":memory:" {
        return Err(IN_MEMORY);
    }
    if path.starts_with("file:") {
        return Err("SQLite's own file: form is not supported; give the path alone, such as \
             sqlite:///./data/ev_charging.db.");
    }
    if path.starts_with("~/") {
        return Err("~ is not replaced by a home directory here; write the path in full.");
    }
    if path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..") || path == "." || path == ".." {
        return Err("this names a folder; give the path of a file, such as \
             sqlite:///./data/ev_charging.db.");
    }
    Ok(PathBuf::from(path))
}

/// Parameters of Python's driver change nothing here. Those that would make the file unsafe or
/// read-only are refused, for a server that drops them quietly would not do what was asked.
fn sqlite_parameter(pair: &str) -> Result<(), &'static str> {
    match pair.split_once('=').unwrap_or((pair, "")) {
        ("check_same_thread" | "timeout" | "cached_statements" | "detect_types" | "isolation_level", _)
        | ("mode", "rw" | "rwc") => Ok(()),
        ("mode", "memory") => Err(IN_MEMORY),
        ("mode", _) => Err("the database must be writable; leave the parameter mode off."),
        _ => Err("it has a parameter that jari does not know; leave off everything from \
             the ? on."),
    }
}

fn postgres(rest: &str) -> Result<String, &'static str> {
    if !rest.starts_with("//") {
        return Err(FORMS);
    }
    let text = format!("postgresql:{rest}");
    let parts = url::split(&text)?;
    if parts.tail.contains('#') {
        return Err("it contains a #; if that is a part of the password, write it as %23.");
    }
    if parts.userinfo.is_some_and(|u| percent_decoded(u).is_err()) || percent_decoded(parts.tail).is_err() {
        return Err("it contains a % that does not start an encoded character; write a \
             percent sign as %25.");
    }
    let (before, query) = text.split_once('?').unwrap_or((&text, ""));
    let mut pairs: Vec<String> =
        query.split('&').filter(|pair| !pair.is_empty()).map(postgres_parameter).collect::<Result<_, _>>()?;
    let mode = pairs.iter().rev().find_map(|pair| pair.strip_prefix("sslmode="));
    match mode {
        _ if is_here(parts.host, &pairs) => {}
        None => pairs.push("sslmode=verify-full".to_owned()),
        Some("prefer" | "allow") => return Err(FALLS_BACK),
        Some(_) => {}
    }
    let separator = if pairs.is_empty() { "" } else { "?" };
    Ok(format!("{before}{separator}{}", pairs.join("&")))
}

/// Whether the server is this machine's: a socket, or a loopback address. Parameters win over the host before them.
fn is_here(host: &str, pairs: &[String]) -> bool {
    let named = pairs.iter().filter_map(|pair| pair.split_once('='));
    let mut hosts = named.filter(|(key, _)| matches!(*key, "host" | "hostaddr")).map(|(_, value)| value).peekable();
    if hosts.peek().is_none() {
        return is_loopback(host);
    }
    hosts.all(is_loopback)
}

fn is_loopback(host: &str) -> bool {
    let host = percent_decoded(host).unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host.is_empty()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || number.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// asyncpg spells `sslmode` as `ssl`; a driver that passes over the unknown name would connect
/// without the encryption that was asked for.
fn postgres_parameter(pair: &str) -> Result<String, &'static str> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    if !matches!(key, "ssl" | "sslmode" | "ssl-mode") {
        return Ok(pair.to_owned());
    }
    let mode = match value.to_ascii_lowercase().as_str() {
        "true" | "1" if key == "ssl" => "require".to_owned(),
        "false" | "0" if key == "ssl" => "disable".to_owned(),
        mode if SSL_MODES.contains(&mode) => mode.to_owned(),
        _ => {
            return Err("its sslmode is not one of disable, allow, prefer, require, verify-ca \
             and verify-full.");
        }
    };
    Ok(format!("sslmode={mode}"))
}

pub(super) fn percent_decoded(text: &str) -> Result<String, &'static str> {
    const BAD: &str = "it contains a % that does not start an encoded character of UTF-8; \
         write a percent sign as %25.";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2).ok_or(BAD)?;
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(BAD);
        bytes.push(digit(digits[0])? * 16 + digit(digits[1])?);
        rest = tail;
    }
    let text = String::from_utf8(bytes).map_err(|_| BAD)?;
    if text.chars().any(char::is_control) {
        return Err("it contains control characters.");
    }
    Ok(text)
}

/// The spelling that reads back as the same database, but for a password, which is masked.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => {
                let path = path.display().to_string();
                write!(f, "sqlite:///{}", path.replace('%', "%25").replace('?', "%3F"))
            }
            Self::Postgres(text) => f.write_str(&url::mask(text)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> DatabaseUrl {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn every_sqlalchemy_spelling_of_a_sqlite_file_is_read() {
        for (text, path) in [
            ("sqlite:///relative/path.db", "relative/path.db"),
            ("sqlite:///./data/ev_charging.db", "./data/ev_charging.db"),
            ("sqlite:////var/lib/jari/x.db", "/var/lib/jari/x.db"),
            ("sqlite+pysqlite:///./data/x.db", "./data/x.db"),
            ("sqlite+aiosqlite:////srv/x.db", "/srv/x.db"),
            ("SQLite:///x.db", "x.db"),
            (" sqlite:///x.db\r", "x.db"),
            ("sqlite:///x.db?check_same_thread=false", "x.db"),
            ("sqlite:///x.db?timeout=5&mode=rwc", "x.db"),
            ("sqlite:///x.db?", "x.db"),
            ("sqlite:///%EC%9E%90%EB%A6%AC%20a.db", "자리 a.db"),
            ("sqlite:///자리.db", "자리.db"),
            ("sqlite:///what%3Fnow.db", "what?now.db"),
            ("sqlite:///100%25.db", "100%.db"),
        ] {
            let url = parsed(text);
            assert_eq!(url, DatabaseUrl::Sqlite(PathBuf::from(path)), "{text}");
            assert_eq!(parsed(&url.to_string()), url, "what is printed reads back the same");
        }
    }

    #[test]
    fn every_spelling_of_a_postgresql_server_becomes_one() {
        for scheme in
            ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg", "POSTGRESQL"]
        {
            let url = parsed(&format!("{scheme}://jari:s%40cret@db.example:5432/jari?sslmode=require"));
            let whole = "postgresql://jari:s%40cret@db.example:5432/jari?sslmode=require";
            assert_eq!(url, DatabaseUrl::Postgres(whole.to_owned()));
            let shown = "postgresql://jari:***@db.example:5432/jari?sslmode=require";
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        }
        for (text, whole) in [
            ("postgresql:///jari?host=/run/postgresql", "postgresql:///jari?host=/run/postgresql"),
            ("postgresql://[::1]:5433/jari", "postgresql://[::1]:5433/jari"),
            ("postgresql+asyncpg://h/d?ssl=require", "postgresql://h/d?sslmode=require"),
            ("postgresql://localhost/d?sslmode=prefer", "postgresql://localhost/d?sslmode=prefer"),
            ("postgresql+asyncpg://h/d?ssl=true", "postgresql://h/d?sslmode=require"),
            ("postgresql://127.0.0.1:5432/d?", "postgresql://127.0.0.1:5432/d"),
        ] {
            assert_eq!(parsed(text), DatabaseUrl::Postgres(whole.to_owned()));
        }
    }

    #[test]
    fn a_server_on_another_machine_is_asked_by_tls_unless_told_otherwise() {
        for (text, whole, encryption) in [
            ("postgresql://db/d", "postgresql://db/d?sslmode=verify-full", Encryption::Good),
            (
                "postgresql://u:p@10.0.0.5:5432/d",
                "postgresql://u:p@10.0.0.5:5432/d?sslmode=verify-full",
                Encryption::Good,
            ),
            (
                "postgresql:///d?host=db.example",
                "postgresql:///d?host=db.example&sslmode=verify-full",
                Encryption::Good,
            ),
            (
                "postgresql://localhost/d?host=db",
                "postgresql://localhost/d?host=db&sslmode=verify-full",
                Encryption::Good,
            ),
            ("postgresql://db/d?sslmode=require", "postgresql://db/d?sslmode=require", Encryption::Unproved),
            ("postgresql://db/d?sslmode=disable", "postgresql://db/d?sslmode=disable", Encryption::None),
            ("postgresql://localhost/d", "postgresql://localhost/d", Encryption::Good),
            ("postgresql://[::1]/d", "postgresql://[::1]/d", Encryption::Good),
            ("postgresql:///d?host=%2Frun%2Fpostgresql", "postgresql:///d?host=%2Frun%2Fpostgresql", Encryption::Good),
        ] {
            let url = parsed(text);
            assert_eq!(url, DatabaseUrl::Postgres(whole.to_owned()));
            assert_eq!(url.encryption(), encryption, "{text}");
        }
        for mode in ["prefer", "allow"] {
            let error = format!("postgresql://u:hunter2@db/d?sslmode={mode}").parse::<DatabaseUrl>().unwrap_err();
            assert!(error.0.contains("in clear"), "{error}");
        }
    }

    #[test]
    fn a_database_that_forgets_is_refused_with_the_reason() {
        for text in
            ["sqlite://", "sqlite:///", "sqlite:", "sqlite::memory:", "sqlite:///:memory:", "sqlite:///x?mode=memory"]
        {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.contains("forgets every reservation"), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_no_usable_database_is_refused_without_its_password() {
        for text in [
            "",
            "hunter2",
            "/var/hunter2.db",
            "mysql://u:hunter2@h/d",
            "postgresql+hunter2://h/d",
            "postgresql:u:hunter2",
            "postgresql://u:hunter2@h:port/d",
            "postgresql://u:hunter2@h:99999/d",
            "postgresql://u:hun@ter2@h/d",
            "postgresql://u:hun/ter2@h/d",
            "postgresql://u:hun#ter2@h/d",
            "postgresql://u:hunter2%zz@h/d",
            "postgresql://u:hun ter2@h/d",
            "postgresql://u:hunter2",
            "postgresql://u:hunter2@h/d#x",
            "postgresql://u:hunter2@h/d?sslmode=on",
            "sqlite+pysqlcipher://:hunter2@/x.db",
            "sqlite://hunter2.db",
            "sqlite:hunter2.db",
            "sqlite:///hunter2%",
            "sqlite:///hunter2%0",
            "sqlite:///hunter2%00",
            "sqlite:///hunter2%ff",
            "sqlite:///hunter2/",
            "sqlite:///hunter2/..",
            "sqlite:///~/hunter2.db",
            "sqlite:///file:hunter2?mode=rwc",
            "sqlite:///hunter2.db?mode=ro",
            "sqlite:///x.db?key=hunter2",
        ] {
            let error = text.parse::<DatabaseUrl>().expect_err(text).to_string();
            assert!(!error.contains("hunter2") && !error.contains("ter2"), "{text}: {error}");
            assert!(error.ends_with('.'), "{error}");
        }
        let error = "mysql://h/d".parse::<DatabaseUrl>().unwrap_err().to_string();
        for form in ["sqlite:///relative", "sqlite:////absolute", "postgresql://"] {
            assert!(error.contains(form), "{error}");
        }
    }
}
