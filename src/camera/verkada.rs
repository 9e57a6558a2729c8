//! Verkada: the webhook `lpr`. Its picture is an address, which is not followed.

use serde_json::Value;

use super::fields::{self, Scale, confidence, device, event, field, first_of, id, taken, text};
use super::{Delivery, Format, NotUnderstood, Read};

pub(super) fn is_in(value: &Value) -> bool {
    value.get("webhook_type").is_some()
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    let kind = text(value, "webhook_type").ok_or(NotUnderstood::BrokenField)?;
    if !kind.eq_ignore_ascii_case("lpr") {
        return Ok(Delivery::of(Format::Verkada, Vec::new()));
    }
    let data = field(value, "data").ok_or(NotUnderstood::BrokenPlate)?;
    let plate = fields::plate_in(data, "license_plate_number")?;
    // `webhook_id` may be that of the webhook instead of the message, so it does not count.
    let parts = [id(data, &["camera_id"]), id(data, &["detected", "created"]), plate.clone()];
    let read = Read {
        event: event(&parts),
        confidence: confidence(field(data, "confidence"), Scale::One)?,
        taken: taken(first_of(data, &["detected", "created"])),
        device: device(data, &["camera_id"]),
        text: plate,
        ..Read::unread()
    };
    Ok(Delivery::of(Format::Verkada, vec![read]))
}
