//! **State-change events** of Batch, as EventBridge delivers them, become `batch.ended`, or say that a job starts.

use chrono::{DateTime, Utc};
use events::{BatchEnded, Event, EventBody};
use serde::Deserialize;
use store::StartingJob;

use super::report::Report;

/// The detail type of such an event.
pub const DETAIL_TYPE: &str = "Batch Job State Change";

/// An event of Batch that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a state change of AWS Batch cannot be read ({0})")]
pub struct Unreadable(#[from] serde_json::Error);

#[derive(Deserialize)]
struct StateChange {
    time: DateTime<Utc>,
    detail: Report,
}

/// How a job of ours ended; `None` while it has not, for an array as a whole, and for jobs that are not ours.
///
/// # Errors
/// When it is no state change of a job.
pub fn batch_ended(state_change: &str) -> Result<Option<Event>, Unreadable> {
    let StateChange { time, detail } = serde_json::from_str(state_change)?;
    let (Some(outcome), Some((campaign, batch)), Some(job)) =
        (detail.outcome(), detail.subject(), detail.id())
    else {
        return Ok(None);
    };
    Ok(Some(Event::new(EventBody::BatchEnded(BatchEnded { campaign, batch, job, outcome }), time)))
}

/// That a job of ours starts, and when it began to; `None` for every other state, and for an array as a whole.
///
/// # Errors
/// When it is no state change of a job.
pub fn starting(state_change: &str) -> Result<Option<(StartingJob, DateTime<Utc>)>, Unreadable> {
    let StateChange { time, detail } = serde_json::from_str(state_change)?;
    Ok(detail.subject().and(detail.starting()).map(|job| (job, time)))
}
