//! **Load** is the traffic that a server is measured under. [`measure`] applies it and says what it saw.
//!
//! A few threads share the work so that the clock never waits for anything but the network:
//!
//! - `load-io`: the timed path ([`timed`]). One thread, one event loop. It writes prepared requests, stamps
//!   each read at the socket and appends the body's bytes to a buffer. It reads no JSON, waits for no other thread,
//!   and allocates nothing for a token over HTTP/1.1 (`tests/timed_path.rs` counts); TLS and HTTP/2 do in their
//!   libraries.
//! - `load-prompts`: makes the requests ([`prompts`]) ahead of their time.
//! - `load-turns`: where there are conversations, makes the next turn of each from the last answer ([`turns`]);
//! - `load-decode`: reads the recorded streams ([`decode`]) into [`records`] and computes the metrics.
//!
//! Before that, [`calibration`] finds out how many words of the [`vocabulary`] make a prompt of the length asked
//! for, as the server counts it, and [`ceiling`] what this client can do on this host.

mod arrivals;
pub mod calibration;
pub mod ceiling;
mod decode;
mod error;
mod judge;
mod measure;
mod plan;
pub mod progress;
pub mod prompts;
pub mod protocols;
pub mod records;
mod socket_limit;
pub mod source;
mod timed;
mod turns;
mod verdict;
pub mod vocabulary;

pub use arrivals::requests_within;
pub use error::{FailuresInARow, LoadError};
pub(crate) use error::{failures_in_words, reason_name};
pub use measure::{DEFAULT_MAX_IN_FLIGHT, Target, TrialMeasurement, TrialRequest, measure, measure_watched};
pub(crate) use timed::retry_after;
pub use vocabulary::{Vocabulary, VocabularyError};

/// A time in whole nanoseconds; the most there are when it is longer.
fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Starts a thread of that name.
fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}
