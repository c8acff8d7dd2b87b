//! A **deployment** of the functions on emulators of AWS: the real programs under the Lambda of ministack, told by S3,
//! EventBridge and SQS, jobs of our fake of AWS Batch that are real runners, and a PostgreSQL.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cloud::aws::Aws;
use cloud::dynamodb::DynamoLedger;
use cloud::event_bridge::{Subscription, subscribe};
use cloud::sns::create_topic;
use serde_json::{Value, json};
use testkit::services::{BatchFake, BatchFakeConfig, PrivateMinistack, PrivatePostgres};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::calls::Calls;

/// What listens to events: the function, and the types.
const LISTENERS: [(&str, &[&str]); 4] = [
    ("generate-matrix", &["campaign.requested.v1"]),
    ("split-batches", &["matrix.generated.v1"]),
    ("track-progress", &["batches.submitted.v1", "campaign.held.v1", "campaign.unsettled.v1"]),
    ("publish-catalog", &["campaign.completed.v1", "campaign.failed.v1"]),
];

/// What listens to uploads: the function, and the folder.
const UPLOADS: [(&str, &str); 2] = [("trigger-campaign", "specs/"), ("ingest-results", "imports/")];

const ACCOUNT: &str = "000000000000";
const BUCKET: &str = "assay";
const PREFIX: &str = "team";
/// The secret with the address of the results store.
const STORE: &str = "assay/store";

/// The functions that queues tell, those of uploads among them.
pub fn told() -> impl Iterator<Item = &'static str> {
    LISTENERS.map(|(name, _)| name).into_iter().chain(UPLOADS.map(|(name, _)| name))
}

/// The ARN of a queue that is there.
pub fn queue() -> String {
    format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{}", LISTENERS[0].0)
}

/// Everything that runs.
pub struct Deployment {
    emulator: PrivateMinistack,
    batch: BatchFake,
    _postgres: PrivatePostgres,
    /// What the programs call at AWS.
    pub calls: Calls,
    /// The address of the HTTP API.
    pub api: String,
}

impl Deployment {
    /// Deploys the functions whose programs are in a folder.
    pub async fn start(programs: &Path) -> Self {
        let emulator = PrivateMinistack::start();
        let postgres = PrivatePostgres::start();
        let store = postgres.database();
        store::open::migrate_results(&store, chrono::Utc::now().date_naive()).await.unwrap();
        let aws = Aws::emulator(&emulator.url()).await;
        emulator.create_bucket(BUCKET);
        let calls = Calls::default();
        let of_runner = calls.recorded("batch-runner", &emulator.url()).await;
        DynamoLedger::new(&aws, "assay").create_table().await.unwrap();
        let topic = create_topic(&aws, "people").await.unwrap();
        let (batch, ended) = BatchFake::start(BatchFakeConfig {
            program: program(programs, "batch-runner"),
            environment: [
                ("ASSAY_STORE", store.as_str()),
                ("AWS_ENDPOINT_URL", &of_runner),
                ("ASSAY_LEASE_S", "2"),
            ]
            .into_iter()
            .chain(CREDENTIALS)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
            queues: vec!["spot".to_owned()],
            definitions: vec!["runner".to_owned()],
            hosts: 1,
            stop_timeout: Duration::from_secs(5),
            notice: Duration::from_secs(5),
        })
        .await;
        let mut deployment = Self { emulator, batch, _postgres: postgres, calls, api: String::new() };
        deployment.keep_secret(STORE, &store);
        deployment.create_functions(programs, &topic).await;
        for (queue, detail_types) in LISTENERS {
            let visibility = Duration::from_secs(30);
            let subscription =
                Subscription { bus: "assay", queue, detail_types, visibility, max_receipts: 5 };
            subscribe(&aws, &subscription).await.unwrap();
            deployment.create_mapping(queue);
        }
        deployment.tell_batch_states(ended);
        deployment.tell_uploads();
        deployment.create_api();
        deployment
    }

    /// Puts an object where people put theirs.
    pub fn upload(&self, key: &str, content: &str) {
        self.put(&format!("{PREFIX}/{key}"), content);
    }

    /// Puts an object where nobody is told of it.
    pub fn put(&self, key: &str, content: &str) {
        self.aws("PUT", &format!("/{BUCKET}/{key}"), &[], content.as_bytes());
    }

    /// An object, once it is there.
    pub async fn object(&self, key: &str) -> Value {
        self.until(key, || {
            let url = format!("{}/{BUCKET}/{PREFIX}/{key}", self.emulator.url());
            let (status, body) = call("GET", &url, &[], &[]);
            (status == 200).then(|| serde_json::from_slice(&body).unwrap())
        })
        .await
    }

    /// Calls a function as Lambda would be asked to, and returns its answer.
    pub fn invoke(&self, function: &str, payload: &str) -> Value {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.aws("POST", &path, &[], payload.as_bytes())
    }

    /// Puts a secret where programs look it up by its name.
    pub fn keep_secret(&self, name: &str, text: &str) {
        self.emulator.keep_secret(name, text);
    }

    /// Kills the runners that run, as the kernel does when it is out of memory.
    pub fn kill_runners(&self) {
        for job in self.batch.job_ids() {
            if self.batch.job(&job)["status"] == "RUNNING" {
                self.batch.kill_process(&job);
            }
        }
    }

    /// Asks until there is an answer.
    pub async fn until<T>(&self, what: &str, ask: impl Fn() -> Option<T>) -> T {
        let start = std::time::Instant::now();
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            assert!(start.elapsed() < Duration::from_secs(100), "no {what}:\n{}", self.logs());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What functions and runners wrote, for whoever has to find out what went wrong.
    fn logs(&self) -> String {
        let mut logs = String::new();
        for function in told().chain(["serve-api"]) {
            let asked = json!({"logGroupName": format!("/aws/lambda/{function}")}).to_string();
            let target = [("x-amz-target", "Logs_20140328.FilterLogEvents"), JSON_1_1];
            let (_, told) = call("POST", &self.emulator.url(), &target, asked.as_bytes());
            let told: Value = serde_json::from_slice(&told).unwrap_or_default();
            for event in told["events"].as_array().into_iter().flatten() {
                logs +=
                    &format!("{function}: {}\n", event["message"].as_str().unwrap_or_default().trim_end());
            }
        }
        let jobs = self.batch.job_ids();
        logs + &jobs
            .iter()
            .map(|job| format!("{}{}\n", self.batch.job(job), self.batch.log(job)))
            .collect::<String>()
    }

    async fn create_functions(&self, programs: &Path, topic: &str) {
        let mut variables = json!({
            "ASSAY_STORE": format!("aws-sm:{STORE}"),
            "ASSAY_NOTIFY": format!("sns:{topic}"),
            "ASSAY_LEDGER": "dynamodb://assay",
            "ASSAY_OBJECTS": format!("s3://{BUCKET}/{PREFIX}"),
            "ASSAY_BUS": "eventbridge://assay",
            "ASSAY_DISPATCHER": "batch://runner?spot=spot",
            "ASSAY_ACCESS": "checked-before",
            "ASSAY_LOG": "info",
        });
        for function in told().chain(["serve-api"]) {
            variables["AWS_ENDPOINT_URL"] = self.calls.recorded(function, &self.emulator.url()).await.into();
            variables["AWS_ENDPOINT_URL_BATCH"] =
                self.calls.recorded(function, &self.batch.url()).await.into();
            let asked = json!({
                "FunctionName": function, "Runtime": "provided.al2023", "Handler": "bootstrap",
                "Role": format!("arn:aws:iam::{ACCOUNT}:role/{function}"), "Timeout": 30, "MemorySize": 512,
                "Code": {"ZipFile": bootstrap(&program(programs, function))}, "Environment": {"Variables": variables},
            });
            self.aws("POST", "/2015-03-31/functions", &[], asked.to_string().as_bytes());
        }
    }

    fn create_mapping(&self, function: &str) {
        let asked = json!({
            "EventSourceArn": format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{function}"), "FunctionName": function,
            "BatchSize": 10, "FunctionResponseTypes": ["ReportBatchItemFailures"],
        });
        self.aws("POST", "/2015-03-31/event-source-mappings", &[], asked.to_string().as_bytes());
    }

    /// What the rule on the default bus does: nobody but AWS may publish in the name of Batch.
    fn tell_batch_states(&self, mut states: UnboundedReceiver<Value>) {
        let url = self.emulator.url();
        let queue = format!("{url}/{ACCOUNT}/track-progress");
        tokio::spawn(async move {
            while let Some(state) = states.recv().await {
                let ended = matches!(state["detail"]["status"].as_str(), Some("SUCCEEDED" | "FAILED"));
                if ended {
                    let message = json!({"QueueUrl": queue, "MessageBody": state.to_string()}).to_string();
                    let target = [("x-amz-target", "AmazonSQS.SendMessage"), JSON_1_0];
                    let (status, _) = call("POST", &url, &target, message.as_bytes());
                    assert_eq!(status, 200, "the state of a job is told");
                }
            }
        });
    }

    fn tell_uploads(&self) {
        let told = UPLOADS.map(|(function, folder)| {
            format!(
                "<CloudFunctionConfiguration><Id>{function}</Id>\
                 <CloudFunction>arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}</CloudFunction>\
                 <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name>\
                 <Value>{PREFIX}/{folder}</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"
            )
        });
        let asked = format!("<NotificationConfiguration>{}</NotificationConfiguration>", told.concat());
        self.aws("PUT", &format!("/{BUCKET}?notification"), &[], asked.as_bytes());
    }

    fn create_api(&mut self) {
        let asked = json!({"name": "assay", "protocolType": "HTTP"}).to_string();
        let api = self.aws("POST", "/v2/apis", &[], asked.as_bytes());
        let api = api["apiId"].as_str().unwrap();
        let function = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:serve-api");
        let asked = json!({"integrationType": "AWS_PROXY", "integrationUri": function, "payloadFormatVersion": "2.0"});
        let integration =
            self.aws("POST", &format!("/v2/apis/{api}/integrations"), &[], asked.to_string().as_bytes());
        let integration = integration["integrationId"].as_str().unwrap();
        let route = json!({"routeKey": "$default", "target": format!("integrations/{integration}")});
        self.aws("POST", &format!("/v2/apis/{api}/routes"), &[], route.to_string().as_bytes());
        let stage = json!({"stageName": "$default", "autoDeploy": true});
        self.aws("POST", &format!("/v2/apis/{api}/stages"), &[], stage.to_string().as_bytes());
        self.api = format!("{}/_aws/execute-api/{api}/$default", self.emulator.url());
    }

    /// Calls the emulator, which must do what it is asked to.
    fn aws(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
        let (status, answer) = call(method, &format!("{}{path}", self.emulator.url()), headers, body);
        assert!(status < 300, "{method} {path}: {status} {}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap_or_default()
    }
}

const JSON_1_0: (&str, &str) = ("content-type", "application/x-amz-json-1.0");
const JSON_1_1: (&str, &str) = ("content-type", "application/x-amz-json-1.1");
pub const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "us-east-1")];

/// One call over HTTP: the status and the body.
pub fn call(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Vec<u8>) {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.run(request.body(body).unwrap()).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
}

/// A program that was built beside this test.
fn program(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    assert!(path.exists(), "{} is missing; build it: cargo build --workspace --bins", path.display());
    path
}

/// A package for Lambda, in Base64, whose bootstrap becomes a program that stays where it is: one with all that a debugger
/// needs is larger than what Lambda takes.
fn bootstrap(program: &Path) -> String {
    const ZIP: &str = "import base64, io, sys, zipfile\n\
        packed = io.BytesIO()\n\
        with zipfile.ZipFile(packed, 'w') as zip: zip.writestr('bootstrap', sys.stdin.read())\n\
        print(base64.b64encode(packed.getvalue()).decode())";
    let mut zip = Command::new("python3");
    let mut zip = zip.args(["-c", ZIP]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    write!(zip.stdin.take().unwrap(), "#!/bin/sh\nexec '{}'\n", program.display()).unwrap();
    String::from_utf8(zip.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
}
