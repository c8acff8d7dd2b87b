//! The local dispatcher with runners that are shell scripts.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::{BatchId, CampaignId};
use events::{BatchEnded, Event, EventBody, JobOutcome};
use store::processes::{ProcessDispatcher, ProcessDispatcherConfig};
use store::{Dispatcher, Job};
use tempfile::TempDir;
use testkit::MemoryBus;
use testkit::conformance::{self, DispatcherSite};
use tokio::sync::mpsc::UnboundedReceiver;

/// Longest that anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

struct Scene {
    folder: TempDir,
    dispatcher: ProcessDispatcher,
    events: UnboundedReceiver<Event>,
}

impl Scene {
    /// A dispatcher whose runner is a script; `$batch` is its batch and `$PWD` means nothing.
    fn new(gpus: &[&str], script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runner = folder.path().join("runner");
        // Arguments: run --campaign C --batch B ...
        let text = format!("#!/bin/sh\ncd '{}'\nbatch=$5\n{script}\n", folder.path().display());
        // Another process makes the program: a file that we hold open for writing while another test forks
        // cannot be executed for a moment.
        let source = folder.path().join("runner.sh");
        fs::write(&source, text).unwrap();
        let installed =
            Command::new("install").args(["-m", "755"]).arg(&source).arg(&runner).status().unwrap();
        assert!(installed.success());
        let (bus, events) = MemoryBus::new();
        let config = ProcessDispatcherConfig {
            runner,
            results_url: "sqlite:results.db".to_owned(),
            ledger_url: "sqlite:ledger.db".to_owned(),
            objects_url: "dir:objects".to_owned(),
            log_dir: folder.path().join("logs"),
            lock_dir: folder.path().to_owned(),
            gpus: gpus.iter().map(|gpu| (*gpu).to_owned()).collect(),
        };
        let dispatcher = ProcessDispatcher::new(config, Arc::new(bus));
        Self { folder, dispatcher, events }
    }

    async fn submit(&self, index: u32) {
        self.submit_with(index, 0).await;
    }

    async fn submit_with(&self, index: u32, gpu_count: u32) {
        self.dispatcher.submit(&Job { gpu_count, ..job(index) }).await.unwrap();
    }

    async fn ended(&mut self) -> BatchEnded {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap();
        match event.body {
            EventBody::BatchEnded(ended) => ended,
            other => panic!("{other:?}"),
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

fn job(index: u32) -> Job {
    let campaign: CampaignId = "demo".parse().unwrap();
    Job { batch: BatchId::new(&campaign, index), campaign, gpu_count: 0, place: None }
}

async fn until_there(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < PATIENCE, "{} does not appear", path.display());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[async_trait]
impl DispatcherSite for Scene {
    fn dispatcher(&self) -> &dyn Dispatcher {
        &self.dispatcher
    }

    async fn prepare(&mut self, _: &Job) {}

    async fn begin(&mut self) -> BatchId {
        let start = Instant::now();
        loop {
            let names = fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().file_name());
            let begun =
                names.filter_map(|name| name.to_str()?.strip_prefix("begun-").map(str::to_owned)).next();
            if let Some(batch) = begun {
                fs::remove_file(self.path(&format!("begun-{batch}"))).unwrap();
                return batch.parse().unwrap();
            }
            assert!(start.elapsed() < PATIENCE, "nothing begins");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn exit(&mut self, batch: &BatchId, code: i32) {
        let written = self.path("exit");
        fs::write(&written, code.to_string()).unwrap();
        fs::rename(written, self.path(&format!("exit-{batch}"))).unwrap();
    }

    async fn ended(&mut self) -> BatchEnded {
        Self::ended(self).await
    }

    async fn jobs(&mut self, _: &BatchId) -> Option<usize> {
        None
    }
}

#[tokio::test]
async fn it_is_a_dispatcher() {
    let mut scene = Scene::new(
        &[],
        r#"rm -f "exit-$batch"; touch "begun-$batch"; exec 3<&0
        (cat <&3 >/dev/null; touch "stop-$batch") &
        while :; do
            [ -e "exit-$batch" ] && exit "$(cat "exit-$batch")"
            [ -e "stop-$batch" ] && exit 75
            sleep 0.02
        done"#,
    );
    conformance::dispatcher(&mut scene).await;
}

#[tokio::test]
async fn exit_codes_are_outcomes_with_reasons() {
    let mut scene = Scene::new(
        &[],
        r#"case $batch in
            demo.b0) exit 0 ;;
            demo.b1) exit 75 ;;
            demo.b2) kill -KILL $$ ;;
            demo.b3) echo "error: an older one" >&2; echo "error: no GPU; add one" >&2; echo "bye" >&2; exit 1 ;;
            demo.b4) exit 3 ;;
        esac"#,
    );
    let mut outcomes = BTreeMap::new();
    for index in 0..5 {
        scene.submit(index).await;
        let ended = scene.ended().await;
        assert_eq!(ended.batch, job(index).batch);
        outcomes.insert(index, ended.outcome);
    }
    assert_eq!(outcomes[&0], JobOutcome::Finished);
    assert!(matches!(outcomes[&1], JobOutcome::Interrupted { .. }));
    assert!(matches!(&outcomes[&2], JobOutcome::Interrupted { reason } if reason.contains("signal: 9")));
    assert_eq!(outcomes[&3], JobOutcome::Failed { reason: "no GPU; add one".to_owned() });
    assert!(matches!(&outcomes[&4], JobOutcome::Failed { reason } if reason.contains("exit status: 3")));
}

#[tokio::test]
async fn a_runner_gets_the_addresses_and_its_log() {
    let mut scene = Scene::new(&[], r#"echo "$@"; echo "$ASSAY_STORE"; echo to-stderr >&2"#);
    scene.submit(0).await;
    scene.ended().await;
    let log = fs::read_to_string(scene.path("logs/demo.b0.log")).unwrap();
    assert!(
        log.starts_with(
            "run --campaign demo --batch demo.b0 --ledger sqlite:ledger.db --objects dir:objects --lease-s 5"
        ),
        "{log}"
    );
    // On the command line, every user of the machine could read its password.
    assert!(log.ends_with("\nsqlite:results.db\nto-stderr\n"), "{log}");
}

#[tokio::test]
async fn the_error_of_an_earlier_job_is_not_told_again() {
    let mut scene =
        Scene::new(&[], r#"[ -e again ] && exit 1; touch again; echo "error: the first" >&2; exit 1"#);
    scene.submit(0).await;
    let first = scene.ended().await;
    assert_eq!(first.outcome, JobOutcome::Failed { reason: "the first".to_owned() });
    scene.submit(0).await;
    let second = scene.ended().await;
    assert_ne!(first.job, second.job);
    assert!(matches!(second.outcome, JobOutcome::Failed { reason } if !reason.contains("the first")));
}

#[tokio::test]
async fn jobs_run_in_order_and_never_more_than_there_are_slots() {
    // A runner that finds more than one other lock file fails.
    let mut scene = Scene::new(
        &["0", "1"],
        "touch $batch.lock; sleep 0.05; [ $(ls *.lock | wc -l) -le 2 ] || exit 9; echo $batch >>order; rm $batch.lock",
    );
    for index in 0..8 {
        scene.submit_with(index, 1).await;
        scene.submit_with(index, 1).await; // a second time: waiting or running already
    }
    let mut jobs = BTreeSet::new();
    for _ in 0..8 {
        let ended = scene.ended().await;
        assert_eq!(ended.outcome, JobOutcome::Finished);
        assert!(jobs.insert(ended.job), "each is told once");
    }
    let order = fs::read_to_string(scene.path("order")).unwrap();
    assert_eq!(order.lines().count(), 8, "{order}");
    assert!(scene.events.try_recv().is_err());
}

/// Each runner notes its GPUs and holds a file for each of them, and one for the machine when it has all.
const NOTES_ITS_GPUS: &str = r#"
    echo "$batch ${CUDA_VISIBLE_DEVICES-none}" >>given
    for gpu in $(echo "$CUDA_VISIBLE_DEVICES" | tr , ' '); do mkdir gpu-$gpu || exit 9; done
    case $batch in demo.b0) until [ -e go ]; do sleep 0.01; done ;; *) sleep 0.05 ;; esac
    for gpu in $(echo "$CUDA_VISIBLE_DEVICES" | tr , ' '); do rmdir gpu-$gpu; done
    case "$*" in *slot-0.lock*) ;; *slot-1.lock*|*slot-2.lock*) ;; *) exit 8 ;; esac"#;

#[tokio::test]
async fn a_job_has_its_gpus_for_itself() {
    let mut scene = Scene::new(&["0", "1", "GPU-b"], NOTES_ITS_GPUS);
    // One GPU, then two beside it; then all three for one that needs four; then the machine for one that needs none.
    for (index, gpu_count) in [(0, 1), (1, 2), (2, 4), (3, 0), (4, 1), (5, 1)] {
        scene.submit_with(index, gpu_count).await;
    }
    assert_eq!(scene.ended().await.batch, job(1).batch, "while the first holds its GPU");
    fs::write(scene.path("go"), "").unwrap();
    for _ in 0..5 {
        let ended = scene.ended().await;
        assert_eq!(ended.outcome, JobOutcome::Finished, "{ended:?}");
    }
    let given = fs::read_to_string(scene.path("given")).unwrap();
    let mut given: Vec<&str> = given.lines().collect();
    given.sort_unstable();
    let expected =
        ["demo.b0 0", "demo.b1 1,GPU-b", "demo.b2 0,1,GPU-b", "demo.b3 0,1,GPU-b", "demo.b4 0", "demo.b5 1"];
    assert_eq!(given, expected);
}

#[tokio::test]
async fn on_a_machine_without_gpus_one_job_runs_at_a_time_and_looks_for_itself() {
    let mut scene = Scene::new(
        &[],
        r#"mkdir alone || exit 9; sleep 0.05; rmdir alone; echo ${CUDA_VISIBLE_DEVICES-none} >>given"#,
    );
    for (index, gpu_count) in [(0, 1), (1, 8), (2, 0)] {
        scene.submit_with(index, gpu_count).await;
    }
    for _ in 0..3 {
        assert_eq!(scene.ended().await.outcome, JobOutcome::Finished);
    }
    let outside = std::env::var("CUDA_VISIBLE_DEVICES").unwrap_or("none".to_owned());
    assert_eq!(fs::read_to_string(scene.path("given")).unwrap(), format!("{outside}\n").repeat(3));
}

#[tokio::test]
async fn a_batch_can_be_submitted_again_when_its_end_is_told() {
    let mut scene = Scene::new(&[], "exit 75");
    scene.submit(0).await;
    for _ in 0..3 {
        scene.ended().await;
        scene.submit(0).await;
    }
}

#[tokio::test]
async fn a_runner_that_is_not_there_fails_its_job() {
    let mut scene = Scene::new(&[], "");
    fs::remove_file(scene.path("runner")).unwrap();
    scene.submit(0).await;
    assert!(
        matches!(scene.ended().await.outcome, JobOutcome::Failed { reason } if reason.contains("runner"))
    );
}

#[tokio::test]
async fn shutdown_tells_runners_by_their_lifeline_and_starts_no_more() {
    let mut scene = Scene::new(&[], "touch started; cat >/dev/null; exit 75");
    scene.submit(0).await;
    scene.submit(1).await;
    until_there(&scene.path("started")).await;
    scene.dispatcher.shutdown(PATIENCE).await;
    let ended = scene.ended().await;
    assert!(matches!(ended.outcome, JobOutcome::Interrupted { .. }), "{ended:?}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(scene.events.try_recv().is_err());
    assert!(!scene.path("logs/demo.b1.log").exists());
}

#[tokio::test]
async fn a_runner_that_does_not_listen_is_killed_after_the_grace() {
    let mut scene = Scene::new(&[], "touch started; exec sleep 1000");
    scene.submit(0).await;
    until_there(&scene.path("started")).await;
    let start = Instant::now();
    scene.dispatcher.shutdown(Duration::from_millis(200)).await;
    assert!(matches!(scene.ended().await.outcome, JobOutcome::Interrupted { .. }));
    assert!(start.elapsed() < PATIENCE);
}

#[tokio::test]
async fn the_jobs_of_a_campaign_are_stopped_and_no_others() {
    let mut scene = Scene::new(&["0", "1"], "touch started-$batch; cat >/dev/null; exit 75");
    scene.submit_with(0, 1).await;
    let other = Job {
        campaign: "other".parse().unwrap(),
        batch: "other.b0".parse().unwrap(),
        gpu_count: 1,
        place: None,
    };
    scene.dispatcher.submit(&other).await.unwrap();
    scene.submit_with(1, 1).await;
    until_there(&scene.path("started-demo.b0")).await;
    until_there(&scene.path("started-other.b0")).await;
    let stopped = scene.dispatcher.stop(&job(0).campaign, "a pause").await.unwrap();
    assert_eq!(stopped, [job(0).batch].into(), "the other one waited, and does not begin");
    let ended = scene.ended().await;
    assert_eq!(ended.batch, job(0).batch);
    assert_eq!(ended.outcome, JobOutcome::Interrupted { reason: "stopped on request: a pause".to_owned() });
    // What was stopped can be submitted again.
    scene.submit_with(1, 1).await;
    until_there(&scene.path("started-demo.b1")).await;
    assert_eq!(scene.dispatcher.stop(&other.campaign, "a pause").await.unwrap(), [other.batch].into());
    assert_eq!(scene.ended().await.campaign, other.campaign);
    scene.dispatcher.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn jobs_that_wait_are_withdrawn_and_those_that_run_are_not() {
    let mut scene = Scene::new(&["0"], "touch started; until [ -e go ]; do sleep 0.01; done");
    for index in 0..3 {
        scene.submit_with(index, 1).await;
    }
    until_there(&scene.path("started")).await;
    let [first, second, third] = [0, 1, 2].map(|index| job(index).batch);
    let withdrawn =
        scene.dispatcher.withdraw(&job(0).campaign, &[first.clone(), second.clone()].into(), "dear").await;
    assert_eq!(withdrawn.unwrap(), [second].into());
    fs::write(scene.path("go"), "").unwrap();
    assert_eq!([scene.ended().await.batch, scene.ended().await.batch], [first, third]);
}
