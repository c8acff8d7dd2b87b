//! **Dispatch to AWS Batch**, under `batch://DEFINITION?spot=QUEUE&on-demand=QUEUE`, or with [`blanks`] in the names
//! and what there is: `batch://assay-{engine}-{instance}?spot=assay-{instance}&instances=cpu,g6.xlarge&engines=vllm`.
//!
//! The job definition, made by the deployment, has the image of `batch-runner`, its role, its memory, and the address
//! of the results store from a secret. A submission says what is to be done: the command, the GPUs, the retries.
//! Batches that need the same go as one array job.
//!
//! The same under `batch-eks://`, where jobs are [`pods`] of an EKS cluster; their definition says the GPUs, so that its
//! name has the blank `{hardware}`.
//!
//! | promise | kept by |
//! |---|---|
//! | a batch whose job waits or runs is not submitted twice | names that follow from the campaign: the jobs of a campaign are looked up before others are submitted |
//! | two jobs of a batch do not work at once, should two dispatchers race all the same | the claim in the ledger |
//! | nothing runs beside a job on its machine | a [`machine`] of its own type for each hardware config, and job definitions that ask for all of it |
//! | a lost host is retried, bad input is not | [`submission`]: `evaluateOnExit` |
//! | every job's end is told | [`state_change`]: state-change events of Batch become `batch.ended` |
//! | no job starts for ever | [`starting`]: one that still does after a while is ended |

mod blanks;
mod capacity;
mod describe;
mod home;
mod machine;
mod pods;
mod report;
mod shape;
mod starting;
pub mod state_change;
mod submission;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_batch::Client;
use domain::{BatchId, CampaignId, Engine, JobPlace, Market, PriceKind};
use store::ports::dispatcher::STOPPED;
use store::{Dispatcher, Job, JobState, KnownJob, StartingJob, StoreError};
use tokio::sync::Mutex;

use crate::aws::{Aws, Place};

pub(crate) use blanks::{ENGINE, HARDWARE, has_blank, queue_without_blanks, without_blanks};
pub use capacity::Capacity;
pub use home::Home;
pub use machine::Machine;

use shape::Shape;

/// What jobs are told.
#[derive(Debug, Clone)]
pub struct BatchConfig {
    /// What jobs run on.
    pub home: Home,
    /// The job definition, perhaps with [`blanks`].
    pub definition: String,
    /// The job queues, perhaps with blanks.
    pub capacity: Capacity,
    /// The machines that there are queues for, where names have blanks.
    pub machines: Vec<Machine>,
    /// The engines that there are job definitions for on GPUs, where their name has a blank for it. The simulated one and
    /// hosted models have theirs on processors.
    pub engines: Vec<Engine>,
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

    async fn terminate(&self, id: &str, reason: String) -> Result<(), StoreError> {
        let terminate = self.client.terminate_job().job_id(id).reason(reason);
        terminate.send().await.map(drop).map_err(|e| self.place.failure(e))
    }

    async fn submit_those(&self, campaign: &CampaignId, jobs: &[&Job]) -> Result<(), StoreError> {
        let known = self.describe(campaign).await?;
        let live: BTreeSet<&BatchId> = known.iter().filter(|k| k.state.is_live()).map(|k| &k.batch).collect();
        let lost: BTreeSet<&BatchId> = known.iter().filter(|k| k.lost_a_host).map(|k| &k.batch).collect();
        let mut groups: BTreeMap<Shape, Vec<&BatchId>> = BTreeMap::new();
        for job in jobs.iter().filter(|job| !live.contains(&job.batch)) {
            let shape = self.shape(job, lost.contains(&job.batch))?;
            groups.entry(shape).or_default().push(&job.batch);
        }
        for (shape, batches) in groups {
            for some in batches.chunks(submission::MAX_ARRAY) {
                self.submit_array(campaign, some, &shape).await?;
            }
        }
        Ok(())
    }
}

impl Market for BatchDispatcher {
    fn first_price(&self, place: JobPlace) -> PriceKind {
        self.config.capacity.first_price(place, &self.config.machines)
    }
}

#[async_trait]
impl Dispatcher for BatchDispatcher {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        self.submit_all(std::slice::from_ref(job)).await
    }

    async fn submit_all(&self, jobs: &[Job]) -> Result<(), StoreError> {
        let _submitting = self.submitting.lock().await;
        for (campaign, jobs) in Job::by_campaign(jobs) {
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
                self.terminate(&job.id, format!("{STOPPED}: {reason}")).await?;
                withdrawn.insert(job.batch);
            }
        }
        Ok(withdrawn)
    }

    async fn jobs(&self, campaign: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        self.describe(campaign).await
    }

    async fn end_if_starting(&self, job: &StartingJob, minutes: u64) -> Result<(), StoreError> {
        self.end_what_starts(job, minutes).await
    }

    async fn stop(&self, campaign: &CampaignId, reason: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        let _submitting = self.submitting.lock().await;
        let jobs = self.describe(campaign).await?;
        let mut running = BTreeSet::new();
        for job in jobs.into_iter().filter(|job| job.state.is_live()) {
            self.terminate(&job.id, format!("{STOPPED}: {reason}")).await?;
            if job.state == JobState::Running {
                running.insert(job.batch);
            }
        }
        Ok(running)
    }
}
