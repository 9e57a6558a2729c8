//! Milesight: a flat object, most of its numbers as texts.

use serde_json::Value;

use super::fields::{self, Scale, device, direction, event, field, first_of, taken, text};
use super::picture::{Pictures, base64};
use super::{Delivery, Format, NotUnderstood, Read, Taken};

/// The other events that these cameras post, by a field that only they have.
const OTHER: [&str; 5] = ["occupancy", "report_type", "vehicle_count", "vehiclecount", "attributes"];

pub(super) fn is_in(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    has("device") && (has("time") || has("time_msec"))
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    if value.get("plate").is_none() && OTHER.iter().any(|name| value.get(name).is_some()) {
        return Ok(Delivery::of(Format::Milesight, Vec::new()));
    }
    let plate = fields::plate_in(value, "plate")?;
    let exact = text(value, "time_msec").filter(|time| time.len() > 3).map(str::to_owned);
    let mut read = Read {
        event: event(&[exact, plate.clone()]),
        confidence: fields::confidence(field(value, "confidence"), Scale::Percent)?,
        taken: moment(value),
        direction: direction(field(value, "direction")),
        device: device(value, &["device"]),
        text: plate,
        ..Read::unread()
    };
    let scene = first_of(value, &["full_image", "evidence_image0"]);
    Pictures { plate: base64(field(value, "plate_image")), scene: base64(scene) }.give(&mut read);
    Ok(Delivery::of(Format::Milesight, vec![read]))
}

/// `time_msec` is the whole time with its thousandths in some firmware, and only these in other.
fn moment(value: &Value) -> Taken {
    match taken(field(value, "time_msec")) {
        Taken::Unknown => {}
        exact => return exact,
    }
    let milliseconds = first_of(value, &["time_msec"]).and_then(|rest| match rest {
        Value::String(text) => text.trim().parse::<i32>().ok(),
        rest => rest.as_i64().and_then(|rest| i32::try_from(rest).ok()),
    });
    match (taken(field(value, "time")), milliseconds.filter(|rest| (0..1000).contains(rest))) {
        (Taken::Local(local), Some(rest)) if local.subsec_nanosecond() == 0 => {
            let exact = local.with().subsec_nanosecond(rest * 1_000_000).build();
            Taken::Local(exact.unwrap_or(local))
        }
        (taken, _) => taken,
    }
}
