//! Campaigns and the batches in them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::BatchId;
use futures::{StreamExt, TryStreamExt, stream};
use store::{BatchRecord, BatchState, CampaignRecord, StoreError};
use uuid::Uuid;

use super::DynamoLedger;
use super::items::{Item, number_value, text, text_value};
use super::keys::{self, Key};
use super::write::{Write, Written};

/// The call that created a campaign.
const CREATED_BY: &str = "created_by";

/// Batches that are added at once.
const BATCHES_AT_ONCE: usize = 16;

impl DynamoLedger {
    pub(super) async fn put_new_campaign(
        &self,
        record: &CampaignRecord,
    ) -> Result<Option<CampaignRecord>, StoreError> {
        let token = Uuid::new_v4().to_string();
        let mut item = self.keyed(&keys::campaign(&record.id), record)?;
        item.insert(CREATED_BY.to_owned(), text_value(&token));
        match self.put_new(item).await? {
            // An attempt of this call whose answer was lost may have created it.
            Some(there) if text(&there, CREATED_BY) != Some(&token) => self.read(there).map(Some),
            _ => Ok(None),
        }
    }

    pub(super) async fn put_known_campaign(
        &self,
        was: &CampaignRecord,
        record: &CampaignRecord,
    ) -> Result<(), StoreError> {
        let item = self.keyed(&keys::campaign(&record.id), record)?;
        let state = serde_dynamo::to_attribute_value(was.state).map_err(|e| self.place.other(e))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("#state = :state AND #request = :request")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#request", "request")
            .expression_attribute_values(":state", state)
            .expression_attribute_values(":request", number_value(was.request));
        let what = format!("campaign {}", record.id);
        match self.write(Write::Put(put)).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(None) => Err(self.place.missing(what)),
            // An attempt of this call whose answer was lost may have written it.
            Written::Refused(Some(there)) if self.read::<CampaignRecord>(there.clone())? == *record => Ok(()),
            Written::Refused(Some(_)) => Err(StoreError::Changed { what }),
        }
    }

    pub(super) async fn put_new_batches(&self, batches: &[BatchRecord]) -> Result<(), StoreError> {
        let puts: Vec<_> = batches.iter().map(|batch| self.put_new_batch(batch)).collect();
        stream::iter(puts).buffer_unordered(BATCHES_AT_ONCE).try_collect().await
    }

    async fn put_new_batch(&self, batch: &BatchRecord) -> Result<(), StoreError> {
        let mut item = self.keyed(&self.batch_key(&batch.id)?, batch)?;
        item.insert("renewals".to_owned(), AttributeValue::L(vec![]));
        item.insert("outcomes_seen".to_owned(), number_value(0));
        self.put_new(item).await.map(|_| ())
    }

    /// Puts an item unless one is there, and returns the one that is.
    async fn put_new(&self, item: Item) -> Result<Option<Item>, StoreError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        match self.write(Write::Put(put.condition_expression("attribute_not_exists(pk)"))).await? {
            Written::Done(_) => Ok(None),
            Written::Refused(there) => Ok(there),
        }
    }

    pub(super) fn batch_key(&self, id: &BatchId) -> Result<Key, StoreError> {
        keys::batch(id).ok_or_else(|| self.no_such_batch(id))
    }

    /// A batch that is pending begins anew, and one that is submitted is counted. One that is known is written only while it is as
    /// it was.
    pub(super) async fn write_batch_state(
        &self,
        id: &BatchId,
        was: Option<&BatchRecord>,
        state: BatchState,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut set = vec!["#state = :state"];
        let mut update = self
            .update(&self.batch_key(id)?)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", self.value(state)?);
        update = match was {
            None => update.condition_expression("attribute_exists(pk)"),
            Some(was) => update
                .condition_expression(match was.submissions {
                    // It may have been added before they were counted.
                    0 => {
                        "#state = :was AND (submissions = :submissions OR attribute_not_exists(submissions))"
                    }
                    _ => "#state = :was AND submissions = :submissions",
                })
                .expression_attribute_values(":was", self.value(was.state)?)
                .expression_attribute_values(":submissions", number_value(was.submissions)),
        };
        if state == BatchState::Submitted {
            set.push("submissions = if_not_exists(submissions, :zero) + :one");
            update = update
                .expression_attribute_values(":zero", number_value(0))
                .expression_attribute_values(":one", number_value(1));
        }
        if state == BatchState::Pending {
            set.push("fruitless_jobs = :none");
            update = update.expression_attribute_values(":none", number_value(0));
        }
        if let Some(message) = message {
            set.push("message = :message");
            update = update.expression_attribute_values(":message", text_value(message));
        }
        let remove = if message.is_none() { " REMOVE message" } else { "" };
        let update = update.update_expression(format!("SET {}{remove}", set.join(", ")));
        match self.write(Write::Update(update)).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(None) => Err(self.no_such_batch(id)),
            // An attempt of this call whose answer was lost may have written it.
            Written::Refused(Some(there)) => {
                let there: BatchRecord = self.read(there)?;
                let submissions =
                    was.map_or(0, |was| was.submissions) + u32::from(state == BatchState::Submitted);
                let is_ours = there.state == state
                    && there.submissions == submissions
                    && there.message.as_deref() == message;
                if is_ours { Ok(()) } else { Err(StoreError::Changed { what: format!("batch {id}") }) }
            }
        }
    }

    /// An update of the item under a key.
    pub(super) fn update(
        &self,
        key: &Key,
    ) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(key.attributes().into()))
    }

    /// A batch's state as its record has it.
    pub(super) fn value(&self, state: BatchState) -> Result<AttributeValue, StoreError> {
        serde_dynamo::to_attribute_value(state).map_err(|e| self.place.other(e))
    }
}
