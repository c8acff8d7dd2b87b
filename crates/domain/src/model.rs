//! A **model** is a family member with its architecture facts; a **model version** is one quantisation of
//! it, which is what an engine loads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::ids::ModelName;

/// Numerical precision of the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Quantisation {
    /// 16-bit floats (FP16 or BF16).
    Fp16,
    /// 8-bit floats.
    Fp8,
    /// 8-bit integers.
    Int8,
    /// 4-bit integers.
    Int4,
}

impl Quantisation {
    /// The name in specs, results and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fp16 => "fp16",
            Self::Fp8 => "fp8",
            Self::Int8 => "int8",
            Self::Int4 => "int4",
        }
    }

    /// Bytes that one weight takes, scales of group quantisation included (4-bit groups of 128 carry a
    /// 16-bit scale and a 4-bit zero: 4.16 bits).
    #[must_use]
    pub const fn bytes_per_weight(self) -> f64 {
        match self {
            Self::Fp16 => 2.0,
            Self::Fp8 | Self::Int8 => 1.0,
            Self::Int4 => 0.52,
        }
    }
}

impl std::fmt::Display for Quantisation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What an engine loads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ModelVersion {
    /// The model.
    pub model: ModelName,
    /// The precision of its weights.
    pub quantisation: Quantisation,
}

impl std::fmt::Display for ModelVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{} {}", self.model, self.quantisation))
    }
}

/// How weights are packed in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A folder with `config.json` and `*.safetensors`, or the id of one on a hub.
    Safetensors,
    /// One GGUF file.
    Gguf,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Safetensors => "safetensors",
            Self::Gguf => "gguf",
        })
    }
}

/// Where the weights of one version are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Precision of the weights in it.
    pub quantisation: Quantisation,
    /// How they are packed.
    pub format: Format,
    /// `hf:OWNER/NAME@REVISION` or `s3://BUCKET/PREFIX`, fetched by the runner; a path (relative to the spec); or a name
    /// that the engine looks up itself ([`crate::WeightsAddress`]).
    pub path: String,
}
