//! Bays.

use crate::domain::reservation::{Bay, Closed};
use crate::domain::schedule::SlotRange;

use super::conn::{Conn, Row, vals};
use super::error::DbError;

fn bay(row: &Row<'_>) -> Result<Bay, DbError> {
    let reason = row.opt_text(3)?;
    Ok(Bay { id: row.int(0)?, name: row.text(1)?, closed: row.opt_int(2)?.map(|at| Closed { at, reason }) })
}

/// Every bay, by number.
///
/// # Errors
/// When the storage broke.
pub async fn all(conn: &mut Conn<'_>) -> Result<Vec<Bay>, DbError> {
    conn.all("SELECT id, name, closed_at, closed_reason FROM bays ORDER BY id", vals![], bay).await
}

/// One bay.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: i64) -> Result<Option<Bay>, DbError> {
    conn.one("SELECT id, name, closed_at, closed_reason FROM bays WHERE id = $1", vals![id], bay).await
}

/// The open bays that are free in `[start, end)`, by number.
///
/// # Errors
/// When the storage broke.
pub async fn free(conn: &mut Conn<'_>, start: i64, end: i64) -> Result<Vec<i64>, DbError> {
    conn.all(
        "SELECT id FROM bays WHERE closed_at IS NULL AND id NOT IN (
            SELECT bay_id FROM reservation_slots WHERE slot_at >= $1 AND slot_at < $2) ORDER BY id",
        vals![start, end],
        |row| row.int(0),
    )
    .await
}

/// The open bays that are free in each of `ranges`, by number. One statement, so that all are seen at one moment: a
/// reservation that moves from one bay to another meanwhile leaves one of the two free.
///
/// # Errors
/// When the storage broke.
pub async fn free_in_all(conn: &mut Conn<'_>, ranges: &[SlotRange]) -> Result<Vec<i64>, DbError> {
    let first = ranges.iter().map(SlotRange::start).min().unwrap_or(0);
    let last = ranges.iter().map(SlotRange::end).max().unwrap_or(0);
    let slots = conn
        .all(
            "SELECT bays.id, taken.slot_at FROM bays
             LEFT JOIN (SELECT bay_id, slot_at FROM reservation_slots WHERE slot_at >= $1 AND slot_at < $2) AS taken
                ON taken.bay_id = bays.id
             WHERE bays.closed_at IS NULL ORDER BY bays.id",
            vals![first, last],
            |row| Ok((row.int(0)?, row.opt_int(1)?)),
        )
        .await?;
    let of_one_bay = slots.chunk_by(|a, b| a.0 == b.0);
    let wanted = |slot: i64| ranges.iter().any(|range| range.contains(slot));
    let free = of_one_bay.filter(|taken| !taken.iter().any(|(_, slot)| slot.is_some_and(wanted)));
    Ok(free.filter_map(|taken| taken.first().map(|(bay, _)| *bay)).collect())
}

/// Adds a bay; `None` when the name is taken.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, name: &str) -> Result<Option<Bay>, DbError> {
    conn.one(
        "INSERT INTO bays (name) VALUES ($1) ON CONFLICT (name) DO NOTHING
         RETURNING id, name, closed_at, closed_reason",
        vals![name],
        bay,
    )
    .await
}

/// Whether there is any bay.
///
/// # Errors
/// When the storage broke.
pub async fn any(conn: &mut Conn<'_>) -> Result<bool, DbError> {
    Ok(conn.one("SELECT id FROM bays LIMIT 1", vals![], |row| row.int(0)).await?.is_some())
}

/// Adds the bays in `names` when there is no bay at all; answers those that were added.
///
/// # Errors
/// When the storage broke.
pub async fn seed(conn: &mut Conn<'_>, names: &[String]) -> Result<Vec<Bay>, DbError> {
    let mut added = Vec::new();
    if !any(conn).await? {
        for name in names {
            added.extend(insert(conn, name).await?);
        }
    }
    Ok(added)
}

/// Whether another bay than `id` has this name.
///
/// # Errors
/// When the storage broke.
pub async fn name_taken(conn: &mut Conn<'_>, id: i64, name: &str) -> Result<bool, DbError> {
    let sql = "SELECT id FROM bays WHERE name = $1 AND id <> $2";
    Ok(conn.one(sql, vals![name, id], |row| row.int(0)).await?.is_some())
}

/// Stores the name and state of a bay that exists.
///
/// # Errors
/// When the storage broke, or the name is another bay's.
pub async fn update(conn: &mut Conn<'_>, bay: &Bay) -> Result<(), DbError> {
    let reason = bay.closed.as_ref().and_then(|closed| closed.reason.as_deref());
    conn.exec(
        "UPDATE bays SET name = $1, closed_at = $2, closed_reason = $3 WHERE id = $4",
        vals![&bay.name, bay.closed.as_ref().map(|closed| closed.at), reason, bay.id],
    )
    .await?;
    Ok(())
}
