//! Telemetry in PostgreSQL.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::RunId;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, FromRow, query, query_as};

use super::PostgresResults;
use crate::StoreError;
use crate::ports::telemetry::{Sample, Source, Telemetry};
use crate::rollup_rows::Unreadable;

/// Rows in one statement.
const CHUNK: usize = 10_000;

#[derive(FromRow)]
struct SampleRow {
    run_id: String,
    source: String,
    device: i64,
    metric: String,
    at: DateTime<Utc>,
    value: f64,
}

impl TryFrom<SampleRow> for Sample {
    type Error = Unreadable;

    fn try_from(row: SampleRow) -> Result<Self, Unreadable> {
        let source = Source::named(&row.source).ok_or_else(|| format!("the source `{}`", row.source))?;
        let device = u32::try_from(row.device)?;
        let run_id = row.run_id.parse()?;
        Ok(Self { run_id, source, device, metric: row.metric, at: row.at, value: row.value })
    }
}

#[async_trait]
impl Telemetry for PostgresResults {
    async fn insert_samples(&self, samples: &[Sample]) -> Result<u64, StoreError> {
        self.server
            .ask(async |mut connection| {
                let mut transaction = connection.begin().await?;
                let mut new = 0;
                for chunk in samples.chunks(CHUNK) {
                    new += insert(&mut transaction, chunk).await?;
                }
                transaction.commit().await.map(|()| new)
            })
            .await
    }

    async fn samples(&self, run: &RunId) -> Result<Vec<Sample>, StoreError> {
        let select = query_as::<_, SampleRow>;
        let rows = self
            .server
            .ask(async |mut connection| {
                select(include_str!("sql/select_samples.sql"))
                    .bind(run.as_str())
                    .fetch_all(&mut *connection)
                    .await
            })
            .await?;
        rows.into_iter().map(|row| row.try_into().map_err(|e| self.server.place.damaged(e))).collect()
    }

    async fn forget_samples(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        self.server
            .ask(async |mut connection| {
                query("DELETE FROM telemetry_samples WHERE at < $1")
                    .bind(before)
                    .execute(&mut *connection)
                    .await
                    .map(drop)
            })
            .await
    }
}

async fn insert(connection: &mut PgConnection, samples: &[Sample]) -> sqlx::Result<u64> {
    let done = query(include_str!("sql/insert_samples.sql"))
        .bind(samples.iter().map(|s| s.run_id.as_str()).collect::<Vec<_>>())
        .bind(samples.iter().map(|s| s.source.name()).collect::<Vec<_>>())
        .bind(samples.iter().map(|s| i64::from(s.device)).collect::<Vec<_>>())
        .bind(samples.iter().map(|s| s.metric.as_str()).collect::<Vec<_>>())
        .bind(samples.iter().map(|s| s.at).collect::<Vec<_>>())
        .bind(samples.iter().map(|s| s.value).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
