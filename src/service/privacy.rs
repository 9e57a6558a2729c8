//! Privacy: what is seen is recorded, what is over is forgotten, and people get their data and can erase it.

use crate::domain::account::{Account, Action, Actor};
use crate::domain::audit::Entry;
use crate::domain::reservation::Reservation;
use crate::domain::sighting::Sighting;
use crate::store::reservations::{self, Filter};
use crate::store::sessions::{self, Session};
use crate::store::{accounts, audit, identities, invitations, links, quarantine, second_factors, sightings};

use super::sessions::{FRESH, own_account, prove};
use super::throttle::Limit;
use super::{Caller, Failure, Refusal, Site};

/// Seeing the same again within the hour is not recorded again: the operators' app asks every 15 seconds.
const SEEN: Limit = Limit { kind: "seen", tries: 1, window: 60 * 60 };

/// So many reservations are forgotten in one transaction, so that bookings need not wait.
const AT_ONCE: i64 = 500;

/// Records that somebody sees other people's plates and e-mails, once an hour for each thing they look at. On
/// an open site nobody is known, and on one that asks for accounts most callers see masks: neither is recorded.
pub(super) async fn record_seen(site: &Site, caller: &Caller, object: String) -> Result<(), Failure> {
    let sees = caller.actor != Actor::Open && caller.actor.can(Action::SeeEverybody);
    let now = site.clock.now();
    if !sees || site.throttle.count(SEEN, &format!("{} {object}", caller.actor.name()), now).is_err() {
        return Ok(());
    }
    let entry = caller.entry(now, "personal_data.see", object);
    let written = site.store.write(async move |conn| Ok::<_, Failure>(audit::append(conn, entry.clone()).await?)).await;
    if let Err(error) = written {
        // Reads go on while nothing can be written: a full disk must not hide today's bookings from the operator.
        tracing::error!(cause = %error, "that personal data was seen could not be recorded");
    }
    Ok(())
}

/// Forgets plate and e-mail of reservations that have been over for as long as the setting says; answers how
/// many.
///
/// # Errors
/// When the storage broke.
pub async fn enforce_retention(site: &Site) -> Result<u64, Failure> {
    let Some(days) = site.retention_days else { return Ok(0) };
    let now = site.clock.now();
    let before = now - i64::from(days) * 24 * 60 * 60;
    let mut all = 0;
    loop {
        let forgotten = site.store.write(async move |conn| {
            let forgotten = reservations::forget_finished(conn, before, AT_ONCE).await?;
            if forgotten > 0 {
                let caller = Caller::command_line();
                let mut entry = Entry {
                    actor: "system".to_owned(),
                    ..caller.entry(now, "retention.reservations", "site".to_owned())
                };
                entry.after = Some(serde_json::json!({"count": forgotten, "endedBefore": before}).to_string());
                audit::append(conn, entry).await?;
            }
            Ok::<_, Failure>(forgotten)
        });
        let forgotten = forgotten.await?;
        all += forgotten;
        if forgotten == 0 {
            break;
        }
    }
    Ok(all)
}

/// What was not understood is kept for so long after it was sent last, in seconds: three months.
const QUARANTINED: i64 = 90 * 24 * 60 * 60;

/// Forgets pictures, and plates of sightings, that are older than the settings say, and what nobody understood in three
/// months; answers how many plates.
///
/// # Errors
/// When the storage broke.
pub async fn forget_sightings(site: &Site) -> Result<u64, Failure> {
    let now = site.clock.now();
    let pictures = now - i64::from(site.keeping.picture_hours) * 60 * 60;
    let plates = site.keeping.plate_days.map(|days| now - i64::from(days) * 24 * 60 * 60);
    let mut all = 0;
    loop {
        let forgotten = site.store.write(async move |conn| {
            sightings::forget_pictures(conn, pictures).await?;
            quarantine::prune(conn, now - QUARANTINED).await?;
            let Some(before) = plates else { return Ok(0) };
            let forgotten = sightings::forget_plates(conn, before, AT_ONCE).await?;
            if forgotten > 0 {
                let caller = Caller::command_line();
                let mut entry =
                    Entry { actor: "system".to_owned(), ..caller.entry(now, "retention.sightings", "site".to_owned()) };
                entry.after = Some(serde_json::json!({"count": forgotten, "receivedBefore": before}).to_string());
                audit::append(conn, entry).await?;
            }
            Ok::<_, Failure>(forgotten)
        });
        match forgotten.await? {
            0 => return Ok(all),
            forgotten => all += forgotten,
        }
    }
}

/// Forgets log-ins, links and invitations that have been over for a month.
///
/// # Errors
/// When the storage broke.
pub async fn forget_old_log_ins(site: &Site) -> Result<(), Failure> {
    let before = site.clock.now() - 30 * 24 * 60 * 60;
    let forgotten = site.store.write(async move |conn| {
        sessions::prune(conn, before).await?;
        links::prune(conn, before).await?;
        invitations::prune(conn, before).await?;
        Ok::<_, Failure>(())
    });
    forgotten.await
}

/// Everything that is stored about somebody.
#[derive(Clone, Debug)]
pub struct PersonalData {
    /// Their account.
    pub account: Account,
    /// When it was made, UTC seconds.
    pub created_at: i64,
    /// Since when a second factor is asked for, UTC seconds.
    pub second_factor_since: Option<i64>,
    /// Their log-ins that have not ended.
    pub sessions: Vec<Session>,
    /// Their reservations, cancelled ones too.
    pub reservations: Vec<Reservation>,
    /// What cameras saw of their cars, newest first, [`SIGHTINGS`] at most.
    pub sightings: Vec<Sighting>,
}

/// So many sightings are exported at most.
const SIGHTINGS: i64 = 10_000;

/// Everything that is stored about the caller.
///
/// # Errors
/// [`Refusal::LoginRequired`].
pub async fn export(site: &Site, caller: &Caller) -> Result<PersonalData, Failure> {
    let account = own_account(site, caller).await?;
    let now = site.clock.now();
    let used_after = now - site.lifetimes.idle(account.role);
    let data = site.store.snapshot(async move |conn| {
        let stored = accounts::find(conn, &account.id).await?;
        let factor = second_factors::find_active(conn, &account.id).await?;
        let sessions = sessions::of_account(conn, &account.id, now, used_after).await?;
        let filter = Filter { account: Some(account.id.clone()), cancelled: true, ..Filter::default() };
        let reservations = reservations::matching(conn, &filter, i64::MAX).await?;
        let sightings = sightings::of_account(conn, &account.id, SIGHTINGS).await?;
        Ok(stored.map(|stored| PersonalData {
            account: stored.account,
            created_at: stored.created_at,
            second_factor_since: factor.and_then(|factor| factor.confirmed_at),
            sessions,
            reservations,
            sightings,
        }))
    });
    Ok(data.await?.ok_or(Refusal::TokenInvalid)?)
}

/// Erases the caller's account: reservations to come are cancelled, those of the past stay without plate, e-mail
/// and owner, and nobody can log in any more.
///
/// # Errors
/// [`Refusal::CredentialsMissing`], [`Refusal::CredentialsWrong`] when the account has a password;
/// [`Refusal::LogInAgain`] when it has none and the log-in is not fresh; [`Refusal::LastAdministrator`].
pub async fn erase(site: &Site, caller: &Caller, password: Option<String>) -> Result<(), Failure> {
    let account = own_account(site, caller).await?;
    let stored = site.store.read(async |conn| accounts::find(conn, &account.id).await).await?;
    let stored = stored.ok_or(Refusal::TokenInvalid)?;
    if stored.password_hash.is_some() {
        let password = password.ok_or(Refusal::CredentialsMissing)?;
        prove(site, caller, &account.email, password, |_| true).await?;
    } else {
        check_fresh(site, caller).await?;
    }
    let (now, caller) = (site.clock.now(), caller.clone());
    let erased = site.store.write(async move |conn| {
        accounts::hold_with_administrators(conn, &account.id).await?;
        sightings::forget_account(conn, &account.id).await?;
        let count = reservations::forget_account(conn, &account.id, now).await?;
        sessions::delete_all(conn, &account.id).await?;
        identities::delete_all(conn, &account.id).await?;
        second_factors::delete(conn, &account.id).await?;
        links::delete_all(conn, &account.email).await?;
        invitations::delete_all(conn, &account.email).await?;
        accounts::erase(conn, &account.id, now).await?;
        if !accounts::any_with_role(conn, crate::domain::account::Role::Administrator).await? {
            return Err(Refusal::LastAdministrator.into());
        }
        let mut entry = caller.entry(now, "account.erase", format!("account:{}", account.id));
        entry.after = Some(serde_json::json!({"reservations": count}).to_string());
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    erased.await
}

/// Sees to it that the caller has just logged in.
pub(super) async fn check_fresh(site: &Site, caller: &Caller) -> Result<(), Failure> {
    let session = caller.actor.session().ok_or(Refusal::LoginRequired)?;
    let now = site.clock.now();
    let session = site.store.read(async |conn| sessions::find(conn, session, now).await).await?;
    let session = session.ok_or(Refusal::TokenInvalid)?;
    // Getting new tokens makes no log-in fresh.
    if now - session.created_at >= FRESH { Err(Refusal::LogInAgain.into()) } else { Ok(()) }
}
