//! The **month's money** of an installation is bounded by a budget of AWS, whose notice comes by a topic of SNS. Nothing may
//! be submitted then, but what was submitted before would run on, and what waits would run: so every campaign under way
//! is paused, which ends its jobs, and what they had finished is kept. A campaign that has failed may have jobs as well: those
//! are ended, and it stays failed.

use chrono::{DateTime, Utc};
use store::{BatchState, CampaignRecord, CampaignState, campaigns};

use crate::handler::stop_jobs;
use crate::{Context, HandlerError};

/// What the name of the topic ends with that tells it (infra/lib/names.ts).
pub const SPENT: &str = "-spent";

/// Why campaigns are paused then.
const WHY: &str =
    "this month's money of the installation is spent; `assay campaign resume` goes on when there is more";

/// Ends the jobs of every campaign. One that cannot be stopped does not keep the others from it.
///
/// # Errors
/// When a port failed for one of them; told again, the rest is stopped.
pub async fn money_spent(context: &Context, now: DateTime<Utc>) -> Result<(), HandlerError> {
    let mut stopped = Ok(());
    for campaign in context.ledger.campaigns().await? {
        if let Err(error) = stop(context, &campaign, now).await {
            tracing::error!(campaign = %campaign.id, %error, "not stopped");
            stopped = Err(error);
        }
    }
    stopped
}

async fn stop(context: &Context, campaign: &CampaignRecord, now: DateTime<Utc>) -> Result<(), HandlerError> {
    let Context { ledger, bus, .. } = context;
    if costs(campaign) {
        return Ok(campaigns::pause_for(ledger.as_ref(), bus.as_ref(), &campaign.id, WHY, now).await?);
    }
    let has_jobs = campaign.state == CampaignState::Failed
        && ledger.batches(&campaign.id).await?.iter().any(|batch| batch.state == BatchState::Submitted);
    match has_jobs {
        true => stop_jobs(context, campaign, WHY).await,
        false => Ok(()),
    }
}

/// Whether it is under way: also when it was paused for this already, and whoever did that may have died before telling.
fn costs(campaign: &CampaignRecord) -> bool {
    match campaign.state {
        CampaignState::Requested | CampaignState::Planned | CampaignState::Running => true,
        CampaignState::Paused => campaign.message.as_deref() == Some(WHY),
        CampaignState::Completed | CampaignState::Failed | CampaignState::Cancelled => false,
    }
}
