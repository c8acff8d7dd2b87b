//! People are told of a campaign that failed, whatever else is away, and what it measured is published.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;

use async_trait::async_trait;
use common::Scripted;
use events::{CampaignCompleted, CampaignFailed, Event, EventBody};
use publish_catalog::{Context, handle, handle_failure};
use store::directory::DirectoryObjects;
use store::open::open_result_stores;
use store::sqlite::SqliteLedger;
use store::{
    CampaignRecord, CampaignState, Ledger, ObjectKey, ObjectPrefix, Objects, ReportForm, StoreError,
};
use testkit::MemoryBus;
use testkit::fixtures::{at, campaign_record, result};
use tokio::sync::mpsc::UnboundedReceiver;

const WHY: &str = "nothing in the matrix can run; the first of 2 reasons: too large";

/// Objects that are away.
struct Away;

impl Away {
    fn error() -> StoreError {
        StoreError::Unavailable { place: "the objects".to_owned(), detail: "no answer".to_owned() }
    }
}

#[async_trait]
impl Objects for Away {
    async fn put(&self, _: &ObjectKey, _: &[u8]) -> Result<(), StoreError> {
        Err(Self::error())
    }
    async fn put_if_absent(&self, _: &ObjectKey, _: &[u8]) -> Result<bool, StoreError> {
        Err(Self::error())
    }
    async fn get(&self, _: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError> {
        Err(Self::error())
    }
    async fn list(&self, _: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError> {
        Err(Self::error())
    }
}

struct Scene {
    _folder: tempfile::TempDir,
    context: Context,
    person: Arc<Scripted>,
    events: UnboundedReceiver<Event>,
    campaign: CampaignRecord,
}

impl Scene {
    /// A campaign that failed.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at_path = |name: &str| folder.path().join(name);
        let ledger = SqliteLedger::open(&at_path("ledger.db")).await.unwrap();
        let campaign = CampaignRecord {
            state: CampaignState::Failed,
            message: Some(WHY.to_owned()),
            end_is_untold: true,
            ..campaign_record("nightly")
        };
        ledger.create_campaign(&campaign).await.unwrap();
        let (bus, events) = MemoryBus::new();
        let person = Scripted::new("a:", []);
        let results = format!("sqlite:{}", at_path("results.db").display());
        let context = Context {
            ledger: Arc::new(ledger),
            stores: open_result_stores(&results).await.unwrap(),
            objects: Arc::new(DirectoryObjects::open(&at_path("objects")).unwrap()),
            bus: Arc::new(bus),
            notifiers: vec![person.clone()],
            public_url: Some("https://assay.example/".to_owned()),
        };
        Self { _folder: folder, context, person, events, campaign }
    }

    async fn is_untold(&self) -> bool {
        self.context.ledger.campaign(&self.campaign.id).await.unwrap().unwrap().end_is_untold
    }

    fn event(&self) -> CampaignFailed {
        let CampaignRecord { id, request, .. } = self.campaign.clone();
        CampaignFailed { campaign: id, request, reason: WHY.to_owned() }
    }
}

#[tokio::test]
async fn people_are_told_once_and_there_is_a_report() {
    let mut scene = Scene::new().await;
    for told in 0..2 {
        handle_failure(&scene.context, &scene.event(), at(told)).await.unwrap();
        assert!(!scene.is_untold().await);
    }
    let [notice] = &scene.person.told()[..] else { panic!("{:?}", scene.person.told()) };
    let id = &scene.campaign.id;
    let text = format!("Campaign {id} failed\n{WHY}\nhttps://assay.example/v1/campaigns/{id}");
    assert_eq!(notice.text(), text);
    let report = ObjectKey::report(id, ReportForm::Html);
    let report = scene.context.objects.get(&report).await.unwrap().unwrap();
    assert!(String::from_utf8(report).unwrap().contains(WHY));
    assert!(scene.events.try_recv().is_err(), "there is nothing new to publish");
}

#[tokio::test]
async fn what_was_measured_before_it_failed_is_published() {
    let mut scene = Scene::new().await;
    let measured = result(scene.campaign.id.as_str(), 1).build();
    scene.context.stores.results.insert(&[measured]).await.unwrap();
    handle_failure(&scene.context, &scene.event(), at(0)).await.unwrap();
    let told = scene.events.try_recv().unwrap();
    assert!(matches!(told.body, EventBody::CatalogPublished(_)), "{told:?}");
    assert!(scene.context.objects.get(&ObjectKey::snapshot()).await.unwrap().is_some());
}

#[tokio::test]
async fn people_are_told_when_nothing_can_be_published() {
    let mut scene = Scene::new().await;
    scene.context.objects = Arc::new(Away);
    for told in 0..2 {
        assert!(handle_failure(&scene.context, &scene.event(), at(told)).await.is_err());
    }
    assert_eq!(scene.person.told().len(), 1);
    assert!(scene.is_untold().await, "there is no report");
}

#[tokio::test]
async fn the_end_of_a_campaign_is_noted_as_told_when_its_report_is_there() {
    let mut scene = Scene::new().await;
    let CampaignRecord { id, request, .. } = scene.campaign.clone();
    let completed = CampaignRecord { state: CampaignState::Completed, ..scene.campaign.clone() };
    scene.context.ledger.update_campaign(&scene.campaign, &completed).await.unwrap();
    let kept = std::mem::replace(&mut scene.context.objects, Arc::new(Away));
    let event = CampaignCompleted { campaign: id.clone(), request };
    assert!(handle(&scene.context, &event, at(0)).await.is_err());
    assert!(scene.is_untold().await);
    scene.context.objects = kept;
    let earlier = CampaignCompleted { request: request - 1, ..event.clone() };
    handle(&scene.context, &earlier, at(1)).await.unwrap();
    assert!(scene.is_untold().await, "another asking was told");
    handle(&scene.context, &event, at(2)).await.unwrap();
    assert!(!scene.is_untold().await);
    let report = scene.context.objects.get(&ObjectKey::report(&id, ReportForm::Json)).await.unwrap().unwrap();
    assert!(!String::from_utf8(report).unwrap().contains("untold"));
}

#[tokio::test]
async fn a_campaign_that_goes_on_has_not_failed() {
    let scene = Scene::new().await;
    let again = CampaignRecord {
        state: CampaignState::Requested,
        request: 2,
        message: None,
        ..scene.campaign.clone()
    };
    scene.context.ledger.update_campaign(&scene.campaign, &again).await.unwrap();
    handle_failure(&scene.context, &scene.event(), at(0)).await.unwrap();
    // It fails once more, which is told by an event of its own.
    let failed = CampaignRecord { state: CampaignState::Failed, ..again.clone() };
    scene.context.ledger.update_campaign(&again, &failed).await.unwrap();
    handle_failure(&scene.context, &scene.event(), at(1)).await.unwrap();
    assert!(scene.person.told().is_empty());
    handle_failure(&scene.context, &CampaignFailed { request: 2, ..scene.event() }, at(2)).await.unwrap();
    assert_eq!(scene.person.told().len(), 1);
}
