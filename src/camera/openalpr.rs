//! `OpenALPR` and Rekor Scout. A car is one `alpr_group`, sent when it is gone; an alert has the group in it. The
//! `alpr_results` before it, one for each frame, are taken without being read: a car would be fifty reads.

use serde_json::Value;

use super::fields::{self, Scale, candidates, confidence, device, event, field, id, taken, text};
use super::picture::{Pictures, base64};
use super::{Delivery, Format, NotUnderstood, Read};

pub(super) fn is_in(value: &Value) -> bool {
    text(value, "data_type").is_some_and(|kind| kind.starts_with("alpr_") || kind == "heartbeat")
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    let group = match text(value, "data_type") {
        Some("heartbeat") => return Ok(Delivery::heartbeat(Format::OpenAlpr)),
        Some("alpr_group") => value,
        Some("alpr_alert") => field(value, "group").ok_or(NotUnderstood::BrokenPlate)?,
        _ => return Ok(Delivery::of(Format::OpenAlpr, Vec::new())),
    };
    let best = field(group, "best_plate").unwrap_or(&Value::Null);
    let plate = match group.get("best_plate_number") {
        Some(plate) => fields::plate(plate)?,
        None => fields::plate_in(best, "plate")?,
    };
    let sure = field(group, "best_confidence").or_else(|| field(best, "confidence"));
    let others = field(group, "candidates").or_else(|| field(best, "candidates"));
    let first_uuid = || field(group, "uuids").and_then(|uuids| uuids.get(0)).and_then(Value::as_str);
    let mut read = Read {
        event: event(&[id(group, &["best_uuid"]).or_else(|| first_uuid().map(str::to_owned))]),
        confidence: confidence(sure, Scale::Percent)?,
        candidates: candidates(others, ["plate", "confidence"], Scale::Percent)?,
        taken: taken(fields::first_of(group, &["epoch_start", "epoch_time", "epoch_end"])),
        device: device(group, &["camera_name", "camera_id"]).or_else(|| device(value, &["camera_name"])),
        text: plate,
        ..Read::unread()
    };
    let crop = base64(field(best, "plate_crop_jpeg"));
    Pictures { plate: crop, scene: base64(field(group, "vehicle_crop_jpeg")) }.give(&mut read);
    Ok(Delivery::of(Format::OpenAlpr, vec![read]))
}
