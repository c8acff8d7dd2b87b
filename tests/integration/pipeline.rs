//! The functions one after the other over real ports on one machine, with a dispatcher that only notes its
//! jobs: what each does, that duplicates change nothing, and that a stopped campaign goes on.

mod control;
mod failure;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{BatchId, BatchManifest, CampaignId, CampaignSpec, JobPlace, Market, PriceKind};
use events::{BatchEnded, Event, EventBody, JobOutcome};
use store::open::{ResultStores, open_result_stores};
use store::{
    BatchState, CampaignState, Checkpoint, Claim, Dispatcher, Job, JobState, KnownJob, Ledger, ObjectKey,
    Objects, StoreError, TrialOutcome,
};
use testkit::{MemoryBus, fixtures};
use tokio::sync::mpsc::UnboundedReceiver;
use trigger_campaign::{Repeat, Triggered};

use crate::functions::Functions;

const SPEC: &str = "
name: pipeline
models: [llama-3.1-8b-instruct]
quantisations: [fp16, int4]
hardware: [l4x1, h100x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 128, output_tokens: 16, concurrency: [1, 4]}
";

/// Notes what is submitted, and how far the jobs would be.
#[derive(Default)]
struct NotedJobs {
    submitted: Mutex<Vec<Job>>,
    live: Mutex<BTreeMap<BatchId, Live>>,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Live {
    Waits,
    Runs,
    IsToStop,
}

impl Market for NotedJobs {
    fn first_price(&self, _: JobPlace) -> PriceKind {
        PriceKind::Spot
    }
}

#[async_trait]
impl Dispatcher for NotedJobs {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        self.submitted.lock().unwrap().push(job.clone());
        self.live.lock().unwrap().entry(job.batch.clone()).or_insert(Live::Waits);
        Ok(())
    }

    async fn withdraw(
        &self,
        _: &CampaignId,
        batches: &BTreeSet<BatchId>,
        _: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError> {
        let mut live = self.live.lock().unwrap();
        let waits = |batch: &&BatchId| live.get(batch) == Some(&Live::Waits);
        let withdrawn: BTreeSet<BatchId> = batches.iter().filter(waits).cloned().collect();
        live.retain(|batch, _| !withdrawn.contains(batch));
        Ok(withdrawn)
    }

    async fn jobs(&self, _: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        let live = self.live.lock().unwrap();
        let known = |(batch, job): (&BatchId, &Live)| KnownJob {
            id: format!("live.{batch}"),
            batch: batch.clone(),
            state: if *job == Live::Waits { JobState::Waiting } else { JobState::Running },
            lost_a_host: false,
        };
        Ok(live.iter().map(known).collect())
    }

    async fn stop(&self, _: &CampaignId, _: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        let mut live = self.live.lock().unwrap();
        live.retain(|_, job| *job != Live::Waits);
        live.values_mut().for_each(|job| *job = Live::IsToStop);
        Ok(live.keys().cloned().collect())
    }
}

struct Stage {
    folder: tempfile::TempDir,
    ledger: Arc<dyn Ledger>,
    stores: ResultStores,
    objects: Arc<dyn Objects>,
    bus: Arc<MemoryBus>,
    events: UnboundedReceiver<Event>,
    jobs: Arc<NotedJobs>,
    now: DateTime<Utc>,
}

impl Stage {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (bus, events) = MemoryBus::new();
        Self {
            ledger: store::open::open_ledger(&format!("sqlite:{}", at("ledger.db"))).await.unwrap(),
            stores: open_result_stores(&format!("sqlite:{}", at("results.db"))).await.unwrap(),
            objects: store::open::open_objects(&format!("dir:{}", at("objects"))).await.unwrap(),
            bus: Arc::new(bus),
            events,
            jobs: Arc::default(),
            now: "2026-11-24T08:00:00Z".parse().unwrap(),
            folder,
        }
    }

    async fn trigger(&self) -> Triggered {
        self.trigger_spec(SPEC, Repeat::Continue).await
    }

    async fn trigger_spec(&self, spec: &str, repeat: Repeat) -> Triggered {
        let context = trigger_campaign::Context {
            ledger: self.ledger.clone(),
            objects: self.objects.clone(),
            bus: self.bus.clone(),
        };
        let spec = CampaignSpec::from_yaml(spec).unwrap();
        trigger_campaign::handle(&context, &spec, repeat, self.now).await.unwrap()
    }

    /// Delivers every event that is waiting, each twice.
    async fn deliver_all_twice(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.deliver(&event).await;
            self.deliver(&event).await;
        }
    }

    async fn deliver(&self, event: &Event) {
        let functions = Functions {
            ledger: self.ledger.clone(),
            stores: self.stores.clone(),
            objects: self.objects.clone(),
            bus: self.bus.clone(),
            dispatcher: self.jobs.clone(),
        };
        functions.handle(event, self.now).await.unwrap();
    }

    fn jobs(&self) -> Vec<Job> {
        std::mem::take(&mut *self.jobs.submitted.lock().unwrap())
    }

    /// What a runner does, without measuring: claims the batch and notes an outcome for every trial.
    async fn execute(&self, job: &Job, outcome: &TrialOutcome) {
        let bytes = self.objects.get(&ObjectKey::manifest(&job.campaign, &job.batch)).await.unwrap().unwrap();
        let manifest: BatchManifest = serde_json::from_slice(&bytes).unwrap();
        let lease = TimeDelta::seconds(30);
        let Claim::Granted { attempt } =
            self.ledger.claim(&job.batch, "test", self.now, lease).await.unwrap()
        else {
            panic!("{} is held", job.batch)
        };
        for (configuration, trial) in manifest.configurations() {
            if *outcome == TrialOutcome::Stored {
                let result = fixtures::result(job.campaign.as_str(), 1).configuration(configuration);
                self.stores.results.insert(&[result.trial(trial.trial).build()]).await.unwrap();
            }
            let checkpoint = Checkpoint {
                run_id: domain::RunId::new(&job.campaign, &trial.config_id, trial.trial),
                config_id: trial.config_id.clone(),
                outcome: outcome.clone(),
                attempt,
                usd: None,
                machine_s: None,
                at: self.now,
            };
            self.ledger.checkpoint(&job.batch, &checkpoint).await.unwrap();
        }
        self.ledger.release(&job.batch, attempt).await.unwrap();
    }

    async fn end(&self, job: &Job, number: u32, outcome: JobOutcome) {
        let ended = BatchEnded {
            campaign: job.campaign.clone(),
            batch: job.batch.clone(),
            job: format!("job-{number}").parse().unwrap(),
            outcome,
        };
        self.jobs.live.lock().unwrap().remove(&job.batch);
        let event = Event::new(EventBody::BatchEnded(ended), self.now);
        self.deliver(&event).await;
        self.deliver(&event).await;
    }
}

#[tokio::test]
async fn a_campaign_goes_from_spec_to_published_catalogue_with_every_event_twice() {
    let mut stage = Stage::open().await;
    let Triggered::Started(campaign) = stage.trigger().await else { panic!("not started") };
    stage.deliver_all_twice().await;
    let planned = stage.ledger.campaign(&campaign.id).await.unwrap().unwrap();
    assert_eq!((planned.state, planned.feasible, planned.infeasible), (CampaignState::Running, 8, 0));
    let jobs = stage.jobs();
    let batches = stage.ledger.batches(&campaign.id).await.unwrap();
    assert_eq!(jobs.len(), batches.len(), "each batch is submitted once, although every event came twice");
    assert_eq!(batches.iter().map(|b| b.trials).sum::<u32>(), 8);

    for job in &jobs {
        stage.execute(job, &TrialOutcome::Stored).await;
        stage.end(job, 1, JobOutcome::Finished).await;
    }
    stage.deliver_all_twice().await;
    let done = stage.ledger.campaign(&campaign.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.message), (CampaignState::Completed, None));
    for form in store::ReportForm::ALL {
        let report = stage.objects.get(&ObjectKey::report(&campaign.id, form)).await.unwrap();
        assert!(report.is_some_and(|report| !report.is_empty()), "{form:?}");
    }
    assert!(stage.objects.get(&ObjectKey::rankings()).await.unwrap().is_some());
    let snapshot = stage.objects.get(&ObjectKey::snapshot()).await.unwrap().unwrap();
    assert_eq!(catalog::Snapshot::from_file(&snapshot).unwrap().len(), 8);
    assert!(matches!(stage.trigger().await, Triggered::AlreadyComplete(_)));
    assert!(stage.jobs().is_empty());

    // On a schedule is published what came without a campaign, once.
    let refresh = async || {
        publish_catalog::refresh(&stage.stores, stage.ledger.as_ref(), stage.objects.as_ref(), stage.now)
            .await
            .unwrap()
    };
    assert_eq!(refresh().await, None);
    stage.stores.results.insert(&[fixtures::result("elsewhere", 1).build()]).await.unwrap();
    assert_eq!(refresh().await, Some(stage.stores.results.revision().await.unwrap()));
    assert_eq!(refresh().await, None);
}

#[tokio::test]
async fn a_model_of_ones_own_is_in_the_store_when_its_matrix_is_made() {
    let mut stage = Stage::open().await;
    let sizes = serde_json::to_string(&domain::known::MODELS.values().next().unwrap().architecture).unwrap();
    let own = format!("models: [{{name: of-our-own, architecture: {sizes}}}]");
    stage.trigger_spec(&SPEC.replace("models: [llama-3.1-8b-instruct]", &own), Repeat::Continue).await;
    stage.deliver_all_twice().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(stage.folder.path().join("results.db"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let added =
        sqlx::query_scalar("SELECT name FROM models WHERE added_at IS NOT NULL").fetch_all(&pool).await;
    let added: Vec<String> = added.unwrap();
    assert_eq!(added, ["of-our-own"]);
}

#[tokio::test]
async fn an_interrupted_batch_is_submitted_again_until_it_gets_nowhere() {
    let mut stage = Stage::open().await;
    stage.trigger().await;
    stage.deliver_all_twice().await;
    let job = stage.jobs().remove(0);
    let interrupted = || JobOutcome::Interrupted { reason: "host was reclaimed".to_owned() };
    for number in 1..track_progress::MAX_FRUITLESS_JOBS {
        // Told twice it counts once, and the dispatcher ignores a batch whose job waits or runs.
        stage.end(&job, number, interrupted()).await;
        assert_eq!(stage.jobs().len(), 2, "job {number}");
    }
    stage.end(&job, track_progress::MAX_FRUITLESS_JOBS, interrupted()).await;
    assert!(stage.jobs().is_empty());
    let batch = stage.ledger.batch(&job.batch).await.unwrap().unwrap();
    assert_eq!(batch.state, BatchState::Failed);
    assert!(batch.message.unwrap().contains("host was reclaimed"));
}

#[tokio::test]
async fn a_campaign_that_is_asked_for_again_tries_only_what_failed() {
    let mut stage = Stage::open().await;
    let campaign = stage.trigger().await.campaign().clone();
    stage.deliver_all_twice().await;
    let jobs = stage.jobs();
    let failed = TrialOutcome::Failed { reason: "engine exited with signal 9".to_owned() };
    for (i, job) in jobs.iter().enumerate() {
        stage.execute(job, if i == 0 { &failed } else { &TrialOutcome::Stored }).await;
        stage.end(job, 1, JobOutcome::Finished).await;
    }
    stage.deliver_all_twice().await;
    let Triggered::Resumed(_, again) = stage.trigger().await else { panic!("not resumed") };
    let first = stage.ledger.batch(&jobs[0].batch).await.unwrap().unwrap();
    assert_eq!(again, u64::from(first.trials));
    stage.deliver_all_twice().await;
    let resubmitted: Vec<_> = stage.jobs().into_iter().map(|j| j.batch).collect();
    assert_eq!(resubmitted, vec![jobs[0].batch.clone()]);
    assert_eq!(stage.ledger.campaign(&campaign.id).await.unwrap().unwrap().state, CampaignState::Running);
}

/// Half of the matrix was measured lately: a campaign for what is due runs the other half, and then nothing.
#[tokio::test]
async fn a_campaign_for_what_is_due_runs_what_is_missing() {
    let mut stage = Stage::open().await;
    let first = stage.trigger().await.campaign().clone();
    stage.deliver_all_twice().await;
    let plan = stage.objects.get(&ObjectKey::plan(&first.id)).await.unwrap().unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
    let planned = plan["feasible"].as_array().unwrap().iter();
    let results: Vec<_> = planned
        .map(|item| {
            let configuration = serde_json::from_value(item["configuration"].clone()).unwrap();
            let result = fixtures::result("before", 1).configuration(configuration);
            result.provenance(domain::Provenance::Simulated).measured_at(stage.now).build()
        })
        .collect();
    stage.jobs();

    let due = format!("{SPEC}due: {{newer_than: 30d}}\n");
    stage.stores.results.insert(&results[..4]).await.unwrap();
    let second = stage.trigger_spec(&due, Repeat::Continue).await.campaign().clone();
    assert_ne!(first.id, second.id);
    stage.deliver_all_twice().await;
    let trials = stage.ledger.batches(&second.id).await.unwrap().iter().map(|b| b.trials).sum::<u32>();
    assert_eq!((trials, stage.jobs().is_empty()), (4, false));

    stage.stores.results.insert(&results[4..]).await.unwrap();
    let third = stage.trigger_spec(&due, Repeat::Again).await.campaign().clone();
    stage.deliver_all_twice().await;
    let third = stage.ledger.campaign(&third.id).await.unwrap().unwrap();
    assert_eq!((third.state, stage.jobs().is_empty()), (CampaignState::Completed, true));
    assert!(third.message.unwrap().starts_with("nothing is due"));
}
