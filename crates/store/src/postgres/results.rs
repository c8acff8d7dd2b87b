//! The results store in PostgreSQL.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::latest::LatestColumns;
use domain::{Architecture, BenchmarkResult, CampaignId, ConfigId, ModelName, RunId};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Executor, FromRow, query_as, query_scalar};

use super::insert::{insert, lock_writers, renew_latest};
use super::known_facts;
use super::mode::{Mode, make_hypertables};
use super::server::{Connection, Server};
use crate::document_row::DocumentRow;
use crate::figures::FORM;
use crate::known_facts::added_model;
use crate::latest_rows::{Descriptions, LatestRow, columns};
use crate::result_row::LatestMaker;
use crate::{ResultStore, StoreError};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/core");

/// Longest that migrating may take: rows that are there may have to be moved.
const MIGRATION_TIMEOUT: Duration = Duration::from_secs(6 * 3600);

/// What storing a result may take on top of a call.
const RESULT_TIMEOUT: Duration = Duration::from_millis(2);

/// Latest results whose figures are renewed together.
const RENEWED: i64 = 1_000;

/// Results in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresResults {
    pub(super) server: Server,
}

impl PostgresResults {
    /// Connects to a database, `postgres://USER:PASSWORD@HOST/DATABASE`. Its tables must be there.
    ///
    /// # Errors
    /// When the address is none, or the server does not answer.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(Self { server: Server::connect(url).await? })
    }

    /// Waits at most so long for an answer, instead of about a minute.
    #[must_use]
    pub const fn patient_for(mut self, patience: Duration) -> Self {
        self.server.patience = patience;
        self
    }

    /// Brings the tables up to date, makes hypertables where TimescaleDB is there, and takes over what the program
    /// knows. A step of a deployment: never at the start of a function.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn migrate(&self, today: NaiveDate) -> Result<(), StoreError> {
        let place = &self.server.place;
        let migrated = tokio::time::timeout(MIGRATION_TIMEOUT, self.migrate_unbounded(today)).await;
        migrated.unwrap_or_else(|_| Err(place.unavailable("migrating took more than six hours")))
    }

    async fn migrate_unbounded(&self, today: NaiveDate) -> Result<(), StoreError> {
        let failed = |e| self.server.place.sql(e);
        // A connection of its own, since its limits are lifted.
        let mut connection = self.server.connection().await.map_err(failed)?.detach();
        connection
            .execute("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            .await
            .map_err(failed)?;
        MIGRATIONS.run(&mut connection).await.map_err(|e| self.server.place.migration(e))?;
        self.after_tables(&mut connection, today).await.map_err(failed)
    }

    async fn after_tables(&self, connection: &mut PgConnection, today: NaiveDate) -> sqlx::Result<()> {
        // Several may migrate at once.
        connection.execute("SELECT pg_advisory_lock(hashtext('assay db migrate'))").await?;
        make_hypertables(connection).await?;
        connection.execute("BEGIN").await?;
        known_facts::write(connection, today).await?;
        connection.execute("COMMIT").await?;
        while renew_some(connection).await? {}
        Ok(())
    }

    /// What kind of database it is.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn mode(&self) -> Result<Mode, StoreError> {
        self.server.ask(async |mut connection| Mode::of(&mut connection).await).await
    }

    /// Whether the database knows what this program knows. Its tables must be there.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn knows_facts(&self) -> Result<bool, StoreError> {
        self.server.ask(known_facts::are_current).await
    }

    /// How many migrations the database still lacks.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn migrations_missing(&self) -> Result<usize, StoreError> {
        let applied = self
            .server
            .ask(async |mut connection| {
                query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                    .fetch_all(&mut *connection)
                    .await
            })
            .await;
        let applied: Vec<i64> = match applied {
            Ok(versions) => versions,
            // Nobody has ever migrated it.
            Err(StoreError::Missing { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(MIGRATIONS.iter().filter(|m| !applied.contains(&m.version)).count())
    }
}

#[async_trait]
impl ResultStore for PostgresResults {
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError> {
        let count = u32::try_from(results.len()).unwrap_or(u32::MAX);
        self.server.ask_longer(RESULT_TIMEOUT * count, |connection| insert_all(connection, results)).await
    }

    async fn latest(&self) -> Result<Vec<BenchmarkResult>, StoreError> {
        let select = || query_as(include_str!("sql/select_latest.sql"));
        self.server
            .ask(async |mut connection| DocumentRow::decode_each(select().fetch(&mut *connection)).await)
            .await
    }

    async fn latest_columns(&self) -> Result<LatestColumns, StoreError> {
        match self.server.ask(latest_columns).await? {
            Some(columns) => Ok(columns),
            // Another version wrote some of them.
            None => Ok(LatestColumns::from_results(&self.latest().await?)),
        }
    }

    async fn of_campaign(&self, campaign: &CampaignId) -> Result<Vec<BenchmarkResult>, StoreError> {
        let select = || query_as(include_str!("sql/select_of_campaign.sql")).bind(campaign.as_str());
        self.server
            .ask(async |mut connection| DocumentRow::decode_each(select().fetch(&mut *connection)).await)
            .await
    }

    async fn history(&self, config: &ConfigId) -> Result<Vec<BenchmarkResult>, StoreError> {
        let select = || query_as(include_str!("sql/select_history.sql")).bind(config.as_str());
        self.server
            .ask(async |mut connection| DocumentRow::decode_each(select().fetch(&mut *connection)).await)
            .await
    }

    async fn run_ids(&self, campaign: &CampaignId) -> Result<BTreeSet<RunId>, StoreError> {
        let ids: Vec<String> = self
            .server
            .ask(async |mut connection| {
                let select = query_scalar("SELECT run_id FROM runs WHERE campaign = $1");
                select.bind(campaign.as_str()).fetch_all(&mut *connection).await
            })
            .await?;
        ids.into_iter().map(|id| id.parse().map_err(|e| self.server.place.damaged(e))).collect()
    }

    async fn note_models(
        &self,
        models: &[(ModelName, Architecture)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let rows = || models.iter().map(|(name, sizes)| added_model(name, sizes, now)).collect();
        self.server
            .ask(async |mut connection| known_facts::upsert_models(&mut connection, rows()).await)
            .await
    }

    async fn revision(&self) -> Result<u64, StoreError> {
        let revision: i64 = self
            .server
            .ask(async |mut connection| {
                query_scalar("SELECT revision FROM results_revision").fetch_one(&mut *connection).await
            })
            .await?;
        u64::try_from(revision).map_err(|e| self.server.place.damaged(e))
    }

    async fn identity(&self) -> Result<String, StoreError> {
        self.server
            .ask(async |mut connection| {
                query_scalar("SELECT identity FROM store_identity").fetch_one(&mut *connection).await
            })
            .await
    }
}

async fn insert_all(mut connection: Connection, results: &[BenchmarkResult]) -> sqlx::Result<u64> {
    let mut transaction = connection.begin().await?;
    let new = insert(&mut transaction, results).await?;
    transaction.commit().await?;
    Ok(new)
}

#[derive(FromRow)]
struct LatestColumnsRow<'r> {
    config_id: &'r str,
    run_id: &'r str,
    measured_at: DateTime<Utc>,
    provenance: &'r str,
    launch: &'r str,
    workload: &'r str,
    engine_version: Option<&'r str>,
    caveats: &'r str,
    figures: &'r [u8],
    figures_form: i64,
}

/// All of them as columns, of one instant; none when another version wrote some.
async fn latest_columns(mut connection: Connection) -> sqlx::Result<Option<LatestColumns>> {
    let mut transaction = connection.begin().await?;
    transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
    let launches =
        query_as("SELECT id, description::text FROM launches").fetch_all(&mut *transaction).await?;
    let workloads =
        query_as("SELECT id, description::text FROM workloads").fetch_all(&mut *transaction).await?;
    let rows = sqlx::query(include_str!("sql/select_latest_columns.sql")).fetch(&mut *transaction);
    columns(rows, latest_row, &Descriptions::new(launches, workloads)).await
}

fn latest_row(row: &PgRow) -> sqlx::Result<Option<LatestRow<'_>>> {
    let row = LatestColumnsRow::from_row(row)?;
    Ok((row.figures_form == *FORM).then_some(LatestRow {
        config_id: row.config_id,
        run_id: row.run_id,
        measured_at_us: row.measured_at.timestamp_micros(),
        provenance: row.provenance,
        launch: row.launch,
        workload: row.workload,
        engine_version: row.engine_version,
        caveats: row.caveats,
        figures: row.figures,
    }))
}

/// Renews the figures of some latest results that another version wrote. Whether there were any.
async fn renew_some(connection: &mut PgConnection) -> sqlx::Result<bool> {
    connection.execute("BEGIN").await?;
    lock_writers(connection).await?;
    let rows: Vec<DocumentRow> = query_as(include_str!("sql/select_stale_latest.sql"))
        .bind(*FORM)
        .bind(RENEWED)
        .fetch_all(&mut *connection)
        .await?;
    let results = DocumentRow::decode_all(&rows)?;
    let mut maker = LatestMaker::default();
    let latest: Vec<_> = results.iter().map(|result| maker.make(result)).collect::<sqlx::Result<_>>()?;
    if !latest.is_empty() {
        renew_latest(connection, &latest).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(!latest.is_empty())
}
