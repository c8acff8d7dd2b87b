//! Failures that are forgotten, so that a campaign that is asked for again tries them again.
//!
//! A campaign is larger than a transaction may be. Every step can be repeated, and whoever finds the work half
//! done does the rest: batches first, since a finished batch is known by its failures, then lost tries and failures.

use domain::{BatchId, CampaignId, RunId};
use store::{BatchRecord, BatchState, Checkpoint, Ledger, StoreError, TrialOutcome};

use super::DynamoLedger;
use super::items::{number_value, text_value};
use super::keys;
use super::outcomes::FORGOTTEN;
use super::write::{Write, Written};

impl DynamoLedger {
    pub(super) async fn delete_failures(&self, campaign: &CampaignId) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for batch in self.batches(campaign).await? {
            let outcomes = self.checkpoints(&batch.id).await?;
            let is_failure = |c: &&Checkpoint| matches!(c.outcome, TrialOutcome::Failed { .. });
            let failed: Vec<&RunId> = outcomes.values().filter(is_failure).map(|c| &c.run_id).collect();
            let revive = match batch.state {
                BatchState::Failed | BatchState::OverBudget => true,
                BatchState::Finished => !failed.is_empty(),
                BatchState::Pending | BatchState::Submitted | BatchState::Cancelled => false,
            };
            if revive {
                self.revive(&batch).await?;
            }
            if batch.attempt > 0 {
                self.forget_tries(&batch).await?;
            }
            for run in failed {
                forgotten += u64::from(self.delete_failure(&batch.id, run).await?);
            }
        }
        Ok(forgotten)
    }

    /// Makes a batch pending, unless somebody changed its state meanwhile.
    async fn revive(&self, batch: &BatchRecord) -> Result<(), StoreError> {
        let update = self
            .update(&self.batch_key(&batch.id)?)
            .condition_expression("#state = :was")
            .update_expression(
                "SET #state = :pending, fruitless_jobs = :none, outcomes_seen = :none REMOVE message",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":was", self.value(batch.state)?)
            .expression_attribute_values(":pending", self.value(BatchState::Pending)?)
            .expression_attribute_values(":none", number_value(0));
        self.write(Write::Update(update)).await.map(|_| ())
    }

    /// The tries of the attempts so far count no more.
    async fn forget_tries(&self, batch: &BatchRecord) -> Result<(), StoreError> {
        let update = self
            .update(&self.batch_key(&batch.id)?)
            .condition_expression("attribute_exists(pk)")
            .update_expression(format!("SET {FORGOTTEN} = :attempt"))
            .expression_attribute_values(":attempt", number_value(batch.attempt));
        self.write(Write::Update(update)).await.map(|_| ())
    }

    /// Whether it was there and still a failure.
    async fn delete_failure(&self, batch: &BatchId, run: &RunId) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(keys::checkpoint(batch, run).attributes().into()))
            .condition_expression("outcome = :failed")
            .expression_attribute_values(":failed", text_value("failed"));
        Ok(matches!(self.write(Write::Delete(delete)).await?, Written::Done(_)))
    }
}
