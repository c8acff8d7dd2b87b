//! What a configuration **needs** of the accelerators' memory: the footprint of its engine, and the KV cache of all
//! requests in flight.
//!
//! An engine is started for requests as long as the longest of its launch, and vLLM refuses to start when the cache
//! cannot hold one of them, however short the mean is. Each workload is asked for its own longest request.
//!
//! llama.cpp takes the cache of that longest request for every slot when it starts, whatever is asked of it then. What
//! several workloads need of one start is what one with the most slots and the longest request of them would need.

use domain::{Architecture, Engine, Workload};
use forecast::Setup;
use forecast::engine::step_limits;
use forecast::footprint::{Footprint, usable_gib};
use forecast::memory::{GIB, kv_bytes};

/// Memory that a configuration needs over all accelerators, GiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// Weights.
    pub weights_gib: f64,
    /// KV cache when every request in flight has reached its mean length, or what the engine takes of it at once.
    pub kv_cache_gib: f64,
    /// KV cache of one request of the length that the engine must take.
    pub longest_gib: f64,
    /// Activations and the runtime.
    pub overhead_gib: f64,
}

/// What is asked of an engine at most, of its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Requests in flight.
    slots: u32,
    /// Tokens of a request on average, prompt and answer.
    mean_tokens: u64,
    /// Tokens of the longest request.
    longest_tokens: u64,
}

impl Extent {
    pub(crate) fn of(workload: &Workload) -> Self {
        Self {
            slots: workload.slots(),
            mean_tokens: workload.tokens_per_request(),
            longest_tokens: workload.longest_request_tokens(),
        }
    }

    /// What two workloads ask of one engine, one after the other.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            slots: self.slots.max(other.slots),
            mean_tokens: self.mean_tokens.max(other.mean_tokens),
            longest_tokens: self.longest_tokens.max(other.longest_tokens),
        }
    }
}

/// Whether an engine takes the KV cache of the longest request for every slot when it starts, and so has no more of it
/// for short ones.
pub(crate) const fn takes_cache_at_start(engine: Engine) -> bool {
    matches!(engine, Engine::LlamaCpp)
}

impl Needs {
    /// The needs of a workload on a server.
    pub fn of(setup: &Setup<'_>, workload: &Workload) -> Self {
        Self::of_extent(setup, Extent::of(workload))
    }

    /// The needs of a server that is started for so much.
    pub(crate) fn of_extent(setup: &Setup<'_>, extent: Extent) -> Self {
        let limits = step_limits(setup.engine, setup.hardware, extent.slots);
        let footprint = Footprint::of(setup, limits);
        let gpus = f64::from(setup.hardware.count());
        let request_gib = |tokens| kv_bytes(setup.architecture, tokens, setup.hardware.count()) / GIB;
        let longest_gib = request_gib(context_tokens(setup.architecture, extent.longest_tokens));
        let of_slot_gib =
            if takes_cache_at_start(setup.engine) { longest_gib } else { request_gib(extent.mean_tokens) };
        Self {
            weights_gib: gpus * footprint.weights_gib,
            kv_cache_gib: f64::from(extent.slots) * of_slot_gib,
            longest_gib,
            overhead_gib: gpus * (footprint.activations_gib + footprint.runtime_gib),
        }
    }

    /// Whether a server has the memory to be started for so much. That of a processor is not known.
    pub(crate) fn fit(setup: &Setup<'_>, extent: Extent) -> bool {
        let usable = usable_gib(setup.hardware).map(|each| each * f64::from(setup.hardware.count()));
        usable.is_none_or(|usable| Self::of_extent(setup, extent).total_gib() <= usable)
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
