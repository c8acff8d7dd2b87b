//! **PostgreSQL** keeps the results of a team. Plain PostgreSQL will do; TimescaleDB adds what a time series
//! needs (see `migrations/timescale`), and the statements here are the same on both.
//!
//! The tables are made by [`PostgresResults::migrate`], which is a step of a deployment: opening never
//! changes a shared database.

mod copy;
mod failure;
mod insert;
mod knock;
mod known_facts;
mod mode;
mod results;
mod rollups;
mod server;
mod telemetry;

pub use mode::{Mode, Policies, Series};
pub use results::PostgresResults;
pub use server::REST;
