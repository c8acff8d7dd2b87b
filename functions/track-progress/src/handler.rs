//! The logic.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use events::{BatchEnded, BatchesSubmitted, CampaignCompleted, CampaignHeld, Event, EventBody};
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, campaigns};

use crate::ends::{Lookup, Then, go_on, hear, outcomes, was_stopped};
use crate::{Context, HandlerError, budget};

/// Notes that jobs were submitted. A campaign whose batches have all ended already, or do not fit the
/// budget, is complete.
///
/// # Errors
/// When a port fails.
pub async fn batches_submitted(
    context: &Context,
    event: &BatchesSubmitted,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    budget::keep(context, &event.campaign).await?;
    complete_if_all_ended(context, &event.campaign, now).await
}

/// Notes how a job ended.
///
/// # Errors
/// When a port fails.
pub async fn batch_ended(
    context: &Context,
    event: &BatchEnded,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Some(batch) = context.ledger.batch(&event.batch).await? else { return Ok(()) };
    if batch.state == BatchState::Submitted {
        let campaign = context.ledger.campaign(&event.campaign).await?;
        let is_over = |state: &CampaignState| {
            state.is_held() || *state == CampaignState::Failed && was_stopped(&event.outcome)
        };
        match campaign.map(|campaign| campaign.state).filter(is_over) {
            None => {
                let lookup = Lookup::new(context, &event.campaign);
                if let Then::GoOn { message, .. } = hear(&lookup, event, &batch).await? {
                    go_on(context, &event.campaign, &[(&batch, message)], now).await?;
                }
            }
            Some(state) => hold_batch(context, &batch, state).await?,
        }
        budget::keep(context, &event.campaign).await?;
    }
    // Also when it was told before: whoever heard it first may have died here.
    complete_if_all_ended(context, &event.campaign, now).await
}

/// Stops the jobs of a campaign that was paused or cancelled, if it still is. Those that run tell their ends; the others
/// are over.
///
/// # Errors
/// When a port fails.
pub async fn campaign_held(
    context: &Context,
    event: &CampaignHeld,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let id = &event.campaign;
    let Some(campaign) = context.ledger.campaign(id).await? else { return Ok(()) };
    let reason = match campaign.state {
        CampaignState::Paused => "its campaign was paused",
        CampaignState::Cancelled => "its campaign was cancelled",
        _ => return Ok(()),
    };
    stop_jobs(context, &campaign, reason).await?;
    complete_if_all_ended(context, id, now).await
}

/// Ends the jobs of a campaign that is to have none. Those that run tell their ends.
pub(crate) async fn stop_jobs(
    context: &Context,
    campaign: &CampaignRecord,
    reason: &str,
) -> Result<(), HandlerError> {
    let running = context.dispatcher.stop(&campaign.id, reason).await?;
    for batch in context.ledger.batches(&campaign.id).await? {
        if !batch.state.is_terminal() && !running.contains(&batch.id) {
            hold_batch(context, &batch, campaign.state).await?;
        }
    }
    Ok(())
}

/// A batch of a campaign that is to have no jobs has none any more. How that one ended does not count.
async fn hold_batch(context: &Context, batch: &BatchRecord, held: CampaignState) -> Result<(), HandlerError> {
    let (state, message) = match held {
        _ if outcomes(context, batch).await? >= batch.trials => (BatchState::Finished, None),
        CampaignState::Cancelled => (BatchState::Cancelled, Some("its campaign was cancelled")),
        _ => (BatchState::Pending, None),
    };
    Ok(context.ledger.set_batch_state(&batch.id, state, message).await?)
}

async fn complete_if_all_ended(
    context: &Context,
    id: &CampaignId,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Some(campaign) = context.ledger.campaign(id).await? else { return Ok(()) };
    let batches = context.ledger.batches(id).await?;
    if !batches.iter().all(|b| b.state.is_terminal()) {
        return Ok(());
    }
    // Told again when it was over already: whoever ended it may have died before telling.
    match campaign.state {
        CampaignState::Running => complete(context, &campaign, &batches, now).await?,
        CampaignState::Completed | CampaignState::Cancelled => {}
        CampaignState::Failed => {
            return Ok(campaigns::tell_failure(context.bus.as_ref(), &campaign, now).await?);
        }
        CampaignState::Requested | CampaignState::Planned | CampaignState::Paused => return Ok(()),
    }
    let body = CampaignCompleted { campaign: id.clone(), request: campaign.request };
    context.bus.publish(&Event::new(EventBody::CampaignCompleted(body), now)).await?;
    Ok(())
}

async fn complete(
    context: &Context,
    campaign: &CampaignRecord,
    batches: &[BatchRecord],
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let stopped: Vec<&BatchRecord> = batches.iter().filter(|b| b.state != BatchState::Finished).collect();
    let message = stopped.first().map(|b| {
        let why = b.message.as_deref().unwrap_or("no reason was given");
        match stopped.len() {
            1 => format!("batch {} did not finish: {why}", b.id),
            n => format!("{n} batches did not finish; the first, {}: {why}", b.id),
        }
    });
    let completed = campaign.ended(CampaignState::Completed, message, now);
    Ok(context.ledger.update_campaign(campaign, &completed).await?)
}
