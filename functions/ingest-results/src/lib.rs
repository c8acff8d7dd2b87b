//! **ingest-results** takes files with results in: those that another store told (`assay results --json`, a campaign's
//! report). What was measured elsewhere is stored as `imported` and never ranked beside what was measured here; what is
//! simulated stays simulated.
//!
//! A file is stored whole or refused whole, with the line and the field that are wrong. The same file twice is stored once.

mod check;
mod context;
mod error;
mod handler;
mod read;

pub use context::Context;
pub use error::{BadFile, HandlerError};
pub use handler::{Ingested, MAX_BYTES, Note, ingest, uploaded};
