//! A running campaign over a real ledger, and a dispatcher that notes what it is asked.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{BatchId, CampaignId, JobPlace, Market, PriceKind, RunId};
use events::{BatchEnded, CampaignUnsettled, Event, EventBody, JobOutcome};
use store::directory::DirectoryObjects;
use store::sqlite::SqliteLedger;
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Checkpoint, Claim, Dispatcher, Job, JobState,
    KnownJob, Ledger, StartingJob, StoreError, TrialOutcome,
};
use testkit::MemoryBus;
use testkit::fixtures::{at, batch_record, campaign_record, configuration};
use tokio::sync::mpsc::UnboundedReceiver;
use track_progress::{Context, HandlerError, batch_ended, campaign_held, campaign_unsettled};

#[derive(Default)]
pub struct NotedJobs {
    pub submitted: Mutex<Vec<Job>>,
    /// No more may be submitted.
    pub denied: AtomicBool,
    /// Only so many are taken.
    pub most: Mutex<Option<usize>>,
    /// What it says that it knows: what is submitted waits.
    pub known: Mutex<Vec<KnownJob>>,
    /// How often it was asked what it knows.
    pub asked: AtomicU32,
    /// Jobs that it should end if they still start, with the minutes since they began to.
    pub starting: Mutex<Vec<(StartingJob, u64)>>,
}

impl Market for NotedJobs {
    fn first_price(&self, _: JobPlace) -> PriceKind {
        PriceKind::Spot
    }
}

#[async_trait]
impl Dispatcher for NotedJobs {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        if self.denied.load(Ordering::Relaxed) {
            let (place, detail) = ("the queue".to_owned(), "an explicit deny".to_owned());
            return Err(StoreError::Denied { place, detail });
        }
        let mut submitted = self.submitted.lock().unwrap();
        if self.most.lock().unwrap().is_some_and(|most| submitted.len() >= most) {
            let (place, detail) = ("the queue".to_owned(), "no answer in time".to_owned());
            return Err(StoreError::Unavailable { place, detail });
        }
        submitted.push(job.clone());
        self.known.lock().unwrap().push(KnownJob {
            id: format!("of-{}-{}", job.batch, submitted.len()),
            batch: job.batch.clone(),
            state: JobState::Waiting,
            lost_a_host: false,
        });
        Ok(())
    }

    async fn withdraw(
        &self,
        _: &CampaignId,
        batches: &BTreeSet<BatchId>,
        _: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError> {
        // The first job runs, the others wait.
        Ok(batches.iter().filter(|batch| batch.index() != Some(0)).cloned().collect())
    }

    async fn jobs(&self, _: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(self.known.lock().unwrap().clone())
    }

    async fn end_if_starting(&self, job: &StartingJob, minutes: u64) -> Result<(), StoreError> {
        self.starting.lock().unwrap().push((job.clone(), minutes));
        Ok(())
    }

    async fn stop(&self, _: &CampaignId, _: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        Ok(BTreeSet::new())
    }
}

pub struct Scene {
    told: AtomicU32,
    _folder: tempfile::TempDir,
    pub ledger: Arc<SqliteLedger>,
    pub jobs: Arc<NotedJobs>,
    pub events: UnboundedReceiver<Event>,
    pub context: Context,
    pub campaign: CampaignId,
}

impl Scene {
    /// A running campaign with submitted batches of two trials each.
    pub async fn new(batches: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap());
        let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
        let (bus, events) = MemoryBus::new();
        let jobs = Arc::new(NotedJobs::default());
        let campaign: CampaignId = "demo".parse().unwrap();
        let record = CampaignRecord {
            state: CampaignState::Running,
            feasible: 2,
            ..campaign_record(campaign.as_str())
        };
        ledger.create_campaign(&record).await.unwrap();
        let batch = |index| BatchRecord {
            trials: 2,
            gpu_count: 0,
            forecast_s: 1.0,
            state: BatchState::Submitted,
            submissions: 1,
            ..batch_record(&campaign, index)
        };
        ledger.add_batches(&(0..batches).map(batch).collect::<Vec<_>>()).await.unwrap();
        let context = Context {
            ledger: ledger.clone(),
            dispatcher: jobs.clone(),
            objects: objects.clone(),
            bus: Arc::new(bus),
        };
        Self { told: AtomicU32::new(0), _folder: folder, ledger, jobs, events, context, campaign }
    }

    /// A job that notes outcomes for the first so many trials.
    pub async fn work(&self, index: u32, trials: u32) {
        let batch = BatchId::new(&self.campaign, index);
        let claim = self.ledger.claim(&batch, "test", at(1), TimeDelta::seconds(9)).await.unwrap();
        let Claim::Granted { attempt } = claim else { panic!("{claim:?}") };
        for concurrency in 1..=trials {
            let config_id = configuration(concurrency).id();
            let run_id = RunId::new(&self.campaign, &config_id, index + 1);
            let outcome = TrialOutcome::Stored;
            let checkpoint = Checkpoint {
                run_id,
                config_id,
                outcome,
                attempt,
                usd: Some(0.5),
                machine_s: None,
                at: at(2),
            };
            self.ledger.checkpoint(&batch, &checkpoint).await.unwrap();
        }
        self.ledger.release(&batch, attempt).await.unwrap();
    }

    /// The end of a new job.
    pub fn ended(&self, index: u32, outcome: JobOutcome) -> BatchEnded {
        let batch = BatchId::new(&self.campaign, index);
        let job = format!("job-{}", self.told.fetch_add(1, Ordering::Relaxed)).parse().unwrap();
        BatchEnded { campaign: self.campaign.clone(), batch, job, outcome }
    }

    pub async fn end(&self, index: u32, outcome: JobOutcome) {
        batch_ended(&self.context, &self.ended(index, outcome), at(3)).await.unwrap();
    }

    /// Looks at every campaign, as when the clock did so at that time.
    pub async fn look(&self, looked_at: DateTime<Utc>) -> Result<(), HandlerError> {
        for campaign in self.ledger.campaigns().await.unwrap() {
            let CampaignRecord { id, request, .. } = campaign;
            let event = CampaignUnsettled { campaign: id, request, looked_at };
            campaign_unsettled(&self.context, &event, looked_at).await?;
        }
        Ok(())
    }

    pub async fn batch(&self, index: u32) -> BatchRecord {
        self.ledger.batch(&BatchId::new(&self.campaign, index)).await.unwrap().unwrap()
    }

    pub async fn campaign(&self) -> CampaignRecord {
        self.ledger.campaign(&self.campaign).await.unwrap().unwrap()
    }

    /// Hears of campaigns that are held, and says how many were told.
    pub async fn hear_held(&mut self) -> usize {
        let mut heard = 0;
        while let Ok(event) = self.events.try_recv() {
            let EventBody::CampaignHeld(held) = event.body else { continue };
            campaign_held(&self.context, &held, at(4)).await.unwrap();
            heard += 1;
        }
        heard
    }

    pub fn submitted(&self) -> usize {
        std::mem::take(&mut *self.jobs.submitted.lock().unwrap()).len()
    }
}

pub fn interrupted() -> JobOutcome {
    JobOutcome::Interrupted { reason: "host was reclaimed".to_owned() }
}
