//! The ledger in a SQLite file.

use std::collections::BTreeMap;
use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{BatchId, CampaignId, Engine, JobId, RunId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction, query, query_as, query_scalar};

use super::database::Database;
use super::failure::Place;
use super::instant::{from_text, to_text};
use super::interruptions::note_interruption;
use super::ledger_rows::{
    BatchRow, CampaignRow, CheckpointRow, LeaseRow, LostStartRow, batch_state_name, campaign_state_name,
    outcome_columns, position,
};
use crate::result_row::signed;
use crate::{BatchRecord, BatchState, CampaignRecord, Checkpoint, Claim, Interruptions, Ledger, StoreError};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite/ledger");

/// The ledger in one SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    pub(super) database: Database,
}

impl SqliteLedger {
    /// Opens the file, creating it and its folder if need be.
    ///
    /// # Errors
    /// When it cannot be opened or created, or is damaged.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let database = Database::open(path, Place::ledger(path), &MIGRATIONS).await?;
        Ok(Self { database })
    }

    /// Opens the file to read it, also on a disk that is full.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_to_read(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let database = Database::open_to_read(path, Place::ledger(path), &MIGRATIONS).await?;
        Ok(Self { database })
    }

    fn failed(&self) -> impl Fn(sqlx::Error) -> StoreError + '_ {
        |error| self.database.place.sql(error)
    }

    fn no_such_batch(&self, id: &BatchId) -> StoreError {
        self.database.place.missing(format!("batch {id}"))
    }

    async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), StoreError> {
        transaction.commit().await.map_err(self.failed())
    }

    /// Sets the state of a batch, of one that is known only while it is as it was.
    async fn write_batch_state(
        &self,
        id: &BatchId,
        was: Option<&BatchRecord>,
        state: BatchState,
        message: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let done = query(include_str!("sql/set_batch_state.sql"))
            .bind(batch_state_name(state))
            .bind(message)
            .bind(id.as_str())
            .bind(was.map(|batch| batch_state_name(batch.state)))
            .bind(was.map(|batch| batch.submissions))
            .execute(&mut *transaction)
            .await
            .map_err(self.failed())?;
        if done.rows_affected() == 0 {
            return Err(self.no_such_batch(id));
        }
        self.commit(transaction).await
    }

    /// Refuses an attempt that is not the current one. It stays so until the transaction ends.
    async fn fence(
        &self,
        connection: &mut SqliteConnection,
        batch: &BatchId,
        attempt: u32,
    ) -> Result<(), StoreError> {
        let current: Option<(u32, bool)> =
            query_as("SELECT attempt, holder IS NOT NULL FROM batches WHERE id = ?")
                .bind(batch.as_str())
                .fetch_optional(connection)
                .await
                .map_err(self.failed())?;
        match current {
            None => Err(self.no_such_batch(batch)),
            Some((current, true)) if current == attempt => Ok(()),
            Some(_) => Err(StoreError::Fenced { batch: batch.clone(), attempt }),
        }
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn create_campaign(&self, record: &CampaignRecord) -> Result<Option<CampaignRecord>, StoreError> {
        let mut transaction = self.database.begin().await?;
        let created = insert_campaign(&mut transaction, record).await.map_err(self.failed())?;
        let existing = if created {
            None
        } else {
            select_campaign(&mut *transaction, &record.id).await.map_err(self.failed())?
        };
        self.commit(transaction).await?;
        existing.map(|row| row.into_record(&self.database.place)).transpose()
    }

    async fn campaign(&self, id: &CampaignId) -> Result<Option<CampaignRecord>, StoreError> {
        let row = select_campaign(&self.database.read, id).await.map_err(self.failed())?;
        row.map(|row| row.into_record(&self.database.place)).transpose()
    }

    async fn campaigns(&self) -> Result<Vec<CampaignRecord>, StoreError> {
        let rows: Vec<CampaignRow> = query_as("SELECT * FROM campaigns ORDER BY created_at DESC, id")
            .fetch_all(&self.database.read)
            .await
            .map_err(self.failed())?;
        rows.into_iter().map(|row| row.into_record(&self.database.place)).collect()
    }

    async fn update_campaign(&self, was: &CampaignRecord, record: &CampaignRecord) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        if !update_campaign(&mut transaction, was, record).await.map_err(self.failed())? {
            let what = format!("campaign {}", record.id);
            let there = select_campaign(&mut *transaction, &record.id).await.map_err(self.failed())?;
            return Err(match there {
                Some(_) => StoreError::Changed { what },
                None => self.database.place.missing(what),
            });
        }
        self.commit(transaction).await
    }

    async fn add_batches(&self, batches: &[BatchRecord]) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for batch in batches {
            insert_batch(&mut transaction, batch).await.map_err(self.failed())?;
        }
        self.commit(transaction).await
    }

    async fn batches(&self, campaign: &CampaignId) -> Result<Vec<BatchRecord>, StoreError> {
        let rows: Vec<BatchRow> = query_as("SELECT * FROM batches WHERE campaign = ? ORDER BY position, id")
            .bind(campaign.as_str())
            .fetch_all(&self.database.read)
            .await
            .map_err(self.failed())?;
        rows.into_iter().map(|row| row.into_record(&self.database.place)).collect()
    }

    async fn batch(&self, id: &BatchId) -> Result<Option<BatchRecord>, StoreError> {
        let row: Option<BatchRow> = query_as("SELECT * FROM batches WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.database.read)
            .await
            .map_err(self.failed())?;
        row.map(|row| row.into_record(&self.database.place)).transpose()
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
        match self.write_batch_state(&was.id, Some(was), state, message).await {
            Err(StoreError::Missing { .. }) if self.batch(&was.id).await?.is_some() => {
                Err(StoreError::Changed { what: format!("batch {}", was.id) })
            }
            written => written,
        }
    }

    async fn note_interruption(
        &self,
        id: &BatchId,
        job: &JobId,
        outcomes: u32,
        reason: &str,
    ) -> Result<Interruptions, StoreError> {
        let mut transaction = self.database.begin().await?;
        let noted = note_interruption(&mut transaction, id, job, outcomes, reason)
            .await
            .map_err(self.failed())?
            .ok_or_else(|| self.no_such_batch(id))?;
        self.commit(transaction).await?;
        Ok(noted)
    }

    async fn claim(
        &self,
        id: &BatchId,
        holder: &str,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Claim, StoreError> {
        // Two runners may claim at once; the transaction has the write lock, so the second one reads what
        // the first one wrote.
        let mut transaction = self.database.begin().await?;
        let row: Option<LeaseRow> = query_as("SELECT holder, lease_until FROM batches WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&mut *transaction)
            .await
            .map_err(self.failed())?;
        let row = row.ok_or_else(|| self.no_such_batch(id))?;
        if let (Some(holder), Some(until)) = (row.holder, row.lease_until) {
            let until = from_text(&until).map_err(|e| self.database.place.damaged(e))?;
            if now < until {
                return Ok(Claim::Held { holder, until });
            }
        }
        let attempt = grant(&mut transaction, id, holder, now, lease).await.map_err(self.failed())?;
        self.commit(transaction).await?;
        Ok(Claim::Granted { attempt })
    }

    async fn renew(
        &self,
        id: &BatchId,
        attempt: u32,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.fence(&mut transaction, id, attempt).await?;
        extend(&mut transaction, id, attempt, now, lease).await.map_err(self.failed())?;
        self.commit(transaction).await
    }

    async fn release(&self, id: &BatchId, attempt: u32) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        release(&mut transaction, id, attempt).await.map_err(self.failed())?;
        self.commit(transaction).await
    }

    async fn begin_trial(
        &self,
        batch: &BatchId,
        attempt: u32,
        run_id: &RunId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.fence(&mut transaction, batch, attempt).await?;
        query(include_str!("sql/insert_trial_start.sql"))
            .bind(batch.as_str())
            .bind(run_id.as_str())
            .bind(attempt)
            .bind(to_text(now))
            .execute(&mut *transaction)
            .await
            .map_err(self.failed())?;
        self.commit(transaction).await
    }

    async fn put_off_trial(&self, batch: &BatchId, attempt: u32, run_id: &RunId) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.fence(&mut transaction, batch, attempt).await?;
        delete_trial_start(&mut transaction, batch, attempt, run_id).await.map_err(self.failed())?;
        self.commit(transaction).await
    }

    async fn lost_seconds(&self, batch: &BatchId, run_id: &RunId) -> Result<f64, StoreError> {
        let rows: Vec<LostStartRow> = query_as(include_str!("sql/select_lost_starts.sql"))
            .bind(batch.as_str())
            .bind(run_id.as_str())
            .fetch_all(&self.database.read)
            .await
            .map_err(self.failed())?;
        // Not `sum`, which is -0.0 for no rows.
        rows.iter().try_fold(0.0, |lost, row| Ok(lost + row.seconds(&self.database.place)?))
    }

    async fn lost_tries(&self, batch: &BatchId) -> Result<BTreeMap<RunId, u32>, StoreError> {
        let rows: Vec<(String, u32)> = query_as(include_str!("sql/select_lost_tries.sql"))
            .bind(batch.as_str())
            .fetch_all(&self.database.read)
            .await
            .map_err(self.failed())?;
        let read = |(run, tries): (String, u32)| {
            let run = run.parse().map_err(|e| self.database.place.damaged(e))?;
            Ok((run, tries))
        };
        rows.into_iter().map(read).collect()
    }

    async fn checkpoint(&self, batch: &BatchId, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        self.fence(&mut transaction, batch, checkpoint.attempt).await?;
        upsert_checkpoint(&mut transaction, batch, checkpoint).await.map_err(self.failed())?;
        self.commit(transaction).await
    }

    async fn checkpoints(&self, batch: &BatchId) -> Result<BTreeMap<RunId, Checkpoint>, StoreError> {
        let rows: Vec<CheckpointRow> = query_as("SELECT * FROM checkpoints WHERE batch = ?")
            .bind(batch.as_str())
            .fetch_all(&self.database.read)
            .await
            .map_err(self.failed())?;
        rows.into_iter()
            .map(|row| row.into_checkpoint(&self.database.place).map(|c| (c.run_id.clone(), c)))
            .collect()
    }

    async fn forget_failures(&self, campaign: &CampaignId) -> Result<u64, StoreError> {
        let mut transaction = self.database.begin().await?;
        let forgotten = forget_failures(&mut transaction, campaign).await.map_err(self.failed())?;
        self.commit(transaction).await?;
        Ok(forgotten)
    }

    async fn take_key(&self, key: &str, now: DateTime<Utc>, keep: TimeDelta) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let taken = query(include_str!("sql/take_key.sql"))
            .bind(key)
            .bind(to_text(now + keep))
            .bind(to_text(now))
            .execute(&mut *transaction)
            .await
            .map_err(self.failed())?;
        query("DELETE FROM idempotency_keys WHERE expires_at <= ?")
            .bind(to_text(now))
            .execute(&mut *transaction)
            .await
            .map_err(self.failed())?;
        self.commit(transaction).await?;
        Ok(taken.rows_affected() == 1)
    }

    async fn give_key_back(&self, key: &str) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        query("DELETE FROM idempotency_keys WHERE key = ?")
            .bind(key)
            .execute(&mut *transaction)
            .await
            .map_err(self.failed())?;
        self.commit(transaction).await
    }
}

async fn insert_campaign(connection: &mut SqliteConnection, record: &CampaignRecord) -> sqlx::Result<bool> {
    let done = query(include_str!("sql/insert_campaign.sql"))
        .bind(record.id.as_str())
        .bind(&record.name)
        .bind(campaign_state_name(record.state))
        .bind(record.request)
        .bind(signed(record.feasible))
        .bind(signed(record.infeasible))
        .bind(record.message.as_deref())
        .bind(to_text(record.created_at))
        .bind(to_text(record.updated_at))
        .bind(record.end_is_untold)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn select_campaign(
    executor: impl sqlx::Executor<'_, Database = Sqlite>,
    id: &CampaignId,
) -> sqlx::Result<Option<CampaignRow>> {
    query_as("SELECT * FROM campaigns WHERE id = ?").bind(id.as_str()).fetch_optional(executor).await
}

async fn update_campaign(
    connection: &mut SqliteConnection,
    was: &CampaignRecord,
    record: &CampaignRecord,
) -> sqlx::Result<bool> {
    let done = query(include_str!("sql/update_campaign.sql"))
        .bind(&record.name)
        .bind(campaign_state_name(record.state))
        .bind(record.request)
        .bind(signed(record.feasible))
        .bind(signed(record.infeasible))
        .bind(record.message.as_deref())
        .bind(to_text(record.created_at))
        .bind(to_text(record.updated_at))
        .bind(record.end_is_untold)
        .bind(record.id.as_str())
        .bind(campaign_state_name(was.state))
        .bind(was.request)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert_batch(connection: &mut SqliteConnection, batch: &BatchRecord) -> sqlx::Result<()> {
    query(include_str!("sql/insert_batch.sql"))
        .bind(batch.id.as_str())
        .bind(batch.campaign.as_str())
        .bind(position(&batch.id))
        .bind(batch.trials)
        .bind(batch.gpu_count)
        .bind(batch.place.map(|place| place.hardware.to_string()))
        .bind(batch.place.and_then(|place| place.engine).map(Engine::name))
        .bind(batch.forecast_s)
        .bind(batch.forecast_usd)
        .bind(batch_state_name(batch.state))
        .bind(batch.attempt)
        .bind(batch.fruitless_jobs)
        .bind(batch.submissions)
        .bind(batch.message.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}

async fn grant(
    connection: &mut SqliteConnection,
    id: &BatchId,
    holder: &str,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> sqlx::Result<u32> {
    let attempt: u32 = query_scalar(include_str!("sql/claim_batch.sql"))
        .bind(holder)
        .bind(to_text(now + lease))
        .bind(id.as_str())
        .fetch_one(&mut *connection)
        .await?;
    query(include_str!("sql/insert_attempt.sql"))
        .bind(id.as_str())
        .bind(attempt)
        .bind(holder)
        .bind(to_text(now))
        .execute(connection)
        .await?;
    Ok(attempt)
}

async fn extend(
    connection: &mut SqliteConnection,
    id: &BatchId,
    attempt: u32,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> sqlx::Result<()> {
    query(include_str!("sql/renew_lease.sql"))
        .bind(to_text(now + lease))
        .bind(id.as_str())
        .bind(attempt)
        .execute(&mut *connection)
        .await?;
    query("UPDATE attempts SET renewed_at = ? WHERE batch = ? AND attempt = ?")
        .bind(to_text(now))
        .bind(id.as_str())
        .bind(attempt)
        .execute(connection)
        .await?;
    Ok(())
}

async fn release(connection: &mut SqliteConnection, id: &BatchId, attempt: u32) -> sqlx::Result<()> {
    let released = query(include_str!("sql/release_batch.sql"))
        .bind(id.as_str())
        .bind(attempt)
        .execute(&mut *connection)
        .await?;
    if released.rows_affected() == 1 {
        query("UPDATE attempts SET excused = 1 WHERE batch = ? AND attempt = ?")
            .bind(id.as_str())
            .bind(attempt)
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn upsert_checkpoint(
    connection: &mut SqliteConnection,
    batch: &BatchId,
    checkpoint: &Checkpoint,
) -> sqlx::Result<()> {
    let (outcome, reason) = outcome_columns(&checkpoint.outcome);
    query(include_str!("sql/upsert_checkpoint.sql"))
        .bind(batch.as_str())
        .bind(checkpoint.run_id.as_str())
        .bind(checkpoint.config_id.as_str())
        .bind(outcome)
        .bind(reason)
        .bind(checkpoint.attempt)
        .bind(to_text(checkpoint.at))
        .bind(checkpoint.usd)
        .bind(checkpoint.machine_s)
        .execute(&mut *connection)
        .await?;
    // What came to an outcome was not lost.
    delete_trial_start(connection, batch, checkpoint.attempt, &checkpoint.run_id).await
}

async fn delete_trial_start(
    connection: &mut SqliteConnection,
    batch: &BatchId,
    attempt: u32,
    run_id: &RunId,
) -> sqlx::Result<()> {
    query("DELETE FROM trial_starts WHERE batch = ? AND run_id = ? AND attempt = ?")
        .bind(batch.as_str())
        .bind(run_id.as_str())
        .bind(attempt)
        .execute(connection)
        .await?;
    Ok(())
}

async fn forget_failures(connection: &mut SqliteConnection, campaign: &CampaignId) -> sqlx::Result<u64> {
    // Batches first: a finished batch is known by its failures.
    query(include_str!("sql/revive_batches.sql")).bind(campaign.as_str()).execute(&mut *connection).await?;
    query("UPDATE attempts SET excused = 1 WHERE batch IN (SELECT id FROM batches WHERE campaign = ?)")
        .bind(campaign.as_str())
        .execute(&mut *connection)
        .await?;
    let deleted =
        query(include_str!("sql/delete_failures.sql")).bind(campaign.as_str()).execute(connection).await?;
    Ok(deleted.rows_affected())
}
