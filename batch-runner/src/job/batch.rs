//! **Executing a batch**: claim it, see what remains, measure that, checkpoint each outcome.
//!
//! The order of writing is raw records, result, checkpoint. A crash between the last two leaves a result
//! without its checkpoint, which the next attempt adds instead of measuring again.

use chrono::TimeDelta;
use domain::manifest::MANIFEST_SCHEMA_VERSION;
use domain::{BatchId, BatchManifest, CampaignId};
use store::{MAX_TRIES, ObjectKey, StoreError, TrialOutcome};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::claimed::{Counter, Job, Spent};
use super::context::Context;
use super::error::{one_line, single_line};
use super::hosted_session::HostedSession;
use super::launch_session::{LaunchSession, Vocabularies};
use super::lease::Lease;
use super::patience::patiently;
use super::remaining::remaining;
use super::{JobError, LastWords};

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
    /// What the runner before us left.
    pub last_words: LastWords,
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
    if let Some(tasks) = manifest.tasks.as_ref().filter(|_| !manifest.launches.is_empty()) {
        context.harness.check(tasks).await.map_err(|error| JobError::Harness(one_line(&error)))?;
    }
    let mut lease =
        Lease::take(context, &assignment.batch, &assignment.holder, assignment.lease, cancel).await?;
    let job = Job { context, manifest: &manifest, attempt: lease.attempt, cancel };
    let worked = work(&job, &assignment.last_words).await;
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
    for (configuration, trial) in manifest.configurations() {
        if configuration.id() != trial.config_id {
            let what = format!("configuration {} is named {}", configuration.id(), trial.config_id);
            return Err(refuse(what, AGAIN));
        }
    }
    Ok(manifest)
}

async fn work(job: &Job<'_>, last_words: &LastWords) -> Result<(), JobError> {
    let begun = Instant::now();
    let Context { ledger, results, progress, .. } = job.context;
    let outcomes = ledger.checkpoints(&job.manifest.batch).await?;
    let known = async || results.run_ids(&job.manifest.campaign).await;
    let stored = patiently("what remains to be done", job.cancel, known).await?;
    let lost_tries = ledger.lost_tries(&job.manifest.batch).await?;
    let left = remaining(job.manifest, &outcomes, &stored, &lost_tries);
    for (run_id, config_id) in &left.without_checkpoint {
        job.checkpoint(run_id, config_id, TrialOutcome::Stored, Spent::default()).await?;
    }
    if !left.given_up.is_empty() {
        let reason = no_runner_survives(job, last_words).await?;
        for (run_id, config_id) in &left.given_up {
            progress(&format!("{run_id} failed: {reason}"));
            let lost_s = ledger.lost_seconds(&job.manifest.batch, run_id).await?;
            let mut launches = job.manifest.launches.iter();
            let launch = launches.find(|l| l.trials.iter().any(|trial| trial.config_id == *config_id));
            let spent = launch.map(|launch| job.spent(launch, lost_s)).unwrap_or_default();
            job.checkpoint(run_id, config_id, TrialOutcome::Failed { reason: reason.clone() }, spent).await?;
        }
    }
    if left.done > 0 {
        progress(&format!("{} of {} trials have an outcome already", left.done, left.total));
    }
    job.context.meter.left(left.total - left.done);
    let mut counter = Counter { done: left.done, total: left.total, accounted: begun };
    let mut vocabularies = Vocabularies::new();
    for launch in &left.launches {
        LaunchSession::new(job, launch, &mut counter, &mut vocabularies).run().await?;
    }
    for hosted in &left.hosted {
        HostedSession::new(job, hosted, &mut counter).run().await?;
    }
    Ok(())
}

/// Why a trial is given up that no runner came to an end with.
async fn no_runner_survives(job: &Job<'_>, last_words: &LastWords) -> Result<String, JobError> {
    let batch = job.context.ledger.batch(&job.manifest.batch).await?;
    let how = batch.and_then(|b| b.message).map(|message| format!(" ({})", single_line(&message)));
    Ok(format!(
        "given up after {MAX_TRIES} tries that ended their runner{}{last_words}",
        how.unwrap_or_default()
    ))
}
