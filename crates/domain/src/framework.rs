//! A **framework** is an inference engine at a version with its server-side arguments.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hardware::Generation;
use crate::model::{Format, Quantisation};

/// The engines that can be named in a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// vLLM.
    Vllm,
    /// Hugging Face Text Generation Inference.
    Tgi,
    /// LMDeploy.
    Lmdeploy,
    /// SGLang.
    Sglang,
    /// llama.cpp's `llama-server`.
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
    /// The bundled simulated engine. Whatever it yields is stored as `simulated`.
    Simulated,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 6] =
        [Self::Vllm, Self::Tgi, Self::Lmdeploy, Self::Sglang, Self::LlamaCpp, Self::Simulated];

    /// The name in specs, results and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vllm => "vllm",
            Self::Tgi => "tgi",
            Self::Lmdeploy => "lmdeploy",
            Self::Sglang => "sglang",
            Self::LlamaCpp => "llama.cpp",
            Self::Simulated => "simulated",
        }
    }

    /// The files it loads; the simulated engine loads none.
    #[must_use]
    pub const fn format(self) -> Option<Format> {
        match self {
            Self::Vllm | Self::Tgi | Self::Lmdeploy | Self::Sglang => Some(Format::Safetensors),
            Self::LlamaCpp => Some(Format::Gguf),
            Self::Simulated => None,
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What an engine can do, from its documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineFacts {
    /// The precisions of weights it runs, each with the generations of accelerators it runs them on.
    pub precisions: BTreeMap<Quantisation, Vec<Generation>>,
    /// The ways it shares a model out over several accelerators.
    pub parallelism: Vec<Parallelism>,
}

/// A way to share a model out over accelerators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Parallelism {
    /// Every layer on all of them, heads and columns apart.
    Tensor,
    /// Stages of layers that pass requests on.
    Pipeline,
    /// Experts apart.
    Expert,
    /// Layers or rows apart, one at work at a time.
    Layer,
}

/// An engine with what changes its behaviour as a server. All of it is part of a configuration's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Framework {
    /// The engine.
    pub engine: Engine,
    /// Its version, where the spec asks for one. The version that answered is in the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Extra server arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

impl std::fmt::Display for Framework {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Some(version) => f.pad(&format!("{} {version}", self.engine)),
            None => f.pad(self.engine.name()),
        }
    }
}

/// How the runner gets to a server of the framework.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Endpoint {
    /// A server that somebody else runs.
    Attach {
        /// Its base URL, without `/v1`.
        url: String,
        /// The model name to ask for, when it differs from ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        served_model: Option<String>,
    },
    /// A server that the runner starts and stops.
    Launch {
        /// The program; the engine's usual name on `PATH` when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        program: Option<String>,
        /// Environment variables added to the runner's own.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
        /// Seconds until it must be healthy.
        start_timeout_s: f64,
    },
}
