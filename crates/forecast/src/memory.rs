//! **Memory** that a model takes: its weights, once, and its KV cache, per token in flight.

use domain::model::Format;
use domain::{Architecture, Engine, Quantisation};

/// Bytes in a GiB.
pub const GIB: f64 = 1_073_741_824.0;

/// Bytes of one element that is kept at 16 bits.
const BYTES_16_BIT: f64 = 2.0;

/// Bytes per weight of a Q8_0 file: blocks of 32 8-bit integers with one 16-bit scale (ggml `block_q8_0`).
const GGUF_Q8_0: f64 = 34.0 / 32.0;

/// Bytes per weight of a `Q4_K_M` file, the usual 4-bit choice, which keeps some tensors at 6 bits: Llama 3.1
/// 8B is 4.92 GB for 8.03 G weights.
const GGUF_Q4_K_M: f64 = 0.613;

/// Bytes of all weights as an engine holds them, over all GPUs.
///
/// Quantised safetensors keep the embedding and the output matrix at 16 bits. The formula takes them as two
/// matrices, which is an upper bound for models that share one. Llama 3.1 8B: 16.06 GB at 16 bits, 9.08 GB at
/// FP8 and 5.73 GB with AWQ, which are the sizes of the published checkpoints.
#[must_use]
pub fn weights_bytes(architecture: &Architecture, quantisation: Quantisation, engine: Engine) -> f64 {
    let all = architecture.parameters as f64;
    match (engine.format(), quantisation) {
        (_, Quantisation::Fp16) => all * BYTES_16_BIT,
        (Some(Format::Gguf), Quantisation::Int8 | Quantisation::Fp8) => all * GGUF_Q8_0,
        (Some(Format::Gguf), Quantisation::Int4) => all * GGUF_Q4_K_M,
        (Some(Format::Safetensors) | None, _) => {
            let ends =
                (2.0 * f64::from(architecture.vocabulary) * f64::from(architecture.hidden_size)).min(all);
            ends * BYTES_16_BIT + (all - ends) * quantisation.bytes_per_weight()
        }
    }
}

/// Bytes of KV cache for one token, over all GPUs, at 16 bits an element.
///
/// With more GPUs than KV heads each GPU holds one head, so that heads are held more than once.
#[must_use]
pub fn kv_bytes_per_token(architecture: &Architecture, gpus: u32) -> f64 {
    let copies = (gpus.max(1) / architecture.kv_heads.max(1)).max(1);
    architecture.kv_bytes_per_token() as f64 * f64::from(copies)
}

#[cfg(test)]
mod tests {
    use domain::known::MODELS;

    use super::*;

    /// Sizes of the safetensors and GGUF files that are published for Llama 3.1 8B, in GB.
    #[test]
    fn weights_have_the_size_of_published_files() {
        let a = &MODELS[&"llama-3.1-8b-instruct".parse().unwrap()].architecture;
        for (quantisation, engine, gb) in [
            (Quantisation::Fp16, Engine::Vllm, 16.06),
            (Quantisation::Fp8, Engine::Vllm, 9.08),
            (Quantisation::Int4, Engine::Vllm, 5.73),
            (Quantisation::Int8, Engine::LlamaCpp, 8.54),
            (Quantisation::Int4, Engine::LlamaCpp, 4.92),
        ] {
            let got = weights_bytes(a, quantisation, engine) / 1e9;
            assert!((got / gb - 1.0).abs() < 0.01, "{quantisation} {engine}: {got} GB, published {gb} GB");
        }
    }

    #[test]
    fn kv_heads_are_copied_when_there_are_more_gpus() {
        let mut a = MODELS[&"llama-3.1-8b-instruct".parse().unwrap()].architecture.clone();
        assert_eq!(kv_bytes_per_token(&a, 8), 131_072.0);
        a.kv_heads = 4;
        assert_eq!(kv_bytes_per_token(&a, 8), 131_072.0);
        assert_eq!(kv_bytes_per_token(&a, 4), 65_536.0);
    }
}
