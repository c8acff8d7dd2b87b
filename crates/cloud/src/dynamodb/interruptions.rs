//! Counting the jobs of a batch that were **interrupted**: each once, however often it is told.

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use domain::{BatchId, JobId};
use store::{Interruptions, StoreError};

use super::DynamoLedger;
use super::items::{number, number_value, text_value};
use super::keys;
use super::write::Transacted;

/// Times that the count is read and written anew because others counted meanwhile.
const ROUNDS: u32 = 32;

/// The position in the transaction of the item that says that a job is counted.
const COUNTED: usize = 0;

impl DynamoLedger {
    pub(super) async fn count_interruption(
        &self,
        id: &BatchId,
        job: &JobId,
        outcomes: u32,
        reason: &str,
    ) -> Result<Interruptions, StoreError> {
        for _ in 0..ROUNDS {
            let batch = self.batch_item(id).await?.ok_or_else(|| self.no_such_batch(id))?;
            let count = |name| number(&batch, name).ok_or_else(|| self.unreadable(format!("batch {id}")));
            let (fruitless, seen) = (count("fruitless_jobs")?, count("outcomes_seen")?);
            let now_fruitless = if outcomes > seen { 0 } else { fruitless + 1 };
            let counted = Put::builder()
                .table_name(&self.table)
                .set_item(Some(keys::interruption(id, job).attributes().into()))
                .condition_expression("attribute_not_exists(pk)");
            let batch = Update::builder()
                .table_name(&self.table)
                .set_key(Some(self.batch_key(id)?.attributes().into()))
                .condition_expression("fruitless_jobs = :fruitless AND outcomes_seen = :seen")
                .update_expression(
                    "SET fruitless_jobs = :now_fruitless, outcomes_seen = :now_seen, message = :reason",
                )
                .expression_attribute_values(":fruitless", number_value(fruitless))
                .expression_attribute_values(":seen", number_value(seen))
                .expression_attribute_values(":now_fruitless", number_value(now_fruitless))
                .expression_attribute_values(":now_seen", number_value(seen.max(outcomes)))
                .expression_attribute_values(":reason", text_value(reason))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None);
            let writes = vec![
                TransactWriteItem::builder().put(counted.build().map_err(|e| self.place.other(e))?).build(),
                TransactWriteItem::builder().update(batch.build().map_err(|e| self.place.other(e))?).build(),
            ];
            match self.transact(writes).await? {
                Transacted::Done => {
                    return Ok(Interruptions { fruitless_jobs: now_fruitless, is_new: true });
                }
                Transacted::Refused(COUNTED, _) => {
                    let fruitless_jobs = self.fruitless_jobs(id).await?;
                    return Ok(Interruptions { fruitless_jobs, is_new: false });
                }
                Transacted::Refused(..) => {}
            }
        }
        Err(self.place.unavailable(format!("others kept counting the interruptions of batch {id}")))
    }

    async fn fruitless_jobs(&self, id: &BatchId) -> Result<u32, StoreError> {
        let batch = self.batch_item(id).await?.ok_or_else(|| self.no_such_batch(id))?;
        number(&batch, "fruitless_jobs").ok_or_else(|| self.unreadable(format!("batch {id}")))
    }
}
