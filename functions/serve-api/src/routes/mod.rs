//! The **routes**: one file for each kind of thing that is asked for.

pub mod campaigns;
pub mod catalog;
mod catalog_query;
pub mod configurations;
mod cursor;
pub mod events;
pub mod health;
pub mod known;
pub mod plan;
pub mod recommendations;
pub mod reports;
mod specs;
