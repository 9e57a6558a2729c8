//! Frigate: messages of its MQTT topics `tracked_object_update` and `events`, as a bridge posts them.

use serde_json::Value;

use super::fields::{self, Scale, confidence, device, event, field, first_of, id, taken, text};
use super::{Delivery, Format, NotUnderstood, Read};

/// What a message of `tracked_object_update` may be about.
const UPDATES: [&str; 5] = ["lpr", "face", "description", "classification", "attribute"];

pub(super) fn is_in(value: &Value) -> bool {
    let of_events = value.get("before").is_some() && value.get("after").is_some();
    let of_updates = text(value, "type").is_some_and(|kind| UPDATES.contains(&kind)) && value.get("id").is_some();
    of_events || of_updates
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    let (said, plate, sure) = if let Some(after) = value.get("after") {
        let plate = match field(after, "recognized_license_plate") {
            // With its score, as the newer versions write it.
            Some(Value::Array(pair)) => fields::plate(pair.first().unwrap_or(&Value::Null))?,
            Some(plate) => fields::plate(plate)?,
            // A car that is no car, or whose plate was not read yet. The message comes again when it is.
            None if after.is_object() => None,
            None => return Err(NotUnderstood::BrokenPlate),
        };
        let pair = field(after, "recognized_license_plate").and_then(|pair| pair.get(1));
        (after, plate, field(after, "recognized_license_plate_score").or(pair))
    } else if text(value, "type") == Some("lpr") {
        (value, fields::plate_in(value, "plate")?, field(value, "score"))
    } else {
        return Ok(Delivery::of(Format::Frigate, Vec::new()));
    };
    let Some(plate) = plate else { return Ok(Delivery::of(Format::Frigate, Vec::new())) };
    // A better look at the same car is another read; the same plate again is a repeat.
    let event = event(&[id(said, &["id"]), Some(plate.clone())]);
    Ok(Delivery::of(
        Format::Frigate,
        vec![Read {
            event,
            confidence: confidence(sure, Scale::One)?,
            taken: taken(first_of(said, &["timestamp", "frame_time", "start_time"])),
            device: device(said, &["camera"]),
            text: Some(plate),
            ..Read::unread()
        }],
    ))
}
