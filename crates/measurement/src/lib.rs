//! **Measurement** turns what a load generator saw on the wire into metrics.
//!
//! The load generator only records: bytes, and the instant of every read. Everything that follows is here
//! and is pure, so that the same records always give the same numbers:
//!
//! 1. [`sse`] cuts the bytes into server-sent events, each with the instant of the read that completed it;
//! 2. [`answer`] says, for each protocol, which of them carry content, and how many tokens;
//! 3. [`record`] keeps one request's instants, tokens and outcome, those of its events as a [`timeline`] of few bytes;
//! 4. [`steady_state`] and [`window`] decide which part of a run counts;
//! 5. [`summary`], [`gaps`], [`throughput`] and [`aggregate`] compute the metrics, [`by_turn`] those of conversations'
//!    turns, [`certificate`] judges the client, [`cost`] adds money.
//!
//! Instants are nanoseconds of a monotonic clock since the start of the run. This crate does no IO and
//! depends on no runtime.

pub mod aggregate;
pub mod answer;
mod anthropic;
pub mod by_turn;
pub mod certificate;
pub mod cost;
pub mod enough;
pub mod fidelity;
pub mod gaps;
mod openai;
mod ranks;
pub mod record;
pub mod repeats;
pub mod sse;
pub mod steady_state;
mod student;
pub mod summary;
mod tgi;
pub mod throughput;
pub mod timeline;
pub mod window;

pub use record::RequestRecord;
pub use sse::Recording;
