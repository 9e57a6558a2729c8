//! The reference: the same rows through the same driver, without anything of ours around it.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::site::{BAYS, MIDNIGHT, WEEK, plate, scattered};

/// A connection to a database that has our schema, with the settings under which we commit.
pub fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    connection.pragma_update(None, "cache_size", -16_384).unwrap();
    connection
}

/// Inserts the rows of the `number`th booking: a reservation, its two half hours and its audit record.
pub fn insert(connection: &Connection, number: usize) {
    insert_reservation(connection, number);
    let (last, previous): (i64, String) = connection
        .prepare_cached("UPDATE audit_head SET number = number + 1 RETURNING number, hash")
        .unwrap()
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    connection
        .prepare_cached(
            "INSERT INTO audit_records (number, at, actor, action, object, before, after, address, request_id,
                previous_hash, hash) VALUES (?1, ?2, 'administrator', 'reservation.create', ?3, NULL, ?4, NULL, NULL, ?5, ?6)",
        )
        .unwrap()
        .execute(params![
            last,
            MIDNIGHT,
            format!("reservation:{}", public_id(number)),
            r#"{"end":1775005200,"overrideReason":null,"plate":"123가**67","sessionId":12,"start":1775001600}"#,
            previous,
            hash
        ])
        .unwrap();
    connection.prepare_cached("UPDATE audit_head SET hash = ?1").unwrap().execute([hash]).unwrap();
}

/// As [`insert`], without the audit record.
pub fn insert_reservation(connection: &Connection, number: usize) {
    let at = scattered(number, WEEK);
    let (bay, plate) = (i64::try_from(at % BAYS).unwrap() + 1, plate(number));
    let start = MIDNIGHT + i64::try_from(at / BAYS).unwrap() * 3600;
    insert_at(connection, number, bay, &plate, start);
}

/// As [`insert_reservation`], at a bay and time of the caller's.
pub fn insert_at(connection: &Connection, number: usize, bay: i64, plate: &str, start: i64) {
    let id: i64 = connection
        .prepare_cached(
            "INSERT INTO reservations (public_id, bay_id, plate, plate_text, start_at, end_at, contact_email,
                account_id, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, NULL, NULL, ?6, ?6) RETURNING id",
        )
        .unwrap()
        .query_row(params![public_id(number), bay, plate, start, start + 3600, MIDNIGHT], |row| row.get(0))
        .unwrap();
    for slot in [start, start + 1800] {
        connection
            .prepare_cached(
                "INSERT INTO reservation_slots (bay_id, slot_at, plate, reservation_id) VALUES (?1, ?2, ?3, ?4)",
            )
            .unwrap()
            .execute(params![bay, slot, plate, id])
            .unwrap();
    }
}

/// Ids that follow each other in an index, as ours do.
fn public_id(number: usize) -> String {
    format!("{:08x}-0000-7000-8000-{:012x}", number, number.wrapping_mul(2_654_435_761) & 0xffff_ffff_ffff)
}
