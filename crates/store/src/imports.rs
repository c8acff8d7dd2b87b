//! **Imports** are results that come from files: they are stored like any other, and whoever sent the file is told which of
//! them were there already.

use std::collections::BTreeSet;

use domain::{BenchmarkResult, CampaignId, RunId};

use crate::{ResultStore, StoreError};

/// Stores results and tells the runs among them that were there already. Of two who send the same file at once both may
/// be told that it was new; it is stored once.
///
/// # Errors
/// When the store fails; nothing is stored then.
pub async fn insert(
    store: &dyn ResultStore,
    results: &[BenchmarkResult],
) -> Result<BTreeSet<RunId>, StoreError> {
    let campaigns: BTreeSet<&CampaignId> = results.iter().map(|result| &result.campaign).collect();
    let mut known = BTreeSet::new();
    for campaign in campaigns {
        known.extend(store.run_ids(campaign).await?);
    }
    store.insert(results).await?;
    Ok(results.iter().map(|result| &result.run_id).filter(|id| known.contains(*id)).cloned().collect())
}
