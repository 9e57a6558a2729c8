//! Accounts.

use crate::domain::account::{Account, Role};

use super::conn::{Conn, Row, vals};
use super::error::DbError;

fn account(row: &Row<'_>) -> Result<Account, DbError> {
    let role = row.text(2)?;
    let role = Role::from_name(&role).ok_or_else(|| DbError::broken("a stored account has an unknown role"))?;
    Ok(Account { id: row.text(0)?, email: row.text(1)?, role })
}

/// An account with what only log-ins and operators see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredAccount {
    /// Who.
    pub account: Account,
    /// A PHC string; `None` for those who log in elsewhere.
    pub password_hash: Option<String>,
    /// UTC seconds.
    pub created_at: i64,
    /// When the e-mail was proved, UTC seconds.
    pub verified_at: Option<i64>,
    /// Since when they cannot log in, UTC seconds.
    pub disabled_at: Option<i64>,
    /// Since when the e-mail shall be proved, UTC seconds; `None` for those who need not.
    pub verification_asked_at: Option<i64>,
}

impl StoredAccount {
    /// Whether the proof of the e-mail was asked for and has not come.
    #[must_use]
    pub fn is_unproved(&self) -> bool {
        self.verification_asked_at.is_some() && self.verified_at.is_none()
    }
}

fn stored(row: &Row<'_>) -> Result<StoredAccount, DbError> {
    Ok(StoredAccount {
        account: account(row)?,
        password_hash: row.opt_text(3)?,
        created_at: row.int(4)?,
        verified_at: row.opt_int(5)?,
        disabled_at: row.opt_int(6)?,
        verification_asked_at: row.opt_int(7)?,
    })
}

/// The account of an e-mail in lower case.
///
/// # Errors
/// When the storage broke.
pub async fn find_by_email(conn: &mut Conn<'_>, email: &str) -> Result<Option<StoredAccount>, DbError> {
    conn.one(
        "SELECT id, email, role, password_hash, created_at, verified_at, disabled_at, verification_asked_at
         FROM accounts WHERE email = $1",
        vals![email],
        stored,
    )
    .await
}

/// The account of an id.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<StoredAccount>, DbError> {
    conn.one(
        "SELECT id, email, role, password_hash, created_at, verified_at, disabled_at, verification_asked_at
         FROM accounts WHERE id = $1",
        vals![id],
        stored,
    )
    .await
}

/// Accounts by e-mail, after `after`, `limit` at most: a page of the list.
///
/// # Errors
/// When the storage broke.
pub async fn page(conn: &mut Conn<'_>, after: &str, limit: i64) -> Result<Vec<StoredAccount>, DbError> {
    conn.all(
        "SELECT id, email, role, password_hash, created_at, verified_at, disabled_at, verification_asked_at
         FROM accounts WHERE email > $1 ORDER BY email LIMIT $2",
        vals![after, limit],
        stored,
    )
    .await
}

/// Stores a new account; `false` when the e-mail has one.
///
/// # Errors
/// When the storage broke.
pub async fn insert(
    conn: &mut Conn<'_>,
    new: &Account,
    password_hash: Option<&str>,
    now: i64,
) -> Result<bool, DbError> {
    let inserted = conn
        .exec(
            "INSERT INTO accounts (id, email, password_hash, role, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (email) DO NOTHING",
            vals![&new.id, &new.email, password_hash, new.role.as_str(), now],
        )
        .await?;
    Ok(inserted > 0)
}

/// Stores another password. If the one before was that of the first start, its end goes with it.
///
/// # Errors
/// When the storage broke.
pub async fn set_password(conn: &mut Conn<'_>, id: &str, password_hash: &str, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET password_hash = $1, updated_at = $2 WHERE id = $3";
    conn.exec(sql, vals![password_hash, now, id]).await?;
    conn.exec("DELETE FROM secrets WHERE name = 'first_password:' || $1", vals![id]).await?;
    Ok(())
}

/// Stores another hash of the same password, if `old` is still the one that is stored; says whether it was.
///
/// # Errors
/// When the storage broke.
pub async fn renew_hash(conn: &mut Conn<'_>, id: &str, old: &str, new: &str, now: i64) -> Result<bool, DbError> {
    let sql = "UPDATE accounts SET password_hash = $1, updated_at = $2 WHERE id = $3 AND password_hash = $4";
    Ok(conn.exec(sql, vals![new, now, id, old]).await? > 0)
}

/// Takes the password away: they log in elsewhere.
///
/// # Errors
/// When the storage broke.
pub async fn clear_password(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET password_hash = NULL, updated_at = $1 WHERE id = $2";
    conn.exec(sql, vals![now, id]).await?;
    Ok(())
}

/// Stores another role.
///
/// # Errors
/// When the storage broke.
pub async fn set_role(conn: &mut Conn<'_>, id: &str, role: Role, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET role = $1, updated_at = $2 WHERE id = $3";
    conn.exec(sql, vals![role.as_str(), now, id]).await?;
    Ok(())
}

/// Stores since when somebody cannot log in, or that they can again.
///
/// # Errors
/// When the storage broke.
pub async fn set_disabled(conn: &mut Conn<'_>, id: &str, since: Option<i64>, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET disabled_at = $1, updated_at = $2 WHERE id = $3";
    conn.exec(sql, vals![since, now, id]).await?;
    Ok(())
}

/// Stores that the e-mail was proved.
///
/// # Errors
/// When the storage broke.
pub async fn set_verified(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET verified_at = $1, updated_at = $1 WHERE id = $2 AND verified_at IS NULL";
    conn.exec(sql, vals![now, id]).await?;
    Ok(())
}

/// Stores that the proof of the e-mail is asked for.
///
/// # Errors
/// When the storage broke.
pub async fn ask_for_proof(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET verification_asked_at = $1, updated_at = $1 WHERE id = $2";
    conn.exec(sql, vals![now, id]).await?;
    Ok(())
}

/// Stores that no proof of the e-mail is asked for any more: an operator vouches for it.
///
/// # Errors
/// When the storage broke.
pub async fn waive_proof(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE accounts SET verification_asked_at = NULL, updated_at = $1
               WHERE id = $2 AND verification_asked_at IS NOT NULL AND verified_at IS NULL";
    conn.exec(sql, vals![now, id]).await?;
    Ok(())
}

/// Takes hold of an account and of every administrator's until the commit: of several who remove administrators at
/// the same time, each sees what those before it left. To be called before the unit looks at any of them.
///
/// # Errors
/// When the storage broke.
pub async fn hold_with_administrators(conn: &mut Conn<'_>, id: &str) -> Result<(), DbError> {
    if let Conn::Pg(_) = conn {
        // In one order, so that no two wait for each other. SQLite has one writer.
        let sql = "SELECT id FROM accounts WHERE role = 'administrator' OR id = $1 ORDER BY id FOR UPDATE";
        conn.all(sql, vals![id], |row| row.text(0)).await?;
    }
    Ok(())
}

/// Whether anybody who is not disabled has this role.
///
/// # Errors
/// When the storage broke.
pub async fn any_with_role(conn: &mut Conn<'_>, role: Role) -> Result<bool, DbError> {
    let sql = "SELECT id FROM accounts WHERE role = $1 AND disabled_at IS NULL LIMIT 1";
    Ok(conn.one(sql, vals![role.as_str()], |row| row.text(0)).await?.is_some())
}

/// Erases who an account belonged to. Its id stays, for the audit trail.
///
/// # Errors
/// When the storage broke.
pub async fn erase(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    conn.exec(
        "UPDATE accounts SET email = 'erased:' || id, password_hash = NULL, role = 'driver', verified_at = NULL,
            disabled_at = $1, updated_at = $1 WHERE id = $2",
        vals![now, id],
    )
    .await?;
    Ok(())
}
