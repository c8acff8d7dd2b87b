//! The **local dispatcher**: every job is a `batch-runner` process on this machine, which has a slot for each GPU.
//!
//! A job gets as many GPUs as it needs for itself, by `CUDA_VISIBLE_DEVICES`. One that needs none gets the whole machine,
//! since an engine on the processor would disturb whoever measures beside it; so does one that needs more GPUs than there
//! are, whose runner says what is missing. Jobs begin in the order of their submission: a large one is not overtaken for
//! ever. On a machine without GPUs one job runs at a time.
//!
//! A runner's standard input is a pipe that we hold open: when we end, however that happens, the runner reads
//! its end, stops its engine and exits. Its output goes to a log file per batch, that of its
//! running engine to another one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use domain::{BatchId, CampaignId, CheaperOfBoth, JobId, JobPlace, Market, PriceKind};
use events::{BatchEnded, Event, EventBody, JobOutcome};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify, watch};

use crate::open::STORE_VARIABLE;
use crate::ports::dispatcher::{DISK_FULL, INTERRUPTED, STOPPED};
use crate::{Bus, Dispatcher, Job, JobState, KnownJob, StoreError};

/// The environment variable by which a runner is given its GPUs.
pub const VISIBLE_GPUS_VARIABLE: &str = "CUDA_VISIBLE_DEVICES";

/// How long a claim of a local runner holds without renewal. Short, since a dead runner is seen at once.
const LEASE_S: u32 = 5;

/// Where things are.
#[derive(Debug, Clone)]
pub struct ProcessDispatcherConfig {
    /// The `batch-runner` program.
    pub runner: PathBuf,
    /// Address of the results store.
    pub results_url: String,
    /// Address of the ledger.
    pub ledger_url: String,
    /// Address of the objects.
    pub objects_url: String,
    /// Folder of the logs, one per batch.
    pub log_dir: PathBuf,
    /// Folder of the files that engines lock, one for each slot, so that two never share one.
    pub lock_dir: PathBuf,
    /// The GPUs of this machine, as `CUDA_VISIBLE_DEVICES` names them.
    pub gpus: Vec<String>,
}

/// Starts jobs as processes.
pub struct ProcessDispatcher {
    shared: Arc<Shared>,
}

struct Shared {
    config: ProcessDispatcherConfig,
    bus: Arc<dyn Bus>,
    queue: Mutex<Queue>,
    slot_freed: Notify,
    /// Why the end of a job could not be told, for the host.
    untold: (UnboundedSender<StoreError>, Mutex<UnboundedReceiver<StoreError>>),
    stop: watch::Sender<Stop>,
}

/// How long a runner gets to stop its engine when its campaign is stopped.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// How far a shutdown is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    No,
    /// Runners are told to stop.
    Asked,
    /// Runners that are left are killed.
    Forced,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    running: BTreeMap<BatchId, Running>,
}

/// A job that runs.
struct Running {
    campaign: CampaignId,
    slots: Slots,
    /// Why it is to stop.
    stop: watch::Sender<Option<String>>,
}

/// The slots of a running job: the places of its GPUs among those of the machine.
type Slots = Vec<usize>;

impl Queue {
    /// The slots that a job gets now, if enough of them are free. There is one at least.
    fn slots_for(&self, job: &Job, gpus: usize) -> Option<Slots> {
        let all = gpus.max(1);
        let needed = match usize::try_from(job.gpu_count) {
            Ok(count) if count > 0 => count.min(all),
            _ => all,
        };
        let is_free = |slot: &usize| !self.running.values().any(|running| running.slots.contains(slot));
        let free: Slots = (0..all).filter(is_free).take(needed).collect();
        (free.len() == needed).then_some(free)
    }
}

impl ProcessDispatcher {
    /// A dispatcher that tells a bus how jobs end.
    #[must_use]
    pub fn new(config: ProcessDispatcherConfig, bus: Arc<dyn Bus>) -> Self {
        let (untold, heard) = unbounded_channel();
        let shared = Shared {
            config,
            untold: (untold, Mutex::new(heard)),
            bus,
            queue: Mutex::default(),
            slot_freed: Notify::new(),
            stop: watch::Sender::new(Stop::No),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Waits until the end of a job cannot be told, and says why: its campaign would wait for ever.
    pub async fn untold_end(&self) -> StoreError {
        match self.shared.untold.1.lock().await.recv().await {
            Some(error) => error,
            // We hold the sender ourselves.
            None => std::future::pending().await,
        }
    }

    /// Starts no more jobs, tells the running ones to stop and waits for them; kills those that are left after
    /// `grace`.
    pub async fn shutdown(&self, grace: Duration) {
        self.shared.stop.send_replace(Stop::Asked);
        if tokio::time::timeout(grace, self.all_ended()).await.is_err() {
            self.shared.stop.send_replace(Stop::Forced);
            self.all_ended().await;
        }
    }

    async fn all_ended(&self) {
        loop {
            let freed = self.shared.slot_freed.notified();
            if self.shared.queue.lock().await.running.is_empty() {
                return;
            }
            freed.await;
        }
    }
}

/// What this machine costs is not known: its hours count as those of the cheaper machine of the price list.
impl Market for ProcessDispatcher {
    fn first_price(&self, place: JobPlace) -> PriceKind {
        CheaperOfBoth.first_price(place)
    }
}

#[async_trait]
impl Dispatcher for ProcessDispatcher {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        let mut queue = self.shared.queue.lock().await;
        if queue.running.contains_key(&job.batch) || queue.waiting.iter().any(|w| w.batch == job.batch) {
            return Ok(());
        }
        queue.waiting.push_back(job.clone());
        drop(queue);
        start_waiting(&self.shared).await;
        Ok(())
    }

    async fn withdraw(
        &self,
        _: &CampaignId,
        batches: &BTreeSet<BatchId>,
        _: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError> {
        let mut queue = self.shared.queue.lock().await;
        let withdrawn = queue.waiting.iter().map(|job| &job.batch).filter(|batch| batches.contains(batch));
        let withdrawn = withdrawn.cloned().collect();
        queue.waiting.retain(|job| !batches.contains(&job.batch));
        drop(queue);
        start_waiting(&self.shared).await;
        Ok(withdrawn)
    }

    async fn stop(&self, campaign: &CampaignId, reason: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        let mut queue = self.shared.queue.lock().await;
        queue.waiting.retain(|job| job.campaign != *campaign);
        let theirs = queue.running.iter().filter(|(_, running)| running.campaign == *campaign);
        let stopped = theirs.map(|(batch, running)| {
            running.stop.send_replace(Some(reason.to_owned()));
            batch.clone()
        });
        let stopped = stopped.collect();
        drop(queue);
        // The one that waited longest may have needed more GPUs than the next one does.
        start_waiting(&self.shared).await;
        Ok(stopped)
    }

    /// Those that ended are forgotten at once.
    async fn jobs(&self, campaign: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        let queue = self.shared.queue.lock().await;
        let waiting = queue.waiting.iter().map(|job| (&job.campaign, &job.batch, JobState::Waiting));
        let running = queue.running.iter().map(|(batch, job)| (&job.campaign, batch, JobState::Running));
        let theirs = waiting.chain(running).filter(|(of, ..)| *of == campaign);
        let known = |(_, batch, state): (_, &BatchId, _)| KnownJob {
            id: batch.to_string(),
            batch: batch.clone(),
            state,
            lost_a_host: false,
        };
        Ok(theirs.map(known).collect())
    }
}

/// Starts jobs while there are free slots for the one that waits longest.
async fn start_waiting(shared: &Arc<Shared>) {
    let mut queue = shared.queue.lock().await;
    while *shared.stop.borrow() == Stop::No {
        let next = queue.waiting.front();
        let Some(slots) = next.and_then(|job| queue.slots_for(job, shared.config.gpus.len())) else { return };
        let Some(job) = queue.waiting.pop_front() else { return };
        let stop = watch::Sender::new(None);
        let asked = stop.subscribe();
        let running = Running { campaign: job.campaign.clone(), slots: slots.clone(), stop };
        queue.running.insert(job.batch.clone(), running);
        tokio::spawn(run_to_end(shared.clone(), job, slots, asked));
    }
}

/// Boxed, since ending a job starts the next one, which is run by this function again.
fn run_to_end(
    shared: Arc<Shared>,
    job: Job,
    slots: Slots,
    asked: watch::Receiver<Option<String>>,
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let id = JobId::random();
        let log = shared.config.log_dir.join(format!("{}.log", job.batch));
        let outcome = match execute(&shared, &job, &slots, &log, asked.clone()).await {
            Ok(outcome) => outcome,
            Err(reason) => JobOutcome::Failed { reason },
        };
        let outcome = match (&*asked.borrow(), outcome) {
            (Some(why), JobOutcome::Interrupted { .. }) => {
                JobOutcome::Interrupted { reason: format!("{STOPPED}: {why}") }
            }
            (_, outcome) => outcome,
        };
        shared.queue.lock().await.running.remove(&job.batch);
        shared.slot_freed.notify_waiters();
        let ended = BatchEnded { campaign: job.campaign, batch: job.batch, job: id, outcome };
        if let Err(error) = shared.bus.publish(&Event::new(EventBody::BatchEnded(ended), Utc::now())).await {
            // Nobody listens when the host stops; whoever hosts next finds the batch unfinished.
            drop(shared.untold.0.send(error));
        }
        start_waiting(&shared).await;
    })
}

/// Runs a job to its end, or says in one line why that cannot be done.
async fn execute(
    shared: &Shared,
    job: &Job,
    slots: &[usize],
    log: &Path,
    asked: watch::Receiver<Option<String>>,
) -> Result<JobOutcome, String> {
    let no_log = |e| format!("the log {} cannot be written ({e}); make room for it", log.display());
    let no_runner = |e| format!("{} cannot be run ({e}); install it again", shared.config.runner.display());
    std::fs::create_dir_all(&shared.config.log_dir).map_err(no_log)?;
    let log_file = OpenOptions::new().create(true).append(true).open(log).map_err(no_log)?;
    let log_start = log_file.metadata().map_err(no_log)?.len();
    let stdout = log_file.try_clone().map_err(no_log)?;
    let mut child = command(&shared.config, job, slots, log)
        .stdout(stdout)
        .stderr(log_file)
        .spawn()
        .map_err(no_runner)?;
    let status = wait_or_stop(&mut child, shared.stop.subscribe(), asked).await.map_err(no_runner)?;
    Ok(outcome_of(status, log, log_start))
}

fn command(config: &ProcessDispatcherConfig, job: &Job, slots: &[usize], log: &Path) -> Command {
    // Of batches that were added before places were noted nothing is known but that they run somewhere.
    let capacity = CheaperOfBoth.first_price(job.place.unwrap_or(JobPlace::HOSTED));
    let mut command = Command::new(&config.runner);
    command
        .arg("run")
        .args(["--campaign", job.campaign.as_str(), "--batch", job.batch.as_str()])
        .args(["--ledger", &config.ledger_url, "--objects", &config.objects_url])
        .args(["--lease-s", &LEASE_S.to_string(), "--lifeline"])
        .args(["--capacity", capacity.name()])
        .arg("--log")
        .arg(log)
        .arg("--engine-log")
        .arg(log.with_extension("engine.log"))
        .env(STORE_VARIABLE, &config.results_url)
        .stdin(Stdio::piped())
        // Ctrl-C in a terminal reaches the whole foreground group; the runner is told by its lifeline instead.
        .process_group(0)
        .kill_on_drop(true);
    for slot in slots {
        command.arg("--slot-lock").arg(config.lock_dir.join(format!("slot-{slot}.lock")));
    }
    // Where none is known, the runner looks for itself what there is.
    if !config.gpus.is_empty() {
        let given: Vec<&str> =
            slots.iter().filter_map(|slot| config.gpus.get(*slot)).map(String::as_str).collect();
        command.env(VISIBLE_GPUS_VARIABLE, given.join(","));
    }
    command
}

/// Waits for a child; when all are told to stop or it alone, closes its lifeline, and kills it when that was not enough.
async fn wait_or_stop(
    child: &mut Child,
    mut all: watch::Receiver<Stop>,
    mut alone: watch::Receiver<Option<String>>,
) -> std::io::Result<ExitStatus> {
    let lifeline = child.stdin.take();
    tokio::select! {
        status = child.wait() => return status,
        _ = all.wait_for(|stop| *stop >= Stop::Asked) => {}
        _ = alone.wait_for(Option::is_some) => {}
    }
    drop(lifeline);
    let too_long = async {
        let _ = alone.wait_for(Option::is_some).await;
        tokio::time::sleep(STOP_GRACE).await;
    };
    tokio::select! {
        status = child.wait() => return status,
        _ = all.wait_for(|stop| *stop >= Stop::Forced) => {}
        () = too_long => {}
    }
    child.kill().await?;
    child.wait().await
}

fn outcome_of(status: ExitStatus, log: &Path, log_start: u64) -> JobOutcome {
    match status.code() {
        Some(0) => JobOutcome::Finished,
        Some(INTERRUPTED) => JobOutcome::Interrupted { reason: "the runner was told to stop".to_owned() },
        None => JobOutcome::Interrupted { reason: format!("the runner died ({status})") },
        Some(code) => JobOutcome::Failed {
            reason: last_error(log, log_start).unwrap_or_else(|| match code {
                DISK_FULL => "the disk is full; free some space and run the same command again: what was \
                              finished is kept"
                    .to_owned(),
                _ => format!("the runner ended with {status}; see {}", log.display()),
            }),
        },
    }
}

/// The last `error: ` line that this job wrote to its log.
fn last_error(log: &Path, from: u64) -> Option<String> {
    let bytes = std::fs::read(log).ok()?;
    let own = bytes.get(usize::try_from(from).ok()?..)?;
    let text = String::from_utf8_lossy(own);
    text.lines().rev().find_map(|line| line.strip_prefix("error: ")).map(str::to_owned)
}
