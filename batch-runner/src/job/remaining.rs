//! **What remains** of a batch: what was neither told nor measured by an earlier attempt. It follows from the
//! manifest, the checkpoints, the stored results and the lost tries alone.
//!
//! What may have ended its runner comes last, so that it holds nothing up: trials within their launch, launches within the
//! batch.

use std::collections::{BTreeMap, BTreeSet};

use domain::{BatchManifest, ConfigId, HostedPlan, LaunchPlan, RunId, TrialPlan};
use store::{Checkpoint, MAX_TRIES, TrialOutcome};

/// A trial that has no outcome yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingTrial<'a> {
    /// Its run.
    pub run_id: RunId,
    /// What to measure.
    pub plan: &'a TrialPlan,
    /// Tries that ended their runner.
    pub lost_tries: u32,
}

/// A launch with trials that have no outcome yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingLaunch<'a> {
    /// What to start.
    pub plan: &'a LaunchPlan,
    /// Its pending trials, in the order of the manifest, those with lost tries last. Never empty.
    pub trials: Vec<PendingTrial<'a>>,
}

/// A hosted model with trials that have no outcome yet.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingHosted<'a> {
    /// What to ask.
    pub plan: &'a HostedPlan,
    /// Its pending trials, in the order of the manifest. Never empty.
    pub trials: Vec<PendingTrial<'a>>,
}

/// What remains of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Remaining<'a> {
    /// Results that were stored by an attempt that ended before it wrote the checkpoint.
    pub without_checkpoint: Vec<(RunId, ConfigId)>,
    /// Trials that ended their runner too often.
    pub given_up: Vec<(RunId, ConfigId)>,
    /// What has to be measured.
    pub launches: Vec<PendingLaunch<'a>>,
    /// The same of hosted models.
    pub hosted: Vec<PendingHosted<'a>>,
    /// Trials that have an outcome, those of `without_checkpoint` and `given_up` included.
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
    lost_tries: &BTreeMap<RunId, u32>,
) -> Remaining<'a> {
    let mut left = Remaining {
        without_checkpoint: vec![],
        given_up: vec![],
        launches: vec![],
        hosted: vec![],
        done: 0,
        total: 0,
    };
    let mut pending = |trials: &'a [TrialPlan]| -> Vec<PendingTrial<'a>> {
        let mut pending = Vec::new();
        for trial in trials {
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
                (None, false) => match lost_tries.get(&run_id).copied().unwrap_or(0) {
                    MAX_TRIES.. => {
                        left.done += 1;
                        left.given_up.push((run_id, trial.config_id.clone()));
                    }
                    lost_tries => pending.push(PendingTrial { run_id, plan: trial, lost_tries }),
                },
            }
        }
        pending.sort_by_key(|trial| trial.lost_tries);
        pending
    };
    let launches: Vec<_> = manifest.launches.iter().map(|plan| (plan, pending(&plan.trials))).collect();
    let hosted: Vec<_> = manifest.hosted.iter().map(|plan| (plan, pending(&plan.trials))).collect();
    let some = |trials: &[PendingTrial<'_>]| !trials.is_empty();
    left.launches = launches
        .into_iter()
        .filter(|(_, trials)| some(trials))
        .map(|(plan, trials)| PendingLaunch { plan, trials })
        .collect();
    left.hosted = hosted
        .into_iter()
        .filter(|(_, trials)| some(trials))
        .map(|(plan, trials)| PendingHosted { plan, trials })
        .collect();
    // An engine that ends its runner while it starts does so for every trial of its launch.
    left.launches.sort_by_key(|launch| launch.trials.iter().map(|trial| trial.lost_tries).sum::<u32>());
    left
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use domain::framework::Endpoint;
    use domain::{BatchId, CampaignId, RequestSlo};
    use testkit::fixtures;

    use super::*;

    /// Two launches of two trials each.
    fn manifest() -> BatchManifest {
        let campaign: CampaignId = "demo".parse().unwrap();
        let launch = |concurrencies: [u32; 2]| LaunchPlan {
            launch: fixtures::launch(),
            endpoint: Endpoint::Launch { program: None, env: BTreeMap::new(), start_timeout_s: 1.0 },
            architecture: fixtures::architecture(1),
            weights: None,
            rent: None,
            context_tokens: 1,
            max_concurrency: 1,
            trials: concurrencies.iter().map(|&n| trial(n)).collect(),
        };
        BatchManifest {
            schema_version: 1,
            batch: BatchId::new(&campaign, 0),
            campaign,
            slo: RequestSlo::default(),
            fidelity: None,
            tasks: None,
            launches: vec![launch([1, 2]), launch([4, 8])],
            hosted: vec![],
        }
    }

    fn trial(concurrency: u32) -> TrialPlan {
        let configuration = fixtures::configuration(concurrency);
        TrialPlan {
            config_id: configuration.id(),
            workload: configuration.workload,
            trial: 1,
            requests: NonZeroU32::MIN,
            warm_up: 0,
            seed: 7,
        }
    }

    fn run(concurrency: u32) -> RunId {
        RunId::new(&"demo".parse().unwrap(), &trial(concurrency).config_id, 1)
    }

    fn checkpoint(concurrency: u32, outcome: TrialOutcome) -> (RunId, Checkpoint) {
        let run_id = run(concurrency);
        let config_id = trial(concurrency).config_id;
        (
            run_id.clone(),
            Checkpoint {
                run_id,
                config_id,
                outcome,
                attempt: 1,
                usd: None,
                machine_s: None,
                at: fixtures::at(0),
            },
        )
    }

    fn pending(left: &Remaining<'_>) -> Vec<Vec<RunId>> {
        left.launches.iter().map(|l| l.trials.iter().map(|t| t.run_id.clone()).collect()).collect()
    }

    #[test]
    fn at_first_everything_remains() {
        let manifest = manifest();
        let left = remaining(&manifest, &BTreeMap::new(), &BTreeSet::new(), &BTreeMap::new());
        assert_eq!(pending(&left), [vec![run(1), run(2)], vec![run(4), run(8)]]);
        assert_eq!((left.done, left.total, left.without_checkpoint.len()), (0, 4, 0));
    }

    #[test]
    fn a_launch_without_pending_trials_is_not_started() {
        let manifest = manifest();
        let failed = TrialOutcome::Failed { reason: "it is too slow".to_owned() };
        let outcomes = [checkpoint(1, TrialOutcome::Stored), checkpoint(2, failed)].into();
        let left = remaining(&manifest, &outcomes, &[run(1)].into(), &BTreeMap::new());
        assert_eq!(pending(&left), [[run(4), run(8)]]);
        assert_eq!(left.done, 2);
    }

    #[test]
    fn a_stored_result_needs_its_checkpoint_and_no_second_measurement() {
        let manifest = manifest();
        let failed = TrialOutcome::Failed { reason: "its engine died".to_owned() };
        let outcomes = [checkpoint(8, failed)].into();
        let left = remaining(&manifest, &outcomes, &[run(4), run(8)].into(), &BTreeMap::new());
        assert_eq!(pending(&left), [[run(1), run(2)]]);
        let told: Vec<&RunId> = left.without_checkpoint.iter().map(|(run, _)| run).collect();
        assert_eq!(told, [&run(4), &run(8)]);
        assert_eq!(left.done, 2);
    }

    #[test]
    fn what_may_have_ended_its_runner_comes_last_and_is_given_up_in_the_end() {
        let manifest = manifest();
        let lost = |tries: &[(u32, u32)]| {
            let lost: BTreeMap<RunId, u32> = tries.iter().map(|&(n, tries)| (run(n), tries)).collect();
            remaining(&manifest, &BTreeMap::new(), &BTreeSet::new(), &lost)
        };
        assert_eq!(pending(&lost(&[(1, 1)])), [vec![run(4), run(8)], vec![run(2), run(1)]]);
        assert_eq!(pending(&lost(&[(1, 2), (4, 1)])), [vec![run(8), run(4)], vec![run(2), run(1)]]);
        let left = lost(&[(1, MAX_TRIES)]);
        assert_eq!(pending(&left), [vec![run(2)], vec![run(4), run(8)]]);
        assert_eq!((left.given_up.len(), left.done, left.total), (1, 1, 4));
    }
}
