//! A **launch session** measures the pending trials of one launch, on one server as long as that lives.
//!
//! | what happens | what follows |
//! |---|---|
//! | our engine does not start | every pending trial of the launch fails with that reason |
//! | it took too long, or was killed meanwhile | it is started again after a pause, three times in all |
//! | our engine dies during a trial, or answers no request | the trial is put off to the end of the launch, so that the pause costs no GPU time while others are left; the next one gets a fresh engine |
//! | that happens to a trial for the third time | it fails |
//! | our engine dies for lack of memory | the trial fails |
//! | a server that we attached to is not there | the job ends; a later run goes on from here |
//! | the load cannot be measured for another reason | the trial fails with it |

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::content_hash::hash_bytes;
use domain::fidelity::Fidelity;
use domain::framework::Endpoint;
use domain::result::WeightsUsed;
use domain::task_accuracy::TaskAccuracy;
use domain::{Configuration, LaunchPlan, Serving, Shortage};
use store::{MAX_TRIES, ObjectKey, TrialOutcome};
use tokio::time::Instant;

use super::JobError;
use super::claimed::{Counter, Job, Spent};
use super::error::{one_line, single_line};
use super::fidelity::fidelity;
use super::keep::keep;
use super::meter::State;
use super::outcome::{Answered, ChargedBefore, Evidence, Paid, headline, result};
use super::remaining::{PendingLaunch, PendingTrial};
use super::taken_memory::taken_by_others;
use super::tasks::task_accuracy;
use crate::engine::{Death, EngineError, Server, ServerFacts};
use crate::load::protocols::Dialect;
use crate::load::source::Source;
use crate::load::vocabulary::holds_tokenizer;
use crate::load::{DEFAULT_MAX_IN_FLIGHT, LoadError, Target, TrialMeasurement, TrialRequest, Vocabulary};
use crate::sampling::{Readings, Sampler};
use crate::weights::Fetched;

/// Longest time of one request. Far beyond any answer that is worth a result.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(600);
/// Pause before the second try of what may pass; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// The trials of one launch.
pub(super) struct LaunchSession<'a> {
    job: &'a Job<'a>,
    launch: &'a PendingLaunch<'a>,
    /// What to start: with the weights on this machine once they were fetched.
    plan: Cow<'a, LaunchPlan>,
    /// What is known of weights that were fetched.
    weights: Option<WeightsUsed>,
    counter: &'a mut Counter,
    vocabularies: &'a mut Vocabularies,
    server: Option<Box<dyn Server>>,
    /// Seconds of engine starts that no trial has been charged for yet.
    uncharged_start_s: f64,
    /// Seconds that earlier attempts lost and no outcome has been accounted for yet.
    unaccounted_lost_s: f64,
    /// What prompts are made of.
    vocabulary: Arc<Vocabulary>,
    /// What it keeps of what the unquantised model says. None: it was not asked yet.
    fidelity: Option<Option<Fidelity>>,
    /// How well it does tasks. None: it was not asked yet.
    task_accuracy: Option<Option<TaskAccuracy>>,
}

/// The vocabularies that were read for a batch, by the folder of the weights: launches of one model share it.
pub(super) type Vocabularies = BTreeMap<PathBuf, Arc<Vocabulary>>;

/// What became of the server of a trial.
enum Opened {
    Up,
    /// The reason why there will be none for this launch.
    Never(String),
}

/// How one try of a trial ended.
enum Try {
    Measured {
        measured: Box<TrialMeasurement>,
        /// Seed of the prompts.
        seed: u64,
        /// What GPUs and engine did meanwhile.
        readings: Readings,
    },
    Failed(Failure),
}

/// Why a try of a trial failed.
struct Failure {
    reason: String,
    /// It may be measured when it is tried again.
    may_pass: bool,
    /// The server is as good as new.
    server_is_sound: bool,
}

impl From<Death> for Failure {
    fn from(death: Death) -> Self {
        let reason = single_line(&death.reason);
        Self { reason, may_pass: !death.is_out_of_memory, server_is_sound: false }
    }
}

/// A trial in the queue of its launch.
struct Queued<'a> {
    trial: &'a PendingTrial<'a>,
    /// Tries that it had, lost ones included.
    tries: u32,
    /// Seconds that the tries of this attempt took.
    tried_s: f64,
    /// Not to be tried again before.
    due: Option<Instant>,
}

impl<'a> From<&'a PendingTrial<'a>> for Queued<'a> {
    fn from(trial: &'a PendingTrial<'a>) -> Self {
        Self { trial, tries: trial.lost_tries, tried_s: 0.0, due: None }
    }
}

/// What follows from a turn of a trial.
enum Turn<'a> {
    /// It has an outcome.
    Over,
    /// It is tried again later.
    Again(Queued<'a>),
    /// The engine does not start, for the reason, so that no trial of the launch can be measured.
    NoServer(String),
}

/// The pause after so many tries.
fn pause_after(tries: u32) -> Duration {
    FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1))
}

impl<'a> LaunchSession<'a> {
    pub(super) fn new(
        job: &'a Job<'a>,
        launch: &'a PendingLaunch<'a>,
        counter: &'a mut Counter,
        vocabularies: &'a mut Vocabularies,
    ) -> Self {
        let vocabulary = Arc::new(Vocabulary::common());
        Self {
            job,
            launch,
            plan: Cow::Borrowed(launch.plan),
            weights: None,
            counter,
            vocabularies,
            server: None,
            uncharged_start_s: 0.0,
            unaccounted_lost_s: 0.0,
            vocabulary,
            fidelity: None,
            task_accuracy: None,
        }
    }

    /// Brings every trial to an outcome. However it ends, no engine of ours is left.
    pub(super) async fn run(mut self) -> Result<(), JobError> {
        self.find_vocabulary().await;
        let ended = self.all_trials().await;
        self.stop_server().await;
        ended
    }

    /// Prompts are made of the model's own words where its tokenizer is beside its weights.
    async fn find_vocabulary(&mut self) {
        let folder = self.plan.weights.as_deref().map(Path::new);
        let Some(folder) = folder.filter(|folder| holds_tokenizer(folder)).map(Path::to_owned) else {
            return;
        };
        if let Some(vocabulary) = self.vocabularies.get(&folder) {
            self.vocabulary = Arc::clone(vocabulary);
            return;
        }
        let read = folder.clone();
        match tokio::task::spawn_blocking(move || Vocabulary::read(&read)).await {
            Ok(Ok(vocabulary)) => {
                self.vocabulary = Arc::new(vocabulary);
                self.vocabularies.insert(folder, Arc::clone(&self.vocabulary));
            }
            Ok(Err(error)) => (self.job.context.progress)(&format!("prompts are of common words: {error}")),
            // The runtime is going down.
            Err(_) => {}
        }
    }

    async fn all_trials(&mut self) -> Result<(), JobError> {
        let mut queue: VecDeque<Queued<'a>> = self.launch.trials.iter().map(Queued::from).collect();
        while let Some(next) = queue.pop_front() {
            if self.job.context.drain.is_cancelled() {
                return Err(JobError::Stopped);
            }
            if let Some(due) = next.due {
                self.pause(due.saturating_duration_since(Instant::now())).await?;
            }
            let trial = next.trial;
            match self.turn(next, queue.len() + 1).await? {
                Turn::Over => {}
                Turn::Again(later) => queue.push_back(later),
                Turn::NoServer(reason) => {
                    for trial in std::iter::once(trial).chain(queue.iter().map(|queued| queued.trial)) {
                        self.fail(trial, &reason).await?;
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Lets time pass, unless the job is to end.
    async fn pause(&self, time: Duration) -> Result<(), JobError> {
        let context = self.job.context;
        tokio::select! {
            () = (context.pause)(time) => Ok(()),
            () = self.job.cancel.cancelled() => Err(JobError::Stopped),
            () = context.drain.cancelled() => Err(JobError::Stopped),
        }
    }

    /// Tries a trial; `left` trials of the launch have no outcome, this one included.
    async fn turn(&mut self, mut queued: Queued<'a>, left: usize) -> Result<Turn<'a>, JobError> {
        let trial = queued.trial;
        let ledger = &self.job.context.ledger;
        let batch = &self.job.manifest.batch;
        let lost_s = ledger.lost_seconds(batch, &trial.run_id).await?;
        if queued.due.is_none() {
            self.unaccounted_lost_s += lost_s;
        }
        // Before the engine is started: a runner that does not survive that lost this trial.
        ledger.begin_trial(batch, self.job.attempt, &trial.run_id, (self.job.context.clock)()).await?;
        if let Opened::Never(reason) = self.open_server().await? {
            return Ok(Turn::NoServer(reason));
        }
        self.ask_for_fidelity().await?;
        self.ask_for_tasks().await?;
        let begun = Instant::now();
        let failure = match self.try_once(trial).await? {
            Try::Measured { measured, seed, readings } => {
                let charged = ChargedBefore {
                    engine_start_s: self.share_of_start(left),
                    lost_s: lost_s + queued.tried_s,
                };
                self.store(trial, charged, *measured, seed, &readings).await?;
                return Ok(Turn::Over);
            }
            Try::Failed(failure) => failure,
        };
        queued.tries += 1;
        queued.tried_s += begun.elapsed().as_secs_f64();
        let again = failure.may_pass && queued.tries < MAX_TRIES;
        // One that has seen the prompts of a trial may answer them faster the next time.
        if again || !failure.server_is_sound {
            self.stop_server().await;
        }
        if again {
            ledger.put_off_trial(batch, self.job.attempt, &trial.run_id).await?;
            (self.job.context.progress)(&format!("{}; it is tried again", failure.reason));
            queued.due = Some(Instant::now() + pause_after(queued.tries));
            return Ok(Turn::Again(queued));
        }
        self.share_of_start(left);
        let tries = if failure.may_pass { format!(" ({MAX_TRIES} tries)") } else { String::new() };
        self.fail(trial, &format!("{}{tries}", failure.reason)).await?;
        Ok(Turn::Over)
    }

    /// Asks the engine once, where the campaign wants that. It takes time of the launch, as its start does.
    async fn ask_for_fidelity(&mut self) -> Result<(), JobError> {
        let (Some(asked), None, Some(server)) = (self.job.manifest.fidelity, self.fidelity, &self.server)
        else {
            return Ok(());
        };
        let begun = Instant::now();
        self.job.context.meter.enter(State::Measuring);
        let asking = fidelity(self.job, &self.plan, server.facts(), asked);
        let told = tokio::select! {
            told = asking => told?,
            () = self.job.cancel.cancelled() => return Err(JobError::Stopped),
        };
        self.job.context.meter.enter(State::Idle);
        self.fidelity = Some(told);
        self.uncharged_start_s += begun.elapsed().as_secs_f64();
        Ok(())
    }

    /// Has the engine do tasks once, where the campaign wants that. It takes time of the launch as well.
    async fn ask_for_tasks(&mut self) -> Result<(), JobError> {
        let (Some(asked), None, Some(server)) = (&self.job.manifest.tasks, &self.task_accuracy, &self.server)
        else {
            return Ok(());
        };
        let begun = Instant::now();
        self.job.context.meter.enter(State::Measuring);
        self.task_accuracy = Some(task_accuracy(self.job, &self.plan, server.facts(), asked).await?);
        self.job.context.meter.enter(State::Idle);
        self.uncharged_start_s += begun.elapsed().as_secs_f64();
        Ok(())
    }

    /// Takes a trial's share of what the starts took.
    fn share_of_start(&mut self, left: usize) -> f64 {
        let share = self.uncharged_start_s / left.max(1) as f64;
        self.uncharged_start_s -= share;
        share
    }

    async fn open_server(&mut self) -> Result<Opened, JobError> {
        if self.server.is_some() {
            return Ok(Opened::Up);
        }
        // Weights that were fetched are where they were, and of the revision that they were.
        let plan = self.plan.clone();
        let mut start = 0;
        loop {
            start += 1;
            let begun = Instant::now();
            self.job.context.meter.enter(State::Starting);
            let error = match self.job.context.servers.open(&plan, self.job.cancel).await {
                Ok(server) => {
                    self.job.context.meter.started(true);
                    self.job.context.meter.enter(State::Idle);
                    let fetched = server.facts().weights.clone();
                    self.uncharged_start_s += server.facts().start_s;
                    self.server = Some(server);
                    if let Some(fetched) = fetched {
                        self.use_weights(fetched).await;
                    }
                    return Ok(Opened::Up);
                }
                Err(EngineError::Cancelled) => return Err(JobError::Stopped),
                Err(error) => error,
            };
            self.job.context.meter.started(false);
            self.job.context.meter.enter(State::Waiting);
            if let Endpoint::Attach { .. } = plan.endpoint {
                return Err(JobError::Server(one_line(&error)));
            }
            let mut reason = one_line(&error);
            if let EngineError::OutOfMemory { said, gpus, .. } = &error {
                match taken_by_others(self.job.context.gpus.as_ref(), gpus).await {
                    // Says nothing of the launch.
                    Some(taken) => {
                        reason = format!("{reason}; {taken}; end what uses it, then `assay campaign retry`");
                    }
                    None => self.note_shortage(said).await?,
                }
            }
            if !error.may_pass() {
                return Ok(Opened::Never(reason));
            }
            if start == MAX_TRIES {
                return Ok(Opened::Never(format!("{reason} ({MAX_TRIES} tries)")));
            }
            (self.job.context.progress)(&format!("{reason}; it is started again"));
            self.pause(pause_after(start)).await?;
            self.uncharged_start_s += begun.elapsed().as_secs_f64();
        }
    }

    /// Goes on with weights that were fetched, and reads their tokenizer. That takes time of the launch.
    async fn use_weights(&mut self, fetched: Fetched) {
        let WeightsUsed { address, fetched_bytes, fetch_ms, .. } = &fetched.used;
        self.job.context.meter.fetched(*fetched_bytes);
        if *fetched_bytes > 0 {
            let gib = *fetched_bytes as f64 / f64::from(1 << 30);
            let seconds = *fetch_ms as f64 / 1000.0;
            (self.job.context.progress)(&format!("{address}: {gib:.2} GiB fetched in {seconds:.1} s"));
        }
        self.plan = Cow::Owned(fetched.plan(&self.plan));
        self.weights = Some(fetched.used);
        let begun = Instant::now();
        self.find_vocabulary().await;
        self.uncharged_start_s += begun.elapsed().as_secs_f64();
    }

    /// Later plans leave out what needs as much.
    async fn note_shortage(&self, said: &str) -> Result<(), JobError> {
        let LaunchPlan { launch, trials, max_concurrency, .. } = self.plan.as_ref();
        let shortage = Shortage {
            launch: launch.clone(),
            longest_request_tokens: trials
                .iter()
                .map(|t| t.workload.longest_request_tokens())
                .max()
                .unwrap_or(0),
            slots: *max_concurrency,
            at: (self.job.context.clock)(),
            said: single_line(said),
        };
        // A launch is always written as JSON: manifests are.
        let bytes = serde_json::to_vec(&shortage).unwrap_or_default();
        self.job.context.objects.put(&ObjectKey::shortage(&launch.id()), &bytes).await?;
        Ok(())
    }

    async fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
            self.job.context.meter.enter(State::Waiting);
        }
    }

    async fn try_once(&mut self, trial: &PendingTrial<'_>) -> Result<Try, JobError> {
        let Some(server) = self.server.as_mut() else {
            let reason = "no server is up".to_owned();
            return Ok(Try::Failed(Failure { reason, may_pass: true, server_is_sound: false }));
        };
        let (target, is_attached) = target(server.facts(), &self.vocabulary);
        let seed = prompt_seed(trial.plan.seed, is_attached.then(|| (self.job.context.clock)()));
        let request = TrialRequest {
            workload: trial.plan.workload.clone(),
            source: Source::Synthetic,
            requests: trial.plan.requests,
            most_requests: TrialRequest::usual_most(trial.plan.requests),
            tolerance: None,
            warm_up: trial.plan.warm_up,
            ramp: None,
            max_in_flight: DEFAULT_MAX_IN_FLIGHT,
            seed,
            slo: self.job.manifest.slo.or_usual(trial.plan.workload.use_case),
            gpu_count: self.plan.launch.hardware.gpu_count(),
            request_timeout: REQUEST_TIMEOUT,
        };
        let cancel = self.job.cancel;
        let context = self.job.context;
        let sampler = Sampler::begin(server.facts(), Arc::clone(&context.gpus), Arc::clone(&context.clock));
        context.meter.enter(State::Measuring);
        let measured = tokio::select! {
            // What was measured counts, also when the engine ends in the same moment.
            biased;
            measured = context.load.measure(&target, &request, cancel) => measured,
            () = cancel.cancelled() => return Err(JobError::Stopped),
            death = server.gone() => return Ok(Try::Failed(death.into())),
        };
        let error = match measured {
            Ok(measured) => {
                context.meter.measured(&measured);
                let readings = sampler.end().await;
                return Ok(Try::Measured { measured: Box::new(measured), seed, readings });
            }
            Err(LoadError::Cancelled) => return Err(JobError::Stopped),
            Err(error) => error,
        };
        context.meter.enter(State::Idle);
        match server.check().await {
            Ok(()) => {
                let (reason, may_pass) = (one_line(&error), error.may_pass());
                Ok(Try::Failed(Failure { reason, may_pass, server_is_sound: true }))
            }
            Err(death) if is_attached => Err(JobError::Server(single_line(&death.reason))),
            Err(death) => Ok(Try::Failed(death.into())),
        }
    }

    async fn store(
        &mut self,
        trial: &PendingTrial<'_>,
        charged: ChargedBefore,
        mut measured: TrialMeasurement,
        seed: u64,
        readings: &Readings,
    ) -> Result<(), JobError> {
        let Some(server) = self.server.as_ref() else { return Ok(()) };
        let Job { context, manifest, attempt, .. } = *self.job;
        let records = std::mem::take(&mut measured.records);
        let facts = server.facts();
        let answered = Answered {
            serving: Serving::Launch(self.plan.launch.clone()),
            paid: Paid::Hours(self.plan.rent.as_ref()),
            provenance: facts.provenance,
            version: facts.version.clone(),
            command: facts.command.clone(),
            weights: self.weights.clone(),
            hardware_unverified: facts.hardware_unverified,
        };
        let evidence = Evidence {
            manifest,
            answered: &answered,
            trial,
            attempt,
            host: &context.host,
            charged,
            seed,
            fidelity: self.fidelity.flatten(),
            task_accuracy: self.task_accuracy.as_ref().and_then(Option::as_ref),
            readings: Some(readings),
        };
        let result = result(&evidence, measured);
        keep(self.job, &result, records).await?;
        context.meter.lost(charged.lost_s);
        // The summary is in the result: a series that is lost costs no trial.
        if let Err(error) = context.telemetry.insert_samples(&readings.samples(&trial.run_id)).await {
            tracing::warn!(run = %trial.run_id, "its telemetry was not kept: {error}");
        }
        let spent = self.spent();
        self.job.checkpoint(&trial.run_id, &trial.plan.config_id, TrialOutcome::Stored, spent).await?;
        self.tell(trial, &headline(&result));
        Ok(())
    }

    /// What was spent since the outcome before.
    fn spent(&mut self) -> Spent {
        let seconds = self.counter.account() + std::mem::take(&mut self.unaccounted_lost_s);
        self.job.spent(&self.plan, seconds)
    }

    async fn fail(&mut self, trial: &PendingTrial<'_>, reason: &str) -> Result<(), JobError> {
        let outcome = TrialOutcome::Failed { reason: reason.to_owned() };
        let spent = self.spent();
        self.job.checkpoint(&trial.run_id, &trial.plan.config_id, outcome, spent).await?;
        self.tell(trial, &format!("failed: {reason}"));
        Ok(())
    }

    fn tell(&mut self, trial: &PendingTrial<'_>, what: &str) {
        let configuration =
            Configuration { serving: self.plan.launch.clone().into(), workload: trial.plan.workload.clone() };
        let count = self.counter.next();
        (self.job.context.progress)(&format!("{count} {configuration}, trial {}: {what}", trial.plan.trial));
    }
}

/// The seed of a trial's prompts: the plan's for an engine that has just started. A server that somebody else runs may
/// have the plan's prompts in its prefix cache, from an attempt that was lost or from another campaign, and would
/// answer them too fast; the result says which seed it was in the end.
pub(super) fn prompt_seed(planned: u64, attached_at: Option<DateTime<Utc>>) -> u64 {
    let Some(now) = attached_at else { return planned };
    let hash = hash_bytes(format!("{planned}.{}", now.timestamp_micros()).as_bytes());
    // 52 bits, which every JSON reader keeps exactly.
    hash.get(..13).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(planned)
}

fn target(facts: &ServerFacts, vocabulary: &Arc<Vocabulary>) -> (Target, bool) {
    let target = Target {
        address: facts.address.clone(),
        model: facts.model.clone(),
        vocabulary: Arc::clone(vocabulary),
        key: None,
        dialect: Dialect::Engine,
    };
    (target, facts.is_attached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_of_others_gets_prompts_that_it_has_never_seen() {
        let now = DateTime::from_timestamp_nanos(1_790_000_000_000_000_000);
        assert_eq!(prompt_seed(7, None), 7);
        let first = prompt_seed(7, Some(now));
        let second = prompt_seed(7, Some(now + chrono::TimeDelta::seconds(1)));
        assert!(first != 7 && first != second && first < 1 << 52);
    }
}
