//! The **turn** to publish: one publisher at a time writes the catalogue, so that its file and the note of which file it is
//! belong together, and an older one never replaces a newer.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::{Ledger, StoreError};

const KEY: &str = "publish-catalog";

/// Longest that a publisher has its turn: one that died gives it up then.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Wait between two looks at whether it is our turn, and how often we look: a publish takes seconds.
const WAIT: Duration = Duration::from_millis(100);
const LOOKS: u32 = 300;

/// Does something in a turn of its own.
///
/// # Errors
/// Those of the work, or that others kept their turn for long: asking again may help.
pub async fn in_turn<T, E: From<StoreError>>(
    ledger: &dyn Ledger,
    now: DateTime<Utc>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    for look in 0..LOOKS {
        let waited = TimeDelta::from_std(WAIT * look).unwrap_or_default();
        if ledger.take_key(KEY, now + waited, LEASE).await? {
            let done = work.await;
            // One that cannot be given back runs out.
            let given = ledger.give_key_back(KEY).await;
            drop(given.inspect_err(
                |error| tracing::warn!(%error, "the turn to publish is kept until it runs out"),
            ));
            return done;
        }
        tokio::time::sleep(WAIT).await;
    }
    let detail = "others are publishing".to_owned();
    Err(StoreError::Unavailable { place: "the turn to publish the catalogue".to_owned(), detail }.into())
}
