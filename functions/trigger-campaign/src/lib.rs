//! **trigger-campaign** turns an asked-for spec into a campaign: it checks the spec, keeps it as an object,
//! enters the campaign into the ledger and tells `campaign.requested`.
//!
//! The campaign's id follows from the spec, so that asking twice for the same thing is one campaign: a
//! finished one is left alone, a stopped one goes on where it stopped.

mod context;
mod error;
mod handler;
mod upload;

pub use context::Context;
pub use error::HandlerError;
pub use handler::{Repeat, Triggered, due, handle, resume_unfinished};
pub use upload::{Note, Upload, scheduled, uploaded};
