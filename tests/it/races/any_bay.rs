//! "Any bay": the race for the free one is the server's, never the caller's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Tally, at_once, create, expect_consistent, half_hour, half_hours, plate, post, rounds};
use crate::harness::{Server, both_engines};

both_engines! {
    async fn four_callers_of_any_bay_get_four_bays(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(500, 50);
        let mut all = Tally::default();
        for round in 0..rounds {
            // Both ways to say that any bay will do.
            let said = |car: usize| if car.is_multiple_of(2) { json!("any") } else { Value::Null };
            let requests = (0..4).map(|car| create(&server, said(car), &plate(car), &half_hour(round)));
            let answers = at_once(requests).await;
            let bays: BTreeSet<_> = answers.iter().filter_map(|(answer, _)| answer.json["sessionId"].as_i64()).collect();
            let tally = Tally::of(&answers);
            tally.expect(&[("201", 4)]);
            assert_eq!(bays, BTreeSet::from([1, 2, 3, 4]));
            all.add(tally);
        }
        println!(
            "4 callers of any of 4 bays, {rounds} rounds, {engine:?}: {} booked ({}), p99 {:?}",
            all.count("201"), 4 * rounds, all.p99(),
        );
        expect_consistent(&server).await;
    }

    async fn of_two_hundred_callers_of_any_bay_four_are_served(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(20, 3);
        let mut all = Tally::default();
        for round in 0..rounds {
            let tally = Tally::of(&at_once((0..200).map(|car| create(&server, "any", &plate(car), &half_hour(round)))).await);
            tally.expect(&[("201", 4), ("no_bay_free", 196)]);
            all.add(tally);
        }
        println!(
            "200 callers of any of 4 bays, {rounds} rounds, {engine:?}: {} booked ({}), {} refused no_bay_free, p99 {:?}",
            all.count("201"), 4 * rounds, all.count("no_bay_free"), all.p99(),
        );
        expect_consistent(&server).await;
    }

    async fn callers_of_any_bay_fill_what_callers_of_one_bay_leave(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(200, 25);
        let mut all = Tally::default();
        for round in 0..rounds {
            // Four want bay 1 and one gets it unless an any-bay caller was before; four want any; bays for all of
            // those are there only if nobody wastes one.
            let explicit = (0..4).map(|car| create(&server, 1, &plate(car), &half_hour(round)));
            let any = (4..8).map(|car| create(&server, "any", &plate(car), &half_hour(round)));
            let answers = at_once(explicit.chain(any)).await;
            let (explicit, any) = answers.split_at(4);
            let (explicit, any) = (Tally::of(explicit), Tally::of(any));
            let booked = explicit.count("201") + any.count("201");
            assert_eq!(booked, 4, "four bays, four bookings: {:?} {:?}", explicit.outcomes, any.outcomes);
            assert!(explicit.count("201") <= 1, "{:?}", explicit.outcomes);
            explicit.expect(&[("201", explicit.count("201")), ("bay_taken", 4 - explicit.count("201"))]);
            any.expect(&[("201", any.count("201")), ("no_bay_free", 4 - any.count("201"))]);
            all.add(explicit);
            all.add(any);
        }
        println!(
            "4 callers of bay 1 and 4 of any of 4 bays, {rounds} rounds, {engine:?}: {} booked ({}), p99 {:?}",
            all.count("201"), 4 * rounds, all.p99(),
        );
        expect_consistent(&server).await;
    }

    async fn one_car_that_asks_for_any_bay_at_once_gets_one(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(200, 25);
        let mut all = Tally::default();
        for round in 0..rounds {
            let tally = Tally::of(&at_once((0..4).map(|_| create(&server, "any", &plate(round), &half_hour(round)))).await);
            tally.expect(&[("201", 1), ("plate_taken", 3)]);
            all.add(tally);
        }
        println!("one car at any of 4 bays four times at once, {rounds} rounds, {engine:?}: {} booked ({rounds})", all.count("201"));
        expect_consistent(&server).await;
    }

    async fn batches_of_any_bay_in_every_order_are_whole_and_in_one_bay(engine: Engine) {
        let server = Server::start(engine).await;
        // A day a round; the horizon is 60 days.
        let rounds = rounds(50, 10);
        let mut all = Tally::default();
        for round in 0..rounds {
            // Two hours of one day, wanted in both orders: on PostgreSQL that asks for locks in both orders.
            let time = half_hours(round * 26, 2);
            let orders = [json!(["09:00", "10:00"]), json!(["10:00", "09:00"])];
            let requests = (0..6).map(|car| {
                post(&server, "/api/reservations/batch",
                    &json!({"plate": plate(car), "date": time.date, "startTimes": orders[car % 2]}))
            });
            let answers = at_once(requests).await;
            for (answer, _) in &answers {
                let Some(booked) = answer.json.as_array() else { continue };
                assert_eq!(booked.len(), 2, "{}", answer.text);
                assert_eq!(booked[0]["sessionId"], booked[1]["sessionId"], "{}", answer.text);
            }
            let tally = Tally::of(&answers);
            tally.expect(&[("201", 4), ("no_bay_free", 2)]);
            all.add(tally);
        }
        println!("6 batches of two hours at any of 4 bays, {engine:?}: {} booked, {} refused, p99 {:?}", all.count("201"), all.count("no_bay_free"), all.p99());
        expect_consistent(&server).await;
    }
}
