//! What more than one function asks of the **campaigns** in a ledger.

use chrono::{DateTime, Utc};
use domain::{CampaignId, CampaignSpec};

use crate::{CampaignRecord, CampaignState, Ledger, StoreError};

/// Deliveries of one event before it is given up and its campaign marked failed.
pub const MAX_DELIVERIES: u32 = 4;

/// The campaigns of one spec.
#[derive(Debug, Clone, PartialEq)]
pub struct Repetitions {
    /// The latest, if there is any.
    pub latest: Option<CampaignRecord>,
    /// The id of the one that would follow.
    pub next: CampaignId,
}

impl Repetitions {
    /// Looks the campaigns of a spec up.
    ///
    /// # Errors
    /// When the ledger does not answer.
    pub async fn of(ledger: &dyn Ledger, spec: &CampaignSpec) -> Result<Self, StoreError> {
        let hash = spec.hash();
        let (mut latest, mut repetition) = (None, 1);
        loop {
            let next = CampaignId::of_spec(&spec.name, &hash, repetition);
            match ledger.campaign(&next).await? {
                Some(record) => latest = Some(record),
                None => return Ok(Self { latest, next }),
            }
            repetition += 1;
        }
    }

    /// The id of the latest, or of the first where there is none yet.
    #[must_use]
    pub fn current(&self) -> &CampaignId {
        self.latest.as_ref().map_or(&self.next, |record| &record.id)
    }
}

/// Notes that an event of a campaign is given up: the campaign would wait for it for ever. Nobody waits where there is
/// no such campaign, as when it is in another ledger.
///
/// # Errors
/// When the ledger does not answer.
pub async fn give_up(
    ledger: &dyn Ledger,
    campaign: &CampaignId,
    why: String,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(mut campaign) = ledger.campaign(campaign).await? else { return Ok(()) };
    campaign.state = CampaignState::Failed;
    campaign.message = Some(why);
    campaign.updated_at = now;
    ledger.update_campaign(&campaign).await
}
