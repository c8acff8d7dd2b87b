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
    /// What so many seconds on the machine of a launch cost, as this job has rented it. What an earlier job lost counts at
    /// the same price, whatever that one had rented.
    pub(super) fn spent(&self, launch: &LaunchPlan, seconds: f64) -> Spent {
        let usd_per_hour = launch.rent.as_ref().map(|rent| rent.at(self.context.capacity).usd_per_hour);
        Spent { usd: usd_per_hour.map(|usd| usd * seconds / 3600.0), machine_s: Some(seconds) }
    }

    /// Notes the outcome of a trial.
    pub(super) async fn checkpoint(
        &self,
        run_id: &RunId,
        config_id: &ConfigId,
        outcome: TrialOutcome,
        spent: Spent,
    ) -> Result<(), JobError> {
        let checkpoint = Checkpoint {
            run_id: run_id.clone(),
            config_id: config_id.clone(),
            outcome,
            attempt: self.attempt,
            usd: spent.usd,
            machine_s: spent.machine_s,
            at: (self.context.clock)(),
        };
        self.context.ledger.checkpoint(&self.manifest.batch, &checkpoint).await?;
        self.context.meter.ended(&checkpoint.outcome);
        Ok(())
    }
}

/// What led to an outcome.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    /// USD; nothing where no price is known.
    pub(super) usd: Option<f64>,
    /// Seconds of the machine; nothing where they are not known.
    pub(super) machine_s: Option<f64>,
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
