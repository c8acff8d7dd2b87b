//! **Exploring** measures a server at several loads: at those of a list (a sweep), or at those that a
//! [search](traffic::search) for the highest one that meets the SLO asks for; or at one load several times.

pub mod document;
mod report;

use std::num::NonZeroU32;

use clap::builder::TypedValueParser;
use domain::{Load, Rate, RatePlan, Workload};
use measurement::repeats::MOST_RUNS;
use traffic::search::{Answer, Bounds, Counts, Search, Step};

use super::MOST_IN_FLIGHT;
use super::document::BenchDocument;
use super::traffic_args::percent;
use crate::load::source::Source;
use crate::load::{LoadError, TrialRequest};

use document::Axis;
pub(super) use report::{conclusions, load_text, note, table};

/// The most load that is tried, unless told otherwise: slots, or requests per second.
const USUAL_MOST: f64 = 4096.0;
/// A search ends when the lowest load that missed is within this of the highest that met the target.
const PRECISION: f64 = 0.05;
/// Requests of a probe for each slot, at least, so that a steady state can be seen.
const REQUESTS_PER_SLOT: u32 = 4;
/// A load that a search left open is measured again with as many requests as would decide, and at most with this
/// many times those of its first run.
const MOST_TIMES: u32 = 8;

/// Several loads instead of one.
#[derive(Debug, Clone, clap::Args)]
pub struct ExploreArgs {
    /// Find the highest load at which this share of the requests meets the SLO, such as 95%: of concurrency, batch
    /// size, or rate, beginning with the one given. A rate at which nothing gets steady counts as too high
    #[arg(long, value_name = "PERCENT", value_parser = percent, requires = "slo",
          conflicts_with_all = ["sweep", "trace", "duration"])]
    pub search: Option<f64>,
    /// The most that --search tries (default: 4096)
    #[arg(long, value_name = "LOAD", requires = "search")]
    pub search_max: Option<f64>,
    /// Measure at each of these concurrencies, batch sizes (with --batch-size) or rates (with --rate): 1,2,4,8
    #[arg(long, value_name = "LOADS", value_delimiter = ',', conflicts_with_all = ["trace", "duration"])]
    pub sweep: Vec<f64>,
    /// Measure so many times, with other prompts (of a --dataset the next ones): the load, or each of those of --sweep
    #[arg(long, value_name = "RUNS", value_parser = runs(), conflicts_with_all = ["search", "trace", "duration"])]
    pub repeats: Option<u64>,
}

/// Why loads cannot be explored.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    /// Its rate changes, or is a trace's.
    #[error(
        "--search, --sweep and --repeats need a load that holds: leave out --trace and the stages of --rate"
    )]
    Varies,
    /// No load.
    #[error("{0} is no load to try: give whole numbers from 1 to 65535, or rates above 0")]
    NoLoad(f64),
}

/// The loads that are tried, one after the other.
#[derive(Debug)]
pub(super) struct Exploration {
    pub axis: Axis,
    /// Least share of good requests that a search looks for.
    pub target: Option<f64>,
    base: TrialRequest,
    loads: Loads,
    pub probes: Vec<Probe>,
    /// Prompts of a dataset that the loads so far took.
    sent: u64,
}

#[derive(Debug)]
enum Loads {
    Searched(Search),
    Listed(std::vec::IntoIter<f64>),
}

/// One load that was tried.
#[derive(Debug)]
pub(super) struct Probe {
    /// Slots, requests at once, or requests per second.
    pub load: f64,
    /// Requests that met the SLO, and all that ended. Without an SLO every success is good.
    pub counts: Counts,
    /// What was found. None when most requests failed.
    pub found: Option<BenchDocument>,
    /// Why most requests failed.
    pub failure: Option<String>,
    /// Prompts that it took, if they are a dataset's; where most requests failed so many at most.
    sent: u64,
}

impl ExploreArgs {
    /// What is to be explored; none when one load is to be measured.
    ///
    /// # Errors
    /// When the load is not one number, or one of those to try is none.
    pub(super) fn exploration(&self, base: &TrialRequest) -> Result<Option<Exploration>, ExploreError> {
        if self.search.is_none() && self.sweep.is_empty() && self.repeats.is_none() {
            return Ok(None);
        }
        let (axis, first) = axis(&base.workload).ok_or(ExploreError::Varies)?;
        let loads = if let Some(target) = self.search {
            let whole = matches!(axis, Axis::Concurrency | Axis::BatchSize);
            let least = if whole { 1.0 } else { first / 1024.0 };
            let most = self.search_max.unwrap_or(USUAL_MOST);
            load_at(base, axis, most)?;
            if most < least {
                return Err(ExploreError::NoLoad(most));
            }
            Loads::Searched(Search::new(Bounds { first, least, most, precision: PRECISION, whole }, target))
        } else {
            let listed = if self.sweep.is_empty() { vec![first] } else { self.sweep.clone() };
            for load in &listed {
                load_at(base, axis, *load)?;
            }
            let repeated: Vec<f64> = (0..self.repeats.unwrap_or(1)).flat_map(|_| listed.clone()).collect();
            Loads::Listed(repeated.into_iter())
        };
        let probes = Vec::new();
        Ok(Some(Exploration { axis, target: self.search, base: base.clone(), loads, probes, sent: 0 }))
    }
}

impl Exploration {
    /// The next load to try and the request that does. None when there is no more.
    ///
    /// # Errors
    /// When the load cannot be applied.
    pub(super) fn next(&mut self) -> Result<Option<(f64, TrialRequest)>, ExploreError> {
        let load = match &mut self.loads {
            Loads::Searched(search) => match search.step() {
                Step::Try(load) => Some(load),
                Step::Done(_) => None,
            },
            Loads::Listed(loads) => loads.next(),
        };
        let Some(load) = load else { return Ok(None) };
        let mut request = self.base.clone();
        request.workload.load = load_at(&self.base, self.axis, load)?;
        let of_slots = match self.axis {
            Axis::RateRps | Axis::ConversationsPerS => 0,
            Axis::Concurrency | Axis::BatchSize => (load as u32).saturating_mul(REQUESTS_PER_SLOT),
        };
        let deciding = match &self.loads {
            Loads::Searched(search) => search.requests_that_decide().unwrap_or(0),
            Loads::Listed(_) => 0,
        };
        let most_deciding = self.base.requests.get().max(of_slots).saturating_mul(MOST_TIMES);
        let deciding = u32::try_from(deciding).unwrap_or(u32::MAX).min(most_deciding);
        raise(&mut request, of_slots.max(deciding));
        // Prompts of its own: the server may remember those of the last load.
        request.seed = request.seed.wrapping_add(self.probes.len() as u64);
        if let Source::Dataset { sent_before, .. } = &mut request.source {
            *sent_before = self.sent;
        }
        Ok(Some((load, request)))
    }

    /// Takes what a load yielded.
    pub(super) fn saw(&mut self, probe: Probe) {
        if let Loads::Searched(search) = &mut self.loads
            && !probe.is_client_limited()
        {
            // Of a rate that is not kept up with, the queue only grows: its first requests may yet be in time. Nor does it
            // matter how many were good before a server failed.
            let unsteady =
                self.axis.is_rate() && probe.found.as_ref().is_some_and(BenchDocument::is_unsteady);
            let failed = probe.failure.is_some() && self.target <= Some(probe.counts.share());
            if unsteady || failed {
                search.was_too_much();
            } else {
                search.saw(probe.counts);
            }
        }
        self.sent += probe.sent;
        self.probes.push(probe);
    }

    /// What a search found.
    pub(super) fn answer(&self) -> Option<Answer> {
        match &self.loads {
            Loads::Searched(search) => Some(search.found()),
            Loads::Listed(_) => None,
        }
    }

    /// From which load on more yields no more output tokens per second.
    pub(super) fn saturation(&self) -> Option<f64> {
        let trusted = self.probes.iter().filter(|probe| !probe.is_client_limited());
        let points = trusted.filter_map(|p| Some((p.load, p.found.as_ref()?.metrics.output_tps)));
        traffic::search::saturation(&points.collect::<Vec<_>>())
    }

    /// Whether a search cannot go on: at its last load this client was the bottleneck, which says nothing of the server.
    pub(super) fn is_stopped(&self) -> bool {
        self.target.is_some() && self.probes.last().is_some_and(Probe::is_client_limited)
    }
}

impl Probe {
    /// Whether this client was the bottleneck.
    pub(super) fn is_client_limited(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.certificate.is_client_limited())
    }

    /// A load that was measured.
    pub(super) fn measured(load: f64, found: BenchDocument) -> Self {
        let finished = found.counts.succeeded + found.counts.failures();
        let good = found
            .metrics
            .attainment
            .map_or(found.counts.succeeded, |share| (share * finished as f64).round() as u64);
        let sent = found.dataset_use.map_or(0, |of| of.sent);
        Self { load, counts: Counts { good, finished }, found: Some(found), failure: None, sent }
    }

    /// A load under which most requests failed; the error when it says nothing about the load.
    ///
    /// # Errors
    /// When the server is gone, or was never there.
    pub(super) fn failed(load: f64, request: &TrialRequest, error: LoadError) -> Result<Self, LoadError> {
        let counts = match &error {
            LoadError::AllFailed { reasons, .. } => Counts { good: 0, finished: reasons.values().sum() },
            LoadError::TooManyFailures { succeeded, good, reasons, .. } => {
                Counts { good: *good, finished: succeeded + reasons.values().sum::<u64>() }
            }
            _ => return Err(error),
        };
        let slots = request.workload.concurrency().map_or(0, NonZeroU32::get);
        let sent = u64::from(request.most_requests.get()) + u64::from(request.warm_up.max(slots));
        Ok(Self { load, counts, found: None, failure: Some(error.to_string()), sent })
    }
}

/// Raises the requests of a load, and with them those that it may go on to for a steady state.
fn raise(request: &mut TrialRequest, least: u32) {
    let asked = request.requests;
    let Some(least) = NonZeroU32::new(least).filter(|least| *least > asked) else { return };
    let most = u64::from(request.most_requests.get()) * u64::from(least.get()) / u64::from(asked.get());
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    request.requests = least;
    request.most_requests = NonZeroU32::new(most).unwrap_or(least).max(least);
}

/// Reads how often a load is measured.
fn runs() -> impl TypedValueParser<Value = u64> {
    clap::value_parser!(u64).range(2..=MOST_RUNS as u64)
}

/// What can be varied of a load, and where it stands.
fn axis(workload: &Workload) -> Option<(Axis, f64)> {
    let rate = workload.variety.conversation.map_or(Axis::RateRps, |_| Axis::ConversationsPerS);
    match &workload.load {
        Load::ClosedLoop { concurrency } => Some((Axis::Concurrency, f64::from(concurrency.get()))),
        Load::Batches { size } => Some((Axis::BatchSize, f64::from(size.get()))),
        Load::OpenLoop { rate_rps: RatePlan::Steady(steady), .. } => Some((rate, steady.rps())),
        Load::OpenLoop { rate_rps: RatePlan::Staged(_), .. } | Load::Trace { .. } => None,
    }
}

fn load_at(base: &TrialRequest, axis: Axis, load: f64) -> Result<Load, ExploreError> {
    let slots = || {
        let whole = load.fract() == 0.0 && (1.0..=MOST_IN_FLIGHT as f64).contains(&load);
        whole.then(|| NonZeroU32::new(load as u32)).flatten()
    };
    let at = match (axis, &base.workload.load) {
        (Axis::Concurrency, _) => slots().map(|concurrency| Load::ClosedLoop { concurrency }),
        (Axis::BatchSize, _) => slots().map(|size| Load::Batches { size }),
        (Axis::RateRps | Axis::ConversationsPerS, Load::OpenLoop { arrival, .. }) => Rate::try_from(load)
            .ok()
            .map(|rate| Load::OpenLoop { rate_rps: RatePlan::Steady(rate), arrival: *arrival }),
        (Axis::RateRps | Axis::ConversationsPerS, _) => None,
    };
    at.ok_or(ExploreError::NoLoad(load))
}
