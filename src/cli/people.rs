//! `jari user`, `jari key`, `jari audit`: on the database itself, beside a running server or without one.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use clap::Subcommand;
use ipnet::IpNet;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::account::{self, KeyScope, Role};
use crate::domain::lang::Lang;
use crate::service::accounts::{self, Change, Listing};
use crate::service::keys::{self, NewKey};
use crate::service::{Caller, Failure, Refusal, Site, audit, invitations, mail, second_factor};

use super::{Told, print};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// List every account
    List,
    /// Make an account; its password is asked for, or read from standard input
    Add {
        /// Its e-mail
        email: String,
        /// `driver`, `operator` or `administrator`
        #[arg(long, default_value = "driver", value_parser = role)]
        role: Role,
    },
    /// Invite somebody to make an account; the link works once, for seven days
    Invite {
        /// Their e-mail
        email: String,
        /// `driver`, `operator` or `administrator`
        #[arg(long, default_value = "driver", value_parser = role)]
        role: Role,
    },
    /// Give an account another role
    Role {
        /// Its e-mail
        email: String,
        /// `driver`, `operator` or `administrator`
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Log somebody out and keep them from logging in
    Disable {
        /// Their e-mail
        email: String,
    },
    /// Let somebody log in again
    Enable {
        /// Their e-mail
        email: String,
    },
    /// Remove the second factor of somebody who lost it, and log them out
    RemoveSecondFactor {
        /// Their e-mail
        email: String,
    },
    /// Issue a link for a new password: it works once, for an hour
    ResetLink {
        /// Their e-mail
        email: String,
    },
}

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// List every key that is not revoked
    List,
    /// Make a key; it is shown once
    Make {
        /// What people call it
        name: String,
        /// `camera`, `export` or `integration`
        #[arg(long, value_parser = scope)]
        scope: KeyScope,
        /// An address or network that it may come from; may be repeated, any without it
        #[arg(long = "from", value_parser = network)]
        addresses: Vec<IpNet>,
        /// For how many days it holds
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
    /// Revoke a key, at once
    Revoke {
        /// Its id, see `jari key list`
        id: String,
    },
}

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Follow the whole chain, and find any edit, gap or cut
    Verify,
    /// Print every record, oldest first, a JSON object a line
    Export,
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| "give driver, operator or administrator".to_owned())
}

fn scope(name: &str) -> Result<KeyScope, String> {
    KeyScope::from_name(name).ok_or_else(|| "give camera, export or integration".to_owned())
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address).ok_or_else(|| "give an address or network such as 192.168.0.0/16".to_owned())
}

/// Opens the site, does something with it, and closes it again.
async fn with_site(
    config: &Config,
    work: impl AsyncFnOnce(&Site, &Caller) -> Result<String, Told>,
) -> Result<(), Told> {
    let site = app::open_site(config, Clock::system()).await?;
    let done = work(&site, &Caller::command_line()).await;
    site.store.close().await;
    print(&done?)
}

pub(super) async fn user(config: &Config, command: UserCommand) -> Result<(), Told> {
    with_site(config, async |site, caller| match command {
        UserCommand::List => list_accounts(site, caller).await,
        UserCommand::Add { email, role } => add_account(site, caller, &email, role).await,
        UserCommand::Invite { email, role } => invite(site, caller, &email, role).await,
        UserCommand::Role { email, role } => {
            let change = Change { role: Some(role), disabled: None };
            change_account(site, caller, &email, change).await
        }
        UserCommand::Disable { email } => {
            change_account(site, caller, &email, Change { role: None, disabled: Some(true) }).await
        }
        UserCommand::Enable { email } => {
            change_account(site, caller, &email, Change { role: None, disabled: Some(false) }).await
        }
        UserCommand::RemoveSecondFactor { email } => {
            let id = id_of(site, caller, &email).await?;
            second_factor::remove_of(site, caller, id).await.map_err(told)?;
            Ok(format!("{} has no second factor any more, and is logged out.\n", email.trim().to_lowercase()))
        }
        UserCommand::ResetLink { email } => {
            let id = id_of(site, caller, &email).await?;
            let link = accounts::issue_reset(site, caller, id, None).await.map_err(told)?;
            Ok(format!("For POST /api/user/password/reset, once, within an hour:\n{link}\n"))
        }
    })
    .await
}

async fn add_account(site: &Site, caller: &Caller, email: &str, role: Role) -> Result<String, Told> {
    let email = new_email(email)?;
    let password = read_password()?;
    accounts::add(site, caller, email.clone(), role, password).await.map_err(told)?;
    Ok(format!("{email} is active, with the role {}.\n", role.as_str()))
}

/// The password of a new account: asked for twice at a terminal, else the first line of standard input. Arguments are
/// seen by everybody on the machine.
fn read_password() -> Result<String, Told> {
    if std::io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ")?;
        return if rpassword::prompt_password("Again: ")? == password {
            Ok(password)
        } else {
            Err(Told("the two passwords differ; nothing was made".to_owned()))
        };
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn invite(site: &Site, caller: &Caller, email: &str, role: Role) -> Result<String, Told> {
    let made = invitations::invite(site, caller, new_email(email)?, role).await.map_err(told)?;
    let mut text = match &made.url {
        Some(url) => format!("To be opened once, within seven days:\n{url}\n"),
        None => format!("The `invitation` for POST /api/user/register, once, within seven days:\n{}\n", made.secret),
    };
    if let Some(mails) = &site.mail {
        match mail::send_invitation(mails, &made, Lang::Ko).await {
            Ok(()) => text.push_str("It was mailed too.\n"),
            Err(cause) => {
                let _ = writeln!(text, "It was not mailed ({cause}): hand the link over yourself.");
            }
        }
    }
    Ok(text)
}

fn new_email(text: &str) -> Result<String, Told> {
    account::email(text).ok_or_else(|| Told("EMAIL must be an e-mail address such as name@example.com".to_owned()))
}

async fn list_accounts(site: &Site, caller: &Caller) -> Result<String, Told> {
    let mut text = String::from("ROLE           STATE     E-MAIL\n");
    let mut after = None;
    loop {
        let page = accounts::list(site, caller, Listing { after, ..Listing::default() }).await.map_err(told)?;
        let Some(last) = page.last() else { return Ok(text) };
        after = Some(last.account.id.clone());
        for stored in &page {
            let state = if stored.disabled_at.is_some() { "disabled" } else { "active" };
            let _ = writeln!(text, "{:<13}  {state:<8}  {}", stored.account.role.as_str(), stored.account.email);
        }
    }
}

async fn id_of(site: &Site, caller: &Caller, email: &str) -> Result<String, Told> {
    let email = email.trim().to_lowercase();
    let found = accounts::find_by_email(site, caller, email).await.map_err(told)?;
    Ok(found.account.id)
}

async fn change_account(site: &Site, caller: &Caller, email: &str, change: Change) -> Result<String, Told> {
    let id = id_of(site, caller, email).await?;
    let changed = accounts::change(site, caller, id, change).await.map_err(told)?;
    let state = if changed.disabled_at.is_some() { "disabled" } else { "active" };
    Ok(format!("{} is {state}, with the role {}.\n", changed.account.email, changed.account.role.as_str()))
}

pub(super) async fn key(config: &Config, command: KeyCommand) -> Result<(), Told> {
    with_site(config, async |site, caller| match command {
        KeyCommand::List => {
            let mut text = format!("{:<36}  SCOPE        NAME\n", "ID");
            for stored in keys::list(site, caller).await.map_err(told)? {
                let _ = write!(text, "{}  {:<11}  {}", stored.key.id, stored.key.scope.as_str(), stored.key.name);
                if let Some(addresses) = stored.addresses {
                    let _ = write!(text, " (from {addresses})");
                }
                text.push('\n');
            }
            Ok(text)
        }
        KeyCommand::Make { name, scope, addresses, days } => {
            let name = crate::domain::plate::display_text(&name);
            if name.is_empty() || name.chars().count() > crate::http::LONGEST_NAME {
                return Err(Told(format!("NAME must have 1 to {} characters", crate::http::LONGEST_NAME)));
            }
            let made = keys::make(site, caller, NewKey { name, scope, addresses, days }, None).await.map_err(told)?;
            Ok(format!("Shown once, for `Authorization: Bearer …` or in the path as /k/KEY/api/…:\n{}\n", made.bearer))
        }
        KeyCommand::Revoke { id } => {
            keys::revoke(site, caller, id).await.map_err(told)?;
            Ok("Revoked.\n".to_owned())
        }
    })
    .await
}

pub(super) async fn audit(config: &Config, command: AuditCommand) -> Result<(), Told> {
    with_site(config, async |site, caller| match command {
        AuditCommand::Verify => match audit::verify(site, caller).await.map_err(told)? {
            Ok(count) => Ok(format!("The audit trail is whole: {count} records.\n")),
            Err(broken) => Err(Told(format!("the audit trail is broken: {broken}"))),
        },
        AuditCommand::Export => {
            let mut after = 0;
            loop {
                let page = audit::export(site, caller, after).await.map_err(told)?;
                let Some(last) = page.last() else { return Ok(String::new()) };
                after = last.number;
                print(&crate::http::audit_lines(page))?;
            }
        }
    })
    .await
}

pub(super) async fn rotate_token_key(config: &Config, forget: bool) -> Result<(), Told> {
    with_site(config, async |site, caller| {
        accounts::rotate_token_key(site, caller, forget).await.map_err(told)?;
        Ok("Made a new key that signs tokens; restart jari to use it.\n".to_owned())
    })
    .await
}

fn told(failure: Failure) -> Told {
    match failure {
        Failure::Refused(Refusal::AccountNotFound) => {
            Told("there is no account with this e-mail; see `jari user list`".to_owned())
        }
        Failure::Refused(Refusal::SecondFactorNotFound) => Told("this account has no second factor".to_owned()),
        Failure::Refused(Refusal::EmailTaken) => Told("this e-mail has an account; see `jari user list`".to_owned()),
        Failure::Refused(Refusal::RegistrationClosed) => {
            Told("REGISTRATION=off: nobody can register, invited or not; `jari user add` makes an account".to_owned())
        }
        Failure::Refused(Refusal::CredentialsMissing) => Told("give a password".to_owned()),
        Failure::Refused(Refusal::PasswordLength) => Told("choose a password of 8 to 256 characters".to_owned()),
        Failure::Refused(Refusal::PasswordGuessable) => {
            Told("this password is soon guessed; try a few words that have nothing to do with each other".to_owned())
        }
        Failure::Refused(Refusal::KeyNotFound) => Told("there is no such key; see `jari key list`".to_owned()),
        Failure::Refused(Refusal::LastAdministrator) => {
            Told("this is the last administrator; appoint another first".to_owned())
        }
        other => other.into(),
    }
}
