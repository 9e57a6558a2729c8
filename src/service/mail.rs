//! Mails: written here, sent by a task beside the requests.
//!
//! A request hands over an errand and is answered; whether a mail goes out, and to whom, is found out afterwards, so
//! that no answer tells by its duration whether an address has an account. Errands wait in memory: what a crash loses,
//! people ask for again.

mod errands;
mod letters;
mod post;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::MailConfig;
use crate::domain::account::Role;
use crate::domain::lang::Lang;

use super::invitations::Made;
use super::{Caller, Refusal, Site};

pub use letters::Letter;
pub use post::{NotSent, Post};

/// So many errands wait; further ones are refused, and logged.
const WAITING: usize = 256;

/// So many are run at once.
const AT_ONCE: usize = 4;

/// How long to wait before another try, after the first, the second and so on.
const AGAIN_AFTER: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(2)];

/// How long a stopping server goes on sending.
const DRAIN: Duration = Duration::from_secs(5);

/// What a mail is about.
#[derive(Clone)]
pub enum Errand {
    /// Somebody says that they forgot the password of this e-mail.
    Forgot(String),
    /// Somebody made the account of this e-mail, which is to be proved.
    Prove(String),
    /// Somebody tried to register this e-mail, which has an account.
    RegisteredBefore(String),
    /// This e-mail is invited, by a secret, to be something.
    Invite(String, String, Role),
}

/// An errand with whose request it comes from and what its mail is written in.
struct Order {
    errand: Errand,
    caller: Caller,
    lang: Lang,
}

/// Where errands are handed over.
pub struct Mail {
    post: Post,
    public_url: String,
    /// Whether registering needs a proof of the e-mail.
    verify: bool,
    queue: mpsc::Sender<Order>,
    /// Taken by the task that sends.
    orders: Mutex<Option<mpsc::Receiver<Order>>>,
}

impl Mail {
    /// Asks the mail server nothing yet.
    ///
    /// # Errors
    /// When there is no TLS to ask it by.
    pub fn new(config: &MailConfig, public_url: &str) -> Result<Self, String> {
        let (queue, orders) = mpsc::channel(WAITING);
        Ok(Self {
            post: Post::new(config)?,
            public_url: public_url.to_owned(),
            verify: config.verify,
            queue,
            orders: Mutex::new(Some(orders)),
        })
    }
}

impl Site {
    /// The mails of this site.
    ///
    /// # Errors
    /// [`Refusal::MailNotConfigured`].
    pub(super) fn mail(&self) -> Result<&Mail, Refusal> {
        self.mail.as_ref().ok_or(Refusal::MailNotConfigured)
    }

    /// Whether somebody who registers must prove the e-mail before they can log in.
    #[must_use]
    pub fn verifies_emails(&self) -> bool {
        self.mail.as_ref().is_some_and(|mail| mail.verify)
    }
}

impl Mail {
    /// Hands an errand over. One that finds the queue full is logged and dropped: the mail server has not kept up for
    /// hundreds of mails, and waiting would hold the request.
    pub(super) fn hand_over(&self, errand: Errand, caller: &Caller, lang: Lang) {
        let order = Order { errand, caller: caller.clone(), lang };
        if let Err(refused) = self.queue.try_send(order) {
            let order = match &refused {
                mpsc::error::TrySendError::Full(order) | mpsc::error::TrySendError::Closed(order) => order,
            };
            let request = order.caller.request_id.as_deref().unwrap_or_default();
            tracing::error!(request.id = request, "a mail was dropped: too many wait, or the server is stopping");
        }
    }

    /// A link of ours with a secret that browsers do not send: behind the `#`.
    #[must_use]
    pub(super) fn link(&self, page: &str, secret: &str) -> String {
        format!("{}/{page}#{secret}", self.public_url)
    }
}

/// Writes the mail of an invitation and waits until the server has it: for the command line.
///
/// # Errors
/// Why it was not sent.
pub async fn send_invitation(mail: &Mail, made: &Made, lang: Lang) -> Result<(), NotSent> {
    let (to, link) = (&made.invitation.email, mail.link("invite", &made.secret));
    mail.post.send(&letters::invitation(to, &link, made.invitation.role, lang)).await
}

/// Runs errands until `stop`, then those that wait, for a few seconds.
pub async fn run(site: Arc<Site>, stop: impl Future<Output = ()>) {
    let taken = site.mail.as_ref().and_then(|mail| mail.orders.lock().unwrap_or_else(PoisonError::into_inner).take());
    let Some(mut orders) = taken else { return };
    let (turns, stopping) = (Arc::new(Semaphore::new(AT_ONCE)), CancellationToken::new());
    let mut running = JoinSet::new();
    let begin = |running: &mut JoinSet<()>, order: Order| {
        running.spawn(carry_out(Arc::clone(&site), order, Arc::clone(&turns), stopping.clone()));
    };
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = running.join_next() => log_panic(ended),
            Some(order) = orders.recv(), if running.len() < WAITING => begin(&mut running, order),
        }
    }
    stopping.cancel();
    orders.close();
    while let Ok(order) = orders.try_recv() {
        begin(&mut running, order);
    }
    let rest = async {
        while let Some(ended) = running.join_next().await {
            log_panic(ended);
        }
    };
    if tokio::time::timeout(DRAIN, rest).await.is_err() {
        tracing::error!(count = running.len(), "the server stopped before all mails were sent");
    }
    running.shutdown().await;
}

fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(cause = %error, "a mail was lost by a panic");
    }
}

/// Writes the mail of an order and sends it, with a few tries. Nothing that is logged has an address in it.
async fn carry_out(site: Arc<Site>, order: Order, turns: Arc<Semaphore>, stopping: CancellationToken) {
    let Some(mail) = &site.mail else { return };
    let request = order.caller.request_id.clone().unwrap_or_default();
    let letter = match errands::letter(&site, mail, &order).await {
        Ok(Some(letter)) => letter,
        Ok(None) => return,
        Err(error) => {
            tracing::error!(request.id = request, cause = %error, "a mail could not be written");
            return;
        }
    };
    for attempt in 1.. {
        let Ok(turn) = turns.acquire().await else { return };
        let sent = mail.post.send(&letter).await;
        drop(turn);
        let Err(not_sent) = sent else { return };
        let cause = not_sent.to_string();
        let wait = AGAIN_AFTER.get(attempt - 1).filter(|_| not_sent.may_go_better());
        let Some(wait) = wait.filter(|_| !stopping.is_cancelled()) else {
            tracing::error!(request.id = request, mail.attempt = attempt, cause, "a mail was not sent, for good");
            return;
        };
        tracing::warn!(request.id = request, mail.attempt = attempt, cause, "a mail was not sent; trying again");
        // A stopping server tries once more at once.
        let _ = tokio::time::timeout(*wait, stopping.cancelled()).await;
    }
}
