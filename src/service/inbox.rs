//! What cameras send: understood, matched and stored as sightings, or kept as it is until it is understood.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::camera::{self, Delivery, Direction, Format, Taken};
use crate::domain::account::{Action, Actor};
use crate::domain::matching::{Candidate, Read};
use crate::domain::plate::{self, Plate};
use crate::domain::sighting::{Camera, Quarantined, Sighting, State};
use crate::random;
use crate::recognize::{Picture, Recognition};
use crate::store::{Conn, audit, cameras, quarantine, sightings};

use super::plates::Matched;
use super::{Caller, Failure, Refusal, Site, plates};

/// A clock that is further off is not believed, in milliseconds: an hour.
const FAR_OFF: i64 = 60 * 60 * 1000;

/// A camera whose clock was right tells what it saw while it could not reach us, so many milliseconds later at most: a
/// week.
const LATEST: i64 = 7 * 24 * 60 * 60 * 1000;

/// So many bytes that were not understood are kept at most, of all cameras. Beyond that cameras are asked to come back.
pub const QUARANTINE_BYTES: i64 = 512 * 1024 * 1024;

/// So many payloads are replayed in one go.
const REPLAYED_AT_ONCE: i64 = 50;

/// How sightings are kept.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    /// Seconds within which the same car before the same camera is the same sighting.
    pub cool_down: i64,
    /// After how many days sightings lose their plates; `None` for never.
    pub plate_days: Option<u16>,
    /// After how many hours pictures are forgotten.
    pub picture_hours: u16,
}

/// Turns plates into what can be compared and tells nothing else.
pub struct PlateHasher(Vec<u8>);

impl PlateHasher {
    /// Hashes under this key.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.as_bytes().to_vec())
    }

    /// The hash of a plate, in hexadecimal digits: the same for every spelling of it.
    ///
    /// # Panics
    /// Never: a key of any length will do.
    #[must_use]
    pub fn hash(&self, text: &str) -> String {
        let key = Plate::parse(text).map_or_else(|_| plate::display_text(text), |plate| plate.key().to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(key.as_bytes());
        random::hex(&mac.finalize().into_bytes()[..16])
    }
}

/// A body is counted in pieces of so many bytes.
const PIECE: usize = 256 * 1024;

/// The largest body that is taken, in bytes: a picture as base64 and more.
pub const LARGEST: usize = 6 * 1024 * 1024;

/// How long a camera waits for room before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Room for what cameras send: as many bytes at once as the largest body has, so that many at once cost no more memory
/// than one.
pub struct Room(Semaphore);

impl Default for Room {
    fn default() -> Self {
        Self(Semaphore::new(LARGEST / PIECE))
    }
}

impl Room {
    /// Takes room for a body of so many bytes, or for the largest where that is not known.
    ///
    /// # Errors
    /// [`Refusal::TooBusy`].
    pub async fn take(&self, bytes: Option<u64>) -> Result<SemaphorePermit<'_>, Refusal> {
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(LARGEST).clamp(1, LARGEST);
        let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
        match tokio::time::timeout(PATIENCE, self.0.acquire_many(pieces)).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Refusal::TooBusy),
        }
    }
}

/// What became of something that a camera sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Received {
    /// What the camera wants to hear: the type and the body.
    pub acknowledgement: (&'static str, String),
    /// How many sightings were stored.
    pub stored: usize,
}

/// The camera that sends by the caller's key.
///
/// # Errors
/// [`Refusal::Forbidden`], [`Refusal::CameraNotFound`], [`Refusal::CameraOff`].
pub async fn camera_of(site: &Site, caller: &Caller) -> Result<Camera, Failure> {
    site.authorise(caller, Action::SendEvents).await?;
    let Actor::Key(key) = &caller.actor else { return Err(Refusal::CameraNotFound.into()) };
    let found = site.store.read(async |conn| cameras::with_key(conn, &key.id).await).await?;
    let camera = found.ok_or(Refusal::CameraNotFound)?;
    if camera.off_at.is_some() { Err(Refusal::CameraOff.into()) } else { Ok(camera) }
}

/// Takes what a camera sent. Whatever it is, it is stored before it is acknowledged: as sightings, or in quarantine.
///
/// # Errors
/// [`Refusal::QuarantineFull`].
pub async fn receive(
    site: &Site,
    camera: &Camera,
    content_type: Option<&str>,
    body: Vec<u8>,
) -> Result<Received, Failure> {
    match camera::understand(content_type, &body) {
        Ok(delivery) => {
            drop(body);
            let acknowledgement = camera::acknowledgement(delivery.format, &delivery);
            let stored = store(site, camera, delivery, None).await?;
            Ok(Received { acknowledgement, stored })
        }
        Err(not_understood) => {
            quarantine(site, camera, content_type, body, not_understood.to_string()).await?;
            let body = r#"{"result":true,"quarantined":true}"#.to_owned();
            Ok(Received { acknowledgement: ("application/json", body), stored: 0 })
        }
    }
}

async fn quarantine(
    site: &Site,
    camera: &Camera,
    content_type: Option<&str>,
    payload: Vec<u8>,
    reason: String,
) -> Result<(), Failure> {
    let now = site.clock.now();
    let held = site.store.read(async |conn| quarantine::size(conn).await).await?;
    let bytes = i64::try_from(payload.len()).unwrap_or(i64::MAX);
    if held.saturating_add(bytes) > QUARANTINE_BYTES {
        tracing::error!(camera = camera.id, "the quarantine is full: what this camera sends is not understood");
        return Err(Refusal::QuarantineFull.into());
    }
    tracing::warn!(camera = camera.id, reason, bytes, "what a camera sent was not understood and is kept");
    let digest = random::hex(&Sha256::digest(&payload));
    let new = Quarantined {
        id: random::uuid(&site.clock),
        camera: camera.id.clone(),
        // PostgreSQL takes no NUL in a text; a header has none, and nothing else that cannot be shown.
        content_type: content_type.map(|text| text.chars().filter(|c| !c.is_control()).take(200).collect()),
        size: bytes,
        reason,
        received_at: now,
        last_at: now,
        times: 1,
    };
    let stored = site.store.write(async move |conn| {
        quarantine::insert(conn, &new, &digest, &payload).await?;
        cameras::note_seen(conn, &new.camera, now, None, None).await?;
        Ok::<_, Failure>(())
    });
    stored.await
}

/// One car of a delivery, with what was found out about it.
#[derive(Clone)]
struct Seen {
    sighting: Sighting,
    picture: Option<Vec<u8>>,
}

/// Stores what a delivery says; answers how many sightings are new. A payload that is replayed leaves the quarantine
/// in the same step, and counts as received when it was.
async fn store(
    site: &Site,
    camera: &Camera,
    delivery: Delivery,
    replayed: Option<(&Caller, &Quarantined)>,
) -> Result<usize, Failure> {
    let received = replayed.map_or_else(|| site.clock.now_millis(), |(_, kept)| kept.received_at * 1000);
    let format = delivery.format;
    let (mut seen, mut drift) = (Vec::new(), None);
    for read in delivery.reads {
        let when = When::of(camera, read.taken, received, read.retransmission);
        drift = when.drift.or(drift);
        seen.push(look_at(site, camera, format, read, when).await?);
    }
    let (camera, cool_down, now) = (camera.id.clone(), site.keeping.cool_down, site.clock.now());
    let replayed = replayed.map(|(caller, kept)| (caller.clone(), kept.id.clone()));
    let stored = site.store.write(async move |conn| {
        let mut stored = 0;
        for Seen { sighting, picture } in &seen {
            let number = sightings::next_number(conn).await?;
            if let Some(event) = &sighting.event
                && sightings::knows_event(conn, &camera, event).await?
            {
                continue;
            }
            if sightings::repeat(conn, sighting, cool_down).await? {
                continue;
            }
            sightings::insert(conn, &Sighting { number, ..sighting.clone() }).await?;
            if let Some(picture) = picture {
                sightings::keep_picture(conn, &sighting.id, picture, now).await?;
            }
            stored += 1;
        }
        match &replayed {
            None => cameras::note_seen(conn, &camera, now, Some(format.name()), drift).await?,
            Some((caller, id)) => leave_quarantine(conn, caller, id, "quarantine.replay", now).await?,
        }
        Ok::<_, Failure>(stored)
    });
    let stored = stored.await?;
    site.live.nudge();
    Ok(stored)
}

async fn leave_quarantine(
    conn: &mut Conn<'_>,
    caller: &Caller,
    id: &str,
    action: &'static str,
    now: i64,
) -> Result<(), Failure> {
    if !quarantine::delete(conn, id).await? {
        return Err(Refusal::QuarantinedNotFound.into());
    }
    Ok(audit::append(conn, caller.entry(now, action, format!("quarantined:{id}"))).await?)
}

/// When a car was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct When {
    /// What counts, UTC milliseconds.
    taken: i64,
    /// By the camera's clock, UTC milliseconds.
    device: Option<i64>,
    /// By how many milliseconds that is ahead of ours; `None` for what is told late.
    drift: Option<i64>,
}

impl When {
    /// A clock that is off by less than an hour is believed. One that was right before, or says that it repeats itself,
    /// may tell what is older: a camera keeps what it could not send. Everything else is a clock that was never set.
    fn of(camera: &Camera, taken: Taken, received: i64, again: bool) -> Self {
        let device = match taken {
            Taken::Instant(millis) => Some(millis),
            Taken::Local(local) => jiff::tz::TimeZone::get(&camera.zone)
                .and_then(|zone| local.to_zoned(zone))
                .ok()
                .map(|zoned| zoned.timestamp().as_millisecond()),
            Taken::Unknown => None,
        };
        let Some(device) = device else { return Self { taken: received, device, drift: None } };
        let ahead = device.saturating_sub(received);
        let was_right = camera.drift.is_some_and(|drift| drift.saturating_abs() <= FAR_OFF);
        if ahead.saturating_abs() <= FAR_OFF {
            Self { taken: device, device: Some(device), drift: (!again).then_some(ahead) }
        } else if (-LATEST..0).contains(&ahead) && (again || was_right) {
            Self { taken: device, device: Some(device), drift: None }
        } else {
            Self { taken: received, device: Some(device), drift: Some(ahead) }
        }
    }
}

/// Finds out which car a read is: what the camera did not read is read here, and what was read is matched.
async fn look_at(
    site: &Site,
    camera: &Camera,
    format: Format,
    read: camera::Read,
    when: When,
) -> Result<Seen, Failure> {
    let (mut text, mut confidence) = (read.text, read.confidence);
    let (mut read_by, mut candidates) = ("camera".to_owned(), read.candidates);
    let picture = read.picture.or(read.scene);
    if text.is_none()
        && let Some(bytes) = &picture
        && let Some(recognition) = recognise(site, bytes).await
    {
        read_by = site.recognizer.engine();
        let mut plates = recognition.plates.into_iter();
        if let Some(best) = plates.next() {
            (text, confidence) = (Some(best.plate.canonical()), best.confidence);
            candidates = plates.map(|one| (one.plate.canonical(), one.confidence)).collect();
        }
    }
    let taken_at = when.taken.div_euclid(1000);
    let matched = match &text {
        Some(text) => {
            let read = Read {
                text: text.clone(),
                confidences: read.characters,
                candidates: likely(text, confidence, candidates),
                region_unreadable: false,
            };
            Some(plates::compare(site, &read, taken_at).await?)
        }
        None => None,
    };
    let state = match &matched {
        Some(matched) if matched.explanation.needs_review => State::Review,
        Some(Matched { found: Some(_), .. }) => State::Matched,
        None if picture.is_some() => State::Review,
        Some(_) | None => State::Passing,
    };
    let thousandths = |nats: f64| round(nats * 1000.0);
    let explanation = matched.as_ref().map(|matched| &matched.explanation);
    let found = matched.as_ref().and_then(|matched| matched.found.as_ref());
    let sighting = Sighting {
        number: 0,
        id: random::uuid(&site.clock),
        camera: camera.id.clone(),
        bay: camera.bay,
        event: read.event,
        format: format.name().to_owned(),
        read_by,
        plate_masked: text.as_deref().map(plate::mask_text).unwrap_or_default(),
        plate_hash: text.as_deref().map(|text| site.plate_hasher.hash(text)),
        // Who only passes by is nobody's business.
        plate_text: text.filter(|_| state != State::Passing),
        confidence: confidence.map(|confidence| thousandths(confidence.clamp(0.0, 1.0))),
        direction: read.direction.map(|direction| match direction {
            Direction::Approaching => "approaching".to_owned(),
            Direction::Leaving => "leaving".to_owned(),
        }),
        taken_at,
        device_at: when.device,
        received_at: site.clock.now(),
        last_at: taken_at,
        repeats: 0,
        how: explanation.map_or("none", |it| it.how.as_str()).to_owned(),
        reason: explanation.map_or("unreadable", |it| it.reason.as_str()).to_owned(),
        distance: explanation.and_then(|it| it.distance).map(thousandths),
        margin: explanation.and_then(|it| it.margin).map(thousandths),
        arrival: found.map(|(_, arrival)| arrival.as_str().to_owned()),
        reservation: found.map(|(reservation, _)| reservation.id.clone()),
        state,
        reviewed_at: None,
        reviewed_by: None,
    };
    Ok(Seen { picture: picture.filter(|_| state == State::Review), sighting })
}

/// What a reader holds possible, its own read first. A list in which not every entry has its confidence says nothing
/// that could be weighed.
fn likely(text: &str, confidence: Option<f64>, candidates: Vec<(String, Option<f64>)>) -> Vec<Candidate> {
    let others = candidates.into_iter().filter(|(other, _)| other != text);
    let all: Option<Vec<Candidate>> = std::iter::once((text.to_owned(), confidence))
        .chain(others)
        .map(|(text, confidence)| Some(Candidate { text, confidence: confidence? }))
        .collect();
    let all = all.filter(|all| all.len() > 1).unwrap_or_default();
    let sum: f64 = all.iter().map(|one| one.confidence).sum();
    // Some readers score each for itself. Together they are at most certain.
    let scale = if sum > 1.0 { sum } else { 1.0 };
    all.into_iter().map(|one| Candidate { confidence: one.confidence / scale, ..one }).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a distance or a confidence in thousandths is a small number")]
fn round(number: f64) -> i64 {
    number.round() as i64
}

/// Has the plate in a picture read. That it cannot be is no reason to lose what the camera told.
async fn recognise(site: &Site, bytes: &[u8]) -> Option<Recognition> {
    let turn = site.recognizer.turn().ok()?;
    let picture = Picture::check(bytes.to_vec().into()).ok()?;
    match site.recognizer.read(&turn, picture).await {
        Ok(recognition) => Some(recognition),
        Err(error) => {
            tracing::warn!(cause = %error, "a camera's picture could not be read");
            None
        }
    }
}

/// What is kept, the oldest first, after this one; a page of 100.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn quarantined(site: &Site, caller: &Caller, after: Option<String>) -> Result<Vec<Quarantined>, Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    Ok(site.store.snapshot(async move |conn| quarantine::list(conn, after.as_deref(), 100).await).await?)
}

/// What was sent, as it came.
///
/// # Errors
/// [`Refusal::QuarantinedNotFound`].
pub async fn payload(site: &Site, caller: &Caller, id: String) -> Result<Vec<u8>, Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let object = format!("quarantined:{id}");
    let found = site.store.snapshot(async move |conn| quarantine::find(conn, &id).await).await?;
    let (_, payload) = found.ok_or(Refusal::QuarantinedNotFound)?;
    super::privacy::record_seen(site, caller, object).await?;
    Ok(payload)
}

/// Forgets one.
///
/// # Errors
/// [`Refusal::QuarantinedNotFound`].
pub async fn discard(site: &Site, caller: &Caller, id: String) -> Result<(), Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let discarded =
        site.store.write(async move |conn| leave_quarantine(conn, &caller, &id, "quarantine.discard", now).await);
    discarded.await
}

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Replayed {
    /// Payloads that are understood now and left the quarantine.
    pub understood: usize,
    /// Sightings that were stored of them.
    pub stored: usize,
    /// Payloads that are still not understood.
    pub left: usize,
    /// Whether there are more after the last that was looked at.
    pub more: bool,
}

/// Tries again what was not understood, from after `after` on, 50 at once; answers also the last that was looked at.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn replay(
    site: &Site,
    caller: &Caller,
    after: Option<String>,
) -> Result<(Replayed, Option<String>), Failure> {
    site.authorise(caller, Action::ManageCameras).await?;
    let list =
        site.store.snapshot(async move |conn| quarantine::list(conn, after.as_deref(), REPLAYED_AT_ONCE + 1).await);
    let mut kept = list.await?;
    let more = i64::try_from(kept.len()).unwrap_or(i64::MAX) > REPLAYED_AT_ONCE;
    if more {
        kept.pop();
    }
    let end = kept.last().map(|kept| kept.id.clone());
    let mut replayed = Replayed { more, ..Replayed::default() };
    for one in kept {
        match replay_one(site, caller, &one).await {
            Ok(Some(stored)) => {
                replayed.understood += 1;
                replayed.stored += stored;
            }
            Ok(None) => replayed.left += 1,
            // Somebody else was quicker.
            Err(Failure::Refused(Refusal::QuarantinedNotFound)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok((replayed, end))
}

async fn replay_one(site: &Site, caller: &Caller, kept: &Quarantined) -> Result<Option<usize>, Failure> {
    let (id, camera) = (kept.id.clone(), kept.camera.clone());
    let found = site
        .store
        .snapshot(async move |conn| Ok((quarantine::find(conn, &id).await?, cameras::find(conn, &camera).await?)));
    let (Some((_, payload)), camera) = found.await? else {
        return Err(Refusal::QuarantinedNotFound.into());
    };
    // Nobody would look at what a camera saw that is no longer there.
    let Some(camera) = camera else { return Ok(None) };
    match camera::understand(kept.content_type.as_deref(), &payload) {
        Ok(delivery) => store(site, &camera, delivery, Some((caller, kept))).await.map(Some),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(drift: Option<i64>) -> Camera {
        Camera {
            id: "camera".into(),
            name: "Gate".into(),
            bay: None,
            zone: "Asia/Seoul".into(),
            key: "key".into(),
            created_at: 0,
            off_at: None,
            seen_at: None,
            format: None,
            drift,
        }
    }

    #[test]
    fn a_clock_is_believed_unless_it_is_far_off() {
        let now = 1_774_998_000_000;
        let at = |drift, device: i64, again| When::of(&camera(drift), Taken::Instant(device), now, again);
        let hour = 60 * 60 * 1000;
        assert_eq!(
            at(None, now - 2500, false),
            When { taken: now - 2500, device: Some(now - 2500), drift: Some(-2500) }
        );
        // Two hours late: a clock that was right is believed, one that nobody knows is not.
        assert_eq!(at(Some(40), now - 2 * hour, false).taken, now - 2 * hour);
        assert_eq!(at(Some(40), now - 2 * hour, false).drift, None);
        assert_eq!(at(None, now - 2 * hour, false).taken, now);
        assert_eq!(at(None, now - 2 * hour, true).taken, now - 2 * hour);
        // A clock that was never set, or is ahead.
        assert_eq!(at(Some(40), 0, true).taken, now);
        assert_eq!(
            at(Some(40), now + 2 * hour, false),
            When { taken: now, device: Some(now + 2 * hour), drift: Some(2 * hour) }
        );
        assert_eq!(at(None, i64::MIN, false).taken, now);
        // 08:00 in Seoul.
        let local = Taken::Local(jiff::civil::date(2026, 4, 1).at(8, 0, 0, 0));
        assert_eq!(When::of(&camera(None), local, now, false).taken, now);
        assert_eq!(When::of(&camera(None), Taken::Unknown, now, false), When { taken: now, device: None, drift: None });
    }

    #[test]
    fn the_hash_of_a_plate_is_the_same_for_every_spelling_and_another_for_every_key() {
        let (one, other) = (PlateHasher::new("one"), PlateHasher::new("other"));
        assert_eq!(one.hash("12가3456"), one.hash(" 12 가-3456 "));
        assert_ne!(one.hash("12가3456"), one.hash("12가3457"));
        assert_ne!(one.hash("12가3456"), other.hash("12가3456"));
    }

    #[test]
    fn candidates_without_confidence_are_not_weighed() {
        assert!(likely("1", None, vec![("2".into(), Some(0.5))]).is_empty());
        assert!(likely("1", Some(0.9), vec![]).is_empty());
        let all = likely("1", Some(0.9), vec![("1".into(), Some(0.9)), ("2".into(), Some(0.6))]);
        assert_eq!(all.len(), 2);
        assert!((all[0].confidence - 0.6).abs() < 1e-9 && (all[1].confidence - 0.4).abs() < 1e-9);
    }
}
