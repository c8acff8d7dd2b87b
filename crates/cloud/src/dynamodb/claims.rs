//! Claims: who works on a batch, until when, and when each attempt was last heard of.
//!
//! A batch's item has `holder`, `lease_until` and `claimed_by` while somebody has it, and `renewals`, a list with the
//! last sign of life of every attempt there ever was. `released` is the set of the attempts that gave it back.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use chrono::{DateTime, TimeDelta, Utc};
use domain::BatchId;
use store::{Claim, StoreError};
use uuid::Uuid;

use super::DynamoLedger;
use super::items::{Item, instant, instant_value, number, number_value, text, text_value};
use super::write::{Write, Written};

/// What holds while an attempt is the current one. `:attempt` is its number.
pub const FENCE: &str = "attempt = :attempt AND attribute_exists(holder)";

/// The call that was granted the current claim.
const CLAIMED_BY: &str = "claimed_by";

impl DynamoLedger {
    pub(super) async fn write_claim(
        &self,
        id: &BatchId,
        holder: &str,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Claim, StoreError> {
        let token = Uuid::new_v4().to_string();
        let update = self
            .update(&self.batch_key(id)?)
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(holder) OR lease_until <= :now)",
            )
            .update_expression(
                "SET attempt = attempt + :one, holder = :holder, lease_until = :until, claimed_by = :token, \
                 renewals = list_append(renewals, :renewal)",
            )
            .expression_attribute_values(":one", number_value(1))
            .expression_attribute_values(":holder", text_value(holder))
            .expression_attribute_values(":until", instant_value(now + lease))
            .expression_attribute_values(":token", text_value(&token))
            .expression_attribute_values(":now", instant_value(now))
            .expression_attribute_values(":renewal", AttributeValue::L(vec![instant_value(now)]))
            .return_values(ReturnValue::UpdatedNew);
        match self.write(Write::Update(update)).await? {
            Written::Done(new) => self.granted(id, &new),
            Written::Refused(None) => Err(self.no_such_batch(id)),
            // An attempt of this call whose answer was lost may have been granted it.
            Written::Refused(Some(there)) if text(&there, CLAIMED_BY) == Some(&token) => {
                self.granted(id, &there)
            }
            Written::Refused(Some(there)) => self.held(id, &there),
        }
    }

    fn granted(&self, id: &BatchId, item: &Item) -> Result<Claim, StoreError> {
        let attempt = number(item, "attempt");
        attempt
            .map(|attempt| Claim::Granted { attempt })
            .ok_or_else(|| self.unreadable(format!("batch {id}")))
    }

    fn held(&self, id: &BatchId, item: &Item) -> Result<Claim, StoreError> {
        let until = text(item, "lease_until").and_then(|text| instant(text).ok());
        match (text(item, "holder"), until) {
            (Some(holder), Some(until)) => Ok(Claim::Held { holder: holder.to_owned(), until }),
            _ => Err(self.unreadable(format!("batch {id}"))),
        }
    }

    pub(super) async fn write_renewal(
        &self,
        id: &BatchId,
        attempt: u32,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<(), StoreError> {
        let position = attempt.checked_sub(1).ok_or_else(|| self.fenced(id, attempt))?;
        let update = self
            .fenced_update(id, attempt)?
            .update_expression(format!("SET lease_until = :until, renewals[{position}] = :now"))
            .expression_attribute_values(":until", instant_value(now + lease))
            .expression_attribute_values(":now", instant_value(now));
        match self.write(Write::Update(update)).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) => Err(self.not_current(id, attempt, there.as_ref())),
        }
    }

    pub(super) async fn write_release(&self, id: &BatchId, attempt: u32) -> Result<(), StoreError> {
        let update = self
            .fenced_update(id, attempt)?
            .update_expression("REMOVE holder, lease_until, claimed_by ADD released :released")
            .expression_attribute_values(":released", AttributeValue::Ns(vec![attempt.to_string()]));
        // Whoever is not the current one any more has nothing to release.
        self.write(Write::Update(update)).await.map(|_| ())
    }

    fn fenced_update(&self, id: &BatchId, attempt: u32) -> Result<UpdateItemFluentBuilder, StoreError> {
        let update = self.update(&self.batch_key(id)?).condition_expression(FENCE);
        Ok(update.expression_attribute_values(":attempt", number_value(attempt)))
    }

    /// Why an attempt may not write, by the batch as it is.
    pub(super) fn not_current(&self, id: &BatchId, attempt: u32, there: Option<&Item>) -> StoreError {
        if there.is_some() { self.fenced(id, attempt) } else { self.no_such_batch(id) }
    }

    fn fenced(&self, id: &BatchId, attempt: u32) -> StoreError {
        StoreError::Fenced { batch: id.clone(), attempt }
    }
}
