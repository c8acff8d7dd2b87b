//! A job that **starts** has a host, which costs, and should run within minutes. Who tells of one keeps that back for a quarter of
//! an hour (infra/lib/functions.ts): if it still starts then, what it needs is not to be had, and it is ended.

use chrono::{DateTime, TimeDelta, Utc};
use store::StartingJob;

use crate::{Context, HandlerError};

/// How long a job may start at least: the image of an engine has 15 GB.
const PATIENCE: TimeDelta = TimeDelta::minutes(14);

/// Ends a job that began to start `since` then and still does. Its end is told as a failure.
///
/// # Errors
/// When the dispatcher failed.
pub async fn still_starting(
    context: &Context,
    job: &StartingJob,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let starting = now - since;
    if starting < PATIENCE {
        tracing::warn!(job = job.id, "told at once that it starts; keep that back for a quarter of an hour");
        return Ok(());
    }
    let minutes = starting.num_minutes().unsigned_abs();
    Ok(context.dispatcher.end_if_starting(job, minutes).await?)
}
