//! A campaign from spec to recommendation, and the questions about it.

use serde_json::Value;

use crate::bench::{Bench, field, sibling};

#[test]
fn a_campaign_is_measured_once_and_answers_questions() {
    sibling("batch-runner");
    sibling("simulated-engine");
    let bench = Bench::new();
    let spec = bench.spec("tiny", &[("quantisations", "[fp16, int4]")]);
    let plan = bench.assay(&["run", "--plan", "--json", spec.to_str().unwrap()]);
    assert_eq!(plan.assert_code(0).json()["feasible"].as_array().unwrap().len(), 4);
    assert!(!bench.data().exists(), "planning leaves nothing behind");
    bench.assay(&["results"]).assert_error(1, &["there is nothing in", "assay run SPEC.yaml"]);

    let first = bench.run(&spec);
    let results = first.assert_code(0).results();
    assert_eq!(results.len(), 4);
    assert!(results.iter().all(|r| r["provenance"] == "simulated"), "{results:?}");
    bench.until_all_gone();

    let listed = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert_eq!(field(&listed, "run_id"), field(&results, "run_id"));
    let none = bench.assay(&["results", "--json", "--provenance", "measured"]);
    assert!(none.assert_code(4).results().is_empty());

    let id = bench.only_campaign();
    let status = bench.assay(&["campaign", "show", "--json", &id]).assert_code(0).json();
    assert_eq!((&status["state"], &status["stored"]), (&Value::from("completed"), &Value::from(4)));
    assert_eq!(status["failures"], Value::Array(vec![]));

    let page = bench.assay(&["report", &id]);
    page.assert_code(0);
    assert!(page.stdout.contains("<strong>SIMULATED</strong>"), "{}", page.stdout);
    let numbers = bench.assay(&["report", "--json", &id]).assert_code(0).json();
    assert_eq!(numbers["results"].as_array().unwrap().len(), 4);
    let file = bench.data().with_file_name("report.pdf");
    bench.assay(&["report", "--pdf", "--out", file.to_str().unwrap(), &id]).assert_code(0);
    assert!(std::fs::read(&file).unwrap().starts_with(b"%PDF-"));
    bench.assay(&["report", "nobody-1"]).assert_error(1, &["there is no report of a campaign nobody-1"]);

    let again = bench.run(&spec);
    assert!(again.stderr.contains("is complete; measure it again with --again"), "{}", again.stderr);
    assert_eq!(again.assert_code(0).results(), results, "nothing was measured again");

    let repeated = bench.assay(&["run", "--json", "--again", spec.to_str().unwrap()]);
    let repeated = repeated.assert_code(0).results();
    assert_eq!(field(&repeated, "config_id"), field(&results, "config_id"));
    assert!(field(&repeated, "run_id").iter().all(|run| !field(&results, "run_id").contains(run)));
    let campaigns = bench.assay(&["campaign", "list", "--json"]).assert_code(0).json();
    assert_eq!(campaigns.as_array().unwrap().len(), 2);
    let latest = bench.assay(&["results", "--json"]).results();
    assert_eq!(field(&latest, "run_id"), field(&repeated, "run_id"), "the latest of each configuration");
    let older = bench.assay(&["results", "--json", "--campaign", &id]).results();
    assert_eq!(older, results);

    // Another store takes them in, once, and as what they are.
    let other = Bench::new();
    let file = other.write("results.json", &serde_json::to_string(&older).unwrap());
    for new in ["4 results, 4 of them new", "4 results, 0 of them new"] {
        let imported = other.assay(&["import", file.to_str().unwrap()]);
        imported.assert_code(0);
        assert!(imported.stdout.contains(new), "{}", imported.stdout);
    }
    assert_eq!(other.assay(&["results", "--json"]).assert_code(0).results(), older);
    let file = other.write("results.json", "[{}]");
    other
        .assay(&["import", file.to_str().unwrap()])
        .assert_error(2, &["results.json: line 1", "missing field"]);
}

#[test]
fn simulated_results_are_recommended_only_when_asked_for() {
    let bench = Bench::new();
    let spec = bench.spec("tiny", &[]);
    let run = bench.assay(&["run", spec.to_str().unwrap()]);
    run.assert_code(0);
    assert!(run.stdout.contains("not from any GPU"), "{}", run.stdout);

    let question = ["recommend", "--use-case", "chatbot"];
    let refused = bench.assay(&question);
    refused.assert_code(4);
    assert!(refused.stderr.contains("simulated"), "it says where results are: {}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);

    let asked = [&question[..], &["--provenance", "simulated", "--json"]].concat();
    let answer = bench.assay(&asked).assert_code(0).json();
    assert_eq!(answer["entries"].as_array().unwrap().len(), 2);
    let too_fast = [&asked[..], &["--max-ttft-p90", "1us"]].concat();
    let nothing = bench.assay(&too_fast);
    nothing.assert_code(4).json();
    bench.assay(&["recommend", "--use-case", "chat"]).assert_code(2);
}

#[test]
fn configurations_are_compared_and_have_a_history() {
    let bench = Bench::new();
    let spec = bench.spec("tiny", &[]);
    bench.assay(&["run", spec.to_str().unwrap()]).assert_code(0);
    bench.assay(&["run", "--again", spec.to_str().unwrap()]).assert_code(0);
    let results = bench.assay(&["results", "--json"]).assert_code(0).json();
    let ids: Vec<&str> = (0..2).map(|at| results[at]["config_id"].as_str().unwrap()).collect();

    // How an id begins is enough.
    let compared = bench.assay(&["compare", &ids[0][..8], ids[1], "--json"]).assert_code(0).json();
    assert_eq!(compared["configurations"][0]["config_id"], ids[0]);
    assert_eq!(compared["differences"][0]["axis"], "load");
    let table = bench.assay(&["compare", ids[0], ids[1]]);
    assert!(table.assert_code(0).stdout.contains("simulated: from the bundled"), "{}", table.stdout);
    bench.assay(&["compare", ids[0]]).assert_code(2);
    bench.assay(&["compare", ids[0], ids[0]]).assert_error(2, &["is named twice"]);
    bench.assay(&["compare", ids[0], "zz"]).assert_error(2, &["there is no result of a configuration zz"]);
    bench.assay(&["compare", ids[0], ""]).assert_error(2, &["2 configurations begin with"]);

    let history = bench.assay(&["history", ids[0], "--json"]).assert_code(0).json();
    assert_eq!(history.as_array().unwrap().len(), 2);
    let latest = bench.assay(&["history", ids[0], "--limit", "1"]);
    assert!(latest.assert_code(0).stdout.contains("1 earlier ones are not shown"), "{}", latest.stdout);
    bench.assay(&["history", ids[0], "--provenance", "measured"]).assert_code(4);

    let campaign = bench.assay(&["campaign", "list", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    let shown = bench.assay(&["campaign", "show", &campaign]);
    assert!(shown.assert_code(0).stdout.contains("simulated: 2/2 done"), "{}", shown.stdout);
    assert!(shown.stdout.contains("nobody pays them"), "{}", shown.stdout);
}

#[test]
fn a_shell_gets_its_completions() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = bench.assay(&["completion", shell]);
        assert!(script.assert_code(0).stdout.contains("recommend"), "{shell}");
    }
    bench.assay(&["completion", "cmd"]).assert_code(2);
}
