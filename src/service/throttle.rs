//! Throttling: how often somebody may try something. Counts are kept in memory, by instance.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// So many subjects are remembered at most; beyond that those without a recent try are forgotten.
const SUBJECTS: usize = 100_000;

/// No window is longer, in seconds.
const LONGEST_WINDOW: i64 = 60 * 60;

/// How many tries in how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit {
    /// What is counted: subjects of different kinds do not meet.
    pub kind: &'static str,
    /// So many tries.
    pub tries: usize,
    /// In so many seconds.
    pub window: i64,
}

/// Wrong passwords of one account from one address.
pub const LOGIN_BY_ACCOUNT_AND_ADDRESS: Limit = Limit { kind: "login account+address", tries: 10, window: 15 * 60 };
/// Wrong passwords from one address, whatever the account.
pub const LOGIN_BY_ADDRESS: Limit = Limit { kind: "login address", tries: 30, window: 15 * 60 };
/// Wrong codes of one account, from wherever: whoever tries them has its password.
pub const CODE_BY_ACCOUNT: Limit = Limit { kind: "code account", tries: 20, window: 60 * 60 };
/// New accounts from one address.
pub const REGISTER_BY_ADDRESS: Limit = Limit { kind: "register address", tries: 20, window: 60 * 60 };
/// Sign-ins with an identity provider that were begun and not finished, from one address.
pub const SIGN_IN_BY_ADDRESS: Limit = Limit { kind: "sign-in address", tries: 60, window: 15 * 60 };
/// Returns from an identity provider that were not good, from one address.
pub const RETURN_BY_ADDRESS: Limit = Limit { kind: "return address", tries: 60, window: 15 * 60 };
/// New passwords by a link, from one address.
pub const RESET_BY_ADDRESS: Limit = Limit { kind: "reset address", tries: 20, window: 60 * 60 };

/// Links for a new password that somebody asked for, from one address.
pub const FORGOT_BY_ADDRESS: Limit = Limit { kind: "forgot address", tries: 20, window: 60 * 60 };
/// Mails to one e-mail that anybody can cause.
pub const MAIL_BY_EMAIL: Limit = Limit { kind: "mail e-mail", tries: 5, window: 60 * 60 };
/// Proofs of an e-mail by a link, from one address.
pub const PROOF_BY_ADDRESS: Limit = Limit { kind: "proof address", tries: 20, window: 60 * 60 };

/// Counts tries in a sliding window.
#[derive(Default)]
pub struct Throttle {
    tries: Mutex<Tries>,
}

#[derive(Default)]
struct Tries {
    times: HashMap<(&'static str, String), VecDeque<i64>>,
    pruned_at: i64,
}

/// Seconds until the next try is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RetryAfter(pub i64);

impl Throttle {
    /// Counts a try at `now`, in UTC seconds, if it is allowed. Counting before the outcome is known keeps a
    /// thousand tries at once from all being the first; [`Throttle::forgive`] takes it back.
    ///
    /// # Errors
    /// How long to wait.
    pub fn count(&self, limit: Limit, subject: &str, now: i64) -> Result<(), RetryAfter> {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.times.len() >= SUBJECTS && tries.pruned_at != now {
            // Once a second at most: looking at all of them takes a while.
            tries.pruned_at = now;
            tries.times.retain(|_, times| times.back().is_some_and(|last| *last > now - LONGEST_WINDOW));
        }
        let times = tries.times.entry((limit.kind, subject.to_owned())).or_default();
        // A try of the future was made before the clock went back.
        times.retain(|time| *time > now - limit.window && *time <= now);
        if times.len() >= limit.tries {
            let oldest = times.front().copied().unwrap_or(now);
            return Err(RetryAfter((oldest + limit.window - now).max(1)));
        }
        times.push_back(now);
        Ok(())
    }

    /// Takes a counted try back: it was a right one.
    pub fn forgive(&self, limit: Limit, subject: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = tries.times.get_mut(&(limit.kind, subject.to_owned())) {
            times.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { kind: "test", tries: 3, window: 60 };

    #[test]
    fn tries_are_counted_in_a_sliding_window() {
        let throttle = Throttle::default();
        for now in [0, 10, 20] {
            assert_eq!(throttle.count(LIMIT, "me", now), Ok(()));
        }
        assert_eq!(throttle.count(LIMIT, "me", 30), Err(RetryAfter(30)));
        assert_eq!(throttle.count(LIMIT, "other", 30), Ok(()));
        assert_eq!(throttle.count(LIMIT, "me", 60), Ok(()), "the first is over");
        assert_eq!(throttle.count(LIMIT, "me", 61), Err(RetryAfter(9)));
    }

    #[test]
    fn right_tries_are_not_counted() {
        let throttle = Throttle::default();
        for now in 0..100 {
            assert_eq!(throttle.count(LIMIT, "me", now), Ok(()));
            throttle.forgive(LIMIT, "me");
        }
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let throttle = Throttle::default();
        for _ in 0..3 {
            assert_eq!(throttle.count(LIMIT, "me", 1_000_000), Ok(()));
        }
        assert_eq!(throttle.count(LIMIT, "me", 1_000_000 - 3600), Ok(()));
    }
}
