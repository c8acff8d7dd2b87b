//! Tables for people. Provenance is a column of every table with numbers, and a note under it when the
//! numbers are not measurements.

use catalog::Recommendation;
use catalog::response::CriterionId;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use domain::{BenchmarkResult, Provenance};
use matrix::{Plan, PlannedBatch};
use store::{BatchRecord, CampaignRecord};

/// Width when standard output is no terminal.
const PLAIN_WIDTH: u16 = 100;

/// Reasons shown of those why configurations cannot run.
const REASONS_SHOWN: usize = 20;

fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(heads);
    if !table.is_tty() {
        table.set_width(PLAIN_WIDTH);
    }
    table
}

fn number(value: Option<f64>, digits: usize) -> Cell {
    let text = value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}"));
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// One result on one line, for progress.
pub fn line(result: &BenchmarkResult) -> String {
    let m = &result.metrics;
    format!(
        "{}: ttft p90 {:.1} ms, tpot p90 {} ms, {:.0} tokens/s{}",
        result.configuration,
        m.ttft.p90,
        m.tpot.as_ref().map_or_else(|| "-".to_owned(), |s| format!("{:.2}", s.p90)),
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
    let mut t = table(&[
        "model", "hardware", "engine", "workload", "ttft p50", "ttft p90", "tpot p50", "tok/s", "$/Mtok",
        "from",
    ]);
    for r in results {
        let launch = &r.configuration.launch;
        let w = &r.configuration.workload;
        t.add_row(vec![
            Cell::new(&launch.model),
            Cell::new(launch.hardware),
            Cell::new(&launch.framework),
            Cell::new(format!("{} {}", w.use_case, w.label())),
            number(Some(r.metrics.ttft.p50), 1),
            number(Some(r.metrics.ttft.p90), 1),
            number(r.metrics.tpot.as_ref().map(|s| s.p50), 2),
            number(Some(r.metrics.output_tps), 0),
            number(r.metrics.serving_cost_per_mtok.map(|c| c.spot), 3),
            Cell::new(r.provenance),
        ]);
    }
    format!("{t}\nlatencies in ms; $/Mtok: USD per million output tokens at the spot price{}", note(results))
}

fn note(results: &[BenchmarkResult]) -> String {
    let mut note = String::new();
    if results.iter().any(|r| r.provenance == Provenance::Simulated) {
        note.push_str("\nsimulated: from the bundled simulated engine, not from any GPU");
    }
    let flagged = results.iter().filter(|r| !r.flags.is_empty()).count();
    if flagged > 0 {
        note.push_str(&format!("\n{flagged} of {} results carry flags; --json shows them", results.len()));
    }
    note
}

/// A ranking.
pub fn recommendation(r: &Recommendation) -> String {
    let mut t = table(&[
        "#", "score", "model", "hardware", "engine", "load", "ttft p90", "tpot p90", "tok/s", "$/Mtok",
        "front",
    ]);
    for e in &r.entries {
        let value = |c: CriterionId| e.criteria.iter().find(|v| v.criterion == c).map(|v| v.value);
        let launch = &e.configuration.launch;
        t.add_row(vec![
            Cell::new(e.rank),
            number(Some(e.score), 3),
            Cell::new(&launch.model),
            Cell::new(launch.hardware),
            Cell::new(&launch.framework),
            Cell::new(format!("c{}", e.configuration.workload.concurrency())),
            number(value(CriterionId::TtftP90), 1),
            number(value(CriterionId::TpotP90), 2),
            number(value(CriterionId::OutputTps), 0),
            number(value(CriterionId::ServingCostPerMtok), 3),
            Cell::new(if e.on_pareto_front { "yes" } else { "" }),
        ]);
    }
    let label =
        if r.provenance == Provenance::Measured { String::new() } else { format!(" [{}]", r.provenance) };
    format!("{} {}{label}\n{t}\n{}", r.use_case, r.shape, r.statement)
}

/// Campaigns.
pub fn campaigns(campaigns: &[CampaignRecord]) -> String {
    if campaigns.is_empty() {
        return "no campaigns".to_owned();
    }
    let mut t = table(&["campaign", "state", "can run", "cannot", "asked for", "message"]);
    for c in campaigns {
        let state = serde_json::to_value(c.state).ok();
        t.add_row(vec![
            Cell::new(&c.id),
            Cell::new(state.as_ref().and_then(|s| s.as_str()).unwrap_or_default()),
            Cell::new(c.feasible).set_alignment(CellAlignment::Right),
            Cell::new(c.infeasible).set_alignment(CellAlignment::Right),
            Cell::new(c.created_at.format("%Y-%m-%d %H:%M UTC")),
            Cell::new(c.message.as_deref().unwrap_or_default()),
        ]);
    }
    t.to_string()
}

/// Batches of a campaign.
pub fn batches(batches: &[BatchRecord]) -> String {
    let mut t = table(&["batch", "state", "trials", "attempts", "forecast", "message"]);
    for b in batches {
        let state = serde_json::to_value(b.state).ok();
        t.add_row(vec![
            Cell::new(&b.id),
            Cell::new(state.as_ref().and_then(|s| s.as_str()).unwrap_or_default()),
            Cell::new(b.trials).set_alignment(CellAlignment::Right),
            Cell::new(b.attempt).set_alignment(CellAlignment::Right),
            Cell::new(format!("{:.0} s", b.forecast_s)).set_alignment(CellAlignment::Right),
            Cell::new(b.message.as_deref().unwrap_or_default()),
        ]);
    }
    t.to_string()
}

/// What would run.
pub fn plan(plan: &Plan, batches: &[PlannedBatch]) -> String {
    let run_s: f64 = batches.iter().map(|b| b.estimate.run_s).sum();
    let launches: usize = batches.iter().map(|b| b.manifest.launches.len()).sum();
    let usd: Option<f64> = batches.iter().map(|b| b.estimate.usd_spot).sum();
    let mut text = format!(
        "{} configurations: {} can run, {} cannot\n{} batches, {launches} engine starts, {:.1} h in sequence{} (forecast)",
        plan.total,
        plan.feasible.len(),
        plan.infeasible.len(),
        batches.len(),
        run_s / 3600.0,
        usd.map_or_else(String::new, |u| format!(", {u:.2} USD at the spot price"))
    );
    let beyond = batches.iter().filter(|b| !b.within_budget).count();
    if beyond > 0 {
        text.push_str(&format!("\n{beyond} batches do not fit the budget and will not be started"));
    }
    for i in plan.infeasible.iter().take(REASONS_SHOWN) {
        text.push_str(&format!("\ncannot run: {}: {}", i.configuration, i.reason));
    }
    if plan.infeasible.len() > REASONS_SHOWN {
        text.push_str(&format!("\n... and {} more; --json lists all", plan.infeasible.len() - REASONS_SHOWN));
    }
    text
}
