//! Jobs that may not be submitted now.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{BatchId, CampaignId, CampaignSpec, JobPlace, Market, PriceKind};
use events::{EventBody, MatrixGenerated};
use split_batches::{Context, handle};
use store::directory::DirectoryObjects;
use store::sqlite::SqliteLedger;
use store::{
    BatchState, CampaignRecord, CampaignState, Dispatcher, Job, KnownJob, Ledger, ObjectKey, Objects,
    StoreError,
};
use testkit::MemoryBus;
use testkit::fixtures::{at, campaign_record};

const SPEC: &str = "{name: c, models: [llama-3.1-8b-instruct], quantisations: [fp16], hardware: [h100x1],
    frameworks: [simulated], workloads: [{name: chat, use_case: chatbot, input_tokens: 16, output_tokens: 4,
    concurrency: [1], requests: 20}]}";

/// Takes no jobs.
struct Closed;

impl Market for Closed {
    fn first_price(&self, _: JobPlace) -> PriceKind {
        PriceKind::Spot
    }
}

#[async_trait]
impl Dispatcher for Closed {
    async fn submit(&self, _: &Job) -> Result<(), StoreError> {
        Err(StoreError::Denied { place: "the queue".to_owned(), detail: "an explicit deny".to_owned() })
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
        panic!("nobody asks here")
    }

    async fn stop(&self, _: &CampaignId, _: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        panic!("nothing is stopped here")
    }
}

#[tokio::test]
async fn a_campaign_whose_jobs_may_not_be_submitted_is_paused_and_has_not_failed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap());
    let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
    let (bus, mut events) = MemoryBus::new();
    let record = CampaignRecord { state: CampaignState::Planned, ..campaign_record("c") };
    ledger.create_campaign(&record).await.unwrap();
    let id = &record.id;
    let plan = matrix::plan(&CampaignSpec::from_yaml(SPEC).unwrap(), id);
    objects.put(&ObjectKey::plan(id), &serde_json::to_vec(&plan).unwrap()).await.unwrap();
    let context =
        Context { ledger: ledger.clone(), objects, dispatcher: Arc::new(Closed), bus: Arc::new(bus) };
    let told = MatrixGenerated { campaign: id.clone(), request: record.request, feasible: 1, infeasible: 0 };
    // The second telling finds it paused.
    for _ in 0..2 {
        handle(&context, &told, at(1)).await.unwrap();
    }
    let paused = ledger.campaign(id).await.unwrap().unwrap();
    assert_eq!(paused.state, CampaignState::Paused);
    let why = paused.message.unwrap();
    assert!(why.contains("an explicit deny") && why.contains("assay campaign resume"), "{why}");
    let batches = ledger.batches(id).await.unwrap();
    assert!(
        !batches.is_empty() && batches.iter().all(|batch| batch.state == BatchState::Pending),
        "{batches:?}"
    );
    let held = events.try_recv().unwrap();
    assert!(matches!(held.body, EventBody::CampaignHeld(_)), "{held:?}");
    assert!(events.try_recv().is_err(), "nothing is said to be submitted");
}
