//! What survives: the real program, killed, restarted, starved of disk and cut off from its database.

mod full_disk;
mod kill;
mod ledger;
mod outage;
pub mod process;
mod restart;
mod start;
