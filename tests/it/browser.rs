//! Our pages in a real browser, as people use them.
//!
//! `scripts/with-browser` gives these tests Chromium, its driver and axe-core.

mod accessible;
mod driver;
mod figures;
mod operators;
mod pages;
mod place;
mod screenshots;
mod strangers;
mod walks;
