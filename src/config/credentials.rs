//! The rules for passwords, tokens and keys. Every refusal is a fixed sentence, so that no part of a
//! secret can be in one.

use std::collections::BTreeSet;

use super::Secret;

/// Passwords that stand in documentation and examples, or at the head of every guesser's list.
const PUBLISHED_PASSWORDS: &str = "\
    11111111 12341234 12345678 123456789 1234567890 1q2w3e4r 1q2w3e4r5t abcd1234 admin \
    admin1 admin123 admin1234 admin12345 admin123! admin@123 adminadmin administrator \
    adminpass adminpassword change-me change_me change-me-please changeit changeme \
    changeme1 changeme123 changethis default demo1234 example iloveyou letmein letmein1 \
    letmein123 p@ssw0rd p@ssword pass1234 passw0rd password password1 password12 \
    password123 password1234 password! qwer1234 qwerty qwerty12 qwerty123 qwertyuiop \
    replace-me root1234 secret secret123 test1234 testtest topsecret welcome welcome1 \
    welcome123 your-password your_password yourpassword";

pub(super) fn admin_password(text: &str) -> Result<Secret, &'static str> {
    let length = text.chars().count();
    let spelled = text.trim().to_lowercase();
    if PUBLISHED_PASSWORDS.split(' ').any(|published| published == spelled) {
        return Err("this password is one that is published and tried first; choose one \
             that nobody can guess.");
    }
    if text.chars().any(char::is_control) {
        return Err("the password contains control characters (perhaps the line end of a \
             file saved on Windows); choose one without.");
    }
    if text.trim() != text {
        return Err("the password starts or ends with white space, which gets lost too \
             easily; choose one without.");
    }
    if length < 8 {
        return Err("the password is too short; choose one of at least 8 characters.");
    }
    if length > 256 {
        return Err("the password is too long; 256 characters is the most.");
    }
    if different(text) == 1 {
        return Err("the password is one character again and again; choose one that nobody \
             can guess.");
    }
    Ok(Secret::new(text))
}

pub(super) fn admin_token(text: &str) -> Result<Secret, &'static str> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("admin-demo-token") {
        return Err("this token is published, so everybody has it; make one of your own \
             with: openssl rand -hex 32.");
    }
    header_text(text)?;
    if text.len() < 24 {
        return Err("the token is too short; use at least 24 characters, made with: openssl \
             rand -hex 32.");
    }
    if different(text) < 6 {
        return Err("the token repeats a few characters, so it can be guessed; make one \
             with: openssl rand -hex 32.");
    }
    Ok(Secret::new(text))
}

pub(super) fn api_key(text: &str) -> Result<Secret, &'static str> {
    let text = text.trim();
    header_text(text)?;
    Ok(Secret::new(text))
}

/// What can be sent in an `Authorization` header.
fn header_text(text: &str) -> Result<(), &'static str> {
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("it contains white space or characters that cannot be sent in a header; \
             use letters, digits and ASCII punctuation only, on one line.");
    }
    if text.len() > 1024 {
        return Err("it is too long; 1024 characters is the most.");
    }
    Ok(())
}

fn different(text: &str) -> usize {
    text.chars().collect::<BTreeSet<_>>().len()
}
