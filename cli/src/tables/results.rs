//! Results as they were measured, one table for every use case, shape and provenance.

use std::collections::BTreeMap;

use domain::{BenchmarkResult, Provenance, Statistic, Summary};

use super::{configuration, number, provenance_note, right, stored_name, table_within, terminal_width};

/// One result on one line, for progress.
pub fn line(result: &BenchmarkResult) -> String {
    let m = &result.metrics;
    let p90 = |summary: Option<&Summary>, digits: usize| {
        let told = summary.and_then(|s| s.known(Statistic::P90));
        told.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.digits$}"))
    };
    format!(
        "{}: ttft p90 {} ms, tpot p90 {} ms, {:.0} tokens/s{}",
        result.configuration,
        p90(m.ttft.as_ref(), 1),
        p90(m.tpot.as_ref(), 2),
        m.output_tps,
        if result.provenance == Provenance::Measured {
            String::new()
        } else {
            format!(" ({})", result.provenance)
        }
    )
}

/// Results.
pub fn results(results: &[BenchmarkResult]) -> String {
    if results.is_empty() {
        return "no results".to_owned();
    }
    let mut groups: BTreeMap<_, Vec<&BenchmarkResult>> = BTreeMap::new();
    for r in results {
        let w = &r.configuration.workload;
        groups.entry((w.use_case, w.shape(), r.provenance)).or_default().push(r);
    }
    let tables: Vec<String> = groups
        .into_iter()
        .map(|((use_case, shape, provenance), group)| {
            format!("{use_case} {shape} [{provenance}]\n{}", group_table(&group, provenance))
        })
        .collect();
    tables.join("\n\n")
}

fn group_table(results: &[&BenchmarkResult], provenance: Provenance) -> String {
    let width = terminal_width();
    let heads = ["configuration", "ttft\np50", "ttft\np90", "tpot\np50", "tpot\np90", "tok/s", "$/Mtok"];
    let mut t = table_within(width, &heads, &[0]);
    let mut unsure = false;
    for r in results {
        let m = &r.metrics;
        let mut latency = |summary: Option<&Summary>, statistic: Statistic, digits: usize| {
            let told = summary.and_then(|summary| Some((summary, summary.known(statistic)?)));
            let Some((summary, ms)) = told else { return number(None, digits) };
            let few = summary.insufficient_samples.contains(&statistic);
            unsure |= few;
            right(format!("{ms:.digits$}{}", if few { "*" } else { "" }))
        };
        let what = configuration(width, &r.configuration);
        t.add_row(vec![
            what,
            latency(m.ttft.as_ref(), Statistic::P50, 1),
            latency(m.ttft.as_ref(), Statistic::P90, 1),
            latency(m.tpot.as_ref(), Statistic::P50, 2),
            latency(m.tpot.as_ref(), Statistic::P90, 2),
            number(Some(m.output_tps), 0),
            number(m.serving_cost_per_mtok.map(|c| c.spot), 3),
        ]);
    }
    let mut text = format!(
        "{t}\nlatencies in ms; $/Mtok: USD per million output tokens in steady serving, at\n\
         the spot price of the day it was measured, of a machine full of such servers"
    );
    if unsure {
        text.push_str("\n* fewer requests than a claim about this percentile needs");
    }
    for r in results.iter().filter(|r| !r.flags.is_empty()) {
        let flags: Vec<String> = r.flags.iter().map(stored_name).collect();
        text.push_str(&format!("\n{}: {}", r.configuration, flags.join(", ")));
    }
    if let Some(note) = provenance_note(provenance) {
        text.push_str(&format!("\n{note}"));
    }
    text
}
