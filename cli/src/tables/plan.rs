//! What would run.

use domain::PriceKind;
use forecast::Calibration;
use matrix::{Due, Plan, PlannedBatch, Tally};

/// Reasons shown of those why configurations cannot run.
const REASONS_SHOWN: usize = 20;

/// What batches take altogether, by the forecast.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    granted: Part,
    /// What does not fit the budget or the deadline.
    refused: Part,
}

#[derive(Debug, Clone, Copy, Default)]
struct Part {
    batches: u64,
    /// Of these, those of hosted models.
    hosted: u64,
    /// Those whose machines are on demand from the first, since that is cheaper.
    on_demand: u64,
    engine_starts: u64,
    run_s: f64,
    /// Of those that have a price.
    usd: f64,
    /// Batches on hardware without a price.
    unpriced: u64,
}

impl Sum {
    /// The sum over batches.
    pub fn over<B: std::borrow::Borrow<PlannedBatch>>(batches: impl IntoIterator<Item = B>) -> Self {
        let mut sum = Self::default();
        for batch in batches {
            let batch = batch.borrow();
            let part = if batch.refused.is_some() { &mut sum.refused } else { &mut sum.granted };
            part.batches += 1;
            part.hosted += u64::from(!batch.manifest.hosted.is_empty());
            part.engine_starts += batch.manifest.launches.len() as u64;
            part.run_s += batch.estimate.run_s;
            part.on_demand += u64::from(batch.estimate.price == PriceKind::OnDemand);
            match batch.estimate.usd() {
                Some(usd) => part.usd += usd,
                None => part.unpriced += 1,
            }
        }
        sum
    }
}

impl std::fmt::Display for Part {
    /// `3 batches, 7 engine starts, 1.5 h in sequence, at least 2.10 USD of whole machines at the spot price` and what has no price.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { batches, hosted, on_demand, engine_starts, run_s, usd, unpriced } = *self;
        let hours = run_s / 3600.0;
        write!(f, "{batches} batches, {engine_starts} engine starts, {hours:.1} h in sequence")?;
        let price = match on_demand {
            0 => "the spot price",
            _ => "the cheaper of spot and on demand",
        };
        let of = match (hosted, hosted == batches) {
            (0, _) => format!("of whole machines at {price}"),
            (_, true) => "of tokens".to_owned(),
            _ => format!("of tokens and whole machines at {price}"),
        };
        match unpriced {
            0 => write!(f, ",\n{usd:.2} USD {of}"),
            all if all == batches => write!(f, ", no price known"),
            some => write!(f, ",\nat least {usd:.2} USD {of}; {some} batches have no\nprice"),
        }
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
    let mut text = format!("\n{} (forecast)", sum.granted);
    if sum.refused.batches > 0 {
        let refused = sum.refused;
        text.push_str(&format!(
            "\nwill not start, since budget or deadline leave no room:\n{refused} (forecast)"
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

#[cfg(test)]
mod tests {
    use domain::{CampaignId, CampaignSpec, CheaperOfBoth};
    use matrix::split;

    const SPEC: &str = "
name: tiny
models: [llama-3.1-8b-instruct]
quantisations: [fp16]
hardware: [cpu, h100x1]
frameworks: [vllm]
workloads: [{name: w, use_case: chatbot, input_tokens: 64, output_tokens: 32, concurrency: [1]}]
";

    fn told(extra: &str) -> String {
        let spec = CampaignSpec::from_yaml(&format!("{SPEC}{extra}")).unwrap();
        let id: CampaignId = "tiny-0123".parse().unwrap();
        let plan = matrix::plan(&spec, &id);
        super::plan(&plan, &split(&plan, &CheaperOfBoth).unwrap())
    }

    #[test]
    fn what_has_no_price_does_not_hide_the_rest() {
        let text = told("");
        assert!(text.contains("\n2 batches, 2 engine starts, "), "{text}");
        assert!(
            text.contains("\nat least 0.") && text.contains("; 1 batches have no\nprice (forecast)"),
            "{text}"
        );
    }

    #[test]
    fn what_is_refused_is_summed_apart() {
        let text = told("budget_usd: 0.0001");
        assert!(
            text.contains("\n1 batches, 1 engine starts, ") && text.contains(", no price known (forecast)"),
            "{text}"
        );
        let refused = text.split("leave no room:\n").nth(1).unwrap();
        assert!(refused.starts_with("1 batches, 1 engine starts, "), "{text}");
        assert!(
            refused.contains(" USD of whole machines at the cheaper of spot and on demand (forecast)"),
            "{text}"
        );
    }
}
