//! The **cold start** of each function: from the start of its process to its first answer, with the services of AWS
//! emulated. `make bench-functions` builds the programs as they are deployed and prints it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use catalog::{Published, Snapshot};
use cloud::aws::Aws;
use cloud::dynamodb::DynamoLedger;
use cloud::s3::S3Objects;
use domain::content_hash::hash_bytes;
use serde_json::json;
use store::{ObjectKey, Objects};
use testkit::services::{PrivateMinistack, PrivatePostgres};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::rows;

/// Starts of each.
const STARTS: usize = 15;

/// Longest that a start may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// glibc takes memory in huge pages and keeps it, from version 2.35 on: 90,000 rows touch fewer pages then.
const HUGE_PAGES: [(&str, &str); 3] = [
    ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1073741824"),
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_TOP_PAD_", "134217728"),
];

/// The folder with the programs, as `cargo lambda build` or `cargo build` leaves them.
const PROGRAMS: &str = "ASSAY_FUNCTIONS";

/// The Runtime API of Lambda, for one process at a time.
struct Runtime {
    address: String,
    answers: UnboundedReceiver<(Instant, String)>,
    events: Events,
}

/// The next event for the process, if there is one.
type Events = Arc<Mutex<Option<String>>>;

impl Runtime {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (told, answers) = unbounded_channel();
        let events = Events::default();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(answered))
            .with_state((events.clone(), told));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, answers, events }
    }

    /// How long a program takes to answer its first event, and what it answers.
    async fn cold_start(
        &mut self,
        program: &Path,
        variables: &[(&str, String)],
        event: &str,
    ) -> (Duration, String) {
        *self.events.lock().await = Some(event.to_owned());
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", &self.address)
            .envs([("AWS_LAMBDA_FUNCTION_NAME", "cold"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"), ("AWS_REGION", "us-east-1")])
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .stderr(Stdio::inherit());
        let start = Instant::now();
        let mut process = command.spawn().unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        process.kill().unwrap();
        process.wait().unwrap();
        let (at, answer) =
            answer.unwrap_or_else(|_| panic!("{} does not answer", program.display())).unwrap();
        (at - start, answer)
    }
}

async fn next(
    State((events, _)): State<(Events, UnboundedSender<(Instant, String)>)>,
) -> ([(&'static str, String); 3], String) {
    let Some(event) = events.lock().await.take() else { return std::future::pending().await };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", "32503680000000".to_owned()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:000000000000:function:cold".to_owned(),
        ),
    ];
    (headers, event)
}

async fn answered(State((_, told)): State<(Events, UnboundedSender<(Instant, String)>)>, body: String) {
    told.send((Instant::now(), body)).unwrap();
}

fn program(name: &str) -> PathBuf {
    let folder =
        std::env::var_os(PROGRAMS).unwrap_or_else(|| panic!("{PROGRAMS} names the folder with the programs"));
    let built = Path::new(&folder).join(name);
    let packed = built.join("bootstrap");
    if packed.exists() { packed } else { built }
}

fn http(path: &str) -> String {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": {},
        "requestContext": {"http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
            "userAgent": "none"}, "stage": "$default", "accountId": "000000000000", "apiId": "a", "requestId": "r",
            "domainName": "a", "domainPrefix": "a", "routeKey": "$default", "time": "t", "timeEpoch": 1},
        "isBase64Encoded": false,
    })
    .to_string()
}

/// Publishes 90,000 results, and says how large their file is.
async fn publish(aws: &Aws, store: String) -> usize {
    let objects = S3Objects::new(aws, "assay", "");
    let file = Snapshot::from_results(rows::many_shapes()).to_file().unwrap();
    objects.put(&ObjectKey::snapshot(), &file).await.unwrap();
    let published = Published { store, revision: 1, hash: hash_bytes(&file) };
    objects.put(&ObjectKey::published(), &serde_json::to_vec(&published).unwrap()).await.unwrap();
    file.len()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: make bench-functions"]
#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn cold_starts() {
    let emulator = PrivateMinistack::start();
    let postgres = PrivatePostgres::start();
    let store = postgres.database();
    store::open::migrate_results(&store, chrono::Utc::now().date_naive()).await.unwrap();
    let identity = store::open::open_results(&store).await.unwrap().identity().await.unwrap();
    let aws = Aws::emulator(&emulator.url()).await;
    emulator.create_bucket("assay");
    DynamoLedger::new(&aws, "assay").create_table().await.unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let variables = Mutex::new(vec![
        ("ASSAY_STORE", store),
        ("ASSAY_LEDGER", "dynamodb://assay".to_owned()),
        ("ASSAY_OBJECTS", "s3://assay".to_owned()),
        ("ASSAY_BUS", "eventbridge://assay".to_owned()),
        ("ASSAY_DISPATCHER", "batch://runner?spot=spot".to_owned()),
        ("ASSAY_ACCESS", "checked-before".to_owned()),
        ("ASSAY_LOG", "off".to_owned()),
        ("AWS_ENDPOINT_URL", emulator.url()),
        ("TMPDIR", temporary.path().display().to_string()),
    ]);
    let event = |type_and_detail: serde_json::Value| {
        let mut event = type_and_detail;
        event["id"] = json!("of-nobody");
        event["occurred_at"] = json!("2026-11-24T08:00:00Z");
        json!({"source": "assay", "detail-type": event["type"], "detail": event}).to_string()
    };
    let campaign = json!({"campaign": "absent", "request": 1, "feasible": 1, "infeasible": 0, "submitted": [], "over_budget": []});
    let about = |kind: &str| event(json!({"type": kind, "detail": campaign}));
    let upload =
        include_str!("../../events/examples/foreign/s3-notification.json").replace("assay-results", "assay");
    let schedule = include_str!("../../events/examples/foreign/scheduler.json");
    let mut runtime = Runtime::start().await;
    let mut measure = async |name: &str, asked: &str, event: &str, expected: &str, forget: bool| {
        let mut took = Vec::new();
        for start in 0..=STARTS {
            if forget {
                std::fs::read_dir(temporary.path())
                    .unwrap()
                    .for_each(|file| std::fs::remove_file(file.unwrap().path()).unwrap());
            }
            let (time, answer) = runtime.cold_start(&program(name), &variables.lock().await, event).await;
            assert!(answer.contains(expected), "{name}: {answer}");
            // The first start reads the program from the disk.
            if start > 0 {
                took.push(time.as_secs_f64() * 1000.0);
            }
        }
        took.sort_by(f64::total_cmp);
        println!("{name:<17} {asked:<52} {:6.1} {:6.1}", took[0], took[STARTS / 2]);
    };
    println!(
        "{:<17} {:<52} {:>6} {:>6}",
        "function", "first call, ms from the start of the process", "least", "median"
    );
    measure("trigger-campaign", "an upload that is not there: S3", &upload, "null", false).await;
    measure(
        "generate-matrix",
        "an unknown campaign: DynamoDB",
        &about("campaign.requested.v1"),
        "Missing",
        false,
    )
    .await;
    measure(
        "split-batches",
        "an unknown campaign: DynamoDB",
        &about("matrix.generated.v1"),
        "Missing",
        false,
    )
    .await;
    measure("track-progress", "an unknown campaign: DynamoDB", &about("batches.submitted.v1"), "null", false)
        .await;
    measure("publish-catalog", "nothing to publish: S3, PostgreSQL", schedule, "null", false).await;
    let import = upload.replace("specs/", "imports/");
    measure("ingest-results", "an upload that is not there: S3", &import, "null", false).await;
    measure("serve-api", "GET /healthz", &http("/healthz"), "ok", false).await;
    measure(
        "serve-api",
        "GET /v1/campaigns: DynamoDB",
        &http("/v1/campaigns"),
        "\\\"campaigns\\\":[]",
        false,
    )
    .await;
    let megabytes = publish(&aws, identity).await as f64 / 1e6;
    let asked = http("/v1/catalog");
    let fresh = format!("GET /v1/catalog, 90,000 rows ({megabytes:.1} MB): from S3");
    measure("serve-api", &fresh, &asked, "\\\"total\\\":90000", true).await;
    let rows = "\\\"total\\\":90000";
    measure("serve-api", "GET /v1/catalog, 90,000 rows: kept in /tmp", &asked, rows, false).await;
    for (name, value) in HUGE_PAGES {
        variables.lock().await.push((name, value.to_owned()));
    }
    measure("serve-api", "the same, with huge pages", &asked, rows, false).await;
}
