//! **ingest-results** takes files with results in: those that another store told (`assay results --json`, a campaign's
//! report), and those of other tools (docs/imports.md). What was measured elsewhere is stored as `imported` and never ranked
//! beside what was measured here; what is simulated stays simulated.
//!
//! A file is stored whole or refused whole, with the line and the field that are wrong. The same file twice is stored once.

mod context;
mod error;
mod handler;

pub use context::Context;
pub use error::HandlerError;
pub use formats::{BadFile, ImportReport, MAX_BYTES, Stated};
pub use handler::{Ingested, Note, ingest, uploaded};
