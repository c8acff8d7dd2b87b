//! The **batch runner** measures inference servers: it starts an engine, loads it, and stores what it saw.
//!
//! - [`load`]: applies a load to a server and measures it; [`bench`]: the same from the command line.
//! - [`engine`]: starts engines, or attaches to running ones; [`guard`]: no engine survives its runner.
//! - [`harness`]: a program of others that has servers do tasks.
//! - [`hosted`]: models that somebody else serves, with a key and its limits.
//! - [`transport`]: how bytes get to a server; [`control`]: small questions to it, outside of any load;
//!   [`api_key`]: what opens it.
//! - [`weights`]: fetched and checked before an engine starts.
//! - [`job`]: executes a batch, from claim to checkpoint. [`host_facts`]: what a run ran on.

pub mod api_key;
pub mod bench;
pub mod cache_folder;
pub mod control;
pub mod engine;
pub mod guard;
pub mod harness;
pub mod host_facts;
pub mod hosted;
pub mod job;
pub mod load;
pub mod sampling;
pub mod transport;
pub mod weights;
