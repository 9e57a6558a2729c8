//! Codes by the clock (RFC 6238) as authenticator apps make them: SHA-1, six digits, steps of 30 seconds.
//!
//! SHA-1 is what every app can do; HMAC needs no resistance to collisions (RFC 6238 §B, RFC 4226 §B.2).

use ring::hmac;
use subtle::ConstantTimeEq as _;

/// How long a code is shown, in seconds.
const STEP: i64 = 30;

/// The clocks of the app and of the server may be so many steps apart (RFC 6238 §5.2).
const SKEW: i64 = 1;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of `now`, in UTC seconds, of which `code` is, if it is a later one than `after`.
#[must_use]
pub fn step_of(secret: &[u8], code: &str, now: i64, after: i64) -> Option<i64> {
    let current = now.div_euclid(STEP);
    (current - SKEW..=current + SKEW).find(|step| {
        let is_same: bool = code_at(secret, *step).as_bytes().ct_eq(code.as_bytes()).into();
        is_same && *step > after
    })
}

/// The code of a step.
#[must_use]
pub fn code_at(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226 §5.3: four bytes from where the last one says, without their first bit.
    let from = usize::from(tag[tag.len() - 1] & 0xf);
    let number = tag[from..from + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// The step of `now`, in UTC seconds.
#[must_use]
pub fn current_step(now: i64) -> i64 {
    now.div_euclid(STEP)
}

/// What an app reads from a picture or a link, for the account of an e-mail.
#[must_use]
pub fn uri(secret: &str, email: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(byte);
    let label: String = email
        .bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("otpauth://totp/jari:{label}?secret={secret}&issuer=jari&algorithm=SHA1&digits=6&period={STEP}")
}

/// Bytes in Base32 (RFC 4648 §6), without padding. What is no multiple of five bytes is padded with zeros.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let number = (0..5).fold(0_u64, |number, at| number << 8 | u64::from(chunk.get(at).copied().unwrap_or(0)));
        for digit in (0..8).rev() {
            text.push(char::from(ALPHABET[usize::try_from(number >> (5 * digit) & 31).unwrap_or(0)]));
        }
    }
    text
}

/// The bytes of a text in Base32, or `None` when it is none of whole groups.
#[must_use]
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 8 * 5);
    for group in text.as_bytes().chunks(8) {
        let number = group.iter().try_fold(0_u64, |number, letter| {
            let digit = ALPHABET.iter().position(|known| known == letter)?;
            Some(number << 5 | u64::try_from(digit).ok()?)
        })?;
        if group.len() != 8 {
            return None;
        }
        bytes.extend_from_slice(&number.to_be_bytes()[3..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B, the last six of its eight digits.
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, current_step(now)), code, "at {now}");
        }
    }

    #[test]
    fn a_code_counts_a_step_early_and_late_and_not_again() {
        let (now, step) = (1_234_567_890, 41_152_263);
        for (of, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = code_at(SECRET, step + of);
            assert_eq!(step_of(SECRET, &code, now, 0), counts.then_some(step + of), "{of}");
            assert_eq!(step_of(SECRET, &code, now, step + 1), None, "all of them are used up");
        }
        for wrong in ["", "00592", "0059240", "００５９２４"] {
            assert_eq!(step_of(SECRET, wrong, now, 0), None);
        }
    }

    #[test]
    fn base32_goes_there_and_back() {
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(from_base32(&base32(SECRET)).as_deref(), Some(SECRET));
        for nonsense in ["GEZDGNB", "gezdgnbv", "GEZDGNB1", "가나다"] {
            assert_eq!(from_base32(nonsense), None);
        }
    }

    #[test]
    fn an_app_learns_whose_the_codes_are() {
        assert_eq!(
            uri("GEZDGNBV", "kim+1@example.com"),
            "otpauth://totp/jari:kim%2B1@example.com?secret=GEZDGNBV&issuer=jari&algorithm=SHA1&digits=6&period=30"
        );
    }
}
