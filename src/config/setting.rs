//! What is known of a setting before anybody gives it.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The environment spelling; the settings file uses the same in lower case.
    pub name: &'static str,
    /// What a value looks like.
    pub kind: Kind,
    /// Where it stands in the reference.
    pub group: Group,
    /// What holds when nobody gives it.
    pub fallback: Fallback,
    /// What it does, for administrators, in Markdown.
    pub doc: &'static str,
}

impl Setting {
    /// The spelling of the settings file.
    #[must_use]
    pub fn file_key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// The environment variable that names a file with the value, if that may hold a secret.
    #[must_use]
    pub fn file_variable(&self) -> Option<String> {
        let holds_password =
            matches!(self.name, "DATABASE_URL" | "DATABASE_READ_URL" | "SMTP_URL" | "PLATE_SERVICE_URL");
        (self.is_secret() || holds_password).then(|| format!("{}_FILE", self.name))
    }

    /// Whether the value must never be printed.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::Tables)
    }
}

/// What a value looks like, and so which TOML types may carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text that is never printed.
    Secret,
    /// A whole number.
    Number,
    /// True or false.
    Switch,
    /// Texts with commas between them; in the settings file an array of texts too.
    List,
    /// A JSON array of objects, in the settings file an array of tables. Printed never: secrets may stand in it.
    Tables,
}

/// What holds when nobody gives a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This text, read like a given one.
    Text(&'static str),
    /// Worked out from other settings, as described.
    Computed(&'static str),
    /// No value.
    None,
}

/// A heading of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the titles say it")]
pub enum Group {
    Server,
    Database,
    Booking,
    Access,
    Mail,
    Recognition,
    Logging,
}

impl Group {
    /// All groups, in the order of the reference.
    pub const ALL: [Self; 7] =
        [Self::Server, Self::Database, Self::Booking, Self::Access, Self::Mail, Self::Recognition, Self::Logging];

    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Server => "Server",
            Self::Database => "Database",
            Self::Booking => "Booking",
            Self::Access => "Access",
            Self::Mail => "Mail",
            Self::Recognition => "Recognition",
            Self::Logging => "Logging",
        }
    }
}
