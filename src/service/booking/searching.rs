//! Looking for anybody's reservations, for operators.

use crate::domain::account::Action;
use crate::domain::plate::Plate;
use crate::domain::reservation::Reservation;
use crate::store::accounts;
use crate::store::reservations::{self, Search};

use crate::service::{Caller, Failure, Site, privacy};

/// Reservations of a page.
pub const PAGE: i64 = 50;

/// Which reservations are looked for; what is given must hold, all of it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this car.
    pub plate: Option<Plate>,
    /// Of this person, lower case: their contact, or made by their account.
    pub email: Option<String>,
    /// At this bay.
    pub bay: Option<i64>,
    /// Starting in `[from, until)`, UTC seconds.
    pub from: i64,
    /// See `from`.
    pub until: i64,
    /// Cancelled ones too.
    pub cancelled: bool,
    /// Start and id of the last one of the page before.
    pub after: Option<(i64, String)>,
}

/// Reservations, latest start first, a page of [`PAGE`].
///
/// # Errors
/// [`crate::service::Refusal::Forbidden`].
pub async fn search(site: &Site, caller: &Caller, wanted: Wanted) -> Result<Vec<Reservation>, Failure> {
    site.authorise(caller, Action::SeeOperatorsLists).await?;
    privacy::record_seen(site, caller, "search".to_owned()).await?;
    let found = site.store.snapshot(async move |conn| {
        let account = match &wanted.email {
            Some(email) => accounts::find_by_email(conn, email).await?.map(|found| found.account.id),
            None => None,
        };
        let search = Search {
            plate: wanted.plate.as_ref().map(|plate| plate.key().to_owned()),
            email: wanted.email,
            account,
            bay: wanted.bay,
            from: wanted.from,
            until: wanted.until,
            cancelled: wanted.cancelled,
            after: wanted.after,
        };
        reservations::search(conn, &search, PAGE).await
    });
    Ok(found.await?)
}
