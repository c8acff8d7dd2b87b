//! A **manifest** is a batch as it is handed to the runner: launches in order, and under each the trials
//! that share it. It holds everything the runner needs, so that a job reads one object and nothing else.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::framework::Endpoint;
use crate::task_accuracy::TaskName;
use crate::{
    Architecture, BatchId, CampaignId, ConfigId, Configuration, Hosted, HostedEndpoint, Launch, Rent,
    RequestSlo, Serving, TokenRate, Workload,
};

/// The version of the manifest's shape.
pub const MANIFEST_SCHEMA_VERSION: u32 = 1;

/// Most configurations in a batch.
pub const MAX_BATCH: usize = 100;

/// A batch for the runner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchManifest {
    /// [`MANIFEST_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The campaign.
    pub campaign: CampaignId,
    /// The batch.
    pub batch: BatchId,
    /// What each request must meet to count as good.
    #[serde(default)]
    pub slo: RequestSlo,
    /// Whether launches are asked for their fidelity, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<FidelityPlan>,
    /// Whether launches are asked to do tasks, and which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<TasksPlan>,
    /// Engine starts, in order. No two have the same server-side settings.
    pub launches: Vec<LaunchPlan>,
    /// Hosted models, in order: they are measured from the same machine, and not on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosted: Vec<HostedPlan>,
}

impl BatchManifest {
    /// Every trial, in the order of execution.
    pub fn trials(&self) -> impl Iterator<Item = &TrialPlan> {
        let of_hosted = self.hosted.iter().flat_map(|hosted| &hosted.trials);
        self.launches.iter().flat_map(|launch| &launch.trials).chain(of_hosted)
    }

    /// The configuration of every trial with the trial, in the order of execution.
    pub fn configurations(&self) -> impl Iterator<Item = (Configuration, &TrialPlan)> {
        let of_launch = self.launches.iter().map(|plan| (Serving::Launch(plan.launch.clone()), &plan.trials));
        let of_hosted = self.hosted.iter().map(|plan| (Serving::Hosted(plan.hosted.clone()), &plan.trials));
        of_launch.chain(of_hosted).flat_map(|(serving, trials)| {
            trials.iter().map(move |trial| {
                (Configuration { serving: serving.clone(), workload: trial.workload.clone() }, trial)
            })
        })
    }
}

/// How fidelity is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FidelityPlan {
    /// Most tokens of a continuation.
    pub output_tokens: u32,
}

/// How task accuracy is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TasksPlan {
    /// The tasks, and groups of tasks.
    pub names: Vec<TaskName>,
    /// Folder with tasks that the harness does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_path: Option<String>,
    /// Most questions of each task. None: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The harness: a path, or a name on `PATH`.
    pub program: String,
    /// Seconds that all of it may take for one launch.
    pub timeout_s: u64,
}

/// A hosted model and what is measured on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostedPlan {
    /// The model.
    pub hosted: Hosted,
    /// How to get to it.
    pub endpoint: HostedEndpoint,
    /// What its tokens cost.
    pub rate: TokenRate,
    /// What to measure, in order.
    pub trials: Vec<TrialPlan>,
}

/// One engine start and what is measured on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LaunchPlan {
    /// The server-side settings.
    pub launch: Launch,
    /// How to get to the server.
    pub endpoint: Endpoint,
    /// Sizes of the model.
    pub architecture: Architecture,
    /// The weights: a path or a hub id. None when nothing has to be loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// What the hardware is rented as. A job holds all of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// Longest context that any trial needs, in tokens.
    pub context_tokens: u32,
    /// Most requests in flight that any trial needs.
    pub max_concurrency: u32,
    /// What to measure, in order.
    pub trials: Vec<TrialPlan>,
}

/// One trial of one configuration: how long to measure it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrialPlan {
    /// The configuration's id.
    pub config_id: ConfigId,
    /// The traffic.
    pub workload: Workload,
    /// Which repetition, from 1.
    pub trial: u32,
    /// Requests to measure.
    pub requests: NonZeroU32,
    /// Requests before the measured ones.
    pub warm_up: u32,
    /// Seed of the prompts.
    pub seed: u64,
}
