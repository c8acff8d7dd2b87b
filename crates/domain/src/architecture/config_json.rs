//! Reads a Hugging Face **`config.json`**: the file beside a model's weights that says how it is built.

use serde::Deserialize;
use serde_json::Value;

use super::{Architecture, Blocks, Experts, LatentAttention, SlidingWindow};

/// A `config.json` that does not describe a model we can size.
#[derive(Debug, thiserror::Error)]
pub enum ConfigJsonError {
    /// Not JSON, or a field is missing or of the wrong kind.
    #[error("not a model's config.json: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A size is zero.
    #[error("`{0}` is 0; it must be at least 1")]
    Zero(&'static str),
    /// A size is none that a model has, under our name for it.
    #[error(transparent)]
    Size(#[from] super::BadSize),
    /// Some layers are no attention.
    #[error("`layer_types` has {0}, whose state is not sized here; state the model's `architecture` instead")]
    Hybrid(String),
}

/// What we read of it. A model for images and text keeps the sizes of its text part in `text_config`.
#[derive(Deserialize)]
struct ConfigJson {
    #[serde(default)]
    model_type: String,
    num_hidden_layers: u32,
    hidden_size: u32,
    num_attention_heads: u32,
    num_key_value_heads: Option<u32>,
    head_dim: Option<u32>,
    intermediate_size: Option<u32>,
    vocab_size: u32,
    max_position_embeddings: u32,
    tie_word_embeddings: Option<bool>,

    // Experts: each family has its own names.
    num_experts: Option<u32>,
    num_local_experts: Option<u32>,
    n_routed_experts: Option<u32>,
    num_experts_per_tok: Option<u32>,
    moe_intermediate_size: Option<u32>,
    n_shared_experts: Option<u32>,
    shared_expert_intermediate_size: Option<u32>,
    first_k_dense_replace: Option<u32>,
    interleave_moe_layer_step: Option<u32>,
    intermediate_size_mlp: Option<u32>,

    kv_lora_rank: Option<u32>,
    q_lora_rank: Option<u32>,
    #[serde(default)]
    qk_rope_head_dim: u32,
    #[serde(default)]
    qk_nope_head_dim: u32,
    #[serde(default)]
    v_head_dim: u32,

    sliding_window: Option<u32>,
    use_sliding_window: Option<bool>,
    sliding_window_pattern: Option<u32>,
    attention_chunk_size: Option<u32>,
    no_rope_layers: Option<Vec<u32>>,
    layer_types: Option<Vec<String>>,
    full_attention_interval: Option<u32>,

    vision_config: Option<Encoder>,
}

/// An encoder of images: a plain transformer.
#[derive(Deserialize)]
struct Encoder {
    #[serde(default)]
    hidden_size: u64,
    #[serde(default)]
    intermediate_size: u64,
    #[serde(default)]
    num_hidden_layers: u64,
}

impl Architecture {
    /// Reads a Hugging Face `config.json` and counts the parameters (see [`Self::counted_parameters`]).
    ///
    /// Known are the families of Llama, Mistral, Mixtral, Qwen2, Qwen3, Gemma, Phi-3, DeepSeek, GLM-4 and gpt-oss,
    /// and whatever names its sizes as they do.
    ///
    /// # Errors
    /// When a field is missing, of the wrong kind or zero, or when layers are something other than attention.
    pub fn from_config_json(text: &str) -> Result<Self, ConfigJsonError> {
        let c: ConfigJson = serde_json::from_value(text_part(serde_json::from_str(text)?))?;
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
        let mut architecture = Self {
            // Counted below; the sizes are checked before they are multiplied.
            parameters: 1,
            active_parameters: 1,
            layers: c.num_hidden_layers,
            hidden_size: c.hidden_size,
            attention_heads: c.num_attention_heads,
            kv_heads,
            head_size: c.head_size(),
            vocabulary: c.vocab_size,
            context_tokens: c.max_position_embeddings,
            blocks: c.blocks()?,
        };
        architecture.check_sizes()?;
        let missing = || ConfigJsonError::Unreadable(serde::de::Error::missing_field("intermediate_size"));
        architecture.parameters = architecture.counted_parameters().ok_or_else(missing)?;
        architecture.active_parameters = architecture.active_of(architecture.parameters);
        Ok(architecture)
    }
}

/// The text part of a config, with what only the outer part says.
fn text_part(mut outer: Value) -> Value {
    let Some(Value::Object(mut text)) = outer.get_mut("text_config").map(Value::take) else { return outer };
    for name in ["vision_config", "tie_word_embeddings", "vocab_size", "model_type"] {
        if let Some(value) = outer.get_mut(name).map(Value::take) {
            text.entry(name).or_insert(value);
        }
    }
    Value::Object(text)
}

impl ConfigJson {
    fn blocks(&self) -> Result<Blocks, ConfigJsonError> {
        // These families share the two matrices and do not say so.
        let tied_by_default = ["gemma", "cohere"].iter().any(|family| self.model_type.starts_with(family));
        let encoder = |e: &Encoder| {
            let width = e.hidden_size.saturating_mul(4).saturating_add(e.intermediate_size.saturating_mul(2));
            e.num_hidden_layers.saturating_mul(e.hidden_size).saturating_mul(width)
        };
        Ok(Blocks {
            intermediate_size: self.intermediate_size_mlp.or(self.intermediate_size),
            tied_embeddings: self.tie_word_embeddings.unwrap_or(tied_by_default),
            experts: self.experts(),
            latent_attention: self.kv_lora_rank.map(|kv_rank| LatentAttention {
                kv_rank,
                rope_size: self.qk_rope_head_dim,
                nope_size: self.qk_nope_head_dim,
                value_size: self.v_head_dim,
                query_rank: self.q_lora_rank.filter(|rank| *rank > 0),
            }),
            sliding_window: self.sliding_window()?,
            encoder_parameters: self.vision_config.as_ref().map_or(0, encoder),
        })
    }

    /// With latent attention a head is what queries and keys are compared over.
    fn head_size(&self) -> u32 {
        match self.kv_lora_rank {
            Some(_) => self.qk_nope_head_dim.saturating_add(self.qk_rope_head_dim),
            None => self.head_dim.unwrap_or(self.hidden_size / self.num_attention_heads),
        }
    }

    fn experts(&self) -> Option<Experts> {
        let count = self.num_experts.or(self.n_routed_experts).or(self.num_local_experts)?;
        let intermediate_size = self.moe_intermediate_size.or(self.intermediate_size)?;
        // Llama 4 has one shared expert, as wide as a routed one, and says only how often experts come.
        let interleaved = self.interleave_moe_layer_step.filter(|step| *step > 0);
        let shared_experts = self.n_shared_experts.unwrap_or_else(|| interleaved.map_or(0, |_| 1));
        let layers = match interleaved {
            Some(step) => self.num_hidden_layers / step,
            None => self.num_hidden_layers.saturating_sub(self.first_k_dense_replace.unwrap_or(0)),
        };
        (count > 0).then_some(Experts {
            count,
            per_token: self.num_experts_per_tok.unwrap_or(1),
            intermediate_size,
            shared_size: self
                .shared_expert_intermediate_size
                .unwrap_or_else(|| shared_experts.saturating_mul(intermediate_size)),
            layers,
            alone_quantised: self.model_type == "gpt_oss",
        })
    }

    /// Which layers have a window is said by `layer_types`, by a pattern (every so many layers see everything), or by
    /// the family: every second layer of Gemma 2, all but the layers without rotary positions of Llama 4.
    fn sliding_window(&self) -> Result<Option<SlidingWindow>, ConfigJsonError> {
        let is_attention = |kind: &&String| kind.ends_with("attention") && !kind.starts_with("linear");
        let kinds = self.layer_types.as_deref().unwrap_or_default();
        if let Some(other) = kinds.iter().find(|kind| !is_attention(kind)) {
            return Err(ConfigJsonError::Hybrid(other.clone()));
        }
        if let (None, Some(_)) = (&self.layer_types, self.full_attention_interval) {
            return Err(ConfigJsonError::Hybrid("`full_attention_interval`".to_owned()));
        }
        let window = self.sliding_window.filter(|_| self.use_sliding_window != Some(false));
        let Some(tokens) = self.attention_chunk_size.or(window) else { return Ok(None) };
        let all = self.num_hidden_layers;
        let count = |n: usize| u32::try_from(n).unwrap_or(all).min(all);
        let layers = match (&self.layer_types, self.sliding_window_pattern, &self.no_rope_layers) {
            (Some(kinds), _, _) => count(kinds.iter().filter(|kind| !kind.starts_with("full")).count()),
            (None, Some(every), _) if every > 0 => all - all / every,
            (None, _, Some(rope)) if self.attention_chunk_size.is_some() => {
                count(rope.iter().filter(|r| **r > 0).count())
            }
            _ if self.attention_chunk_size.is_some() => all - all / 4,
            _ if self.model_type.starts_with("gemma2") => all.div_ceil(2),
            _ => all,
        };
        Ok((layers > 0 && tokens < self.max_position_embeddings).then_some(SlidingWindow { tokens, layers }))
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
        assert_eq!((a.kv_elements(), a.cached_tokens(1)), (2048, 32));
    }

    /// DeepSeek-V3: 671 G parameters, 37 G active, 576 cached elements a layer (its technical report).
    #[test]
    fn experts_and_latent_attention_are_read() {
        let config = r#"{"model_type":"deepseek_v3","num_hidden_layers":61,"hidden_size":7168,
            "num_attention_heads":128,"num_key_value_heads":128,"intermediate_size":18432,
            "moe_intermediate_size":2048,"n_routed_experts":256,"num_experts_per_tok":8,"n_shared_experts":1,
            "first_k_dense_replace":3,"kv_lora_rank":512,"q_lora_rank":1536,"qk_rope_head_dim":64,
            "qk_nope_head_dim":128,"v_head_dim":128,"vocab_size":129280,"max_position_embeddings":163840,
            "tie_word_embeddings":false}"#;
        let a = Architecture::from_config_json(config).unwrap();
        assert!((a.parameters as f64 / 671e9 - 1.0).abs() < 0.001, "{}", a.parameters);
        assert!((a.active_parameters as f64 / 37e9 - 1.0).abs() < 0.02, "{}", a.active_parameters);
        assert_eq!(a.kv_elements(), 576);
    }

    /// Gemma 3 27B: five of six layers see 1,024 tokens; its sizes are in `text_config`.
    #[test]
    fn a_window_and_an_encoder_are_read() {
        let config = r#"{"model_type":"gemma3","vision_config":{"hidden_size":1152,"intermediate_size":4304,
            "num_hidden_layers":27},"text_config":{"model_type":"gemma3_text","num_hidden_layers":62,
            "hidden_size":5376,"num_attention_heads":32,"num_key_value_heads":16,"head_dim":128,
            "intermediate_size":21504,"vocab_size":262208,"max_position_embeddings":131072,
            "sliding_window":1024,"sliding_window_pattern":6}}"#;
        let a = Architecture::from_config_json(config).unwrap();
        assert!((a.parameters as f64 / 27_432_406_640.0 - 1.0).abs() < 0.001, "{}", a.parameters);
        assert_eq!(a.blocks.sliding_window, Some(SlidingWindow { tokens: 1024, layers: 52 }));
        assert_eq!(a.cached_tokens(100), 6200);
        assert_eq!(a.cached_tokens(2048), 10 * 2048 + 52 * 1024);
    }

    #[test]
    fn a_config_that_cannot_be_sized_is_refused_by_name() {
        let message = |text: &str| Architecture::from_config_json(text).unwrap_err().to_string();
        assert!(message(r#"{"hidden_size": 1}"#).contains("num_hidden_layers"));
        let sized = r#"{"num_hidden_layers":1,"hidden_size":1,"num_attention_heads":0,"intermediate_size":1,
            "vocab_size":1,"max_position_embeddings":1}"#;
        assert!(message(sized).contains("num_attention_heads"));
        let heads = sized.replace("heads\":0", "heads\":1");
        assert!(message(&heads.replace("intermediate_size", "x")).contains("intermediate_size"));
        let mamba = heads.replace('{', r#"{"layer_types":["full_attention","mamba"],"#);
        assert!(message(&mamba).contains("mamba"));
        assert!(message("[]").contains("config.json"));
    }
}
