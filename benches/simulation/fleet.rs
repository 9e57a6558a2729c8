//! Drawn cars: legal plates in a mix of classes, and their near twins.

use jari::domain::plate::{Plate, PlateClass, Region};

use super::Random;

pub const PRIVATE: &str = "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주";
pub const LEGAL: &str = "가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주바사아자배하허호국합육해공";

/// A car from the street. Half of the private ones have three digits in front; one in ten is a rental; one in sixteen is
/// commercial and names its region; a few are of the rare classes.
pub fn car(random: &mut Random) -> Plate {
    let serial = 1000 + random.below(9000);
    let (kind, long) = (random.unit(), random.chance(0.5));
    let syllable = |random: &mut Random, of: &str| random.pick(&of.chars().collect::<Vec<_>>());
    let text = if kind < 0.925 {
        let rental = random.chance(0.1);
        let syllable = syllable(random, if rental { "하허호" } else { PRIVATE });
        let class = class(random, long);
        format!("{class}{syllable}{serial}")
    } else if kind < 0.9875 {
        let region = random.pick(&Region::all().collect::<Vec<_>>()).name();
        let syllable = syllable(random, "바사아자배");
        format!("{region}{}{syllable}{serial}", 30 + random.below(70))
    } else if kind < 0.993 {
        format!("0{:02}{}{serial}", 1 + random.below(27), syllable(random, PRIVATE))
    } else if kind < 0.996 {
        format!("{:02}{}{serial}", 1 + random.below(99), syllable(random, "국합육해공"))
    } else if kind < 0.998 {
        format!("외교{:03}{:03}", 1 + random.below(200), 1 + random.below(200))
    } else {
        format!("임{serial}")
    };
    Plate::parse(&text).unwrap()
}

/// Nine in ten are cars, the others vans and trucks.
fn class(random: &mut Random, long: bool) -> String {
    match (long, random.chance(0.9)) {
        (true, true) => (100 + random.below(600)).to_string(),
        (true, false) => (700 + random.below(280)).to_string(),
        (false, true) => format!("{:02}", 1 + random.below(69)),
        (false, false) => (70 + random.below(28)).to_string(),
    }
}

/// Another legal plate that differs from this one in a single character, any place and any character alike.
pub fn twin(random: &mut Random, of: &Plate) -> Plate {
    let key: Vec<char> = of.key().chars().collect();
    loop {
        let at = random.below(key.len());
        let mut changed = key.clone();
        changed[at] =
            if key[at].is_ascii_digit() { random.digit() } else { random.pick(&LEGAL.chars().collect::<Vec<_>>()) };
        let text: String = of.region().map_or("", Region::name).chars().chain(changed).collect();
        match Plate::parse(&text) {
            Ok(twin) if twin.key() != of.key() && twin.class() != PlateClass::Motorcycle => return twin,
            _ => {}
        }
    }
}
