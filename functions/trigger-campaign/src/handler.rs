//! The logic.

use chrono::{DateTime, Utc};
use domain::{CampaignId, CampaignSpec};
use events::{CampaignRequested, Event, EventBody};
use store::{CampaignRecord, CampaignState, Ledger, ObjectKey};

use crate::{Context, HandlerError};

/// What to do when the same spec was measured before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Go on with the campaign that is there, or leave it if it is finished.
    Continue,
    /// Begin a new campaign with the next number.
    Again,
}

/// What came of the asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Triggered {
    /// A campaign begins.
    Started(CampaignRecord),
    /// A campaign that had stopped goes on; so many failed trials are tried again.
    Resumed(CampaignRecord, u64),
    /// The campaign is finished and nothing failed: nothing to do.
    AlreadyComplete(CampaignRecord),
}

impl Triggered {
    /// The campaign.
    #[must_use]
    pub const fn campaign(&self) -> &CampaignRecord {
        match self {
            Self::Started(record) | Self::Resumed(record, _) | Self::AlreadyComplete(record) => record,
        }
    }
}

/// Triggers a campaign.
///
/// # Errors
/// When the spec does not make sense, or a port fails.
pub async fn handle(
    context: &Context,
    spec: &CampaignSpec,
    repeat: Repeat,
    now: DateTime<Utc>,
) -> Result<Triggered, HandlerError> {
    spec.check()?;
    let id = campaign_id(context.ledger.as_ref(), spec, repeat).await?;
    // The spec is kept first: whoever sees the campaign in the ledger can read it.
    context.objects.put_if_absent(&ObjectKey::spec(&id), &serde_json::to_vec_pretty(spec)?).await?;
    let fresh = CampaignRecord {
        id,
        name: spec.name.clone(),
        state: CampaignState::Requested,
        request: 1,
        feasible: 0,
        infeasible: 0,
        message: None,
        created_at: now,
        updated_at: now,
    };
    let triggered = match context.ledger.create_campaign(&fresh).await? {
        None => Triggered::Started(fresh),
        Some(existing) => resume(context.ledger.as_ref(), existing, now).await?,
    };
    if !matches!(triggered, Triggered::AlreadyComplete(_)) {
        publish(context, triggered.campaign(), now).await?;
    }
    Ok(triggered)
}

/// Lets the campaigns go on that were under way when their host ended, and says which. For a host that has
/// just begun, when nobody works on them. What failed stays failed until somebody asks for it.
///
/// # Errors
/// When a port fails.
pub async fn resume_unfinished(
    context: &Context,
    now: DateTime<Utc>,
) -> Result<Vec<CampaignRecord>, HandlerError> {
    let mut resumed = context.ledger.campaigns().await?;
    resumed.retain(|c| !matches!(c.state, CampaignState::Completed | CampaignState::Failed));
    for record in &mut resumed {
        request_again(context.ledger.as_ref(), record, now).await?;
        publish(context, record, now).await?;
    }
    Ok(resumed)
}

async fn publish(context: &Context, record: &CampaignRecord, now: DateTime<Utc>) -> Result<(), HandlerError> {
    let body = CampaignRequested { campaign: record.id.clone(), request: record.request };
    context.bus.publish(&Event::new(EventBody::CampaignRequested(body), now)).await?;
    Ok(())
}

async fn request_again(
    ledger: &dyn Ledger,
    record: &mut CampaignRecord,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    record.state = CampaignState::Requested;
    record.request += 1;
    record.message = None;
    record.updated_at = now;
    ledger.update_campaign(record).await?;
    Ok(())
}

/// The id of the campaign that a spec means: the latest repetition, or the one after it.
async fn campaign_id(
    ledger: &dyn Ledger,
    spec: &CampaignSpec,
    repeat: Repeat,
) -> Result<CampaignId, HandlerError> {
    let hash = spec.hash();
    let mut repetition = 1;
    while ledger.campaign(&CampaignId::of_spec(&spec.name, &hash, repetition)).await?.is_some() {
        repetition += 1;
    }
    let chosen = match repeat {
        Repeat::Again => repetition,
        Repeat::Continue => repetition.saturating_sub(1).max(1),
    };
    Ok(CampaignId::of_spec(&spec.name, &hash, chosen))
}

async fn resume(
    ledger: &dyn Ledger,
    mut record: CampaignRecord,
    now: DateTime<Utc>,
) -> Result<Triggered, HandlerError> {
    let again = ledger.forget_failures(&record.id).await?;
    let batches = ledger.batches(&record.id).await?;
    let unfinished = batches.iter().any(|b| b.state != store::BatchState::Finished);
    if record.state == CampaignState::Completed && again == 0 && !unfinished {
        return Ok(Triggered::AlreadyComplete(record));
    }
    request_again(ledger, &mut record, now).await?;
    Ok(Triggered::Resumed(record, again))
}
