//! Policies of matching beside each other, on drawn fleets and a drawn reader: who is let in, and who is let in wrongly.
//!
//! The thresholds were tuned on seeds below 100; the seed here is another.

use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use jari::domain::matching::{self, Expected, Tolerance};

use crate::simulation::Random;
use crate::simulation::fleet::car;
use crate::simulation::policy::Policy;
use crate::simulation::reader::{Reader, Tells};
use crate::simulation::trial::Trial;

const SEED: u64 = 20_260_401;
const READS: usize = 20_000;
const BEGIN: &str = "<!-- figures: begin (make docs-matching) -->\n";
const END: &str = "<!-- figures: end -->";

const POLICIES: [(&str, Policy, Tells); 7] = [
    ("exact", Policy::Exact, Tells::Nothing),
    ("last four digits", Policy::LastFour, Tells::Nothing),
    ("first within one", Policy::FirstWithinOne, Tells::Nothing),
    ("Hangul dropped", Policy::HangulDropped, Tells::Nothing),
    ("ours", Policy::Ours, Tells::Nothing),
    ("ours, confidences", Policy::Ours, Tells::Confidences),
    ("ours, 5 candidates", Policy::Ours, Tells::Candidates),
];

pub fn run() {
    let tables = format!("{}\n{}\n{}", policies(), readers(), speed());
    println!("{tables}");
    if std::env::args().any(|argument| argument == "--write-docs") {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/matching.md");
        let text = std::fs::read_to_string(&page).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        std::fs::write(page, format!("{before}{BEGIN}\n{tables}\n{END}{after}")).unwrap();
    }
}

fn trial(policy: Policy, tells: Tells, expected: usize) -> Trial {
    let (reader, tolerance) = (Reader::default(), Tolerance::default());
    Trial { policy, reader, tells, tolerance, expected, twins: 0.0, seed: SEED, reads: READS }
}

fn policies() -> String {
    let mut table = format!(
        "{READS} reads a figure. Twins: half of the expected plates have a twin that is booked too.\n\n\
         | policy | expected | right | right, twins | wrong, twins | stranger in | twin stranger in | guests to a person | strangers to a person |\n\
         |---|---|---|---|---|---|---|---|---|\n"
    );
    for (name, policy, tells) in POLICIES {
        for expected in [4, 40, 400] {
            let plain = trial(policy, tells, expected);
            let (guests, strangers) = (plain.guests(), plain.strangers());
            let (twins, near) = (Trial { twins: 0.5, ..plain }.guests(), plain.twin_strangers());
            writeln!(
                table,
                "| {name} | {expected} | {:.3} | {:.3} | {:.4} | {:.5} | {:.3} | {:.3} | {:.3} |",
                guests.right, twins.right, twins.wrong, strangers.wrong, near.wrong, guests.review, strangers.review
            )
            .unwrap();
        }
    }
    table
}

fn readers() -> String {
    let mut table = "Other readers and other streets, 40 expected:\n\n\
         | | exact: right | exact: wrong | ours: right | ours: wrong | ours: stranger in | with confidences: right | wrong |\n\
         |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let usual = Reader::default();
    let times = |factor: f64| Reader {
        digit: usual.digit * factor,
        syllable: usual.syllable * factor,
        lost_first: usual.lost_first * factor,
        ..usual
    };
    for (name, reader, twins) in [
        ("as above", usual, 0.0),
        ("a third of the errors", times(1.0 / 3.0), 0.0),
        ("twice the errors", times(2.0), 0.0),
        ("errors that follow no table", Reader { confusable: 0.0, ..usual }, 0.0),
        ("half of the plates have a booked twin", usual, 0.5),
        ("nearly every plate has a booked twin", usual, 0.98),
    ] {
        let of = |policy, tells| Trial { reader, twins, ..trial(policy, tells, 40) };
        let exact = of(Policy::Exact, Tells::Nothing).guests();
        let ours = of(Policy::Ours, Tells::Nothing);
        let (guests, strangers) = (ours.guests(), ours.strangers());
        let sure = of(Policy::Ours, Tells::Confidences).guests();
        writeln!(
            table,
            "| {name} | {:.3} | {:.4} | {:.3} | {:.4} | {:.5} | {:.3} | {:.4} |",
            exact.right, exact.wrong, guests.right, guests.wrong, strangers.wrong, sure.right, sure.wrong
        )
        .unwrap();
    }
    table
}

/// Microseconds a decision, the median of many.
fn speed() -> String {
    let mut random = Random::new(SEED);
    let mut medians = Vec::new();
    for tells in [Tells::Nothing, Tells::Candidates] {
        for size in [40, 400] {
            let plates: Vec<_> = (0..size).map(|_| car(&mut random)).collect();
            let expected: Vec<_> = plates.iter().map(|plate| Expected::of(plate, ())).collect();
            let mut times: Vec<f64> = (0..4000)
                .map(|number| {
                    let read = Reader::default().read(&mut random, &plates[number % size], tells);
                    let began = Instant::now();
                    black_box(matching::decide(black_box(&read), &expected, &Tolerance::default()));
                    began.elapsed().as_secs_f64() * 1e6
                })
                .collect();
            times.sort_by(f64::total_cmp);
            medians.push(times[times.len() / 2]);
        }
    }
    format!(
        "A decision with its explanation takes {:.0} µs with 40 expected plates and {:.0} µs with 400 (medians); with five\n\
         candidates {:.0} µs and {:.0} µs.\n",
        medians[0], medians[1], medians[2], medians[3]
    )
}
