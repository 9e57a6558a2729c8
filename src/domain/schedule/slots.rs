//! Half-hour slots on the time line.

use serde::{Deserialize, Serialize};

/// The length of a slot in seconds.
pub const SLOT_SECONDS: i64 = 1800;

/// The most slots a range can have: 28 hours, the longest local day any zone had since 2000 (Casey station, 2010, 27
/// hours) and an hour to spare.
pub const MAX_SLOTS: i64 = 56;

/// Slots start on the quarter hours of UTC, because zones such as Asia/Kathmandu (+05:45) have their half hours there.
const GRID_SECONDS: i64 = 900;

/// One or more whole slots in a row, in UTC epoch seconds. The end is not part of it, so neighbours touch and do not
/// overlap.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(i64, i64)", into = "(i64, i64)")]
pub struct SlotRange {
    start: i64,
    end: i64,
}

/// Why two instants are no range of slots.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, thiserror::Error)]
pub enum RangeError {
    /// The end is the start or before it.
    #[error("the end is not after the start")]
    EndNotAfterStart,
    /// The start is not on a quarter hour, or the length is not a whole number of slots.
    #[error("the range is not made of whole slots")]
    NotOnSlots,
    /// More than [`MAX_SLOTS`].
    #[error("the range is longer than any day")]
    TooLong,
}

impl TryFrom<(i64, i64)> for SlotRange {
    type Error = RangeError;

    fn try_from((start, end): (i64, i64)) -> Result<Self, RangeError> {
        Self::from_instants(start, end)
    }
}

impl From<SlotRange> for (i64, i64) {
    fn from(range: SlotRange) -> Self {
        (range.start, range.end)
    }
}

impl SlotRange {
    /// A range from two instants in epoch seconds.
    ///
    /// # Errors
    /// See [`RangeError`].
    pub fn from_instants(start: i64, end: i64) -> Result<Self, RangeError> {
        if end <= start {
            return Err(RangeError::EndNotAfterStart);
        }
        let length = end.checked_sub(start).ok_or(RangeError::TooLong)?;
        if start % GRID_SECONDS != 0 || length % SLOT_SECONDS != 0 {
            return Err(RangeError::NotOnSlots);
        }
        if length > MAX_SLOTS * SLOT_SECONDS {
            return Err(RangeError::TooLong);
        }
        Ok(Self { start, end })
    }

    /// The first second of the range.
    #[must_use]
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The first second after the range.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The start of each slot, in order; 1 to [`MAX_SLOTS`] of them.
    pub fn slots(&self) -> impl Iterator<Item = i64> + use<> {
        let Self { start, end } = *self;
        std::iter::successors(Some(start), |slot| Some(slot + SLOT_SECONDS)).take_while(move |slot| *slot < end)
    }

    /// Whether the two share time. Ranges that touch do not.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether an instant lies in the range: `start <= instant < end`.
    #[must_use]
    pub fn contains(&self, instant: i64) -> bool {
        (self.start..self.end).contains(&instant)
    }
}

/// The starts of the two slots that can contain an instant (epoch seconds): the one on the half hours of UTC, and the
/// one that zones with quarter-hour offsets use. A look-up by these two keys finds every slot that holds the instant.
#[must_use]
pub fn slot_candidates(instant: i64) -> [i64; 2] {
    let back_to = |phase: i64| instant.saturating_sub(instant.saturating_sub(phase).rem_euclid(SLOT_SECONDS));
    [back_to(0), back_to(GRID_SECONDS)]
}
