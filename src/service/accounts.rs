//! Accounts, passwords, and the first administrator.

use crate::domain::account::{Account, Action, Actor, Role, mask_email};
use crate::random;
use crate::store::accounts::{self, StoredAccount};
use crate::store::{DbError, audit, links, second_factors, secrets, sessions};

use crate::store::idempotency::{self, Begun, IdempotencyKey};

use super::sessions::{own_account, prove};
use super::{Caller, Failure, Refusal, Site, first_password, privacy};

/// Passwords have at least so many characters (NIST SP 800-63B §5.1.1.2).
pub const SHORTEST_PASSWORD: usize = 8;

/// Longer passwords cost time to hash and add nothing.
pub const LONGEST_PASSWORD: usize = 256;

/// The names of the keys that sign tokens begin so.
const TOKEN_KEY: &str = "token_key:";

/// The purpose of a link for a new password that an operator hands over.
const RESET: &str = "reset";

/// The purpose of a link for a new password that is mailed, so that using it proves the e-mail.
pub(super) const MAILED_RESET: &str = "mailed_reset";

/// The purpose of a link that proves an e-mail.
pub(super) const PROOF: &str = "verify";

/// How long a link for a new password works, in seconds: an hour.
pub(super) const RESET_SECONDS: i64 = 60 * 60;

/// How long a link that proves an e-mail works, in seconds: a day.
pub(super) const PROOF_SECONDS: i64 = 24 * 60 * 60;

/// Whether a password may be chosen: long enough, and not soon guessed (zxcvbn 3 of 4: some 10^8 guesses and
/// more). `email` and the words of this product make it easier to guess.
pub(super) fn check_password(password: &str, email: &str) -> Result<(), Refusal> {
    if password.trim().is_empty() {
        return Err(Refusal::CredentialsMissing);
    }
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.chars().count()) {
        return Err(Refusal::PasswordLength);
    }
    let mut known: Vec<&str> = email.split(['@', '.']).collect();
    known.extend([email, "jari", "자리", "charging", "충전"]);
    // The estimate is quadratic; what is longer than this is not guessed anyway.
    let beginning: String = password.chars().take(72).collect();
    if zxcvbn::zxcvbn(&beginning, &known).score() < zxcvbn::Score::Three {
        return Err(Refusal::PasswordGuessable);
    }
    Ok(())
}

/// Makes an account without a mail: for operators, who vouch for the e-mail.
///
/// # Errors
/// [`Refusal::EmailTaken`]; for the password as for registering; [`Refusal::Forbidden`].
pub async fn add(site: &Site, caller: &Caller, email: String, role: Role, password: String) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    if role != Role::Driver {
        site.authorise(caller, Action::ManageRoles).await?;
    }
    check_password(&password, &email)?;
    let hash = site.hasher.hash(password).await?;
    let new = Account { id: random::uuid(&site.clock), email, role };
    let (now, caller) = (site.clock.now(), caller.clone());
    let added = site.store.write(async move |conn| {
        if !accounts::insert(conn, &new, Some(&hash), now).await? {
            return Err(Refusal::EmailTaken.into());
        }
        accounts::set_verified(conn, &new.id, now).await?;
        let mut entry = caller.entry(now, "account.add", format!("account:{}", new.id));
        entry.after = Some(serde_json::json!({"role": new.role.as_str()}).to_string());
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    added.await
}

/// Gives one's own account another password; every other log-in of it is ended.
///
/// # Errors
/// [`Refusal::CredentialsWrong`] when the old one is wrong; as for registering.
pub async fn change_password(site: &Site, caller: &Caller, old: String, new: String) -> Result<(), Failure> {
    let account = own_account(site, caller).await?;
    let Actor::Account(_, session) = &caller.actor else { return Err(Refusal::LoginRequired.into()) };
    prove(site, caller, &account.email, old, |_| true).await?;
    check_password(&new, &account.email)?;
    let hash = site.hasher.hash(new).await?;
    let (now, caller, session) = (site.clock.now(), caller.clone(), session.clone());
    let changed = site.store.write(async move |conn| {
        accounts::set_password(conn, &account.id, &hash, now).await?;
        sessions::end_others(conn, &account.id, Some(&session), now).await?;
        let entry = caller.entry(now, "account.password", format!("account:{}", account.id));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    changed.await
}

/// Issues a link for a new password, for an operator to hand over. It works once, for an hour. With an idempotency
/// key, a repetition answers the same link.
///
/// # Errors
/// [`Refusal::AccountNotFound`].
pub async fn issue_reset(
    site: &Site,
    caller: &Caller,
    id: String,
    repeat: Option<IdempotencyKey>,
) -> Result<String, Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    let target = find_manageable(site, caller, &id).await?;
    let secret = random::secret();
    let (now, caller, hash) = (site.clock.now(), caller.clone(), link_hash(&secret));
    let (key, veiled) = (repeat.clone(), repeat.as_ref().map(|key| key.veil(&secret)));
    let issued = site.store.write(async move |conn| match idempotency::begin(conn, key.as_ref(), now).await? {
        Begun::Again(answer) => Ok(answer),
        Begun::First => {
            links::insert(conn, &hash, RESET, &target.account.email, now, now + RESET_SECONDS).await?;
            let entry = caller.entry(now, "account.reset_link", format!("account:{}", target.account.id));
            audit::append(conn, entry).await?;
            idempotency::finish(conn, key.as_ref(), Ok::<_, Failure>(veiled.clone())).await
        }
    });
    let veiled = issued.await?.map_err(Failure::Refused)?;
    Ok(match (repeat, veiled) {
        (Some(key), Some(veiled)) => key.veil(&veiled),
        _ => secret,
    })
}

/// Sets a new password by the secret of a link; every log-in of the account is ended.
///
/// # Errors
/// [`Refusal::LinkInvalid`]; as for registering.
pub async fn reset_password(site: &Site, caller: &Caller, secret: &str, new: String) -> Result<(), Failure> {
    // The strength is checked without the e-mail, which the link alone may know.
    check_password(&new, "")?;
    site.count(super::throttle::RESET_BY_ADDRESS, &caller.counted_address())?;
    let hash = site.hasher.hash(new).await?;
    let (now, caller, link) = (site.clock.now(), caller.clone(), link_hash(secret));
    let done = site.store.write(async move |conn| {
        let (email, mailed) = match links::take(conn, &link, RESET, now).await? {
            Some(email) => (email, false),
            None => (links::take(conn, &link, MAILED_RESET, now).await?.ok_or(Refusal::LinkInvalid)?, true),
        };
        let found = accounts::find_by_email(conn, &email).await?.ok_or(Refusal::LinkInvalid)?;
        if mailed {
            accounts::set_verified(conn, &found.account.id, now).await?;
        } else {
            // An operator handed it over, and vouches for whoever uses it.
            accounts::waive_proof(conn, &found.account.id, now).await?;
        }
        accounts::set_password(conn, &found.account.id, &hash, now).await?;
        sessions::end_others(conn, &found.account.id, None, now).await?;
        let entry = caller.entry(now, "account.password_reset", format!("account:{}", found.account.id));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    done.await
}

pub(super) fn link_hash(secret: &str) -> String {
    use sha2::Digest as _;
    random::hex(&sha2::Sha256::digest(secret.as_bytes()))
}

/// Which accounts are wanted, and how they are shown.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The id of the last account of the page before.
    pub after: Option<String>,
    /// Only the account of this e-mail, in lower case.
    pub email: Option<String>,
    /// Whether e-mails shall be shown to somebody who usually sees them masked. That they were is recorded.
    pub unmasked: bool,
}

/// Accounts by e-mail, a page of 200, as the caller may see them.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn list(site: &Site, caller: &Caller, listing: Listing) -> Result<Vec<StoredAccount>, Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    let Listing { after, email, unmasked } = listing;
    let page = site.store.snapshot(async move |conn| match (email, after) {
        (Some(email), _) => Ok(accounts::find_by_email(conn, &email).await?.into_iter().collect()),
        (None, None) => accounts::page(conn, "", 200).await,
        (None, Some(after)) => match accounts::find(conn, &after).await? {
            Some(last) => accounts::page(conn, &last.account.email, 200).await,
            None => Ok(Vec::new()),
        },
    });
    let page = page.await?;
    if unmasked || sees_emails(caller) {
        privacy::record_seen(site, caller, "accounts".to_owned()).await?;
        return Ok(page);
    }
    Ok(page.into_iter().map(masked).collect())
}

/// Whether the caller sees e-mails of accounts without asking for it: administrators do, operators need it rarely.
pub(super) fn sees_emails(caller: &Caller) -> bool {
    caller.actor.can(Action::ManageRoles)
}

fn masked(mut stored: StoredAccount) -> StoredAccount {
    stored.account.email = mask_email(&stored.account.email);
    stored
}

/// One account as the caller may see it, and since when codes of a second factor are asked for (UTC seconds).
///
/// # Errors
/// [`Refusal::AccountNotFound`], [`Refusal::Forbidden`].
pub async fn find(site: &Site, caller: &Caller, id: String) -> Result<(StoredAccount, Option<i64>), Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    let object = format!("account:{id}");
    let found = site.store.snapshot(async move |conn| {
        let Some(found) = accounts::find(conn, &id).await? else { return Ok(None) };
        Ok(Some((found, second_factors::find_active(conn, &id).await?)))
    });
    let (found, factor) = found.await?.ok_or(Refusal::AccountNotFound)?;
    let since = factor.and_then(|factor| factor.confirmed_at);
    if sees_emails(caller) {
        privacy::record_seen(site, caller, object).await?;
        return Ok((found, since));
    }
    Ok((masked(found), since))
}

/// The account of an e-mail in lower case.
///
/// # Errors
/// [`Refusal::AccountNotFound`], [`Refusal::Forbidden`].
pub async fn find_by_email(site: &Site, caller: &Caller, email: String) -> Result<StoredAccount, Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    let found = site.store.read(async |conn| accounts::find_by_email(conn, &email).await).await?;
    Ok(found.ok_or(Refusal::AccountNotFound)?)
}

/// What shall be different about somebody's account; what is not given stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// Another role.
    pub role: Option<Role>,
    /// Whether they can log in.
    pub disabled: Option<bool>,
}

/// Changes somebody's account. Who is disabled is logged out at once.
///
/// # Errors
/// [`Refusal::AccountNotFound`]; [`Refusal::LastAdministrator`].
pub async fn change(site: &Site, caller: &Caller, id: String, change: Change) -> Result<StoredAccount, Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    if change.role.is_some() {
        site.authorise(caller, Action::ManageRoles).await?;
    }
    find_manageable(site, caller, &id).await?;
    let (now, who) = (site.clock.now(), caller.clone());
    let caller = caller.clone();
    let changed = site.store.write(async move |conn| {
        accounts::hold_with_administrators(conn, &id).await?;
        let before = accounts::find(conn, &id).await?.ok_or(Refusal::AccountNotFound)?;
        if let Some(role) = change.role {
            accounts::set_role(conn, &id, role, now).await?;
            // Who was trusted with a link for a driver was not trusted with one for an operator.
            links::void(conn, &before.account.email, now).await?;
            if before.account.role == Role::Driver && role != Role::Driver {
                // A driver's log-in lasts for weeks, an operator's for a shift.
                sessions::end_others(conn, &id, None, now).await?;
            }
        }
        if let Some(disabled) = change.disabled {
            accounts::set_disabled(conn, &id, disabled.then_some(now), now).await?;
            if disabled {
                sessions::end_others(conn, &id, None, now).await?;
            }
        }
        if before.account.role == Role::Administrator && !accounts::any_with_role(conn, Role::Administrator).await? {
            return Err(Refusal::LastAdministrator.into());
        }
        let after = accounts::find(conn, &id).await?.ok_or(Refusal::AccountNotFound)?;
        let mut entry = caller.entry(now, "account.change", format!("account:{id}"));
        (entry.before, entry.after) = (Some(told(&before)), Some(told(&after)));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(after)
    });
    let changed = changed.await?;
    Ok(if sees_emails(&who) { changed } else { masked(changed) })
}

fn told(account: &StoredAccount) -> String {
    serde_json::json!({"role": account.account.role.as_str(), "disabled": account.disabled_at.is_some()}).to_string()
}

/// The account of an id, if the caller may change it: operators change drivers, administrators everybody.
pub(super) async fn find_manageable(site: &Site, caller: &Caller, id: &str) -> Result<StoredAccount, Failure> {
    let found = site.store.read(async |conn| accounts::find(conn, id).await).await?;
    let found = found.ok_or(Refusal::AccountNotFound)?;
    if found.account.role != Role::Driver {
        site.authorise(caller, Action::ManageRoles).await?;
    }
    Ok(found)
}

/// The keys that sign tokens, the newest first; the first start makes one.
///
/// # Errors
/// When the storage broke.
pub async fn token_keys(store: &crate::store::Store, now: i64) -> Result<Vec<secrets::NamedSecret>, DbError> {
    let stored = store.read(async |conn| secrets::with_prefix(conn, TOKEN_KEY).await).await?;
    if !stored.is_empty() {
        // A start that has nothing to make writes nothing.
        return Ok(stored);
    }
    let candidate = random::secret();
    let made = store.write(async move |conn| {
        // Instances that start at the same time agree on the name, so that one key is stored.
        secrets::insert(conn, "token_key:1", &candidate, now).await?;
        Ok::<_, Failure>(secrets::with_prefix(conn, TOKEN_KEY).await?)
    });
    made.await.map_err(db_error)
}

/// The key under which plates of sightings are hashed; made at the first start.
///
/// # Errors
/// When the storage broke.
pub async fn plate_key(store: &crate::store::Store, now: i64) -> Result<String, DbError> {
    const NAME: &str = "plate_key:1";
    let value = |found: Vec<secrets::NamedSecret>| found.into_iter().next().map(|secret| secret.value);
    if let Some(key) = value(store.read(async |conn| secrets::with_prefix(conn, NAME).await).await?) {
        return Ok(key);
    }
    let candidate = random::secret();
    let made = store.write(async move |conn| {
        secrets::insert(conn, NAME, &candidate, now).await?;
        Ok::<_, Failure>(secrets::with_prefix(conn, NAME).await?)
    });
    value(made.await.map_err(db_error)?).ok_or_else(|| DbError::broken("a secret that was made is missing"))
}

fn db_error(failure: Failure) -> DbError {
    match failure {
        Failure::Db(error) => error,
        Failure::Refused(_) | Failure::KeyReused => DbError::Broken("a secret was refused".into()),
    }
}

/// Makes a new key that signs tokens from the next start on. The keys before it go on checking until `forget`.
///
/// # Errors
/// When the storage broke.
pub async fn rotate_token_key(site: &Site, caller: &Caller, forget: bool) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageKeys).await?;
    let (now, caller, secret) = (site.clock.now(), caller.clone(), random::secret());
    let name = format!("{TOKEN_KEY}{}", random::uuid(&site.clock));
    let rotated = site.store.write(async move |conn| {
        secrets::insert(conn, &name, &secret, now).await?;
        if forget {
            secrets::forget_others(conn, TOKEN_KEY, &name).await?;
        }
        Ok::<_, Failure>(audit::append(conn, caller.entry(now, "token_key.rotate", name.clone())).await?)
    });
    rotated.await
}

/// What became of the administrator's account at start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Administrator {
    /// There is one, and it was left alone.
    Known,
    /// The account of the settings was made, or its password brought up to date.
    FromSettings,
    /// There was none: this one was made, with a password that is shown once.
    Made {
        /// Its e-mail.
        email: String,
        /// Its password.
        password: String,
    },
}

/// Sees to it that there is an administrator: the one of the settings, or one with a password made here.
///
/// # Errors
/// When the storage broke.
pub async fn ensure_administrator(
    site: &Site,
    email: Option<&str>,
    password: Option<&str>,
) -> Result<Administrator, Failure> {
    if let (Some(email), Some(password)) = (email, password) {
        return from_settings(site, email, password).await;
    }
    if site.store.read(async |conn| accounts::any_with_role(conn, Role::Administrator).await).await? {
        return Ok(Administrator::Known);
    }
    let email = email.unwrap_or("admin@localhost").to_owned();
    let password = random::hex(&random::bytes::<16>());
    store_administrator(site, &email, &password, Password::ShownOnce).await?;
    Ok(Administrator::Made { email, password })
}

async fn from_settings(site: &Site, email: &str, password: &str) -> Result<Administrator, Failure> {
    let found = site.store.read(async |conn| accounts::find_by_email(conn, email).await).await?;
    if let Some(found) = &found
        && found.account.role == Role::Administrator
        && found.disabled_at.is_none()
        && site.hasher.verify(password.to_owned(), found.password_hash.as_deref()).await?
    {
        // Nothing is written at a start that changes nothing.
        return Ok(Administrator::Known);
    }
    store_administrator(site, email, password, Password::OfSettings).await?;
    Ok(Administrator::FromSettings)
}

/// Where an administrator's password comes from.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Password {
    OfSettings,
    ShownOnce,
}

/// Makes the account, or gives it the password and the role when it exists.
async fn store_administrator(site: &Site, email: &str, password: &str, source: Password) -> Result<(), Failure> {
    let hash = site.hasher.hash(password.to_owned()).await?;
    let new = Account { id: random::uuid(&site.clock), email: email.to_owned(), role: Role::Administrator };
    let now = site.clock.now();
    let stored = site.store.write(async move |conn| {
        let mut id = new.id.clone();
        if !accounts::insert(conn, &new, Some(&hash), now).await?
            && let Some(known) = accounts::find_by_email(conn, &new.email).await?
        {
            id = known.account.id;
            accounts::set_password(conn, &id, &hash, now).await?;
            accounts::set_role(conn, &id, Role::Administrator, now).await?;
            accounts::set_disabled(conn, &id, None, now).await?;
            sessions::end_others(conn, &id, None, now).await?;
        }
        if source == Password::ShownOnce {
            first_password::note(conn, &id, now).await?;
        }
        let entry = Caller::command_line().entry(now, "account.administrator", format!("account:{id}"));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    stored.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_strength_and_length() {
        let cases = [
            ("", Err(Refusal::CredentialsMissing)),
            ("        ", Err(Refusal::CredentialsMissing)),
            ("x7#qP2!", Err(Refusal::PasswordLength)),
            ("password1234", Err(Refusal::PasswordGuessable)),
            ("aaaaaaaaaaaaaaaa", Err(Refusal::PasswordGuessable)),
            ("driver.kim@example.com", Err(Refusal::PasswordGuessable)),
            ("twelve green tomatoes", Ok(())),
            ("전기차는 조용히 달린다", Ok(())),
        ];
        for (password, expected) in cases {
            assert_eq!(check_password(password, "driver.kim@example.com"), expected, "{password}");
        }
        assert_eq!(check_password(&"길고 긴 비밀번호 ".repeat(40), ""), Err(Refusal::PasswordLength));
    }
}
