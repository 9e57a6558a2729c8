//! Who calls a use case, and what the audit trail says of it.

use std::net::IpAddr;

use crate::domain::account::{Action, Actor, Denied};
use crate::domain::audit::Entry;
use crate::store::audit;

use super::throttle::Limit;
use super::{Failure, Refusal, Site};

/// Who calls, from where, by which request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// From which address; `None` for the command line.
    pub address: Option<IpAddr>,
    /// The id of the request; `None` for the command line.
    pub request_id: Option<String>,
    /// The program, as it says itself.
    pub user_agent: Option<String>,
    /// The log-in that was there before, of somebody who logs in.
    pub replaces: Option<String>,
}

/// Whose address it is, for counting: an IPv6 address stands for its /64, of which whoever has one has all.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

impl Caller {
    /// Whoever uses the command line on the server's machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self { actor: Actor::Administrator, address: None, request_id: None, user_agent: None, replaces: None }
    }

    /// From where the caller comes, for counting: an IPv6 address by its /64, of which whoever has one has all.
    #[must_use]
    pub fn counted_address(&self) -> String {
        self.address.map(network).unwrap_or_default()
    }

    /// A record of what this caller does at `at`, in UTC seconds.
    #[must_use]
    pub fn entry(&self, at: i64, action: &'static str, object: String) -> Entry {
        Entry {
            at,
            actor: self.actor.name(),
            action,
            object,
            before: None,
            after: None,
            address: self.address.map(|address| address.to_string()),
            request_id: self.request_id.clone(),
        }
    }
}

impl Site {
    /// Asks the policy; an attempt that it forbids is recorded.
    ///
    /// # Errors
    /// [`Refusal::LoginRequired`], [`Refusal::Forbidden`], [`Refusal::SecondFactorMissing`].
    pub async fn authorise(&self, caller: &Caller, action: Action<'_>) -> Result<(), Failure> {
        match caller.actor.authorise(action) {
            Ok(()) => Ok(()),
            Err(denied @ (Denied::LogIn | Denied::SecondFactor)) => Err(Refusal::from(denied).into()),
            Err(Denied::Forbidden) => {
                let wanted = format!("{{\"wanted\":\"{}\"}}", action_name(action));
                self.record_attempt(caller, "access.forbidden", Some(wanted)).await;
                Err(Refusal::Forbidden.into())
            }
        }
    }

    /// Records an attempt to get around the rules: the first of its kind by this actor from this address within the
    /// hour. The rest is in the log, or whoever is refused could fill the disk. That it cannot be recorded is no reason
    /// to answer anything else.
    pub async fn record_attempt(&self, caller: &Caller, action: &'static str, after: Option<String>) {
        let (now, actor, address) = (self.clock.now(), caller.actor.name(), caller.counted_address());
        let told = after.as_deref().unwrap_or_default();
        let request = caller.request_id.as_deref().unwrap_or_default();
        tracing::warn!(
            attempt = action,
            actor,
            client.address = address,
            request.id = request,
            "an attempt was refused"
        );
        if self.throttle.count(ATTEMPT, &format!("{action} {told} {actor} {address}"), now).is_err() {
            return;
        }
        if self.throttle.count(ATTEMPTS_IN_ALL, "", now).is_err() {
            return;
        }
        let mut entry = caller.entry(now, action, "site".to_owned());
        entry.after = after;
        let written = self.store.write(async move |conn| Ok::<_, Failure>(audit::append(conn, entry.clone()).await?));
        if let Err(error) = written.await {
            tracing::error!(cause = %error, "an attempt could not be recorded");
        }
    }
}

/// The same attempt is recorded once an hour.
const ATTEMPT: Limit = Limit { kind: "attempt", tries: 1, window: 60 * 60 };

/// So many attempts are recorded in an hour, whoever makes them: addresses are cheap.
const ATTEMPTS_IN_ALL: Limit = Limit { kind: "attempts in all", tries: 1000, window: 60 * 60 };

/// The name of an action without what it is about.
fn action_name(action: Action<'_>) -> String {
    let name = format!("{action:?}");
    name.split([' ', '{']).next().unwrap_or_default().to_owned()
}
