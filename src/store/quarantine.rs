//! What cameras sent that was not understood.

use crate::domain::sighting::Quarantined;

use super::conn::{Conn, Row, vals};
use super::error::DbError;

fn quarantined(row: &Row<'_>) -> Result<Quarantined, DbError> {
    Ok(Quarantined {
        id: row.text(0)?,
        camera: row.text(1)?,
        content_type: row.opt_text(2)?,
        size: row.int(3)?,
        reason: row.text(4)?,
        received_at: row.int(5)?,
        last_at: row.int(6)?,
        times: row.int(7)?,
    })
}

/// Keeps a payload. One that is there already is counted once more.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &Quarantined, digest: &str, payload: &[u8]) -> Result<(), DbError> {
    conn.exec(
        "INSERT INTO quarantine (id, camera_id, digest, content_type, payload, size, reason, received_at, last_at, times)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
         ON CONFLICT (camera_id, digest) DO UPDATE SET times = quarantine.times + 1, last_at = excluded.last_at",
        vals![
            &new.id,
            &new.camera,
            digest,
            new.content_type.as_deref(),
            payload,
            new.size,
            &new.reason,
            new.received_at,
            new.last_at,
        ],
    )
    .await?;
    Ok(())
}

/// How many bytes are kept, of all cameras.
///
/// # Errors
/// When the storage broke.
pub async fn size(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM quarantine";
    Ok(conn.one(sql, vals![], |row| row.int(0)).await?.unwrap_or(0))
}

/// What is kept, the oldest first, `limit` at most; from after this one on.
///
/// # Errors
/// When the storage broke.
pub async fn list(conn: &mut Conn<'_>, after: Option<&str>, limit: i64) -> Result<Vec<Quarantined>, DbError> {
    conn.all(
        "SELECT id, camera_id, content_type, size, reason, received_at, last_at, times
         FROM quarantine WHERE id > $1 ORDER BY id LIMIT $2",
        vals![after.unwrap_or(""), limit],
        quarantined,
    )
    .await
}

/// What was sent, with what the camera called it and which camera it was.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<(Quarantined, Vec<u8>)>, DbError> {
    conn.one(
        "SELECT id, camera_id, content_type, size, reason, received_at, last_at, times, payload
         FROM quarantine WHERE id = $1",
        vals![id],
        |row| Ok((quarantined(row)?, row.bytes(8)?)),
    )
    .await
}

/// Forgets one; says whether there was one.
///
/// # Errors
/// When the storage broke.
pub async fn delete(conn: &mut Conn<'_>, id: &str) -> Result<bool, DbError> {
    Ok(conn.exec("DELETE FROM quarantine WHERE id = $1", vals![id]).await? > 0)
}

/// Forgets what was sent last before `before`; answers how many.
///
/// # Errors
/// When the storage broke.
pub async fn prune(conn: &mut Conn<'_>, before: i64) -> Result<u64, DbError> {
    conn.exec("DELETE FROM quarantine WHERE last_at < $1", vals![before]).await
}

/// How many are kept; counting ends at `most`.
///
/// # Errors
/// When the storage broke.
pub async fn count(conn: &mut Conn<'_>, most: i64) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM (SELECT size FROM quarantine LIMIT $1) AS counted";
    Ok(conn.one(sql, vals![most], |row| row.int(0)).await?.unwrap_or(0))
}
