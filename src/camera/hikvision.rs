//! Hikvision ISAPI: `EventNotificationAlert`, as XML with any namespace or as JSON.

use serde_json::Value;

use super::fields::{self, Scale, device, direction, event, field, id, says_yes, taken, text};
use super::{Delivery, Format, NotUnderstood, Read};

/// What ISAPI answers to what it took.
pub(super) const ACKNOWLEDGEMENT: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<ResponseStatus version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">",
    "<statusCode>1</statusCode><statusString>OK</statusString><subStatusCode>ok</subStatusCode></ResponseStatus>\n"
);

/// What the element with the plate is called; JSON of some firmware writes it as the second.
const ANPR: [&str; 3] = ["ANPR", "aNPR", "anpr"];

fn alert(value: &Value) -> &Value {
    field(value, "EventNotificationAlert").unwrap_or(value)
}

pub(super) fn is_in(value: &Value) -> bool {
    let inner = alert(value);
    value.get("EventNotificationAlert").is_some()
        || text(inner, "eventType").is_some()
            && ["eventState", "ANPR", "aNPR", "anpr"].iter().any(|name| inner.get(name).is_some())
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    let alert = alert(value);
    let kind = text(alert, "eventType").ok_or(NotUnderstood::BrokenField)?.to_ascii_lowercase();
    let Some(anpr) = fields::first_of(alert, &ANPR) else {
        return match kind.as_str() {
            "anpr" => Err(NotUnderstood::BrokenPlate),
            // The stream's way of saying that nothing happens.
            "heartbeat" => Ok(Delivery::heartbeat(Format::Hikvision)),
            "videoloss" if text(alert, "eventState") == Some("inactive") => Ok(Delivery::heartbeat(Format::Hikvision)),
            _ => Ok(Delivery::of(Format::Hikvision, Vec::new())),
        };
    };
    let cars = match anpr {
        Value::Array(cars) => cars.iter().collect(),
        car => vec![car],
    };
    let several = cars.len() > 1;
    let read = |(index, car): (usize, &Value)| {
        let number = several.then(|| format!("{}", index + 1));
        let event = match number {
            Some(number) => event(&[id(alert, &["UUID", "uuid"]), Some(number)]),
            None => event(&[id(alert, &["UUID", "uuid"])]),
        };
        Ok(Read { event, ..read(alert, car)? })
    };
    Ok(Delivery::of(Format::Hikvision, cars.into_iter().enumerate().map(read).collect::<Result<_, _>>()?))
}

fn read(alert: &Value, car: &Value) -> Result<Read, NotUnderstood> {
    let plate = match car.get("licensePlate") {
        Some(plate) => fields::plate(plate)?,
        None => fields::plate_in(car, "originalLicensePlate")?,
    };
    let believed: Vec<Value> = match field(car, "plateCharBelieve") {
        Some(Value::String(list)) => list.split(',').take(64).map(|one| Value::from(one.trim())).collect(),
        Some(Value::Array(list)) => list.iter().take(64).cloned().collect(),
        _ => Vec::new(),
    };
    Ok(Read {
        confidence: fields::confidence(field(car, "confidenceLevel"), Scale::Percent)?,
        characters: fields::characters(believed.iter(), Scale::Percent, plate.as_deref()),
        taken: taken(field(alert, "dateTime")),
        direction: direction(field(car, "direction")),
        device: device(alert, &["channelName", "deviceName", "deviceID", "macAddress", "ipAddress"]),
        retransmission: says_yes(alert, "isDataRetransmission"),
        text: plate,
        ..Read::unread()
    })
}
