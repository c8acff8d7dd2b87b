//! Real runners as containers of an array job, on ECS and as pods on EKS, with their ledger and their objects on emulators
//! of AWS, and a host that goes in the middle of a batch.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod attached;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use attached::{batch, campaign};
use cloud::aws::Aws;
use cloud::batch::state_change::batch_ended;
use cloud::batch::{BatchConfig, BatchDispatcher, Capacity, Home};
use cloud::dynamodb::DynamoLedger;
use cloud::s3::S3Objects;
use events::{EventBody, JobOutcome};
use store::open::{STORE_VARIABLE, open_results};
use store::{Dispatcher, Job, Ledger, ObjectPrefix, Objects};
use testkit::services::{BatchFake, BatchFakeConfig, PrivateMinistack};

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn an_array_job_goes_on_where_a_reclaimed_host_left_it() {
    goes_on(Home::Ecs).await;
}

/// Its runners read the address of the results store from a secret, and nobody tells them that their node goes.
#[tokio::test(flavor = "multi_thread")]
async fn an_array_job_goes_on_where_a_lost_node_of_eks_left_it() {
    goes_on(Home::Eks).await;
}

async fn goes_on(home: Home) {
    let folder = tempfile::tempdir().unwrap();
    let results_url = format!("sqlite:{}", folder.path().join("results.db").display());
    let results = open_results(&results_url).await.unwrap();
    let services = PrivateMinistack::start();
    services.create_bucket("results");
    let aws = Aws::emulator(&services.url()).await;
    let ledger = DynamoLedger::new(&aws, "ledger");
    ledger.create_table().await.unwrap();
    let objects = S3Objects::new(&aws, "results", "team");
    let server = attached::server(20.0).await;
    attached::prepare(&ledger, &objects, &server.base_url(), 2).await;

    let store = match home {
        Home::Ecs => results_url.clone(),
        Home::Eks => {
            services.keep_secret("assay/store", &results_url);
            "aws-sm:assay/store".to_owned()
        }
    };
    let variables = [
        (STORE_VARIABLE, store.as_str()),
        // A host that is lost tells nobody, and its claim holds until it is over.
        ("ASSAY_LEASE_S", "5"),
        ("AWS_ENDPOINT_URL", &services.url()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let config = BatchFakeConfig {
        program: env!("CARGO_BIN_EXE_batch-runner").into(),
        environment: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        queues: vec!["spot".to_owned()],
        definitions: vec!["runner".to_owned()],
        hosts: 2,
        stop_timeout: Duration::from_secs(30),
        notice: Duration::ZERO,
    };
    let (batch_service, mut told) = match home {
        Home::Ecs => BatchFake::start(config).await,
        Home::Eks => BatchFake::start_on_eks(config).await,
    };
    let config = BatchConfig {
        home,
        definition: "runner".to_owned(),
        capacity: Capacity::Spot("spot".to_owned()),
        machines: Vec::new(),
        engines: Vec::new(),
        ledger_url: "dynamodb://ledger".to_owned(),
        objects_url: "s3://results/team".to_owned(),
    };
    let dispatcher = BatchDispatcher::new(&Aws::emulator(&batch_service.url()).await, config);
    let job = |index| Job { campaign: campaign(), batch: batch(index), gpu_count: 1, place: None };
    dispatcher.submit_all(&[job(0), job(1)]).await.unwrap();

    // The host of the first batch goes when the first of its two trials has an outcome.
    let child = format!("{}:0", batch_service.job_ids()[0]);
    let start = Instant::now();
    while ledger.checkpoints(&batch(0)).await.unwrap().is_empty() {
        assert!(start.elapsed() < PATIENCE, "{}", batch_service.log(&child));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    match home {
        Home::Ecs => batch_service.reclaim_host(&child),
        Home::Eks => batch_service.lose_host(&child),
    }

    let mut ended = BTreeSet::new();
    while ended.len() < 2 {
        let event = tokio::time::timeout(PATIENCE, told.recv()).await.unwrap().unwrap();
        if let Some(EventBody::BatchEnded(end)) = batch_ended(&event.to_string()).unwrap().map(|e| e.body) {
            assert_eq!(end.outcome, JobOutcome::Finished, "{}", batch_service.log(&child));
            ended.insert(end.batch);
        }
    }
    let attempts = match home {
        Home::Ecs => "attempts",
        Home::Eks => "eksAttempts",
    };
    assert_eq!(batch_service.job(&child)[attempts].as_array().unwrap().len(), 2);
    let attempts = ledger.batches(&campaign()).await.unwrap().iter().map(|b| b.attempt).collect::<Vec<_>>();
    assert_eq!(attempts, [2, 1]);
    for index in 0..2 {
        assert_eq!(ledger.checkpoints(&batch(index)).await.unwrap().len(), 2);
    }
    let stored = results.of_campaign(&campaign()).await.unwrap();
    assert_eq!(stored.len(), 4, "each trial once");
    let raw = objects.list(&ObjectPrefix::raw_records(&campaign())).await.unwrap();
    assert_eq!(raw.len(), 4);
}
