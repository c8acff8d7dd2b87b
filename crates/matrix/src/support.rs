//! **Support**: which engine runs which precision on which accelerator. What its documents do not list cannot run,
//! whatever the memory. The table is `crates/domain/data/engines.yaml`.

use domain::{Accelerator, Engine, Generation, Quantisation, known};
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
    /// The engine's documents do not list the combination.
    NotListed,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NeedsGpu => "the engine needs a GPU",
            Self::NoFp8Units => "the accelerator has no FP8 arithmetic",
            Self::NoSuchFormat => "GGUF has no such precision",
            Self::NotListed => "its documents do not list the two together",
        })
    }
}

/// Whether an engine runs a precision on an accelerator.
///
/// # Errors
/// With the reason why not.
pub fn support(engine: Engine, quantisation: Quantisation, accelerator: Accelerator) -> Result<(), Gap> {
    let facts = known::engine_facts(engine);
    let generation = known::generation(accelerator);
    let runs = |precision| facts.precisions.get(&precision).is_some_and(|on| on.contains(&generation));
    if runs(quantisation) {
        return Ok(());
    }
    Err(match quantisation {
        _ if generation == Generation::Cpu && !runs(Quantisation::Fp16) => Gap::NeedsGpu,
        Quantisation::Fp8 if !facts.precisions.contains_key(&Quantisation::Fp8) => Gap::NoSuchFormat,
        Quantisation::Fp8 if generation < Generation::Ada => Gap::NoFp8Units,
        _ => Gap::NotListed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_documents_say() {
        use Accelerator::{A10g, A100Gb80, B200, Cpu, H100, L4};
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
            (Vllm, Fp8, A10g, Err(Gap::NoFp8Units)),
            (Vllm, Fp8, B200, Ok(())),
            (Vllm, Int8, B200, Err(Gap::NotListed)),
            (Tgi, Fp16, B200, Err(Gap::NotListed)),
        ] {
            assert_eq!(
                support(engine, quantisation, accelerator),
                expected,
                "{engine} {quantisation} {accelerator}"
            );
        }
    }
}
