//! **Splitting** cuts a plan into batches. Starting an engine takes minutes and measuring a configuration often takes
//! less, so configurations that share a launch stay together: a launch is in one batch, unless it alone has more
//! configurations than a batch may.
//!
//! A batch is run by one job on one machine, so that all of it has the same hardware config.
//!
//! Interactive use cases go first, since their answers are waited for: chatbot, code-generation, qa, then the rest.
//! A launch has the priority of its first use case. Within a launch every configuration is measured once before any is
//! measured again, each round by use case and then by load, ascending: closed loops before open ones.

use std::collections::{BTreeMap, HashMap};

use domain::content_hash::hash_bytes;
use domain::framework::Endpoint;
use domain::manifest::{MANIFEST_SCHEMA_VERSION, MAX_BATCH};
use domain::{
    BatchId, BatchManifest, ConfigId, Hardware, HourlyPrice, Launch, LaunchPlan, Load, TrialPlan, UseCase,
};
use forecast::{Setup, forecast};
use serde::{Deserialize, Serialize};

use crate::expand;
use crate::expansion::Matrix;
use crate::feasibility::weights;
use crate::plan::{FeasibleConfiguration, Plan};

/// What a batch will take and cost. `Provenance::Forecast`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Seconds from the start of the job to its end.
    pub run_s: f64,
    /// USD at the spot price. None where the hardware has no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_spot: Option<f64>,
    /// USD at the on-demand price. None where the hardware has no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_on_demand: Option<f64>,
}

/// Why a batch is not submitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverBudget {
    /// What the batch will cost at spot, USD.
    pub usd_spot: f64,
    /// What the batches before it leave of the budget, USD.
    pub left_usd: f64,
}

impl std::fmt::Display for OverBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "takes about {:.2} USD at spot; {:.2} USD of the budget are left",
            self.usd_spot, self.left_usd
        )
    }
}

/// A batch with its estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedBatch {
    /// What the runner gets.
    pub manifest: BatchManifest,
    /// What it will take.
    pub estimate: Estimate,
    /// Whether it is to be submitted.
    pub within_budget: bool,
    /// If not, why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_budget: Option<OverBudget>,
}

/// A plan that does not fit its own spec. It was changed after it was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan holds {0}, which its spec does not ask for; make the plan again from the spec")]
pub struct SplitError(pub String);

/// Cuts a plan into batches, most urgent first.
///
/// A batch is within the budget when it and the batches granted before it fit together, so that a cheap batch may
/// still run after a dear one was refused. A batch without a price costs nothing that is known.
///
/// # Errors
/// When the plan holds a configuration that its spec does not ask for.
pub fn split(plan: &Plan) -> Result<Vec<PlannedBatch>, SplitError> {
    let matrix = expand(&plan.spec);
    let groups = group(plan);
    let mut batches = Vec::new();
    for launches in pack(&groups) {
        let index = u32::try_from(batches.len()).unwrap_or(u32::MAX);
        batches.push(planned(plan, &matrix, &launches, index)?);
    }
    grant(&mut batches, plan.spec.budget_usd);
    Ok(batches)
}

/// The configurations of one launch, in order of execution.
type Group<'a> = Vec<&'a FeasibleConfiguration>;

/// Groups by launch, most urgent first; equally urgent ones in the order of the matrix.
fn group(plan: &Plan) -> Vec<Group<'_>> {
    let mut index: HashMap<&Launch, usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for item in &plan.feasible {
        let at = *index.entry(&item.configuration.launch).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(item);
    }
    for group in &mut groups {
        group.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
    }
    groups.sort_by_key(|group| group.first().map(|item| urgency(item).0));
    groups
}

/// Less is more urgent: the use case's place, then the load.
const fn urgency(item: &FeasibleConfiguration) -> (u8, &Load) {
    let workload = &item.configuration.workload;
    let place = match workload.use_case {
        UseCase::Chatbot => 0,
        UseCase::CodeGeneration => 1,
        UseCase::Qa => 2,
        UseCase::Summarization => 3,
        UseCase::CreativeWriting => 4,
    };
    (place, &workload.load)
}

/// Puts groups into batches of at most [`MAX_BATCH`] configurations, one hardware config each, in the order of their
/// first group. A group that is too large for one batch gets batches of its own.
fn pack<'a>(groups: &[Group<'a>]) -> Vec<Vec<Group<'a>>> {
    let mut open: BTreeMap<Hardware, usize> = BTreeMap::new();
    let mut batches: Vec<(usize, Vec<Group<'a>>)> = Vec::new();
    for group in groups {
        let Some(first) = group.first() else { continue };
        if group.len() > MAX_BATCH {
            batches.extend(group.chunks(MAX_BATCH).map(|chunk| (MAX_BATCH, vec![chunk.to_vec()])));
            continue;
        }
        let hardware = first.configuration.launch.hardware;
        match open.get(&hardware).and_then(|&at| batches.get_mut(at)) {
            Some((filled, batch)) if *filled + group.len() <= MAX_BATCH => {
                *filled += group.len();
                batch.push(group.clone());
            }
            _ => {
                open.insert(hardware, batches.len());
                batches.push((group.len(), vec![group.clone()]));
            }
        }
    }
    batches.into_iter().map(|(_, batch)| batch).collect()
}

fn planned(
    plan: &Plan,
    matrix: &Matrix<'_>,
    groups: &[Group<'_>],
    index: u32,
) -> Result<PlannedBatch, SplitError> {
    let mut launches = Vec::with_capacity(groups.len());
    for group in groups {
        launches.push(launch_plan(plan, matrix, group)?);
    }
    let run_s = launches.iter().map(run_s).sum();
    // One hardware config, so one price.
    let price = launches.first().and_then(|launch| launch.price);
    let usd = |of: fn(&HourlyPrice) -> f64| price.map(|p| of(&p) * run_s / 3600.0);
    Ok(PlannedBatch {
        manifest: BatchManifest {
            schema_version: MANIFEST_SCHEMA_VERSION,
            campaign: plan.campaign.clone(),
            batch: BatchId::new(&plan.campaign, index),
            slo: plan.spec.slo,
            launches,
        },
        estimate: Estimate { run_s, usd_spot: usd(|p| p.spot), usd_on_demand: usd(|p| p.on_demand) },
        within_budget: true,
        over_budget: None,
    })
}

/// Room beyond the longest request: a prompt of so many tokens is approached from both sides, and one token over the
/// context is a failed request.
const fn spare_tokens(longest: u64) -> u64 {
    16 + longest / 32
}

fn launch_plan(plan: &Plan, matrix: &Matrix<'_>, group: &Group<'_>) -> Result<LaunchPlan, SplitError> {
    let first = group.first().ok_or_else(|| SplitError("a launch without configurations".to_owned()))?;
    let launch = &first.configuration.launch;
    let stranger = || SplitError(first.configuration.to_string());
    let (model, hardware, framework) = matrix.entries_of(launch).ok_or_else(stranger)?;
    let workloads = || group.iter().map(|item| &item.configuration.workload);
    let architecture = model.resolved_architecture().ok_or_else(stranger)?;
    let longest = workloads().map(|w| w.longest_request_tokens()).max().unwrap_or_default();
    let context = (longest + spare_tokens(longest)).min(architecture.context_tokens.into()).max(longest);
    Ok(LaunchPlan {
        launch: launch.clone(),
        endpoint: framework.endpoint(),
        architecture: architecture.clone(),
        weights: weights(model, launch.model.quantisation, framework).map_err(|_| stranger())?,
        price: hardware.resolved_price(),
        context_tokens: u32::try_from(context).unwrap_or(u32::MAX),
        max_concurrency: workloads().map(|w| w.slots()).max().unwrap_or_default(),
        trials: trials(plan, group),
    })
}

/// Every configuration once, then every configuration again.
fn trials(plan: &Plan, group: &Group<'_>) -> Vec<TrialPlan> {
    (1..=plan.spec.trials.get())
        .flat_map(|trial| group.iter().map(move |item| (trial, item)))
        .map(|(trial, item)| TrialPlan {
            config_id: item.id.clone(),
            workload: item.configuration.workload.clone(),
            trial,
            requests: item.requests,
            warm_up: item.warm_up,
            seed: seed(plan.spec.seed, &item.id, trial),
        })
        .collect()
}

/// The seed of a trial: a hash of the spec's seed, the configuration and the trial, so that it depends on nothing else
/// in the matrix. 52 bits, which every JSON reader keeps exactly.
fn seed(spec_seed: u64, config: &ConfigId, trial: u32) -> u64 {
    let hash = hash_bytes(format!("{spec_seed}.{config}.{trial}").as_bytes());
    hash.get(..13).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(spec_seed)
}

/// Seconds of one launch: the engine's start, unless somebody else has started it, and every trial.
fn run_s(plan: &LaunchPlan) -> f64 {
    let setup = Setup {
        architecture: &plan.architecture,
        quantisation: plan.launch.model.quantisation,
        hardware: plan.launch.hardware,
        engine: plan.launch.framework.engine,
    };
    let mut start_s = 0.0;
    let mut trials_s = 0.0;
    for trial in &plan.trials {
        let forecast = forecast(&setup, &trial.workload);
        if matches!(plan.endpoint, Endpoint::Launch { .. }) {
            start_s = forecast.engine_start_s;
        }
        trials_s += forecast.run_s(trial.requests.get(), trial.warm_up);
    }
    start_s + trials_s
}

/// Grants batches in order as long as they fit.
fn grant(batches: &mut [PlannedBatch], budget_usd: Option<f64>) {
    let Some(mut left_usd) = budget_usd else { return };
    for batch in batches {
        let usd_spot = batch.estimate.usd_spot.unwrap_or(0.0);
        if usd_spot <= left_usd {
            left_usd -= usd_spot;
        } else {
            batch.within_budget = false;
            batch.over_budget = Some(OverBudget { usd_spot, left_usd });
        }
    }
}
