//! A camera of the site, and what it saw.

/// A camera of the site.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Camera {
    /// A UUID.
    pub id: String,
    /// What people call it, unique on the site.
    pub name: String,
    /// The bay that it looks at; `None` for one at an entrance.
    pub bay: Option<i64>,
    /// The time zone of its clock, as the IANA names it.
    pub zone: String,
    /// The machine's key by which it sends.
    pub key: String,
    /// UTC seconds.
    pub created_at: i64,
    /// Since when it is not listened to, UTC seconds.
    pub off_at: Option<i64>,
    /// When it sent last, UTC seconds.
    pub seen_at: Option<i64>,
    /// In which format it sent last.
    pub format: Option<String>,
    /// By how many milliseconds its clock was ahead of ours when it sent last.
    pub drift: Option<i64>,
}

/// What became of a sighting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// It is a car that is expected.
    Matched,
    /// It is no car that is expected. Its plate is not kept.
    Passing,
    /// A person should look.
    Review,
    /// A person looked and agreed.
    Accepted,
    /// A person looked and said which plate it is.
    Corrected,
    /// A person looked and said that it is nothing.
    Rejected,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Matched, Self::Passing, Self::Review, Self::Accepted, Self::Corrected, Self::Rejected];

    /// The name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Passing => "passing",
            Self::Review => "review",
            Self::Accepted => "accepted",
            Self::Corrected => "corrected",
            Self::Rejected => "rejected",
        }
    }

    /// The state of a name, or `None` when there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What a camera saw.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// Its place among all sightings, in the order in which they were stored.
    pub number: i64,
    /// A UUID.
    pub id: String,
    /// Which camera.
    pub camera: String,
    /// The bay that the camera looked at.
    pub bay: Option<i64>,
    /// The camera's own id of what it told.
    pub event: Option<String>,
    /// In which format it was told.
    pub format: String,
    /// What read the plate: `camera`, or the engine that was given the picture.
    pub read_by: String,
    /// The plate as it was read. `None` when there was none, for who passes by, and once it is forgotten.
    pub plate_text: Option<String>,
    /// The plate masked; empty when there was none.
    pub plate_masked: String,
    /// The plate under a key of the site's: the same for the same plate, and nothing else can be told from it.
    pub plate_hash: Option<String>,
    /// How sure the reader was, in thousandths.
    pub confidence: Option<i64>,
    /// `approaching` or `leaving`.
    pub direction: Option<String>,
    /// When, UTC seconds.
    pub taken_at: i64,
    /// When, by the camera's own clock, UTC milliseconds.
    pub device_at: Option<i64>,
    /// When it arrived here, UTC seconds.
    pub received_at: i64,
    /// When the same was seen last, UTC seconds.
    pub last_at: i64,
    /// How often the same was seen again.
    pub repeats: i64,
    /// How it was matched: `exact`, `tolerant` or `none`.
    pub how: String,
    /// Why.
    pub reason: String,
    /// The distance of the nearest expected plate, in thousandths of a nat.
    pub distance: Option<i64>,
    /// How far the next best was behind, in thousandths of a nat.
    pub margin: Option<i64>,
    /// When the car came, beside its reservation: `early`, `on_time` or `late`.
    pub arrival: Option<String>,
    /// The reservation that the car holds, by its UUID.
    pub reservation: Option<String>,
    /// What became of it.
    pub state: State,
    /// When a person looked, UTC seconds.
    pub reviewed_at: Option<i64>,
    /// Who, as the audit trail names them.
    pub reviewed_by: Option<String>,
}

/// Something that a camera sent and that was not understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quarantined {
    /// A UUID.
    pub id: String,
    /// Which camera.
    pub camera: String,
    /// What it called it.
    pub content_type: Option<String>,
    /// Bytes.
    pub size: i64,
    /// Why it was not understood.
    pub reason: String,
    /// When it was sent first, UTC seconds.
    pub received_at: i64,
    /// When it was sent last, UTC seconds.
    pub last_at: i64,
    /// How often it was sent.
    pub times: i64,
}
