//! **Checks** of a result that somebody else wrote: whether it can be what it says. A number that cannot be one is refused
//! before anybody decides by it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::metrics::Summary;
use domain::result::RESULT_SCHEMA_VERSION;
use domain::untold::is_untold;
use domain::{BenchmarkResult, Provenance, RunId};

use crate::BadFile;
use crate::own::Place;

/// How much later than ours another clock may be.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// What rounding may change of a mean.
const ROUNDING: f64 = 1e-9;

/// Checks a result.
pub fn result(place: &Place, result: &BenchmarkResult, now: DateTime<Utc>) -> Result<(), BadFile> {
    let bad = |field: &str, problem: String| {
        Err(BadFile { line: place.line, field: format!("{}{field}", place.path), problem })
    };
    if result.schema_version != RESULT_SCHEMA_VERSION {
        let (theirs, ours) = (result.schema_version, RESULT_SCHEMA_VERSION);
        return bad("schema_version", format!("is {theirs}, and this program reads {ours}"));
    }
    if result.provenance == Provenance::Forecast {
        return bad("provenance", "is forecast; only what was measured can be imported".to_owned());
    }
    let id = result.configuration.id();
    if result.config_id != id {
        return bad(
            "config_id",
            format!("is {}, and the configuration's is {id}; it was changed", result.config_id),
        );
    }
    let run = RunId::new(&result.campaign, &id, result.trial);
    if result.run_id != run {
        return bad("run_id", format!("is {}, and the run's is {run}; it was changed", result.run_id));
    }
    if result.measured_at > now + CLOCKS_DIFFER {
        return bad("measured_at", format!("is {}, which is yet to come", result.measured_at));
    }
    // Our own runner tells every number.
    let metrics = &result.metrics;
    let distributions = [
        ("ttft", &metrics.ttft),
        ("e2e", &metrics.e2e),
        ("ttft_sched", &metrics.ttft_sched),
        ("e2e_sched", &metrics.e2e_sched),
    ];
    let missing = distributions.into_iter().find(|(_, summary)| summary.is_none());
    if let Some((name, _)) = missing.filter(|_| result.imported.is_none()) {
        return bad(&format!("metrics.{name}"), "is missing; it was changed".to_owned());
    }
    match wrong_number(result) {
        Some(field) => {
            bad(&field, "cannot be: numbers are not negative, and percentiles are in order".to_owned())
        }
        None => Ok(()),
    }
}

/// The path of the first number that cannot be.
fn wrong_number(result: &BenchmarkResult) -> Option<String> {
    let metrics = &result.metrics;
    let may_lack = result.imported.is_some();
    let summaries = [
        ("ttft", metrics.ttft.as_ref()),
        ("ttfo", metrics.ttfo.as_ref()),
        ("e2e", metrics.e2e.as_ref()),
        ("tpot", metrics.tpot.as_ref()),
        ("itl", metrics.itl.as_ref()),
        ("ttft_sched", metrics.ttft_sched.as_ref()),
        ("e2e_sched", metrics.e2e_sched.as_ref()),
        ("tps_per_user", metrics.tps_per_user.as_ref()),
    ];
    let summary =
        summaries.into_iter().find(|(_, summary)| summary.is_some_and(|s| !is_in_order(s, may_lack)));
    let numbers = [
        ("output_tps", Some(metrics.output_tps)),
        ("total_tps", Some(metrics.total_tps)),
        ("rps", Some(metrics.rps)),
        ("tps_per_gpu", metrics.tps_per_gpu),
        ("goodput", metrics.goodput),
        ("attainment", metrics.attainment),
        ("energy_per_tok", metrics.energy_per_tok),
        ("cost_per_mtok.spot", metrics.cost_per_mtok.map(|p| p.spot)),
        ("cost_per_mtok.on_demand", metrics.cost_per_mtok.map(|p| p.on_demand)),
        ("serving_cost_per_mtok.spot", metrics.serving_cost_per_mtok.map(|p| p.spot)),
        ("serving_cost_per_mtok.on_demand", metrics.serving_cost_per_mtok.map(|p| p.on_demand)),
    ];
    let is_wrong = |number: f64| number < 0.0 || !(number.is_finite() || may_lack && is_untold(&number));
    let number = numbers.into_iter().find(|(_, number)| number.is_some_and(is_wrong));
    let name = summary.map(|(name, _)| name).or_else(|| number.map(|(name, _)| name));
    name.map(|name| format!("metrics.{name}"))
}

/// Whether all numbers that were told are ones of one distribution.
fn is_in_order(summary: &Summary, may_lack: bool) -> bool {
    let Summary { count, mean, std, min, max, p50, p90, p95, p99, .. } = *summary;
    let told = |number: &f64| !may_lack || !is_untold(number);
    let in_order: Vec<f64> = [0.0, min, p50, p90, p95, p99, max].into_iter().filter(told).collect();
    let (least, most) = (if told(&min) { min } else { 0.0 }, if told(&max) { max } else { f64::MAX });
    (count > 0 || may_lack)
        && (!told(&std) || std >= 0.0)
        // The mean of equal numbers may be rounded away from them.
        && (!told(&mean) || (least * (1.0 - ROUNDING)..=most * (1.0 + ROUNDING)).contains(&mean))
        && in_order.is_sorted()
        && in_order.iter().all(|number| number.is_finite())
}
