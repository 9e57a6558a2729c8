//! Links that work once.

use super::conn::{Conn, vals};
use super::error::DbError;

/// Stores a link by the hash of its secret. Earlier links of the same e-mail and purpose stop working.
///
/// # Errors
/// When the storage broke.
pub async fn insert(
    conn: &mut Conn<'_>,
    secret_hash: &str,
    purpose: &str,
    email: &str,
    now: i64,
    expires_at: i64,
) -> Result<(), DbError> {
    conn.exec(
        "UPDATE one_time_links SET used_at = $1 WHERE email = $2 AND purpose = $3 AND used_at IS NULL",
        vals![now, email, purpose],
    )
    .await?;
    conn.exec(
        "INSERT INTO one_time_links (secret_hash, purpose, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        vals![secret_hash, purpose, email, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Uses a link up; answers its e-mail if it was still good.
///
/// # Errors
/// When the storage broke.
pub async fn take(conn: &mut Conn<'_>, secret_hash: &str, purpose: &str, now: i64) -> Result<Option<String>, DbError> {
    conn.one(
        "UPDATE one_time_links SET used_at = $1
         WHERE secret_hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $1 RETURNING email",
        vals![now, secret_hash, purpose],
        |row| row.text(0),
    )
    .await
}

/// Forgets links that were over before `before`, in UTC seconds.
///
/// # Errors
/// When the storage broke.
pub async fn prune(conn: &mut Conn<'_>, before: i64) -> Result<u64, DbError> {
    conn.exec("DELETE FROM one_time_links WHERE expires_at < $1", vals![before]).await
}

/// Ends every link of an e-mail that was not used yet.
///
/// # Errors
/// When the storage broke.
pub async fn void(conn: &mut Conn<'_>, email: &str, now: i64) -> Result<u64, DbError> {
    conn.exec("UPDATE one_time_links SET used_at = $1 WHERE email = $2 AND used_at IS NULL", vals![now, email]).await
}

/// Forgets the links of an e-mail whose account is erased.
///
/// # Errors
/// When the storage broke.
pub async fn delete_all(conn: &mut Conn<'_>, email: &str) -> Result<u64, DbError> {
    conn.exec("DELETE FROM one_time_links WHERE email = $1", vals![email]).await
}
