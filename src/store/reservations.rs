//! Reservations and their slots.
//!
//! What refuses a double booking is here and in the two keys of `reservation_slots`, nowhere else:
//! [`claim`] inserts a row for each half hour, and a row that a key refuses is the conflict.

use crate::domain::reservation::Reservation;
use crate::domain::schedule::SlotRange;

use super::conn::{Conn, Row, vals};
use super::error::DbError;

/// Columns of a reservation, in the order [`reservation`] reads them.
macro_rules! columns {
    () => {
        "reservations.public_id, reservations.bay_id, reservations.plate, reservations.plate_text, \
         reservations.start_at, reservations.end_at, reservations.contact_email, reservations.account_id, \
         reservations.cancelled_at"
    };
}

/// The half hours from one moment until another, as a table `slots` of a `WITH RECURSIVE`. The key of cars begins
/// with the half hour, so that whatever a camera may meet now stands on few pages however much is stored; a car is
/// looked up at each half hour of a range.
macro_rules! slots {
    ($from:literal, $until:literal) => {
        concat!(
            "slots (slot_at) AS (SELECT CAST(",
            $from,
            " AS BIGINT) UNION ALL SELECT slot_at + 1800 FROM slots WHERE slot_at + 1800 < CAST(",
            $until,
            " AS BIGINT))"
        )
    };
}

fn reservation(row: &Row<'_>) -> Result<Reservation, DbError> {
    Ok(Reservation {
        id: row.text(0)?,
        bay: row.int(1)?,
        plate: row.text(2)?,
        plate_text: row.text(3)?,
        range: range(row.int(4)?, row.int(5)?)?,
        contact_email: row.opt_text(6)?,
        account: row.opt_text(7)?,
        cancelled_at: row.opt_int(8)?,
    })
}

fn range(start: i64, end: i64) -> Result<SlotRange, DbError> {
    SlotRange::from_instants(start, end)
        .map_err(|error| DbError::broken(format!("a stored reservation has no valid time: {error}")))
}

/// The row number of a reservation in the database; slots name their reservation by it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RowId(i64);

/// What stands in the way of a claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// Another car has the bay then.
    Bay,
    /// This car has another reservation then.
    Plate,
}

/// Stores a reservation without its slots.
///
/// # Errors
/// When the storage broke.
pub async fn insert(conn: &mut Conn<'_>, new: &Reservation, now: i64) -> Result<RowId, DbError> {
    let id = conn
        .one(
            "INSERT INTO reservations (public_id, bay_id, plate, plate_text, start_at, end_at, contact_email,
                account_id, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id",
            vals![
                &new.id,
                new.bay,
                &new.plate,
                &new.plate_text,
                new.range.start(),
                new.range.end(),
                new.contact_email.as_deref(),
                new.account.as_deref(),
                now,
            ],
            |row| row.int(0),
        )
        .await?;
    id.map(RowId).ok_or_else(|| DbError::broken("an insert returned no row"))
}

/// Claims every half hour of `range` for a bay and a plate. All of it, or a reason and nothing that may
/// stay: the caller rolls back.
///
/// The bay is named as the reason before the plate when both are taken (the order of checks of the wire
/// contract).
///
/// # Errors
/// When the storage broke, or what stood in the way was gone when it was looked up.
pub async fn claim(
    conn: &mut Conn<'_>,
    id: RowId,
    bay: i64,
    plate: &str,
    range: SlotRange,
) -> Result<Result<(), Taken>, DbError> {
    let wanted = u64::try_from(range.slots().count()).map_err(|_| DbError::broken("more slots than numbers"))?;
    if insert_slots(conn, id, bay, plate, range).await? == wanted {
        return Ok(Ok(()));
    }
    if let Some(taken) = in_the_way(conn, id, bay, plate, range).await? {
        return Ok(Err(taken));
    }
    // On PostgreSQL, a slot that was taken when the claim was made may be given back before its holder is looked
    // up. A refusal would name a conflict that is gone. To claim the missing slot now, while holding later ones,
    // would be out of the order of time, which is what keeps claims from waiting for each other.
    Err(DbError::Again("a slot was given back while it was claimed".into()))
}

async fn insert_slots(conn: &mut Conn<'_>, id: RowId, bay: i64, plate: &str, range: SlotRange) -> Result<u64, DbError> {
    if let Conn::Lite(_) = conn {
        // There a statement costs little, and one that inserts several rows must keep pages to take them back.
        let sql = "INSERT INTO reservation_slots (bay_id, slot_at, plate, reservation_id) VALUES ($1, $2, $3, $4)
                   ON CONFLICT DO NOTHING";
        let mut claimed = 0;
        for slot in range.slots() {
            claimed += conn.exec(sql, vals![bay, slot, plate, id.0]).await?;
        }
        return Ok(claimed);
    }
    // `WHERE TRUE` keeps SQLite from reading ON CONFLICT as the condition of a join. The rows come in the
    // order of time, so that two claims cannot wait for each other.
    conn.exec(
        concat!(
            "INSERT INTO reservation_slots (bay_id, slot_at, plate, reservation_id) WITH RECURSIVE ",
            slots!("$3", "$4"),
            " SELECT CAST($1 AS BIGINT), slot_at, CAST($2 AS TEXT), CAST($5 AS BIGINT) FROM slots
             WHERE TRUE
             ON CONFLICT DO NOTHING"
        ),
        vals![bay, plate, range.start(), range.end(), id.0],
    )
    .await
}

/// What keeps a reservation from a place now, besides itself; the bay before the plate. One statement, so that
/// both are seen at one moment: the bay may be given back and the plate taken between two.
///
/// # Errors
/// When the storage broke.
pub async fn in_the_way(
    conn: &mut Conn<'_>,
    id: RowId,
    bay: i64,
    plate: &str,
    range: SlotRange,
) -> Result<Option<Taken>, DbError> {
    let held = conn
        .one(
            concat!(
                "WITH RECURSIVE ",
                slots!("$3", "$4"),
                " SELECT (SELECT COUNT(*) FROM reservation_slots
                     WHERE bay_id = $1 AND slot_at >= $3 AND slot_at < $4 AND reservation_id <> $5),
                    (SELECT COUNT(*) FROM slots CROSS JOIN reservation_slots
                     WHERE reservation_slots.slot_at = slots.slot_at AND plate = $2 AND reservation_id <> $5)"
            ),
            vals![bay, plate, range.start(), range.end(), id.0],
            |row| Ok((row.int(0)?, row.int(1)?)),
        )
        .await?;
    Ok(match held {
        Some((1.., _)) => Some(Taken::Bay),
        Some((_, 1..)) => Some(Taken::Plate),
        _ => None,
    })
}

/// Gives back the slots of a reservation.
///
/// # Errors
/// When the storage broke.
pub async fn release(conn: &mut Conn<'_>, id: RowId, bay: i64, range: SlotRange) -> Result<(), DbError> {
    conn.exec(
        "DELETE FROM reservation_slots
         WHERE bay_id = $1 AND slot_at >= $2 AND slot_at < $3 AND reservation_id = $4",
        vals![bay, range.start(), range.end(), id.0],
    )
    .await?;
    Ok(())
}

/// Takes hold of a live reservation to change it: until the transaction ends, nobody else changes it.
///
/// # Errors
/// When the storage broke.
pub async fn hold(conn: &mut Conn<'_>, id: &str, now: i64) -> Result<Option<(RowId, Reservation)>, DbError> {
    conn.one(
        concat!(
            "UPDATE reservations SET updated_at = $2 WHERE public_id = $1 AND cancelled_at IS NULL RETURNING ",
            columns!(),
            ", reservations.id"
        ),
        vals![id, now],
        |row| Ok((RowId(row.int(9)?), reservation(row)?)),
    )
    .await
}

/// Stores when a reservation was cancelled. Its slots are [`release`]d apart.
///
/// # Errors
/// When the storage broke.
pub async fn mark_cancelled(conn: &mut Conn<'_>, id: RowId, now: i64) -> Result<(), DbError> {
    conn.exec("UPDATE reservations SET cancelled_at = $1 WHERE id = $2", vals![now, id.0]).await?;
    Ok(())
}

/// Stores another bay and time for a reservation. Its slots are moved apart.
///
/// # Errors
/// When the storage broke.
pub async fn set_place(conn: &mut Conn<'_>, id: RowId, bay: i64, range: SlotRange) -> Result<(), DbError> {
    conn.exec(
        "UPDATE reservations SET bay_id = $1, start_at = $2, end_at = $3 WHERE id = $4",
        vals![bay, range.start(), range.end(), id.0],
    )
    .await?;
    Ok(())
}

/// One reservation, cancelled or not.
///
/// # Errors
/// When the storage broke.
pub async fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<Reservation>, DbError> {
    conn.one(concat!("SELECT ", columns!(), " FROM reservations WHERE public_id = $1"), vals![id], reservation).await
}

/// The live reservations that start in `[from, until)`, by bay and start.
///
/// # Errors
/// When the storage broke.
pub async fn starting_between(conn: &mut Conn<'_>, from: i64, until: i64) -> Result<Vec<Reservation>, DbError> {
    conn.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM reservations WHERE cancelled_at IS NULL AND start_at >= $1 AND start_at < $2 \
             ORDER BY bay_id, start_at"
        ),
        vals![from, until],
        reservation,
    )
    .await
}

/// Bay, start and end of the live reservations that start in `[from, until)`, by bay and start: free and
/// busy without anybody's data.
///
/// # Errors
/// When the storage broke.
pub async fn busy_between(conn: &mut Conn<'_>, from: i64, until: i64) -> Result<Vec<(i64, i64, i64)>, DbError> {
    conn.all(
        "SELECT bay_id, start_at, end_at FROM reservations
         WHERE cancelled_at IS NULL AND start_at >= $1 AND start_at < $2 ORDER BY bay_id, start_at",
        vals![from, until],
        |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)),
    )
    .await
}

/// The reservation of a car at a moment. `slots` are the two half hours that may contain the moment, see
/// [`crate::domain::schedule::slot_candidates`].
///
/// # Errors
/// When the storage broke.
pub async fn of_plate_at(conn: &mut Conn<'_>, plate: &str, slots: [i64; 2]) -> Result<Option<Reservation>, DbError> {
    // Equality on the slot finds the row in two steps down an index, however much is stored. Both slots
    // contain the moment; a site has half hours of one kind, so at most one of them exists.
    conn.one(
        concat!(
            "SELECT ",
            columns!(),
            " FROM reservation_slots JOIN reservations ON reservations.id = reservation_slots.reservation_id \
             WHERE reservation_slots.plate = $1 AND reservation_slots.slot_at IN ($2, $3) \
             ORDER BY reservation_slots.slot_at DESC"
        ),
        vals![plate, slots[0], slots[1]],
        reservation,
    )
    .await
}

/// The live reservations of cars that hold some half hour in `[from, until)`: by the key of cars, so that history costs
/// nothing.
///
/// # Errors
/// When the storage broke.
pub async fn around(conn: &mut Conn<'_>, from: i64, until: i64) -> Result<Vec<Reservation>, DbError> {
    conn.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM reservations WHERE id IN (SELECT reservation_id FROM reservation_slots \
                WHERE slot_at > $1 AND slot_at < $2) AND plate NOT LIKE 'closed:%' ORDER BY start_at"
        ),
        vals![from - crate::domain::schedule::SLOT_SECONDS, until],
        reservation,
    )
    .await
}

/// What keeps bays closed for a time that is not over at `now`, by start.
///
/// # Errors
/// When the storage broke.
pub async fn closures(conn: &mut Conn<'_>, bay: i64, now: i64, limit: i64) -> Result<Vec<Reservation>, DbError> {
    // By the key of bays: what is over has been passed by.
    conn.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM reservations WHERE bay_id = $1 AND cancelled_at IS NULL AND start_at >= $2 - 86400 AND end_at > $2 \
             AND plate LIKE 'closed:%' ORDER BY start_at LIMIT $3"
        ),
        vals![bay, now, limit],
        reservation,
    )
    .await
}

/// The first reservation that holds `bay` in `range`.
///
/// # Errors
/// When the storage broke.
pub async fn holding_bay(conn: &mut Conn<'_>, bay: i64, range: SlotRange) -> Result<Option<Reservation>, DbError> {
    conn.one(
        concat!(
            "SELECT ",
            columns!(),
            " FROM reservation_slots JOIN reservations ON reservations.id = reservation_slots.reservation_id \
             WHERE reservation_slots.bay_id = $1 AND reservation_slots.slot_at >= $2 \
             AND reservation_slots.slot_at < $3 ORDER BY reservation_slots.slot_at LIMIT 1"
        ),
        vals![bay, range.start(), range.end()],
        reservation,
    )
    .await
}

/// The first reservation of a car in `range`.
///
/// # Errors
/// When the storage broke.
pub async fn holding_plate(conn: &mut Conn<'_>, plate: &str, range: SlotRange) -> Result<Option<Reservation>, DbError> {
    conn.one(
        concat!(
            "WITH RECURSIVE ",
            slots!("$2", "$3"),
            " SELECT ",
            columns!(),
            " FROM slots CROSS JOIN reservation_slots JOIN reservations \
                ON reservations.id = reservation_slots.reservation_id \
             WHERE reservation_slots.slot_at = slots.slot_at AND reservation_slots.plate = $1 \
             ORDER BY slots.slot_at LIMIT 1"
        ),
        vals![plate, range.start(), range.end()],
        reservation,
    )
    .await
}

/// The first reservation of a car that is active at `now` or to come.
///
/// # Errors
/// When the storage broke.
pub async fn next_of_plate(conn: &mut Conn<'_>, plate: &str, now: i64) -> Result<Option<Reservation>, DbError> {
    // No reservation is longer than 28 hours.
    conn.one(
        concat!(
            "SELECT ",
            columns!(),
            " FROM reservations WHERE plate = $1 AND start_at > $2 - 100800 AND end_at > $2 AND cancelled_at IS NULL \
             ORDER BY start_at LIMIT 1"
        ),
        vals![plate, now],
        reservation,
    )
    .await
}

/// Whose reservations a list is about; what is given must hold, all of it.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Made by this account.
    pub account: Option<String>,
    /// With this contact, lower case.
    pub contact_email: Option<String>,
    /// For this canonical plate.
    pub plate: Option<String>,
    /// Cancelled ones too.
    pub cancelled: bool,
}

/// The reservations of a filter, latest start first, `limit` at most.
///
/// # Errors
/// When the storage broke, or the filter is empty.
pub async fn matching(conn: &mut Conn<'_>, filter: &Filter, limit: i64) -> Result<Vec<Reservation>, DbError> {
    let account = filter.account.as_deref();
    let email = filter.contact_email.as_deref();
    let plate = filter.plate.as_deref();
    // One text for each index: a condition such as `$1 IS NULL OR …` would keep the engines from using one.
    macro_rules! by {
        ($column:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM reservations WHERE ",
                $column,
                " AND (account_id = $1 OR $1 IS NULL) AND (contact_email = $2 OR $2 IS NULL) \
                 AND (plate = $3 OR $3 IS NULL) AND (cancelled_at IS NULL OR CAST($4 AS BIGINT) = 1) \
                 ORDER BY start_at DESC, id DESC LIMIT $5"
            )
        };
    }
    let sql = if account.is_some() {
        by!("account_id = $1")
    } else if plate.is_some() {
        by!("plate = $3")
    } else if email.is_some() {
        by!("contact_email = $2")
    } else {
        return Err(DbError::broken("a list of reservations needs a filter"));
    };
    conn.all(sql, vals![account, email, plate, i64::from(filter.cancelled), limit], reservation).await
}

/// Whose reservations are counted.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// Those that this account made.
    Account(&'a str),
    /// Those of this car.
    Plate(&'a str),
}

/// Makes units that count for the same holder wait for each other until they are committed. On SQLite there is
/// one writer anyway.
///
/// # Errors
/// When the storage broke.
pub async fn take_turns(conn: &mut Conn<'_>, holder: Holder<'_>) -> Result<(), DbError> {
    if let Conn::Pg(_) = conn {
        let (Holder::Account(name) | Holder::Plate(name)) = holder;
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        conn.one(sql, vals![name], |_| Ok(())).await?;
    }
    Ok(())
}

/// What a holder has reserved.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Held {
    /// Live reservations that are not over.
    pub open: i64,
    /// Seconds of the live reservations that start in a day.
    pub seconds: i64,
}

/// What a holder has reserved: what is not over at `now`, and what starts in the day `[from, until)`.
///
/// # Errors
/// When the storage broke.
pub async fn held_by(
    conn: &mut Conn<'_>,
    holder: Holder<'_>,
    now: i64,
    (from, until): (i64, i64),
) -> Result<Held, DbError> {
    macro_rules! by {
        ($column:literal) => {
            concat!(
                "SELECT CAST(COALESCE(SUM(CASE WHEN end_at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                    CAST(COALESCE(SUM(CASE WHEN start_at >= $3 AND start_at < $4 THEN end_at - start_at ELSE 0 END), 0)
                        AS BIGINT)
                 FROM reservations WHERE ",
                $column,
                " = $1 AND start_at >= $5 AND cancelled_at IS NULL"
            )
        };
    }
    let (sql, name) = match holder {
        Holder::Account(name) => (by!("account_id"), name),
        Holder::Plate(name) => (by!("plate"), name),
    };
    // No reservation is longer than 28 hours: the index has to look no further back.
    let earliest = from.min(now - 28 * 60 * 60);
    let held = conn
        .one(sql, vals![name, now, from, until, earliest], |row| Ok(Held { open: row.int(0)?, seconds: row.int(1)? }))
        .await?;
    Ok(held.unwrap_or_default())
}

/// Erases plate and e-mail of reservations that ended before `before`, `limit` at most; answers how many. Their
/// slots go too: the time is over, nothing can be booked in it.
///
/// # Errors
/// When the storage broke.
pub async fn forget_finished(conn: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64, DbError> {
    conn.exec(
        "DELETE FROM reservation_slots WHERE slot_at < $1 AND reservation_id IN (
            SELECT id FROM reservations WHERE plate <> '' AND plate NOT LIKE 'closed:%' AND end_at < $1 ORDER BY end_at, id LIMIT $2)",
        vals![before, limit],
    )
    .await?;
    conn.exec(
        "UPDATE reservations SET plate = '', plate_text = '', contact_email = NULL WHERE id IN (
            SELECT id FROM reservations WHERE plate <> '' AND plate NOT LIKE 'closed:%' AND end_at < $1 ORDER BY end_at, id LIMIT $2)",
        vals![before, limit],
    )
    .await
}

/// Erases plate, e-mail and owner of every reservation that an account made; those to come are cancelled at
/// `now`. Answers how many there were.
///
/// # Errors
/// When the storage broke.
pub async fn forget_account(conn: &mut Conn<'_>, account: &str, now: i64) -> Result<u64, DbError> {
    let held = conn
        .all(
            "SELECT id, bay_id, start_at, end_at FROM reservations WHERE account_id = $1 AND cancelled_at IS NULL
             ORDER BY start_at, id",
            vals![account],
            |row| Ok((RowId(row.int(0)?), row.int(1)?, range(row.int(2)?, row.int(3)?)?)),
        )
        .await?;
    for (id, bay, range) in held {
        release(conn, id, bay, range).await?;
    }
    conn.exec(
        "UPDATE reservations SET plate = '', plate_text = '', contact_email = NULL, account_id = NULL,
            cancelled_at = CASE WHEN cancelled_at IS NULL AND end_at > $2 THEN $2 ELSE cancelled_at END
         WHERE account_id = $1",
        vals![account, now],
    )
    .await
}

/// Which reservations an operator looks for; what is given must hold, all of it.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// For this canonical plate.
    pub plate: Option<String>,
    /// With this contact, lower case.
    pub email: Option<String>,
    /// Or made by this account. Looked at only together with `email`.
    pub account: Option<String>,
    /// At this bay.
    pub bay: Option<i64>,
    /// Starting in `[from, until)`, UTC seconds.
    pub from: i64,
    /// See `from`.
    pub until: i64,
    /// Cancelled ones too.
    pub cancelled: bool,
    /// Start and id of the last one of the page before.
    pub after: Option<(i64, String)>,
}

/// The reservations of a search, latest start first, `limit` at most.
///
/// # Errors
/// When the storage broke.
pub async fn search(conn: &mut Conn<'_>, search: &Search, limit: i64) -> Result<Vec<Reservation>, DbError> {
    // One text for each index, as in `matching`.
    macro_rules! by {
        ($condition:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM reservations WHERE ",
                $condition,
                " AND (plate = $1 OR $1 IS NULL) AND (contact_email = $2 OR account_id = $3 OR $2 IS NULL) \
                 AND (bay_id = $4 OR $4 IS NULL) AND start_at >= $5 AND start_at < $6 \
                 AND (start_at < $7 OR (start_at = $7 AND public_id < $8)) \
                 ORDER BY start_at DESC, public_id DESC LIMIT $9"
            )
        };
    }
    let sql = match (&search.plate, &search.email, search.cancelled) {
        (Some(_), _, true) => by!("plate = $1"),
        (Some(_), _, false) => by!("plate = $1 AND cancelled_at IS NULL"),
        (None, Some(_), true) => by!("(contact_email = $2 OR account_id = $3)"),
        (None, Some(_), false) => by!("(contact_email = $2 OR account_id = $3) AND cancelled_at IS NULL"),
        // Without a car or a person, cancelled ones have no index: history is read through.
        (None, None, true) => by!("start_at >= $5"),
        (None, None, false) => by!("cancelled_at IS NULL"),
    };
    let (start, id) = search.after.as_ref().map_or((i64::MAX, ""), |(start, id)| (*start, id.as_str()));
    conn.all(
        sql,
        vals![
            search.plate.as_deref(),
            search.email.as_deref(),
            search.account.as_deref(),
            search.bay,
            search.from,
            search.until,
            start,
            id,
            limit
        ],
        reservation,
    )
    .await
}

/// A live reservation as reports count it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counted {
    /// Which bay.
    pub bay: i64,
    /// When.
    pub range: SlotRange,
    /// Whether a camera saw the car; `None` when that cannot be told any more, because the car was forgotten.
    pub seen: Option<bool>,
}

/// The live reservations that start in `[from, until)`, by start, `limit` at most.
///
/// # Errors
/// When the storage broke.
pub async fn counted(conn: &mut Conn<'_>, from: i64, until: i64, limit: i64) -> Result<Vec<Counted>, DbError> {
    conn.all(
        "SELECT bay_id, start_at, end_at,
            CAST(CASE WHEN EXISTS (SELECT 1 FROM sightings WHERE sightings.reservation_id = reservations.public_id
                    AND sightings.state IN ('matched', 'accepted', 'corrected')) THEN 2
                WHEN plate = '' THEN 0 ELSE 1 END AS BIGINT)
         FROM reservations WHERE cancelled_at IS NULL AND start_at >= $1 AND start_at < $2
            AND plate NOT LIKE 'closed:%'
         ORDER BY start_at LIMIT $3",
        vals![from, until, limit],
        |row| {
            let seen = match row.int(3)? {
                0 => None,
                seen => Some(seen == 2),
            };
            Ok(Counted { bay: row.int(0)?, range: range(row.int(1)?, row.int(2)?)?, seen })
        },
    )
    .await
}

/// Cancelled reservations that would have started in `[from, until)`, in the order in which they were made, after a row,
/// `limit` at most: a page of an export, which reads history through once.
///
/// # Errors
/// When the storage broke.
pub async fn cancelled_page(
    conn: &mut Conn<'_>,
    from: i64,
    until: i64,
    after: Option<RowId>,
    limit: i64,
) -> Result<Vec<(RowId, Reservation)>, DbError> {
    conn.all(
        concat!(
            "SELECT ",
            columns!(),
            ", reservations.id FROM reservations WHERE id > $1 AND cancelled_at IS NOT NULL \
             AND start_at >= $2 AND start_at < $3 ORDER BY id LIMIT $4"
        ),
        vals![after.map_or(0, |row| row.0), from, until, limit],
        |row| Ok((RowId(row.int(9)?), reservation(row)?)),
    )
    .await
}
