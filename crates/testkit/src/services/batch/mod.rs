//! A **Batch fake**: AWS Batch with real processes for containers, since no emulator has its states, its retries
//! or its hosts. It is ours, and no more than what we read in the documentation of AWS:
//!
//! - job states, of array jobs too: <https://docs.aws.amazon.com/batch/latest/userguide/job_states.html>,
//!   <https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html>
//! - retries: <https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html>,
//!   <https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html>
//! - `SubmitJob`, `DescribeJobs`, `ListJobs`, `TerminateJob`: <https://docs.aws.amazon.com/batch/latest/APIReference/>
//! - events: <https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html>
//! - SIGTERM, and SIGKILL 30 s later: <https://docs.aws.amazon.com/batch/latest/userguide/job_timeouts.html>
//! - what a container finds in its environment: <https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html>
//! - a pod whose image cannot be had: <https://docs.aws.amazon.com/batch/latest/userguide/batch-eks-job-stuck-in-starting.html>
//! - the notice two minutes before a spot instance goes:
//!   <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>
//!
//! A host has room for one job. Nothing is checked that we do not use: no IAM, no images, no scheduling policies, no
//! job dependencies, no timeouts.

mod api;
mod container;
mod job;
mod lifecycle;
mod platform;
mod retry;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::Utc;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use job::{Control, Jobs};
use platform::Platform;

/// The account in every ARN.
const ACCOUNT: &str = "arn:aws:batch:us-east-1:123456789012";

/// The status reason of a job that `jobStateTimeLimitActions` of its queue ended.
const NO_CAPACITY: &str =
    "Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY";

/// What there is, and how long things take.
#[derive(Debug, Clone)]
pub struct BatchFakeConfig {
    /// What a container runs, with the arguments of the job's command.
    pub program: PathBuf,
    /// The environment of the job definition, on top of that of the test.
    pub environment: Vec<(String, String)>,
    /// Job queues.
    pub queues: Vec<String>,
    /// Job definitions.
    pub definitions: Vec<String>,
    /// Hosts, and so jobs at once; more come by [`BatchFake::add_host`].
    pub hosts: usize,
    /// From SIGTERM to SIGKILL. 30 s at AWS.
    pub stop_timeout: Duration,
    /// From the notice of a spot interruption to the end of the host. 120 s at AWS.
    pub notice: Duration,
}

/// A running fake. Jobs end with it.
#[derive(Debug)]
pub struct BatchFake {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    config: BatchFakeConfig,
    platform: Platform,
    address: SocketAddr,
    jobs: Mutex<Jobs>,
    hosts: Semaphore,
    /// Whether images are in their repositories.
    images: AtomicBool,
    events: UnboundedSender<Value>,
    logs: TempDir,
}

impl BatchFake {
    /// Starts a fake whose containers are tasks of ECS, and returns with it the end at which its state-change events
    /// come out, as EventBridge has them.
    ///
    /// # Panics
    /// When there is no port or no folder.
    pub async fn start(config: BatchFakeConfig) -> (Self, UnboundedReceiver<Value>) {
        Self::on(Platform::Ecs, config).await
    }

    /// The same with pods on EKS, each with one container, called `runner`.
    ///
    /// # Panics
    /// When there is no port or no folder.
    pub async fn start_on_eks(config: BatchFakeConfig) -> (Self, UnboundedReceiver<Value>) {
        Self::on(Platform::Eks, config).await
    }

    async fn on(platform: Platform, config: BatchFakeConfig) -> (Self, UnboundedReceiver<Value>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (events, told) = unbounded_channel();
        let shared = Arc::new(Shared {
            address: listener.local_addr().expect("an address"),
            jobs: Mutex::default(),
            hosts: Semaphore::new(config.hosts),
            images: AtomicBool::new(true),
            events,
            logs: tempfile::tempdir().expect("a temporary folder"),
            platform,
            config,
        });
        let router = api::router(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        (Self { shared, server }, told)
    }

    /// Its address, for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Another host is there.
    pub fn add_host(&self) {
        self.shared.hosts.add_permits(1);
    }

    /// A job's container is killed, as by the kernel when it is out of memory; its host stays.
    pub fn kill_process(&self, job: &str) {
        self.shared.jobs().control(job, &Control::Kill);
    }

    /// EC2 wants the host of a job back: its notice is in the instance metadata at once; when the time is up and the
    /// job still runs, it is stopped and the host is gone.
    pub fn reclaim_host(&self, job: &str) {
        self.shared.jobs().control(job, &Control::Reclaim);
    }

    /// The host of a job is gone, without notice.
    pub fn lose_host(&self, job: &str) {
        self.shared.jobs().control(job, &Control::Lost);
    }

    /// Pods of hosts that come after this cannot fetch their image, and start for ever.
    pub fn lose_images(&self) {
        self.shared.images.store(false, Ordering::Relaxed);
    }

    /// A job that waits is ended by its queue, which finds no machine for it.
    pub fn end_waiting(&self, job: &str) {
        lifecycle::terminate(&self.shared, job, NO_CAPACITY);
    }

    /// A job as `DescribeJobs` tells it.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn job(&self, id: &str) -> Value {
        self.shared.jobs().describe(id, self.shared.platform).expect("a job of that id")
    }

    /// The ids of all jobs, in the order of their submission; children of an array after it.
    #[must_use]
    pub fn job_ids(&self) -> Vec<String> {
        self.shared.jobs().ids()
    }

    /// What a job wrote to its standard output and error, all attempts together.
    #[must_use]
    pub fn log(&self, job: &str) -> String {
        std::fs::read_to_string(self.shared.log(job)).unwrap_or_default()
    }
}

impl Drop for BatchFake {
    fn drop(&mut self) {
        self.server.abort();
        self.shared.jobs().end_all();
    }
}

impl Shared {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().expect("nobody panicked with it")
    }

    fn log(&self, job: &str) -> PathBuf {
        self.logs.path().join(job.replace(':', "_"))
    }

    /// Tells how a job is now.
    fn tell(&self, job: &str) {
        let Some(detail) = self.jobs().describe(job, self.platform) else { return };
        let event = json!({
            "version": "0",
            "id": uuid::Uuid::new_v4().to_string(),
            "detail-type": "Batch Job State Change",
            "source": "aws.batch",
            "account": "123456789012",
            "time": Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "region": "us-east-1",
            "resources": [detail["jobArn"]],
            "detail": detail,
        });
        // A test that does not listen has dropped the other end.
        drop(self.events.send(event));
    }
}
