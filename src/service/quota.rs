//! Fair use: how much one account and one car may reserve. Looked at inside the unit that books, after the
//! half hours are claimed, so that no two bookings at once slip through together.

use crate::domain::account::{Action, Role};
use crate::domain::reservation::Reservation;
use crate::domain::schedule::{Schedule, SlotRange};
use crate::store::Conn;
use crate::store::reservations::{self, Holder};

use super::{Caller, Failure, Refusal, Site};

/// How much one account and one car may reserve; `None` for any number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Quotas {
    /// Reservations that are not over.
    pub open_bookings: Option<u16>,
    /// Hours of one day.
    pub hours_per_day: Option<u16>,
    /// How many days ahead drivers may reserve.
    pub days_ahead: Option<u16>,
}

/// The quotas as they hold for one caller.
#[derive(Clone, Debug)]
pub(super) struct Quota {
    quotas: Quotas,
    schedule: Schedule,
    override_reason: Option<String>,
    /// Operators book on behalf of others: their account is not counted, the cars are.
    counts_account: bool,
}

impl Site {
    /// The quotas as they hold for a caller, who may have a reason why they shall not.
    pub(super) fn quota_for(&self, caller: &Caller, reason: Option<String>) -> Quota {
        let override_reason = reason.filter(|_| caller.actor.can(Action::ExceedQuotas));
        let staff = caller.actor.can(Action::ExceedQuotas);
        let mut quotas = if override_reason.is_some() { Quotas::default() } else { self.changeable.quotas() };
        if staff {
            quotas.days_ahead = None;
        }
        let counts_account = caller.actor.account().is_some_and(|account| account.role == Role::Driver);
        Quota { quotas, schedule: self.schedule.clone(), override_reason, counts_account }
    }
}

impl Quota {
    /// Why the quotas do not hold, if somebody who may say so said it.
    pub(super) fn override_reason(&self) -> Option<&str> {
        self.override_reason.as_deref()
    }

    /// Whether the day of a range is not too far ahead.
    pub(super) fn check_day(&self, schedule: &Schedule, range: SlotRange, now: i64) -> Result<(), Refusal> {
        let Some(days) = self.quotas.days_ahead else { return Ok(()) };
        let last = schedule.today(now).saturating_add(jiff::Span::new().days(days));
        if schedule.local(&range).date > last { Err(Refusal::QuotaDaysAhead(days)) } else { Ok(()) }
    }

    /// Whether a reservation that is stored, in this unit, keeps within the quotas of its account and car.
    pub(super) async fn check_stored(
        &self,
        conn: &mut Conn<'_>,
        stored: &Reservation,
        now: i64,
    ) -> Result<(), Failure> {
        if self.quotas.open_bookings.is_none() && self.quotas.hours_per_day.is_none() {
            return Ok(());
        }
        let account = stored.account.as_deref().filter(|_| self.counts_account).map(Holder::Account);
        let day = self.schedule.day_bounds(self.schedule.local(&stored.range).date);
        for holder in [account, Some(Holder::Plate(&stored.plate))].into_iter().flatten() {
            reservations::take_turns(conn, holder).await?;
            let held = reservations::held_by(conn, holder, now, day).await?;
            if let Some(most) = self.quotas.open_bookings
                && held.open > i64::from(most)
            {
                return Err(Refusal::QuotaOpenBookings(most).into());
            }
            if let Some(most) = self.quotas.hours_per_day
                && held.seconds > i64::from(most) * 60 * 60
            {
                return Err(Refusal::QuotaHoursPerDay(most).into());
            }
        }
        Ok(())
    }
}
