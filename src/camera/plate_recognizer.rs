//! Plate Recognizer: the webhooks of Stream and Snapshot, alone or as the field `json` of a form with the picture.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::fields::{self, Scale, candidates, confidence, device, event, field, first_of, id, taken, text};
use super::{Delivery, Format, MOST_READS, NotUnderstood, Read, Taken};

pub(super) fn is_in(value: &Value) -> bool {
    value.get("hook").is_some_and(Value::is_object)
        || value.get("results").is_some_and(Value::is_array) && value.get("data_type").is_none()
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    let hook = field(value, "hook").unwrap_or(&Value::Null);
    let data = field(value, "data").unwrap_or(value);
    let Some(results) = field(data, "results") else {
        return match text(hook, "event") {
            Some("recognition" | "image.done") | None => Err(NotUnderstood::BrokenPlate),
            Some(event) if event.contains("heartbeat") => Ok(Delivery::heartbeat(Format::PlateRecognizer)),
            Some(_) => Ok(Delivery::of(Format::PlateRecognizer, Vec::new())),
        };
    };
    let results = results.as_array().ok_or(NotUnderstood::BrokenPlate)?;
    if results.len() > MOST_READS {
        return Err(NotUnderstood::TooManyReads);
    }
    let several = results.len() > 1;
    let reads = results.iter().enumerate().map(|(index, result)| {
        let number = several.then(|| (index + 1).to_string());
        Ok(Read { event: request(hook, data, number), ..read(data, result)? })
    });
    Ok(Delivery::of(Format::PlateRecognizer, reads.collect::<Result<_, _>>()?))
}

/// The file is the event in Stream; in Snapshot two cars may have the same, so the time counts too.
fn request(hook: &Value, data: &Value, number: Option<String>) -> Option<String> {
    let mut parts = vec![id(data, &["timestamp"]), id(data, &["filename"]).or_else(|| id(hook, &["filename"]))];
    parts.extend(number.map(Some));
    event(&parts)
}

fn read(data: &Value, result: &Value) -> Result<Read, NotUnderstood> {
    let mut read = Read { taken: moment(data), device: device(data, &["camera_id"]), ..Read::unread() };
    match result.get("plate") {
        // Since Stream 1.50 a plate may be an object of its own, its readings the best first.
        Some(plate @ Value::Object(_)) => {
            let props = field(plate, "props").ok_or(NotUnderstood::BrokenPlate)?;
            let mut readings = candidates(field(props, "plate"), ["value", "score"], Scale::One)?.into_iter();
            if let Some((text, score)) = readings.next() {
                (read.text, read.confidence) = (Some(text), score);
            }
            read.candidates = readings.collect();
        }
        Some(plate) => {
            read.text = fields::plate(plate)?;
            read.confidence = confidence(field(result, "score"), Scale::One)?;
            read.candidates = candidates(field(result, "candidates"), ["plate", "score"], Scale::One)?;
        }
        // A vehicle whose plate is not to be seen.
        None if result.get("vehicle").is_some_and(Value::is_object) => {}
        None => return Err(NotUnderstood::BrokenPlate),
    }
    Ok(read)
}

/// `timestamp` is UTC, whether it says so or not; `timestamp_local` has an offset.
fn moment(data: &Value) -> Taken {
    match taken(first_of(data, &["timestamp"])) {
        Taken::Local(utc) => {
            utc.to_zoned(TimeZone::UTC).map_or(Taken::Unknown, |utc| Taken::Instant(utc.timestamp().as_millisecond()))
        }
        Taken::Unknown => taken(field(data, "timestamp_local")),
        instant @ Taken::Instant(_) => instant,
    }
}
