//! What would run.

use matrix::{Plan, PlannedBatch};

/// Reasons shown of those why configurations cannot run.
const REASONS_SHOWN: usize = 20;

/// What would run, what cannot and why, and what it would take.
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
    let beyond = batches.iter().filter(|b| b.refused.is_some()).count();
    if beyond > 0 {
        text.push_str(&format!(
            "\n{beyond} batches do not fit the budget or the deadline and will not start"
        ));
    }
    for i in plan.infeasible.iter().take(REASONS_SHOWN) {
        text.push_str(&format!("\ncannot run: {}: {}", i.configuration, i.reason));
    }
    if plan.infeasible.len() > REASONS_SHOWN {
        text.push_str(&format!("\n... and {} more; --json lists all", plan.infeasible.len() - REASONS_SHOWN));
    }
    text
}
