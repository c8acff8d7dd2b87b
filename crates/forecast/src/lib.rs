//! A **forecast** says how fast a configuration should be before it runs, from data sheets and
//! arithmetic: a roofline. It decides what a campaign will take and cost, and it gives the simulated engine
//! plausible speeds.
//!
//! Nothing in this crate is a measurement. Whatever is stored from a [`Forecast`] carries
//! `Provenance::Forecast`, and whatever a simulated engine yields that was given a [`ServerModel`] carries
//! `Provenance::Simulated`; the callers see to it, since no type here is a result.
//!
//! - [`memory`]: bytes of weights and of KV cache.
//! - [`footprint`]: memory that an engine takes before any request comes, and what is left for the KV cache.
//! - [`machine`]: what a hardware config can do per second.
//! - [`engine`]: how much of it an engine gets, and how long it takes to start.
//! - [`server_model`]: the times of one prefill token and of one decode step.
//! - [`closed_loop`]: what a closed loop of requests sees of such a server.
//! - [`hosted`]: what models that somebody else serves take and cost.
//! - [`calibration`]: corrections learnt from what was measured.

pub mod calibration;
pub mod closed_loop;
pub mod engine;
pub mod footprint;
pub mod hosted;
pub mod machine;
pub mod memory;
pub mod server_model;

pub use calibration::{Calibration, CalibrationError, Observation};
pub use closed_loop::{Forecast, forecast};
pub use hosted::{hosted_forecast, trial_usd};
pub use server_model::ServerModel;

use domain::{Architecture, Engine, Hardware, Launch, Quantisation, known};

/// What is loaded and where: everything about a server that its speed depends on.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// Sizes of the model.
    pub architecture: &'a Architecture,
    /// Precision of the weights.
    pub quantisation: Quantisation,
    /// Quantised weights are unpacked to 16 bits before they are multiplied, so that they save memory traffic and no
    /// arithmetic ([`domain::known::weights_only`]).
    pub weights_only: bool,
    /// What it runs on.
    pub hardware: Hardware,
    /// What runs it.
    pub engine: Engine,
}

impl<'a> Setup<'a> {
    /// The setup of a launch, whose model has these sizes.
    #[must_use]
    pub fn of(launch: &Launch, architecture: &'a Architecture) -> Self {
        let quantisation = launch.model.quantisation;
        Self {
            architecture,
            quantisation,
            weights_only: known::weights_only(&launch.model.model, quantisation),
            hardware: launch.hardware,
            engine: launch.framework.engine,
        }
    }
}
