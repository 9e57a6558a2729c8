//! From a picture to a plate, by whatever the settings name.

mod local;
mod openai;
mod picture;
mod reading;
mod service;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::domain::plate::Plate;
use crate::outbound;

pub use local::{Found, LocalReader, SURE, recognition_of};
pub use picture::{Picture, PictureError};
pub use reading::plates_in;

/// How long a server that reads plates may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// The longest answer of a server that reads plates.
const LONGEST_ANSWER: usize = 64 * 1024;

/// How long to wait before the one repetition of a request that was not taken on.
const PAUSE: Duration = Duration::from_millis(300);

/// What reads plates, and how.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A server that speaks the OpenAI Responses API.
    OpenAi {
        /// `…/v1`, without a slash at the end.
        base_url: String,
        /// Without one, nothing is asked.
        key: Option<String>,
        /// Which model.
        model: String,
        /// What it is told.
        prompt: String,
    },
    /// A service of the site's own, at this address.
    Service(String),
    /// The reader built in.
    Local(Arc<LocalReader>),
}

/// What was read in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognition {
    /// The plates, the likeliest first; empty when there is none.
    pub plates: Vec<Candidate>,
    /// What the engine answered, as it came.
    pub raw: Value,
}

/// A plate that may be the one in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which.
    pub plate: Plate,
    /// How sure the engine is, from 0 to 1; `None` when it does not say.
    pub confidence: Option<f64>,
}

/// Why nothing was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecognizeError {
    /// The settings name nothing that can read.
    #[error("nothing that reads plates is set up")]
    NotConfigured,
    /// As many pictures are being read as may be.
    #[error("too many pictures are being read")]
    Busy,
    /// The server cannot be reached, refuses, or answers nonsense.
    #[error("the server that reads plates fails")]
    Failed,
    /// The server takes too long.
    #[error("the server that reads plates takes too long")]
    TimedOut,
    /// The picture cannot be decoded.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// Counted since the start.
#[derive(Debug, Default)]
struct Counters {
    calls: AtomicU64,
    failed: AtomicU64,
    without_plate: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
}

/// How much was asked of the engine since the start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// Pictures that were given to it.
    pub calls: u64,
    /// Those it failed at.
    pub failed: u64,
    /// Those in which it found no plate.
    pub without_plate: u64,
    /// Tokens of what it was sent, where it counts tokens.
    pub input_tokens: u64,
    /// Tokens of what it answered.
    pub output_tokens: u64,
}

/// Reads plates, so many at once.
pub struct Recognizer {
    engine: Engine,
    client: reqwest::Client,
    turns: Semaphore,
    counters: Counters,
}

/// The right to have one picture read. It is taken before the picture is, so that pictures that wait are not held
/// in memory.
pub struct Turn<'r>(#[expect(dead_code, reason = "held until it is dropped")] SemaphorePermit<'r>);

impl Recognizer {
    /// Reads at most `at_once` pictures at once, and waits `whole` for each.
    ///
    /// # Errors
    /// When TLS cannot be set up, or the address is one that is never asked.
    pub fn new(engine: Engine, at_once: usize, whole: Duration) -> Result<Self, String> {
        if let Engine::Service(url) | Engine::OpenAi { base_url: url, .. } = &engine
            && outbound::names_never_asked(url)
        {
            return Err("the address of the server that reads plates is link-local or a cloud's own".into());
        }
        let client = outbound::client(CONNECT, whole)?;
        Ok(Self { engine, client, turns: Semaphore::new(at_once), counters: Counters::default() })
    }

    /// What reads plates, for answers and logs: `openai:MODEL`, `http` or `local`.
    #[must_use]
    pub fn engine(&self) -> String {
        match &self.engine {
            Engine::OpenAi { model, .. } => format!("openai:{model}"),
            Engine::Service(_) => "http".to_owned(),
            Engine::Local(_) => "local".to_owned(),
        }
    }

    /// Takes a turn.
    ///
    /// # Errors
    /// [`RecognizeError::NotConfigured`], [`RecognizeError::Busy`].
    pub fn turn(&self) -> Result<Turn<'_>, RecognizeError> {
        match &self.engine {
            Engine::OpenAi { key: None, .. } => return Err(RecognizeError::NotConfigured),
            Engine::OpenAi { .. } | Engine::Service(_) | Engine::Local(_) => {}
        }
        self.turns.try_acquire().map(Turn).map_err(|_| RecognizeError::Busy)
    }

    /// Reads the plate in a picture.
    ///
    /// # Errors
    /// [`RecognizeError`].
    pub async fn read(&self, _turn: &Turn<'_>, picture: Picture) -> Result<Recognition, RecognizeError> {
        self.counters.calls.fetch_add(1, Ordering::Relaxed);
        let read = match &self.engine {
            Engine::OpenAi { base_url, key: Some(key), model, prompt } => {
                let asked = openai::Asked { base_url, key, model, prompt };
                openai::read(&self.client, &asked, picture).await.map(|(read, tokens)| {
                    self.counters.input_tokens.fetch_add(tokens.input, Ordering::Relaxed);
                    self.counters.output_tokens.fetch_add(tokens.output, Ordering::Relaxed);
                    read
                })
            }
            Engine::Service(url) => service::read(&self.client, url, picture).await,
            Engine::Local(reader) => look(Arc::clone(reader), picture).await,
            Engine::OpenAi { key: None, .. } => Err(RecognizeError::NotConfigured),
        };
        match &read {
            Err(_) => self.counters.failed.fetch_add(1, Ordering::Relaxed),
            Ok(read) if read.plates.is_empty() => self.counters.without_plate.fetch_add(1, Ordering::Relaxed),
            Ok(_) => 0,
        };
        read
    }

    /// How much was asked of the engine since the start.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let counted = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Usage {
            calls: counted(&self.counters.calls),
            failed: counted(&self.counters.failed),
            without_plate: counted(&self.counters.without_plate),
            input_tokens: counted(&self.counters.input_tokens),
            output_tokens: counted(&self.counters.output_tokens),
        }
    }
}

/// Decoded pictures are large, so one is looked at at a time.
static LOOKING: Semaphore = Semaphore::const_new(1);

/// Has the reader built in read a picture, beside the requests.
async fn look(reader: Arc<LocalReader>, picture: Picture) -> Result<Recognition, RecognizeError> {
    let turn = LOOKING.acquire().await.map_err(|_| RecognizeError::Busy)?;
    let found = tokio::task::spawn_blocking(move || {
        // Held here and not by the request, which may go away while the picture is still in memory.
        let _turn = turn;
        reader.look(&picture)
    });
    let found = found.await.map_err(|_| {
        tracing::error!("the plate reader panicked");
        RecognizeError::Failed
    })?;
    Ok(recognition_of(&found?))
}

/// Sends a request, and once more when it was not taken on: nobody accepted the connection, or the server said
/// that it is too busy. What was taken on and failed is not repeated; it may have been paid for.
async fn send(make: impl Fn() -> reqwest::RequestBuilder) -> Result<Vec<u8>, RecognizeError> {
    let mut again = true;
    let response = loop {
        let answer = make().send().await;
        let not_taken_on = match &answer {
            Ok(answer) => matches!(answer.status().as_u16(), 429 | 503),
            Err(error) => error.is_connect() && !error.is_timeout(),
        };
        if !(not_taken_on && again) {
            break answer.map_err(|error| failed(&error))?;
        }
        again = false;
        tokio::time::sleep(PAUSE).await;
    };
    let status = response.status();
    if !status.is_success() {
        tracing::warn!(http.status = status.as_u16(), "the server that reads plates refused");
        return Err(RecognizeError::Failed);
    }
    outbound::body(response, LONGEST_ANSWER).await.map_err(|error| match error {
        outbound::NoBody::Failed(error) => failed(&error),
        outbound::NoBody::TooLong(_) => nonsense("it is too long"),
    })
}

fn failed(error: &reqwest::Error) -> RecognizeError {
    // The address may carry a key, so the error is told without it.
    let kind = if error.is_timeout() { "takes too long" } else { "cannot be reached" };
    tracing::warn!(cause = kind, "the server that reads plates failed");
    if error.is_timeout() { RecognizeError::TimedOut } else { RecognizeError::Failed }
}

fn nonsense(why: &'static str) -> RecognizeError {
    tracing::warn!(cause = why, "the answer of the server that reads plates makes no sense");
    RecognizeError::Failed
}
