//! Our own JSON, for whoever writes a client: one object or a list of them. Here a wrong value is an error, where
//! vendors' cameras are read with more patience.

use serde_json::{Map, Value};

use super::fields::{
    self, Scale, candidates, confidence, device, direction, event, field, first_of, id, says_yes, taken,
};
use super::form::Part;
use super::picture::base64;
use super::{Delivery, Format, NotUnderstood, Read, Taken};

/// The longest text field of a form, in bytes.
const LONGEST_FIELD: usize = 512;

pub(super) fn is_in(value: &Value) -> bool {
    ["plate", "picture", "heartbeat"].iter().any(|name| value.get(name).is_some())
}

pub(super) fn understand(value: &Value) -> Result<Delivery, NotUnderstood> {
    if value.get("plate").is_none() && value.get("picture").is_none() {
        return if says_yes(value, "heartbeat") {
            Ok(Delivery::heartbeat(Format::Own))
        } else {
            Err(NotUnderstood::BrokenField)
        };
    }
    let mut read = read(value)?;
    let whole = |name: &str| match field(value, name) {
        None => Ok(None),
        value => base64(value).map(Some).ok_or(NotUnderstood::BrokenPicture),
    };
    let (picture, scene) = (whole("picture")?, whole("scene")?);
    if picture.is_some() {
        (read.picture, read.scene) = (picture, scene);
    } else {
        read.picture = scene;
    }
    Ok(Delivery::of(Format::Own, vec![read]))
}

/// The same fields as texts of a form; the pictures are its files.
pub(super) fn of_fields(fields: Map<String, Value>) -> Result<Delivery, NotUnderstood> {
    Ok(Delivery::of(Format::Own, vec![read(&Value::Object(fields))?]))
}

/// Keeps a text field of a form. `false` for what is a file, or too long for a field.
pub(super) fn add_field(texts: &mut Map<String, Value>, part: &Part<'_>) -> Result<bool, NotUnderstood> {
    // A file name follows the name in `names`.
    let is_file = part.names.split_once(' ').is_none_or(|(_, file_name)| !file_name.is_empty());
    let Ok(text) = std::str::from_utf8(part.body) else { return Ok(false) };
    if is_file || part.name.is_empty() || text.len() > LONGEST_FIELD {
        return Ok(false);
    }
    let text = Value::from(text.trim());
    if texts.get(&part.name).is_some_and(|known| *known != text) {
        return Err(NotUnderstood::TwiceDifferently);
    }
    texts.insert(part.name.clone(), text);
    Ok(true)
}

fn read(value: &Value) -> Result<Read, NotUnderstood> {
    let plate = fields::plate(value.get("plate").unwrap_or(&Value::Null))?;
    // `timestamp` is what the clients of `POST /api/plates/match` call it.
    let when = first_of(value, &["taken_at", "timestamp"]);
    let taken = taken(when);
    let heading = field(value, "direction");
    let direction = direction(heading);
    if when.is_some() && taken == Taken::Unknown || heading.is_some() && direction.is_none() {
        return Err(NotUnderstood::BrokenField);
    }
    Ok(Read {
        event: event(&[id(value, &["event"])]),
        confidence: confidence(field(value, "confidence"), Scale::One)?,
        characters: match field(value, "characters") {
            None => Vec::new(),
            Some(Value::Array(list)) => fields::characters(list.iter(), Scale::One, plate.as_deref()),
            Some(_) => return Err(NotUnderstood::BrokenField),
        },
        candidates: candidates(field(value, "candidates"), ["plate", "confidence"], Scale::One)?,
        taken,
        direction,
        device: device(value, &["device"]),
        retransmission: says_yes(value, "retransmission"),
        text: plate,
        ..Read::unread()
    })
}
