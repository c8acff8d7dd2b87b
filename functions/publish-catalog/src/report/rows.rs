//! Results as **rows** of a table, and numbers as people read them.

use std::collections::HashMap;

use catalog::response::{CriterionId, RankedEntry};
use domain::metrics::Interval;
use domain::result::Flag;
use domain::{BenchmarkResult, RunId, Statistic, Summary};
use pages::Table;

/// Most rows of a table of results: all of them are in the JSON.
pub const MOST_ROWS: usize = 40;

/// The column of what limits a conclusion.
const NOTES: usize = 8;

/// A number with about three digits.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.3}"),
    }
}

/// Money, with cents where they matter.
pub fn usd(value: f64) -> String {
    if value >= 1000.0 { format!("{value:.0} USD") } else { format!("{value:.2} USD") }
}

/// A value with its 95 % interval.
fn with_interval(value: f64, interval: Option<&Interval>) -> String {
    match interval {
        Some(i) => format!("{} ({}–{})", number(value), number(i.low), number(i.high)),
        None => number(value),
    }
}

/// A percentile with its interval, and a star where too few requests stand behind it.
fn percentile(summary: Option<&Summary>, statistic: Statistic) -> String {
    let Some(summary) = summary else { return "-".to_owned() };
    let star = if summary.insufficient_samples.contains(&statistic) { "*" } else { "" };
    with_interval(summary.get(statistic), summary.ci95.get(&statistic)) + star
}

/// A table of ranked results, best first.
pub fn ranked(entries: &[RankedEntry], results: &HashMap<&RunId, &BenchmarkResult>) -> Table {
    let heads = [
        "#",
        "configuration",
        "TTFT p90, ms",
        "TPOT p90, ms",
        "tokens/s",
        "USD/Mtok",
        "req/s",
        "good, %",
        "notes",
    ];
    let row = |entry: &RankedEntry| {
        let result = results.get(&entry.run_id)?;
        let m = &result.metrics;
        let configuration = &result.configuration;
        let what = format!("{}, {}", configuration.serving, configuration.workload.load);
        let attainment = m.attainment.map_or_else(|| "-".to_owned(), |share| format!("{:.1}", share * 100.0));
        // At the prices of the ranking, not at those of the day of the measurement.
        let cost =
            entry.criteria.iter().find(|v| v.criterion == CriterionId::ServingCostPerMtok).map(|v| v.value);
        Some(vec![
            entry.rank.to_string(),
            what,
            percentile(m.ttft.as_ref(), Statistic::P90),
            percentile(m.tpot.as_ref(), Statistic::P90),
            with_interval(m.output_tps, m.output_tps_ci95.as_ref()),
            cost.map_or_else(|| "-".to_owned(), number),
            number(m.rps),
            attainment,
            notes(result),
        ])
    };
    let mut heads = heads.map(str::to_owned).to_vec();
    let mut rows: Vec<Vec<String>> = entries.iter().take(MOST_ROWS).filter_map(row).collect();
    if rows.iter().all(|row| row.last().is_none_or(String::is_empty)) {
        heads.pop();
        rows.iter_mut().for_each(|row| _ = row.pop());
    }
    Table { heads, texts: vec![1, NOTES], rows }
}

/// What limits the conclusion from a result.
fn notes(result: &BenchmarkResult) -> String {
    let failed = result.counts.failures();
    let mut notes: Vec<String> =
        result.flags.iter().filter_map(|flag| Some(flag_in_words(*flag)?.to_owned())).collect();
    if failed > 0 {
        notes.push(format!("{failed} of {} requests failed", failed + result.counts.succeeded));
    }
    notes.join("; ")
}

/// A flag in words; failed requests are told with their number.
const fn flag_in_words(flag: Flag) -> Option<&'static str> {
    match flag {
        Flag::ClientLimited => Some("client was the bottleneck"),
        Flag::RateLimited => Some("slowed by the provider's rate limit"),
        Flag::NotSteady => Some("no steady state"),
        Flag::NotConverged => Some("intervals wider than asked"),
        Flag::OutputLengthOff => Some("answers off their length"),
        Flag::InputLengthOff => Some("prompts off their length"),
        Flag::OtherDefinition => Some("by the definition of another tool"),
        Flag::HardwareUnverified => Some("hardware as stated, not seen"),
        Flag::SomeFailed => None,
    }
}
