//! **split-batches** answers `matrix.generated`: it cuts the plan into batches of at most 100
//! configurations, keeps their manifests, submits those that fit the budget and tells
//! `batches.submitted`.

mod context;
mod error;
mod handler;

pub use context::Context;
pub use error::HandlerError;
pub use handler::handle;
