//! The mail server: one connection a mail, short waits, nothing of the address in an error.

use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::{MailConfig, MailTls, Sender};
use crate::random;

use super::Letter;

/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one mail may take in all.
const LONGEST: Duration = Duration::from_secs(10);

/// Sends mails.
pub struct Post {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
}

/// Why a mail was not sent, without its address and without the server's words, which may repeat it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotSent {
    /// The server refused it and will refuse it again.
    #[error("the mail server refuses it ({0})")]
    Refused(u16),
    /// The server refused it for now.
    #[error("the mail server refuses it for now ({0})")]
    NotNow(u16),
    /// Neither user nor password, or no protection that both sides know.
    #[error("the connection to the mail server cannot be protected as the settings ask")]
    Unprotected,
    /// The server did not answer in time.
    #[error("the mail server does not answer in time")]
    TimedOut,
    /// The server cannot be reached, or speaks no SMTP.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// An address that no mail can be written to.
    #[error("no mail can be written to the address")]
    Unwritable,
}

impl NotSent {
    /// Whether another try may go better.
    #[must_use]
    pub fn may_go_better(self) -> bool {
        !matches!(self, Self::Refused(_) | Self::Unwritable)
    }
}

impl From<lettre::transport::smtp::Error> for NotSent {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let code = error.status().map(u16::from);
        match code {
            Some(code) if error.is_permanent() => Self::Refused(code),
            Some(code) => Self::NotNow(code),
            None if error.is_timeout() => Self::TimedOut,
            None if error.is_tls() => Self::Unprotected,
            None => Self::Unreachable,
        }
    }
}

impl Post {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When there is no TLS to connect by.
    pub fn new(config: &MailConfig) -> Result<Self, String> {
        let server = &config.server;
        let parameters = || TlsParameters::new_rustls(server.host.clone()).map_err(|error| error.to_string());
        let tls = match server.tls {
            MailTls::Wrapped => Tls::Wrapper(parameters()?),
            MailTls::Required => Tls::Required(parameters()?),
            MailTls::Opportunistic => Tls::Opportunistic(parameters()?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .timeout(Some(PATIENCE))
            .tls(tls);
        if let Some((user, password)) = &server.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), from: config.from.clone() })
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// Why the server has not taken it.
    pub async fn send(&self, letter: &Letter) -> Result<(), NotSent> {
        let message = self.written(letter).ok_or(NotSent::Unwritable)?;
        let sent = tokio::time::timeout(LONGEST, self.transport.send(message)).await;
        sent.map_err(|_| NotSent::TimedOut)??;
        Ok(())
    }

    /// Says whether the server answers, and lets us in.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self) -> Result<(), NotSent> {
        let asked = tokio::time::timeout(LONGEST, self.transport.test_connection()).await;
        if asked.map_err(|_| NotSent::TimedOut)?? { Ok(()) } else { Err(NotSent::Unreachable) }
    }

    fn written(&self, letter: &Letter) -> Option<Message> {
        let from = Mailbox::new(self.from.name.clone(), self.from.email.parse::<Address>().ok()?);
        let to = Mailbox::new(None, letter.to.parse::<Address>().ok()?);
        let domain = self.from.email.rsplit('@').next().unwrap_or_default();
        let id = random::hex(&random::bytes::<16>());
        Message::builder()
            .message_id(Some(format!("<{id}@{domain}>")))
            .from(from)
            .to(to)
            .subject(letter.subject.clone())
            // Answering machines shall not answer (RFC 3834 §5).
            .raw_header(lettre::message::header::HeaderValue::new(
                lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())
            .ok()
    }
}
