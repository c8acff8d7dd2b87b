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
    /// What they cost at the spot price: a forecast. Nothing where no price is known.
    pub forecast_to_go_usd: Option<f64>,
    /// What the trials cost that are done, by their forecast; the forecasts above are multiplied by it. Nothing where no
    /// price is known.
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
    fn what_is_to_go_is_corrected_by_what_was_spent() {
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
    }
}
