//! The clock, as a parameter: what the time is, is said by whoever builds the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time. Clones tell the same.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `now`, in UTC seconds, until it is [`Clock::set`]: for tests.
    #[must_use]
    pub fn standing_at(now: i64) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(now))))
    }

    /// Puts a standing clock to another time; the clock of the machine is left alone.
    pub fn set(&self, now: i64) {
        if let Source::Set(seconds) = &self.0 {
            seconds.store(now, Ordering::SeqCst);
        }
    }

    /// UTC seconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now_millis().div_euclid(1000)
    }

    /// UTC milliseconds since 1970.
    #[must_use]
    pub fn now_millis(&self) -> i64 {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
            Source::System => jiff::Timestamp::now().as_millisecond(),
            Source::Set(seconds) => seconds.load(Ordering::SeqCst) * 1000,
        }
    }
}
