//! A **server model** is a server reduced to five numbers: how fast it reads prompts and how long one step of
//! decoding takes. A step produces one token for each sequence in it.

use serde::{Deserialize, Serialize};

use crate::Setup;
use crate::engine::{ALL_REDUCE_LATENCY_US, LINK_EFFICIENCY, efficiency};
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
    /// Prefill is bound by arithmetic: `2 * active parameters` operations per token, and for attention
    /// `4 * layers * heads * head size` per token and earlier token, of which a causal mask leaves half.
    /// Decode is bound by memory: every weight that the batch touches is read once per step, and the keys and
    /// values of every token in flight. Arithmetic is added and not overlapped, which is the careful side.
    /// (Williams et al., "Roofline", CACM 2009; Pope et al., "Efficiently Scaling Transformer Inference", 2022.)
    ///
    /// Tensor parallelism adds two all-reduces per layer. A ring moves `2 (n - 1) / n` of the data over each link.
    #[must_use]
    pub fn of(setup: &Setup<'_>, input_tokens: u32, batch: u32) -> Self {
        let a = setup.architecture;
        let machine = Machine::of(setup.hardware);
        let engine = efficiency(setup.engine);
        let ops_per_s = machine.ops_per_s(setup.quantisation) * engine.compute;
        let bytes_per_s = machine.bytes_per_s * engine.bandwidth;
        let (layers, heads) = (f64::from(a.layers), f64::from(a.attention_heads));

        let linear_ops = 2.0 * a.active_parameters as f64;
        let attention_ops = 2.0 * layers * heads * f64::from(a.head_size) * f64::from(input_tokens.max(1));
        let all_reduce = AllReduce::of(&machine, f64::from(a.hidden_size));
        let prefill_token_s = (linear_ops + attention_ops) / ops_per_s + 2.0 * layers * all_reduce.token_s;

        let weights_s = weights_bytes(a, setup.quantisation, setup.engine) * touched(a, batch) / bytes_per_s;
        let base_s = weights_s + 2.0 * layers * all_reduce.latency_s;
        Self {
            prefill_tokens_per_s: 1.0 / prefill_token_s,
            step_base_ms: engine.step_overhead_ms + base_s * 1e3,
            step_per_seq_ms: (linear_ops / ops_per_s + 2.0 * layers * all_reduce.token_s) * 1e3,
            // Layers with a window read no more than that, so that long prompts cost less per token.
            step_per_ktoken_ms: kv_bytes(a, input_tokens.max(1).into(), machine.count)
                / f64::from(input_tokens.max(1))
                / bytes_per_s
                * 1e6,
            max_num_seqs: engine.max_num_seqs.unwrap_or(batch).max(1),
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
    let share = a.active_parameters as f64 / a.parameters.max(1) as f64;
    1.0 - (1.0 - share.min(1.0)).powi(batch.clamp(1, 1024) as i32)
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
        Self { latency_s: latency_us * 1e-6, token_s: bytes / (machine.link_bytes_per_s * LINK_EFFICIENCY) }
    }
}
