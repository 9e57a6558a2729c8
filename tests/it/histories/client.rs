//! Clients that ask for random things, and read what they are answered into the words of the model.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jari::http::codes::Code;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::check::Event;
use super::model::{self, Answer, BAYS, Bay, Booking, Id, Op};
use crate::harness::{self, ADMIN_TOKEN, Server, TOMORROW};

/// The hot half hours: 09:00 to 12:00.
const HOT: std::ops::Range<u8> = 18..24;

/// Cars.
const PLATES: u8 = 12;

/// Random numbers that a seed repeats (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn small(&mut self, sides: u8) -> u8 {
        u8::try_from(self.roll(u64::from(sides))).unwrap()
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let sides = u64::try_from(choices.len()).unwrap();
        choices[usize::try_from(self.roll(sides)).unwrap()]
    }
}

/// What clients have in common: the clock that orders what they do, and the reservations they have heard of.
#[derive(Default)]
pub struct World {
    clock: AtomicU64,
    known: Mutex<Vec<Id>>,
}

impl World {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    /// A reservation that somebody made; it may be cancelled by now.
    fn some_id(&self, dice: &mut Dice) -> Id {
        let known = self.known.lock().unwrap();
        if known.is_empty() { u128::from(dice.roll(u64::MAX)) } else { dice.one_of(&known) }
    }

    fn learn(&self, op: &Op, answer: &Answer, dice: &mut Dice) {
        let mut known = self.known.lock().unwrap();
        match (op, answer) {
            (_, Answer::Booked(booked)) => known.extend(booked.iter().map(|booking| booking.id)),
            // Some are asked for again after they are gone, most are forgotten.
            (Op::Cancel { id }, _) if dice.roll(4) > 0 => known.retain(|known| known != id),
            _ => {}
        }
    }
}

/// Asks for one random thing.
pub async fn act(server: &Server, world: &World, dice: &mut Dice) -> Event {
    let op = random_op(world, dice);
    let request = request(server, &op, dice);
    let sent = world.tick();
    let answer = harness::Answer::of(request).await;
    let answered = world.tick();
    let answer = read(&op, &answer);
    world.learn(&op, &answer, dice);
    Event { sent, answered, op, answer, advice: 0 }
}

/// Asks for the day's list.
pub async fn list(server: &Server, world: &World) -> Event {
    let sent = world.tick();
    let answer = harness::Answer::of(request(server, &Op::List, &mut Dice(0))).await;
    Event { sent, answered: world.tick(), op: Op::List, answer: read(&Op::List, &answer), advice: 0 }
}

fn random_op(world: &World, dice: &mut Dice) -> Op {
    let plate = dice.small(PLATES);
    match dice.roll(100) {
        0..18 => Op::Book { bay: Bay::This(dice.one_of(&BAYS)), plate, times: vec![random_time(dice)] },
        18..32 => Op::Book { bay: dice.one_of(&[Bay::Any, Bay::Unsaid]), plate, times: vec![random_time(dice)] },
        32..40 => {
            let bay = dice.one_of(&[Bay::This(1), Bay::This(2), Bay::This(3), Bay::This(4), Bay::Any, Bay::Unsaid]);
            let times = dice.one_of(&[[18, 20], [20, 18], [19, 22], [22, 20], [21, 18]]);
            Op::Book { bay, plate, times: times.iter().map(|start| (*start, start + 2)).collect() }
        }
        40..55 => {
            let bay = dice.one_of(&[
                Bay::Unsaid,
                Bay::Unsaid,
                Bay::Any,
                Bay::This(1),
                Bay::This(2),
                Bay::This(3),
                Bay::This(4),
            ]);
            let (start, end) = random_time(dice);
            let (start, end) =
                dice.one_of(&[(None, None), (Some(start), None), (None, Some(end)), (Some(start), Some(end))]);
            Op::Move { id: world.some_id(dice), bay, start, end }
        }
        55..70 => Op::Cancel { id: world.some_id(dice) },
        70..80 => {
            let bay = dice.one_of(&[Bay::Unsaid, Bay::Any, Bay::This(1), Bay::This(2), Bay::This(3), Bay::This(4)]);
            let time = random_time(dice);
            Op::Verify { bay, plate, time: dice.one_of(&[Some(time), Some(time), Some(time), None]) }
        }
        80..92 => {
            let at = u32::from(HOT.start + dice.small(7)) * 1800;
            Op::Match { plate, at: at + dice.one_of(&[0, 1, 900, 1799]) }
        }
        _ => Op::List,
    }
}

fn random_time(dice: &mut Dice) -> (u8, u8) {
    let start = HOT.start + dice.small(6);
    (start, HOT.end.min(start + 1 + dice.small(3)))
}

fn request(server: &Server, op: &Op, dice: &mut Dice) -> RequestBuilder {
    let send =
        |method, path: &str| server.request(method, path).bearer_auth(ADMIN_TOKEN).header("Accept-Language", "en");
    match op {
        Op::Book { bay, plate, times } if times.len() == 1 => send(Method::POST, "/api/reservations").json(&json!({
            "sessionId": bay_value(*bay), "plate": plate_text(*plate, dice), "date": TOMORROW,
            "startTime": clock(times[0].0), "endTime": clock(times[0].1),
        })),
        Op::Book { bay, plate, times } => send(Method::POST, "/api/reservations/batch").json(&json!({
            "sessionId": bay_value(*bay), "plate": plate_text(*plate, dice), "date": TOMORROW,
            "startTimes": times.iter().map(|time| clock(time.0)).collect::<Vec<_>>(),
        })),
        Op::Move { id, bay, start, end } => {
            let path = format!("/api/reservations/{}", Uuid::from_u128(*id));
            send(Method::PATCH, &path).json(&json!({
                "sessionId": bay_value(*bay), "startTime": start.map(clock), "endTime": end.map(clock),
            }))
        }
        Op::Cancel { id } => send(Method::DELETE, &format!("/api/reservations/{}", Uuid::from_u128(*id))),
        Op::Verify { bay, plate, time } => send(Method::POST, "/api/plates/verify").json(&json!({
            "sessionId": bay_value(*bay), "plate": plate_text(*plate, dice), "date": TOMORROW,
            "startTime": time.map(|time| clock(time.0)), "endTime": time.map(|time| clock(time.1)),
        })),
        Op::Match { plate, at } => send(Method::POST, "/api/plates/match").json(&json!({
            "plate": plate_text(*plate, dice),
            "timestamp": format!("{TOMORROW}T{:02}:{:02}:{:02}+09:00", at / 3600, at / 60 % 60, at % 60),
        })),
        Op::List => send(Method::GET, &format!("/api/admin/reservations/by-session?date={TOMORROW}")),
    }
}

fn bay_value(bay: Bay) -> Value {
    match bay {
        Bay::This(bay) => json!(bay),
        Bay::Any => json!("any"),
        Bay::Unsaid => Value::Null,
    }
}

fn clock(half_hour: u8) -> String {
    format!("{:02}:{:02}", half_hour / 2, half_hour % 2 * 30)
}

/// A plate, written in one of several ways.
fn plate_text(plate: u8, dice: &mut Dice) -> String {
    let gap = dice.one_of(&["", " ", "-", "·"]);
    format!("{}가{gap}34{:02}", 10 + plate, plate)
}

/// An answer in the words of the model. What has no words there is a fault, and fails.
fn read(op: &Op, answer: &harness::Answer) -> Answer {
    let json = &answer.json;
    match (op, answer.status.as_u16()) {
        (_, 400 | 404 | 409) => Answer::Refused(answer.code().to_owned()),
        (Op::Book { times, .. }, 201) if times.len() == 1 => Answer::Booked(vec![booking(json)]),
        (Op::Book { .. }, 201) => Answer::Booked(json.as_array().unwrap().iter().map(booking).collect()),
        (Op::Move { .. }, 200) => Answer::Moved(booking(json)),
        (Op::Cancel { .. }, 200) => Answer::Cancelled,
        (Op::Verify { .. }, 200) if json["valid"] == true => {
            assert!(json["conflict"] == false && json["conflictingReservation"].is_null(), "{}", answer.text);
            Answer::Free
        }
        (Op::Verify { .. }, 200) => {
            assert_eq!(json["conflict"], true, "{}", answer.text);
            let holder = &json["conflictingReservation"];
            Answer::Taken(code_of(json["message"].as_str().unwrap()), (!holder.is_null()).then(|| booking(holder).id))
        }
        (Op::Match { .. }, 200) => {
            let held = &json["reservation"];
            assert_eq!(json["match"], !held.is_null(), "{}", answer.text);
            Answer::Matched((!held.is_null()).then(|| booking(held).id))
        }
        (Op::List, 200) => Answer::Listed(listed(json)),
        _ => panic!("{op:?} was answered {} {}", answer.status, answer.text),
    }
}

fn listed(json: &Value) -> Vec<Booking> {
    let bays = json["sessions"].as_array().unwrap();
    let bookings = bays.iter().flat_map(|bay| {
        let reservations = bay["reservations"].as_array().unwrap().iter();
        reservations.inspect(|one| assert_eq!(one["sessionId"], bay["sessionId"])).map(booking)
    });
    let mut listed: Vec<_> = bookings.collect();
    assert!(listed.is_sorted_by_key(|booking| (booking.bay, booking.start)), "by bay and start: {json}");
    listed.sort_unstable();
    listed
}

fn booking(json: &Value) -> Booking {
    let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("no {name} in {json}"));
    assert_eq!((text("date"), text("status")), (TOMORROW, "CONFIRMED"), "{json}");
    let half_hour = |name: &str| {
        let (hour, minute) = text(name).split_once(':').unwrap();
        2 * hour.parse::<u8>().unwrap() + minute.parse::<u8>().unwrap() / 30
    };
    Booking {
        bay: json["sessionId"].as_i64().unwrap(),
        start: half_hour("startTime"),
        end: half_hour("endTime"),
        plate: text("plate")[..2].parse::<u8>().unwrap() - 10,
        id: Uuid::parse_str(text("id")).unwrap().as_u128(),
    }
}

/// The code whose sentence verify said.
fn code_of(message: &str) -> String {
    let codes = [Code::BayTaken, Code::PlateTaken, Code::NoBayFree];
    let code = codes.into_iter().find(|code| code.en() == message);
    code.unwrap_or_else(|| panic!("verify gave a reason that is none: {message}")).as_str().to_owned()
}

#[test]
fn dice_repeat_themselves() {
    let rolls =
        |seed| (0..8).map(move |_| 0).scan(Dice(seed), |dice, _: i32| Some(dice.roll(1000))).collect::<Vec<_>>();
    assert_eq!(rolls(7), rolls(7));
    assert_ne!(rolls(7), rolls(8));
    assert_eq!(model::BAYS.len(), 4);
}
