//! **Architecture facts**: the sizes of a transformer that decide how much memory it needs and how fast
//! it can be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
}

/// A `config.json` that does not describe a model we can size.
#[derive(Debug, thiserror::Error)]
pub enum ConfigJsonError {
    /// Not JSON, or a field is missing or of the wrong kind.
    #[error("not a model's config.json: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A size is zero.
    #[error("`{0}` is 0; it must be at least 1")]
    Zero(&'static str),
}

/// What we read of a Hugging Face `config.json` of a dense Llama-like model.
#[derive(Deserialize)]
struct ConfigJson {
    num_hidden_layers: u32,
    hidden_size: u32,
    num_attention_heads: u32,
    num_key_value_heads: Option<u32>,
    head_dim: Option<u32>,
    intermediate_size: u32,
    vocab_size: u32,
    max_position_embeddings: u32,
    #[serde(default)]
    tie_word_embeddings: bool,
}

impl Architecture {
    /// Bytes of KV cache for one token at 2 bytes an element: keys and values of every layer.
    #[must_use]
    pub const fn kv_bytes_per_token(&self) -> u64 {
        2 * 2 * self.layers as u64 * self.kv_heads as u64 * self.head_size as u64
    }

    /// Reads a Hugging Face `config.json` of a dense Llama-like model (gated MLP, RMS norms, no biases) and
    /// counts its parameters.
    ///
    /// # Errors
    /// When a field is missing, of the wrong kind or zero.
    pub fn from_config_json(text: &str) -> Result<Self, ConfigJsonError> {
        let c: ConfigJson = serde_json::from_str(text)?;
        let kv_heads = c.num_key_value_heads.unwrap_or(c.num_attention_heads);
        for (name, value) in [
            ("num_hidden_layers", c.num_hidden_layers),
            ("hidden_size", c.hidden_size),
            ("num_attention_heads", c.num_attention_heads),
            ("num_key_value_heads", kv_heads),
            ("vocab_size", c.vocab_size),
            ("max_position_embeddings", c.max_position_embeddings),
        ] {
            if value == 0 {
                return Err(ConfigJsonError::Zero(name));
            }
        }
        let head_size = c.head_dim.unwrap_or(c.hidden_size / c.num_attention_heads);
        let wide = u64::from;
        let hidden = wide(c.hidden_size);
        let attention = hidden * wide(head_size) * (2 * wide(c.num_attention_heads) + 2 * wide(kv_heads));
        let mlp = 3 * hidden * wide(c.intermediate_size);
        let embeddings = wide(c.vocab_size) * hidden * if c.tie_word_embeddings { 1 } else { 2 };
        let parameters = wide(c.num_hidden_layers) * (attention + mlp + 2 * hidden) + embeddings + hidden;
        Ok(Self {
            parameters,
            active_parameters: parameters,
            layers: c.num_hidden_layers,
            hidden_size: c.hidden_size,
            attention_heads: c.num_attention_heads,
            kv_heads,
            head_size,
            vocabulary: c.vocab_size,
            context_tokens: c.max_position_embeddings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Llama 3.1 8B has 8,030,261,248 parameters (its model card's safetensors index).
    #[test]
    fn parameters_of_llama_3_1_8b_are_exact() {
        let config = r#"{"num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,
            "num_key_value_heads":8,"intermediate_size":14336,"vocab_size":128256,
            "max_position_embeddings":131072,"tie_word_embeddings":false,"rope_theta":500000.0}"#;
        let a = Architecture::from_config_json(config).unwrap();
        assert_eq!(a.parameters, 8_030_261_248);
        assert_eq!(a.kv_bytes_per_token(), 131_072);
    }

    #[test]
    fn a_config_without_layers_is_refused_by_name() {
        let message = Architecture::from_config_json(r#"{"hidden_size": 1}"#).unwrap_err().to_string();
        assert!(message.contains("num_hidden_layers"), "{message}");
        let zero = r#"{"num_hidden_layers":1,"hidden_size":1,"num_attention_heads":0,"intermediate_size":1,
            "vocab_size":1,"max_position_embeddings":1}"#;
        assert!(
            Architecture::from_config_json(zero).unwrap_err().to_string().contains("num_attention_heads")
        );
    }
}
