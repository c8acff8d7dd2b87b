//! AWS Batch, by our fake of it. Runners are shell scripts here; the end-to-end test has real ones.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cloud::aws::Aws;
use cloud::batch::state_change::{batch_ended, starting};
use cloud::batch::{BatchConfig, BatchDispatcher, Capacity, Home, Machine};
use domain::{BatchId, CampaignId, Engine, JobPlace};
use events::{BatchEnded, Event, EventBody, JobOutcome};
use serde_json::Value;
use store::{Dispatcher, Job, JobState, KnownJob, StartingJob, StoreError};
use tempfile::TempDir;
use testkit::conformance::{self, DispatcherSite};
use testkit::services::{BatchFake, BatchFakeConfig};
use tokio::sync::mpsc::UnboundedReceiver;

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A fake whose runners are a script, and a dispatcher to it.
pub struct Scene {
    /// Where runners work, `$FOLDER` for them.
    pub folder: TempDir,
    pub fake: BatchFake,
    events: UnboundedReceiver<Value>,
    pub dispatcher: BatchDispatcher,
}

impl Scene {
    async fn new(hosts: usize, script: &str) -> Self {
        Self::at(Home::Ecs, Duration::from_millis(300), hosts, script).await
    }

    async fn at(home: Home, stop_timeout: Duration, hosts: usize, script: &str) -> Self {
        let fake = BatchFakeConfig {
            program: PathBuf::new(),
            environment: Vec::new(),
            queues: vec!["spot".to_owned(), "on-demand".to_owned()],
            definitions: vec!["runner".to_owned()],
            hosts,
            stop_timeout,
            notice: Duration::from_millis(200),
        };
        let config = BatchConfig {
            home,
            definition: "runner".to_owned(),
            capacity: Capacity::of(Some("spot".to_owned()), Some("on-demand".to_owned())).unwrap(),
            machines: Vec::new(),
            engines: Vec::new(),
            ledger_url: "dynamodb://ledger".to_owned(),
            objects_url: "s3://objects".to_owned(),
        };
        Self::of(script, fake, config).await
    }

    /// The script takes the place of the fake's program.
    pub async fn of(script: &str, fake: BatchFakeConfig, config: BatchConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fake = BatchFakeConfig {
            program: program(folder.path(), script),
            environment: vec![("FOLDER".to_owned(), folder.path().display().to_string())],
            ..fake
        };
        let (fake, events) = match config.home {
            Home::Ecs => BatchFake::start(fake).await,
            Home::Eks => BatchFake::start_on_eks(fake).await,
        };
        let dispatcher = BatchDispatcher::new(&Aws::emulator(&fake.url()).await, config);
        Self { folder, fake, events, dispatcher }
    }

    /// The next end of a job, as the bus gets it.
    pub async fn ended(&mut self) -> BatchEnded {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap();
            match batch_ended(&event.to_string()).unwrap() {
                Some(Event { body: EventBody::BatchEnded(ended), .. }) => return ended,
                Some(other) => panic!("{other:?}"),
                None => {}
            }
        }
    }

    /// The next job that starts, as who may end it hears of it.
    pub async fn starting(&mut self) -> StartingJob {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap();
            if let Some((job, _)) = starting(&event.to_string()).unwrap() {
                return job;
            }
        }
    }

    pub async fn until_there(&self, name: &str) {
        let start = Instant::now();
        while !self.folder.path().join(name).exists() {
            assert!(start.elapsed() < PATIENCE, "{name} does not appear");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What the dispatcher knows of all campaigns.
    async fn known(&self) -> Vec<KnownJob> {
        let campaign = |id: &String| campaign_of(&self.fake.job(id));
        let campaigns: BTreeSet<String> = self.fake.job_ids().iter().map(campaign).collect();
        let mut known = Vec::new();
        for campaign in campaigns {
            known.extend(self.dispatcher.describe(&campaign.parse().unwrap()).await.unwrap());
        }
        known
    }

    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// The campaign of a job, by what its home tells: parameters, or the command line of its pod.
fn campaign_of(job: &Value) -> String {
    let args = job["eksProperties"]["podProperties"]["containers"][0]["args"].as_array();
    let mut args = args.into_iter().flatten().skip_while(|arg| *arg != "--campaign");
    args.nth(1).unwrap_or(&job["parameters"]["campaign"]).as_str().unwrap().to_owned()
}

fn program(folder: &Path, script: &str) -> PathBuf {
    let (source, path) = (folder.join("runner.sh"), folder.join("runner"));
    std::fs::write(&source, format!("#!/bin/sh\ncd \"$FOLDER\"\n{script}\n")).unwrap();
    std::fs::set_permissions(&source, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Another process makes the program: one that we hold open cannot be executed for a moment.
    assert!(std::process::Command::new("cp").arg("-p").arg(&source).arg(&path).status().unwrap().success());
    path
}

fn job(index: u32, gpu_count: u32) -> Job {
    let campaign: CampaignId = "demo-0f0f.2".parse().unwrap();
    Job { batch: BatchId::new(&campaign, index), campaign, gpu_count, place: None }
}

#[async_trait]
impl DispatcherSite for Scene {
    fn dispatcher(&self) -> &dyn Dispatcher {
        &self.dispatcher
    }

    async fn prepare(&mut self, _: &Job) {}

    async fn begin(&mut self) -> BatchId {
        self.until_there("begun").await;
        let id = self.lines("begun").remove(0);
        std::fs::remove_file(self.folder.path().join("begun")).unwrap();
        self.known().await.into_iter().find(|job| job.id == id).unwrap().batch
    }

    async fn exit(&mut self, _: &BatchId, code: i32) {
        let written = self.folder.path().join("code");
        std::fs::write(&written, code.to_string()).unwrap();
        std::fs::rename(written, self.folder.path().join("exit")).unwrap();
    }

    async fn ended(&mut self) -> BatchEnded {
        Self::ended(self).await
    }

    async fn jobs(&mut self, batch: &BatchId) -> Option<usize> {
        Some(self.known().await.iter().filter(|job| job.batch == *batch).count())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_dispatcher_at_both_homes() {
    let script = r#"trap : TERM
        echo "$AWS_BATCH_JOB_ID" >beginning; mv beginning begun
        until [ -e exit ]; do sleep 0.02; done
        code=$(cat exit); rm exit; exit "$code""#;
    for home in [Home::Ecs, Home::Eks] {
        conformance::dispatcher(&mut Scene::at(home, PATIENCE, 1, script).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_a_shape_are_one_array_and_none_is_submitted_twice() {
    let mut scene = Scene::new(0, r#"echo "$@ #$AWS_BATCH_JOB_ARRAY_INDEX" >>ran"#).await;
    let jobs = [job(0, 1), job(1, 1), job(2, 1), job(5, 1), job(3, 0)];
    scene.dispatcher.submit_all(&jobs).await.unwrap();
    scene.dispatcher.submit_all(&jobs).await.unwrap();
    scene.dispatcher.submit(&jobs[2]).await.unwrap();
    let ids = scene.fake.job_ids();
    assert_eq!(ids.len(), 1 + 5, "a job, and an array with four children: {ids:?}");
    let array = ids.iter().find(|id| scene.fake.job(id)["arrayProperties"]["size"] == 4).unwrap();
    let told = scene.fake.job(array);
    assert_eq!(told["status"], "PENDING");
    assert_eq!(told["container"]["resourceRequirements"][0]["type"], "GPU");
    let known = scene.dispatcher.describe(&jobs[0].campaign).await.unwrap();
    assert_eq!(known.len(), 5);
    assert!(known.iter().all(|job| job.state == JobState::Waiting), "{known:?}");

    (0..5).for_each(|_| scene.fake.add_host());
    let mut ended = Vec::new();
    for _ in 0..5 {
        let end = scene.ended().await;
        assert_eq!(end.outcome, JobOutcome::Finished);
        ended.push(end.batch);
    }
    ended.sort_unstable();
    let mut batches: Vec<_> = jobs.iter().map(|job| job.batch.clone()).collect();
    batches.sort_unstable();
    assert_eq!(ended, batches);
    let mut ran = scene.lines("ran");
    ran.sort_unstable();
    let tail = "--ledger dynamodb://ledger --objects s3://objects --capacity spot --spot-notices";
    assert_eq!(ran[0], format!("run --campaign demo-0f0f.2 --batch demo-0f0f.2.b3 {tail} #"));
    assert_eq!(ran[4], format!("run --campaign demo-0f0f.2 --batches 0-2,5 {tail} #3"));

    // What ended may be submitted again, under another id.
    scene.dispatcher.submit(&jobs[4]).await.unwrap();
    scene.ended().await;
    assert_eq!(scene.fake.job_ids().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_host_is_retried_by_batch_and_then_on_demand_and_bad_input_is_not() {
    let mut scene = Scene::new(
        2,
        r#"touch "$5-$AWS_BATCH_JQ_NAME-$AWS_BATCH_JOB_ATTEMPT"
        case $5 in *b0) echo "error: no such model" >&2; exit 1 ;; esac
        [ "$AWS_BATCH_JQ_NAME" = on-demand ] || exec sleep 1000"#,
    )
    .await;
    scene.dispatcher.submit(&job(0, 0)).await.unwrap();
    let ended = scene.ended().await;
    assert!(
        matches!(&ended.outcome, JobOutcome::Failed { reason } if reason.contains("exit code 1")),
        "{ended:?}"
    );
    assert_eq!(scene.fake.job(&scene.fake.job_ids()[0])["attempts"].as_array().unwrap().len(), 1);

    scene.dispatcher.submit(&job(1, 0)).await.unwrap();
    let id = scene.fake.job_ids()[1].clone();
    scene.until_there("demo-0f0f.2.b1-spot-1").await;
    scene.fake.lose_host(&id);
    scene.until_there("demo-0f0f.2.b1-spot-2").await;
    scene.fake.reclaim_host(&id);
    let ended = scene.ended().await;
    let lost = |reason: &String| reason.starts_with("Host EC2 (instance ");
    assert!(matches!(&ended.outcome, JobOutcome::Interrupted { reason } if lost(reason)), "{ended:?}");
    assert_eq!(ended.job.as_str(), id);

    scene.dispatcher.submit(&job(1, 0)).await.unwrap();
    let ended = scene.ended().await;
    assert_eq!(ended.outcome, JobOutcome::Finished);
    scene.until_there("demo-0f0f.2.b1-on-demand-1").await;
}

/// As when its image is not to be had for a while.
#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_does_not_start_is_tried_again_and_then_told_as_interrupted() {
    let mut scene = Scene::new(1, "true").await;
    let (image, elsewhere) = (scene.folder.path().join("runner"), scene.folder.path().join("elsewhere"));
    std::fs::rename(&image, &elsewhere).unwrap();
    scene.dispatcher.submit(&job(0, 0)).await.unwrap();
    let JobOutcome::Interrupted { reason } = scene.ended().await.outcome else { panic!("it goes on") };
    assert!(reason.starts_with("its container did not start (CannotStartContainerError: "), "{reason}");
    assert!(reason.contains("mend the image of the job definition"), "{reason}");
    let first = scene.fake.job(&scene.fake.job_ids()[0]);
    assert_eq!(first["attempts"].as_array().unwrap().len(), 2);

    std::fs::rename(&elsewhere, &image).unwrap();
    scene.dispatcher.submit(&job(0, 0)).await.unwrap();
    assert_eq!(scene.ended().await.outcome, JobOutcome::Finished);
    // No host was lost, so that it stays on spot.
    let second = scene.fake.job(&scene.fake.job_ids()[1]);
    assert!(second["jobQueue"].as_str().unwrap().ends_with("job-queue/spot"), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_finds_no_spot_instance_goes_on_demand_and_fails_where_there_is_none_either() {
    let mut scene = Scene::new(0, "true").await;
    scene.dispatcher.submit(&job(0, 1)).await.unwrap();
    scene.fake.end_waiting(&scene.fake.job_ids()[0]);
    let JobOutcome::Interrupted { reason } = scene.ended().await.outcome else { panic!("it goes on") };
    assert!(reason.starts_with("no spot instance was to be had (CAPACITY:"), "{reason}");

    scene.dispatcher.submit(&job(0, 1)).await.unwrap();
    let id = scene.fake.job_ids()[1].clone();
    assert!(scene.fake.job(&id)["jobQueue"].as_str().unwrap().ends_with("job-queue/on-demand"));
    scene.fake.end_waiting(&id);
    let JobOutcome::Failed { reason } = scene.ended().await.outcome else {
        panic!("there is no other queue")
    };
    assert!(reason.starts_with("no instance was to be had on demand"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_jobs_get_their_time_to_stop_and_do_not_begin() {
    let mut scene = Scene::new(
        1,
        r#"trap 'touch told; exit 75' TERM; touch "started-$AWS_BATCH_JOB_ARRAY_INDEX"
        while :; do sleep 0.02; done"#,
    )
    .await;
    let campaign = job(0, 0).campaign;
    scene.dispatcher.submit_all(&[job(0, 0), job(1, 0), job(2, 0)]).await.unwrap();
    let start = Instant::now();
    while scene.dispatcher.describe(&campaign).await.unwrap().iter().all(|j| j.state != JobState::Running) {
        assert!(start.elapsed() < PATIENCE);
    }
    let started = || {
        std::fs::read_dir(scene.folder.path())
            .unwrap()
            .flatten()
            .filter(|f| f.file_name().to_string_lossy().starts_with("started"))
            .count()
    };
    while started() == 0 {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // One runs, the others wait.
    let all = [0, 1, 2].map(|index| job(index, 0).batch).into();
    let withdrawn = scene.dispatcher.withdraw(&campaign, &all, "not needed any more").await.unwrap();
    assert_eq!(withdrawn.len(), 2);
    let stopped = scene.dispatcher.stop(&campaign, "not needed any more").await.unwrap();
    assert!(stopped.len() == 1 && stopped.is_disjoint(&withdrawn), "{stopped:?}");
    for _ in 0..3 {
        let ended = scene.ended().await;
        let reason = "stopped on request: not needed any more".to_owned();
        assert_eq!(ended.outcome, JobOutcome::Interrupted { reason });
    }
    assert!(scene.folder.path().join("told").exists());
    assert!(scene.dispatcher.stop(&campaign, "again").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_listen_is_killed_and_what_batch_refuses_is_told() {
    let mut scene = Scene::new(1, "trap '' TERM; touch started; while :; do sleep 0.02; done").await;
    let campaign = job(0, 0).campaign;
    scene.dispatcher.submit(&job(0, 0)).await.unwrap();
    scene.until_there("started").await;
    scene.dispatcher.stop(&campaign, "not needed").await.unwrap();
    scene.ended().await;
    assert_eq!(scene.fake.job(&scene.fake.job_ids()[0])["container"]["exitCode"], 137);

    let config = BatchConfig {
        home: Home::Ecs,
        definition: "absent".to_owned(),
        capacity: Capacity::OnDemand("on-demand".to_owned()),
        machines: Vec::new(),
        engines: Vec::new(),
        ledger_url: String::new(),
        objects_url: String::new(),
    };
    let absent = BatchDispatcher::new(&Aws::emulator(&scene.fake.url()).await, config);
    let error = absent.submit(&job(9, 0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
    let told = std::error::Error::source(&error).unwrap().to_string();
    assert!(told.contains("JobDefinition absent does not exist"), "{told}");
}

/// Each batch goes to the queue of its machines and gets the image of its engine; what there is no machine for is refused
/// with what there is. Jobs are found on every queue.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_gets_the_machine_and_the_image_that_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (fake, _events) = BatchFake::start(BatchFakeConfig {
        program: program(folder.path(), "true"),
        environment: Vec::new(),
        queues: names(&[
            "g6-xlarge-spot",
            "g6-12xlarge-spot",
            "cpu-spot",
            "g6-xlarge-on-demand",
            "g6-12xlarge-on-demand",
            "cpu-on-demand",
        ]),
        definitions: names(&[
            "assay-vllm-g6-12xlarge",
            "assay-tgi-g6-xlarge",
            "assay-simulated-cpu",
            "assay-hosted-cpu",
        ]),
        hosts: 0,
        stop_timeout: Duration::from_millis(300),
        notice: Duration::from_millis(200),
    })
    .await;
    let aws = Aws::emulator(&fake.url()).await;
    let capacity = Capacity::of(Some("{instance}-spot".to_owned()), Some("{instance}-on-demand".to_owned()));
    let config = BatchConfig {
        home: Home::Ecs,
        definition: "assay-{engine}-{instance}".to_owned(),
        capacity: capacity.unwrap(),
        machines: vec![Machine::Cpu, Machine::Instance("g6.xlarge"), Machine::Instance("g6.12xlarge")],
        engines: vec![Engine::Vllm, Engine::Tgi],
        ledger_url: "dynamodb://ledger".to_owned(),
        objects_url: "s3://objects".to_owned(),
    };
    let dispatcher = BatchDispatcher::new(&aws, config);
    let placed = |index, place| Job { place: Some(place), ..job(index, 1) };
    let of = |engine, hardware: &str| JobPlace::of(engine, hardware.parse().unwrap());
    let jobs = [
        placed(0, of(Engine::Vllm, "l4x4")),
        placed(1, of(Engine::Vllm, "l4x4")),
        placed(2, of(Engine::Tgi, "l4x1")),
        placed(3, of(Engine::Simulated, "h100x8")),
        placed(4, JobPlace::HOSTED),
        // On a machine with four GPUs, of which it gets two.
        placed(7, of(Engine::Vllm, "l4x2")),
    ];
    dispatcher.submit_all(&jobs).await.unwrap();
    dispatcher.submit_all(&jobs).await.unwrap();
    let mut told: Vec<String> = fake
        .job_ids()
        .iter()
        .filter(|id| !id.contains(':'))
        .map(|id| {
            let job = fake.job(id);
            let gpus = &job["container"]["resourceRequirements"][0]["value"];
            let end = |field: &str| {
                job[field].as_str().unwrap().rsplit('/').next().unwrap().split(':').next().unwrap().to_owned()
            };
            format!("{} {} {gpus} {}", end("jobDefinition"), end("jobQueue"), job["arrayProperties"]["size"])
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "assay-hosted-cpu cpu-spot null null",
            "assay-simulated-cpu cpu-spot null null",
            "assay-tgi-g6-xlarge g6-xlarge-spot \"1\" null",
            "assay-vllm-g6-12xlarge g6-12xlarge-spot \"2\" null",
            "assay-vllm-g6-12xlarge g6-12xlarge-spot \"4\" 2",
        ]
    );
    for (place, why) in [
        (
            of(Engine::Vllm, "h100x1"),
            "needs h100x1, so p5.48xlarge, and there are cpu, g6.xlarge, g6.12xlarge",
        ),
        (of(Engine::LlamaCpp, "l4x1"), "needs llama.cpp, and there are job definitions of vllm, tgi"),
        (of(Engine::Vllm, "cpu"), "needs vllm on a processor, and images of engines are for GPUs"),
    ] {
        let error = dispatcher.submit(&placed(5, place)).await.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let error = dispatcher.submit(&job(6, 1)).await.unwrap_err().to_string();
    assert!(error.contains("where batch demo-0f0f.2.b6 has to run is not known"), "{error}");
    assert!(dispatcher.stop(&jobs[0].campaign, "enough").await.unwrap().is_empty());
    let known = dispatcher.describe(&jobs[0].campaign).await.unwrap();
    assert!(known.len() == 6 && known.iter().all(|job| !job.state.is_live()), "{known:?}");
}

#[test]
fn the_event_of_the_documentation_is_read_and_is_none_of_ours() {
    // <https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html>, shortened.
    let event = r#"{
        "version": "0", "id": "c8f9c4b5-76e5-d76a-f980-7011e206042b", "detail-type": "Batch Job State Change",
        "source": "aws.batch", "account": "123456789012", "time": "2022-01-11T23:36:40Z", "region": "us-east-1",
        "resources": ["arn:aws:batch:us-east-1:123456789012:job/4c7599ae-0a82-49aa-ba5a-4727fcce14a8"],
        "detail": {
            "jobName": "event-test", "jobId": "4c7599ae-0a82-49aa-ba5a-4727fcce14a8", "status": "FAILED",
            "attempts": [], "createdAt": 1641944200058, "retryStrategy": {"attempts": 2, "evaluateOnExit": []},
            "dependsOn": [], "parameters": {}, "container": {"command": ["sleep", "600"], "environment": []},
            "tags": {}, "propagateTags": false, "platformCapabilities": []
        }
    }"#;
    assert_eq!(batch_ended(event).unwrap(), None);
    assert!(batch_ended("{}").is_err());
}
