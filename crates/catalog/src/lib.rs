//! The **catalogue** is what is known: the latest result of every configuration, in memory, where it is filtered and
//! ranked in milliseconds.
//!
//! - [`Snapshot`]: the results as columns, built from rows.
//! - [`Filter`]: which results a query is about.
//! - [`CatalogEntry`]: one result as a list shows it.
//! - [`recommend()`]: which configurations to run for a use case, and why, or why none.

mod compare;
pub mod entry;
pub mod filter;
mod left_out;
pub mod recommend;
pub mod request;
pub mod response;
pub mod snapshot;

pub use entry::CatalogEntry;
pub use filter::{Filter, Shape};
pub use recommend::recommend;
pub use request::{PriceKind, RecommendationRequest};
pub use response::{NoRecommendation, Recommendation};
pub use snapshot::Snapshot;
