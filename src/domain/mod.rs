//! What a plate, a slot, a reservation, a sighting and an account are: pure, without IO, clock, SQL or HTTP.

pub mod account;
pub mod audit;
pub mod lang;
pub mod matching;
pub mod plate;
pub mod reservation;
pub mod schedule;
pub mod sighting;
pub mod timestamp;
pub mod totp;
