//! **Patience** with a results store that is away. A result has cost minutes of GPUs, and a database that is restarted is
//! back in less: so the job waits for it, with the engine up, before it gives the result up.

use std::time::Duration;

use domain::BenchmarkResult;
use store::{ResultStore, StoreError};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::JobError;

/// How long a result is held for a store that is away. Its GPUs cost money meanwhile, and no trial pays for it.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Wait before the second attempt; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(250);

const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Stores a result, which may be told twice.
///
/// # Errors
/// When the store refuses it, or stays away for too long, or the job is told to stop meanwhile.
pub(super) async fn store_patiently(
    results: &dyn ResultStore,
    result: &BenchmarkResult,
    cancel: &CancellationToken,
) -> Result<(), JobError> {
    let give_up = Instant::now() + LONGEST;
    let mut wait = FIRST_WAIT;
    loop {
        match results.insert(std::slice::from_ref(result)).await {
            Err(error @ StoreError::Unavailable { .. }) if Instant::now() + wait < give_up => {
                tracing::warn!(run = %result.run_id, "its result waits to be stored: {error}");
            }
            stored => return Ok(stored.map(drop)?),
        }
        tokio::select! {
            () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
            () = cancel.cancelled() => return Err(JobError::Stopped),
        }
    }
}
