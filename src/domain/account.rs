//! Who asks, and what they may do: the one policy that every use case asks.

use serde::{Deserialize, Serialize};

/// What an account is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Books for themselves.
    Driver,
    /// Runs the site: sees everybody's bookings, removes them, opens and closes bays.
    Operator,
    /// Runs the server.
    Administrator,
}

impl Role {
    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }

    /// The role of a name, or `None` when there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Driver, Self::Operator, Self::Administrator].into_iter().find(|role| role.as_str() == name)
    }
}

/// Somebody who can log in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// A UUID.
    pub id: String,
    /// Lower case.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

/// Who sends a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Actor {
    /// Nobody that we know.
    Anonymous,
    /// Nobody that we know, on a closed network where the administrator chose `ACCESS_MODE=open`: what the
    /// original let anybody do is allowed.
    Open,
    /// Somebody who logged in.
    Account(Account),
    /// A program that holds the `ADMIN_TOKEN` of the settings, or whoever uses the command line on the
    /// server's machine.
    Administrator,
}

/// What somebody wants to do, and to what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action<'a> {
    /// See which bay is taken when, with masked plates.
    SeeCalendar,
    /// See plates and e-mails of anybody.
    SeeEverybody,
    /// See and cancel by naming an e-mail or a plate, without being logged in.
    NameOneself,
    /// Book a bay.
    Book,
    /// See one's own reservations.
    SeeOwn,
    /// See, move or cancel this reservation; `owner` is the account that made it.
    Manage {
        /// The account that made it, if any.
        owner: Option<&'a str>,
    },
    /// Ask whether a booking would be possible.
    Verify,
    /// Ask whether a car holds a bay now.
    Match,
    /// Cancel anybody's reservation through the operators' calls.
    Administer,
    /// Add, rename, close and reopen bays.
    ManageBays,
}

/// What the policy answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denied {
    /// Logging in may help.
    LogIn,
    /// This account may not.
    Forbidden,
}

impl Actor {
    /// The account, when somebody is logged in.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            _ => None,
        }
    }

    /// Whose requests these are, for idempotency keys: two people may use the same key.
    #[must_use]
    pub fn scope(&self) -> &str {
        match self {
            Self::Anonymous | Self::Open => "open",
            Self::Account(account) => &account.id,
            Self::Administrator => "administrator",
        }
    }

    /// Whether the policy allows `action`.
    #[must_use]
    pub fn can(&self, action: Action<'_>) -> bool {
        self.authorise(action).is_ok()
    }

    /// The policy: who may do what, to what.
    ///
    /// # Errors
    /// Why not.
    pub fn authorise(&self, action: Action<'_>) -> Result<(), Denied> {
        use Action as A;
        let allowed = match self {
            Self::Anonymous => matches!(action, A::SeeCalendar),
            Self::Open => match action {
                A::SeeCalendar
                | A::SeeEverybody
                | A::NameOneself
                | A::Book
                | A::SeeOwn
                | A::Manage { .. }
                | A::Verify
                | A::Match => true,
                A::Administer | A::ManageBays => false,
            },
            Self::Account(account) => match account.role {
                Role::Driver => match action {
                    A::SeeCalendar | A::Book | A::SeeOwn | A::Verify => true,
                    A::Manage { owner } => owner == Some(account.id.as_str()),
                    A::SeeEverybody | A::NameOneself | A::Match | A::Administer | A::ManageBays => false,
                },
                Role::Operator | Role::Administrator => true,
            },
            Self::Administrator => true,
        };
        match (allowed, self) {
            (true, _) => Ok(()),
            (false, Self::Anonymous | Self::Open) => Err(Denied::LogIn),
            (false, _) => Err(Denied::Forbidden),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(role: Role) -> Actor {
        Actor::Account(Account { id: "me".into(), email: "me@example.com".into(), role })
    }

    #[test]
    fn the_policy_is_this_table() {
        use Action as A;
        let own = A::Manage { owner: Some("me") };
        let other = A::Manage { owner: Some("them") };
        let nobodys = A::Manage { owner: None };
        let rows = [
            // action, anonymous, open, driver, operator
            (A::SeeCalendar, true, true, true, true),
            (A::SeeEverybody, false, true, false, true),
            (A::NameOneself, false, true, false, true),
            (A::Book, false, true, true, true),
            (A::SeeOwn, false, true, true, true),
            (own, false, true, true, true),
            (other, false, true, false, true),
            (nobodys, false, true, false, true),
            (A::Verify, false, true, true, true),
            (A::Match, false, true, false, true),
            (A::Administer, false, false, false, true),
            (A::ManageBays, false, false, false, true),
        ];
        for (action, anonymous, open, driver, operator) in rows {
            assert_eq!(Actor::Anonymous.can(action), anonymous, "anonymous {action:?}");
            assert_eq!(Actor::Open.can(action), open, "open {action:?}");
            assert_eq!(account(Role::Driver).can(action), driver, "driver {action:?}");
            assert_eq!(account(Role::Operator).can(action), operator, "operator {action:?}");
            assert_eq!(account(Role::Administrator).can(action), operator, "administrator {action:?}");
            assert_eq!(Actor::Administrator.can(action), operator, "token {action:?}");
        }
    }

    #[test]
    fn role_names_round_trip() {
        for role in [Role::Driver, Role::Operator, Role::Administrator] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
