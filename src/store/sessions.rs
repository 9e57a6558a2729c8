//! Log-ins.

use crate::domain::account::{Account, Role};

use super::conn::{Conn, Row, vals};
use super::error::DbError;

/// A log-in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// A UUID.
    pub id: String,
    /// Whose.
    pub account: String,
    /// SHA-256 of the refresh token or cookie in force.
    pub secret_hash: String,
    /// UTC seconds.
    pub created_at: i64,
    /// When it was last used, UTC seconds; noted now and then.
    pub used_at: i64,
    /// UTC seconds.
    pub expires_at: i64,
    /// From which address.
    pub address: Option<String>,
    /// By which program, as it says itself.
    pub user_agent: Option<String>,
    /// What beside a password it was proved with: `code` or `provider`.
    pub second_factor: Option<String>,
}

fn session(row: &Row<'_>) -> Result<Session, DbError> {
    Ok(Session {
        id: row.text(0)?,
        account: row.text(1)?,
        secret_hash: row.text(2)?,
        created_at: row.int(3)?,
        used_at: row.int(4)?,
        expires_at: row.int(5)?,
        address: row.opt_text(6)?,
        user_agent: row.opt_text(7)?,
        second_factor: row.opt_text(8)?,
    })
}

/// Stores a new log-in.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &Session) -> Result<(), DbError> {
    conn.exec(
        "INSERT INTO sessions (id, account_id, secret_hash, created_at, used_at, expires_at, address, user_agent,
            second_factor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vals![
            &new.id,
            &new.account,
            &new.secret_hash,
            new.created_at,
            new.used_at,
            new.expires_at,
            new.address.as_deref(),
            new.user_agent.as_deref(),
            new.second_factor.as_deref(),
        ],
    )
    .await?;
    Ok(())
}

/// A log-in that is neither ended nor over at `now`.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<Option<Session>, DbError> {
    conn.one(
        "SELECT id, account_id, secret_hash, created_at, used_at, expires_at, address, user_agent,
            second_factor
         FROM sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > $2",
        vals![id, now],
        session,
    )
    .await
}

/// Whose a log-in is, and how good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    /// Who.
    pub account: Account,
    /// When the log-in was last used, UTC seconds.
    pub used_at: i64,
    /// Whether it was proved with more than a password.
    pub has_second_factor: bool,
}

/// The owner of a log-in that is neither ended nor over, if the account is not disabled: what every request with a
/// token asks.
///
/// # Errors
/// When the storage broke.
pub async fn owner_of(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<Option<Owner>, DbError> {
    conn.one(
        "SELECT accounts.id, accounts.email, accounts.role, sessions.used_at, sessions.second_factor
         FROM sessions JOIN accounts ON accounts.id = sessions.account_id
         WHERE sessions.id = $1 AND sessions.ended_at IS NULL AND sessions.expires_at > $2
           AND accounts.disabled_at IS NULL",
        vals![id, now],
        |row| {
            let role = Role::from_name(&row.text(2)?);
            let role = role.ok_or_else(|| DbError::broken("a stored account has an unknown role"))?;
            let account = Account { id: row.text(0)?, email: row.text(1)?, role };
            Ok(Owner { account, used_at: row.int(3)?, has_second_factor: row.opt_text(4)?.is_some() })
        },
    )
    .await
}

/// The log-ins of an account that are neither ended nor over and were used after `used_after`, newest first.
///
/// # Errors
/// When the storage broke.
pub async fn of_account(
    conn: &mut Conn<'_>,
    account: &str,
    now: i64,
    used_after: i64,
) -> Result<Vec<Session>, DbError> {
    conn.all(
        "SELECT id, account_id, secret_hash, created_at, used_at, expires_at, address, user_agent,
            second_factor
         FROM sessions WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 AND used_at > $3
         ORDER BY created_at DESC, id DESC",
        vals![account, now, used_after],
        session,
    )
    .await
}

/// Gives a log-in a new secret, if `old` is the one in force; says whether it was.
///
/// # Errors
/// When the storage broke.
pub async fn rotate(conn: &mut Conn<'_>, id: &str, old: &str, new: &str, now: i64) -> Result<bool, DbError> {
    let sql = "UPDATE sessions SET secret_hash = $1, used_at = $2
               WHERE id = $3 AND secret_hash = $4 AND ended_at IS NULL AND expires_at > $2";
    Ok(conn.exec(sql, vals![new, now, id, old]).await? > 0)
}

/// Ends one log-in of an account; says whether there was one.
///
/// # Errors
/// When the storage broke.
pub async fn end(conn: &mut Conn<'_>, account: &str, id: &str, now: i64) -> Result<bool, DbError> {
    let sql = "UPDATE sessions SET ended_at = $1 WHERE id = $2 AND account_id = $3 AND ended_at IS NULL";
    Ok(conn.exec(sql, vals![now, id, account]).await? > 0)
}

/// Ends a log-in, whosever it is, because another takes its place; says whether there was one.
///
/// # Errors
/// When the storage broke.
pub async fn replace(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<bool, DbError> {
    let sql = "UPDATE sessions SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    Ok(conn.exec(sql, vals![now, id]).await? > 0)
}

/// Notes that a log-in is used.
///
/// # Errors
/// When the storage broke.
pub async fn note_use(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<(), DbError> {
    let sql = "UPDATE sessions SET used_at = $1 WHERE id = $2 AND used_at < $1 AND ended_at IS NULL";
    conn.exec(sql, vals![now, id]).await?;
    Ok(())
}

/// Notes that the owner of a log-in has shown a right code.
///
/// # Errors
/// When the storage broke.
pub async fn note_second_factor(conn: &mut Conn<'_>, id: &str) -> Result<(), DbError> {
    conn.exec("UPDATE sessions SET second_factor = 'code' WHERE id = $1", vals![id]).await?;
    Ok(())
}

/// Lets the log-ins of an account count as what they are without a code.
///
/// # Errors
/// When the storage broke.
pub async fn forget_second_factor(conn: &mut Conn<'_>, account: &str) -> Result<(), DbError> {
    let sql = "UPDATE sessions SET second_factor = NULL WHERE account_id = $1 AND second_factor = 'code'";
    conn.exec(sql, vals![account]).await?;
    Ok(())
}

/// Ends every log-in of an account but `keep`; answers how many.
///
/// # Errors
/// When the storage broke.
pub async fn end_others(conn: &mut Conn<'_>, account: &str, keep: Option<&str>, now: i64) -> Result<u64, DbError> {
    let sql = "UPDATE sessions SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL AND id <> $3";
    conn.exec(sql, vals![now, account, keep.unwrap_or_default()]).await
}

/// Forgets log-ins that were over before `before`, in UTC seconds.
///
/// # Errors
/// When the storage broke.
pub async fn prune(conn: &mut Conn<'_>, before: i64) -> Result<u64, DbError> {
    conn.exec("DELETE FROM sessions WHERE expires_at < $1", vals![before]).await
}

/// Deletes every log-in of an account, those that ended too: they name addresses.
///
/// # Errors
/// When the storage broke.
pub async fn delete_all(conn: &mut Conn<'_>, account: &str) -> Result<u64, DbError> {
    conn.exec("DELETE FROM sessions WHERE account_id = $1", vals![account]).await
}
