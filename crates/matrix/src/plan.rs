//! A **plan** is a matrix sorted into what can run and what cannot. It is stored as an object, and holds the spec it
//! comes from, so that it can be split without anything else.

use std::num::NonZeroU32;

use domain::{CampaignId, CampaignSpec, ConfigId, Configuration};
use serde::{Deserialize, Serialize};

use crate::feasibility::{Infeasible, feasibility};
use crate::{Point, expand};

/// The plan of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The campaign.
    pub campaign: CampaignId,
    /// What it was asked for.
    pub spec: CampaignSpec,
    /// Configurations in the matrix: feasible and infeasible.
    pub total: u64,
    /// Points that the spec excludes, which are not in the matrix.
    pub excluded: u64,
    /// What can run, in the order of the matrix.
    pub feasible: Vec<FeasibleConfiguration>,
    /// What cannot run, each with its reason.
    pub infeasible: Vec<InfeasibleConfiguration>,
}

/// A configuration that can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeasibleConfiguration {
    /// Its id.
    pub id: ConfigId,
    /// The configuration.
    pub configuration: Configuration,
    /// Requests to measure in each trial.
    pub requests: NonZeroU32,
    /// Requests before the measured ones.
    pub warm_up: u32,
}

/// A configuration that cannot run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfeasibleConfiguration {
    /// Its id.
    pub id: ConfigId,
    /// The configuration.
    pub configuration: Configuration,
    /// Why not.
    pub reason: Infeasible,
}

/// Expands a spec and checks every point.
#[must_use]
pub fn plan(spec: &CampaignSpec, campaign: &CampaignId) -> Plan {
    let matrix = expand(spec);
    let mut plan = Plan {
        campaign: campaign.clone(),
        spec: spec.clone(),
        total: 0,
        excluded: 0,
        feasible: Vec::new(),
        infeasible: Vec::new(),
    };
    for point in matrix.points() {
        plan.add(&point);
    }
    plan.excluded = matrix.product() - plan.total;
    plan
}

impl Plan {
    fn add(&mut self, point: &Point<'_>) {
        let configuration = point.configuration();
        let id = configuration.id();
        self.total += 1;
        match feasibility(point) {
            Ok(()) => self.feasible.push(FeasibleConfiguration {
                id,
                configuration,
                requests: point.measure.requests,
                warm_up: point.measure.warm_up,
            }),
            Err(reason) => self.infeasible.push(InfeasibleConfiguration { id, configuration, reason }),
        }
    }
}
