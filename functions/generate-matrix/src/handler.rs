//! The logic.

use chrono::{DateTime, Utc};
use domain::spec::ModelEntry;
use domain::{CampaignSpec, Shortage};
use events::{CampaignRequested, Event, EventBody, MatrixGenerated};
use matrix::{Due, Plan};
use store::{CampaignState, ObjectKey, ObjectPrefix, Objects, StoreError, campaigns};

use crate::{Context, HandlerError};

/// Generates the matrix of a campaign. A plan that is there already is kept: a campaign that goes on works
/// on the matrix it began with.
///
/// # Errors
/// When a port fails or a stored object is damaged.
pub async fn handle(
    context: &Context,
    event: &CampaignRequested,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let id = &event.campaign;
    let missing = |what: &str| StoreError::Missing { place: format!("campaign {id}"), what: what.to_owned() };
    let mut record = context.ledger.campaign(id).await?.ok_or_else(|| missing("record"))?;
    if record.request != event.request {
        return Ok(()); // an old telling
    }
    // Planned and failed count too: this may be the second delivery, after a first that broke before it told that. Telling it
    // twice is harmless, not telling it stops the campaign, or nobody hears that it stopped.
    match record.state {
        CampaignState::Requested | CampaignState::Planned => {}
        CampaignState::Failed => {
            return Ok(campaigns::tell_failure(context.bus.as_ref(), &record, now).await?);
        }
        _ => return Ok(()),
    }
    let damaged = |source| HandlerError::Damaged { campaign: id.clone(), source };
    let key = ObjectKey::plan(id);
    let plan: Plan = match context.objects.get(&key).await? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(damaged)?,
        None => {
            let bytes = context.objects.get(&ObjectKey::spec(id)).await?.ok_or_else(|| missing("spec"))?;
            let spec: CampaignSpec = serde_json::from_slice(&bytes).map_err(damaged)?;
            note_models(context, &spec, now).await?;
            let results = context.results.latest().await?;
            let mut plan = matrix::plan(&spec, id);
            matrix::leave_out_shortages(&mut plan, &shortages(context.objects.as_ref()).await?, now);
            matrix::keep_due(&mut plan, &results, now);
            plan.calibration = matrix::learn(&plan.spec, &results);
            context.objects.put(&key, &serde_json::to_vec(&plan).map_err(damaged)?).await?;
            plan
        }
    };
    let was = record.clone();
    record.feasible = plan.feasible.len() as u64;
    record.infeasible = plan.infeasible.len() as u64;
    record.updated_at = now;
    if let (true, Some(Due { fresh: 1.., .. })) = (plan.feasible.is_empty(), plan.due) {
        record.state = CampaignState::Completed;
        record.message = Some("nothing is due: what can run was measured, and is fresh".to_owned());
        context.ledger.update_campaign(&was, &record).await?;
        return Ok(());
    }
    if let (true, Some(first)) = (plan.feasible.is_empty(), plan.infeasible.first()) {
        let why = format!(
            "nothing in the matrix can run; the first of {} reasons: {}: {}",
            plan.infeasible.len(),
            first.configuration,
            first.reason
        );
        let failed = record.ended(CampaignState::Failed, Some(why), now);
        context.ledger.update_campaign(&was, &failed).await?;
        return Ok(campaigns::tell_failure(context.bus.as_ref(), &failed, now).await?);
    }
    record.state = CampaignState::Planned;
    context.ledger.update_campaign(&was, &record).await?;
    let body = MatrixGenerated {
        campaign: id.clone(),
        request: event.request,
        feasible: record.feasible,
        infeasible: record.infeasible,
    };
    context.bus.publish(&Event::new(EventBody::MatrixGenerated(body), now)).await?;
    Ok(())
}

/// The spec has the sizes of its models that do not ship with this program: whoever asks the store by hand finds them there.
async fn note_models(context: &Context, spec: &CampaignSpec, now: DateTime<Utc>) -> Result<(), StoreError> {
    let brought = |model: &ModelEntry| Some((model.name.clone(), model.architecture.clone()?));
    let brought: Vec<_> = spec.models.iter().filter_map(brought).collect();
    if brought.is_empty() {
        return Ok(());
    }
    context.results.note_models(&brought, now).await
}

/// The launches that are known to have run out of memory. One whose note cannot be read is tried again.
///
/// # Errors
/// When the objects cannot be asked.
pub async fn shortages(objects: &dyn Objects) -> Result<Vec<Shortage>, StoreError> {
    let mut shortages = Vec::new();
    for key in objects.list(&ObjectPrefix::shortages()).await? {
        let note = objects.get(&key).await?.map(|bytes| serde_json::from_slice(&bytes));
        match note {
            Some(Ok(shortage)) => shortages.push(shortage),
            Some(Err(error)) => tracing::warn!(%key, %error, "not a shortage"),
            None => {}
        }
    }
    Ok(shortages)
}
