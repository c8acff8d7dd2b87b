//! Engines that are away, die, or are no program at all.

use std::process::Command;

use serde_json::Value;

use crate::bench::sibling;
use crate::bench::{Bench, FAST, Running, until, workload};

/// Starts a simulated engine of ours on a port, 0 for any, and gives its address.
pub fn engine(bench: &Bench, port: u16) -> (Running, String) {
    let mut command = Command::new(sibling("simulated-engine"));
    command.args(["--port", &port.to_string(), "--served-model-name", "llama-3.1-8b-instruct"]);
    command.args(["--step-base-ms", "1"]);
    let engine = bench.spawn(command);
    let url = until("the engine listens", || {
        Some(engine.stdout().strip_prefix("listening on ")?.strip_suffix('\n')?.to_owned())
    });
    (engine, url)
}

/// A data folder that has the two results of a campaign in which nothing went wrong.
fn with_results() -> (Bench, Vec<Value>) {
    let bench = Bench::new();
    let before = bench.run(&bench.spec("before", &[])).assert_code(0).results();
    (bench, before)
}

/// What was there before is still there, as it was.
fn assert_kept(bench: &Bench, before: &[Value]) {
    let now = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert!(before.iter().all(|b| now.contains(b)), "{now:?}");
    bench.until_all_gone();
}

#[test]
fn a_campaign_waits_for_an_attached_engine_that_is_away() {
    let (bench, before) = with_results();
    let (away, url) = engine(&bench, 0);
    away.signal(rustix::process::Signal::KILL);
    away.end();
    let attached = format!("[{{name: simulated, version: any, attach: \"{url}\"}}]");
    let spec = bench.spec("attached", &[("frameworks", &attached)]);
    bench.run(&spec).assert_error(1, &[&url, "cannot be reached", "start it, or correct `attach`"]);
    let now = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert_eq!(now, before);

    let (up, _) = engine(&bench, url.rsplit(':').next().unwrap().parse().unwrap());
    let resumed = bench.run(&spec);
    assert!(resumed.stderr.contains("goes on"), "{}", resumed.stderr);
    assert_eq!(resumed.assert_code(0).results().len(), 2);
    assert!(resumed.json()[0]["provenance"] == "simulated", "by who answered");
    up.signal(rustix::process::Signal::TERM);
    up.end().assert_code(0);
    assert_kept(&bench, &before);
}

#[test]
fn an_engine_that_dies_fails_its_trial_and_no_other() {
    let (bench, before) = with_results();
    // Dies when it has had 60 requests: the long trial never gets through, the short one does.
    let dying = r#"[{name: simulated, args: ["--prefill-tokens-per-s=1000000", "--step-base-ms=1", "--fail-after=60"]}]"#;
    let short = workload("[1]", 20);
    let both = short.replace(
        "}]",
        "}, {name: long, use_case: qa, input_tokens: 16, output_tokens: 4, concurrency: [1], requests: 100, warm_up: 1}]",
    );
    let spec = bench.spec("dying", &[("frameworks", dying), ("workloads", &both)]);
    let ended = bench.run(&spec);
    let results = ended.assert_code(3).results();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["configuration"]["workload"]["use_case"], "chatbot");
    assert!(ended.stderr.contains("1 of 2 trials measured, 1 failed"), "{}", ended.stderr);
    let id = results[0]["campaign"].as_str().unwrap();
    let failures = bench.assay(&["campaign", "show", "--json", id]).json()["failures"].clone();
    let reason = failures[0]["reason"].to_string();
    assert!(reason.contains("simulated-engine died (exit status 1)"), "{failures}");
    assert!(ended.stderr.contains("simulated-engine died (exit status 1)"), "{}", ended.stderr);
    assert_kept(&bench, &before);
}

#[test]
fn a_program_that_does_not_exist_fails_its_launch_and_no_other() {
    let (bench, before) = with_results();
    let frameworks = format!("[{{name: vllm, program: /no/such/vllm}}, {FAST}]");
    let model = r#"[{name: llama-3.1-8b-instruct, artifacts: [{quantisation: fp16, format: safetensors, path: no/such}]}]"#;
    let axes = [("frameworks", frameworks.as_str()), ("models", model), ("hardware", "[cpu]")];
    let spec = bench.spec("noprogram", &axes);
    let ended = bench.run(&spec);
    ended.assert_code(3);
    assert_eq!(ended.results().len(), 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("/no/such/vllm cannot be started"), "{}", ended.stderr);
    assert!(ended.stderr.contains("set `program` to where it is"), "{}", ended.stderr);
    assert_kept(&bench, &before);
}
