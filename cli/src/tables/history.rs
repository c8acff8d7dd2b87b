//! The history of a configuration: what each run measured, and under which version of the engine.

use comfy_table::Cell;
use domain::{BenchmarkResult, Statistic, Summary};

use super::{number, prose, provenance_note, stored_name, table_within, terminal_width};

/// Results of one configuration, oldest first, of which some earlier ones are not shown.
pub fn history(results: &[BenchmarkResult], earlier: usize) -> String {
    let Some(first) = results.first() else { return "no results of that provenance".to_owned() };
    let heads = ["measured at", "", "engine", "ttft\np90", "tpot\np90", "tok/s", "change", "run"];
    let width = terminal_width();
    let mut t = table_within(width, &heads, &[2, 7]);
    let p90 = |summary: Option<&Summary>| summary.and_then(|summary| summary.known(Statistic::P90));
    let mut before: Option<&BenchmarkResult> = None;
    for r in results {
        let m = &r.metrics;
        let version = |r: &BenchmarkResult| r.environment.engine_version.clone();
        let changed = before.is_some_and(|before| version(before) != version(r));
        let version = version(r).unwrap_or_else(|| "not told".to_owned());
        // Only what may be compared has a change.
        let alike = before.filter(|before| before.provenance == r.provenance);
        let change = alike
            .filter(|before| before.metrics.output_tps > 0.0)
            .map(|before| format!("{:+.1} %", (m.output_tps / before.metrics.output_tps - 1.0) * 100.0));
        t.add_row(vec![
            Cell::new(r.measured_at.format("%Y-%m-%d %H:%M")),
            Cell::new(r.provenance),
            Cell::new(format!("{version}{}", if changed { " <- new" } else { "" })),
            number(p90(m.ttft.as_ref()), 1),
            number(p90(m.tpot.as_ref()), 2),
            number(Some(m.output_tps), 0),
            Cell::new(change.unwrap_or_default()),
            Cell::new(&r.run_id),
        ]);
        before = Some(r);
    }
    let title = format!("{} {}", first.configuration, first.config_id);
    let mut text = "latencies in ms; change: of tok/s from the run before".to_owned();
    if earlier > 0 {
        text.push_str(&format!("\n{earlier} earlier ones are not shown; --limit shows more"));
    }
    for r in results.iter().filter(|r| !r.flags.is_empty()) {
        let flags: Vec<String> = r.flags.iter().map(stored_name).collect();
        text.push_str(&format!("\n{}: {}", r.run_id, flags.join(", ")));
    }
    let provenances: std::collections::BTreeSet<_> = results.iter().map(|r| r.provenance).collect();
    for note in provenances.into_iter().filter_map(provenance_note) {
        text.push_str(&format!("\n{note}"));
    }
    format!("{}\n{t}\n{}", prose(width, &title), prose(width, &text))
}
