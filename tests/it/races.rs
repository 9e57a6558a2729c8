//! Races: many requests at one moment, over HTTP, on both engines.
//!
//! The attacks are functions, so that the tests that show that a guard holds and the tests that show that the
//! attack finds a missing guard (`without_keys`) run the same requests.

mod any_bay;
mod creates;
mod moves;
mod repeats;
mod spellings;
pub mod without_keys;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::ToSpan as _;
use jiff::civil::date;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::harness::{ADMIN_TOKEN, Answer, Server, full_scale};

/// Half hours in the opening hours of a test server.
const SLOTS_A_DAY: usize = 26;

/// A stretch of time on a day.
#[derive(Clone)]
struct Time {
    date: String,
    start: String,
    end: String,
}

/// The `number`th half hour that can be booked, from tomorrow on: each round of a race has one of its own.
fn half_hour(number: usize) -> Time {
    half_hours(number, 1)
}

/// `count` half hours from the `number`th on; they must end on the same day.
fn half_hours(number: usize, count: usize) -> Time {
    let day = i64::try_from(number / SLOTS_A_DAY).unwrap();
    let clock = |slot: usize| format!("{:02}:{:02}", 9 + slot / 2, slot % 2 * 30);
    let slot = number % SLOTS_A_DAY;
    Time {
        date: date(2026, 4, 2).checked_add(day.days()).unwrap().to_string(),
        start: clock(slot),
        end: clock(slot + count),
    }
}

/// The plate of the `number`th car.
fn plate(number: usize) -> String {
    format!("{:02}가{:04}", 1 + number / 9000, 1000 + number % 9000)
}

fn create(server: &Server, bay: impl Into<Value>, plate: &str, time: &Time) -> RequestBuilder {
    let body = json!({"sessionId": bay.into(), "plate": plate, "date": time.date, "startTime": time.start, "endTime": time.end});
    post(server, "/api/reservations", &body)
}

fn post(server: &Server, path: &str, body: &Value) -> RequestBuilder {
    server.request(Method::POST, path).bearer_auth(ADMIN_TOKEN).json(body)
}

fn move_to(server: &Server, id: &str, change: &Value) -> RequestBuilder {
    server.request(Method::PATCH, &format!("/api/reservations/{id}")).bearer_auth(ADMIN_TOKEN).json(change)
}

fn cancel(server: &Server, id: &str) -> RequestBuilder {
    server.request(Method::DELETE, &format!("/api/reservations/{id}")).bearer_auth(ADMIN_TOKEN)
}

/// Books, or fails; answers the id.
async fn booked(server: &Server, bay: impl Into<Value>, plate: &str, time: &Time) -> String {
    let answer = Answer::of(create(server, bay, plate, time)).await.expect(201);
    answer.json["id"].as_str().unwrap().to_owned()
}

/// What came of several requests, and how long each took.
#[derive(Default)]
struct Tally {
    /// How often each outcome came: `201`, or the code of a refusal.
    outcomes: BTreeMap<String, usize>,
    times: Vec<Duration>,
}

impl Tally {
    fn of(answers: &[(Answer, Duration)]) -> Self {
        let mut tally = Self::default();
        for (answer, took) in answers {
            *tally.outcomes.entry(outcome(answer)).or_default() += 1;
            tally.times.push(*took);
        }
        tally
    }

    fn add(&mut self, other: Self) {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.times.extend(other.times);
    }

    /// Fails unless these outcomes came, so often, and no other.
    #[track_caller]
    fn expect(&self, expected: &[(&str, usize)]) {
        let expected: BTreeMap<String, usize> =
            expected.iter().filter(|(_, count)| *count > 0).map(|(name, count)| ((*name).to_owned(), *count)).collect();
        assert_eq!(self.outcomes, expected);
    }

    fn count(&self, outcome: &str) -> usize {
        self.outcomes.get(outcome).copied().unwrap_or_default()
    }

    /// The time that 99 of 100 answers took at most.
    fn p99(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default()
    }
}

/// The status of what was done, the code of what was refused.
fn outcome(answer: &Answer) -> String {
    if answer.code().is_empty() { answer.status.as_str().to_owned() } else { answer.code().to_owned() }
}

/// Sends requests at one moment; the answers come in the order of the requests. A fault of the server fails.
async fn at_once(requests: impl IntoIterator<Item = RequestBuilder>) -> Vec<(Answer, Duration)> {
    let requests: Vec<_> = requests.into_iter().collect();
    let start = Arc::new(Barrier::new(requests.len()));
    let sending = requests.into_iter().map(|request| {
        let start = Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
            let began = Instant::now();
            let answer = Answer::of(request).await;
            (answer, began.elapsed())
        })
    });
    let mut answers = Vec::new();
    for sent in sending.collect::<Vec<_>>() {
        let (answer, took) = sent.await.unwrap();
        assert!(!answer.status.is_server_error(), "{} {}", answer.status, answer.text);
        answers.push((answer, took));
    }
    answers
}

/// As many cars want one bay at one time; one tally a round.
async fn many_cars_want_one_bay(server: &Server, rounds: usize, cars: usize) -> Vec<Tally> {
    let mut tallies = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let requests = (0..cars).map(|car| create(server, 1, &plate(car), &half_hour(round)));
        tallies.push(Tally::of(&at_once(requests).await));
    }
    tallies
}

/// One car wants all four bays at one time; one tally a round.
async fn one_car_wants_four_bays(server: &Server, rounds: usize) -> Vec<Tally> {
    let mut tallies = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let requests = (1..=4).map(|bay| create(server, bay, &plate(round), &half_hour(round)));
        tallies.push(Tally::of(&at_once(requests).await));
    }
    tallies
}

/// Fails unless every half hour that is held belongs to a live reservation, and every live one holds its own.
async fn expect_consistent(server: &Server) {
    let seen = server.site.store.snapshot(async |conn| jari::store::inspect::inspect(conn).await).await.unwrap();
    assert_eq!((seen.inconsistent_slots, seen.damage), (0, Vec::new()));
}

/// How many rounds: the first at full scale, the second every day.
fn rounds(full: usize, quick: usize) -> usize {
    if full_scale() { full } else { quick }
}
