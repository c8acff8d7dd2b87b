//! Hosted models: jobs against services that follow a script, in the providers' own format.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use batch_runner::api_key::ApiKey;
use batch_runner::engine::{EngineError, Server, ServerSource};
use batch_runner::host_facts::HostFacts;
use batch_runner::hosted::{KeyError, Keys, RunnerKeys};
use batch_runner::job::measure::LoadGenerator;
use batch_runner::job::{Assignment, Context, JobError, LastWords, execute};
use batch_runner::sampling::{GpuProbe, GpuReading};
use chrono::{TimeDelta, Utc};
use domain::result::{FailureReason, Flag};
use domain::{
    Arrival, BatchId, BatchManifest, BenchmarkResult, CampaignId, Configuration, Hosted, HostedEndpoint,
    HostedPlan, KeySource, LaunchPlan, Load, PriceKind, Provenance, Provider, RequestSlo, TokenPrice,
    TokenRate, TrialPlan, Workload,
};
use store::directory::DirectoryObjects;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Ledger, ObjectKey, Objects, ResultStore,
    TrialOutcome,
};
use testkit::fixtures;
use testkit::scripted_engine::script::{event, head, pause, text, whole};
use testkit::scripted_engine::{ScriptedEngine, Step, serve_asked};
use tokio_util::sync::CancellationToken;

/// What no file may hold.
const KEY: &str = "sk-proj-s3cret-0123456789";

/// No engine is started for a hosted model.
struct NoServers;

#[async_trait]
impl ServerSource for NoServers {
    async fn open(&self, _: &LaunchPlan, _: &CancellationToken) -> Result<Box<dyn Server>, EngineError> {
        panic!("an engine was started")
    }
}

struct NoGpus;

#[async_trait]
impl GpuProbe for NoGpus {
    async fn read(&self, _: &[String]) -> Result<Vec<GpuReading>, String> {
        panic!("GPUs were looked at")
    }
}

struct TheKey;

#[async_trait]
impl Keys for TheKey {
    async fn key(&self, _: &KeySource) -> Result<ApiKey, KeyError> {
        Ok(ApiKey::new(KEY).unwrap())
    }
}

struct Case {
    context: Context,
    manifest: BatchManifest,
    results: Arc<SqliteResults>,
    ledger: Arc<SqliteLedger>,
    lines: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

fn trial(provider: Provider, load: Load) -> TrialPlan {
    let model = "the-model".parse().unwrap();
    let n = |n| NonZeroU32::new(n).unwrap();
    let template = fixtures::configuration(1).workload;
    let workload = Workload { input_tokens: n(40), output_tokens: n(3), load, ..template };
    let configuration = Configuration { serving: Hosted { model, provider }.into(), workload };
    let (config_id, workload) = (configuration.id(), configuration.workload);
    TrialPlan { config_id, workload, trial: 1, requests: n(8), warm_up: 0, seed: 7 }
}

fn closed(concurrency: u32) -> Load {
    Load::ClosedLoop { concurrency: NonZeroU32::new(concurrency).unwrap() }
}

impl Case {
    async fn new(service: &ScriptedEngine, provider: Provider, loads: Vec<Load>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap());
        let results = Arc::new(SqliteResults::open(folder.path().join("results.db")).await.unwrap());
        let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
        let campaign: CampaignId = "demo".parse().unwrap();
        let usd_per_mtok = TokenPrice { input: 2.0, cached_input: Some(1.0), output: 10.0 };
        let manifest = BatchManifest {
            schema_version: 1,
            batch: BatchId::new(&campaign, 0),
            campaign,
            slo: RequestSlo::default(),
            fidelity: None,
            tasks: None,
            launches: vec![],
            hosted: vec![HostedPlan {
                hosted: Hosted { model: "the-model".parse().unwrap(), provider },
                endpoint: HostedEndpoint {
                    url: service.base_url().to_owned(),
                    key: KeySource::Variable("ASSAY_TEST_NO_SUCH_KEY".to_owned()),
                    served_model: None,
                },
                rate: TokenRate { usd_per_mtok, listed: None },
                trials: loads.into_iter().map(|load| trial(provider, load)).collect(),
            }],
        };
        let bytes = serde_json::to_vec(&manifest).unwrap();
        objects.put(&ObjectKey::manifest(&manifest.campaign, &manifest.batch), &bytes).await.unwrap();
        let record = CampaignRecord {
            state: CampaignState::Running,
            feasible: 1,
            ..fixtures::campaign_record(manifest.campaign.as_str())
        };
        ledger.create_campaign(&record).await.unwrap();
        let batch =
            BatchRecord { state: BatchState::Submitted, ..fixtures::batch_record(&manifest.campaign, 0) };
        ledger.add_batches(&[batch]).await.unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let told = lines.clone();
        let context = Context {
            results: results.clone(),
            ledger: ledger.clone(),
            objects,
            servers: Arc::new(NoServers),
            keys: Arc::new(TheKey),
            harness: batch_runner::harness::Harness { guard: std::path::PathBuf::new() },
            load: Arc::new(LoadGenerator { ceiling: None }),
            gpus: Arc::new(NoGpus),
            telemetry: results.clone(),
            host: HostFacts { cpu_model: None, cpu_count: 2, gpus: vec![], image_digest: None },
            capacity: PriceKind::Spot,
            drain: CancellationToken::new(),
            clock: Arc::new(Utc::now),
            pause: Arc::new(|_| Box::pin(std::future::ready(()))),
            meter: Arc::default(),
            progress: Arc::new(move |line| told.lock().unwrap().push(line.to_owned())),
        };
        Self { context, manifest, results, ledger, lines, folder }
    }

    async fn play(&self) -> Result<(), JobError> {
        let assignment = Assignment {
            campaign: self.manifest.campaign.clone(),
            batch: self.manifest.batch.clone(),
            holder: "us".to_owned(),
            lease: TimeDelta::seconds(30),
            last_words: LastWords::default(),
        };
        let played = execute(&self.context, &assignment, &CancellationToken::new()).await;
        let said = format!("{:?} {:?}", self.lines.lock().unwrap(), played);
        assert!(!said.contains(KEY), "{said}");
        self.nothing_that_was_written_holds_the_key();
        played
    }

    fn nothing_that_was_written_holds_the_key(&self) {
        fn look(folder: &Path) -> u32 {
            let mut files = 0;
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    files += look(&entry);
                    continue;
                }
                let mut bytes = std::fs::read(&entry).unwrap();
                if let Ok(unpacked) = zstd::decode_all(&bytes[..]) {
                    bytes = unpacked;
                }
                assert!(!bytes.windows(KEY.len()).any(|w| w == KEY.as_bytes()), "{}", entry.display());
                files += 1;
            }
            files
        }
        assert!(look(self.folder.path()) > 2);
    }

    async fn stored(&self) -> Vec<BenchmarkResult> {
        self.results.of_campaign(&self.manifest.campaign).await.unwrap()
    }

    /// Reasons of failures, in no order.
    async fn failures(&self) -> Vec<String> {
        let checkpoints = self.ledger.checkpoints(&self.manifest.batch).await.unwrap();
        let reason = |outcome: TrialOutcome| match outcome {
            TrialOutcome::Stored => None,
            TrialOutcome::Failed { reason } => Some(reason),
        };
        checkpoints.into_values().filter_map(|checkpoint| reason(checkpoint.outcome)).collect()
    }
}

/// OpenAI's stream: a chunk with the role, text, the end, and usage of which a cache answered ten tokens.
fn openai() -> Vec<Step> {
    let usage = r#"{"prompt_tokens":40,"completion_tokens":3,"total_tokens":43,"prompt_tokens_details":{"cached_tokens":10,"audio_tokens":0}}"#;
    let end = r#"{"id":"c","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{},"finish_reason":"length"}],"usage":null}"#;
    let last = format!(r#"{{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{usage}}}"#);
    vec![
        head(),
        text("Once"),
        pause(2),
        text(" upon"),
        pause(2),
        text(" a"),
        event(end),
        event(&last),
        event("[DONE]"),
        Step::End,
    ]
}

/// Anthropic's stream, a ping in it.
fn anthropic(then: &[&str]) -> Vec<Step> {
    let begin = [
        r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5-20250929","stop_reason":null,"usage":{"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Once"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" upon a"}}"#,
    ];
    let named = |data: &&str| {
        let kind =
            serde_json::from_str::<serde_json::Value>(data).unwrap()["type"].as_str().unwrap().to_owned();
        Step::Data(format!("event: {kind}\ndata: {data}\n\n").into_bytes())
    };
    let mut steps = vec![head()];
    steps.extend(begin.iter().chain(then).map(named));
    steps.push(Step::End);
    steps
}

fn whole_answer() -> Vec<Step> {
    anthropic(&[
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":3}}"#,
        r#"{"type":"message_stop"}"#,
    ])
}

/// An answer to a question with OpenAI's headers.
fn answer(headers: Vec<(&'static str, &'static str)>) -> Vec<Step> {
    let body = r#"{"id":"c","model":"gpt-4o-2024-08-06","system_fingerprint":"fp_44709d6fcb","choices":[{"message":{"content":"yes"}}],"usage":{"prompt_tokens":10,"completion_tokens":2}}"#;
    vec![Step::Head(200, headers), Step::Data(body.as_bytes().to_vec()), Step::End]
}

fn limits(requests_left: &'static str, reset: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("content-type", "application/json"),
        ("x-ratelimit-limit-requests", "600"),
        ("x-ratelimit-remaining-requests", requests_left),
        ("x-ratelimit-reset-requests", reset),
    ]
}

/// The first question of a run has an answer with headers; the others find out how long prompts are.
fn with_limits(question: u32) -> Option<Vec<Step>> {
    (question == 0).then(|| answer(limits("599", "100ms")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_model_is_measured_and_priced_by_the_token() {
    let service = serve_asked(with_limits, |_| openai()).await;
    let case = Case::new(&service, Provider::Openai, vec![closed(2)]).await;
    case.play().await.unwrap();
    let stored = case.stored().await;
    let result = &stored[0];
    assert_eq!(
        (result.provenance, result.rent.is_none(), result.telemetry.is_none()),
        (Provenance::Measured, true, true)
    );
    assert_eq!(result.environment.engine_version.as_deref(), Some("gpt-4o-2024-08-06 fp_44709d6fcb"));
    assert_eq!(result.configuration.serving.to_string(), "the-model hosted by openai");
    assert!(!result.flags.contains(&Flag::RateLimited) && !result.flags.contains(&Flag::HardwareUnverified));
    // 30 fresh and 10 cached input tokens for 3 of output.
    let cost = result.metrics.serving_cost_per_mtok.unwrap();
    assert!((cost.spot - (30.0 * 2.0 + 10.0 + 3.0 * 10.0) / 3.0).abs() < 1e-9, "{cost:?}");
    let rate = result.token_rate.unwrap();
    let sold = result.tokens_sold.unwrap();
    let paid = result.metrics.cost_per_mtok.unwrap().spot * result.counts.output_tokens as f64 / 1e6;
    assert!((paid - rate.usd_per_mtok.usd(&sold)).abs() < 1e-12 && paid > 0.0);
    // The question, four prompts of calibration, and at least the measured requests.
    assert!(sold.input > 10 + 8 * 40 && sold.output >= 2 + 8 * 3, "{sold:?}");

    let heads = service.heads();
    assert!(heads.iter().all(|head| head.contains(&format!("authorization: bearer {KEY}"))), "{heads:?}");
    let body = &service.bodies()[0];
    assert_eq!(
        (&body["max_completion_tokens"], &body["stream_options"]["include_usage"]),
        (&3.into(), &true.into())
    );
    assert!(body.get("max_tokens").is_none() && body.get("temperature").is_none(), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_goes_to_the_messages_of_anthropic() {
    let told = r#"{"id":"msg_1","type":"message","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"yes"}],"usage":{"input_tokens":10,"output_tokens":2}}"#;
    let head = Step::Head(
        200,
        vec![
            ("anthropic-ratelimit-requests-limit", "1000"),
            ("anthropic-ratelimit-requests-remaining", "999"),
            ("anthropic-ratelimit-requests-reset", "2025-08-21T12:40:59Z"),
        ],
    );
    let told = vec![head, Step::Data(told.as_bytes().to_vec()), Step::End];
    let service = serve_asked(move |n| (n == 0).then(|| told.clone()), |_| whole_answer()).await;
    let case = Case::new(&service, Provider::Anthropic, vec![closed(1)]).await;
    case.play().await.unwrap();
    let result = &case.stored().await[0];
    assert_eq!(result.environment.engine_version.as_deref(), Some("claude-sonnet-4-5-20250929"));
    assert_eq!(result.configuration.workload.protocol, domain::workload::Protocol::Chat);
    assert_eq!((result.counts.failures(), result.counts.mean_output_tokens()), (0, Some(3.0)));
    let heads = service.heads();
    assert!(
        heads
            .iter()
            .all(|head| head.starts_with("post /v1/messages") && head.contains(&format!("x-api-key: {KEY}")))
    );
}

/// Of every run one request is refused: it is measured three times, and the last run is stored as what it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_limit_refused_is_repeated_and_then_flagged() {
    let streams = Arc::new(AtomicU32::new(0));
    let counted = streams.clone();
    let refused = || {
        let headers = vec![("retry-after", "0"), ("content-type", "application/json")];
        let body = format!(
            r#"{{"error":{{"message":"Rate limit reached for {KEY}","type":"requests","code":"rate_limit_exceeded"}}}}"#
        );
        vec![Step::Head(429, headers), Step::Data(body.into_bytes()), Step::End]
    };
    let service = serve_asked(with_limits, move |n| {
        counted.store(n + 1, Ordering::Relaxed);
        if n % 5 == 2 { refused() } else { openai() }
    })
    .await;
    let case = Case::new(&service, Provider::Openai, vec![closed(1)]).await;
    case.play().await.unwrap();
    let result = &case.stored().await[0];
    assert!(result.flags.contains(&Flag::RateLimited) && !result.is_rankable());
    assert!(result.counts.failed[&FailureReason::RateLimited] > 0);
    assert!(streams.load(Ordering::Relaxed) >= 3 * 8);
    // Lost runs are paid too.
    assert!(result.tokens_sold.unwrap().output > 2 * 6 * 3, "{:?}", result.tokens_sold);
    let lines = case.lines.lock().unwrap().join("\n");
    assert_eq!(lines.matches("measuring it again").count(), 2, "{lines}");
    assert!(lines.contains("limited by its key"), "{lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_limit_is_waited_for_before_anything_is_sent() {
    let questions = |n| match n {
        0 => Some(answer(limits("0", "30ms"))),
        1 => Some(answer(limits("599", "100ms"))),
        _ => None,
    };
    let service = serve_asked(questions, |_| openai()).await;
    let case = Case::new(&service, Provider::Openai, vec![closed(1)]).await;
    case.play().await.unwrap();
    assert_eq!(case.stored().await.len(), 1);
    assert!(case.lines.lock().unwrap()[0].starts_with("waiting 0 s for a limit of the key of the-model"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_beyond_a_known_limit_is_not_sent() {
    let service = serve_asked(|_| Some(answer(limits("599", "100ms"))), |_| openai()).await;
    let rate_rps = "11".parse().unwrap();
    let load = Load::OpenLoop { rate_rps, arrival: Arrival::Constant };
    let case = Case::new(&service, Provider::Openai, vec![load]).await;
    case.play().await.unwrap();
    assert!(service.bodies().is_empty());
    let failures = case.failures().await;
    assert!(
        failures[0].starts_with("it would take 660 requests per minute, and the key is granted 600"),
        "{failures:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_a_day_is_not_waited_for() {
    let service = serve_asked(|_| Some(answer(limits("0", "20h"))), |_| openai()).await;
    let case = Case::new(&service, Provider::Openai, vec![closed(1)]).await;
    case.play().await.unwrap();
    let failures = case.failures().await;
    assert!(failures[0].contains("used up for 1200 min more"), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_refusals_in_a_stream_are_counted_by_their_reason() {
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let declined = [
        r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null},"usage":{"output_tokens":2}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let service = serve_asked(
        |_| None,
        move |n| match n {
            3 => anthropic(&[overloaded]),
            5 => anthropic(&declined),
            _ => whole_answer(),
        },
    )
    .await;
    let case = Case::new(&service, Provider::Anthropic, vec![closed(1)]).await;
    case.play().await.unwrap();
    let result = &case.stored().await[0];
    let failed: Vec<_> = result.counts.failed.iter().map(|(reason, count)| (*reason, *count)).collect();
    assert_eq!(failed, [(FailureReason::Overloaded, 1), (FailureReason::Declined, 1)]);
    assert!(!result.flags.contains(&Flag::RateLimited));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_ends_the_job_with_where_it_is_kept() {
    let body =
        format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}.","code":"invalid_api_key"}}}}"#);
    let service = serve_asked(move |_| Some(whole(401, &body)), |_| openai()).await;
    let case = Case::new(&service, Provider::Openai, vec![closed(1), closed(2)]).await;
    let error = case.play().await.unwrap_err();
    assert_eq!(error.exit_code(), 69);
    let told = error.to_string();
    assert!(
        told.contains("refuses the key in env:ASSAY_TEST_NO_SUCH_KEY (HTTP 401): put a valid one there"),
        "{told}"
    );
    assert!(case.failures().await.is_empty(), "a later run goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_sent() {
    let service = serve_asked(|_| None, |_| openai()).await;
    let mut case = Case::new(&service, Provider::Openai, vec![closed(1)]).await;
    case.context.keys = Arc::new(RunnerKeys);
    let told = case.play().await.unwrap_err().to_string();
    assert_eq!(told, "the environment variable ASSAY_TEST_NO_SUCH_KEY is not set: put the key into it");
    assert_eq!(service.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_model_and_an_empty_account_are_told() {
    let unknown = r#"{"error":{"message":"The model `the-model` does not exist","code":"model_not_found"}}"#;
    let service = serve_asked(move |_| Some(whole(404, unknown)), |_| openai()).await;
    let case = Case::new(&service, Provider::Openai, vec![closed(1), closed(2)]).await;
    case.play().await.unwrap();
    let failures = case.failures().await;
    assert_eq!(failures.len(), 2);
    assert!(failures[0].contains("does not exist): check the model's name"), "{failures:?}");

    let empty = r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
    let service = serve_asked(move |_| Some(whole(429, empty)), |_| openai()).await;
    let case = Case::new(&service, Provider::Openai, vec![closed(1)]).await;
    let told = case.play().await.unwrap_err().to_string();
    assert!(told.contains("has no quota left: add credit"), "{told}");
}
