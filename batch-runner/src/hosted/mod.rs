//! A **hosted** model is measured over the network of its provider, with a key and within the limits that come with it.
//!
//! - [`keys`]: where keys come from.
//! - [`service`]: a small question before each run, which tells the version that answers and the limits.
//! - [`limits`]: how much of what may be asked for, and when there will be more.

pub mod keys;
pub mod limits;
pub mod service;

pub use keys::{KeyError, Keys, RunnerKeys};
pub use limits::Limits;
pub use service::{Service, ServiceError};
