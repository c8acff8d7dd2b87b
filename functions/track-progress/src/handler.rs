//! The logic.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use events::{BatchEnded, BatchesSubmitted, CampaignCompleted, CampaignHeld, Event, EventBody, JobOutcome};
use store::ports::dispatcher::STOPPED;
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, MAX_TRIES, StoreError, campaigns};

use crate::budget::{self, Spending};
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
            None => end_job(context, event, &batch, now).await?,
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

/// Whether a job ended because we wanted it to.
fn was_stopped(outcome: &JobOutcome) -> bool {
    matches!(outcome, JobOutcome::Interrupted { reason } if reason.starts_with(STOPPED))
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

/// Trials that have an outcome.
async fn outcomes(context: &Context, batch: &BatchRecord) -> Result<u32, HandlerError> {
    Ok(u32::try_from(context.ledger.checkpoints(&batch.id).await?.len()).unwrap_or(u32::MAX))
}

async fn end_job(
    context: &Context,
    event: &BatchEnded,
    batch: &BatchRecord,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let ledger = &context.ledger;
    let reason = match &event.outcome {
        JobOutcome::Failed { reason } => {
            return Ok(ledger.set_batch_state(&batch.id, BatchState::Failed, Some(reason)).await?);
        }
        JobOutcome::Finished => "the job ended and some trials have no outcome",
        JobOutcome::Interrupted { reason } => reason,
    };
    let outcomes = outcomes(context, batch).await?;
    // The ledger is asked and not the job: failures that somebody wanted tried again may have been forgotten while the
    // job had passed them, and an old telling may come late.
    if event.outcome == JobOutcome::Finished && outcomes >= batch.trials {
        return Ok(ledger.set_batch_state(&batch.id, BatchState::Finished, None).await?);
    }
    // It was stopped for a pause that is over.
    if was_stopped(&event.outcome) {
        return submit(context, batch, now).await;
    }
    let fruitless = context.ledger.note_interruption(&batch.id, &event.job, outcomes, reason).await?;
    interrupted(context, batch, fruitless, reason, now).await
}

async fn interrupted(
    context: &Context,
    batch: &BatchRecord,
    fruitless: u32,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    if fruitless >= MAX_FRUITLESS_JOBS {
        let message =
            format!("given up after {fruitless} jobs in a row without a result; the last: {reason}");
        context.ledger.set_batch_state(&batch.id, BatchState::Failed, Some(&message)).await?;
        return Ok(());
    }
    if let Some(spending) = Spending::of(context, &batch.campaign).await?.filter(Spending::is_used_up) {
        let message = format!("{spending}; its job was interrupted: {reason}");
        return Ok(context.ledger.set_batch_state(&batch.id, BatchState::OverBudget, Some(&message)).await?);
    }
    submit(context, batch, now).await
}

/// Submits a batch again. Where that is denied the campaign waits, and so does the batch as soon as its pause is heard.
async fn submit(context: &Context, batch: &BatchRecord, now: DateTime<Utc>) -> Result<(), HandlerError> {
    let Context { ledger, dispatcher, bus, .. } = context;
    let (id, job) = (&batch.campaign, batch.into());
    match campaigns::submit(ledger.as_ref(), dispatcher.as_ref(), id, &[job]).await {
        Err(denied @ StoreError::Denied { .. }) => {
            Ok(campaigns::pause_for(ledger.as_ref(), bus.as_ref(), id, &denied.to_string(), now).await?)
        }
        submitted => Ok(submitted?),
    }
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
