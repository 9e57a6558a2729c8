//! Second factors and recovery codes.

use super::conn::{Conn, vals};
use super::error::DbError;

/// What an account has to make codes with.
#[derive(Clone, Eq, PartialEq)]
pub struct SecondFactor {
    /// In Base32.
    pub secret: String,
    /// UTC seconds.
    pub begun_at: i64,
    /// Since when codes are asked for, UTC seconds; `None` until the first right one.
    pub confirmed_at: Option<i64>,
    /// The step of the last code that was used.
    pub last_step: i64,
}

/// The second factor of an account, confirmed or not.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, account: &str) -> Result<Option<SecondFactor>, DbError> {
    conn.one(
        "SELECT secret, begun_at, confirmed_at, last_step FROM second_factors WHERE account_id = $1",
        vals![account],
        |row| {
            Ok(SecondFactor {
                secret: row.text(0)?,
                begun_at: row.int(1)?,
                confirmed_at: row.opt_int(2)?,
                last_step: row.int(3)?,
            })
        },
    )
    .await
}

/// The confirmed second factor of an account.
///
/// # Errors
/// When the storage broke.
pub async fn find_active(conn: &mut Conn<'_>, account: &str) -> Result<Option<SecondFactor>, DbError> {
    Ok(find(conn, account).await?.filter(|found| found.confirmed_at.is_some()))
}

/// Stores a secret that is to be confirmed, in place of one that was not; `false` when there is a confirmed one.
///
/// # Errors
/// When the storage broke.
pub async fn begin(conn: &mut Conn<'_>, account: &str, secret: &str, now: i64) -> Result<bool, DbError> {
    let sql = "INSERT INTO second_factors (account_id, secret, begun_at, last_step) VALUES ($1, $2, $3, 0)
               ON CONFLICT (account_id) DO UPDATE SET secret = $2, begun_at = $3, last_step = 0
               WHERE second_factors.confirmed_at IS NULL";
    Ok(conn.exec(sql, vals![account, secret, now]).await? > 0)
}

/// Confirms a secret by the code of a step; `false` when it is no longer the one that waits.
///
/// # Errors
/// When the storage broke.
pub async fn confirm(conn: &mut Conn<'_>, account: &str, secret: &str, step: i64, now: i64) -> Result<bool, DbError> {
    let sql = "UPDATE second_factors SET confirmed_at = $1, last_step = $2
               WHERE account_id = $3 AND secret = $4 AND confirmed_at IS NULL";
    Ok(conn.exec(sql, vals![now, step, account, secret]).await? > 0)
}

/// Uses up the code of a step, and those before it; `false` when it was used up before.
///
/// # Errors
/// When the storage broke.
pub async fn use_step(conn: &mut Conn<'_>, account: &str, step: i64) -> Result<bool, DbError> {
    let sql = "UPDATE second_factors SET last_step = $1
               WHERE account_id = $2 AND last_step < $1 AND confirmed_at IS NOT NULL";
    Ok(conn.exec(sql, vals![step, account]).await? > 0)
}

/// Stores a recovery code by its hash.
///
/// # Errors
/// When the storage broke.
pub async fn insert_recovery_code(conn: &mut Conn<'_>, account: &str, hash: &str) -> Result<(), DbError> {
    conn.exec("INSERT INTO recovery_codes (account_id, code_hash) VALUES ($1, $2)", vals![account, hash]).await?;
    Ok(())
}

/// Uses up a recovery code; `false` when there is none with this hash.
///
/// # Errors
/// When the storage broke.
pub async fn use_recovery_code(conn: &mut Conn<'_>, account: &str, hash: &str) -> Result<bool, DbError> {
    let sql = "DELETE FROM recovery_codes WHERE account_id = $1 AND code_hash = $2";
    Ok(conn.exec(sql, vals![account, hash]).await? > 0)
}

/// How many recovery codes an account has left.
///
/// # Errors
/// When the storage broke.
pub async fn count_recovery_codes(conn: &mut Conn<'_>, account: &str) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM recovery_codes WHERE account_id = $1";
    Ok(conn.one(sql, vals![account], |row| row.int(0)).await?.unwrap_or_default())
}

/// Forgets the second factor of an account and its recovery codes; says whether it had one, confirmed or not.
///
/// # Errors
/// When the storage broke.
pub async fn delete(conn: &mut Conn<'_>, account: &str) -> Result<bool, DbError> {
    conn.exec("DELETE FROM recovery_codes WHERE account_id = $1", vals![account]).await?;
    Ok(conn.exec("DELETE FROM second_factors WHERE account_id = $1", vals![account]).await? > 0)
}
