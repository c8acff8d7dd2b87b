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

/// Bytes per weight of MXFP4, which gpt-oss comes in: blocks of 32 4-bit floats with one 8-bit scale (OCP Microscaling).
const MXFP4: f64 = 4.25 / 8.0;

/// Bytes of all weights as an engine holds them, over all GPUs.
///
/// Quantised safetensors keep the embedding, the output matrix and encoders at 16 bits. Llama 3.1 8B: 16.06 GB at
/// 16 bits, 9.08 GB at FP8 and 5.73 GB with AWQ, which are the sizes of the published checkpoints.
#[must_use]
pub fn weights_bytes(architecture: &Architecture, quantisation: Quantisation, engine: Engine) -> f64 {
    let all = architecture.parameters as f64;
    match (engine.format(), quantisation) {
        (_, Quantisation::Fp16) => all * BYTES_16_BIT,
        (Some(Format::Gguf), Quantisation::Int8 | Quantisation::Fp8) => all * GGUF_Q8_0,
        (Some(Format::Gguf), Quantisation::Int4) => all * GGUF_Q4_K_M,
        (Some(Format::Safetensors) | None, _) => {
            let kept = architecture.unquantised_parameters() as f64;
            let alone = architecture.blocks.experts.is_some_and(|e| e.alone_quantised);
            let mxfp4 = alone && quantisation == Quantisation::Int4;
            let bytes = if mxfp4 { MXFP4 } else { quantisation.bytes_per_weight() };
            kept * BYTES_16_BIT + (all - kept) * bytes
        }
    }
}

/// Bytes of KV cache that a sequence of so many tokens holds, over all GPUs, at 16 bits an element.
///
/// With more GPUs than KV heads each GPU holds one head, so that heads are held more than once. The latent vector of
/// multi-head latent attention has no heads, and every GPU holds all of it.
#[must_use]
pub fn kv_bytes(architecture: &Architecture, tokens: u64, gpus: u32) -> f64 {
    let gpus = gpus.max(1);
    let copies = match architecture.blocks.latent_attention {
        Some(_) => gpus,
        None => (gpus / architecture.kv_heads.max(1)).max(1),
    };
    let elements = architecture.cached_tokens(tokens) as f64 * architecture.kv_elements() as f64;
    elements * BYTES_16_BIT * f64::from(copies)
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
        assert_eq!(kv_bytes(&a, 1, 8), 131_072.0);
        a.kv_heads = 4;
        assert_eq!(kv_bytes(&a, 1, 8), 131_072.0);
        assert_eq!(kv_bytes(&a, 1, 4), 65_536.0);
    }

    /// 70,272 bytes a token, 27 times less than the heads would take, on every GPU.
    #[test]
    fn a_latent_vector_is_held_by_every_gpu() {
        let a = &MODELS[&"deepseek-v3".parse().unwrap()].architecture;
        assert_eq!(kv_bytes(a, 1, 1), 70_272.0);
        assert_eq!(kv_bytes(a, 10, 8), 8.0 * 702_720.0);
    }

    /// Beyond its window a layer of Gemma 3 27B holds nothing more: 10 of 62 layers grow.
    #[test]
    fn a_window_bounds_what_its_layers_hold() {
        let a = &MODELS[&"gemma-3-27b-it".parse().unwrap()].architecture;
        let per_layer = 2.0 * 16.0 * 128.0 * 2.0;
        assert_eq!(kv_bytes(a, 1024, 1), 62.0 * 1024.0 * per_layer);
        assert_eq!(kv_bytes(a, 2048, 1) - kv_bytes(a, 1024, 1), 10.0 * 1024.0 * per_layer);
    }
}
