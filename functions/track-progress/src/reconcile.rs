//! The **reconciler** is called by the clock and takes no input; each campaign that it finds unsettled is an event of its own. A
//! campaign may wait for what will not come: the end of a job that was told to somebody who died, or to nobody, or an event that
//! was lost with the process that had to handle it. What was told is told again, and what was heard is heard again: every handler
//! may be told twice. So is the end of a campaign, until its report is made, for a week.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{CampaignId, JobId};
use events::{
    BatchEnded, BatchesSubmitted, CampaignCompleted, CampaignHeld, CampaignRequested, CampaignUnsettled,
    Event, EventBody, Hold, JobOutcome, MatrixGenerated,
};
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, JobState, KnownJob, StoreError, campaigns,
};

use crate::ends::{Lookup, Then, go_on, hear};
use crate::{Context, HandlerError, batches_submitted, campaign_held};

/// How long a campaign must have been in its state before what was told is told again: whoever began to work on it did so
/// within minutes. A handler may be at work on one of its batches all the same; told twice, it does so once.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

/// How long the end of a campaign is told again: what keeps it from being heard is there for good then.
const TOLD_AGAIN_FOR: TimeDelta = TimeDelta::days(7);

/// Lost ends that are heard before their batches are submitted again, together.
const AT_ONCE: usize = 100;

/// Tells of every campaign that is not settled, so that each is looked at by itself: one that takes long, or that cannot be put
/// right, does not keep the others from it.
///
/// # Errors
/// When a port fails.
pub async fn reconcile(context: &Context, now: DateTime<Utc>) -> Result<(), HandlerError> {
    for campaign in context.ledger.campaigns().await?.into_iter().filter(is_unsettled) {
        let CampaignRecord { id, request, .. } = campaign;
        let body = CampaignUnsettled { campaign: id, request, looked_at: now };
        context.bus.publish(&Event::new(EventBody::CampaignUnsettled(body), now)).await?;
    }
    Ok(())
}

/// Whether anything may have to be put right.
const fn is_unsettled(campaign: &CampaignRecord) -> bool {
    use CampaignState::{Cancelled, Completed, Failed, Paused, Planned, Requested, Running};
    match campaign.state {
        Requested | Planned | Running | Paused => true,
        Completed | Failed | Cancelled => campaign.end_is_untold,
    }
}

/// Looks at a campaign once.
///
/// # Errors
/// When a port fails; what was put right until then stays so.
pub async fn campaign_unsettled(
    context: &Context,
    event: &CampaignUnsettled,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Some(campaign) = context.ledger.campaign(&event.campaign).await? else { return Ok(()) };
    let age = event.looked_at - campaign.updated_at;
    let is_settled = age > SETTLED;
    if campaign.end_is_untold && age > TOLD_AGAIN_FOR {
        tracing::error!(campaign = %campaign.id, "its end is not told any more: nobody has heard it for a week");
        return Ok(campaigns::note_told(context.ledger.as_ref(), &campaign).await?);
    }
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
            if is_settled {
                hear_lost_ends(context, &id, &batches, known, now).await?;
            }
            if is_settled && batches.iter().any(|batch| batch.state == BatchState::Pending) {
                let (feasible, infeasible) = (campaign.feasible, campaign.infeasible);
                let generated = MatrixGenerated { campaign: id, request, feasible, infeasible };
                return Ok(tell(EventBody::MatrixGenerated(generated)).await?);
            }
            let over = BatchesSubmitted { campaign: id, request, submitted: vec![], over_budget: vec![] };
            batches_submitted(context, &over, now).await
        }
        CampaignState::Paused => settle(context, &campaign, now).await,
        CampaignState::Cancelled if campaign.end_is_untold && is_settled => {
            let held = CampaignHeld { campaign: id, request, hold: Hold::Cancelled };
            campaign_held(context, &held, now).await
        }
        CampaignState::Completed if campaign.end_is_untold && is_settled => {
            Ok(tell(EventBody::CampaignCompleted(CampaignCompleted { campaign: id, request })).await?)
        }
        CampaignState::Failed if campaign.end_is_untold && is_settled => {
            Ok(campaigns::tell_failure(context.bus.as_ref(), &campaign, now).await?)
        }
        _ => Ok(()),
    }
}

/// A campaign that is paused has no jobs any more, also when those ended without anybody hearing it.
async fn settle(
    context: &Context,
    campaign: &CampaignRecord,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let batches = context.ledger.batches(&campaign.id).await?;
    if batches.iter().any(|batch| batch.state == BatchState::Submitted) {
        let (id, request) = (campaign.id.clone(), campaign.request);
        let held = CampaignHeld { campaign: id, request, hold: Hold::Paused };
        campaign_held(context, &held, now).await?;
    }
    Ok(())
}

/// Hears the ends that nobody heard, in rounds, each of which is settled before the next: whoever is interrupted goes on from
/// there the next time.
async fn hear_lost_ends(
    context: &Context,
    id: &CampaignId,
    batches: &[BatchRecord],
    known: Vec<KnownJob>,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let lost = batches.iter().filter_map(|batch| Some((batch, unheard(batch, &known)?)));
    let lost: Vec<(&BatchRecord, BatchEnded)> = lost.collect();
    let lookup = Lookup::with_jobs(context, id, known);
    for round in lost.chunks(AT_ONCE) {
        let campaign = context.ledger.campaign(id).await?;
        if campaign.is_none_or(|campaign| campaign.state != CampaignState::Running) {
            return Ok(());
        }
        let mut batches = Vec::new();
        for (batch, ended) in round {
            tracing::warn!(batch = %batch.id, outcome = ?ended.outcome, "its end was not heard");
            match hear_lost(&lookup, batch, ended).await {
                Ok(Then::GoOn { message, .. }) => batches.push((*batch, message)),
                // Somebody else has heard it since its batch was read.
                Ok(Then::Nothing) | Err(HandlerError::Store(StoreError::Changed { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        go_on(context, id, &batches, now).await?;
    }
    Ok(())
}

/// An end that was heard before is not the last: the job after it is gone.
async fn hear_lost(
    lookup: &Lookup<'_>,
    batch: &BatchRecord,
    ended: &BatchEnded,
) -> Result<Then, HandlerError> {
    match (hear(lookup, ended, batch).await?, gone(batch)) {
        (Then::GoOn { heard_before: true, .. }, Some(gone)) => hear(lookup, &gone, batch).await,
        (then, _) => Ok(then),
    }
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
    let told = |(job, outcome)| BatchEnded {
        campaign: batch.campaign.clone(),
        batch: batch.id.clone(),
        job,
        outcome,
    };
    ended.map(told).or_else(|| gone(batch))
}

/// The end of the last job of a batch, of which nothing is known. It has the same name until the batch is submitted again: a job
/// is counted once, however often this is said.
fn gone(batch: &BatchRecord) -> Option<BatchEnded> {
    let job = format!("lost.{}.{}", batch.id, batch.submissions).parse().ok()?;
    let reason = "its job is gone, and nobody told how it ended".to_owned();
    let outcome = JobOutcome::Interrupted { reason };
    Some(BatchEnded { campaign: batch.campaign.clone(), batch: batch.id.clone(), job, outcome })
}
