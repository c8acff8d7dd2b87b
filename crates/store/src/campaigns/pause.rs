//! The **pause** of a campaign for a reason that is no person's, as when nobody pays for its jobs.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use events::{CampaignHeld, Event, EventBody, Hold};

use super::control::{TRIES, hold};
use crate::{Bus, CampaignState, Ledger, StoreError};

/// Pauses a campaign if it is under way. Told twice it is done once.
///
/// # Errors
/// When a port fails.
pub async fn pause_for(
    ledger: &dyn Ledger,
    bus: &dyn Bus,
    id: &CampaignId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    use CampaignState::{Cancelled, Completed, Failed, Paused, Planned, Requested, Running};
    let mut tries = 1;
    let campaign = loop {
        let Some(mut campaign) = ledger.campaign(id).await? else { return Ok(()) };
        match campaign.state {
            Requested | Planned | Running => {}
            // Whoever paused it may have died before telling.
            Paused => break campaign,
            Completed | Failed | Cancelled => return Ok(()),
        }
        match hold(ledger, &mut campaign, Paused, why, now).await {
            Err(StoreError::Changed { .. }) if tries < TRIES => tries += 1,
            held => {
                held?;
                break campaign;
            }
        }
    };
    let body = CampaignHeld { campaign: id.clone(), request: campaign.request, hold: Hold::Paused };
    bus.publish(&Event::new(EventBody::CampaignHeld(body), now)).await
}
