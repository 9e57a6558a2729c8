//! Axis: the pushes of License Plate Verifier (FF Group's protocol), and the publisher application.

use serde_json::Value;

use super::fields::{self, Scale, confidence, device, direction, event, field, first_of, id, taken, text};
use super::picture::{Pictures, base64};
use super::{Delivery, Format, NotUnderstood, Read, Taken};

/// Where the plate may be, the spelling that can hold Hangul first.
const PLATES: [&str; 4] = ["plateUTF8", "plateUnicode", "plateText", "plateASCII"];

pub(super) fn is_in(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    PLATES.iter().any(|name| has(name)) || has("carState") || has("packetCounter") || has("topic") && has("device")
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    if value.get("topic").is_some() && value.get("device").is_some() {
        return of_publisher(value);
    }
    let Some(plate) = PLATES.iter().find_map(|name| value.get(name)) else {
        return match value.get("carState") {
            Some(_) => Err(NotUnderstood::BrokenPlate),
            None => Ok(Delivery::heartbeat(Format::Axis)),
        };
    };
    let plate = fields::plate(plate)?;
    let info = field(value, "camera_info").unwrap_or(&Value::Null);
    let taken = match taken(field(value, "capture_timestamp")) {
        Taken::Unknown => taken(field(value, "datetime")),
        exact => exact,
    };
    let mut read = Read {
        event: pass(value, taken, plate.as_deref()),
        confidence: confidence(field(value, "plateConfidence"), Scale::One)?,
        taken,
        direction: direction(field(value, "carMoveDirection")),
        device: device(info, &["SerialNumber", "MACAddress"]).or_else(|| device(value, &["sensorProviderID"])),
        text: plate,
        ..Read::unread()
    };
    pictures(value).give(&mut read);
    Ok(Delivery::of(Format::Axis, vec![read]))
}

/// `new`, `update` and `lost` tell of one car by its `carID`, which the camera counts from one again when it starts:
/// with the hour, an id does not come back. Another plate for the same car is another read.
fn pass(value: &Value, taken: Taken, plate: Option<&str>) -> Option<String> {
    let Taken::Instant(milliseconds) = taken else { return None };
    let hour = (milliseconds / 3_600_000).to_string();
    event(&[Some(hour), id(value, &["carID"]), Some(plate.unwrap_or("-").to_owned())])
}

fn pictures(value: &Value) -> Pictures {
    let mut pictures = Pictures::default();
    for image in field(value, "ImageArray").and_then(Value::as_array).into_iter().flatten().take(8) {
        let is_plate = text(image, "ImageType").is_some_and(|kind| kind.eq_ignore_ascii_case("plate"));
        let kept = if is_plate { &mut pictures.plate } else { &mut pictures.scene };
        if kept.is_none() {
            *kept = base64(field(image, "BinaryImage"));
        }
    }
    pictures
}

/// The publisher posts the events of several applications; only those of the plate reader have a plate.
fn of_publisher(value: &Value) -> Result<Delivery, NotUnderstood> {
    let Some(plate) = value.get("plate") else { return Ok(Delivery::of(Format::Axis, Vec::new())) };
    let plate = fields::plate(plate)?;
    let mut read = Read {
        event: event(&[id(value, &["timestamp"]), plate.clone()]),
        taken: taken(first_of(value, &["timestamp", "localTime"])),
        device: device(value, &["name", "device"]),
        text: plate,
        ..Read::unread()
    };
    Pictures { plate: None, scene: base64(field(value, "image")) }.give(&mut read);
    Ok(Delivery::of(Format::Axis, vec![read]))
}
