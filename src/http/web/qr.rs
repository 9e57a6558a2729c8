//! QR codes, as pictures that stand in a page.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// A text as a QR code: an SVG with a name for those who do not see it. Empty for a text that is too long for one.
pub(super) fn svg(text: &str, name: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let drawn = code.render::<svg::Color<'_>>().quiet_zone(true).build();
    // The library writes a document of its own; in a page only its element may stand.
    let element = drawn.find("<svg").map(|at| &drawn[at..]).unwrap_or_default();
    let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    element.replacen("<svg", &format!("<svg role=\"img\" aria-label=\"{name}\""), 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_one_element_with_a_name() {
        let drawn = super::svg("https://charge.example/reservations/1", "a \"name\"");
        assert!(drawn.starts_with("<svg role=\"img\" aria-label=\"a &quot;name&quot;\""), "{drawn}");
        assert!(drawn.trim_end().ends_with("</svg>"));
        assert!(!drawn.contains("style="));
        assert_eq!(super::svg(&"x".repeat(5000), ""), "");
    }
}
