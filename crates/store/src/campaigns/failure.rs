//! **Failure** of a campaign that does not come to its end by its batches: nothing of its matrix can run, or an event of it
//! could not be handled. The ledger is changed first and then it is told, so that people hear of it. Whoever dies between the two
//! has told nobody: a function that is told again of what it did, and finds the campaign failed, tells that again.

use chrono::{DateTime, Utc};
use events::{CampaignFailed, Event, EventBody};

use super::note_told;
use crate::{Bus, CampaignRecord, CampaignState, Ledger, StoreError};

/// Deliveries of one event before it is given up and its campaign marked failed.
pub const MAX_DELIVERIES: u32 = 4;

/// Notes and tells that an event of a campaign is given up: the campaign would wait for it for ever. Nobody waits where there
/// is no such campaign, as when it is in another ledger. Returns whether something is lost that people should know of.
///
/// # Errors
/// When the ledger does not answer, or the bus does not take it.
pub async fn give_up(
    ledger: &dyn Ledger,
    bus: &dyn Bus,
    event: &Event,
    why: String,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(was) = ledger.campaign(event.campaign()).await? else { return Ok(false) };
    match &event.body {
        // The campaign has failed already, and whoever tells people cannot. The clock has it told again, for a week.
        EventBody::CampaignFailed(_) => return Ok(true),
        // The clock looks again.
        EventBody::CampaignUnsettled(_) => return Ok(false),
        // It stays cancelled, and its report is not made.
        EventBody::CampaignCompleted(told)
            if was.state == CampaignState::Cancelled && told.request == was.request =>
        {
            let message = was.message.iter().cloned().chain([format!("its report is not made: {why}")]);
            let message = Some(message.collect::<Vec<_>>().join("; "));
            note_told(ledger, &CampaignRecord { message, ..was }).await?;
            return Ok(true);
        }
        // Nobody waits for one that is held.
        _ if was.state.is_held() => return Ok(false),
        _ => {}
    }
    let failed = was.ended(CampaignState::Failed, Some(why), now);
    ledger.update_campaign(&was, &failed).await?;
    tell_failure(bus, &failed, now).await?;
    Ok(true)
}

/// Tells that a campaign has failed, as its record says. Told twice it is one event.
///
/// # Errors
/// When the bus does not take it.
pub async fn tell_failure(
    bus: &dyn Bus,
    record: &CampaignRecord,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let reason = record.message.clone().unwrap_or_else(|| "no reason was given".to_owned());
    let body = CampaignFailed { campaign: record.id.clone(), request: record.request, reason };
    bus.publish(&Event::new(EventBody::CampaignFailed(body), now)).await
}
