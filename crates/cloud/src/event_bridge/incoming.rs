//! What comes out of a queue or to a function: our events in EventBridge's envelope, and what AWS tells.

use chrono::{DateTime, Utc};
use events::Event;
use events::foreign::{self, Foreign, Notice};
use serde::Deserialize;
use store::StartingJob;

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

/// One thing that a message tells us.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// An event of ours, or what an event of AWS Batch means to us.
    Event(Event),
    /// An object was uploaded.
    Uploaded {
        /// The bucket.
        bucket: String,
        /// Its key.
        key: String,
        /// Bytes.
        size: u64,
        /// Which of the uploads under this key, where it is told.
        sequencer: Option<String>,
    },
    /// A schedule is due.
    Due {
        /// The name of the schedule: the last part of its ARN.
        schedule: String,
        /// When it was.
        at: DateTime<Utc>,
    },
    /// A job of AWS Batch of ours began to start.
    Starting {
        /// The job.
        job: StartingJob,
        /// When it did.
        at: DateTime<Utc>,
    },
    /// Something was published to a topic of SNS.
    Notified {
        /// The name of the topic: the last part of its ARN.
        topic: String,
    },
}

/// What a message tells, as an SQS queue or a function gets it. Nothing, when it tells us nothing new: a job of Batch that
/// runs, or an instance that will be taken away, since its runner knows by itself and Batch tells what became of the job.
///
/// # Errors
/// When it cannot be handled by anybody.
pub fn told_by(body: &str) -> Result<Vec<Told>, Unreadable> {
    if let Ok(Envelope { source, detail }) = serde_json::from_str(body)
        && source == SOURCE
    {
        return Ok(vec![Told::Event(serde_json::from_value(detail)?)]);
    }
    let mut told = Vec::new();
    for Foreign { time, notice } in Foreign::read_all(body)? {
        match notice {
            Notice::JobStateChange { .. } => {
                told.extend(state_change::batch_ended(body)?.map(Told::Event));
                let starting = state_change::starting(body)?;
                told.extend(starting.map(|(job, at)| Told::Starting { job, at }));
            }
            Notice::InstanceInterruption { .. } => {}
            Notice::ObjectCreated { bucket, key, size, sequencer } => {
                told.push(Told::Uploaded { bucket, key, size, sequencer });
            }
            Notice::Published { topic } => {
                let topic = topic.rsplit(':').next().unwrap_or_default().to_owned();
                told.push(Told::Notified { topic });
            }
            Notice::Scheduled { schedule } => {
                let schedule = schedule.rsplit('/').next().unwrap_or_default().to_owned();
                told.push(Told::Due { schedule, at: time });
            }
        }
    }
    Ok(told)
}

/// The event that a message tells, where only events are expected; `None` for what tells us nothing new.
///
/// # Errors
/// When it cannot be handled by anybody who expects events.
pub fn event_of(body: &str) -> Result<Option<Event>, Unreadable> {
    match told_by(body)?.into_iter().next() {
        None => Ok(None),
        Some(Told::Event(event)) => Ok(Some(event)),
        Some(Told::Uploaded { .. }) => Err(Unreadable::ForAnother("an uploaded object")),
        Some(Told::Due { .. }) => Err(Unreadable::ForAnother("a schedule")),
        Some(Told::Notified { .. }) => Err(Unreadable::ForAnother("a topic of SNS")),
        // Only where it was kept back is it of use.
        Some(Told::Starting { .. }) => Ok(None),
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
        let starts = golden!("batch-job-state-change").replace("\"FAILED\"", "\"STARTING\"");
        let [Told::Starting { job, at }] = &told_by(&starts).unwrap()[..] else { panic!("{starts}") };
        assert_eq!((job.id.as_str(), job.ended_attempts), ("4c7599ae-0a82-49aa-ba5a-4727fcce14a8", 1));
        assert_eq!(at.to_rfc3339(), "2026-11-24T08:36:40+00:00");
        assert_eq!(event_of(&starts).unwrap(), None);
        assert_eq!(event_of(golden!("ec2-spot-interruption")).unwrap(), None);
        for other in [golden!("s3-object-created"), golden!("s3-notification"), golden!("scheduler")] {
            assert!(matches!(event_of(other), Err(Unreadable::ForAnother(_))));
        }
        let due = told_by(golden!("scheduler")).unwrap();
        assert!(matches!(&due[..], [Told::Due { schedule, .. }] if schedule == "nightly"), "{due:?}");
        let notified = told_by(golden!("sns-notification")).unwrap();
        assert_eq!(notified, [Told::Notified { topic: "assay-trial-spent".to_owned() }]);
        assert!(matches!(told_by(r#"{"source": "assay", "detail": {}}"#), Err(Unreadable::Message(_))));
    }
}
