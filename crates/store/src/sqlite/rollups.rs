//! Rollups in a SQLite file.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as, query_scalar};

use super::SqliteResults;
use super::instant::to_text;
use crate::StoreError;
use crate::ports::rollups::{DailyStats, PublishedRanking, Rollups, Suitability};
use crate::result_row::signed;
use crate::rollup_rows::{self, DailyRow, Place, PlaceRow, SuitabilityRow, places};

#[async_trait]
impl Rollups for SqliteResults {
    async fn refresh_daily_stats(&self) -> Result<u64, StoreError> {
        let failed = |e| self.database.place.sql(e);
        let mut transaction = self.database.begin().await?;
        let stale: Vec<String> = query_scalar("SELECT day FROM stale_days ORDER BY day")
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed)?;
        for day in &stale {
            refresh_day(&mut transaction, day).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(stale.len() as u64)
    }

    async fn daily_stats(&self, since: NaiveDate) -> Result<Vec<DailyStats>, StoreError> {
        let place = &self.database.place;
        let rows: Vec<DailyRow> = query_as(include_str!("sql/select_daily_stats.sql"))
            .bind(since.to_string())
            .fetch_all(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        rows.into_iter().map(|row| row.try_into().map_err(|e| place.damaged(e))).collect()
    }

    async fn publish_rankings(
        &self,
        revision: u64,
        rankings: &[PublishedRanking],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let failed = |e| self.database.place.sql(e);
        let mut transaction = self.database.begin().await?;
        query("DELETE FROM model_rankings WHERE revision = ?")
            .bind(signed(revision))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        for place in places(rankings) {
            insert_place(&mut transaction, revision, &place, now).await.map_err(failed)?;
        }
        query("DELETE FROM model_use_cases").execute(&mut *transaction).await.map_err(failed)?;
        query(include_str!("sql/insert_suitabilities.sql"))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    async fn rankings(&self, revision: u64) -> Result<Vec<PublishedRanking>, StoreError> {
        let place = &self.database.place;
        let rows: Vec<PlaceRow> = query_as(include_str!("sql/select_rankings.sql"))
            .bind(signed(revision))
            .fetch_all(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        rollup_rows::rankings(rows).map_err(|e| place.damaged(e))
    }

    async fn suitabilities(&self) -> Result<Vec<Suitability>, StoreError> {
        let place = &self.database.place;
        let rows: Vec<SuitabilityRow> = query_as(include_str!("sql/select_suitabilities.sql"))
            .fetch_all(&self.database.read)
            .await
            .map_err(|e| place.sql(e))?;
        rows.into_iter().map(|row| row.try_into().map_err(|e| place.damaged(e))).collect()
    }
}

async fn refresh_day(connection: &mut SqliteConnection, day: &str) -> sqlx::Result<()> {
    query("DELETE FROM stale_days WHERE day = ?").bind(day).execute(&mut *connection).await?;
    query("DELETE FROM daily_model_stats WHERE day = ?").bind(day).execute(&mut *connection).await?;
    query(include_str!("sql/insert_day.sql")).bind(day).execute(connection).await?;
    Ok(())
}

async fn insert_place(
    connection: &mut SqliteConnection,
    revision: u64,
    Place { ranking, number, entry }: &Place<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query(include_str!("sql/insert_ranking.sql"))
        .bind(signed(revision))
        .bind(to_text(now))
        .bind(ranking.use_case.name())
        .bind(&ranking.shape)
        .bind(ranking.provenance.name())
        .bind(number)
        .bind(entry.config_id.as_str())
        .bind(entry.model.model.as_str())
        .bind(entry.model.precision_name())
        .bind(entry.run_id.as_str())
        .bind(entry.score)
        .bind(entry.on_pareto_front)
        .bind(entry.probability_first)
        .execute(connection)
        .await?;
    Ok(())
}
