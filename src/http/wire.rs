//! What goes out, in the shape of the wire contract.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::{Action, Actor};
use crate::domain::plate;
use crate::domain::reservation as domain;
use crate::domain::schedule::Schedule;

use super::openapi::schemas;

/// A reservation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reservation {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// The number of the bay.
    session_id: i64,
    /// The plate as it was given, trimmed; masked (`12가**56`) for those who may not see it.
    #[schema(example = "12가3456")]
    plate: String,
    /// The day in the business time zone.
    #[schema(format = "date", example = "2026-04-01")]
    date: String,
    /// `HH:MM` in the business time zone.
    #[schema(schema_with = schemas::start_shown)]
    start_time: String,
    /// `HH:MM` in the business time zone; `24:00` for the end of the day.
    #[schema(schema_with = schemas::end_shown)]
    end_time: String,
    /// Follows the clock, except `CANCELLED`, which stays.
    status: Status,
    /// Null when none was given, and for those who may not see it.
    #[schema(required = true)]
    contact_email: Option<String>,
}

impl Reservation {
    /// The plate as it is shown.
    pub(super) fn plate(&self) -> &str {
        &self.plate
    }
}

/// The state of a reservation.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    /// Before its start.
    Confirmed,
    /// From its start until before its end.
    InProgress,
    /// From its end on.
    Completed,
    /// Cancelled.
    Cancelled,
}

impl From<domain::Status> for Status {
    fn from(status: domain::Status) -> Self {
        match status {
            domain::Status::Confirmed => Self::Confirmed,
            domain::Status::InProgress => Self::InProgress,
            domain::Status::Completed => Self::Completed,
            domain::Status::Cancelled => Self::Cancelled,
        }
    }
}

/// A reservation that stands in the way. Somebody else's has neither plate nor e-mail.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConflictingReservation {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// The number of the bay.
    session_id: i64,
    /// The plate as it was given; null for those who may not see it.
    #[schema(required = true)]
    plate: Option<String>,
    /// The day in the business time zone.
    #[schema(format = "date")]
    date: String,
    /// `HH:MM` in the business time zone.
    #[schema(schema_with = schemas::start_shown)]
    start_time: String,
    /// `HH:MM` in the business time zone; `24:00` for the end of the day.
    #[schema(schema_with = schemas::end_shown)]
    end_time: String,
    /// Its state.
    status: Status,
    /// Null when none was given, and for those who may not see it.
    #[schema(required = true)]
    contact_email: Option<String>,
}

/// Shows reservations to somebody at a moment.
pub(super) struct Viewer<'a> {
    pub actor: &'a Actor,
    pub schedule: &'a Schedule,
    /// UTC seconds.
    pub now: i64,
}

impl Viewer<'_> {
    fn may_see(&self, reservation: &domain::Reservation) -> bool {
        self.actor.can(Action::SeeEverybody)
            || self.actor.account().is_some_and(|account| reservation.account.as_ref() == Some(&account.id))
    }

    /// A reservation as this viewer may see it.
    pub(super) fn show(&self, reservation: domain::Reservation) -> Reservation {
        let seen = self.may_see(&reservation);
        let local = self.schedule.local(&reservation.range);
        Reservation {
            session_id: reservation.bay,
            date: local.date.to_string(),
            start_time: local.start.to_string(),
            end_time: local.end.to_string(),
            status: reservation.status(self.now).into(),
            plate: if seen || reservation.is_closure() {
                reservation.plate_text
            } else {
                plate::mask_text(&reservation.plate_text)
            },
            contact_email: reservation.contact_email.filter(|_| seen),
            id: reservation.id,
        }
    }

    /// Several reservations as this viewer may see them.
    pub(super) fn show_all(&self, reservations: Vec<domain::Reservation>) -> Vec<Reservation> {
        reservations.into_iter().map(|reservation| self.show(reservation)).collect()
    }

    /// A reservation that stands in the way.
    pub(super) fn show_conflict(&self, reservation: domain::Reservation) -> ConflictingReservation {
        let seen = self.may_see(&reservation);
        let shown = self.show(reservation);
        ConflictingReservation {
            id: shown.id,
            session_id: shown.session_id,
            plate: seen.then_some(shown.plate),
            date: shown.date,
            start_time: shown.start_time,
            end_time: shown.end_time,
            status: shown.status,
            contact_email: shown.contact_email,
        }
    }
}

/// A bay.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bay {
    /// Its number.
    session_id: i64,
    /// What people call it.
    name: String,
    /// Whether it takes no new bookings.
    closed: bool,
    /// Why, if the operator said so.
    #[schema(required = true)]
    closed_reason: Option<String>,
}

impl From<domain::Bay> for Bay {
    fn from(bay: domain::Bay) -> Self {
        Self {
            session_id: bay.id,
            name: bay.name,
            closed: bay.closed.is_some(),
            closed_reason: bay.closed.and_then(|closed| closed.reason),
        }
    }
}
