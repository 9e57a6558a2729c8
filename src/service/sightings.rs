//! What cameras saw: lists, pictures, and a person's look at what is doubtful.

use crate::domain::account::Action;
use crate::domain::matching::{Explanation, Read};
use crate::domain::plate::{self, Plate};
use crate::domain::sighting::{Sighting, State};
use crate::store::{audit, sightings};

pub use crate::store::sightings::Search;

use super::{Caller, Failure, Refusal, Site, plates, privacy};

/// Sightings of a page.
pub const PAGE: i64 = 100;

/// What a person found when they looked.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The car is the nearest of those that are expected.
    Accept,
    /// It is this plate.
    Correct(Plate, String),
    /// It is nothing.
    Reject,
}

impl Decision {
    const fn state(&self) -> State {
        match self {
            Self::Accept => State::Accepted,
            Self::Correct(..) => State::Corrected,
            Self::Reject => State::Rejected,
        }
    }

    const fn action(&self) -> &'static str {
        match self {
            Self::Accept => "sighting.accept",
            Self::Correct(..) => "sighting.correct",
            Self::Reject => "sighting.reject",
        }
    }
}

/// Sightings, newest first, a page of [`PAGE`]. `plate` is one to be looked for.
///
/// # Errors
/// [`Refusal::Forbidden`].
pub async fn search(
    site: &Site,
    caller: &Caller,
    mut search: Search,
    plate: Option<Plate>,
) -> Result<Vec<Sighting>, Failure> {
    site.authorise(caller, Action::SeeOperatorsLists).await?;
    search.plate_hash = plate.map(|plate| site.plate_hasher.hash(plate.key()));
    let found = site.store.snapshot(async move |conn| sightings::search(conn, &search, PAGE).await).await?;
    if found.iter().any(|sighting| sighting.plate_text.is_some()) {
        privacy::record_seen(site, caller, "sightings".to_owned()).await?;
    }
    Ok(found)
}

/// A sighting with the cars that are expected around it.
#[derive(Clone, Debug)]
pub struct Beside {
    /// What was seen.
    pub sighting: Sighting,
    /// How it compares with the cars that are expected, as it would be matched now; `None` when no plate is kept.
    pub explanation: Option<Explanation>,
    /// Whether there is a picture.
    pub has_picture: bool,
}

/// One sighting.
///
/// # Errors
/// [`Refusal::SightingNotFound`].
pub async fn find(site: &Site, caller: &Caller, id: String) -> Result<Beside, Failure> {
    site.authorise(caller, Action::SeeOperatorsLists).await?;
    let found = site.store.snapshot(async move |conn| {
        let Some(sighting) = sightings::find(conn, &id).await? else { return Ok(None) };
        let has_picture = sightings::picture(conn, &id).await?.is_some();
        Ok(Some((sighting, has_picture)))
    });
    let (sighting, has_picture) = found.await?.ok_or(Refusal::SightingNotFound)?;
    let explanation = match &sighting.plate_text {
        Some(text) => Some(plates::compare(site, &Read::of(text), sighting.taken_at).await?.explanation),
        None => None,
    };
    privacy::record_seen(site, caller, "sightings".to_owned()).await?;
    Ok(Beside { sighting, explanation, has_picture })
}

/// The picture of a sighting.
///
/// # Errors
/// [`Refusal::SightingNotFound`], also when its picture is forgotten.
pub async fn picture(site: &Site, caller: &Caller, id: String) -> Result<Vec<u8>, Failure> {
    site.authorise(caller, Action::ReviewSightings).await?;
    let object = format!("sighting:{id}");
    let found = site.store.snapshot(async move |conn| sightings::picture(conn, &id).await).await?;
    let picture = found.ok_or(Refusal::SightingNotFound)?;
    privacy::record_seen(site, caller, object).await?;
    Ok(picture)
}

/// Stores what a person found. The picture is not needed any more and forgotten. Nothing is learnt from it but by
/// people who read the audit trail.
///
/// # Errors
/// [`Refusal::SightingNotFound`], [`Refusal::SightingReviewed`]; [`Refusal::NothingToAccept`] when no car is near.
pub async fn review(site: &Site, caller: &Caller, id: String, decision: Decision) -> Result<Sighting, Failure> {
    site.authorise(caller, Action::ReviewSightings).await?;
    let now = site.clock.now();
    let before = by_id(site, id.clone()).await?;
    let before = before.ok_or(Refusal::SightingNotFound)?;
    if before.state != State::Review {
        return Err(Refusal::SightingReviewed.into());
    }
    let plate = match &decision {
        Decision::Accept => Some(nearest(site, &before).await?),
        Decision::Correct(_, text) => Some(text.clone()),
        Decision::Reject => None,
    };
    let mut after = before.clone();
    after.state = decision.state();
    after.reviewed_at = Some(now);
    after.reviewed_by = Some(caller.actor.name());
    if let Some(text) = plate {
        let matched = plates::compare(site, &Read::of(&text), before.taken_at).await?;
        let found = matched.found.as_ref();
        after.reservation = found.map(|(reservation, _)| reservation.id.clone());
        after.arrival = found.map(|(_, arrival)| arrival.as_str().to_owned());
        matched.explanation.how.as_str().clone_into(&mut after.how);
        matched.explanation.reason.as_str().clone_into(&mut after.reason);
        after.plate_masked = plate::mask_text(&text);
        after.plate_hash = Some(site.plate_hasher.hash(&text));
        // Who only passes by is nobody's business, whoever read the plate.
        after.plate_text = found.map(|_| text);
    } else {
        after.plate_text = None;
    }
    let entry = caller.entry(now, decision.action(), format!("sighting:{id}"));
    let reviewed = after.clone();
    let stored = site.store.write(async move |conn| {
        let held = sightings::hold(conn, &id).await?.ok_or(Refusal::SightingNotFound)?;
        if held.state != State::Review {
            return Err(Refusal::SightingReviewed.into());
        }
        sightings::set_review(conn, &reviewed).await?;
        sightings::forget_picture(conn, &id).await?;
        let mut entry = entry.clone();
        (entry.before, entry.after) = (Some(told(&held)), Some(told(&reviewed)));
        Ok::<_, Failure>(audit::append(conn, entry).await?)
    });
    stored.await?;
    site.live.nudge();
    Ok(after)
}

async fn by_id(site: &Site, id: String) -> Result<Option<Sighting>, Failure> {
    Ok(site.store.snapshot(async move |conn| sightings::find(conn, &id).await).await?)
}

/// The plate of the expected car that is nearest to what was read.
async fn nearest(site: &Site, sighting: &Sighting) -> Result<String, Failure> {
    let read = Read::of(sighting.plate_text.as_deref().ok_or(Refusal::NothingToAccept)?);
    let explanation = plates::compare(site, &read, sighting.taken_at).await?.explanation;
    let nearest = explanation.plate.or_else(|| explanation.ranked.into_iter().next().map(|ranked| ranked.plate));
    Ok(nearest.ok_or(Refusal::NothingToAccept)?)
}

/// For the audit trail, which holds no plates.
fn told(sighting: &Sighting) -> String {
    serde_json::json!({
        "state": sighting.state.as_str(),
        "plate": sighting.plate_masked,
        "how": sighting.how,
        "reservation": sighting.reservation,
    })
    .to_string()
}
