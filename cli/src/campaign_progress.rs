//! **Progress of a campaign**: what is done, what the time of its jobs cost, and what is to go by the forecast, corrected by
//! what the trials cost that are done.

use std::collections::BTreeMap;

use domain::RunId;
use serde::Serialize;
use store::{BatchRecord, Checkpoint, TrialOutcome};

/// How far a campaign is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignProgress {
    /// Trials in all batches.
    pub trials: u32,
    /// Trials with a result.
    pub stored: usize,
    /// Trials that failed.
    pub failed: usize,
    /// USD at the spot price of whole machines for the time of jobs up to the last outcome. Machines without a price cost
    /// nothing that is known.
    pub spent_usd: f64,
    /// Seconds of machines that the batches that go on still take: a forecast.
    pub forecast_to_go_s: f64,
    /// What they cost at the spot price: a forecast. Nothing where no price is known.
    pub forecast_to_go_usd: Option<f64>,
    /// What the trials cost that are done, by their forecast; the forecasts above are multiplied by it. Nothing where no
    /// price is known.
    pub spent_by_forecast: Option<f64>,
}

impl CampaignProgress {
    /// By the batches, and the outcomes of each.
    pub fn of(batches: &[BatchRecord], outcomes: &[BTreeMap<RunId, Checkpoint>]) -> Self {
        let mut progress = Self {
            trials: batches.iter().map(|batch| batch.trials).sum(),
            stored: 0,
            failed: 0,
            spent_usd: 0.0,
            forecast_to_go_s: 0.0,
            forecast_to_go_usd: None,
            spent_by_forecast: None,
        };
        let mut forecast_done_usd = 0.0;
        for (batch, outcomes) in batches.iter().zip(outcomes) {
            let stored = outcomes.values().filter(|c| c.outcome == TrialOutcome::Stored).count();
            progress.stored += stored;
            progress.failed += outcomes.len() - stored;
            progress.spent_usd += outcomes.values().filter_map(|c| c.usd).fold(0.0, |sum, usd| sum + usd);
            let done = (outcomes.len() as f64 / f64::from(batch.trials.max(1))).min(1.0);
            forecast_done_usd += batch.forecast_usd.unwrap_or(0.0) * done;
            if !batch.state.is_terminal() {
                progress.forecast_to_go_s += batch.forecast_s * (1.0 - done);
                if let Some(usd) = batch.forecast_usd {
                    *progress.forecast_to_go_usd.get_or_insert(0.0) += usd * (1.0 - done);
                }
            }
        }
        if forecast_done_usd > 0.0 && progress.spent_usd > 0.0 {
            let ratio = progress.spent_usd / forecast_done_usd;
            progress.spent_by_forecast = Some(ratio);
            progress.forecast_to_go_s *= ratio;
            progress.forecast_to_go_usd = progress.forecast_to_go_usd.map(|usd| usd * ratio);
        }
        progress
    }

    /// In one line of a terminal, with the seconds since somebody began to look:
    /// `12/40 done, 1 failed, 5m, 0.42 USD; forecast to go 1h05m, 1.30 USD`.
    pub fn line(&self, elapsed_s: Option<f64>) -> String {
        let mut line = format!("{}/{} done, {} failed", self.stored + self.failed, self.trials, self.failed);
        if let Some(elapsed_s) = elapsed_s {
            line.push_str(&format!(", {}", in_short(elapsed_s)));
        }
        if self.spent_usd > 0.0 {
            line.push_str(&in_usd(self.spent_usd));
        }
        if self.forecast_to_go_s > 0.0 {
            line.push_str(&format!("; forecast to go {}", in_short(self.forecast_to_go_s)));
            if let Some(usd) = self.forecast_to_go_usd {
                line.push_str(&in_usd(usd));
            }
        }
        line
    }
}

/// `, 1.30 USD`; of thousands no cents.
fn in_usd(usd: f64) -> String {
    if usd < 1000.0 { format!(", {usd:.2} USD") } else { format!(", {usd:.0} USD") }
}

/// `42s`, `12m`, `3h05m`.
fn in_short(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..120 => format!("{whole}s"),
        120..3600 => format!("{}m", whole / 60),
        _ => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use store::BatchState;
    use testkit::fixtures;

    use super::*;

    #[test]
    fn what_is_to_go_is_corrected_by_what_was_spent() {
        let campaign = "demo".parse().unwrap();
        let batch = |index, state| BatchRecord {
            trials: 2,
            forecast_s: 100.0,
            forecast_usd: Some(1.0),
            state,
            ..fixtures::batch_record(&campaign, index)
        };
        let batches = [
            batch(0, BatchState::Submitted),
            batch(1, BatchState::Pending),
            batch(2, BatchState::OverBudget),
        ];
        let none = CampaignProgress::of(&batches, &[const { BTreeMap::new() }; 3]);
        assert_eq!((none.forecast_to_go_s, none.forecast_to_go_usd, none.trials), (200.0, Some(2.0), 6));
        assert_eq!(none.line(None), "0/6 done, 0 failed; forecast to go 3m, 2.00 USD");

        // Half of the first batch is done, for 0.75 instead of 0.50.
        let result = fixtures::result("demo", 1).build();
        let checkpoint = Checkpoint {
            run_id: result.run_id.clone(),
            config_id: result.config_id,
            outcome: TrialOutcome::Failed { reason: "no".to_owned() },
            attempt: 1,
            usd: Some(0.75),
            at: fixtures::at(0),
        };
        let outcomes = [[(result.run_id, checkpoint)].into(), BTreeMap::new(), BTreeMap::new()];
        let one = CampaignProgress::of(&batches, &outcomes);
        assert_eq!((one.stored, one.failed, one.spent_by_forecast), (0, 1, Some(1.5)));
        assert_eq!((one.forecast_to_go_s, one.forecast_to_go_usd), (225.0, Some(2.25)));
        assert_eq!(one.line(Some(61.0)), "1/6 done, 1 failed, 61s, 0.75 USD; forecast to go 3m, 2.25 USD");
    }

    #[test]
    fn a_line_fits_a_terminal() {
        let large = CampaignProgress {
            trials: 9000,
            stored: 8000,
            failed: 120,
            spent_usd: 1234.5,
            forecast_to_go_s: 359_999.0,
            forecast_to_go_usd: Some(1234.5),
            spent_by_forecast: None,
        };
        assert!(large.line(Some(359_999.0)).len() <= 80, "{}", large.line(Some(359_999.0)));
        let words = [59.6, 119.0, 3599.0, 3600.0, 100_000.0].map(in_short);
        assert_eq!(words, ["60s", "119s", "59m", "1h00m", "27h46m"]);
    }
}
