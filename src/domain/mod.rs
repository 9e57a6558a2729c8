//! What a plate, a slot, a reservation and an account are: pure, without IO, clock, SQL or HTTP.

pub mod account;
pub mod audit;
pub mod lang;
pub mod matching;
pub mod plate;
pub mod reservation;
pub mod schedule;
pub mod timestamp;
pub mod totp;
