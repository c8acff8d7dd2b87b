//! **Executing a batch**: claim it, see what remains, measure that, checkpoint each outcome.
//!
//! The order of writing is raw records, result, checkpoint. A crash between the last two leaves a result
//! without its checkpoint, which the next attempt adds instead of measuring again.

use chrono::TimeDelta;
use domain::manifest::MANIFEST_SCHEMA_VERSION;
use domain::{BatchId, BatchManifest, CampaignId, ConfigId, Configuration, RunId};
use store::{Checkpoint, ObjectKey, StoreError, TrialOutcome};
use tokio_util::sync::CancellationToken;

use super::JobError;
use super::context::Context;
use super::launch_session::LaunchSession;
use super::lease::Lease;
use super::remaining::remaining;

/// What to execute.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The campaign.
    pub campaign: CampaignId,
    /// The batch.
    pub batch: BatchId,
    /// Who we are, for people who look at the ledger.
    pub holder: String,
    /// How long the claim holds without renewal.
    pub lease: TimeDelta,
}

/// Executes a batch until every trial has an outcome.
///
/// # Errors
/// When it has to stop before: see [`JobError`]. Finished trials are safe.
pub async fn execute(
    context: &Context,
    assignment: &Assignment,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    let manifest = read_manifest(context, assignment).await?;
    let mut lease =
        Lease::take(context, &assignment.batch, &assignment.holder, assignment.lease, cancel).await?;
    let job = Job { context, manifest: &manifest, attempt: lease.attempt, cancel };
    let worked = job.work().await;
    let released = lease.release(context.ledger.as_ref()).await;
    match worked {
        Err(JobError::Stopped) => Err(lease.reason_to_stop()),
        Err(error) => Err(error),
        Ok(()) => Ok(released?),
    }
}

async fn read_manifest(context: &Context, assignment: &Assignment) -> Result<BatchManifest, JobError> {
    let key = ObjectKey::manifest(&assignment.campaign, &assignment.batch);
    let bytes = context.objects.get(&key).await?.ok_or_else(|| StoreError::Missing {
        place: format!("campaign {}", assignment.campaign),
        what: format!("manifest of batch {}; check --campaign, --batch and --objects", assignment.batch),
    })?;
    let refuse = |what: String, mend| JobError::Manifest { batch: assignment.batch.clone(), what, mend };
    const AGAIN: &str = "it is damaged; run the campaign again with --again";
    let manifest: BatchManifest = serde_json::from_slice(&bytes).map_err(|e| refuse(e.to_string(), AGAIN))?;
    if manifest.schema_version != MANIFEST_SCHEMA_VERSION {
        let what = format!("its version is {}, not {MANIFEST_SCHEMA_VERSION}", manifest.schema_version);
        return Err(refuse(what, "use the batch-runner of the release that made it"));
    }
    if manifest.campaign != assignment.campaign || manifest.batch != assignment.batch {
        return Err(refuse(format!("it is that of batch {}", manifest.batch), AGAIN));
    }
    // A result is joined to others by this id, so that it must be the one of what is measured.
    for (launch, trial) in manifest.trials() {
        let configuration = Configuration { launch: launch.launch.clone(), workload: trial.workload.clone() };
        if configuration.id() != trial.config_id {
            let what = format!("configuration {} is named {}", configuration.id(), trial.config_id);
            return Err(refuse(what, AGAIN));
        }
    }
    Ok(manifest)
}

/// A batch that is ours.
pub(super) struct Job<'a> {
    pub(super) context: &'a Context,
    pub(super) manifest: &'a BatchManifest,
    pub(super) attempt: u32,
    pub(super) cancel: &'a CancellationToken,
}

impl Job<'_> {
    async fn work(&self) -> Result<(), JobError> {
        let Context { ledger, results, progress, .. } = self.context;
        let outcomes = ledger.checkpoints(&self.manifest.batch).await?;
        let stored = results.run_ids(&self.manifest.campaign).await?;
        let left = remaining(self.manifest, &outcomes, &stored);
        for (run_id, config_id) in &left.without_checkpoint {
            self.checkpoint(run_id, config_id, TrialOutcome::Stored).await?;
        }
        if left.done > 0 {
            progress(&format!("{} of {} trials have an outcome already", left.done, left.total));
        }
        let mut counter = Counter { done: left.done, total: left.total };
        for launch in &left.launches {
            LaunchSession::new(self, launch, &mut counter).run().await?;
        }
        Ok(())
    }

    /// Notes the outcome of a trial.
    pub(super) async fn checkpoint(
        &self,
        run_id: &RunId,
        config_id: &ConfigId,
        outcome: TrialOutcome,
    ) -> Result<(), JobError> {
        let checkpoint = Checkpoint {
            run_id: run_id.clone(),
            config_id: config_id.clone(),
            outcome,
            attempt: self.attempt,
            at: (self.context.clock)(),
        };
        Ok(self.context.ledger.checkpoint(&self.manifest.batch, &checkpoint).await?)
    }
}

/// How many trials of the batch have an outcome.
#[derive(Debug)]
pub(super) struct Counter {
    done: usize,
    total: usize,
}

impl Counter {
    /// One more: `[3/100]`.
    pub(super) fn next(&mut self) -> String {
        self.done += 1;
        format!("[{}/{}]", self.done, self.total)
    }
}
