//! **PostgreSQL** keeps the results of a team. Plain PostgreSQL will do; TimescaleDB adds what a time series
//! needs (see `migrations/timescale`), and the statements here are the same on both.
//!
//! The tables are made by [`PostgresResults::migrate`], which is a step of a deployment: opening never
//! changes a shared database.

mod failure;
mod insert;
mod results;

pub use results::PostgresResults;
