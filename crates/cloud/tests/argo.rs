//! Argo Workflows, by our fake of the API of Kubernetes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use cloud::argo::{ArgoConfig, ArgoDispatcher, KubernetesConfig};
use domain::framework::Endpoint;
use domain::manifest::MANIFEST_SCHEMA_VERSION;
use domain::{BatchId, BatchManifest, CampaignId, Engine, LaunchPlan, RequestSlo};
use events::{BatchEnded, Event, EventBody, JobOutcome};
use serde_json::{Value, json};
use store::directory::DirectoryObjects;
use store::{Dispatcher, Job, JobState, ObjectKey, Objects, StoreError};
use tempfile::TempDir;
use testkit::MemoryBus;
use testkit::conformance::{self, DispatcherSite};
use testkit::services::{KubernetesFake, NAMESPACE, TEMPLATE};
use tokio::sync::mpsc::UnboundedReceiver;

struct Scene {
    _folder: TempDir,
    fake: KubernetesFake,
    objects: Arc<DirectoryObjects>,
    dispatcher: ArgoDispatcher,
    bus: MemoryBus,
    events: UnboundedReceiver<Event>,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let objects = Arc::new(DirectoryObjects::open(folder.path()).unwrap());
        let fake = KubernetesFake::start().await;
        let dispatcher = dispatcher(&fake, TEMPLATE, objects.clone());
        let (bus, events) = MemoryBus::new();
        Self { _folder: folder, fake, objects, dispatcher, bus, events }
    }

    /// The name of the latest workflow of a batch.
    fn name(&self, batch: &BatchId) -> String {
        self.names(batch).pop().unwrap()
    }

    fn names(&self, batch: &BatchId) -> Vec<String> {
        let is_its = |name: &String| parameter(&self.fake.workflow(name), "batch") == batch.as_str();
        self.fake.names().into_iter().filter(is_its).collect()
    }

    async fn manifest(&self, job: &Job, launches: &[(&str, Engine)]) {
        let launch = |(hardware, engine): &(&str, Engine)| {
            let mut launch = testkit::fixtures::launch();
            launch.hardware = hardware.parse().unwrap();
            launch.framework.engine = *engine;
            LaunchPlan {
                launch,
                endpoint: Endpoint::Attach { url: "http://127.0.0.1:1".to_owned(), served_model: None },
                architecture: testkit::fixtures::architecture(131_072),
                weights: None,
                rent: domain::known::rent_of(hardware.parse().unwrap()),
                context_tokens: 1024,
                max_concurrency: 1,
                trials: vec![],
            }
        };
        let manifest = BatchManifest {
            schema_version: MANIFEST_SCHEMA_VERSION,
            campaign: job.campaign.clone(),
            batch: job.batch.clone(),
            slo: RequestSlo::default(),
            fidelity: None,
            tasks: None,
            launches: launches.iter().map(launch).collect(),
            hosted: vec![],
        };
        let key = ObjectKey::manifest(&job.campaign, &job.batch);
        self.objects.put(&key, &serde_json::to_vec(&manifest).unwrap()).await.unwrap();
    }

    async fn end(&mut self) -> BatchEnded {
        loop {
            if let Ok(event) = self.events.try_recv() {
                match event.body {
                    EventBody::BatchEnded(ended) => return ended,
                    other => panic!("{other:?}"),
                }
            }
            assert!(self.dispatcher.tell_ends(&self.bus).await.unwrap() > 0, "no end is told");
        }
    }
}

fn dispatcher(fake: &KubernetesFake, template: &str, objects: Arc<DirectoryObjects>) -> ArgoDispatcher {
    let kubernetes = KubernetesConfig { server: fake.url(), credentials: fake.credentials() };
    let config = ArgoConfig {
        namespace: NAMESPACE.to_owned(),
        template: template.to_owned(),
        ledger_url: "dynamodb://ledger".to_owned(),
        objects_url: "s3://objects".to_owned(),
    };
    ArgoDispatcher::new(kubernetes, config, objects).unwrap()
}

fn parameter(workflow: &Value, name: &str) -> String {
    let parameters = workflow["spec"]["arguments"]["parameters"].as_array().unwrap();
    let found = parameters.iter().find(|parameter| parameter["name"] == name).unwrap();
    found["value"].as_str().unwrap().to_owned()
}

fn job(index: u32, gpu_count: u32) -> Job {
    let campaign: CampaignId = "demo-0f.2".parse().unwrap();
    Job { batch: BatchId::new(&campaign, index), campaign, gpu_count, place: None }
}

#[async_trait]
impl DispatcherSite for Scene {
    fn dispatcher(&self) -> &dyn Dispatcher {
        &self.dispatcher
    }

    async fn prepare(&mut self, job: &Job) {
        self.manifest(job, &[("l4x1", Engine::Simulated)]).await;
    }

    /// The last of those that wait: no order is promised.
    async fn begin(&mut self) -> BatchId {
        let waits = |name: &String| {
            let workflow = self.fake.workflow(name);
            let nodes = workflow["status"]["nodes"].as_object().unwrap();
            nodes.values().any(|node| node["type"] == "Pod" && node["phase"] == "Pending")
        };
        let name = self.fake.names().into_iter().rfind(waits).unwrap();
        self.fake.begin(&name);
        parameter(&self.fake.workflow(&name), "batch").parse().unwrap()
    }

    async fn exit(&mut self, batch: &BatchId, code: i32) {
        self.fake.exit(&self.name(batch), code);
    }

    async fn ended(&mut self) -> BatchEnded {
        self.end().await
    }

    async fn jobs(&mut self, batch: &BatchId) -> Option<usize> {
        Some(self.names(batch).len())
    }
}

#[tokio::test]
async fn it_is_a_dispatcher() {
    conformance::dispatcher(&mut Scene::new().await).await;
}

#[tokio::test]
async fn a_workflow_says_what_its_batch_needs() {
    let scene = Scene::new().await;
    scene.manifest(&job(0, 4), &[("h100x4", Engine::LlamaCpp), ("h100x4", Engine::LlamaCpp)]).await;
    scene.manifest(&job(1, 0), &[]).await;
    scene.dispatcher.submit_all(&[job(0, 4), job(1, 0)]).await.unwrap();
    let workflow = scene.fake.workflow(&scene.name(&job(0, 4).batch));
    let told = |name| parameter(&workflow, name);
    assert_eq!(workflow["spec"]["workflowTemplateRef"]["name"], TEMPLATE);
    assert_eq!([told("campaign"), told("batch")], ["demo-0f.2", "demo-0f.2.b0"]);
    assert_eq!([told("gpus"), told("image")], ["4", "batch-runner-llama-cpp"]);
    let node: Value = serde_json::from_str(&told("node-selector")).unwrap();
    assert_eq!(node, json!({"assay/gpu": "h100", "node.kubernetes.io/instance-type": "p5.48xlarge"}));
    assert_eq!([told("ledger"), told("objects")], ["dynamodb://ledger", "s3://objects"]);
    assert_eq!(told("capacity"), "spot");
    // The simulated engine says that it is on a GPU, and needs none.
    scene.manifest(&job(4, 1), &[("l4x1", Engine::Simulated)]).await;
    scene.dispatcher.submit(&job(4, 1)).await.unwrap();
    let simulated = scene.fake.workflow(&scene.name(&job(4, 1).batch));
    assert_eq!(parameter(&simulated, "node-selector"), r#"{"assay/gpu":"cpu"}"#);
    assert_eq!(
        [parameter(&simulated, "gpus"), parameter(&simulated, "image")],
        ["0", "batch-runner-simulated"]
    );
    let hosted = scene.fake.workflow(&scene.name(&job(1, 0).batch));
    assert_eq!(parameter(&hosted, "image"), "batch-runner-simulated");
    assert_eq!(parameter(&hosted, "node-selector"), r#"{"assay/gpu":"cpu"}"#);

    scene.manifest(&job(2, 1), &[("l4x1", Engine::Vllm), ("l4x1", Engine::Sglang)]).await;
    let error = scene.dispatcher.submit(&job(2, 1)).await.unwrap_err().to_string();
    assert!(error.contains("vllm and sglang, and an image has one engine"), "{error}");
    let error = scene.dispatcher.submit(&job(3, 1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
}

#[tokio::test]
async fn a_lost_node_is_retried_and_then_the_batch_goes_on_demand() {
    let mut scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Simulated)]).await;
    scene.dispatcher.submit(&one).await.unwrap();
    let name = scene.name(&one.batch);
    for _ in 0..2 {
        scene.fake.begin(&name);
        scene.fake.lose_pod(&name);
        let known = scene.dispatcher.describe(&one.campaign).await.unwrap();
        assert!(known[0].state == JobState::Waiting && known[0].lost_a_host, "{known:?}");
    }
    scene.fake.begin(&name);
    scene.fake.lose_pod(&name);
    let ended = scene.end().await;
    assert!(matches!(&ended.outcome, JobOutcome::Interrupted { reason } if reason.contains("pod deleted")));
    scene.dispatcher.submit(&one).await.unwrap();
    let again = scene.name(&one.batch);
    assert_ne!(name, again);
    assert_eq!(parameter(&scene.fake.workflow(&again), "capacity"), "on-demand");
}

/// Those behind a job that has such a node wait for their turn.
#[tokio::test]
async fn where_no_spot_node_is_to_be_had_a_batch_goes_on_demand() {
    let mut scene = Scene::new().await;
    let jobs = [job(0, 1), job(1, 1), job(2, 4)];
    for (one, hardware) in jobs.iter().zip(["l4x1", "l4x1", "h100x4"]) {
        scene.manifest(one, &[(hardware, Engine::Vllm)]).await;
    }
    scene.dispatcher.submit_all(&jobs).await.unwrap();
    let first = scene.name(&jobs[0].batch);
    scene.fake.begin(&first);
    let now = Utc::now();
    let after = |minutes| now + TimeDelta::minutes(minutes);
    for one in &jobs[1..] {
        scene.fake.wait_since(&scene.name(&one.batch), after(-20));
    }
    assert_eq!(scene.dispatcher.end_waiting(after(-6)).await.unwrap(), 0);
    assert_eq!(scene.dispatcher.end_waiting(now).await.unwrap(), 1);
    let ended = scene.end().await;
    let reason = "no spot node was to be had".to_owned();
    assert_eq!((&ended.batch, ended.outcome), (&jobs[2].batch, JobOutcome::Interrupted { reason }));
    scene.dispatcher.submit(&jobs[2]).await.unwrap();
    let again = scene.name(&jobs[2].batch);
    assert_eq!(parameter(&scene.fake.workflow(&again), "capacity"), "on-demand");
    // On demand it waits longer, and what is next on a node that just became free has its turn.
    scene.fake.wait_since(&again, after(-20));
    scene.fake.exit(&first, 0);
    assert_eq!(scene.dispatcher.end_waiting(now).await.unwrap(), 0);
    assert_eq!(scene.dispatcher.end_waiting(after(16)).await.unwrap(), 1);
    let ends = [scene.end().await.batch, scene.end().await.batch];
    assert!(ends.contains(&jobs[0].batch) && ends.contains(&jobs[1].batch), "{ends:?}");
}

/// A pod waited long for its node and has no image for a moment; then its next try has none for good.
#[tokio::test]
async fn a_pod_whose_image_is_not_to_be_had_is_ended_and_its_batch_has_failed() {
    let mut scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Vllm)]).await;
    scene.dispatcher.submit(&one).await.unwrap();
    let name = scene.name(&one.batch);
    let now = Utc::now();
    let after = |minutes| now + TimeDelta::minutes(minutes);
    scene.fake.wait_since(&name, after(-60));
    scene.fake.lack_image(&name);
    for minutes in [-30, -29, -20] {
        assert_eq!(scene.dispatcher.end_waiting(after(minutes)).await.unwrap(), 0);
    }
    scene.fake.begin(&name);
    scene.fake.lose_pod(&name);
    scene.fake.lack_image(&name);
    assert_eq!(scene.dispatcher.end_waiting(after(1)).await.unwrap(), 0, "this pod has time of its own");
    assert_eq!(scene.dispatcher.end_waiting(after(15)).await.unwrap(), 0);
    assert_eq!(scene.dispatcher.end_waiting(after(17)).await.unwrap(), 1);
    let JobOutcome::Failed { reason } = scene.end().await.outcome else { panic!("it would lack it again") };
    assert!(reason.starts_with("its image was not to be had (ImagePullBackOff: "), "{reason}");
}

/// As on AWS Batch. Asked for again, it is looked for on demand once more.
#[tokio::test]
async fn where_no_node_is_to_be_had_on_demand_either_a_batch_fails() {
    let mut scene = Scene::new().await;
    let one = job(0, 4);
    scene.manifest(&one, &[("h100x4", Engine::Vllm)]).await;
    let now = Utc::now();
    scene.dispatcher.submit(&one).await.unwrap();
    scene.fake.wait_since(&scene.name(&one.batch), now - TimeDelta::minutes(16));
    assert_eq!(scene.dispatcher.end_waiting(now).await.unwrap(), 1);
    assert!(matches!(scene.end().await.outcome, JobOutcome::Interrupted { .. }));
    scene.dispatcher.submit(&one).await.unwrap();
    let name = scene.name(&one.batch);
    assert_eq!(parameter(&scene.fake.workflow(&name), "capacity"), "on-demand");
    scene.fake.wait_since(&name, now);
    assert_eq!(scene.dispatcher.end_waiting(now + TimeDelta::minutes(119)).await.unwrap(), 0);
    assert_eq!(scene.dispatcher.end_waiting(now + TimeDelta::minutes(121)).await.unwrap(), 1);
    let reason = match scene.end().await.outcome {
        JobOutcome::Failed { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason.starts_with("no node was to be had on demand; ask for"), "{reason}");
    scene.dispatcher.submit(&one).await.unwrap();
    assert_eq!(parameter(&scene.fake.workflow(&scene.name(&one.batch)), "capacity"), "on-demand");
}

/// Another size at another price has nodes of the same pool: it is full, and there are such nodes.
#[tokio::test]
async fn who_waits_on_demand_behind_others_of_its_pool_waits_for_its_turn() {
    let scene = Scene::new().await;
    let (one, other) = (job(0, 1), job(1, 4));
    scene.manifest(&one, &[("h100x1", Engine::Vllm)]).await;
    scene.manifest(&other, &[("h100x8", Engine::Vllm)]).await;
    let now = Utc::now();
    scene.dispatcher.submit_all(&[one.clone(), other.clone()]).await.unwrap();
    let name = scene.name(&one.batch);
    assert_eq!(parameter(&scene.fake.workflow(&name), "capacity"), "on-demand", "it is cheaper there");
    scene.fake.wait_since(&name, now - TimeDelta::hours(3));
    scene.fake.begin(&scene.name(&other.batch));
    assert_eq!(scene.dispatcher.end_waiting(now).await.unwrap(), 0);
}

#[tokio::test]
async fn of_dispatchers_that_race_one_submits() {
    let scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Simulated)]).await;
    let others: Vec<_> =
        (0..8).map(|_| Arc::new(dispatcher(&scene.fake, TEMPLATE, scene.objects.clone()))).collect();
    let racing = others.iter().map(|other| {
        let (other, one) = (other.clone(), one.clone());
        tokio::spawn(async move { other.submit(&one).await })
    });
    for submitted in racing.collect::<Vec<_>>() {
        submitted.await.unwrap().unwrap();
    }
    assert_eq!(scene.fake.names().len(), 1);
}

#[tokio::test]
async fn what_begins_while_it_is_withdrawn_is_not_withdrawn() {
    let scene = Scene::new().await;
    let jobs = [job(0, 1), job(1, 1)];
    for one in &jobs {
        scene.manifest(one, &[("l4x1", Engine::Simulated)]).await;
    }
    scene.dispatcher.submit_all(&jobs).await.unwrap();
    scene.fake.begin_before_patch(&scene.name(&jobs[0].batch));
    let all = jobs.iter().map(|job| job.batch.clone()).collect();
    let withdrawn = scene.dispatcher.withdraw(&jobs[0].campaign, &all, "no budget").await.unwrap();
    assert_eq!(withdrawn, [jobs[1].batch.clone()].into());
    assert_eq!(scene.fake.workflow(&scene.name(&jobs[0].batch))["spec"]["shutdown"], Value::Null);
}

#[tokio::test]
async fn what_argo_postponed_is_ended_too() {
    let mut scene = Scene::new().await;
    scene.fake.be_full();
    let jobs = [job(0, 1), job(1, 1)];
    for one in &jobs {
        scene.manifest(one, &[("l4x1", Engine::Simulated)]).await;
    }
    scene.dispatcher.submit_all(&jobs).await.unwrap();
    let first = [jobs[0].batch.clone()].into();
    assert_eq!(scene.dispatcher.withdraw(&jobs[0].campaign, &first, "no budget").await.unwrap(), first);
    assert!(scene.dispatcher.stop(&jobs[0].campaign, "cancelled").await.unwrap().is_empty());
    for _ in &jobs {
        let ended = scene.end().await;
        assert!(matches!(ended.outcome, JobOutcome::Interrupted { .. }), "{ended:?}");
    }
}

#[tokio::test]
async fn what_begins_while_it_is_stopped_is_stopped_and_said_to_run() {
    let scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Simulated)]).await;
    scene.dispatcher.submit(&one).await.unwrap();
    let name = scene.name(&one.batch);
    scene.fake.begin_before_patch(&name);
    let running = scene.dispatcher.stop(&one.campaign, "cancelled").await.unwrap();
    assert_eq!(running, [one.batch].into());
    assert_eq!(scene.fake.workflow(&name)["spec"]["shutdown"], "Stop");
}

#[tokio::test]
async fn an_end_is_told_again_when_nobody_heard_it_and_not_when_it_was_noted() {
    let mut scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Simulated)]).await;
    scene.dispatcher.submit(&one).await.unwrap();
    let name = scene.name(&one.batch);
    scene.fake.begin(&name);
    scene.fake.exit(&name, 0);
    let (deaf, heard) = MemoryBus::new();
    drop(heard);
    scene.dispatcher.tell_ends(&deaf).await.unwrap_err();
    assert_eq!(scene.dispatcher.tell_ends(&scene.bus).await.unwrap(), 1);
    assert_eq!(scene.dispatcher.tell_ends(&scene.bus).await.unwrap(), 0);
    let told = scene.events.try_recv().unwrap();
    assert_eq!(told.id, domain::EventId::of_job(&one.batch, &scene_job(&scene, &name)));
}

fn scene_job(scene: &Scene, name: &str) -> domain::JobId {
    scene.fake.workflow(name)["metadata"]["uid"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn short_outages_are_sat_out_and_a_new_token_is_used() {
    let scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Simulated)]).await;
    scene.fake.be_out(2);
    scene.dispatcher.submit(&one).await.unwrap();
    scene.fake.renew_token("second");
    assert_eq!(scene.dispatcher.describe(&one.campaign).await.unwrap().len(), 1);
    scene.fake.be_out(100);
    let error = scene.dispatcher.describe(&one.campaign).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable { detail, .. } if detail.contains("no leader")),
        "{error:?}"
    );
}

#[tokio::test]
async fn refusals_say_what_to_mend_and_not_the_token() {
    let mut scene = Scene::new().await;
    let one = job(0, 1);
    scene.manifest(&one, &[("l4x1", Engine::Simulated)]).await;
    let other = dispatcher(&scene.fake, "absent", scene.objects.clone());
    other.submit(&one).await.unwrap();
    let ended = scene.end().await;
    let JobOutcome::Failed { reason } = ended.outcome else { panic!("{ended:?}") };
    assert!(reason.contains("mend the WorkflowTemplate"), "{reason}");

    std::fs::write(scene.fake.credentials().join("token"), "a-wrong-token").unwrap();
    let error = scene.dispatcher.submit(&one).await.unwrap_err().to_string();
    assert!(error.contains("service account") && !error.contains("a-wrong-token"), "{error}");
    std::fs::remove_file(scene.fake.credentials().join("token")).unwrap();
    let error = scene.dispatcher.submit(&one).await.unwrap_err().to_string();
    assert!(error.contains("whose token is mounted"), "{error}");
}
