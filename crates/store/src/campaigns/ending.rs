//! The **end** of a campaign is noted first and then told, by an event that makes its report and lets people know. Whoever dies
//! between the two has told nobody, so the record says so until it is done, and track-progress' reconciler tells it again.

use crate::{CampaignRecord, Ledger, StoreError};

/// Notes that the end of a campaign is told, as it was read. One that was changed meanwhile has another end to tell.
///
/// # Errors
/// When the ledger does not answer.
pub async fn note_told(ledger: &dyn Ledger, campaign: &CampaignRecord) -> Result<(), StoreError> {
    if !campaign.end_is_untold {
        return Ok(());
    }
    let told = CampaignRecord { end_is_untold: false, ..campaign.clone() };
    match ledger.update_campaign(campaign, &told).await {
        Err(StoreError::Changed { .. }) => Ok(()),
        noted => noted,
    }
}
