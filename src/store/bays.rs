//! Bays.

use crate::domain::reservation::{Bay, Closed};

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
        "SELECT id FROM bays WHERE closed_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM reservation_slots
            WHERE bay_id = bays.id AND slot_at >= $1 AND slot_at < $2) ORDER BY id",
        vals![start, end],
        |row| row.int(0),
    )
    .await
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

/// Adds the bays in `names` when there is no bay at all.
///
/// # Errors
/// When the storage broke.
pub async fn seed(conn: &mut Conn<'_>, names: &[String]) -> Result<bool, DbError> {
    if any(conn).await? {
        return Ok(false);
    }
    for name in names {
        insert(conn, name).await?;
    }
    Ok(true)
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
