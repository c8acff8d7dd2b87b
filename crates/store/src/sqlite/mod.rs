//! **SQLite** keeps results and the ledger in one file each, shared by all processes of one machine.
//!
//! The journal is a write-ahead log, so that readers never wait for a writer. A write takes the write lock
//! when it begins (`BEGIN IMMEDIATE`): what it reads cannot change before it writes, which is what makes a
//! claim have one winner. Every commit reaches the disk before it returns.

mod bus;
mod database;
mod failure;
#[cfg(test)]
mod full_disk_tests;
mod insert;
mod instant;
mod interruptions;
mod known_facts;
mod ledger;
mod ledger_rows;
mod results;
mod rollups;
mod telemetry;

pub use bus::SqliteBus;
pub use ledger::SqliteLedger;
pub use results::SqliteResults;
