//! **Measuring**: calibrate, apply the load, find the window, compute.

use std::num::NonZeroU32;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::result::{Certificate, FailureReason, Flag, RequestCounts, TokenSource};
use domain::{ByTurn, Load, Metrics, RatePlan, RequestSlo, TokensSold, Workload};
use measurement::aggregate::{Aggregate, Asked, Run, aggregate};
use measurement::by_turn::by_turn;
use measurement::certificate::Ceiling;
use measurement::enough::{Need, has_converged};
use measurement::record::{Phase, RequestRecord};
use measurement::window::{self, Window};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use traffic::conversations::Place;

use super::arrivals;
use super::arrivals::Arrivals;
use super::calibration::{Calibration, calibrate};
use super::judge::{FindWindow, Judge};
use super::plan::Stop;
use super::progress::Progress;
use super::prompts::RequestMaker;
use super::protocols::Dialect;
use super::records::Records;
use super::source::Source;
use super::timed::{self, Assignment, Exchange, Mixing, Observations, Pace, Prepared};
use super::turns::Turns;
use super::verdict::Client;
use super::{LoadError, Vocabulary, decode, socket_limit, verdict};
use crate::api_key::ApiKey;
use crate::transport::Address;

/// Most bytes of requests that wait to be sent.
const MOST_SUPPLY_BYTES: usize = 256 << 20;
/// Most requests in flight at a rate, unless told otherwise. Each has a connection.
pub const DEFAULT_MAX_IN_FLIGHT: NonZeroU32 = NonZeroU32::MIN.saturating_add(4095);
/// Longest time in which conversations at a rate are to mix, beside that which is thought.
const LONGEST_MIXING: Duration = Duration::from_secs(60);
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
    /// What it understands.
    pub dialect: Dialect,
}

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRequest {
    /// The traffic.
    pub workload: Workload,
    /// Where its requests come from.
    pub source: Source,
    /// Requests to measure in a steady state.
    pub requests: NonZeroU32,
    /// Most requests to measure, as long as too few of them lie in a steady state or the intervals are too wide. A
    /// load that changes on purpose knows neither: as many are measured as were asked for.
    pub most_requests: NonZeroU32,
    /// Widest half of a 95 % interval of what the SLO bounds, as a share of its value. None: any will do.
    pub tolerance: Option<f64>,
    /// Requests before the measured ones; at least one for each slot, or in an open loop those of the first
    /// second, are sent in any case.
    pub warm_up: u32,
    /// Time in which the slots of a closed loop are started; none: 5 ms for each, and 2 s at most.
    pub ramp: Option<Duration>,
    /// In an open loop, most requests in flight; no more than this process may have sockets. What is due beyond them
    /// is dropped and counted.
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

impl TrialRequest {
    /// Most requests of a run that only waits for a steady state: the window holds at least half of them, if there is one.
    #[must_use]
    pub const fn usual_most(requests: NonZeroU32) -> NonZeroU32 {
        requests.saturating_mul(NonZeroU32::MIN.saturating_add(1))
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialMeasurement {
    /// The numbers, without costs.
    pub metrics: Metrics,
    /// Those of conversations, by turn.
    pub by_turn: Option<ByTurn>,
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
    /// All tokens of the measurement: of warm-up, calibration and keeping up the load too. Those of answers that failed are
    /// counted as far as they were told.
    pub tokens: TokensSold,
    /// Every request, in the order of sending.
    pub records: Records,
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
    let unwatched = Arc::new(Progress::new(request.requests));
    measure_watched(target, request, None, &unwatched, cancel).await
}

/// The same with a client that was calibrated, and tells how far it is.
///
/// # Errors
/// Those of [`measure`].
pub async fn measure_watched(
    target: &Target,
    request: &TrialRequest,
    ceiling: Option<Ceiling>,
    progress: &Arc<Progress>,
    cancel: &CancellationToken,
) -> Result<TrialMeasurement, LoadError> {
    let began = Instant::now();
    if let Some(conversation) = &request.workload.variety.conversation {
        let checked = conversation.check(&request.workload.load, request.workload.protocol);
        checked.map_err(|bad| LoadError::bad_target("no such conversations", bad.to_string()))?;
    }
    let connections = socket_limit::raise();
    socket_limit::check(&request.workload.load, connections)?;
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
        dialect: target.dialect,
        calibration,
        source: request.source.clone(),
        seed: request.seed,
    };
    // When the caller drops this future, the threads end as well.
    let cancel = cancel.child_token();
    let _ends_with_this = cancel.clone().drop_guard();
    let (answer, answered) = oneshot::channel();
    let mut trial = request.clone();
    trial.max_in_flight = trial.max_in_flight.min(NonZeroU32::new(connections).unwrap_or(NonZeroU32::MIN));
    let progress = Arc::clone(progress);
    let client = Client { ceiling, most_sockets: connections, most_in_flight: trial.max_in_flight.get() };
    spawn("load-decode", move || {
        let outcome = apply(&address, maker, &trial, &progress, &cancel)
            .and_then(|applied| conclude(applied, &address, &trial, Setting { client, calibration, began }));
        // Nobody waits for it when the caller has gone.
        let _ = answer.send(outcome);
    })?;
    answered.await.unwrap_or_else(|_| Err(LoadError::Generator("its decoder thread ended early".to_owned())))
}

/// How a load is applied.
struct Paced {
    pace: Pace,
    warm_up: u32,
    /// Requests that are made ahead of their time.
    ahead: u32,
}

fn pace(trial: &TrialRequest) -> Result<Paced, LoadError> {
    let max_in_flight = trial.max_in_flight.get();
    // Those of a second are made ahead.
    let of_a_second = |rps: f64| rps.ceil() as u32;
    Ok(match (&trial.workload.load, &trial.source) {
        (Load::ClosedLoop { concurrency }, _) => {
            let workers = concurrency.get();
            let ramp = trial.ramp.unwrap_or_else(|| timed::usual_ramp(workers));
            let pace = Pace::ClosedLoop { workers, ramp };
            Paced { pace, warm_up: trial.warm_up, ahead: workers.saturating_mul(2) }
        }
        (Load::Batches { size }, _) => {
            let workers = size.get();
            let pace = Pace::Batches { workers };
            Paced { pace, warm_up: trial.warm_up, ahead: workers.saturating_mul(2) }
        }
        (Load::OpenLoop { rate_rps, arrival }, _) => {
            let arrivals = Arrivals::at_rate(rate_rps, *arrival, trial.seed);
            let warm_up = arrivals::warm_up(trial.warm_up, rate_rps);
            let pace = Pace::OpenLoop { arrivals, max_in_flight };
            Paced { pace, warm_up, ahead: of_a_second(rate_rps.mean_rps()) }
        }
        (Load::Trace { rate_rps, .. }, Source::Trace(trace)) => {
            let pace = Pace::OpenLoop { arrivals: Arrivals::of_trace(trace), max_in_flight };
            Paced { pace, warm_up: trial.warm_up, ahead: of_a_second(rate_rps.rps()) }
        }
        (Load::Trace { trace, .. }, _) => {
            let what = format!("the trace {} is only a name here", trace.name);
            return Err(LoadError::bad_target(what, "replay it with `batch-runner bench --trace`"));
        }
    })
}

/// What measuring waits for, where there are conversations and the load is to hold.
fn mixing(workload: &Workload) -> Option<Mixing> {
    let conversation = workload.variety.conversation?;
    match &workload.load {
        Load::ClosedLoop { .. } => Some(Mixing { at_most: None }),
        Load::OpenLoop { rate_rps: RatePlan::Steady(_), .. } => {
            // With nothing but thought, as many are over as are under way after twice the time of one.
            let thought_s = conversation.think_time.mean_s() * f64::from(conversation.turns.mean().get() - 1);
            let at_most = LONGEST_MIXING + Duration::try_from_secs_f64(4.0 * thought_s).unwrap_or_default();
            Some(Mixing { at_most: Some(at_most) })
        }
        Load::OpenLoop { .. } | Load::Trace { .. } | Load::Batches { .. } => None,
    }
}

/// What the threads bring home.
struct Applied {
    stop: Stop,
    observations: Observations,
    records: Records,
    /// The window for which the run was ended.
    window: Option<Window>,
    origin_utc: DateTime<Utc>,
}

/// Runs the timed path on a thread of its own and decodes on this one until it is over.
fn apply(
    address: &Address,
    maker: RequestMaker,
    trial: &TrialRequest,
    progress: &Arc<Progress>,
    cancel: &CancellationToken,
) -> Result<Applied, LoadError> {
    let Paced { pace, warm_up, ahead } = pace(trial)?;
    let key = maker.key.clone();
    let (finished, exchanges) = mpsc::channel();
    let exchanges = match trial.workload.variety.conversation {
        Some(_) => following(Turns::new(maker.clone()), exchanges)?,
        None => exchanges,
    };
    let supply = supply(maker, ahead)?;
    let (origin, origin_utc) = (Instant::now(), Utc::now());
    let enough = Arc::new(AtomicBool::new(false));
    let find = window_of(&trial.workload.load);
    let more = trial.most_requests.get().saturating_sub(trial.requests.get());
    let assignment = Assignment {
        address: address.clone(),
        protocol: trial.workload.protocol,
        pace,
        warm_up,
        mixing: mixing(&trial.workload),
        requests: trial.requests.get(),
        more: find.map_or(0, |_| more),
        enough: Arc::clone(&enough),
        nap: None,
        request_timeout: trial.request_timeout,
        origin,
        progress: Arc::clone(progress),
    };
    let cancel = cancel.clone();
    let io = spawn("load-io", move || timed::run(assignment, supply, finished, &cancel))?;
    let judge = find.map(|find| Judge::new(need(trial), find, enough));
    let (records, window) =
        decode::read_all(trial.workload.protocol, key.as_ref(), &exchanges, progress, judge);
    let (stop, observations) = io
        .join()
        .map_err(|_| LoadError::Generator("its IO thread ended early".to_owned()))?
        .map_err(|error| LoadError::Generator(format!("its event loop could not be started ({error})")))?;
    Ok(Applied { stop, observations, records, window, origin_utc })
}

/// Makes the turns that follow others on a thread of its own, through which all exchanges go.
fn following(
    turns: Turns,
    exchanges: mpsc::Receiver<Exchange>,
) -> Result<mpsc::Receiver<Exchange>, LoadError> {
    let (decoder, followed) = mpsc::channel();
    spawn("load-turns", move || turns.follow(&exchanges, &decoder))?;
    Ok(followed)
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

/// What was known when a run began.
struct Setting {
    client: Client,
    calibration: Calibration,
    began: Instant,
}

fn conclude(
    applied: Applied,
    address: &Address,
    trial: &TrialRequest,
    setting: Setting,
) -> Result<TrialMeasurement, LoadError> {
    let Setting { client, calibration, began } = setting;
    let Applied { stop, observations, records, window, origin_utc } = applied;
    match stop {
        Stop::Cancelled => return Err(LoadError::Cancelled),
        Stop::Failing(FailureReason::Connect | FailureReason::Disconnected, failures) => {
            return Err(LoadError::EngineGone { url: address.url(), failures });
        }
        Stop::Failing(..) => return Err(verdict::failing(&records, &trial.slo)),
        Stop::Finished => {
            let measured = records.iter().filter(|r| r.phase == Phase::Measured);
            verdict::check_failures(measured, &trial.slo)?;
        }
    }
    let nothing = || LoadError::Generator("no time passed during the run".to_owned());
    let find = window_of(&trial.workload.load);
    let anew = || find.map_or_else(|| window::of_schedule(&records), |find| find(&records, u64::MAX));
    let window = window.or_else(anew).ok_or_else(nothing)?;
    verdict::check_failures(window.measured(&records), &trial.slo)?;
    let run = Run {
        records: &records,
        window: &window,
        workload: &trial.workload,
        asked: asked(trial, window.measured(&records)),
        slo: &trial.slo,
        gpu_count: trial.gpu_count,
        seed: trial.seed,
    };
    let Aggregate { metrics, counts, token_source, mut flags } = aggregate(&run).map_err(|_| nothing())?;
    if find.is_none() {
        // A load that changes on purpose is not expected to settle.
        flags.retain(|flag| *flag != Flag::NotSteady);
    }
    if !has_converged(&need(trial), &window, &records) {
        flags.push(Flag::NotConverged);
    }
    let certificate = verdict::certificate(client, &records, &observations, &window);
    if certificate.is_client_limited() {
        flags.push(Flag::ClientLimited);
    }
    let made_up = !matches!(trial.source, Source::Dataset { .. });
    if made_up && !calibration.counted && !flags.contains(&Flag::InputLengthOff) {
        flags.push(Flag::InputLengthOff);
    }
    flags.sort_unstable();
    records.check().map_err(|error| LoadError::Generator(error.to_string()))?;
    let all_s = began.elapsed().as_secs_f64();
    Ok(TrialMeasurement {
        metrics,
        by_turn: by_turn(
            window.measured(&records),
            observations.dropped_in(&window).filter_map(|dropped| dropped.turn),
            trial.seed,
        ),
        counts,
        token_source,
        flags,
        certificate,
        started_at: origin_utc,
        measured_at: origin_utc + Duration::from_nanos(window.start_ns),
        window,
        warm_up_s: (all_s - window.seconds()).max(0.0),
        tokens: tokens(&records, calibration.sent_tokens),
        records,
    })
}

/// All tokens of some requests, and those of prompts before them.
fn tokens(records: &[RequestRecord], calibration_tokens: u64) -> TokensSold {
    let mut all = TokensSold { input: calibration_tokens, ..TokensSold::default() };
    for record in records {
        all += TokensSold {
            input: record.input_tokens.unwrap_or(0),
            cached_input: record.cached_input_tokens,
            output: record.output_tokens,
        };
    }
    all
}

/// How the window of a load is found that is to settle. None for one that changes on purpose.
const fn window_of(load: &Load) -> Option<FindWindow> {
    match load {
        Load::ClosedLoop { .. } | Load::Batches { .. } => Some(window::find),
        Load::OpenLoop { rate_rps: RatePlan::Steady(_), .. } => Some(window::find_open),
        Load::OpenLoop { rate_rps: RatePlan::Staged(_), .. } | Load::Trace { .. } => None,
    }
}

/// When a run may end.
const fn need(trial: &TrialRequest) -> Need {
    Need { requests: trial.requests.get() as usize, tolerance: trial.tolerance, slo: trial.slo }
}

/// Mean lengths that were asked for.
fn asked<'a>(trial: &TrialRequest, records: impl Iterator<Item = &'a RequestRecord>) -> Asked {
    let (mut requests, mut output, mut input) = (0.0, 0.0, Some(0.0));
    for record in records {
        let place = record.turn.map_or(Place::first(record.index), |turn| Place {
            index: turn.conversation,
            before: turn.turn - 1,
        });
        let wanted = trial.source.wanted(&trial.workload, trial.seed, place);
        let own = wanted.made_of.tokens().map(|tokens| u64::from(tokens.get()));
        let tokens = record.turn.map_or(own, |turn| turn.asked_input_tokens);
        requests += 1.0;
        output += f64::from(wanted.output_tokens.get());
        input = input.zip(tokens).map(|(sum, tokens)| sum + tokens as f64);
    }
    Asked { input_tokens: input.map(|sum| sum / requests), output_tokens: output / requests }
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<std::thread::JoinHandle<T>, LoadError> {
    super::spawn(name, work)
        .map_err(|error| LoadError::Generator(format!("the thread {name} could not be started ({error})")))
}
