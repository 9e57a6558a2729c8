//! Reading the fields of a request: every wrong one is told at once, by name, and never echoed.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use futures_util::StreamExt as _;
use ipnet::IpNet;
use jiff::civil::Date;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use crate::domain::account::{self, KeyScope, Role};
use crate::domain::matching::Candidate;
use crate::domain::plate::{Plate, PlateError, display_text};
use crate::domain::schedule::{TimeOfDay, parse_date};
use crate::domain::sighting::State;
use crate::domain::timestamp;
use crate::service::booking::BayChoice;
use crate::service::live::Position;

use super::codes::{Code, FieldCode};
use super::error::{FieldProblem, Problem};

/// The largest JSON body that is read.
pub const LARGEST_BODY: usize = 16 * 1024;

/// How much of a body that is too large is read on and forgotten, and for how long.
const READ_ON: u64 = 4 * 1024 * 1024;
const READ_ON_FOR: Duration = Duration::from_secs(2);

/// The deepest nesting that is parsed; the deepest body of ours is 2.
const DEEPEST: usize = 16;

/// The body of a request, read up to [`LARGEST_BODY`] and not yet parsed.
pub struct JsonBody(pub axum::body::Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, Problem> {
        let declared_type = request.headers().get(CONTENT_TYPE).cloned();
        if let Some(declared) = declared_type
            && declared_length(&request).is_none_or(|length| length <= LARGEST_BODY as u64)
            && !is_json(declared.to_str().unwrap_or_default())
        {
            return Err(Code::UnsupportedMediaType.into());
        }
        Ok(Self(read_small(request).await?.into()))
    }
}

fn declared_length(request: &Request<Body>) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body of at most [`LARGEST_BODY`] bytes.
pub(super) async fn read_small(request: Request<Body>) -> Result<Vec<u8>, Problem> {
    if let Some(length) = declared_length(&request)
        && length > LARGEST_BODY as u64
    {
        // Who asks before sending, or means to send far more, is told at once.
        if length <= READ_ON && !request.headers().contains_key(EXPECT) {
            read_on(&mut request.into_body().into_data_stream()).await;
        }
        return Err(Code::BodyTooLarge.into());
    }
    let (mut body, mut chunks) = (Vec::new(), request.into_body().into_data_stream());
    while let Some(chunk) = chunks.next().await {
        // The client went away, or sent no HTTP.
        let chunk = chunk.map_err(|_| Code::RequestTimeout)?;
        if body.len() + chunk.len() > LARGEST_BODY {
            read_on(&mut chunks).await;
            return Err(Code::BodyTooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Reads on and forgets, for a while. A connection that is closed while its client still sends loses the answer
/// that stands in it; a client that sends somewhat too much shall be told so.
pub(super) async fn read_on(chunks: &mut BodyDataStream) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            read += chunk.len() as u64;
            if read > READ_ON {
                break;
            }
        }
    };
    // However it ends, the answer is the same.
    let _ = tokio::time::timeout(READ_ON_FOR, reading).await;
}

/// Whether a body that need not be there is not: nothing, or `null`.
pub(super) fn is_left_out(body: &[u8]) -> bool {
    matches!(body.trim_ascii(), b"" | b"null")
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.len() > 5
            && essence.is_char_boundary(essence.len() - 5)
            && essence[essence.len() - 5..].eq_ignore_ascii_case("+json"))
}

/// A field that was missing or wrong. [`Fields::finish`] has told which before this is ever answered.
#[derive(Clone, Copy, Debug)]
pub struct Invalid;

impl From<Invalid> for Problem {
    fn from(Invalid: Invalid) -> Self {
        Code::InvalidInput.into()
    }
}

/// The fields of a JSON object or a query, being read.
pub struct Fields {
    given: Vec<(String, Value)>,
    problems: Vec<FieldProblem>,
}

impl Fields {
    /// The fields of a JSON object.
    ///
    /// # Errors
    /// When the body is no JSON object, or nested too deeply.
    pub fn of_json(body: &[u8]) -> Result<Self, Problem> {
        if nesting(body) > DEEPEST {
            return Err(Code::JsonTooDeep.into());
        }
        let Object { given, duplicates } = serde_json::from_slice(body).map_err(|_| Code::MalformedJson)?;
        let problems = duplicates
            .into_iter()
            .filter_map(|field| Some(FieldProblem { field: shown_name(&field)?, code: FieldCode::Duplicate }))
            .collect();
        Ok(Self { given, problems })
    }

    /// The fields of a query; each value is a text.
    #[must_use]
    pub fn of_query(pairs: Vec<(String, String)>) -> Self {
        let mut fields = Self { given: Vec::new(), problems: Vec::new() };
        for (name, value) in pairs {
            if fields.given.iter().any(|(given, _)| *given == name) {
                fields.wrong(&name, FieldCode::Duplicate);
            } else {
                fields.given.push((name, Value::String(value)));
            }
        }
        fields
    }

    /// Counts empty texts as not given.
    #[must_use]
    pub fn without_blanks(mut self) -> Self {
        self.given.retain(|(_, value)| value.as_str().is_none_or(|text| !text.trim().is_empty()));
        self
    }

    fn wrong(&mut self, field: &str, code: FieldCode) {
        // A name is echoed only if it looks like one.
        if let Some(field) = shown_name(field) {
            self.problems.push(FieldProblem { field, code });
        }
    }

    /// Takes a field by its name in camel case, or that name in snake case. Null counts as not given.
    fn take(&mut self, name: &str) -> Option<Value> {
        let snake = snake_case(name);
        let mut taken = None;
        let mut twice = false;
        self.given.retain_mut(|(given, value)| {
            if *given != name && *given != snake {
                return true;
            }
            twice |= taken.is_some();
            taken = Some(value.take());
            false
        });
        if twice {
            self.wrong(name, FieldCode::Duplicate);
        }
        taken.filter(|value| !value.is_null())
    }

    /// A field that may be missing or null.
    ///
    /// # Errors
    /// When it is wrong; [`Fields::finish`] tells how.
    pub fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, FieldCode>,
    ) -> Result<Option<T>, Invalid> {
        let Some(value) = self.take(name) else { return Ok(None) };
        parse(&value).map(Some).map_err(|code| {
            self.wrong(name, code);
            Invalid
        })
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// When it is missing or wrong; [`Fields::finish`] tells how.
    pub fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, FieldCode>,
    ) -> Result<T, Invalid> {
        match self.optional(name, parse) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => {
                self.wrong(name, FieldCode::Missing);
                Err(Invalid)
            }
            Err(invalid) => Err(invalid),
        }
    }

    /// Notes that a field does not go with the others.
    pub fn refuse(&mut self, name: &str, code: FieldCode) {
        self.wrong(name, code);
    }

    /// Ends the reading of a request of the report, where unknown fields are ignored.
    ///
    /// # Errors
    /// All that was wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.problems.is_empty() { Ok(()) } else { Err(Problem::fields(self.problems)) }
    }

    /// Ends the reading of a request of ours, where unknown fields are refused.
    ///
    /// # Errors
    /// All that was wrong.
    pub fn finish_known(mut self) -> Result<(), Problem> {
        let unknown: Vec<String> = self.given.drain(..).map(|(name, _)| name).take(8).collect();
        for name in unknown {
            let shown = shown_name(&name).unwrap_or_else(|| "?".to_owned());
            self.problems.push(FieldProblem { field: shown, code: FieldCode::Unknown });
        }
        self.finish()
    }
}

/// A field's name as it may be shown: a short identifier, or nothing.
fn shown_name(name: &str) -> Option<String> {
    let plain = name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (plain && !name.is_empty()).then(|| name.to_owned())
}

fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 2);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// The deepest nesting of brackets outside strings, without parsing.
fn nesting(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in body {
        match (in_string, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (true, false, b'"') => in_string = false,
            (false, _, b'"') => in_string = true,
            (false, _, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, _, b'}' | b']') => depth = depth.saturating_sub(1),
            (true, false, _) | (false, ..) => {}
        }
    }
    deepest
}

/// A JSON object that remembers which of its names stood there twice.
struct Object {
    given: Vec<(String, Value)>,
    duplicates: Vec<String>,
}

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut seen = std::collections::HashSet::new();
                let mut object = Object { given: Vec::new(), duplicates: Vec::new() };
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if seen.insert(name.clone()) {
                        object.given.push((name, value));
                    } else if object.duplicates.len() < 8 {
                        object.duplicates.push(name);
                    }
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

fn text(value: &Value) -> Result<&str, FieldCode> {
    value.as_str().ok_or(FieldCode::WrongType)
}

/// A text that the database is asked for as it is. PostgreSQL takes no NUL in one; no other control character
/// names anything either.
fn sought(value: &Value) -> Result<&str, FieldCode> {
    let text = text(value)?;
    if text.trim().chars().any(char::is_control) { Err(FieldCode::UnprintableCharacters) } else { Ok(text) }
}

/// The number of a bay, as a number or digits, or `"any"`.
///
/// # Errors
/// The code of what was wrong.
pub fn bay_choice(value: &Value) -> Result<BayChoice, FieldCode> {
    match value {
        Value::String(text) if text.eq_ignore_ascii_case("any") => Ok(BayChoice::Any),
        other => bay_id(other).map(BayChoice::Bay),
    }
}

/// The integer that a number such as `3.0` is: JSON has one kind of number, and some writers put the point.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 53 bits")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

/// The number of a bay, as a number or digits.
///
/// # Errors
/// The code of what was wrong.
pub fn bay_id(value: &Value) -> Result<i64, FieldCode> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)).ok_or(FieldCode::BayInvalid),
        Value::String(text) if text.len() <= 19 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse().map_err(|_| FieldCode::BayInvalid)
        }
        _ => Err(FieldCode::BayInvalid),
    }
}

/// A plate, with the text as it was given.
///
/// # Errors
/// The code of what was wrong.
pub fn plate(value: &Value) -> Result<(Plate, String), FieldCode> {
    let text = text(value)?;
    match Plate::parse(text) {
        Ok(plate) => Ok((plate, display_text(text))),
        Err(PlateError::Empty) => Err(FieldCode::Blank),
        Err(PlateError::TooLong) => Err(FieldCode::TooLong),
        Err(PlateError::NotAPlate) => Err(FieldCode::PlateInvalid),
    }
}

/// What somebody typed as a plate: any text that is not too long. Whether it is a plate is asked later.
///
/// # Errors
/// The code of what was wrong.
pub fn plate_typed(value: &Value) -> Result<String, FieldCode> {
    let text = text(value)?;
    if text.chars().count() > 64 { Err(FieldCode::TooLong) } else { Ok(text.to_owned()) }
}

/// What a camera says it read: any short text, trimmed.
///
/// # Errors
/// The code of what was wrong.
pub fn plate_read(value: &Value) -> Result<String, FieldCode> {
    let text = text(value)?.trim();
    if text.is_empty() {
        Err(FieldCode::Blank)
    } else if text.chars().count() > 64 {
        Err(FieldCode::TooLong)
    } else {
        Ok(text.to_owned())
    }
}

/// How sure a reader is of each character: 1 to 32 numbers from 0 to 1.
///
/// # Errors
/// The code of what was wrong.
pub fn confidences(value: &Value) -> Result<Vec<f64>, FieldCode> {
    let list = value.as_array().ok_or(FieldCode::WrongType)?;
    let confidences: Option<Vec<f64>> = list.iter().map(confidence).collect();
    confidences.filter(|confidences| confidences.len() <= 32).ok_or(FieldCode::ConfidenceInvalid)
}

fn confidence(value: &Value) -> Option<f64> {
    value.as_f64().filter(|confidence| (0.0..=1.0).contains(confidence))
}

/// What else a plate may be: up to 20 objects of `plate` and `confidence`.
///
/// # Errors
/// The code of what was wrong.
pub fn candidates(value: &Value) -> Result<Vec<Candidate>, FieldCode> {
    let list = value.as_array().ok_or(FieldCode::WrongType)?;
    let candidate = |value: &Value| {
        let text = plate_read(value.get("plate")?).ok()?;
        Some(Candidate { text, confidence: confidence(value.get("confidence")?)? })
    };
    let candidates: Option<Vec<Candidate>> = list.iter().map(candidate).collect();
    candidates.filter(|candidates| candidates.len() <= 20).ok_or(FieldCode::CandidatesInvalid)
}

/// A date as `YYYY-MM-DD`.
///
/// # Errors
/// The code of what was wrong.
pub fn date(value: &Value) -> Result<Date, FieldCode> {
    parse_date(text(value)?).map_err(|_| FieldCode::DateInvalid)
}

/// A time of day as `HH:MM`.
///
/// # Errors
/// The code of what was wrong.
pub fn time_of_day(value: &Value) -> Result<TimeOfDay, FieldCode> {
    text(value)?.parse().map_err(|_| FieldCode::TimeInvalid)
}

/// An instant as ISO 8601 or Unix seconds or milliseconds; whole seconds.
///
/// # Errors
/// The code of what was wrong.
pub fn instant(value: &Value) -> Result<i64, FieldCode> {
    let parsed = match value {
        Value::String(text) => timestamp::parse_text(text),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => timestamp::parse_integer(integer),
            None => timestamp::parse_number(number.as_f64().unwrap_or(f64::NAN)),
        },
        _ => return Err(FieldCode::TimestampInvalid),
    };
    parsed.map_err(|_| FieldCode::TimestampInvalid)
}

/// An e-mail, trimmed, in lower case. It must look like one address and nothing else: no white space and no
/// control character, so that it can stand in a mail's header.
///
/// # Errors
/// The code of what was wrong.
pub fn email(value: &Value) -> Result<String, FieldCode> {
    let text = text(value)?.trim();
    if text.is_empty() {
        return Err(FieldCode::Blank);
    }
    if text.to_lowercase().len() > 254 {
        return Err(FieldCode::TooLong);
    }
    account::email(text).ok_or(FieldCode::EmailInvalid)
}

/// An e-mail that may be the empty text, which counts as none.
///
/// # Errors
/// The code of what was wrong.
pub fn email_or_blank(value: &Value) -> Result<Option<String>, FieldCode> {
    match value.as_str().map(str::trim) {
        Some("") => Ok(None),
        _ => email(value).map(Some),
    }
}

/// What somebody typed as their e-mail when logging in: compared, not stored.
///
/// # Errors
/// The code of what was wrong.
pub fn login_name(value: &Value) -> Result<String, FieldCode> {
    let text = sought(value)?.trim().to_lowercase();
    if text.len() > 254 { Err(FieldCode::TooLong) } else { Ok(text) }
}

/// A password.
///
/// # Errors
/// The code of what was wrong.
pub fn password(value: &Value) -> Result<String, FieldCode> {
    let text = text(value)?;
    if text.len() > 4 * crate::service::accounts::LONGEST_PASSWORD {
        return Err(FieldCode::TooLong);
    }
    Ok(text.to_owned())
}

/// A code that somebody types.
///
/// # Errors
/// The code of what was wrong.
pub fn code(value: &Value) -> Result<String, FieldCode> {
    let code = sought(value)?;
    if code.len() > 64 { Err(FieldCode::TooLong) } else { Ok(code.to_owned()) }
}

/// A short line that people read, such as the name of a bay: 1 to `longest` characters, none unprintable.
pub fn line(longest: usize) -> impl Fn(&Value) -> Result<String, FieldCode> {
    move |value| {
        let line = text(value)?.trim();
        if line.is_empty() {
            Err(FieldCode::Blank)
        } else if line.chars().count() > longest {
            Err(FieldCode::TooLong)
        } else if display_text(line) != line {
            Err(FieldCode::UnprintableCharacters)
        } else {
            Ok(line.to_owned())
        }
    }
}

/// A role.
///
/// # Errors
/// The code of what was wrong.
pub fn role(value: &Value) -> Result<Role, FieldCode> {
    Role::from_name(text(value)?).ok_or(FieldCode::RoleInvalid)
}

/// The scope of a key.
///
/// # Errors
/// The code of what was wrong.
pub fn key_scope(value: &Value) -> Result<KeyScope, FieldCode> {
    KeyScope::from_name(text(value)?).ok_or(FieldCode::ScopeInvalid)
}

/// Addresses or networks, 20 at most.
///
/// # Errors
/// The code of what was wrong.
pub fn addresses(value: &Value) -> Result<Vec<IpNet>, FieldCode> {
    let list = value.as_array().ok_or(FieldCode::WrongType)?;
    let network = |value: &Value| {
        let text = value.as_str()?;
        text.parse::<IpNet>().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
    };
    let networks: Option<Vec<IpNet>> = list.iter().map(network).collect();
    networks.filter(|networks| networks.len() <= 20).ok_or(FieldCode::AddressesInvalid)
}

/// For how many days a key holds: 1 to 3650.
///
/// # Errors
/// The code of what was wrong.
pub fn key_days(value: &Value) -> Result<i64, FieldCode> {
    let days = value.as_i64().or_else(|| value.as_f64().and_then(whole));
    days.filter(|days| (1..=3650).contains(days)).ok_or(FieldCode::LifetimeInvalid)
}

/// A number in a query that says where a page begins.
///
/// # Errors
/// The code of what was wrong.
pub fn page_start(value: &Value) -> Result<i64, FieldCode> {
    text(value)?.parse().ok().filter(|number| *number >= 0).ok_or(FieldCode::WrongType)
}

/// A short text in a query.
///
/// # Errors
/// The code of what was wrong.
pub fn word(value: &Value) -> Result<String, FieldCode> {
    let word = sought(value)?;
    if word.chars().count() > 100 { Err(FieldCode::TooLong) } else { Ok(word.to_owned()) }
}

/// An address of ours to go on to; whether it is one is asked where it is used.
///
/// # Errors
/// The code of what was wrong.
pub fn address(value: &Value) -> Result<String, FieldCode> {
    let address = text(value)?;
    if address.len() > 2048 { Err(FieldCode::TooLong) } else { Ok(address.to_owned()) }
}

/// A token that we made.
///
/// # Errors
/// The code of what was wrong.
pub fn secret(value: &Value) -> Result<String, FieldCode> {
    let secret = sought(value)?;
    if secret.len() > 512 { Err(FieldCode::TooLong) } else { Ok(secret.to_owned()) }
}

/// The secret of an invitation. Blank is wrong: somebody who has one meant to give it.
///
/// # Errors
/// The code of what was wrong.
pub fn invitation(value: &Value) -> Result<String, FieldCode> {
    let secret = secret(value)?;
    if secret.trim().is_empty() { Err(FieldCode::Blank) } else { Ok(secret) }
}

/// True or false.
///
/// # Errors
/// The code of what was wrong.
pub fn boolean(value: &Value) -> Result<bool, FieldCode> {
    value.as_bool().ok_or(FieldCode::BooleanInvalid)
}

/// True or false as a word, in a query.
///
/// # Errors
/// The code of what was wrong.
pub fn word_for_boolean(value: &Value) -> Result<bool, FieldCode> {
    match value.as_str() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(FieldCode::BooleanInvalid),
    }
}

/// A number of days from 1 to 31, in a query.
///
/// # Errors
/// The code of what was wrong.
pub fn days(value: &Value) -> Result<u16, FieldCode> {
    let days = text(value)?.parse().map_err(|_| FieldCode::DaysInvalid)?;
    if (1..=31).contains(&days) { Ok(days) } else { Err(FieldCode::DaysInvalid) }
}

/// The name of a time zone.
///
/// # Errors
/// The code of what was wrong.
pub fn time_zone(value: &Value) -> Result<String, FieldCode> {
    let name = sought(value)?.trim();
    let zone = jiff::tz::TimeZone::get(name).map_err(|_| FieldCode::TimeZoneUnknown)?;
    Ok(zone.iana_name().ok_or(FieldCode::TimeZoneUnknown)?.to_owned())
}

/// The number of the bay that a camera looks at, or `"entrance"`, which is none.
///
/// # Errors
/// The code of what was wrong.
pub fn bay_or_entrance(value: &Value) -> Result<Option<i64>, FieldCode> {
    match value {
        Value::String(text) if text.eq_ignore_ascii_case("entrance") => Ok(None),
        other => bay_id(other).map(Some),
    }
}

/// The state of a sighting.
///
/// # Errors
/// The code of what was wrong.
pub fn sighting_state(value: &Value) -> Result<State, FieldCode> {
    State::from_name(text(value)?).ok_or(FieldCode::StateInvalid)
}

/// What a person decides about a sighting, by its name.
///
/// # Errors
/// The code of what was wrong.
pub fn decision(value: &Value) -> Result<State, FieldCode> {
    match text(value)? {
        "accept" => Ok(State::Accepted),
        "correct" => Ok(State::Corrected),
        "reject" => Ok(State::Rejected),
        _ => Err(FieldCode::DecisionInvalid),
    }
}

/// An id, which is a UUID.
///
/// # Errors
/// The code of what was wrong.
pub fn id(value: &Value) -> Result<String, FieldCode> {
    let id = uuid::Uuid::try_parse(text(value)?).map_err(|_| FieldCode::WrongType)?;
    Ok(id.to_string())
}

/// Where somebody left the stream of events.
///
/// # Errors
/// The code of what was wrong.
pub fn position(value: &Value) -> Result<Position, FieldCode> {
    text(value)?.trim().parse().map_err(|_| FieldCode::PositionInvalid)
}
