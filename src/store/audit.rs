//! The audit trail.
//!
//! A record is appended as the last step of the unit whose change it tells, so that the two are committed
//! together or not at all. The step takes hold of the head until the commit: records get their numbers in the
//! order in which they are committed, without gaps, on PostgreSQL too.

use crate::domain::audit::{Broken, Entry, Record, Verifier};

use super::conn::{Conn, Row, vals};
use super::error::DbError;

fn record(row: &Row<'_>) -> Result<Record, DbError> {
    Ok(Record {
        number: row.int(0)?,
        at: row.int(1)?,
        actor: row.text(2)?,
        action: row.text(3)?,
        object: row.text(4)?,
        before: row.opt_text(5)?,
        after: row.opt_text(6)?,
        address: row.opt_text(7)?,
        request_id: row.opt_text(8)?,
        previous_hash: row.text(9)?,
        hash: row.text(10)?,
    })
}

/// Appends a record. The last step of a unit: nothing may be waited for between it and the commit.
///
/// # Errors
/// When the storage broke.
pub async fn append(conn: &mut Conn<'_>, entry: Entry) -> Result<(), DbError> {
    let head = match conn {
        Conn::Lite(_) => "SELECT number, hash FROM audit_head",
        Conn::Pg(_) => "SELECT number, hash FROM audit_head FOR UPDATE",
    };
    let previous = conn
        .one(head, vals![], |row| Ok((row.int(0)?, row.text(1)?)))
        .await?
        .ok_or_else(|| DbError::broken("the head of the audit trail is missing"))?;
    let record = Record::following(entry, previous);
    conn.exec(
        "INSERT INTO audit_records (number, at, actor, action, object, before, after, address, request_id,
            previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        vals![
            record.number,
            record.at,
            &record.actor,
            &record.action,
            &record.object,
            record.before.as_deref(),
            record.after.as_deref(),
            record.address.as_deref(),
            record.request_id.as_deref(),
            &record.previous_hash,
            &record.hash,
        ],
    )
    .await?;
    conn.exec("UPDATE audit_head SET number = $1, hash = $2", vals![record.number, &record.hash]).await?;
    Ok(())
}

/// Which records a search is about; what is given must hold, all of it.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Who.
    pub actor: Option<String>,
    /// On what.
    pub object: Option<String>,
    /// What, by its beginning: `reservation.` finds every change of a reservation.
    pub action: Option<String>,
    /// Not before this moment, UTC seconds.
    pub from: Option<i64>,
    /// Before this moment, UTC seconds.
    pub until: Option<i64>,
    /// Only records with a lower number: the next page.
    pub before: Option<i64>,
}

/// Records, newest first, `limit` at most.
///
/// # Errors
/// When the storage broke.
pub async fn search(conn: &mut Conn<'_>, search: &Search, limit: i64) -> Result<Vec<Record>, DbError> {
    conn.all(
        "SELECT number, at, actor, action, object, before, after, address, request_id, previous_hash, hash
         FROM audit_records
         WHERE (actor = $1 OR $1 IS NULL) AND (object = $2 OR $2 IS NULL)
           AND (substr(action, 1, length(CAST($3 AS TEXT))) = $3 OR $3 IS NULL) AND number < $4
           AND at >= $5 AND at < $6
         ORDER BY number DESC LIMIT $7",
        vals![
            search.actor.as_deref(),
            search.object.as_deref(),
            search.action.as_deref(),
            search.before.unwrap_or(i64::MAX),
            search.from.unwrap_or(i64::MIN),
            search.until.unwrap_or(i64::MAX),
            limit
        ],
        record,
    )
    .await
}

/// Records from `after` on, oldest first, `limit` at most: a page of an export.
///
/// # Errors
/// When the storage broke.
pub async fn page(conn: &mut Conn<'_>, after: i64, limit: i64) -> Result<Vec<Record>, DbError> {
    conn.all(
        "SELECT number, at, actor, action, object, before, after, address, request_id, previous_hash, hash
         FROM audit_records WHERE number > $1 ORDER BY number LIMIT $2",
        vals![after, limit],
        record,
    )
    .await
}

/// Follows the whole chain, page by page, and compares its end with the head; answers how many records there
/// are.
///
/// # Errors
/// When the storage broke; `Ok(Err(…))` when the chain is.
pub async fn verify(conn: &mut Conn<'_>) -> Result<Result<i64, Broken>, DbError> {
    let mut verifier = Verifier::default();
    let mut last = 0;
    loop {
        let records = page(conn, last, 1000).await?;
        let Some(newest) = records.last() else { break };
        last = newest.number;
        if let Err(broken) = records.iter().try_for_each(|record| verifier.follow(record)) {
            return Ok(Err(broken));
        }
    }
    let head = conn.one("SELECT number, hash FROM audit_head", vals![], |row| Ok((row.int(0)?, row.text(1)?))).await?;
    let (number, hash) = head.ok_or_else(|| DbError::broken("the head of the audit trail is missing"))?;
    Ok(verifier.end(number, &hash))
}

/// The number of the newest record; 0 when there is none.
///
/// # Errors
/// When the storage broke.
pub async fn last_number(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    let head = conn.one("SELECT number FROM audit_head", vals![], |row| row.int(0)).await?;
    head.ok_or_else(|| DbError::broken("the head of the audit trail is missing"))
}
