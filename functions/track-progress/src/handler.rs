//! The logic.

use chrono::{DateTime, Utc};
use domain::{CampaignId, JobId};
use events::{BatchEnded, BatchesSubmitted, CampaignCompleted, Event, EventBody, JobOutcome};
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, MAX_TRIES};

use crate::{Context, HandlerError};

/// Jobs in a row that may end without a single new outcome before a batch is given up. One more than a trial is tried: the
/// job after the last try gives that trial up and goes on with the others.
pub const MAX_FRUITLESS_JOBS: u32 = MAX_TRIES + 1;

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
    if batch.state == BatchState::Submitted {
        end_job(context, event, &batch).await?;
    }
    // Also when it was told before: whoever heard it first may have died here.
    complete_if_all_ended(context, &event.campaign, now).await
}

async fn end_job(context: &Context, event: &BatchEnded, batch: &BatchRecord) -> Result<(), HandlerError> {
    let ledger = &context.ledger;
    let reason = match &event.outcome {
        JobOutcome::Failed { reason } => {
            return Ok(ledger.set_batch_state(&batch.id, BatchState::Failed, Some(reason)).await?);
        }
        JobOutcome::Finished => "the job ended and some trials have no outcome",
        JobOutcome::Interrupted { reason } => reason,
    };
    let outcomes = u32::try_from(ledger.checkpoints(&batch.id).await?.len()).unwrap_or(u32::MAX);
    // The ledger is asked and not the job: failures that somebody wanted tried again may have been forgotten while the
    // job had passed them, and an old telling may come late.
    if event.outcome == JobOutcome::Finished && outcomes >= batch.trials {
        return Ok(ledger.set_batch_state(&batch.id, BatchState::Finished, None).await?);
    }
    interrupted(context, batch, &event.job, outcomes, reason).await
}

async fn interrupted(
    context: &Context,
    batch: &BatchRecord,
    job: &JobId,
    outcomes: u32,
    reason: &str,
) -> Result<(), HandlerError> {
    let fruitless = context.ledger.note_interruption(&batch.id, job, outcomes, reason).await?;
    if fruitless >= MAX_FRUITLESS_JOBS {
        let message =
            format!("given up after {fruitless} jobs in a row without a result; the last: {reason}");
        context.ledger.set_batch_state(&batch.id, BatchState::Failed, Some(&message)).await?;
        return Ok(());
    }
    Ok(context.dispatcher.submit(&batch.into()).await?)
}

async fn complete_if_all_ended(
    context: &Context,
    id: &CampaignId,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Some(mut campaign) = context.ledger.campaign(id).await? else { return Ok(()) };
    if !matches!(campaign.state, CampaignState::Running | CampaignState::Completed) {
        return Ok(());
    }
    let batches = context.ledger.batches(id).await?;
    if !batches.iter().all(|b| b.state.is_terminal()) {
        return Ok(());
    }
    if campaign.state == CampaignState::Running {
        complete(context, &mut campaign, &batches, now).await?;
    }
    // Told again when it was complete already: whoever completed it may have died before telling.
    let body = CampaignCompleted { campaign: id.clone(), request: campaign.request };
    context.bus.publish(&Event::new(EventBody::CampaignCompleted(body), now)).await?;
    Ok(())
}

async fn complete(
    context: &Context,
    campaign: &mut CampaignRecord,
    batches: &[BatchRecord],
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
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
    Ok(context.ledger.update_campaign(campaign).await?)
}
