//! Files of other tools come in, and results go out for others.

use serde_json::{Value, json};

use super::bench::Bench;

/// What `vllm bench serve` writes of 100 requests of 512 > 128 tokens at 8 in flight.
fn vllm_bench() -> Value {
    json!({
        "date": "20261120-100000", "endpoint_type": "openai", "backend": "vllm",
        "model_id": "meta-llama/Llama-3.1-8B-Instruct", "num_prompts": 100, "request_rate": "inf", "burstiness": 1.0,
        "max_concurrency": 8, "duration": 16.5, "completed": 100, "failed": 0, "total_input_tokens": 51200,
        "total_output_tokens": 12800, "request_throughput": 6.06, "request_goodput": null,
        "output_throughput": 775.7, "total_token_throughput": 3878.8, "mean_ttft_ms": 50.0, "median_ttft_ms": 48.0,
        "p99_ttft_ms": 90.0, "mean_tpot_ms": 10.0, "median_tpot_ms": 9.9, "p99_tpot_ms": 12.0,
    })
}

#[test]
fn what_another_tool_measured_is_asked_about_taken_once_and_told_to_others() {
    let bench = Bench::new();
    let file = bench.write("bench.json", &vllm_bench().to_string());
    let import = ["import", file.to_str().unwrap()];
    let asked = bench.assay(&import);
    asked.assert_error(
        2,
        &["bench.json: is of vllm-bench", "--hardware", "--engine", "--use-case", "the protocol `openai`"],
    );
    let stated = ["--hardware", "h100x1", "--engine", "vllm", "--use-case", "chatbot"];
    let all = [&import[..], &stated].concat();
    for new in ["1 results of vllm-bench, 1 of them new", "1 results of vllm-bench, 0 of them new"] {
        let taken = bench.assay(&all);
        taken.assert_code(0);
        assert!(taken.stdout.contains(new), "{}", taken.stdout);
    }
    bench.assay(&[&all[..], &["--model", "qwen3-8b"]].concat()).assert_error(2, &["qwen3-8b was stated"]);
    let unknown = bench.assay(&[&import[..], &["--engine", "vlm"]].concat());
    unknown.assert_code(2);
    assert!(unknown.stderr.contains("unknown variant `vlm`"), "{}", unknown.stderr);

    let table = bench.assay(&["results"]);
    table.assert_code(0);
    assert!(
        table.stdout.contains("[imported]") && table.stdout.contains("measured by another tool"),
        "{}",
        table.stdout
    );
    let results = bench.assay(&["results", "--json"]).assert_code(0).results();
    assert_eq!(
        (&results[0]["provenance"], &results[0]["metrics"]["ttft"]),
        (&json!("imported"), &Value::Null)
    );
    let quantities = &results[0]["imported"]["quantities"];
    assert_eq!(quantities["ttft_first_chunk"]["p50"], 48.0, "it is not our time to first token");
    bench.assay(&["recommend", "--use-case", "chatbot"]).assert_code(4);
    let question = ["recommend", "--use-case", "chatbot", "--no-slo", "--provenance", "imported", "--json"];
    assert_eq!(bench.assay(&question).assert_code(0).json()["entries"].as_array().unwrap().len(), 1);

    let csv = bench.assay(&["results", "--format", "csv"]);
    csv.assert_code(0);
    assert_eq!(csv.stdout.lines().count(), 2, "{}", csv.stdout);
    assert!(csv.stdout.starts_with("run_id,") && csv.stdout.contains(",vllm-bench,"), "{}", csv.stdout);
    let folder = bench.path("reports");
    bench.assay(&["results", "--format", "llm-d", "--out", folder.to_str().unwrap()]).assert_code(0);
    let run = results[0]["run_id"].as_str().unwrap();
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.join(format!("{run}.json"))).unwrap()).unwrap();
    assert_eq!(report["version"], "0.2.1");
    let parquet = bench.path("results.parquet");
    bench.assay(&["results", "--format", "parquet", "--out", parquet.to_str().unwrap()]).assert_code(0);
    bench.assay(&["results", "--out", parquet.to_str().unwrap()]).assert_error(2, &["add --format"]);

    // Both come back as they were, in any store.
    let other = Bench::new();
    for file in [parquet, folder.join(format!("{run}.json"))] {
        other.assay(&["import", file.to_str().unwrap()]).assert_code(0);
        assert_eq!(other.assay(&["results", "--json"]).assert_code(0).results(), results);
    }
}
