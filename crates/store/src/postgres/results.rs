//! The results store in PostgreSQL.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use domain::{BenchmarkResult, CampaignId, ConfigId, RunId};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::query::QueryAs;
use sqlx::{FromRow, Postgres, query_as, query_scalar};

use super::failure::Place;
use super::insert::insert;
use crate::open::{bad_url, without_credentials};
use crate::result_row::ResultRow;
use crate::{ResultStore, StoreError};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/core");

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Few, since every function and runner has its own and a server has about a hundred.
const CONNECTIONS: u32 = 8;

/// Results in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresResults {
    pool: PgPool,
    place: Place,
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

impl PostgresResults {
    /// Connects to a database, `postgres://USER:PASSWORD@HOST/DATABASE`. Its tables must be there.
    ///
    /// # Errors
    /// When the address is none, or the server does not answer.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let place = Place(format!("the results store at {}", without_credentials(url)));
        let options: PgConnectOptions = url.parse().map_err(|_| {
            bad_url(url, "address of a PostgreSQL database", "postgres://USER:PASSWORD@HOST/DATABASE")
        })?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(|e| place.sql(e))?;
        Ok(Self { pool, place })
    }

    /// Brings the tables up to date. A step of a deployment: never at the start of a function.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS.run(&self.pool).await.map_err(|e| self.place.migration(e))
    }

    /// How many migrations the database still lacks.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn migrations_missing(&self) -> Result<usize, StoreError> {
        let applied: sqlx::Result<Vec<i64>> =
            query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(&self.pool).await;
        let applied = match applied.map_err(|e| self.place.sql(e)) {
            Ok(versions) => versions,
            // Nobody has ever migrated it.
            Err(StoreError::Missing { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(MIGRATIONS.iter().filter(|m| !applied.contains(&m.version)).count())
    }

    async fn read(
        &self,
        query: QueryAs<'_, Postgres, DocumentRow, PgArguments>,
    ) -> Result<Vec<BenchmarkResult>, StoreError> {
        let rows = query.fetch_all(&self.pool).await.map_err(|e| self.place.sql(e))?;
        rows.into_iter().map(|row| row.read(&self.place)).collect()
    }
}

#[async_trait]
impl ResultStore for PostgresResults {
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError> {
        let rows = results.iter().map(ResultRow::new).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(|e| self.place.other(e))?;
        let mut transaction = self.pool.begin().await.map_err(|e| self.place.sql(e))?;
        let new = insert(&mut transaction, &rows).await.map_err(|e| self.place.sql(e))?;
        transaction.commit().await.map_err(|e| self.place.sql(e))?;
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
        let ids: Vec<String> = query_scalar("SELECT run_id FROM runs WHERE campaign = $1")
            .bind(campaign.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.place.sql(e))?;
        ids.into_iter().map(|id| id.parse().map_err(|e| self.place.damaged(e))).collect()
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        let revision: i64 = query_scalar("SELECT revision FROM results_revision")
            .fetch_one(&self.pool)
            .await
            .map_err(|e| self.place.sql(e))?;
        u64::try_from(revision).map_err(|e| self.place.damaged(e))
    }
}
