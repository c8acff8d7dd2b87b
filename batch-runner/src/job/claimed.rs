//! A **claimed batch** is ours for this attempt: what its launches share while they are worked on.

use domain::{BatchManifest, ConfigId, RunId};
use store::{Checkpoint, TrialOutcome};
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
    pub(super) done: usize,
    pub(super) total: usize,
}

impl Counter {
    /// One more: `[3/100]`.
    pub(super) fn next(&mut self) -> String {
        self.done += 1;
        format!("[{}/{}]", self.done, self.total)
    }
}
