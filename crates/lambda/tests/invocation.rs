//! What a function answers, and what becomes of what it cannot handle.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::HeaderMap;
use cloud::aws::Aws;
use events::{CampaignFailed, CampaignRequested, Event, EventBody};
use lambda::{Campaigns, Counts, Failure, Later, Told, answer};
use serde_json::{Value, json};
use store::campaigns::MAX_DELIVERIES;
use store::sqlite::{SqliteBus, SqliteLedger};
use store::{Bus, CampaignRecord, CampaignState, Ledger, StoreError};
use testkit::fixtures::at;

const S3_NOTIFICATION: &str = include_str!("../../../events/examples/foreign/s3-notification.json");
const SCHEDULE: &str = include_str!("../../../events/examples/foreign/scheduler.json");

fn requested(campaign: &str) -> Value {
    let body = CampaignRequested { campaign: campaign.parse().unwrap(), request: 1 };
    let event = Event::new(EventBody::CampaignRequested(body), at(0));
    json!({"source": "assay", "detail-type": "campaign.requested.v1", "detail": event})
}

fn message(id: &str, receipts: u32, body: impl ToString) -> Value {
    json!({"messageId": id, "receiptHandle": format!("receipt of {id}"), "body": body.to_string(),
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:assay-trial-track-progress",
        "attributes": {"ApproximateReceiveCount": receipts.to_string()}})
}

struct Scene {
    _folder: tempfile::TempDir,
    ledger: Arc<SqliteLedger>,
    bus: Arc<SqliteBus>,
    handled: RefCell<Vec<String>>,
    counts: RefCell<Counts>,
    later: Later,
    /// What SQS was asked, by the name of the call.
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

/// An SQS that knows one queue and notes what it is asked.
async fn queue(asked: Arc<Mutex<Vec<(String, Value)>>>) -> String {
    let answer = async move |headers: HeaderMap, body: String| {
        let call = headers["x-amz-target"].to_str().unwrap().replace("AmazonSQS.", "");
        asked.lock().unwrap().push((call, serde_json::from_str(&body).unwrap()));
        let asked: Value = serde_json::from_str(&body).unwrap();
        let url = format!("https://sqs.example/{}", asked["QueueName"].as_str().unwrap_or_default());
        json!({"QueueUrl": url, "Successful": [], "Failed": []}).to_string()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    url
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap();
        let record = CampaignRecord {
            id: "broken".parse().unwrap(),
            name: "broken".to_owned(),
            state: CampaignState::Requested,
            request: 1,
            feasible: 0,
            infeasible: 0,
            message: None,
            created_at: at(0),
            updated_at: at(0),
            end_is_untold: false,
        };
        ledger.create_campaign(&record).await.unwrap();
        let bus = Arc::new(SqliteBus::of(&ledger));
        let ledger = Arc::new(ledger);
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let later = Later::of(Aws::emulator(&queue(asked.clone()).await).await);
        let (handled, counts) = (RefCell::default(), RefCell::default());
        Self { _folder: folder, ledger, bus, handled, counts, later, asked }
    }

    /// Calls a function that handles requests, and cannot handle those of the campaign `broken`.
    async fn call(&self, payload: Value) -> Result<Value, Failure> {
        let handle = async |told: &Told| match told {
            Told::Event(event) if event.campaign().as_str() == "broken" => {
                let (place, detail) = ("the ledger".to_owned(), "no answer in time".to_owned());
                Err(StoreError::Unavailable { place, detail }.into())
            }
            Told::Event(event) => {
                self.handled.borrow_mut().push(event.campaign().to_string());
                Ok(())
            }
            _ => Err(Failure::for_another(told)),
        };
        let mut counts = Counts::default();
        let (ledger, bus): (Arc<dyn Ledger>, Arc<dyn Bus>) = (self.ledger.clone(), self.bus.clone());
        let campaigns = Campaigns::of(&ledger, &bus);
        let answer = answer(&payload, Some(&campaigns), &self.later, &handle, &mut counts).await;
        self.counts.replace(counts);
        answer
    }

    /// Why the campaign `broken` is told to have failed.
    async fn told(&self) -> Option<String> {
        match self.bus.waiting(None).await.unwrap()?.body {
            EventBody::CampaignFailed(failed) => Some(failed.reason),
            other => panic!("{other:?}"),
        }
    }

    async fn broken(&self) -> CampaignRecord {
        self.ledger.campaign(&"broken".parse().unwrap()).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn of_a_batch_only_what_failed_comes_again() {
    let scene = Scene::new().await;
    let answer = scene
        .call(json!({"Records": [
            message("m1", 1, requested("first")),
            message("m2", 1, requested("broken")),
            message("m3", 1, "nonsense"),
            message("m4", MAX_DELIVERIES, SCHEDULE),
            message("m5", 2, requested("second")),
        ]}))
        .await
        .unwrap();
    let failed = ["m2", "m3", "m4"].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(answer, json!({"batchItemFailures": failed}));
    assert_eq!(scene.handled.take(), ["first", "second"]);
    assert_eq!(scene.counts.take(), Counts { handled: 2, failed: 3, given_up: 0 });
    assert_eq!(scene.broken().await.state, CampaignState::Requested);
}

#[tokio::test]
async fn what_failed_is_put_off_for_longer_each_time() {
    let scene = Scene::new().await;
    let batch = json!({"Records": [
        message("m1", 1, requested("first")),
        message("m2", 1, requested("broken")),
        message("m3", 3, "nonsense"),
    ]});
    for _ in 0..2 {
        scene.call(batch.clone()).await.unwrap();
    }
    let asked = std::mem::take(&mut *scene.asked.lock().unwrap());
    let calls: Vec<&str> = asked.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(calls, ["GetQueueUrl", "ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatch"]);
    assert_eq!(asked[0].1["QueueName"], "assay-trial-track-progress");
    let put_off: Vec<_> = asked[1].1["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["ReceiptHandle"].as_str().unwrap(), entry["VisibilityTimeout"].as_u64().unwrap()))
        .collect();
    assert_eq!(put_off, [("receipt of m2", 120), ("receipt of m3", 480)], "seconds");
    // A function may be told by several queues.
    let name = "assay-trial-track-progress";
    let other = batch.to_string().replace(name, "assay-trial-track-progress-alone");
    for batch in [serde_json::from_str(&other).unwrap(), batch] {
        scene.call(batch).await.unwrap();
    }
    let asked = std::mem::take(&mut *scene.asked.lock().unwrap());
    let urls: Vec<_> = asked.iter().filter_map(|(_, asked)| asked["QueueUrl"].as_str()).collect();
    assert_eq!(urls, [format!("https://sqs.example/{name}-alone"), format!("https://sqs.example/{name}")]);
    // A batch that was handled asks nothing.
    scene.call(json!({"Records": [message("m1", 1, requested("first"))]})).await.unwrap();
    assert!(scene.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_handled_is_given_up_and_its_campaign_says_so() {
    let scene = Scene::new().await;
    let batch = |receipts| json!({"Records": [message("m", receipts, requested("broken"))]});
    let before = scene.call(batch(MAX_DELIVERIES - 1)).await.unwrap();
    assert_eq!(
        (before["batchItemFailures"].as_array().unwrap().len(), scene.broken().await.message),
        (1, None)
    );
    assert_eq!(scene.told().await, None);
    let answer = scene.call(batch(MAX_DELIVERIES)).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(scene.counts.take(), Counts { handled: 0, failed: 0, given_up: 1 });
    let broken = scene.broken().await;
    assert_eq!(broken.state, CampaignState::Failed);
    assert!(broken.message.as_ref().unwrap().starts_with("the ledger cannot be reached"), "{broken:?}");
    assert_eq!(scene.told().await, broken.message);
}

#[tokio::test]
async fn nobody_is_told_again_and_again_that_nobody_can_be_told() {
    let scene = Scene::new().await;
    let body = CampaignFailed { campaign: "broken".parse().unwrap(), request: 1, reason: "so".to_owned() };
    let event = Event::new(EventBody::CampaignFailed(body), at(0));
    let told = json!({"source": "assay", "detail-type": "campaign.failed.v1", "detail": event});
    let answer = scene.call(json!({"Records": [message("m", MAX_DELIVERIES, told)]})).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(scene.counts.take(), Counts { handled: 0, failed: 0, given_up: 1 });
    assert_eq!((scene.broken().await.state, scene.told().await), (CampaignState::Requested, None));
}

#[tokio::test]
async fn an_event_without_a_queue_fails_with_a_kind_that_stays() {
    let scene = Scene::new().await;
    assert_eq!(scene.call(requested("first")).await.unwrap(), Value::Null);
    assert_eq!(scene.handled.take(), ["first"]);
    assert_eq!(scene.call(requested("broken")).await.unwrap_err().kind(), "StoreUnavailable");
    assert_eq!(scene.call(json!({"any": "thing"})).await.unwrap_err().kind(), "Unreadable");
    let told = scene.call(serde_json::from_str(S3_NOTIFICATION).unwrap()).await.unwrap_err();
    assert_eq!(told.kind(), "ForAnother");
    assert!(told.to_string().contains("specs/nightly+h100"), "{told}");
}

#[tokio::test]
async fn the_notes_beside_uploads_are_passed_over() {
    let scene = Scene::new().await;
    let noted = S3_NOTIFICATION.replace(".yaml", ".yaml.note.json");
    assert_eq!(scene.call(serde_json::from_str(&noted).unwrap()).await.unwrap(), Value::Null);
    let batch = json!({"Records": [message("m", 1, noted)]});
    assert_eq!(scene.call(batch).await.unwrap(), json!({"batchItemFailures": []}));
}
