//! Many creates at one moment.

use super::{Tally, expect_consistent, many_cars_want_one_bay, one_car_wants_four_bays, rounds};
use crate::harness::{Server, both_engines};

both_engines! {
    async fn of_two_hundred_cars_one_gets_the_bay(engine: Engine) {
        let server = Server::start(engine).await;
        let tallies = many_cars_want_one_bay(&server, 3, 200).await;
        let mut all = Tally::default();
        for tally in tallies {
            tally.expect(&[("201", 1), ("bay_taken", 199)]);
            all.add(tally);
        }
        println!(
            "200 cars at one bay, 3 rounds, {engine:?}: {} booked (3), {} refused bay_taken (597), p99 {:?} (below 250 ms)",
            all.count("201"), all.count("bay_taken"), all.p99(),
        );
        expect_consistent(&server).await;
    }

    async fn a_plate_is_never_in_two_bays(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(500, 50);
        let tallies = one_car_wants_four_bays(&server, rounds).await;
        let mut all = Tally::default();
        for tally in tallies {
            tally.expect(&[("201", 1), ("plate_taken", 3)]);
            all.add(tally);
        }
        println!(
            "one car at four bays, {rounds} rounds, {engine:?}: {} booked ({rounds}), {} refused plate_taken ({}), p99 {:?}",
            all.count("201"), all.count("plate_taken"), 3 * rounds, all.p99(),
        );
        expect_consistent(&server).await;
    }
}
