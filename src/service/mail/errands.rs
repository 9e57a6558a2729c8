//! From an errand to a letter: who it is for is looked up here, after the answer.

use crate::random;
use crate::store::accounts::{self, StoredAccount};
use crate::store::{audit, links};

use super::super::accounts::{MAILED_RESET, PROOF, PROOF_SECONDS, RESET_SECONDS, link_hash};
use super::super::{Failure, Site};
use super::{Errand, Letter, Mail, Order, letters};

/// The letter of an order; `None` when there is nobody to write to.
pub(super) async fn letter(site: &Site, mail: &Mail, order: &Order) -> Result<Option<Letter>, Failure> {
    match &order.errand {
        Errand::Forgot(email) | Errand::RegisteredBefore(email) => new_password(site, mail, order, email).await,
        Errand::Prove(email) => proof(site, mail, order, email).await,
        Errand::Invite(email, secret, role) => {
            Ok(Some(letters::invitation(email, &mail.link("invite", secret), *role, order.lang)))
        }
    }
}

/// A letter with a link for a new password, if the account has one; who is disabled can do nothing with it.
async fn new_password(site: &Site, mail: &Mail, order: &Order, email: &str) -> Result<Option<Letter>, Failure> {
    let Some(found) = find(site, email).await? else { return Ok(None) };
    if found.password_hash.is_none() {
        return Ok(Some(letters::no_password(email, order.lang)));
    }
    let secret = store_link(site, order, found, Purpose::NewPassword).await?;
    let link = mail.link("reset", &secret);
    Ok(Some(match order.errand {
        Errand::RegisteredBefore(_) => letters::registered_before(email, &link, order.lang),
        _ => letters::forgotten(email, &link, order.lang),
    }))
}

async fn proof(site: &Site, mail: &Mail, order: &Order, email: &str) -> Result<Option<Letter>, Failure> {
    let Some(found) = find(site, email).await?.filter(StoredAccount::is_unproved) else { return Ok(None) };
    let secret = store_link(site, order, found, Purpose::Proof).await?;
    Ok(Some(letters::proof(email, &mail.link("verify", &secret), order.lang)))
}

async fn find(site: &Site, email: &str) -> Result<Option<StoredAccount>, Failure> {
    let email = email.to_owned();
    let found = site.store.snapshot(async move |conn| accounts::find_by_email(conn, &email).await).await?;
    Ok(found.filter(|found| found.disabled_at.is_none()))
}

#[derive(Clone, Copy)]
enum Purpose {
    NewPassword,
    Proof,
}

/// Stores a link for an account and answers its secret.
async fn store_link(site: &Site, order: &Order, found: StoredAccount, purpose: Purpose) -> Result<String, Failure> {
    let secret = random::secret();
    let (now, hash, caller) = (site.clock.now(), link_hash(&secret), order.caller.clone());
    let stored = site.store.write(async move |conn| {
        let (name, seconds, action) = match purpose {
            Purpose::NewPassword => (MAILED_RESET, RESET_SECONDS, "account.reset_link"),
            Purpose::Proof => (PROOF, PROOF_SECONDS, "account.verification_link"),
        };
        links::insert(conn, &hash, name, &found.account.email, now, now + seconds).await?;
        let entry = caller.entry(now, action, format!("account:{}", found.account.id));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    stored.await?;
    Ok(secret)
}
