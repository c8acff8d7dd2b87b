//! What a configuration **needs** of the accelerators' memory: weights, the KV cache of all requests in flight,
//! activations, and what the runtime takes on each of them.

use domain::{Architecture, Engine, Hardware, Quantisation, Workload, known};
use forecast::memory::{GIB, kv_bytes, weights_bytes};

/// Share of the memory that an engine may use: vLLM's default `gpu_memory_utilization`. The others differ by a few
/// hundredths (SGLang `mem_fraction_static`, LMDeploy `cache_max_entry_count` of what is free).
const USABLE_SHARE: f64 = 0.9;

/// Bytes on each GPU for the CUDA context, cuBLAS workspaces and NCCL buffers. vLLM logs 0.5 to 1 GiB of memory that
/// is not `PyTorch`'s.
const RUNTIME_BYTES_PER_GPU: f64 = GIB;

/// Tokens of one prefill step, for which activations are reserved: `max_num_batched_tokens` of vLLM's server on large
/// GPUs; smaller elsewhere, so that this is the careful side.
const STEP_TOKENS: f64 = 8192.0;

/// The same for llama.cpp: its default micro-batch (`--ubatch-size`).
const STEP_TOKENS_LLAMA_CPP: f64 = 512.0;

/// Hidden states alive at once, in units of one: the residual, its norm, Q, K and V, the attention's output, and the two
/// halves of a gated MLP, which is 3.5 times as wide, split over the GPUs.
const LIVE_HIDDEN_STATES: f64 = 10.0;

/// Most sequences whose logits are computed at once, in 32 bits: vLLM's `max_num_seqs`.
const MOST_LOGIT_ROWS: f64 = 256.0;

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
    pub fn of(
        architecture: &Architecture,
        quantisation: Quantisation,
        hardware: Hardware,
        engine: Engine,
        workload: &Workload,
    ) -> Self {
        let gpus = f64::from(hardware.count());
        let in_flight = f64::from(workload.slots());
        let step_tokens = if engine == Engine::LlamaCpp { STEP_TOKENS_LLAMA_CPP } else { STEP_TOKENS };
        let hidden_states = step_tokens * f64::from(architecture.hidden_size) * 2.0 * LIVE_HIDDEN_STATES;
        let logits = in_flight.min(MOST_LOGIT_ROWS) * f64::from(architecture.vocabulary) * 4.0;
        Self {
            weights_gib: weights_bytes(architecture, quantisation, engine) / GIB,
            kv_cache_gib: in_flight * kv_bytes(architecture, workload.tokens_per_request(), hardware.count())
                / GIB,
            overhead_gib: gpus * (RUNTIME_BYTES_PER_GPU + hidden_states + logits) / GIB,
        }
    }

    /// All of it.
    pub fn total_gib(&self) -> f64 {
        self.weights_gib + self.kv_cache_gib + self.overhead_gib
    }
}

/// Memory that an engine may use on a hardware config, all accelerators together, GiB. None for a processor, whose
/// memory is the machine's.
pub fn usable_gib(hardware: Hardware) -> Option<f64> {
    let facts = known::accelerator_facts(hardware.accelerator())?;
    Some(facts.memory_gib * f64::from(hardware.count()) * USABLE_SHARE)
}
