//! The **report** of a campaign: what was asked for, what follows from what was measured, and what was not measured and why.
//! It is kept as JSON with all of its content, and as a page for people, in HTML and PDF.

mod costs;
mod findings;
mod page;
mod paid;
mod rows;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{BenchmarkResult, CampaignSpec, ConfigId, Provenance, RunId};
use matrix::Plan;
use serde::Serialize;
use store::{BatchRecord, BatchState, CampaignRecord, Checkpoint, TrialOutcome};

pub use costs::Costs;
pub use findings::Finding;
pub use paid::Paid;

/// What a report is made from.
#[derive(Debug)]
pub struct Evidence {
    /// The campaign as it ended.
    pub campaign: CampaignRecord,
    /// Its plan. None: it failed before it had one.
    pub plan: Option<Plan>,
    /// Its batches.
    pub batches: Vec<BatchRecord>,
    /// The outcomes of its trials.
    pub outcomes: Vec<Checkpoint>,
    /// Its results.
    pub results: Vec<BenchmarkResult>,
}

/// The report of one campaign.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignReport {
    /// The campaign as it ended.
    pub campaign: CampaignRecord,
    /// What was asked for. Absent when it failed before it was planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<CampaignSpec>,
    /// Where its results come from, and how many from each.
    pub provenance: BTreeMap<Provenance, usize>,
    /// What follows for each use case, workload shape and provenance.
    pub findings: Vec<Finding>,
    /// Its results.
    pub results: Vec<BenchmarkResult>,
    /// Trials that failed, by reason.
    pub failures: Vec<Failures>,
    /// What cannot run, by kind of reason. The campaign's plan has each.
    pub infeasible: Vec<CannotRun>,
    /// Configurations that were not measured since their results are fresh.
    pub fresh: u64,
    /// Batches that did not finish, with the reason.
    pub unfinished: Vec<BatchRecord>,
    /// What was paid.
    pub paid: Paid,
    /// What results were charged with, at either price of the list.
    pub costs: Costs,
    /// The version of Assay that made the report.
    pub version: &'static str,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
}

/// Trials that failed for one reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failures {
    /// The reason.
    pub reason: String,
    /// The trials.
    pub trials: Vec<RunId>,
    /// The configuration of the first, in words.
    pub first: String,
}

/// Configurations that cannot run for one kind of reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CannotRun {
    /// The kind of reason: `memory`.
    pub kind: &'static str,
    /// How many.
    pub count: usize,
    /// The first of them, in words.
    pub first: String,
    /// Why that one cannot.
    pub reason: String,
}

impl CampaignReport {
    /// Puts a report together.
    #[must_use]
    pub fn new(evidence: Evidence, made_at: DateTime<Utc>) -> Self {
        let Evidence { campaign, plan, batches, outcomes, results } = evidence;
        let mut provenance = BTreeMap::new();
        for result in &results {
            *provenance.entry(result.provenance).or_default() += 1;
        }
        Self {
            provenance,
            findings: findings::of(&results, plan.as_ref().map(|plan| &plan.spec)),
            failures: failures(&outcomes, plan.as_ref()),
            infeasible: plan.as_ref().map(cannot_run).unwrap_or_default(),
            fresh: plan.as_ref().and_then(|plan| plan.due).map_or(0, |due| due.fresh),
            unfinished: batches.into_iter().filter(|b| b.state != BatchState::Finished).collect(),
            paid: Paid::of(&outcomes, &results, plan.as_ref()),
            costs: Costs::of(&results),
            spec: plan.map(|plan| plan.spec),
            version: env!("CARGO_PKG_VERSION"),
            campaign,
            results,
            made_at,
        }
    }

    /// What it cost, in words: of simulated engines nobody paid anything.
    #[must_use]
    pub(crate) fn paid_in_words(&self) -> String {
        let simulated = self.provenance.keys().all(|p| *p == Provenance::Simulated);
        match (self.paid.in_words(), simulated && !self.provenance.is_empty()) {
            (None, _) => "what it cost is not known".to_owned(),
            (Some(usd), false) => format!("paid {usd}"),
            (Some(usd), true) => format!("real machines would have cost {usd}"),
        }
    }

    /// How many trials failed.
    #[must_use]
    pub fn failed_trials(&self) -> usize {
        self.failures.iter().map(|failures| failures.trials.len()).sum()
    }
}

/// The most frequent reason first.
fn failures(outcomes: &[Checkpoint], plan: Option<&Plan>) -> Vec<Failures> {
    let named: BTreeMap<&ConfigId, String> = plan
        .into_iter()
        .flat_map(|plan| plan.feasible.iter().map(|config| (&config.id, config.configuration.to_string())))
        .collect();
    let mut by_reason: BTreeMap<&str, Failures> = BTreeMap::new();
    for checkpoint in outcomes {
        let TrialOutcome::Failed { reason } = &checkpoint.outcome else { continue };
        let failures = by_reason.entry(reason).or_insert_with(|| Failures {
            reason: reason.clone(),
            trials: Vec::new(),
            first: named
                .get(&checkpoint.config_id)
                .cloned()
                .unwrap_or_else(|| checkpoint.config_id.to_string()),
        });
        failures.trials.push(checkpoint.run_id.clone());
    }
    let mut failures: Vec<Failures> = by_reason.into_values().collect();
    failures.sort_by_key(|failures| std::cmp::Reverse(failures.trials.len()));
    failures
}

/// The most frequent kind first.
fn cannot_run(plan: &Plan) -> Vec<CannotRun> {
    let mut by_kind: BTreeMap<&str, CannotRun> = BTreeMap::new();
    for infeasible in &plan.infeasible {
        let kind = infeasible.reason.kind();
        let group = by_kind.entry(kind).or_insert_with(|| CannotRun {
            kind,
            count: 0,
            first: infeasible.configuration.to_string(),
            reason: infeasible.reason.to_string(),
        });
        group.count += 1;
    }
    let mut groups: Vec<CannotRun> = by_kind.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}
