//! **Traffic** is when requests arrive and how long they are, before any of them is sent.
//!
//! - [`rate`]: how many arrive per second, and how that changes: steady, in steps, in ramps;
//! - [`arrivals`]: when exactly, given the rate: evenly, at random, in bursts;
//! - [`lengths`]: how many tokens a prompt or an answer has;
//! - [`trace`]: all of that as somebody recorded it.
//!
//! Everything is a pure function of what was asked for and a seed. Instants are nanoseconds since the
//! schedule's start. This crate does no IO and depends on no runtime.

pub mod arrivals;
pub mod lengths;
pub mod rate;
pub mod trace;

pub use arrivals::Schedule;
pub use lengths::Lengths;
pub use rate::RatePlan;
