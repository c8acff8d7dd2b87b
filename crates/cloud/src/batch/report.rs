//! A **report** is what Batch tells of a job, by an answer or by an event, and what it means.

use std::collections::HashMap;

use domain::{BatchId, BatchIndexes, CampaignId, JobId, PriceKind};
use events::JobOutcome;
use serde::Deserialize;
use store::StartingJob;
use store::ports::dispatcher::{DISK_FULL, INTERRUPTED, KILLED, NO_HARNESS, NO_HARNESS_IN_IMAGE, STOPPED};

use super::pods;
use super::submission::{BATCHES, CAMPAIGN, PRICE};

/// What Kubernetes says of a container that was killed for its memory.
const OOM_KILLED: &str = "OOMKilled";

/// What the status reason of a job begins with whose host is gone.
pub(super) const HOST_LOST: &str = "Host EC2";

/// What the status reason of a job begins with whose container did not start: its image could not be pulled, which a registry
/// that throttles brings about as well as one that has no such image, or Docker was too slow. The container's reason says
/// which. See <https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html>.
pub(super) const NOT_STARTED: &str = "Task failed to start";

/// What the status reason of a job begins with that its queue ended, since it waited too long (`jobStateTimeLimitActions`);
/// then comes what it waited for. See
/// <https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_capacity.md>.
const WAITED: &str = "Canceled by JobStateTimeLimit action due to reason: ";

/// What the reason begins with that we end a job for which starts for too long.
pub(super) const STILL_STARTING: &str = "still starting after ";

/// What a job waits for that no instance is to be had for.
const NO_CAPACITY: &str = "CAPACITY:";

/// A job, as `DescribeJobs` and state-change events have it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub job_id: String,
    /// When it was made, ms since 1970; of the child of an array, when its parent made it.
    #[serde(default)]
    pub created_at: i64,
    pub status: String,
    #[serde(default)]
    pub status_reason: Option<String>,
    #[serde(default)]
    pub parameters: HashMap<String, String>,
    #[serde(default)]
    pub container: Container,
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    #[serde(default)]
    pub eks_properties: pods::Properties,
    #[serde(default)]
    pub eks_attempts: Vec<pods::PodAttempt>,
    #[serde(default)]
    pub array_properties: Array,
    #[serde(default)]
    pub is_cancelled: bool,
    #[serde(default)]
    pub is_terminated: bool,
}

/// Its last container.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
    pub log_stream_name: Option<String>,
}

/// One attempt of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attempt {
    pub status_reason: Option<String>,
}

/// Set for a job that is many.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Array {
    pub size: Option<i32>,
}

impl Report {
    /// The campaign and the batch; `None` for an array as a whole, and for jobs that are not ours.
    pub fn subject(&self) -> Option<(CampaignId, BatchId)> {
        if self.array_properties.size.is_some() {
            return None;
        }
        let campaign: CampaignId = self.told(CAMPAIGN, "--campaign")?.parse().ok()?;
        let Some(batches) = self.told(BATCHES, "--batches") else {
            let batch = self.eks_properties.pod_properties.argument("--batch")?;
            return Some((campaign, batch.parse().ok()?));
        };
        let batches: BatchIndexes = batches.parse().ok()?;
        // The id of a child of an array ends in its index.
        let position = match self.job_id.split_once(':') {
            None => 0,
            Some((_, index)) => index.parse().ok()?,
        };
        let batch = batches.batch(&campaign, position)?;
        Some((campaign, batch))
    }

    /// A parameter of the job, or what follows a flag on its pod's command line.
    fn told(&self, parameter: &str, flag: &str) -> Option<&str> {
        let parameter = self.parameters.get(parameter).map(String::as_str);
        parameter.or_else(|| self.eks_properties.pod_properties.argument(flag))
    }

    /// That it has a host and does not run yet, if so.
    pub fn starting(&self) -> Option<StartingJob> {
        let ended_attempts = self.attempts.len().max(self.eks_attempts.len());
        (self.status == "STARTING").then(|| StartingJob { id: self.job_id.clone(), ended_attempts })
    }

    /// The image of its pod.
    pub fn image(&self) -> Option<&str> {
        self.eks_properties.pod_properties.image()
    }

    /// The job's id as ours.
    pub fn id(&self) -> Option<JobId> {
        JobId::of_foreign(&self.job_id)
    }

    /// Whether we ended it, for a pause or a cancellation.
    fn was_stopped(&self) -> bool {
        self.is_terminated && self.status_reason.as_deref().is_some_and(|status| status.starts_with(STOPPED))
    }

    /// Whether an attempt of it lost its host, or it found none: on demand it may fare better.
    pub fn lost_a_host(&self) -> bool {
        if self.waited_for().is_some_and(|what| what.starts_with(NO_CAPACITY)) {
            return true;
        }
        let of_containers = self.attempts.iter().map(|attempt| &attempt.status_reason);
        let of_pods = self.eks_attempts.iter().map(|attempt| &attempt.status_reason);
        let mut reasons = of_containers.chain(of_pods).chain([&self.status_reason]).flatten();
        // A pod that we stopped may be gone before anybody saw it exit.
        let stopped = usize::from(self.was_stopped());
        reasons.any(|reason| reason.starts_with(HOST_LOST))
            || self.eks_attempts.iter().rev().skip(stopped).any(pods::PodAttempt::lost_its_host)
    }

    /// What it waited for until its queue ended it.
    fn waited_for(&self) -> Option<&str> {
        self.status_reason.as_deref()?.strip_prefix(WAITED)
    }

    /// Whether its machine was to be had at any price.
    fn is_on_demand(&self) -> bool {
        self.told(PRICE, "--capacity") == Some(PriceKind::OnDemand.name())
    }

    /// How a job ended that waited too long for something.
    fn ended_waiting(&self, what: &str) -> JobOutcome {
        match (what.starts_with(NO_CAPACITY), self.is_on_demand()) {
            (true, false) => {
                JobOutcome::Interrupted { reason: format!("no spot instance was to be had ({what})") }
            }
            (true, true) => JobOutcome::Failed {
                reason: format!(
                    "no instance was to be had on demand ({what}); ask for the campaign again later to go on"
                ),
            },
            (false, _) => JobOutcome::Failed {
                reason: format!(
                    "its job can never run ({what}); mend the job definition or the machines of its queue"
                ),
            },
        }
    }

    /// The name of its last pod, on EKS.
    fn pod(&self) -> Option<&str> {
        let last = self.eks_attempts.last().and_then(|attempt| attempt.pod_name.as_deref());
        last.or(self.eks_properties.pod_properties.pod_name.as_deref())
    }

    /// Its last container, wherever it ran.
    fn last_container(&self) -> Container {
        let pod = &self.eks_properties.pod_properties;
        match self.eks_attempts.last() {
            Some(attempt) => pods::container(&attempt.containers),
            None if pod.containers.is_empty() => self.container.clone(),
            None => pods::container(&pod.containers),
        }
    }

    /// How it ended, if it did.
    pub fn outcome(&self) -> Option<JobOutcome> {
        match self.status.as_str() {
            "SUCCEEDED" => Some(JobOutcome::Finished),
            "FAILED" => Some(self.failure()),
            _ => None,
        }
    }

    fn failure(&self) -> JobOutcome {
        let status = self.status_reason.as_deref().unwrap_or("no reason was given");
        let Container { exit_code, reason, log_stream_name } = self.last_container();
        let log = match self.pod() {
            Some(pod) => format!("the log of pod {pod}"),
            None => {
                let stream = log_stream_name.as_deref().unwrap_or("the log group of the definition");
                format!("{stream} in CloudWatch Logs")
            }
        };
        let failed = |reason: String| JobOutcome::Failed { reason };
        let interrupted = |reason: &str| JobOutcome::Interrupted { reason: reason.to_owned() };
        match (exit_code, reason.as_deref()) {
            _ if self.was_stopped() => interrupted(status),
            _ if let Some(what) = self.waited_for() => self.ended_waiting(what),
            _ if self.is_terminated && status.starts_with(STILL_STARTING) => {
                failed(format!("it was {status}; ask for the campaign again when that is mended"))
            }
            // Somebody else wanted it to end, so it is not submitted again.
            _ if self.is_cancelled || self.is_terminated => {
                failed(format!("cancelled: {status}; ask for the campaign again to go on"))
            }
            _ if status.starts_with(HOST_LOST) => interrupted(status),
            _ if self.eks_attempts.last().is_some_and(pods::PodAttempt::lost_its_host) => interrupted(
                &format!("the node of pod {} is gone ({status})", self.pod().unwrap_or("without a name")),
            ),
            (_, Some(reason)) if reason.starts_with("OutOfMemory") || reason == OOM_KILLED => {
                failed(format!("{reason}; give the job definition more memory"))
            }
            (Some(INTERRUPTED), _) => interrupted("the runner was told to stop"),
            (Some(DISK_FULL), _) => {
                failed("the disk of the host is full; give the hosts a larger one".to_owned())
            }
            (Some(NO_HARNESS), _) => failed(NO_HARNESS_IN_IMAGE.to_owned()),
            (Some(code), _) if KILLED.contains(&code) => {
                interrupted(&format!("the runner was killed ({code}); see {log}"))
            }
            (Some(code), _) => failed(format!("the runner ended with exit code {code}; see {log}")),
            // An image that is never there ends with the last of a few jobs in a row.
            (None, reason) if status.starts_with(NOT_STARTED) => interrupted(&format!(
                "its container did not start ({}); if that goes on, mend the image of the job definition, or what keeps its \
                 hosts from it",
                reason.unwrap_or(status)
            )),
            (None, reason) => {
                failed(format!("{}; mend the job definition or its queue", reason.unwrap_or(status)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(exit_code: Option<i32>, reason: Option<&str>, status_reason: &str) -> Report {
        Report {
            status: "FAILED".to_owned(),
            status_reason: Some(status_reason.to_owned()),
            container: Container { exit_code, reason: reason.map(str::to_owned), log_stream_name: None },
            ..Report::default()
        }
    }

    /// As of a pod, whose job says nothing of use.
    fn on_eks(exit_code: Option<i32>, reason: Option<&str>, started_at: Option<i64>) -> Report {
        let runner = pods::PodContainer {
            exit_code,
            reason: reason.map(str::to_owned),
            ..pods::PodContainer::default()
        };
        let attempt =
            pods::PodAttempt { containers: vec![runner], started_at, ..pods::PodAttempt::default() };
        Report { eks_attempts: vec![attempt], ..failed(None, None, "failed") }
    }

    #[test]
    fn a_pod_that_ran_and_did_not_exit_lost_its_node() {
        assert!(on_eks(None, None, Some(1)).lost_a_host());
        assert!(!on_eks(Some(75), None, Some(1)).lost_a_host());
        assert!(!on_eks(None, Some("ErrImagePull"), None).lost_a_host());
        let status_reason = Some("stopped on request: for a pause".to_owned());
        let stopped = Report { is_terminated: true, status_reason, ..on_eks(None, None, Some(1)) };
        assert!(!stopped.lost_a_host());
    }

    #[test]
    fn a_job_that_found_no_machine_goes_on_on_demand_and_then_fails() {
        let ended = |price: Option<&str>, what: &str| Report {
            is_cancelled: true,
            parameters: price.map(|price| (PRICE.to_owned(), price.to_owned())).into_iter().collect(),
            ..failed(None, None, &format!("Canceled by JobStateTimeLimit action due to reason: {what}"))
        };
        let capacity = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY";
        for price in [Some("spot"), None] {
            let report = ended(price, capacity);
            assert!(report.lost_a_host());
            let reason = format!("no spot instance was to be had ({capacity})");
            assert_eq!(report.outcome(), Some(JobOutcome::Interrupted { reason }));
        }
        // On EKS the pod's command line says it, where parameters are not told.
        let mut on_eks = ended(None, capacity);
        on_eks.eks_properties.pod_properties.containers = vec![pods::PodContainer {
            args: ["run", "--capacity", "on-demand"].map(str::to_owned).to_vec(),
            ..pods::PodContainer::default()
        }];
        for (report, why) in [
            (on_eks, "no instance was to be had on demand"),
            (ended(Some("on-demand"), capacity), "no instance was to be had on demand"),
            (ended(Some("spot"), "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"), "its job can never run"),
        ] {
            let Some(JobOutcome::Failed { reason }) = report.outcome() else { panic!("{report:?}") };
            assert!(reason.starts_with(why), "{reason}");
        }
    }

    #[test]
    fn an_image_without_a_harness_is_told_with_its_mend() {
        let exited = "Essential container in task exited";
        for report in [failed(Some(78), None, exited), on_eks(Some(78), Some("Error"), Some(1))] {
            let Some(JobOutcome::Failed { reason }) = report.outcome() else { panic!("{report:?}") };
            assert!(reason.contains("accuracy.tasks") && reason.contains("docs/accuracy.md"), "{reason}");
        }
    }

    #[test]
    fn what_may_go_on_is_told_from_what_may_not() {
        let exited = "Essential container in task exited";
        let lost = "Host EC2 (instance i-0a1b) terminated.";
        for report in [
            failed(None, None, lost),
            failed(Some(75), None, exited),
            failed(Some(137), None, exited),
            failed(None, Some("CannotPullContainerError: 429 Too Many Requests"), "Task failed to start"),
            failed(None, Some("DockerTimeoutError: Could not transition to created"), "Task failed to start"),
            failed(None, None, "Task failed to start: ResourceInitializationError"),
            on_eks(Some(75), Some("Error"), Some(1)),
            on_eks(Some(143), Some("Error"), Some(1)),
            on_eks(None, None, Some(1)),
            Report { is_terminated: true, ..failed(Some(75), None, "stopped on request: for a pause") },
        ] {
            assert!(matches!(report.outcome(), Some(JobOutcome::Interrupted { .. })), "{report:?}");
        }
        for report in [
            failed(Some(1), None, exited),
            failed(Some(74), None, exited),
            failed(Some(137), Some("OutOfMemoryError: Container killed due to memory usage"), exited),
            failed(None, None, "JobDefinition is invalid"),
            on_eks(Some(137), Some("OOMKilled"), Some(1)),
            on_eks(Some(1), Some("Error"), Some(1)),
            // Its image was never there.
            on_eks(None, Some("ErrImagePull"), None),
            Report { is_terminated: true, ..failed(Some(75), None, "not needed") },
        ] {
            assert!(matches!(report.outcome(), Some(JobOutcome::Failed { .. })), "{report:?}");
        }
        assert_eq!(Report { status: "RUNNING".to_owned(), ..Report::default() }.outcome(), None);
    }
}
