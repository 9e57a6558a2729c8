//! `SMTP_URL` and `MAIL_FROM`: by which server mails go out, and in whose name.
//!
//! Every refusal here is a fixed text, because a password may stand in the URL.

use super::database_url::percent_decoded;
use super::{Secret, url};
use crate::domain::account;

const FORMS: &str = "this is not a mail server that jari knows; give smtps://user:password@host:465 or \
     smtp://user:password@host:587, if needed with ?tls=opportunistic or ?tls=none at its end.";

/// How mails go out, when they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// `SMTP_URL`
    pub server: MailServer,
    /// `MAIL_FROM`
    pub from: Sender,
    /// `REGISTRATION_VERIFY`
    pub verify: bool,
}

/// A mail server, as `SMTP_URL` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// 465 for `smtps`, else 587 unless given.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// Who sends, if the server asks.
    pub login: Option<(String, Secret)>,
    shown: String,
}

impl MailServer {
    /// The URL without its password, for people.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// From its first byte (`smtps`).
    Wrapped,
    /// By STARTTLS, or no mail goes out.
    Required,
    /// By STARTTLS when the server offers it.
    Opportunistic,
    /// Not at all.
    None,
}

/// In whose name mails go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// What people see beside the address.
    pub name: Option<String>,
    /// The address, in lower case.
    pub email: String,
}

impl std::fmt::Display for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.email),
            None => f.write_str(&self.email),
        }
    }
}

/// The value of `SMTP_URL`.
pub(super) fn server(text: &str) -> Result<MailServer, &'static str> {
    let parts = url::split(text)?;
    let wrapped = parts.scheme.eq_ignore_ascii_case("smtps");
    if !(wrapped || parts.scheme.eq_ignore_ascii_case("smtp")) {
        return Err(FORMS);
    }
    let host = parts.host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:_".contains(&b)) {
        return Err(FORMS);
    }
    let tls = match (wrapped, parts.tail.trim_start_matches('/')) {
        (true, "" | "?tls=required") => MailTls::Wrapped,
        (false, "" | "?tls=required") => MailTls::Required,
        (false, "?tls=opportunistic") => MailTls::Opportunistic,
        (false, "?tls=none") => MailTls::None,
        (true, _) => return Err("smtps:// is protected from its first byte; take away what follows the port."),
        (false, _) => return Err("after the port only ?tls=required, ?tls=opportunistic or ?tls=none may follow."),
    };
    let login = match parts.userinfo.map(|userinfo| userinfo.split_once(':')) {
        None => None,
        Some(None) => return Err("a user name alone logs nobody in; give user:password@ or leave it out."),
        Some(Some((user, password))) => Some((percent_decoded(user)?, Secret::new(percent_decoded(password)?))),
    };
    let here = matches!(host, "localhost" | "127.0.0.1" | "::1");
    if login.is_some() && !here && matches!(tls, MailTls::None | MailTls::Opportunistic) {
        return Err("the password would travel unprotected; leave ?tls= out, or the user and password.");
    }
    let port = parts.port.unwrap_or(if wrapped { 465 } else { 587 });
    Ok(MailServer { host: host.to_owned(), port, tls, login, shown: url::mask(text) })
}

/// The value of `MAIL_FROM`: an address, or `Name <address>`.
pub(super) fn sender(text: &str) -> Result<Sender, &'static str> {
    const FORM: &str = "this is not an e-mail address with or without a name; give one such as \
         no-reply@example.kr or jari <no-reply@example.kr>.";
    let (name, address) = match text.strip_suffix('>').map(|rest| rest.split_once('<')) {
        None => (None, text),
        Some(Some((name, address))) => (Some(name.trim()), address),
        Some(None) => return Err(FORM),
    };
    let plain =
        |name: &&str| name.chars().count() <= 100 && !name.chars().any(|c| c.is_control() || "<>\"".contains(c));
    let email = account::email(address).filter(|email| email.is_ascii()).ok_or(FORM)?;
    let name = match name.filter(|name| !name.is_empty()) {
        Some(name) if !plain(&name) => return Err(FORM),
        name => name.map(str::to_owned),
    };
    Ok(Sender { name, email })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_read_whole_and_shown_without_its_password() {
        let read = server("smtps://kim%40site.kr:hunter2%2F@mail.example.kr").unwrap();
        assert_eq!((read.host.as_str(), read.port, read.tls), ("mail.example.kr", 465, MailTls::Wrapped));
        let (user, password) = read.login.clone().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("kim@site.kr", "hunter2/"));
        assert_eq!(read.shown(), "smtps://kim%40site.kr:***@mail.example.kr");
        assert!(!format!("{read:?}").contains("hunter2"));
        for (text, port, tls) in [
            ("smtp://[::1]:25?tls=none", 25, MailTls::None),
            ("smtp://relay?tls=opportunistic", 587, MailTls::Opportunistic),
            ("smtp://relay/", 587, MailTls::Required),
            ("SMTP://u:p@localhost?tls=none", 587, MailTls::None),
        ] {
            let read = server(text).unwrap();
            assert_eq!((read.port, read.tls), (port, tls), "{text}");
        }
        for wrong in [
            "mail.example.kr",
            "http://mail.example.kr",
            "smtp://",
            "smtp://user@relay",
            "smtp://relay?tls=maybe",
            "smtp://relay/path",
            "smtps://relay?tls=none",
            "smtp://u:p@relay?tls=none",
            "smtp://u:p@relay?tls=opportunistic",
            "smtp://u:%zz@relay",
            "smtp://re lay",
        ] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        assert_eq!(sender("No-Reply@Example.kr").unwrap().to_string(), "no-reply@example.kr");
        assert_eq!(sender("자리 <no-reply@example.kr>").unwrap().to_string(), "자리 <no-reply@example.kr>");
        for wrong in
            ["", "jari", "jari <jari>", "a\r\nBcc: x <a@example.kr>", "<a@example.kr> b", "\"x\" <a@example.kr>"]
        {
            assert!(sender(wrong).is_err(), "{wrong:?}");
        }
    }
}
