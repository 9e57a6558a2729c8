//! Pace: how often somebody may do what is right. The throttle counts wrong tries; this bounds the right ones, so that
//! no program empties the calendar, asks about every plate there is, or keeps the server busy (OWASP ASVS 5 V2.4.1).
//!
//! A bucket for each subject holds so many tries and fills again over the window. One number a subject is kept, in
//! memory, by instance.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::domain::account::{Account, Actor, Role};

use super::throttle::RetryAfter;
use super::{Caller, Failure, Refusal, Site};

/// So many subjects are remembered at most. Beyond that those with a full bucket are forgotten, and when there are none
/// of these the newest are not counted: memory is worth more than their pace.
const SUBJECTS: usize = 100_000;

const SECOND: i64 = 1_000_000;

/// An address, operators and machines may do so many times what one driver may: many drivers share an address, and
/// these work for many.
const FOR_MANY: u32 = 10;

/// Right log-ins of one account in an hour, whatever the settings: more are no person's.
const LOG_INS: Rate = Rate { kind: "log-in", tries: 120, window: 60 * 60 };

/// How often what can be done; `None` for any number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rates {
    /// Booking, moving and cancelling: one driver, in an hour.
    pub changes_per_hour: Option<u32>,
    /// Asking about a plate: one driver, in a minute.
    pub checks_per_minute: Option<u32>,
    /// Requests of any kind: one address, in a minute.
    pub requests_per_minute: Option<u32>,
}

/// So many tries at once, and as many again over the window.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Rate {
    kind: &'static str,
    tries: u32,
    /// In seconds.
    window: i64,
}

impl Rate {
    fn times(self, factor: u32) -> Self {
        Self { tries: self.tries.saturating_mul(factor), ..self }
    }
}

/// Remembers when the bucket of each subject is full again.
#[derive(Default)]
pub struct Pace {
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// Microseconds.
    full_at: HashMap<(&'static str, String), i64>,
    pruned_at: i64,
}

impl Pace {
    /// Takes one try at `now`, in UTC seconds.
    fn take(&self, rate: Rate, subject: String, now: i64) -> Result<(), RetryAfter> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, window) = (now.saturating_mul(SECOND), rate.window * SECOND);
        if buckets.full_at.len() >= SUBJECTS && buckets.pruned_at != now {
            // Once a second at most: looking at all of them takes a while.
            buckets.pruned_at = now;
            buckets.full_at.retain(|_, full_at| *full_at > now);
        }
        let known = buckets.full_at.get(&(rate.kind, subject.clone())).copied();
        if known.is_none() && buckets.full_at.len() >= SUBJECTS {
            return Ok(());
        }
        // A bucket that is full later than one window from now was used before the clock went back.
        let full_at = known.filter(|full_at| (now..=now + window).contains(full_at)).unwrap_or(now);
        let full_at = full_at + window / i64::from(rate.tries);
        if full_at > now + window {
            return Err(RetryAfter((full_at - now - window + SECOND - 1) / SECOND));
        }
        buckets.full_at.insert((rate.kind, subject), full_at);
        Ok(())
    }
}

impl Site {
    /// Counts a booking, a move or a cancellation.
    pub(super) fn pace_change(&self, caller: &Caller) -> Result<(), Failure> {
        let rate = |tries| Rate { kind: "change", tries, window: 60 * 60 };
        self.keep_pace(caller, self.rates.changes_per_hour.map(rate))
    }

    /// Counts a question about a plate.
    pub(super) fn pace_check(&self, caller: &Caller) -> Result<(), Failure> {
        let rate = |tries| Rate { kind: "check", tries, window: 60 };
        self.keep_pace(caller, self.rates.checks_per_minute.map(rate))
    }

    /// Counts a log-in with the right password, or by the word of a provider.
    pub(super) fn pace_log_in(&self, caller: &Caller, account: &Account) -> Result<(), Failure> {
        let who = Caller { actor: Actor::Account(account.clone(), String::new()), ..caller.clone() };
        self.keep_pace(&who, Some(LOG_INS))
    }

    /// Counts a request, whatever it is.
    ///
    /// # Errors
    /// [`Refusal::TooManyTries`].
    pub fn pace_request(&self, caller: &Caller) -> Result<(), Failure> {
        let Some(tries) = self.rates.requests_per_minute else { return Ok(()) };
        self.take_by_address(caller, Rate { kind: "request", tries, window: 60 })
    }

    /// Drivers are bound by account and by address, whoever is not logged in by address; operators and machines' keys
    /// by who they are; whoever holds the `ADMIN_TOKEN` not at all.
    fn keep_pace(&self, caller: &Caller, rate: Option<Rate>) -> Result<(), Failure> {
        let Some(rate) = rate else { return Ok(()) };
        let by_name = |rate| self.take(rate, caller.actor.name());
        match &caller.actor {
            Actor::Administrator => Ok(()),
            Actor::Key(_) => by_name(rate.times(FOR_MANY)),
            Actor::Account(account, _) | Actor::Enrolling(account, _) if account.role != Role::Driver => {
                by_name(rate.times(FOR_MANY))
            }
            Actor::Account(..) | Actor::Enrolling(..) => {
                self.take_by_address(caller, rate.times(FOR_MANY))?;
                by_name(rate)
            }
            Actor::Anonymous | Actor::Open => self.take_by_address(caller, rate.times(FOR_MANY)),
        }
    }

    /// Requests from this machine itself are not counted by address: they are its own programs', or those of everybody
    /// through a proxy that `TRUSTED_PROXIES` does not name.
    fn take_by_address(&self, caller: &Caller, rate: Rate) -> Result<(), Failure> {
        if caller.address.as_ref().is_none_or(IpAddr::is_loopback) {
            return Ok(());
        }
        self.take(rate, caller.counted_address())
    }

    fn take(&self, rate: Rate, subject: String) -> Result<(), Failure> {
        let taken = self.pace.take(rate, subject, self.clock.now());
        taken.map_err(|RetryAfter(seconds)| Refusal::TooManyTries(seconds).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { kind: "test", tries: 60, window: 60 * 60 };

    fn taken(pace: &Pace, now: i64) -> usize {
        (0..1000).filter(|_| pace.take(RATE, "me".to_owned(), now).is_ok()).count()
    }

    #[test]
    fn so_many_at_once_and_as_many_again_over_the_window() {
        let pace = Pace::default();
        assert_eq!(taken(&pace, 0), 60);
        assert_eq!(pace.take(RATE, "me".to_owned(), 0), Err(RetryAfter(60)));
        assert_eq!(pace.take(RATE, "me".to_owned(), 59), Err(RetryAfter(1)));
        assert_eq!(pace.take(RATE, "them".to_owned(), 0), Ok(()));
        assert_eq!(taken(&pace, 60), 1);
        assert_eq!(taken(&pace, 60 + 600), 10);
        assert_eq!(taken(&pace, 100_000), 60);
    }

    #[test]
    fn a_clock_that_goes_back_stops_nobody() {
        let pace = Pace::default();
        assert_eq!(taken(&pace, 1_000_000), 60);
        assert_eq!(taken(&pace, 1_000_000 - 7200), 60);
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let pace = Pace::default();
        for subject in 0..SUBJECTS + 1000 {
            assert_eq!(pace.take(RATE, subject.to_string(), 5), Ok(()));
        }
        assert_eq!(pace.buckets.lock().expect("not poisoned").full_at.len(), SUBJECTS);
        // Once their buckets are full again they make room.
        assert_eq!(pace.take(RATE, "later".to_owned(), 5 + 60), Ok(()));
        assert_eq!(pace.buckets.lock().expect("not poisoned").full_at.len(), 1);
    }
}
