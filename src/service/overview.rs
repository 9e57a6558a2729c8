//! What operators see first: who is here, who comes, who is missing, and what the cameras saw last.

use crate::domain::account::Action;
use crate::domain::reservation::{Bay, Reservation};
use crate::domain::sighting::{Camera, Sighting, State};
use crate::store::sightings::{self, Search};
use crate::store::{Conn, DbError, bays, cameras, quarantine, reservations};

use super::{Caller, Failure, Site, privacy};

/// So many sightings are shown, the newest.
const SIGHTINGS: i64 = 12;

/// So many reservations that come next are shown.
const NEXT: usize = 20;

/// What waits is counted up to here.
pub const MOST: i64 = 1000;

/// A reservation that runs now.
#[derive(Clone, Debug)]
pub struct Running {
    /// It.
    pub reservation: Reservation,
    /// The newest sighting of its car.
    pub seen: Option<Sighting>,
    /// Whether a camera could have seen it.
    pub watched: bool,
}

/// Something that a camera saw, with what it was matched to.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What was seen.
    pub sighting: Sighting,
    /// The reservation that the car holds.
    pub reservation: Option<Reservation>,
}

/// How the site stands now.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Every bay, by number.
    pub bays: Vec<Bay>,
    /// Cameras that were not removed, by name.
    pub cameras: Vec<Camera>,
    /// What runs now, by bay.
    pub running: Vec<Running>,
    /// What starts later today, by start; cut after a screenful.
    pub next: Vec<Reservation>,
    /// Bays that are open and that nobody holds now.
    pub free: Vec<Bay>,
    /// What cameras saw last, the newest first.
    pub seen: Vec<Seen>,
    /// How many doubtful sightings wait, counted up to [`MOST`].
    pub reviews: i64,
    /// How many payloads wait that were not understood, counted up to [`MOST`].
    pub quarantined: i64,
}

/// How the site stands now.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn now(site: &Site, caller: &Caller) -> Result<Overview, Failure> {
    site.authorise(caller, Action::SeeOperatorsLists).await?;
    privacy::record_seen(site, caller, "overview".to_owned()).await?;
    let now = site.clock.now();
    let (_, midnight) = site.schedule.day_bounds(site.schedule.today(now));
    Ok(site.store.snapshot(async move |conn| read(conn, now, midnight).await).await?)
}

async fn read(conn: &mut Conn<'_>, now: i64, midnight: i64) -> Result<Overview, DbError> {
    let (bays, cameras) = (bays::all(conn).await?, cameras::all(conn).await?);
    let (mut running, mut next) = (Vec::new(), Vec::new());
    for reservation in reservations::around(conn, now, midnight).await? {
        if reservation.range.contains(now) {
            let seen = sightings::newest_of(conn, &reservation.id).await?;
            let watched = cameras.iter().any(|camera| watches(camera, reservation.bay));
            running.push(Running { reservation, seen, watched });
        } else if reservation.range.start() > now && next.len() < NEXT {
            next.push(reservation);
        }
    }
    running.sort_by_key(|running| running.reservation.bay);
    let held = |bay: &Bay| running.iter().any(|running| running.reservation.bay == bay.id);
    let free = bays.iter().filter(|bay| bay.closed.is_none() && !held(bay)).cloned().collect();
    let mut seen = Vec::new();
    for sighting in sightings::search(conn, &Search::default(), SIGHTINGS).await? {
        let reservation = match &sighting.reservation {
            Some(id) => reservations::find(conn, id).await?,
            None => None,
        };
        seen.push(Seen { sighting, reservation });
    }
    let reviews = sightings::count(conn, State::Review, MOST).await?;
    let quarantined = quarantine::count(conn, MOST).await?;
    Ok(Overview { bays, cameras, running, next, free, seen, reviews, quarantined })
}

/// Whether a camera is listened to and looks at a bay, or at an entrance.
fn watches(camera: &Camera, bay: i64) -> bool {
    camera.off_at.is_none() && camera.bay.is_none_or(|looked_at| looked_at == bay)
}
