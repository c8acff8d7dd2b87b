//! A campaign by `assay stage`, as the workflow of a cluster calls it. The test plays the cluster: for every workflow that is
//! submitted it runs the runner that its pod would.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;
use testkit::services::KubernetesFake;

use crate::bench::{Bench, Ended, Running, field, sibling, until};

struct Cluster {
    bench: Bench,
    fake: KubernetesFake,
    _runtime: tokio::runtime::Runtime,
}

impl Cluster {
    fn new() -> Self {
        sibling("simulated-engine");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fake = runtime.block_on(KubernetesFake::start());
        Self { bench: Bench::new(), fake, _runtime: runtime }
    }

    fn address(&self, kind: &str, name: &str) -> String {
        format!("{kind}:{}", self.bench.path(name).display())
    }

    fn start(&self, mut command: Command) -> Running {
        command
            .env("ASSAY_LEDGER", self.address("sqlite", "ledger.db"))
            .env("ASSAY_OBJECTS", self.address("dir", "objects"))
            .env("ASSAY_DISPATCHER", "argo://gpu-workloads/assay-batch")
            .env("ASSAY_KUBERNETES", self.fake.url())
            .env("ASSAY_KUBERNETES_CREDENTIALS", self.fake.credentials());
        self.bench.spawn(command)
    }

    fn assay(&self, arguments: &[&str]) -> Ended {
        self.start_assay(arguments).end()
    }

    fn start_assay(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.arg("--data").arg(self.bench.data()).args(["--store", &self.address("sqlite", "results.db")]);
        command.args(arguments);
        self.start(command)
    }

    fn stage(&self, stage: &str, campaign: &str) -> Ended {
        self.assay(&["stage", stage, &format!("--campaign={campaign}")])
    }

    /// Does what the pod of a workflow does, by the arguments of our template.
    fn run(&self, workflow: &str) -> i32 {
        let parameters = self.fake.workflow(workflow)["spec"]["arguments"]["parameters"].clone();
        let value = |name: &str| {
            let found = parameters.as_array().unwrap().iter().find(|p| p["name"] == name).unwrap();
            found["value"].as_str().unwrap().to_owned()
        };
        let mut command = Command::new(sibling("batch-runner"));
        command.args(["run", "--metrics-listen=127.0.0.1:0", "--lease-s=1"]);
        command.args(["--results", &self.address("sqlite", "results.db")]);
        for name in ["campaign", "batch", "ledger", "objects"] {
            command.arg(format!("--{name}={}", value(name)));
        }
        self.start(command).end().code.unwrap()
    }

    /// The pod of a workflow begins, runs and ends.
    fn run_pod(&self, workflow: &str) {
        self.fake.begin(workflow);
        let code = self.run(workflow);
        self.fake.exit(workflow, code);
    }

    fn validate(&self, spec: &Path) -> String {
        let told = self.bench.path("campaign");
        let spec = spec.to_str().unwrap();
        let to = format!("--campaign-to={}", told.display());
        self.assay(&["stage", "validate", spec, &to]).assert_code(0);
        std::fs::read_to_string(told).unwrap()
    }
}

#[test]
fn the_stages_of_a_workflow_measure_a_campaign() {
    let cluster = Cluster::new();
    let axes = [("hardware", "[h100x1, l4x1]")];
    let spec = cluster.bench.spec("staged", &axes);
    let campaign = cluster.validate(&spec);
    // A stage whose pod was lost is called again.
    for stage in ["matrix", "matrix", "split", "split"] {
        cluster.stage(stage, &campaign).assert_code(0);
    }
    let workflows = cluster.fake.names();
    assert_eq!(workflows.len(), 2, "a workflow for each batch: {workflows:?}");
    let selectors: Vec<Value> = workflows
        .iter()
        .map(|name| {
            let workflow = cluster.fake.workflow(name);
            let parameters = workflow["spec"]["arguments"]["parameters"].as_array().unwrap().clone();
            let found = parameters.into_iter().find(|p| p["name"] == "node-selector").unwrap();
            serde_json::from_str(found["value"].as_str().unwrap()).unwrap()
        })
        .collect();
    assert!(selectors.iter().all(|s| s["assay/gpu"] == "cpu"), "nothing here needs a GPU: {selectors:?}");
    cluster.stage("publish", &campaign).assert_error(1, &["is not over"]);

    // One loses its node before it measured anything, and Argo starts it again.
    cluster.fake.begin(&workflows[0]);
    cluster.fake.lose_pod(&workflows[0]);
    for workflow in &workflows {
        cluster.run_pod(workflow);
    }
    cluster.stage("follow", &campaign).assert_code(0);
    cluster.stage("publish", &campaign).assert_code(0);
    let results = cluster.assay(&["results", "--json"]).assert_code(0).results();
    assert_eq!(field(&results, "run_id").len(), 4);
    assert!(results.iter().all(|r| r["provenance"] == "simulated"), "{results:?}");
    let status = cluster.assay(&["campaign", "show", "--json", &campaign]).assert_code(0).json();
    assert_eq!(status["state"], "completed");

    // The same spec is the same campaign, of which nothing is left to do.
    assert_eq!(cluster.validate(&spec), campaign);
    for stage in ["matrix", "split", "follow", "publish"] {
        cluster.stage(stage, &campaign).assert_code(0);
    }
    cluster.assay(&["stage", "reconcile"]).assert_code(0);
    assert_eq!(cluster.fake.names().len(), 2);
}

#[test]
fn a_server_in_a_cluster_tells_the_ends_of_jobs_also_of_those_that_ended_without_it() {
    let cluster = Cluster::new();
    let spec = cluster.bench.spec("hosted-in-a-cluster", &[("hardware", "[h100x1, l4x1]")]);
    // The campaign is there, and nobody works on it.
    let campaign = cluster.validate(&spec);
    let up = || cluster.start_assay(&["up", "--listen=127.0.0.1:0"]);
    let first = up();
    let workflows = until("both batches are submitted", || {
        Some(cluster.fake.names()).filter(|workflows| workflows.len() == 2)
    });
    cluster.run_pod(&workflows[0]);
    until("its end is told", || {
        let labels = cluster.fake.workflow(&workflows[0])["metadata"]["labels"].clone();
        (labels["assay/told"] == "true").then_some(())
    });
    first.signal(Signal::KILL);
    first.end();
    cluster.run_pod(&workflows[1]);
    let second = up();
    until("the campaign is completed", || {
        let status = cluster.assay(&["campaign", "show", "--json", &campaign]).assert_code(0).json();
        (status["state"] == "completed").then_some(())
    });
    until("it serves", || second.stderr().contains("serving on").then_some(()));
    second.signal(Signal::INT);
    second.end().assert_code(0);
    assert_eq!(cluster.fake.names().len(), 2, "what was measured is not measured again");
    assert_eq!(cluster.assay(&["results", "--json"]).assert_code(0).results().len(), 4);
}

/// As in a cluster, where all of them have the same ledger.
#[test]
fn a_server_a_workflow_and_the_reconciler_work_on_one_campaign() {
    let cluster = Cluster::new();
    let spec = cluster.bench.spec("shared", &[("hardware", "[h100x1, l4x1]")]);
    let campaign = cluster.validate(&spec);
    for stage in ["matrix", "split"] {
        cluster.stage(stage, &campaign).assert_code(0);
    }
    // A server that begins goes on with what is under way: it plans and submits again, and finds the jobs there.
    let server = cluster.start_assay(&["up", "--listen=127.0.0.1:0"]);
    until("it serves", || server.stderr().contains("serving on").then_some(()));
    until("both batches are submitted again", || {
        let status = cluster.assay(&["campaign", "show", "--json", &campaign]).assert_code(0).json();
        let batches = status["batches"].as_array().unwrap();
        let submitted = batches.iter().all(|batch| batch["state"] == "submitted");
        (status["state"] == "running" && submitted).then_some(())
    });
    let follower = cluster.start_assay(&["stage", "follow", &format!("--campaign={campaign}")]);
    let workflows = cluster.fake.names();
    // Of two that end a campaign at once one finds that it changed, and fails: the clock and Argo call it again.
    for workflow in &workflows {
        cluster.run_pod(workflow);
        cluster.assay(&["stage", "reconcile"]);
    }
    if follower.end().code != Some(0) {
        cluster.stage("follow", &campaign).assert_code(0);
    }
    cluster.assay(&["stage", "reconcile"]).assert_code(0);
    server.signal(Signal::INT);
    server.end().assert_code(0);
    assert_eq!(cluster.fake.names(), workflows, "a batch was submitted twice");
    assert_eq!(workflows.len(), 2);
    assert_eq!(cluster.assay(&["results", "--json"]).assert_code(0).results().len(), 4);
    let status = cluster.assay(&["campaign", "show", "--json", &campaign]).assert_code(0).json();
    assert_eq!(status["state"], "completed");
}

#[test]
fn a_doctor_in_a_cluster_asks_for_workflows_and_not_for_a_runner() {
    let cluster = Cluster::new();
    let well = cluster.assay(&["db", "doctor"]);
    let seen = &well.assert_code(0).stdout;
    assert!(seen.contains("ok     workflows: argo://gpu-workloads/assay-batch, 0 run"), "{seen}");
    assert!(!seen.contains("runner"), "{seen}");
    cluster.fake.be_out(100);
    let away = cluster.assay(&["db", "doctor"]);
    away.assert_error(1, &["1 of these cannot be used"]);
    let seen = &away.stdout;
    assert!(seen.contains("wrong  workflows: Argo Workflows (gpu-workloads, assay-batch)"), "{seen}");
}

#[test]
fn a_stage_says_what_it_lacks() {
    let cluster = Cluster::new();
    cluster.stage("matrix", "nobody-1").assert_error(1, &["no campaign nobody-1", "the stage before"]);
    let bad = cluster.bench.write("bad.yaml", "name: bad\nmodels: []\n");
    let refused = cluster.assay(&["stage", "validate", bad.to_str().unwrap(), "--campaign-to=/dev/null"]);
    refused.assert_error(2, &["bad.yaml", "models"]);
    let alone = cluster.bench.assay(&["stage", "--dispatcher=argo://a/b", "matrix", "--campaign=x"]);
    alone.assert_error(2, &["ASSAY_STORE, ASSAY_LEDGER and ASSAY_OBJECTS"]);
    let other = cluster.assay(&["stage", "--dispatcher=batch://a?spot=b", "matrix", "--campaign=x"]);
    other.assert_error(2, &["argo://NAMESPACE/TEMPLATE"]);
}
