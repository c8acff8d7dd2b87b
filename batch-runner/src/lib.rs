//! The **batch runner** measures inference servers: it starts an engine, loads it, and stores what it saw.
//!
//! - [`guard`]: no engine survives its runner.

pub mod guard;
