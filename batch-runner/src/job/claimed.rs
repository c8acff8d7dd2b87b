//! A **claimed batch** is ours for this attempt: what its launches share while they are worked on.

use domain::{BatchManifest, ConfigId, LaunchPlan, RunId};
use store::{Checkpoint, TrialOutcome};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::JobError;
use super::context::Context;

/// A batch that is ours.
pub(super) struct Job<'a> {
    pub(super) context: &'a Context,
    pub(super) manifest: &'a BatchManifest,
    pub(super) attempt: u32,
    pub(super) cancel: &'a CancellationToken,
}

impl Job<'_> {
    /// USD of so many seconds on the machine of a launch, as this job has rented it; nothing where no price is known. What
    /// an earlier job lost counts at the same price, whatever that one had rented.
    pub(super) fn usd(&self, launch: &LaunchPlan, seconds: f64) -> Option<f64> {
        let rent = launch.rent.as_ref()?;
        Some(rent.at(self.context.capacity).usd_per_hour * seconds / 3600.0)
    }

    /// Notes the outcome of a trial.
    pub(super) async fn checkpoint(
        &self,
        run_id: &RunId,
        config_id: &ConfigId,
        outcome: TrialOutcome,
        usd: Option<f64>,
    ) -> Result<(), JobError> {
        let checkpoint = Checkpoint {
            run_id: run_id.clone(),
            config_id: config_id.clone(),
            outcome,
            attempt: self.attempt,
            usd,
            at: (self.context.clock)(),
        };
        self.context.ledger.checkpoint(&self.manifest.batch, &checkpoint).await?;
        self.context.meter.ended(&checkpoint.outcome);
        Ok(())
    }
}

/// How many trials of the batch have an outcome, and up to when the time of the job is accounted for.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) done: usize,
    pub(super) total: usize,
    pub(super) accounted: Instant,
}

impl Counter {
    /// Seconds since the outcome before, or since the job began.
    pub(super) fn account(&mut self) -> f64 {
        let since = std::mem::replace(&mut self.accounted, Instant::now());
        since.elapsed().as_secs_f64()
    }

    /// One more: `[3/100]`.
    pub(super) fn next(&mut self) -> String {
        self.done += 1;
        format!("[{}/{}]", self.done, self.total)
    }
}
