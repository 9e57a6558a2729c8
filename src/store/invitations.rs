//! Invitations.

use crate::domain::account::Role;

use super::conn::{Conn, Row, vals};
use super::error::DbError;

/// An invitation that was neither used nor revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitation {
    /// A UUID.
    pub id: String,
    /// Whose account it may make, lower case.
    pub email: String,
    /// What that account may do.
    pub role: Role,
    /// UTC seconds.
    pub created_at: i64,
    /// UTC seconds.
    pub expires_at: i64,
}

fn invitation(row: &Row<'_>) -> Result<Invitation, DbError> {
    let role = Role::from_name(&row.text(2)?);
    Ok(Invitation {
        id: row.text(0)?,
        email: row.text(1)?,
        role: role.ok_or_else(|| DbError::broken("a stored invitation has an unknown role"))?,
        created_at: row.int(3)?,
        expires_at: row.int(4)?,
    })
}

/// Stores an invitation by the hash of its secret.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &Invitation, secret_hash: &str) -> Result<(), DbError> {
    conn.exec(
        "INSERT INTO invitations (id, secret_hash, email, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        vals![&new.id, secret_hash, &new.email, new.role.as_str(), new.created_at, new.expires_at],
    )
    .await?;
    Ok(())
}

/// Uses an invitation up, if it is still good and for this e-mail; answers it.
///
/// # Errors
/// When the storage broke.
pub async fn take(
    conn: &mut Conn<'_>,
    secret_hash: &str,
    email: &str,
    now: i64,
) -> Result<Option<Invitation>, DbError> {
    conn.one(
        "UPDATE invitations SET used_at = $1
         WHERE secret_hash = $2 AND email = $3 AND used_at IS NULL AND expires_at > $1
         RETURNING id, email, role, created_at, expires_at",
        vals![now, secret_hash, email],
        invitation,
    )
    .await
}

/// Invitations that can still be used, the newest first, `limit` at most.
///
/// # Errors
/// When the storage broke.
pub async fn open(conn: &mut Conn<'_>, now: i64, limit: i64) -> Result<Vec<Invitation>, DbError> {
    conn.all(
        "SELECT id, email, role, created_at, expires_at FROM invitations
         WHERE used_at IS NULL AND expires_at > $1 ORDER BY created_at DESC, id DESC LIMIT $2",
        vals![now, limit],
        invitation,
    )
    .await
}

/// The invitation of an id, if it can still be used.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<Option<Invitation>, DbError> {
    conn.one(
        "SELECT id, email, role, created_at, expires_at FROM invitations
         WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
        vals![id, now],
        invitation,
    )
    .await
}

/// Deletes an invitation that was not used; says whether there was one.
///
/// # Errors
/// When the storage broke.
pub async fn revoke(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, DbError> {
    let sql = "DELETE FROM invitations WHERE id = $1 AND used_at IS NULL AND expires_at > $2";
    Ok(conn.exec(sql, vals![id, now]).await? > 0)
}

/// Forgets invitations that were over before `before`, in UTC seconds, used or not.
///
/// # Errors
/// When the storage broke.
pub async fn prune(conn: &mut Conn<'_>, before: i64) -> Result<u64, DbError> {
    conn.exec("DELETE FROM invitations WHERE expires_at < $1", vals![before]).await
}

/// Forgets the invitations of an e-mail whose account is erased.
///
/// # Errors
/// When the storage broke.
pub async fn delete_all(conn: &mut Conn<'_>, email: &str) -> Result<u64, DbError> {
    conn.exec("DELETE FROM invitations WHERE email = $1", vals![email]).await
}
