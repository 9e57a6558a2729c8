//! Idempotency keys: a request that is sent again acts once and gets the same answer.
//!
//! The key and its effect are in one transaction, so there is no moment in which one exists without the
//! other. Two requests with one key at once cannot both be the first: on SQLite there is one writer, on
//! PostgreSQL the second insert waits for the first transaction.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::conn::{Conn, vals};
use super::error::{DbError, Failure};

/// An `Idempotency-Key` with what it was sent for.
#[derive(Clone)]
pub struct IdempotencyKey {
    scope: String,
    /// SHA-256 of what was sent.
    key: String,
    request_hash: String,
    /// What [`IdempotencyKey::veil`] covers secrets with.
    cover: [u8; 32],
}

impl IdempotencyKey {
    /// The key of one `scope` (two people may choose the same), as it was `sent`, for a request with this hash of
    /// its method, path and body.
    #[must_use]
    pub fn new(scope: String, sent: &str, request_hash: String) -> Self {
        let hash = |purpose: &str| {
            let parts = [purpose, &scope, sent, &request_hash];
            let length = |part: &str| (part.len() as u64).to_be_bytes();
            parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(length(part)).chain_update(part)).finalize()
        };
        let cover = hash("cover").into();
        Self { key: crate::random::hex(&Sha256::digest(sent)), scope, request_hash, cover }
    }

    /// Covers a secret of 32 bytes in hexadecimal digits that an answer contains, or uncovers it again. Secrets are
    /// stored as hashes alone; to give one again, it is needed what the client chose and nobody stored.
    #[must_use]
    pub fn veil(&self, secret: &str) -> String {
        let byte = |at: usize| secret.get(2 * at..2 * at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let covered: Vec<u8> =
            self.cover.iter().enumerate().map(|(at, cover)| byte(at).unwrap_or_default() ^ cover).collect();
        crate::random::hex(&covered)
    }
}

/// What [`begin`] found.
pub enum Begun<T, R> {
    /// The first time: do the work, then call [`finish`].
    First,
    /// It was answered before.
    Again(Result<T, R>),
}

/// Notes a key before its work is done. Without a key, every time is the first.
///
/// # Errors
/// [`Failure::KeyReused`] when the key was used for another request; [`Failure::Db`] when the storage broke.
pub async fn begin<T, R>(conn: &mut Conn<'_>, key: Option<&IdempotencyKey>, now: i64) -> Result<Begun<T, R>, Failure<R>>
where
    T: DeserializeOwned,
    R: DeserializeOwned,
{
    let Some(key) = key else { return Ok(Begun::First) };
    let noted = conn
        .exec(
            "INSERT INTO idempotency_keys (scope, key, request_hash, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (scope, key) DO NOTHING",
            vals![&key.scope, &key.key, &key.request_hash, now],
        )
        .await?;
    if noted > 0 {
        // A refusal takes back its work but not the key, see `finish`.
        conn.exec("SAVEPOINT work", vals![]).await?;
        return Ok(Begun::First);
    }
    let stored = conn
        .one(
            "SELECT request_hash, answer FROM idempotency_keys WHERE scope = $1 AND key = $2",
            vals![&key.scope, &key.key],
            |row| Ok((row.text(0)?, row.opt_text(1)?)),
        )
        .await?;
    let Some((request_hash, answer)) = stored else {
        // Pruned between the two statements.
        return Err(DbError::Again("an idempotency key expired while it was used".into()).into());
    };
    if request_hash != key.request_hash {
        return Err(Failure::KeyReused);
    }
    let answer = answer.ok_or_else(|| DbError::broken("an idempotency key was stored without its answer"))?;
    let answer: Answer<T, R> = serde_json::from_str(&answer)
        .map_err(|error| DbError::broken(format!("a stored answer cannot be read: {error}")))?;
    Ok(Begun::Again(answer.into()))
}

/// Ends the work of a key: stores its answer, refusals included. What is answered is the unit's result:
/// without a key a refusal rolls the whole unit back; with one it rolls back the work and keeps the key.
///
/// # Errors
/// The refusal, when there is no key; [`Failure::Db`] when the storage broke.
pub async fn finish<T, R>(
    conn: &mut Conn<'_>,
    key: Option<&IdempotencyKey>,
    worked: Result<T, Failure<R>>,
) -> Result<Result<T, R>, Failure<R>>
where
    T: Serialize,
    R: Serialize,
{
    let Some(key) = key else { return worked.map(Ok) };
    let answer = match worked {
        Ok(done) => Answer::Done(done),
        Err(Failure::Refused(refusal)) => {
            conn.exec("ROLLBACK TO SAVEPOINT work", vals![]).await?;
            Answer::Refused(refusal)
        }
        Err(failure) => return Err(failure),
    };
    conn.exec("RELEASE SAVEPOINT work", vals![]).await?;
    let text = serde_json::to_string(&answer)
        .map_err(|error| DbError::broken(format!("an answer cannot be stored: {error}")))?;
    conn.exec(
        "UPDATE idempotency_keys SET answer = $1 WHERE scope = $2 AND key = $3",
        vals![&text, &key.scope, &key.key],
    )
    .await?;
    Ok(answer.into())
}

/// Forgets one key.
///
/// # Errors
/// When the storage broke.
pub async fn forget(conn: &mut Conn<'_>, key: &IdempotencyKey) -> Result<(), DbError> {
    conn.exec("DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2", vals![&key.scope, &key.key]).await?;
    Ok(())
}

/// Forgets keys that were made before `before`, in UTC seconds.
///
/// # Errors
/// When the storage broke.
pub async fn prune(conn: &mut Conn<'_>, before: i64) -> Result<u64, DbError> {
    conn.exec("DELETE FROM idempotency_keys WHERE created_at < $1", vals![before]).await
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T, R> {
    Done(T),
    Refused(R),
}

impl<T, R> From<Answer<T, R>> for Result<T, R> {
    fn from(answer: Answer<T, R>) -> Self {
        match answer {
            Answer::Done(done) => Ok(done),
            Answer::Refused(refusal) => Err(refusal),
        }
    }
}
