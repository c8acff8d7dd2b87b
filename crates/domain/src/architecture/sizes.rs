//! **Sane sizes**: what the sizes of a model may be. They come from specs and files of anybody, and are multiplied with
//! each other; within these bounds no count of parameters or of cached elements overflows.

use super::Architecture;

/// A size that no model has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{size}` is {value}; it must be from {least} to {most}")]
pub struct BadSize {
    /// Which size.
    pub size: &'static str,
    /// What it is.
    pub value: u64,
    /// The least it may be.
    pub least: u64,
    /// The most it may be.
    pub most: u64,
}

/// Parameters of all kinds: a thousand times the largest model of today.
const PARAMETERS: u64 = 1_000_000_000_000_000;
const LAYERS: u64 = 1 << 12;
const EXPERTS: u64 = 1 << 12;
const HEADS: u64 = 1 << 12;
const HEAD_SIZE: u64 = 1 << 16;
const HIDDEN: u64 = 1 << 18;
const WIDTH: u64 = 1 << 20;
const TOKENS: u64 = 1 << 30;

impl Architecture {
    /// Checks that every size is one that a model may have.
    ///
    /// # Errors
    /// With the first that is not.
    pub fn check_sizes(&self) -> Result<(), BadSize> {
        let layers = u64::from(self.layers);
        self.check_parameters()?;
        check("layers", layers, 1, LAYERS)?;
        check("hidden_size", self.hidden_size, 1, HIDDEN)?;
        check("attention_heads", self.attention_heads, 1, HEADS)?;
        check("kv_heads", self.kv_heads, 1, HEADS)?;
        check("head_size", self.head_size, 1, HEAD_SIZE)?;
        check("vocabulary", self.vocabulary, 1, TOKENS)?;
        check("context_tokens", self.context_tokens, 1, TOKENS)?;
        if let Some(width) = self.blocks.intermediate_size {
            check("blocks.intermediate_size", width, 1, WIDTH)?;
        }
        if let Some(e) = self.blocks.experts {
            check("blocks.experts.count", e.count, 1, EXPERTS)?;
            check("blocks.experts.per_token", e.per_token, 1, e.count.into())?;
            check("blocks.experts.intermediate_size", e.intermediate_size, 1, WIDTH)?;
            check("blocks.experts.shared_size", e.shared_size, 0, WIDTH)?;
            check("blocks.experts.layers", e.layers, 0, layers)?;
        }
        if let Some(a) = self.blocks.latent_attention {
            check("blocks.latent_attention.kv_rank", a.kv_rank, 1, HEAD_SIZE)?;
            check("blocks.latent_attention.rope_size", a.rope_size, 0, HEAD_SIZE)?;
            check("blocks.latent_attention.nope_size", a.nope_size, 0, HEAD_SIZE)?;
            check("blocks.latent_attention.value_size", a.value_size, 0, HEAD_SIZE)?;
            check("blocks.latent_attention.query_rank", a.query_rank.unwrap_or_default(), 0, HEAD_SIZE)?;
        }
        if let Some(window) = self.blocks.sliding_window {
            check("blocks.sliding_window.layers", window.layers, 0, layers)?;
        }
        Ok(())
    }

    fn check_parameters(&self) -> Result<(), BadSize> {
        check("parameters", self.parameters, 1, PARAMETERS)?;
        check("active_parameters", self.active_parameters, 1, self.parameters)?;
        check("blocks.encoder_parameters", self.blocks.encoder_parameters, 0, PARAMETERS)
    }
}

fn check(size: &'static str, value: impl Into<u64>, least: u64, most: u64) -> Result<(), BadSize> {
    let value = value.into();
    if (least..=most).contains(&value) { Ok(()) } else { Err(BadSize { size, value, least, most }) }
}

#[cfg(test)]
mod tests {
    use crate::known::MODELS;

    #[test]
    fn known_models_have_sane_sizes() {
        for (name, model) in MODELS.iter() {
            assert_eq!(model.architecture.check_sizes(), Ok(()), "{name}");
        }
    }

    /// The largest sizes are still counted: an overflow would panic here.
    #[test]
    fn nothing_overflows_within_the_bounds() {
        let mut a = MODELS[&"deepseek-v3".parse().unwrap()].architecture.clone();
        (a.layers, a.hidden_size, a.attention_heads, a.head_size) = (1 << 12, 1 << 18, 1 << 12, 1 << 16);
        let experts = a.blocks.experts.as_mut().unwrap();
        (experts.count, experts.intermediate_size, experts.layers) = (1 << 12, 1 << 20, 1 << 12);
        experts.shared_size = 1 << 20;
        assert_eq!(a.check_sizes(), Ok(()));
        assert!(a.counted_parameters().unwrap() > 1 << 62);
        a.blocks.latent_attention = None;
        assert!(a.counted_parameters().unwrap() > 1 << 62);
        a.hidden_size += 1;
        let message = a.check_sizes().unwrap_err().to_string();
        assert_eq!(message, "`hidden_size` is 262145; it must be from 1 to 262144");
    }
}
