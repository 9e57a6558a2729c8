//! Dahua ITSAPI: `TollgateInfo`, `KeepAlive` and `DeviceInfo`, as JSON or as XML with the same names; and traffic
//! events (`TrafficJunction` and its like) as receivers of the event stream pass them on.

use serde_json::Value;

use super::fields::{self, Scale, device, direction, event, field, first_of, id, says_no, taken, text};
use super::picture::{Pictures, base64};
use super::{Delivery, Format, NotUnderstood, Read, Taken};

/// A camera sends the same again until something in the answer is true. Receivers that work in the field write it in
/// one of these two ways.
pub(super) const ACKNOWLEDGEMENT: &str = r#"{"Result":true,"result":"true","Message":"Success"}"#;

pub(super) fn is_in(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    let object = |name: &str| value.get(name).is_some_and(|inner| inner.is_object() || inner.is_array());
    object("Picture")
        || object("Plate")
        || has("SnapInfo")
        || object("TrafficCar")
        || object("Events")
        || has("Code") && (has("Data") || has("Action"))
        || ["Active", "DeviceInfo", "DeviceID"].iter().any(|name| has(name)) && !has("plate") && !has("picture")
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    let each = |list: &Value, read: fn(&Value) -> Result<Option<Read>, NotUnderstood>| {
        let entries = list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice);
        let reads = entries.iter().filter_map(|entry| read(entry).transpose()).collect::<Result<_, _>>()?;
        Ok(Delivery::of(Format::Dahua, reads))
    };
    if let Some(picture) = field(value, "Picture") {
        return each(picture, of_picture);
    }
    if let Some(events) = field(value, "Events") {
        return each(events, of_event);
    }
    if field(value, "Plate").is_some() || field(value, "SnapInfo").is_some() {
        return each(value, of_picture);
    }
    if field(value, "TrafficCar").is_some() {
        return each(value, of_event);
    }
    if let Some(code) = text(value, "Code") {
        return match field(value, "Data") {
            Some(data) if code.starts_with("Traffic") => each(data, of_event),
            _ => Ok(Delivery::of(Format::Dahua, Vec::new())),
        };
    }
    Ok(Delivery::heartbeat(Format::Dahua))
}

/// One picture that was taken, with the plate in it.
fn of_picture(picture: &Value) -> Result<Option<Read>, NotUnderstood> {
    let snap = field(picture, "SnapInfo").unwrap_or(&Value::Null);
    let plate = field(picture, "Plate").ok_or(NotUnderstood::BrokenPlate)?;
    let number = match plate.get("PlateNumber") {
        Some(number) => fields::plate(number)?,
        None if says_no(plate, "IsExist") => None,
        None => return Err(NotUnderstood::BrokenPlate),
    };
    let number = number.filter(|_| !says_no(plate, "IsExist"));
    let name_of = |inner: &str| text(picture.get(inner)?, "PicName").map(str::to_owned);
    let name = name_of("NormalPic").or_else(|| name_of("VehiclePic")).or_else(|| name_of("CutoutPic"));
    let taken_at = first_of(snap, &["AccurateTime", "SnapTime"]);
    let content = |inner: &str| base64(picture.get(inner)?.get("Content"));
    let mut read = Read {
        event: event(&[taken_at.and_then(Value::as_str).map(str::to_owned), name.or_else(|| number.clone())]),
        confidence: fields::confidence(field(plate, "Confidence"), Scale::Byte)?,
        taken: taken(taken_at),
        direction: direction(first_of(snap, &["Direction", "DriveDirection"])),
        device: device(snap, &["DeviceID", "DeviceName"]),
        text: number,
        ..Read::unread()
    };
    let scene = content("NormalPic").or_else(|| content("VehiclePic"));
    Pictures { plate: content("CutoutPic"), scene }.give(&mut read);
    Ok(Some(read))
}

/// One event of the traffic kind. `None` for an event of another kind.
fn of_event(event_said: &Value) -> Result<Option<Read>, NotUnderstood> {
    let base = field(event_said, "EventBaseInfo").unwrap_or(&Value::Null);
    let code = text(base, "Code").or_else(|| text(event_said, "Code"));
    let Some(car) = field(event_said, "TrafficCar") else {
        return match code {
            Some(code) if !code.starts_with("Traffic") => Ok(None),
            _ => Err(NotUnderstood::BrokenPlate),
        };
    };
    let object = field(event_said, "Object").unwrap_or(&Value::Null);
    // `Object.Text` is the plate when the object is one, and the make of the car otherwise.
    let of_object = if text(object, "ObjectType") == Some("Plate") { object.get("Text") } else { None };
    let plate = match car.get("PlateNumber") {
        Some(plate) => fields::plate(plate)?,
        None => fields::plate(of_object.ok_or(NotUnderstood::BrokenPlate)?)?,
    };
    let taken = match taken(first_of(event_said, &["UTC", "UTCTime"])) {
        Taken::Instant(instant) => {
            let rest = field(event_said, "UTCMS").and_then(Value::as_i64).filter(|rest| (0..1000).contains(rest));
            Taken::Instant(instant + rest.unwrap_or(0))
        }
        taken => taken,
    };
    let when = id(event_said, &["UTC", "UTCTime"]);
    Ok(Some(Read {
        event: event(&[when, id(event_said, &["EventID", "GroupID"]).or_else(|| plate.clone())]),
        confidence: fields::confidence(field(object, "Confidence"), Scale::Byte)?,
        taken,
        direction: direction(first_of(car, &["Direction", "DrivingDirection"])),
        device: device(event_said, &["DeviceID", "MachineName"]).or_else(|| device(car, &["MachineName"])),
        text: plate,
        ..Read::unread()
    }))
}
