//! **Architecture facts**: the sizes of a transformer that decide how much memory it needs and how fast
//! it can be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod config_json;
mod sizes;

pub use config_json::ConfigJsonError;
pub use sizes::BadSize;

/// Sizes of a decoder-only transformer. Lengths are in elements, not bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// All parameters.
    pub parameters: u64,
    /// Parameters that one token passes through: fewer than all in a mixture of experts.
    pub active_parameters: u64,
    /// Transformer blocks.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden_size: u32,
    /// Query heads.
    pub attention_heads: u32,
    /// Key and value heads (fewer than query heads with GQA).
    pub kv_heads: u32,
    /// Width of one head.
    pub head_size: u32,
    /// Tokens in the vocabulary.
    pub vocabulary: u32,
    /// Longest context in tokens.
    pub context_tokens: u32,
    /// What the blocks are made of, as far as it is known.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub blocks: Blocks,
}

/// What the blocks of a transformer are made of. The default is a dense model of which nothing more is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Blocks {
    /// Width of a dense, gated feed-forward layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediate_size: Option<u32>,
    /// One matrix is both the embedding and the output.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tied_embeddings: bool,
    /// Mixture of experts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experts: Option<Experts>,
    /// Keys and values are cached as one low-rank vector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latent_attention: Option<LatentAttention>,
    /// Some layers see only the latest tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sliding_window: Option<SlidingWindow>,
    /// Parameters of encoders for images or sound, out of all.
    #[serde(skip_serializing_if = "crate::is_default")]
    pub encoder_parameters: u64,
}

/// A **mixture of experts**: feed-forward layers of which a router picks a few for each token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experts {
    /// Routed experts in a layer.
    pub count: u32,
    /// Routed experts that one token passes through.
    pub per_token: u32,
    /// Width of one routed expert.
    pub intermediate_size: u32,
    /// Width of the experts that every token passes through, together.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub shared_size: u32,
    /// Layers that have experts; the others are dense.
    pub layers: u32,
    /// A quantised checkpoint keeps everything but the routed experts at 16 bits (gpt-oss).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone_quantised: bool,
}

/// **Multi-head latent attention** (DeepSeek-V2, <https://arxiv.org/abs/2405.04434>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LatentAttention {
    /// Width of the vector that stands for keys and values.
    pub kv_rank: u32,
    /// Width of the part of a key that carries the position, shared by all heads.
    pub rope_size: u32,
    /// Width of the part of a head that carries no position.
    pub nope_size: u32,
    /// Width of a value head.
    pub value_size: u32,
    /// Width of the vector that stands for queries; none when they are projected directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_rank: Option<u32>,
}

/// A **sliding window** (or chunk): what a layer sees of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlidingWindow {
    /// Its length in tokens.
    pub tokens: u32,
    /// Layers that have it; the others see everything.
    pub layers: u32,
}

impl Architecture {
    /// Elements that one layer caches for one token: a key and a value for every KV head, or one latent vector and
    /// one key part that carries the position.
    #[must_use]
    pub fn kv_elements(&self) -> u64 {
        self.blocks.latent_attention.map_or(2 * u64::from(self.kv_heads) * u64::from(self.head_size), |a| {
            u64::from(a.kv_rank) + u64::from(a.rope_size)
        })
    }

    /// Tokens that all layers together cache of a sequence of so many: layers with a window keep no more than that.
    #[must_use]
    pub fn cached_tokens(&self, tokens: u64) -> u64 {
        let layers = u64::from(self.layers);
        self.blocks.sliding_window.map_or(layers * tokens, |window| {
            let windowed = u64::from(window.layers).min(layers);
            (layers - windowed) * tokens + windowed * tokens.min(window.tokens.into())
        })
    }

    /// Parameters counted from the sizes: attention, gated feed-forward layers, RMS norms, embeddings and encoders.
    /// Biases and the norms of single heads, which some models have, are below 0.1 % and are left out. None when
    /// the width of the feed-forward layers is not known.
    #[must_use]
    pub fn counted_parameters(&self) -> Option<u64> {
        let (layers, hidden) = (u64::from(self.layers), u64::from(self.hidden_size));
        let gated = |width: u32| 3 * hidden * u64::from(width);
        let sparse = self.blocks.experts.map_or(0, |e| u64::from(e.layers).min(layers));
        let dense = match (layers - sparse, self.blocks.intermediate_size) {
            (0, _) => 0,
            (dense, width) => dense * gated(width?),
        };
        let experts = self.blocks.experts.map_or(0, |e| {
            let count = u64::from(e.count);
            sparse * (count * gated(e.intermediate_size) + gated(e.shared_size) + count * hidden)
        });
        let ends = u64::from(self.vocabulary) * hidden * self.ends();
        let norms = (2 * layers + 1) * hidden;
        Some(
            layers * self.attention_parameters()
                + dense
                + experts
                + ends
                + norms
                + self.blocks.encoder_parameters,
        )
    }

    /// Parameters of the attention of one layer.
    fn attention_parameters(&self) -> u64 {
        let (hidden, heads) = (u64::from(self.hidden_size), u64::from(self.attention_heads));
        match self.blocks.latent_attention {
            None => hidden * u64::from(self.head_size) * 2 * (heads + u64::from(self.kv_heads)),
            Some(a) => {
                let [rank, rope, nope, value] =
                    [a.kv_rank, a.rope_size, a.nope_size, a.value_size].map(u64::from);
                let query = heads * (nope + rope);
                let queries = a.query_rank.map_or(hidden * query, |q| u64::from(q) * (hidden + query));
                queries + hidden * (rank + rope) + rank * heads * (nope + value) + heads * value * hidden
            }
        }
    }

    /// Parameters of so many routed experts in every layer that has them.
    fn of_experts(&self, count: impl Fn(&Experts) -> u32) -> u64 {
        self.blocks.experts.map_or(0, |e| {
            let one = 3 * u64::from(self.hidden_size) * u64::from(e.intermediate_size);
            u64::from(e.layers) * u64::from(count(&e)) * one
        })
    }

    /// Parameters of all routed experts.
    #[must_use]
    pub fn expert_parameters(&self) -> u64 {
        self.of_experts(|e| e.count)
    }

    /// Parameters that a quantised checkpoint keeps at 16 bits: embedding and output matrix, encoders, and in some
    /// models everything but the routed experts.
    #[must_use]
    pub fn unquantised_parameters(&self) -> u64 {
        if self.blocks.experts.is_some_and(|e| e.alone_quantised) {
            return self.parameters.saturating_sub(self.expert_parameters());
        }
        let ends = u64::from(self.vocabulary) * u64::from(self.hidden_size) * self.ends();
        (ends + self.blocks.encoder_parameters).min(self.parameters)
    }

    /// Matrices between tokens and hidden states.
    const fn ends(&self) -> u64 {
        if self.blocks.tied_embeddings { 1 } else { 2 }
    }

    /// Parameters that one token passes through, out of `all`: those of the experts it is not sent to are left out.
    fn active_of(&self, all: u64) -> u64 {
        all.saturating_sub(self.of_experts(|e| e.count.saturating_sub(e.per_token)))
    }
}
