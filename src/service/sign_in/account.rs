//! Which account somebody has whom a provider knows, and what it may do.

use crate::domain::account::{Account, Actor, Role};
use crate::store::accounts::{self, StoredAccount};
use crate::store::{Conn, audit, identities, second_factors, sessions};

use super::super::{Caller, Failure, Refusal};
use super::provider::Identity;

/// What the settings say of a provider, worked out for one person.
#[derive(Clone)]
pub(super) struct Rules {
    pub provider: String,
    /// Whether somebody new gets an account.
    pub admits: bool,
    /// Whether a verified e-mail opens an account that exists.
    pub trusts_email: bool,
    /// The role that the provider gives; `None` when roles are given here.
    pub role: Option<Role>,
}

/// The role of somebody with these groups: the highest that one of them gives, else a driver's. `None` when the
/// provider gives no roles.
pub(super) fn role_of(groups: &[String], roles: &[(String, Role)]) -> Option<Role> {
    if roles.is_empty() {
        return None;
    }
    let rank = |role: &Role| match role {
        Role::Driver => 0,
        Role::Operator => 1,
        Role::Administrator => 2,
    };
    let given = roles.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| *role);
    Some(given.max_by_key(rank).unwrap_or(Role::Driver))
}

/// Finds, joins or makes the account, and brings its role up to date: one transaction.
///
/// # Errors
/// [`Refusal::AccountDisabled`], [`Refusal::EmailNotVerified`], [`Refusal::AccountNotLinked`],
/// [`Refusal::RegistrationClosed`], [`Refusal::LastAdministrator`].
pub(super) async fn settle(
    conn: &mut Conn<'_>,
    identity: &Identity,
    rules: &Rules,
    caller: &Caller,
    new_id: &str,
    now: i64,
) -> Result<Account, Failure> {
    let mut found = match known(conn, identity).await? {
        Some(found) => found,
        None => join_or_make(conn, identity, rules, caller, new_id, now).await?,
    };
    if rules.role.is_some() {
        // Its role may change: it is looked at again once it is held.
        accounts::hold_with_administrators(conn, &found.account.id).await?;
        found = accounts::find(conn, &found.account.id).await?.ok_or(Refusal::AccountDisabled)?;
    }
    if found.disabled_at.is_some() {
        return Err(Refusal::AccountDisabled.into());
    }
    match rules.role {
        Some(role) if role != found.account.role => change_role(conn, found.account, role, rules, caller, now).await,
        _ => Ok(found.account),
    }
}

async fn known(conn: &mut Conn<'_>, identity: &Identity) -> Result<Option<StoredAccount>, Failure> {
    match identities::account_of(conn, &identity.issuer, &identity.subject).await? {
        Some(id) => Ok(accounts::find(conn, &id).await?),
        None => Ok(None),
    }
}

async fn join_or_make(
    conn: &mut Conn<'_>,
    identity: &Identity,
    rules: &Rules,
    caller: &Caller,
    new_id: &str,
    now: i64,
) -> Result<StoredAccount, Failure> {
    let email = identity.email.as_deref().ok_or(Refusal::EmailNotVerified)?;
    if let Some(found) = accounts::find_by_email(conn, email).await? {
        return join(conn, identity, rules, caller, found, now).await;
    }
    if !rules.admits {
        return Err(Refusal::RegistrationClosed.into());
    }
    let account = Account { id: new_id.to_owned(), email: email.to_owned(), role: Role::Driver };
    if !accounts::insert(conn, &account, None, now).await? {
        // Somebody was faster, perhaps the same person in another tab.
        return Ok(known(conn, identity).await?.ok_or(Refusal::AccountNotLinked)?);
    }
    accounts::set_verified(conn, &account.id, now).await?;
    identities::insert(conn, &identity.issuer, &identity.subject, &account.id, now).await?;
    record(conn, "account.register", &account, rules, caller, now).await?;
    Ok(StoredAccount {
        account,
        password_hash: None,
        created_at: now,
        verified_at: Some(now),
        disabled_at: None,
        verification_asked_at: None,
    })
}

/// Lets a provider's subject into an account that exists, if the settings trust its word about e-mails. Without
/// that, whoever can make a provider say an address would get into its account.
async fn join(
    conn: &mut Conn<'_>,
    identity: &Identity,
    rules: &Rules,
    caller: &Caller,
    found: StoredAccount,
    now: i64,
) -> Result<StoredAccount, Failure> {
    if !rules.trusts_email {
        return Err(Refusal::AccountNotLinked.into());
    }
    if found.disabled_at.is_some() {
        return Err(Refusal::AccountDisabled.into());
    }
    if found.verified_at.is_none() && found.account.role == Role::Driver {
        // Nobody proved this address when the account was made: whoever made it, waiting for the owner to come,
        // must not stay in it.
        accounts::clear_password(conn, &found.account.id, now).await?;
        second_factors::delete(conn, &found.account.id).await?;
        sessions::end_others(conn, &found.account.id, None, now).await?;
    }
    accounts::set_verified(conn, &found.account.id, now).await?;
    identities::insert(conn, &identity.issuer, &identity.subject, &found.account.id, now).await?;
    record(conn, "account.join", &found.account, rules, caller, now).await?;
    Ok(found)
}

async fn change_role(
    conn: &mut Conn<'_>,
    account: Account,
    role: Role,
    rules: &Rules,
    caller: &Caller,
    now: i64,
) -> Result<Account, Failure> {
    accounts::set_role(conn, &account.id, role, now).await?;
    if account.role == Role::Administrator && !accounts::any_with_role(conn, Role::Administrator).await? {
        return Err(Refusal::LastAdministrator.into());
    }
    let told = |role: Role| serde_json::json!({"role": role.as_str(), "provider": rules.provider}).to_string();
    let mut entry = who(caller, &account).entry(now, "account.change", format!("account:{}", account.id));
    (entry.before, entry.after) = (Some(told(account.role)), Some(told(role)));
    audit::append(conn, entry).await?;
    Ok(Account { role, ..account })
}

async fn record(
    conn: &mut Conn<'_>,
    action: &'static str,
    account: &Account,
    rules: &Rules,
    caller: &Caller,
    now: i64,
) -> Result<(), Failure> {
    let mut entry = who(caller, account).entry(now, action, format!("account:{}", account.id));
    entry.after = Some(serde_json::json!({"provider": rules.provider}).to_string());
    Ok(audit::append(conn, entry).await?)
}

fn who(caller: &Caller, account: &Account) -> Caller {
    Caller { actor: Actor::Account(account.clone(), String::new()), ..caller.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_role_of_somebodys_groups_counts() {
        let roles = [("staff".to_owned(), Role::Operator), ("it".to_owned(), Role::Administrator)];
        let role = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            role_of(&groups, &roles)
        };
        assert_eq!(role(&["it", "staff"]), Some(Role::Administrator));
        assert_eq!(role(&["staff", "Staff"]), Some(Role::Operator));
        assert_eq!(role(&["STAFF", "staff "]), Some(Role::Driver));
        assert_eq!(role(&[]), Some(Role::Driver));
        assert_eq!(role_of(&["it".to_owned()], &[]), None);
    }
}
