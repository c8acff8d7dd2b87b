//! What happens without AWS: a bounded wait, an error that names the place, no secret, and a recovery by itself.

use std::time::{Duration, Instant};

use cloud::dynamodb::DynamoLedger;
use cloud::s3::S3Objects;
use domain::CampaignId;
use store::{Ledger, ObjectKey, Objects, StoreError};
use testkit::services::PrivateMinistack;

use cloud::aws::{Aws, EMULATOR_SECRET};

/// Longest that a call may take: its own bound, and a machine that is busy with other tests.
const BOUND: Duration = Duration::from_secs(25);

fn is_unavailable<T: std::fmt::Debug>(told: Result<T, StoreError>, place: &str) {
    let error = told.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let message = error.to_string();
    assert!(
        message.contains(place) && !message.contains(EMULATOR_SECRET) && !message.contains('\n'),
        "{message}"
    );
    assert!(!format!("{error:?}").contains(EMULATOR_SECRET), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_connections_and_comes_back() {
    let mut server = PrivateMinistack::start();
    let aws = Aws::emulator(&server.url()).await;
    let (ledger, objects) = (DynamoLedger::new(&aws, "ledger"), S3Objects::new(&aws, "results", ""));
    ledger.create_table().await.unwrap();
    let campaign: CampaignId = "demo".parse().unwrap();

    server.stop();
    let start = Instant::now();
    is_unavailable(ledger.campaign(&campaign).await, "DynamoDB table ledger");
    is_unavailable(objects.get(&ObjectKey::spec(&campaign)).await, "S3 bucket results");
    is_unavailable(objects.put_if_absent(&ObjectKey::spec(&campaign), b"x").await, "S3 bucket results");
    assert!(start.elapsed() < 3 * BOUND, "{:?}", start.elapsed());

    server.start_again();
    ledger.create_table().await.unwrap();
    assert_eq!(ledger.campaign(&campaign).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_accepts_and_never_answers() {
    let server = PrivateMinistack::start();
    let ledger = DynamoLedger::new(&Aws::emulator(&server.url()).await, "ledger");
    ledger.create_table().await.unwrap();
    let campaign: CampaignId = "demo".parse().unwrap();

    server.pause();
    let start = Instant::now();
    is_unavailable(ledger.campaign(&campaign).await, "DynamoDB table ledger");
    assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    server.resume();
    assert_eq!(ledger.campaign(&campaign).await.unwrap(), None);
}
