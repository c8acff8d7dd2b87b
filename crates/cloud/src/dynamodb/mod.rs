//! **The ledger in DynamoDB**: one table, `dynamodb://TABLE`.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | campaign | `CAMPAIGNS` | its id |
//! | batch, with its claim | `CAMPAIGN#` campaign | `BATCH#` index with ten digits |
//! | checkpoint | `BATCH#` batch | `RUN#` run |
//! | a trial that an attempt began | `BATCH#` batch | `START#` run `#` attempt |
//! | a job whose interruption is counted | `BATCH#` batch | `INTERRUPTED#` job |
//! | a key that is taken once | `KEY#` key | `KEY` |
//!
//! Everything is found by its key or by a query of one partition; nothing scans. Campaigns are few and share a
//! partition, which lists them without an index, and so without its delay. All reads are consistent.
//!
//! | promise | kept by |
//! |---|---|
//! | of racing claims one is granted | one conditional update, which counts the attempt |
//! | who was replaced is fenced | a condition on the batch's attempt, in the same transaction as what is written |
//! | a call whose answer was lost is not taken for another's | claims, campaigns and keys carry the token of the call that wrote them |
//!
//! DynamoDB deletes what has an `expires_at`: keys, and starts, `START_KEPT` after their trial began, when nobody
//! charges its time any more. A lease is part of its batch, and an instant that is compared.

mod campaigns;
mod claims;
mod failures;
mod interruptions;
mod items;
mod keys;
mod once;
mod outcomes;
mod table;
mod write;

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{BatchId, CampaignId, JobId, RunId};
use store::{BatchRecord, BatchState, CampaignRecord, Checkpoint, Claim, Interruptions, Ledger, StoreError};

use crate::aws::{Aws, Place};

/// How long after its beginning a trial that came to no outcome is known.
const START_KEPT: TimeDelta = TimeDelta::days(90);

/// The ledger in a table.
#[derive(Debug, Clone)]
pub struct DynamoLedger {
    client: Client,
    table: String,
    place: Place,
}

impl DynamoLedger {
    /// Uses a table, which must be there already: see [`Self::create_table`].
    #[must_use]
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self {
            client: Client::new(aws.config()),
            table: table.to_owned(),
            place: Place::new(format!("the ledger in the DynamoDB table {table}")),
        }
    }

    fn no_such_batch(&self, id: &BatchId) -> StoreError {
        self.place.missing(format!("batch {id}"))
    }
}

#[async_trait]
impl Ledger for DynamoLedger {
    async fn create_campaign(&self, record: &CampaignRecord) -> Result<Option<CampaignRecord>, StoreError> {
        self.put_new_campaign(record).await
    }

    async fn campaign(&self, id: &CampaignId) -> Result<Option<CampaignRecord>, StoreError> {
        self.get_item(keys::campaign(id)).await?.map(|item| self.read(item)).transpose()
    }

    async fn campaigns(&self) -> Result<Vec<CampaignRecord>, StoreError> {
        let items = self.query(keys::CAMPAIGNS, "").await?;
        let mut campaigns: Vec<CampaignRecord> =
            items.into_iter().map(|item| self.read(item)).collect::<Result<_, _>>()?;
        campaigns.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        Ok(campaigns)
    }

    async fn update_campaign(&self, was: &CampaignRecord, record: &CampaignRecord) -> Result<(), StoreError> {
        self.put_known_campaign(was, record).await
    }

    async fn add_batches(&self, batches: &[BatchRecord]) -> Result<(), StoreError> {
        self.put_new_batches(batches).await
    }

    async fn batches(&self, campaign: &CampaignId) -> Result<Vec<BatchRecord>, StoreError> {
        let items = self.query(&keys::campaign_partition(campaign), keys::BATCH).await?;
        items.into_iter().map(|item| self.read(item)).collect()
    }

    async fn batch(&self, id: &BatchId) -> Result<Option<BatchRecord>, StoreError> {
        self.batch_item(id).await?.map(|item| self.read(item)).transpose()
    }

    async fn set_batch_state(
        &self,
        id: &BatchId,
        state: BatchState,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        self.write_batch_state(id, None, state, message).await
    }

    async fn change_batch_state(
        &self,
        was: &BatchRecord,
        state: BatchState,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        self.write_batch_state(&was.id, Some(was), state, message).await
    }

    async fn note_interruption(
        &self,
        id: &BatchId,
        job: &JobId,
        outcomes: u32,
        reason: &str,
    ) -> Result<Interruptions, StoreError> {
        self.count_interruption(id, job, outcomes, reason).await
    }

    async fn claim(
        &self,
        id: &BatchId,
        holder: &str,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Claim, StoreError> {
        self.write_claim(id, holder, now, lease).await
    }

    async fn renew(
        &self,
        id: &BatchId,
        attempt: u32,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<(), StoreError> {
        self.write_renewal(id, attempt, now, lease).await
    }

    async fn release(&self, id: &BatchId, attempt: u32) -> Result<(), StoreError> {
        self.write_release(id, attempt).await
    }

    async fn begin_trial(
        &self,
        batch: &BatchId,
        attempt: u32,
        run_id: &RunId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.put_start(batch, attempt, run_id, now).await
    }

    async fn put_off_trial(&self, batch: &BatchId, attempt: u32, run_id: &RunId) -> Result<(), StoreError> {
        self.delete_start(batch, attempt, run_id).await
    }

    async fn lost_seconds(&self, batch: &BatchId, run_id: &RunId) -> Result<f64, StoreError> {
        self.sum_lost_seconds(batch, run_id).await
    }

    async fn lost_tries(&self, batch: &BatchId) -> Result<BTreeMap<RunId, u32>, StoreError> {
        self.count_lost_tries(batch).await
    }

    async fn checkpoint(&self, batch: &BatchId, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.put_checkpoint(batch, checkpoint).await
    }

    async fn checkpoints(&self, batch: &BatchId) -> Result<BTreeMap<RunId, Checkpoint>, StoreError> {
        let items = self.query(&keys::batch_partition(batch), keys::RUN).await?;
        let read = |item| self.read(item).map(|c: Checkpoint| (c.run_id.clone(), c));
        items.into_iter().map(read).collect()
    }

    async fn forget_failures(&self, campaign: &CampaignId) -> Result<u64, StoreError> {
        self.delete_failures(campaign).await
    }

    async fn take_key(&self, key: &str, now: DateTime<Utc>, keep: TimeDelta) -> Result<bool, StoreError> {
        self.put_key(key, now, keep).await
    }

    async fn give_key_back(&self, key: &str) -> Result<(), StoreError> {
        self.delete_key(key).await
    }
}
