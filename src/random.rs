//! Randomness from the operating system: ids, secrets, salts.

use std::cell::RefCell;

use crate::clock::Clock;

/// `N` unpredictable bytes.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness once it is up");
    bytes
}

/// A secret of 32 bytes, in hexadecimal digits.
#[must_use]
pub fn secret() -> String {
    hex(&bytes::<32>())
}

/// A new UUID of version 7: its 74 random bits cannot be guessed, and ids made one after another stand
/// together in an index.
#[must_use]
pub fn uuid(clock: &Clock) -> String {
    let millis = u64::try_from(clock.now_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes::<10>()).into_uuid().to_string()
}

/// A new random UUID of version 4, for request ids. These are no secrets and there are many, so a thread asks the
/// operating system for the randomness of so many at once.
#[must_use]
pub fn request_id() -> String {
    thread_local! {
        static AHEAD: RefCell<Vec<[u8; 16]>> = const { RefCell::new(Vec::new()) };
    }
    let bytes = AHEAD.with_borrow_mut(|ahead| {
        if ahead.is_empty() {
            ahead.extend(bytes::<1024>().as_chunks::<16>().0);
        }
        ahead.pop()
    });
    uuid::Builder::from_random_bytes(bytes.unwrap_or_else(self::bytes)).into_uuid().to_string()
}

/// Hexadecimal digits of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_one_id() {
        let ids = || (0..1000).map(|_| request_id()).collect::<Vec<String>>();
        let other = std::thread::spawn(ids);
        let mut all = ids();
        all.extend(other.join().unwrap());
        assert!(all.iter().all(|id| id.parse::<uuid::Uuid>().is_ok_and(|id| id.get_version_num() == 4)));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 2000);
    }
}
