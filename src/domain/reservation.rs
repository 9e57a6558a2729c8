//! A reservation, and what its state is at a moment.

use serde::{Deserialize, Serialize};

use super::schedule::SlotRange;

/// A place to charge. On the wire it is called a session.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Bay {
    /// Its number, which clients send as `sessionId`.
    pub id: i64,
    /// What people call it, unique on the site.
    pub name: String,
    /// Why it takes no new bookings, when it is closed.
    pub closed: Option<Closed>,
}

/// Since when and why a bay takes no new bookings.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    /// UTC seconds.
    pub at: i64,
    /// A sentence for drivers, if the operator gave one.
    pub reason: Option<String>,
}

/// One booking of one bay for one car.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// A UUID, what clients name it by.
    pub id: String,
    /// Which bay.
    pub bay: i64,
    /// The canonical plate without region: what the database's key holds.
    pub plate: String,
    /// The plate as it was given, trimmed.
    pub plate_text: String,
    /// When.
    pub range: SlotRange,
    /// How to reach the driver, lower case.
    pub contact_email: Option<String>,
    /// Whose it is, when somebody was logged in.
    pub account: Option<String>,
    /// When it was cancelled, UTC seconds.
    pub cancelled_at: Option<i64>,
}

/// The state of a reservation (report §2.2 `derived_status`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Before its start.
    Confirmed,
    /// From its start until before its end.
    InProgress,
    /// From its end on.
    Completed,
    /// Cancelled, whatever the clock says.
    Cancelled,
}

/// What the key of a plate begins with where no car holds a bay, but its being closed for a time. No plate has a colon.
const CLOSURE: &str = "closed:";

/// The key that keeps a bay closed for a time: one a bay, so that two bays can be closed at once.
#[must_use]
pub fn closure_key(bay: i64) -> String {
    format!("{CLOSURE}{bay}")
}

impl Reservation {
    /// Whether it keeps its bay closed for a time, and is nobody's. Its text is the reason.
    #[must_use]
    pub fn is_closure(&self) -> bool {
        self.plate.starts_with(CLOSURE)
    }

    /// The state at `now`, in UTC seconds.
    #[must_use]
    pub fn status(&self, now: i64) -> Status {
        if self.cancelled_at.is_some() {
            Status::Cancelled
        } else if now < self.range.start() {
            Status::Confirmed
        } else if now < self.range.end() {
            Status::InProgress
        } else {
            Status::Completed
        }
    }
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(cancelled_at: Option<i64>) -> Reservation {
        Reservation {
            id: String::new(),
            bay: 1,
            plate: "12가3456".into(),
            plate_text: "12가 3456".into(),
            range: SlotRange::from_instants(3600, 7200).expect("two whole slots"),
            contact_email: None,
            account: None,
            cancelled_at,
        }
    }

    #[test]
    fn status_follows_the_clock_with_the_end_outside() {
        let cases = [
            (3599, Status::Confirmed),
            (3600, Status::InProgress),
            (7199, Status::InProgress),
            (7200, Status::Completed),
        ];
        for (now, status) in cases {
            assert_eq!(reservation(None).status(now), status, "at {now}");
        }
    }

    #[test]
    fn a_cancelled_reservation_stays_cancelled() {
        for now in [0, 3600, 7199, 7200, i64::MAX] {
            assert_eq!(reservation(Some(1)).status(now), Status::Cancelled);
        }
    }
}
