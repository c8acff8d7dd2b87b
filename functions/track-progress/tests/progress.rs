//! How jobs end, over a real ledger.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::{BatchId, CampaignId, CampaignSpec, RunId};
use events::{BatchEnded, BatchesSubmitted, Event, EventBody, JobOutcome};
use store::directory::DirectoryObjects;
use store::ports::dispatcher::STOPPED;
use store::sqlite::SqliteLedger;
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Checkpoint, Claim, Dispatcher, Job, JobState,
    KnownJob, Ledger, ObjectKey, StoreError, TrialOutcome,
};
use testkit::MemoryBus;
use testkit::fixtures::{at, batch_record, campaign_record, configuration};
use tokio::sync::mpsc::UnboundedReceiver;
use track_progress::{Context, batch_ended, batches_submitted, campaign_held, money_spent, reconcile};

#[derive(Default)]
struct NotedJobs {
    submitted: Mutex<Vec<Job>>,
    /// No more may be submitted.
    denied: AtomicBool,
    /// What it says that it knows.
    known: Mutex<Vec<KnownJob>>,
}

#[async_trait]
impl Dispatcher for NotedJobs {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        if self.denied.load(Ordering::Relaxed) {
            let (place, detail) = ("the queue".to_owned(), "an explicit deny".to_owned());
            return Err(StoreError::Denied { place, detail });
        }
        self.submitted.lock().unwrap().push(job.clone());
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
        Ok(self.known.lock().unwrap().clone())
    }

    async fn stop(&self, _: &CampaignId, _: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        Ok(BTreeSet::new())
    }
}

struct Scene {
    told: AtomicU32,
    _folder: tempfile::TempDir,
    ledger: Arc<SqliteLedger>,
    jobs: Arc<NotedJobs>,
    events: UnboundedReceiver<Event>,
    context: Context,
    campaign: CampaignId,
}

impl Scene {
    /// A running campaign with submitted batches of two trials each.
    async fn new(batches: u32) -> Self {
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
    async fn work(&self, index: u32, trials: u32) {
        let batch = BatchId::new(&self.campaign, index);
        let claim = self.ledger.claim(&batch, "test", at(1), TimeDelta::seconds(9)).await.unwrap();
        let Claim::Granted { attempt } = claim else { panic!("{claim:?}") };
        for concurrency in 1..=trials {
            let config_id = configuration(concurrency).id();
            let run_id = RunId::new(&self.campaign, &config_id, index + 1);
            let outcome = TrialOutcome::Stored;
            let checkpoint = Checkpoint { run_id, config_id, outcome, attempt, usd: Some(0.5), at: at(2) };
            self.ledger.checkpoint(&batch, &checkpoint).await.unwrap();
        }
        self.ledger.release(&batch, attempt).await.unwrap();
    }

    /// The end of a new job.
    fn ended(&self, index: u32, outcome: JobOutcome) -> BatchEnded {
        let batch = BatchId::new(&self.campaign, index);
        let job = format!("job-{}", self.told.fetch_add(1, Ordering::Relaxed)).parse().unwrap();
        BatchEnded { campaign: self.campaign.clone(), batch, job, outcome }
    }

    async fn end(&self, index: u32, outcome: JobOutcome) {
        batch_ended(&self.context, &self.ended(index, outcome), at(3)).await.unwrap();
    }

    async fn batch(&self, index: u32) -> BatchRecord {
        self.ledger.batch(&BatchId::new(&self.campaign, index)).await.unwrap().unwrap()
    }

    async fn campaign(&self) -> CampaignRecord {
        self.ledger.campaign(&self.campaign).await.unwrap().unwrap()
    }

    /// Hears of campaigns that are held, and says how many were told.
    async fn hear_held(&mut self) -> usize {
        let mut heard = 0;
        while let Ok(event) = self.events.try_recv() {
            let EventBody::CampaignHeld(held) = event.body else { continue };
            campaign_held(&self.context, &held, at(4)).await.unwrap();
            heard += 1;
        }
        heard
    }

    fn submitted(&self) -> usize {
        std::mem::take(&mut *self.jobs.submitted.lock().unwrap()).len()
    }
}

fn interrupted() -> JobOutcome {
    JobOutcome::Interrupted { reason: "host was reclaimed".to_owned() }
}

#[tokio::test]
async fn a_job_is_believed_only_when_every_trial_has_an_outcome() {
    let scene = Scene::new(1).await;
    scene.work(0, 1).await;
    scene.end(0, JobOutcome::Finished).await;
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, batch.fruitless_jobs, scene.submitted()), (BatchState::Submitted, 0, 1));
    assert_eq!(scene.campaign().await.state, CampaignState::Running);
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    assert_eq!(scene.batch(0).await.state, BatchState::Finished);
    assert_eq!(scene.campaign().await.state, CampaignState::Completed);
}

#[tokio::test]
async fn a_job_counts_once_however_often_it_is_told() {
    let scene = Scene::new(1).await;
    let first = scene.ended(0, interrupted());
    let second = scene.ended(0, interrupted());
    for event in [&first, &first, &second, &first, &second] {
        batch_ended(&scene.context, event, at(3)).await.unwrap();
    }
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, batch.fruitless_jobs), (BatchState::Submitted, 2));
}

#[tokio::test]
async fn a_job_that_got_somewhere_begins_the_count_anew() {
    let scene = Scene::new(1).await;
    scene.end(0, interrupted()).await;
    scene.end(0, interrupted()).await;
    assert_eq!(scene.batch(0).await.fruitless_jobs, 2);
    scene.work(0, 1).await;
    scene.end(0, interrupted()).await;
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, batch.fruitless_jobs, scene.submitted()), (BatchState::Submitted, 0, 3));
}

#[tokio::test]
async fn a_campaign_ends_with_its_last_batch_and_says_what_is_missing() {
    let mut scene = Scene::new(2).await;
    scene.end(0, JobOutcome::Failed { reason: "the engine is away; start it".to_owned() }).await;
    assert_eq!(scene.campaign().await.state, CampaignState::Running);
    scene.work(1, 2).await;
    scene.end(1, JobOutcome::Finished).await;
    let campaign = scene.campaign().await;
    assert_eq!(campaign.state, CampaignState::Completed);
    assert_eq!(campaign.message.unwrap(), "batch demo.b0 did not finish: the engine is away; start it");
    let told = scene.events.try_recv().unwrap();
    assert!(matches!(told.body, EventBody::CampaignCompleted(_)));
    // Who heard it first may have died before telling. Both tellings have one id.
    scene.end(1, JobOutcome::Finished).await;
    assert_eq!(scene.events.try_recv().unwrap().id, told.id);
}

#[tokio::test]
async fn a_campaign_that_failed_is_told_so_again_when_its_last_batch_has_ended() {
    let mut scene = Scene::new(2).await;
    let was = scene.campaign().await;
    let why = "the bus was away".to_owned();
    let failed = CampaignRecord { state: CampaignState::Failed, message: Some(why.clone()), ..was.clone() };
    scene.ledger.update_campaign(&was, &failed).await.unwrap();
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    assert!(scene.events.try_recv().is_err(), "the other runs still");
    scene.work(1, 2).await;
    scene.end(1, JobOutcome::Finished).await;
    let EventBody::CampaignFailed(told) = scene.events.try_recv().unwrap().body else { panic!("a failure") };
    assert_eq!((told.campaign, told.request, told.reason), (scene.campaign.clone(), 1, why));
    assert_eq!(scene.campaign().await.state, CampaignState::Failed);
}

#[tokio::test]
async fn a_campaign_of_which_nothing_is_submitted_is_complete() {
    let mut scene = Scene::new(1).await;
    let batch = BatchId::new(&scene.campaign, 0);
    scene.ledger.set_batch_state(&batch, BatchState::OverBudget, Some("too dear")).await.unwrap();
    let event = BatchesSubmitted {
        campaign: scene.campaign.clone(),
        request: 1,
        submitted: vec![],
        over_budget: vec![batch],
    };
    batches_submitted(&scene.context, &event, at(3)).await.unwrap();
    assert_eq!(scene.campaign().await.state, CampaignState::Completed);
    assert!(matches!(scene.events.try_recv().unwrap().body, EventBody::CampaignCompleted(_)));
}

#[tokio::test]
async fn an_end_that_belongs_to_nobody_changes_nothing() {
    let scene = Scene::new(1).await;
    scene.end(7, JobOutcome::Finished).await;
    assert_eq!((scene.batch(0).await.state, scene.submitted()), (BatchState::Submitted, 0));
}

/// Each batch should cost 0.25 USD, and each trial costs 0.5.
#[tokio::test]
async fn what_the_budget_does_not_pay_for_any_more_is_withdrawn() {
    let scene = Scene::new(5).await;
    let key = ObjectKey::spec(&scene.campaign);
    let budget = async |usd: f64| {
        let text = format!("{{name: demo, models: [llama-3.1-8b-instruct], budget_usd: {usd}}}");
        let spec = serde_json::to_vec(&CampaignSpec::from_yaml(&text).unwrap()).unwrap();
        scene.context.objects.put(&key, &spec).await.unwrap();
    };
    budget(1.5).await;
    scene.work(0, 1).await;
    scene.end(0, interrupted()).await;
    let states = async || {
        let batches = scene.ledger.batches(&scene.campaign).await.unwrap();
        batches.iter().map(|b| b.state).collect::<Vec<_>>()
    };
    use BatchState::{Finished, OverBudget, Submitted};
    // 0.5 are spent, 0.125 are to come of the first batch, and three more fit beside it.
    assert_eq!(states().await, [Submitted, Submitted, Submitted, Submitted, OverBudget]);
    let message = scene.batch(4).await.message.unwrap();
    assert_eq!(
        message,
        "0.50 USD are spent and jobs under way take 0.12 more at spot by the forecast, of a budget of 1.50"
    );
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    assert_eq!(states().await, [Finished, Submitted, Submitted, OverBudget, OverBudget]);
    // Whoever is interrupted when all is spent is not submitted again.
    scene.submitted();
    scene.work(1, 1).await;
    scene.end(1, interrupted()).await;
    assert_eq!(states().await, [Finished, OverBudget, OverBudget, OverBudget, OverBudget]);
    assert_eq!(scene.submitted(), 0);
    let campaign = scene.campaign().await;
    assert_eq!(campaign.state, CampaignState::Completed);
    assert!(campaign.message.unwrap().starts_with("4 batches did not finish; the first, demo.b1: 1.50 USD"));
}

#[tokio::test]
async fn a_batch_that_may_not_be_submitted_again_waits_with_its_campaign() {
    let mut scene = Scene::new(2).await;
    scene.jobs.denied.store(true, Ordering::Relaxed);
    scene.end(0, interrupted()).await;
    let campaign = scene.campaign().await;
    assert_eq!(campaign.state, CampaignState::Paused);
    assert!(campaign.message.as_ref().unwrap().contains("an explicit deny"), "{campaign:?}");
    scene.hear_held().await;
    assert_eq!(
        (scene.batch(0).await.state, scene.batch(1).await.state),
        (BatchState::Pending, BatchState::Pending)
    );
}

#[tokio::test]
async fn when_the_months_money_is_spent_every_campaign_under_way_is_paused() {
    let mut scene = Scene::new(1).await;
    for state in [CampaignState::Requested, CampaignState::Completed, CampaignState::Paused] {
        let record = CampaignRecord { state, ..campaign_record(&format!("{state:?}").to_lowercase()) };
        scene.ledger.create_campaign(&record).await.unwrap();
    }
    money_spent(&scene.context, at(5)).await.unwrap();
    let state = async |id: &str| {
        let campaign = scene.ledger.campaign(&id.parse().unwrap()).await.unwrap().unwrap();
        (campaign.state, campaign.message.is_some_and(|why| why.contains("money")))
    };
    assert_eq!(state("demo").await, (CampaignState::Paused, true));
    assert_eq!(state("requested").await, (CampaignState::Paused, true));
    assert_eq!(state("completed").await, (CampaignState::Completed, false));
    assert_eq!(state("paused").await, (CampaignState::Paused, false), "by somebody, for reasons of his own");
    assert_eq!(scene.hear_held().await, 2);
    assert_eq!(scene.batch(0).await.state, BatchState::Pending, "its job was stopped");
    // Whoever paused them may have died before telling.
    money_spent(&scene.context, at(6)).await.unwrap();
    assert_eq!(scene.hear_held().await, 2);
}

#[tokio::test]
async fn when_the_months_money_is_spent_a_failed_campaign_has_no_jobs_either() {
    let scene = Scene::new(2).await;
    let was = scene.campaign().await;
    let failed = CampaignRecord { state: CampaignState::Failed, ..was.clone() };
    scene.ledger.update_campaign(&was, &failed).await.unwrap();
    // A host is lost: it goes on, until its jobs are stopped.
    scene.end(0, interrupted()).await;
    assert_eq!(scene.batch(0).await.state, BatchState::Submitted);
    let submitted = scene.jobs.submitted.lock().unwrap().len();
    scene.end(0, JobOutcome::Interrupted { reason: format!("{STOPPED}: the month's money is spent") }).await;
    assert_eq!(scene.batch(0).await.state, BatchState::Pending);
    assert_eq!(scene.jobs.submitted.lock().unwrap().len(), submitted);
    money_spent(&scene.context, at(5)).await.unwrap();
    assert_eq!(scene.batch(1).await.state, BatchState::Pending, "it waited");
    assert_eq!(scene.campaign().await.state, CampaignState::Failed);
}

#[tokio::test]
async fn an_end_that_nobody_heard_is_heard_by_the_reconciler() {
    let scene = Scene::new(3).await;
    let job = |index, state| KnownJob {
        id: format!("4c7599ae:{index}"),
        batch: BatchId::new(&scene.campaign, index),
        state,
        lost_a_host: false,
    };
    let failed = JobOutcome::Failed { reason: "the disk is full".to_owned() };
    // Of the third batch no job is known.
    *scene.jobs.known.lock().unwrap() = vec![
        job(0, JobState::Ended(interrupted())),
        job(0, JobState::Ended(failed)),
        job(1, JobState::Running),
    ];
    let soon = scene.campaign().await.updated_at + TimeDelta::minutes(9);
    reconcile(&scene.context, soon).await.unwrap();
    assert_eq!((scene.batch(0).await.state, scene.submitted()), (BatchState::Submitted, 0), "too early");
    for _ in 0..2 {
        reconcile(&scene.context, soon + TimeDelta::minutes(2)).await.unwrap();
        let states = [scene.batch(0).await.state, scene.batch(1).await.state, scene.batch(2).await.state];
        assert_eq!(states, [BatchState::Failed, BatchState::Submitted, BatchState::Submitted]);
        assert_eq!(scene.submitted(), 1, "the third; a dispatcher passes over what waits or runs");
        assert_eq!(scene.batch(2).await.fruitless_jobs, 1, "it was lost once, however often that is said");
    }
}

#[tokio::test]
async fn what_was_told_and_lost_is_told_again() {
    let mut scene = Scene::new(1).await;
    let record = CampaignRecord { state: CampaignState::Planned, ..campaign_record("planned") };
    scene.ledger.create_campaign(&record).await.unwrap();
    scene.ledger.set_batch_state(&BatchId::new(&scene.campaign, 0), BatchState::Pending, None).await.unwrap();
    let later = scene.campaign().await.updated_at + TimeDelta::hours(1);
    reconcile(&scene.context, later).await.unwrap();
    let mut told = Vec::new();
    while let Ok(event) = scene.events.try_recv() {
        told.push((event.campaign().to_string(), event.body));
    }
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let [(demo, EventBody::MatrixGenerated(_)), (planned, EventBody::CampaignRequested(_))] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((demo.as_str(), planned.as_str()), ("demo", "planned"));
}
