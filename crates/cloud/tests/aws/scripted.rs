//! Answers that no emulator gives: throttling, transactions that are cancelled for each of their reasons, refusals.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use cloud::aws::{Aws, EMULATOR_SECRET};
use cloud::batch::{BatchConfig, BatchDispatcher, Capacity, Home};
use cloud::dynamodb::DynamoLedger;
use domain::{BatchId, CampaignId, ConfigId, RunId};
use store::{Dispatcher, Job, Ledger, StoreError};
use testkit::fixtures::at;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn scripted(answers: impl Into<Vec<(u16, &'static str)>>) -> (DynamoLedger, Arc<AtomicUsize>) {
    let (aws, calls) = scripted_aws(answers).await;
    (DynamoLedger::new(&aws, "ledger"), calls)
}

/// A server that answers the calls it gets in turn, the last answer to all that follow; it counts them.
async fn scripted_aws(answers: impl Into<Vec<(u16, &'static str)>>) -> (Aws, Arc<AtomicUsize>) {
    let answers = answers.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            answer(stream, answers[call.min(answers.len() - 1)]).await;
        }
    });
    (Aws::emulator(&url).await, calls)
}

async fn answer(mut stream: TcpStream, (status, body): (u16, &str)) {
    let mut request = Vec::new();
    let whole = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).to_lowercase();
        let (head, sent) = text.split_once("\r\n\r\n")?;
        let length: usize = head.split_once("content-length: ")?.1.lines().next()?.parse().ok()?;
        (sent.len() >= length).then_some(())
    };
    while whole(&request).is_none() && stream.read_buf(&mut request).await.unwrap() > 0 {}
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
}

fn batch() -> BatchId {
    BatchId::new(&campaign(), 0)
}

fn campaign() -> CampaignId {
    "demo".parse().unwrap()
}

fn run() -> RunId {
    let config: ConfigId = "00ff".parse().unwrap();
    RunId::new(&campaign(), &config, 1)
}

const THROTTLED: (u16, &str) = (
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow"}"#,
);
const DONE: (u16, &str) = (200, "{}");

macro_rules! cancelled {
    ($reasons:literal) => {
        (
            400,
            concat!(
                r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":"#,
                $reasons,
                r#","Message":"cancelled"}"#
            ),
        )
    };
}

#[tokio::test]
async fn what_is_throttled_is_asked_again_and_told_when_it_does_not_end() {
    let (ledger, calls) = scripted([THROTTLED, THROTTLED, DONE]).await;
    assert_eq!(ledger.campaign(&campaign()).await.unwrap(), None);
    assert_eq!(calls.load(Ordering::SeqCst), 3);

    let (ledger, calls) = scripted([THROTTLED]).await;
    let error = ledger.campaign(&campaign()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_cancelled_transaction_is_told_by_its_reason() {
    let begin = async |ledger: &DynamoLedger| ledger.begin_trial(&batch(), 1, &run(), at(0)).await;

    // Another transaction, or throttling: sent again.
    let conflict = cancelled!(r#"[{"Code":"TransactionConflict"},{"Code":"None"}]"#);
    let throttled = cancelled!(r#"[{"Code":"None"},{"Code":"ThrottlingError"}]"#);
    let answers = [conflict, throttled, DONE];
    let (ledger, calls) = scripted(answers).await;
    begin(&ledger).await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 3);

    // The fence, with the batch as it is and without one.
    let fenced =
        cancelled!(r#"[{"Code":"ConditionalCheckFailed","Item":{"attempt":{"N":"2"}}},{"Code":"None"}]"#);
    let (ledger, _) = scripted([fenced]).await;
    assert!(matches!(begin(&ledger).await, Err(StoreError::Fenced { attempt: 1, .. })));
    let absent = cancelled!(r#"[{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]"#);
    let (ledger, _) = scripted([absent]).await;
    assert!(matches!(begin(&ledger).await, Err(StoreError::Missing { .. })));

    // The start is there already.
    let there = cancelled!(r#"[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]"#);
    let (ledger, _) = scripted([there]).await;
    begin(&ledger).await.unwrap();

    // A bug of ours is not tried again.
    let invalid = cancelled!(r#"[{"Code":"None"},{"Code":"ValidationError","Message":"too large"}]"#);
    let (ledger, calls) = scripted([invalid]).await;
    let error = begin(&ledger).await.unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!((why.as_str(), calls.load(Ordering::SeqCst)), ("ValidationError: too large", 1));

    // One that never ends.
    let (ledger, calls) = scripted([conflict]).await;
    assert!(matches!(begin(&ledger).await, Err(StoreError::Unavailable { .. })));
    assert_eq!(calls.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn a_refusal_says_who_mends_it_and_quotes_no_signature() {
    let (ledger, _) = scripted([(
        400,
        r#"{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Authorization=AWS4-HMAC-SHA256 Signature=0f0f"}"#,
    )])
    .await;
    let claim = ledger.claim(&batch(), "me", at(0), TimeDelta::seconds(5)).await.unwrap_err();
    let message = claim.to_string();
    assert!(matches!(claim, StoreError::Refused { .. }) && message.contains("credentials"), "{message}");
    assert!(!message.contains("0f0f") && !format!("{claim:?}").contains(EMULATOR_SECRET), "{message}");

    let denied = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized to perform dynamodb:Query"}"#;
    let (ledger, _) = scripted([(400, denied)]).await;
    let message = ledger.campaigns().await.unwrap_err().to_string();
    assert!(message.contains("dynamodb:Query") && message.contains("policy"), "{message}");
}

#[tokio::test]
async fn a_denied_submission_is_told_from_one_that_failed() {
    let denied = r#"{"__type":"AccessDeniedException","message":"not authorized to perform batch:SubmitJob with an explicit deny"}"#;
    let (aws, _) = scripted_aws([(200, r#"{"jobSummaryList":[]}"#), (403, denied)]).await;
    let config = BatchConfig {
        home: Home::Ecs,
        definition: "runner".to_owned(),
        capacity: Capacity::OnDemand("on-demand".to_owned()),
        machines: Vec::new(),
        engines: Vec::new(),
        ledger_url: String::new(),
        objects_url: String::new(),
    };
    let job = Job { campaign: campaign(), batch: batch(), gpu_count: 0, place: None };
    let error = BatchDispatcher::new(&aws, config).submit(&job).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Denied { .. }) && error.to_string().contains("explicit deny"),
        "{error}"
    );
}
