//! What asking for a campaign does, over a real ledger.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use domain::CampaignSpec;
use events::{Event, EventBody};
use store::campaigns::{Control, control};
use store::directory::DirectoryObjects;
use store::sqlite::SqliteLedger;
use store::{CampaignRecord, CampaignState, ObjectKey};
use testkit::MemoryBus;
use testkit::fixtures::at;
use tokio::sync::mpsc::UnboundedReceiver;
use trigger_campaign::{
    Context, HandlerError, Note, Repeat, Triggered, Upload, handle, resume_unfinished, scheduled, uploaded,
};

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
        let was = record.clone();
        record.state = CampaignState::Completed;
        self.context.ledger.update_campaign(&was, &record).await.unwrap();
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

/// As of a teller that does not know which upload it is.
fn upload(key: &ObjectKey, bytes: u64) -> Upload<'_> {
    Upload { key, bytes, sequencer: None }
}

/// Somebody, or the budget guard, has paused its campaign in between.
#[tokio::test]
async fn an_upload_that_is_told_twice_is_asked_for_once() {
    let mut scene = Scene::new().await;
    let (_, key) = ObjectKey::uploaded("specs/a.yaml").unwrap();
    scene.context.objects.put(&key, SPEC.as_bytes()).await.unwrap();
    let told = async |sequencer| {
        let upload = Upload { key: &key, bytes: 9, sequencer: Some(sequencer) };
        uploaded(&scene.context, &upload, at(0)).await.unwrap()
    };
    let Some(Note::Campaign { id, .. }) = told("00692F1B40A1B2C3D4").await else { panic!("it begins") };
    let was = scene.context.ledger.campaign(&id).await.unwrap().unwrap();
    let paused = CampaignRecord { state: CampaignState::Paused, ..was.clone() };
    scene.context.ledger.update_campaign(&was, &paused).await.unwrap();

    for before in ["00692F1B40A1B2C3D4", "00692f1b40a1b2c3d4", "00692F1B", "00692F1B40A1B2C3D400"] {
        assert_eq!(told(before).await, None, "{before}");
    }
    assert_eq!(scene.context.ledger.campaign(&id).await.unwrap().unwrap(), paused);
    // Uploaded once more it goes on.
    assert!(told("00692F1B40A1B2C3D5").await.is_some());
    let again = scene.context.ledger.campaign(&id).await.unwrap().unwrap();
    assert_eq!((again.state, again.request), (CampaignState::Requested, 2));
    assert_eq!(scene.requests(), [(id.to_string(), 1), (id.to_string(), 2)]);
}

#[tokio::test]
async fn an_uploaded_spec_begins_its_campaign_and_one_that_makes_no_sense_is_noted() {
    let mut scene = Scene::new().await;
    let (_, key) = ObjectKey::uploaded("specs/a.yaml").unwrap();
    let objects = scene.context.objects.clone();
    assert_eq!(uploaded(&scene.context, &upload(&key, 9), at(0)).await.unwrap(), None, "it was taken away");

    objects.put(&key, SPEC.replace("[1]", "[0]").as_bytes()).await.unwrap();
    let note = uploaded(&scene.context, &upload(&key, 9), at(0)).await.unwrap();
    assert!(
        matches!(&note, Some(Note::Refused { reason, .. }) if reason.starts_with("line 8: `workloads[0].concurrency")),
        "{note:?}"
    );
    let noted: Note = serde_json::from_slice(&objects.get(&key.note()).await.unwrap().unwrap()).unwrap();
    assert_eq!(Some(noted), note);
    objects.put(&key, &[0xff]).await.unwrap();
    let note = uploaded(&scene.context, &upload(&key, 1), at(0)).await.unwrap();
    assert!(matches!(&note, Some(Note::Refused { reason, .. }) if reason.contains("UTF-8")), "{note:?}");
    let note = uploaded(&scene.context, &upload(&key, 1 << 40), at(0)).await.unwrap();
    assert!(
        matches!(&note, Some(Note::Refused { reason, .. }) if reason.contains("1048576 are the most")),
        "{note:?}"
    );
    assert!(scene.requests().is_empty());

    objects.put(&key, SPEC.as_bytes()).await.unwrap();
    let note = uploaded(&scene.context, &upload(&key, 9), at(0)).await.unwrap();
    let Some(Note::Campaign { id, .. }) = note else { panic!("{note:?}") };
    assert_eq!(scene.requests(), [(id.to_string(), 1)]);
}

#[tokio::test]
async fn a_schedule_begins_one_campaign_each_time_it_is_due() {
    let mut scene = Scene::new().await;
    let error = scheduled(&scene.context, "nightly", at(0), at(0)).await.unwrap_err();
    assert_eq!(error.kind(), "NoSpec");
    let (_, key) = ObjectKey::uploaded("schedules/nightly.yaml").unwrap();
    scene.context.objects.put(&key, SPEC.as_bytes()).await.unwrap();

    assert!(scheduled(&scene.context, "nightly", at(0), at(1)).await.unwrap().is_some());
    let first = scene.requests().remove(0).0;
    // Whoever began it died before it told anybody; told again it tells.
    assert!(scheduled(&scene.context, "nightly", at(0), at(2)).await.unwrap().is_some());
    assert_eq!(scene.requests(), [(first.clone(), 2)]);
    let set = async |state| {
        let mut record = scene.context.ledger.campaign(&first.parse().unwrap()).await.unwrap().unwrap();
        let was = record.clone();
        record.state = state;
        scene.context.ledger.update_campaign(&was, &record).await.unwrap();
    };
    set(CampaignState::Paused).await;
    assert_eq!(scheduled(&scene.context, "nightly", at(60), at(61)).await.unwrap(), None, "it will go on");
    set(CampaignState::Running).await;
    assert_eq!(scheduled(&scene.context, "nightly", at(60), at(61)).await.unwrap(), None, "still under way");
    set(CampaignState::Completed).await;
    assert_eq!(scheduled(&scene.context, "nightly", at(0), at(61)).await.unwrap(), None, "told again, late");
    assert!(scheduled(&scene.context, "nightly", at(120), at(121)).await.unwrap().is_some());
    assert_eq!(scene.requests(), [(format!("{first}.2"), 1)]);
    assert!(scheduled(&scene.context, "../catalog/x", at(0), at(0)).await.is_err());
}

#[tokio::test]
async fn what_is_held_goes_on_only_when_somebody_wants_it() {
    let mut scene = Scene::new().await;
    let Triggered::Started(campaign) = scene.ask(SPEC, Repeat::Continue).await else { panic!("not started") };
    let (ledger, bus) = (scene.context.ledger.clone(), scene.context.bus.clone());
    let wanted = async |wanted| control(ledger.as_ref(), bus.as_ref(), &campaign.id, wanted, at(1)).await;
    wanted(Control::Pause).await.unwrap();
    assert!(
        resume_unfinished(&scene.context, at(2)).await.unwrap().is_empty(),
        "a new host leaves it paused"
    );
    let Triggered::Resumed(resumed, 0) = scene.ask(SPEC, Repeat::Continue).await else {
        panic!("not resumed")
    };
    assert_eq!((resumed.state, resumed.request), (CampaignState::Requested, 2));
    wanted(Control::Cancel).await.unwrap();
    assert!(resume_unfinished(&scene.context, at(2)).await.unwrap().is_empty());
    let triggered = scene.ask(SPEC, Repeat::Continue).await;
    assert!(matches!(triggered, Triggered::Cancelled(_)), "{triggered:?}");
    while scene.events.try_recv().is_ok() {}
    let Triggered::Started(next) = scene.ask(SPEC, Repeat::Again).await else { panic!("not begun again") };
    assert_eq!(scene.requests(), [(next.id.to_string(), 1)]);
}
