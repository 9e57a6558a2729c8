//! What cameras send, and what is understood of it.

pub mod mutations;

use jari::camera::{Format, LARGEST_BODY, MOST_READS, NotUnderstood, acknowledgement, understand};
use serde_json::Value;

use crate::camera_payloads::{Seen, all, form, scene_picture};

#[test]
fn every_payload_is_read_as_it_is_meant() {
    for payload in all() {
        let said = format!("{}: {}", payload.format, payload.name);
        let content_type = Some(payload.content_type).filter(|declared| !declared.is_empty());
        let delivery = understand(content_type, &payload.body).unwrap_or_else(|error| panic!("{said}: {error}"));
        assert_eq!(delivery.format, payload.format, "{said}");
        assert_eq!(delivery.heartbeat, payload.heartbeat, "{said}");
        assert_eq!(Seen::all(&delivery), payload.reads, "{said}");
        // The same without a word on what it is: only a boundary may be missed, and the body has it too.
        assert_eq!(understand(None, &payload.body).as_ref(), Ok(&delivery), "{said}");
    }
}

#[test]
fn every_format_has_payloads_and_a_name() {
    for format in Format::ALL {
        assert!(all().iter().filter(|payload| payload.format == format).count() >= 3, "{format}");
        assert_eq!(Format::parse(format.name()), Some(format));
    }
    assert_eq!(Format::parse("nobody"), None);
}

/// Each vendor's firmware looks for something of its own in the answer.
#[test]
fn answers_have_what_the_firmware_looks_for() {
    for payload in all() {
        let delivery = understand(Some(payload.content_type), &payload.body).unwrap();
        let (content_type, body) = acknowledgement(payload.format, &delivery);
        match payload.format {
            Format::Hikvision => {
                assert_eq!(content_type, "application/xml");
                assert!(body.contains("<statusCode>1</statusCode><statusString>OK</statusString>"));
            }
            format => {
                assert_eq!(content_type, "application/json");
                let said: Value = serde_json::from_str(&body).unwrap();
                if format == Format::Dahua {
                    assert_eq!((&said["Result"], &said["result"]), (&Value::from(true), &Value::from("true")));
                } else {
                    assert_eq!(said["accepted"], payload.reads.len());
                }
            }
        }
    }
}

fn refused(body: &str) -> NotUnderstood {
    understand(Some("application/json"), body.as_bytes()).expect_err(body)
}

#[test]
fn one_broken_entry_makes_the_whole_not_understood() {
    use NotUnderstood::{BrokenField, BrokenPicture, BrokenPlate, MixedFormats, TwiceDifferently, UnknownFormat};
    for (body, why) in [
        (r#"[{"plate":"12가3456"},{"plate":["12가3456"]}]"#, BrokenPlate),
        (r#"[{"plate":"12가3456"},{"plate":"34나5678","confidence":[]}]"#, BrokenField),
        (r#"[{"plate":"12가3456"},{"webhook_type":"x"}]"#, MixedFormats),
        (r#"[{"plate":"12가3456"},{}]"#, UnknownFormat),
        (r#"{"plate":"12가3456","plate":"34나5678"}"#, TwiceDifferently),
        (r#"{"plate":"12가3456","confidence":250}"#, BrokenField),
        (r#"{"plate":"12가3456","taken_at":"yesterday"}"#, BrokenField),
        (r#"{"plate":"12가3456","taken_at":"2026-04-01"}"#, BrokenField),
        (r#"{"plate":"12가3456","direction":"up"}"#, BrokenField),
        (r#"{"plate":"12가3456","characters":"99"}"#, BrokenField),
        (r#"{"plate":"12가3456","candidates":{"plate":"1"}}"#, BrokenField),
        (r#"{"plate":"12가3456","candidates":[{"text":"1"}]}"#, BrokenPlate),
        (r#"{"plate":"12가3456","picture":"bm9uZQ=="}"#, BrokenPicture),
        (r#"{"plate":true}"#, BrokenPlate),
        (r#"{"plate":"12\u00003456"}"#, BrokenPlate),
        (r#"{"heartbeat":false}"#, BrokenField),
        (r#"{"Picture":{"Plate":{"Confidence":98},"SnapInfo":{}}}"#, BrokenPlate),
        (r#"{"Picture":{"SnapInfo":{}}}"#, BrokenPlate),
        (r#"{"Picture":[{"Plate":{"PlateNumber":"12가3456"}},{"Plate":{"PlateNumber":{}}}]}"#, BrokenPlate),
        (r#"{"Picture":{"Plate":{"PlateNumber":"12가3456","Confidence":"very"}}}"#, BrokenField),
        (r#"{"Events":[{"EventBaseInfo":{"Code":"TrafficJunction"}}]}"#, BrokenPlate),
        (r#"{"hook":{"event":"recognition"},"data":{"results":[{"plate":"a1"},{"score":1}]}}"#, BrokenPlate),
        (r#"{"hook":{"event":"recognition"},"data":{}}"#, BrokenPlate),
        (r#"{"data_type":"alpr_group","best_confidence":90}"#, BrokenPlate),
        (r#"{"data_type":"alpr_alert"}"#, BrokenPlate),
        (r#"{"type":"lpr","id":"x"}"#, BrokenPlate),
        (r#"{"before":{},"after":null}"#, BrokenPlate),
        (r#"{"carState":"new"}"#, BrokenPlate),
        (r#"{"device":"d","time":"2026-04-01 10:00:00","confidence":"90"}"#, BrokenPlate),
        (r#"{"webhook_type":"lpr","data":{"camera_id":"c"}}"#, BrokenPlate),
        (r#"{"eventType":"ANPR","eventState":"active"}"#, BrokenPlate),
        (r#"{"eventType":"ANPR","ANPR":{"line":1}}"#, BrokenPlate),
        (r#"{"eventType":"ANPR","ANPR":[{"licensePlate":"12가3456"},{"licensePlate":{"a":1}}]}"#, BrokenPlate),
        (r#"{"hello":"world"}"#, UnknownFormat),
        ("[]", UnknownFormat),
        ("hello", UnknownFormat),
        ("<html><plate>12가3456</plate></html>", UnknownFormat),
    ] {
        assert_eq!(refused(body), why, "{body}");
    }
    let long = format!(r#"{{"plate":"{}"}}"#, "1".repeat(41));
    assert_eq!(refused(&long), BrokenPlate);
}

#[test]
fn broken_and_hostile_bodies_are_refused_for_what_they_are() {
    let xml =
        |inner: &str| format!("<EventNotificationAlert><eventType>ANPR</eventType>{inner}</EventNotificationAlert>");
    for (body, why) in [
        (String::new(), NotUnderstood::Empty),
        (" \r\n\0".to_owned(), NotUnderstood::Empty),
        ("{\"plate\":".to_owned(), NotUnderstood::BrokenJson),
        ("{\"plate\":\"1\"} {}".to_owned(), NotUnderstood::BrokenJson),
        ("{\"plate\":\"\\ud800\"}".to_owned(), NotUnderstood::BrokenJson),
        ("{\"confidence\":1e999,\"plate\":\"1\"}".to_owned(), NotUnderstood::BrokenJson),
        (xml("<ANPR><licensePlate>12가3456</ANPR>"), NotUnderstood::BrokenXml),
        (xml("") + &xml(""), NotUnderstood::BrokenXml),
        (xml("<ANPR>"), NotUnderstood::BrokenXml),
        (xml("").replace("</Event", "<"), NotUnderstood::BrokenXml),
        (
            format!("<!DOCTYPE x [<!ENTITY a \"12가3456\">]>{}", xml("<ANPR><licensePlate>&a;</licensePlate></ANPR>")),
            NotUnderstood::ForbiddenXml,
        ),
        (xml("<ANPR><licensePlate>&a;</licensePlate></ANPR>"), NotUnderstood::ForbiddenXml),
        (
            format!("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">{}", xml("<ANPR><licensePlate>1</licensePlate></ANPR>")),
            NotUnderstood::ForbiddenXml,
        ),
        (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), NotUnderstood::BrokenJson),
        (format!("{{\"plate\":{}1{}}}", "[".repeat(200), "]".repeat(200)), NotUnderstood::BrokenJson),
        (format!("{{\"plate\":[{}1]}}", "0,".repeat(1_000_000)), NotUnderstood::TooComplex),
        ("<a>".repeat(1_000_000), NotUnderstood::TooComplex),
        (format!("<a>{}</a>", "<b/>".repeat(100_000)), NotUnderstood::TooComplex),
        (format!("[{}]", vec![r#"{"plate":"1234"}"#; MOST_READS + 1].join(",")), NotUnderstood::TooManyReads),
        (
            format!(r#"{{"results":[{}]}}"#, vec![r#"{"plate":"a1"}"#; MOST_READS + 1].join(",")),
            NotUnderstood::TooManyReads,
        ),
    ] {
        let said: String = body.chars().take(60).collect();
        assert_eq!(understand(None, body.as_bytes()), Err(why), "{said}");
    }
    assert_eq!(understand(None, b"{\"plate\":\"\xff\"}"), Err(NotUnderstood::NotUtf8));
    assert_eq!(understand(None, &vec![b'{'; LARGEST_BODY + 1]), Err(NotUnderstood::TooLarge));
    let mut large = scene_picture();
    large.resize(8 * 1024 * 1024 + 1, 0);
    assert_eq!(understand(None, &large), Err(NotUnderstood::BrokenPicture));
    let disposition = "Content-Disposition: form-data; name=\"a\"; filename=\"a.jpg\"";
    assert_eq!(understand(None, &form("b", &[(disposition, &large)])), Err(NotUnderstood::BrokenPicture));
    let many = form("b", &vec![(disposition, &b"x"[..]); 33]);
    assert_eq!(understand(None, &many), Err(NotUnderstood::TooComplex));
    // Where the plate should be is something that is no document: its picture alone is not what the camera said.
    let garbled = form(
        "b",
        &[("Content-Disposition: form-data; filename=\"anpr.xml\"", b"=EventNo"), (disposition, &scene_picture())],
    );
    assert_eq!(understand(None, &garbled), Err(NotUnderstood::UnknownFormat));
    assert_eq!(
        understand(Some("multipart/form-data; boundary=b"), b"--b\r\nno end of the head"),
        Err(NotUnderstood::BrokenForm)
    );
}

/// What is refused is kept apart with its reason, which people see: a fixed sentence without anything that was sent.
#[test]
fn reasons_are_fixed_sentences() {
    for body in ["{\"plate\":{\"secret\":1}}", "<secret>", "secret", "--secret\r\n"] {
        let reason = understand(None, body.as_bytes()).unwrap_err().to_string();
        assert!(reason.ends_with('.') && reason.len() < 80 && !reason.contains("secret"), "{reason}");
    }
}

#[test]
fn a_plate_too_large_for_its_picture_keeps_its_plate() {
    let mut large = scene_picture();
    large.resize(8 * 1024 * 1024 + 1, 0);
    let body = form(
        "b",
        &[
            ("Content-Disposition: form-data; name=\"json\"", r#"{"plate":"12가3456"}"#.as_bytes()),
            ("Content-Disposition: form-data; name=\"upload\"; filename=\"a.jpg\"", &large),
        ],
    );
    let delivery = understand(None, &body).unwrap();
    assert_eq!(Seen::all(&delivery), [Seen { text: Some("12가3456".into()), ..Seen::nothing() }]);
}

/// Two cars in one picture each get it, but not so often that memory runs out.
#[test]
fn cars_share_a_picture_as_far_as_memory_allows() {
    let mut picture = scene_picture();
    picture.resize(6 * 1024 * 1024, 0);
    let cars = vec![r#"{"plate":"a1"}"#; 64].join(",");
    let body = form(
        "b",
        &[
            ("Content-Disposition: form-data; name=\"json\"", format!(r#"{{"results":[{cars}]}}"#).as_bytes()),
            ("Content-Disposition: form-data; name=\"upload\"; filename=\"a.jpg\"", &picture),
        ],
    );
    let delivery = understand(None, &body).unwrap();
    assert_eq!(delivery.reads.len(), 64);
    assert_eq!(delivery.reads.iter().filter(|read| read.picture.is_some()).count(), 2);
}

#[test]
fn ids_too_long_to_keep_stay_apart() {
    let event = |last: char| {
        let body = format!(r#"{{"plate":"1234","event":"{}{last}"}}"#, "x".repeat(200));
        understand(None, body.as_bytes()).unwrap().reads[0].event.clone().unwrap()
    };
    assert_eq!(event('1'), event('1'));
    assert_ne!(event('1'), event('2'));
    assert!(event('1').len() <= 128);
}

/// A read in a log line shows neither plate nor picture.
#[test]
fn reads_are_masked_when_printed() {
    for payload in all() {
        let delivery = understand(None, &payload.body).unwrap();
        let printed = format!("{delivery:?}");
        for text in delivery.reads.iter().filter_map(|read| read.text.as_deref()) {
            assert!(!printed.contains(text), "{printed}");
        }
        assert!(printed.len() < 2_000);
    }
}
