//! **Aggregation** turns the records of a run into its [`Metrics`], as docs/metrics.md defines them.

use std::collections::BTreeMap;

use domain::metrics::OfAllRequests;
use domain::result::{FailureReason, Flag, RequestCounts, TokenSource};
use domain::{MetricId, Metrics, RequestSlo, Summary, Workload};

use crate::gaps::summarise_gaps;
use crate::record::{Outcome, RequestRecord};
use crate::summary::{percentile_of_all, summarise};
use crate::throughput;
use crate::window::Window;

/// How far lengths may be off what was asked for.
const LENGTH_TOLERANCE: f64 = 0.05;
/// Events carry more than one token when there are this many tokens per event. A little above 1, since
/// tokens without text of their own (half a character, an end mark) arrive with another.
const MULTI_TOKEN: f64 = 1.01;

/// What is aggregated.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Every record, in any order.
    pub records: &'a [RequestRecord],
    /// The part that counts.
    pub window: &'a Window,
    /// What was asked for.
    pub workload: &'a Workload,
    /// Mean lengths that were asked for.
    pub asked: Asked,
    /// What each request must meet to count as good.
    pub slo: &'a RequestSlo,
    /// GPUs that served it.
    pub gpu_count: u32,
    /// Seed of the bootstrap.
    pub seed: u64,
}

/// Mean lengths that were asked for, over the measured requests of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Tokens of a prompt. None when they were given as text, whose tokens nobody knew before.
    pub input_tokens: Option<f64>,
    /// Tokens of an answer.
    pub output_tokens: f64,
}

/// What a run yielded. Costs and energy need more than records and are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The numbers.
    pub metrics: Metrics,
    /// Requests and tokens of the measured requests in the window.
    pub counts: RequestCounts,
    /// Who counted the tokens: the server only if it did so for every request.
    pub token_source: TokenSource,
    /// What limits the conclusion.
    pub flags: Vec<Flag>,
}

/// No request of the window succeeded, so there is nothing to summarise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no measured request succeeded")]
pub struct NothingMeasured;

/// Computes the metrics of a run.
///
/// # Errors
/// When no measured request of the window succeeded.
pub fn aggregate(run: &Run<'_>) -> Result<Aggregate, NothingMeasured> {
    // Sorted, so that the order in which requests ended changes nothing.
    let mut measured: Vec<&RequestRecord> = run.window.measured(run.records).collect();
    measured.sort_unstable_by_key(|r| r.index);
    let good: Vec<&RequestRecord> = measured.iter().copied().filter(|r| r.succeeded()).collect();
    let counts = count(&measured);
    let token_source = if good.iter().all(|r| r.token_source == TokenSource::ServerUsage) {
        TokenSource::ServerUsage
    } else {
        TokenSource::ContentEvents
    };
    let metrics = metrics(run, &measured, &good)?;
    let flags = flags(run, &counts);
    Ok(Aggregate { metrics, counts, token_source, flags })
}

fn metrics(
    run: &Run<'_>,
    measured: &[&RequestRecord],
    good: &[&RequestRecord],
) -> Result<Metrics, NothingMeasured> {
    let over = |value: fn(&RequestRecord) -> Option<f64>| -> Option<Summary> {
        summarise(good.iter().filter_map(|r| value(r)).collect(), run.seed)
    };
    let events: usize = good.iter().map(|r| r.content.len()).sum();
    let tokens: u64 = good.iter().map(|r| r.output_tokens).sum();
    let rates = Rates::of(run);
    let slo_stated = !run.slo.is_empty();
    let finished = measured.iter().filter(|r| r.outcome != Outcome::Cut).count();
    let failed = finished - good.len();
    let meeting = measured.iter().filter(|r| r.meets(run.slo)).count();
    Ok(Metrics {
        ttft: Some(over(RequestRecord::ttft_ms).ok_or(NothingMeasured)?),
        ttfo: good.iter().any(|r| r.reasoned()).then(|| over(RequestRecord::ttfo_ms)).flatten(),
        e2e: Some(over(RequestRecord::e2e_ms).ok_or(NothingMeasured)?),
        tpot: over(RequestRecord::tpot_ms),
        itl: summarise_gaps(good),
        itl_multi_token: tokens as f64 > events as f64 * MULTI_TOKEN,
        of_all: if failed > 0 { of_all(good, failed) } else { BTreeMap::new() },
        ttft_sched: Some(over(RequestRecord::ttft_sched_ms).ok_or(NothingMeasured)?),
        e2e_sched: Some(over(RequestRecord::e2e_sched_ms).ok_or(NothingMeasured)?),
        tps_per_user: over(tps_of_user),
        output_tps: rates.output_tps,
        output_tps_ci95: throughput::interval(run.window, run.records, rates.output_tps),
        total_tps: rates.total_tps,
        rps: rates.rps,
        tps_per_gpu: (run.gpu_count > 0).then(|| rates.output_tps / f64::from(run.gpu_count)),
        goodput: slo_stated.then_some(rates.goodput),
        attainment: slo_stated.then(|| meeting as f64 / finished as f64),
        cost_per_mtok: None,
        serving_cost_per_mtok: None,
        energy_per_tok: None,
    })
}

/// A latency of a request, ms, where it has one.
type Latency = fn(&RequestRecord) -> Option<f64>;

/// Percentiles over those that succeeded and those that failed, which come after all of them.
fn of_all(good: &[&RequestRecord], failed: usize) -> BTreeMap<MetricId, OfAllRequests> {
    let values: [(MetricId, Latency); 3] = [
        (MetricId::Ttft, RequestRecord::ttft_ms),
        (MetricId::Tpot, RequestRecord::tpot_ms),
        (MetricId::E2e, RequestRecord::e2e_ms),
    ];
    let summed_up = |(metric, value): (MetricId, Latency)| {
        let mut sorted: Vec<f64> = good.iter().filter_map(|r| value(r)).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |p| percentile_of_all(&sorted, failed, p);
        (metric, OfAllRequests { p50: at(0.50), p90: at(0.90), p95: at(0.95), p99: at(0.99) })
    };
    values.into_iter().map(summed_up).collect()
}

/// Tokens per second that one user sees. None when the whole answer came in one instant.
fn tps_of_user(record: &RequestRecord) -> Option<f64> {
    record.tpot_ms().filter(|tpot| *tpot > 0.0).map(|tpot| 1000.0 / tpot)
}

struct Rates {
    output_tps: f64,
    total_tps: f64,
    rps: f64,
    goodput: f64,
}

impl Rates {
    fn of(run: &Run<'_>) -> Self {
        let Run { records, window, .. } = run;
        let seconds = window.seconds();
        let output = window.output_tokens(records);
        let input = window.input_tokens(records, f64::from(run.workload.input_tokens.get()));
        let succeeded = window.ended(records).filter(|r| r.succeeded()).count();
        let meeting = window.ended(records).filter(|r| r.meets(run.slo)).count();
        Self {
            output_tps: output / seconds,
            total_tps: (input + output) / seconds,
            rps: succeeded as f64 / seconds,
            goodput: meeting as f64 / seconds,
        }
    }
}

fn count(measured: &[&RequestRecord]) -> RequestCounts {
    let mut failed: BTreeMap<FailureReason, u64> = BTreeMap::new();
    let mut counts = RequestCounts::default();
    let mut retry_wait_ns = 0;
    for record in measured {
        if let Some(wait_ns) = record.retry_wait_ns {
            counts.retry_waits += 1;
            retry_wait_ns += wait_ns;
        }
        match &record.outcome {
            Outcome::Succeeded => {
                counts.succeeded += 1;
                counts.input_tokens += record.input_tokens.unwrap_or(0);
                counts.cached_input_tokens += record.cached_input_tokens;
                counts.input_uncounted += u64::from(record.input_tokens.is_none());
                counts.output_tokens += record.output_tokens;
            }
            Outcome::Failed { reason, .. } => *failed.entry(*reason).or_default() += 1,
            Outcome::Cut => {}
        }
    }
    RequestCounts { failed, retry_wait_ms: retry_wait_ns / 1_000_000, ..counts }
}

fn flags(run: &Run<'_>, counts: &RequestCounts) -> Vec<Flag> {
    let off = |mean: Option<f64>, asked: f64| {
        mean.is_some_and(|mean| (mean / asked - 1.0).abs() > LENGTH_TOLERANCE)
    };
    // A prompt that nobody counted cannot be claimed to have any length, and is guessed in `total_tps`.
    let input_off = counts.input_uncounted > 0
        || run.asked.input_tokens.is_some_and(|asked| off(counts.mean_input_tokens(), asked));
    [
        (!run.window.steady, Flag::NotSteady),
        (off(counts.mean_output_tokens(), run.asked.output_tokens), Flag::OutputLengthOff),
        (input_off, Flag::InputLengthOff),
        (counts.failures() > 0, Flag::SomeFailed),
    ]
    .into_iter()
    .filter_map(|(set, flag)| set.then_some(flag))
    .collect()
}

#[cfg(test)]
mod tests;
