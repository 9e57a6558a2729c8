//! Who somebody is elsewhere.

use super::conn::{Conn, vals};
use super::error::DbError;

/// The account of a provider's subject.
///
/// # Errors
/// When the storage broke.
pub async fn account_of(conn: &mut Conn<'_>, issuer: &str, subject: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT account_id FROM external_identities WHERE issuer = $1 AND subject = $2";
    conn.one(sql, vals![issuer, subject], |row| row.text(0)).await
}

/// Stores whose account a provider's subject is; `false` when it is known already.
///
/// # Errors
/// When the storage broke.
pub async fn insert(
    conn: &mut Conn<'_>,
    issuer: &str,
    subject: &str,
    account: &str,
    now: i64,
) -> Result<bool, DbError> {
    let inserted = conn
        .exec(
            "INSERT INTO external_identities (issuer, subject, account_id, created_at)
             VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING",
            vals![issuer, subject, account, now],
        )
        .await?;
    Ok(inserted > 0)
}

/// Forgets the identities of an account that is erased.
///
/// # Errors
/// When the storage broke.
pub async fn delete_all(conn: &mut Conn<'_>, account: &str) -> Result<u64, DbError> {
    conn.exec("DELETE FROM external_identities WHERE account_id = $1", vals![account]).await
}
