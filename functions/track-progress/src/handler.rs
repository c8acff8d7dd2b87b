//! The logic.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use events::{BatchEnded, BatchesSubmitted, CampaignCompleted, Event, EventBody, JobOutcome};
use store::{BatchRecord, BatchState, CampaignState, Job};

use crate::{Context, HandlerError};

/// Attempts in a row that may end without a single new outcome before a batch is given up.
pub const MAX_FRUITLESS_ATTEMPTS: u32 = 3;

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
    if batch.state != BatchState::Submitted {
        return Ok(()); // told before
    }
    match &event.outcome {
        // The ledger is asked and not the job: failures that somebody wanted tried again may have been
        // forgotten while the job had passed them, and an old telling may come late.
        JobOutcome::Finished if every_trial_has_an_outcome(context, &batch).await? => {
            context.ledger.set_batch_state(&batch.id, BatchState::Finished, 0, None).await?;
        }
        JobOutcome::Finished => {
            interrupted(context, &batch, "the job ended and some trials have no outcome").await?;
        }
        JobOutcome::Failed { reason } => {
            context.ledger.set_batch_state(&batch.id, BatchState::Failed, 0, Some(reason)).await?;
        }
        JobOutcome::Interrupted { reason } => interrupted(context, &batch, reason).await?,
    }
    complete_if_all_ended(context, &event.campaign, now).await
}

async fn every_trial_has_an_outcome(context: &Context, batch: &BatchRecord) -> Result<bool, HandlerError> {
    let outcomes = context.ledger.checkpoints(&batch.id).await?.len();
    Ok(u32::try_from(outcomes).is_ok_and(|n| n >= batch.trials))
}

async fn interrupted(context: &Context, batch: &BatchRecord, reason: &str) -> Result<(), HandlerError> {
    let outcomes = context.ledger.checkpoints(&batch.id).await?;
    let fruitful = outcomes.values().any(|c| c.attempt == batch.attempt);
    let fruitless = if fruitful { 0 } else { batch.fruitless_attempts + 1 };
    if fruitless >= MAX_FRUITLESS_ATTEMPTS {
        let message =
            format!("given up after {fruitless} attempts in a row without a result; the last: {reason}");
        context.ledger.set_batch_state(&batch.id, BatchState::Failed, fruitless, Some(&message)).await?;
        return Ok(());
    }
    context.ledger.set_batch_state(&batch.id, BatchState::Submitted, fruitless, Some(reason)).await?;
    let job = Job { campaign: batch.campaign.clone(), batch: batch.id.clone(), gpu_count: batch.gpu_count };
    context.dispatcher.submit(&job).await?;
    Ok(())
}

async fn complete_if_all_ended(
    context: &Context,
    id: &CampaignId,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Some(mut campaign) = context.ledger.campaign(id).await? else { return Ok(()) };
    if campaign.state != CampaignState::Running {
        return Ok(());
    }
    let batches = context.ledger.batches(id).await?;
    if !batches.iter().all(|b| b.state.is_terminal()) {
        return Ok(());
    }
    let stopped: Vec<&BatchRecord> = batches.iter().filter(|b| b.state != BatchState::Finished).collect();
    campaign.state = CampaignState::Completed;
    campaign.message = stopped.first().map(|b| {
        let why = b.message.as_deref().unwrap_or("no reason was given");
        match stopped.len() {
            1 => format!("batch {} did not finish: {why}", b.id),
            n => format!("{n} batches did not finish; the first, {}: {why}", b.id),
        }
    });
    campaign.updated_at = now;
    context.ledger.update_campaign(&campaign).await?;
    let body = CampaignCompleted { campaign: id.clone(), request: campaign.request };
    context.bus.publish(&Event::new(EventBody::CampaignCompleted(body), now)).await?;
    Ok(())
}
