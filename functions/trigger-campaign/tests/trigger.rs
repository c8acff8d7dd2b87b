//! What asking for a campaign does, over a real ledger.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use domain::CampaignSpec;
use events::{Event, EventBody};
use store::directory::DirectoryObjects;
use store::sqlite::SqliteLedger;
use store::{CampaignState, ObjectKey};
use testkit::MemoryBus;
use testkit::fixtures::at;
use tokio::sync::mpsc::UnboundedReceiver;
use trigger_campaign::{Context, HandlerError, Repeat, Triggered, handle};

const SPEC: &str = "
name: asked
models: [llama-3.1-8b-instruct]
quantisations: [fp16]
hardware: [l4x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 128, output_tokens: 16, concurrency: [1]}
";

struct Scene {
    _folder: tempfile::TempDir,
    context: Context,
    events: UnboundedReceiver<Event>,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (bus, events) = MemoryBus::new();
        let context = Context {
            ledger: Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap()),
            objects: Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap()),
            bus: Arc::new(bus),
        };
        Self { _folder: folder, context, events }
    }

    async fn ask(&self, text: &str, repeat: Repeat) -> Triggered {
        handle(&self.context, &CampaignSpec::from_yaml(text).unwrap(), repeat, at(0)).await.unwrap()
    }

    async fn complete(&self, triggered: &Triggered) {
        let mut record = triggered.campaign().clone();
        record.state = CampaignState::Completed;
        self.context.ledger.update_campaign(&record).await.unwrap();
    }

    fn requests(&mut self) -> Vec<(String, u32)> {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .map(|event| match event.body {
                EventBody::CampaignRequested(e) => (e.campaign.to_string(), e.request),
                other => panic!("{other:?}"),
            })
            .collect()
    }
}

#[tokio::test]
async fn a_spec_that_makes_no_sense_leaves_no_trace() {
    let mut scene = Scene::new().await;
    let mut spec = CampaignSpec::from_yaml(SPEC).unwrap();
    spec.workloads.clear();
    let error = handle(&scene.context, &spec, Repeat::Continue, at(0)).await.unwrap_err();
    assert!(matches!(&error, HandlerError::Spec(e) if e.field == "workloads"), "{error}");
    assert!(scene.context.ledger.campaigns().await.unwrap().is_empty() && scene.requests().is_empty());
}

#[tokio::test]
async fn the_spec_is_kept_before_the_campaign_is_told() {
    let mut scene = Scene::new().await;
    let started = scene.ask(SPEC, Repeat::Continue).await;
    let Triggered::Started(record) = &started else { panic!("{started:?}") };
    assert_eq!((record.state, record.request), (CampaignState::Requested, 1));
    let kept = scene.context.objects.get(&ObjectKey::spec(&record.id)).await.unwrap().unwrap();
    let kept: CampaignSpec = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept, CampaignSpec::from_yaml(SPEC).unwrap());
    assert_eq!(scene.requests(), [(record.id.to_string(), 1)]);
}

#[tokio::test]
async fn asking_again_goes_on_or_begins_the_next() {
    let mut scene = Scene::new().await;
    let first = scene.ask(SPEC, Repeat::Continue).await;
    let stopped = scene.ask(SPEC, Repeat::Continue).await;
    assert!(matches!(&stopped, Triggered::Resumed(record, 0) if record.request == 2), "{stopped:?}");
    scene.complete(&stopped).await;
    assert!(matches!(scene.ask(SPEC, Repeat::Continue).await, Triggered::AlreadyComplete(_)));
    let id = first.campaign().id.to_string();
    assert_eq!(scene.requests(), [(id.clone(), 1), (id.clone(), 2)], "nothing is told of a complete one");

    // The next repetition is another campaign, and is the one that a later asking means.
    let again = scene.ask(SPEC, Repeat::Again).await;
    assert_eq!(again.campaign().id.to_string(), format!("{id}.2"));
    let on = scene.ask(SPEC, Repeat::Continue).await;
    assert!(matches!(&on, Triggered::Resumed(record, _) if record.id == again.campaign().id));

    // Another spec under the same name is another campaign too.
    let other = scene.ask(&SPEC.replace("[1]", "[2]"), Repeat::Continue).await;
    assert_ne!(other.campaign().id.to_string(), id);
}
