//! AWS Batch on EKS, by our fake of it: what differs from ECS. Runners are shell scripts here; the end-to-end test has
//! real ones.

use std::path::PathBuf;
use std::time::Duration;

use cloud::aws::Aws;
use cloud::batch::{BatchConfig, BatchDispatcher, Capacity, Home, Machine};
use domain::{BatchId, CampaignId, Engine, JobPlace};
use events::JobOutcome;
use store::{Dispatcher, Job, JobState, StoreError};
use testkit::services::BatchFakeConfig;

use crate::batch::Scene;

async fn scene(script: &str) -> Scene {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let fake = BatchFakeConfig {
        program: PathBuf::new(),
        environment: Vec::new(),
        queues: names(&[
            "g6-xlarge-eks-spot",
            "g6-12xlarge-eks-spot",
            "g6-xlarge-eks-on-demand",
            "g6-12xlarge-eks-on-demand",
        ]),
        definitions: names(&["assay-vllm-l4x4-eks", "assay-vllm-l4x1-eks"]),
        hosts: 2,
        stop_timeout: Duration::from_millis(300),
        notice: Duration::ZERO,
    };
    Scene::of(script, fake, config(Home::Eks)).await
}

fn config(home: Home) -> BatchConfig {
    let queue = |capacity| Some(format!("{{instance}}-eks-{capacity}"));
    BatchConfig {
        home,
        definition: "assay-{engine}-{hardware}-eks".to_owned(),
        capacity: Capacity::of(queue("spot"), queue("on-demand")).unwrap(),
        machines: ["g6.xlarge", "g6.12xlarge"].map(Machine::Instance).to_vec(),
        engines: vec![Engine::Vllm],
        ledger_url: "dynamodb://ledger".to_owned(),
        objects_url: "s3://objects".to_owned(),
    }
}

fn job(index: u32, hardware: &str) -> Job {
    let campaign: CampaignId = "demo-0f0f.2".parse().unwrap();
    let place = JobPlace::of(Engine::Vllm, hardware.parse().unwrap());
    Job { batch: BatchId::new(&campaign, index), campaign, gpu_count: 4, place: Some(place) }
}

/// The entrypoint of the image gets the command line, and the GPUs are those of the job definition.
#[tokio::test(flavor = "multi_thread")]
async fn batches_of_a_hardware_are_one_array_of_pods() {
    let script = r#"echo "$@ #$AWS_BATCH_JOB_ARRAY_INDEX $AWS_EC2_METADATA_SERVICE_ENDPOINT" >>ran"#;
    let mut scene = scene(script).await;
    let jobs = [job(0, "l4x4"), job(1, "l4x4"), job(2, "l4x1")];
    scene.dispatcher.submit_all(&jobs).await.unwrap();
    for _ in &jobs {
        assert_eq!(scene.ended().await.outcome, JobOutcome::Finished);
    }
    assert_eq!(scene.fake.job_ids().len(), 1 + 3, "a job, and an array with two children");
    for id in scene.fake.job_ids() {
        let told = scene.fake.job(&id);
        let pod = &told["eksProperties"]["podProperties"];
        assert!(told.get("container").is_none() && pod["containers"][0]["resources"].is_null(), "{told}");
    }
    let mut ran = scene.lines("ran");
    ran.sort_unstable();
    let tail = "--ledger dynamodb://ledger --objects s3://objects --capacity spot";
    assert_eq!(ran[0], format!("run --campaign demo-0f0f.2 --batch demo-0f0f.2.b2 {tail} # "));
    assert_eq!(ran[2], format!("run --campaign demo-0f0f.2 --batches 0-1 {tail} #1 "));
    let known = scene.dispatcher.describe(&jobs[0].campaign).await.unwrap();
    let finished = JobState::Ended(JobOutcome::Finished);
    assert!(known.len() == 3 && known.iter().all(|job| job.state == finished), "{known:?}");
}

/// Whatever Batch says of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pod_whose_node_is_gone_is_retried_and_then_on_demand_and_bad_input_is_not() {
    let script = r#"touch "$5-$AWS_BATCH_JQ_NAME-$AWS_BATCH_JOB_ATTEMPT"
        case $5 in *b0) echo "error: no such model" >&2; exit 1 ;; esac
        [ "$AWS_BATCH_JQ_NAME" = g6-12xlarge-eks-on-demand ] || exec sleep 1000"#;
    let mut scene = scene(script).await;
    scene.dispatcher.submit(&job(0, "l4x4")).await.unwrap();
    let JobOutcome::Failed { reason } = scene.ended().await.outcome else {
        panic!("bad input is not retried")
    };
    assert!(reason.contains("exit code 1; see the log of pod aws-batch."), "{reason}");
    let id = scene.fake.job_ids()[0].clone();
    assert_eq!(scene.fake.job(&id)["eksAttempts"].as_array().unwrap().len(), 1);

    scene.dispatcher.submit(&job(1, "l4x4")).await.unwrap();
    let id = scene.fake.job_ids()[1].clone();
    for attempt in [1, 2] {
        scene.until_there(&format!("demo-0f0f.2.b1-g6-12xlarge-eks-spot-{attempt}")).await;
        scene.fake.lose_host(&id);
    }
    let JobOutcome::Interrupted { reason } = scene.ended().await.outcome else {
        panic!("it is not bad input")
    };
    assert!(reason.starts_with("the node of pod aws-batch."), "{reason}");
    scene.dispatcher.submit(&job(1, "l4x4")).await.unwrap();
    assert_eq!(scene.ended().await.outcome, JobOutcome::Finished);
    scene.until_there("demo-0f0f.2.b1-g6-12xlarge-eks-on-demand-1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_is_stopped_gets_its_time_and_one_that_was_told_to_stop_is_retried() {
    let script = r#"trap 'touch told; exit 75' TERM; [ "$AWS_BATCH_JOB_ATTEMPT" = 1 ] && exit 75
        touch started; while :; do sleep 0.02; done"#;
    let mut scene = scene(script).await;
    scene.dispatcher.submit(&job(0, "l4x4")).await.unwrap();
    scene.until_there("started").await;
    let stopped = scene.dispatcher.stop(&job(0, "l4x4").campaign, "for a pause").await.unwrap();
    assert_eq!(stopped.len(), 1);
    let reason = "stopped on request: for a pause".to_owned();
    assert_eq!(scene.ended().await.outcome, JobOutcome::Interrupted { reason });
    assert!(scene.folder.path().join("told").exists());
}

/// The image went while the first attempt ran, which nobody ends for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_starts_for_ever_is_ended_and_neither_one_that_runs_nor_a_later_one() {
    let mut scene = scene("touch started; exec sleep 1000").await;
    scene.dispatcher.submit(&job(0, "l4x4")).await.unwrap();
    let first = scene.starting().await;
    scene.until_there("started").await;
    scene.fake.lose_images();
    let end = async |scene: &Scene, told| scene.dispatcher.end_if_starting(told, 15).await.unwrap();
    let is_terminated = |scene: &Scene| scene.fake.job(&first.id)["isTerminated"].as_bool().unwrap();
    end(&scene, &first).await;
    assert!(!is_terminated(&scene), "it runs");

    scene.fake.lose_host(&first.id);
    let second = scene.starting().await;
    assert_eq!((&second.id, second.ended_attempts), (&first.id, 1));
    end(&scene, &first).await;
    assert!(!is_terminated(&scene), "its second attempt has time of its own");
    end(&scene, &second).await;
    let JobOutcome::Failed { reason } = scene.ended().await.outcome else { panic!("it would start again") };
    let told = "it was still starting after 15 min: see why its image images/assay-vllm-l4x4-eks is not";
    assert!(reason.starts_with(told), "{reason}");
}

/// A definition and an address of different homes.
#[tokio::test(flavor = "multi_thread")]
async fn overrides_of_ecs_are_refused_where_jobs_are_pods() {
    let scene = scene("true").await;
    let dispatcher = BatchDispatcher::new(&Aws::emulator(&scene.fake.url()).await, config(Home::Ecs));
    let error = dispatcher.submit(&job(0, "l4x4")).await.unwrap_err();
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
    let told = std::error::Error::source(&error).unwrap().to_string();
    assert!(told.contains("containerOverrides is not for jobs of this definition"), "{told}");
}
