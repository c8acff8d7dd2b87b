//! A **plan** is a matrix sorted into what can run and what cannot. It is stored as an object, and holds the spec it
//! comes from, so that it can be split without anything else.

use std::num::NonZeroU32;

use domain::configuration::LaunchHasher;
use domain::{CampaignId, CampaignSpec, ConfigId, Configuration};
use serde::{Deserialize, Serialize};

use crate::expand;
use crate::expansion::{Matrix, Server};
use crate::feasibility::{Infeasible, ServerVerdict};

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
    /// Points that the spec leaves out, which are not in the matrix.
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
    for server in matrix.servers() {
        for verdict in verdicts(&matrix, server) {
            plan.total += 1;
            match verdict {
                Ok(feasible) => plan.feasible.push(feasible),
                Err(infeasible) => plan.infeasible.push(*infeasible),
            }
        }
    }
    plan.excluded = matrix.product() - plan.total;
    plan
}

/// The points of one server, each checked.
pub(crate) fn verdicts<'m>(
    matrix: &'m Matrix<'_>,
    server: Server<'m>,
) -> impl Iterator<Item = Result<FeasibleConfiguration, Box<InfeasibleConfiguration>>> + 'm {
    let launch = server.launch();
    let hasher = LaunchHasher::of(&launch);
    let verdict = ServerVerdict::of(&server);
    matrix.points_of(server).map(move |point| {
        let id = hasher.id(&point.traffic.form);
        let workload = point.traffic.workload.clone();
        let reason = verdict.on(&workload);
        let configuration = Configuration { launch: launch.clone(), workload };
        match reason {
            Ok(()) => Ok(FeasibleConfiguration {
                id,
                configuration,
                requests: point.traffic.measure.requests,
                warm_up: point.traffic.measure.warm_up,
            }),
            Err(reason) => Err(Box::new(InfeasibleConfiguration { id, configuration, reason })),
        }
    })
}
