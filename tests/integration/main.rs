//! Tests over the whole project.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

mod layering;
mod pipeline;
