//! **Traffic** is when requests arrive and how long they are, before any of them is sent.
//!
//! - [`arrivals`]: when exactly, given their rate over time: evenly, at random, in bursts;
//! - [`conversations`]: how many turns they have, and how long people think in between;
//! - [`lengths`]: how many tokens a prompt or an answer has;
//! - [`dataset`]: prompts that people wrote;
//! - [`trace`]: instants and lengths as somebody recorded them.
//!
//! And [`search`]: which load to try next, to find what a server can take.
//!
//! Everything is a pure function of what was asked for and a seed. Instants are nanoseconds since the
//! schedule's start. This crate does no IO and depends on no runtime.

pub mod arrivals;
pub mod conversations;
pub mod dataset;
pub mod lengths;
mod rate;
pub mod search;
pub mod trace;

pub use arrivals::Schedule;

/// The parser's own words and the column. The line is named by the caller, since the parser may see a part of the text.
fn told(error: &serde_json::Error) -> String {
    let words = error.to_string();
    format!("{} at column {}", words.split(" at line ").next().unwrap_or_default(), error.column())
}
