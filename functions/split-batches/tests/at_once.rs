//! A campaign that is split again, or twice at once.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::{BatchId, CampaignId, CampaignSpec, JobPlace, Market, PriceKind};
use events::{Event, MatrixGenerated};
use split_batches::{Context, HandlerError, handle};
use store::directory::DirectoryObjects;
use store::sqlite::SqliteLedger;
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Dispatcher, Job, JobState, KnownJob, Ledger,
    ObjectKey, ObjectPrefix, Objects, StoreError,
};
use testkit::MemoryBus;
use testkit::fixtures::{at, campaign_record};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

const SPEC: &str =
    "{name: c, models: [llama-3.1-8b-instruct], quantisations: [int4], hardware: [l4x1, h100x1],
    frameworks: [simulated], workloads: [{name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4,
    concurrency: [1], requests: 20}]}";

/// Every job that is submitted runs until it is lost.
#[derive(Default)]
struct Running(Mutex<Vec<BatchId>>);

impl Market for Running {
    fn first_price(&self, _: JobPlace) -> PriceKind {
        PriceKind::Spot
    }
}

#[async_trait]
impl Dispatcher for Running {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        let mut running = self.0.lock().unwrap();
        assert!(!running.contains(&job.batch), "{} runs", job.batch);
        running.push(job.batch.clone());
        Ok(())
    }

    async fn withdraw(
        &self,
        _: &CampaignId,
        _: &BTreeSet<BatchId>,
        _: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError> {
        panic!("nothing is withdrawn here")
    }

    async fn jobs(&self, _: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        let known = |batch: &BatchId| KnownJob {
            id: format!("of-{batch}"),
            batch: batch.clone(),
            state: JobState::Running,
            lost_a_host: false,
        };
        Ok(self.0.lock().unwrap().iter().map(known).collect())
    }

    async fn stop(&self, _: &CampaignId, _: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        panic!("nothing is stopped here")
    }
}

/// Objects whose reader is held back until it is let go.
struct Slow {
    kept: Arc<DirectoryObjects>,
    waits: Notify,
    may_go: Notify,
}

#[async_trait]
impl Objects for Slow {
    async fn put(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), StoreError> {
        self.kept.put(key, bytes).await
    }
    async fn put_if_absent(&self, key: &ObjectKey, bytes: &[u8]) -> Result<bool, StoreError> {
        self.kept.put_if_absent(key, bytes).await
    }
    async fn get(&self, key: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.waits.notify_one();
        self.may_go.notified().await;
        self.kept.get(key).await
    }
    async fn list(&self, prefix: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError> {
        self.kept.list(prefix).await
    }
}

struct Scene {
    _folder: tempfile::TempDir,
    objects: Arc<DirectoryObjects>,
    jobs: Arc<Running>,
    context: Context,
    _events: UnboundedReceiver<Event>,
    told: MatrixGenerated,
}

impl Scene {
    /// A campaign of two batches that is planned.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap());
        let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
        let (bus, events) = MemoryBus::new();
        let record = CampaignRecord { state: CampaignState::Planned, ..campaign_record("c") };
        ledger.create_campaign(&record).await.unwrap();
        let id = &record.id;
        let plan = matrix::plan(&CampaignSpec::from_yaml(SPEC).unwrap(), id);
        objects.put(&ObjectKey::plan(id), &serde_json::to_vec(&plan).unwrap()).await.unwrap();
        let jobs = Arc::new(Running::default());
        let told = MatrixGenerated { campaign: id.clone(), request: 1, feasible: 2, infeasible: 0 };
        let context =
            Context { ledger, objects: objects.clone(), dispatcher: jobs.clone(), bus: Arc::new(bus) };
        Self { _folder: folder, objects, jobs, context, _events: events, told }
    }

    async fn batches(&self) -> Vec<BatchRecord> {
        self.context.ledger.batches(&self.told.campaign).await.unwrap()
    }

    /// How far the batches are, and how often each was submitted.
    async fn states(&self) -> Vec<(BatchState, u32)> {
        self.batches().await.iter().map(|batch| (batch.state, batch.submissions)).collect()
    }
}

#[tokio::test]
async fn of_two_that_split_at_once_none_takes_back_what_the_other_submitted() {
    let scene = Scene::new().await;
    let slow = Arc::new(Slow { kept: scene.objects.clone(), waits: Notify::new(), may_go: Notify::new() });
    let late = Context { objects: slow.clone(), ..scene.context.clone() };
    let meanwhile = async {
        slow.waits.notified().await;
        handle(&scene.context, &scene.told, at(1)).await.unwrap();
        slow.may_go.notify_one();
    };
    let (split, ()) = tokio::join!(handle(&late, &scene.told, at(1)), meanwhile);
    assert!(matches!(split, Err(HandlerError::Store(StoreError::Changed { .. }))), "{split:?}");
    assert_eq!(scene.states().await, [(BatchState::Submitted, 1); 2]);
    // It is told again, and finds nothing left to do.
    handle(&scene.context, &scene.told, at(2)).await.unwrap();
    assert_eq!(scene.states().await, [(BatchState::Submitted, 1); 2]);
}

#[tokio::test]
async fn a_campaign_that_is_asked_for_again_submits_what_is_gone_and_leaves_what_runs() {
    let mut scene = Scene::new().await;
    handle(&scene.context, &scene.told, at(1)).await.unwrap();
    let gone = scene.jobs.0.lock().unwrap().remove(0);
    let was = scene.context.ledger.campaign(&scene.told.campaign).await.unwrap().unwrap();
    let planned = CampaignRecord { state: CampaignState::Planned, request: 2, ..was.clone() };
    scene.context.ledger.update_campaign(&was, &planned).await.unwrap();
    scene.told.request = 2;
    handle(&scene.context, &scene.told, at(2)).await.unwrap();
    for batch in scene.batches().await {
        let submissions = if batch.id == gone { 2 } else { 1 };
        assert_eq!((batch.state, batch.submissions), (BatchState::Submitted, submissions), "{}", batch.id);
    }
    assert_eq!(scene.jobs.0.lock().unwrap().len(), 2);
}
