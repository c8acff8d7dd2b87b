//! A **filter** says which results a query is about: those that match everything it states.

use std::num::NonZeroU32;

use domain::{Accelerator, Engine, Hardware, ModelName, Provenance, Quantisation, UseCase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Snapshot;
use crate::snapshot::Identity;

/// The lengths of a workload. Results are only compared within one shape: more tokens take longer on any engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Tokens of a prompt.
    pub input_tokens: NonZeroU32,
    /// Tokens of an answer.
    pub output_tokens: NonZeroU32,
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}>{}", self.input_tokens, self.output_tokens)
    }
}

/// What a result must match; a field that is not stated matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// This model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// This precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<Quantisation>,
    /// This accelerator, in any count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    /// This hardware config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Hardware>,
    /// This engine, in any version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// This use case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<UseCase>,
    /// This provenance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// Prompts of so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<NonZeroU32>,
    /// Answers of so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<NonZeroU32>,
}

impl Filter {
    /// Whether a result matches.
    pub(crate) fn matches(&self, identity: &Identity) -> bool {
        let launch = &identity.configuration.launch;
        let workload = &identity.configuration.workload;
        self.use_case.is_none_or(|u| u == workload.use_case)
            && self.provenance.is_none_or(|p| p == identity.provenance)
            && self.input_tokens.is_none_or(|n| n == workload.input_tokens)
            && self.output_tokens.is_none_or(|n| n == workload.output_tokens)
            && self.quantisation.is_none_or(|q| q == launch.model.quantisation)
            && self.accelerator.is_none_or(|a| a == launch.hardware.accelerator())
            && self.hardware.is_none_or(|h| h == launch.hardware)
            && self.engine.is_none_or(|e| e == launch.framework.engine)
            && self.model.as_ref().is_none_or(|m| *m == launch.model.model)
    }
}

impl Snapshot {
    /// Rows that match a filter, in the snapshot's order.
    pub(crate) fn rows<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = usize> + 'a {
        self.identities()
            .iter()
            .enumerate()
            .filter(|(_, identity)| filter.matches(identity))
            .map(|(row, _)| row)
    }
}
