//! What becomes of trials: begun, brought to an outcome, or lost.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use chrono::{DateTime, Utc};
use domain::{BatchId, RunId};
use store::{Checkpoint, StoreError};

use super::claims::FENCE;
use super::items::{Item, instant, instant_value, number, number_value, text, text_value};
use super::keys::{self, Key};
use super::write::Transacted;
use super::{DynamoLedger, START_KEPT};

/// The attribute of a batch that says up to which attempt lost tries are forgotten.
pub const FORGOTTEN: &str = "forgotten_tries";

/// The position of the fence in every transaction here.
const FENCE_POSITION: usize = 0;

impl DynamoLedger {
    pub(super) async fn put_start(
        &self,
        batch: &BatchId,
        attempt: u32,
        run: &RunId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(keys::start(batch, run, attempt).attributes().into()))
            .item("attempt", number_value(attempt))
            .item("started_at", instant_value(now))
            .item("expires_at", number_value((now + START_KEPT).timestamp()))
            .condition_expression("attribute_not_exists(pk)");
        let put = put.build().map_err(|e| self.place.other(e))?;
        let writes = vec![self.fence(batch, attempt)?, TransactWriteItem::builder().put(put).build()];
        match self.transact(writes).await? {
            Transacted::Refused(FENCE_POSITION, there) => {
                Err(self.not_current(batch, attempt, there.as_ref()))
            }
            // It began before; the first telling holds.
            Transacted::Done | Transacted::Refused(..) => Ok(()),
        }
    }

    pub(super) async fn put_checkpoint(
        &self,
        batch: &BatchId,
        checkpoint: &Checkpoint,
    ) -> Result<(), StoreError> {
        let attempt = checkpoint.attempt;
        let item = self.keyed(&keys::checkpoint(batch, &checkpoint.run_id), checkpoint)?;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR outcome <> :stored")
            .expression_attribute_values(":stored", text_value("stored"));
        let put = put.build().map_err(|e| self.place.other(e))?;
        let put = TransactWriteItem::builder().put(put).build();
        // What came to an outcome was not lost.
        let start = keys::start(batch, &checkpoint.run_id, attempt);
        let all = vec![self.fence(batch, attempt)?, put, self.delete(&start)?];
        let refused = |there: Option<Item>| Err(self.not_current(batch, attempt, there.as_ref()));
        match self.transact(all).await? {
            Transacted::Done => return Ok(()),
            Transacted::Refused(FENCE_POSITION, there) => return refused(there),
            // A stored outcome is final.
            Transacted::Refused(..) => {}
        }
        self.delete_start(batch, attempt, &checkpoint.run_id).await
    }

    pub(super) async fn delete_start(
        &self,
        batch: &BatchId,
        attempt: u32,
        run: &RunId,
    ) -> Result<(), StoreError> {
        let start = keys::start(batch, run, attempt);
        match self.transact(vec![self.fence(batch, attempt)?, self.delete(&start)?]).await? {
            Transacted::Refused(_, there) => Err(self.not_current(batch, attempt, there.as_ref())),
            Transacted::Done => Ok(()),
        }
    }

    /// The first write of a transaction of an attempt.
    fn fence(&self, batch: &BatchId, attempt: u32) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(self.batch_key(batch)?.attributes().into()))
            .condition_expression(FENCE)
            .expression_attribute_values(":attempt", number_value(attempt))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let check = check.build().map_err(|e| self.place.other(e))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    fn delete(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(key.attributes().into()));
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(|e| self.place.other(e))?).build())
    }

    /// From the beginning of each lost trial to the last renewal of its attempt.
    pub(super) async fn sum_lost_seconds(&self, batch: &BatchId, run: &RunId) -> Result<f64, StoreError> {
        let starts = self.query(&keys::batch_partition(batch), &keys::starts(run)).await?;
        if starts.is_empty() {
            return Ok(0.0);
        }
        let Some(batch_item) = self.batch_item(batch).await? else { return Ok(0.0) };
        let current = number(&batch_item, "attempt").unwrap_or(0);
        let renewals = batch_item.get("renewals").and_then(|list| list.as_l().ok());
        let renewals = renewals.map_or(&[][..], Vec::as_slice);
        let mut lost = 0.0;
        for start in &starts {
            let seconds = lost_seconds(start, current, renewals);
            lost += seconds
                .ok_or_else(|| self.unreadable(format!("the start of trial {run} in batch {batch}")))?;
        }
        Ok(lost)
    }
}

impl DynamoLedger {
    /// By trial, the starts of attempts that are over, were not released, and are not forgotten.
    pub(super) async fn count_lost_tries(&self, batch: &BatchId) -> Result<BTreeMap<RunId, u32>, StoreError> {
        let starts = self.query(&keys::batch_partition(batch), keys::START).await?;
        if starts.is_empty() {
            return Ok(BTreeMap::new());
        }
        let Some(batch_item) = self.batch_item(batch).await? else { return Ok(BTreeMap::new()) };
        let current = number(&batch_item, "attempt").unwrap_or(0);
        let forgotten = number(&batch_item, FORGOTTEN).unwrap_or(0);
        let released =
            batch_item.get("released").and_then(|set| set.as_ns().ok()).map_or(&[][..], Vec::as_slice);
        let mut tries = BTreeMap::new();
        for start in &starts {
            let unreadable = || self.unreadable(format!("a start of a trial in batch {batch}"));
            let attempt = number(start, "attempt").ok_or_else(unreadable)?;
            let run = text(start, keys::SK).and_then(keys::started_run).ok_or_else(unreadable)?;
            if (forgotten + 1..current).contains(&attempt) && !released.contains(&attempt.to_string()) {
                *tries.entry(run).or_default() += 1;
            }
        }
        Ok(tries)
    }
}

/// 0 while the attempt is the current one; `None` when the items cannot be ours.
fn lost_seconds(start: &Item, current: u32, renewals: &[AttributeValue]) -> Option<f64> {
    let attempt = number(start, "attempt")?;
    if attempt >= current {
        return Some(0.0);
    }
    let renewed = renewals.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?.as_s().ok()?;
    let lost = instant(renewed).ok()? - instant(text(start, "started_at")?).ok()?;
    // A trial that began after the last renewal lost less than one can know.
    Some(lost.as_seconds_f64().max(0.0))
}
