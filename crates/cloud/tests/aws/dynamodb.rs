//! DynamoDB: the suites.

use chrono::TimeDelta;
use cloud::aws::Aws;
use cloud::dynamodb::DynamoLedger;
use domain::CampaignId;
use store::{Claim, Ledger, StoreError};
use testkit::conformance;
use testkit::fixtures::at;
use testkit::services::PrivateMinistack;

#[tokio::test(flavor = "multi_thread")]
async fn conformance() {
    let server = PrivateMinistack::start();
    // Two accounts' worth of connections, as two machines would have them.
    let one = DynamoLedger::new(&Aws::emulator(&server.url()).await, "assay-ledger");
    let other = DynamoLedger::new(&Aws::emulator(&server.url()).await, "assay-ledger");
    one.create_table().await.unwrap();
    conformance::ledger(&one).await;
    conformance::ledger_claims(&one, &other).await;
    conformance::ledger_workers(&one, &other, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_there_and_ids_that_are_no_batches_are_told() {
    let server = PrivateMinistack::start();
    let ledger = DynamoLedger::new(&Aws::emulator(&server.url()).await, "assay-ledger");
    let campaign: CampaignId = "demo".parse().unwrap();
    let error = ledger.campaign(&campaign).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    assert!(
        error.to_string().starts_with("the ledger in the DynamoDB table assay-ledger has no "),
        "{error}"
    );

    ledger.create_table().await.unwrap();
    assert_eq!(ledger.campaigns().await.unwrap(), []);
    let nobody = "no-batch".parse().unwrap();
    assert_eq!(ledger.batch(&nobody).await.unwrap(), None);
    let claim: Result<Claim, _> = ledger.claim(&nobody, "me", at(0), TimeDelta::seconds(5)).await;
    assert!(matches!(claim, Err(StoreError::Missing { .. })), "{claim:?}");
}
