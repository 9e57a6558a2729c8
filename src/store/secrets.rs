//! Secrets that the first start makes, kept in the database so that every instance has the same.

use super::conn::{Conn, vals};
use super::error::DbError;

/// The value of a secret, or `None` when it was not made yet.
///
/// # Errors
/// When the storage broke.
pub async fn get(conn: &mut Conn<'_>, name: &str) -> Result<Option<String>, DbError> {
    conn.one("SELECT value FROM secrets WHERE name = $1", vals![name], |row| row.text(0)).await
}

/// The value of a secret; `candidate` is stored and answered when there is none yet. Instances that start
/// at the same time all get the one that was stored first.
///
/// # Errors
/// When the storage broke.
pub async fn get_or_set(conn: &mut Conn<'_>, name: &str, candidate: &str, now: i64) -> Result<String, DbError> {
    conn.exec(
        "INSERT INTO secrets (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        vals![name, candidate, now],
    )
    .await?;
    get(conn, name).await?.ok_or_else(|| DbError::broken("a secret was not stored"))
}
