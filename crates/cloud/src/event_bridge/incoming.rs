//! What comes out of a queue: our events in EventBridge's envelope, and those of AWS Batch.

use events::Event;
use events::foreign::{self, Foreign, Notice};
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
    /// It is told by AWS, and not as AWS tells, or nobody asked for it.
    #[error(transparent)]
    Foreign(#[from] foreign::Unreadable),
    /// It is told by AWS, and another function handles it.
    #[error("the message tells of {0}, which no rule of ours delivers to a queue")]
    ForAnother(&'static str),
}

#[derive(Deserialize)]
struct Envelope {
    source: String,
    detail: serde_json::Value,
}

/// The event in the body of a message, as an SQS queue or a function gets it; `None` for what tells us nothing new,
/// such as a job of Batch that starts, or an instance that will be taken away: its runner knows by itself, and Batch
/// tells what became of the job.
///
/// # Errors
/// When it cannot be handled by anybody.
pub fn event_of(body: &str) -> Result<Option<Event>, Unreadable> {
    let envelope: Envelope = serde_json::from_str(body)?;
    if envelope.source == SOURCE {
        return Ok(Some(serde_json::from_value(envelope.detail)?));
    }
    match Foreign::read(body)?.notice {
        Notice::JobStateChange { .. } => Ok(state_change::batch_ended(body)?),
        Notice::InstanceInterruption { .. } => Ok(None),
        Notice::ObjectCreated { .. } => Err(Unreadable::ForAnother("an uploaded object")),
        Notice::Scheduled { .. } => Err(Unreadable::ForAnother("a schedule")),
    }
}

#[cfg(test)]
mod tests {
    use events::{EventBody, JobOutcome};

    use super::*;

    macro_rules! golden {
        ($name:literal) => {
            include_str!(concat!("../../../../events/examples/foreign/", $name, ".json"))
        };
    }

    #[test]
    fn golden_events_of_aws_are_what_they_mean_to_us() {
        let told = event_of(golden!("batch-job-state-change")).unwrap().unwrap();
        let EventBody::BatchEnded(ended) = told.body else { panic!("{told:?}") };
        assert_eq!(ended.batch.as_str(), "demo-0123abcd.b0");
        assert!(matches!(ended.outcome, JobOutcome::Interrupted { .. }), "{ended:?}");
        assert_eq!(event_of(golden!("ec2-spot-interruption")).unwrap(), None);
        for other in [golden!("s3-object-created"), golden!("scheduler")] {
            assert!(matches!(event_of(other), Err(Unreadable::ForAnother(_))));
        }
    }
}
