//! Jobs over SQLite and a folder, with servers and measurements that follow a script.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[path = "job/tasks.rs"]
mod tasks;

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use batch_runner::engine::{Death, EngineError, Server, ServerFacts, ServerSource};
use batch_runner::host_facts::HostFacts;
use batch_runner::hosted::RunnerKeys;
use batch_runner::job::measure::Measure;
use batch_runner::job::{Assignment, Context, JobError, LastWords, execute};
use batch_runner::load::{FailuresInARow, LoadError, Target, TrialMeasurement, TrialRequest};
use batch_runner::sampling::{GpuProbe, GpuReading};
use batch_runner::transport::Address;
use batch_runner::weights::Fetched;
use chrono::{DateTime, TimeDelta, Utc};
use domain::framework::Endpoint;
use domain::manifest::FidelityPlan;
use domain::result::{FailureReason, Flag, WeightsUsed};
use domain::run_telemetry::Watched;
use domain::{
    Architecture, BatchId, BatchManifest, BenchmarkResult, CampaignId, ConfigId, LaunchPlan, ModelName,
    PriceKind, Provenance, RequestSlo, RunId, TrialPlan,
};
use measurement::window::{Selects, Window};
use store::directory::DirectoryObjects;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Checkpoint, Claim, Ledger, ObjectKey, Objects,
    ResultStore, StoreError, Telemetry, TrialOutcome,
};
use testkit::fixtures;
use tokio_util::sync::CancellationToken;

const LEASE: TimeDelta = TimeDelta::seconds(30);

/// What happens when a trial is measured.
enum Scene {
    Measured,
    AllFailed,
    EngineDies,
    /// The same, and it says that memory did not suffice.
    OutOfMemory,
    /// Nothing answers in time, and the engine lives.
    TimedOut,
    ServerGone,
    /// The job is told to stop in the middle of it.
    Stop,
    /// EC2 recommends to go elsewhere in the middle of it.
    Rebalance,
    /// Another runner takes the batch over in the middle of it.
    TakenOver,
}

/// A script, and what was done by it: `start`, `stop`, `measure N`.
#[derive(Default)]
struct Stage {
    scenes: Mutex<VecDeque<Scene>>,
    refusals: Mutex<VecDeque<EngineError>>,
    engine_is_dead: Mutex<Option<Death>>,
    /// Where engines answer questions.
    address: Mutex<Option<Address>>,
    /// Weights that are fetched when an engine is started with their address.
    weights: Mutex<Option<Fetched>>,
    done: Mutex<Vec<String>>,
}

impl Stage {
    fn did(&self, what: impl Into<String>) {
        self.done.lock().unwrap().push(what.into());
    }
}

struct Theatre {
    stage: Arc<Stage>,
    ledger: Arc<SqliteLedger>,
    results: Arc<SqliteResults>,
    objects: Arc<DirectoryObjects>,
    manifest: BatchManifest,
    context: Context,
    cancel: CancellationToken,
    lease: TimeDelta,
    lines: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

struct ScriptedServers(Arc<Stage>, bool);

#[async_trait]
impl ServerSource for ScriptedServers {
    async fn open(&self, plan: &LaunchPlan, _: &CancellationToken) -> Result<Box<dyn Server>, EngineError> {
        if let Some(error) = self.0.refusals.lock().unwrap().pop_front() {
            return Err(error);
        }
        *self.0.engine_is_dead.lock().unwrap() = None;
        self.0.did("start");
        let fetched = self.0.weights.lock().unwrap().clone();
        let fetched = fetched.filter(|fetched| plan.weights.as_ref() == Some(&fetched.used.address));
        let facts = ServerFacts {
            address: self.0.address.lock().unwrap().clone().unwrap_or_else(|| Address::local(1)),
            model: "tiny".to_owned(),
            engine: domain::Engine::Vllm,
            gpus: vec!["0".to_owned()],
            provenance: Provenance::Measured,
            version: Some("0.32.0".to_owned()),
            command: vec!["vllm".to_owned()],
            hardware_unverified: self.1,
            weights: fetched,
            start_s: 30.0,
            is_attached: self.1,
        };
        Ok(Box::new(ScriptedServer { stage: self.0.clone(), facts }))
    }
}

struct ScriptedServer {
    stage: Arc<Stage>,
    facts: ServerFacts,
}

#[async_trait]
impl Server for ScriptedServer {
    fn facts(&self) -> &ServerFacts {
        &self.facts
    }
    async fn gone(&mut self) -> Death {
        std::future::pending().await
    }
    async fn check(&mut self) -> Result<(), Death> {
        match &*self.stage.engine_is_dead.lock().unwrap() {
            Some(death) => Err(death.clone()),
            None => Ok(()),
        }
    }
    async fn stop(self: Box<Self>) {
        self.stage.did("stop");
    }
}

/// GPUs that draw 300 W. Others use 75 GiB of the one named `taken`.
struct ScriptedGpus;

#[async_trait]
impl GpuProbe for ScriptedGpus {
    async fn read(&self, devices: &[String]) -> Result<Vec<GpuReading>, String> {
        let read = |device: &String| {
            let memory_bytes = if device == "taken" { 75 << 30 } else { 1 << 30 };
            GpuReading { power_w: Some(300.0), memory_bytes: Some(memory_bytes), ..GpuReading::default() }
        };
        Ok(devices.iter().map(read).collect())
    }
}

struct ScriptedLoad {
    stage: Arc<Stage>,
    ledger: Arc<SqliteLedger>,
    batch: BatchId,
    stop: CancellationToken,
    drain: CancellationToken,
}

#[async_trait]
impl Measure for ScriptedLoad {
    async fn measure(
        &self,
        target: &Target,
        request: &TrialRequest,
        cancel: &CancellationToken,
    ) -> Result<TrialMeasurement, LoadError> {
        assert_eq!(target.model, "tiny");
        self.stage.did(format!("measure {}", request.workload.slots()));
        let gone =
            || LoadError::EngineGone { url: target.address.url(), failures: FailuresInARow::OnEverySlot(3) };
        let scene = self.stage.scenes.lock().unwrap().pop_front().unwrap_or(Scene::Measured);
        match scene {
            Scene::Measured => Ok(measurement(request)),
            Scene::AllFailed => Err(LoadError::AllFailed {
                reasons: [].into(),
                sample: "HTTP 400: max_tokens\nis too large".to_owned(),
            }),
            Scene::TimedOut => Err(LoadError::AllFailed {
                reasons: [(FailureReason::Timeout, 4)].into(),
                sample: "no answer".to_owned(),
            }),
            Scene::EngineDies | Scene::OutOfMemory | Scene::ServerGone => {
                let death = Death {
                    reason: "vllm died (exit status 1);\nlast words".to_owned(),
                    is_out_of_memory: matches!(scene, Scene::OutOfMemory),
                };
                *self.stage.engine_is_dead.lock().unwrap() = Some(death);
                Err(gone())
            }
            Scene::Rebalance => {
                self.drain.cancel();
                Ok(measurement(request))
            }
            Scene::Stop => {
                self.stop.cancel();
                cancel.cancelled().await;
                Err(LoadError::Cancelled)
            }
            Scene::TakenOver => {
                let later = fixtures::at(3600);
                let claim = self.ledger.claim(&self.batch, "other", later, LEASE).await.unwrap();
                assert_eq!(claim, Claim::Granted { attempt: 2 });
                Ok(measurement(request))
            }
        }
    }
}

/// A results store that is away for the first few results it is told.
struct AwayAtFirst {
    store: Arc<SqliteResults>,
    times: AtomicU32,
    /// What to do whenever it is asked in vain.
    asked_in_vain: Box<dyn Fn() + Send + Sync>,
}

#[async_trait]
impl ResultStore for AwayAtFirst {
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError> {
        let left = self.times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            return self.store.insert(results).await;
        }
        (self.asked_in_vain)();
        Err(StoreError::Unavailable { place: "the results".to_owned(), detail: "off".to_owned() })
    }
    async fn latest(&self) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.store.latest().await
    }
    async fn of_campaign(&self, campaign: &CampaignId) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.store.of_campaign(campaign).await
    }
    async fn history(&self, config: &ConfigId) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.store.history(config).await
    }
    async fn run_ids(&self, campaign: &CampaignId) -> Result<BTreeSet<RunId>, StoreError> {
        self.store.run_ids(campaign).await
    }
    async fn note_models(
        &self,
        models: &[(ModelName, Architecture)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.store.note_models(models, now).await
    }
    async fn revision(&self) -> Result<u64, StoreError> {
        self.store.revision().await
    }
    async fn identity(&self) -> Result<String, StoreError> {
        self.store.identity().await
    }
}

fn measurement(request: &TrialRequest) -> TrialMeasurement {
    let result = fixtures::result("any", request.workload.slots()).build();
    TrialMeasurement {
        metrics: result.metrics,
        by_turn: None,
        counts: result.counts,
        token_source: result.token_source,
        flags: vec![],
        certificate: result.certificate.unwrap(),
        started_at: result.measured_at,
        measured_at: result.measured_at,
        window: Window { start_ns: 0, end_ns: 10_000_000_000, steady: true, selects: Selects::Sent },
        warm_up_s: 2.0,
        tokens: domain::TokensSold::default(),
        records: Vec::new().into(),
    }
}

impl Theatre {
    /// A batch with one launch and a trial for each concurrency.
    async fn new(concurrencies: &[u32], attached: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap());
        let results = Arc::new(SqliteResults::open(folder.path().join("results.db")).await.unwrap());
        let objects = Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap());
        let manifest = manifest(concurrencies, attached);
        let bytes = serde_json::to_vec(&manifest).unwrap();
        objects.put(&ObjectKey::manifest(&manifest.campaign, &manifest.batch), &bytes).await.unwrap();
        add_to_ledger(&ledger, &manifest).await;

        let stage = Arc::new(Stage::default());
        let (cancel, drain) = (CancellationToken::new(), CancellationToken::new());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let told = lines.clone();
        let load = ScriptedLoad {
            stage: stage.clone(),
            ledger: ledger.clone(),
            batch: manifest.batch.clone(),
            stop: cancel.clone(),
            drain: drain.clone(),
        };
        let paused = stage.clone();
        let context = Context {
            results: results.clone(),
            ledger: ledger.clone(),
            objects: objects.clone(),
            servers: Arc::new(ScriptedServers(stage.clone(), attached)),
            keys: Arc::new(RunnerKeys),
            harness: batch_runner::harness::Harness { guard: env!("CARGO_BIN_EXE_batch-runner").into() },
            load: Arc::new(load),
            gpus: Arc::new(ScriptedGpus),
            telemetry: results.clone(),
            host: HostFacts { cpu_model: None, cpu_count: 2, gpus: vec![], image_digest: None },
            capacity: PriceKind::Spot,
            drain,
            clock: Arc::new(|| fixtures::at(0)),
            pause: Arc::new(move |time| {
                // To the second: what passed since the try is not waited for.
                paused.did(format!("pause {}", time.as_secs_f64().round()));
                Box::pin(std::future::ready(()))
            }),
            meter: Arc::default(),
            progress: Arc::new(move |line| told.lock().unwrap().push(line.to_owned())),
        };
        Self { stage, ledger, results, objects, manifest, context, cancel, lease: LEASE, lines, folder }
    }

    async fn keep_manifest(&self) {
        let bytes = serde_json::to_vec(&self.manifest).unwrap();
        self.objects
            .put(&ObjectKey::manifest(&self.manifest.campaign, &self.manifest.batch), &bytes)
            .await
            .unwrap();
    }

    fn script(self, scenes: impl IntoIterator<Item = Scene>) -> Self {
        self.stage.scenes.lock().unwrap().extend(scenes);
        self
    }

    fn results_are_away(&mut self, times: u32, asked_in_vain: impl Fn() + Send + Sync + 'static) {
        self.context.results = Arc::new(AwayAtFirst {
            store: self.results.clone(),
            times: AtomicU32::new(times),
            asked_in_vain: Box::new(asked_in_vain),
        });
    }

    async fn play(&self) -> Result<(), JobError> {
        let assignment = Assignment {
            campaign: self.manifest.campaign.clone(),
            batch: self.manifest.batch.clone(),
            holder: "us".to_owned(),
            lease: self.lease,
            last_words: LastWords { runner: Some("[1/2] something".to_owned()), engine: None },
        };
        execute(&self.context, &assignment, &self.cancel).await
    }

    fn done(&self) -> Vec<String> {
        std::mem::take(&mut *self.stage.done.lock().unwrap())
    }

    /// Three runners die in the middle of the first trial. Two are heard of last 10 s after they began it.
    async fn kill_three_runners(&self) {
        let (ledger, batch, killer) = (&self.ledger, &self.manifest.batch, self.run_id(0));
        for try_ in 0..3 {
            let begun = fixtures::at(-1000 + 60 * try_);
            let Claim::Granted { attempt } = ledger.claim(batch, "victim", begun, LEASE).await.unwrap()
            else {
                panic!("the lease of the one before has run out")
            };
            ledger.begin_trial(batch, attempt, &killer, begun).await.unwrap();
            if try_ < 2 {
                ledger.renew(batch, attempt, begun + TimeDelta::seconds(10), LEASE).await.unwrap();
            }
            let job = format!("job-{try_}").parse().unwrap();
            ledger.note_interruption(batch, &job, 0, "the runner died (signal: 9)").await.unwrap();
        }
    }

    fn run_id(&self, index: usize) -> RunId {
        let trial = &self.manifest.launches[0].trials[index];
        RunId::new(&self.manifest.campaign, &trial.config_id, trial.trial)
    }

    async fn stored(&self) -> Vec<BenchmarkResult> {
        self.results.of_campaign(&self.manifest.campaign).await.unwrap()
    }

    /// `stored`, or the reason of the failure; `-` without a checkpoint.
    async fn outcomes(&self) -> Vec<String> {
        let checkpoints = self.ledger.checkpoints(&self.manifest.batch).await.unwrap();
        let outcome = |checkpoint: &Checkpoint| match &checkpoint.outcome {
            TrialOutcome::Stored => "stored".to_owned(),
            TrialOutcome::Failed { reason } => reason.clone(),
        };
        let trials = 0..self.manifest.launches[0].trials.len();
        trials.map(|n| checkpoints.get(&self.run_id(n)).map_or("-".to_owned(), outcome)).collect()
    }
}

fn manifest(concurrencies: &[u32], attached: bool) -> BatchManifest {
    let campaign: CampaignId = "demo".parse().unwrap();
    let trial = |concurrency: &u32| {
        let configuration = fixtures::configuration(*concurrency);
        TrialPlan {
            config_id: configuration.id(),
            workload: configuration.workload,
            trial: 1,
            requests: NonZeroU32::MIN,
            warm_up: 0,
            seed: 7,
        }
    };
    let endpoint = if attached {
        Endpoint::Attach { url: "http://127.0.0.1:1".to_owned(), served_model: None }
    } else {
        Endpoint::Launch { program: None, env: [].into(), start_timeout_s: 60.0 }
    };
    BatchManifest {
        schema_version: 1,
        batch: BatchId::new(&campaign, 0),
        campaign,
        slo: RequestSlo::default(),
        fidelity: None,
        tasks: None,
        launches: vec![LaunchPlan {
            launch: fixtures::launch(),
            endpoint,
            architecture: fixtures::architecture(1024),
            weights: None,
            rent: Some(domain::Rent { on_demand: shared_machine(3.6), spot: shared_machine(1.8) }),
            context_tokens: 1024,
            max_concurrency: 16,
            trials: concurrencies.iter().map(trial).collect(),
        }],
        hosted: vec![],
    }
}

/// A machine for two such servers.
fn shared_machine(usd_per_hour: f64) -> domain::rent::Machine {
    domain::rent::Machine { usd_per_hour, servers: 2.try_into().unwrap(), listed: None }
}

async fn add_to_ledger(ledger: &SqliteLedger, manifest: &BatchManifest) {
    let campaign = CampaignRecord {
        state: CampaignState::Running,
        feasible: 1,
        ..fixtures::campaign_record(manifest.campaign.as_str())
    };
    ledger.create_campaign(&campaign).await.unwrap();
    let batch = BatchRecord {
        trials: 1,
        forecast_s: 1.0,
        state: BatchState::Submitted,
        ..fixtures::batch_record(&manifest.campaign, 0)
    };
    assert_eq!(batch.id, manifest.batch);
    ledger.add_batches(&[batch]).await.unwrap();
}

#[tokio::test]
async fn every_trial_gets_its_result_and_its_share_of_the_start() {
    let theatre = Theatre::new(&[1, 2, 4], false).await;
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 1", "measure 2", "measure 4", "stop"]);
    assert_eq!(theatre.outcomes().await, ["stored"; 3]);
    let stored = theatre.stored().await;
    assert!(stored.iter().all(|r| (r.charged.engine_start_s - 10.0).abs() < 1e-9));
    assert_eq!(stored[0].environment.engine_version.as_deref(), Some("0.32.0"));
    let cost = stored[0].metrics.cost_per_mtok.unwrap();
    let seconds = 10.0 + 2.0 + 10.0;
    assert!((cost.on_demand - 3.6 * seconds / 3600.0 / 0.0128).abs() < 1e-6, "{cost:?}");
    // The job had all of the machine; deployments are compared as they share it.
    let metrics = &stored[0].metrics;
    let serving = metrics.serving_cost_per_mtok.unwrap().on_demand;
    assert!((serving - 1.8 / 3600.0 / metrics.output_tps * 1e6).abs() < 1e-6, "{serving}");
    let raw = ObjectKey::raw_records(&theatre.manifest.campaign, &theatre.run_id(0));
    assert_eq!(
        stored.iter().find(|r| r.run_id == theatre.run_id(0)).unwrap().raw_records.as_deref(),
        Some(raw.as_str())
    );
    assert!(theatre.objects.get(&raw).await.unwrap().is_some());
    assert!(
        theatre.lines.lock().unwrap()[0].starts_with("[1/3] llama-3.1-8b-instruct fp16 on h100x1 with vllm")
    );
}

#[tokio::test]
async fn a_stopped_job_goes_on_where_it_was() {
    let theatre = Theatre::new(&[1, 2, 4], false).await.script([Scene::Measured, Scene::Stop]);
    let error = theatre.play().await.unwrap_err();
    assert!(matches!(error, JobError::Stopped) && error.exit_code() == 75, "{error}");
    assert_eq!(theatre.done(), ["start", "measure 1", "measure 2", "stop"]);
    assert_eq!(theatre.outcomes().await, ["stored", "-", "-"]);

    // The claim was released, so that the next attempt does not wait.
    let next = Theatre { cancel: CancellationToken::new(), ..theatre };
    next.play().await.unwrap();
    assert_eq!(next.done(), ["start", "measure 2", "measure 4", "stop"]);
    assert_eq!(next.outcomes().await, ["stored"; 3]);
}

#[tokio::test]
async fn a_result_without_its_checkpoint_is_not_measured_again() {
    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.results.insert(&[fixtures::result("demo", 1).build()]).await.unwrap();
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 2", "stop"]);
    assert_eq!(theatre.outcomes().await, ["stored"; 2]);
    theatre.play().await.unwrap();
    assert!(theatre.done().is_empty(), "nothing is left, so nothing is started");
}

#[tokio::test]
async fn a_result_waits_for_a_store_that_is_away() {
    let mut theatre = Theatre::new(&[1], false).await;
    theatre.results_are_away(2, || ());
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 1", "stop"]);
    assert_eq!((theatre.outcomes().await, theatre.stored().await.len()), (vec!["stored".to_owned()], 1));
}

#[tokio::test]
async fn a_job_that_waits_for_its_store_can_be_stopped() {
    let mut theatre = Theatre::new(&[1, 2], false).await;
    let cancel = theatre.cancel.clone();
    theatre.results_are_away(u32::MAX, move || cancel.cancel());
    let error = theatre.play().await.unwrap_err();
    assert!(matches!(error, JobError::Stopped), "{error}");
    assert_eq!(theatre.done(), ["start", "measure 1", "stop"]);
    assert_eq!(theatre.outcomes().await, ["-", "-"]);
}

#[tokio::test]
async fn a_trial_under_which_the_engine_dies_is_put_off_and_both_starts_are_charged() {
    let theatre = Theatre::new(&[1, 2], false).await.script([Scene::EngineDies]);
    theatre.play().await.unwrap();
    let expected = ["start", "measure 1", "stop", "start", "measure 2", "pause 5", "measure 1", "stop"];
    assert_eq!(theatre.done(), expected);
    let charged: f64 = theatre.stored().await.iter().map(|r| r.charged.engine_start_s).sum();
    assert!((charged - 60.0).abs() < 1e-9);
}

#[tokio::test]
async fn what_a_runner_does_is_counted() {
    let theatre = Theatre::new(&[1, 2, 4], false).await.script([Scene::EngineDies, Scene::AllFailed]);
    theatre.play().await.unwrap();
    let page = theatre.context.meter.page();
    for line in [
        "assay_runner_trials_total{outcome=\"stored\"} 2",
        "assay_runner_trials_total{outcome=\"failed\"} 1",
        "assay_runner_trials_left 0",
        "assay_runner_engine_starts_total{outcome=\"up\"} 2",
        "assay_runner_state{state=\"waiting\"} 1",
        "assay_runner_state{state=\"measuring\"} 0",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    let sent: u64 = theatre.stored().await.iter().map(|r| r.counts.succeeded).sum();
    assert!(
        page.contains(&format!("assay_runner_requests_total{{outcome=\"succeeded\"}} {sent}\n")),
        "{page}"
    );
}

#[tokio::test]
async fn weights_are_fetched_once_for_a_launch_and_go_with_its_results() {
    let mut theatre = Theatre::new(&[1, 2], false).await.script([Scene::EngineDies]);
    let used = WeightsUsed {
        address: "hf:o/n".to_owned(),
        commit: Some("c0ffee".to_owned()),
        content: "abc".to_owned(),
        fetched_bytes: 3 << 30,
        fetch_ms: 12_000,
    };
    theatre.manifest.launches[0].weights = Some(used.address.clone());
    theatre.keep_manifest().await;
    let fetched = Fetched { path: "/cache/n".into(), used: used.clone() };
    *theatre.stage.weights.lock().unwrap() = Some(fetched);
    theatre.play().await.unwrap();
    let lines = theatre.lines.lock().unwrap().clone();
    let told = lines.iter().filter(|line| *line == "hf:o/n: 3.00 GiB fetched in 12.0 s").count();
    assert_eq!(told, 1, "{lines:?}");
    let stored = theatre.stored().await;
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().all(|result| result.environment.weights.as_ref() == Some(&used)));
}

#[tokio::test]
async fn what_gpus_and_engine_did_goes_with_the_result() {
    let theatre = Theatre::new(&[1], false).await;
    theatre.play().await.unwrap();
    let result = theatre.results.latest().await.unwrap().remove(0);
    let telemetry = result.telemetry.unwrap();
    assert_eq!(telemetry.power_w(), Some(300.0));
    let per_token = 300.0 / result.metrics.output_tps;
    assert!((result.metrics.energy_per_tok.unwrap() - per_token).abs() < 1e-9);
    // Nobody serves at the address of the scripted server: that is told, and costs no trial.
    let Watched::Unseen(reason) = telemetry.engine else { panic!("no engine is there") };
    assert!(reason.starts_with("/metrics: "), "{reason}");
    let samples = theatre.results.samples(&result.run_id).await.unwrap();
    let power = samples.iter().find(|sample| sample.metric == "power_w").unwrap();
    assert_eq!((power.source.name(), power.device, power.value), ("gpu", 0, 300.0));
}

#[tokio::test]
async fn after_a_recommendation_to_rebalance_the_running_trial_is_the_last_one() {
    let theatre = Theatre::new(&[1, 2], false).await.script([Scene::Rebalance]);
    let error = theatre.play().await.unwrap_err();
    assert_eq!(error.exit_code(), 75);
    assert_eq!(theatre.done(), ["start", "measure 1", "stop"]);
    assert_eq!(theatre.outcomes().await, ["stored", "-"]);
}

#[tokio::test]
async fn an_engine_that_dies_three_times_fails_the_trial() {
    use Scene::{EngineDies, Measured};
    let scenes = [EngineDies, Measured, EngineDies, EngineDies];
    let theatre = Theatre::new(&[1, 2], false).await.script(scenes);
    theatre.play().await.unwrap();
    let expected = ["start", "measure 1", "stop", "start", "measure 2", "pause 5", "measure 1", "stop"];
    assert_eq!(theatre.done(), [&expected[..], &["pause 10", "start", "measure 1", "stop"]].concat());
    assert_eq!(theatre.outcomes().await, ["vllm died (exit status 1); | last words (3 tries)", "stored"]);
}

#[tokio::test]
async fn an_engine_that_dies_for_lack_of_memory_would_do_so_again() {
    let theatre = Theatre::new(&[1, 2], false).await.script([Scene::OutOfMemory]);
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 1", "stop", "start", "measure 2", "stop"]);
    assert_eq!(theatre.outcomes().await, ["vllm died (exit status 1); | last words", "stored"]);
}

/// The engine has seen the prompts, so that a second measurement by the same one might be too good.
#[tokio::test]
async fn a_trial_that_timed_out_is_tried_again_by_a_fresh_engine() {
    let theatre = Theatre::new(&[1], false).await.script([Scene::TimedOut]);
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 1", "stop", "pause 5", "start", "measure 1", "stop"]);
    assert_eq!(theatre.outcomes().await, ["stored"]);
}

#[tokio::test]
async fn an_engine_that_is_not_healthy_in_time_is_started_three_times() {
    let late = || EngineError::NotHealthy {
        program: "vllm".to_owned(),
        limit_s: 60.0,
        last: "503".to_owned(),
        log: "it printed nothing".to_owned(),
    };
    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.stage.refusals.lock().unwrap().extend([late(), late()]);
    theatre.play().await.unwrap();
    let expected = ["pause 5", "pause 10", "start", "measure 1", "measure 2", "stop"];
    assert_eq!(theatre.done(), expected);

    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.stage.refusals.lock().unwrap().extend([late(), late(), late()]);
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["pause 5", "pause 10"]);
    let outcomes = theatre.outcomes().await;
    assert!(outcomes.iter().all(|o| o.ends_with("only needs longer (3 tries)")), "{outcomes:?}");
}

/// Three runners vanish in the middle of a trial, such as by the kernel's hand when memory runs out.
#[tokio::test]
async fn a_trial_that_no_runner_survives_is_given_up_and_the_others_go_on() {
    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.kill_three_runners().await;
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 2", "stop"]);
    let usd = async |index: usize| {
        let outcomes = theatre.ledger.checkpoints(&theatre.manifest.batch).await.unwrap();
        outcomes[&theatre.run_id(index)].usd.unwrap()
    };
    // Two of them were heard of last 10 s after they began; 1.8 USD an hour.
    assert!((usd(0).await - 20.0 * 1.8 / 3600.0).abs() < 1e-9, "{}", usd(0).await);
    assert!((0.0..0.01).contains(&usd(1).await));
    let reason = "given up after 3 tries that ended their runner (the runner died (signal: 9)); the runner's last lines: \
                  [1/2] something";
    assert_eq!(theatre.outcomes().await, [reason, "stored"]);

    // Asked for again, it is tried again, after the others.
    theatre.ledger.forget_failures(&theatre.manifest.campaign).await.unwrap();
    theatre.play().await.unwrap();
    assert_eq!(theatre.done(), ["start", "measure 1", "stop"]);
    assert_eq!(theatre.outcomes().await, ["stored", "stored"]);
}

/// What a fallback to on-demand machines costs counts against the budget.
#[tokio::test]
async fn hours_on_demand_are_charged_at_their_price() {
    let mut theatre = Theatre::new(&[1, 2], false).await;
    theatre.context.capacity = PriceKind::OnDemand;
    theatre.kill_three_runners().await;
    theatre.play().await.unwrap();
    let outcomes = theatre.ledger.checkpoints(&theatre.manifest.batch).await.unwrap();
    let usd = outcomes[&theatre.run_id(0)].usd.unwrap();
    assert!((usd - 20.0 * 3.6 / 3600.0).abs() < 1e-9, "{usd}");
}

#[tokio::test]
async fn an_engine_that_does_not_start_fails_what_is_pending() {
    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.stage.refusals.lock().unwrap().push_back(EngineError::NotStarted("vllm: not found".to_owned()));
    theatre.play().await.unwrap();
    assert!(theatre.done().is_empty());
    let outcomes = theatre.outcomes().await;
    assert!(outcomes.iter().all(|o| o == "vllm: not found"), "{outcomes:?}");
}

fn out_of_memory_on(gpu: &str) -> EngineError {
    EngineError::OutOfMemory {
        program: "vllm".to_owned(),
        said: "CUDA out of memory".to_owned(),
        gpus: vec![gpu.to_owned()],
    }
}

#[tokio::test]
async fn memory_that_others_use_says_nothing_of_a_launch() {
    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.stage.refusals.lock().unwrap().push_back(out_of_memory_on("taken"));
    theatre.play().await.unwrap();
    let told = "vllm ran out of memory: CUDA out of memory; others use 75.0 GiB of GPU taken; end what uses it, then `assay campaign retry`";
    assert!(theatre.outcomes().await.iter().all(|o| o == told), "{:?}", theatre.outcomes().await);
    let launch = theatre.manifest.launches[0].launch.id();
    assert_eq!(theatre.objects.get(&ObjectKey::shortage(&launch)).await.unwrap(), None);
}

#[tokio::test]
async fn an_engine_that_runs_out_of_memory_is_noted_for_later_plans() {
    let theatre = Theatre::new(&[1, 2], false).await;
    theatre.stage.refusals.lock().unwrap().push_back(out_of_memory_on("0"));
    theatre.play().await.unwrap();
    assert!(theatre.outcomes().await.iter().all(|o| o == "vllm ran out of memory: CUDA out of memory"));
    let launch = &theatre.manifest.launches[0];
    let note = theatre.objects.get(&ObjectKey::shortage(&launch.launch.id())).await.unwrap().unwrap();
    let shortage: domain::Shortage = serde_json::from_slice(&note).unwrap();
    assert_eq!((&shortage.launch, shortage.slots), (&launch.launch, launch.max_concurrency));
    assert_eq!(shortage.longest_request_tokens, launch.trials[0].workload.longest_request_tokens());
}

#[tokio::test]
async fn requests_that_all_fail_fail_the_trial_with_a_sample() {
    let theatre = Theatre::new(&[1, 2], false).await.script([Scene::AllFailed]);
    theatre.play().await.unwrap();
    let outcomes = theatre.outcomes().await;
    assert!(outcomes[0].contains("HTTP 400: max_tokens | is too large"), "{outcomes:?}");
    assert_eq!(outcomes[1], "stored");
}

#[tokio::test]
async fn an_attached_server_that_goes_away_ends_the_job_and_nothing_is_lost() {
    let theatre = Theatre::new(&[1, 2], true).await.script([Scene::Measured, Scene::ServerGone]);
    let error = theatre.play().await.unwrap_err();
    assert!(matches!(error, JobError::Server(_)) && error.exit_code() == 69, "{error}");
    assert_eq!(theatre.outcomes().await, ["stored", "-"]);
    assert!(theatre.stored().await[0].flags.contains(&Flag::HardwareUnverified));
    theatre.play().await.unwrap();
    assert_eq!(theatre.outcomes().await, ["stored", "stored"]);
}

#[tokio::test]
async fn a_job_that_was_replaced_stops_and_tells_no_outcome() {
    let theatre = Theatre::new(&[1, 2], false).await.script([Scene::TakenOver]);
    let error = theatre.play().await.unwrap_err();
    assert!(matches!(error, JobError::Replaced { attempt: 1, .. }) && error.exit_code() == 75, "{error}");
    assert_eq!(theatre.done(), ["start", "measure 1", "stop"]);
    assert_eq!(theatre.outcomes().await, ["-", "-"]);
}

#[tokio::test]
async fn the_lease_of_a_dead_runner_is_waited_for_and_that_of_a_living_one_is_not() {
    let theatre = Theatre::new(&[1], false).await;
    let batch = theatre.manifest.batch.clone();
    let mut context = theatre.context.clone();
    context.clock = Arc::new(Utc::now);
    let theatre = Theatre { context, lease: TimeDelta::milliseconds(150), ..theatre };
    theatre.ledger.claim(&batch, "dead", Utc::now(), TimeDelta::milliseconds(150)).await.unwrap();
    theatre.play().await.unwrap();
    assert_eq!(theatre.outcomes().await, ["stored"]);
    assert!(theatre.lines.lock().unwrap()[0].starts_with("waiting for the lease of dead"));

    theatre.ledger.claim(&batch, "alive", Utc::now(), TimeDelta::hours(9)).await.unwrap();
    let error = theatre.play().await.unwrap_err();
    assert!(matches!(&error, JobError::Held { holder, .. } if holder == "alive"), "{error}");
    assert_eq!(error.exit_code(), 75);
}

#[tokio::test]
async fn a_manifest_that_is_missing_or_changed_is_told() {
    let theatre = Theatre::new(&[1], false).await;
    let key = ObjectKey::manifest(&theatre.manifest.campaign, &theatre.manifest.batch);
    let mut changed = theatre.manifest.clone();
    changed.launches[0].launch.framework.args.push("--enforce-eager".to_owned());
    theatre.objects.put(&key, &serde_json::to_vec(&changed).unwrap()).await.unwrap();
    let error = theatre.play().await.unwrap_err();
    assert!(error.to_string().contains("is named") && error.exit_code() == 1, "{error}");

    let mut other = theatre;
    other.manifest.batch = BatchId::new(&other.manifest.campaign, 9);
    let error = other.play().await.unwrap_err();
    assert!(error.to_string().contains("has no manifest of batch demo.b9; check --campaign"), "{error}");
}

/// Answers of three tokens, the same every time but for one: to the second prompt, the second time and in INT4.
fn completion(question: u32) -> Vec<testkit::scripted_engine::Step> {
    let tokens = match question {
        41 | 81 => r#"["a","x","c"]"#,
        90 => r#"["x","b","c"]"#,
        _ => r#"["a","b","c"]"#,
    };
    let body = format!(r#"{{"choices":[{{"text":"abc","logprobs":{{"tokens":{tokens}}}}}]}}"#);
    testkit::scripted_engine::script::whole(200, &body)
}

/// 40 prompts, each continued twice: by FP16 first, which is the reference, and then by INT4.
#[tokio::test(flavor = "multi_thread")]
async fn fidelity_is_asked_for_once_for_a_launch_and_compared_with_fp16() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = asked.clone();
    let engine = testkit::scripted_engine::serve_asked(
        move |n| {
            counted.store(n + 1, Ordering::Relaxed);
            Some(completion(n))
        },
        |_| Vec::new(),
    )
    .await;
    let mut theatre = Theatre::new(&[1, 2], false).await;
    *theatre.stage.address.lock().unwrap() = Some(Address::parse(engine.base_url()).unwrap());
    theatre.manifest.fidelity = Some(FidelityPlan { output_tokens: 3 });
    theatre.keep_manifest().await;
    theatre.play().await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 80, "once for both trials");
    let fp16 = theatre.stored().await[0].fidelity.unwrap();
    let floor = 118.0 / 120.0;
    assert_eq!((fp16.prompts, fp16.agreement, fp16.loss.p_value), (40, fp16.floor, 1.0));
    assert!((fp16.floor.until_divergence - floor).abs() < 1e-12, "{fp16:?}");

    // Another batch, in INT4.
    theatre.manifest.batch = BatchId::new(&theatre.manifest.campaign, 1);
    let launch = &mut theatre.manifest.launches[0];
    launch.launch.model.quantisation = domain::Quantisation::Int4;
    launch.trials.truncate(1);
    let trial = &mut launch.trials[0];
    let serving = launch.launch.clone().into();
    trial.config_id = domain::Configuration { serving, workload: trial.workload.clone() }.id();
    theatre.keep_manifest().await;
    let batch =
        BatchRecord { state: BatchState::Submitted, ..fixtures::batch_record(&theatre.manifest.campaign, 1) };
    theatre.ledger.add_batches(&[batch]).await.unwrap();
    theatre.play().await.unwrap();
    let stored = theatre.stored().await;
    let int4 = stored.iter().find(|r| r.batch == theatre.manifest.batch).unwrap().fidelity.unwrap();
    assert_eq!(int4.floor, fp16.floor);
    // Prompts 2 and 11 part at their second and their first token.
    assert!((int4.agreement.until_divergence - 115.0 / 120.0).abs() < 1e-12, "{int4:?}");
    assert_eq!((int4.loss.kept_by_floor_only, int4.loss.kept_by_own_only, int4.loss.p_value), (1, 0, 0.5));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_answers_no_prompts_costs_no_trial() {
    let mut theatre = Theatre::new(&[1], false).await;
    theatre.manifest.fidelity = Some(FidelityPlan { output_tokens: 3 });
    theatre.keep_manifest().await;
    theatre.play().await.unwrap();
    assert_eq!(
        (theatre.outcomes().await, theatre.stored().await[0].fidelity),
        (vec!["stored".to_owned()], None)
    );
    let lines = theatre.lines.lock().unwrap().join("\n");
    assert!(
        lines.contains("the fidelity of llama-3.1-8b-instruct fp16 on h100x1 with vllm is not known"),
        "{lines}"
    );
}
