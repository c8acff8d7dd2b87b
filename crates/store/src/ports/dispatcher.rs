//! The **dispatcher** gets batches executed: it starts one job per batch on hardware that fits, and tells
//! the bus how each ended.

use async_trait::async_trait;
use domain::{BatchId, CampaignId};

use crate::StoreError;

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

/// Gets batches executed.
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// Submits a job. A batch whose job is waiting or running is not submitted a second time. Every job's end
    /// is published as `batch.ended`.
    async fn submit(&self, job: &Job) -> Result<(), StoreError>;

    /// Submits several jobs, each as [`Self::submit`] does. After an error some may be submitted and some not; the
    /// same call may be made again.
    async fn submit_all(&self, jobs: &[Job]) -> Result<(), StoreError> {
        for job in jobs {
            self.submit(job).await?;
        }
        Ok(())
    }
}
