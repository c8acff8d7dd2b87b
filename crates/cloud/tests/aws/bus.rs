//! The bus over EventBridge and SQS: at least once, each for itself, and in the end the dead-letter queue.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use cloud::aws::Aws;
use cloud::event_bridge::{Delivered, EventBridgeBus, SqsQueue, Subscription, subscribe};
use domain::{BatchId, CampaignId};
use events::{BatchesSubmitted, CampaignCompleted, CampaignRequested, Event, EventBody};
use store::{Bus, StoreError};
use testkit::fixtures::at;
use testkit::services::{PrivateMinistack, PrivateMoto};

const SUBSCRIPTION: Subscription = Subscription {
    bus: "assay",
    queue: "track-progress",
    detail_types: &["campaign.requested.v1"],
    visibility: Duration::from_secs(30),
    max_receipts: 3,
};

fn requested(request: u32) -> Event {
    let campaign: CampaignId = "demo".parse().unwrap();
    Event::new(EventBody::CampaignRequested(CampaignRequested { campaign, request }), at(0))
}

/// The promises, over an emulator that is empty.
async fn promises(aws: &Aws) {
    subscribe(aws, &SUBSCRIPTION).await.unwrap();
    subscribe(aws, &SUBSCRIPTION).await.unwrap();
    let bus = EventBridgeBus::new(aws, "assay");
    let queue = SqsQueue::find(aws, "track-progress").await.unwrap().retried_after(Duration::ZERO);

    let events: Vec<Event> = (1..=25).map(requested).collect();
    for event in &events {
        bus.publish(event).await.unwrap();
    }
    let campaign: CampaignId = "demo".parse().unwrap();
    let other = EventBody::CampaignCompleted(CampaignCompleted { campaign, request: 1 });
    bus.publish(&Event::new(other, at(1))).await.unwrap();

    // The handler fails on the first telling of every third event, and always on the seventh.
    let told: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let handle = async |event: &Event| {
        let mut told = told.borrow_mut();
        let times = told.entry(event.id.to_string()).or_default();
        *times += 1;
        let position = events.iter().position(|e| e == event).expect("only what was published, unchanged");
        if position == 7 || (position % 3 == 0 && *times == 1) { Err("not now") } else { Ok(()) }
    };
    let mut all = Delivered::default();
    let mut quiet = 0;
    while quiet < 2 {
        let delivered = queue.deliver(Duration::from_secs(1), handle).await.unwrap();
        quiet = if delivered == Delivered::default() { quiet + 1 } else { 0 };
        all.handled += delivered.handled;
        all.left += delivered.left;
    }
    assert_eq!(all, Delivered { handled: 24, left: 9 + 3 });
    let told = told.into_inner();
    assert_eq!(told.len(), 25, "each was told");
    assert!(told.iter().all(|(id, times)| *times >= 1 && (*times <= 2 || *id == events[7].id.to_string())));

    // What is never handled is kept, for a person.
    let dead = SqsQueue::find(aws, "track-progress-dead").await.unwrap();
    let seen = RefCell::new(Vec::new());
    let look = async |event: &Event| {
        seen.borrow_mut().push(event.clone());
        Ok::<(), String>(())
    };
    dead.deliver(Duration::from_secs(2), look).await.unwrap();
    assert_eq!(seen.into_inner(), [events[7].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_on_ministack() {
    let server = PrivateMinistack::start();
    promises(&Aws::emulator(&server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promises_on_moto() {
    let server = PrivateMoto::start();
    promises(&Aws::emulator(&server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_on_an_empty_queue_is_no_outage() {
    let server = PrivateMinistack::start();
    let aws = Aws::emulator(&server.url()).await;
    subscribe(&aws, &SUBSCRIPTION).await.unwrap();
    let queue = SqsQueue::find(&aws, "track-progress").await.unwrap();
    // Longer than any other answer may take.
    let delivered = queue.deliver(Duration::from_secs(7), async |_| Ok::<(), String>(())).await.unwrap();
    assert_eq!(delivered, Delivered::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_too_large_and_a_bus_that_is_not_there_are_told() {
    let server = PrivateMoto::start();
    let aws = Aws::emulator(&server.url()).await;
    let campaign: CampaignId = "demo".parse().unwrap();
    let submitted = (0..30_000).map(|index| BatchId::new(&campaign, index)).collect();
    let body = BatchesSubmitted { campaign, request: 1, submitted, over_budget: vec![] };
    let large = Event::new(EventBody::BatchesSubmitted(body), at(0));
    let bus = EventBridgeBus::new(&aws, "absent");
    let error = bus.publish(&large).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("262144 are the most"), "{error}");
    let error = bus.publish(&requested(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    let error = SqsQueue::find(&aws, "absent").await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
}
