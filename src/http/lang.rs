//! Which language a client reads.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

pub use crate::domain::lang::Lang;

use super::caller::preference;

/// The cookie of a language that somebody chose on our pages: `ko` or `en`.
pub(super) const LANGUAGE: &str = "jari_language";

impl Lang {
    /// The language of a request: the one that was chosen on our pages, or else whichever of Korean and English
    /// `Accept-Language` likes better (RFC 9110 §12.5.4), Korean when it names neither.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match preference(headers, LANGUAGE).as_deref() {
            Some("ko") => return Self::Ko,
            Some("en") => return Self::En,
            _ => {}
        }
        let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (mut korean, mut english) = (0.0_f32, 0.0_f32);
        for range in asked.split(',').take(32) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0));
            let primary = tag.split('-').next().unwrap_or_default();
            if primary.eq_ignore_ascii_case("ko") {
                korean = korean.max(weight);
            } else if primary.eq_ignore_ascii_case("en") {
                english = english.max(weight);
            }
        }
        if english > korean { Self::En } else { Self::Ko }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_unless_english_is_liked_better() {
        let cases = [
            ("", Lang::Ko),
            ("*", Lang::Ko),
            ("ko-KR,ko;q=0.9,en;q=0.8", Lang::Ko),
            ("en", Lang::En),
            ("en-US,en;q=0.9,ko;q=0.8", Lang::En),
            ("EN-gb", Lang::En),
            ("fr, en;q=0.1", Lang::En),
            ("fr", Lang::Ko),
            ("en;q=0, ko;q=0", Lang::Ko),
            ("en;q=NaN", Lang::Ko),
            ("english", Lang::Ko),
        ];
        for (asked, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, asked.parse().expect("a header value"));
            assert_eq!(Lang::of(&headers), expected, "{asked:?}");
        }
        assert_eq!(Lang::of(&HeaderMap::new()), Lang::Ko);
    }
}
