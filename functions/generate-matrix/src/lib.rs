//! **generate-matrix** answers `campaign.requested`: it multiplies the axes out, removes what cannot run
//! with the reason kept, and what is not due where the spec asks for no more; it corrects the forecast by what was
//! measured before, stores the plan as an object and tells `matrix.generated`, or `campaign.failed` where nothing can run.

mod context;
mod error;
mod handler;

pub use context::Context;
pub use error::HandlerError;
pub use handler::{handle, shortages};
