//! A site to be measured: real settings, a real file, more room than any benchmark books.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jari::app;
use jari::clock::Clock;
use jari::config::{self, Sources};
use jari::domain::account::Actor;
use jari::domain::plate::Plate;
use jari::service::booking::{BayChoice, Booking};
use jari::service::{Caller, Site, bays};
use jiff::civil::Date;

/// Bays of every site that is measured.
pub const BAYS: usize = 100;

/// 2026-03-31 15:00 UTC: midnight of 2026-04-01 in Seoul.
pub const MIDNIGHT: i64 = 1_774_969_200;

/// Hours of a day that are booked: every one, the sites never close.
const HOURS: usize = 24;

/// The folder on the disk whose commits are measured.
pub fn disk() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Opens a site over a database that may be empty, and sees to it that it has its bays.
pub async fn open(database_url: &str) -> Arc<Site> {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let flags =
        [set("DATABASE_URL", database_url), set("OPENING_HOURS", "00:00-24:00"), set("BOOKING_HORIZON_DAYS", "366")];
    let config = config::load(Sources { flags: &flags, ..Sources::default() }).unwrap();
    let site = Arc::new(app::open_site(&config, Clock::standing_at(MIDNIGHT)).await.unwrap());
    let caller = Caller::command_line();
    for number in bays::list(&site, &caller).await.unwrap().len()..BAYS {
        bays::add(&site, &caller, format!("bay {number}"), None).await.unwrap();
    }
    site
}

/// A caller whom the policy lets do everything.
pub fn caller() -> Caller {
    Caller { actor: Actor::Administrator, ..Caller::command_line() }
}

/// The `number`th booking of a site: each has another bay, hour or day, and another car. Nobody books in the order of
/// bays and hours, so within a week these come in none.
pub fn booking(number: usize) -> Booking {
    let text = plate(number);
    let number = scattered(number, WEEK);
    let hour = u16::try_from(number / BAYS % HOURS).unwrap();
    let time = |minutes| jari::domain::schedule::TimeOfDay::from_minutes(minutes).unwrap();
    Booking {
        bay: BayChoice::Bay(i64::try_from(number % BAYS).unwrap() + 1),
        plate: Plate::parse(&text).unwrap(),
        plate_text: text,
        date: day(number / (BAYS * HOURS)),
        times: vec![(time(hour * 60), time(hour * 60 + 60))],
        contact_email: None,
        override_reason: None,
    }
}

fn day(number: usize) -> Date {
    jiff::civil::date(2026, 4, 1).saturating_add(jiff::Span::new().days(i64::try_from(number).unwrap()))
}

/// Bookings of a week.
pub const WEEK: usize = BAYS * HOURS * 7;

/// The place of a number among its block of `block` numbers, in no order: each place once.
pub fn scattered(number: usize, block: usize) -> usize {
    // A prime that divides no block: its multiples visit every place of a block.
    number / block * block + number % block * 7_368_787 % block
}

/// Another plate for each number up to 28,000,000, in no order.
pub fn plate(number: usize) -> String {
    const SYLLABLES: [char; 32] = [
        '가', '나', '다', '라', '마', '거', '너', '더', '러', '머', '고', '노', '도', '로', '모', '구', '누', '두',
        '루', '무', '버', '서', '어', '저', '보', '소', '오', '조', '부', '수', '우', '주',
    ];
    let number = scattered(number, 28_000_000);
    let syllable = SYLLABLES[number % SYLLABLES.len()];
    format!("{}{syllable}{:04}", 100 + number / SYLLABLES.len() / 9_999 % 900, number / SYLLABLES.len() % 9_999 + 1)
}

/// The value in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value that `share` of all stay below.
pub fn percentile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of a list")]
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 values")]
    let index = ((values.len() as f64 - 1.0) * share) as usize;
    values[index]
}
