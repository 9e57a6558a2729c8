//! Finding and cancelling reservations: one's own, and anybody's for operators.

use crate::domain::account::{Action, Actor};
use crate::domain::plate::Plate;
use crate::domain::reservation::Reservation;
use crate::store::audit;
use crate::store::reservations::{self, Filter};

use super::{record, told};
use crate::service::{Caller, Failure, Refusal, Site, privacy};

/// A list of one's own reservations is cut after so many, latest first.
const LONGEST_LIST: i64 = 1000;

/// What somebody who cancels or looks for reservations knows of them.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The contact e-mail, lower case.
    pub contact_email: Option<String>,
    /// The car.
    pub plate: Option<Plate>,
}

impl Known {
    fn is_nothing(&self) -> bool {
        self.contact_email.is_none() && self.plate.is_none()
    }

    fn fits(&self, reservation: &Reservation) -> bool {
        self.contact_email.as_ref().is_none_or(|email| reservation.contact_email.as_ref() == Some(email))
            && self.plate.as_ref().is_none_or(|plate| {
                // The key leaves the region out; two regions that are both known and differ are two cars.
                let booked = Plate::parse(&reservation.plate_text);
                plate.key() == reservation.plate && booked.map_or(true, |booked| booked.same_car(plate))
            })
    }
}

/// Cancels one's own reservation. What is `known` of it must hold.
///
/// # Errors
/// [`Refusal::ReservationNotFound`] also for somebody else's, and for one that was cancelled before.
pub async fn cancel(site: &Site, caller: &Caller, id: String, known: Known) -> Result<(), Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    if caller.actor == Actor::Open && known.is_nothing() {
        return Err(Refusal::FilterMissing.into());
    }
    let may_rewrite_history = caller.actor.can(Action::CancelAnybodys);
    let actor = caller.actor.clone();
    let allowed = move |reservation: &Reservation, now: i64| {
        let manages = actor.can(Action::Manage { owner: reservation.account.as_deref() });
        if !manages || !known.fits(reservation) {
            return Err(Refusal::ReservationOfAnother);
        }
        if reservation.range.end() <= now && !may_rewrite_history {
            return Err(Refusal::ReservationOver);
        }
        Ok(())
    };
    let cancelled = cancel_if(site, caller, id, None, allowed).await;
    noted(site, caller, cancelled).await
}

/// What came of reaching for a reservation; for somebody else's it is recorded.
pub(super) async fn noted<T>(site: &Site, caller: &Caller, came: Result<T, Failure>) -> Result<T, Failure> {
    if matches!(came, Err(Failure::Refused(Refusal::ReservationOfAnother))) {
        site.record_attempt(caller, "access.not_own", None).await;
    }
    came
}

/// Cancels anybody's reservation, for operators. The audit trail tells the reason, if one is given.
///
/// # Errors
/// [`Refusal::ReservationNotFound`] when there is none, or it was cancelled before.
pub async fn cancel_any(site: &Site, caller: &Caller, id: String, reason: Option<String>) -> Result<(), Failure> {
    site.authorise(caller, Action::CancelAnybodys).await?;
    cancel_if(site, caller, id, reason, |_, _| Ok(())).await
}

async fn cancel_if(
    site: &Site,
    caller: &Caller,
    id: String,
    reason: Option<String>,
    allowed: impl Fn(&Reservation, i64) -> Result<(), Refusal> + Send + 'static,
) -> Result<(), Failure> {
    site.pace_change(caller)?;
    let (now, caller) = (site.clock.now(), caller.clone());
    let cancelled = site.store.write(async move |conn| {
        let held = reservations::hold(conn, &id, now).await?;
        let (row, reservation) = held.ok_or(Refusal::ReservationNotFound)?;
        allowed(&reservation, now)?;
        reservations::mark_cancelled(conn, row, now).await?;
        reservations::release(conn, row, reservation.bay, reservation.range).await?;
        let mut entry = record(&caller, now, "reservation.cancel", &reservation);
        entry.before = Some(told(&reservation, None));
        entry.after = reason.as_ref().map(|reason| serde_json::json!({"cancelReason": reason}).to_string());
        audit::append(conn, entry).await?;
        Ok::<_, Failure>(())
    });
    cancelled.await?;
    site.live.nudge();
    Ok(())
}

/// One reservation, cancelled or not, for whoever may manage it.
///
/// # Errors
/// [`Refusal::ReservationNotFound`] also for somebody else's.
pub async fn find(site: &Site, caller: &Caller, id: String) -> Result<Reservation, Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    let found = site.store.read(async |conn| reservations::find(conn, &id).await).await?;
    let found = found.ok_or(Refusal::ReservationNotFound)?;
    if !caller.actor.can(Action::Manage { owner: found.account.as_deref() }) {
        return noted(site, caller, Err(Refusal::ReservationOfAnother.into())).await;
    }
    if caller.actor.account().map(|account| &account.id) != found.account.as_ref() {
        privacy::record_seen(site, caller, format!("reservation:{}", found.id)).await?;
    }
    Ok(found)
}

/// One's own reservations, latest start first, those that also fit what is `known`. Operators who name an
/// e-mail or a plate see everybody's.
///
/// # Errors
/// [`Refusal::FilterMissing`] when nothing says whose are meant.
pub async fn mine(
    site: &Site,
    caller: &Caller,
    known: Known,
    cancelled: Cancelled,
) -> Result<Vec<Reservation>, Failure> {
    site.authorise(caller, Action::SeeOwn).await?;
    let own = caller.actor.account().map(|account| account.id.clone());
    let anybodys = caller.actor.can(Action::NameOneself) && !known.is_nothing();
    if anybodys {
        privacy::record_seen(site, caller, "search".to_owned()).await?;
    }
    let asked = known.clone();
    let filter = Filter {
        account: if anybodys { None } else { Some(own.ok_or(Refusal::FilterMissing)?) },
        contact_email: known.contact_email,
        plate: known.plate.map(|plate| plate.key().to_owned()),
        cancelled: cancelled == Cancelled::Shown,
    };
    let found = site.store.snapshot(async move |conn| reservations::matching(conn, &filter, LONGEST_LIST).await);
    Ok(found.await?.into_iter().filter(|reservation| asked.fits(reservation)).collect())
}

/// Whether a list shows cancelled reservations.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cancelled {
    /// Only those that stand.
    LeftOut,
    /// All of them.
    Shown,
}
