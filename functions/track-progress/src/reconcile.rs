//! The **reconciler** is called by the clock and takes no input. A campaign may wait for what will not come: the end of a job
//! that was told to somebody who died, or to nobody, or an event that was lost with the process that had to handle it. What
//! was told is told again, and what was heard is heard again: every handler may be told twice. So is the end of a campaign, until
//! its report is made or given up.

use chrono::{DateTime, TimeDelta, Utc};
use domain::JobId;
use events::{
    BatchEnded, BatchesSubmitted, CampaignCompleted, CampaignHeld, CampaignRequested, Event, EventBody, Hold,
    JobOutcome, MatrixGenerated,
};
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, JobState, KnownJob, campaigns};

use crate::{Context, HandlerError, batch_ended, batches_submitted, campaign_held};

/// How long a campaign must have been in its state before what was told is told again: whoever began to work on it did so
/// within minutes. A handler may be at work on one of its batches all the same; told twice, it does so once.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

/// Looks at every campaign once. What cannot be put right of one does not keep the others from it.
///
/// # Errors
/// When a port failed for one of them, with the last of the errors.
pub async fn reconcile(context: &Context, now: DateTime<Utc>) -> Result<(), HandlerError> {
    let mut reconciled = Ok(());
    for campaign in context.ledger.campaigns().await? {
        if let Err(error) = reconcile_one(context, &campaign, now).await {
            tracing::error!(campaign = %campaign.id, %error, "not reconciled");
            reconciled = Err(error);
        }
    }
    reconciled
}

async fn reconcile_one(
    context: &Context,
    campaign: &CampaignRecord,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let is_settled = now - campaign.updated_at > SETTLED;
    let (id, request) = (campaign.id.clone(), campaign.request);
    let tell = async |body| context.bus.publish(&Event::new(body, now)).await;
    match campaign.state {
        CampaignState::Requested | CampaignState::Planned if is_settled => {
            Ok(tell(EventBody::CampaignRequested(CampaignRequested { campaign: id, request })).await?)
        }
        CampaignState::Running => {
            // The batches first: a job that is there when they are read is there when the jobs are.
            let batches = context.ledger.batches(&id).await?;
            let known = context.dispatcher.jobs(&id).await?;
            for batch in batches.iter().filter(|_| is_settled) {
                if let Some(ended) = unheard(batch, &known) {
                    tracing::warn!(batch = %batch.id, outcome = ?ended.outcome, "its end was not heard");
                    batch_ended(context, &ended, now).await?;
                }
            }
            if is_settled && batches.iter().any(|batch| batch.state == BatchState::Pending) {
                let (feasible, infeasible) = (campaign.feasible, campaign.infeasible);
                let generated = MatrixGenerated { campaign: id, request, feasible, infeasible };
                return Ok(tell(EventBody::MatrixGenerated(generated)).await?);
            }
            let over = BatchesSubmitted { campaign: id, request, submitted: vec![], over_budget: vec![] };
            batches_submitted(context, &over, now).await
        }
        CampaignState::Paused => settle(context, campaign, Hold::Paused, now).await,
        CampaignState::Cancelled if campaign.end_is_untold && is_settled => {
            let held = CampaignHeld { campaign: id, request, hold: Hold::Cancelled };
            campaign_held(context, &held, now).await
        }
        CampaignState::Cancelled => settle(context, campaign, Hold::Cancelled, now).await,
        CampaignState::Completed if campaign.end_is_untold && is_settled => {
            Ok(tell(EventBody::CampaignCompleted(CampaignCompleted { campaign: id, request })).await?)
        }
        CampaignState::Failed if campaign.end_is_untold && is_settled => {
            Ok(campaigns::tell_failure(context.bus.as_ref(), campaign, now).await?)
        }
        _ => Ok(()),
    }
}

/// A campaign that is held has no jobs any more, also when those ended without anybody hearing it.
async fn settle(
    context: &Context,
    campaign: &CampaignRecord,
    hold: Hold,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let batches = context.ledger.batches(&campaign.id).await?;
    if batches.iter().any(|batch| batch.state == BatchState::Submitted) {
        let held = CampaignHeld { campaign: campaign.id.clone(), request: campaign.request, hold };
        campaign_held(context, &held, now).await?;
    }
    Ok(())
}

/// How the job of a batch ended that is thought to be under way and is not.
fn unheard(batch: &BatchRecord, known: &[KnownJob]) -> Option<BatchEnded> {
    if batch.state != BatchState::Submitted {
        return None;
    }
    let mut ended = None;
    for job in known.iter().filter(|job| job.batch == batch.id) {
        match &job.state {
            JobState::Waiting | JobState::Running => return None,
            // As the end of it is told.
            JobState::Ended(outcome) => {
                ended = Some((JobId::of_foreign(&job.id)?, outcome.clone()));
            }
        }
    }
    // The same name each time until it goes on: a job is counted once, however often this is said.
    let gone = || -> Option<(JobId, JobOutcome)> {
        let job = format!("gone.{}.{}", batch.id, batch.attempt).parse().ok()?;
        let reason = "its job is gone, and nobody told how it ended".to_owned();
        Some((job, JobOutcome::Interrupted { reason }))
    };
    let (job, outcome) = ended.or_else(gone)?;
    Some(BatchEnded { campaign: batch.campaign.clone(), batch: batch.id.clone(), job, outcome })
}
