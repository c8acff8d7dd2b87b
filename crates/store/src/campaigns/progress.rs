//! **Progress of a campaign**: what is done, what the time of its jobs cost, and what is to go by the forecast, corrected by
//! what the trials cost that are done.

use std::collections::BTreeMap;

use domain::RunId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{BatchRecord, Checkpoint, Ledger, StoreError, TrialOutcome};

/// How far a campaign is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CampaignProgress {
    /// Trials in all batches.
    pub trials: u32,
    /// Trials with a result.
    pub stored: usize,
    /// Trials that failed.
    pub failed: usize,
    /// USD of whole machines, at the price that jobs had them for, up to the last outcome. Machines without a price cost
    /// nothing that is known.
    pub spent_usd: f64,
    /// Seconds of machines that the batches that go on still take: a forecast.
    pub forecast_to_go_s: f64,
    /// What they cost as their machines are rented at first: a forecast. Nothing where no price is known.
    pub forecast_to_go_usd: Option<f64>,
    /// How long the trials took that are done, by their forecast; the seconds above are multiplied by it. Nothing where no time
    /// was noted.
    pub took_by_forecast: Option<f64>,
    /// What the trials cost that are done, by their forecast; the USD above are multiplied by it. Nothing where no price is
    /// known.
    pub spent_by_forecast: Option<f64>,
}

impl CampaignProgress {
    /// By the batches, and the outcomes of each.
    #[must_use]
    pub fn of(batches: &[BatchRecord], outcomes: &[BTreeMap<RunId, Checkpoint>]) -> Self {
        let mut progress = Self {
            trials: batches.iter().map(|batch| batch.trials).sum(),
            stored: 0,
            failed: 0,
            spent_usd: 0.0,
            forecast_to_go_s: 0.0,
            forecast_to_go_usd: None,
            took_by_forecast: None,
            spent_by_forecast: None,
        };
        let (mut time, mut money) = (ByForecast::default(), ByForecast::default());
        for (batch, outcomes) in batches.iter().zip(outcomes) {
            let stored = outcomes.values().filter(|c| c.outcome == TrialOutcome::Stored).count();
            progress.stored += stored;
            progress.failed += outcomes.len() - stored;
            progress.spent_usd += outcomes.values().filter_map(|c| c.usd).fold(0.0, |sum, usd| sum + usd);
            let trials = f64::from(batch.trials.max(1));
            for outcome in outcomes.values() {
                time.add(outcome.machine_s, Some(batch.forecast_s / trials));
                money.add(outcome.usd, batch.forecast_usd.map(|usd| usd / trials));
            }
            if !batch.state.is_terminal() {
                let to_go = (1.0 - outcomes.len() as f64 / trials).max(0.0);
                progress.forecast_to_go_s += batch.forecast_s * to_go;
                if let Some(usd) = batch.forecast_usd {
                    *progress.forecast_to_go_usd.get_or_insert(0.0) += usd * to_go;
                }
            }
        }
        progress.took_by_forecast = time.ratio();
        progress.spent_by_forecast = money.ratio();
        progress.forecast_to_go_s *= progress.took_by_forecast.unwrap_or(1.0);
        progress.forecast_to_go_usd =
            progress.forecast_to_go_usd.map(|usd| usd * progress.spent_by_forecast.unwrap_or(1.0));
        progress
    }
}

/// What trials took and what they were forecast to, of those of which both are known.
#[derive(Debug, Default)]
struct ByForecast {
    took: f64,
    forecast: f64,
}

impl ByForecast {
    fn add(&mut self, took: Option<f64>, forecast: Option<f64>) {
        if let (Some(took), Some(forecast)) = (took, forecast) {
            self.took += took;
            self.forecast += forecast;
        }
    }

    fn ratio(&self) -> Option<f64> {
        (self.took > 0.0 && self.forecast > 0.0).then(|| self.took / self.forecast)
    }
}

/// The progress of a campaign by its batches.
///
/// # Errors
/// When the ledger does not answer.
pub async fn progress(ledger: &dyn Ledger, batches: &[BatchRecord]) -> Result<CampaignProgress, StoreError> {
    Ok(CampaignProgress::of(batches, &outcomes(ledger, batches).await?))
}

/// The outcomes of each batch.
///
/// # Errors
/// When the ledger does not answer.
pub async fn outcomes(
    ledger: &dyn Ledger,
    batches: &[BatchRecord],
) -> Result<Vec<BTreeMap<RunId, Checkpoint>>, StoreError> {
    let mut outcomes = Vec::with_capacity(batches.len());
    for batch in batches {
        outcomes.push(ledger.checkpoints(&batch.id).await?);
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use domain::{BatchId, CampaignId};
    use testkit::fixtures;

    use super::*;
    use crate::BatchState;

    #[test]
    fn what_is_to_go_is_corrected_by_what_the_rest_took() {
        let campaign: CampaignId = "demo".parse().unwrap();
        let batch = |index, state| BatchRecord {
            trials: 2,
            forecast_s: 100.0,
            forecast_usd: Some(1.0),
            state,
            id: BatchId::new(&campaign, index),
            campaign: campaign.clone(),
            gpu_count: 1,
            place: None,
            attempt: 0,
            fruitless_jobs: 0,
            submissions: 0,
            message: None,
        };
        let batches = [
            batch(0, BatchState::Submitted),
            batch(1, BatchState::Pending),
            batch(2, BatchState::OverBudget),
        ];
        let none = CampaignProgress::of(&batches, &[const { BTreeMap::new() }; 3]);
        assert_eq!((none.forecast_to_go_s, none.forecast_to_go_usd, none.trials), (200.0, Some(2.0), 6));

        // Half of the first batch is done, for 0.75 USD instead of 0.50, in 60 s instead of 50: it was on demand.
        let result = fixtures::result("demo", 1).build();
        let checkpoint = Checkpoint {
            run_id: result.run_id.clone(),
            config_id: result.config_id,
            outcome: TrialOutcome::Failed { reason: "no".to_owned() },
            attempt: 1,
            usd: Some(0.75),
            machine_s: Some(60.0),
            at: fixtures::at(0),
        };
        let outcomes = [[(result.run_id, checkpoint)].into(), BTreeMap::new(), BTreeMap::new()];
        let one = CampaignProgress::of(&batches, &outcomes);
        assert_eq!((one.stored, one.failed), (0, 1));
        assert_eq!((one.took_by_forecast, one.forecast_to_go_s), (Some(1.2), 180.0));
        assert_eq!((one.spent_by_forecast, one.forecast_to_go_usd), (Some(1.5), Some(2.25)));
    }
}
