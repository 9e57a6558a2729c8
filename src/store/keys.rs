//! Keys of machines.

use crate::domain::account::{KeyScope, MachineKey};

use super::conn::{Conn, Row, vals};
use super::error::DbError;

/// A key as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredKey {
    /// What it is and may do.
    pub key: MachineKey,
    /// SHA-256 of its secret.
    pub secret_hash: String,
    /// Networks that it may come from, comma-separated; `None` for any.
    pub addresses: Option<String>,
    /// UTC seconds.
    pub created_at: i64,
    /// UTC seconds.
    pub expires_at: i64,
}

fn key(row: &Row<'_>) -> Result<StoredKey, DbError> {
    let scope = KeyScope::from_name(&row.text(2)?);
    let scope = scope.ok_or_else(|| DbError::broken("a stored key has an unknown scope"))?;
    Ok(StoredKey {
        key: MachineKey { id: row.text(0)?, name: row.text(1)?, scope },
        secret_hash: row.text(3)?,
        addresses: row.opt_text(4)?,
        created_at: row.int(5)?,
        expires_at: row.int(6)?,
    })
}

/// Stores a new key.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &StoredKey) -> Result<(), DbError> {
    conn.exec(
        "INSERT INTO machine_keys (id, name, scope, secret_hash, addresses, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vals![
            &new.key.id,
            &new.key.name,
            new.key.scope.as_str(),
            &new.secret_hash,
            new.addresses.as_deref(),
            new.created_at,
            new.expires_at,
        ],
    )
    .await?;
    Ok(())
}

/// A key that is neither revoked nor over at `now`.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<Option<StoredKey>, DbError> {
    conn.one(
        "SELECT id, name, scope, secret_hash, addresses, created_at, expires_at
         FROM machine_keys WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2",
        vals![id, now],
        key,
    )
    .await
}

/// Every key that is not revoked, by name.
///
/// # Errors
/// When the storage broke.
pub async fn all(conn: &mut Conn<'_>) -> Result<Vec<StoredKey>, DbError> {
    conn.all(
        "SELECT id, name, scope, secret_hash, addresses, created_at, expires_at
         FROM machine_keys WHERE revoked_at IS NULL ORDER BY name, id",
        vals![],
        key,
    )
    .await
}

/// Revokes a key; says whether there was one.
///
/// # Errors
/// When the storage broke.
pub async fn revoke(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, DbError> {
    let sql = "UPDATE machine_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    Ok(conn.exec(sql, vals![now, id]).await? > 0)
}
