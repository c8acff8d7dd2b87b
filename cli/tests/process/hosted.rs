//! Hosted models beside engines in one campaign. The service is the simulated engine, so that its results are simulated.

use std::path::Path;
use std::process::Command;

use crate::bench::{Bench, Ended, FAST, field, sibling, workload};
use crate::engines::engine;

const KEY: &str = "sk-house-s3cret-0123456789";
const VARIABLE: &str = "ASSAY_TEST_HOUSE_KEY";

/// A spec of one model that we run and one that a house hosts.
fn spec(bench: &Bench, url: &str) -> std::path::PathBuf {
    let models = format!(
        "[llama-3.1-8b-instruct, {{name: house, hosted: {{provider: openai, url: '{url}', key: 'env:{VARIABLE}',
          served_model: llama-3.1-8b-instruct, usd_per_mtok: {{input: 1, output: 4}}}}}}]"
    );
    bench.spec("mixed", &[("models", &models), ("workloads", &workload("[2]", 20))])
}

fn with_key(bench: &Bench, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.arg("--data").arg(bench.data()).args(arguments).env(VARIABLE, KEY);
    bench.spawn(command).end()
}

fn assert_no_file_holds_the_key(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            assert_no_file_holds_the_key(&entry);
        } else if entry.is_file() {
            let mut bytes = std::fs::read(&entry).unwrap();
            if let Ok(unpacked) = zstd::decode_all(&bytes[..]) {
                bytes = unpacked;
            }
            assert!(!bytes.windows(KEY.len()).any(|w| w == KEY.as_bytes()), "{}", entry.display());
        }
    }
}

#[test]
fn a_key_that_is_missing_is_told_before_anything_starts() {
    let bench = Bench::new();
    let spec = spec(&bench, "https://llm.example");
    bench.run(&spec).assert_error(2, &[VARIABLE, "is not set", "put the key"]);
    assert!(!bench.data().exists());
}

#[test]
fn hosted_models_and_engines_stand_side_by_side() {
    sibling("batch-runner");
    assert!(FAST.contains("simulated"));
    let bench = Bench::new();
    let (service, url) = engine(&bench, 0);
    let spec = spec(&bench, &url);
    let spec = spec.to_str().unwrap();

    let plan = bench.assay(&["run", "--plan", "--json", spec]).assert_code(0).json();
    assert_eq!(plan["feasible"].as_array().unwrap().len(), 2);
    let batches = plan["batches"].as_array().unwrap();
    assert_eq!((batches.len(), &batches[1]["engine_starts"]), (2, &0.into()));
    assert!(batches[1]["estimate"]["usd_spot"].as_f64().unwrap() > 0.0, "{plan}");
    assert_eq!(plan["forecasts"].as_array().unwrap().len(), 2);

    let run = with_key(&bench, &["run", "--json", spec]);
    let results = run.assert_code(0).results();
    assert!(results.iter().all(|r| r["provenance"] == "simulated"), "by who answered: {results:?}");
    let hosted = results.iter().find(|r| r["configuration"]["hardware"] == "hosted").unwrap();
    assert_eq!(hosted["configuration"]["framework"]["engine"], "openai");
    assert!(hosted["metrics"]["serving_cost_per_mtok"]["spot"].as_f64().unwrap() > 4.0, "{hosted}");
    assert_eq!(hosted["token_rate"]["usd_per_mtok"]["output"], 4.0);
    assert!(!run.stdout.contains(KEY) && !run.stderr.contains(KEY), "{}", run.stderr);

    let question = ["recommend", "--use-case", "chatbot", "--provenance", "simulated"];
    let table = bench.assay(&[&question[..], &["--target-rps", "3", "--max-ttft-p90", "60s"]].concat());
    table.assert_code(0);
    assert!(table.stdout.contains("house  hosted openai c2"), "{}", table.stdout);
    let asked =
        [&question[..], &["--hardware", "hosted", "--target-rps", "3", "--max-ttft-p90", "60s", "--json"]]
            .concat();
    let answer = bench.assay(&asked).assert_code(0).json();
    let capacity = &answer["entries"][0]["capacity"];
    assert!(
        capacity["usd_per_month"]["spot"].as_f64().unwrap() > 0.0 && capacity.get("replicas").is_none(),
        "{capacity}"
    );
    let listed = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert_eq!(field(&listed, "run_id").len(), 2);

    service.signal(rustix::process::Signal::TERM);
    service.end();
    bench.until_all_gone();
    assert_no_file_holds_the_key(bench.data());
}
