//! The **footprint** of an engine: memory of one accelerator that is taken before any request comes. What it leaves is
//! the KV cache.

use domain::{Engine, Hardware, known};

use crate::Setup;
use crate::engine::StepLimits;
use crate::memory::{GIB, kv_bytes, weights_bytes};

/// Share of the memory that an engine may use: vLLM's default `gpu_memory_utilization`. The others differ by a few
/// hundredths (SGLang `mem_fraction_static`, LMDeploy `cache_max_entry_count` of what is free). CUDA graphs, which take
/// up to a GiB, are captured in what is left over.
pub const USABLE_SHARE: f64 = 0.9;

/// GiB that the driver keeps: what `nvidia-smi` reports as total less what a program sees.
const DRIVER_GIB: f64 = 0.5;

/// GiB for the CUDA context and cuBLAS workspaces that PyTorch does not count (vLLM logs 0.13 to 0.15).
const CONTEXT_GIB: f64 = 0.15;

/// GiB for the buffers of NCCL, when there is anybody to talk to.
const NCCL_GIB: f64 = 0.4;

/// Copies of all logits, in 32 bits, that are alive when vLLM warms up its sampler with as many sequences as it has
/// places for: they are cast, sorted, normalised and summed up. Seven logs give 9.6 to 9.9.
const LOGIT_COPIES: f64 = 9.7;

/// Live elements of one token in a dense layer, in units of the hidden size and of the width of the feed-forward
/// layer: residual, norm and attention; the two halves of the gate and their product.
const LIVE_HIDDEN: f64 = 3.0;
const LIVE_INTERMEDIATE: f64 = 3.0;

/// Width of a feed-forward layer in units of the hidden size, where it is not known.
const USUAL_INTERMEDIATE: f64 = 3.5;

/// Memory of one accelerator, GiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// Weights.
    pub weights_gib: f64,
    /// Activations of the largest step: those of the layers, or the logits, whichever is more.
    pub activations_gib: f64,
    /// What the runtime keeps.
    pub runtime_gib: f64,
}

impl Footprint {
    /// The footprint of a setup with the steps it may take.
    #[must_use]
    pub fn of(setup: &Setup<'_>, limits: StepLimits) -> Self {
        let a = setup.architecture;
        let gpus = f64::from(setup.hardware.count());
        let hidden = f64::from(a.hidden_size);
        // Every token is copied to each of its experts.
        let (routed, width) = match (a.blocks.experts, a.blocks.intermediate_size) {
            (Some(e), dense) => {
                let experts =
                    f64::from(e.per_token) * f64::from(e.intermediate_size) + f64::from(e.shared_size);
                (f64::from(e.per_token), experts.max(dense.map_or(0.0, f64::from)))
            }
            (None, Some(width)) => (0.0, f64::from(width)),
            (None, None) => (0.0, USUAL_INTERMEDIATE * hidden),
        };
        let elements = (LIVE_HIDDEN + routed) * hidden + LIVE_INTERMEDIATE * width / gpus;
        let layers = f64::from(limits.tokens) * elements * 2.0;
        let copies = if setup.engine == Engine::LlamaCpp { 1.0 } else { LOGIT_COPIES };
        let logits = f64::from(limits.sequences) * f64::from(a.vocabulary) * 4.0 * copies;
        Self {
            weights_gib: weights_bytes(a, setup.quantisation, setup.engine) / gpus / GIB,
            activations_gib: layers.max(logits) / GIB,
            runtime_gib: CONTEXT_GIB + if setup.hardware.count() > 1 { NCCL_GIB } else { 0.0 },
        }
    }

    /// All of it.
    #[must_use]
    pub fn total_gib(&self) -> f64 {
        self.weights_gib + self.activations_gib + self.runtime_gib
    }
}

/// Memory of one accelerator that an engine may use, GiB. None for a processor, whose memory is the machine's.
#[must_use]
pub fn usable_gib(hardware: Hardware) -> Option<f64> {
    known::accelerator_facts(hardware.accelerator())
        .map(|facts| (facts.memory_gib - DRIVER_GIB) * USABLE_SHARE)
}

/// Sequences of so many tokens whose KV cache fits at once into what the footprint leaves. None for a processor; 0 when
/// nothing is left.
#[must_use]
pub fn places(setup: &Setup<'_>, limits: StepLimits, tokens: u64) -> Option<u32> {
    let left = usable_gib(setup.hardware)? - Footprint::of(setup, limits).total_gib();
    let all = left.max(0.0) * f64::from(setup.hardware.count()) * GIB;
    // A cast of a float saturates.
    Some((all / kv_bytes(setup.architecture, tokens.max(1), setup.hardware.count())) as u32)
}
