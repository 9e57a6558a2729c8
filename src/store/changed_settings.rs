//! Settings that administrators changed while the server ran.

use super::conn::{Conn, vals};
use super::error::DbError;

/// All of them: name and value.
///
/// # Errors
/// When the storage broke.
pub async fn all(conn: &mut Conn<'_>) -> Result<Vec<(String, String)>, DbError> {
    conn.all("SELECT name, value FROM changed_settings ORDER BY name", &[], |row| Ok((row.text(0)?, row.text(1)?)))
        .await
}

/// Keeps a value.
///
/// # Errors
/// When the storage broke.
pub async fn set(conn: &mut Conn<'_>, name: &str, value: &str, now: i64) -> Result<(), DbError> {
    let sql = "INSERT INTO changed_settings (name, value, changed_at) VALUES ($1, $2, $3)
               ON CONFLICT (name) DO UPDATE SET value = $2, changed_at = $3";
    conn.exec(sql, vals![name, value, now]).await?;
    Ok(())
}

/// Forgets all of them: the file and the environment count again.
///
/// # Errors
/// When the storage broke.
pub async fn forget(conn: &mut Conn<'_>) -> Result<(), DbError> {
    conn.exec("DELETE FROM changed_settings", &[]).await?;
    Ok(())
}
