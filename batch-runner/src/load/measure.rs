//! **Measuring**: calibrate, apply the load, find the window, compute.

use std::num::NonZeroU32;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::result::{Certificate, FailureReason, Flag, RequestCounts, TokenSource};
use domain::{Load, Metrics, RequestSlo, Workload};
use measurement::aggregate::{Aggregate, Run, aggregate};
use measurement::record::{Phase, RequestRecord};
use measurement::window::{self, Window};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::arrivals;
use super::calibration::{Calibration, calibrate};
use super::plan::Stop;
use super::prompts::RequestMaker;
use super::timed::{self, Assignment, Observations, Pace, Prepared};
use super::{LoadError, Vocabulary, decode, verdict};
use crate::api_key::ApiKey;
use crate::transport::Address;

/// Most bytes of requests that wait to be sent.
const MOST_SUPPLY_BYTES: usize = 256 << 20;
/// Most requests in flight at a rate, unless told otherwise. Each has a connection.
pub const DEFAULT_MAX_IN_FLIGHT: NonZeroU32 = NonZeroU32::MIN.saturating_add(4095);
/// Bytes of a word in a prompt, about.
const BYTES_PER_WORD: usize = 6;

/// A server and what to ask it for.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is and how to speak to it.
    pub address: Address,
    /// The model's name.
    pub model: String,
    /// What prompts are made of.
    pub vocabulary: Arc<Vocabulary>,
    /// The server's key.
    pub key: Option<ApiKey>,
}

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRequest {
    /// The traffic.
    pub workload: Workload,
    /// Requests to measure.
    pub requests: NonZeroU32,
    /// Requests before the measured ones; at least one for each slot, or in an open loop those of the first
    /// second, are sent in any case.
    pub warm_up: u32,
    /// In an open loop, most requests in flight. What is due beyond them is dropped and counted.
    pub max_in_flight: NonZeroU32,
    /// Seed of the prompts. A server with a prefix cache must not see the same one twice.
    pub seed: u64,
    /// What each request must meet to count as good.
    pub slo: RequestSlo,
    /// GPUs that serve; 0 when there are none.
    pub gpu_count: u32,
    /// Longest time of a request.
    pub request_timeout: Duration,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialMeasurement {
    /// The numbers, without costs.
    pub metrics: Metrics,
    /// Measured requests and tokens.
    pub counts: RequestCounts,
    /// Who counted the tokens.
    pub token_source: TokenSource,
    /// What limits the conclusion.
    pub flags: Vec<Flag>,
    /// Whether the client could be trusted.
    pub certificate: Certificate,
    /// Instant zero of the run.
    pub started_at: DateTime<Utc>,
    /// When the window began.
    pub measured_at: DateTime<Utc>,
    /// The part of the run that counts.
    pub window: Window,
    /// All other time of the measurement, s: calibration, ramp, warm-up, what was cut off the start, drain.
    pub warm_up_s: f64,
    /// Every request, in the order of sending.
    pub records: Vec<RequestRecord>,
}

/// Measures a server under a load.
///
/// # Errors
/// See [`LoadError`]: when it is cancelled, the server cannot be reached or goes away, refuses the request, or
/// fails most of it.
pub async fn measure(
    target: &Target,
    request: &TrialRequest,
    cancel: &CancellationToken,
) -> Result<TrialMeasurement, LoadError> {
    let began = Instant::now();
    let address = target.address.clone();
    let calibrating = calibrate(target, &request.workload, request.seed, request.request_timeout);
    let calibration = tokio::select! {
        () = cancel.cancelled() => return Err(LoadError::Cancelled),
        calibration = calibrating => calibration?,
    };
    let maker = RequestMaker {
        address: address.clone(),
        model: target.model.clone(),
        workload: request.workload.clone(),
        vocabulary: Arc::clone(&target.vocabulary),
        key: target.key.clone(),
        calibration,
        seed: request.seed,
    };
    // When the caller drops this future, the threads end as well.
    let cancel = cancel.child_token();
    let _ends_with_this = cancel.clone().drop_guard();
    let (answer, answered) = oneshot::channel();
    let trial = request.clone();
    spawn("load-decode", move || {
        let outcome = apply(&address, maker, &trial, &cancel)
            .and_then(|applied| conclude(applied, &address, &trial, calibration, began));
        // Nobody waits for it when the caller has gone.
        let _ = answer.send(outcome);
    })?;
    answered.await.unwrap_or_else(|_| Err(LoadError::Generator("its decoder thread ended early".to_owned())))
}

/// What the threads bring home.
struct Applied {
    stop: Stop,
    observations: Observations,
    records: Vec<RequestRecord>,
    origin_utc: DateTime<Utc>,
}

/// Runs the timed path on a thread of its own and decodes on this one until it is over.
fn apply(
    address: &Address,
    maker: RequestMaker,
    trial: &TrialRequest,
    cancel: &CancellationToken,
) -> Result<Applied, LoadError> {
    let (pace, warm_up, ahead) = match trial.workload.load {
        Load::ClosedLoop { concurrency } => {
            let workers = concurrency.get();
            (Pace::ClosedLoop { workers }, trial.warm_up, workers.saturating_mul(2))
        }
        Load::OpenLoop { rate_rps, arrival } => {
            let schedule = arrivals::schedule(rate_rps, arrival, trial.seed);
            let max_in_flight = trial.max_in_flight.get();
            let warm_up = arrivals::warm_up(trial.warm_up, rate_rps);
            // Those of a second are made ahead.
            (Pace::OpenLoop { schedule, max_in_flight }, warm_up, rate_rps.rps() as u32)
        }
    };
    let supply = supply(maker, ahead)?;
    let (finished, exchanges) = mpsc::channel();
    let (origin, origin_utc) = (Instant::now(), Utc::now());
    let assignment = Assignment {
        address: address.clone(),
        pace,
        warm_up,
        requests: trial.requests.get(),
        request_timeout: trial.request_timeout,
        output_tokens: trial.workload.output_tokens.get(),
        origin,
    };
    let cancel = cancel.clone();
    let io = spawn("load-io", move || timed::run(assignment, supply, finished, &cancel))?;
    let records = decode::read_all(trial.workload.protocol, &exchanges);
    let (stop, observations) = io
        .join()
        .map_err(|_| LoadError::Generator("its IO thread ended early".to_owned()))?
        .map_err(|error| LoadError::Generator(format!("its event loop could not be started ({error})")))?;
    Ok(Applied { stop, observations, records, origin_utc })
}

/// Makes requests on a thread of its own, a few ahead of their time.
fn supply(maker: RequestMaker, ahead: u32) -> Result<tokio::sync::mpsc::Receiver<Prepared>, LoadError> {
    let words = maker.calibration.words(maker.workload.input_tokens.get());
    let request_bytes = 512 + words as usize * BYTES_PER_WORD;
    let ahead = (ahead as usize).max(64).min(MOST_SUPPLY_BYTES / request_bytes).max(1);
    let (made, supply) = tokio::sync::mpsc::channel(ahead);
    spawn("load-prompts", move || {
        for index in 0.. {
            // Ends when nobody takes requests any more. The host was checked when the address was read.
            let Ok(request) = maker.make(index) else { return };
            if made.blocking_send(request).is_err() {
                return;
            }
        }
    })?;
    Ok(supply)
}

fn conclude(
    applied: Applied,
    address: &Address,
    trial: &TrialRequest,
    calibration: Calibration,
    began: Instant,
) -> Result<TrialMeasurement, LoadError> {
    let Applied { stop, observations, records, origin_utc } = applied;
    match stop {
        Stop::Cancelled => return Err(LoadError::Cancelled),
        Stop::Failing(FailureReason::Connect | FailureReason::Disconnected, tries) => {
            return Err(LoadError::EngineGone { url: address.url(), tries });
        }
        Stop::Failing(..) => return Err(verdict::failing(&records)),
        Stop::Finished => verdict::check_failures(records.iter().filter(|r| r.phase == Phase::Measured))?,
    }
    let nothing = || LoadError::Generator("no time passed during the run".to_owned());
    let window = match trial.workload.load {
        Load::ClosedLoop { .. } => window::find(&records),
        Load::OpenLoop { .. } => window::find_open(&records),
    };
    let window = window.ok_or_else(nothing)?;
    verdict::check_failures(window.measured(&records))?;
    let run = Run {
        records: &records,
        window: &window,
        workload: &trial.workload,
        slo: &trial.slo,
        gpu_count: trial.gpu_count,
        seed: trial.seed,
    };
    let Aggregate { metrics, counts, token_source, mut flags } = aggregate(&run).map_err(|_| nothing())?;
    let certificate = verdict::certificate(&records, &observations, &window);
    if !certificate.violations.is_empty() {
        flags.push(Flag::ClientLimited);
    }
    if !calibration.counted && !flags.contains(&Flag::InputLengthOff) {
        flags.push(Flag::InputLengthOff);
    }
    flags.sort_unstable();
    let all_s = began.elapsed().as_secs_f64();
    Ok(TrialMeasurement {
        metrics,
        counts,
        token_source,
        flags,
        certificate,
        started_at: origin_utc,
        measured_at: origin_utc + Duration::from_nanos(window.start_ns),
        window,
        warm_up_s: (all_s - window.seconds()).max(0.0),
        records,
    })
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<std::thread::JoinHandle<T>, LoadError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| LoadError::Generator(format!("the thread {name} could not be started ({error})")))
}
