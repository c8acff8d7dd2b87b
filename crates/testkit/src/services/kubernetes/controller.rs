//! The **controller**: what Argo Workflows does with a workflow, and what it notes in its status.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Cluster, RETRIES, TEMPLATE};

impl Cluster {
    /// A new version of a workflow.
    pub fn touch(&mut self, name: &str) {
        self.version += 1;
        let version = self.version.to_string();
        self.get(name)["metadata"]["resourceVersion"] = version.into();
    }

    fn get(&mut self, name: &str) -> &mut Value {
        self.workflows.get_mut(name).expect("a workflow of that name")
    }

    /// Looks at a workflow that was created.
    pub fn admit(&mut self, name: &str) {
        let workflow = self.get(name);
        if workflow["spec"]["workflowTemplateRef"]["name"] != TEMPLATE {
            let message = "workflowtemplates.argoproj.io not found";
            workflow["status"] = json!({"phase": "Error", "message": message, "nodes": {}});
            self.finish(name, "Error");
            return;
        }
        if self.is_full {
            let message =
                "Workflow processing has been postponed because too many workflows are already running";
            self.get(name)["status"] = json!({"phase": "Pending", "message": message});
            return self.touch(name);
        }
        self.get(name)["status"] = json!({"phase": "Running", "startedAt": now(), "nodes": {}});
        self.add_pod(name);
    }

    fn add_pod(&mut self, name: &str) {
        let workflow = self.get(name);
        let nodes = workflow["status"]["nodes"].as_object_mut().expect("nodes");
        let pod = format!("{name}-{}", nodes.len());
        let node = json!({"id": pod, "type": "Pod", "templateName": "run", "phase": "Pending", "startedAt": now(),
            "message": "Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu."});
        nodes.insert(pod, node);
        self.touch(name);
    }

    fn pod(&mut self, name: &str) -> &mut Value {
        let nodes = self.get(name)["status"]["nodes"].as_object_mut().expect("nodes");
        nodes.values_mut().next_back().expect("a pod")
    }

    pub fn wait_since(&mut self, name: &str, at: DateTime<Utc>) {
        self.pod(name)["startedAt"] = at.to_rfc3339().into();
        self.touch(name);
    }

    pub fn lack_image(&mut self, name: &str) {
        let pod = self.pod(name);
        assert_eq!(pod["phase"], "Pending", "{pod}");
        pod["message"] = "ImagePullBackOff: Back-off pulling image".into();
        self.touch(name);
    }

    pub fn begin(&mut self, name: &str) {
        let pod = self.pod(name);
        assert_eq!(pod["phase"], "Pending", "{pod}");
        pod["phase"] = "Running".into();
        pod["message"] = "".into();
        pod["startedAt"] = now().into();
        self.touch(name);
    }

    pub fn exit(&mut self, name: &str, code: i32) {
        let phase = if code == 0 { "Succeeded" } else { "Failed" };
        let message = if code == 0 { String::new() } else { format!("Error (exit code {code})") };
        self.end_pod(name, phase, &message, Some(code));
    }

    pub fn lose_pod(&mut self, name: &str) {
        self.end_pod(name, "Error", "pod deleted", None);
    }

    fn end_pod(&mut self, name: &str, phase: &str, message: &str, code: Option<i32>) {
        let pod = self.pod(name);
        pod["phase"] = phase.into();
        pod["message"] = message.into();
        pod["finishedAt"] = now().into();
        if let Some(code) = code {
            pod["outputs"] = json!({"exitCode": code.to_string()});
        }
        let may_again = code.is_none() || code == Some(75);
        let workflow = self.get(name);
        let tried = workflow["status"]["nodes"].as_object().map_or(0, serde_json::Map::len);
        let is_stopped = !workflow["spec"]["shutdown"].is_null();
        match phase {
            "Succeeded" => self.finish(name, "Succeeded"),
            _ if may_again && !is_stopped && tried <= RETRIES => self.add_pod(name),
            _ => self.finish(name, "Failed"),
        }
    }

    /// Looks at a workflow that was changed.
    pub fn reconcile(&mut self, name: &str) {
        let workflow = self.get(name);
        let (how, phase) = (workflow["spec"]["shutdown"].clone(), workflow["status"]["phase"].clone());
        if how.is_null() || self.is_over(name) {
            return;
        }
        // One that was postponed is not looked at, unless it is terminated.
        if phase == "Pending" {
            if how == "Terminate" {
                self.finish(name, "Failed");
            }
            return;
        }
        let pod = self.pod(name);
        if pod["phase"] == "Pending" {
            pod["phase"] = "Failed".into();
            pod["message"] =
                format!("workflow shutdown with strategy:  {}", how.as_str().unwrap_or_default()).into();
            self.finish(name, "Failed");
        }
        // What runs got its signal; the test says how it exits.
    }

    fn is_over(&mut self, name: &str) -> bool {
        self.get(name)["status"]["finishedAt"].is_string()
    }

    fn finish(&mut self, name: &str, phase: &str) {
        let workflow = self.get(name);
        workflow["status"]["phase"] = phase.into();
        workflow["status"]["finishedAt"] = now().into();
        workflow["metadata"]["labels"]["workflows.argoproj.io/completed"] = "true".into();
        workflow["metadata"]["labels"]["workflows.argoproj.io/phase"] = phase.into();
        self.touch(name);
    }
}

pub fn now() -> String {
    Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
