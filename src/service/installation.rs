//! How the server is set up, and what an administrator should look at: what `jari doctor` finds of a running server.

use crate::config::{AccessMode, Effective, PasswordLogin, SecondFactorRule};
use crate::domain::account::Action;
use crate::domain::sighting::Camera;
use crate::store::inspect::{self, Inspection};
use crate::store::{cameras, latest_version, quarantine};

use super::{Caller, Failure, Site, check_ready};

/// A camera that sent nothing for so long is worth a look, in seconds: a day.
pub const SILENT: i64 = 24 * 60 * 60;

/// A camera's clock that is further off is worth a look, in milliseconds.
pub const DRIFT: i64 = 60_000;

/// Something that an administrator should look at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// Nothing can be written.
    NotWritable,
    /// Everybody may do everything.
    OpenMode,
    /// No mails are sent: operators hand links over.
    NoMails,
    /// Operators can log in with a password alone.
    NoSecondFactor,
    /// Plates and e-mails of finished reservations are kept for ever.
    KeptForEver,
    /// A camera is on and sent nothing for a day.
    CameraSilent(String),
    /// A camera's clock is off.
    CameraClock(String),
    /// So many payloads were not understood, counted up to [`super::overview::MOST`].
    NotUnderstood(i64),
}

/// What the database says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Examined {
    /// The engine and its version.
    pub engine: String,
    /// The version of its schema.
    pub schema: i64,
    /// Whether this is the latest.
    pub latest: bool,
    /// What the engine's own check found wrong.
    pub damage: Vec<String>,
    /// Half hours that do not fit their reservations.
    pub inconsistent: i64,
}

/// The settings in force, secrets masked, and what is worth a look.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn look(site: &Site, caller: &Caller) -> Result<(Vec<Effective>, Vec<Finding>), Failure> {
    site.authorise(caller, Action::SeeSettings).await?;
    let now = site.clock.now();
    let mut findings = Vec::new();
    let mut note = |found: bool, finding: Finding| findings.extend(found.then_some(finding));
    note(check_ready(site).await.is_err(), Finding::NotWritable);
    note(site.access_mode == AccessMode::Open, Finding::OpenMode);
    note(site.mail.is_none(), Finding::NoMails);
    let by_password = site.password_login != PasswordLogin::Off;
    note(by_password && site.second_factor == SecondFactorRule::Optional, Finding::NoSecondFactor);
    note(site.retention_days.is_none(), Finding::KeptForEver);
    let (cameras, quarantined) = site
        .store
        .snapshot(async |conn| Ok((cameras::all(conn).await?, quarantine::count(conn, super::overview::MOST).await?)))
        .await?;
    for camera in cameras.iter().filter(|camera| camera.off_at.is_none()) {
        note(is_silent(camera, now), Finding::CameraSilent(camera.name.clone()));
        note(is_off_time(camera), Finding::CameraClock(camera.name.clone()));
    }
    note(quarantined > 0, Finding::NotUnderstood(quarantined));
    Ok((site.settings.clone(), findings))
}

/// Whether a camera that is on sent nothing for a day.
#[must_use]
pub fn is_silent(camera: &Camera, now: i64) -> bool {
    camera.off_at.is_none() && now - camera.seen_at.unwrap_or(camera.created_at) > SILENT
}

/// Whether a camera's clock is off by more than what two clocks differ by.
#[must_use]
pub fn is_off_time(camera: &Camera) -> bool {
    camera.drift.is_some_and(|drift| drift.saturating_abs() > DRIFT)
}

/// Examines the database, which reads all of it.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn examine(site: &Site, caller: &Caller) -> Result<Examined, Failure> {
    site.authorise(caller, Action::SeeSettings).await?;
    let Inspection { engine, schema, damage, inconsistent_slots, .. } =
        site.store.snapshot(async |conn| inspect::inspect(conn).await).await?;
    let schema = schema.unwrap_or_default();
    let latest = schema == latest_version();
    Ok(Examined { engine, schema, latest, damage, inconsistent: inconsistent_slots })
}
