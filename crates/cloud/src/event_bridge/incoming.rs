//! What comes out of a queue: our events in EventBridge's envelope, and those of AWS Batch.

use events::Event;
use serde::Deserialize;

use super::SOURCE;
use crate::batch::state_change;

/// A message that nobody can handle.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not what EventBridge delivers, or not an event of ours.
    #[error("the message cannot be read ({0})")]
    Message(#[from] serde_json::Error),
    /// It is told by AWS Batch, and not as Batch tells.
    #[error(transparent)]
    StateChange(#[from] state_change::Unreadable),
    /// Nobody asked for it.
    #[error("the message is a `{detail_type}` of `{teller}`, which no rule of ours delivers")]
    Foreign {
        /// Its source.
        teller: String,
        /// Its type.
        detail_type: String,
    },
}

#[derive(Deserialize)]
struct Envelope {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: serde_json::Value,
}

/// The event in the body of a message, as an SQS queue or a function gets it; `None` for what tells us nothing new,
/// such as a job of Batch that starts.
///
/// # Errors
/// When it cannot be handled by anybody.
pub fn event_of(body: &str) -> Result<Option<Event>, Unreadable> {
    let envelope: Envelope = serde_json::from_str(body)?;
    match envelope.source.as_str() {
        SOURCE => Ok(Some(serde_json::from_value(envelope.detail)?)),
        "aws.batch" if envelope.detail_type == state_change::DETAIL_TYPE => {
            Ok(state_change::batch_ended(body)?)
        }
        _ => Err(Unreadable::Foreign { teller: envelope.source, detail_type: envelope.detail_type }),
    }
}
