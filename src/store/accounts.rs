//! Accounts.

use crate::domain::account::{Account, Role};

use super::conn::{Conn, Row, vals};
use super::error::DbError;

fn account(row: &Row<'_>) -> Result<Account, DbError> {
    let role = row.text(2)?;
    let role = Role::from_name(&role).ok_or_else(|| DbError::broken("a stored account has an unknown role"))?;
    Ok(Account { id: row.text(0)?, email: row.text(1)?, role })
}

/// The account of an id.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<Account>, DbError> {
    conn.one("SELECT id, email, role FROM accounts WHERE id = $1", vals![id], account).await
}

/// The account of an e-mail in lower case, with the hash of its password (a PHC string).
///
/// # Errors
/// When the storage broke.
pub async fn find_with_password(conn: &mut Conn<'_>, email: &str) -> Result<Option<(Account, String)>, DbError> {
    conn.one("SELECT id, email, role, password_hash FROM accounts WHERE email = $1", vals![email], |row| {
        Ok((account(row)?, row.text(3)?))
    })
    .await
}

/// Stores a new account; `false` when the e-mail has one.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &Account, password_hash: &str, now: i64) -> Result<bool, DbError> {
    let inserted = conn
        .exec(
            "INSERT INTO accounts (id, email, password_hash, role, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (email) DO NOTHING",
            vals![&new.id, &new.email, password_hash, new.role.as_str(), now],
        )
        .await?;
    Ok(inserted > 0)
}

/// Stores another password and role for an account that exists.
///
/// # Errors
/// When the storage broke.
pub async fn update(conn: &mut Conn<'_>, changed: &Account, password_hash: &str, now: i64) -> Result<(), DbError> {
    conn.exec(
        "UPDATE accounts SET password_hash = $1, role = $2, updated_at = $3 WHERE id = $4",
        vals![password_hash, changed.role.as_str(), now, &changed.id],
    )
    .await?;
    Ok(())
}

/// Whether anybody has this role.
///
/// # Errors
/// When the storage broke.
pub async fn any_with_role(conn: &mut Conn<'_>, role: Role) -> Result<bool, DbError> {
    let sql = "SELECT id FROM accounts WHERE role = $1 LIMIT 1";
    Ok(conn.one(sql, vals![role.as_str()], |row| row.text(0)).await?.is_some())
}
