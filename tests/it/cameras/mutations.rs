//! Payloads broken at random: whatever arrives, the answer is a delivery or a reason, soon.

use std::time::{Duration, Instant};

use jari::camera::{Delivery, LARGEST_PICTURE, MOST_CANDIDATES, MOST_READS, Taken, understand};
use serde_json::{Value, json};

use crate::camera_payloads::all;

const ROUNDS: u64 = 20_000;

/// xorshift64*: the same numbers on every machine.
pub struct Numbers(pub u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a number below `end`")]
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

pub fn mutate(body: &mut Vec<u8>, others: &[Vec<u8>], numbers: &mut Numbers) {
    if body.is_empty() {
        return;
    }
    match numbers.below(8) {
        0 => {
            for _ in 0..=numbers.below(4) {
                let (at, bit) = (numbers.below(body.len()), numbers.below(8));
                body[at] ^= 1 << bit;
            }
        }
        1 => body.truncate(numbers.below(body.len())),
        2 => {
            let (from, to) = (numbers.below(body.len()), numbers.below(body.len()));
            body.rotate_left(from);
            body.truncate(to.max(1));
        }
        3 => {
            // A piece twice.
            let (from, length) = (numbers.below(body.len()), numbers.below(200));
            let piece = body[from..(from + length).min(body.len())].to_vec();
            let at = numbers.below(body.len());
            body.splice(at..at, piece);
        }
        4 => {
            // A piece of somebody else's.
            let other = &others[numbers.below(others.len())];
            let from = numbers.below(other.len());
            let piece = other[from..(from + 300).min(other.len())].to_vec();
            let at = numbers.below(body.len());
            body.splice(at..at, piece);
        }
        5 => {
            let text = String::from_utf8_lossy(body).into_owned();
            let signs = ["\"", ":", "{", "}", "[", "]", "<", ">", ",", "&", "--", "\r\n", "1e308", "null", "\\ud800"];
            let (from, to) = (signs[numbers.below(signs.len())], signs[numbers.below(signs.len())]);
            *body = text.replacen(from, to, 1 + numbers.below(3)).into_bytes();
        }
        6 => {
            if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
                retype(&mut value, numbers);
                *body = value.to_string().into_bytes();
            }
        }
        _ => {
            // A field twice.
            let text = String::from_utf8_lossy(body).into_owned();
            let fields: Vec<&str> = text.split(',').filter(|part| part.len() < 200).collect();
            let field = fields.get(numbers.below(fields.len())).copied().unwrap_or_default();
            *body = text.replacen(',', &format!(",{field},"), 1).into_bytes();
        }
    }
}

/// Gives some value another type.
fn retype(value: &mut Value, numbers: &mut Numbers) {
    match value {
        Value::Object(fields) if numbers.below(6) > 0 && !fields.is_empty() => {
            let at = numbers.below(fields.len());
            if let Some(inner) = fields.values_mut().nth(at) {
                retype(inner, numbers);
            }
        }
        Value::Array(values) if numbers.below(6) > 0 && !values.is_empty() => {
            let at = numbers.below(values.len());
            retype(&mut values[at], numbers);
        }
        value => {
            *value = match numbers.below(9) {
                0 => Value::Null,
                1 => json!(true),
                2 => json!(-1),
                3 => json!(1e300),
                4 => json!([]),
                5 => json!({}),
                6 => json!([value.clone(), value.clone()]),
                7 => json!("9".repeat(5_000)),
                _ => json!({"plate": value.clone()}),
            }
        }
    }
}

fn check(delivery: &Delivery) {
    assert!(delivery.reads.len() <= MOST_READS);
    assert!(!delivery.heartbeat || delivery.reads.is_empty());
    let part_of_one = |number: &f64| (0.0..=1.0).contains(number);
    for read in &delivery.reads {
        assert!(read.text.as_ref().is_none_or(|text| (1..=40).contains(&text.chars().count())));
        assert!(read.event.as_ref().is_none_or(|event| (1..=128).contains(&event.chars().count())));
        assert!(read.device.as_ref().is_none_or(|device| (1..=64).contains(&device.chars().count())));
        assert!(read.confidence.as_ref().is_none_or(part_of_one) && read.characters.iter().all(part_of_one));
        assert!(read.candidates.len() <= MOST_CANDIDATES);
        assert!(read.candidates.iter().all(|(_, confidence)| confidence.as_ref().is_none_or(part_of_one)));
        let characters = read.text.as_ref().map_or(0, |text| text.chars().count());
        assert!(read.characters.is_empty() || read.characters.len() == characters);
        if let Taken::Instant(milliseconds) = read.taken {
            assert!((946_684_800_000..4_133_980_800_000).contains(&milliseconds));
        }
        for picture in [&read.picture, &read.scene].into_iter().flatten() {
            assert!(picture.len() <= LARGEST_PICTURE);
        }
        assert!(read.scene.is_none() || read.picture.is_some());
    }
}

#[test]
fn whatever_arrives_is_answered_soon() {
    let payloads = all();
    let bodies: Vec<Vec<u8>> = payloads.iter().map(|payload| payload.body.clone()).collect();
    let mut numbers = Numbers(0x6a61_7269);
    let (mut understood, mut refused, mut worst) = (0_u32, 0_u32, Duration::ZERO);
    for round in 0..ROUNDS {
        let payload = &payloads[numbers.below(payloads.len())];
        let mut body = payload.body.clone();
        for _ in 0..=numbers.below(3) {
            mutate(&mut body, &bodies, &mut numbers);
        }
        let begun = Instant::now();
        let result = understand(Some(payload.content_type), &body);
        worst = worst.max(begun.elapsed());
        match result {
            Ok(delivery) => {
                check(&delivery);
                understood += 1;
            }
            Err(reason) => {
                assert!(reason.to_string().len() < 80, "round {round}");
                refused += 1;
            }
        }
    }
    println!("{ROUNDS} broken payloads: {understood} understood, {refused} refused, the slowest {worst:?}");
    // Broken at random, some are still whole and most are not: the mutations do what they should.
    assert!(understood > 1_000 && refused > 1_000);
    assert!(worst < Duration::from_secs(2));
}
