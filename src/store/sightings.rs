//! What cameras saw.

use crate::domain::sighting::{Sighting, State};

use super::conn::{Conn, Row, vals};
use super::error::DbError;

/// Columns of a sighting, in the order [`sighting`] reads them.
macro_rules! columns {
    () => {
        "number, id, camera_id, bay_id, event, format, read_by, plate_text, plate_masked, plate_hash, confidence, \
         direction, taken_at, device_at, received_at, last_at, repeats, how, reason, distance, margin, arrival, \
         reservation_id, state, reviewed_at, reviewed_by"
    };
}

fn sighting(row: &Row<'_>) -> Result<Sighting, DbError> {
    let state = State::from_name(&row.text(23)?);
    Ok(Sighting {
        number: row.int(0)?,
        id: row.text(1)?,
        camera: row.text(2)?,
        bay: row.opt_int(3)?,
        event: row.opt_text(4)?,
        format: row.text(5)?,
        read_by: row.text(6)?,
        plate_text: row.opt_text(7)?,
        plate_masked: row.text(8)?,
        plate_hash: row.opt_text(9)?,
        confidence: row.opt_int(10)?,
        direction: row.opt_text(11)?,
        taken_at: row.int(12)?,
        device_at: row.opt_int(13)?,
        received_at: row.int(14)?,
        last_at: row.int(15)?,
        repeats: row.int(16)?,
        how: row.text(17)?,
        reason: row.text(18)?,
        distance: row.opt_int(19)?,
        margin: row.opt_int(20)?,
        arrival: row.opt_text(21)?,
        reservation: row.opt_text(22)?,
        state: state.ok_or_else(|| DbError::broken("a stored sighting has an unknown state"))?,
        reviewed_at: row.opt_int(24)?,
        reviewed_by: row.opt_text(25)?,
    })
}

/// Any constant will do, as long as every instance takes the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1784830824)";

/// Takes the turn to store sightings, held until the commit, and answers the next number. Numbers are given in the order
/// of the commits, so that whoever reads on from a number misses none.
///
/// # Errors
/// When the storage broke.
pub async fn next_number(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    // On SQLite there is one writer.
    if let Conn::Pg(_) = conn {
        conn.exec(LOCK, vals![]).await?;
    }
    Ok(last_number(conn).await? + 1)
}

/// The number of the newest sighting; 0 when there is none.
///
/// # Errors
/// When the storage broke.
pub async fn last_number(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    let sql = "SELECT number FROM sightings ORDER BY number DESC LIMIT 1";
    Ok(conn.one(sql, vals![], |row| row.int(0)).await?.unwrap_or(0))
}

/// Stores a sighting.
///
/// # Errors
/// When the storage broke, or the camera's event is stored already.
pub async fn insert(conn: &mut Conn<'_>, new: &Sighting) -> Result<(), DbError> {
    conn.exec(
        concat!(
            "INSERT INTO sightings (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
             $21, $22, $23, $24, $25, $26)"
        ),
        vals![
            new.number,
            &new.id,
            &new.camera,
            new.bay,
            new.event.as_deref(),
            &new.format,
            &new.read_by,
            new.plate_text.as_deref(),
            &new.plate_masked,
            new.plate_hash.as_deref(),
            new.confidence,
            new.direction.as_deref(),
            new.taken_at,
            new.device_at,
            new.received_at,
            new.last_at,
            new.repeats,
            &new.how,
            &new.reason,
            new.distance,
            new.margin,
            new.arrival.as_deref(),
            new.reservation.as_deref(),
            new.state.as_str(),
            new.reviewed_at,
            new.reviewed_by.as_deref(),
        ],
    )
    .await?;
    Ok(())
}

/// Whether an event of a camera is stored.
///
/// # Errors
/// When the storage broke.
pub async fn knows_event(conn: &mut Conn<'_>, camera: &str, event: &str) -> Result<bool, DbError> {
    let sql = "SELECT number FROM sightings WHERE camera_id = $1 AND event = $2";
    Ok(conn.one(sql, vals![camera, event], |row| row.int(0)).await?.is_some())
}

/// Counts a sighting of a car that the same camera saw within `cool_down` seconds, with the same outcome, as the same;
/// says whether there was such a one.
///
/// # Errors
/// When the storage broke.
pub async fn repeat(conn: &mut Conn<'_>, new: &Sighting, cool_down: i64) -> Result<bool, DbError> {
    let Some(hash) = new.plate_hash.as_deref() else { return Ok(false) };
    let known = conn
        .one(
            "SELECT number FROM sightings
             WHERE camera_id = $1 AND plate_hash = $2 AND last_at >= $3 AND last_at <= $4
               AND how = $5 AND COALESCE(arrival, '') = $6 AND COALESCE(reservation_id, '') = $7
             ORDER BY last_at DESC LIMIT 1",
            vals![
                &new.camera,
                hash,
                new.taken_at - cool_down,
                new.taken_at + cool_down,
                &new.how,
                new.arrival.as_deref().unwrap_or(""),
                new.reservation.as_deref().unwrap_or(""),
            ],
            |row| row.int(0),
        )
        .await?;
    let Some(number) = known else { return Ok(false) };
    conn.exec(
        "UPDATE sightings SET repeats = repeats + 1, last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END
         WHERE number = $2",
        vals![new.taken_at, number],
    )
    .await?;
    Ok(true)
}

/// One sighting.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<Sighting>, DbError> {
    conn.one(concat!("SELECT ", columns!(), " FROM sightings WHERE id = $1"), vals![id], sighting).await
}

/// One sighting, held until the commit.
///
/// # Errors
/// When the storage broke.
pub async fn hold(conn: &mut Conn<'_>, id: &str) -> Result<Option<Sighting>, DbError> {
    let sql = match conn {
        Conn::Lite(_) => concat!("SELECT ", columns!(), " FROM sightings WHERE id = $1"),
        Conn::Pg(_) => concat!("SELECT ", columns!(), " FROM sightings WHERE id = $1 FOR UPDATE"),
    };
    conn.one(sql, vals![id], sighting).await
}

/// Which sightings a list is about; what is given must hold, all of it.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// In which state.
    pub state: Option<State>,
    /// Of which camera.
    pub camera: Option<String>,
    /// Of which reservation.
    pub reservation: Option<String>,
    /// Of which plate, by its hash.
    pub plate_hash: Option<String>,
    /// Only those with a lower number: the next page.
    pub before: Option<i64>,
}

/// Sightings, newest first, `limit` at most.
///
/// # Errors
/// When the storage broke.
pub async fn search(conn: &mut Conn<'_>, search: &Search, limit: i64) -> Result<Vec<Sighting>, DbError> {
    let state = search.state.map(State::as_str);
    let before = search.before.unwrap_or(i64::MAX);
    // Each has its index, where what was asked for may be far down the list.
    if let (Some(state), None, None, None) = (state, &search.camera, &search.reservation, &search.plate_hash) {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM sightings WHERE state = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
        );
        return conn.all(sql, vals![state, before, limit], sighting).await;
    }
    conn.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM sightings WHERE (state = $1 OR $1 IS NULL) AND (camera_id = $2 OR $2 IS NULL) \
               AND (reservation_id = $3 OR $3 IS NULL) AND (plate_hash = $4 OR $4 IS NULL) AND number < $5 \
             ORDER BY number DESC LIMIT $6"
        ),
        vals![
            state,
            search.camera.as_deref(),
            search.reservation.as_deref(),
            search.plate_hash.as_deref(),
            before,
            limit
        ],
        sighting,
    )
    .await
}

/// Sightings after a number, oldest first, `limit` at most.
///
/// # Errors
/// When the storage broke.
pub async fn after(conn: &mut Conn<'_>, number: i64, limit: i64) -> Result<Vec<Sighting>, DbError> {
    let sql = concat!("SELECT ", columns!(), " FROM sightings WHERE number > $1 ORDER BY number LIMIT $2");
    conn.all(sql, vals![number, limit], sighting).await
}

/// Stores what a person found when they looked at a sighting.
///
/// # Errors
/// When the storage broke.
pub async fn set_review(conn: &mut Conn<'_>, reviewed: &Sighting) -> Result<(), DbError> {
    conn.exec(
        "UPDATE sightings SET state = $1, plate_text = $2, plate_masked = $3, plate_hash = $4, how = $5, reason = $6,
            arrival = $7, reservation_id = $8, reviewed_at = $9, reviewed_by = $10 WHERE number = $11",
        vals![
            reviewed.state.as_str(),
            reviewed.plate_text.as_deref(),
            &reviewed.plate_masked,
            reviewed.plate_hash.as_deref(),
            &reviewed.how,
            &reviewed.reason,
            reviewed.arrival.as_deref(),
            reviewed.reservation.as_deref(),
            reviewed.reviewed_at,
            reviewed.reviewed_by.as_deref(),
            reviewed.number,
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the picture of a sighting.
///
/// # Errors
/// When the storage broke.
pub async fn keep_picture(conn: &mut Conn<'_>, id: &str, picture: &[u8], now: i64) -> Result<(), DbError> {
    let sql = "INSERT INTO sighting_pictures (sighting_id, picture, stored_at) VALUES ($1, $2, $3)";
    conn.exec(sql, vals![id, picture, now]).await?;
    Ok(())
}

/// The picture of a sighting.
///
/// # Errors
/// When the storage broke.
pub async fn picture(conn: &mut Conn<'_>, id: &str) -> Result<Option<Vec<u8>>, DbError> {
    let sql = "SELECT picture FROM sighting_pictures WHERE sighting_id = $1";
    conn.one(sql, vals![id], |row| row.bytes(0)).await
}

/// Forgets the picture of a sighting.
///
/// # Errors
/// When the storage broke.
pub async fn forget_picture(conn: &mut Conn<'_>, id: &str) -> Result<(), DbError> {
    conn.exec("DELETE FROM sighting_pictures WHERE sighting_id = $1", vals![id]).await?;
    Ok(())
}

/// Forgets pictures that were stored before `before`; answers how many.
///
/// # Errors
/// When the storage broke.
pub async fn forget_pictures(conn: &mut Conn<'_>, before: i64) -> Result<u64, DbError> {
    conn.exec("DELETE FROM sighting_pictures WHERE stored_at < $1", vals![before]).await
}

/// Forgets the plates of up to `limit` sightings that were received before `before`, their hashes too; answers how many.
///
/// # Errors
/// When the storage broke.
pub async fn forget_plates(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64, DbError> {
    conn.exec(
        "UPDATE sightings SET plate_text = NULL, plate_hash = NULL WHERE number IN (
            SELECT number FROM sightings WHERE received_at < $1 AND plate_hash IS NOT NULL
            ORDER BY received_at LIMIT $2)",
        vals![before, limit],
    )
    .await
}

/// Forgets plates and pictures of what was seen of somebody's cars. Their reservations must still be theirs.
///
/// # Errors
/// When the storage broke.
pub async fn forget_account(conn: &mut Conn<'_>, account: &str) -> Result<(), DbError> {
    conn.exec(
        "DELETE FROM sighting_pictures WHERE sighting_id IN (SELECT sightings.id FROM sightings
            JOIN reservations ON reservations.public_id = sightings.reservation_id
            WHERE reservations.account_id = $1)",
        vals![account],
    )
    .await?;
    conn.exec(
        "UPDATE sightings SET plate_text = NULL, plate_masked = '', plate_hash = NULL, reservation_id = NULL
         WHERE reservation_id IN (SELECT public_id FROM reservations WHERE account_id = $1)",
        vals![account],
    )
    .await?;
    Ok(())
}

/// What was seen of somebody's cars, newest first.
///
/// # Errors
/// When the storage broke.
pub async fn of_account(conn: &mut Conn<'_>, account: &str, limit: i64) -> Result<Vec<Sighting>, DbError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sightings WHERE reservation_id IN (SELECT public_id FROM reservations WHERE account_id = $1)
          ORDER BY number DESC LIMIT $2"
    );
    conn.all(sql, vals![account, limit], sighting).await
}

/// The newest sighting by which a reservation's car is known to have come.
///
/// # Errors
/// When the storage broke.
pub async fn newest_of(conn: &mut Conn<'_>, reservation: &str) -> Result<Option<Sighting>, DbError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM sightings WHERE reservation_id = $1 AND state IN ('matched', 'accepted', 'corrected')
          ORDER BY number DESC LIMIT 1"
    );
    conn.one(sql, vals![reservation], sighting).await
}

/// How many sightings are in a state; counting ends at `most`.
///
/// # Errors
/// When the storage broke.
pub async fn count(conn: &mut Conn<'_>, state: State, most: i64) -> Result<i64, DbError> {
    let sql = "SELECT COUNT(*) FROM (SELECT number FROM sightings WHERE state = $1 LIMIT $2) AS counted";
    Ok(conn.one(sql, vals![state.as_str(), most], |row| row.int(0)).await?.unwrap_or(0))
}

/// Sightings of a quarter of an hour that were matched alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tally {
    /// The first second of the quarter, UTC.
    pub quarter: i64,
    /// How they were matched: `exact`, `tolerant` or `none`.
    pub how: String,
    /// What became of them.
    pub state: State,
    /// How many.
    pub count: i64,
    /// How sure the reader was of those of which it said so, in thousandths, added up.
    pub confidence: i64,
    /// Of how many it said so.
    pub confident: i64,
}

/// What was seen in `[from, until)`, UTC seconds, by quarters of an hour: zones have no finer offsets.
///
/// # Errors
/// When the storage broke.
pub async fn tallies(conn: &mut Conn<'_>, from: i64, until: i64) -> Result<Vec<Tally>, DbError> {
    // Numbers are given in the order of arrival, and nothing is believed to be from further ahead than an hour.
    let first = first_since(conn, from - 60 * 60).await?;
    conn.all(
        "SELECT taken_at / 900, how, state, COUNT(*), CAST(COALESCE(SUM(confidence), 0) AS BIGINT), COUNT(confidence)
         FROM sightings WHERE number >= $1 AND taken_at >= $2 AND taken_at < $3 GROUP BY 1, 2, 3 ORDER BY 1",
        vals![first, from, until],
        |row| {
            let state = State::from_name(&row.text(2)?);
            Ok(Tally {
                quarter: row.int(0)? * 900,
                how: row.text(1)?,
                state: state.ok_or_else(|| DbError::broken("a stored sighting has an unknown state"))?,
                count: row.int(3)?,
                confidence: row.int(4)?,
                confident: row.int(5)?,
            })
        },
    )
    .await
}

/// The number of the first sighting that was received at `at` or later, found in as many steps as the logarithm of all.
async fn first_since(conn: &mut Conn<'_>, at: i64) -> Result<i64, DbError> {
    let (mut low, mut high) = (1, last_number(conn).await? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let sql = "SELECT received_at FROM sightings WHERE number >= $1 ORDER BY number LIMIT 1";
        let received = conn.one(sql, vals![middle], |row| row.int(0)).await?;
        if received.is_some_and(|received| received < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
