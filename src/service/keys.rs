//! Keys of machines: shown once, stored as a hash, for one scope, for a time, from some networks if so wished.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::domain::account::{Action, Actor, KeyScope, MachineKey};
use crate::random;
use crate::store::idempotency::{self, Begun, IdempotencyKey};
use crate::store::keys::{self, StoredKey};
use crate::store::{Conn, audit};

use super::{Caller, Failure, Refusal, Site};

/// How a key begins, so that it is known from a token, and found when it leaks.
const PREFIX: &str = "jari_";

/// Whether a bearer is meant to be a key.
#[must_use]
pub fn is_key(bearer: &str) -> bool {
    bearer.starts_with(PREFIX)
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// What it may be used for.
    pub scope: KeyScope,
    /// Networks that it may come from; none for any.
    pub addresses: Vec<IpNet>,
    /// In how many days it ends.
    pub days: i64,
}

/// A key that was made, with the only copy of what the machine sends.
#[derive(Clone, Debug)]
pub struct MadeKey {
    /// What is stored.
    pub stored: StoredKey,
    /// To be sent as `Authorization: Bearer`, or in the path.
    pub bearer: String,
}

/// What is stored of the answer to making a key, to give it again under the same idempotency key.
#[derive(Clone, Serialize, Deserialize)]
struct Made {
    id: String,
    at: i64,
    veiled: Option<String>,
}

/// Makes a key. With an idempotency key, a repetition answers what the first time answered.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn make(
    site: &Site,
    caller: &Caller,
    new: NewKey,
    repeat: Option<IdempotencyKey>,
) -> Result<MadeKey, Failure> {
    site.authorise(caller, Action::ManageKeys).await?;
    let now = site.clock.now();
    let secret = random::secret();
    let stored = new.stored(random::uuid(&site.clock), now, &secret);
    let made = Made { id: stored.key.id.clone(), at: now, veiled: repeat.as_ref().map(|key| key.veil(&secret)) };
    let (caller, key) = (caller.clone(), repeat.clone());
    let answer = site.store.write(async move |conn| match idempotency::begin(conn, key.as_ref(), now).await? {
        Begun::Again(answer) => Ok(answer),
        Begun::First => {
            let worked = insert_and_record(conn, &stored, &caller, now).await.map(|()| made.clone());
            idempotency::finish(conn, key.as_ref(), worked).await
        }
    });
    let made = answer.await?.map_err(Failure::Refused)?;
    let secret = match (&repeat, &made.veiled) {
        (Some(key), Some(veiled)) => key.veil(veiled),
        _ => secret,
    };
    let bearer = bearer(&made.id, &secret);
    Ok(MadeKey { stored: new.stored(made.id, made.at, &secret), bearer })
}

/// What the machine sends that holds the key of this id.
pub(super) fn bearer(id: &str, secret: &str) -> String {
    format!("{PREFIX}{}_{secret}", id.replace('-', ""))
}

impl NewKey {
    pub(super) fn stored(&self, id: String, now: i64, secret: &str) -> StoredKey {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        StoredKey {
            key: MachineKey { id, name: self.name.clone(), scope: self.scope },
            secret_hash: hash(secret),
            addresses: (!addresses.is_empty()).then(|| addresses.join(",")),
            created_at: now,
            expires_at: now + self.days * 24 * 60 * 60,
        }
    }
}

async fn insert_and_record(conn: &mut Conn<'_>, key: &StoredKey, caller: &Caller, now: i64) -> Result<(), Failure> {
    keys::insert(conn, key).await?;
    let mut entry = caller.entry(now, "key.make", format!("key:{}", key.key.id));
    entry.after = Some(told(key));
    Ok(audit::append(conn, entry).await?)
}

fn told(key: &StoredKey) -> String {
    serde_json::json!({
        "name": key.key.name,
        "scope": key.key.scope.as_str(),
        "addresses": key.addresses,
        "expires": key.expires_at,
    })
    .to_string()
}

/// Every key that is not revoked, by name.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn list(site: &Site, caller: &Caller) -> Result<Vec<StoredKey>, Failure> {
    site.authorise(caller, Action::ManageKeys).await?;
    Ok(site.store.snapshot(async |conn| keys::all(conn).await).await?)
}

/// Revokes a key.
///
/// # Errors
/// [`Refusal::KeyNotFound`].
pub async fn revoke(site: &Site, caller: &Caller, id: String) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageKeys).await?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let revoked = site.store.write(async move |conn| {
        if !keys::revoke(conn, &id, now).await? {
            return Err(Failure::from(Refusal::KeyNotFound));
        }
        Ok(audit::append(conn, caller.entry(now, "key.revoke", format!("key:{id}"))).await?)
    });
    revoked.await
}

/// The machine that holds a key, if it may come from `address`.
///
/// # Errors
/// [`Refusal::TokenInvalid`] for every cause.
pub(super) async fn actor(site: &Site, bearer: &str, address: Option<IpAddr>) -> Result<Actor, Failure> {
    let (id, secret) = bearer
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('_'))
        .and_then(|(id, secret)| Some((uuid::Uuid::try_parse(id).ok()?.to_string(), secret)))
        .ok_or(Refusal::TokenInvalid)?;
    let now = site.clock.now();
    let found = site.store.read(async |conn| keys::find(conn, &id, now).await).await?;
    let found = found.ok_or(Refusal::TokenInvalid)?;
    let right: bool = hash(secret).as_bytes().ct_eq(found.secret_hash.as_bytes()).into();
    if right && comes_from(found.addresses.as_deref(), address) {
        Ok(Actor::Key(found.key))
    } else {
        Err(Refusal::TokenInvalid.into())
    }
}

fn comes_from(allowed: Option<&str>, address: Option<IpAddr>) -> bool {
    let Some(allowed) = allowed else { return true };
    let Some(address) = address else { return false };
    allowed.split(',').filter_map(|network| network.parse::<IpNet>().ok()).any(|network| network.contains(&address))
}

fn hash(secret: &str) -> String {
    random::hex(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_as_networks() {
        let from = |allowed, address: &str| comes_from(allowed, Some(address.parse().expect("an address")));
        assert!(from(None, "203.0.113.9"));
        assert!(from(Some("192.168.7.0/24,10.0.0.5/32"), "192.168.7.200"));
        assert!(from(Some("192.168.7.0/24,10.0.0.5/32"), "10.0.0.5"));
        assert!(!from(Some("192.168.7.0/24,10.0.0.5/32"), "10.0.0.6"));
        assert!(from(Some("2001:db8::/32"), "2001:db8::1"));
        assert!(!comes_from(Some("10.0.0.0/8"), None));
    }
}
