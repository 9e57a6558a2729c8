//! What is wrong with the settings, said so that the reader can mend it.

use std::fmt;

use super::Origin;

/// One thing that is wrong. No secret is ever part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The setting as its source spells it; `None` when the settings file as a whole cannot be
    /// read.
    pub setting: Option<String>,
    /// Where the wrong value came from.
    pub origin: Origin,
    /// What is wrong and what would be right, in whole sentences.
    pub sentence: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.setting {
            Some(setting) => write!(f, "{setting} ({}): {}", self.origin, self.sentence),
            None => write!(f, "{}: {}", self.origin, self.sentence),
        }
    }
}

impl std::error::Error for ConfigError {}

/// All that is wrong, at least one thing; one line each when printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

impl ConfigErrors {
    /// The wrong settings, in the order of the reference, after those nobody knows.
    #[must_use]
    pub fn errors(&self) -> &[ConfigError] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("One setting is wrong:")?,
            n => write!(f, "{n} settings are wrong:")?,
        }
        self.0.iter().try_for_each(|error| write!(f, "\n  - {error}"))
    }
}

impl std::error::Error for ConfigErrors {}
