//! A **pod** is what a job of AWS Batch is on EKS: what a submission says of it, and what is told of it after.
//!
//! What AWS documents, and what follows:
//!
//! | documented | so |
//! |---|---|
//! | `command` of a pod takes the place of the image's entrypoint, `args` are handed to it | the command line of the runner goes as `args` |
//! | `resources` override those of the job definition; not whether one of them or all | the job definition says the GPUs, one for each hardware config, and a submission says nothing of them |
//! | an exit code and a reason of each container, in `eksAttempts` and `eksProperties` | they decide, as on ECS |
//! | what the status reason is when a node is lost: nothing | an attempt that ran and has no exit code lost its host |
//! | a pod's command line in what is told of its job; not whether `parameters` are | either says which batch it is |
//! | a job that no condition of `evaluateOnExit` fits is tried again | so is such an attempt |
//! | a pod whose image cannot be had stays STARTING until `TerminateJob` | [`super::starting`] ends it |
//!
//! Pods reach no instance metadata (infra/kubernetes), so that a runner gets no notice of EC2 there.

use aws_sdk_batch::types::{
    EksAttemptDetail, EksContainerOverride, EksPodPropertiesDetail, EksPodPropertiesOverride,
    EksPropertiesOverride,
};
use serde::Deserialize;

use super::report::Container;

/// The container of the runner, as job definitions call it; a pod may have others beside it.
const CONTAINER: &str = "runner";

/// The overrides of a job definition that hand a command line to the runner.
pub(super) fn overrides(command: Vec<String>) -> EksPropertiesOverride {
    let runner = EksContainerOverride::builder().name(CONTAINER).set_args(Some(command)).build();
    let pod = EksPodPropertiesOverride::builder().containers(runner).build();
    EksPropertiesOverride::builder().pod_properties(pod).build()
}

/// `eksProperties` of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Properties {
    pub pod_properties: Pod,
}

/// Its last pod.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Pod {
    pub pod_name: Option<String>,
    pub containers: Vec<PodContainer>,
}

/// One attempt of it, in `eksAttempts`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodAttempt {
    pub pod_name: Option<String>,
    pub containers: Vec<PodContainer>,
    /// When it went from STARTING to RUNNING, in ms since 1970; absent when it never did.
    pub started_at: Option<i64>,
    pub status_reason: Option<String>,
}

/// A container of a pod.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodContainer {
    pub name: Option<String>,
    pub image: Option<String>,
    pub args: Vec<String>,
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
}

impl PodAttempt {
    /// Whether it ran and nobody saw it exit.
    pub fn lost_its_host(&self) -> bool {
        self.started_at.is_some() && runner(&self.containers).is_none_or(|runner| runner.exit_code.is_none())
    }
}

impl Pod {
    /// What follows a flag on the runner's command line.
    pub fn argument(&self, flag: &str) -> Option<&str> {
        let args = &runner(&self.containers)?.args;
        args.iter().skip_while(|arg| *arg != flag).nth(1).map(String::as_str)
    }

    /// The image of the runner.
    pub fn image(&self) -> Option<&str> {
        runner(&self.containers)?.image.as_deref()
    }
}

/// The runner; the only one may have another name.
fn runner(containers: &[PodContainer]) -> Option<&PodContainer> {
    let named = containers.iter().find(|container| container.name.as_deref() == Some(CONTAINER));
    named.or(containers.first().filter(|_| containers.len() == 1))
}

/// The runner's, as one of ECS; it has no log stream.
pub(super) fn container(containers: &[PodContainer]) -> Container {
    let runner = runner(containers);
    Container {
        exit_code: runner.and_then(|runner| runner.exit_code),
        reason: runner.and_then(|runner| runner.reason.clone()),
        log_stream_name: None,
    }
}

impl From<EksPodPropertiesDetail> for Pod {
    fn from(pod: EksPodPropertiesDetail) -> Self {
        let containers = pod.containers.unwrap_or_default().into_iter();
        let containers = containers.map(|c| PodContainer {
            name: c.name,
            image: c.image,
            args: c.args.unwrap_or_default(),
            exit_code: c.exit_code,
            reason: c.reason,
        });
        Self { pod_name: pod.pod_name, containers: containers.collect() }
    }
}

impl From<EksAttemptDetail> for PodAttempt {
    fn from(attempt: EksAttemptDetail) -> Self {
        let containers = attempt.containers.unwrap_or_default().into_iter();
        let containers = containers.map(|c| PodContainer {
            name: c.name,
            exit_code: c.exit_code,
            reason: c.reason,
            ..PodContainer::default()
        });
        Self {
            pod_name: attempt.pod_name,
            containers: containers.collect(),
            started_at: attempt.started_at,
            status_reason: attempt.status_reason,
        }
    }
}
