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
        /// Which of the uploads under this key, where it is told: of two the later one has the larger, as hexadecimal digits of
        /// which the shorter is filled up with zeros at its end.
        sequencer: Option<String>,
    },
    /// A schedule is due.
    Scheduled {
        /// The ARN of the schedule, or of the rule.
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
    /// Something was published to a topic of SNS.
    Published {
        /// The ARN of the topic.
        topic: String,
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
    #[serde(default)]
    sequencer: Option<String>,
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

/// A notification that S3 sends without EventBridge.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_source: String,
    event_name: String,
    event_time: DateTime<Utc>,
    s3: Option<Upload>,
}

/// What SNS puts into a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Publication {
    #[serde(rename = "Type")]
    kind: String,
    topic_arn: String,
    timestamp: DateTime<Utc>,
}

/// What S3 sends when notifications are set up.
#[derive(Deserialize)]
struct TestMessage {
    #[serde(rename = "Event")]
    event: String,
}

impl Foreign {
    /// Reads what a message tells: an event, the uploads in a notification that S3 sends without EventBridge, or that
    /// something was published to a topic. The test message of S3 tells nothing.
    ///
    /// # Errors
    /// When it is none that is known here.
    pub fn read_all(text: &str) -> Result<Vec<Self>, Unreadable> {
        if let Ok(Notification { records }) = serde_json::from_str(text) {
            return records.into_iter().map(Self::of_record).collect();
        }
        if let Ok(Publication { kind, topic_arn, timestamp }) = serde_json::from_str(text)
            && kind == "Notification"
        {
            return Ok(vec![Self { time: timestamp, notice: Notice::Published { topic: topic_arn } }]);
        }
        match serde_json::from_str(text) {
            Ok(TestMessage { event }) if event == "s3:TestEvent" => Ok(Vec::new()),
            _ => Ok(vec![Self::read(text)?]),
        }
    }

    fn of_record(record: Record) -> Result<Self, Unreadable> {
        let Record { event_source, event_name, event_time, s3 } = record;
        match s3 {
            Some(Upload { bucket, object }) if event_name.starts_with("ObjectCreated:") => {
                let key = url_decoded(&object.key);
                Ok(Self { time: event_time, notice: object_created(bucket, Object { key, ..object }) })
            }
            _ => Err(Unreadable::Unknown { teller: event_source, detail_type: event_name }),
        }
    }

    /// Reads an event in EventBridge's envelope.
    ///
    /// # Errors
    /// When it is none that is known here.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let envelope: Envelope = serde_json::from_str(text)?;
        let Envelope { source, detail_type, time, resources, detail } = envelope;
        let notice = match (source.as_str(), detail_type.as_str()) {
            ("aws.s3", "Object Created") => {
                let Upload { bucket, object } = serde_json::from_value(detail)?;
                object_created(bucket, object)
            }
            ("aws.scheduler" | "aws.events", "Scheduled Event") => {
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

fn object_created(bucket: Named, object: Object) -> Notice {
    let Object { key, size, sequencer } = object;
    Notice::ObjectCreated { bucket: bucket.name, key, size, sequencer }
}

/// A key as it is: in its notifications S3 encodes it as a form does.
fn url_decoded(text: &str) -> String {
    let hex = |at: usize| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match (byte, hex(at + 1)) {
            (b'+', _) => decoded.push(b' '),
            (b'%', Some(encoded)) => {
                decoded.push(encoded);
                bytes.nth(1);
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
