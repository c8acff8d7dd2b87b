//! What is known of a result that was **imported** from the file of another tool: which tool and file, whose words stand
//! behind what the file does not say, and the numbers that are none of ours.
//!
//! Tools give the same names to different quantities (docs/metrics.md). A quantity of another definition keeps its own
//! id here, and stands for none of ours unless whoever imported it said so.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Summary;

/// A format of results that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignFormat {
    /// `vllm bench serve --save-result`, and the `summary.json` of its sweeps.
    VllmBench,
    /// GuideLLM's `benchmarks.json`.
    Guidellm,
    /// AIPerf's `profile_export_aiperf.json`, and GenAI-Perf's before it.
    Aiperf,
    /// inference-perf's `stage_N_lifecycle_metrics.json`.
    InferencePerf,
    /// InferenceX' `agg_*.json`.
    Inferencex,
    /// The Benchmark Report of llm-d, 0.2 and 0.2.1.
    LlmD,
    /// Hugging Face's inference-benchmarker.
    InferenceBenchmarker,
}

impl ForeignFormat {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::VllmBench,
        Self::Guidellm,
        Self::Aiperf,
        Self::InferencePerf,
        Self::Inferencex,
        Self::LlmD,
        Self::InferenceBenchmarker,
    ];

    /// The name in queries and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VllmBench => "vllm-bench",
            Self::Guidellm => "guidellm",
            Self::Aiperf => "aiperf",
            Self::InferencePerf => "inference-perf",
            Self::Inferencex => "inferencex",
            Self::LlmD => "llm-d",
            Self::InferenceBenchmarker => "inference-benchmarker",
        }
    }
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A definition of a quantity that is none of ours (docs/imports.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// From sending to the first chunk with any `choices`, ms: an empty one that tells the role counts.
    TtftFirstChunk,
    /// From sending to the first chunk with text that is no reasoning, ms: the first token of a model that does not reason.
    TtftFirstOutput,
    /// A time to first token of a tool that does not say what a first token is, ms.
    TtftUndefined,
    /// From sending to the end of the stream, ms, after what follows the last token.
    E2eStreamEnd,
    /// From sending to the last token over all tokens, ms: it includes the time to the first.
    E2ePerToken,
    /// Gaps between tokens, ms, where each token of a chunk gets its share of the chunk's.
    ItlPerToken,
    /// A time between tokens of a tool that does not say which one it is, ms.
    TokenGapUndefined,
    /// From the first to the second token, ms.
    SecondToken,
    /// Input and output tokens per second and GPU.
    TotalTpsPerGpu,
}

impl Definition {
    /// Every definition.
    pub const ALL: [Self; 9] = [
        Self::TtftFirstChunk,
        Self::TtftFirstOutput,
        Self::TtftUndefined,
        Self::E2eStreamEnd,
        Self::E2ePerToken,
        Self::ItlPerToken,
        Self::TokenGapUndefined,
        Self::SecondToken,
        Self::TotalTpsPerGpu,
    ];

    /// Its id.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TtftFirstChunk => "ttft_first_chunk",
            Self::TtftFirstOutput => "ttft_first_output",
            Self::TtftUndefined => "ttft_undefined",
            Self::E2eStreamEnd => "e2e_stream_end",
            Self::E2ePerToken => "e2e_per_token",
            Self::ItlPerToken => "itl_per_token",
            Self::TokenGapUndefined => "token_gap_undefined",
            Self::SecondToken => "second_token",
            Self::TotalTpsPerGpu => "total_tps_per_gpu",
        }
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no [`Definition`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no definition of another tool: choose one of {names}", names = Definition::ALL.map(Definition::name).join(", "))]
pub struct UnknownDefinition(pub String);

impl FromStr for Definition {
    type Err = UnknownDefinition;

    fn from_str(text: &str) -> Result<Self, UnknownDefinition> {
        Self::ALL.into_iter().find(|d| d.name() == text).ok_or_else(|| UnknownDefinition(text.to_owned()))
    }
}

/// A quantity of another definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OtherQuantity {
    /// A distribution.
    Distribution(Summary),
    /// One number.
    Number(f64),
}

/// Where an imported result is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// What kind of file it was read from.
    pub format: ForeignFormat,
    /// The version of the tool, where the file tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<String>,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Where in the file it is, such as `benchmarks[2]`; empty when it is all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// What the file does not say and whoever imported it stated, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stated: Vec<String>,
    /// Numbers under other definitions than ours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quantities: BTreeMap<Definition, OtherQuantity>,
    /// Of these, those that stand for ours, since whoever imported them said so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Definition>,
    /// What the file says of it, as it says it: what we have no word for is not lost. Lists of single requests are left
    /// away.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub original: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        for format in ForeignFormat::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
        }
        for definition in Definition::ALL {
            assert_eq!(serde_json::to_value(definition).unwrap(), definition.name());
            assert_eq!(definition.name().parse(), Ok(definition));
        }
        assert!("ttft".parse::<Definition>().unwrap_err().to_string().contains("ttft_first_chunk"));
    }
}
