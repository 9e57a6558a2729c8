//! The four layers laid over one another: which text, if any, was given for each setting.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::setting::{Kind, Setting};
use super::table::SETTINGS;
use super::{Origin, SecretFile, Sources};

/// A text that somebody gave, not yet understood. Never empty; perhaps a secret, so not `Debug`.
pub(super) struct Given {
    pub text: String,
    pub origin: Origin,
}

/// The given text of each setting, by name.
pub(super) type Layered = BTreeMap<&'static str, Given>;

/// Where the settings file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePath {
    /// Somebody named it, so it must exist.
    Required(PathBuf),
    /// The usual place; a missing file means that there are no settings in it.
    IfPresent(PathBuf),
}

/// Which settings file to read: the one of `--config`, else the one of `JARI_CONFIG`, else
/// `jari.toml` in the working directory if there is one.
#[must_use]
pub fn file_path(flag: Option<&Path>, env: &[(OsString, OsString)]) -> FilePath {
    let from_env = || {
        let (_, path) = env.iter().rev().find(|(name, value)| name == "JARI_CONFIG" && !value.is_empty())?;
        Some(PathBuf::from(path))
    };
    match flag.map(Path::to_path_buf).or_else(from_env) {
        Some(path) => FilePath::Required(path),
        None => FilePath::IfPresent(PathBuf::from("jari.toml")),
    }
}

/// Lays the sources over one another. An empty text counts as not given, in every layer.
pub(super) fn lay(sources: Sources<'_>) -> (Layered, Vec<ConfigError>) {
    let mut layers = Layers::default();
    if let Some(text) = sources.openai_key_file {
        let setting = super::reader::setting("OPENAI_API_KEY");
        layers.give(setting, text.trim_start_matches('\u{feff}').trim(), Origin::KeyFile);
    }
    if let Some((path, text)) = sources.file {
        layers.file(path, text);
    }
    for (name, value) in sources.env {
        layers.environment(name, value);
    }
    for file in sources.secret_files {
        layers.secret_file(file);
    }
    for (name, value) in sources.flags {
        layers.flag(name, value);
    }
    (layers.given, layers.errors)
}

#[derive(Default)]
struct Layers {
    given: Layered,
    errors: Vec<ConfigError>,
}

impl Layers {
    fn give(&mut self, setting: &Setting, text: &str, origin: Origin) {
        // Not every secret may lose the spaces around it: that is for its own rules to say.
        let text = if setting.is_secret() { text } else { text.trim() };
        if !text.trim().is_empty() {
            self.given.insert(setting.name, Given { text: text.to_owned(), origin });
        }
    }

    fn wrong(&mut self, setting: &str, origin: Origin, sentence: impl Into<String>) {
        // Names of unknown settings are somebody's typing: short and on one line, whatever they
        // are.
        let setting = setting.chars().take(60).flat_map(char::escape_debug).collect();
        self.errors.push(ConfigError { setting: Some(setting), origin, sentence: sentence.into() });
    }

    fn file(&mut self, path: &Path, text: &str) {
        let origin = || Origin::File(path.to_path_buf());
        let text = text.trim_start_matches('\u{feff}');
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                let sentence = syntax_sentence(text, &error);
                self.errors.push(ConfigError { setting: None, origin: origin(), sentence });
                return;
            }
        };
        for (key, value) in &table {
            let Some(setting) = SETTINGS.iter().find(|s| s.file_key() == *key) else {
                let sentence = if value.is_table()
                    || value.as_array().is_some_and(|items| items.iter().any(toml::Value::is_table))
                {
                    "the settings file has no sections of this name; write every setting at the top level.".to_owned()
                } else {
                    unknown_sentence(key, str::to_ascii_lowercase)
                };
                self.wrong(key, origin(), sentence);
                continue;
            };
            match toml_text(setting, value) {
                Ok(text) => self.give(setting, &text, origin()),
                Err(sentence) => self.wrong(setting.name, origin(), sentence),
            }
        }
    }

    fn environment(&mut self, name: &OsStr, value: &OsStr) {
        let Some(name) = name.to_str() else { return };
        let find = |name: &str| SETTINGS.iter().find(|s| s.name == name);
        if let Some(setting) = name.strip_prefix("JARI_").and_then(find) {
            let sentence =
                format!("there is no setting of this name; jari's settings have no prefix: {}.", setting.name);
            self.wrong(name, Origin::Environment, sentence);
            return;
        }
        let Some(setting) = find(name) else { return };
        let Some(text) = value.to_str() else {
            self.wrong(name, Origin::Environment, "the value is not UTF-8 text; save the file that sets it as UTF-8.");
            return;
        };
        // Some tools that read .env files hand the quotes over as a part of the value.
        let quoted = |q| text.len() >= 2 && text.starts_with(q) && text.ends_with(q);
        if quoted('"') || quoted('\'') {
            self.wrong(name, Origin::Environment, "the value is wrapped in quotes; take them off.");
            return;
        }
        self.give(setting, text, Origin::Environment);
    }

    /// The end of the last line is the editor's, not the secret's.
    fn secret_file(&mut self, file: &SecretFile) {
        let setting = super::reader::setting(file.setting);
        let origin = Origin::SecretFile(file.path.clone());
        if self.given.get(setting.name).is_some_and(|given| given.origin == Origin::Environment) {
            let sentence = format!("the environment gives it twice; keep {0} or {0}_FILE.", setting.name);
            self.wrong(setting.name, origin, sentence);
            return;
        }
        let text = file.text.trim_start_matches('\u{feff}');
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.trim().is_empty() {
            self.wrong(setting.name, origin, "there is nothing in the file.");
            return;
        }
        self.give(setting, text, origin);
    }

    fn flag(&mut self, name: &str, value: &str) {
        let wanted = name.trim().to_ascii_uppercase().replace('-', "_");
        match SETTINGS.iter().find(|s| s.name == wanted) {
            Some(setting) => self.give(setting, value, Origin::Flag),
            None => self.wrong(name, Origin::Flag, unknown_sentence(&wanted, str::to_owned)),
        }
    }
}

/// The text of a TOML value. Secrets and other texts must be TOML texts: a bare number would lose
/// its spelling on the way (`0x10` is 16), and a password would be another one.
fn toml_text(setting: &Setting, value: &toml::Value) -> Result<String, String> {
    use toml::Value;
    match (setting.kind, value) {
        (_, Value::String(text)) => Ok(text.clone()),
        (Kind::Number | Kind::Switch, Value::Integer(number)) => Ok(number.to_string()),
        (Kind::Switch, Value::Boolean(on)) => Ok(on.to_string()),
        (Kind::List, Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().ok_or_else(|| "each item of the list must be a text in quotes.".to_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map(|items| items.join(",")),
        (Kind::Tables, Value::Array(items)) if items.iter().all(Value::is_table) => {
            serde_json::to_string(value).map_err(|_| "a table has a number that JSON cannot have.".to_owned())
        }
        (Kind::Tables, _) => Err(format!("this must be tables; write each under [[{}]].", setting.file_key())),
        (Kind::Number, _) => Err("this must be a whole number.".to_owned()),
        (Kind::Switch, _) => Err("this must be true or false.".to_owned()),
        (Kind::List, _) => Err("this must be a list of texts in quotes, [\"…\", \"…\"].".to_owned()),
        (Kind::Text | Kind::Secret, _) => Err("this must be a text in quotes.".to_owned()),
    }
}

/// The TOML library's own display quotes the line, which may hold a secret; its message does not.
fn syntax_sentence(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.split('\n').count());
    let place = line.map_or_else(String::new, |line| format!(" at line {line}"));
    let message = error.message().lines().next().unwrap_or("unknown reason");
    format!("the settings file is not valid TOML{place}: {message}.")
}

fn unknown_sentence(name: &str, spell: fn(&str) -> String) -> String {
    let names = SETTINGS.iter().map(|s| s.name);
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix("JARI_").unwrap_or(&name);
    match closest(name, names) {
        Some(known) => format!("there is no setting of this name; did you mean {}?", spell(known)),
        None => "there is no setting of this name; docs/configuration.md lists them all.".to_owned(),
    }
}

/// The candidate with the fewest differing characters, if a typing error can explain them.
pub(super) fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(60).collect();
    candidates
        .map(|candidate| (distance(&name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, one row at a time.
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, b) in b.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, a) in a.iter().enumerate() {
            let substituted = diagonal + usize::from(*a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        for (a, b, expected) in [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("a", "b", 1)] {
            assert_eq!(distance(&a.chars().collect::<Vec<_>>(), b), expected);
        }
    }

    #[test]
    fn the_settings_file_is_the_one_somebody_named() {
        let env = [("JARI_CONFIG".into(), "/etc/jari.toml".into())];
        let empty = [("JARI_CONFIG".into(), "".into())];
        let required = |path: &str| FilePath::Required(path.into());
        assert_eq!(file_path(Some(Path::new("x.toml")), &env), required("x.toml"));
        assert_eq!(file_path(None, &env), required("/etc/jari.toml"));
        assert_eq!(file_path(None, &empty), FilePath::IfPresent("jari.toml".into()));
        assert_eq!(file_path(None, &[]), FilePath::IfPresent("jari.toml".into()));
    }
}
