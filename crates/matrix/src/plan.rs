//! A **plan** is a matrix sorted into what can run and what cannot. It is stored as an object, and holds the spec it
//! comes from, so that it can be split without anything else.

use std::num::NonZeroU32;

use domain::configuration::LaunchHasher;
use domain::spec::ResolvedHosted;
use domain::{CampaignId, CampaignSpec, ConfigId, Configuration, Serving};
use forecast::Calibration;
use serde::{Deserialize, Serialize};

use crate::due::Due;
use crate::expand;
use crate::expansion::{Matrix, Server, Traffic};
use crate::feasibility::{Infeasible, ServerVerdict, of_hosted};

/// The plan of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The campaign.
    pub campaign: CampaignId,
    /// What it was asked for.
    pub spec: CampaignSpec,
    /// Configurations in the matrix: feasible, infeasible and, where only what is due is run, fresh.
    pub total: u64,
    /// Points that the spec leaves out, which are not in the matrix.
    pub excluded: u64,
    /// What was found to be due, where the spec asks for no more than that. What is fresh is left out of `feasible`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// What forecasts are corrected by: batches are cut and granted by them.
    #[serde(default, skip_serializing_if = "Calibration::is_empty")]
    pub calibration: Calibration,
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
        due: None,
        calibration: Calibration::default(),
        feasible: Vec::new(),
        infeasible: Vec::new(),
    };
    for server in matrix.servers() {
        plan.add(&server.launch().into(), verdicts(&matrix, server));
    }
    for hosted in matrix.hosted() {
        plan.add(&hosted.hosted.clone().into(), hosted_verdicts(&matrix, hosted));
    }
    plan.excluded = matrix.product() - plan.total;
    plan
}

impl Plan {
    /// Adds the points of one serving.
    fn add<'m, 'a: 'm>(&mut self, serving: &Serving, verdicts: impl Iterator<Item = Verdict<'m, 'a>>) {
        for Verdict { id, traffic, reason } in verdicts {
            self.total += 1;
            let configuration =
                Configuration { serving: serving.clone(), workload: traffic.workload.clone() };
            match reason {
                Ok(()) => self.feasible.push(FeasibleConfiguration {
                    id,
                    configuration,
                    requests: traffic.measure.requests,
                    warm_up: traffic.measure.warm_up,
                }),
                Err(reason) => self.infeasible.push(InfeasibleConfiguration { id, configuration, reason }),
            }
        }
    }
}

/// A point, checked.
pub(crate) struct Verdict<'m, 'a> {
    pub id: ConfigId,
    pub traffic: &'m Traffic<'a>,
    /// Why it cannot run, if it cannot.
    pub reason: Result<(), Infeasible>,
}

/// The points of one server, each checked.
pub(crate) fn verdicts<'m, 'a>(
    matrix: &'m Matrix<'a>,
    server: Server<'a>,
) -> impl Iterator<Item = Verdict<'m, 'a>> {
    let hasher = LaunchHasher::of(&server.launch().into());
    let verdict = ServerVerdict::of(&server);
    matrix.points_of(server).map(move |point| Verdict {
        id: hasher.id(&point.traffic.form),
        traffic: point.traffic,
        reason: verdict.on(&point.traffic.workload),
    })
}

/// The points of a hosted model, each checked.
pub(crate) fn hosted_verdicts<'m, 'a>(
    matrix: &'m Matrix<'a>,
    hosted: &'m ResolvedHosted,
) -> impl Iterator<Item = Verdict<'m, 'a>> {
    let hasher = LaunchHasher::of(&hosted.hosted.clone().into());
    matrix.traffic_of(hosted).map(move |traffic| Verdict {
        id: hasher.id(&traffic.form),
        traffic,
        reason: of_hosted(&hosted.hosted, &traffic.workload),
    })
}
