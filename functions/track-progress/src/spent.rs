//! The **month's money** of an installation is bounded by a budget of AWS, whose notice comes by a topic of SNS. Nothing may
//! be submitted then, but what was submitted before would run on, and what waits would run: so every campaign under way
//! is paused, which ends its jobs, and what they had finished is kept.

use chrono::{DateTime, Utc};
use store::{CampaignRecord, CampaignState, campaigns};

use crate::{Context, HandlerError};

/// What the name of the topic ends with that tells it (infra/lib/names.ts).
pub const SPENT: &str = "-spent";

/// Why campaigns are paused then.
const WHY: &str =
    "this month's money of the installation is spent; `assay campaign resume` goes on when there is more";

/// Pauses every campaign under way. What cannot be paused does not keep the others from it.
///
/// # Errors
/// When a port failed for one of them; told again, the rest is paused.
pub async fn money_spent(context: &Context, now: DateTime<Utc>) -> Result<(), HandlerError> {
    let Context { ledger, bus, .. } = context;
    let mut paused = Ok(());
    for campaign in ledger.campaigns().await?.iter().filter(|campaign| costs(campaign)) {
        if let Err(error) = campaigns::pause_for(ledger.as_ref(), bus.as_ref(), &campaign.id, WHY, now).await
        {
            tracing::error!(campaign = %campaign.id, %error, "not paused");
            paused = Err(error.into());
        }
    }
    paused
}

/// Whether it may have jobs: also when it was paused for this already, and whoever did that may have died before telling.
fn costs(campaign: &CampaignRecord) -> bool {
    match campaign.state {
        CampaignState::Requested | CampaignState::Planned | CampaignState::Running => true,
        CampaignState::Paused => campaign.message.as_deref() == Some(WHY),
        CampaignState::Completed | CampaignState::Failed | CampaignState::Cancelled => false,
    }
}
