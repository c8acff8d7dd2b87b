//! What more than one function asks of the **campaigns** in a ledger.

mod control;
mod ending;
mod failure;
mod pause;
mod progress;

use chrono::{DateTime, Utc};
use domain::{CampaignId, CampaignSpec};
use events::{CampaignRequested, Event, EventBody};

use crate::{BatchState, Bus, CampaignRecord, CampaignState, Dispatcher, Job, Ledger, StoreError};

pub use control::{Control, ControlError, control, try_again};
pub use ending::note_told;
pub use failure::{MAX_DELIVERIES, give_up, tell_failure};
pub use pause::pause_for;
pub use progress::{CampaignProgress, outcomes, progress};

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

/// Lets a campaign go on from its matrix: what is unfinished is submitted again when the request is
/// [told](tell_request).
///
/// # Errors
/// When the ledger does not answer.
pub async fn request_again(
    ledger: &dyn Ledger,
    record: &mut CampaignRecord,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let was = record.clone();
    record.state = CampaignState::Requested;
    record.request += 1;
    record.message = None;
    record.updated_at = now;
    record.end_is_untold = false;
    ledger.update_campaign(&was, record).await
}

/// As [`request_again`], with everything that failed tried again. `None` when nothing is left to do, else how many
/// failed trials will be tried again.
///
/// # Errors
/// When the ledger does not answer.
pub async fn retry(
    ledger: &dyn Ledger,
    record: &mut CampaignRecord,
    now: DateTime<Utc>,
) -> Result<Option<u64>, StoreError> {
    let mut again = 0;
    for last in [false, false, false, false, true] {
        again += ledger.forget_failures(&record.id).await?;
        let batches = ledger.batches(&record.id).await?;
        let unfinished = batches.iter().any(|b| b.state != BatchState::Finished);
        if record.state == CampaignState::Completed && again == 0 && !unfinished {
            return Ok(None);
        }
        match request_again(ledger, record, now).await {
            // A function has brought it on since it was read. Unless somebody holds it, it is asked for all the same.
            Err(StoreError::Changed { what }) => match ledger.campaign(&record.id).await? {
                Some(there) if !last && !there.state.is_held() => *record = there,
                _ => return Err(StoreError::Changed { what }),
            },
            asked => return asked.map(|()| Some(again)),
        }
    }
    Ok(Some(again))
}

/// Tells the functions that a campaign is requested. Told twice it is one event.
///
/// # Errors
/// When the bus does not take it.
pub async fn tell_request(
    bus: &dyn Bus,
    record: &CampaignRecord,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let body = CampaignRequested { campaign: record.id.clone(), request: record.request };
    bus.publish(&Event::new(EventBody::CampaignRequested(body), now)).await
}

/// Submits jobs of a campaign, and stops them again when somebody has paused or cancelled it meanwhile: whoever stops its
/// jobs may have looked before these were there.
///
/// # Errors
/// When a port fails.
pub async fn submit(
    ledger: &dyn Ledger,
    dispatcher: &dyn Dispatcher,
    campaign: &CampaignId,
    jobs: &[Job],
) -> Result<(), StoreError> {
    dispatcher.submit_all(jobs).await?;
    let now = ledger.campaign(campaign).await?;
    if now.is_some_and(|campaign| campaign.state.is_held()) {
        dispatcher.stop(campaign, "its campaign is held").await?;
    }
    Ok(())
}
