//! Registering: for everybody, for some, or with an invitation.

use crate::domain::account::{Account, Actor, Role};
use crate::domain::lang::Lang;
use crate::random;
use crate::store::idempotency::{self, Begun, IdempotencyKey};
use crate::store::{Conn, accounts, audit, invitations};

use super::accounts::{check_password, link_hash};
use super::mail::Errand;
use super::sessions::{LoggedIn, LoginFor, start};
use super::throttle::{MAIL_BY_EMAIL, REGISTER_BY_ADDRESS};
use super::{Caller, Failure, Refusal, Site};
use crate::config::{PasswordLogin, Registration};

/// An account to be made.
pub struct NewAccount {
    /// Lower case.
    pub email: String,
    /// As it was chosen.
    pub password: String,
    /// The secret of an invitation.
    pub invitation: Option<String>,
    /// What a mail is written in.
    pub lang: Lang,
}

/// What became of a registration.
pub enum Registered {
    /// There is an account, and this is its first log-in.
    LoggedIn(Box<LoggedIn>),
    /// The rest is in a mail, whether there was an account before or not.
    SeeMail,
}

/// Makes an account. Where mails are sent, the answer is the same for an e-mail that has an account, after the same
/// work; its owner learns of it by mail. Without mails, and for those who were invited, it logs in at once.
///
/// # Errors
/// [`Refusal::EmailTaken`], [`Refusal::PasswordLength`], [`Refusal::PasswordGuessable`],
/// [`Refusal::CredentialsMissing`], [`Refusal::RegistrationClosed`], [`Refusal::TooManyTries`];
/// [`Refusal::LinkInvalid`] when the invitation is used, over, or for somebody else.
pub async fn register(
    site: &Site,
    caller: &Caller,
    new: NewAccount,
    key: Option<IdempotencyKey>,
) -> Result<Registered, Failure> {
    // An account that is made with a password could not be used.
    if site.password_login != PasswordLogin::On {
        return Err(Refusal::RegistrationClosed.into());
    }
    let invited = new.invitation.is_some() && site.registration != Registration::Off;
    if !invited && !site.registration.admits(&new.email) {
        return Err(Refusal::RegistrationClosed.into());
    }
    check_password(&new.password, &new.email)?;
    site.count(REGISTER_BY_ADDRESS, &caller.counted_address())?;
    let by_mail = site.mail.is_some() && !invited;
    if by_mail {
        site.count(MAIL_BY_EMAIL, &new.email)?;
    }
    let hash = site.hasher.hash(new.password.clone()).await?;
    if by_mail { by_mail_only(site, caller, new, hash, key).await } else { at_once(site, caller, new, hash, key).await }
}

/// Makes the account and logs in, or says that there is one.
async fn at_once(
    site: &Site,
    caller: &Caller,
    new: NewAccount,
    hash: String,
    key: Option<IdempotencyKey>,
) -> Result<Registered, Failure> {
    let id = random::uuid(&site.clock);
    let (made, who, now) = (id.clone(), caller.clone(), site.clock.now());
    let (email, invitation) = (new.email, new.invitation.as_deref().map(link_hash));
    let answer = site.store.write(async move |conn| match idempotency::begin(conn, key.as_ref(), now).await? {
        Begun::Again(answer) => Ok(answer),
        Begun::First => {
            let account = Account { id: made.clone(), email: email.clone(), role: Role::Driver };
            let worked = insert(conn, account, &hash, invitation.as_deref(), &who, now).await;
            idempotency::finish(conn, key.as_ref(), worked).await
        }
    });
    let stored = answer.await?.map_err(Failure::Refused)?;
    let found = site.store.read(async |conn| accounts::find(conn, &stored).await).await?;
    let found = found.ok_or(Refusal::EmailTaken)?;
    // A repetition is answered with a new token, if it has the password: that was not stored with the key.
    if stored != id && !site.hasher.verify(new.password, found.password_hash.as_deref()).await? {
        return Err(Failure::KeyReused);
    }
    let logged_in = start(site, caller, LoginFor::Anybody, found.account).await?;
    Ok(Registered::LoggedIn(Box::new(logged_in)))
}

async fn insert(
    conn: &mut Conn<'_>,
    mut new: Account,
    hash: &str,
    invitation: Option<&str>,
    caller: &Caller,
    now: i64,
) -> Result<String, Failure> {
    let mut after = None;
    if let Some(secret_hash) = invitation {
        let taken = invitations::take(conn, secret_hash, &new.email, now).await?.ok_or(Refusal::LinkInvalid)?;
        new.role = taken.role;
        after = Some(serde_json::json!({"invitation": taken.id, "role": taken.role.as_str()}).to_string());
    }
    if !accounts::insert(conn, &new, Some(hash), now).await? {
        return Err(Refusal::EmailTaken.into());
    }
    if invitation.is_some() {
        // It was sent there, or an operator handed it over.
        accounts::set_verified(conn, &new.id, now).await?;
    }
    record(conn, "account.register", &new, after, caller, now).await?;
    Ok(new.id)
}

async fn record(
    conn: &mut Conn<'_>,
    action: &'static str,
    account: &Account,
    after: Option<String>,
    caller: &Caller,
    now: i64,
) -> Result<(), Failure> {
    let who = Caller { actor: Actor::Account(account.clone(), String::new()), ..caller.clone() };
    let mut entry = who.entry(now, action, format!("account:{}", account.id));
    entry.after = after;
    Ok(audit::append(conn, entry).await?)
}

/// Makes the account if there is none. Either way it costs one hash, as many statements and one commit, and says
/// nothing; the mail is written after the answer.
async fn by_mail_only(
    site: &Site,
    caller: &Caller,
    new: NewAccount,
    hash: String,
    key: Option<IdempotencyKey>,
) -> Result<Registered, Failure> {
    let account = Account { id: random::uuid(&site.clock), email: new.email.clone(), role: Role::Driver };
    let (who, now, verifies) = (caller.clone(), site.clock.now(), site.verifies_emails());
    let answer = site.store.write(async move |conn| match idempotency::begin(conn, key.as_ref(), now).await? {
        Begun::Again(answer) => Ok((answer, false)),
        Begun::First => {
            let worked = insert_or_note(conn, &account, &hash, verifies, &who, now).await;
            Ok((idempotency::finish(conn, key.as_ref(), worked).await?, true))
        }
    });
    let (answer, first) = answer.await?;
    let made = answer.map_err(Failure::Refused)? == MADE;
    let mail = site.mail()?;
    match (first, made) {
        (true, false) => mail.hand_over(Errand::RegisteredBefore(new.email), caller, new.lang),
        (true, true) if verifies => mail.hand_over(Errand::Prove(new.email), caller, new.lang),
        // A repetition has had its mail; without a proof there is nothing to write.
        _ => {}
    }
    Ok(Registered::SeeMail)
}

/// What is stored with a key: whether the account was made.
const MADE: &str = "made";
const KNOWN: &str = "known";

async fn insert_or_note(
    conn: &mut Conn<'_>,
    new: &Account,
    hash: &str,
    verifies: bool,
    caller: &Caller,
    now: i64,
) -> Result<String, Failure> {
    if accounts::insert(conn, new, Some(hash), now).await? {
        if verifies {
            accounts::ask_for_proof(conn, &new.id, now).await?;
        }
        record(conn, "account.register", new, None, caller, now).await?;
        return Ok(MADE.to_owned());
    }
    let known = accounts::find_by_email(conn, &new.email).await?;
    let object = known.map_or_else(|| "account".to_owned(), |known| format!("account:{}", known.account.id));
    audit::append(conn, caller.entry(now, "account.register_again", object)).await?;
    Ok(KNOWN.to_owned())
}
