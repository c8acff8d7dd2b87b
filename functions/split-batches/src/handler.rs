//! The logic.

use chrono::{DateTime, Utc};
use domain::{BatchId, CampaignId, JobPlace};
use events::{BatchesSubmitted, Event, EventBody, MatrixGenerated};
use matrix::{Plan, PlannedBatch};
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, Job, ObjectKey, StoreError, campaigns};

use crate::{Context, HandlerError};

/// Cuts the plan of a campaign into batches and submits those that are not finished. The cut follows from
/// the plan alone, so that a repeated telling finds the same batches.
///
/// # Errors
/// When a port fails or the plan is damaged.
pub async fn handle(
    context: &Context,
    event: &MatrixGenerated,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let id = &event.campaign;
    let missing = |what: &str| StoreError::Missing { place: format!("campaign {id}"), what: what.to_owned() };
    let damaged = |source| HandlerError::Damaged { campaign: id.clone(), source };
    let mut campaign = context.ledger.campaign(id).await?.ok_or_else(|| missing("record"))?;
    if campaign.request != event.request {
        return Ok(());
    }
    match campaign.state {
        // Running counts too: this may be the second delivery, after a first that broke before all were submitted.
        // Only what is still pending is submitted then.
        CampaignState::Planned | CampaignState::Running => {}
        // It was given up, and whoever did may have died before telling.
        CampaignState::Failed => {
            return Ok(campaigns::tell_failure(context.bus.as_ref(), &campaign, now).await?);
        }
        _ => return Ok(()),
    }
    let bytes = context.objects.get(&ObjectKey::plan(id)).await?.ok_or_else(|| missing("plan"))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(damaged)?;
    let planned = matrix::split(&plan, context.dispatcher.as_ref())?;
    for batch in &planned {
        let key = ObjectKey::manifest(id, &batch.manifest.batch);
        context.objects.put_if_absent(&key, &serde_json::to_vec(&batch.manifest).map_err(damaged)?).await?;
    }
    context.ledger.add_batches(&planned.iter().map(|b| record(id, b)).collect::<Vec<_>>()).await?;

    if campaign.state == CampaignState::Planned {
        set_back(context, &campaign).await?;
        // Running is entered before the jobs are, so that a job that ends at once finds a running campaign.
        let was = campaign.clone();
        campaign.state = CampaignState::Running;
        campaign.updated_at = now;
        context.ledger.update_campaign(&was, &campaign).await?;
    }
    let mut due = Vec::new();
    let mut submitted = Vec::new();
    let mut over_budget = Vec::new();
    for batch in context.ledger.batches(id).await? {
        let plan = planned.iter().find(|p| p.manifest.batch == batch.id);
        let refused = plan.and_then(|p| p.refused);
        match (batch.state, refused) {
            (BatchState::Pending, None) => {
                submitted.push(batch.id.clone());
                due.push(batch);
            }
            (BatchState::Pending, Some(refused)) => {
                let message = refused.to_string();
                context.ledger.set_batch_state(&batch.id, BatchState::OverBudget, Some(&message)).await?;
                over_budget.push(batch.id);
            }
            (BatchState::OverBudget, _) => over_budget.push(batch.id),
            (BatchState::Submitted, _) => submitted.push(batch.id),
            (BatchState::Finished | BatchState::Failed | BatchState::Cancelled, _) => {}
        }
    }
    match submit(context, id, &due).await {
        // Its jobs are not to blame, and the campaign has not failed: it waits until they may be submitted again.
        Err(denied @ StoreError::Denied { .. }) => {
            let Context { ledger, bus, .. } = context;
            campaigns::pause_for(ledger.as_ref(), bus.as_ref(), id, &denied.to_string(), now).await?;
            return Ok(());
        }
        submitted => submitted?,
    }
    let body = BatchesSubmitted { campaign: id.clone(), request: event.request, submitted, over_budget };
    context.bus.publish(&Event::new(EventBody::BatchesSubmitted(body), now)).await?;
    Ok(())
}

/// What an earlier request submitted may be gone with its host: it is pending again, unless its job waits or runs.
///
/// Another may split the campaign at the same time and submit its batches. These are read first: as long as the campaign is
/// planned after that, those that are submitted were so by an earlier request. One that is submitted after that stays so.
async fn set_back(context: &Context, campaign: &CampaignRecord) -> Result<(), StoreError> {
    let Context { ledger, dispatcher, .. } = context;
    let mut submitted = ledger.batches(&campaign.id).await?;
    submitted.retain(|batch| batch.state == BatchState::Submitted);
    let is_same = |now: CampaignRecord| now.state == campaign.state && now.request == campaign.request;
    if submitted.is_empty() || !ledger.campaign(&campaign.id).await?.is_some_and(is_same) {
        return Ok(());
    }
    let jobs = dispatcher.jobs(&campaign.id).await?;
    let is_live = |id: &BatchId| jobs.iter().any(|job| job.batch == *id && job.state.is_live());
    for batch in submitted.iter().filter(|batch| !is_live(&batch.id)) {
        match ledger.change_batch_state(batch, BatchState::Pending, None).await {
            Ok(()) | Err(StoreError::Changed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Hands batches to the dispatcher. They are submitted before their jobs are, so that a job's end finds them so; when
/// that fails they are pending again, for the next delivery.
async fn submit(context: &Context, id: &CampaignId, batches: &[BatchRecord]) -> Result<(), StoreError> {
    let Context { ledger, dispatcher, .. } = context;
    for batch in batches {
        ledger.set_batch_state(&batch.id, BatchState::Submitted, None).await?;
    }
    let jobs: Vec<Job> = batches.iter().map(Job::from).collect();
    let refused = campaigns::submit(ledger.as_ref(), dispatcher.as_ref(), id, &jobs).await;
    if refused.is_err() {
        for batch in batches {
            ledger.set_batch_state(&batch.id, BatchState::Pending, None).await?;
        }
    }
    refused
}

fn record(campaign: &CampaignId, batch: &PlannedBatch) -> BatchRecord {
    let gpu_count = batch.manifest.launches.iter().map(|l| l.launch.hardware.gpu_count()).max().unwrap_or(0);
    BatchRecord {
        id: batch.manifest.batch.clone(),
        campaign: campaign.clone(),
        trials: u32::try_from(batch.manifest.trials().count()).unwrap_or(u32::MAX),
        gpu_count,
        place: Some(JobPlace::of_batch(&batch.manifest)),
        forecast_s: batch.estimate.run_s,
        forecast_usd: batch.estimate.usd(),
        state: BatchState::Pending,
        attempt: 0,
        fruitless_jobs: 0,
        submissions: 0,
        message: None,
    }
}
