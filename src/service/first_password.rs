//! The password that the first start shows: it works for a week, unless its owner changes it (OWASP ASVS 5 V6.4.1).
//! Afterwards `jari user reset-link` makes a link for a new one.

use crate::domain::account::Role;
use crate::store::accounts::StoredAccount;
use crate::store::{Conn, DbError, secrets};

use super::Site;

/// How long it works, in seconds: a week.
const SECONDS: i64 = 7 * 24 * 60 * 60;

/// The names of the notes that say until when begin so; the id of the account follows. `store::accounts::set_password`
/// forgets the note.
const NOTE: &str = "first_password:";

/// Notes that the password of an account was shown by the first start at `now`.
pub(super) async fn note(conn: &mut Conn<'_>, account: &str, now: i64) -> Result<(), DbError> {
    secrets::insert(conn, &format!("{NOTE}{account}"), &(now + SECONDS).to_string(), now).await?;
    Ok(())
}

/// Whether an account still has the password of the first start, and its week is over.
pub(super) async fn is_over(site: &Site, found: Option<&StoredAccount>) -> Result<bool, DbError> {
    let Some(found) = found.filter(|found| found.account.role == Role::Administrator) else { return Ok(false) };
    let name = format!("{NOTE}{}", found.account.id);
    let notes = site.store.read(async |conn| secrets::with_prefix(conn, &name).await).await?;
    let over = notes.iter().any(|note| note.value.parse::<i64>().is_ok_and(|until| until <= site.clock.now()));
    if over {
        tracing::warn!("the password of the first start is over; `jari user reset-link` makes a link for a new one");
    }
    Ok(over)
}
