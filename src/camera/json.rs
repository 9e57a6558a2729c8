//! JSON with a bound on how many values it has; on levels, the parser has one of its own.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::NotUnderstood;

/// The most values of a document: numbers, texts, lists, objects. The largest that a camera sends has a few hundred.
const MOST_VALUES: usize = 20_000;

/// Reads a whole document. A field that is there twice must have the same value both times.
pub(super) fn parse(text: &str) -> Result<Value, NotUnderstood> {
    let state = State { left: Cell::new(MOST_VALUES), twice: Cell::new(false) };
    let mut parser = serde_json::Deserializer::from_str(text);
    let parsed = Counted(&state).deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    parsed.map_err(|_| match (state.left.get(), state.twice.get()) {
        (0, _) => NotUnderstood::TooComplex,
        (_, true) => NotUnderstood::TwiceDifferently,
        _ => NotUnderstood::BrokenJson,
    })
}

struct State {
    /// How many values may still come.
    left: Cell<usize>,
    /// Whether it was given up for a field that is there twice.
    twice: Cell<bool>,
}

/// Reads one value and what is in it.
struct Counted<'a>(&'a State);

impl<'de> DeserializeSeed<'de> for Counted<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, parser: D) -> Result<Value, D::Error> {
        let left = self.0.left.get();
        if left == 0 {
            return Err(D::Error::custom("too many values"));
        }
        self.0.left.set(left - 1);
        parser.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Counted(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            let value = object.next_value_seed(Counted(self.0))?;
            if values.get(&key).is_some_and(|known| *known != value) {
                self.0.twice.set(true);
                return Err(A::Error::custom("a field twice"));
            }
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}
