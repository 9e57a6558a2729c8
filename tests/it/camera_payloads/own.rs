//! Our own JSON, and pictures alone.

use jari::camera::{Direction, Format, Taken};

use super::{AT, Payload, Seen, form, heartbeat, json, local, plate_picture, scene_picture, some};
use crate::recognition::pictures::{png, webp};

fn seen() -> Seen {
    Seen { text: some("12가3456"), ..Seen::nothing() }
}

fn picture(name: &'static str, content_type: &'static str, body: Vec<u8>, size: usize) -> Payload {
    Payload {
        name,
        content_type,
        body,
        format: Format::Picture,
        heartbeat: false,
        reads: vec![Seen { pictures: [size, 0], ..Seen::nothing() }],
    }
}

pub fn all() -> Vec<Payload> {
    let format = Format::Own;
    let scene = scene_picture();
    let fields = form(
        "x-boundary",
        &[
            ("Content-Disposition: form-data; name=\"plate\"", "12가3456".as_bytes()),
            ("Content-Disposition: form-data; name=\"taken_at\"", b"2026-04-01T10:00:00+09:00"),
            ("Content-Disposition: form-data; name=\"confidence\"", b"0.5"),
            ("Content-Disposition: form-data; name=\"picture\"; filename=\"a\"", &scene),
        ],
    );
    let alone = form("x-boundary", &[("Content-Disposition: form-data; name=\"upload\"; filename=\"a.jpg\"", &scene)]);
    let two = form(
        "x-boundary",
        &[
            ("Content-Disposition: form-data; name=\"a\"; filename=\"plate.jpg\"", &plate_picture()),
            ("Content-Disposition: form-data; name=\"b\"; filename=\"b.jpg\"", &scene),
        ],
    );
    vec![
        json("a plate and nothing else", format, r#"{"plate":"12가3456"}"#, vec![seen()]),
        json(
            "everything",
            format,
            r#"{"plate":"12가3456","taken_at":"2026-04-01T10:00:00.5+09:00","event":"e-1","confidence":0.9,
                "characters":[1,0.9,0.8,0.7,0.6,0.5,"0.4"],"candidates":[{"plate":"12가3458","confidence":0.4},{"plate":"72가3456"},"12나3456"],
                "direction":"approaching","device":"door","retransmission":true,"picture":"%PLATE%","scene":"%SCENE%","note":1}"#,
            vec![Seen {
                event: some("e-1"),
                confidence: Some(900),
                characters: vec![100, 90, 80, 70, 60, 50, 40],
                candidates: vec!["12가3458".into(), "72가3456".into(), "12나3456".into()],
                taken: Taken::Instant(AT + 500),
                direction: Some(Direction::Approaching),
                device: some("door"),
                retransmission: true,
                pictures: [plate_picture().len(), scene_picture().len()],
                ..seen()
            }],
        ),
        Payload {
            content_type: "text/plain",
            ..json(
                "a list of three, with a byte order mark, decomposed Hangul and percents",
                format,
                "\u{feff}[{\"plate\":\"12\u{1100}\u{1161}3456\",\"taken_at\":1775005200,\"confidence\":\"87\"},\
                 {\"plate\":\"abc1234\",\"timestamp\":\"2026-04-01 10:00:00\",\"direction\":\"out\"},\
                 {\"plate\":null,\"event\":7}]",
                vec![
                    Seen { confidence: Some(870), taken: Taken::Instant(AT), ..seen() },
                    Seen {
                        text: some("abc1234"),
                        taken: local("2026-04-01T10:00:00"),
                        direction: Some(Direction::Leaving),
                        ..seen()
                    },
                    Seen { text: None, event: some("7"), ..seen() },
                ],
            )
        },
        json(
            "a picture without a plate",
            format,
            r#"{"picture":"%SCENE%"}"#,
            vec![Seen { text: None, pictures: [scene.len(), 0], ..seen() }],
        ),
        heartbeat("a heartbeat", format, r#"{"heartbeat":true}"#),
        Payload {
            content_type: "multipart/form-data; boundary=x-boundary",
            body: fields,
            ..json(
                "fields of a form",
                format,
                "",
                vec![Seen { confidence: Some(500), taken: Taken::Instant(AT), pictures: [scene.len(), 0], ..seen() }],
            )
        },
        picture("a JPEG", "image/jpeg", scene.clone(), scene.len()),
        picture("a PNG that declares itself JPEG", "image/jpeg", png(640, 480), png(640, 480).len()),
        picture("a WebP that declares itself nothing", "", webp(640, 480, 0), webp(640, 480, 0).len()),
        picture("a form with a picture", "multipart/form-data; boundary=x-boundary", alone, scene.len()),
        Payload {
            reads: vec![Seen { pictures: [plate_picture().len(), scene.len()], ..Seen::nothing() }],
            ..picture("a form with the plate and the whole", "multipart/form-data; boundary=x-boundary", two, 0)
        },
    ]
}
