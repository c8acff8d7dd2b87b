//! What a second campaign over the same matrix still has to run, and what forecasts learn from the first.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use domain::result::Flag;
use domain::{BenchmarkResult, CampaignSpec, CheaperOfBoth, Engine, Provenance};
use matrix::{Due, FeasibleConfiguration, Plan, keep_due, learn, plan, split};
use serde_json::json;

use common::{campaign, spec};

fn now() -> DateTime<Utc> {
    "2026-01-31T00:00:00Z".parse().unwrap()
}

/// A result of a planned configuration, as old and by the version that is asked for.
fn result(item: &FeasibleConfiguration, days: i64, version: &str) -> BenchmarkResult {
    let summary = |ms: f64| json!({"count": 100, "mean": ms, "std": 1.0, "min": ms, "max": ms, "p50": ms, "p90": ms, "p95": ms, "p99": ms});
    let result = json!({
        "schema_version": 1, "run_id": "before-1.t1", "campaign": "before-1", "batch": "before-1.b0", "attempt": 1, "trial": 1,
        "configuration": item.configuration, "config_id": item.id, "provenance": "measured", "seed": 1,
        "measured_at": now() - TimeDelta::days(days),
        "metrics": {"ttft": summary(50.0), "e2e": summary(1500.0), "tpot": summary(12.0), "itl_multi_token": false,
            "ttft_sched": summary(50.0), "e2e_sched": summary(1500.0), "output_tps": 1000.0, "total_tps": 2000.0, "rps": 10.0},
        "counts": {"succeeded": 100, "input_tokens": 100, "output_tokens": 100}, "token_source": "server-usage",
        "certificate": {"violations": [], "issue_lag_p50_ms": 0.0, "issue_lag_p99_ms": 0.0, "issue_lag_max_ms": 0.0,
            "loop_stall_p99_ms": 0.0, "loop_stall_max_ms": 0.0, "io_thread_cpu": 0.0, "client_cpu_cores": 0.0,
            "open_sockets": 1, "dropped_arrivals": 0},
        "charged": {"engine_start_s": 0.0, "warm_up_s": 0.0, "window_s": 1.0, "lost_s": 0.0},
        "environment": {"engine_version": version, "runner_version": "0.1.0", "cpu_count": 1}
    });
    serde_json::from_value(result).unwrap()
}

fn engine(item: &FeasibleConfiguration) -> Engine {
    item.configuration.serving.launch().unwrap().framework.engine
}

/// The spec of the other tests on four engines, of which Assay starts the first.
fn four_engines(extra: &str) -> CampaignSpec {
    let attached = |engine| format!("{{name: {engine}, attach: 'http://127.0.0.1:1'}}");
    let [tgi, lmdeploy, sglang] = ["tgi", "lmdeploy", "sglang"].map(attached);
    let frameworks = format!("frameworks: [vllm, {tgi}, {lmdeploy}, {sglang}]");
    let text = format!("name: test\nmodels: [llama-3.1-8b-instruct]\n{frameworks}");
    CampaignSpec { frameworks: CampaignSpec::from_yaml(&text).unwrap().frameworks, ..spec(extra) }
}

fn due(plan: &Plan, results: &[BenchmarkResult]) -> (Due, Plan) {
    let mut left = plan.clone();
    keep_due(&mut left, results, now());
    (left.due.unwrap(), left)
}

#[test]
fn only_what_is_new_or_stale_is_due() {
    let asked = "due: {newer_than: 90d, versions: {vllm: 0.11.0}}";
    let full = plan(&four_engines(asked), &campaign());
    let with = |wanted: Engine| full.feasible.iter().filter(|f| engine(f) == wanted).count() as u64;
    let all = full.feasible.len() as u64;
    let (counts, left) = due(&full, &[]);
    assert_eq!(counts, Due { new: all, ..Due::default() });
    assert_eq!(left.feasible, full.feasible);

    // vLLM was measured yesterday, by two versions; TGI last year; the others never.
    let measured = |item: &FeasibleConfiguration| match engine(item) {
        Engine::Vllm => Some(result(item, 1, if item.id.as_str() < "8" { "0.11.0" } else { "0.10.0" })),
        Engine::Tgi => Some(result(item, 400, "3.3.0")),
        _ => None,
    };
    let results: Vec<BenchmarkResult> = full.feasible.iter().filter_map(measured).collect();
    let (counts, left) = due(&full, &results);
    assert_eq!(counts.new, with(Engine::Lmdeploy) + with(Engine::Sglang));
    assert_eq!(counts.stale, with(Engine::Tgi));
    assert_eq!(counts.other_version + counts.fresh, with(Engine::Vllm));
    assert!(counts.other_version > 0 && counts.fresh > 0);
    assert_eq!(left.feasible.len() as u64, all - counts.fresh);
    assert_eq!((left.total, &left.infeasible), (full.total, &full.infeasible));
    assert!(split(&left, &CheaperOfBoth).unwrap().len() <= split(&full, &CheaperOfBoth).unwrap().len());

    // Without a wish for versions or age, any result will do. Without the word, none is looked at.
    let (counts, _) = due(&plan(&four_engines("due: {}"), &campaign()), &results);
    assert_eq!((counts.fresh, counts.new), (with(Engine::Vllm) + with(Engine::Tgi), all - counts.fresh));
    let mut everything = plan(&four_engines(""), &campaign());
    keep_due(&mut everything, &results, now());
    assert_eq!((everything.due, everything.feasible.len() as u64), (None, all));
}

#[test]
fn what_says_nothing_does_not_count_as_measured() {
    let full = plan(&spec("due: {}"), &campaign());
    let item = full.feasible.iter().find(|f| engine(f) == Engine::Vllm).unwrap();
    let counted = |result: BenchmarkResult| due(&full, &[result]).0.fresh;
    let good = result(item, 1, "0.11.0");
    assert_eq!(counted(good.clone()), 1);
    for provenance in [Provenance::Simulated, Provenance::Imported, Provenance::Forecast] {
        assert_eq!(counted(BenchmarkResult { provenance, ..good.clone() }), 0, "{provenance}");
    }
    assert_eq!(counted(BenchmarkResult { flags: vec![Flag::ClientLimited], ..good }), 0);
}

/// A server whose hardware nobody saw is good enough for who attaches to it again, and not for who would launch one.
#[test]
fn unverified_hardware_is_fresh_only_where_it_is_attached_to() {
    let mut full = plan(&spec("due: {}"), &campaign());
    let item = full.feasible.iter().find(|f| engine(f) == Engine::Vllm).unwrap();
    let unseen = BenchmarkResult { flags: vec![Flag::HardwareUnverified], ..result(item, 1, "0.11.0") };
    assert_eq!(due(&full, std::slice::from_ref(&unseen)).0.fresh, 0);
    let vllm = full.spec.frameworks.iter_mut().find(|f| f.name == Engine::Vllm).unwrap();
    vllm.attach = Some("http://127.0.0.1:8000".to_owned());
    assert_eq!(due(&full, &[unseen]).0.fresh, 1);
}

#[test]
fn forecasts_learn_from_what_was_measured_on_real_engines() {
    let mut full = plan(&spec(""), &campaign());
    let slow = |item: &FeasibleConfiguration| {
        let mut slow = result(item, 1, "0.11.0");
        slow.metrics.ttft.as_mut().unwrap().mean = 60_000.0;
        slow.metrics.tpot.as_mut().unwrap().mean = 1_000.0;
        slow
    };
    let results: Vec<BenchmarkResult> = full.feasible.iter().map(slow).collect();
    let hours = |plan: &Plan| {
        split(plan, &CheaperOfBoth).unwrap().iter().map(|b| b.estimate.run_s).sum::<f64>() / 3600.0
    };
    let before = hours(&full);
    full.calibration = learn(&full.spec, &results);
    assert_eq!(full.calibration.runs(), results.len() as u64);
    assert!(full.calibration.error().unwrap().tpot.is_some());
    assert!(hours(&full) > 1.5 * before, "{} {before}", hours(&full));
    let back: Plan = serde_json::from_str(&serde_json::to_string(&full).unwrap()).unwrap();
    assert_eq!(hours(&back), hours(&full));

    let nothing = |change: &dyn Fn(&mut BenchmarkResult)| {
        let mut other = results[0].clone();
        change(&mut other);
        learn(&full.spec, &[other]).is_empty()
    };
    assert!(!nothing(&|_| {}));
    assert!(nothing(&|r| r.provenance = Provenance::Simulated));
    assert!(nothing(&|r| r.flags.push(Flag::HardwareUnverified)));
    assert!(nothing(
        &|r| r.configuration.serving.launch_mut().unwrap().model.model = "unheard-of".parse().unwrap()
    ));
}
