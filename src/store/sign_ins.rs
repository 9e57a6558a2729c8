//! Sign-ins with an identity provider that were begun and not yet finished.

use super::conn::{Conn, vals};
use super::error::DbError;

/// What must be remembered until the provider sends the browser back.
#[derive(Clone)]
pub struct SignIn {
    /// SHA-256 of the state, which the provider hands back.
    pub state_hash: String,
    /// SHA-256 of the cookie of the browser that began it.
    pub browser_hash: String,
    /// The provider's name in the settings.
    pub provider: String,
    /// Must stand in the ID token.
    pub nonce: String,
    /// Proves to the provider that whoever has the code began the sign-in (RFC 7636).
    pub code_verifier: String,
    /// UTC seconds.
    pub expires_at: i64,
}

/// Stores a sign-in that begins, and forgets those that are over at `now`.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &SignIn, now: i64) -> Result<(), DbError> {
    conn.exec("DELETE FROM sign_ins WHERE expires_at <= $1", vals![now]).await?;
    conn.exec(
        "INSERT INTO sign_ins (state_hash, browser_hash, provider, nonce, code_verifier, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        vals![&new.state_hash, &new.browser_hash, &new.provider, &new.nonce, &new.code_verifier, new.expires_at],
    )
    .await?;
    Ok(())
}

/// Takes a sign-in out, whoever asks: it works once. `None` when there is none, or it is over.
///
/// # Errors
/// When the storage broke.
pub async fn take(conn: &mut Conn<'_>, state_hash: &str, now: i64) -> Result<Option<SignIn>, DbError> {
    let taken = conn
        .one(
            "DELETE FROM sign_ins WHERE state_hash = $1
             RETURNING state_hash, browser_hash, provider, nonce, code_verifier, expires_at",
            vals![state_hash],
            |row| {
                Ok(SignIn {
                    state_hash: row.text(0)?,
                    browser_hash: row.text(1)?,
                    provider: row.text(2)?,
                    nonce: row.text(3)?,
                    code_verifier: row.text(4)?,
                    expires_at: row.int(5)?,
                })
            },
        )
        .await?;
    Ok(taken.filter(|sign_in| sign_in.expires_at > now))
}
