use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

/// 2026-04-01T01:02:03Z.
const SAMPLE: i64 = 1_775_005_323;

#[test]
fn every_dress_of_one_instant_is_read() {
    for text in [
        "2026-04-01T01:02:03Z",
        "2026-04-01T01:02:03z",
        "2026-04-01t01:02:03Z",
        "2026-04-01 01:02:03Z",
        "2026-04-01 01:02:03",
        "2026-04-01T01:02:03",
        "2026-04-01T10:02:03+09:00",
        "2026-04-01T10:02:03+0900",
        "2026-04-01T10:02:03+09",
        "2026-04-01 10:02:03 +09:00",
        "2026-03-31T20:32:03-04:30",
        "2026-04-01T01:02:03-00:00",
        "2026-04-01T01:02:03.999Z",
        "2026-04-01T01:02:03,5Z",
        "2026-04-01T01:02:03.123456789012345Z",
        "2026-04-01T10:02:03.25+09:00",
        "20260401T010203Z",
        "20260401T100203+0900",
        "20260401T010203.5Z",
        "20260401T010203",
        "20260401T01:02:03Z",
        "  2026-04-01T01:02:03Z\n",
        "1775005323",
        "+1775005323",
        "1775005323.999",
        "1775005323000",
        "1775005323999",
        "1775005323999.999",
        "0001775005323",
    ] {
        assert_eq!(parse_text(text), Ok(SAMPLE), "{text:?}");
    }
    assert_eq!(parse_number(1_775_005_323.5), Ok(SAMPLE));
    assert_eq!(parse_number(1_775_005_323_999.5), Ok(SAMPLE));
    assert_eq!(parse_integer(SAMPLE), Ok(SAMPLE));
    assert_eq!(parse_integer(SAMPLE * 1000 + 999), Ok(SAMPLE));
}

#[test]
fn minutes_are_enough_and_a_leap_second_counts_as_the_one_before() {
    assert_eq!(parse_text("2026-04-01T10:00"), Ok(1_775_037_600));
    assert_eq!(parse_text("2026-04-01 10:00+09:00"), Ok(1_775_037_600 - 9 * 3600));
    assert_eq!(parse_text("20260401T1000Z"), Ok(1_775_037_600));
    assert_eq!(parse_text("2016-12-31T23:59:60Z"), parse_text("2016-12-31T23:59:59Z"));
    assert_eq!(parse_text("2016-12-31T23:59:60.9Z"), parse_text("2016-12-31T23:59:59Z"));
}

#[test]
fn what_is_no_timestamp_is_refused() {
    for text in [
        "2026-04-01",
        "20260401T",
        "2026-04-01T",
        "2026-04-01Z",
        "2026-04-01T10",
        "2026-04-01T10Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-04-31T10:00:00Z",
        "2026-00-01T10:00:00Z",
        "2026-04-01T24:00:00Z",
        "2026-04-01T10:60:00Z",
        "2026-04-01T10:00:61Z",
        "2026-04-01T10:00:00.Z",
        "2026-04-01T10:00.5Z",
        "2026-04-01T10:00:00+",
        "2026-04-01T10:00:00+9",
        "2026-04-01T10:00:00+09:",
        "2026-04-01T10:00:00+090",
        "2026-04-01T10:00:00+24:00",
        "2026-04-01T10:00:00+09:60",
        "2026-04-01T10:00:00 09:00",
        "2026-04-01T10:00:00 ZZ",
        "2026-04-01T10:00:00+09:00:00",
        "2026-04-01T10:00:00Z[Asia/Seoul]",
        "2026-04-01T10:00:00 UTC",
        "2026-04-01  10:00:00",
        "2026-0401T10:00:00Z",
        "202604-01T10:00:00Z",
        "26-04-01T10:00:00Z",
        "+2026-04-01T10:00:00Z",
        "2026-04-01T10:00:00−09:00",
        "２０２６-04-01T10:00:00Z",
        "٢٠٢٦-04-01T10:00:00Z",
        "2026/04/01 10:00:00",
        "now",
        "true",
        "null",
        "NaN",
        "inf",
        "-inf",
        "1e9",
        "0x69CC",
        "1775005323.",
        ".5",
        "1_775_005_323",
        "1,775,005,323",
        "-",
        "+",
        ".",
        "12:00",
        "10:00:00Z",
        "2026-W14-3T10:00:00Z",
        "2026-091T10:00:00Z",
        "１７７５００５３２３",
        "17750053\u{200B}23",
    ] {
        assert_eq!(parse_text(text), Err(TimestampError::NotATimestamp), "{text:?}");
    }
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(parse_number(number), Err(TimestampError::NotATimestamp));
    }
    assert_eq!(parse_text(""), Err(TimestampError::Empty));
    assert_eq!(parse_text(" \t\n"), Err(TimestampError::Empty));
    assert_eq!(parse_text(&"1".repeat(65)), Err(TimestampError::TooLong));
}

#[test]
fn the_years_2000_to_2100_are_accepted_and_no_others() {
    for (text, seconds) in [("2000-01-01T00:00:00Z", FIRST), ("2100-12-31T23:59:59.999Z", AFTER_LAST - 1)] {
        assert_eq!(parse_text(text), Ok(seconds));
        assert_eq!(parse_integer(seconds), Ok(seconds));
    }
    for text in [
        "1999-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "2000-01-01T00:00:00+00:01",
        "2100-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60-23:59",
        "0",
        "-1",
        "-1775005323",
        "946684799.999",
        "4133980800",
        "1000000000000",
        "1000000000000.0",
        "20260401010203",
        "9999999999999999999999999999",
    ] {
        assert_eq!(parse_text(text), Err(TimestampError::OutOfRange), "{text:?}");
    }
    for number in [-0.5, 0.0, 1e12, 1e300, -1e300, f64::MIN_POSITIVE, f64::MAX] {
        assert_eq!(parse_number(number), Err(TimestampError::OutOfRange), "{number}");
    }
    for number in [i64::MIN, i64::MAX, 0, FIRST - 1, AFTER_LAST, MILLISECONDS_ABOVE] {
        assert_eq!(parse_integer(number), Err(TimestampError::OutOfRange), "{number}");
    }
}

#[test]
fn a_number_above_ten_to_the_twelve_is_milliseconds() {
    assert_eq!(parse_integer(MILLISECONDS_ABOVE + 1), Ok(1_000_000_000));
    assert_eq!(parse_text("1000000000000.5"), Ok(1_000_000_000));
    assert_eq!(parse_number(1_000_000_000_000.5), Ok(1_000_000_000));
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(
        text in any::<String>(),
        near in "[-+0-9TtZz:., ]{0,40}",
        number in any::<f64>(),
        integer in any::<i64>(),
    ) {
        let answers = [parse_text(&text), parse_text(&near), parse_number(number), parse_integer(integer)];
        for seconds in answers.into_iter().flatten() {
            prop_assert!((FIRST..AFTER_LAST).contains(&seconds));
        }
    }

    #[test]
    fn it_agrees_with_jiff_on_rfc_3339(
        year in 1999..=2101_u16,
        month in 0..=13_u8,
        day in 0..=32_u8,
        hour in 0..=24_u8,
        minute in 0..=60_u8,
        second in 0..=61_u8,
        fraction in "(\\.[0-9]{1,9})?", offset in "(Z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9])",
    ) {
        let text = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
        let expected = match text.parse::<Timestamp>() {
            Ok(timestamp) => in_range(timestamp.as_second()),
            Err(_) => Err(TimestampError::NotATimestamp),
        };
        prop_assert_eq!(parse_text(&text), expected, "{}", text);
    }

    #[test]
    fn what_jiff_writes_is_read(seconds in FIRST..AFTER_LAST, nanoseconds in 0..1_000_000_000_i64) {
        let timestamp = Timestamp::from_second(seconds).unwrap() + SignedDuration::from_nanos(nanoseconds);
        prop_assert_eq!(parse_text(&timestamp.to_string()), Ok(seconds));
    }

    #[test]
    fn numbers_read_alike_as_text_float_and_integer(
        number in prop_oneof![0..5_000_000_000_i64, 900_000_000_000..5_000_000_000_000_i64]
    ) {
        #[expect(clippy::cast_precision_loss, reason = "the numbers are below 2^53")]
        let float = number as f64;
        prop_assert_eq!(parse_text(&number.to_string()), parse_integer(number));
        prop_assert_eq!(parse_number(float), parse_integer(number));
    }
}
