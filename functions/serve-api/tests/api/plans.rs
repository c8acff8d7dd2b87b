//! Plans over HTTP.

use super::*;

const SPEC: &str = "
name: planned
models: [llama-3.1-8b-instruct, llama-3.1-70b-instruct]
quantisations: [fp16]
hardware: [l4x1, h100x1]
frameworks: [vllm]
workloads:
  - {name: chat, use_case: chatbot, input_tokens: 128, output_tokens: 16, concurrency: [1, 4]}
";

#[tokio::test]
async fn a_plan_says_what_would_run_and_what_cannot_and_stores_nothing() {
    let mut api = Api::with(&[]).await;
    let planned = api.ask("POST", "/v1/campaigns/plan", SPEC).await;
    assert_eq!(planned.status, StatusCode::OK, "{}", planned.body);
    let plan = planned.body;
    assert_eq!((&plan["total"], &plan["provenance"]), (&8.into(), &"forecast".into()));
    let cannot = plan["infeasible"]["memory"]["count"].as_u64().unwrap();
    assert_eq!(cannot + plan["feasible"].as_u64().unwrap(), 8);
    assert!(plan["infeasible"]["memory"]["reason"].as_str().unwrap().contains("GiB"));
    assert!(plan["forecast"]["machine_s"].as_f64().unwrap() > 0.0);
    assert!(plan["forecast"]["usd_spot"].as_f64().unwrap() > 0.0);
    assert_eq!(plan["batches"].as_array().unwrap().len(), plan["batches_total"].as_u64().unwrap() as usize);
    assert!(api.context.ledger.campaigns().await.unwrap().is_empty());
    assert!(api.triggered.0.lock().unwrap().is_empty());
    assert!(api.events.try_recv().is_err());
}

#[tokio::test]
async fn a_plan_that_cannot_be_made_is_a_problem() {
    let api = Api::with(&[]).await;
    let program = SPEC.replace("[vllm]", "[{name: vllm, program: /bin/sh}]");
    let loads: Vec<String> = (1..=6000).map(|load| load.to_string()).collect();
    let large = SPEC
        .replace("[1, 4]", &format!("[{}]", loads.join(", ")))
        .replace("[fp16]", "[fp16, fp8, int8, int4]")
        .replace("[l4x1, h100x1]", "[l4x1, l4x2, l4x4, h100x1, h100x2]");
    for (spec, part) in
        [(program.as_str(), "frameworks[0].program"), ("name: [", ""), (large.as_str(), "assay run --plan")]
    {
        let answer = api.ask("POST", "/v1/campaigns/plan", spec).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_plan_is_made_without_the_results_with_a_warning() {
    let api = Api::with(&[]).await;
    api.results.away.store(true, Ordering::SeqCst);
    let planned = api.ask("POST", "/v1/campaigns/plan", SPEC).await;
    assert_eq!((planned.status, &planned.body["calibrated"]), (StatusCode::OK, &false.into()));
    assert!(planned.warning.unwrap().starts_with("110 "));
}
