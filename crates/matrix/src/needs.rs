//! What a configuration **needs** of the accelerators' memory: the footprint of its engine, and the KV cache of all
//! requests in flight.
//!
//! An engine is started for requests as long as the longest of its launch, and vLLM refuses to start when the cache
//! cannot hold one of them, however short the mean is. Each workload is asked for its own longest request.

use domain::{Architecture, Workload};
use forecast::Setup;
use forecast::engine::step_limits;
use forecast::footprint::Footprint;
use forecast::memory::{GIB, kv_bytes};

/// Memory that a configuration needs over all accelerators, GiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// Weights.
    pub weights_gib: f64,
    /// KV cache when every request in flight has reached its mean length.
    pub kv_cache_gib: f64,
    /// KV cache of one request of the length that the engine must take.
    pub longest_gib: f64,
    /// Activations and the runtime.
    pub overhead_gib: f64,
}

impl Needs {
    /// The needs of a workload on a server.
    pub fn of(setup: &Setup<'_>, workload: &Workload) -> Self {
        let limits = step_limits(setup.engine, setup.hardware, workload.slots());
        let footprint = Footprint::of(setup, limits);
        let gpus = f64::from(setup.hardware.count());
        let request_gib = |tokens| kv_bytes(setup.architecture, tokens, setup.hardware.count()) / GIB;
        Self {
            weights_gib: gpus * footprint.weights_gib,
            kv_cache_gib: f64::from(workload.slots()) * request_gib(workload.tokens_per_request()),
            longest_gib: request_gib(context_tokens(setup.architecture, workload.longest_request_tokens())),
            overhead_gib: gpus * (footprint.activations_gib + footprint.runtime_gib),
        }
    }

    /// All of it.
    pub fn total_gib(&self) -> f64 {
        self.weights_gib + self.kv_cache_gib + self.overhead_gib
    }
}

/// Tokens of context that an engine is started with for requests of at most so many. It has room beyond them, within
/// what the model allows: a prompt of so many tokens is approached from both sides, and one token over the context is a
/// failed request.
pub(crate) fn context_tokens(architecture: &Architecture, longest: u64) -> u64 {
    let spare = 16 + longest / 32;
    (longest + spare).min(architecture.context_tokens.into()).max(longest)
}
