//! Odd dates, times of day and timestamps.

use super::Expected::{Field, Fine, Problem};
use super::Odd;
use super::fields::{BATCH, CREATE, MATCH, VERIFY};

pub(super) fn inputs() -> Vec<Odd> {
    [dates(), times(), timestamps()].into_iter().flatten().collect()
}

fn dates() -> Vec<Odd> {
    let mut all = Vec::new();
    for text in [
        "0001-01-01",
        "1999-12-31",
        "2101-01-01",
        "9999-12-31",
        "10000-01-01",
        "-001-01-01",
        "+2026-04-02",
        "2026-02-29",
        "2026-02-30",
        "2026-04-31",
        "2026-13-01",
        "2026-00-01",
        "2026-04-00",
        "2026-4-2",
        "20260402",
        "2026/04/02",
        "02-04-2026",
        "2026-04-02T00:00:00Z",
        "2026-04-02 ",
        " 2026-04-02",
        "2026-W14-4",
        "2026-092",
        "today",
        "",
        "２０２６-04-02",
        "2026-04-0２",
        "2026\u{2013}04\u{2013}02",
        "zqxmarker",
    ] {
        let json = serde_json::to_string(text).unwrap();
        all.push(CREATE.odd("date", &json, Field("date", "date_invalid")));
        if !text.is_empty() {
            all.push(VERIFY.odd("date", &json, Field("date", "date_invalid")));
        }
    }
    all.push(CREATE.odd("date", r#""2026-04-02\u0000""#, Field("date", "date_invalid")));
    all.push(CREATE.odd("date", r#""2000-01-01""#, Problem(400, "in_the_past")));
    all.push(CREATE.odd("date", r#""2100-12-31""#, Problem(400, "beyond_horizon")));
    all.push(VERIFY.odd("date", r#""2000-01-01""#, Fine(200, "")));
    all
}

fn times() -> Vec<Odd> {
    let mut all = Vec::new();
    for text in [
        "10:00:00",
        "10:00:00.000",
        "25:00",
        "24:30",
        "24:01",
        "10:60",
        "99:99",
        "10",
        "1000",
        "10.00",
        "10:0",
        ":00",
        "10:",
        "-1:00",
        "+1:00",
        "010:00",
        "10:00Z",
        "10:00 AM",
        " 10:00",
        "10:00 ",
        "１０:００",
        "10：00",
        "noon",
        "",
        "zqxmarker",
    ] {
        let json = serde_json::to_string(text).unwrap();
        all.push(CREATE.odd("startTime", &json, Field("startTime", "time_invalid")));
        all.push(CREATE.odd("endTime", &json, Field("endTime", "time_invalid")));
        all.push(BATCH.odd("startTimes", &format!("[{json}]"), Field("startTimes", "time_invalid")));
    }
    all.push(CREATE.odd("startTime", r#""24:00""#, Problem(400, "end_not_after_start")));
    all.push(CREATE.odd("endTime", r#""24:00""#, Problem(400, "after_closing")));
    all.push(CREATE.odd("endTime", r#""0:00""#, Problem(400, "end_not_after_start")));
    all
}

fn timestamps() -> Vec<Odd> {
    let mut all = Vec::new();
    for json in [
        "0",
        "-1",
        "946684799",
        "4133980800",
        "1e12",
        "946684799999",
        "4133980800000",
        "1e15",
        "1e30",
        "1e308",
        "-1e308",
        "9223372036854775807",
        "9223372036854775808",
        "true",
        "false",
        "[]",
        "{}",
        "[1775005200]",
        r#""""#,
        r#""  ""#,
        r#""NaN""#,
        r#""nan""#,
        r#""inf""#,
        r#""-Infinity""#,
        r#""1e9""#,
        r#""0x69cb7e90""#,
        r#""1,775,005,200""#,
        r#""0001-01-01T00:00:00+14:00""#,
        r#""9999-12-31T23:59:59-12:00""#,
        r#""1999-12-31T23:59:59Z""#,
        r#""2101-01-01T00:00:00Z""#,
        r#""2026-04-02""#,
        r#""10:00""#,
        r#""now""#,
        r#""2026-04-02T25:00:00Z""#,
        r#""2026-04-02T10:61:00Z""#,
        r#""2026-02-30T10:00:00Z""#,
        r#""2026-04-02T10:00:00+25:00""#,
        r#""2026-04-02T10:00:00 KST""#,
        r#""2026-04-02T10:00:00Z\u0000""#,
        r#""2026-04-02T10:00:00Zzqxmarker""#,
        r#""<b>zqxmarker</b>""#,
        r#""２０２６-04-02T10:00:00Z""#,
    ] {
        all.push(MATCH.odd("timestamp", json, Field("timestamp", "timestamp_invalid")));
    }
    let long = format!("\"2026-04-02T10:00:00.{}Z\"", "0".repeat(5000));
    all.push(MATCH.odd("timestamp", &long, Field("timestamp", "timestamp_invalid")));
    all
}
