//! Looking at a database without changing it, for `jari doctor`.

use super::conn::{Conn, vals};
use super::error::DbError;
use super::migrate;

/// What a database says of itself.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The engine and its version.
    pub engine: String,
    /// The schema version; `None` when it was never migrated.
    pub schema: Option<i64>,
    /// Whether it holds the tables of the earlier server.
    pub belongs_to_earlier_server: bool,
    /// What the engine's own check found wrong; empty when nothing.
    pub damage: Vec<String>,
    /// The database's clock, UTC seconds. On SQLite it is the machine's own.
    pub clock: i64,
    /// Half hours that are held by a cancelled or unknown reservation, or missing from a live one: none,
    /// unless somebody edited the database by hand.
    pub inconsistent_slots: i64,
}

/// Looks at a database.
///
/// # Errors
/// When the storage broke.
pub async fn inspect(conn: &mut Conn<'_>) -> Result<Inspection, DbError> {
    let version = match conn {
        Conn::Lite(_) => "SELECT 'SQLite ' || sqlite_version()",
        Conn::Pg(_) => "SELECT 'PostgreSQL ' || current_setting('server_version')",
    };
    let clock = match conn {
        Conn::Lite(_) => "SELECT CAST(strftime('%s', 'now') AS INTEGER)",
        Conn::Pg(_) => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
    };
    let damage = match conn {
        Conn::Lite(_) => conn.all("PRAGMA quick_check(20)", vals![], |row| row.text(0)).await?,
        // PostgreSQL checks its pages as it reads them; `pg_amcheck` is the administrator's.
        Conn::Pg(_) => Vec::new(),
    };
    let schema =
        if migrate::has_table(conn, "schema_migrations").await? { Some(migrate::version(conn).await?) } else { None };
    let engine = conn.one(version, vals![], |row| row.text(0)).await?.unwrap_or_default();
    let clock = conn.one(clock, vals![], |row| row.int(0)).await?.unwrap_or_default();
    let inconsistent_slots = if schema.is_some_and(|schema| schema > 0) { count_inconsistent(conn).await? } else { 0 };
    Ok(Inspection {
        engine,
        schema,
        belongs_to_earlier_server: migrate::has_table(conn, "charging_sessions").await?,
        damage: damage.into_iter().filter(|line| line != "ok").collect(),
        clock,
        inconsistent_slots,
    })
}

/// Slots that do not belong to a live reservation of the same bay, plate and time, and live reservations
/// whose slots are not as many as their half hours.
async fn count_inconsistent(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    let count = conn
        .one(
            "SELECT (SELECT COUNT(*) FROM reservation_slots
                     LEFT JOIN reservations ON reservations.id = reservation_slots.reservation_id
                     WHERE reservations.id IS NULL OR reservations.cancelled_at IS NOT NULL
                        OR reservations.bay_id <> reservation_slots.bay_id
                        OR reservations.plate <> reservation_slots.plate
                        OR reservation_slots.slot_at < reservations.start_at
                        OR reservation_slots.slot_at >= reservations.end_at)
                  + (SELECT COUNT(*) FROM reservations
                     LEFT JOIN (SELECT reservation_id, COUNT(*) AS held FROM reservation_slots GROUP BY reservation_id)
                        AS slots ON slots.reservation_id = reservations.id
                     WHERE cancelled_at IS NULL AND plate <> ''
                       AND (end_at - start_at) / 1800 <> COALESCE(slots.held, 0))",
            vals![],
            |row| row.int(0),
        )
        .await?;
    Ok(count.unwrap_or_default())
}
