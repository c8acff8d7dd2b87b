//! What would run.

use forecast::Calibration;
use matrix::{Due, Plan, PlannedBatch, Tally};

/// Reasons shown of those why configurations cannot run.
const REASONS_SHOWN: usize = 20;

/// What batches take altogether, by the forecast.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    batches: u64,
    engine_starts: u64,
    run_s: f64,
    /// None when some hardware has no price.
    usd: Option<f64>,
    refused: u64,
}

impl Sum {
    /// The sum over batches.
    pub fn over<B: std::borrow::Borrow<PlannedBatch>>(batches: impl IntoIterator<Item = B>) -> Self {
        let mut sum = Self { usd: Some(0.0), ..Self::default() };
        for batch in batches {
            let batch = batch.borrow();
            sum.batches += 1;
            sum.engine_starts += batch.manifest.launches.len() as u64;
            sum.run_s += batch.estimate.run_s;
            sum.usd = sum.usd.zip(batch.estimate.usd_spot).map(|(sum, usd)| sum + usd);
            sum.refused += u64::from(batch.refused.is_some());
        }
        sum
    }
}

/// What would run, what cannot and why, and what it would take.
pub fn plan(plan: &Plan, batches: &[PlannedBatch]) -> String {
    let mut text =
        matrix_line(plan.total, plan.feasible.len() as u64, plan.infeasible.len() as u64, plan.due);
    text.push_str(&taken(&Sum::over(batches), &plan.calibration));
    for i in plan.infeasible.iter().take(REASONS_SHOWN) {
        text.push_str(&format!("\ncannot run: {}: {}", i.configuration, i.reason));
    }
    if plan.infeasible.len() > REASONS_SHOWN {
        text.push_str(&format!("\n... and {} more; --json lists all", plan.infeasible.len() - REASONS_SHOWN));
    }
    text
}

/// The same of a matrix that was never held.
pub fn streamed(tally: &Tally, sum: &Sum, calibration: &Calibration) -> String {
    let mut text = matrix_line(tally.total, tally.feasible, tally.total - tally.feasible, None);
    text.push_str(&taken(sum, calibration));
    for (kind, reason) in &tally.infeasible {
        text.push_str(&format!("\ncannot run, {kind}: {}, such as {}", reason.count, reason.example));
    }
    text.push_str(
        "\nlarger than one campaign may be: split the spec to run it; budget and deadline are not applied",
    );
    text
}

fn matrix_line(total: u64, can: u64, cannot: u64, due: Option<Due>) -> String {
    let mut text = format!("{total} configurations: {can} can run, {cannot} cannot");
    if let Some(Due { new, other_version, stale, fresh }) = due {
        text.push_str(&format!(
            "\ndue: {new} never measured, {other_version} by another engine version, {stale} too long ago;\n\
             {fresh} are fresh and left out"
        ));
    }
    text
}

fn taken(sum: &Sum, calibration: &Calibration) -> String {
    let mut text = format!(
        "\n{} batches, {} engine starts, {:.1} h in sequence{} (forecast)",
        sum.batches,
        sum.engine_starts,
        sum.run_s / 3600.0,
        sum.usd.map_or_else(String::new, |u| format!(", {u:.2} USD at the spot price"))
    );
    if sum.refused > 0 {
        text.push_str(&format!(
            "\n{} batches do not fit the budget or the deadline and will not start",
            sum.refused
        ));
    }
    if !calibration.is_empty() {
        text.push_str(&format!("\nforecast corrected by {} measured results", calibration.runs()));
        if let Some(error) = calibration.error() {
            let percent = |share: f64| format!("{:.0} %", 100.0 * share);
            text.push_str(&format!("; off by {} in TTFT", percent(error.ttft)));
            if let Some(tpot) = error.tpot {
                text.push_str(&format!(" and {} in TPOT", percent(tpot)));
            }
            text.push_str("\non setups that nothing was learnt of");
        }
    }
    text
}
