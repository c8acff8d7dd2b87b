//! A **server model** is a server reduced to five numbers: how fast it reads prompts and how long one step of
//! decoding takes. A step produces one token for each sequence in it.

use serde::{Deserialize, Serialize};

use crate::Setup;
use crate::engine::{ALL_REDUCE_LATENCY_US, LINK_EFFICIENCY, efficiency, step_limits};
use crate::machine::Machine;
use crate::memory::{kv_bytes, weights_bytes};

/// Times of a server. A step with `b` sequences that hold `k` thousand tokens together takes
/// `step_base_ms + b * step_per_seq_ms + k * step_per_ktoken_ms`.
///
/// A forecast from data sheets: a server that is simulated from it yields simulated results.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerModel {
    /// Prompt tokens read per second.
    pub prefill_tokens_per_s: f64,
    /// Part of a step that does not depend on the batch: reading the weights, scheduling, all-reduce latency.
    pub step_base_ms: f64,
    /// Part of a step per sequence: its arithmetic and its share of the all-reduces.
    pub step_per_seq_ms: f64,
    /// Part of a step per 1,000 tokens in the KV cache of the batch: reading them.
    pub step_per_ktoken_ms: f64,
    /// Most sequences in a step.
    pub max_num_seqs: u32,
}

impl ServerModel {
    /// The model of a server for prompts of `input_tokens` and about `batch` sequences in a step.
    ///
    /// Prefill is bound by arithmetic: two operations per token and active parameter (the embedding is looked up, not
    /// multiplied), and for attention `4 * heads * head size` per token, layer and earlier token that the layer sees, of
    /// which a causal mask leaves half. Decode is bound by memory: every weight that the batch touches is read once per
    /// step, and the keys and values of every token in flight. Arithmetic is added and not overlapped, which is the
    /// careful side. (Williams et al., "Roofline", CACM 2009; Pope et al., "Efficiently Scaling Transformer Inference",
    /// 2022.)
    ///
    /// Tensor parallelism adds two all-reduces per layer. A ring moves `2 (n - 1) / n` of the data over each link.
    #[must_use]
    pub fn of(setup: &Setup<'_>, input_tokens: u32, batch: u32) -> Self {
        let a = setup.architecture;
        let machine = Machine::of(setup.hardware);
        let engine = efficiency(setup.engine);
        let input = u64::from(input_tokens.max(1));
        let sparse = a.blocks.experts.map_or(0, |e| e.layers);
        let share = if sparse > 0 { engine.compute * engine.expert_compute } else { engine.compute };
        let ops_per_s = machine.ops_per_s(setup) * share;
        let bytes_per_s = machine.bytes_per_s * engine.bandwidth;
        let layers = f64::from(a.layers);

        let looked_up =
            if a.blocks.tied_embeddings { 0 } else { u64::from(a.vocabulary) * u64::from(a.hidden_size) };
        let linear_ops = 2.0 * a.active_parameters.saturating_sub(looked_up) as f64;
        let seen = a.cached_tokens(input) as f64;
        let attention_ops = 2.0 * seen * f64::from(a.attention_heads) * f64::from(a.head_size);
        let all_reduce = AllReduce::of(&machine, f64::from(a.hidden_size));
        let prefill_token_s = (linear_ops + attention_ops) / ops_per_s + 2.0 * layers * all_reduce.token_s;

        let weights_s = weights_bytes(a, setup.quantisation, setup.engine) * touched(a, batch) / bytes_per_s;
        let launches_ms = layers * engine.layer_ms + f64::from(sparse) * engine.expert_layer_ms;
        let base_s = weights_s + 2.0 * layers * all_reduce.latency_s;
        Self {
            prefill_tokens_per_s: 1.0 / prefill_token_s,
            step_base_ms: engine.step_ms + launches_ms + base_s * 1e3,
            step_per_seq_ms: (linear_ops / ops_per_s + 2.0 * layers * all_reduce.token_s) * 1e3,
            // Layers with a window read no more than that, so that long prompts cost less per token.
            step_per_ktoken_ms: kv_bytes(a, input, machine.count) / input as f64 / bytes_per_s * 1e6,
            max_num_seqs: step_limits(setup.engine, setup.hardware, batch).sequences,
        }
    }

    /// Milliseconds of one step with `batch` sequences that hold `tokens` each.
    #[must_use]
    pub fn step_ms(&self, batch: f64, tokens: f64) -> f64 {
        self.step_base_ms + batch * (self.step_per_seq_ms + tokens / 1e3 * self.step_per_ktoken_ms)
    }

    /// Milliseconds to read a prompt alone.
    #[must_use]
    pub fn prefill_ms(&self, input_tokens: f64) -> f64 {
        self.step_base_ms + input_tokens / self.prefill_tokens_per_s * 1e3
    }
}

/// The share of the weights that a batch of tokens touches: all of a dense model; of a mixture of experts what
/// is left untouched after each token has chosen its experts independently.
fn touched(a: &domain::Architecture, batch: u32) -> f64 {
    let Some(experts) = a.blocks.experts else { return 1.0 };
    let routed = a.expert_parameters() as f64 / a.parameters.max(1) as f64;
    let chosen = f64::from(experts.per_token) / f64::from(experts.count.max(1));
    1.0 - routed * (1.0 - chosen.min(1.0)).powi(batch.clamp(1, 4096) as i32)
}

/// One all-reduce: its least time, and the time for each token's hidden state. Nothing on one accelerator.
struct AllReduce {
    latency_s: f64,
    token_s: f64,
}

impl AllReduce {
    fn of(machine: &Machine, hidden_size: f64) -> Self {
        if machine.count < 2 {
            return Self { latency_s: 0.0, token_s: 0.0 };
        }
        let n = f64::from(machine.count);
        let bytes = 2.0 * (n - 1.0) / n * hidden_size * 2.0;
        let latency_us =
            if machine.nvlink { ALL_REDUCE_LATENCY_US.nvlink } else { ALL_REDUCE_LATENCY_US.pcie };
        Self {
            latency_s: latency_us * 1e-6 * n.log2(),
            token_s: bytes / (machine.link_bytes_per_s * LINK_EFFICIENCY),
        }
    }
}
