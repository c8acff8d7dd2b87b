//! **publish-catalog** answers `campaign.completed` and `campaign.failed`: it makes a new snapshot of the results, ranks every
//! use case and workload shape in it, keeps the rankings and the campaign's report as objects, tells people how the campaign
//! ended and tells `catalog.published`. On a schedule it does the first two when there are newer results.

mod context;
mod error;
mod handler;
mod notices;
mod report;
mod turn;

pub use context::Context;
pub use error::HandlerError;
pub use handler::{Ranking, handle, handle_failure, refresh};
pub use notices::{tell_all, tell_failure};
pub use report::{CampaignReport, Evidence};
