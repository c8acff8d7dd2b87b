//! What is **due**: the configurations of a plan that were not measured yet, or whose result is stale. A campaign that
//! asks for a whole matrix then runs only what is missing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{ConfigId, Engine};

use crate::plan::Plan;

/// What is known of a configuration's latest result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// When it was measured.
    pub at: DateTime<Utc>,
    /// The version of the engine that answered, if it said so.
    pub engine_version: Option<String>,
}

/// When a result is still good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freshness {
    /// It must not be older than this.
    pub since: Option<DateTime<Utc>>,
    /// It must be of these versions, where the spec does not pin another.
    pub versions: BTreeMap<Engine, String>,
}

/// Why a configuration is due, and how many are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

/// Leaves in a plan what is due. Infeasible configurations stay, with their reasons.
pub fn due(plan: &mut Plan, freshness: &Freshness, measured: impl Fn(&ConfigId) -> Option<Measured>) -> Due {
    let mut counts = Due::default();
    plan.feasible.retain(|item| {
        let framework = &item.configuration.launch.framework;
        let wanted = framework.version.is_none().then(|| freshness.versions.get(&framework.engine)).flatten();
        let count = match measured(&item.id) {
            None => &mut counts.new,
            Some(result) if wanted.is_some_and(|v| result.engine_version.as_ref() != Some(v)) => {
                &mut counts.other_version
            }
            Some(result) if freshness.since.is_some_and(|since| result.at < since) => &mut counts.stale,
            Some(_) => {
                counts.fresh += 1;
                return false;
            }
        };
        *count += 1;
        true
    });
    plan.total -= counts.fresh;
    counts
}
