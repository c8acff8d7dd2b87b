//! Tests over the whole project.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod calls;
mod chaos;
mod cold_start;
#[path = "../../crates/catalog/tests/common/mod.rs"]
#[allow(dead_code, reason = "what the tests of the catalogue need beside it")]
mod common;
mod deployment;
mod functions;
mod layering;
mod on_lambda;
mod pipeline;
#[path = "../../crates/catalog/benches/rows/mod.rs"]
#[allow(dead_code, reason = "what its benches need beside it")]
mod rows;
