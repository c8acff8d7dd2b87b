//! **Sampling** is looking at GPUs and at the engine's own metrics while a trial is measured.
//!
//! - [`sampler`]: looks once a second; [`reading`]: what it saw, as samples to be stored; [`summary`]: of the window.
//! - [`gpu_probe`]: how GPUs are looked at, by [`nvml`] or [`dcgm`].
//! - [`engine_metrics`]: what each engine's `/metrics` calls what all of them know, read from an [`exposition`].

pub mod dcgm;
mod engine_metrics;
mod exposition;
pub mod gpu_probe;
pub mod nvml;
mod reading;
mod sampler;
mod summary;

use std::sync::Arc;

pub use gpu_probe::{GpuProbe, GpuReading, NoGpuProbe};
pub use reading::Readings;
pub use sampler::Sampler;

/// The probe of this machine: the exporter that `dcgm_url` names, else the driver's library, else none with its reason.
#[must_use]
pub fn gpu_probe_of_this_machine(dcgm_url: Option<&str>) -> Arc<dyn GpuProbe> {
    let no_probe = |reason| -> Arc<dyn GpuProbe> { Arc::new(NoGpuProbe(reason)) };
    match dcgm_url {
        Some(url) => dcgm::DcgmProbe::at(url).map_or_else(no_probe, |probe| Arc::new(probe)),
        None => nvml::NvmlProbe::load().map_or_else(no_probe, |probe| Arc::new(probe)),
    }
}
