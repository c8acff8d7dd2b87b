//! The logic.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use events::{BatchesSubmitted, Event, EventBody, MatrixGenerated};
use matrix::{Plan, PlannedBatch};
use store::{BatchRecord, BatchState, CampaignState, Job, ObjectKey, StoreError};

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
    if campaign.request != event.request || campaign.state != CampaignState::Planned {
        return Ok(());
    }
    let bytes = context.objects.get(&ObjectKey::plan(id)).await?.ok_or_else(|| missing("plan"))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(damaged)?;
    let planned = matrix::split(&plan)?;
    for batch in &planned {
        let key = ObjectKey::manifest(id, &batch.manifest.batch);
        context.objects.put_if_absent(&key, &serde_json::to_vec(&batch.manifest).map_err(damaged)?).await?;
    }
    context.ledger.add_batches(&planned.iter().map(|b| record(id, b)).collect::<Vec<_>>()).await?;

    // Running is entered before the jobs are, so that a job that ends at once finds a running campaign.
    campaign.state = CampaignState::Running;
    campaign.updated_at = now;
    context.ledger.update_campaign(&campaign).await?;
    let mut submitted = Vec::new();
    let mut over_budget = Vec::new();
    for (batch, plan) in context.ledger.batches(id).await?.into_iter().zip(&planned) {
        if batch.state == BatchState::Finished {
            continue;
        }
        if !plan.within_budget {
            let message = plan.over_budget.as_ref().map(ToString::to_string);
            context.ledger.set_batch_state(&batch.id, BatchState::OverBudget, 0, message.as_deref()).await?;
            over_budget.push(batch.id);
            continue;
        }
        context.ledger.set_batch_state(&batch.id, BatchState::Submitted, 0, None).await?;
        let job = Job { campaign: id.clone(), batch: batch.id.clone(), gpu_count: batch.gpu_count };
        context.dispatcher.submit(&job).await?;
        submitted.push(batch.id);
    }
    let body = BatchesSubmitted { campaign: id.clone(), request: event.request, submitted, over_budget };
    context.bus.publish(&Event::new(EventBody::BatchesSubmitted(body), now)).await?;
    Ok(())
}

fn record(campaign: &CampaignId, batch: &PlannedBatch) -> BatchRecord {
    let gpu_count = batch.manifest.launches.iter().map(|l| l.launch.hardware.gpu_count()).max().unwrap_or(0);
    BatchRecord {
        id: batch.manifest.batch.clone(),
        campaign: campaign.clone(),
        trials: u32::try_from(batch.manifest.trials().count()).unwrap_or(u32::MAX),
        gpu_count,
        forecast_s: batch.estimate.run_s,
        state: BatchState::Pending,
        attempt: 0,
        fruitless_attempts: 0,
        message: None,
    }
}
