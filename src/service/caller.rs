//! Who calls a use case, and what the audit trail says of it.

use std::net::IpAddr;

use crate::domain::account::{Action, Actor, Denied};
use crate::domain::audit::Entry;
use crate::store::audit;

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
        Self { actor: Actor::Administrator, address: None, request_id: None, user_agent: None }
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
    /// [`Refusal::LoginRequired`], [`Refusal::Forbidden`].
    pub async fn authorise(&self, caller: &Caller, action: Action<'_>) -> Result<(), Failure> {
        match caller.actor.authorise(action) {
            Ok(()) => Ok(()),
            Err(Denied::LogIn) => Err(Refusal::LoginRequired.into()),
            Err(Denied::Forbidden) => {
                let mut entry = caller.entry(self.clock.now(), "access.forbidden", "site".to_owned());
                entry.after = Some(format!("{{\"wanted\":\"{}\"}}", action_name(action)));
                self.store.write(async move |conn| Ok::<_, Failure>(audit::append(conn, entry.clone()).await?)).await?;
                Err(Refusal::Forbidden.into())
            }
        }
    }
}

/// The name of an action without what it is about.
fn action_name(action: Action<'_>) -> String {
    let name = format!("{action:?}");
    name.split([' ', '{']).next().unwrap_or_default().to_owned()
}
