//! Counting the jobs of a batch that were **interrupted**: each once, however often it is told.

use domain::{BatchId, JobId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_scalar};

use crate::Interruptions;

/// Notes the interruption within the caller's transaction; nothing when there is no such batch.
pub async fn note_interruption(
    connection: &mut SqliteConnection,
    batch: &BatchId,
    job: &JobId,
    outcomes: u32,
    reason: &str,
) -> sqlx::Result<Option<Interruptions>> {
    let known: Option<u32> = query_scalar("SELECT fruitless_jobs FROM batches WHERE id = ?")
        .bind(batch.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(fruitless_jobs) = known else { return Ok(None) };
    let first_telling =
        query("INSERT INTO interrupted_jobs (batch, job) VALUES (?, ?) ON CONFLICT (batch, job) DO NOTHING")
            .bind(batch.as_str())
            .bind(job.as_str())
            .execute(&mut *connection)
            .await?;
    if first_telling.rows_affected() == 0 {
        return Ok(Some(Interruptions { fruitless_jobs, is_new: false }));
    }
    let now: Option<u32> = query_scalar(include_str!("sql/note_interruption.sql"))
        .bind(outcomes)
        .bind(reason)
        .bind(batch.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(now.map(|fruitless_jobs| Interruptions { fruitless_jobs, is_new: true }))
}
