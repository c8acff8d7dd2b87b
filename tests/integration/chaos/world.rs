//! The **world** of a campaign: functions over real ports, and our fake of AWS Batch with real runners.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog::Snapshot;
use chrono::Utc;
use cloud::aws::Aws;
use cloud::batch::{BatchConfig, BatchDispatcher, Capacity, Home};
use cloud::dynamodb::DynamoLedger;
use cloud::open::open_hot_results;
use cloud::s3::S3Objects;
use domain::{CampaignId, CampaignSpec, CheaperOfBoth};
use serde_json::json;
use serve_api::{CurrentSnapshot, Measures, PublishedBySchedule, Settings, TriggerByUpload};
use store::open::{ResultStores, STORE_VARIABLE, open_result_stores};
use store::{HotAnswers, JobState, Ledger, MAX_TRIES, ObjectKey, ObjectPrefix};
use testkit::MemoryBus;
use testkit::services::{BatchFake, BatchFakeConfig, PrivateMinistack, PrivatePostgres, PrivateRedis};
use tokio::task::JoinHandle;
use trigger_campaign::Repeat;

use super::deliveries::deliver;
use crate::deployment::{CREDENTIALS, call};
use crate::functions::Functions;

/// Longest that a campaign may take.
const PATIENCE: Duration = Duration::from_secs(100);

/// How long database and cache are away: long enough for a runner to end and the next to begin meanwhile.
const OUTAGE: Duration = Duration::from_secs(2);

/// Hosts, and so runners at once.
const HOSTS: usize = 4;

/// Everything that runs.
pub struct World {
    pub ledger: Arc<dyn Ledger>,
    pub stores: ResultStores,
    pub batch: BatchFake,
    dispatcher: Arc<BatchDispatcher>,
    functions: Functions,
    postgres: PrivatePostgres,
    redis: PrivateRedis,
    tasks: Vec<JoinHandle<()>>,
    _emulator: PrivateMinistack,
}

impl World {
    pub async fn start(seed: u64) -> Self {
        let emulator = PrivateMinistack::start();
        let aws = Aws::emulator(&emulator.url()).await;
        emulator.create_bucket("assay");
        let ledger = DynamoLedger::new(&aws, "assay");
        ledger.create_table().await.unwrap();
        let postgres = PrivatePostgres::start();
        let redis = PrivateRedis::start();
        let store_url = postgres.database();
        store::open::migrate_results(&store_url, Utc::now().date_naive()).await.unwrap();
        let (batch, states) = BatchFake::start(BatchFakeConfig {
            program: program("batch-runner"),
            environment: [
                (STORE_VARIABLE, store_url.as_str()),
                ("ASSAY_LEASE_S", "2"),
                ("AWS_ENDPOINT_URL", &emulator.url()),
            ]
            .into_iter()
            .chain(CREDENTIALS)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
            queues: vec!["spot".to_owned()],
            definitions: vec!["runner".to_owned()],
            hosts: HOSTS,
            stop_timeout: Duration::from_secs(5),
            notice: Duration::from_secs(2),
        })
        .await;
        let config = BatchConfig {
            home: Home::Ecs,
            definition: "runner".to_owned(),
            capacity: Capacity::Spot("spot".to_owned()),
            machines: Vec::new(),
            engines: Vec::new(),
            ledger_url: "dynamodb://assay".to_owned(),
            objects_url: "s3://assay/team".to_owned(),
        };
        let (bus, events) = MemoryBus::new();
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        let stores = open_result_stores(&store_url).await.unwrap();
        let dispatcher = Arc::new(BatchDispatcher::new(&Aws::emulator(&batch.url()).await, config));
        let functions = Functions {
            ledger: ledger.clone(),
            stores: stores.clone(),
            objects: Arc::new(S3Objects::new(&aws, "assay", "team")),
            bus: Arc::new(bus),
            dispatcher: dispatcher.clone(),
        };
        let tasks = vec![
            tokio::spawn(deliver(functions.clone(), events, states, seed)),
            ask_for_ever(&functions, &redis).await,
        ];
        Self { ledger, stores, batch, dispatcher, functions, postgres, redis, tasks, _emulator: emulator }
    }

    /// Triggers the campaign of a spec, twice.
    pub async fn trigger(&self, spec: &str) -> CampaignId {
        let Functions { ledger, objects, bus, .. } = self.functions.clone();
        let context = trigger_campaign::Context { ledger, objects, bus };
        let spec = CampaignSpec::from_yaml(spec).unwrap();
        let mut triggered = Vec::new();
        for _ in 0..2 {
            let now = Utc::now();
            triggered.push(trigger_campaign::handle(&context, &spec, Repeat::Continue, now).await.unwrap());
        }
        assert_eq!(triggered[0].campaign().id, triggered[1].campaign().id);
        triggered[0].campaign().id.clone()
    }

    /// Until the report of a campaign is there.
    pub async fn until_published(&self, campaign: &CampaignId) {
        let begun = Instant::now();
        let report = ObjectKey::report(campaign, store::ReportForm::Json);
        while self.functions.objects.get(&report).await.unwrap().is_none() {
            self.go_on(begun, campaign).await;
        }
    }

    /// Until so many trials have an outcome.
    pub async fn until_outcomes(&self, campaign: &CampaignId, count: usize) {
        let begun = Instant::now();
        while self.outcomes_by_batch(campaign).await.values().sum::<usize>() < count {
            self.go_on(begun, campaign).await;
        }
    }

    async fn go_on(&self, begun: Instant, campaign: &CampaignId) {
        if begun.elapsed() > PATIENCE || self.tasks.iter().any(JoinHandle::is_finished) {
            let logs: String = self.batch.job_ids().iter().map(|job| self.batch.log(job)).collect();
            let batches = self.ledger.batches(campaign).await.unwrap();
            panic!("the campaign stands still:\n{batches:#?}\n{logs}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    pub async fn outcomes_by_batch(&self, campaign: &CampaignId) -> BTreeMap<String, usize> {
        let mut outcomes = BTreeMap::new();
        for batch in self.ledger.batches(campaign).await.unwrap() {
            let count = self.ledger.checkpoints(&batch.id).await.unwrap().len();
            outcomes.insert(batch.id.to_string(), count);
        }
        outcomes
    }

    /// Batches with a trial that would be given up if it lost one more runner, as is promised.
    pub async fn batches_with_a_last_try(&self, campaign: &CampaignId) -> BTreeSet<String> {
        let mut batches = BTreeSet::new();
        for batch in self.ledger.batches(campaign).await.unwrap() {
            let outcomes = self.ledger.checkpoints(&batch.id).await.unwrap();
            let tries = self.ledger.lost_tries(&batch.id).await.unwrap();
            if tries.iter().any(|(run, tries)| !outcomes.contains_key(run) && *tries >= MAX_TRIES - 1) {
                batches.insert(batch.id.to_string());
            }
        }
        batches
    }

    /// Jobs that run, each with its batch.
    pub async fn running_jobs(&self, campaign: &CampaignId) -> Vec<(String, String)> {
        let jobs = self.dispatcher.describe(campaign).await.unwrap().into_iter();
        jobs.filter(|job| job.state == JobState::Running).map(|job| (job.id, job.batch.to_string())).collect()
    }

    /// Both at once, as a crash would end them; they are away for a while.
    pub async fn restart_database_and_cache(&mut self) {
        tokio::task::block_in_place(|| {
            self.postgres.stop();
            self.redis.stop();
        });
        tokio::time::sleep(OUTAGE).await;
        tokio::task::block_in_place(|| {
            self.redis.start_again();
            self.postgres.start_again();
        });
    }

    pub async fn raw_records(&self, campaign: &CampaignId) -> usize {
        self.functions.objects.list(&ObjectPrefix::raw_records(campaign)).await.unwrap().len()
    }

    /// The catalogue as it was published last.
    pub async fn published(&self) -> Snapshot {
        let file = self.functions.objects.get(&ObjectKey::snapshot()).await.unwrap().unwrap();
        Snapshot::from_file(&file).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Somebody asks for recommendations all the while, and never gets an error of ours.
async fn ask_for_ever(functions: &Functions, redis: &PrivateRedis) -> JoinHandle<()> {
    let Functions { ledger, stores, objects, bus, .. } = functions.clone();
    let context = serve_api::Context {
        bus,
        ledger: ledger.clone(),
        objects: objects.clone(),
        hot: HotAnswers::new(open_hot_results(&redis.url()).unwrap()),
        snapshot: Arc::new(CurrentSnapshot::new(stores.results.clone(), objects.clone())),
        results: stores.results,
        rollups: stores.rollups,
        market: Arc::new(CheaperOfBoth),
        trigger: Arc::new(TriggerByUpload { ledger, objects }),
        publishing: Arc::new(PublishedBySchedule),
        settings: Settings::default(),
        measures: Measures::default(),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/recommendations", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, serve_api::router(context)).await.unwrap() });
    let question = json!({"use_case": "chatbot", "provenance": "simulated"}).to_string();
    let ask = move || {
        let json = [("content-type", "application/json")];
        let (status, body) = call("POST", &url, &json, question.as_bytes());
        assert!(matches!(status, 200 | 422), "{status}: {}", String::from_utf8_lossy(&body));
    };
    tokio::task::spawn_blocking(ask.clone()).await.unwrap();
    tokio::spawn(async move {
        loop {
            tokio::task::spawn_blocking(ask.clone()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
}

/// A program that was built beside this test.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(|deps| deps.parent()).unwrap().join(name)
}
