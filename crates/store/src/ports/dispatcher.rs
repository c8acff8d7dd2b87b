//! The **dispatcher** gets batches executed: it starts one job per batch on hardware that fits, and tells
//! the bus how each ended.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::{BatchId, CampaignId, JobPlace, Market};
use events::JobOutcome;

use crate::{BatchRecord, StoreError};

/// The exit code of a runner that was told to stop (EX_TEMPFAIL): the batch can go on.
pub const INTERRUPTED: i32 = 75;

/// The exit code of a runner that has no room to write (EX_IOERR), not even to say so in its log.
pub const DISK_FULL: i32 = 74;

/// Exit codes of a runner that was killed, or told to stop and did not answer: 128 and the signal.
pub const KILLED: [i32; 2] = [137, 143];

/// The exit code of a runner whose campaign wants tasks done that cannot be done where it runs (EX_CONFIG): there is no harness.
pub const NO_HARNESS: i32 = 78;

/// What is told of that where runners are images.
pub const NO_HARNESS_IN_IMAGE: &str = "its spec asks for accuracy.tasks, and the image of the runner has no lm-evaluation-harness, \
                                       or not the folder of the tasks; put them into the image (docs/accuracy.md), or remove \
                                       accuracy.tasks from the spec";

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
    /// Where it has to run; not known of batches that were added before this was noted.
    pub place: Option<JobPlace>,
}

impl Job {
    /// Jobs by their campaign, each in the order given.
    #[must_use]
    pub fn by_campaign(jobs: &[Self]) -> BTreeMap<&CampaignId, Vec<&Self>> {
        let mut by_campaign: BTreeMap<&CampaignId, Vec<&Self>> = BTreeMap::new();
        for job in jobs {
            by_campaign.entry(&job.campaign).or_default().push(job);
        }
        by_campaign
    }
}

impl From<&BatchRecord> for Job {
    fn from(batch: &BatchRecord) -> Self {
        Self {
            campaign: batch.campaign.clone(),
            batch: batch.id.clone(),
            gpu_count: batch.gpu_count,
            place: batch.place,
        }
    }
}

/// A job as its dispatcher knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownJob {
    /// Its id where it runs.
    pub id: String,
    /// The batch that it executes.
    pub batch: BatchId,
    /// How far it is.
    pub state: JobState,
    /// Whether an attempt of it lost its host.
    pub lost_a_host: bool,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// For a host.
    Waiting,
    /// On a host.
    Running,
    /// Ended.
    Ended(JobOutcome),
}

impl JobState {
    /// Whether it waits or runs.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// A job that was told to have a host and not to run yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartingJob {
    /// Its id where it runs.
    pub id: String,
    /// Attempts of it that had ended by then.
    pub ended_attempts: usize,
}

/// Gets batches executed. It is a market too: what it asks for first is what a batch is reckoned at.
#[async_trait]
pub trait Dispatcher: Market {
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

    /// Ends a job that still starts, in the same attempt, as it was told `minutes` ago: its end is published as a failure. Where
    /// nobody tells of such jobs, whoever runs them ends them.
    async fn end_if_starting(&self, _job: &StartingJob, _minutes: u64) -> Result<(), StoreError> {
        Ok(())
    }

    /// The jobs of a campaign that are known: those that wait or run, and of those that ended as many as are not forgotten. The
    /// latest of a batch is the last.
    async fn jobs(&self, campaign: &CampaignId) -> Result<Vec<KnownJob>, StoreError>;

    /// Submits several jobs, each as [`Self::submit`] does. After an error some may be submitted and some not; the
    /// same call may be made again.
    async fn submit_all(&self, jobs: &[Job]) -> Result<(), StoreError> {
        for job in jobs {
            self.submit(job).await?;
        }
        Ok(())
    }
}
