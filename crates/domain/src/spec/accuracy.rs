//! The **accuracy entry**: what is to be found out about the quality of answers, once for each launch.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SpecError;
use crate::duration::WrittenDuration;
use crate::manifest::{FidelityPlan, TasksPlan};
use crate::task_accuracy::TaskName;

/// Most tokens of a continuation: far beyond where most have parted.
const MOST_TOKENS: u32 = 1_024;

/// The harness, unless the spec names another program.
const HARNESS: &str = "lm_eval";

/// Longest time that tasks take, unless the spec says otherwise.
const USUAL_TIMEOUT: WrittenDuration = WrittenDuration::from_ms(3_600_000.0);

/// What is to be found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccuracyEntry {
    /// How far a model still says what its unquantised version says. Not asked when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<FidelityEntry>,
    /// How well it does tasks. None are asked when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<TasksEntry>,
}

/// How fidelity is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FidelityEntry {
    /// Most tokens of a continuation.
    #[serde(default = "usual_tokens")]
    pub output_tokens: NonZeroU32,
}

/// Which tasks are asked, by EleutherAI's lm-evaluation-harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TasksEntry {
    /// The tasks, and groups of tasks.
    pub names: Vec<TaskName>,
    /// Folder with tasks that the harness does not have, relative to the spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_path: Option<String>,
    /// Most questions of each task. All when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<NonZeroU32>,
    /// The harness; `lm_eval` on `PATH` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Longest time of all tasks of one launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<WrittenDuration>,
    /// Context in tokens that engines are started with at least, so that the prompts fit.
    #[serde(default = "usual_context")]
    pub context_tokens: NonZeroU32,
}

const fn usual_tokens() -> NonZeroU32 {
    match NonZeroU32::new(64) {
        Some(tokens) => tokens,
        None => NonZeroU32::MIN,
    }
}

const fn usual_context() -> NonZeroU32 {
    match NonZeroU32::new(4_096) {
        Some(tokens) => tokens,
        None => NonZeroU32::MIN,
    }
}

impl FidelityEntry {
    /// What the runner gets.
    #[must_use]
    pub const fn plan(&self) -> FidelityPlan {
        FidelityPlan { output_tokens: self.output_tokens.get() }
    }
}

impl TasksEntry {
    /// What the runner gets.
    #[must_use]
    pub fn plan(&self) -> TasksPlan {
        TasksPlan {
            names: self.names.clone(),
            include_path: self.include_path.clone(),
            limit: self.limit.map(NonZeroU32::get),
            program: self.program.clone().unwrap_or_else(|| HARNESS.to_owned()),
            timeout_s: self.timeout.unwrap_or(USUAL_TIMEOUT).as_duration().as_secs(),
        }
    }

    fn check(&self, field: &str) -> Result<(), SpecError> {
        let refuse = |name: &str, problem: &str| Err(SpecError::field(&format!("{field}.{name}"), problem));
        if self.names.is_empty() {
            return refuse("names", "names no task; add one (`lm_eval ls tasks` lists what the harness has)");
        }
        if let Some((i, _)) = self.names.iter().enumerate().find(|(i, name)| self.names[..*i].contains(name))
        {
            return refuse(&format!("names[{i}]"), "is there twice; remove it");
        }
        if self.timeout.is_some_and(|timeout| timeout.as_ms() < 1_000.0) {
            return refuse("timeout", "is below 1s; raise it, or leave it out for an hour");
        }
        Ok(())
    }
}

impl AccuracyEntry {
    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if self.fidelity.is_none() && self.tasks.is_none() {
            return Err(SpecError::field(
                field,
                "asks for nothing; add `fidelity: {}` or `tasks:`, or remove it",
            ));
        }
        if self.fidelity.as_ref().is_some_and(|fidelity| fidelity.output_tokens.get() > MOST_TOKENS) {
            let problem =
                format!("is above {MOST_TOKENS}, where continuations have parted long before; lower it");
            return Err(SpecError::field(&format!("{field}.fidelity.output_tokens"), problem));
        }
        self.tasks.as_ref().map_or(Ok(()), |tasks| tasks.check(&format!("{field}.tasks")))
    }
}
