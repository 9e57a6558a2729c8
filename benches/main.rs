//! Benchmarks: figures and their ratios to a reference in the same run, printed, never judged.
//!
//! `make bench` runs all of them, `cargo bench -- creates growth http matching people reader` those that are named;
//! `cargo bench -- matching --write-docs` also writes its tables into docs/matching.md.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on says where")]

mod creates;
mod growth;
mod http;
mod matching;
mod people;
mod raw;
mod reader;
mod simulation;
mod site;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|given| given == name);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if wanted("creates") {
        runtime.block_on(creates::run());
    }
    if wanted("growth") {
        runtime.block_on(growth::run());
    }
    if wanted("http") {
        runtime.block_on(http::run());
    }
    if wanted("matching") {
        matching::run();
    }
    if wanted("people") {
        runtime.block_on(people::run());
    }
    if wanted("reader") {
        reader::run();
    }
}
