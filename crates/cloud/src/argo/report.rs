//! A **report** is what Argo notes of a workflow, and what it means.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{BatchId, CampaignId, JobId, PriceKind};
use events::JobOutcome;
use serde::Deserialize;
use serde_json::Value;
use store::ports::dispatcher::{DISK_FULL, INTERRUPTED, KILLED, NO_HARNESS, NO_HARNESS_IN_IMAGE, STOPPED};
use store::{JobState, KnownJob};

use super::workflow::{
    BATCH, CAMPAIGN, CAPACITY, GPU_LABEL, NO_IMAGE_ANNOTATION, NO_IMAGE_SINCE_ANNOTATION, NO_NODE_ANNOTATION,
    NODE_SELECTOR, NOWHERE_ANNOTATION, STOPPED_ANNOTATION,
};

/// What the message of a pod says that the cluster took away, and that did not end by itself.
const TAKEN_AWAY: [&str; 6] =
    ["pod deleted", "node shutdown", "evict", "low on resource", "preempt", "node was"];

/// What the message of a pod begins with that has no node yet.
const UNSCHEDULABLE: &str = "Unschedulable";

/// What the message of a pod begins with whose image cannot be had: the node tries again and again, and Argo waits.
const NO_IMAGE: [&str; 3] = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"];

/// A workflow.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Report {
    pub metadata: Metadata,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub name: String,
    #[serde(default)]
    pub namespace: String,
    pub uid: String,
    #[serde(default)]
    pub resource_version: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Spec {
    #[serde(default)]
    arguments: Arguments,
    #[serde(default)]
    shutdown: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, Deserialize)]
struct Parameter {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    phase: String,
    message: String,
    finished_at: Option<DateTime<Utc>>,
    nodes: BTreeMap<String, Node>,
}

/// A part of a workflow; those of the type `Pod` are tries of the runner.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Node {
    #[serde(rename = "type")]
    kind: String,
    phase: String,
    message: String,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    outputs: Outputs,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Outputs {
    exit_code: Option<String>,
}

impl Node {
    /// Argo's own `-1` is for a container whose exit nobody saw.
    fn exit_code(&self) -> Option<i32> {
        self.outputs.exit_code.as_ref()?.parse().ok().filter(|code| *code >= 0)
    }

    /// Whether it got a node, and did not lose it before this instant.
    fn had_a_node_since(&self, since: DateTime<Utc>) -> bool {
        let ran = self.exit_code().is_some() || self.was_taken_away();
        self.phase == "Running" || (ran && self.finished_at.is_some_and(|at| at > since))
    }

    /// Whether the cluster ended it: its node went, or something more urgent came.
    fn was_taken_away(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        let is_said = TAKEN_AWAY.iter().any(|taken| message.contains(taken));
        is_said || (self.phase == "Error" && self.exit_code().is_none())
    }
}

impl Report {
    /// The campaign and the batch; `None` for workflows that are not ours.
    pub fn subject(&self) -> Option<(CampaignId, BatchId)> {
        Some((self.parameter(CAMPAIGN)?.parse().ok()?, self.parameter(BATCH)?.parse().ok()?))
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let parameters = &self.spec.arguments.parameters;
        parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value.as_str())
    }

    pub fn job(&self) -> Option<KnownJob> {
        let (_, batch) = self.subject()?;
        let state = match self.outcome() {
            Some(outcome) => JobState::Ended(outcome),
            None if self.pods().any(|pod| pod.phase == "Running") => JobState::Running,
            None => JobState::Waiting,
        };
        let lost_a_host = self.found_no_node().is_some() || self.pods().any(Node::was_taken_away);
        Some(KnownJob { id: self.metadata.uid.clone(), batch, state, lost_a_host })
    }

    /// Which nodes it may run on: what they are rented as, and their labels.
    pub fn wants(&self) -> Option<(PriceKind, &str)> {
        let capacity = self.parameter(CAPACITY)?;
        let capacity = [PriceKind::Spot, PriceKind::OnDemand].into_iter().find(|c| c.name() == capacity)?;
        Some((capacity, self.parameter(NODE_SELECTOR)?))
    }

    /// The GPU of these nodes, of each of which there is one pool; none on a processor.
    pub fn gpu(&self) -> Option<String> {
        let labels: Value = serde_json::from_str(self.parameter(NODE_SELECTOR)?).ok()?;
        Some(labels[GPU_LABEL].as_str()?.to_owned())
    }

    /// Since when it waits for a node, if it does: its pod is there, and no node for it.
    pub fn waits_for_a_node_since(&self) -> Option<DateTime<Utc>> {
        let waits = |pod: &&Node| pod.phase == "Pending" && pod.message.starts_with(UNSCHEDULABLE);
        let may_be_ended = self.spec.shutdown.is_empty() && self.outcome().is_none();
        self.pods().find(waits).filter(|_| may_be_ended)?.started_at
    }

    /// What is said of its pod's image, where that is not to be had, and since when it is noted so of this pod. Argo says since
    /// when a pod is there, which may have waited long for its node.
    pub fn lacks_its_image(&self) -> Option<(&str, Option<DateTime<Utc>>)> {
        let lacks =
            |pod: &&Node| pod.phase == "Pending" && NO_IMAGE.iter().any(|what| pod.message.starts_with(what));
        let may_be_ended = self.spec.shutdown.is_empty() && self.outcome().is_none();
        let pod = self.pods().find(lacks).filter(|_| may_be_ended)?;
        let noted = self.metadata.annotations.get(NO_IMAGE_SINCE_ANNOTATION);
        let noted = noted.and_then(|at| at.parse::<DateTime<Utc>>().ok());
        Some((&pod.message, noted.filter(|at| pod.started_at.is_none_or(|there| *at >= there))))
    }

    /// Whether it got a node, and did not lose it before this instant.
    pub fn had_a_node_since(&self, since: DateTime<Utc>) -> bool {
        self.pods().any(|pod| pod.had_a_node_since(since))
    }

    /// Why we ended it, if it was for want of a spot node.
    fn found_no_node(&self) -> Option<&str> {
        self.metadata.annotations.get(NO_NODE_ANNOTATION).map(String::as_str)
    }

    /// The job's id as ours.
    pub fn id(&self) -> Option<JobId> {
        self.metadata.uid.parse().ok()
    }

    /// When it ended.
    pub const fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.status.finished_at
    }

    /// How it ended, if it did.
    pub fn outcome(&self) -> Option<JobOutcome> {
        match self.status.phase.as_str() {
            "Succeeded" => Some(JobOutcome::Finished),
            "Failed" | "Error" => Some(self.failure()),
            _ => None,
        }
    }

    fn pods(&self) -> impl Iterator<Item = &Node> {
        self.status.nodes.values().filter(|node| node.kind == "Pod")
    }

    fn failure(&self) -> JobOutcome {
        let failed = |reason: String| JobOutcome::Failed { reason };
        let interrupted = |reason: String| JobOutcome::Interrupted { reason };
        let log = format!(
            "`kubectl -n {} logs -l workflows.argoproj.io/workflow={} -c main`",
            self.metadata.namespace, self.metadata.name
        );
        match (self.metadata.annotations.get(STOPPED_ANNOTATION), self.spec.shutdown.as_str()) {
            (_, "") => {}
            _ if let Some(why) = self.found_no_node() => return interrupted(why.to_owned()),
            _ if let Some(why) = self.metadata.annotations.get(NO_IMAGE_ANNOTATION) => {
                return failed(format!(
                    "its image was not to be had ({why}); push it, or name another, and ask for the campaign again"
                ));
            }
            _ if let Some(why) = self.metadata.annotations.get(NOWHERE_ANNOTATION) => {
                return failed(format!("{why}; ask for the campaign again later to go on"));
            }
            (Some(why), _) => return interrupted(format!("{STOPPED}: {why}")),
            // Somebody else wanted it to end, so it is not submitted again.
            (None, how) => {
                return failed(format!(
                    "its workflow was ended by somebody ({how}); ask for the campaign again to go on"
                ));
            }
        }
        let Some(last) = self.pods().max_by_key(|pod| pod.finished_at) else {
            let why = &self.status.message;
            return failed(format!("its workflow did not begin ({why}); mend the WorkflowTemplate"));
        };
        match last.exit_code() {
            Some(INTERRUPTED) => interrupted("the runner was told to stop".to_owned()),
            _ if last.message.contains("OOMKilled") => {
                failed("OOMKilled; give the runner of the WorkflowTemplate more memory".to_owned())
            }
            Some(NO_HARNESS) => failed(NO_HARNESS_IN_IMAGE.to_owned()),
            Some(DISK_FULL) => failed("the disk of the node is full; give the nodes a larger one".to_owned()),
            Some(code) if KILLED.contains(&code) => {
                interrupted(format!("the runner was killed ({code}); see {log}"))
            }
            _ if last.was_taken_away() => interrupted(format!("its pod was lost: {}", last.message)),
            Some(code) => failed(format!("the runner ended with exit code {code}; see {log}")),
            None => failed(format!("{}; mend the WorkflowTemplate or the nodes; see {log}", last.message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn report(shutdown: &str, annotations: &Value, phase: &str, pods: &Value) -> Report {
        serde_json::from_value(json!({
            "metadata": {"name": "demo-b0-1", "namespace": "gpu-workloads", "uid": "u-1", "annotations": annotations},
            "spec": {"shutdown": shutdown, "arguments": {"parameters": [
                {"name": "campaign", "value": "demo"}, {"name": "batch", "value": "demo.b0"}]}},
            "status": {"phase": phase, "nodes": pods},
        }))
        .unwrap()
    }

    fn pod(phase: &str, message: &str, exit_code: Option<&str>) -> Value {
        json!({"a": {"type": "Pod", "phase": phase, "message": message, "outputs": {"exitCode": exit_code}},
            "b": {"type": "Retry", "phase": phase}})
    }

    #[test]
    fn what_may_go_on_is_told_from_what_may_not() {
        for pods in [
            pod("Failed", "Error (exit code 75)", Some("75")),
            pod("Failed", "Error (exit code 137)", Some("137")),
            pod("Error", "pod deleted", None),
            pod("Error", "pod deleted", Some("-1")),
            pod("Failed", "The node was low on resource: ephemeral-storage.", None),
            pod("Failed", "Pod was terminated in response to imminent node shutdown.", None),
        ] {
            let report = report("", &json!({}), "Failed", &pods);
            assert!(matches!(report.outcome(), Some(JobOutcome::Interrupted { .. })), "{report:?}");
        }
        for pods in [
            pod("Failed", "Error (exit code 1)", Some("1")),
            pod("Failed", "Error (exit code 74)", Some("74")),
            pod("Failed", "Error (exit code 78)", Some("78")),
            pod("Failed", "OOMKilled (exit code 137)", Some("137")),
            pod("Failed", "Pod was active on the node longer than the specified deadline", None),
            json!({}),
        ] {
            let report = report("", &json!({}), "Error", &pods);
            assert!(matches!(report.outcome(), Some(JobOutcome::Failed { .. })), "{report:?}");
        }
    }

    #[test]
    fn what_we_stop_is_interrupted_and_what_others_stop_has_failed() {
        let pods = pod("Failed", "workflow shutdown with strategy:  Stop", Some("75"));
        let ours = report("Stop", &json!({"assay/stopped": "its campaign was paused"}), "Failed", &pods);
        let reason = "stopped on request: its campaign was paused".to_owned();
        assert_eq!(ours.outcome(), Some(JobOutcome::Interrupted { reason }));
        let theirs = report("Terminate", &json!({}), "Failed", &pods);
        assert!(matches!(theirs.outcome(), Some(JobOutcome::Failed { .. })));
    }

    #[test]
    fn a_job_runs_when_its_pod_does() {
        let state = |phase: &str, pods: Value| report("", &json!({}), phase, &pods).job().unwrap().state;
        assert_eq!(state("", json!({})), JobState::Waiting);
        assert_eq!(state("Running", pod("Pending", "Unschedulable", None)), JobState::Waiting);
        assert_eq!(state("Running", pod("Running", "", None)), JobState::Running);
        assert_eq!(
            state("Succeeded", pod("Succeeded", "", Some("0"))),
            JobState::Ended(JobOutcome::Finished)
        );
    }
}
