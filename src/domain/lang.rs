//! The two languages of every sentence that people see.

/// A language that people read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lang {
    /// Korean, unless English is asked for.
    Ko,
    /// English.
    En,
}

impl Lang {
    /// The tag for `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}
