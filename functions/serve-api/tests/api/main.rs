//! The API over a real store that can be switched off, without a network.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod campaign_events;
mod catalog_forms;
mod configurations;
mod golden;
mod imports;
mod known;
mod large;
mod layers;
mod pages;
mod plans;
mod requests;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use catalog::{Published, Snapshot};
use chrono::{DateTime, Utc};
use domain::content_hash::hash_bytes;
use domain::{
    Architecture, BenchmarkResult, CampaignId, CampaignSpec, CheaperOfBoth, ConfigId, ModelName, Provenance,
    RunId,
};
use events::{Event, EventBody, Hold};
use http_body_util::BodyExt;
use serde_json::Value;
use serve_api::{
    CampaignTrigger, Context, CurrentSnapshot, Measures, Publishing, Settings, TriggerByUpload, TriggerError,
};
use store::directory::DirectoryObjects;
use store::memory::MemoryHotResults;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{HotAnswers, HotResults, ObjectKey, Objects, ReportForm, ResultStore, StoreError};
use testkit::MemoryBus;
use testkit::fixtures::{at, campaign_record, result};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedReceiver;
use tower::ServiceExt;

/// A results store that can be away or frozen, and whose latest results can be held back.
struct Switched {
    store: Arc<SqliteResults>,
    away: AtomicBool,
    frozen: AtomicBool,
    /// Reading the latest results takes a permit.
    reads: Semaphore,
    reads_begun: AtomicU32,
    /// How often it was asked whether there is anything new.
    looks: AtomicU32,
}

impl Switched {
    fn store(&self) -> Result<&SqliteResults, StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable {
                place: "the results".to_owned(),
                detail: "off".to_owned(),
            });
        }
        Ok(&self.store)
    }
}

#[async_trait]
impl ResultStore for Switched {
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError> {
        self.store()?.insert(results).await
    }
    async fn latest(&self) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.reads_begun.fetch_add(1, Ordering::SeqCst);
        let _permit = self.reads.acquire().await;
        self.store()?.latest().await
    }
    async fn of_campaign(&self, campaign: &CampaignId) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.store()?.of_campaign(campaign).await
    }
    async fn history(&self, config: &ConfigId) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.store()?.history(config).await
    }
    async fn run_ids(&self, campaign: &CampaignId) -> Result<BTreeSet<RunId>, StoreError> {
        self.store()?.run_ids(campaign).await
    }
    async fn note_models(
        &self,
        models: &[(ModelName, Architecture)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.store()?.note_models(models, now).await
    }
    async fn revision(&self) -> Result<u64, StoreError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        if self.frozen.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.store()?.revision().await
    }
    async fn identity(&self) -> Result<String, StoreError> {
        self.store()?.identity().await
    }
}

/// Hot results that count what is found.
struct Counted {
    hot: MemoryHotResults,
    found: AtomicU32,
    keys: Mutex<BTreeSet<String>>,
}

#[async_trait]
impl HotResults for Counted {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let answer = self.hot.get(key).await;
        self.found.fetch_add(u32::from(answer.is_some()), Ordering::SeqCst);
        answer
    }
    async fn put(&self, key: &str, answer: &[u8], ttl: Duration) {
        self.keys.lock().unwrap().insert(key.to_owned());
        self.hot.put(key, answer, ttl).await;
    }
    async fn check(&self) -> Result<(), StoreError> {
        self.hot.check().await
    }
}

/// Notes what was triggered.
#[derive(Default)]
struct Noted(Mutex<Vec<String>>);

#[async_trait]
impl CampaignTrigger for Noted {
    async fn trigger(&self, spec: &CampaignSpec) -> Result<CampaignId, TriggerError> {
        self.0.lock().unwrap().push(spec.name.clone());
        Ok(CampaignId::of_spec(&spec.name, &spec.hash(), 1))
    }
}

#[async_trait]
impl Publishing for Noted {
    async fn imported(&self) -> Result<(), StoreError> {
        self.0.lock().unwrap().push("imported".to_owned());
        Ok(())
    }
}

struct Api {
    _folder: tempfile::TempDir,
    results: Arc<Switched>,
    objects: Arc<DirectoryObjects>,
    hot: Arc<Counted>,
    triggered: Arc<Noted>,
    context: Context,
    events: UnboundedReceiver<Event>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    warning: Option<String>,
    /// What the catalogue was read from.
    source: Option<String>,
    body: Value,
}

impl Api {
    async fn with(results: &[BenchmarkResult]) -> Self {
        let hot =
            Counted { hot: MemoryHotResults::new(100), found: AtomicU32::new(0), keys: Mutex::default() };
        Self::sharing(Arc::new(hot), results).await
    }

    async fn sharing(hot: Arc<Counted>, told: &[BenchmarkResult]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteResults::open(folder.path().join("results.db")).await.unwrap());
        store.insert(told).await.unwrap();
        let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
        let results = Arc::new(Switched {
            store: store.clone(),
            away: AtomicBool::new(false),
            frozen: AtomicBool::new(false),
            reads: Semaphore::new(1),
            reads_begun: AtomicU32::new(0),
            looks: AtomicU32::new(0),
        });
        let snapshot = CurrentSnapshot::new(results.clone(), objects.clone()).patient_for(LONG);
        let triggered = Arc::new(Noted::default());
        let (bus, events) = MemoryBus::new();
        let context = Context {
            ledger: Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap()),
            results: results.clone(),
            rollups: store,
            objects: objects.clone(),
            hot: HotAnswers::new(hot.clone()),
            snapshot: Arc::new(snapshot),
            bus: Arc::new(bus),
            market: Arc::new(CheaperOfBoth),
            trigger: triggered.clone(),
            publishing: triggered.clone(),
            settings: Settings::default(),
            measures: Measures::default(),
        };
        Self { _folder: folder, results, objects, hot, triggered, context, events }
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap())
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = serve_api::router(self.context.clone()).oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers.clone(),
            source: head.headers.get("x-catalog").map(|s| s.to_str().unwrap().to_owned()),
            warning: head.headers.get(header::WARNING).map(|w| w.to_str().unwrap().to_owned()),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    async fn recommend(&self, body: &str) -> Answer {
        self.ask("POST", "/v1/recommendations", body).await
    }

    fn found(&self) -> u32 {
        self.hot.found.load(Ordering::SeqCst)
    }
}

impl Api {
    /// Publishes a catalogue of some results.
    async fn publish(&self, revision: u64, results: &[BenchmarkResult]) {
        let store = self.results.store.identity().await.unwrap();
        self.publish_of(store, revision, results).await;
    }

    async fn publish_of(&self, store: String, revision: u64, results: &[BenchmarkResult]) {
        let file = Snapshot::from_results(results.to_vec()).to_file().unwrap();
        self.objects.put(&ObjectKey::snapshot(), &file).await.unwrap();
        let published = Published { store, revision, hash: hash_bytes(&file) };
        let told = serde_json::to_vec(&published).unwrap();
        self.objects.put(&ObjectKey::published(), &told).await.unwrap();
    }
}

/// Longer than a busy machine takes.
const LONG: Duration = Duration::from_secs(60);

const CHATBOT: &str = r#"{"use_case": "chatbot"}"#;

#[tokio::test]
async fn a_stale_snapshot_is_served_with_a_warning() {
    let api = Api::with(&[result("stale", 1).build()]).await;
    api.results.away.store(true, Ordering::SeqCst);
    let never_loaded = api.ask("GET", "/v1/catalog", "").await;
    assert_eq!(never_loaded.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(never_loaded.body["detail"].as_str().unwrap().contains("check that it is running"));

    api.results.away.store(false, Ordering::SeqCst);
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.warning, None);
    api.results.away.store(true, Ordering::SeqCst);
    for answer in [api.ask("GET", "/v1/catalog", "").await, api.recommend(CHATBOT).await] {
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.warning.unwrap().starts_with("110 "));
    }
}

#[tokio::test]
async fn while_a_newer_snapshot_is_read_the_last_one_answers() {
    let mut api = Api::with(&[result("behind", 1).build()]).await;
    let snapshot = CurrentSnapshot::new(api.results.clone(), api.objects.clone());
    api.context.snapshot = Arc::new(snapshot.patient_for(Duration::from_millis(20)));
    let ask = async || {
        let answer = api.ask("GET", "/v1/catalog", "").await;
        (answer.body["total"].as_u64().unwrap(), answer.warning.is_some())
    };
    assert_eq!(ask().await, (1, false));

    let held_back = api.results.reads.acquire().await.unwrap();
    api.results.insert(&[result("behind", 2).build()]).await.unwrap();
    for _ in 0..3 {
        assert_eq!(ask().await, (1, true));
    }
    assert_eq!(api.results.reads_begun.load(Ordering::SeqCst), 2, "it is read once for all who ask");
    drop(held_back);
    while ask().await != (2, false) {}

    api.results.frozen.store(true, Ordering::SeqCst);
    assert_eq!(ask().await, (2, true));
    api.results.frozen.store(false, Ordering::SeqCst);
    while ask().await != (2, false) {}
}

#[tokio::test]
async fn the_catalogue_is_the_published_one_and_without_one_the_results() {
    let (first, second) = (result("published", 1).build(), result("published", 2).build());
    let api = Api::with(std::slice::from_ref(&first)).await;
    let ask = async || {
        let answer = api.ask("GET", "/v1/catalog", "").await;
        (answer.source.unwrap(), answer.body["total"].as_u64().unwrap())
    };
    assert_eq!(ask().await, ("results".to_owned(), 1));
    api.publish(1, &[first.clone(), second.clone()]).await;
    assert_eq!(ask().await, ("published".to_owned(), 2));
    // Results that are not published yet do not show, and nobody asks for them.
    api.results.insert(&[result("published", 4).build()]).await.unwrap();
    api.results.away.store(true, Ordering::SeqCst);
    assert_eq!(ask().await, ("published".to_owned(), 2));
    api.publish(2, &[first]).await;
    assert_eq!(ask().await, ("published".to_owned(), 1));
    assert_eq!(api.recommend(CHATBOT).await.body["entries"].as_array().unwrap().len(), 1);
    // A file of another version is passed over.
    api.results.away.store(false, Ordering::SeqCst);
    api.objects.put(&ObjectKey::snapshot(), b"of another version").await.unwrap();
    let store = api.results.store.identity().await.unwrap();
    let hash = hash_bytes(b"of another version");
    let told = serde_json::to_vec(&Published { store, revision: 3, hash }).unwrap();
    api.objects.put(&ObjectKey::published(), &told).await.unwrap();
    assert_eq!(ask().await, ("results".to_owned(), 2));
    assert_eq!(ask().await, ("results".to_owned(), 2));
}

#[tokio::test]
async fn a_file_that_is_not_the_one_said_to_be_published_is_read_once() {
    let api = Api::with(&[]).await;
    let results = [result("half", 1).build(), result("half", 2).build()];
    api.publish(1, &results).await;
    // A publisher wrote its file and died before it said so.
    let file = Snapshot::from_results([results[0].clone()]).to_file().unwrap();
    api.objects.put(&ObjectKey::snapshot(), &file).await.unwrap();
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.body["total"], 1);
    api.objects.put(&ObjectKey::snapshot(), b"not asked for").await.unwrap();
    let answer = api.ask("GET", "/v1/catalog", "").await;
    assert_eq!((answer.source.as_deref(), &answer.body["total"]), (Some("published"), &Value::from(1)));
    api.publish(2, &results).await;
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.body["total"], 2);
}

#[tokio::test]
async fn the_next_process_of_a_machine_reads_the_published_file_that_was_kept() {
    let mut api = Api::with(&[]).await;
    let results = [result("kept", 1).build(), result("kept", 2).build()];
    api.publish(1, &results).await;
    let folder = tempfile::tempdir().unwrap();
    let process = |api: &Api| {
        let snapshot = CurrentSnapshot::new(api.results.clone(), api.objects.clone());
        Arc::new(snapshot.patient_for(LONG).kept_in(folder.path()))
    };
    api.context.snapshot = process(&api);
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.body["total"], 2);
    // What was published is asked for; its file is not.
    api.objects.put(&ObjectKey::snapshot(), b"not asked for").await.unwrap();
    api.context.snapshot = process(&api);
    let kept = api.ask("GET", "/v1/catalog", "").await;
    assert_eq!((kept.source.as_deref(), &kept.body["total"]), (Some("published"), &Value::from(2)));
    api.publish(2, &results[..1]).await;
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.body["total"], 1);
}

#[tokio::test]
async fn a_campaign_is_asked_for_by_upload_where_another_program_triggers_it() {
    let mut api = Api::with(&[]).await;
    let (ledger, objects) = (api.context.ledger.clone(), api.objects.clone());
    api.context.trigger = Arc::new(TriggerByUpload { ledger, objects });
    let spec = "
name: by-upload
models: [llama-3.1-8b-instruct]
quantisations: [fp16]
hardware: [l4x1]
frameworks: [simulated]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 128, output_tokens: 16, rates: [0.1, 2.5], arrival: poisson}
budget_usd: 0.3
due: {newer_than: 30d}
";
    let asked = api.ask("POST", "/v1/campaigns", spec).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.body);
    let id: CampaignId = asked.body["id"].as_str().unwrap().parse().unwrap();
    let uploaded = api.objects.get(&ObjectKey::spec_over_http(&id)).await.unwrap().unwrap();
    let read = CampaignSpec::from_yaml(std::str::from_utf8(&uploaded).unwrap()).unwrap();
    assert_eq!(
        CampaignId::of_spec(&read.name, &read.hash(), 1),
        id,
        "whoever reads it means the same campaign"
    );
    assert!(ObjectKey::uploaded(ObjectKey::spec_over_http(&id).as_str()).is_some());
}

#[tokio::test]
async fn what_another_store_published_to_the_same_place_is_not_served() {
    let own = result("own", 1).build();
    let api = Api::with(std::slice::from_ref(&own)).await;
    let foreign = [result("foreign", 1).build(), own.clone()];
    let another = || api.publish_of("another".to_owned(), 1, &foreign);
    another().await;
    let told = api.ask("GET", "/v1/catalog", "").await;
    assert_eq!((told.source.as_deref(), &told.body["total"]), (Some("results"), &1.into()));
    api.publish(1, std::slice::from_ref(&own)).await;
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.source.as_deref(), Some("published"));
    another().await;
    assert_eq!(api.ask("GET", "/v1/catalog", "").await.source.as_deref(), Some("results"));
}

/// Whose catalogue it is cannot be told then, and there is no other.
#[tokio::test]
async fn a_published_catalogue_is_served_while_the_results_are_away() {
    let own = result("away", 1).build();
    let api = Api::with(std::slice::from_ref(&own)).await;
    api.publish(1, std::slice::from_ref(&own)).await;
    api.results.away.store(true, Ordering::SeqCst);
    let told = api.ask("GET", "/v1/catalog", "").await;
    assert_eq!(told.source.as_deref(), Some("published"));
}

#[tokio::test]
async fn a_hot_answer_does_not_outlive_its_results() {
    let api = Api::with(&[result("hot", 1).build()]).await;
    let first = api.recommend(CHATBOT).await;
    assert_eq!((first.status, api.found()), (StatusCode::OK, 0));
    assert_eq!((api.recommend(CHATBOT).await.body, api.found()), (first.body.clone(), 1));
    api.results.insert(&[result("hot", 2).build()]).await.unwrap();
    let renewed = api.recommend(CHATBOT).await;
    assert_eq!((renewed.body["entries"].as_array().unwrap().len(), api.found()), (2, 1));
}

#[tokio::test]
async fn stores_that_share_hot_results_do_not_answer_for_each_other() {
    // The same campaign, measured on two machines: the same run, the same revision, other numbers.
    let here = Api::with(&[result("same", 1).build()]).await;
    let other = result("same", 1).measured_at(at(9)).metrics(|m| m.output_tps = 1.0).build();
    let there = Api::sharing(here.hot.clone(), &[other]).await;
    let (a, b) = (here.recommend(CHATBOT).await, there.recommend(CHATBOT).await);
    assert_eq!(here.found(), 0);
    assert_ne!(a.body["entries"][0]["criteria"], b.body["entries"][0]["criteria"]);
    assert_eq!(here.hot.keys.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn simulated_results_are_never_ranked_beside_measured_ones() {
    let simulated = result("sim", 2).provenance(Provenance::Simulated).build();
    let api = Api::with(&[result("real", 1).build(), simulated]).await;
    for (body, provenance) in
        [(CHATBOT, "measured"), (r#"{"use_case": "chatbot", "provenance": "simulated"}"#, "simulated")]
    {
        let answer = api.recommend(body).await.body;
        assert_eq!(
            (&answer["provenance"], answer["entries"].as_array().unwrap().len()),
            (&provenance.into(), 1)
        );
        assert_eq!(answer["entries"][0]["provenance"], provenance);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_told_with_what_to_relax() {
    let api = Api::with(&[result("fits", 1).build()]).await;
    let asked =
        r#"{"use_case": "chatbot", "bounds": [{"metric": "ttft", "statistic": "p90", "max_ms": 10}]}"#;
    let answer = api.recommend(asked).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["title"], "no recommendation");
    assert_eq!(answer.body["more"]["reason"], "nothing_fits");
    assert_eq!(answer.body["more"]["closest"]["relax"][0]["needed"], 75.0);

    let answer = api.recommend(r#"{"use_case": "chatbot", "provenance": "imported"}"#).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["more"]["available"]["measured"], 1);

    let answer = api.recommend(r#"{"use_case": "chatbot", "max_usd_per_hour": -1}"#).await;
    assert_eq!((answer.status, &answer.body["field"]), (StatusCode::BAD_REQUEST, &"max_usd_per_hour".into()));

    let answer = api.recommend(r#"{"use_case": "chatbot", "target_rps": 1000}"#).await.body;
    let first = &answer["entries"][0];
    assert!(first["capacity"]["replicas"].as_u64().unwrap() >= 1, "{answer}");
    assert_eq!(first["explanation"].as_array().unwrap().len(), first["criteria"].as_array().unwrap().len());
}

#[tokio::test]
async fn traffic_that_was_not_measured_is_estimated_and_labelled() {
    let api = Api::with(&[result("near", 4).build(), result("near", 16).build()]).await;
    let ask = |concurrency: u32| {
        let body = format!(
            r#"{{"use_case": "chatbot", "input_tokens": 512, "output_tokens": 128, "concurrency": {concurrency}}}"#
        );
        let api = &api;
        async move { api.ask("POST", "/v1/estimates", &body).await }
    };
    let between = ask(8).await;
    let entry = &between.body["entries"][0];
    assert_eq!((between.status, &entry["provenance"]), (StatusCode::OK, &"forecast".into()));
    assert_eq!((&entry["distance"], entry["from"].as_array().unwrap().len()), (&1.0.into(), 2));
    assert_eq!(ask(16).await.body["entries"][0]["provenance"], "measured");
    let simulated = r#"{"use_case": "qa", "input_tokens": 1, "output_tokens": 1, "concurrency": 1}"#;
    let none = api.ask("POST", "/v1/estimates", simulated).await;
    assert_eq!(
        (none.status, &none.body["more"]["reason"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"nothing_near".into())
    );
    assert_eq!(ask(0).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_usual_for_a_use_case_is_used_and_told() {
    let slow = result("slow", 2).metrics(|m| m.ttft.as_mut().unwrap().p90 = 300.0).build();
    let api = Api::with(&[result("fast", 1).build(), slow]).await;
    let usual = api.recommend(CHATBOT).await.body;
    assert_eq!((usual["entries"].as_array().unwrap().len(), &usual["usual_bounds"]), (1, &true.into()));
    let without =
        api.recommend(r#"{"use_case": "chatbot", "bounds": [], "normalisation": "min-max"}"#).await.body;
    assert_eq!(
        (without["entries"].as_array().unwrap().len(), &without["normalisation"]),
        (2, &"min-max".into())
    );
    let tag = api.recommend(r#"{"use_case": "question-answering"}"#).await;
    assert!(tag.body["detail"].as_str().unwrap().contains("for qa"), "{}", tag.body);
    let several = api.recommend(r#"{"use_case": "text-generation"}"#).await;
    assert!(several.body["detail"].as_str().unwrap().contains("several use cases"), "{}", several.body);
}

#[tokio::test]
async fn a_spec_over_http_names_no_program_of_the_host() {
    let api = Api::with(&[]).await;
    let spec = |framework: &str| {
        format!(
            "name: remote\nmodels: [llama-3.1-8b-instruct]\nquantisations: [fp16]\nhardware: [l4x1]\nframeworks: \
             [{framework}]\nworkloads:\n  - {{name: chat, use_case: chatbot, input_tokens: 8, output_tokens: 8, \
             concurrency: [1]}}\n"
        )
    };
    for (framework, field) in [
        ("{name: vllm, program: /bin/sh}", "frameworks[0].program"),
        ("{name: vllm, args: [--trust-remote-code]}", "frameworks[0].args"),
        ("{name: vllm, env: {LD_PRELOAD: x}}", "frameworks[0].env"),
    ] {
        let answer = api.ask("POST", "/v1/campaigns", &spec(framework)).await;
        assert_eq!((answer.status, &answer.body["field"]), (StatusCode::BAD_REQUEST, &field.into()));
    }
    for (tasks, field) in [
        ("{names: [mmlu], program: /bin/sh}", "accuracy.tasks.program"),
        ("{names: [mmlu], include_path: /tmp}", "accuracy.tasks.include_path"),
        ("{names: [/tmp/x.yaml]}", "accuracy.tasks.names[0]"),
    ] {
        let spec = format!("{}accuracy: {{tasks: {tasks}}}\n", spec("vllm"));
        let answer = api.ask("POST", "/v1/campaigns", &spec).await;
        assert_eq!((answer.status, &answer.body["field"]), (StatusCode::BAD_REQUEST, &field.into()));
    }
    // Nor a key of the host, nor where to send one.
    for (hosted, field) in [
        ("{key: 'env:AWS_SECRET_ACCESS_KEY'}", "models[0].hosted.key"),
        ("{url: 'https://elsewhere.example'}", "models[0].hosted.url"),
    ] {
        let models = format!("[{{name: gpt-4o, hosted: {hosted}}}]");
        let spec = spec("simulated").replace("[llama-3.1-8b-instruct]", &models);
        let answer = api.ask("POST", "/v1/campaigns", &spec).await;
        assert_eq!((answer.status, &answer.body["field"]), (StatusCode::BAD_REQUEST, &field.into()));
    }
    assert!(api.triggered.0.lock().unwrap().is_empty());
    let answer = api.ask("POST", "/v1/campaigns", &spec("simulated")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert!(answer.body["id"].as_str().unwrap().starts_with("remote-"));
}

#[tokio::test]
async fn a_misspelt_filter_is_refused_and_a_good_one_filters() {
    let simulated = result("sim", 2).provenance(Provenance::Simulated).build();
    let api = Api::with(&[result("real", 1).build(), simulated]).await;
    assert_eq!(api.ask("GET", "/v1/catalog?provenence=measured", "").await.status, StatusCode::BAD_REQUEST);
    let page = api.ask("GET", "/v1/catalog?provenance=simulated&input_tokens=512&limit=1", "").await.body;
    assert_eq!((&page["total"], &page["entries"][0]["provenance"]), (&1.into(), &"simulated".into()));
    assert_eq!(page["facets"]["provenance"].as_array().unwrap().len(), 2, "{page}");
    let sorted =
        api.ask("GET", "/v1/catalog?sort=-output_tps&max_ttft_p90_ms=1e6&min_output_tps=0", "").await;
    assert_eq!((sorted.status, &sorted.body["total"]), (StatusCode::OK, &2.into()));
    assert_eq!(api.ask("GET", "/v1/catalog?max_ttft_p90_ms=0.001", "").await.body["total"], 0);
    for (parameters, field) in [
        ("sort=speed", "sort"),
        ("max_ttft_p91_ms=3", "max_ttft_p91_ms"),
        ("min_output_tps=many", "min_output_tps"),
        ("limit=-1", "limit"),
        ("min_output_tps=1&min_output_tps=1", "min_output_tps"),
        ("use_case=qa&use_case=chatbot", "use_case"),
        ("limit=1001", "limit"),
        ("cursor=zz", "cursor"),
    ] {
        let refused = api.ask("GET", &format!("/v1/catalog?{parameters}"), "").await;
        assert_eq!((refused.status, &refused.body["field"]), (StatusCode::BAD_REQUEST, &field.into()));
    }
    let missing = api.ask("GET", "/v1/campaigns/none", "").await;
    assert_eq!((missing.status, missing.warning), (StatusCode::NOT_FOUND, None));
    assert_eq!(api.ask("GET", "/nowhere", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_refusal_is_a_problem() {
    let api = Api::with(&[]).await;
    let wrong_method = api.ask("DELETE", "/v1/catalog", "").await;
    assert_eq!(
        (wrong_method.status, &wrong_method.body["status"]),
        (StatusCode::METHOD_NOT_ALLOWED, &405.into())
    );
    let too_large = api.ask("POST", "/v1/recommendations", &" ".repeat((1 << 20) + 1)).await;
    assert_eq!((too_large.status, &too_large.body["status"]), (StatusCode::PAYLOAD_TOO_LARGE, &413.into()));
}

#[tokio::test]
async fn campaigns_are_paused_resumed_and_cancelled() {
    let mut api = Api::with(&[]).await;
    let record = campaign_record("demo");
    api.context.ledger.create_campaign(&record).await.unwrap();
    for (what, state) in [("pause", "paused"), ("resume", "requested"), ("cancel", "cancelled")] {
        let answer = api.ask("POST", &format!("/v1/campaigns/demo/{what}"), "").await;
        assert_eq!((answer.status, &answer.body["state"]), (StatusCode::ACCEPTED, &state.into()));
    }
    let told: Vec<EventBody> = std::iter::from_fn(|| api.events.try_recv().ok()).map(|e| e.body).collect();
    let [
        EventBody::CampaignHeld(paused),
        EventBody::CampaignRequested(resumed),
        EventBody::CampaignHeld(cancelled),
    ] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((paused.hold, resumed.request, cancelled.hold), (Hold::Paused, 2, Hold::Cancelled));

    let refused = api.ask("POST", "/v1/campaigns/demo/resume", "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body["detail"].as_str().unwrap().contains("is cancelled, which is final"));
    assert_eq!(api.ask("POST", "/v1/campaigns/nobody/pause", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.ask("POST", "/v1/campaigns/no%20id/pause", "").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_report_is_served_in_every_form() {
    let api = Api::with(&[]).await;
    let id: CampaignId = "demo-1".parse().unwrap();
    let missing = api.ask("GET", "/v1/campaigns/demo-1/report.pdf", "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    for (form, path) in ReportForm::ALL.into_iter().zip(["report", "report.html", "report.pdf"]) {
        api.objects.put(&ObjectKey::report(&id, form), form.extension().as_bytes()).await.unwrap();
        let path = format!("/v1/campaigns/demo-1/{path}");
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = serve_api::router(api.context.clone()).oneshot(request).await.unwrap();
        assert_eq!(answer.headers()["content-type"], form.media_type());
        assert!(
            answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'")
        );
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, form.extension().as_bytes());
    }
    assert_eq!(api.ask("GET", "/v1/campaigns/..%2Fx/report", "").await.status, StatusCode::BAD_REQUEST);
}
