//! jari: a reservation server for sites where electric cars charge.
//!
//! `ARCHITECTURE.md` has the map. An arrow below means "may name":
//!
//! ```text
//! main → cli → app → { http, tasks } → service → { domain, store }     store → domain
//! ```

pub mod app;
pub mod camera;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
mod outbound;
mod random;
pub mod recognize;
pub mod service;
pub mod store;
pub mod tasks;
