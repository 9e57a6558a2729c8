//! The check itself, fed with histories that were doctored: each lie must be found, and the truth must pass.

use super::check::{Event, Told, tell};
use super::model::{Answer, BAY_TAKEN, Bay, Booking, Calendar, Id, NO_BAY_FREE, NOT_FOUND, Op, PLATE_TAKEN};

const NINE: u8 = 18;

fn booking(id: Id, bay: i64, plate: u8) -> Booking {
    Booking { bay, start: NINE, end: NINE + 2, plate, id }
}

fn event(sent: u64, answered: u64, op: Op, answer: Answer) -> Event {
    Event { sent, answered, op, answer, advice: 0 }
}

/// A create at nine for an hour that was answered with this reservation.
fn create(sent: u64, answered: u64, made: Booking) -> Event {
    let op = Op::Book { bay: Bay::This(made.bay), plate: made.plate, times: vec![(made.start, made.end)] };
    event(sent, answered, op, Answer::Booked(vec![made]))
}

/// The same create, refused.
fn refused(sent: u64, answered: u64, wanted: Booking, code: &str) -> Event {
    event(sent, answered, create(0, 0, wanted).op, Answer::Refused(code.into()))
}

fn cancel(sent: u64, answered: u64, id: Id) -> Event {
    event(sent, answered, Op::Cancel { id }, Answer::Cancelled)
}

fn list(sent: u64, answered: u64, seen: &[Booking]) -> Event {
    let mut seen = seen.to_vec();
    seen.sort_unstable();
    event(sent, answered, Op::List, Answer::Listed(seen))
}

fn matched(sent: u64, answered: u64, plate: u8, id: Option<Id>) -> Event {
    event(sent, answered, Op::Match { plate, at: u32::from(NINE) * 1800 }, Answer::Matched(id))
}

#[track_caller]
fn expect_true(events: &[Event]) -> Told {
    tell(&Calendar::default(), events.to_vec()).expect("a true history was refused")
}

#[track_caller]
fn expect_lie(events: &[Event]) {
    let lie = tell(&Calendar::default(), events.to_vec()).expect_err("a lie was believed");
    assert!(lie.exhausted, "a history this short is searched to its end");
}

#[test]
fn a_double_booking_is_found() {
    let (a, b) = (booking(1, 1, 1), booking(2, 2, 2));
    expect_true(&[create(0, 2, a), create(1, 3, b)]);
    expect_lie(&[create(0, 2, a), create(1, 3, Booking { bay: 1, ..b })]);
    expect_lie(&[create(0, 2, a), create(1, 3, Booking { plate: 1, ..b })]);
    // Half an hour is enough.
    expect_lie(&[create(0, 2, a), create(1, 3, Booking { bay: 1, start: NINE + 1, end: NINE + 3, ..b })]);
    // Neighbours are none.
    expect_true(&[create(0, 2, a), create(1, 3, Booking { bay: 1, plate: 1, start: NINE + 2, end: NINE + 4, ..b })]);
    // With a cancellation between them it is none, if the cancellation can have come between them.
    let again = Booking { bay: 1, ..b };
    expect_true(&[create(0, 1, a), cancel(2, 6, 1), create(3, 4, again)]);
    expect_lie(&[create(0, 1, a), cancel(5, 6, 1), create(3, 4, again)]);
}

#[test]
fn a_lost_write_is_found() {
    let (a, b) = (booking(1, 1, 1), booking(2, 2, 2));
    expect_true(&[create(0, 1, a), create(2, 3, b), list(4, 5, &[a, b])]);
    expect_lie(&[create(0, 1, a), create(2, 3, b), list(4, 5, &[b])]);
    // A list that began before the answer may miss it.
    expect_true(&[create(0, 3, a), list(1, 2, &[])]);
    expect_true(&[create(0, 3, a), list(1, 2, &[a])]);
    // What was seen once stays.
    expect_lie(&[create(0, 9, a), list(1, 2, &[a]), list(3, 4, &[])]);
    // A cancellation that was answered and came to nothing.
    expect_lie(&[create(0, 1, a), cancel(2, 3, 1), list(4, 5, &[a])]);
    expect_lie(&[create(0, 1, a), cancel(2, 3, 1), cancel(4, 5, 1)]);
    let twice = event(4, 5, Op::Cancel { id: 1 }, Answer::Refused(NOT_FOUND.into()));
    expect_true(&[create(0, 1, a), cancel(2, 3, 1), twice]);
}

#[test]
fn a_refusal_without_a_conflict_is_found() {
    let a = booking(1, 1, 1);
    expect_lie(&[refused(0, 1, a, BAY_TAKEN)]);
    expect_lie(&[create(0, 1, booking(2, 2, 2)), refused(2, 3, a, BAY_TAKEN)]);
    let other = booking(2, 1, 2);
    expect_true(&[create(0, 1, other), refused(2, 3, a, BAY_TAKEN)]);
    expect_lie(&[create(0, 1, other), cancel(2, 3, 2), refused(4, 5, a, BAY_TAKEN)]);
    expect_true(&[create(0, 1, other), cancel(2, 5, 2), refused(3, 4, a, BAY_TAKEN)]);
    // The reason must be the true one, and the bay comes before the car.
    expect_lie(&[create(0, 1, other), refused(2, 3, a, PLATE_TAKEN)]);
    expect_lie(&[create(0, 1, Booking { plate: 1, ..other }), refused(2, 3, a, PLATE_TAKEN)]);
    let any = |code: &str| {
        event(20, 21, Op::Book { bay: Bay::Any, plate: 9, times: vec![(NINE, NINE + 1)] }, Answer::Refused(code.into()))
    };
    let full: Vec<_> = (1..=4u8)
        .map(|bay| create(u64::from(2 * bay), u64::from(2 * bay + 1), booking(bay.into(), bay.into(), bay)))
        .collect();
    expect_true(&[full.clone(), vec![any(NO_BAY_FREE)]].concat());
    expect_lie(&[full[1..].to_vec(), vec![any(NO_BAY_FREE)]].concat());
}

#[test]
fn a_stale_read_is_found() {
    let a = booking(1, 1, 1);
    expect_true(&[create(0, 1, a), matched(2, 3, 1, Some(1))]);
    expect_lie(&[create(0, 1, a), matched(2, 3, 1, None)]);
    expect_lie(&[create(0, 1, a), cancel(2, 3, 1), matched(4, 5, 1, Some(1))]);
    let free = |sent| {
        event(sent, sent + 1, Op::Verify { bay: Bay::This(1), plate: 2, time: Some((NINE, NINE + 1)) }, Answer::Free)
    };
    expect_true(&[free(0), create(2, 3, a)]);
    expect_lie(&[create(0, 1, a), free(2)]);
    let holder = |id| {
        event(
            2,
            3,
            Op::Verify { bay: Bay::This(1), plate: 2, time: Some((NINE, NINE + 1)) },
            Answer::Taken(BAY_TAKEN.into(), Some(id)),
        )
    };
    expect_true(&[create(0, 1, a), holder(1)]);
    expect_lie(&[create(0, 1, a), holder(2)]);
}

#[test]
fn a_move_is_at_one_place_and_whole() {
    let (a, to) = (booking(1, 1, 1), booking(1, 2, 1));
    let moved = |sent, answered| {
        event(sent, answered, Op::Move { id: 1, bay: Bay::This(2), start: None, end: None }, Answer::Moved(to))
    };
    expect_true(&[create(0, 1, a), moved(2, 5), list(3, 4, &[a])]);
    expect_true(&[create(0, 1, a), moved(2, 5), list(3, 4, &[to])]);
    expect_lie(&[create(0, 1, a), moved(2, 5), list(3, 4, &[])]);
    expect_lie(&[create(0, 1, a), moved(2, 5), list(3, 4, &[a, to])]);
    expect_lie(&[create(0, 1, a), moved(2, 3), list(4, 5, &[a])]);
    // Two that swap: neither can be first.
    let b = booking(2, 2, 2);
    let swapped =
        event(2, 5, Op::Move { id: 2, bay: Bay::This(1), start: None, end: None }, Answer::Moved(booking(2, 1, 2)));
    expect_lie(&[create(0, 1, a), create(0, 1, b), moved(2, 5), swapped]);
    // A move that was answered must be the one that was asked for.
    let elsewhere = event(2, 3, Op::Move { id: 1, bay: Bay::This(3), start: None, end: None }, Answer::Moved(to));
    expect_lie(&[create(0, 1, a), elsewhere]);
}

#[test]
fn the_search_finds_the_order_that_the_advice_does_not_give() {
    // Eight creates at once; a list saw every other one. The advice is the wrong way round.
    let all: Vec<_> = (0..8u8)
        .map(|n| Booking {
            start: 18 + 2 * (n / 4),
            end: 20 + 2 * (n / 4),
            ..booking(u128::from(n) + 1, i64::from(n % 4) + 1, n)
        })
        .collect();
    let mut events: Vec<_> = all
        .iter()
        .zip(0..)
        .map(|(made, n)| Event { advice: -n, ..create(u64::try_from(n).unwrap(), 100, *made) })
        .collect();
    let seen: Vec<_> = all.iter().copied().step_by(2).collect();
    events.push(list(50, 60, &seen));
    let told = expect_true(&events);
    assert!(told.departures > 0, "the advice was wrong on purpose");
    // A second list saw the others without the first: no order gives both.
    let others: Vec<_> = all.iter().copied().skip(1).step_by(2).collect();
    events.push(list(50, 60, &others));
    expect_lie(&events);
}
