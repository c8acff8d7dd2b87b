//! The **platform** is what containers run on: it decides how a submission says what runs, and how a job is told.
//!
//! On EKS, from <https://docs.aws.amazon.com/batch/latest/userguide/eks-jobs.html> and the types of the API: containers of
//! pods are overridden by name, `args` go to the entrypoint and `command` takes its place, and what became of them is in
//! `eksProperties` and `eksAttempts`. That `parameters` are told is not documented, and here they are not. What is said of an attempt whose node is lost is not documented: here it is nothing
//! that could be told from something else.

use serde_json::{Map, Value, json};

use super::job::{Attempt, Job, Request};

/// The container of every pod of the fake.
const CONTAINER: &str = "runner";

/// What the definitions and the queues of a fake are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Ecs,
    Eks,
}

/// What a submission says of the container.
pub struct Overrides {
    /// In place of the image's entrypoint.
    pub entrypoint: Vec<String>,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub resources: Value,
}

impl Platform {
    /// The overrides of a submission, or why it may not be.
    pub fn overrides(self, asked: &Value) -> Result<Overrides, String> {
        let wrong = match self {
            Self::Ecs => "eksPropertiesOverride",
            Self::Eks => "containerOverrides",
        };
        if !asked[wrong].is_null() {
            return Err(format!("{wrong} is not for jobs of this definition"));
        }
        match self {
            Self::Ecs => {
                let container = &asked["containerOverrides"];
                Ok(Overrides {
                    entrypoint: Vec::new(),
                    arguments: texts(&container["command"]),
                    environment: pairs(&container["environment"]),
                    resources: container["resourceRequirements"].clone(),
                })
            }
            Self::Eks => {
                let containers = asked["eksPropertiesOverride"]["podProperties"]["containers"].as_array();
                let container = containers.and_then(|all| all.first()).unwrap_or(&Value::Null);
                match container["name"].as_str() {
                    Some(name) if name != CONTAINER => Err(format!("the pod has no container {name}")),
                    _ => Ok(Overrides {
                        entrypoint: texts(&container["command"]),
                        arguments: texts(&container["args"]),
                        environment: pairs(&container["env"]),
                        resources: container["resources"].clone(),
                    }),
                }
            }
        }
    }

    /// What `DescribeJobs` tells of the containers of a job.
    pub fn told(self, job: &Job) -> Map<String, Value> {
        let Request { arguments, environment, resources, definition, .. } = &job.request;
        let environment: Vec<Value> =
            environment.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let last = job.attempts.last();
        let told = match self {
            Self::Ecs => {
                let mut container = ended(last);
                container.extend([
                    ("command".to_owned(), json!(arguments)),
                    ("environment".to_owned(), json!(environment)),
                    ("resourceRequirements".to_owned(), resources.clone()),
                    ("logStreamName".to_owned(), json!(format!("{definition}/default/{}", job.id))),
                ]);
                let attempts: Vec<Value> = job.attempts.iter().map(attempt_of_task).collect();
                json!({"container": container, "attempts": attempts, "parameters": job.request.parameters})
            }
            Self::Eks => {
                let mut container = ended(last);
                container.extend([
                    ("name".to_owned(), json!(CONTAINER)),
                    ("image".to_owned(), json!(format!("images/{definition}"))),
                    ("args".to_owned(), json!(arguments)),
                    ("env".to_owned(), json!(environment)),
                    ("resources".to_owned(), resources.clone()),
                ]);
                let name = pod_name(job);
                let attempts: Vec<Value> = job.attempts.iter().map(|a| attempt_of_pod(a, &name)).collect();
                json!({
                    "eksProperties": {"podProperties": {"podName": name, "containers": [container]}},
                    "eksAttempts": attempts,
                })
            }
        };
        match told {
            Value::Object(told) => told,
            _ => Map::new(),
        }
    }
}

/// The name of a job's pod.
fn pod_name(job: &Job) -> String {
    format!("aws-batch.{}", job.id.replace(':', "."))
}

fn attempt_of_task(attempt: &Attempt) -> Value {
    json!({
        "container": ended(Some(attempt)),
        "startedAt": attempt.started_at,
        "stoppedAt": attempt.stopped_at,
        "statusReason": attempt.status_reason,
    })
}

fn attempt_of_pod(attempt: &Attempt, pod: &str) -> Value {
    let mut container = ended(Some(attempt));
    container.insert("name".to_owned(), json!(CONTAINER));
    let mut told = json!({
        "containers": [container],
        "podName": pod,
        "stoppedAt": attempt.stopped_at,
        "statusReason": attempt.status_reason,
    });
    // A pod that could not be started never went to RUNNING.
    if attempt.exit_code.is_some() || attempt.reason.is_none() {
        told["startedAt"] = json!(attempt.started_at);
    }
    told
}

/// How a container ended, if it did.
fn ended(attempt: Option<&Attempt>) -> Map<String, Value> {
    let exit_code =
        attempt.and_then(|attempt| attempt.exit_code).map(|code| ("exitCode".to_owned(), json!(code)));
    let reason =
        attempt.and_then(|attempt| attempt.reason.clone()).map(|text| ("reason".to_owned(), json!(text)));
    exit_code.into_iter().chain(reason).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn pairs(list: &Value) -> Vec<(String, String)> {
    let pair = |pair: &Value| Some((pair["name"].as_str()?.to_owned(), pair["value"].as_str()?.to_owned()));
    list.as_array().into_iter().flatten().filter_map(pair).collect()
}
