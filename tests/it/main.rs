//! Every test that needs more than one module: one binary, so that it is linked once.
//!
//! `scripts/with-postgres scripts/with-browser cargo test` gives it a PostgreSQL and a browser. `JARI_TEST_SCALE=full`
//! makes the long ones long.

#![expect(clippy::disallowed_methods, reason = "tests read the environment and the machine's clock")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod architecture;
mod binary;
mod browser;
mod camera_payloads;
mod cameras;
mod command_line;
mod contract;
mod durability;
mod expected_cars;
mod fairness;
mod generated;
mod guards;
mod harness;
mod histories;
mod inbox;
mod inputs;
mod invitations;
mod live;
mod mails;
mod match_policies;
mod matching;
mod matrix;
mod oidc;
mod pace;
mod pages;
mod people;
mod races;
mod readme;
mod recognition;
mod second_factor;
mod security_page;
mod staff_pages;
mod storage;
mod tls;
