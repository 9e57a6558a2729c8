//! As much of a URL as the settings need: its parts, and a spelling that is safe to print.
//!
//! Every message here is a fixed text, so a password inside a URL cannot end up in one.

use std::fmt;

use super::Secret;

/// Query parameters whose values say nothing secret.
const HARMLESS: &[&str] = &["sslmode", "sslrootcert", "host", "port", "application_name", "connect_timeout"];

/// `scheme://userinfo@host:port` and the tail that follows: path, query, fragment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub scheme: &'a str,
    pub userinfo: Option<&'a str>,
    /// An IPv6 address keeps its brackets.
    pub host: &'a str,
    pub port: Option<u16>,
    pub tail: &'a str,
}

/// Takes a URL apart, without judging scheme or host.
pub(super) fn split(text: &str) -> Result<Parts<'_>, &'static str> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it contains white space or control characters; percent-encode them (a \
             space is %20).");
    }
    let (scheme, rest) = text.split_once("://").ok_or("it does not start with a scheme and ://.")?;
    let scheme_is_plausible = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !scheme_is_plausible {
        return Err("what stands before :// is not a scheme.");
    }
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if tail.contains('@') {
        // Most likely a password with one of these characters as it is: reading on would take a
        // part of it for a host name, and print it.
        return Err("it has an @ after the host; if the password contains one of @ / ? # : \
             %, percent-encode it (@ is %40, / is %2F, ? is %3F, # is %23, : is \
             %3A, % is %25).");
    }
    let (userinfo, host_port) = match authority.rsplit_once('@') {
        Some((userinfo, host_port)) => (Some(userinfo), host_port),
        None => (None, authority),
    };
    if userinfo.is_some_and(|u| u.contains('@')) {
        return Err("the user name or password contains an @; write it as %40.");
    }
    // The colons inside the brackets of an IPv6 address do not start a port.
    let after_brackets = host_port.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match host_port[after_brackets..].find(':') {
        None => (host_port, None),
        Some(at) => {
            let (host, port) = host_port.split_at(after_brackets + at);
            let digits = &port[1..];
            let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok());
            let number = number.flatten().filter(|n| *n != 0);
            (host, Some(number.ok_or("the port after the host is not a number from 1 to 65535.")?))
        }
    };
    Ok(Parts { scheme, userinfo, host, port, tail })
}

/// The host of a URL that was checked, without its port.
#[must_use]
pub fn host_of(text: &str) -> &str {
    split(text).map_or("", |parts| parts.host)
}

/// The URL without passwords, for people to read.
pub(super) fn mask(text: &str) -> String {
    let Ok(parts) = split(text) else {
        return Secret::MASK.to_owned();
    };
    let user = match parts.userinfo.map(|u| u.split_once(':').ok_or(u)) {
        None => String::new(),
        Some(Ok((user, _))) => format!("{user}:{}@", Secret::MASK),
        // Alone it is a name for a database, but often a token for a web service.
        Some(Err(user)) if parts.scheme.starts_with("postgres") => format!("{user}@"),
        Some(Err(_)) => format!("{}@", Secret::MASK),
    };
    let port = parts.port.map_or_else(String::new, |port| format!(":{port}"));
    let tail = match parts.tail.split_once('?') {
        None => parts.tail.to_owned(),
        Some((path, query)) => {
            let query: Vec<String> = query.split('&').map(mask_parameter).collect();
            format!("{path}?{}", query.join("&"))
        }
    };
    format!("{}://{user}{}{port}{tail}", parts.scheme, parts.host)
}

fn mask_parameter(pair: &str) -> String {
    match pair.split_once('=') {
        Some((key, _)) if HARMLESS.contains(&key) => pair.to_owned(),
        Some((key, _)) => format!("{key}={}", Secret::MASK),
        None => Secret::MASK.to_owned(),
    }
}

/// The address of a web service, `http` or `https`. It may carry credentials, so it prints masked.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(String);

impl ServiceUrl {
    /// The whole URL, credentials included, for the HTTP client.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A full address, taken as it is.
    pub(super) fn endpoint(text: &str) -> Result<Self, &'static str> {
        const EXAMPLE: &str = "give a whole address, such as http://localhost:8001/v1/recognize.";
        let parts = split(text).map_err(|_| EXAMPLE)?;
        if !(parts.scheme.eq_ignore_ascii_case("http") || parts.scheme.eq_ignore_ascii_case("https")) {
            return Err("it must start with http:// or https://.");
        }
        if parts.host.is_empty() || parts.host.contains(['\\', '<', '>', '"']) {
            return Err(EXAMPLE);
        }
        if parts.tail.contains('#') {
            return Err("it must not have a part that starts with #; servers never see that part.");
        }
        Ok(Self(text.to_owned()))
    }

    /// An address that paths are appended to.
    pub(super) fn base(text: &str) -> Result<Self, &'static str> {
        let url = Self::endpoint(text)?;
        if url.0.contains('?') {
            return Err("it must not have a query (from ? on), because paths are appended to it.");
        }
        Ok(Self(url.0.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_with_and_without_port_and_brackets() {
        let parts = split("https://u:p@[2001:db8::1]:8443/x?y=1").unwrap();
        assert_eq!(
            (parts.scheme, parts.userinfo, parts.host, parts.port, parts.tail),
            ("https", Some("u:p"), "[2001:db8::1]", Some(8443), "/x?y=1")
        );
        let parts = split("http://[::1]").unwrap();
        assert_eq!((parts.host, parts.port, parts.tail), ("[::1]", None, ""));
        for wrong in ["", "host", "://h", "1a://h", "http://h:", "http://h:0", "http://h:65536", "http://h:+80"] {
            assert!(split(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn masking_takes_out_every_password_and_keeps_what_helps() {
        for (url, shown) in [
            ("postgresql://u:hunter2@h:5432/db", "postgresql://u:***@h:5432/db"),
            ("postgresql://u@h/db?sslmode=require", "postgresql://u@h/db?sslmode=require"),
            ("postgresql://h/db?password=hunter2&sslmode=x", "postgresql://h/db?password=***&sslmode=x"),
            ("https://hunter2@h/v1", "https://***@h/v1"),
            ("https://h/v1?key=hunter2&hunter2", "https://h/v1?key=***&***"),
            // Passwords that were not percent-encoded: nothing is safe to show.
            ("postgresql://u:hun/ter2@h/db", "***"),
            ("postgresql://u:hun@ter2@h/db", "***"),
            ("postgresql://u:hun?ter2@h/db", "***"),
            ("postgresql://u:hunter2", "***"),
        ] {
            assert_eq!(mask(url), shown);
        }
    }

    #[test]
    fn a_service_is_reached_over_http_and_printed_without_its_credentials() {
        let url = ServiceUrl::endpoint("https://u:hunter2@h/v1/").unwrap();
        assert_eq!(url.as_str(), "https://u:hunter2@h/v1/");
        assert_eq!(format!("{url} {url:?}"), "https://u:***@h/v1/ ServiceUrl(https://u:***@h/v1/)");
        assert_eq!(ServiceUrl::base("https://h/v1//").unwrap().as_str(), "https://h/v1");
        for wrong in ["localhost:8001", "ftp://h/", "http://", "http:///v1", "http://h/#x", "http://h/a b"] {
            assert!(ServiceUrl::endpoint(wrong).is_err(), "{wrong:?}");
        }
        assert!(ServiceUrl::base("https://h/v1?x=1").is_err());
    }
}
