//! A campaign by `assay stage`, as the workflow of a cluster calls it. The test plays the cluster: for every workflow that is
//! submitted it runs the runner that its pod would.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use testkit::services::KubernetesFake;

use crate::bench::{Bench, Ended, field, sibling};

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

    fn told(&self, mut command: Command) -> Ended {
        command
            .env("ASSAY_LEDGER", self.address("sqlite", "ledger.db"))
            .env("ASSAY_OBJECTS", self.address("dir", "objects"))
            .env("ASSAY_DISPATCHER", "argo://gpu-workloads/assay-batch")
            .env("ASSAY_KUBERNETES", self.fake.url())
            .env("ASSAY_KUBERNETES_CREDENTIALS", self.fake.credentials());
        self.bench.spawn(command).end()
    }

    fn assay(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.arg("--data").arg(self.bench.data()).args(["--store", &self.address("sqlite", "results.db")]);
        command.args(arguments);
        self.told(command)
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
        let ended = self.told(command);
        ended.code.unwrap()
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
    assert!(selectors.iter().any(|s| s["node.kubernetes.io/instance-type"] == "g6.xlarge"), "{selectors:?}");
    cluster.stage("publish", &campaign).assert_error(1, &["is not over"]);

    // One loses its node before it measured anything, and Argo starts it again.
    cluster.fake.begin(&workflows[0]);
    cluster.fake.lose_pod(&workflows[0]);
    for workflow in &workflows {
        cluster.fake.begin(workflow);
        let code = cluster.run(workflow);
        cluster.fake.exit(workflow, code);
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
