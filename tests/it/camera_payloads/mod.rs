//! What cameras send, made by hand from the vendors' documentation and from public receivers. Nobody's plate is in it.
//!
//! `all()` has every payload with what must be read from it, for the tests of the module and of the route.

mod dahua;
mod hikvision;
mod others;
mod own;

use base64::Engine as _;
use jari::camera::{Delivery, Direction, Format, Read, Taken};

use crate::recognition::pictures::jpeg;

/// 2026-04-01T10:00:00+09:00 in milliseconds.
pub const AT: i64 = 1_775_005_200_000;

/// One request of a camera.
pub struct Payload {
    /// A sentence on what is odd about it.
    pub name: &'static str,
    /// What the firmware declares.
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub format: Format,
    pub heartbeat: bool,
    pub reads: Vec<Seen>,
}

/// What must be in a read. All fields are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub event: Option<String>,
    pub text: Option<String>,
    /// In thousandths.
    pub confidence: Option<i64>,
    /// In percents.
    pub characters: Vec<i64>,
    pub candidates: Vec<String>,
    pub taken: Taken,
    pub direction: Option<Direction>,
    pub device: Option<String>,
    pub retransmission: bool,
    /// The sizes of the picture and of the scene in bytes.
    pub pictures: [usize; 2],
}

impl Seen {
    pub const fn nothing() -> Self {
        Self {
            event: None,
            text: None,
            confidence: None,
            characters: Vec::new(),
            candidates: Vec::new(),
            taken: Taken::Unknown,
            direction: None,
            device: None,
            retransmission: false,
            pictures: [0, 0],
        }
    }

    pub fn of(read: &Read) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1000")]
        let thousandths = |number: &f64| (number * 1000.0).round() as i64;
        Self {
            event: read.event.clone(),
            text: read.text.clone(),
            confidence: read.confidence.as_ref().map(thousandths),
            characters: read.characters.iter().map(|one| thousandths(one) / 10).collect(),
            candidates: read.candidates.iter().map(|(plate, _)| plate.clone()).collect(),
            taken: read.taken,
            direction: read.direction,
            device: read.device.clone(),
            retransmission: read.retransmission,
            pictures: [&read.picture, &read.scene].map(|picture| picture.as_ref().map_or(0, Vec::len)),
        }
    }

    pub fn all(delivery: &Delivery) -> Vec<Self> {
        delivery.reads.iter().map(Self::of).collect()
    }
}

/// Every payload.
pub fn all() -> Vec<Payload> {
    [hikvision::all(), dahua::all(), others::all(), own::all()].into_iter().flatten().collect()
}

/// The plate cut out.
pub fn plate_picture() -> Vec<u8> {
    jpeg(64, 32)
}

/// The whole.
pub fn scene_picture() -> Vec<u8> {
    jpeg(320, 240)
}

fn in_base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A local time.
fn local(text: &str) -> Taken {
    Taken::Local(text.parse().unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "a field that is there")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A body of JSON in which `%PLATE%` and `%SCENE%` stand for the pictures in base64.
fn json(name: &'static str, format: Format, body: &str, reads: Vec<Seen>) -> Payload {
    let body = body.replace("%PLATE%", &in_base64(&plate_picture())).replace("%SCENE%", &in_base64(&scene_picture()));
    Payload { name, content_type: "application/json", body: body.into_bytes(), format, heartbeat: false, reads }
}

fn heartbeat(name: &'static str, format: Format, body: &str) -> Payload {
    Payload { heartbeat: true, ..json(name, format, body, Vec::new()) }
}

/// A form as RFC 2046 has it: heads without their line ends, and bodies.
pub fn form(boundary: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--{boundary}\r\n{head}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    body
}
