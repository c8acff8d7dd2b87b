//! Counting the jobs of a batch that were **interrupted**: each once, however often it is told.

use domain::{BatchId, JobId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_scalar};

/// Notes the interruption within the caller's transaction, and returns how many jobs in a row have now been so
/// without a new outcome; nothing when there is no such batch.
pub async fn note_interruption(
    connection: &mut SqliteConnection,
    batch: &BatchId,
    job: &JobId,
    outcomes: u32,
    reason: &str,
) -> sqlx::Result<Option<u32>> {
    let known: Option<u32> = query_scalar("SELECT fruitless_jobs FROM batches WHERE id = ?")
        .bind(batch.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    if known.is_none() {
        return Ok(None);
    }
    let first_telling =
        query("INSERT INTO interrupted_jobs (batch, job) VALUES (?, ?) ON CONFLICT (batch, job) DO NOTHING")
            .bind(batch.as_str())
            .bind(job.as_str())
            .execute(&mut *connection)
            .await?;
    if first_telling.rows_affected() == 0 {
        return Ok(known);
    }
    query_scalar(include_str!("sql/note_interruption.sql"))
        .bind(outcomes)
        .bind(reason)
        .bind(batch.as_str())
        .fetch_optional(connection)
        .await
}
