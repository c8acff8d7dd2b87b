//! The **budget** of a campaign is kept by what its jobs truly cost. Forecasts decide which batches are submitted at first;
//! when those that ran cost more, others that still wait are withdrawn.
//!
//! A campaign can overshoot by what the jobs that run at the same time cost beyond their forecasts.

use std::collections::BTreeSet;
use std::fmt;

use domain::{BatchId, CampaignId, CampaignSpec};
use events::JobOutcome;
use store::{BatchState, ObjectKey};

use crate::ends::was_stopped;
use crate::{Context, HandlerError};

/// Why jobs are withdrawn.
const USED_UP: &str = "the budget is used up";

/// Whether a job ended since it was withdrawn. That may be told before whoever withdrew many has noted each.
pub fn withdrew(outcome: &JobOutcome) -> bool {
    matches!(outcome, JobOutcome::Interrupted { reason } if was_stopped(outcome) && reason.contains(USED_UP))
}

/// Where the money of a campaign is.
#[derive(Debug, Clone, PartialEq)]
pub struct Spending {
    /// What the spec allows, USD.
    budget_usd: f64,
    /// What the outcomes so far cost.
    pub spent_usd: f64,
    /// What the batches that were begun still take, by their forecasts.
    begun_usd: f64,
    /// Submitted batches that no job has begun, in their order, with their forecasts.
    waiting: Vec<(BatchId, f64)>,
}

impl Spending {
    /// Looks it up; nothing for a campaign without a budget.
    pub async fn of(context: &Context, id: &CampaignId) -> Result<Option<Self>, HandlerError> {
        let Some(bytes) = context.objects.get(&ObjectKey::spec(id)).await? else { return Ok(None) };
        let damaged = |source| HandlerError::Damaged { campaign: id.clone(), source };
        let spec: CampaignSpec = serde_json::from_slice(&bytes).map_err(damaged)?;
        let Some(budget_usd) = spec.budget_usd else { return Ok(None) };
        let mut spending = Self { budget_usd, spent_usd: 0.0, begun_usd: 0.0, waiting: vec![] };
        for batch in context.ledger.batches(id).await? {
            let outcomes = context.ledger.checkpoints(&batch.id).await?;
            spending.spent_usd += outcomes.values().filter_map(|c| c.usd).fold(0.0, |sum, usd| sum + usd);
            let left = 1.0 - outcomes.len() as f64 / f64::from(batch.trials.max(1));
            let usd = batch.forecast_usd.unwrap_or(0.0) * left.max(0.0);
            match (batch.state, batch.attempt) {
                (BatchState::Submitted, 0) => spending.waiting.push((batch.id, usd)),
                (BatchState::Submitted, _) => spending.begun_usd += usd,
                _ => {}
            }
        }
        Ok(Some(spending))
    }

    /// Nothing is left.
    pub fn is_used_up(&self) -> bool {
        self.spent_usd >= self.budget_usd
    }

    /// The batches that do not fit, each judged after those before it that do.
    fn too_dear(&self) -> BTreeSet<BatchId> {
        let mut left = self.budget_usd - self.spent_usd - self.begun_usd;
        let mut too_dear = BTreeSet::new();
        for (batch, usd) in &self.waiting {
            if *usd <= left {
                left -= usd;
            } else {
                too_dear.insert(batch.clone());
            }
        }
        too_dear
    }
}

/// Why a batch is over budget.
impl fmt::Display for Spending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.2} USD are spent and jobs under way take {:.2} more by the forecast, of a budget of {:.2}",
            self.spent_usd, self.begun_usd, self.budget_usd
        )
    }
}

/// Withdraws waiting batches that the budget does not pay for any more.
pub async fn keep(context: &Context, id: &CampaignId) -> Result<(), HandlerError> {
    let Some(spending) = Spending::of(context, id).await? else { return Ok(()) };
    let too_dear = spending.too_dear();
    if too_dear.is_empty() {
        return Ok(());
    }
    for batch in context.dispatcher.withdraw(id, &too_dear, USED_UP).await? {
        let message = spending.to_string();
        context.ledger.set_batch_state(&batch, BatchState::OverBudget, Some(&message)).await?;
    }
    Ok(())
}
