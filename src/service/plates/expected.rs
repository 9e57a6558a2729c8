//! The cars that are expected around an instant, kept in memory for as long as nothing is committed.
//!
//! A misread plate is compared with every car that is expected, and to read four hundred of them from the database takes
//! ten times as long as to compare them. So they are kept, taken apart, together with the version of the database
//! ([`Store::version`]) that was asked for *before* they were read: while the version is the same, nothing was
//! committed since, by this process or by another, and what is kept is what would be read again. On PostgreSQL nothing
//! tells that for less than a question of its own, so there nothing is kept.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::matching::Expected;
use crate::domain::plate::Plate;
use crate::domain::reservation::Reservation;
use crate::domain::schedule::SLOT_SECONDS;
use crate::store::{DbError, Store, Version, reservations};

use super::{Arrival, Matching};

/// So many instants are remembered: cameras ask about now, and people about a few others.
const WINDOWS: usize = 4;

/// More cars than this are not kept.
const MOST_CARS: usize = 20_000;

/// After so many questions at one version all cars are read for one that could do with a look-up: by then it pays.
const PAYS_AFTER: u32 = 8;

/// A car that is expected.
pub(super) struct Car {
    /// What it holds.
    pub reservation: Reservation,
    /// When it comes beside that.
    pub arrival: Arrival,
    /// The plate that it was booked with, where it can be read.
    booked: Option<Plate>,
}

impl Car {
    /// The key of cars leaves the region out. Two regions that are both known and differ are two cars.
    pub(super) fn is(&self, plate: &Plate) -> bool {
        self.booked.as_ref().is_none_or(|booked| booked.same_car(plate))
    }

    /// A car to be compared with reads.
    pub(super) fn expected(reservation: Reservation, arrival: Arrival) -> Expected<Self> {
        let (key, text) = (reservation.plate.clone(), reservation.plate_text.clone());
        Expected::new(&key, &text, Self { booked: Plate::parse(&text).ok(), reservation, arrival })
    }
}

/// The cars that are expected at every instant of a span.
pub(super) struct Window {
    /// UTC seconds, from the first until before the last.
    span: (i64, i64),
    /// In the order of their keys; no two have the same.
    pub cars: Vec<Expected<Car>>,
}

impl Window {
    /// The car of a key.
    pub(super) fn of(&self, key: &str) -> Option<&Expected<Car>> {
        self.cars.binary_search_by(|car| car.key.as_str().cmp(key)).ok().map(|at| &self.cars[at])
    }

    /// The cars of `around` that are expected at `instant`, each once: a car that comes between two reservations of its
    /// own comes to the one that runs, else to the next. `span` is what `around` was read for; the window's is the part
    /// of it in which nobody begins or ceases to be expected.
    fn new(around: Vec<Reservation>, instant: i64, mut span: (i64, i64), matching: &Matching) -> Self {
        let (early, late) = (matching.early, matching.late);
        let mut cars: BTreeMap<String, (Reservation, Arrival)> = BTreeMap::new();
        for reservation in around {
            let (start, end) = (reservation.range.start(), reservation.range.end());
            for change in [start - early, start, end, end + late] {
                if change <= instant {
                    span.0 = span.0.max(change);
                } else {
                    span.1 = span.1.min(change);
                }
            }
            let arrival = if start > instant && start <= instant + early {
                Arrival::Early
            } else if end <= instant && end > instant - late {
                Arrival::Late
            } else if start <= instant && instant < end {
                Arrival::OnTime
            } else {
                continue;
            };
            let rank = |arrival: Arrival| match arrival {
                Arrival::OnTime => 0,
                Arrival::Early => 1,
                Arrival::Late => 2,
            };
            match cars.get(&reservation.plate) {
                Some((_, known)) if rank(*known) <= rank(arrival) => {}
                _ => {
                    cars.insert(reservation.plate.clone(), (reservation, arrival));
                }
            }
        }
        let cars = cars.into_values().map(|(reservation, arrival)| Car::expected(reservation, arrival)).collect();
        Self { span, cars }
    }
}

/// What is kept.
#[derive(Default)]
pub struct ExpectedCars(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    version: Option<Version>,
    /// Questions at this version that found nothing kept.
    missed: u32,
    windows: VecDeque<Arc<Window>>,
}

impl ExpectedCars {
    /// How many instants are remembered.
    #[must_use]
    pub fn windows(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).windows.len()
    }

    /// What is kept for an instant at a version; and whether it pays to read it, if nothing is.
    pub(super) fn kept(&self, version: Version, instant: i64) -> Result<Arc<Window>, ItPays> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != Some(version) {
            *kept = Kept { version: Some(version), ..Kept::default() };
        }
        let found = kept.windows.iter().find(|window| (window.span.0..window.span.1).contains(&instant));
        if let Some(window) = found {
            return Ok(Arc::clone(window));
        }
        kept.missed = kept.missed.saturating_add(1);
        Err(ItPays(kept.missed > PAYS_AFTER))
    }

    /// Keeps a window that was read after the database was at this version.
    fn keep(&self, version: Version, window: &Arc<Window>) {
        if window.cars.len() > MOST_CARS {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != Some(version) {
            return;
        }
        if kept.windows.len() == WINDOWS {
            kept.windows.pop_front();
        }
        kept.windows.push_back(Arc::clone(window));
        kept.missed = 0;
    }
}

/// Whether it pays to read all cars for one question.
pub(super) struct ItPays(pub bool);

/// Reads the cars that are expected at an instant; keeps them where the version is known that the database had before.
pub(super) async fn read(
    store: &Store,
    cars: &ExpectedCars,
    matching: &Matching,
    version: Option<Version>,
    instant: i64,
) -> Result<Arc<Window>, DbError> {
    // What is kept is kept for other instants, too: for the half hour that this one is in.
    let span = if version.is_some() {
        let from = instant - instant.rem_euclid(SLOT_SECONDS);
        (from, from + SLOT_SECONDS)
    } else {
        (instant, instant + 1)
    };
    let (from, until) = (span.0 - matching.late, span.1 + matching.early);
    let around = store.read(async |conn| reservations::around(conn, from, until).await).await?;
    let window = Arc::new(Window::new(around, instant, span, matching));
    if let Some(version) = version {
        cars.keep(version, &window);
    }
    Ok(window)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::matching::Tolerance;
    use crate::domain::schedule::SlotRange;

    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: i64) -> i64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            i64::try_from(self.0 >> 33).expect("31 bits") % end
        }
    }

    const DAY: i64 = 1_774_969_200;

    /// Up to a dozen reservations of a few cars; those of one car do not overlap.
    fn drawn(numbers: &mut Numbers) -> Vec<Reservation> {
        let mut drawn: Vec<Reservation> = Vec::new();
        for number in 0..numbers.below(13) {
            let start = DAY + numbers.below(24) * 900;
            let range =
                SlotRange::from_instants(start, start + SLOT_SECONDS * (1 + numbers.below(4))).expect("a range");
            let plate = format!("12가345{}", numbers.below(6));
            let overlaps = |other: &Reservation| {
                other.plate == plate && other.range.start() < range.end() && range.start() < other.range.end()
            };
            if !drawn.iter().any(overlaps) {
                drawn.push(Reservation {
                    id: number.to_string(),
                    bay: number,
                    plate_text: plate.clone(),
                    plate,
                    range,
                    contact_email: None,
                    account: None,
                    cancelled_at: None,
                });
            }
        }
        drawn.sort_by_key(|reservation| reservation.range.start());
        drawn
    }

    /// As `reservations::around`.
    fn around(all: &[Reservation], from: i64, until: i64) -> Vec<Reservation> {
        let slots = |reservation: &Reservation| {
            reservation.range.slots().any(|slot| slot > from - SLOT_SECONDS && slot < until)
        };
        all.iter().filter(|reservation| slots(reservation)).cloned().collect()
    }

    fn seen(window: &Window) -> Vec<(String, String, Arrival)> {
        let seen = |car: &Expected<Car>| (car.key.clone(), car.id.reservation.id.clone(), car.id.arrival);
        window.cars.iter().map(seen).collect()
    }

    /// A window that was read for one instant says of every other in its span what would be read for that.
    #[test]
    fn a_window_is_right_for_every_instant_of_its_span() {
        let mut numbers = Numbers(0x6a61_7269);
        let mut checked = 0;
        while checked < 100_000 {
            let all = drawn(&mut numbers);
            let (early, late) = (numbers.below(7) * 450, numbers.below(5) * 450);
            let matching = Matching { early, late, tolerance: Tolerance::default() };
            let instant = DAY - 3_600 + numbers.below(12 * 3_600);
            let from = instant - instant.rem_euclid(SLOT_SECONDS);
            let span = (from, from + SLOT_SECONDS);
            let window = Window::new(around(&all, span.0 - late, span.1 + early), instant, span, &matching);
            assert!(window.span.0 <= instant && instant < window.span.1);
            let (first, last) = (window.span.0, window.span.1 - 1);
            let between = first + numbers.below(last - first + 1);
            for other in [instant, first, last, between] {
                let alone = around(&all, other - late, other + early + 1);
                let alone = Window::new(alone, other, (other, other + 1), &matching);
                assert_eq!(seen(&window), seen(&alone), "{other} of {:?}", window.span);
                checked += 1;
            }
        }
    }

    #[test]
    fn what_is_kept_is_kept_at_one_version_only() {
        let cars = ExpectedCars::default();
        let matching = Matching { early: 0, late: 0, tolerance: Tolerance::default() };
        let (one, two) = (Version::of_a_test(1), Version::of_a_test(2));
        let window = || Arc::new(Window::new(Vec::new(), DAY, (DAY, DAY + SLOT_SECONDS), &matching));
        assert!(matches!(cars.kept(one, DAY), Err(ItPays(false))));
        cars.keep(one, &window());
        assert!(cars.kept(one, DAY + SLOT_SECONDS - 1).is_ok());
        assert!(cars.kept(one, DAY + SLOT_SECONDS).is_err());
        assert!(cars.kept(two, DAY).is_err());
        // What was read before the last change comes too late.
        cars.keep(one, &window());
        assert!(cars.kept(two, DAY).is_err());
        for _ in 0..PAYS_AFTER {
            assert!(cars.kept(two, DAY).is_err());
        }
        assert!(matches!(cars.kept(two, DAY), Err(ItPays(true))));
        for _ in 0..10 {
            cars.keep(two, &window());
        }
        assert_eq!(cars.windows(), WINDOWS);
    }
}
