//! Cameras.

use crate::domain::sighting::Camera;

use super::conn::{Conn, Row, vals};
use super::error::DbError;

fn camera(row: &Row<'_>) -> Result<Camera, DbError> {
    Ok(Camera {
        id: row.text(0)?,
        name: row.text(1)?,
        bay: row.opt_int(2)?,
        zone: row.text(3)?,
        key: row.text(4)?,
        created_at: row.int(5)?,
        off_at: row.opt_int(6)?,
        seen_at: row.opt_int(7)?,
        format: row.opt_text(8)?,
        drift: row.opt_int(9)?,
    })
}

/// Stores a new camera; `false` when another has its name.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &Camera) -> Result<bool, DbError> {
    let sql = "INSERT INTO cameras (id, name, bay_id, zone, key_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) WHERE removed_at IS NULL DO NOTHING";
    let values = vals![&new.id, &new.name, new.bay, &new.zone, &new.key, new.created_at];
    Ok(conn.exec(sql, values).await? > 0)
}

/// Every camera that was not removed, by name.
///
/// # Errors
/// When the storage broke.
pub async fn all(conn: &mut Conn<'_>) -> Result<Vec<Camera>, DbError> {
    conn.all(
        "SELECT id, name, bay_id, zone, key_id, created_at, off_at, seen_at, format, drift
         FROM cameras WHERE removed_at IS NULL ORDER BY name, id",
        vals![],
        camera,
    )
    .await
}

/// A camera that was not removed.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<Camera>, DbError> {
    conn.one(
        "SELECT id, name, bay_id, zone, key_id, created_at, off_at, seen_at, format, drift
         FROM cameras WHERE id = $1 AND removed_at IS NULL",
        vals![id],
        camera,
    )
    .await
}

/// The camera that sends by this key.
///
/// # Errors
/// When the storage broke.
pub async fn with_key(conn: &mut Conn<'_>, key: &str) -> Result<Option<Camera>, DbError> {
    conn.one(
        "SELECT id, name, bay_id, zone, key_id, created_at, off_at, seen_at, format, drift
         FROM cameras WHERE key_id = $1 AND removed_at IS NULL",
        vals![key],
        camera,
    )
    .await
}

/// Whether another camera than `id` has this name.
///
/// # Errors
/// When the storage broke.
pub async fn name_taken(conn: &mut Conn<'_>, id: &str, name: &str) -> Result<bool, DbError> {
    let sql = "SELECT id FROM cameras WHERE name = $1 AND id <> $2 AND removed_at IS NULL";
    Ok(conn.one(sql, vals![name, id], |row| row.text(0)).await?.is_some())
}

/// Stores what operators may change of a camera.
///
/// # Errors
/// When the storage broke, or the name is another camera's.
pub async fn update(conn: &mut Conn<'_>, camera: &Camera) -> Result<(), DbError> {
    conn.exec(
        "UPDATE cameras SET name = $1, bay_id = $2, zone = $3, key_id = $4, off_at = $5 WHERE id = $6",
        vals![&camera.name, camera.bay, &camera.zone, &camera.key, camera.off_at, &camera.id],
    )
    .await?;
    Ok(())
}

/// Removes a camera; its row stays, because sightings name it.
///
/// # Errors
/// When the storage broke.
pub async fn remove(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    conn.exec("UPDATE cameras SET removed_at = $1 WHERE id = $2", vals![now, id]).await?;
    Ok(())
}

/// Notes that a camera sent something at `now`. What is not known of format and clock leaves what was known.
///
/// # Errors
/// When the storage broke.
pub async fn note_seen(
    conn: &mut Conn<'_>,
    id: &str,
    now: i64,
    format: Option<&str>,
    drift: Option<i64>,
) -> Result<(), DbError> {
    conn.exec(
        "UPDATE cameras SET seen_at = $1, format = COALESCE($2, format), drift = COALESCE($3, drift) WHERE id = $4",
        vals![now, format, drift, id],
    )
    .await?;
    Ok(())
}
