//! A **campaign spec** asks for a matrix to be measured: five axes, which of their points, and limits. It is
//! written as YAML; `examples/` has commented ones.
//!
//! Parsing answers "is this a spec", [`CampaignSpec::check`] answers "does it make sense". Both name the
//! field and the mend. Neither touches files: paths and `config:` references are resolved by whoever read
//! the file (see the command line's `spec_file`).

mod accuracy;
mod default_axes;
mod entries;
mod error;
mod freshness;
mod name_or_map;
mod workload_entry;

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use accuracy::{AccuracyEntry, FidelityEntry, TasksEntry};
pub use entries::{
    AxisLink, FrameworkEntry, HardwareEntry, HostedEntry, ModelEntry, ResolvedHosted, Selector,
};
pub use error::SpecError;
pub use freshness::FreshnessEntry;
pub use workload_entry::WorkloadEntry;

use crate::content_hash::content_hash;
use crate::duration::WrittenDuration;
use crate::ids::check_id;
use crate::{Quantisation, RequestSlo};

/// Most trials of one campaign: a hundred times the default matrix.
const MAX_TRIALS: usize = 1_000_000;

/// A campaign spec.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignSpec {
    /// What the campaign is called; part of its id.
    pub name: String,
    /// Axis 1. Hosted models are multiplied with workloads alone.
    pub models: Vec<ModelEntry>,
    /// Axis 2. Every precision when absent.
    #[serde(default = "default_axes::quantisations")]
    pub quantisations: Vec<Quantisation>,
    /// Axis 3. Every GPU in every count when absent.
    #[serde(default = "default_axes::hardware")]
    pub hardware: Vec<HardwareEntry>,
    /// Axis 4. The servers with batching when absent: vLLM, TGI, LMDeploy, SGLang.
    #[serde(default = "default_axes::frameworks")]
    pub frameworks: Vec<FrameworkEntry>,
    /// Axis 5. Each concurrency, rate and batch size of a workload is a point of its own. Every use case at its typical
    /// lengths when absent.
    #[serde(default = "default_axes::workloads")]
    pub workloads: Vec<WorkloadEntry>,
    /// Points to keep: those that match one of these, when there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Selector>,
    /// Points to leave out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Selector>,
    /// Links between axes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link: Vec<AxisLink>,
    /// Measure only what is due: what has no result yet, or one that is not fresh. Everything when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<FreshnessEntry>,
    /// What is to be found out about the quality of answers. Nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<AccuracyEntry>,
    /// What each request must meet to count as good.
    #[serde(default)]
    pub slo: RequestSlo,
    /// Most USD to spend, by the forecast at the price that machines are rented at first. Batches that do not fit are not started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<f64>,
    /// Longest time from the first job to the last one's end, by the forecast. Batches are cut to end by then, and those
    /// that cannot are not started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<WrittenDuration>,
    /// Jobs that can run at the same time, as the deadline reckons; as many as there are batches when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_jobs: Option<NonZeroU32>,
    /// Repetitions of each configuration.
    #[serde(default = "one")]
    pub trials: NonZeroU32,
    /// Seed of the prompts.
    #[serde(default)]
    pub seed: u64,
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl CampaignSpec {
    /// Parses and checks YAML (JSON is YAML).
    ///
    /// # Errors
    /// With the field, the line where it is known, and the mend.
    pub fn from_yaml(text: &str) -> Result<Self, SpecError> {
        let spec = error::parse_yaml(text)?;
        Self::check(&spec)?;
        Ok(spec)
    }

    /// Parses YAML without checking that it makes sense; for a reader that still has to resolve files.
    ///
    /// # Errors
    /// As [`Self::from_yaml`].
    pub fn parse_unchecked(text: &str) -> Result<Self, SpecError> {
        error::parse_yaml(text)
    }

    /// The hash of everything in the spec: the same spec is the same campaign.
    #[must_use]
    pub fn hash(&self) -> String {
        content_hash(self).unwrap_or_default()
    }

    /// Checks that the spec makes sense by itself and is not too large to be run.
    ///
    /// # Errors
    /// The first field that does not, with the mend.
    pub fn check(&self) -> Result<(), SpecError> {
        self.check_sense()?;
        self.check_size()
    }

    /// The same for a matrix of any size: one that is only planned.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_sense(&self) -> Result<(), SpecError> {
        check_id(&self.name).map_err(|e| SpecError::field("name", e.to_string()))?;
        if self.name.len() > 40 {
            return Err(SpecError::field("name", "has more than 40 characters; shorten it"));
        }
        not_empty("models", &self.models)?;
        not_empty("quantisations", &self.quantisations)?;
        not_empty("hardware", &self.hardware)?;
        not_empty("frameworks", &self.frameworks)?;
        not_empty("workloads", &self.workloads)?;
        for (i, model) in self.models.iter().enumerate() {
            model.check(&format!("models[{i}]"))?;
        }
        for (i, hardware) in self.hardware.iter().enumerate() {
            hardware.check(&format!("hardware[{i}]"))?;
        }
        for (i, framework) in self.frameworks.iter().enumerate() {
            framework.check(&format!("frameworks[{i}]"))?;
        }
        for (i, workload) in self.workloads.iter().enumerate() {
            workload.check(&format!("workloads[{i}]"))?;
        }
        unique("models", self.models.iter().map(|m| m.name.to_string()))?;
        unique("quantisations", self.quantisations.iter().map(ToString::to_string))?;
        unique("hardware", self.hardware.iter().map(|h| h.name.to_string()))?;
        unique("frameworks", self.frameworks.iter().map(|f| f.framework_key()))?;
        unique("workloads", self.workloads.iter().map(|w| w.name.clone()))?;
        if self.budget_usd.is_some_and(|b| !(b.is_finite() && b > 0.0)) {
            return Err(SpecError::field("budget_usd", "must be above 0; leave it out for no limit"));
        }
        for (field, selectors) in [("include", &self.include), ("exclude", &self.exclude)] {
            for (i, selector) in selectors.iter().enumerate() {
                selector.check(&format!("{field}[{i}]"))?;
            }
        }
        for (i, link) in self.link.iter().enumerate() {
            link.check(&format!("link[{i}]"))?;
        }
        if self.deadline.is_some_and(|d| d.as_ms() <= 0.0) {
            return Err(SpecError::field("deadline", "must be above 0; leave it out for no limit"));
        }
        self.accuracy.as_ref().map_or(Ok(()), |accuracy| accuracy.check("accuracy"))?;
        self.due.as_ref().map_or(Ok(()), |due| due.check("due"))
    }

    /// A plan is kept in memory with all of its points, and specs come over HTTP too.
    fn check_size(&self) -> Result<(), SpecError> {
        let workloads: usize = self.workloads.iter().map(|w| w.points()).sum();
        let trials = usize::try_from(self.trials.get()).unwrap_or(usize::MAX);
        let hosted = self.models.iter().filter(|model| model.is_hosted()).count();
        let servers = [
            self.models.len() - hosted,
            self.quantisations.len(),
            self.hardware.len(),
            self.frameworks.len(),
        ];
        let servers = servers.into_iter().fold(1, usize::saturating_mul).saturating_add(hosted);
        let points = servers.saturating_mul(workloads).saturating_mul(trials);
        if points > MAX_TRIALS {
            return Err(SpecError::field(
                "trials",
                format!(
                    "times the axes makes {points} trials; at most {MAX_TRIALS} are one campaign, so split the spec"
                ),
            ));
        }
        Ok(())
    }
}

fn not_empty<T>(field: &str, axis: &[T]) -> Result<(), SpecError> {
    if axis.is_empty() {
        return Err(SpecError::field(field, "is empty, so the matrix is too; give at least one entry"));
    }
    Ok(())
}

fn unique(field: &str, names: impl Iterator<Item = String>) -> Result<(), SpecError> {
    let mut seen = BTreeSet::new();
    for (i, name) in names.enumerate() {
        if !seen.insert(name.clone()) {
            return Err(SpecError::field(
                &format!("{field}[{i}]"),
                format!("`{name}` is there twice; remove one or give it another name"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
