//! The **routes**: one file for each kind of thing that is asked for.

pub mod campaigns;
pub mod catalog;
pub mod catalog_query;
pub mod compare;
pub mod configurations;
mod cursor;
pub mod download;
pub mod events;
pub mod health;
pub mod imports;
pub mod known;
pub mod metrics;
pub mod plan;
pub mod points;
pub mod rankings;
pub mod recommendations;
pub mod reports;
mod specs;
