//! The bus of one machine keeps what it was told until somebody has handled it.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use chrono::TimeDelta;
use domain::CampaignId;
use events::{CampaignRequested, Event, EventBody};
use store::Bus;
use store::sqlite::{SqliteBus, SqliteLedger};
use testkit::fixtures::at;

fn requested(campaign: &str, request: u32) -> Event {
    let body = CampaignRequested { campaign: campaign.parse().unwrap(), request };
    Event::new(EventBody::CampaignRequested(body), at(0))
}

async fn open(folder: &Path) -> SqliteBus {
    SqliteBus::of(&SqliteLedger::open(folder.join("ledger.db")).await.unwrap())
}

#[tokio::test]
async fn an_event_survives_whoever_was_to_deliver_it() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = [requested("a", 1), requested("a", 2)];
    {
        let bus = open(folder.path()).await;
        bus.publish(&first).await.unwrap();
        bus.publish(&second).await.unwrap();
        assert_eq!(bus.next(None).await.unwrap(), first);
        assert_eq!(bus.next(None).await.unwrap(), first, "until it is handled");
    }
    let bus = open(folder.path()).await;
    assert_eq!(bus.next(None).await.unwrap(), first, "by the next host");
    bus.handled(&first, at(1)).await.unwrap();
    assert_eq!(bus.next(None).await.unwrap(), second);
    bus.handled(&second, at(1)).await.unwrap();
    assert_eq!(bus.waiting(None).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_handled_is_not_delivered_again_when_it_is_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let bus = open(folder.path()).await;
    let event = requested("a", 1);
    bus.publish(&event).await.unwrap();
    bus.publish(&event).await.unwrap();
    bus.handled(&event, at(0)).await.unwrap();
    bus.publish(&event).await.unwrap();
    assert_eq!(bus.waiting(None).await.unwrap(), None);

    // It is forgotten in the end, so that the file does not grow for ever.
    let other = requested("a", 2);
    bus.publish(&other).await.unwrap();
    bus.handled(&other, at(0) + TimeDelta::days(8)).await.unwrap();
    bus.publish(&event).await.unwrap();
    assert_eq!(bus.waiting(None).await.unwrap(), Some(event));
}

#[tokio::test]
async fn a_host_of_one_campaign_leaves_the_others_events() {
    let folder = tempfile::tempdir().unwrap();
    let bus = open(folder.path()).await;
    let [mine, other] = [requested("mine", 1), requested("other", 1)];
    bus.publish(&other).await.unwrap();
    bus.publish(&mine).await.unwrap();
    let campaign: CampaignId = "mine".parse().unwrap();
    assert_eq!(bus.next(Some(&campaign)).await.unwrap(), mine);
    bus.handled(&mine, at(1)).await.unwrap();
    assert_eq!(bus.waiting(Some(&campaign)).await.unwrap(), None);
    assert_eq!(bus.waiting(None).await.unwrap(), Some(other));
}

#[tokio::test]
async fn who_waits_is_woken_by_what_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let bus = open(folder.path()).await;
    let event = requested("a", 1);
    let (told, heard) = tokio::join!(bus.publish(&event), bus.next(None));
    told.unwrap();
    assert_eq!(heard.unwrap(), event);
}
