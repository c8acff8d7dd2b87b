//! The results store in a SQLite file.

use std::collections::BTreeSet;
use std::path::Path;

use async_trait::async_trait;
use domain::{BenchmarkResult, CampaignId, ConfigId, RunId};
use sqlx::query::QueryAs;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{FromRow, Sqlite, query, query_as, query_scalar};

use super::database::Database;
use super::failure::Place;
use super::instant;
use crate::result_row::{ResultRow, signed};
use crate::{ResultStore, StoreError};

pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite/results");

/// Results in one SQLite file.
#[derive(Debug)]
pub struct SqliteResults {
    pub(super) database: Database,
}

#[derive(FromRow)]
struct DocumentRow {
    run_id: String,
    document: String,
}

impl DocumentRow {
    fn read(self, place: &Place) -> Result<BenchmarkResult, StoreError> {
        serde_json::from_str(&self.document).map_err(|e| place.damaged(format!("run {}: {e}", self.run_id)))
    }
}

impl SqliteResults {
    /// Opens the file, creating it and its folder if need be.
    ///
    /// # Errors
    /// When it cannot be opened or created, or is damaged.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let database = Database::open(path, Place::results(path), &MIGRATIONS).await?;
        Ok(Self { database })
    }

    /// Opens the file to read it, also on a disk that is full.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_to_read(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let database = Database::open_to_read(path, Place::results(path), &MIGRATIONS).await?;
        Ok(Self { database })
    }

    async fn read(
        &self,
        query: QueryAs<'_, Sqlite, DocumentRow, SqliteArguments>,
    ) -> Result<Vec<BenchmarkResult>, StoreError> {
        let rows = query.fetch_all(&self.database.read).await.map_err(|e| self.database.place.sql(e))?;
        rows.into_iter().map(|row| row.read(&self.database.place)).collect()
    }
}

#[async_trait]
impl ResultStore for SqliteResults {
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError> {
        let place = &self.database.place;
        let rows = results.iter().map(ResultRow::new).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(|e| place.other(e))?;
        let mut transaction = self.database.begin().await?;
        let new = insert_rows(&mut transaction, &rows).await.map_err(|e| place.sql(e))?;
        transaction.commit().await.map_err(|e| place.sql(e))?;
        Ok(new)
    }

    async fn latest(&self) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.read(query_as(include_str!("sql/select_latest.sql"))).await
    }

    async fn of_campaign(&self, campaign: &CampaignId) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.read(query_as(include_str!("sql/select_of_campaign.sql")).bind(campaign.as_str())).await
    }

    async fn history(&self, config: &ConfigId) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.read(query_as(include_str!("sql/select_history.sql")).bind(config.as_str())).await
    }

    async fn run_ids(&self, campaign: &CampaignId) -> Result<BTreeSet<RunId>, StoreError> {
        let place = &self.database.place;
        let ids: Vec<String> = query_scalar("SELECT run_id FROM runs WHERE campaign = ?")
            .bind(campaign.as_str())
            .fetch_all(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        ids.into_iter().map(|id| id.parse().map_err(|e| place.damaged(e))).collect()
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        let place = &self.database.place;
        let revision: i64 = query_scalar("SELECT revision FROM results_revision")
            .fetch_one(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        u64::try_from(revision).map_err(|e| place.damaged(e))
    }
}

async fn insert_rows(connection: &mut SqliteConnection, rows: &[ResultRow<'_>]) -> sqlx::Result<u64> {
    let mut new = 0;
    for row in rows {
        // The run decides: whoever inserts it stores the result, in the same transaction.
        if insert_run(connection, row.result).await? {
            insert_result(connection, row).await?;
            upsert_latest(connection, row.result).await?;
            new += 1;
        }
    }
    query("UPDATE results_revision SET revision = revision + ?")
        .bind(signed(new))
        .execute(connection)
        .await?;
    Ok(new)
}

async fn insert_run(connection: &mut SqliteConnection, result: &BenchmarkResult) -> sqlx::Result<bool> {
    let done = query(include_str!("sql/insert_run.sql"))
        .bind(result.run_id.as_str())
        .bind(result.campaign.as_str())
        .bind(result.config_id.as_str())
        .bind(result.trial)
        .bind(result.batch.as_str())
        .bind(result.attempt)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert_result(connection: &mut SqliteConnection, row: &ResultRow<'_>) -> sqlx::Result<()> {
    let result = row.result;
    let (launch, workload) = (&result.configuration.launch, &result.configuration.workload);
    let metrics = &result.metrics;
    query(include_str!("sql/insert_result.sql"))
        .bind(result.run_id.as_str())
        .bind(instant::to_text(result.measured_at))
        .bind(result.campaign.as_str())
        .bind(result.config_id.as_str())
        .bind(result.provenance.name())
        .bind(launch.model.model.as_str())
        .bind(row.quantisation)
        .bind(&row.hardware)
        .bind(row.engine)
        .bind(result.environment.engine_version.as_deref())
        .bind(row.use_case)
        .bind(workload.input_tokens.get())
        .bind(workload.output_tokens.get())
        .bind(row.concurrency)
        .bind(metrics.ttft.p50)
        .bind(metrics.ttft.p90)
        .bind(metrics.ttft.p99)
        .bind(row.tpot.p50)
        .bind(row.tpot.p90)
        .bind(row.tpot.p99)
        .bind(row.itl.p50)
        .bind(row.itl.p90)
        .bind(row.itl.p99)
        .bind(metrics.e2e.p50)
        .bind(metrics.e2e.p90)
        .bind(metrics.e2e.p99)
        .bind(metrics.output_tps)
        .bind(metrics.total_tps)
        .bind(metrics.rps)
        .bind(metrics.tps_per_gpu)
        .bind(metrics.goodput)
        .bind(metrics.attainment)
        .bind(row.serving_usd.spot)
        .bind(row.serving_usd.on_demand)
        .bind(row.measured_usd.spot)
        .bind(row.measured_usd.on_demand)
        .bind(metrics.energy_per_tok)
        .bind(signed(result.counts.succeeded))
        .bind(signed(result.counts.failures()))
        .bind(result.charged.window_s)
        .bind(result.is_rankable())
        .bind(&row.document)
        .execute(connection)
        .await?;
    Ok(())
}

async fn upsert_latest(connection: &mut SqliteConnection, result: &BenchmarkResult) -> sqlx::Result<()> {
    query(include_str!("sql/upsert_latest.sql"))
        .bind(result.config_id.as_str())
        .bind(result.provenance.name())
        .bind(result.run_id.as_str())
        .bind(instant::to_text(result.measured_at))
        .bind(result.is_rankable())
        .execute(connection)
        .await?;
    Ok(())
}
