//! From a text to a value, one function a kind. The sentence of a refusal says what would be right.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use ipnet::IpNet;
use jiff::tz::TimeZone;

use super::{Registration, layers, url};
use crate::domain::schedule::OpeningHours;

type Problem = String;

/// A setting that is one word out of a few.
pub(super) trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

/// The given text as it may stand in a sentence: on one line and not long.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let start: String = text.chars().take(LONGEST).collect();
    let dots = if start.len() < text.len() { "…" } else { "" };
    format!("\"{}{dots}\"", start.escape_debug())
}

pub(super) fn choice<T: Choice>(text: &str) -> Result<T, Problem> {
    let found = T::ALL.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = T::ALL.iter().map(|(word, _)| *word).collect();
        format!("{} is not one of the choices; give {}.", quoted(text), words.join(" or "))
    })
}

pub(super) fn switch(text: &str) -> Result<bool, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("{} is neither true nor false; give one of these two.", quoted(text))),
    }
}

/// A whole number within bounds.
pub(super) fn number<T>(bounds: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, Problem>
where
    T: Copy + PartialOrd + std::fmt::Display + TryFrom<u64>,
{
    move |text| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| text.parse::<u64>().ok()?.try_into().ok()).flatten();
        number.filter(|n| bounds.contains(n)).ok_or_else(|| {
            let what = if digits { "is out of range" } else { "is not a whole number" };
            format!("{} {what}; give a whole number from {} to {}.", quoted(text), bounds.start(), bounds.end())
        })
    }
}

pub(super) fn bind_address(text: &str) -> Result<SocketAddr, Problem> {
    text.parse().map_err(|_| {
        format!(
            "{} is not an address and a port in numbers; give 127.0.0.1:8000 for \
                 this machine only, 0.0.0.0:8000 for every network, or another of this \
                 form (IPv6: [::1]:8000).",
            quoted(text)
        )
    })
}

pub(super) fn folder(text: &str) -> Result<PathBuf, Problem> {
    if text.contains('\0') {
        return Err("a path cannot contain a NUL character.".to_owned());
    }
    if text == "~" || text.starts_with("~/") {
        return Err("~ is not replaced by a home directory here; write the path in full.".to_owned());
    }
    Ok(PathBuf::from(text))
}

pub(super) fn time_zone(text: &str) -> Result<TimeZone, Problem> {
    let known = TimeZone::get(text).ok().filter(|zone| !zone.is_unknown() && zone.iana_name().is_some());
    known.ok_or_else(|| {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let city = |name: &&str| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
        let names = || names.iter().map(String::as_str);
        let suggestion = names().find(city).or_else(|| layers::closest(text, names()));
        format!(
            "{} is not a time zone that jari knows; give an IANA name, such as {}.",
            quoted(text),
            suggestion.unwrap_or("Asia/Seoul")
        )
    })
}

pub(super) fn opening_hours(text: &str) -> Result<OpeningHours, Problem> {
    text.parse().map_err(|_| {
        format!(
            "{} is not a span of opening hours; give opening and closing time on \
                 full or half hours, the later one last, such as 09:00-22:00 or \
                 00:00-24:00.",
            quoted(text)
        )
    })
}

/// An address in lower case. Whether mail arrives there is nobody's question here.
pub(super) fn email(text: &str) -> Result<String, Problem> {
    let plausible = text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>()\"\\".contains(c))
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !domain.contains("..")
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        });
    if plausible {
        Ok(text.to_lowercase())
    } else {
        Err(format!("{} is not an e-mail address; give one, such as admin@example.kr.", quoted(text)))
    }
}

/// `open`, `off`, `invited`, or domains with or without an `@` in front.
pub(super) fn registration(text: &str) -> Result<Registration, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "open" => return Ok(Registration::Open),
        "off" => return Ok(Registration::Off),
        "invited" => return Ok(Registration::Invited),
        _ => {}
    }
    let domain = |item: &str| {
        let domain = item.trim().trim_start_matches('@').to_lowercase();
        let plausible = domain.contains('.')
            && domain
                .split('.')
                .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'));
        plausible.then_some(domain)
    };
    let domains: Option<Vec<String>> = text.split(',').filter(|item| !item.trim().is_empty()).map(domain).collect();
    domains
        .map(Registration::Domains)
        .ok_or_else(|| format!("{} is not open, off, invited or domains such as example.kr,example.com.", quoted(text)))
}

/// Addresses and networks.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Problem> {
    let network = |item: &str| {
        let item = item.trim();
        item.parse::<IpNet>().ok().or_else(|| item.parse::<std::net::IpAddr>().ok().map(IpNet::from))
    };
    let networks: Option<Vec<IpNet>> = text.split(',').filter(|item| !item.trim().is_empty()).map(network).collect();
    networks.ok_or_else(|| {
        format!("{} is not a list of addresses or networks such as 10.0.0.5,192.168.0.0/16.", quoted(text))
    })
}

/// Names of hosts, without ports, in lower case.
pub(super) fn hosts(text: &str) -> Result<Vec<String>, Problem> {
    let host = |item: &str| {
        let host = item.trim().trim_end_matches('.').to_ascii_lowercase();
        let plausible = host.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        });
        plausible.then_some(host)
    };
    let hosts: Option<Vec<String>> = text.split(',').filter(|item| !item.trim().is_empty()).map(host).collect();
    hosts.ok_or_else(|| format!("{} is not a list of hosts such as charge.example.kr,jari.lan.", quoted(text)))
}

/// Origins as browsers send them: lower case, no slash at the end, the usual port left out.
/// Duplicates are dropped.
pub(super) fn origins(text: &str) -> Result<Vec<String>, Problem> {
    let mut origins: Vec<String> = Vec::new();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let origin = origin(item)?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

/// The one origin under which people reach the server.
pub(super) fn public_url(text: &str) -> Result<String, Problem> {
    let origin = origin(text)?;
    if origin.starts_with("https://") || origin.starts_with("http://") {
        Ok(origin)
    } else {
        Err(format!("{} must start with https:// or http://.", url_quoted(text)))
    }
}

fn origin(text: &str) -> Result<String, Problem> {
    const FORM: &str = "give scheme, host and, if needed, port, such as \
         https://charge.example.kr or http://localhost:5173";
    if text.contains('*') {
        return Err("* cannot be used: browsers refuse it where log-ins are sent along, and \
             it would let every web site act for a driver who is logged in; name \
             each origin."
            .to_owned());
    }
    let parts = url::split(text).map_err(|_| format!("{} is not an origin; {FORM}.", url_quoted(text)))?;
    let host = parts.host.to_ascii_lowercase();
    let name = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host_is_plausible = match name {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)),
    };
    if !host.is_ascii() {
        return Err(format!(
            "{} has letters that browsers do not send in an origin; write the host \
                 in its xn-- form.",
            url_quoted(text)
        ));
    }
    if parts.userinfo.is_some() || !host_is_plausible {
        return Err(format!("{} is not an origin; {FORM}.", url_quoted(text)));
    }
    if !matches!(parts.tail, "" | "/") {
        return Err(format!("{} has more than an origin has; {FORM}, and no path.", url_quoted(text)));
    }
    let scheme = parts.scheme.to_ascii_lowercase();
    let port = match (scheme.as_str(), parts.port) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) => String::new(),
        (_, Some(port)) => format!(":{port}"),
    };
    Ok(format!("{scheme}://{host}{port}"))
}

/// Quotes what should have been a URL, and may be one with a password in it.
fn url_quoted(text: &str) -> String {
    if text.contains(['@', '?']) { "one entry".to_owned() } else { quoted(text) }
}

pub(super) fn model(text: &str) -> Result<String, Problem> {
    if text.len() > 200 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{} is not the name of a model; give one word, such as gpt-5-mini.", quoted(text)));
    }
    Ok(text.to_owned())
}

pub(super) fn prompt(text: &str) -> Result<String, Problem> {
    const LONGEST: usize = 8_000;
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!("the prompt has {length} characters; {LONGEST} is the most."));
    }
    Ok(text.to_owned())
}

/// Directives `level` or `target=level` with commas between them. The filter's own grammar takes a
/// misspelled level for the name of a target and then logs everything of it; this one refuses.
pub(super) fn log_level(text: &str) -> Result<String, Problem> {
    let directive = |text: &str| {
        let (target, level) = match text.rsplit_once('=') {
            Some((target, level)) => (Some(target.trim()), level.trim()),
            None => (None, text.trim()),
        };
        let level = match level.to_ascii_lowercase().as_str() {
            "warning" => "warn".to_owned(),
            level if ["off", "error", "warn", "info", "debug", "trace"].contains(&level) => level.to_owned(),
            _ => return None,
        };
        match target {
            None => Some(level),
            Some(target) => {
                let plausible =
                    !target.is_empty() && target.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:-".contains(&b));
                plausible.then(|| format!("{target}={level}"))
            }
        }
    };
    let directives: Option<Vec<String>> = text.split(',').map(directive).collect();
    directives.map(|d| d.join(",")).ok_or_else(|| {
        format!(
            "{} is not a level; give error, warn, info, debug, trace or off, and if \
                 needed levels for parts, such as info,jari=debug.",
            quoted(text)
        )
    })
}
