//! From what a camera sends to reads of plates.
//!
//! Cameras push number plates in a dozen formats, and their firmware declares content types as it likes, so a body is
//! understood by what is in it. `docs/cameras.md` says for each vendor what is read and answered. A delivery is
//! understood as a whole or not at all: one broken entry among ten makes it [`NotUnderstood`], and nothing is half
//! taken.
//!
//! Everything here is pure: no IO, no clock. Time and memory are bounded whatever is sent: bodies by
//! [`LARGEST_BODY`], documents by a number of values and levels (`json`, `xml`), forms by a number of parts (`form`),
//! deliveries by [`MOST_READS`]. A document type or an entity of its own in XML is refused unread.

mod axis;
mod dahua;
mod fields;
mod form;
mod frigate;
mod hikvision;
mod json;
mod milesight;
mod openalpr;
mod own;
mod picture;
mod plate_recognizer;
mod verkada;
mod xml;

use std::fmt;

use serde_json::Value;

use crate::domain::plate::mask_text;
use picture::Pictures;

/// The largest body that is looked at, in bytes: two of the largest pictures as base64, and what stands around them.
pub const LARGEST_BODY: usize = 24 * 1024 * 1024;

/// The largest picture that is kept, in bytes.
pub const LARGEST_PICTURE: usize = 8 * 1024 * 1024;

/// The most reads of one delivery.
pub const MOST_READS: usize = 64;

/// The most other readings that are kept of one read.
pub const MOST_CANDIDATES: usize = 16;

/// What one request of a camera said.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Whose words it was said in.
    pub format: Format,
    /// The cars, in the order in which they stand in the request, at most [`MOST_READS`]. Empty for a heartbeat, and
    /// for an event without a car.
    pub reads: Vec<Read>,
    /// Whether it said no more than that the camera is there.
    pub heartbeat: bool,
}

/// Whose words a delivery is in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub enum Format {
    /// Hikvision ISAPI `EventNotificationAlert`, as XML or JSON, alone or in a form.
    Hikvision,
    /// Dahua ITSAPI (`TollgateInfo`, `KeepAlive`, `DeviceInfo`) and its traffic events.
    Dahua,
    /// Milesight HTTP post.
    Milesight,
    /// Webhooks of Plate Recognizer Stream and Snapshot.
    PlateRecognizer,
    /// `OpenALPR` and Rekor Scout.
    OpenAlpr,
    /// Messages of Frigate's topics `tracked_object_update` and `events`.
    Frigate,
    /// Axis License Plate Verifier (FF Group), and the publisher application for Axis cameras.
    Axis,
    /// Webhooks of Verkada Command.
    Verkada,
    /// Our own JSON.
    Own,
    /// A picture and nothing else.
    Picture,
}

/// One car that a camera saw.
#[derive(Clone, PartialEq)]
pub struct Read {
    /// What the device knows the event by, at most 128 characters; a repeat has the same. Where a device names none,
    /// it is put together from what a repeat has in common, if there is enough of that.
    pub event: Option<String>,
    /// The plate as the camera wrote it: composed (NFC), trimmed, at most 40 characters. `None` when it saw a car
    /// without reading a plate.
    pub text: Option<String>,
    /// How sure the camera is of the whole, from 0 to 1.
    pub confidence: Option<f64>,
    /// How sure it is of each character of `text`, from 0 to 1; empty when it does not say so for exactly these.
    pub characters: Vec<f64>,
    /// Other readings, at most [`MOST_CANDIDATES`], with how sure it is of each.
    pub candidates: Vec<(String, Option<f64>)>,
    /// When the camera says that it saw the car.
    pub taken: Taken,
    /// Where the car was going.
    pub direction: Option<Direction>,
    /// What the device calls itself, at most 64 characters.
    pub device: Option<String>,
    /// Whether the camera says that it sends this again.
    pub retransmission: bool,
    /// A JPEG, PNG or WebP by its first bytes, at most [`LARGEST_PICTURE`]: the plate cut out where there is such a
    /// picture, else the whole.
    pub picture: Option<Vec<u8>>,
    /// The whole, where `picture` is only the plate.
    pub scene: Option<Vec<u8>>,
}

/// A moment as a camera tells it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// Unix milliseconds, in the years 2000 to 2100.
    Instant(i64),
    /// The camera's wall clock, without a word on its zone.
    Local(jiff::civil::DateTime),
    /// Not said, or no time that can be.
    Unknown,
}

/// Where a car was going, seen from the camera.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Towards the camera, or in.
    Approaching,
    /// Away from it, or out.
    Leaving,
}

/// Why a request was not understood. What was sent is never part of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
pub enum NotUnderstood {
    /// Nothing but white space.
    #[error("The body is empty.")]
    Empty,
    /// More than [`LARGEST_BODY`].
    #[error("The body is too large.")]
    TooLarge,
    /// Text, but not UTF-8.
    #[error("The text is not UTF-8.")]
    NotUtf8,
    /// It begins like JSON and is none.
    #[error("The JSON is broken.")]
    BrokenJson,
    /// It begins like XML and is none.
    #[error("The XML is broken.")]
    BrokenXml,
    /// A document type, or an entity beyond the five of XML.
    #[error("The XML declares a document type or uses an entity of its own.")]
    ForbiddenXml,
    /// A form without a boundary, or with a broken head of a part.
    #[error("The form is broken.")]
    BrokenForm,
    /// One name twice with different values.
    #[error("A field is there twice with different values.")]
    TwiceDifferently,
    /// More values, levels or parts than any camera sends.
    #[error("The body has too many values, levels or parts.")]
    TooComplex,
    /// Nobody's words that are known here.
    #[error("The body is in no format that is known.")]
    UnknownFormat,
    /// Words of several vendors in one request.
    #[error("The body mixes formats.")]
    MixedFormats,
    /// More than [`MOST_READS`] cars.
    #[error("The body has too many reads.")]
    TooManyReads,
    /// An entry without a plate where one belongs, or with one that is no text of up to 40 characters.
    #[error("An entry has no plate that can be read.")]
    BrokenPlate,
    /// Another field of an entry is not what it should be.
    #[error("A field of an entry has a wrong value.")]
    BrokenField,
    /// What should be a picture is none, or too large.
    #[error("The picture is no JPEG, PNG or WebP of the size that is taken.")]
    BrokenPicture,
}

impl Format {
    /// Every format, in the order in which a body is tried: what is most particular first.
    pub const ALL: [Self; 10] = [
        Self::Hikvision,
        Self::OpenAlpr,
        Self::PlateRecognizer,
        Self::Verkada,
        Self::Frigate,
        Self::Axis,
        Self::Dahua,
        Self::Milesight,
        Self::Own,
        Self::Picture,
    ];

    /// Its name in settings, records and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hikvision => "hikvision",
            Self::Dahua => "dahua",
            Self::Milesight => "milesight",
            Self::PlateRecognizer => "plate-recognizer",
            Self::OpenAlpr => "openalpr",
            Self::Frigate => "frigate",
            Self::Axis => "axis",
            Self::Verkada => "verkada",
            Self::Own => "own",
            Self::Picture => "picture",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether an object is in this format.
    fn is_in(self, value: &Value) -> bool {
        match self {
            Self::Hikvision => hikvision::is_in(value),
            Self::Dahua => dahua::is_in(value),
            Self::Milesight => milesight::is_in(value),
            Self::PlateRecognizer => plate_recognizer::is_in(value),
            Self::OpenAlpr => openalpr::is_in(value),
            Self::Frigate => frigate::is_in(value),
            Self::Axis => axis::is_in(value),
            Self::Verkada => verkada::is_in(value),
            Self::Own => own::is_in(value),
            Self::Picture => false,
        }
    }

    fn understand(self, value: &Value) -> Result<Delivery, NotUnderstood> {
        match self {
            Self::Hikvision => hikvision::understand(value),
            Self::Dahua => dahua::understand(value),
            Self::Milesight => milesight::understand(value),
            Self::PlateRecognizer => plate_recognizer::understand(value),
            Self::OpenAlpr => openalpr::understand(value),
            Self::Frigate => frigate::understand(value),
            Self::Axis => axis::understand(value),
            Self::Verkada => verkada::understand(value),
            Self::Own => own::understand(value),
            Self::Picture => Err(NotUnderstood::UnknownFormat),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Delivery {
    fn of(format: Format, reads: Vec<Read>) -> Self {
        Self { format, reads, heartbeat: false }
    }

    fn heartbeat(format: Format) -> Self {
        Self { format, reads: Vec::new(), heartbeat: true }
    }
}

impl Read {
    /// A car of which nothing is known.
    const fn unread() -> Self {
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
            picture: None,
            scene: None,
        }
    }
}

/// Plates are masked and pictures counted, so that neither reaches a log through a derived `Debug` around it.
impl fmt::Debug for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Read")
            .field("event", &self.event.is_some())
            .field("text", &self.text.as_deref().map(mask_text))
            .field("confidence", &self.confidence)
            .field("characters", &self.characters.len())
            .field("candidates", &self.candidates.len())
            .field("taken", &self.taken)
            .field("direction", &self.direction)
            .field("device", &self.device)
            .field("retransmission", &self.retransmission)
            .field("picture", &self.picture.as_ref().map(Vec::len))
            .field("scene", &self.scene.as_ref().map(Vec::len))
            .finish()
    }
}

/// Understands a request by its body. `content_type` is looked at for the boundary of a form, and for nothing else.
///
/// # Errors
/// [`NotUnderstood`].
pub fn understand(content_type: Option<&str>, body: &[u8]) -> Result<Delivery, NotUnderstood> {
    if body.len() > LARGEST_BODY {
        return Err(NotUnderstood::TooLarge);
    }
    let delivery = if let Some(boundary) = form::boundary(content_type, body) {
        of_form(&form::parts(body, &boundary)?)?
    } else if let Some(picture) = picture::whole(body)? {
        Delivery::of(Format::Picture, vec![Read { picture: Some(picture), ..Read::unread() }])
    } else {
        of_document(&document(body)?)?
    };
    if delivery.reads.len() > MOST_READS { Err(NotUnderstood::TooManyReads) } else { Ok(delivery) }
}

/// What the camera wants to see with a 200, so that it does not send the same again: the content type and the body.
#[must_use]
pub fn acknowledgement(format: Format, delivery: &Delivery) -> (&'static str, String) {
    const JSON: &str = "application/json";
    match format {
        Format::Hikvision => ("application/xml", hikvision::ACKNOWLEDGEMENT.to_owned()),
        Format::Dahua => (JSON, dahua::ACKNOWLEDGEMENT.to_owned()),
        _ => (JSON, format!("{{\"accepted\":{}}}", delivery.reads.len())),
    }
}

/// A document, and whether it was XML.
struct Document {
    value: Value,
    xml: bool,
}

/// Reads JSON or XML, whichever it begins like.
fn document(body: &[u8]) -> Result<Document, NotUnderstood> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Some firmware ends its text with the zero of C.
    let end = body.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let body = body[..end].trim_ascii();
    match body.first() {
        None => Err(NotUnderstood::Empty),
        Some(b'{' | b'[') => Ok(Document { value: json::parse(text(body)?)?, xml: false }),
        Some(b'<') => Ok(Document { value: xml::parse(text(body)?)?, xml: true }),
        Some(_) => Err(NotUnderstood::UnknownFormat),
    }
}

fn text(body: &[u8]) -> Result<&str, NotUnderstood> {
    std::str::from_utf8(body).map_err(|_| NotUnderstood::NotUtf8)
}

fn of_document(document: &Document) -> Result<Delivery, NotUnderstood> {
    if document.xml { of_xml(&document.value) } else { of_json(&document.value) }
}

/// XML is an object with its root as the one field, and only two vendors send it.
fn of_xml(wrapped: &Value) -> Result<Delivery, NotUnderstood> {
    let root = wrapped.as_object().and_then(|object| object.values().next()).unwrap_or(wrapped);
    for value in [wrapped, root] {
        for format in [Format::Hikvision, Format::Dahua] {
            if format.is_in(value) {
                return format.understand(value);
            }
        }
    }
    Err(NotUnderstood::UnknownFormat)
}

/// One object, or a list of objects in one format.
fn of_json(value: &Value) -> Result<Delivery, NotUnderstood> {
    let Value::Array(values) = value else { return of_object(value) };
    if values.len() > MOST_READS {
        return Err(NotUnderstood::TooManyReads);
    }
    together(values.iter().map(of_object))
}

fn of_object(value: &Value) -> Result<Delivery, NotUnderstood> {
    let format = Format::ALL.into_iter().find(|format| format.is_in(value)).ok_or(NotUnderstood::UnknownFormat)?;
    format.understand(value)
}

/// Several deliveries of one format as one.
fn together(deliveries: impl Iterator<Item = Result<Delivery, NotUnderstood>>) -> Result<Delivery, NotUnderstood> {
    let mut all: Option<Delivery> = None;
    for delivery in deliveries {
        let delivery = delivery?;
        match &mut all {
            None => all = Some(delivery),
            Some(all) if all.format != delivery.format => return Err(NotUnderstood::MixedFormats),
            Some(all) => {
                all.heartbeat &= delivery.heartbeat;
                all.reads.extend(delivery.reads);
                if all.reads.len() > MOST_READS {
                    return Err(NotUnderstood::TooManyReads);
                }
            }
        }
    }
    all.ok_or(NotUnderstood::UnknownFormat)
}

/// A form: documents with the pictures that follow each, fields of our own, or only pictures.
fn of_form(parts: &[form::Part<'_>]) -> Result<Delivery, NotUnderstood> {
    let mut documents: Vec<(Document, Pictures)> = Vec::new();
    let mut before = Pictures::default();
    let (mut texts, mut strange, mut pictured) = (serde_json::Map::new(), false, false);
    for part in parts {
        if picture::is_picture(part.body) {
            pictured = true;
            documents.last_mut().map_or(&mut before, |(_, pictures)| pictures).add(part);
            continue;
        }
        match document(part.body) {
            Ok(document) => documents.push((document, Pictures::default())),
            Err(NotUnderstood::Empty) => {}
            Err(NotUnderstood::UnknownFormat | NotUnderstood::NotUtf8) => strange |= !own::add_field(&mut texts, part)?,
            Err(error) => return Err(error),
        }
    }
    if let Some((_, pictures)) = documents.first_mut() {
        pictures.add_before(before);
        return together(documents.into_iter().map(|(document, pictures)| {
            let mut delivery = of_document(&document)?;
            pictures.give_to(&mut delivery.reads);
            Ok(delivery)
        }));
    }
    // A file that is neither a picture nor a document may be where the plate was.
    if strange || !pictured && !texts.contains_key("plate") {
        return Err(NotUnderstood::UnknownFormat);
    }
    let mut delivery =
        if texts.is_empty() { Delivery::of(Format::Picture, vec![Read::unread()]) } else { own::of_fields(texts)? };
    before.give_to(&mut delivery.reads);
    if delivery.format == Format::Picture && delivery.reads.iter().any(|read| read.picture.is_none()) {
        return Err(NotUnderstood::BrokenPicture);
    }
    Ok(delivery)
}
