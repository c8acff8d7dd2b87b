//! The **dispatcher** gets batches executed: it starts one job per batch on hardware that fits, and tells
//! the bus how each ended.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{BatchId, CampaignId};

use crate::{BatchRecord, StoreError};

/// The exit code of a runner that was told to stop (EX_TEMPFAIL): the batch can go on.
pub const INTERRUPTED: i32 = 75;

/// The exit code of a runner that has no room to write (EX_IOERR), not even to say so in its log.
pub const DISK_FULL: i32 = 74;

/// What the reason of an interruption begins with that [`Dispatcher::stop`] caused.
pub const STOPPED: &str = "stopped on request";

/// One batch to execute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its campaign.
    pub campaign: CampaignId,
    /// The batch. Its manifest is an object under a key made of campaign and batch.
    pub batch: BatchId,
    /// GPUs it needs for itself; 0 on a processor.
    pub gpu_count: u32,
}

impl From<&BatchRecord> for Job {
    fn from(batch: &BatchRecord) -> Self {
        Self { campaign: batch.campaign.clone(), batch: batch.id.clone(), gpu_count: batch.gpu_count }
    }
}

/// Gets batches executed.
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// Submits a job. A batch whose job is waiting or running is not submitted a second time. Every job's end
    /// is published as `batch.ended`.
    async fn submit(&self, job: &Job) -> Result<(), StoreError>;

    /// Ends the jobs of a campaign, for a reason. One that waits does not begin; one that runs is told to stop, so that what
    /// it has finished is kept, and its end is published as an interruption that says [`STOPPED`]. Returns the batches
    /// of those that run.
    async fn stop(&self, campaign: &CampaignId, reason: &str) -> Result<BTreeSet<BatchId>, StoreError>;

    /// Takes back jobs of a campaign that wait, for a reason. Returns the batches of those; the others run, or there is no
    /// job.
    async fn withdraw(
        &self,
        campaign: &CampaignId,
        batches: &BTreeSet<BatchId>,
        reason: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError>;

    /// Submits several jobs, each as [`Self::submit`] does. After an error some may be submitted and some not; the
    /// same call may be made again.
    async fn submit_all(&self, jobs: &[Job]) -> Result<(), StoreError> {
        for job in jobs {
            self.submit(job).await?;
        }
        Ok(())
    }
}
