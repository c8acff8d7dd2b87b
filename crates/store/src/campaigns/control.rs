//! **Control** of a campaign by a person: pause, resume, cancel, try again. The ledger is changed first and decides; the event
//! that follows makes the functions act on it. Whoever is told late, twice or in another order finds in the ledger what
//! holds now.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use events::{CampaignHeld, Event, EventBody, Hold};

use super::{request_again, retry, tell_request};
use crate::{Bus, CampaignRecord, CampaignState, Ledger, StoreError};

/// How often a change is tried while others change the same campaign.
pub(super) const TRIES: u32 = 5;

/// What a person wants of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Nothing of it runs until it is resumed.
    Pause,
    /// It goes on where it was paused.
    Resume,
    /// Nothing more of it runs. What was measured is kept and published.
    Cancel,
}

const FINAL: &str = "is cancelled, which is final; begin another with `assay run SPEC.yaml --again`";

/// Why a campaign does not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is none.
    #[error("there is no campaign {0}")]
    NotThere(CampaignId),
    /// In its state that makes no sense.
    #[error("campaign {campaign} {why}")]
    Refused {
        /// The campaign.
        campaign: CampaignId,
        /// What it is, and the mend.
        why: &'static str,
    },
    /// A port failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does what a person wants of a campaign, and returns the campaign as it is then. Told twice it is done once.
///
/// # Errors
/// When there is no such campaign, it is in no state for that, or a port fails.
pub async fn control(
    ledger: &dyn Ledger,
    bus: &dyn Bus,
    id: &CampaignId,
    wanted: Control,
    now: DateTime<Utc>,
) -> Result<CampaignRecord, ControlError> {
    let mut tries = 1;
    let campaign = loop {
        match change(ledger, known(ledger, id).await?, wanted, now).await {
            Err(ControlError::Store(StoreError::Changed { .. })) if tries < TRIES => tries += 1,
            changed => break changed?,
        }
    };
    // Also when it was so already: whoever changed it may have died before telling.
    let hold = match campaign.state {
        CampaignState::Paused => Hold::Paused,
        CampaignState::Cancelled => Hold::Cancelled,
        _ => {
            tell_request(bus, &campaign, now).await?;
            return Ok(campaign);
        }
    };
    let body = CampaignHeld { campaign: id.clone(), request: campaign.request, hold };
    bus.publish(&Event::new(EventBody::CampaignHeld(body), now)).await?;
    Ok(campaign)
}

/// Tries again what failed of a campaign, and looks again at what did not fit its budget. Returns the campaign as it is then.
///
/// # Errors
/// When there is no such campaign, there is nothing to try again, or a port fails.
pub async fn try_again(
    ledger: &dyn Ledger,
    bus: &dyn Bus,
    id: &CampaignId,
    now: DateTime<Utc>,
) -> Result<CampaignRecord, ControlError> {
    let refused = |why| ControlError::Refused { campaign: id.clone(), why };
    let mut tries = 1;
    let campaign = loop {
        let mut campaign = known(ledger, id).await?;
        if campaign.state == CampaignState::Cancelled {
            return Err(refused(FINAL));
        }
        match retry(ledger, &mut campaign, now).await {
            Err(StoreError::Changed { .. }) if tries < TRIES => tries += 1,
            Ok(None) => {
                let why = "is complete and nothing of it failed; measure it anew with `assay run --again`";
                return Err(refused(why));
            }
            tried => {
                tried?;
                break campaign;
            }
        }
    };
    tell_request(bus, &campaign, now).await?;
    Ok(campaign)
}

async fn known(ledger: &dyn Ledger, id: &CampaignId) -> Result<CampaignRecord, ControlError> {
    ledger.campaign(id).await?.ok_or_else(|| ControlError::NotThere(id.clone()))
}

async fn change(
    ledger: &dyn Ledger,
    mut campaign: CampaignRecord,
    wanted: Control,
    now: DateTime<Utc>,
) -> Result<CampaignRecord, ControlError> {
    use CampaignState::{Cancelled, Completed, Failed, Paused, Planned, Requested, Running};
    let id = campaign.id.clone();
    let refused = |why| ControlError::Refused { campaign: id, why };
    match (wanted, campaign.state) {
        (Control::Pause, Paused)
        | (Control::Cancel, Cancelled)
        | (Control::Resume, Requested | Planned | Running) => Ok(campaign),
        (Control::Pause, Requested | Planned | Running) => {
            hold(ledger, &mut campaign, Paused, "paused by request; `assay campaign resume` goes on", now)
                .await?;
            Ok(campaign)
        }
        (Control::Pause, Completed | Failed | Cancelled) => {
            Err(refused("is not under way, so there is nothing to pause"))
        }
        (Control::Resume, Paused) => {
            request_again(ledger, &mut campaign, now).await?;
            Ok(campaign)
        }
        (Control::Resume, Completed | Failed) => {
            Err(refused("is not paused; `assay campaign retry` tries again what failed"))
        }
        (Control::Cancel, Requested | Planned | Running | Paused | Failed) => {
            hold(ledger, &mut campaign, Cancelled, "cancelled by request", now).await?;
            Ok(campaign)
        }
        (Control::Cancel, Completed) => Err(refused("is complete, so there is nothing to cancel")),
        (Control::Resume, Cancelled) => Err(refused(FINAL)),
    }
}

/// Holds a campaign, unless somebody else changed it since it was read.
pub(super) async fn hold(
    ledger: &dyn Ledger,
    campaign: &mut CampaignRecord,
    state: CampaignState,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let was = campaign.clone();
    *campaign = CampaignRecord {
        // A pause is no end.
        end_is_untold: state == CampaignState::Cancelled,
        ..was.ended(state, Some(message.to_owned()), now)
    };
    ledger.update_campaign(&was, campaign).await
}
