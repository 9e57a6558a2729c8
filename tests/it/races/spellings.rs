//! One car under many spellings of its plate.

use std::collections::HashSet;

use serde_json::json;

use super::{Tally, at_once, create, expect_consistent, half_hour, post, rounds};
use crate::harness::{Answer, Server, both_engines};

/// Ways to write `12가3456`. Fourteen of the first sixteen booked a second bay at the server this one replaces.
const PRIVATE: [&str; 32] = [
    "12가3456",
    "１２가３４５６",                 // full width
    "12\u{1100}\u{1161}3456",         // NFD: conjoining jamo
    "12\u{1100}\u{200B}\u{1161}3456", // conjoining jamo kept apart by a zero-width space
    "12\u{FFA1}\u{FFC2}3456",         // half-width jamo
    "12가\u{200B}3456",               // zero-width space
    "12\u{200D}가3456",               // zero-width joiner
    "\u{FEFF}12가3456",               // byte order mark
    "12가\u{00AD}3456",               // soft hyphen
    "12가-3456",                      // hyphen
    "12가.3456",                      // dot
    "12가·3456",                      // middle dot
    "12가ㆍ3456",                     // the middle dot of Korean keyboards
    "\u{202E}12가3456",               // right-to-left override
    "\u{2067}12가3456\u{2069}",       // right-to-left isolate
    "12가\u{FE0F}3456",               // variation selector
    "1\u{FE0F}\u{20E3}2가3456",       // keycap
    "١٢가٣٤٥٦",                       // Arabic-Indic digits
    "१२가३४५६",                       // Devanagari digits
    "𝟏𝟐가𝟑𝟒𝟓𝟔",                       // mathematical bold digits
    "①②가③④⑤⑥",                       // circled digits
    "12가\u{3164}3456",               // Hangul filler
    "12가\u{115F}3456",               // Hangul choseong filler
    "12가\u{3000}3456",               // ideographic space
    "12가\u{00A0}3456",               // no-break space
    "\t12가\t3456\t",                 // tabs
    " 1 2 가 3 4 5 6 ",               // spaces everywhere
    "l2가34S6",                       // look-alikes of digits
    "12가–3456",                      // en dash
    "[12가] (3456)",                  // brackets
    "12_가_3456",                     // underscores
    "12\u{E0020}가3456",              // a tag character
];

/// Ways to write `서울32바1004`, with and without its region.
const COMMERCIAL: [&str; 12] = [
    "서울32바1004",
    "32바1004",
    "서울 32 바 1004",
    "서울특별시 32바 1004",
    "서울시32바1004",
    "서울\u{200B}32바1004",
    "서울-32-바-1004",
    "３２바１００４",
    "서울32바1OO4",
    "32바1oo4",
    "32바l004",
    "\u{1109}\u{1165}\u{110B}\u{116E}\u{11AF}32\u{1107}\u{1161}1004",
];

both_engines! {
    async fn one_car_has_one_booking_however_its_plate_is_written(engine: Engine) {
        let server = Server::start(engine).await;
        let more_bays = (5..=PRIVATE.len()).map(|bay| post(&server, "/api/bays", &json!({"name": format!("bay {bay}")})));
        for request in more_bays.collect::<Vec<_>>() {
            Answer::of(request).await.expect(201);
        }
        let rounds = rounds(50, 5);
        let mut all = Tally::default();
        for (spellings, offset) in [(&PRIVATE[..], 0), (&COMMERCIAL[..], rounds)] {
            let different: HashSet<_> = spellings.iter().collect();
            assert_eq!(different.len(), spellings.len());
            for round in 0..rounds {
                // Another bay is first in each round, so that each spelling wins at some time.
                let bay = |number: usize| (number + round) % spellings.len() + 1;
                let requests = spellings.iter().enumerate();
                let requests = requests.map(|(number, plate)| create(&server, bay(number), plate, &half_hour(offset + round)));
                let tally = Tally::of(&at_once(requests).await);
                tally.expect(&[("201", 1), ("plate_taken", spellings.len() - 1)]);
                all.add(tally);
            }
        }
        println!(
            "one car in {} and {} spellings at as many bays, {rounds} rounds each, {engine:?}: {} booked ({}), {} refused plate_taken, p99 {:?}",
            PRIVATE.len(), COMMERCIAL.len(), all.count("201"), 2 * rounds, all.count("plate_taken"), all.p99(),
        );
        expect_consistent(&server).await;
    }
}
