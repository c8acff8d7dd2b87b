//! AIPerf's file with a request a line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use domain::imported::{Definition, OtherQuantity};
use domain::result::Flag;
use domain::{BenchmarkResult, MetricId, Statistic};
use formats::{BadFile, Reading, Stated, read};
use serde_json::{Value, json};

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

fn reading(records: &[Value], stated: &Stated) -> Result<Reading, BadFile> {
    read(Some("profile_export.jsonl"), lines(records).as_bytes(), stated, now())
}

fn one(records: &[Value]) -> BenchmarkResult {
    let reading = reading(records, &of_records()).unwrap();
    assert_eq!((reading.results.len(), &reading.asks, &reading.left_out), (1, &vec![], &vec![]));
    reading.results.into_iter().next().unwrap()
}

fn latency(result: &BenchmarkResult, metric: MetricId, statistic: Statistic) -> f64 {
    result.metrics.latency(metric).unwrap().known(statistic).unwrap()
}

#[test]
fn distributions_are_reckoned_from_every_request() {
    let mut records = aiperf_records();
    for (number, record) in records.iter_mut().enumerate() {
        *record = changed(record, "/metrics/time_to_first_token/value", json!(10 * (number + 1)));
    }
    let result = one(&records);
    let ttft = result.metrics.ttft.as_ref().unwrap();
    assert_eq!((ttft.count, ttft.mean, ttft.min, ttft.max), (10, 55.0, 10.0, 100.0));
    assert_eq!((ttft.p50, ttft.p90), (55.0, 91.0), "between the nearest, as docs/metrics.md has it");
    assert!(ttft.insufficient_samples.contains(&Statistic::P90), "ten requests are too few");
    assert_eq!(latency(&result, MetricId::E2e, Statistic::Mean), 1320.0);
    assert_eq!(latency(&result, MetricId::Tpot, Statistic::Mean), 10.0);
    let itl = result.metrics.itl.as_ref().unwrap();
    assert_eq!((itl.count, itl.p50, itl.min), (80, 160.0, 150.0), "pooled over requests");
    assert!(result.metrics.itl_multi_token, "128 tokens in 9 events");
    let OtherQuantity::Distribution(second) =
        &result.imported.as_ref().unwrap().quantities[&Definition::SecondToken]
    else {
        panic!("a distribution")
    };
    assert_eq!(second.mean, 160.0);
    assert_eq!(result.metrics.tps_per_user.as_ref().unwrap().mean, 100.0);
    let seconds = 1.65;
    assert!((result.metrics.output_tps - 1280.0 / seconds).abs() < 1e-6);
    assert!((result.metrics.total_tps - 6400.0 / seconds).abs() < 1e-6);
    assert!((result.metrics.rps - 10.0 / seconds).abs() < 1e-6);
    assert_eq!(result.measured_at.to_rfc3339(), "2026-11-26T10:00:00+00:00");
    assert_eq!((result.counts.succeeded, result.counts.input_tokens), (10, 5120));
}

#[test]
fn units_are_converted() {
    let mut records = aiperf_records();
    for record in &mut records {
        *record = changed(record, "/metrics/time_to_first_token", json!({"value": 0.05, "unit": "s"}));
        *record = changed(record, "/metrics/request_latency", json!({"value": 1_320_000, "unit": "us"}));
    }
    let result = one(&records);
    assert!((latency(&result, MetricId::Ttft, Statistic::Mean) - 50.0).abs() < 1e-9);
    assert!((latency(&result, MetricId::E2e, Statistic::Mean) - 1320.0).abs() < 1e-9);
}

#[test]
fn the_warm_up_is_left_out_and_what_failed_is_counted() {
    let mut records = aiperf_records();
    let warm_up = changed(&aiperf_record(100, 0), "/metadata/benchmark_phase", json!("warmup"));
    records.insert(0, changed(&warm_up, "/metadata/request_start_ns", json!(FIRST_NS - 9_000_000_000)));
    let error = json!({"code": 503, "type": "HTTPError", "message": "busy"});
    let failed = changed(&aiperf_record(10, 100), "/error", error);
    records.push(changed(&failed, "/metrics", json!({})));
    // One that was broken off has no other mark in some versions.
    let cancelled = changed(&aiperf_record(11, 100), "/metadata/was_cancelled", json!(true));
    records.push(changed(&cancelled, "/metrics", json!(null)));
    let result = one(&records);
    assert_eq!(result.counts.succeeded, 10);
    assert_eq!(result.counts.failed.values().sum::<u64>(), 2);
    assert!(result.flags.contains(&Flag::SomeFailed));
    assert!((result.charged.window_s - 1.65).abs() < 1e-9);
    let original = Value::Object(result.imported.unwrap().original);
    assert_eq!(original["records"], json!({"profiling": 12, "warmup": 1}));
    assert_eq!(original["errors"], json!({"HTTPError": 1, "untold": 1}));
}

#[test]
fn what_is_not_known_is_kept() {
    let result = one(&aiperf_records());
    let original = Value::Object(result.imported.unwrap().original);
    assert_eq!(original["metadata"]["something_new"], "the same for all");
    assert_eq!(original["metadata"]["worker_id"], "worker_416f5670");
    assert_eq!(original["metadata"].get("session_num"), None, "each has its own");
    let kept = json!({"unit": "tokens/sec", "count": 10, "avg": 10_244.5, "min": 10_240.0, "max": 10_249.0});
    assert_eq!(original["metrics"]["prefill_throughput"], kept);
    assert_eq!(original["metrics"].get("request_latency"), None, "it is ours");
}

#[test]
fn what_the_file_does_not_say_is_asked_with_what_it_shows() {
    let asks = reading(&aiperf_records(), &Stated::default()).unwrap().asks;
    let fields: Vec<&str> = asks.iter().map(|ask| ask.field.as_str()).collect();
    assert_eq!(fields, ["concurrency", "engine", "hardware", "model", "quantisation", "use_case"]);
    assert!(asks[0].why.contains("at most 10 requests were in flight at once"), "{}", asks[0].why);
    for wrong in [4, 64] {
        let stated = with(&of_records(), json!({"concurrency": wrong}));
        let told = reading(&aiperf_records(), &stated).map(|r| r.results.len());
        // Ten requests are never 64 at once.
        let expected = (wrong == 64).then_some(1);
        assert_eq!(told.clone().ok(), expected, "{told:?}");
    }
    let one_by_one: Vec<Value> = (0..10).map(|number| aiperf_record(number, number * 1320)).collect();
    let told = reading(&one_by_one, &of_records()).unwrap_err().to_string();
    assert!(told.contains("has at most 1 requests in flight at once, and 10 were stated"), "{told}");
    let alone = with(&of_records(), json!({"concurrency": 1}));
    assert_eq!(reading(&one_by_one, &alone).unwrap().results.len(), 1);
}

#[test]
fn a_file_of_one_request_and_one_with_blank_lines_are_read() {
    let single = with(&of_records(), json!({"concurrency": 1}));
    assert_eq!(reading(&aiperf_records()[..1], &single).unwrap().results[0].counts.succeeded, 1);
    let text = format!("\n{}\n\n", lines(&aiperf_records()).replace('\n', "\n\n"));
    let reading = read(None, text.as_bytes(), &of_records(), now()).unwrap();
    assert_eq!(reading.results[0].counts.succeeded, 10);
    let bad = text.replacen("\"value\":512", "\"value\":-512", 1);
    let bad = read(None, bad.as_bytes(), &of_records(), now()).unwrap_err();
    assert_eq!(bad.line, Some(2));
}

#[test]
fn a_first_token_that_only_some_requests_have_is_left_away() {
    let mut records = aiperf_records();
    records[3]["metrics"].as_object_mut().unwrap().remove("time_to_first_token");
    let reading = reading(&records, &of_records()).unwrap();
    assert!(reading.results[0].metrics.ttft.is_none());
    assert_eq!(reading.left_out[0].place, "time_to_first_token");
    for record in &mut records {
        record["metrics"].as_object_mut().unwrap().remove("time_to_first_token");
    }
    assert!(one(&records).metrics.ttft.is_none(), "as without streaming");
}

#[test]
fn a_wrong_line_is_refused_with_its_number_and_its_field() {
    let record = &aiperf_records()[3];
    for (pointer, value, told) in [
        ("/metrics/time_to_first_token/value", json!(-1), "`metrics.time_to_first_token.value` is -1"),
        (
            "/metrics/time_to_first_token/value",
            json!("1"),
            "`metrics.time_to_first_token.value` should be a number",
        ),
        (
            "/metrics/time_to_first_token/value",
            json!(1400),
            "`metrics.time_to_first_token` is 1400.000 ms, and all of it 1320.000",
        ),
        ("/metrics/inter_token_latency/value", json!(1e300), "`metrics.inter_token_latency` is"),
        ("/metrics/inter_chunk_latency/value/1", json!(1e300), "`metrics.inter_chunk_latency` is"),
        ("/metrics/output_sequence_length/value", json!(1e300), "`metrics.output_sequence_length.value` is"),
        ("/metrics/output_token_throughput_per_user/value", json!(1e300), "cannot be"),
        ("/metrics/time_to_first_token/unit", json!("min"), "`metrics.time_to_first_token.unit` is `min`"),
        ("/metrics/time_to_first_token", json!(50), "`metrics.time_to_first_token.value` is missing"),
        ("/metrics/request_latency", json!(null), "`metrics.request_latency` is missing"),
        ("/metrics/request_latency/unit", json!("s"), "is one of them in another unit?"),
        ("/metrics/output_sequence_length", json!(null), "`metrics.output_sequence_length` is missing"),
        ("/metrics/output_sequence_length/unit", json!("words"), "is `words`, and should be `tokens`"),
        (
            "/metrics/inter_chunk_latency/value",
            json!(20),
            "`metrics.inter_chunk_latency.value` should be a list",
        ),
        ("/metrics/inter_chunk_latency/value/2", json!(-20), "`metrics.inter_chunk_latency.value[2]` is -20"),
        ("/metadata/benchmark_phase", json!("later"), "`metadata.benchmark_phase` is `later`"),
        ("/metadata/request_end_ns", json!(17), "`metadata.request_end_ns` is before the request began"),
        (
            "/metadata/request_start_ns",
            json!(-17),
            "`metadata.request_start_ns` should be a whole number of ns",
        ),
        (
            "/metadata/request_start_ns",
            json!(1.5),
            "`metadata.request_start_ns` should be a whole number of ns",
        ),
        ("/metadata/turn_index", json!(1), "`metadata.turn_index` is above 0"),
        ("/metrics", json!(null), "`metrics` is missing"),
        ("/metadata", json!(7), "`metadata.benchmark_phase` is missing"),
    ] {
        let mut records = aiperf_records();
        records[3] = changed(record, pointer, value);
        let bad = reading(&records, &of_records()).unwrap_err();
        assert_eq!(bad.line, Some(4), "{bad}");
        assert!(bad.to_string().contains(told), "{bad}\nand not\n{told}");
    }
    let mut cut = lines(&aiperf_records());
    cut.truncate(cut.len() - 9);
    let bad = read(None, cut.as_bytes(), &of_records(), now()).unwrap_err();
    assert_eq!(bad.line, Some(10), "{bad}");
    let failed: Vec<Value> =
        aiperf_records().iter().map(|record| changed(record, "/error", json!({"type": "x"}))).collect();
    let told = reading(&failed, &of_records()).unwrap_err().to_string();
    assert!(told.contains("has no request that succeeded"), "{told}");
    // Metrics without an end are no numbers to keep.
    let mut many = aiperf_records();
    for (at, record) in many.iter_mut().enumerate() {
        for name in 0..2_000 {
            record["metrics"][format!("made_up_{at}_{name}")] = json!({"value": 1, "unit": "x"});
        }
    }
    let told = reading(&many, &of_records()).unwrap_err().to_string();
    assert!(told.contains("beside its lists of requests"), "{told}");
}

/// `vllm bench serve --append-result` writes a run a line.
#[test]
fn runs_of_other_tools_that_stand_a_line_each_are_read() {
    let text = lines(&[vllm_bench(), vllm_bench()]);
    let reading = read(None, text.as_bytes(), &stated(), now()).unwrap();
    let trials: Vec<u32> = reading.results.iter().map(|result| result.trial).collect();
    assert_eq!(trials, [1, 2]);
    let wrong = lines(&[vllm_bench(), changed(&vllm_bench(), "/mean_ttft_ms", json!(-1))]);
    let bad = read(None, wrong.as_bytes(), &stated(), now()).unwrap_err();
    assert_eq!((bad.line, bad.field.as_str()), (Some(2), "mean_ttft_ms"));
}
