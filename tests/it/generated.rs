//! The pages of docs/ that come from the code are those of this code.

use std::fs;
use std::path::Path;

#[test]
fn the_generated_pages_are_up_to_date() {
    let pages = [
        ("docs/openapi.json", jari::http::openapi_json()),
        ("docs/errors.md", jari::http::error_reference_markdown()),
        ("docs/configuration.md", jari::config::reference_markdown()),
    ];
    for (path, text) in pages {
        let committed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default();
        assert!(committed == text, "{path} is stale: run `make docs-generated` and commit it");
    }
}
