//! Telemetry in a SQLite file.

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use domain::RunId;
use sqlx::{FromRow, query, query_as};

use super::SqliteResults;
use super::instant::{from_text, to_text};
use crate::StoreError;
use crate::ports::telemetry::{Sample, Source, Telemetry};
use crate::rollup_rows::Unreadable;

#[derive(FromRow)]
struct SampleRow {
    run_id: String,
    source: String,
    device: u32,
    metric: String,
    at: String,
    value: f64,
}

impl TryFrom<SampleRow> for Sample {
    type Error = Unreadable;

    fn try_from(row: SampleRow) -> Result<Self, Unreadable> {
        let source = Source::named(&row.source).ok_or_else(|| format!("the source `{}`", row.source))?;
        let (run_id, at) = (row.run_id.parse()?, from_text(&row.at)?);
        Ok(Self { run_id, source, device: row.device, metric: row.metric, at, value: row.value })
    }
}

#[async_trait]
impl Telemetry for SqliteResults {
    async fn insert_samples(&self, samples: &[Sample]) -> Result<u64, StoreError> {
        let failed = |e| self.database.place.sql(e);
        let mut transaction = self.database.begin().await?;
        let mut new = 0;
        for sample in samples {
            let done = query(include_str!("sql/insert_sample.sql"))
                .bind(sample.run_id.as_str())
                .bind(sample.source.name())
                .bind(sample.device)
                .bind(&sample.metric)
                .bind(to_text(sample.at.trunc_subsecs(6)))
                .bind(sample.value)
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
            new += done.rows_affected();
        }
        transaction.commit().await.map_err(failed)?;
        Ok(new)
    }

    async fn samples(&self, run: &RunId) -> Result<Vec<Sample>, StoreError> {
        let place = &self.database.place;
        let rows: Vec<SampleRow> = query_as(include_str!("sql/select_samples.sql"))
            .bind(run.as_str())
            .fetch_all(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        rows.into_iter().map(|row| row.try_into().map_err(|e| place.damaged(e))).collect()
    }

    async fn forget_samples(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let failed = |e| self.database.place.sql(e);
        let mut transaction = self.database.begin().await?;
        query("DELETE FROM telemetry_samples WHERE at < ?")
            .bind(to_text(before))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }
}
