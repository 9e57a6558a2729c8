//! Secrets that the first start makes, kept in the database so that every instance has the same.

use super::conn::{Conn, vals};
use super::error::DbError;

/// A secret with its name.
#[derive(Clone)]
pub struct NamedSecret {
    /// What it is for, and which one of several.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The secrets whose names begin with `prefix`, newest first.
///
/// # Errors
/// When the storage broke.
pub async fn with_prefix(conn: &mut Conn<'_>, prefix: &str) -> Result<Vec<NamedSecret>, DbError> {
    conn.all(
        "SELECT name, value FROM secrets WHERE substr(name, 1, length(CAST($1 AS TEXT))) = $1
         ORDER BY created_at DESC, name DESC",
        vals![prefix],
        |row| Ok(NamedSecret { name: row.text(0)?, value: row.text(1)? }),
    )
    .await
}

/// Stores a secret; `false` when there is one of this name.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, name: &str, value: &str, now: i64) -> Result<bool, DbError> {
    let sql = "INSERT INTO secrets (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    Ok(conn.exec(sql, vals![name, value, now]).await? > 0)
}

/// Forgets the secrets whose names begin with `prefix`, but `keep`; answers how many.
///
/// # Errors
/// When the storage broke.
pub async fn forget_others(conn: &mut Conn<'_>, prefix: &str, keep: &str) -> Result<u64, DbError> {
    let sql = "DELETE FROM secrets WHERE substr(name, 1, length(CAST($1 AS TEXT))) = $1 AND name <> $2";
    conn.exec(sql, vals![prefix, keep]).await
}
