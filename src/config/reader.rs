//! Reads one setting after the other, and remembers what came out and what was wrong.

use std::borrow::Cow;

use super::error::{ConfigError, ConfigErrors};
use super::layers::{Layered, lay};
use super::setting::{Fallback, Setting};
use super::table::SETTINGS;
use super::{Effective, Origin, Secret, Sources};

/// The entry of the table.
pub(super) fn setting(name: &str) -> &'static Setting {
    SETTINGS.iter().find(|s| s.name == name).expect("each name that is read stands in the table")
}

pub(super) struct Reader {
    given: Layered,
    errors: Vec<ConfigError>,
    effective: Vec<Effective>,
}

impl Reader {
    pub fn new(sources: Sources<'_>) -> Self {
        let (given, errors) = lay(sources);
        Self { given, errors, effective: Vec::with_capacity(SETTINGS.len()) }
    }

    /// Whether somebody gave a value, right or wrong.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name) || self.is_wrong(name)
    }

    /// A setting whose default is a text of the table. After an error the default stands in, so
    /// that the settings that follow are looked at too.
    pub fn value<T, E>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        print: impl Fn(&T) -> String,
    ) -> T
    where
        E: Into<Cow<'static, str>>,
    {
        let Fallback::Text(text) = setting(name).fallback else { unreachable!("{name} has no text for a default") };
        let default = || parse(text).ok().expect("a test reads every default of the table");
        self.value_or(name, &parse, print, default)
    }

    /// A setting whose default follows from others.
    pub fn value_or<T, E>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        print: impl Fn(&T) -> String,
        default: impl FnOnce() -> T,
    ) -> T
    where
        E: Into<Cow<'static, str>>,
    {
        if let Some((value, origin)) = self.given_value(name, parse) {
            self.note(name, print(&value), origin);
            value
        } else {
            let value = default();
            self.note(name, print(&value), Origin::Default);
            value
        }
    }

    /// A setting that may stay without a value.
    pub fn optional<T, E>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        print: impl Fn(&T) -> String,
    ) -> Option<T>
    where
        E: Into<Cow<'static, str>>,
    {
        let (value, origin) = self.given_value(name, parse).unzip();
        let printed = value.as_ref().map_or_else(|| "(none)".to_owned(), print);
        self.note(name, printed, origin.unwrap_or(Origin::Default));
        value
    }

    fn given_value<T, E>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Option<(T, Origin)>
    where
        E: Into<Cow<'static, str>>,
    {
        let given = self.given.get(name)?;
        match parse(&given.text) {
            Ok(value) => Some((value, given.origin.clone())),
            Err(sentence) => {
                self.wrong(name, sentence);
                None
            }
        }
    }

    fn note(&mut self, name: &'static str, printed: String, origin: Origin) {
        // The table has the last word on what is secret, whatever the caller prints.
        let hidden = setting(name).is_secret() && origin != Origin::Default;
        let value = if hidden { Secret::MASK.to_owned() } else { printed };
        self.effective.push(Effective { name, value, origin });
    }

    /// Whether an error is known for this setting.
    pub fn is_wrong(&self, name: &str) -> bool {
        self.errors.iter().any(|e| e.setting.as_deref() == Some(name))
    }

    /// Notes what is wrong with a given setting.
    pub fn wrong(&mut self, name: &'static str, sentence: impl Into<Cow<'static, str>>) {
        let origin = self.given.get(name).map_or(Origin::Default, |given| given.origin.clone());
        let sentence = sentence.into().into_owned();
        self.errors.push(ConfigError { setting: Some(name.to_owned()), origin, sentence });
    }

    /// What is in force, in the order of the table; or all that is wrong.
    pub fn finish(mut self) -> Result<Vec<Effective>, ConfigErrors> {
        let place = |name: &str| SETTINGS.iter().position(|s| s.name == name);
        if self.errors.is_empty() {
            self.effective.sort_by_key(|e| place(e.name));
            Ok(self.effective)
        } else {
            // Unknown names have no place and come first.
            self.errors.sort_by_key(|e| e.setting.as_deref().and_then(place));
            Err(ConfigErrors(self.errors))
        }
    }
}
