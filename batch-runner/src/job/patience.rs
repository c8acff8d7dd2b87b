//! **Patience** with a results store that is away. A database that is restarted is back in less than it takes to start an
//! engine, and a result has cost minutes of GPUs: so the job waits, with the engine up if it is, before it gives up.

use std::time::Duration;

use store::StoreError;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::JobError;

/// How long a store that is away is waited for. GPUs cost money meanwhile, and no trial pays for it.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Wait before the second attempt; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(250);

const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Does something with a store, again and again while the store is away; it may be done twice.
///
/// # Errors
/// When the store refuses it, or stays away for too long, or the job is told to stop meanwhile.
pub(super) async fn patiently<T>(
    what: &str,
    cancel: &CancellationToken,
    attempt: impl AsyncFn() -> Result<T, StoreError>,
) -> Result<T, JobError> {
    let give_up = Instant::now() + LONGEST;
    let mut wait = FIRST_WAIT;
    loop {
        match attempt().await {
            Err(error @ StoreError::Unavailable { .. }) if Instant::now() + wait < give_up => {
                tracing::warn!("{what} waits: {error}");
            }
            ended => return Ok(ended?),
        }
        tokio::select! {
            () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
            () = cancel.cancelled() => return Err(JobError::Stopped),
        }
    }
}
