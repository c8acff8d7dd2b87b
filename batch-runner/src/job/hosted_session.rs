//! A **hosted session** measures the pending trials of one hosted model.
//!
//! | what happens | what follows |
//! |---|---|
//! | there is no key, it is refused, or the service cannot be reached | the job ends; a later run goes on from here |
//! | the model is not known there | every pending trial of the model fails with that reason |
//! | the load would surpass a limit of the key | the trial fails, and nothing is sent for it |
//! | others have used a limit up | the trial waits until it is there again, ten minutes at most |
//! | requests are refused by a limit during a run | it is measured again, twice at most; the last run is stored, flagged |
//! | the load cannot be measured | the trial fails with the reason |
//!
//! As many requests are measured as were asked for, and no more: each is paid for.

use std::sync::Arc;
use std::time::Duration;

use domain::result::{FailureReason, Flag};
use domain::{BenchmarkResult, Configuration, HostedPlan, Provenance, Serving, TokensSold, Workload};
use store::TrialOutcome;
use tokio::time::Instant;

use super::JobError;
use super::claimed::{Counter, Job, Spent};
use super::error::{one_line, single_line};
use super::keep::keep;
use super::launch_session::{REQUEST_TIMEOUT, prompt_seed};
use super::meter::State;
use super::outcome::{Answered, ChargedBefore, Evidence, Paid, headline, result};
use super::remaining::{PendingHosted, PendingTrial};
use crate::hosted::limits::Demand;
use crate::hosted::service::Told;
use crate::hosted::{Service, ServiceError};
use crate::load::protocols::Dialect;
use crate::load::source::Source;
use crate::load::{DEFAULT_MAX_IN_FLIGHT, LoadError, Target, TrialMeasurement, TrialRequest, Vocabulary};

/// How often a trial is measured when a limit of the key refuses requests of it, and a question asked.
const TRIES: u32 = 3;

/// Longest wait for a limit. A limit of a day is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Wait of a service that is busy and does not say how long.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// The trials of one hosted model.
pub(super) struct HostedSession<'a> {
    job: &'a Job<'a>,
    plan: &'a HostedPlan,
    trials: &'a [PendingTrial<'a>],
    counter: &'a mut Counter,
    vocabulary: Arc<Vocabulary>,
    /// How long an answer took in the last run.
    e2e_s: Option<f64>,
}

/// What a question came to.
enum Asked {
    Told(Told),
    /// No trial of the model can be measured.
    Never(String),
    /// This one cannot.
    NotNow(String),
}

/// What became of a try.
enum Try {
    Measured(Box<TrialMeasurement>),
    /// A limit refused so many requests that there is nothing to measure.
    Limited(String),
    Failed(String),
}

impl<'a> HostedSession<'a> {
    pub(super) fn new(job: &'a Job<'a>, hosted: &'a PendingHosted<'a>, counter: &'a mut Counter) -> Self {
        let PendingHosted { plan, trials } = hosted;
        Self { job, plan, trials, counter, vocabulary: Arc::new(Vocabulary::common()), e2e_s: None }
    }

    /// Brings every trial to an outcome.
    pub(super) async fn run(mut self) -> Result<(), JobError> {
        let source = &self.plan.endpoint.key;
        let key = self.job.context.keys.key(source).await.map_err(|e| JobError::Server(one_line(&e)))?;
        let service = Service::new(self.plan, key).map_err(|e| JobError::Server(one_line(&e)))?;
        let provenance = tokio::select! {
            provenance = service.provenance() => provenance,
            () = self.job.cancel.cancelled() => return Err(JobError::Stopped),
        };
        for (at, trial) in self.trials.iter().enumerate() {
            if self.job.context.drain.is_cancelled() {
                return Err(JobError::Stopped);
            }
            if let Some(reason) = self.one_trial(&service, provenance, trial).await? {
                for trial in self.trials.iter().skip(at) {
                    self.fail(trial, &reason).await?;
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// Brings a trial to an outcome. Returns the reason when none of the model can be measured.
    async fn one_trial(
        &mut self,
        service: &Service,
        provenance: Provenance,
        trial: &PendingTrial<'_>,
    ) -> Result<Option<String>, JobError> {
        let Job { context, manifest, attempt, .. } = *self.job;
        let mut lost_s = context.ledger.lost_seconds(&manifest.batch, &trial.run_id).await?;
        let mut paid = TokensSold::default();
        for n in 1..=TRIES {
            let told = match self.ask(service, trial, &mut paid).await? {
                Asked::Told(told) => told,
                Asked::Never(reason) => return Ok(Some(reason)),
                Asked::NotNow(reason) => {
                    self.fail(trial, &reason).await?;
                    return Ok(None);
                }
            };
            if n == 1 {
                let now = (context.clock)();
                context.ledger.begin_trial(&manifest.batch, attempt, &trial.run_id, now).await?;
            }
            let begun = Instant::now();
            let seed = prompt_seed(trial.plan.seed, Some((context.clock)()));
            let is_last = n == TRIES;
            match self.try_once(service, trial, seed).await? {
                Try::Measured(measured) if is_last || !is_limited(&measured) => {
                    let answered = self.answered(provenance, told.version, paid);
                    let charged = ChargedBefore { engine_start_s: 0.0, lost_s };
                    self.store(trial, &answered, charged, *measured, seed).await?;
                    return Ok(None);
                }
                Try::Measured(measured) => {
                    paid += measured.tokens;
                    self.say(&format!(
                        "a limit of the key refused requests of {}; measuring it again",
                        trial.run_id
                    ));
                }
                Try::Limited(reason) if is_last => {
                    self.fail(trial, &reason).await?;
                    return Ok(None);
                }
                Try::Limited(reason) => self.say(&format!("{reason}; measuring it again")),
                Try::Failed(reason) => {
                    self.fail(trial, &reason).await?;
                    return Ok(None);
                }
            }
            lost_s += begun.elapsed().as_secs_f64();
        }
        Ok(None)
    }

    /// Asks what answers and how much may be asked for, and waits until a run of the trial may begin.
    async fn ask(
        &self,
        service: &Service,
        trial: &PendingTrial<'_>,
        paid: &mut TokensSold,
    ) -> Result<Asked, JobError> {
        let demand = Demand::of(&trial.plan.workload, trial.plan.requests.get(), self.e2e_s);
        let mut last = None;
        for _ in 0..TRIES {
            let now = (self.job.context.clock)();
            let asked = tokio::select! {
                asked = service.ask(now) => asked,
                () = self.job.cancel.cancelled() => return Err(JobError::Stopped),
            };
            let wait = match asked {
                Ok(told) => {
                    *paid += told.tokens;
                    if let Some(reason) = told.limits.surpassed_by(&demand) {
                        return Ok(Asked::NotNow(reason));
                    }
                    let wait = told.limits.wait_for(&demand);
                    if wait.is_zero() {
                        return Ok(Asked::Told(told));
                    }
                    last = Some("a limit of the key stays used up".to_owned());
                    wait
                }
                Err(error @ ServiceError::Busy { wait, .. }) => {
                    last = Some(one_line(&error));
                    wait.unwrap_or(USUAL_WAIT)
                }
                Err(error @ ServiceError::Question { .. }) => return Ok(Asked::Never(one_line(&error))),
                Err(error) => return Err(JobError::Server(one_line(&error))),
            };
            if wait > LONGEST_WAIT {
                let minutes = wait.as_secs().div_ceil(60);
                return Ok(Asked::NotNow(format!(
                    "a limit of the key is used up for {minutes} min more; run the campaign again then"
                )));
            }
            self.say(&format!(
                "waiting {:.0} s for a limit of the key of {}",
                wait.as_secs_f64(),
                service.hosted
            ));
            let context = self.job.context;
            tokio::select! {
                () = (context.pause)(wait) => {}
                () = self.job.cancel.cancelled() => return Err(JobError::Stopped),
                () = context.drain.cancelled() => return Err(JobError::Stopped),
            }
        }
        Ok(Asked::NotNow(last.unwrap_or_default()))
    }

    async fn try_once(
        &mut self,
        service: &Service,
        trial: &PendingTrial<'_>,
        seed: u64,
    ) -> Result<Try, JobError> {
        let asked = &trial.plan.workload;
        let Some(protocol) = self.plan.hosted.provider.wire_protocol(asked.protocol) else {
            let provider = self.plan.hosted.provider;
            return Ok(Try::Failed(format!("{provider} does not speak {}; use chat", asked.protocol)));
        };
        let target = Target {
            address: service.address.clone(),
            model: service.model.clone(),
            vocabulary: Arc::clone(&self.vocabulary),
            key: Some(service.key.clone()),
            dialect: Dialect::Hosted,
        };
        let request = TrialRequest {
            workload: Workload { protocol, ..asked.clone() },
            source: Source::Synthetic,
            requests: trial.plan.requests,
            most_requests: trial.plan.requests,
            tolerance: None,
            warm_up: trial.plan.warm_up,
            ramp: None,
            max_in_flight: DEFAULT_MAX_IN_FLIGHT,
            seed,
            slo: self.job.manifest.slo.or_usual(asked.use_case),
            gpu_count: 0,
            request_timeout: REQUEST_TIMEOUT,
        };
        let Job { context, cancel, .. } = *self.job;
        context.meter.enter(State::Measuring);
        let measured = context.load.measure(&target, &request, cancel).await;
        if let Ok(measured) = &measured {
            context.meter.measured(measured);
        }
        context.meter.enter(State::Waiting);
        Ok(match measured {
            Ok(measured) => {
                self.e2e_s = measured.metrics.e2e.as_ref().map(|e2e| e2e.mean / 1e3);
                Try::Measured(Box::new(measured))
            }
            Err(LoadError::Cancelled) => return Err(JobError::Stopped),
            Err(error @ (LoadError::Unreachable { .. } | LoadError::EngineGone { .. })) => {
                return Err(JobError::Server(one_line(&error)));
            }
            Err(
                LoadError::AllFailed { reasons, sample } | LoadError::TooManyFailures { reasons, sample, .. },
            ) if reasons.contains_key(&FailureReason::RateLimited) => {
                let sample = single_line(&sample);
                Try::Limited(format!(
                    "a limit of the key refused too many requests, such as: {sample}: lower the load, or have the limit \
                     raised"
                ))
            }
            Err(error) => Try::Failed(one_line(&error)),
        })
    }

    fn answered(&self, provenance: Provenance, version: Option<String>, before: TokensSold) -> Answered<'a> {
        Answered {
            serving: Serving::Hosted(self.plan.hosted.clone()),
            paid: Paid::Tokens { rate: &self.plan.rate, before },
            provenance,
            version,
            command: Vec::new(),
            weights: None,
            hardware_unverified: false,
        }
    }

    async fn store(
        &mut self,
        trial: &PendingTrial<'_>,
        answered: &Answered<'_>,
        charged: ChargedBefore,
        mut measured: TrialMeasurement,
        seed: u64,
    ) -> Result<(), JobError> {
        let Job { context, manifest, attempt, .. } = *self.job;
        if is_limited(&measured) {
            measured.flags.push(Flag::RateLimited);
            measured.flags.sort_unstable();
        }
        let records = std::mem::take(&mut measured.records);
        let evidence = Evidence {
            manifest,
            answered,
            trial,
            attempt,
            host: &context.host,
            charged,
            seed,
            fidelity: None,
            task_accuracy: None,
            readings: None,
        };
        let result = result(&evidence, measured);
        keep(self.job, &result, records).await?;
        let spent = Spent { usd: usd_of(&result), machine_s: Some(self.counter.account()) };
        self.job.checkpoint(&trial.run_id, &trial.plan.config_id, TrialOutcome::Stored, spent).await?;
        self.tell(trial, &headline(&result));
        Ok(())
    }

    async fn fail(&mut self, trial: &PendingTrial<'_>, reason: &str) -> Result<(), JobError> {
        let outcome = TrialOutcome::Failed { reason: reason.to_owned() };
        // What its tokens cost is not known.
        let spent = Spent { usd: None, machine_s: Some(self.counter.account()) };
        self.job.checkpoint(&trial.run_id, &trial.plan.config_id, outcome, spent).await?;
        self.tell(trial, &format!("failed: {reason}"));
        Ok(())
    }

    fn tell(&mut self, trial: &PendingTrial<'_>, what: &str) {
        let serving = Serving::Hosted(self.plan.hosted.clone());
        let configuration = Configuration { serving, workload: trial.plan.workload.clone() };
        let count = self.counter.next();
        self.say(&format!("{count} {configuration}, trial {}: {what}", trial.plan.trial));
    }

    fn say(&self, line: &str) {
        (self.job.context.progress)(line);
    }
}

/// What the tokens of a result cost.
fn usd_of(result: &BenchmarkResult) -> Option<f64> {
    Some(result.metrics.cost_per_mtok.as_ref()?.spot * result.counts.output_tokens as f64 / 1e6)
}

/// Whether a limit of the key refused any request: then the load was not the one asked for.
fn is_limited(measured: &TrialMeasurement) -> bool {
    measured.counts.failed.contains_key(&FailureReason::RateLimited)
}
