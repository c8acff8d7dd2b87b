//! The **simulated engine** speaks the OpenAI API, TGI's and Anthropic's, and takes as long to answer as an inference engine with
//! continuous batching would, without a model: its words are noise, its timing is a formula.
//!
//! It exists to try Assay out on a laptop and to test the runner against a server whose truth is known.
//! `/v1/models` names `assay-simulated` as the owner, so that whatever is measured on it is stored as
//! `simulated` and is never ranked beside measurements.
//!
//! Tokens are counted by rule: one per word between white space, and [`tokens::CHAT_TEMPLATE_TOKENS`] more
//! for a chat's template.

mod api;
pub mod batching;
pub mod config;
mod engine;
mod server;
mod stream;
pub mod tokens;
pub mod truth;
mod wire;

pub use config::{Faults, SimulationConfig};
pub use server::{RunningEngine, StopCause, start};
pub use truth::{RequestTruth, Truth};

/// The owner of the served model, by which a client knows that it is not a real engine.
pub use domain::result::SIMULATED_OWNER as OWNER;
