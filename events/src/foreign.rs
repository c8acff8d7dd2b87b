//! **Foreign events** are what AWS tells our functions in EventBridge's envelope: an object that was uploaded, a schedule
//! that is due, a job that changed its state, an instance that will be taken away. Of each only what we need is read, and
//! whatever AWS adds is passed over.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// An event of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// What happened.
    pub notice: Notice,
}

/// What AWS tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// S3 has a new object.
    ObjectCreated {
        /// Its bucket.
        bucket: String,
        /// Its key, as it is: not encoded as in a URL.
        key: String,
        /// Bytes.
        size: u64,
    },
    /// A schedule is due.
    Scheduled {
        /// The ARN of the schedule.
        schedule: String,
    },
    /// A job of AWS Batch has another state.
    JobStateChange {
        /// The job.
        job: String,
        /// The state, such as `FAILED`.
        status: String,
        /// Why, where Batch says so.
        reason: Option<String>,
    },
    /// A spot instance will be taken away in two minutes.
    InstanceInterruption {
        /// The instance.
        instance: String,
        /// What will be done to it: `terminate`, `stop` or `hibernate`.
        action: String,
    },
}

/// A text that is none of these events.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not in EventBridge's envelope, or not as its teller tells.
    #[error("the event cannot be read ({0})")]
    Json(#[from] serde_json::Error),
    /// A schedule is told without its name.
    #[error("the event of a schedule does not name it")]
    NoSchedule,
    /// Nobody asked for it.
    #[error("the event is a `{detail_type}` of `{teller}`, which nobody here asks for")]
    Unknown {
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
    time: DateTime<Utc>,
    #[serde(default)]
    resources: Vec<String>,
    detail: serde_json::Value,
}

#[derive(Deserialize)]
struct Upload {
    bucket: Named,
    object: Object,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
    #[serde(default)]
    size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    job_id: String,
    status: String,
    #[serde(default)]
    status_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Interruption {
    instance_id: String,
    instance_action: String,
}

impl Foreign {
    /// Reads an event.
    ///
    /// # Errors
    /// When it is none that is known here.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let envelope: Envelope = serde_json::from_str(text)?;
        let Envelope { source, detail_type, time, resources, detail } = envelope;
        let notice = match (source.as_str(), detail_type.as_str()) {
            ("aws.s3", "Object Created") => {
                let Upload { bucket, object } = serde_json::from_value(detail)?;
                Notice::ObjectCreated { bucket: bucket.name, key: object.key, size: object.size }
            }
            ("aws.scheduler", "Scheduled Event") => {
                let schedule = resources.into_iter().next().ok_or(Unreadable::NoSchedule)?;
                Notice::Scheduled { schedule }
            }
            ("aws.batch", "Batch Job State Change") => {
                let Job { job_id, status, status_reason } = serde_json::from_value(detail)?;
                Notice::JobStateChange { job: job_id, status, reason: status_reason }
            }
            ("aws.ec2", "EC2 Spot Instance Interruption Warning") => {
                let Interruption { instance_id, instance_action } = serde_json::from_value(detail)?;
                Notice::InstanceInterruption { instance: instance_id, action: instance_action }
            }
            _ => return Err(Unreadable::Unknown { teller: source, detail_type }),
        };
        Ok(Self { time, notice })
    }
}
