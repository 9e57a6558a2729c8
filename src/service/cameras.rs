//! Cameras of the site: adding, changing and removing them, each with a key of its own.

use ipnet::IpNet;

use crate::domain::account::{Action, KeyScope};
use crate::domain::sighting::Camera;
use crate::random;
use crate::store::keys::StoredKey;
use crate::store::{Conn, audit, bays, cameras, keys};

use super::keys::{NewKey, bearer};
use super::{Caller, Failure, Refusal, Site};

/// A camera to be added.
#[derive(Clone, Debug)]
pub struct NewCamera {
    /// What people call it.
    pub name: String,
    /// The bay that it looks at; `None` for one at an entrance.
    pub bay: Option<i64>,
    /// The time zone of its clock; the site's when it is not given.
    pub zone: Option<String>,
    /// By which key it sends.
    pub key: CameraKey,
}

/// The rules of a camera's key.
#[derive(Clone, Debug)]
pub struct CameraKey {
    /// Networks that it may come from; none for any.
    pub addresses: Vec<IpNet>,
    /// In how many days it ends.
    pub days: i64,
}

impl CameraKey {
    fn stored(&self, site: &Site, name: &str, now: i64, secret: &str) -> StoredKey {
        let (scope, addresses) = (KeyScope::Camera, self.addresses.clone());
        let key = NewKey { name: name.to_owned(), scope, addresses, days: self.days };
        key.stored(random::uuid(&site.clock), now, secret)
    }
}

/// A camera with the only copy of its key.
#[derive(Clone, Debug)]
pub struct MadeCamera {
    /// What is stored.
    pub camera: Camera,
    /// The key, which stands in the address that it sends to.
    pub bearer: String,
}

/// Changes of a camera; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another name.
    pub name: Option<String>,
    /// Another bay, or an entrance.
    pub bay: Option<Option<i64>>,
    /// Another time zone.
    pub zone: Option<String>,
    /// Whether it is no longer listened to.
    pub off: Option<bool>,
}

/// Every camera, by name.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn list(site: &Site, caller: &Caller) -> Result<Vec<Camera>, Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    Ok(site.store.snapshot(async |conn| cameras::all(conn).await).await?)
}

/// Adds a camera and makes its key.
///
/// # Errors
/// [`Refusal::CameraNameTaken`], [`Refusal::BayNotFound`].
pub async fn add(site: &Site, caller: &Caller, new: NewCamera) -> Result<MadeCamera, Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let (now, secret) = (site.clock.now(), random::secret());
    let key = new.key.stored(site, &new.name, now, &secret);
    let bearer = bearer(&key.key.id, &secret);
    let camera = Camera {
        id: random::uuid(&site.clock),
        name: new.name,
        bay: new.bay,
        zone: new.zone.unwrap_or_else(|| site.schedule.zone_name().to_owned()),
        key: key.key.id.clone(),
        created_at: now,
        off_at: None,
        seen_at: None,
        format: None,
        drift: None,
    };
    let (stored, caller) = (camera.clone(), caller.clone());
    let added = site.store.write(async move |conn| {
        check_bay(conn, stored.bay).await?;
        keys::insert(conn, &key).await?;
        if !cameras::insert(conn, &stored).await? {
            return Err(Refusal::CameraNameTaken.into());
        }
        let mut entry = caller.entry(now, "camera.add", format!("camera:{}", stored.id));
        entry.after = Some(told(&stored, Some(&key)));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    added.await?;
    Ok(MadeCamera { camera, bearer })
}

async fn check_bay(conn: &mut Conn<'_>, bay: Option<i64>) -> Result<(), Failure> {
    match bay {
        Some(id) if bays::find(conn, id).await?.is_none() => Err(Refusal::BayNotFound.into()),
        _ => Ok(()),
    }
}

fn told(camera: &Camera, key: Option<&StoredKey>) -> String {
    serde_json::json!({
        "name": camera.name,
        "bay": camera.bay,
        "zone": camera.zone,
        "off": camera.off_at.is_some(),
        "key": camera.key,
        "addresses": key.and_then(|key| key.addresses.as_deref()),
    })
    .to_string()
}

/// Changes a camera.
///
/// # Errors
/// [`Refusal::CameraNotFound`], [`Refusal::CameraNameTaken`], [`Refusal::BayNotFound`].
pub async fn change(site: &Site, caller: &Caller, id: String, change: Change) -> Result<Camera, Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let changed = site.store.write(async move |conn| {
        let before = cameras::find(conn, &id).await?.ok_or(Refusal::CameraNotFound)?;
        let mut after = before.clone();
        if let Some(name) = &change.name {
            if cameras::name_taken(conn, &id, name).await? {
                return Err(Refusal::CameraNameTaken.into());
            }
            after.name.clone_from(name);
        }
        if let Some(bay) = change.bay {
            check_bay(conn, bay).await?;
            after.bay = bay;
        }
        if let Some(zone) = &change.zone {
            after.zone.clone_from(zone);
        }
        if let Some(off) = change.off {
            after.off_at = off.then(|| before.off_at.unwrap_or(now));
        }
        if after == before {
            return Ok(after);
        }
        cameras::update(conn, &after).await?;
        let mut entry = caller.entry(now, "camera.change", format!("camera:{id}"));
        (entry.before, entry.after) = (Some(told(&before, None)), Some(told(&after, None)));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(after)
    });
    changed.await
}

/// Gives a camera another key; the one before ends at once.
///
/// # Errors
/// [`Refusal::CameraNotFound`].
pub async fn replace_key(site: &Site, caller: &Caller, id: String, key: CameraKey) -> Result<MadeCamera, Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let (now, secret, caller) = (site.clock.now(), random::secret(), caller.clone());
    let new = key.stored(site, "", now, &secret);
    let bearer = bearer(&new.key.id, &secret);
    let replaced = site.store.write(async move |conn| {
        let mut camera = cameras::find(conn, &id).await?.ok_or(Refusal::CameraNotFound)?;
        let before = told(&camera, None);
        let mut new = new.clone();
        new.key.name.clone_from(&camera.name);
        keys::insert(conn, &new).await?;
        keys::revoke(conn, &camera.key, now).await?;
        camera.key.clone_from(&new.key.id);
        cameras::update(conn, &camera).await?;
        let mut entry = caller.entry(now, "camera.key", format!("camera:{id}"));
        (entry.before, entry.after) = (Some(before), Some(told(&camera, Some(&new))));
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(camera)
    });
    Ok(MadeCamera { camera: replaced.await?, bearer })
}

/// Removes a camera and ends its key. What it saw stays.
///
/// # Errors
/// [`Refusal::CameraNotFound`].
pub async fn remove(site: &Site, caller: &Caller, id: String) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let removed = site.store.write(async move |conn| {
        let camera = cameras::find(conn, &id).await?.ok_or(Refusal::CameraNotFound)?;
        cameras::remove(conn, &id, now).await?;
        keys::revoke(conn, &camera.key, now).await?;
        let mut entry = caller.entry(now, "camera.remove", format!("camera:{id}"));
        entry.before = Some(told(&camera, None));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    removed.await
}
