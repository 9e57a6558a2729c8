//! Reading the audit trail.

use crate::domain::account::Action;
use crate::domain::audit::{Broken, Record};
use crate::store::audit::{self, Search};

use super::{Caller, Failure, Site};

/// Records of a page.
pub const PAGE: i64 = 200;

/// Records, newest first, a page of [`PAGE`].
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn search(site: &Site, caller: &Caller, search: Search) -> Result<Vec<Record>, Failure> {
    site.authorise(caller, Action::ReadAudit).await?;
    Ok(site.store.snapshot(async move |conn| audit::search(conn, &search, PAGE).await).await?)
}

/// Records after number `after`, oldest first, 1,000 at most: a page of an export.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn export(site: &Site, caller: &Caller, after: i64) -> Result<Vec<Record>, Failure> {
    site.authorise(caller, Action::ReadAudit).await?;
    Ok(site.store.snapshot(async move |conn| audit::page(conn, after, 1000).await).await?)
}

/// Follows the whole chain; answers how many records there are, or what is wrong.
///
/// # Errors
/// [`super::Refusal::Forbidden`].
pub async fn verify(site: &Site, caller: &Caller) -> Result<Result<i64, Broken>, Failure> {
    site.authorise(caller, Action::ReadAudit).await?;
    Ok(site.store.snapshot(async |conn| audit::verify(conn).await).await?)
}
