//! Second factors: codes of an authenticator app, asked for after the password.
//!
//! A code is used up in the transaction that it opens: of two requests with one code, one is served. What a wrong code
//! costs is what a wrong password costs; and since only whoever has the password can try codes, wrong ones are also
//! counted by account, wherever they come from.

use crate::config::SecondFactorRule;
use crate::domain::account::{Account, Action, Role};
use crate::domain::totp;
use crate::random;
use crate::store::second_factors::{self, SecondFactor};
use crate::store::{Conn, audit, sessions};

use super::accounts::{find_manageable, link_hash};
use super::privacy::check_fresh;
use super::sessions::prove;
use super::throttle::{CODE_BY_ACCOUNT, LOGIN_BY_ACCOUNT_AND_ADDRESS, LOGIN_BY_ADDRESS, Limit};
use super::{Caller, Failure, Refusal, Site};

/// How long a secret waits for its first code, in seconds: a quarter of an hour.
const WAITS: i64 = 15 * 60;

/// So many recovery codes are made.
const RECOVERY_CODES: usize = 10;

/// What one's own account has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Status {
    /// Since when codes are asked for, UTC seconds.
    pub active_since: Option<i64>,
    /// How many recovery codes were not used yet.
    pub recovery_codes: i64,
    /// Whether the settings ask for one.
    pub needed: bool,
}

/// What an authenticator app needs.
#[derive(Clone)]
pub struct Begun {
    /// In Base32, to be typed.
    pub secret: String,
    /// The same as an address, to be shown as a picture.
    pub uri: String,
}

/// What somebody proved a second time with.
#[derive(Clone)]
pub(super) enum Proof {
    /// The code of this step.
    Step(i64),
    /// The recovery code with this hash.
    Recovery(String),
}

impl Proof {
    /// What the audit trail calls it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Step(_) => "code",
            Self::Recovery(_) => "recovery_code",
        }
    }
}

impl Site {
    /// Whether the settings ask accounts of this role for a second factor.
    pub(super) fn asks_for_second_factor(&self, role: Role) -> bool {
        match self.second_factor {
            SecondFactorRule::Optional => false,
            SecondFactorRule::Staff => role != Role::Driver,
            SecondFactorRule::Required => true,
        }
    }
}

/// What one's own account has.
///
/// # Errors
/// [`Refusal::LoginRequired`], [`Refusal::Forbidden`] for keys.
pub async fn status(site: &Site, caller: &Caller) -> Result<Status, Failure> {
    let account = own(site, caller).await?;
    let needed = site.asks_for_second_factor(account.role);
    let read = site.store.read(async |conn| {
        let found = second_factors::find_active(conn, &account.id).await?;
        let recovery_codes = second_factors::count_recovery_codes(conn, &account.id).await?;
        Ok(Status { active_since: found.and_then(|found| found.confirmed_at), recovery_codes, needed })
    });
    Ok(read.await?)
}

/// Makes a secret for one's own account. Codes are asked for once one of them has confirmed it. Needs a fresh log-in or
/// the password: whoever found a device that was left logged in shall not lock its owner out.
///
/// # Errors
/// [`Refusal::SecondFactorActive`]; [`Refusal::LogInAgain`], [`Refusal::CredentialsWrong`].
pub async fn begin(site: &Site, caller: &Caller, password: Option<String>) -> Result<Begun, Failure> {
    let account = own(site, caller).await?;
    match password {
        Some(password) => drop(prove(site, caller, &account.email, password, |_| true).await?),
        None => check_fresh(site, caller).await?,
    }
    let secret = totp::base32(&random::bytes::<20>());
    let begun = Begun { uri: totp::uri(&secret, &account.email), secret: secret.clone() };
    let (now, caller) = (site.clock.now(), caller.clone());
    let stored = site.store.write(async move |conn| {
        if !second_factors::begin(conn, &account.id, &secret, now).await? {
            return Err(Failure::from(Refusal::SecondFactorActive));
        }
        record(conn, &caller, "second_factor.begin", &account.id, now).await
    });
    stored.await?;
    Ok(begun)
}

/// Confirms the secret by a code; from now on one is asked for. Answers the recovery codes, which nobody can show again.
/// Every other log-in of the account ends.
///
/// # Errors
/// [`Refusal::SecondFactorNotFound`] when no secret waits; [`Refusal::CodeWrong`], [`Refusal::TooManyTries`].
pub async fn confirm(site: &Site, caller: &Caller, code: &str) -> Result<Vec<String>, Failure> {
    let account = own(site, caller).await?;
    let session = caller.actor.session().ok_or(Refusal::LoginRequired)?.to_owned();
    let now = site.clock.now();
    let found = site.store.read(async |conn| second_factors::find(conn, &account.id).await).await?;
    let waits = |found: &SecondFactor| found.confirmed_at.is_none() && now - found.begun_at < WAITS;
    let found = found.filter(waits).ok_or(Refusal::SecondFactorNotFound)?;
    let tries = Tries::count(site, caller, &account)?;
    let Some(Proof::Step(step)) = proof(&found, code, now) else {
        site.record_attempt(caller, "access.code_refused", None).await;
        return Err(Refusal::CodeWrong.into());
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<String> = codes.iter().map(|code| link_hash(&plain(code))).collect();
    let caller = caller.clone();
    let stored = site.store.write(async move |conn| {
        if !second_factors::confirm(conn, &account.id, &found.secret, step, now).await? {
            return Err(Failure::from(Refusal::SecondFactorNotFound));
        }
        for hash in &hashes {
            second_factors::insert_recovery_code(conn, &account.id, hash).await?;
        }
        sessions::end_others(conn, &account.id, Some(&session), now).await?;
        sessions::note_second_factor(conn, &session).await?;
        record(conn, &caller, "second_factor.enrol", &account.id, now).await
    });
    stored.await?;
    tries.forgive(site);
    Ok(codes)
}

/// Removes one's own second factor, by a code of it and a fresh log-in. Every other log-in of the account ends.
///
/// # Errors
/// [`Refusal::LogInAgain`]; [`Refusal::SecondFactorNotFound`]; [`Refusal::CodeWrong`], [`Refusal::TooManyTries`].
pub async fn remove(site: &Site, caller: &Caller, code: &str) -> Result<(), Failure> {
    let account = own(site, caller).await?;
    check_fresh(site, caller).await?;
    let session = caller.actor.session().ok_or(Refusal::LoginRequired)?.to_owned();
    let found = active(site, &account.id).await?.ok_or(Refusal::SecondFactorNotFound)?;
    let tries = Tries::count(site, caller, &account)?;
    let now = site.clock.now();
    let removed = match proof(&found, code, now) {
        Some(proof) => remove_by(site, caller, account, session, proof).await,
        None => Err(Refusal::CodeWrong.into()),
    };
    match &removed {
        Ok(()) => tries.forgive(site),
        Err(Failure::Refused(Refusal::CodeWrong)) => site.record_attempt(caller, "access.code_refused", None).await,
        Err(_) => {}
    }
    removed
}

async fn remove_by(
    site: &Site,
    caller: &Caller,
    account: Account,
    session: String,
    proof: Proof,
) -> Result<(), Failure> {
    let (now, caller) = (site.clock.now(), caller.clone());
    let removed = site.store.write(async move |conn| {
        spend(conn, &account.id, &proof).await?;
        forget(conn, &account.id, Some(&session), now).await?;
        record(conn, &caller, "second_factor.remove", &account.id, now).await
    });
    removed.await
}

/// Removes somebody else's second factor, for whoever lost phone and recovery codes. Every log-in of the account ends.
/// One's own is removed by a code of it, or on the command line.
///
/// # Errors
/// [`Refusal::Forbidden`]; [`Refusal::AccountNotFound`], [`Refusal::SecondFactorNotFound`].
pub async fn remove_of(site: &Site, caller: &Caller, id: String) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageRoles).await?;
    find_manageable(site, caller, &id).await?;
    if caller.actor.account().is_some_and(|own| own.id == id) {
        return Err(Refusal::Forbidden.into());
    }
    let (now, caller) = (site.clock.now(), caller.clone());
    let removed = site.store.write(async move |conn| {
        second_factors::find_active(conn, &id).await?.ok_or(Refusal::SecondFactorNotFound)?;
        forget(conn, &id, None, now).await?;
        record(conn, &caller, "second_factor.remove", &id, now).await
    });
    removed.await
}

async fn own(site: &Site, caller: &Caller) -> Result<Account, Failure> {
    site.authorise(caller, Action::ManageSecondFactor).await?;
    Ok(caller.actor.account().ok_or(Refusal::LoginRequired)?.clone())
}

/// The second factor of an account, if it is confirmed.
pub(super) async fn active(site: &Site, account: &str) -> Result<Option<SecondFactor>, Failure> {
    Ok(site.store.read(async |conn| second_factors::find_active(conn, account).await).await?)
}

/// What a code proves: that of the app by its step, if it is no used one; anything else may be a recovery code.
pub(super) fn proof(factor: &SecondFactor, code: &str, now: i64) -> Option<Proof> {
    let code = plain(code);
    if code.len() != 6 {
        return Some(Proof::Recovery(link_hash(&code)));
    }
    let secret = totp::from_base32(&factor.secret)?;
    totp::step_of(&secret, &code, now, factor.last_step).map(Proof::Step)
}

/// Uses a proof up, in the transaction that it opens.
///
/// # Errors
/// [`Refusal::CodeWrong`] when it was used up before, or never was one.
pub(super) async fn spend(conn: &mut Conn<'_>, account: &str, proof: &Proof) -> Result<(), Failure> {
    let good = match proof {
        Proof::Step(step) => second_factors::use_step(conn, account, *step).await?,
        Proof::Recovery(hash) => second_factors::use_recovery_code(conn, account, hash).await?,
    };
    if good { Ok(()) } else { Err(Refusal::CodeWrong.into()) }
}

/// Forgets a second factor. Log-ins count from now on as what they are without it; all but `keep` end.
async fn forget(conn: &mut Conn<'_>, account: &str, keep: Option<&str>, now: i64) -> Result<(), Failure> {
    second_factors::delete(conn, account).await?;
    sessions::end_others(conn, account, keep, now).await?;
    sessions::forget_second_factor(conn, account).await?;
    Ok(())
}

async fn record(
    conn: &mut Conn<'_>,
    caller: &Caller,
    action: &'static str,
    account: &str,
    now: i64,
) -> Result<(), Failure> {
    Ok(audit::append(conn, caller.entry(now, action, format!("account:{account}"))).await?)
}

/// A recovery code for people: 140 random bits, so that SHA-256 is enough to keep it (OWASP ASVS 5 V6.5.2).
fn recovery_code() -> String {
    let code = totp::base32(&random::bytes::<20>()).to_ascii_lowercase();
    let groups: Vec<String> =
        code.as_bytes().chunks(7).take(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join("-")
}

/// A code without what people put between its characters.
fn plain(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

/// A try of a code that was counted, as a wrong password is, and by account.
pub(super) struct Tries(Vec<(Limit, String)>);

impl Tries {
    /// Counts one, before its outcome is known.
    ///
    /// # Errors
    /// [`Refusal::TooManyTries`]; then none is counted.
    pub(super) fn count(site: &Site, caller: &Caller, account: &Account) -> Result<Self, Failure> {
        let address = caller.counted_address();
        let together = format!("{} {address}", account.email);
        let mut tries = Self(Vec::new());
        for (limit, subject) in [
            (LOGIN_BY_ADDRESS, address),
            (LOGIN_BY_ACCOUNT_AND_ADDRESS, together),
            (CODE_BY_ACCOUNT, account.id.clone()),
        ] {
            if let Err(refused) = site.count(limit, &subject) {
                tries.forgive(site);
                return Err(refused);
            }
            tries.0.push((limit, subject));
        }
        Ok(tries)
    }

    /// It was a right one.
    pub(super) fn forgive(self, site: &Site) {
        for (limit, subject) in self.0 {
            site.throttle.forgive(limit, &subject);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let code = recovery_code();
        assert_eq!(code.len(), 31, "{code}");
        assert_eq!(plain(&format!(" {} ", code.to_uppercase().replace('-', " "))), plain(&code));
        assert_eq!(plain("123 456"), "123456");
        assert_ne!(recovery_code(), code);
    }
}
