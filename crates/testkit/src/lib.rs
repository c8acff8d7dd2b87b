//! The **test kit**: what the tests of more than one crate need.
//!
//! - [`conformance`]: for each port, what every adapter must do.
//! - [`fixtures`]: results to store and rank, without writing down fifty fields.
//! - [`MemoryBus`]: a bus whose events a test delivers itself.
//! - [`paced_engine`]: an engine whose every token is due at a known instant, for benches.
//! - [`scripted_engine`]: an engine that does exactly what a test says and tells the truth about it.
//! - [`services`]: private servers that a test starts and stops.
//!
//! It is for tests only, so it fails by panicking.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is used by tests alone, which fail by panicking"
)]

pub mod conformance;
pub mod fixtures;
mod memory_bus;
pub mod paced_engine;
pub mod scripted_engine;
mod self_signed;
pub mod services;
mod stream_truth;

pub use memory_bus::MemoryBus;
