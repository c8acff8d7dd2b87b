//! Rollups in PostgreSQL.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, query, query_as, query_scalar};

use super::PostgresResults;
use super::insert::lock_writers;
use super::server::Connection;
use crate::StoreError;
use crate::ports::rollups::{DailyStats, PublishedRanking, Rollups, Suitability};
use crate::result_row::signed;
use crate::rollup_rows::{self, DailyRow, Place, PlaceRow, SuitabilityRow, places};

#[async_trait]
impl Rollups for PostgresResults {
    async fn refresh_daily_stats(&self) -> Result<u64, StoreError> {
        let stale: Vec<NaiveDate> = self
            .server
            .ask(async |mut connection| {
                query_scalar("SELECT day FROM stale_days ORDER BY day").fetch_all(&mut *connection).await
            })
            .await?;
        for day in &stale {
            self.server.ask(|connection| refresh_day(connection, *day)).await?;
        }
        Ok(stale.len() as u64)
    }

    async fn daily_stats(&self, since: NaiveDate) -> Result<Vec<DailyStats>, StoreError> {
        let select = query_as::<_, DailyRow>;
        let rows = self
            .server
            .ask(async |mut connection| {
                select(include_str!("sql/select_daily_stats.sql"))
                    .bind(since)
                    .fetch_all(&mut *connection)
                    .await
            })
            .await?;
        rows.into_iter().map(|row| row.try_into().map_err(|e| self.server.place.damaged(e))).collect()
    }

    async fn publish_rankings(
        &self,
        revision: u64,
        rankings: &[PublishedRanking],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let places = places(rankings);
        self.server.ask(|connection| publish(connection, revision, &places, now)).await
    }

    async fn rankings(&self, revision: u64) -> Result<Vec<PublishedRanking>, StoreError> {
        let select = query_as::<_, PlaceRow>;
        let rows = self
            .server
            .ask(async |mut connection| {
                let select = select(include_str!("sql/select_rankings.sql"));
                select.bind(signed(revision)).fetch_all(&mut *connection).await
            })
            .await?;
        rollup_rows::rankings(rows).map_err(|e| self.server.place.damaged(e))
    }

    async fn suitabilities(&self) -> Result<Vec<Suitability>, StoreError> {
        let select = query_as::<_, SuitabilityRow>;
        let rows = self
            .server
            .ask(async |mut connection| {
                select(include_str!("sql/select_suitabilities.sql")).fetch_all(&mut *connection).await
            })
            .await?;
        rows.into_iter().map(|row| row.try_into().map_err(|e| self.server.place.damaged(e))).collect()
    }
}

/// No writer is at work meanwhile: what it stores would be in neither the statistics nor the days to be computed.
async fn refresh_day(mut connection: Connection, day: NaiveDate) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    lock_writers(&mut transaction).await?;
    query("DELETE FROM stale_days WHERE day = $1").bind(day).execute(&mut *transaction).await?;
    query("DELETE FROM daily_model_stats WHERE day = $1").bind(day).execute(&mut *transaction).await?;
    query(include_str!("sql/insert_day.sql")).bind(day).execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn publish(
    mut connection: Connection,
    revision: u64,
    places: &[Place<'_>],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    // Who publishes at the same time comes after us.
    query("LOCK TABLE model_use_cases IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
    query("DELETE FROM model_rankings WHERE revision = $1")
        .bind(signed(revision))
        .execute(&mut *transaction)
        .await?;
    insert_places(&mut transaction, revision, places, now).await?;
    query("DELETE FROM model_use_cases").execute(&mut *transaction).await?;
    query(include_str!("sql/insert_suitabilities.sql")).execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn insert_places(
    connection: &mut PgConnection,
    revision: u64,
    places: &[Place<'_>],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query(include_str!("sql/insert_rankings.sql"))
        .bind(signed(revision))
        .bind(now)
        .bind(column(places, |p| p.ranking.use_case.name()))
        .bind(column(places, |p| p.ranking.shape.as_str()))
        .bind(column(places, |p| p.ranking.provenance.name()))
        .bind(column(places, |p| p.number))
        .bind(column(places, |p| p.entry.config_id.as_str()))
        .bind(column(places, |p| p.entry.model.model.as_str()))
        .bind(column(places, |p| p.entry.model.precision_name()))
        .bind(column(places, |p| p.entry.run_id.as_str()))
        .bind(column(places, |p| p.entry.score))
        .bind(column(places, |p| p.entry.on_pareto_front))
        .bind(column(places, |p| p.entry.probability_first))
        .execute(connection)
        .await?;
    Ok(())
}

fn column<'p, T>(places: &'p [Place<'p>], value: impl Fn(&'p Place<'p>) -> T) -> Vec<T> {
    places.iter().map(value).collect()
}
