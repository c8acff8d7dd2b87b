//! Jobs and what is told of them.

use std::collections::BTreeMap;

use chrono::Utc;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::ACCOUNT;
use super::platform::Platform;
use super::retry::RetryStrategy;

/// The states of a job, as they are named on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Submitted,
    Pending,
    Runnable,
    Starting,
    Running,
    Succeeded,
    Failed,
}

impl Status {
    pub const ALL: [Self; 7] = [
        Self::Submitted,
        Self::Pending,
        Self::Runnable,
        Self::Starting,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Pending => "PENDING",
            Self::Runnable => "RUNNABLE",
            Self::Starting => "STARTING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// What is done to a job from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    Nothing,
    /// `TerminateJob`, with its reason.
    Terminate(String),
    /// The container's process is killed.
    Kill,
    /// The host gets a notice, and goes.
    Reclaim,
    /// The host is gone.
    Lost,
}

/// Whether a job is one of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Array {
    No,
    Parent { size: u32 },
    Child { index: u32 },
}

/// How one attempt ended.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Absent when the host went first.
    pub exit_code: Option<i32>,
    /// What the container says.
    pub reason: Option<String>,
    /// What Batch says.
    pub status_reason: String,
    pub started_at: i64,
    pub stopped_at: i64,
}

/// What `SubmitJob` asked for.
#[derive(Debug, Clone)]
pub struct Request {
    pub name: String,
    pub queue: String,
    pub definition: String,
    pub parameters: Map<String, Value>,
    /// In place of that of the image, where it is not empty.
    pub entrypoint: Vec<String>,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub resources: Value,
    pub retry: RetryStrategy,
}

#[derive(Debug)]
pub struct Job {
    pub id: String,
    pub request: Request,
    pub array: Array,
    pub status: Status,
    pub status_reason: Option<String>,
    pub attempts: Vec<Attempt>,
    pub control: watch::Sender<Control>,
    pub is_terminated: bool,
    /// The host that it runs on or ran on last.
    pub host: Option<String>,
    created_at: i64,
    pub started_at: Option<i64>,
    pub stopped_at: Option<i64>,
}

impl Job {
    pub fn new(id: String, request: Request, array: Array) -> Self {
        Self {
            id,
            request,
            array,
            status: Status::Submitted,
            status_reason: None,
            attempts: vec![],
            control: watch::Sender::new(Control::Nothing),
            is_terminated: false,
            host: None,
            created_at: now_ms(),
            started_at: None,
            stopped_at: None,
        }
    }
}

pub fn now_ms() -> i64 {
    Utc::now().timestamp_millis()
}

/// Every job there ever was.
#[derive(Debug, Default)]
pub struct Jobs {
    by_id: BTreeMap<String, Job>,
    order: Vec<String>,
    pub hosts: u32,
}

impl Jobs {
    pub fn add(&mut self, job: Job) {
        self.order.push(job.id.clone());
        self.by_id.insert(job.id.clone(), job);
    }

    pub fn get(&self, id: &str) -> Option<&Job> {
        self.by_id.get(id)
    }

    pub fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut Job) -> T) -> T {
        change(self.by_id.get_mut(id).expect("a job that was submitted"))
    }

    pub fn ids(&self) -> Vec<String> {
        self.order.clone()
    }

    /// In the order of their submission.
    pub fn all(&self) -> impl Iterator<Item = &Job> {
        self.order.iter().filter_map(|id| self.by_id.get(id))
    }

    pub fn children<'a>(&'a self, parent: &str) -> impl Iterator<Item = &'a Job> {
        let prefix = format!("{parent}:");
        self.all().filter(move |job| job.id.starts_with(&prefix))
    }

    pub fn control(&self, id: &str, control: &Control) {
        if let Some(job) = self.by_id.get(id) {
            job.control.send_replace(control.clone());
        }
    }

    pub fn end_all(&self) {
        self.by_id.values().for_each(|job| _ = job.control.send_replace(Control::Lost));
    }

    /// As `DescribeJobs` tells it.
    pub fn describe(&self, id: &str, platform: Platform) -> Option<Value> {
        let job = self.by_id.get(id)?;
        let mut told = json!({
            "jobArn": format!("{ACCOUNT}:job/{id}"),
            "jobId": id,
            "jobName": job.request.name,
            "jobQueue": format!("{ACCOUNT}:job-queue/{}", job.request.queue),
            "jobDefinition": format!("{ACCOUNT}:job-definition/{}:1", job.request.definition),
            "status": job.status.name(),
            "createdAt": job.created_at,
            "retryStrategy": job.request.retry.told(),
            "dependsOn": [],
            "isCancelled": false,
            "isTerminated": job.is_terminated,
            "tags": {},
        });
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                told[name] = value;
            }
        };
        put("statusReason", job.status_reason.clone().map(Value::from));
        put("startedAt", job.started_at.map(Value::from));
        put("stoppedAt", job.stopped_at.map(Value::from));
        put("arrayProperties", self.array_properties(job));
        platform.told(job).into_iter().for_each(|(name, value)| put(&name, Some(value)));
        Some(told)
    }

    fn array_properties(&self, job: &Job) -> Option<Value> {
        match job.array {
            Array::No => None,
            Array::Child { index } => Some(json!({"index": index})),
            Array::Parent { size } => {
                let count = |status| self.children(&job.id).filter(|child| child.status == status).count();
                let summary: Map<String, Value> =
                    Status::ALL.iter().map(|s| (s.name().to_owned(), json!(count(*s)))).collect();
                Some(json!({"size": size, "statusSummary": summary}))
            }
        }
    }
}
