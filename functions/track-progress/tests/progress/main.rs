//! Progress over a real ledger.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ends;
mod reconciler;
mod scene;
mod starting;
