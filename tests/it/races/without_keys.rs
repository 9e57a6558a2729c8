//! The proof that the two keys of `reservation_slots` carry the promise: without them the same attacks book twice.
//! An attack that could not find the missing guard would prove nothing with the guard in place.

use super::{many_cars_want_one_bay, one_car_wants_four_bays};
use crate::harness::{Engine, Server, both_engines};

/// The keys that can be taken away.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// One car a bay and half hour.
    BaySlot,
    /// One bay a car and half hour.
    PlateSlot,
}

/// Takes a key away from a running server.
pub async fn drop_key(server: &Server, engine: Engine, key: Key) {
    let script = match (engine, key) {
        (_, Key::PlateSlot) => "DROP INDEX reservation_slots_slot_plate",
        (Engine::Postgres, Key::BaySlot) => "ALTER TABLE reservation_slots DROP CONSTRAINT reservation_slots_bay_slot",
        // The key is the table's own order in SQLite, so the table is made again without it.
        (Engine::Sqlite, Key::BaySlot) => {
            "CREATE TABLE bare (
                bay_id         INTEGER NOT NULL,
                slot_at        INTEGER NOT NULL,
                plate          TEXT    NOT NULL,
                reservation_id INTEGER NOT NULL REFERENCES reservations (id)
             ) STRICT;
             INSERT INTO bare SELECT bay_id, slot_at, plate, reservation_id FROM reservation_slots;
             DROP TABLE reservation_slots;
             ALTER TABLE bare RENAME TO reservation_slots;
             CREATE UNIQUE INDEX reservation_slots_slot_plate ON reservation_slots (slot_at, plate)"
        }
    };
    let dropped =
        server.site.store.write(async move |conn| Ok::<_, jari::store::NoRefusal>(conn.script(script).await?));
    dropped.await.unwrap();
}

both_engines! {
    async fn without_its_unique_key_a_bay_is_double_booked(engine: Engine) {
        let server = Server::start(engine).await;
        drop_key(&server, engine, Key::BaySlot).await;
        let tallies = many_cars_want_one_bay(&server, 3, 200).await;
        let booked: Vec<_> = tallies.iter().map(|tally| tally.count("201")).collect();
        println!("200 cars at one bay without its key, {engine:?}: {booked:?} booked (more than 1 each)");
        assert!(booked.iter().all(|booked| *booked > 1), "the attack does not find the missing key: {booked:?}");
    }

    async fn without_its_unique_key_a_plate_is_double_booked(engine: Engine) {
        let server = Server::start(engine).await;
        drop_key(&server, engine, Key::PlateSlot).await;
        let tallies = one_car_wants_four_bays(&server, 20).await;
        let doubled = tallies.iter().filter(|tally| tally.count("201") > 1).count();
        println!("one car at four bays without its key, {engine:?}: {doubled} of 20 rounds double-booked (all)");
        assert_eq!(doubled, 20, "the attack does not find the missing key");
    }
}
