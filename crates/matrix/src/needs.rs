//! What a configuration **needs** of the accelerators' memory: the footprint of its engine, and the KV cache of all
//! requests in flight.

use domain::Workload;
use forecast::Setup;
use forecast::engine::step_limits;
use forecast::footprint::Footprint;
use forecast::memory::{GIB, kv_bytes};

/// Memory that a configuration needs over all accelerators, GiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// Weights.
    pub weights_gib: f64,
    /// KV cache when every request in flight is at its longest.
    pub kv_cache_gib: f64,
    /// Activations and the runtime.
    pub overhead_gib: f64,
}

impl Needs {
    /// The needs of a workload on a server.
    pub fn of(setup: &Setup<'_>, workload: &Workload) -> Self {
        let limits = step_limits(setup.engine, setup.hardware, workload.slots());
        let footprint = Footprint::of(setup, limits);
        let gpus = f64::from(setup.hardware.count());
        let request = kv_bytes(setup.architecture, workload.tokens_per_request(), setup.hardware.count());
        Self {
            weights_gib: gpus * footprint.weights_gib,
            kv_cache_gib: f64::from(workload.slots()) * request / GIB,
            overhead_gib: gpus * (footprint.activations_gib + footprint.runtime_gib),
        }
    }

    /// All of it.
    pub fn total_gib(&self) -> f64 {
        self.weights_gib + self.kv_cache_gib + self.overhead_gib
    }
}
