//! Many reads under one policy, counted.

use jari::domain::matching::{Expected, Tolerance};
use jari::domain::plate::Plate;

use super::Random;
use super::fleet::{car, twin};
use super::policy::Policy;
use super::reader::{Reader, Tells};

/// How many reads a site sees before its expected plates are drawn anew.
const READS_A_SITE: usize = 50;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    pub policy: Policy,
    pub reader: Reader,
    pub tells: Tells,
    pub tolerance: Tolerance,
    /// Plates that hold a booking.
    pub expected: usize,
    /// The part of the expected plates whose twin at one character has a booking too.
    pub twins: f64,
    pub seed: u64,
    pub reads: usize,
}

/// Shares of all reads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// The booking of the car that was there.
    pub right: f64,
    /// Another's booking, or any for a stranger.
    pub wrong: f64,
    /// Sent to a person.
    pub review: f64,
}

impl Trial {
    /// Cars with a booking drive up.
    pub fn guests(&self) -> Rates {
        self.count(|random, expected| {
            let place = random.below(expected.len());
            (expected[place].clone(), Some(place))
        })
    }

    /// Cars without a booking drive up, from the same street.
    pub fn strangers(&self) -> Rates {
        self.count(|random, expected| (fresh(random, expected), None))
    }

    /// Cars without a booking drive up, each a twin at one character of an expected one.
    pub fn twin_strangers(&self) -> Rates {
        self.count(|random, expected| {
            loop {
                let of = random.below(expected.len());
                let twin = twin(random, &expected[of]);
                if expected.iter().all(|it| it.key() != twin.key()) {
                    return (twin, None);
                }
            }
        })
    }

    fn count(&self, arrive: impl Fn(&mut Random, &[Plate]) -> (Plate, Option<usize>)) -> Rates {
        let mut random = Random::new(self.seed);
        let (mut right, mut wrong, mut review) = (0, 0, 0);
        let mut site = (Vec::new(), Vec::new());
        for number in 0..self.reads {
            if number % READS_A_SITE == 0 {
                site = self.site(&mut random);
            }
            let (car, place) = arrive(&mut random, &site.0);
            let read = self.reader.read(&mut random, &car, self.tells);
            let answer = self.policy.answer(&read, &site.1, &self.tolerance);
            right += usize::from(place.is_some() && answer.chosen == place);
            wrong += usize::from(answer.chosen.is_some() && answer.chosen != place);
            review += usize::from(answer.review);
        }
        let share =
            |count: usize| f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(self.reads).unwrap());
        Rates { right: share(right), wrong: share(wrong), review: share(review) }
    }

    fn site(&self, random: &mut Random) -> (Vec<Plate>, Vec<Expected<usize>>) {
        let mut plates: Vec<Plate> = Vec::with_capacity(self.expected);
        while plates.len() < self.expected {
            let plate = fresh(random, &plates);
            plates.push(plate);
            if plates.len() < self.expected && random.chance(self.twins / (2.0 - self.twins)) {
                let twin = twin(random, &plates[plates.len() - 1]);
                if plates.iter().all(|it| it.key() != twin.key()) {
                    plates.push(twin);
                }
            }
        }
        // In the order of nothing, so that the first of two twins is either.
        for last in (1..plates.len()).rev() {
            plates.swap(last, random.below(last + 1));
        }
        let expected = plates.iter().enumerate().map(|(place, plate)| Expected::of(plate, place)).collect();
        (plates, expected)
    }
}

fn fresh(random: &mut Random, not: &[Plate]) -> Plate {
    loop {
        let car = car(random);
        if not.iter().all(|it| it.key() != car.key()) {
            return car;
        }
    }
}
