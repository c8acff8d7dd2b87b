//! **Dispatch to AWS Batch**, under `batch://DEFINITION?spot=QUEUE&on-demand=QUEUE`.
//!
//! The job definition, made by the deployment, has the image of `batch-runner`, its role, its memory, and the address
//! of the results store from a secret. A submission says what is to be done: the command, the GPUs, the retries.
//! Batches that need the same go as one array job.
//!
//! | promise | kept by |
//! |---|---|
//! | a batch whose job waits or runs is not submitted twice | names that follow from the campaign: the jobs of a campaign are looked up before others are submitted |
//! | two jobs of a batch do not work at once, should two dispatchers race all the same | the claim in the ledger |
//! | a lost host is retried, bad input is not | [`submission`]: `evaluateOnExit` |
//! | every job's end is told | [`state_change`]: state-change events of Batch become `batch.ended` |

mod capacity;
mod describe;
mod report;
pub mod state_change;
mod submission;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_batch::Client;
use domain::{BatchId, CampaignId};
use store::ports::dispatcher::STOPPED;
use store::{Dispatcher, Job, StoreError};
use tokio::sync::Mutex;

use crate::aws::{Aws, Place};

pub use capacity::Capacity;
pub use describe::{JobState, KnownJob};

/// What jobs are told.
#[derive(Debug, Clone)]
pub struct BatchConfig {
    /// The job definition.
    pub definition: String,
    /// The job queues.
    pub capacity: Capacity,
    /// Address of the ledger, for the runner.
    pub ledger_url: String,
    /// Address of the objects, for the runner.
    pub objects_url: String,
}

/// Submits jobs to AWS Batch.
#[derive(Debug)]
pub struct BatchDispatcher {
    client: Client,
    config: BatchConfig,
    place: Place,
    /// Held from looking up to submitting.
    submitting: Mutex<()>,
}

impl BatchDispatcher {
    /// Uses a job definition and queues, which must be there already.
    #[must_use]
    pub fn new(aws: &Aws, config: BatchConfig) -> Self {
        Self {
            client: Client::new(aws.config()),
            place: Place::new(format!("AWS Batch ({}, {})", config.definition, config.capacity)),
            config,
            submitting: Mutex::default(),
        }
    }

    async fn terminate(&self, job: &KnownJob, reason: &str) -> Result<(), StoreError> {
        let terminate = self.client.terminate_job().job_id(&job.id).reason(format!("{STOPPED}: {reason}"));
        terminate.send().await.map(drop).map_err(|e| self.place.failure(e))
    }

    async fn submit_those(&self, campaign: &CampaignId, jobs: &[&Job]) -> Result<(), StoreError> {
        let known = self.describe(campaign).await?;
        let live: BTreeSet<&BatchId> = known.iter().filter(|k| k.state.is_live()).map(|k| &k.batch).collect();
        let lost: BTreeSet<&BatchId> = known.iter().filter(|k| k.lost_a_host).map(|k| &k.batch).collect();
        // What goes together: the same GPUs on the same queue.
        let mut groups: BTreeMap<(u32, &str), Vec<&BatchId>> = BTreeMap::new();
        for job in jobs.iter().filter(|job| !live.contains(&job.batch)) {
            let queue = self.config.capacity.queue(lost.contains(&job.batch));
            groups.entry((job.gpu_count, queue)).or_default().push(&job.batch);
        }
        for ((gpu_count, queue), batches) in groups {
            for some in batches.chunks(submission::MAX_ARRAY) {
                self.submit_array(campaign, some, gpu_count, queue).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Dispatcher for BatchDispatcher {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        self.submit_all(std::slice::from_ref(job)).await
    }

    async fn submit_all(&self, jobs: &[Job]) -> Result<(), StoreError> {
        let _submitting = self.submitting.lock().await;
        let mut by_campaign: BTreeMap<&CampaignId, Vec<&Job>> = BTreeMap::new();
        for job in jobs {
            by_campaign.entry(&job.campaign).or_default().push(job);
        }
        for (campaign, jobs) in by_campaign {
            self.submit_those(campaign, &jobs).await?;
        }
        Ok(())
    }

    async fn withdraw(
        &self,
        campaign: &CampaignId,
        batches: &BTreeSet<BatchId>,
        reason: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError> {
        let _submitting = self.submitting.lock().await;
        let mut withdrawn = BTreeSet::new();
        for job in self.describe(campaign).await? {
            if job.state == JobState::Waiting && batches.contains(&job.batch) {
                self.terminate(&job, reason).await?;
                withdrawn.insert(job.batch);
            }
        }
        Ok(withdrawn)
    }

    async fn stop(&self, campaign: &CampaignId, reason: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        let _submitting = self.submitting.lock().await;
        let jobs = self.describe(campaign).await?;
        let mut running = BTreeSet::new();
        for job in jobs.into_iter().filter(|job| job.state.is_live()) {
            self.terminate(&job, reason).await?;
            if job.state == JobState::Running {
                running.insert(job.batch);
            }
        }
        Ok(running)
    }
}
