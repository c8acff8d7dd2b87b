//! **What remains** of a batch: what was neither told nor measured by an earlier attempt. It follows from the
//! manifest, the checkpoints and the stored results alone.

use std::collections::{BTreeMap, BTreeSet};

use domain::{BatchManifest, ConfigId, LaunchPlan, RunId, TrialPlan};
use store::{Checkpoint, TrialOutcome};

/// A trial that has no outcome yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingTrial<'a> {
    /// Its run.
    pub run_id: RunId,
    /// What to measure.
    pub plan: &'a TrialPlan,
}

/// A launch with trials that have no outcome yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingLaunch<'a> {
    /// What to start.
    pub plan: &'a LaunchPlan,
    /// Its pending trials, in the order of the manifest. Never empty.
    pub trials: Vec<PendingTrial<'a>>,
}

/// What remains of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Remaining<'a> {
    /// Results that were stored by an attempt that ended before it wrote the checkpoint.
    pub without_checkpoint: Vec<(RunId, ConfigId)>,
    /// What has to be measured.
    pub launches: Vec<PendingLaunch<'a>>,
    /// Trials that have an outcome, those of `without_checkpoint` included.
    pub done: usize,
    /// All trials of the batch.
    pub total: usize,
}

/// Compares a manifest with what earlier attempts left. A stored result counts more than a checkpoint that
/// says the trial failed.
#[must_use]
pub fn remaining<'a>(
    manifest: &'a BatchManifest,
    outcomes: &BTreeMap<RunId, Checkpoint>,
    stored: &BTreeSet<RunId>,
) -> Remaining<'a> {
    let mut left = Remaining { without_checkpoint: vec![], launches: vec![], done: 0, total: 0 };
    for plan in &manifest.launches {
        let mut trials = Vec::new();
        for trial in &plan.trials {
            let run_id = RunId::new(&manifest.campaign, &trial.config_id, trial.trial);
            let outcome = outcomes.get(&run_id).map(|checkpoint| &checkpoint.outcome);
            left.total += 1;
            match (outcome, stored.contains(&run_id)) {
                (Some(TrialOutcome::Stored), _) | (Some(TrialOutcome::Failed { .. }), false) => {
                    left.done += 1;
                }
                (_, true) => {
                    left.done += 1;
                    left.without_checkpoint.push((run_id, trial.config_id.clone()));
                }
                (None, false) => trials.push(PendingTrial { run_id, plan: trial }),
            }
        }
        if !trials.is_empty() {
            left.launches.push(PendingLaunch { plan, trials });
        }
    }
    left
}
