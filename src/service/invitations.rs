//! Inviting people to make an account.

use crate::domain::account::{Action, Role, mask_email};
use crate::domain::lang::Lang;
use crate::random;
use crate::store::invitations::{self, Invitation};
use crate::store::{accounts, audit};

use crate::config::Registration;

use super::accounts::{link_hash, sees_emails};
use super::mail::Errand;
use super::{Caller, Failure, Refusal, Site, privacy};

/// How long an invitation can be used, in seconds: seven days.
const SECONDS: i64 = 7 * 24 * 60 * 60;

/// A list of invitations is cut after so many, the newest first.
const LONGEST_LIST: i64 = 200;

/// An invitation that was just made.
pub struct Made {
    /// What is stored.
    pub invitation: Invitation,
    /// For the field `invitation` of registering. Shown once.
    pub secret: String,
    /// The page where it is used, if the settings say where people reach us.
    pub url: Option<String>,
}

/// Makes an invitation. Only administrators invite to more than driving.
///
/// # Errors
/// [`Refusal::EmailTaken`], [`Refusal::RegistrationClosed`], [`Refusal::Forbidden`].
pub async fn invite(site: &Site, caller: &Caller, email: String, role: Role) -> Result<Made, Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    if role != Role::Driver {
        site.authorise(caller, Action::ManageRoles).await?;
    }
    if site.registration == Registration::Off {
        return Err(Refusal::RegistrationClosed.into());
    }
    let (now, secret) = (site.clock.now(), random::secret());
    let invitation =
        Invitation { id: random::uuid(&site.clock), email, role, created_at: now, expires_at: now + SECONDS };
    let (new, caller, hash) = (invitation.clone(), caller.clone(), link_hash(&secret));
    let made = site.store.write(async move |conn| {
        if accounts::find_by_email(conn, &new.email).await?.is_some() {
            return Err(Refusal::EmailTaken.into());
        }
        invitations::insert(conn, &new, &hash).await?;
        let mut entry = caller.entry(now, "invitation.make", format!("invitation:{}", new.id));
        entry.after = Some(serde_json::json!({"role": new.role.as_str()}).to_string());
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    made.await?;
    let url = site.mail.as_ref().map(|mail| mail.link("invite", &secret));
    Ok(Made { invitation, secret, url })
}

/// Mails an invitation, if mails are sent; says whether it will be.
#[must_use]
pub fn mail(site: &Site, caller: &Caller, made: &Made, lang: Lang) -> bool {
    let Some(mail) = &site.mail else { return false };
    let Invitation { email, role, .. } = &made.invitation;
    mail.hand_over(Errand::Invite(email.clone(), made.secret.clone(), *role), caller, lang);
    true
}

/// Invitations that can still be used, the newest first; e-mails as in the list of accounts.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn list(site: &Site, caller: &Caller, unmasked: bool) -> Result<Vec<Invitation>, Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    let now = site.clock.now();
    let mut list = site.store.snapshot(async move |conn| invitations::open(conn, now, LONGEST_LIST).await).await?;
    if unmasked || sees_emails(caller) {
        privacy::record_seen(site, caller, "invitations".to_owned()).await?;
    } else {
        for invitation in &mut list {
            invitation.email = mask_email(&invitation.email);
        }
    }
    Ok(list)
}

/// Revokes an invitation, at once. Only administrators revoke those to more than driving.
///
/// # Errors
/// [`Refusal::InvitationNotFound`], [`Refusal::Forbidden`].
pub async fn revoke(site: &Site, caller: &Caller, id: String) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageAccounts).await?;
    let now = site.clock.now();
    let found = site.store.read(async |conn| invitations::find(conn, &id, now).await).await?;
    if found.ok_or(Refusal::InvitationNotFound)?.role != Role::Driver {
        site.authorise(caller, Action::ManageRoles).await?;
    }
    let caller = caller.clone();
    let revoked = site.store.write(async move |conn| {
        if !invitations::revoke(conn, &id, now).await? {
            return Err(Failure::from(Refusal::InvitationNotFound));
        }
        Ok(audit::append(conn, caller.entry(now, "invitation.revoke", format!("invitation:{id}"))).await?)
    });
    revoked.await
}
