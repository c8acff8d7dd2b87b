//! The direction of dependencies (ARCHITECTURE.md, invariants 1 and 2), read from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

const PURE: [&str; 10] = [
    "domain",
    "forecast",
    "matrix",
    "measurement",
    "traffic",
    "ranking",
    "catalog",
    "events",
    "pages",
    "formats",
];
const FUNCTIONS: [&str; 7] = [
    "trigger-campaign",
    "generate-matrix",
    "split-batches",
    "track-progress",
    "publish-catalog",
    "ingest-results",
    "serve-api",
];

/// Normal dependencies (not those of tests) of every package, with everything that follows from them.
struct Graph {
    direct: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read() -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--offline",
                "--filter-platform",
                "x86_64-unknown-linux-gnu",
            ])
            .current_dir(root)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let name_of: BTreeMap<&str, &str> = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
            .collect();
        let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let normal = node["deps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|d| d["dep_kinds"].as_array().unwrap().iter().any(|k| k["kind"].is_null()));
            direct
                .entry(name_of[node["id"].as_str().unwrap()].to_owned())
                .or_default()
                .extend(normal.map(|d| name_of[d["pkg"].as_str().unwrap()].to_owned()));
        }
        Self { direct }
    }

    fn all(&self, package: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![package.to_owned()];
        while let Some(next) = open.pop() {
            for dependency in &self.direct[&next] {
                if found.insert(dependency.clone()) {
                    open.push(dependency.clone());
                }
            }
        }
        found
    }
}

#[test]
fn pure_crates_know_no_runtime_database_or_cloud() {
    let graph = Graph::read();
    for package in PURE {
        for dependency in graph.all(package) {
            let impure = ["tokio", "sqlx", "hyper", "axum", "redis", "reqwest"]
                .contains(&dependency.as_str())
                || dependency.starts_with("aws-");
            assert!(!impure, "{package} must stay pure and depends on {dependency}");
        }
    }
    assert!(
        graph.all("domain").iter().all(|d| !PURE.contains(&d.as_str())),
        "domain depends on nothing of ours"
    );
}

#[test]
fn functions_runner_and_cli_do_not_depend_on_each_other() {
    let graph = Graph::read();
    let tops: BTreeSet<&str> = FUNCTIONS.into_iter().chain(["batch-runner", "cli"]).collect();
    for top in &tops {
        let found = graph.all(top);
        let others: Vec<&str> = tops.iter().copied().filter(|o| o != top && found.contains(*o)).collect();
        match *top {
            "cli" => assert!(!others.contains(&"batch-runner"), "the runner is a process of its own"),
            _ => assert!(others.is_empty(), "{top} depends on {others:?}"),
        }
    }
    for function in FUNCTIONS {
        let direct = &graph.direct[function];
        assert!(direct.contains("lambda"), "{function} has no main for AWS Lambda");
        assert!(
            !direct.contains("cloud"),
            "{function} gets its ports from `lambda`, and its library from its host"
        );
    }
    let lambda = ["lambda", "lambda_runtime", "lambda_http"];
    for package in
        graph.direct.keys().filter(|p| !FUNCTIONS.contains(&p.as_str()) && !lambda.contains(&p.as_str()))
    {
        let found = graph.direct[package].iter().find(|d| lambda.contains(&d.as_str()));
        assert!(found.is_none(), "{package} uses {found:?}; only mains of functions do");
    }
    let runner = graph.all("batch-runner");
    assert!(lambda.iter().all(|l| !runner.contains(*l)), "the runner links no runtime of Lambda");
    for package in graph.direct.keys().filter(|p| PURE.contains(&p.as_str()) || *p == "store") {
        let found = graph.all(package);
        assert!(!found.contains("cloud"), "{package} must not know the cloud");
    }
}

#[test]
fn the_sdk_of_aws_is_in_one_crate() {
    let graph = Graph::read();
    let ours = ["store", "telemetry", "testkit", "simulated-engine", "batch-runner", "cli"];
    for package in PURE.into_iter().chain(FUNCTIONS).chain(ours) {
        let found = graph.direct[package].iter().find(|d| d.starts_with("aws-"));
        assert!(found.is_none(), "{package} uses {found:?}; only the crate cloud does so");
    }
}

#[test]
fn the_runner_does_not_link_the_lambda_runtime() {
    let found = Graph::read().all("batch-runner");
    assert!(!found.iter().any(|d| d.starts_with("lambda")), "{found:?}");
}
