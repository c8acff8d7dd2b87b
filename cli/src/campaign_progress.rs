//! **Progress of a campaign**: what is done, what its results cost, and what is to go by the forecast, corrected by how long
//! the trials took that are measured.

use std::collections::BTreeMap;
use std::fmt;

use domain::{BenchmarkResult, RunId};
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
    /// USD at the spot price of whole machines for the time that results are charged for. Results without a price cost
    /// nothing that is known.
    pub spent_usd: f64,
    /// Seconds of machines that the batches that go on still take: a forecast.
    pub forecast_to_go_s: f64,
    /// What they cost at the spot price: a forecast. Nothing where no price is known.
    pub forecast_to_go_usd: Option<f64>,
    /// Time that the measured trials took by their forecast; the forecasts above are multiplied by it.
    pub measured_by_forecast: Option<f64>,
}

impl CampaignProgress {
    /// By the batches, the outcomes of each, and the results.
    pub fn of(
        batches: &[BatchRecord],
        outcomes: &[BTreeMap<RunId, Checkpoint>],
        results: &[BenchmarkResult],
    ) -> Self {
        let measured_s: f64 = results.iter().map(|r| r.charged.hours() * 3600.0).sum();
        let spent_usd = results.iter().filter_map(spot_usd).fold(0.0, |sum, usd| sum + usd);
        let (mut stored, mut failed, mut forecast_done_s, mut to_go_s, mut to_go_usd) =
            (0, 0, 0.0, 0.0, None);
        for (batch, outcomes) in batches.iter().zip(outcomes) {
            let measured = outcomes.values().filter(|c| c.outcome == TrialOutcome::Stored).count();
            stored += measured;
            failed += outcomes.len() - measured;
            let trials = f64::from(batch.trials.max(1));
            forecast_done_s += batch.forecast_s * measured as f64 / trials;
            if !batch.state.is_terminal() {
                let left = (1.0 - outcomes.len() as f64 / trials).max(0.0);
                to_go_s += batch.forecast_s * left;
                to_go_usd = batch.forecast_usd.map(|usd| to_go_usd.unwrap_or(0.0) + usd * left).or(to_go_usd);
            }
        }
        let ratio = (forecast_done_s > 0.0 && measured_s > 0.0).then(|| measured_s / forecast_done_s);
        Self {
            trials: batches.iter().map(|batch| batch.trials).sum(),
            stored,
            failed,
            spent_usd,
            forecast_to_go_s: to_go_s * ratio.unwrap_or(1.0),
            forecast_to_go_usd: to_go_usd.map(|usd| usd * ratio.unwrap_or(1.0)),
            measured_by_forecast: ratio,
        }
    }
}

/// What a result cost, where its price is known.
fn spot_usd(result: &BenchmarkResult) -> Option<f64> {
    Some(result.charged.hours() * result.rent.as_ref()?.whole().spot)
}

/// `12 of 40 trials measured, 1 failed; 0.42 USD spent; to go, forecast: 1 h 5 min, 1.30 USD`
impl fmt::Display for CampaignProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trials, stored, failed, .. } = self;
        write!(f, "{stored} of {trials} trials measured, {failed} failed; {:.2} USD spent", self.spent_usd)?;
        if self.forecast_to_go_s > 0.0 {
            write!(f, "; to go, forecast: {}", in_words(self.forecast_to_go_s))?;
            if let Some(usd) = self.forecast_to_go_usd {
                write!(f, ", {usd:.2} USD")?;
            }
        }
        Ok(())
    }
}

/// `42 s`, `12 min`, `3 h 5 min`.
pub fn in_words(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..120 => format!("{whole} s"),
        120..7200 => format!("{} min", whole / 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use domain::BatchId;
    use store::BatchState;
    use testkit::fixtures;

    use super::*;

    #[test]
    fn what_is_to_go_is_corrected_by_what_was_measured() {
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
        let result = fixtures::result("demo", 1).build();
        let checkpoint = Checkpoint {
            run_id: result.run_id.clone(),
            config_id: result.config_id.clone(),
            outcome: TrialOutcome::Stored,
            attempt: 1,
            at: fixtures::at(0),
        };
        let outcomes = [[(result.run_id.clone(), checkpoint)].into(), BTreeMap::new(), BTreeMap::new()];
        let none = CampaignProgress::of(&batches, &[const { BTreeMap::new() }; 3], &[]);
        assert_eq!((none.forecast_to_go_s, none.forecast_to_go_usd, none.trials), (200.0, Some(2.0), 6));
        assert_eq!(
            none.to_string(),
            "0 of 6 trials measured, 0 failed; 0.00 USD spent; to go, forecast: 3 min, 2.00 USD"
        );

        let measured_s = result.charged.hours() * 3600.0;
        let spent = result.charged.hours() * result.rent.as_ref().unwrap().whole().spot;
        let one = CampaignProgress::of(&batches, &outcomes, &[result]);
        let ratio = measured_s / 50.0;
        assert_eq!((one.stored, one.failed, one.measured_by_forecast), (1, 0, Some(ratio)));
        assert!((one.forecast_to_go_s - 150.0 * ratio).abs() < 1e-9);
        assert!((one.spent_usd - spent).abs() < 1e-12);
        assert_eq!(BatchId::new(&campaign, 0), batches[0].id);
    }

    #[test]
    fn times_are_in_words() {
        let words = [59.6, 119.0, 7199.0, 7200.0, 100_000.0].map(in_words);
        assert_eq!(words, ["60 s", "119 s", "119 min", "2 h 0 min", "27 h 46 min"]);
    }
}
