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

/// An e-mail in lower case, or `None` when it is none. Whether mail arrives there is nobody's question here.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let host = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    // RFC 5321 §4.5.3.1 allows 64 characters before the @ and 254 in all.
    let good = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && local.chars().all(plain)
                && domain.chars().all(host)
                && domain.split('.').count() >= 2
                && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        });
    good.then_some(email)
}

/// An e-mail with all but the first character before the `@` hidden. What is no e-mail stays as it is: accounts that
/// were erased have a name of ours in its place.
#[must_use]
pub fn mask_email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(usize::from(local.chars().count() > 1)).collect();
            format!("{first}***@{domain}")
        }
        None => email.to_owned(),
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

/// What a machine's key may be used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyScope {
    /// Says what it read, and asks whether the car holds a bay.
    Camera,
    /// Reads every list, changes nothing.
    Export,
    /// Books, moves and cancels on behalf of people, as another program of the site's does.
    Integration,
}

impl KeyScope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Camera, Self::Export, Self::Integration];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Export => "export",
            Self::Integration => "integration",
        }
    }

    /// The scope of a name, or `None` when there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A key that a machine holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MachineKey {
    /// A UUID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may be used for.
    pub scope: KeyScope,
}

/// Who sends a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Actor {
    /// Nobody that we know.
    Anonymous,
    /// Nobody that we know, on a closed network where the administrator chose `ACCESS_MODE=open`: what the
    /// original let anybody do is allowed.
    Open,
    /// Somebody who logged in, by the session of this id.
    Account(Account, String),
    /// Somebody who logged in by a password alone, where the settings ask for more: may set up a second factor, and
    /// leave.
    Enrolling(Account, String),
    /// A machine.
    Key(MachineKey),
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
    /// Have the plate in a picture read.
    Recognize,
    /// See how much was asked of what reads plates.
    SeeRecognition,
    /// Tell what a camera saw.
    SendEvents,
    /// Add, change and remove cameras, and see what they sent that was not understood.
    ManageCameras,
    /// Say which car a doubtful sighting is, and see its picture.
    ReviewSightings,
    /// See the operators' lists: everybody's plates and e-mails, on an open site too only after logging in.
    SeeOperatorsLists,
    /// Cancel anybody's reservation through the operators' calls.
    CancelAnybodys,
    /// Add, rename, close and reopen bays.
    ManageBays,
    /// See and change one's own account and log-ins.
    ManageOwnAccount,
    /// Set up, see and remove one's own second factor, and log out.
    ManageSecondFactor,
    /// See accounts, disable them, and issue one-time links.
    ManageAccounts,
    /// Give an account another role.
    ManageRoles,
    /// Make and revoke machines' keys.
    ManageKeys,
    /// Search, export and verify the audit trail.
    ReadAudit,
    /// Book beyond the quotas, giving a reason.
    ExceedQuotas,
    /// See how the server is set up, and what is wrong with it.
    SeeSettings,
}

/// What the policy answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denied {
    /// Logging in may help.
    LogIn,
    /// This account or key may not.
    Forbidden,
    /// A second factor is needed before.
    SecondFactor,
}

impl Actor {
    /// The account, when somebody is logged in.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account, _) | Self::Enrolling(account, _) => Some(account),
            _ => None,
        }
    }

    /// The id of the log-in, when somebody is logged in.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        match self {
            Self::Account(_, session) | Self::Enrolling(_, session) => Some(session),
            _ => None,
        }
    }

    /// Whose requests these are, for idempotency keys and the audit trail.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Anonymous | Self::Open => "anonymous".to_owned(),
            Self::Account(account, _) | Self::Enrolling(account, _) => format!("account:{}", account.id),
            Self::Key(key) => format!("key:{}", key.id),
            Self::Administrator => "administrator".to_owned(),
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
        let allowed = match self {
            Self::Anonymous => matches!(action, Action::SeeCalendar),
            Self::Open => open_may(action),
            Self::Account(account, _) => match account.role {
                Role::Driver => driver_may(action, &account.id),
                Role::Operator => !matches!(
                    action,
                    Action::ManageRoles | Action::ManageKeys | Action::SeeSettings | Action::SendEvents
                ),
                Role::Administrator => !matches!(action, Action::SendEvents),
            },
            Self::Enrolling(..) => matches!(action, Action::SeeCalendar | Action::ManageSecondFactor),
            Self::Key(key) => key_may(action, key.scope),
            // Nobody's account, so there is none of its own to manage.
            Self::Administrator => {
                !matches!(action, Action::ManageOwnAccount | Action::ManageSecondFactor | Action::SendEvents)
            }
        };
        match (allowed, self) {
            (true, _) => Ok(()),
            (false, Self::Anonymous | Self::Open) => Err(Denied::LogIn),
            (false, Self::Enrolling(..)) => Err(Denied::SecondFactor),
            (false, _) => Err(Denied::Forbidden),
        }
    }
}

fn open_may(action: Action<'_>) -> bool {
    use Action as A;
    match action {
        A::SeeCalendar
        | A::SeeEverybody
        | A::NameOneself
        | A::Book
        | A::SeeOwn
        | A::Manage { .. }
        | A::Verify
        | A::Match
        | A::Recognize => true,
        A::SeeOperatorsLists
        | A::SeeRecognition
        | A::SendEvents
        | A::ManageCameras
        | A::ReviewSightings
        | A::CancelAnybodys
        | A::ManageBays
        | A::ManageOwnAccount
        | A::ManageSecondFactor
        | A::ManageAccounts
        | A::ManageRoles
        | A::ManageKeys
        | A::ReadAudit
        | A::ExceedQuotas
        | A::SeeSettings => false,
    }
}

fn driver_may(action: Action<'_>, id: &str) -> bool {
    use Action as A;
    match action {
        A::SeeCalendar
        | A::Book
        | A::SeeOwn
        | A::Verify
        | A::Recognize
        | A::ManageOwnAccount
        | A::ManageSecondFactor => true,
        A::Manage { owner } => owner == Some(id),
        A::SeeEverybody
        | A::NameOneself
        | A::Match
        | A::SeeRecognition
        | A::SendEvents
        | A::ManageCameras
        | A::ReviewSightings
        | A::SeeOperatorsLists
        | A::CancelAnybodys
        | A::ManageBays
        | A::ManageAccounts
        | A::ManageRoles
        | A::ManageKeys
        | A::ReadAudit
        | A::ExceedQuotas
        | A::SeeSettings => false,
    }
}

fn key_may(action: Action<'_>, scope: KeyScope) -> bool {
    use Action as A;
    match scope {
        KeyScope::Camera => matches!(action, A::SeeCalendar | A::Match | A::Recognize | A::SendEvents),
        KeyScope::Export => matches!(action, A::SeeCalendar | A::SeeEverybody | A::SeeOperatorsLists),
        KeyScope::Integration => matches!(
            action,
            A::SeeCalendar
                | A::SeeEverybody
                | A::SeeOperatorsLists
                | A::NameOneself
                | A::Book
                | A::SeeOwn
                | A::Manage { .. }
                | A::Verify
                | A::Match
                | A::Recognize
                | A::ExceedQuotas
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(role: Role) -> Actor {
        Actor::Account(Account { id: "me".into(), email: "me@example.com".into(), role }, "session".into())
    }

    fn key(scope: KeyScope) -> Actor {
        Actor::Key(MachineKey { id: "id".into(), name: "name".into(), scope })
    }

    #[test]
    fn the_policy_is_this_table() {
        use Action as A;
        let own = A::Manage { owner: Some("me") };
        let other = A::Manage { owner: Some("them") };
        let nobodys = A::Manage { owner: None };
        // Who may, one letter each: anonymous, open, driver, operator, administrator, camera, export,
        // integration, the holder of the ADMIN_TOKEN.
        let rows = [
            (A::SeeCalendar, "nodpacxit"),
            (A::SeeEverybody, " o pa xit"),
            (A::NameOneself, " o pa  it"),
            (A::Book, " odpa  it"),
            (A::SeeOwn, " odpa  it"),
            (own, " odpa  it"),
            (other, " o pa  it"),
            (nobodys, " o pa  it"),
            (A::Verify, " odpa  it"),
            (A::Match, " o pac it"),
            (A::Recognize, " odpac it"),
            (A::SeeRecognition, "   pa   t"),
            (A::SendEvents, "     c   "),
            (A::ManageCameras, "   pa   t"),
            (A::ReviewSightings, "   pa   t"),
            (A::SeeOperatorsLists, "   pa xit"),
            (A::CancelAnybodys, "   pa   t"),
            (A::ManageBays, "   pa   t"),
            (A::ManageOwnAccount, "  dpa    "),
            (A::ManageSecondFactor, "  dpa    "),
            (A::ManageAccounts, "   pa   t"),
            (A::ManageRoles, "    a   t"),
            (A::ManageKeys, "    a   t"),
            (A::ReadAudit, "   pa   t"),
            (A::ExceedQuotas, "   pa  it"),
        ];
        let actors = [
            Actor::Anonymous,
            Actor::Open,
            account(Role::Driver),
            account(Role::Operator),
            account(Role::Administrator),
            key(KeyScope::Camera),
            key(KeyScope::Export),
            key(KeyScope::Integration),
            Actor::Administrator,
        ];
        let enrolling = Actor::Enrolling(
            Account { id: "me".into(), email: "me@example.com".into(), role: Role::Administrator },
            "session".into(),
        );
        for (action, row) in rows {
            let may = matches!(action, A::SeeCalendar | A::ManageSecondFactor);
            assert_eq!(enrolling.authorise(action).is_ok(), may, "enrolling {action:?}");
            for (actor, letter) in actors.iter().zip(row.chars()) {
                assert_eq!(actor.can(action), letter != ' ', "{actor:?} {action:?}");
            }
        }
    }

    #[test]
    fn a_masked_e_mail_keeps_its_first_character_and_its_domain() {
        for (email, masked) in [
            ("driver.kim@example.com", "d***@example.com"),
            ("김@example.com", "***@example.com"),
            ("김서방@example.com", "김***@example.com"),
            ("erased:0190", "erased:0190"),
        ] {
            assert_eq!(mask_email(email), masked);
        }
    }

    #[test]
    fn names_round_trip() {
        for role in [Role::Driver, Role::Operator, Role::Administrator] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        for scope in KeyScope::ALL {
            assert_eq!(KeyScope::from_name(scope.as_str()), Some(scope));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
