//! Several loads: sweeps and searches.

use batch_runner::bench::explore::document::ExplorationDocument;
use serde_json::Value;
use simulated_engine::{SimulationConfig, start};
use testkit::scripted_engine::script::{ending, head, text as chunk, whole};
use testkit::scripted_engine::{Step, serve};

use super::bench::{bench, measured};

/// Each request in flight makes a step longer by 4 ms, whatever else the machine does.
fn config() -> SimulationConfig {
    SimulationConfig { step_base_ms: 2.0, step_per_seq_ms: 4.0, ..SimulationConfig::default() }
}

async fn explored(arguments: &[&str]) -> Value {
    let engine = start(config(), None).await.unwrap();
    let url = engine.base_url();
    let common =
        ["--url", &url, "--model", "simulated", "--input-tokens", "16", "--output-tokens", "4", "--json"];
    let output = bench(&[&common[..], arguments].concat()).await;
    assert!(measured(&output), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_search_ends_below_the_load_that_cannot_meet_the_slo() {
    let asked = ["--concurrency", "2", "--requests", "8", "--search", "60%", "--slo-tpot", "26ms"];
    let found = explored(&asked).await;
    assert_eq!((&found["provenance"], &found["axis"]), (&"simulated".into(), &"concurrency".into()));
    // A step of eight takes 34 ms; one that lacks a few takes less, which few requests have the luck to see.
    let search = &found["search"];
    assert_eq!(search["target_attainment"], 0.6);
    assert!(search["highest_met"].as_f64().is_none_or(|load| load < 8.0), "{search}");
    let probes = found["probes"].as_array().unwrap();
    assert_eq!(probes[0]["load"], 2.0);
    let beyond: Vec<&Value> =
        probes.iter().filter(|probe| probe["load"].as_f64().is_some_and(|load| load >= 8.0)).collect();
    let missed = |probe: &&Value| probe["attainment_high"].as_f64().is_some_and(|high| high < 0.6);
    assert!(beyond.iter().all(missed), "{beyond:?}");
    assert!(search["stopped_by_client"] == true || search["lowest_missed"].is_f64());
}

#[tokio::test]
async fn a_rate_that_is_not_kept_up_with_is_none_that_meets_the_slo() {
    // The engine serves some 60 requests a second. At 400 all are served in the end, and in time for this SLO.
    let asked = ["--rate", "400", "--search-max", "400", "--requests", "60", "--search", "50%"];
    let found = explored(&[&asked[..], &["--arrival", "constant", "--slo-e2e", "1m"]].concat()).await;
    let search = &found["search"];
    let probes = found["probes"].as_array().unwrap();
    let unsteady = |probe: &Value| probe["found"]["flags"].as_array().unwrap().contains(&"not_steady".into());
    assert!(unsteady(&probes[0]) && probes[0]["attainment"] == 1.0, "{}", probes[0]["found"]);
    if search["stopped_by_client"] == true && probes.len() == 1 {
        return; // A busy test machine.
    }
    assert!(search["lowest_missed"].as_f64().is_some_and(|load| load <= 400.0), "{search}");
    assert!(search["highest_met"].as_f64().is_none_or(|load| load < 400.0), "{search}");
    assert_eq!(search["certain"], false);
}

#[tokio::test]
async fn a_sweep_measures_each_load_with_prompts_of_its_own() {
    let found = explored(&["--requests", "6", "--sweep", "1,3"]).await;
    let probes = found["probes"].as_array().unwrap();
    let of = |key: &str| probes.iter().map(|probe| probe["found"][key].clone()).collect::<Vec<Value>>();
    assert_eq!(probes.iter().map(|probe| probe["load"].as_f64().unwrap()).collect::<Vec<_>>(), [1.0, 3.0]);
    assert_ne!(of("seed")[0], of("seed")[1]);
    // At least so many for each slot that a steady state can be seen.
    assert_eq!(of("requests"), [6, 12]);
    assert!(found["search"].is_null() && found["repeated"].as_array().is_some_and(Vec::is_empty));
}

#[tokio::test]
async fn repeats_measure_one_load_with_other_prompts() {
    let found = explored(&["--requests", "6", "--concurrency", "2", "--repeats", "3"]).await;
    let probes = found["probes"].as_array().unwrap();
    assert!(probes.iter().all(|probe| probe["load"] == 2.0));
    let seeds: std::collections::BTreeSet<u64> =
        probes.iter().map(|probe| probe["found"]["seed"].as_u64().unwrap()).collect();
    assert_eq!((probes.len(), seeds.len()), (3, 3));
    let repeated = found["repeated"].as_array().unwrap();
    assert_eq!((repeated.len(), &repeated[0]["runs"]), (1, &3.into()));
    assert!(repeated[0]["output_tps"]["mean"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn each_load_sends_prompts_of_a_dataset_that_none_before_it_sent() {
    let server = serve(Some, |_| [vec![head(), chunk("a")], ending(5, 1)].concat()).await;
    let folder = tempfile::tempdir().unwrap();
    let dataset = folder.path().join("prompts.jsonl");
    let line =
        |n: u32| format!("{}\n", serde_json::json!({"prompt": format!("number {n}"), "output_tokens": 1}));
    std::fs::write(&dataset, (0..500).map(line).collect::<String>()).unwrap();
    let source =
        ["--url", server.base_url(), "--model", "m", "--dataset", dataset.to_str().unwrap(), "--json"];
    let output =
        bench(&[&source[..], &["--requests", "8", "--concurrency", "2", "--repeats", "3"]].concat()).await;
    assert!(measured(&output), "{}", String::from_utf8_lossy(&output.stderr));
    let found: ExplorationDocument = serde_json::from_slice(&output.stdout).unwrap();
    let uses = found.probes.iter().map(|probe| probe.found.as_ref().unwrap().dataset_use.unwrap());
    let mut sent = 0;
    for used in uses {
        assert_eq!((used.holds, used.sent_before), (500, sent));
        sent += used.sent;
    }
    let bodies = server.bodies();
    let prompts = bodies.iter().filter_map(|body| body["messages"][0]["content"].as_str());
    let prompts: Vec<&str> = prompts.filter(|prompt| prompt.starts_with("number ")).collect();
    let different: std::collections::BTreeSet<&str> = prompts.iter().copied().collect();
    assert_eq!((prompts.len(), different.len() as u64), (different.len(), sent));
}

#[tokio::test]
async fn the_findings_of_several_loads_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (json, csv, html) = (file("a.json"), file("a.csv"), file("a.html"));
    let outputs = ["--output", &json, "--output", &csv, "--output", &html];
    let found =
        explored(&[&["--requests", "4", "--sweep", "1,2", "--repeats", "2"][..], &outputs].concat()).await;
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let kept: ExplorationDocument = serde_json::from_str(&read(&json)).unwrap();
    assert_eq!(serde_json::to_value(&kept).unwrap(), found);
    assert_eq!((kept.probes.len(), kept.repeated.len()), (4, 2));
    let mut rows = csv::Reader::from_path(&csv).unwrap();
    let loads: Vec<String> = rows.records().map(|row| row.unwrap()[2].to_owned()).collect();
    assert_eq!(loads, ["1.0", "2.0", "1.0", "2.0"]);
    let page = read(&html);
    assert!(page.contains("SIMULATED") && page.contains("<svg") && page.contains("--sweep"));
}

#[tokio::test]
async fn a_load_of_mostly_failures_is_told_with_the_good_ones_among_them() {
    let good = || [vec![head(), chunk("a")], ending(5, 1)].concat();
    let server = serve(Some, move |stream| if stream % 3 == 0 { good() } else { whole(503, "{}") }).await;
    let asked = ["--model", "m", "--requests", "12", "--concurrency", "1", "--json", "--sweep", "1"];
    let output = bench(&[&asked[..], &["--url", server.base_url(), "--slo-ttft", "1m"]].concat()).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found: ExplorationDocument = serde_json::from_slice(&output.stdout).unwrap();
    let probe = &found.probes[0];
    assert!(probe.found.is_none() && probe.failure.as_ref().unwrap().contains("too many requests failed"));
    // A third of what was sent.
    assert!(probe.finished >= 11 && probe.good.abs_diff(probe.finished / 3) <= 1, "{probe:?}");
}

#[tokio::test]
async fn loads_that_were_measured_before_the_server_went_away_are_kept() {
    let good = || [vec![head(), chunk("a")], ending(5, 1)].concat();
    let server = serve(Some, move |stream| if stream < 60 { good() } else { vec![Step::Break] }).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kept.json");
    let asked = ["--model", "m", "--requests", "8", "--concurrency", "1", "--repeats", "20"];
    let to = ["--url", server.base_url(), "--output", file.to_str().unwrap()];
    let output = bench(&[&asked[..], &to].concat()).await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && told.contains("went away"), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("INCOMPLETE"));
    let kept: ExplorationDocument = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!((1..20).contains(&kept.probes.len()) && kept.probes.iter().all(|probe| probe.found.is_some()));
    assert!(kept.incomplete.unwrap().contains("went away"));
}

#[tokio::test]
async fn loads_that_cannot_be_varied_are_refused_before_anything_is_sent() {
    let refused = |arguments: &'static [&'static str]| async move {
        let common = ["--url", "http://127.0.0.1:1", "--model", "m"];
        let output = bench(&[&common[..], arguments].concat()).await;
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let no_slo = refused(&["--search", "95%"]).await;
    assert!(no_slo.contains("--slo-ttft"), "{no_slo}");
    let half = refused(&["--sweep", "1,2.5"]).await;
    assert!(half.contains("2.5 is no load to try"), "{half}");
    let staged = refused(&["--rate", "1-5:10s", "--sweep", "1"]).await;
    assert!(staged.contains("a load that holds"), "{staged}");
}
