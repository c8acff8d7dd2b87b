//! The **telemetry of a run** is what its GPUs and its engine did while it was measured, in a few numbers. The series that
//! they come from are kept apart, for a while. What nobody could look at is told with the reason, so that an absent GPU is
//! a recorded fact and not a gap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was seen, or why nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Watched<T> {
    /// What was seen.
    Seen(T),
    /// Why nothing was, for people.
    Unseen(String),
}

impl<T> Watched<T> {
    /// What was seen.
    pub const fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(seen) => Some(seen),
            Self::Unseen(_) => None,
        }
    }
}

/// The telemetry of a run, of its window alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunTelemetry {
    /// The GPUs of the engine.
    pub gpus: Watched<Vec<GpuTelemetry>>,
    /// The engine, by its own metrics.
    pub engine: Watched<EngineTelemetry>,
}

impl RunTelemetry {
    /// Power of all GPUs together, W. None unless every one told it.
    #[must_use]
    pub fn power_w(&self) -> Option<f64> {
        let gpus = self.gpus.seen().filter(|gpus| !gpus.is_empty())?;
        gpus.iter().map(|gpu| gpu.power_mean_w).sum()
    }

    /// Most memory in use on any one GPU, bytes.
    #[must_use]
    pub fn memory_max_bytes(&self) -> Option<u64> {
        self.gpus.seen()?.iter().filter_map(|gpu| gpu.memory_max_bytes).max()
    }
}

/// One GPU during the window. What its driver does not tell is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GpuTelemetry {
    /// Which one: its index in the order of the PCI bus, or its UUID.
    pub device: String,
    /// Readings in the window.
    pub readings: u32,
    /// Mean share of the time in which some kernel ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utilisation_mean: Option<f64>,
    /// Most memory in use, by whatever uses it, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_max_bytes: Option<u64>,
    /// Mean board power, W: from its energy counter where it has one, else the mean of the readings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_mean_w: Option<f64>,
    /// Mean clock of the multiprocessors, MHz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sm_clock_mean_mhz: Option<f64>,
    /// Highest temperature, degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_max_c: Option<f64>,
    /// Share of the readings in which heat or power kept the clocks down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttled_share: Option<f64>,
}

/// An engine during the window, by its `/metrics`. What it does not tell is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EngineTelemetry {
    /// Readings in the window.
    pub readings: u32,
    /// Requests that it worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<MeanAndMax>,
    /// Requests that waited in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<MeanAndMax>,
    /// Share of the KV cache in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv_cache_use: Option<MeanAndMax>,
    /// Requests that lost their place in the KV cache and were begun again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemptions: Option<u64>,
    /// Share of the prompt tokens that came from the prefix cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_cache_hit_share: Option<f64>,
}

/// A gauge over the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeanAndMax {
    /// Mean of the readings.
    pub mean: f64,
    /// Largest reading.
    pub max: f64,
}
