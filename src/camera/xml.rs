//! XML as a value like those of JSON: an element with elements in it is an object, another one a text; what is there
//! several times is a list. Namespaces, attributes, comments and processing instructions are passed over.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use super::NotUnderstood;

/// The most elements of a document. The largest that a camera sends has two hundred.
const MOST_ELEMENTS: usize = 5_000;

/// The deepest that elements may be in each other.
const MOST_LEVELS: usize = 32;

/// The longest name of an element, in bytes.
const LONGEST_NAME: usize = 128;

/// An element that was not closed yet.
struct Open {
    name: String,
    text: String,
    children: Map<String, Value>,
}

/// Reads a whole document, into an object with the root as its one field.
pub(super) fn parse(text: &str) -> Result<Value, NotUnderstood> {
    let mut reader = Reader::from_str(text);
    let (mut open, mut root, mut elements) = (Vec::<Open>::new(), Map::new(), 0);
    loop {
        match reader.read_event().map_err(|_| NotUnderstood::BrokenXml)? {
            Event::Start(start) => {
                elements += 1;
                if elements > MOST_ELEMENTS || open.len() >= MOST_LEVELS {
                    return Err(NotUnderstood::TooComplex);
                }
                open.push(Open { name: local_name(&start)?, text: String::new(), children: Map::new() });
            }
            Event::Empty(start) => {
                elements += 1;
                if elements > MOST_ELEMENTS {
                    return Err(NotUnderstood::TooComplex);
                }
                close(&mut open, &mut root, local_name(&start)?, Value::String(String::new()))?;
            }
            Event::End(_) => {
                let Open { name, text, children } = open.pop().ok_or(NotUnderstood::BrokenXml)?;
                let value =
                    if children.is_empty() { Value::String(text.trim().to_owned()) } else { Value::Object(children) };
                close(&mut open, &mut root, name, value)?;
            }
            Event::Text(text) => add(&mut open, &text.into_inner())?,
            Event::CData(text) => add(&mut open, &text.into_inner())?,
            Event::GeneralRef(reference) => add(&mut open, character(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::DocType(_) => return Err(NotUnderstood::ForbiddenXml),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if open.is_empty() && !root.is_empty() { Ok(Value::Object(root)) } else { Err(NotUnderstood::BrokenXml) }
}

/// The name without its namespace.
fn local_name(start: &BytesStart<'_>) -> Result<String, NotUnderstood> {
    let name = start.local_name();
    let name: &str = name.as_ref();
    if name.is_empty() || name.len() > LONGEST_NAME { Err(NotUnderstood::BrokenXml) } else { Ok(name.to_owned()) }
}

/// Text inside an element is its own; outside there may be white space, and the zeros that firmware ends texts with.
fn add(open: &mut [Open], text: &str) -> Result<(), NotUnderstood> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.chars().all(|c| c.is_whitespace() || c == '\0') => {}
        None => return Err(NotUnderstood::BrokenXml),
    }
    Ok(())
}

/// Puts a finished element into the one around it.
fn close(open: &mut [Open], root: &mut Map<String, Value>, name: String, value: Value) -> Result<(), NotUnderstood> {
    let Some(parent) = open.last_mut() else {
        if !root.is_empty() {
            return Err(NotUnderstood::BrokenXml);
        }
        root.insert(name, value);
        return Ok(());
    };
    match parent.children.get_mut(&name) {
        None => {
            parent.children.insert(name, value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
    Ok(())
}

/// `&#44032;`, or one of the five that XML itself has. What a document declares is never looked up.
fn character(reference: &BytesRef<'_>) -> Result<char, NotUnderstood> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().ok_or(NotUnderstood::BrokenXml);
    }
    let name: &str = reference;
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(NotUnderstood::ForbiddenXml),
    }
}
