//! **track-progress** answers `batches.submitted`, `batch.ended`, `campaign.held` and `campaign.unsettled`: it puts interrupted batches back into
//! the queue, gives up on those that get nowhere, and tells `campaign.completed` when every batch has come
//! to an end. When the month's money is spent, it pauses every campaign. A job that starts for too long it ends.

mod budget;
mod context;
mod ends;
mod error;
mod handler;
mod reconcile;
mod spent;
mod starting;

pub use context::Context;
pub use ends::MAX_FRUITLESS_JOBS;
pub use error::HandlerError;
pub use handler::{batch_ended, batches_submitted, campaign_held};
pub use reconcile::{campaign_unsettled, reconcile};
pub use spent::{SPENT, money_spent};
pub use starting::still_starting;
