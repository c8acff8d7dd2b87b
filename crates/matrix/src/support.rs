//! **Support**: which engine runs which precision on which accelerator. A reviewed table; what it does not allow
//! cannot run, whatever the memory. Reviewed 2026-11-24 against:
//!
//! - vLLM: <https://docs.vllm.ai/en/latest/features/quantization/>. FP8 (W8A8) on Ada and Hopper, not on Ampere,
//!   where FP8 weights only save memory (Marlin), and not on x86; INT8, AWQ and GPTQ on all of these GPUs and on x86.
//! - TGI: <https://huggingface.co/docs/text-generation-inference/conceptual/quantization>. GPTQ, AWQ, 8-bit and fp8.
//! - LMDeploy: <https://lmdeploy.readthedocs.io/en/latest/supported_models/supported_models.html> and its pages on
//!   W4A16 and W8A8. INT8 from Turing on, FP8 from Ada on.
//! - SGLang: <https://docs.sglang.io/docs/advanced_features/quantization.md>. fp8, w8a8_int8, AWQ and GPTQ on NVIDIA GPUs.
//! - llama.cpp: <https://github.com/ggml-org/llama.cpp/blob/master/tools/quantize/README.md>. GGUF at 16, 8 (Q8_0) and
//!   4 bits (Q4_K); there is no 8-bit float type.
//! - FP8 units by GPU: <https://nvidia.github.io/TransformerEngine/support_matrix.html>. L4 is Ada (8.9), H100 Hopper
//!   (9.0), A100 Ampere (8.0).
//!
//! SGLang and TGI have builds for certain processors that need their own images; Assay does not start those.

use domain::{Accelerator, Engine, Quantisation};
use serde::{Deserialize, Serialize};

/// Why an engine does not run a precision on an accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// The engine, as Assay starts it, does not run on a processor.
    NeedsGpu,
    /// The accelerator has no FP8 arithmetic.
    NoFp8Units,
    /// The engine's file format has no such precision.
    NoSuchFormat,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NeedsGpu => "the engine needs a GPU",
            Self::NoFp8Units => "the accelerator has no FP8 arithmetic",
            Self::NoSuchFormat => "GGUF has no such precision",
        })
    }
}

/// Whether an engine runs a precision on an accelerator. The simulated engine has vLLM's limits.
///
/// # Errors
/// With the reason why not.
pub const fn support(
    engine: Engine,
    quantisation: Quantisation,
    accelerator: Accelerator,
) -> Result<(), Gap> {
    match (engine, quantisation, accelerator) {
        (Engine::Tgi | Engine::Lmdeploy | Engine::Sglang, _, Accelerator::Cpu) => Err(Gap::NeedsGpu),
        (Engine::LlamaCpp, Quantisation::Fp8, _) => Err(Gap::NoSuchFormat),
        (_, Quantisation::Fp8, Accelerator::Cpu | Accelerator::A100Gb80) => Err(Gap::NoFp8Units),
        (_, Quantisation::Fp8, Accelerator::L4 | Accelerator::H100)
        | (_, Quantisation::Fp16 | Quantisation::Int8 | Quantisation::Int4, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_documents_say() {
        use Accelerator::{A100Gb80, Cpu, H100, L4};
        use Engine::{LlamaCpp, Simulated, Tgi, Vllm};
        use Quantisation::{Fp8, Fp16, Int4, Int8};
        for (engine, quantisation, accelerator, expected) in [
            (Vllm, Fp8, L4, Ok(())),
            (Vllm, Fp8, H100, Ok(())),
            (Vllm, Fp8, A100Gb80, Err(Gap::NoFp8Units)),
            (Vllm, Int8, A100Gb80, Ok(())),
            (Vllm, Fp16, Cpu, Ok(())),
            (Simulated, Fp8, Cpu, Err(Gap::NoFp8Units)),
            (LlamaCpp, Int4, Cpu, Ok(())),
            (LlamaCpp, Fp8, H100, Err(Gap::NoSuchFormat)),
            (Tgi, Fp16, Cpu, Err(Gap::NeedsGpu)),
            (Tgi, Int4, L4, Ok(())),
        ] {
            assert_eq!(
                support(engine, quantisation, accelerator),
                expected,
                "{engine} {quantisation} {accelerator}"
            );
        }
    }
}
