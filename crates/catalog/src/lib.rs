//! The **catalogue** is what is known: the latest result of every configuration, in memory, where it is filtered and
//! ranked in milliseconds.
//!
//! - [`Snapshot`]: the results as columns, built from rows or read from a file.
//! - [`Query`]: a page of results that match a [`Filter`], with what other choices would find.
//! - [`recommend()`]: which configurations to run for a use case, how many of them for a load, and why, or why none.
//! - [`Points`]: two numbers of every result that matches, with their fronts, for a scatter plot.
//! - [`Comparison`]: a few configurations side by side.
//! - [`Estimates`]: what a workload that was not measured would yield, from those around it.

mod any_of;
pub mod attainment;
pub mod axis;
pub mod capacity;
mod comparable;
pub mod compare;
mod contest;
mod dictionary;
pub mod entry;
pub mod estimate;
mod explain;
pub mod file;
pub mod filter;
mod front;
mod left_out;
pub mod method;
pub mod min_accuracy;
pub mod nearest;
pub mod no_recommendation;
pub mod points;
pub mod quantity;
pub mod query;
pub mod recommend;
mod rents;
pub mod request;
pub mod response;
pub mod snapshot;
mod statement;
pub mod table;
mod token_rates;

pub use domain::{Column, PriceKind, column};

pub use any_of::AnyOf;
pub use attainment::Attainment;
pub use axis::Axis;
pub use capacity::{Capacity, Machines, Servers};
pub use compare::{CompareError, CompareRequest, Comparison};
pub use entry::CatalogEntry;
pub use estimate::{EstimateRequest, EstimatedEntry, Estimates};
pub use file::{FileError, Published};
pub use filter::Filter;
pub use method::{Method, Turn};
pub use min_accuracy::{AccuracyMeasure, MinAccuracy};
pub use nearest::NearestWorkload;
pub use no_recommendation::NoRecommendation;
pub use points::{Points, PointsRequest};
pub use quantity::{Better, Quantity, Unit};
pub use query::{Page, Query, Range, Sort};
pub use recommend::recommend;
pub use rents::PriceSource;
pub use request::{Normalisation, RecommendationRequest};
pub use response::Recommendation;
pub use snapshot::Snapshot;
pub use table::{Table, TableError};
