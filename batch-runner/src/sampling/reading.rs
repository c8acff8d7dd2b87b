//! A **reading** is what a GPU or an engine tells at one instant; a run has a series of each.

use chrono::{DateTime, Utc};
use domain::RunId;
use domain::run_telemetry::Watched;
use store::ports::telemetry::{Sample, Source};

use super::engine_metrics::EngineReading;
use super::gpu_probe::GpuReading;

/// A value at an instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct At<T> {
    pub at: DateTime<Utc>,
    pub value: T,
}

/// The readings of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// The GPUs that were looked at.
    pub(super) devices: Vec<String>,
    /// Each of them, at each instant.
    pub(super) gpus: Watched<Vec<At<Vec<GpuReading>>>>,
    pub(super) engine: Watched<Vec<At<EngineReading>>>,
}

impl Readings {
    /// As samples to be stored.
    #[must_use]
    pub fn samples(&self, run: &RunId) -> Vec<Sample> {
        let mut samples = Vec::new();
        let mut add = |source, device, at, (metric, value): (&str, f64)| {
            samples.push(Sample {
                run_id: run.clone(),
                source,
                device,
                metric: metric.to_owned(),
                at,
                value,
            });
        };
        for At { at, value } in self.gpus.seen().into_iter().flatten() {
            for (device, gpu) in (0..).zip(value) {
                gpu.named().for_each(|named| add(Source::Gpu, device, *at, named));
            }
        }
        for At { at, value } in self.engine.seen().into_iter().flatten() {
            value.named().for_each(|named| add(Source::Engine, 0, *at, named));
        }
        samples
    }
}
