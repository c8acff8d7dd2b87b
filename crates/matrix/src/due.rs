//! What is **due**: the configurations of a plan that were not measured yet, or whose result is stale. A campaign that
//! asks for a whole matrix then runs only what is missing.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::spec::{FrameworkEntry, FreshnessEntry};
use domain::{BenchmarkResult, ConfigId, Engine, Framework, Provenance, ServedBy, Serving};
use serde::{Deserialize, Serialize};

use crate::plan::{FeasibleConfiguration, Plan};

/// How many configurations are due, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// Never measured.
    pub new: u64,
    /// Measured with another version of the engine.
    pub other_version: u64,
    /// Measured too long ago.
    pub stale: u64,
    /// Measured, and left out.
    pub fresh: u64,
}

/// Leaves in a plan what is due by its spec. Infeasible configurations stay, with their reasons. A spec that says
/// nothing of it has everything due.
///
/// Results that may not be ranked say nothing, so that what they measured is due. Neither does a simulation say anything
/// of a real engine, nor what another tool measured of what ours would, nor a server that was attached to, whose hardware nobody saw, of what
/// this campaign would launch.
pub fn keep_due(plan: &mut Plan, results: &[BenchmarkResult], now: DateTime<Utc>) {
    let Some(wanted) = plan.spec.due.clone() else { return };
    let simulated = |serving: &Serving| serving.served_by() == ServedBy::Engine(Engine::Simulated);
    let attached: Vec<Framework> =
        plan.spec.frameworks.iter().filter(|f| f.attach.is_some()).map(FrameworkEntry::framework).collect();
    let counts = |result: &&BenchmarkResult| {
        let serving = &result.configuration.serving;
        let expected = match result.provenance {
            Provenance::Simulated => true,
            Provenance::Measured => false,
            Provenance::Imported | Provenance::Forecast => return false,
        };
        let is_attached = serving.launch().is_some_and(|launch| attached.contains(&launch.framework));
        let seen = result.is_verified() || is_attached;
        result.is_rankable() && seen && simulated(serving) == expected
    };
    let mut latest: HashMap<&ConfigId, &BenchmarkResult> = HashMap::new();
    for result in results.iter().filter(counts) {
        let known = latest.entry(&result.config_id).or_insert(result);
        if known.measured_at < result.measured_at {
            *known = result;
        }
    }
    let since = wanted.newer_than.map(|age| now - TimeDelta::milliseconds(age.as_ms() as i64));
    let mut due = Due::default();
    plan.feasible.retain(|item| {
        let count = match latest.get(&item.id) {
            None => &mut due.new,
            Some(result) if is_other_version(item, result, &wanted) => &mut due.other_version,
            Some(result) if since.is_some_and(|since| result.measured_at < since) => &mut due.stale,
            Some(_) => {
                due.fresh += 1;
                return false;
            }
        };
        *count += 1;
        true
    });
    plan.due = Some(due);
}

/// Whether another version of the engine is wanted than the one that answered. One that the configuration names is part
/// of its id.
fn is_other_version(item: &FeasibleConfiguration, result: &BenchmarkResult, wanted: &FreshnessEntry) -> bool {
    // What a provider serves under a name has no version that could be wanted.
    let Some(launch) = item.configuration.serving.launch() else { return false };
    let framework = &launch.framework;
    let wanted = wanted.versions.get(&framework.engine).filter(|_| framework.version.is_none());
    wanted.is_some_and(|version| result.environment.engine_version.as_ref() != Some(version))
}
