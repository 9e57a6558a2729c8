//! Getting back in, and proving an e-mail: what links in mails are for.

use crate::domain::lang::Lang;
use crate::store::{accounts, audit, links};

use super::accounts::{PROOF, link_hash};
use super::mail::Errand;
use super::throttle::{FORGOT_BY_ADDRESS, MAIL_BY_EMAIL, PROOF_BY_ADDRESS};
use super::{Caller, Failure, Refusal, Site};

/// Sends a link for a new password to an e-mail in lower case, if it has an account. Nothing is looked up before the
/// answer, so that it is the same, and as fast, for every e-mail.
///
/// # Errors
/// [`Refusal::MailNotConfigured`], [`Refusal::TooManyTries`].
pub fn forgot(site: &Site, caller: &Caller, email: String, lang: Lang) -> Result<(), Failure> {
    let mail = site.mail()?;
    site.count(FORGOT_BY_ADDRESS, &caller.counted_address())?;
    site.count(MAIL_BY_EMAIL, &email)?;
    mail.hand_over(Errand::Forgot(email), caller, lang);
    Ok(())
}

/// Proves the e-mail of an account by the secret of a link.
///
/// # Errors
/// [`Refusal::LinkInvalid`], [`Refusal::TooManyTries`].
pub async fn verify(site: &Site, caller: &Caller, secret: &str) -> Result<(), Failure> {
    site.count(PROOF_BY_ADDRESS, &caller.counted_address())?;
    let (now, caller, link) = (site.clock.now(), caller.clone(), link_hash(secret));
    let verified = site.store.write(async move |conn| {
        let email = links::take(conn, &link, PROOF, now).await?.ok_or(Refusal::LinkInvalid)?;
        let found = accounts::find_by_email(conn, &email).await?.ok_or(Refusal::LinkInvalid)?;
        accounts::set_verified(conn, &found.account.id, now).await?;
        let entry = caller.entry(now, "account.verify", format!("account:{}", found.account.id));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    verified.await
}

/// Sees to it that the caller may book: with an account, if it need not prove its e-mail or has done so. Who has not
/// cannot log in; this is for log-ins from a time when mails were not set up.
///
/// # Errors
/// [`Refusal::EmailNotVerified`].
pub(super) async fn check_proved(site: &Site, caller: &Caller) -> Result<(), Failure> {
    let Some(account) = caller.actor.account().filter(|_| site.verifies_emails()) else { return Ok(()) };
    let found = site.store.read(async |conn| accounts::find(conn, &account.id).await).await?;
    if found.is_some_and(|found| found.is_unproved()) {
        return Err(Refusal::EmailNotVerified.into());
    }
    Ok(())
}
