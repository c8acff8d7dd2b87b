//! The results store in a SQLite file.

use std::collections::BTreeSet;
use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::latest::LatestColumns;
use domain::{Architecture, BenchmarkResult, CampaignId, ConfigId, ModelName, RunId};
use sqlx::query::QueryAs;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{FromRow, Sqlite, query, query_as, query_scalar};

use super::database::Database;
use super::failure::Place;
use super::insert::{insert, renew_latest};
use super::instant::from_text;
use super::known_facts;
use crate::document_row::DocumentRow;
use crate::figures::FORM;
use crate::known_facts::added_model;
use crate::latest_rows::{Descriptions, LatestRow, columns};
use crate::result_row::LatestMaker;
use crate::{ResultStore, StoreError};

pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite/results");

/// Results in one SQLite file.
#[derive(Debug)]
pub struct SqliteResults {
    pub(super) database: Database,
}

impl SqliteResults {
    /// Opens the file, creating it and its folder if need be.
    ///
    /// # Errors
    /// When it cannot be opened or created, or is damaged.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let database = Database::open(path, Place::results(path), &MIGRATIONS).await?;
        Self::up_to_date(database, Utc::now().date_naive()).await
    }

    /// Opens the file to read it, also on a disk that is full.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_to_read(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let database = Database::open_to_read(path, Place::results(path), &MIGRATIONS).await?;
        match Self::up_to_date(database.clone(), Utc::now().date_naive()).await {
            // What is missing saves time, and there is no room for it.
            Err(StoreError::Full { .. }) => Ok(Self { database }),
            opened => opened,
        }
    }

    /// Brings up to date what follows from the program and not from the file. Another version may have written it.
    pub(super) async fn up_to_date(database: Database, today: NaiveDate) -> Result<Self, StoreError> {
        let failed = |e| database.place.sql(e);
        if !known_facts::are_current(&database.read).await.map_err(failed)? {
            let mut transaction = database.begin().await?;
            known_facts::write(&mut transaction, today).await.map_err(failed)?;
            renew_figures(&mut transaction).await.map_err(failed)?;
            transaction.commit().await.map_err(failed)?;
        }
        Ok(Self { database })
    }

    async fn read(
        &self,
        query: QueryAs<'_, Sqlite, DocumentRow, SqliteArguments>,
    ) -> Result<Vec<BenchmarkResult>, StoreError> {
        let rows = query.fetch(&self.database.read);
        DocumentRow::decode_each(rows).await.map_err(|e| self.database.place.sql(e))
    }
}

#[async_trait]
impl ResultStore for SqliteResults {
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError> {
        let place = &self.database.place;
        let mut transaction = self.database.begin().await?;
        let new = insert(&mut transaction, results).await.map_err(|e| place.sql(e))?;
        transaction.commit().await.map_err(|e| place.sql(e))?;
        Ok(new)
    }

    async fn latest(&self) -> Result<Vec<BenchmarkResult>, StoreError> {
        self.read(query_as(include_str!("sql/select_latest.sql"))).await
    }

    async fn latest_columns(&self) -> Result<LatestColumns, StoreError> {
        match self.latest_figures().await.map_err(|e| self.database.place.sql(e))? {
            Some(columns) => Ok(columns),
            // Another version wrote some of them.
            None => Ok(LatestColumns::from_results(&self.latest().await?)),
        }
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

    async fn note_models(
        &self,
        models: &[(ModelName, Architecture)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let place = &self.database.place;
        let rows: Vec<_> = models.iter().map(|(name, sizes)| added_model(name, sizes, now)).collect();
        let mut transaction = self.database.begin().await?;
        known_facts::upsert_models(&mut transaction, &rows).await.map_err(|e| place.sql(e))?;
        transaction.commit().await.map_err(|e| place.sql(e))
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        let place = &self.database.place;
        let revision: i64 = query_scalar("SELECT revision FROM results_revision")
            .fetch_one(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        u64::try_from(revision).map_err(|e| place.damaged(e))
    }

    async fn identity(&self) -> Result<String, StoreError> {
        query_scalar("SELECT identity FROM store_identity")
            .fetch_one(&self.database.read)
            .await
            .map_err(|e| self.database.place.sql(e))
    }
}

impl SqliteResults {
    /// All latest results as columns, of one instant; none when another version wrote some.
    async fn latest_figures(&self) -> sqlx::Result<Option<LatestColumns>> {
        let mut transaction = self.database.read.begin().await?;
        let launches = query_as("SELECT id, description FROM launches").fetch_all(&mut *transaction).await?;
        let workloads =
            query_as("SELECT id, description FROM workloads").fetch_all(&mut *transaction).await?;
        let rows = query(include_str!("sql/select_latest_columns.sql")).bind(*FORM).fetch(&mut *transaction);
        columns(rows, latest_row, &Descriptions::new(launches, workloads)).await
    }
}

/// A row of `sql/select_latest_columns.sql`.
fn latest_row(row: &SqliteRow) -> sqlx::Result<Option<LatestRow<'_>>> {
    let (texts, figures): (&str, Option<&[u8]>) = FromRow::from_row(row)?;
    let Some(figures) = figures else { return Ok(None) };
    let mut texts = texts.splitn(8, '\n');
    let mut next = || texts.next().ok_or_else(|| sqlx::Error::Decode("a text is missing".into()));
    Ok(Some(LatestRow {
        config_id: next()?,
        run_id: next()?,
        measured_at_us: from_text(next()?).map_err(|e| sqlx::Error::Decode(e.into()))?.timestamp_micros(),
        provenance: next()?,
        launch: next()?,
        workload: next()?,
        caveats: next()?,
        engine_version: next()?.strip_prefix('='),
        figures,
    }))
}

/// Renews the figures of the latest results that another version wrote, within the caller's transaction.
async fn renew_figures(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let rows: Vec<DocumentRow> =
        query_as(include_str!("sql/select_stale_latest.sql")).bind(*FORM).fetch_all(&mut *connection).await?;
    let results = DocumentRow::decode_all(&rows)?;
    let mut maker = LatestMaker::default();
    for result in &results {
        renew_latest(connection, &maker.make(result)?).await?;
    }
    Ok(())
}
