use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn schedule(zone: &str, hours: &str) -> Schedule {
    Schedule::new(TimeZone::get(zone).unwrap(), hours.parse().unwrap(), 60)
}

fn all_day(zone: &str) -> Schedule {
    schedule(zone, "00:00-24:00")
}

fn time(text: &str) -> TimeOfDay {
    text.parse().unwrap()
}

fn book(schedule: &Schedule, date: Date, start: &str, end: &str) -> Result<SlotRange, ScheduleError> {
    schedule.range(date, time(start), time(end))
}

fn utc(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

fn shown(schedule: &Schedule, range: &SlotRange) -> String {
    let LocalRange { date, start, end } = schedule.local(range);
    format!("{date} {start}-{end}")
}

/// Every half hour of a day that can be booked, in order.
fn half_hours(schedule: &Schedule, date: Date) -> Vec<SlotRange> {
    (0..48_u16)
        .filter_map(|slot| {
            let at = |slot| TimeOfDay::from_minutes(slot * 30).unwrap();
            schedule.range(date, at(slot), at(slot + 1)).ok()
        })
        .collect()
}

fn assert_tiles(schedule: &Schedule, date: Date) {
    let (from, to) = schedule.day_bounds(date);
    let mut reached = from;
    for range in half_hours(schedule, date) {
        assert_eq!(range.start(), reached, "{date}");
        reached = range.end();
    }
    assert_eq!(reached, to, "{date}");
}

#[test]
fn times_of_day_are_read_and_written() {
    for (text, minutes, written) in [
        ("00:00", 0, "00:00"),
        ("9:00", 540, "09:00"),
        ("09:30", 570, "09:30"),
        ("23:59", 1439, "23:59"),
        ("24:00", 1440, "24:00"),
    ] {
        assert_eq!((time(text).minutes(), time(text).to_string().as_str()), (minutes, written));
    }
    for text in [
        "", ":", "9", "9:0", "009:00", "09:00:00", "24:30", "25:00", "12:60", "-1:00", "+9:00", "9:+1", " 9:00",
        "09.00", "٠٩:00", "9:00am",
    ] {
        assert_eq!(text.parse::<TimeOfDay>(), Err(TimeError), "{text:?}");
    }
    assert_eq!(TimeOfDay::from_minutes(1440), Some(TimeOfDay::MIDNIGHT_AFTER));
    assert_eq!(TimeOfDay::from_minutes(1441), None);
}

#[test]
fn opening_hours_are_two_half_hours_in_order() {
    for (text, written) in
        [("09:00-22:00", "09:00-22:00"), (" 9:00 - 22:30 ", "09:00-22:30"), ("00:00-24:00", "00:00-24:00")]
    {
        assert_eq!(text.parse::<OpeningHours>().unwrap().to_string(), written);
    }
    for (text, error) in [
        ("", HoursError::NotTwoTimes),
        ("09:00", HoursError::NotTwoTimes),
        ("09:00-", HoursError::NotTwoTimes),
        ("09:00-22:00-23:00", HoursError::NotTwoTimes),
        ("9-22", HoursError::NotTwoTimes),
        ("09:15-22:00", HoursError::NotOnHalfHour),
        ("09:00-21:45", HoursError::NotOnHalfHour),
        ("22:00-06:00", HoursError::CloseNotAfterOpen),
        ("09:00-09:00", HoursError::CloseNotAfterOpen),
    ] {
        assert_eq!(text.parse::<OpeningHours>(), Err(error), "{text:?}");
    }
}

#[test]
fn dates_are_strict() {
    assert_eq!(parse_date("2026-04-01"), Ok(date(2026, 4, 1)));
    assert_eq!(parse_date("2000-02-29"), Ok(date(2000, 2, 29)));
    assert_eq!(parse_date("2100-12-31"), Ok(date(2100, 12, 31)));
    for text in [
        "",
        "2026-4-1",
        "20260401",
        "2026-02-29",
        "2100-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-01-32",
        " 2026-04-01",
        "2026-04-01 ",
        "2026-04-01T00:00",
        "2026/04/01",
        "+026-04-01",
        "-026-04-01",
        "2026-04-0１",
        "tomorrow!!",
    ] {
        assert_eq!(parse_date(text), Err(DateError::NotADate), "{text:?}");
    }
    for text in ["1999-12-31", "2101-01-01", "0000-01-01", "9999-12-31"] {
        assert_eq!(parse_date(text), Err(DateError::YearOutOfRange), "{text:?}");
    }
}

#[test]
fn what_exists_of_a_slot_range_is_valid() {
    let range = SlotRange::from_instants(0, 3600).unwrap();
    assert_eq!(range.slots().collect::<Vec<_>>(), [0, 1800]);
    assert!(range.contains(0) && range.contains(3599) && !range.contains(3600) && !range.contains(-1));
    assert!(SlotRange::from_instants(900, 2700).is_ok());
    assert!(SlotRange::from_instants(-1800, 0).is_ok());
    assert!(SlotRange::from_instants(0, MAX_SLOTS * SLOT_SECONDS).is_ok());
    for (start, end, error) in [
        (0, 0, RangeError::EndNotAfterStart),
        (1800, 0, RangeError::EndNotAfterStart),
        (1, 1801, RangeError::NotOnSlots),
        (0, 900, RangeError::NotOnSlots),
        (0, 1801, RangeError::NotOnSlots),
        (0, (MAX_SLOTS + 1) * SLOT_SECONDS, RangeError::TooLong),
        (i64::MIN, i64::MAX, RangeError::TooLong),
    ] {
        assert_eq!(SlotRange::from_instants(start, end), Err(error));
    }
}

#[test]
fn ranges_that_touch_do_not_overlap() {
    let range = |start, end| SlotRange::from_instants(start, end).unwrap();
    assert!(!range(0, 1800).overlaps(&range(1800, 3600)));
    assert!(!range(1800, 3600).overlaps(&range(0, 1800)));
    assert!(range(0, 3600).overlaps(&range(1800, 5400)));
    assert!(range(0, 5400).overlaps(&range(1800, 3600)));
    assert!(range(0, 1800).overlaps(&range(900, 2700)));
}

#[test]
fn seoul_is_nine_hours_ahead_all_year() {
    let seoul = schedule("Asia/Seoul", "09:00-22:00");
    let day = date(2026, 4, 1);
    let range = book(&seoul, day, "9:00", "10:00").unwrap();
    assert_eq!((range.start(), range.end()), (utc("2026-04-01T00:00:00Z"), utc("2026-04-01T01:00:00Z")));
    assert_eq!(range.slots().count(), 2);
    assert_eq!(shown(&seoul, &range), "2026-04-01 09:00-10:00");
    assert_eq!(seoul.day_bounds(day), (utc("2026-03-31T15:00:00Z"), utc("2026-04-01T15:00:00Z")));
    assert_eq!(seoul.today(utc("2026-03-31T14:59:59Z")), date(2026, 3, 31));
    assert_eq!(seoul.today(utc("2026-03-31T15:00:00Z")), day);
    assert_eq!(seoul.last_bookable_day(utc("2026-04-01T00:00:00Z")), date(2026, 5, 31));
}

#[test]
fn refusals_come_in_the_order_of_the_contract() {
    let seoul = schedule("Asia/Seoul", "09:00-22:00");
    for (start, end, error) in [
        ("08:15", "08:15", ScheduleError::EndNotAfterStart),
        ("10:00", "09:00", ScheduleError::EndNotAfterStart),
        ("08:15", "23:00", ScheduleError::NotOnHalfHour),
        ("10:00", "10:45", ScheduleError::NotOnHalfHour),
        ("08:30", "23:00", ScheduleError::StartOutsideHours),
        ("08:30", "09:30", ScheduleError::StartOutsideHours),
        ("22:00", "22:30", ScheduleError::StartOutsideHours),
        ("21:30", "22:30", ScheduleError::EndAfterClose),
        ("21:30", "24:00", ScheduleError::EndAfterClose),
    ] {
        assert_eq!(book(&seoul, date(2026, 4, 1), start, end), Err(error), "{start}-{end}");
    }
    assert!(book(&seoul, date(2026, 4, 1), "09:00", "22:00").is_ok());
}

#[test]
fn a_slot_that_has_begun_is_past_and_the_horizon_counts_local_days() {
    let seoul = schedule("Asia/Seoul", "09:00-22:00");
    let range = book(&seoul, date(2026, 4, 1), "09:00", "10:00").unwrap();
    assert_eq!(seoul.check_bookable(&range, range.start()), Ok(()));
    assert_eq!(seoul.check_bookable(&range, range.start() + 1), Err(ScheduleError::InThePast));
    // Sixty days before, the local day begins at 15:00 UTC.
    let first = utc("2026-01-30T15:00:00Z");
    assert_eq!(seoul.check_bookable(&range, first), Ok(()));
    assert_eq!(seoul.check_bookable(&range, first - 1), Err(ScheduleError::BeyondHorizon));
    let today_only = Schedule::new(TimeZone::UTC, "00:00-24:00".parse().unwrap(), 0);
    let tomorrow = book(&today_only, date(2026, 4, 2), "00:00", "00:30").unwrap();
    assert_eq!(today_only.check_bookable(&tomorrow, tomorrow.start() - 1), Err(ScheduleError::BeyondHorizon));
}

#[test]
fn in_new_york_a_skipped_hour_is_refused_and_its_first_minute_ends_a_booking() {
    let new_york = all_day("America/New_York");
    let day = date(2026, 3, 8);
    let change = utc("2026-03-08T07:00:00Z");
    let before = book(&new_york, day, "01:30", "02:00").unwrap();
    assert_eq!((before.start(), before.end()), (change - 1800, change));
    assert_eq!(shown(&new_york, &before), "2026-03-08 01:30-03:00");
    assert_eq!(book(&new_york, day, "01:30", "03:00"), Ok(before));
    let after = book(&new_york, day, "03:00", "03:30").unwrap();
    assert_eq!(after.start(), change);
    for (start, end) in [("02:00", "03:00"), ("02:00", "02:30"), ("01:30", "02:30"), ("02:30", "04:00")] {
        assert_eq!(book(&new_york, day, start, end), Err(ScheduleError::TimeSkipped), "{start}-{end}");
    }
    let (from, to) = new_york.day_bounds(day);
    assert_eq!(to - from, 23 * 3600);
    assert_tiles(&new_york, day);
}

#[test]
fn in_new_york_a_repeated_hour_belongs_to_the_half_hour_before_two() {
    let new_york = all_day("America/New_York");
    let day = date(2026, 11, 1);
    let first_one = utc("2026-11-01T05:00:00Z");
    let ranges = [("00:30", "01:00", 1), ("01:00", "01:30", 1), ("01:30", "02:00", 3), ("02:00", "02:30", 1)];
    let booked: Vec<_> = ranges.map(|(start, end, _)| book(&new_york, day, start, end).unwrap()).into();
    assert_eq!(booked[1].start(), first_one);
    for (range, (start, end, slots)) in booked.iter().zip(ranges) {
        assert_eq!(range.slots().count(), slots);
        assert_eq!(shown(&new_york, range), format!("2026-11-01 {start}-{end}"));
    }
    assert_eq!(book(&new_york, day, "00:00", "24:00").unwrap().slots().count(), 50);
    assert_tiles(&new_york, day);
}

#[test]
fn lord_howe_moves_its_clock_by_half_an_hour() {
    let island = all_day("Australia/Lord_Howe");
    let (spring, autumn) = (date(2026, 10, 4), date(2026, 4, 5));
    let length = |day| {
        let (from, to) = island.day_bounds(day);
        (to - from) / SLOT_SECONDS
    };
    assert_eq!((length(spring), length(autumn)), (47, 49));
    assert_eq!(book(&island, spring, "02:00", "02:30"), Err(ScheduleError::TimeSkipped));
    assert_eq!(book(&island, spring, "01:30", "02:00").unwrap().slots().count(), 1);
    assert_eq!(book(&island, autumn, "01:30", "02:00").unwrap().slots().count(), 2);
    assert_tiles(&island, spring);
    assert_tiles(&island, autumn);
}

#[test]
fn in_cairo_a_day_can_begin_at_one() {
    let cairo = all_day("Africa/Cairo");
    let (thursday, friday) = (date(2024, 4, 25), date(2024, 4, 26));
    let change = utc("2024-04-25T22:00:00Z");
    assert_eq!(cairo.day_bounds(friday), (change, utc("2024-04-26T21:00:00Z")));
    assert_eq!(cairo.day_bounds(thursday).1, change);
    let last = book(&cairo, thursday, "23:30", "24:00").unwrap();
    assert_eq!(last.end(), change);
    assert_eq!(shown(&cairo, &last), "2024-04-25 23:30-24:00");
    assert_eq!(book(&cairo, friday, "00:00", "01:00"), Err(ScheduleError::TimeSkipped));
    assert_eq!(book(&cairo, friday, "01:00", "01:30").unwrap().start(), change);
    assert_tiles(&cairo, thursday);
    assert_tiles(&cairo, friday);
}

#[test]
fn in_cairo_the_last_hour_of_a_day_can_come_twice() {
    let cairo = all_day("Africa/Cairo");
    let thursday = date(2024, 10, 31);
    let last = book(&cairo, thursday, "23:30", "24:00").unwrap();
    assert_eq!(last.slots().count(), 3);
    assert_eq!(shown(&cairo, &last), "2024-10-31 23:30-24:00");
    assert_tiles(&cairo, thursday);
}

#[test]
fn kathmandu_books_on_the_quarter_hours_of_utc() {
    let kathmandu = schedule("Asia/Kathmandu", "09:00-22:00");
    let range = book(&kathmandu, date(2026, 4, 1), "09:00", "10:00").unwrap();
    assert_eq!(range.start(), utc("2026-04-01T03:15:00Z"));
    assert_eq!(range.slots().collect::<Vec<_>>(), [range.start(), range.start() + 1800]);
    assert_eq!(shown(&kathmandu, &range), "2026-04-01 09:00-10:00");
}

#[test]
fn chatham_changes_its_clock_in_the_middle_of_a_half_hour() {
    let chatham = all_day("Pacific/Chatham");
    let day = date(2026, 9, 27);
    let across = book(&chatham, day, "02:30", "03:00").unwrap();
    assert_eq!(across.slots().count(), 1);
    assert_eq!(shown(&chatham, &across), "2026-09-27 02:30-04:00");
    assert_eq!(book(&chatham, day, "04:00", "04:30").unwrap().start(), across.end());
    assert_eq!(book(&chatham, day, "02:30", "03:30"), Err(ScheduleError::TimeSkipped));
    assert_tiles(&chatham, day);
}

#[test]
fn in_nuuk_the_change_of_2023_that_kept_the_offset_repeats_no_hour() {
    let nuuk = all_day("America/Nuuk");
    let range = book(&nuuk, date(2023, 10, 28), "23:00", "24:00").unwrap();
    assert_eq!((range.start(), range.slots().count()), (utc("2023-10-29T01:00:00Z"), 2));
}

#[test]
fn a_day_that_a_zone_jumped_over_is_empty() {
    let samoa = all_day("Pacific/Apia");
    let (from, to) = samoa.day_bounds(date(2011, 12, 30));
    assert_eq!(from, to);
    assert_eq!(book(&samoa, date(2011, 12, 30), "09:00", "10:00"), Err(ScheduleError::TimeSkipped));
}

#[test]
fn a_day_begins_at_the_change_even_where_midnight_lies_inside_the_gap() {
    let toronto = all_day("America/Toronto");
    // 1919: the clock went from 23:30 on March 30 to 00:30 on March 31.
    let (from, _) = toronto.day_bounds(date(1919, 3, 31));
    assert_eq!(from, utc("1919-03-31T04:30:00Z"));
    assert_eq!(toronto.day_bounds(date(1919, 3, 30)).1, from);
}

#[test]
fn a_zone_off_the_quarter_hours_has_no_slots() {
    let odd = Schedule::new(TimeZone::fixed(Offset::from_seconds(67 * 60).unwrap()), "00:00-24:00".parse().unwrap(), 1);
    assert_eq!(book(&odd, date(2026, 4, 1), "09:00", "10:00"), Err(ScheduleError::NotOnHalfHour));
}

#[test]
fn a_range_across_midnight_ends_at_the_plain_time() {
    let seoul = all_day("Asia/Seoul");
    let midnight = seoul.day_bounds(date(2026, 4, 2)).0;
    let imported = SlotRange::from_instants(midnight - 1800, midnight + 1800).unwrap();
    assert_eq!(shown(&seoul, &imported), "2026-04-01 23:30-00:30");
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let schedule = all_day("America/New_York");
    for now in [i64::MIN, i64::MAX, -1, 0] {
        let _ = (schedule.today(now), schedule.last_bookable_day(now), slot_candidates(now));
    }
    for day in [Date::MIN, Date::MAX] {
        let (from, to) = schedule.day_bounds(day);
        assert!(from <= to);
        let _ = book(&schedule, day, "00:00", "24:00");
    }
}

const ZONES: [&str; 14] = [
    "Asia/Seoul",
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Havana",
    "Antarctica/Troll",
    "America/Nuuk",
    "Asia/Beirut",
    "Atlantic/Azores",
    "Asia/Gaza",
];

/// A zone and a date; as often as not a date on which the zone's clock changes, or a neighbour of one.
fn zone_and_date() -> impl Strategy<Value = (&'static str, Date)> {
    (prop::sample::select(&ZONES[..]), 0..32_000_i64, any::<bool>(), -1..=1_i64).prop_map(
        |(zone, day, change, near)| {
            let any_day = date(2012, 1, 1).saturating_add(day.days());
            let tz = TimeZone::get(zone).unwrap();
            let from = any_day.to_zoned(TimeZone::UTC).unwrap().timestamp();
            match tz.following(from).next().filter(|_| change) {
                Some(next) => (zone, tz.to_datetime(next.timestamp()).date().saturating_add(near.days())),
                None => (zone, any_day),
            }
        },
    )
}

proptest! {
    #[test]
    fn a_range_shown_and_booked_again_is_the_same_range(
        (zone, day) in zone_and_date(), start in 0..48_u16, length in 1..=48_u16
    ) {
        let schedule = all_day(zone);
        let at = |slot: u16| TimeOfDay::from_minutes(slot.min(48) * 30).unwrap();
        if let Ok(range) = schedule.range(day, at(start), at(start + length)) {
            let local = schedule.local(&range);
            prop_assert_eq!(local.date, day);
            prop_assert_eq!(local.start, at(start));
            prop_assert_eq!(schedule.range(local.date, local.start, local.end), Ok(range));
            prop_assert_eq!(range.start() % 900, 0);
            prop_assert_eq!(range.start() + SLOT_SECONDS * i64::try_from(range.slots().count()).unwrap(), range.end());
            let (from, to) = schedule.day_bounds(day);
            prop_assert!(from <= range.start() && range.end() <= to);
        }
    }

    #[test]
    fn the_half_hours_of_a_day_tile_it((zone, day) in zone_and_date()) {
        let schedule = all_day(zone);
        assert_tiles(&schedule, day);
        let ranges = half_hours(&schedule, day);
        for (i, a) in ranges.iter().enumerate() {
            prop_assert!(ranges[i + 1..].iter().all(|b| !a.overlaps(b)));
        }
    }

    #[test]
    fn days_follow_one_another((zone, day) in zone_and_date()) {
        let schedule = all_day(zone);
        let (from, to) = schedule.day_bounds(day);
        prop_assert_eq!(schedule.day_bounds(day.tomorrow().unwrap()).0, to);
        prop_assert_eq!(schedule.today(from), day);
        prop_assert_eq!(schedule.today(to - 1), day);
    }

    #[test]
    fn one_of_the_two_candidates_is_the_slot_of_an_instant(
        (zone, day) in zone_and_date(), start in 0..48_u16, second in 0..SLOT_SECONDS
    ) {
        let schedule = all_day(zone);
        let at = |slot: u16| TimeOfDay::from_minutes(slot * 30).unwrap();
        if let Ok(range) = schedule.range(day, at(start), at(start + 1)) {
            for slot in range.slots() {
                let candidates = slot_candidates(slot + second);
                prop_assert!(candidates.contains(&slot));
                prop_assert!(candidates.iter().all(|&c| c <= slot + second && slot + second < c + SLOT_SECONDS));
            }
        }
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>(), near in "[0-9:. -]{0,12}") {
        for text in [&text, &near] {
            let _ = (text.parse::<TimeOfDay>(), text.parse::<OpeningHours>(), parse_date(text));
        }
    }
}
