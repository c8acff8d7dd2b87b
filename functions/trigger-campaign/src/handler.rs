//! The logic.

use chrono::{DateTime, Utc};
use domain::CampaignSpec;
use store::campaigns::{Repetitions, request_again, retry, tell_request};
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
    /// The campaign was cancelled, which is final.
    Cancelled(CampaignRecord),
}

impl Triggered {
    /// The campaign.
    #[must_use]
    pub const fn campaign(&self) -> &CampaignRecord {
        match self {
            Self::Started(record)
            | Self::Resumed(record, _)
            | Self::AlreadyComplete(record)
            | Self::Cancelled(record) => record,
        }
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self, Self::Started(_) | Self::Resumed(..))
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
    let known = Repetitions::of(context.ledger.as_ref(), spec).await?;
    let id = match repeat {
        Repeat::Continue => known.current().clone(),
        Repeat::Again => known.next,
    };
    // The spec is kept first: whoever sees the campaign in the ledger can read it. One that is damaged is written anew.
    let key = ObjectKey::spec(&id);
    let kept = context.objects.get(&key).await?;
    if kept.is_none_or(|kept| serde_json::from_slice::<CampaignSpec>(&kept).is_err()) {
        context.objects.put(&key, &serde_json::to_vec_pretty(spec)?).await?;
    }
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
        end_is_untold: false,
    };
    let triggered = match context.ledger.create_campaign(&fresh).await? {
        None => Triggered::Started(fresh),
        Some(existing) => resume(context.ledger.as_ref(), existing, now).await?,
    };
    if triggered.is_under_way() {
        tell_request(context.bus.as_ref(), triggered.campaign(), now).await?;
    }
    Ok(triggered)
}

/// Triggers the next campaign of a spec whose schedule was due at an instant. `None` when there is nothing to do: the last
/// one is still under way, and two would measure the same at once, or it began after that instant, so that this is a
/// second telling.
///
/// # Errors
/// As [`handle`].
pub async fn due(
    context: &Context,
    spec: &CampaignSpec,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Triggered>, HandlerError> {
    let repeat = match Repetitions::of(context.ledger.as_ref(), spec).await?.latest {
        // Whoever began it may have died before telling.
        Some(latest) if latest.state == CampaignState::Requested => Repeat::Continue,
        Some(latest) if is_under_way(&latest) || latest.created_at >= at => return Ok(None),
        _ => Repeat::Again,
    };
    handle(context, spec, repeat, now).await.map(Some)
}

/// Lets the campaigns go on that were under way when their host ended, and says which. For a host that has
/// just begun, when nobody works on them. What failed stays failed until somebody asks for it, and what is held stays so.
///
/// # Errors
/// When a port fails.
pub async fn resume_unfinished(
    context: &Context,
    now: DateTime<Utc>,
) -> Result<Vec<CampaignRecord>, HandlerError> {
    let mut resumed = context.ledger.campaigns().await?;
    resumed.retain(|campaign| is_under_way(campaign) && !campaign.state.is_held());
    for record in &mut resumed {
        request_again(context.ledger.as_ref(), record, now).await?;
        tell_request(context.bus.as_ref(), record, now).await?;
    }
    Ok(resumed)
}

const fn is_under_way(campaign: &CampaignRecord) -> bool {
    !matches!(campaign.state, CampaignState::Completed | CampaignState::Failed | CampaignState::Cancelled)
}

async fn resume(
    ledger: &dyn Ledger,
    mut record: CampaignRecord,
    now: DateTime<Utc>,
) -> Result<Triggered, HandlerError> {
    if record.state == CampaignState::Cancelled {
        return Ok(Triggered::Cancelled(record));
    }
    Ok(match retry(ledger, &mut record, now).await? {
        Some(again) => Triggered::Resumed(record, again),
        None => Triggered::AlreadyComplete(record),
    })
}
