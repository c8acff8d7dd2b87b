//! **generate-matrix** answers `campaign.requested`: it multiplies the axes out, removes what cannot run
//! with the reason kept, stores the plan as an object and tells `matrix.generated`.

mod context;
mod error;
mod handler;

pub use context::Context;
pub use error::HandlerError;
pub use handler::handle;
