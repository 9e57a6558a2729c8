//! Moves against each other, against creates and against cancellations.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    Tally, Time, at_once, booked, cancel, create, expect_consistent, half_hour, half_hours, move_to, outcome, plate,
    rounds,
};
use crate::harness::{ADMIN_TOKEN, Answer, Server, both_engines};

/// Where a reservation is.
async fn found(server: &Server, id: &str) -> (i64, String, String) {
    let request = server.request(Method::GET, &format!("/api/reservations/{id}")).bearer_auth(ADMIN_TOKEN);
    let answer = Answer::of(request).await.expect(200);
    assert_eq!(answer.json["status"], "CONFIRMED");
    let text = |name: &str| answer.json[name].as_str().unwrap().to_owned();
    (answer.json["sessionId"].as_i64().unwrap(), text("startTime"), text("endTime"))
}

fn place(bay: i64, time: &Time) -> (i64, String, String) {
    (bay, time.start.clone(), time.end.clone())
}

/// Fails unless a stranger is refused at this place because it is held.
async fn expect_held(server: &Server, bay: i64, time: &Time) {
    Answer::of(create(server, bay, &plate(70_000), time)).await.expect_problem(409, "bay_taken");
}

/// Fails unless a stranger gets this place; gives it back.
async fn expect_free(server: &Server, bay: i64, time: &Time) {
    let id = booked(server, bay, &plate(70_000), time).await;
    Answer::of(cancel(server, &id)).await.expect(200);
}

/// What a reservation is asked to become.
fn to(bay: i64, time: &Time) -> Value {
    json!({"sessionId": bay, "startTime": time.start, "endTime": time.end})
}

both_engines! {
    async fn two_that_swap_places_are_each_whole_at_one_place(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(50, 6);
        let mut all = Tally::default();
        for round in 0..rounds {
            // In turn: another bay at the same time, another time at the same bay, overlapping times.
            let (here, there) = (half_hours(round * 26, 2), match round % 3 {
                0 => half_hours(round * 26, 2),
                1 => half_hours(round * 26 + 2, 2),
                _ => half_hours(round * 26 + 1, 2),
            });
            let there_bay = if round % 3 == 1 { 1 } else { 2 };
            let first = booked(&server, 1, &plate(1), &here).await;
            let second = booked(&server, there_bay, &plate(2), &there).await;
            let answers = at_once([move_to(&server, &first, &to(there_bay, &there)), move_to(&server, &second, &to(1, &here))]).await;
            let places = [found(&server, &first).await, found(&server, &second).await];
            let wanted = [(place(1, &here), place(there_bay, &there)), (place(there_bay, &there), place(1, &here))];
            for (((answer, _), is), (old, new)) in answers.iter().zip(&places).zip(&wanted) {
                let expected = match outcome(answer).as_str() {
                    "200" => new,
                    "bay_taken" => old,
                    other => panic!("{other}: {}", answer.text),
                };
                assert_eq!(is, expected);
            }
            assert!(places[0] != places[1]);
            all.add(Tally::of(&answers));
        }
        println!("two that swap places, {rounds} rounds, {engine:?}: {:?}, p99 {:?}", all.outcomes, all.p99());
        expect_consistent(&server).await;
    }

    async fn of_a_move_and_a_create_one_gets_the_place(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(200, 25);
        let mut all = Tally::default();
        for round in 0..rounds {
            let (old, new) = (half_hour(2 * round), half_hour(2 * round + 1));
            let id = booked(&server, 1, &plate(1), &old).await;
            let answers = at_once([
                move_to(&server, &id, &to(1, &new)),
                create(&server, 1, &plate(2), &new),
            ]).await;
            let outcomes = (outcome(&answers[0].0), outcome(&answers[1].0));
            match (outcomes.0.as_str(), outcomes.1.as_str()) {
                ("200", "bay_taken") => {
                    assert_eq!(found(&server, &id).await, place(1, &new));
                    expect_free(&server, 1, &old).await;
                }
                ("bay_taken", "201") => {
                    assert_eq!(found(&server, &id).await, place(1, &old));
                    expect_held(&server, 1, &old).await;
                }
                other => panic!("{other:?}"),
            }
            expect_held(&server, 1, &new).await;
            all.add(Tally::of(&answers));
        }
        println!("a move and a create to one place, {rounds} rounds, {engine:?}: {:?}", all.outcomes);
        expect_consistent(&server).await;
    }

    async fn of_many_moves_to_one_place_one_arrives(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(60, 10);
        let mut all = Tally::default();
        for round in 0..rounds {
            let goal = half_hour(8 * round + 7);
            let mut ids = Vec::new();
            for car in 0..7 {
                ids.push(booked(&server, 1, &plate(car), &half_hour(8 * round + car)).await);
            }
            let answers = at_once(ids.iter().map(|id| move_to(&server, id, &json!({"date": goal.date, "startTime": goal.start, "endTime": goal.end})))).await;
            let tally = Tally::of(&answers);
            tally.expect(&[("200", 1), ("bay_taken", 6)]);
            all.add(tally);
        }
        println!("seven move to one place, {rounds} rounds, {engine:?}: {} moved ({rounds}), p99 {:?}", all.count("200"), all.p99());
        expect_consistent(&server).await;
    }

    async fn a_move_and_a_cancellation_leave_nothing_behind(engine: Engine) {
        let server = Server::start(engine).await;
        let rounds = rounds(200, 25);
        let mut all = Tally::default();
        for round in 0..rounds {
            let (old, new) = (half_hour(2 * round), half_hour(2 * round + 1));
            let id = booked(&server, 1, &plate(1), &old).await;
            let answers = at_once([move_to(&server, &id, &to(2, &new)), cancel(&server, &id)]).await;
            let outcomes = (outcome(&answers[0].0), outcome(&answers[1].0));
            assert!(outcomes.1 == "200" && ["200", "reservation_not_found"].contains(&outcomes.0.as_str()), "{outcomes:?}");
            expect_free(&server, 1, &old).await;
            expect_free(&server, 2, &new).await;
            // A cancelled reservation cannot be moved back to life.
            Answer::of(move_to(&server, &id, &to(2, &new))).await.expect_problem(404, "reservation_not_found");
            all.add(Tally::of(&answers));
        }
        println!("a move and a cancellation of one reservation, {rounds} rounds, {engine:?}: {:?}", all.outcomes);
        expect_consistent(&server).await;
    }

    async fn a_refused_move_leaves_all_as_it_was(engine: Engine) {
        let server = Server::start(engine).await;
        let (old, other, third) = (half_hours(0, 3), half_hours(4, 2), half_hours(8, 2));
        let id = booked(&server, 1, &plate(1), &old).await;
        booked(&server, 1, &plate(2), &other).await;
        booked(&server, 2, &plate(1), &third).await;
        let refusals = [
            (to(1, &half_hours(3, 2)), "bay_taken"),    // its second half hour is somebody's
            (to(1, &half_hours(2, 3)), "bay_taken"),    // beside itself, its last half hour is somebody's
            (to(1, &third), "plate_taken"),             // the car is in bay 2 then
            (json!({"sessionId": 99}), "bay_not_found"),
            (json!({"endTime": "08:30"}), "end_not_after_start"),
            (json!({"startTime": "21:30"}), "after_closing"),
        ];
        for (change, code) in refusals {
            let answer = Answer::of(move_to(&server, &id, &change)).await;
            assert_eq!(outcome(&answer), code, "{change}");
            assert_eq!(found(&server, &id).await, place(1, &old));
            for slot in 0..3 {
                expect_held(&server, 1, &half_hour(slot)).await;
            }
            expect_free(&server, 1, &half_hour(3)).await;
            expect_consistent(&server).await;
        }
        // It may still be moved over itself.
        Answer::of(move_to(&server, &id, &to(1, &half_hours(1, 3)))).await.expect(200);
        expect_free(&server, 1, &half_hour(0)).await;
        expect_held(&server, 1, &half_hour(3)).await;
        expect_consistent(&server).await;
    }
}
