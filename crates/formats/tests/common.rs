//! Files of other tools, small and made up, in the shapes that their documents and sources have.

// Each test binary uses some of it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use chrono::{DateTime, TimeDelta, Utc};
use domain::BenchmarkResult;
use formats::{BadFile, Reading, Stated, read};
use serde_json::{Value, json};

pub fn now() -> DateTime<Utc> {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

/// Everything that may have to be stated.
pub fn stated() -> Stated {
    serde_json::from_value(json!({
        "quantisation": "fp16", "hardware": "h100x1", "engine": "vllm", "use_case": "chatbot",
    }))
    .unwrap()
}

pub fn with(stated: &Stated, more: Value) -> Stated {
    let mut all = serde_json::to_value(stated).unwrap();
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

pub fn reading(file: &Value, stated: &Stated) -> Result<Reading, BadFile> {
    read(Some("file.json"), serde_json::to_string_pretty(file).unwrap().as_bytes(), stated, now())
}

pub fn one(file: &Value, stated: &Stated) -> BenchmarkResult {
    let reading = reading(file, stated).unwrap();
    assert_eq!((reading.results.len(), &reading.asks), (1, &vec![]), "{:?}", reading.left_out);
    reading.results.into_iter().next().unwrap()
}

pub fn refused(file: &Value, stated: &Stated) -> String {
    reading(file, stated).unwrap_err().to_string()
}

/// The questions that a file leaves open.
pub fn asked(file: &Value, stated: &Stated) -> Vec<String> {
    reading(file, stated).unwrap().asks.into_iter().map(|ask| ask.field).collect()
}

/// A change of one value.
pub fn changed(file: &Value, pointer: &str, value: Value) -> Value {
    let mut file = file.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = file.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(map) => _ = map.insert(key.to_owned(), value),
        other => other[key.parse::<usize>().unwrap()] = value,
    }
    file
}

/// 100 requests of 512 > 128 tokens at 8 in flight: 50 ms to the first token, 10 ms for each other, 1320 ms in all; 6.06
/// requests per second for 16.5 s.
const SECONDS: f64 = 16.5;

pub fn vllm_bench() -> Value {
    json!({
        "date": "20261126-100000", "endpoint_type": "openai-chat", "backend": "openai-chat", "label": null,
        "model_id": "meta-llama/Llama-3.1-8B-Instruct", "tokenizer_id": "meta-llama/Llama-3.1-8B-Instruct",
        "num_prompts": 102, "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 8, "cluster": "b12",
        "duration": SECONDS, "completed": 100, "failed": 2, "total_input_tokens": 51200,
        "total_output_tokens": 12800, "request_throughput": 6.0606, "request_goodput": 5.5,
        "output_throughput": 775.757, "total_token_throughput": 3878.787,
        "mean_ttft_ms": 50.0, "median_ttft_ms": 48.0, "std_ttft_ms": 5.0, "p99_ttft_ms": 90.0,
        "mean_tpot_ms": 10.0, "median_tpot_ms": 9.9, "std_tpot_ms": 0.5, "p99_tpot_ms": 12.0,
        "mean_itl_ms": 10.0, "median_itl_ms": 9.5, "std_itl_ms": 2.0, "p99_itl_ms": 30.0,
    })
}

fn distribution(mean: f64) -> Value {
    json!({
        "mean": mean, "median": mean * 0.96, "mode": mean, "std_dev": mean * 0.1, "variance": 0.0,
        "min": mean * 0.5, "max": mean * 2.0, "count": 100, "total_sum": mean * 100.0,
        "percentiles": {"p001": mean * 0.5, "p50": mean * 0.96, "p90": mean * 1.1, "p95": mean * 1.2, "p99": mean * 1.8},
    })
}

pub fn guidellm() -> Value {
    let metric =
        |mean: f64| json!({"successful": distribution(mean), "errored": null, "total": distribution(mean)});
    let begin = 1_795_600_000.0;
    json!({
        "metadata": {"version": 2, "guidellm_version": "0.5.3", "platform": "linux"},
        "args": {"model": "meta-llama/Llama-3.1-8B-Instruct", "random_seed": 42},
        "benchmarks": [{
            "config": {"strategy": {"type_": "concurrent", "streams": 8}, "backend": {"target": "http://x"}},
            "scheduler_metrics": {"measure_start_time": begin, "measure_end_time": begin + SECONDS},
            "metrics": {
                "request_totals": {"successful": 100, "errored": 2, "incomplete": 8, "total": 110},
                "requests_per_second": metric(6.1), "request_concurrency": metric(7.9),
                "request_latency": metric(1.32), "prompt_token_count": metric(512.0),
                "output_token_count": metric(128.0), "time_to_first_token_ms": metric(50.0),
                "time_per_output_token_ms": metric(10.3), "inter_token_latency_ms": metric(10.0),
                "output_tokens_per_second": metric(790.0), "something_new": metric(1.0),
            },
            "requests": {"successful": [{"request_id": "a"}]},
        }],
    })
}

pub fn aiperf() -> Value {
    let metric = |unit: &str, avg: f64| {
        json!({"unit": unit, "avg": avg, "p50": avg * 0.96, "p90": avg * 1.1, "p95": avg * 1.2, "p99": avg * 1.8,
               "min": avg * 0.5, "max": avg * 2.0, "std": avg * 0.1, "count": 100})
    };
    let number = |unit: &str, avg: f64| json!({"unit": unit, "avg": avg});
    json!({
        "schema_version": "1.4", "aiperf_version": "0.9.0", "benchmark_id": "b1", "run_info": {"random_seed": 7},
        "input_config": {
            "endpoint": {"model_names": ["meta-llama/Llama-3.1-8B-Instruct"], "type": "chat"},
            "loadgen": {"concurrency": 8},
        },
        "was_cancelled": false, "is_complete": true, "start_time": "2026-11-26T10:00:00.123456",
        "request_count": number("requests", 100.0), "error_request_count": number("requests", 2.0),
        "benchmark_duration": number("sec", SECONDS), "time_to_first_token": metric("ms", 50.0),
        "time_to_second_token": metric("ms", 11.0), "inter_token_latency": metric("ms", 10.0),
        "inter_chunk_latency": metric("ms", 20.0), "request_latency": metric("ms", 1320.0),
        "output_token_throughput": number("tokens/sec", 775.757),
        "output_token_throughput_per_user": metric("tokens/sec/user", 100.0),
        "request_throughput": number("requests/sec", 6.0606), "goodput": number("requests/sec", 5.0),
        "output_sequence_length": metric("tokens", 128.0), "input_sequence_length": metric("tokens", 512.0),
        "telemetry_data": {"endpoints": {"node:9400": {"gpus": {"gpu_0": {"gpu_name": "NVIDIA H100 80GB HBM3"}}}}},
    })
}

/// Wall clock of the first request, ns since 1970.
pub const FIRST_NS: u64 = 1_795_687_200_000_000_000;

/// A request of AIPerf's `profile_export.jsonl` that was sent so many ms after the first: 512 > 128 tokens, 50 ms to the first,
/// 10 ms for each other, in events of 16 tokens.
pub fn aiperf_record(number: u64, after_ms: u64) -> Value {
    let begin = FIRST_NS + after_ms * 1_000_000;
    let time = |ms: f64| json!({"value": ms, "unit": "ms"});
    let tokens = |count: u64| json!({"value": count, "unit": "tokens"});
    let gaps: Vec<f64> = std::iter::repeat_n(160.0, 7).chain([150.0]).collect();
    json!({
        "metadata": {
            "session_num": number, "x_request_id": format!("r{number}"), "conversation_id": null, "turn_index": 0,
            "request_start_ns": begin, "request_ack_ns": begin + 1_000_000, "request_end_ns": begin + 1_320_000_000,
            "worker_id": "worker_416f5670", "record_processor_id": "record_processor_63b1a30c",
            "benchmark_phase": "profiling", "was_cancelled": false, "cancellation_time_ns": null,
            "something_new": "the same for all",
        },
        "metrics": {
            "output_sequence_length": tokens(128), "input_sequence_length": tokens(512),
            "output_token_count": tokens(128), "time_to_first_token": time(50.0),
            "time_to_second_token": time(160.0), "request_latency": time(1320.0), "inter_token_latency": time(10.0),
            "prefill_throughput": {"value": 10_240.0 + number as f64, "unit": "tokens/sec"},
            "output_token_throughput_per_user": {"value": 100.0, "unit": "tokens/sec/user"},
            "inter_chunk_latency": {"value": gaps, "unit": "ms"},
        },
        "error": null,
    })
}

/// Ten such requests within 1.65 s: 775.757 tokens per second.
pub fn aiperf_records() -> Vec<Value> {
    (0..9).map(|number| aiperf_record(number, number * 36)).chain([aiperf_record(9, 330)]).collect()
}

pub fn inference_perf() -> Value {
    let seconds = |mean: f64| {
        json!({"mean": mean, "min": mean * 0.5, "p0.1": mean * 0.5, "p10": mean * 0.7, "median": mean * 0.96,
               "p90": mean * 1.1, "p95": mean * 1.2, "p99": mean * 1.8, "p99.9": mean * 1.9, "max": mean * 2.0})
    };
    json!({
        "benchmark_time_seconds": SECONDS,
        "load_summary": {"count": 102, "schedule_delay": seconds(0.001), "requested_rate": 6.0, "achieved_rate": 6.0},
        "successes": {
            "count": 100,
            "latency": {
                "request_latency": seconds(1.32), "time_to_first_token": seconds(0.05),
                "time_per_output_token": seconds(0.01), "normalized_time_per_output_token": seconds(0.0103),
                "inter_token_latency": seconds(0.01),
            },
            "throughput": {"input_tokens_per_sec": 3103.03, "output_tokens_per_sec": 775.757, "requests_per_sec": 6.0606},
            "prompt_len": seconds(512.0), "output_len": seconds(128.0),
        },
        "failures": {"count": 2, "by_label": {"429 - Rate Limit": {"count": 2}}},
    })
}

pub fn inferencex() -> Value {
    json!({
        "hw": "h100", "tp": 2, "pp": 1, "ep": 1, "dp_attention": "false", "conc": 8, "isl": 512, "osl": 128,
        "model": "meta-llama/Llama-3.1-8B-Instruct", "framework": "vllm", "precision": "bf16", "spec_decoding": "none",
        "image": "vllm/vllm-openai:v0.11.0", "tput_per_gpu": 1939.39, "output_tput_per_gpu": 387.88,
        "mean_ttft": 0.05, "median_ttft": 0.048, "p90_ttft": 0.06, "p99_ttft": 0.09,
        "mean_tpot": 0.01, "median_tpot": 0.0099, "p90_tpot": 0.011, "p99_tpot": 0.012,
        "mean_intvty": 100.0, "median_intvty": 101.01, "mean_itl": 0.01, "median_itl": 0.0095,
        "mean_e2el": 1.32, "median_e2el": 1.31, "p90_e2el": 1.4, "p99_e2el": 1.6,
        "avg_power_w": 500.0, "joules_per_output_token": 0.7, "power_valid": true,
    })
}

pub fn inference_benchmarker() -> Value {
    let ms = |avg: f64| json!({"p50": avg * 0.96, "p60": avg, "p90": avg * 1.1, "p95": avg * 1.2, "p99": avg * 1.8, "avg": avg});
    let result = |id: &str| {
        json!({
            "id": id, "executor_type": "ConstantVUs", "config": {"max_vus": 8, "duration_secs": 16.5, "rate": null},
            "total_requests": 102, "total_tokens": 12800, "total_tokens_sent": 51200, "token_throughput_secs": 775.757,
            "duration_ms": 16500, "time_to_first_token_ms": ms(50.0), "inter_token_latency_ms": ms(10.0),
            "e2e_latency_ms": ms(1320.0), "failed_requests": 2, "successful_requests": 100, "request_rate": 6.0606,
        })
    };
    json!({
        "config": {"model_name": "meta-llama/Llama-3.1-8B-Instruct"}, "start_time": "2026-11-26T10:00:00Z",
        "results": [result("warmup"), result("constant@8")],
    })
}

pub fn llm_d(tool: &str) -> Value {
    let statistics =
        |units: &str, mean: f64| json!({"units": units, "mean": mean, "p50": mean * 0.96, "p99": mean * 1.8});
    json!({
        "version": "0.2.1",
        "run": {"uid": "u1", "eid": "e1", "time": {"start": "2026-11-26T10:00:00Z", "duration": "PT16.5S"}},
        "scenario": {
            "stack": [
                {"metadata": {"label": "epp", "cfg_id": "x"}, "native": {},
                 "standardized": {"kind": "generic", "tool": "scheduler", "tool_version": "1"}},
                {"metadata": {"label": "vllm", "cfg_id": "y"}, "native": {},
                 "standardized": {
                     "kind": "inference_engine", "tool": "vllm", "tool_version": "vllm/vllm-openai:v0.11.0",
                     "role": "replica", "model": {"name": "meta-llama/Llama-3.1-8B-Instruct"},
                     "accelerator": {"model": "NVIDIA-H100-80GB-HBM3", "count": 2, "parallelism": {"tp": 2}}}},
            ],
            "load": {"metadata": {}, "native": {}, "standardized": {
                "tool": tool, "tool_version": "1.2", "source": "random", "concurrency": 8,
                "input_seq_len": {"distribution": "fixed", "value": 512},
                "output_seq_len": {"distribution": "fixed", "value": 128},
            }},
        },
        "results": {"request_performance": {"aggregate": {
            "requests": {"total": 102, "failures": 2, "input_length": statistics("count", 512.0),
                         "output_length": statistics("count", 128.0)},
            "latency": {
                "time_to_first_token": statistics("s", 0.05), "time_per_output_token": statistics("s/token", 0.01),
                "inter_token_latency": statistics("ms/token", 10.0), "request_latency": statistics("ms", 1320.0),
            },
            "throughput": {
                "output_token_rate": statistics("tokens/s", 775.757), "request_rate": statistics("queries/s", 6.0606),
                "total_token_rate": statistics("tokens/s", 3878.787),
            },
        }}},
    })
}

/// What AIPerf's records do not say.
pub fn of_records() -> Stated {
    with(&stated(), json!({"model": "llama-3.1-8b-instruct", "concurrency": 10}))
}

/// Every format with what must be stated about it.
pub fn every() -> Vec<(&'static str, Value, Stated)> {
    let day = json!({"measured_at": "2026-11-25"});
    let use_case = with(&Stated::default(), json!({"use_case": "chatbot"}));
    vec![
        ("vllm-bench", vllm_bench(), with(&use_case, json!({"hardware": "h100x1", "engine": "vllm"}))),
        ("guidellm", guidellm(), with(&use_case, json!({"hardware": "h100x1", "engine": "vllm"}))),
        ("aiperf", aiperf(), with(&use_case, json!({"hardware": "h100x1", "engine": "vllm"}))),
        (
            "inference-perf",
            inference_perf(),
            with(
                &with(&stated(), day.clone()),
                json!({"model": "llama-3.1-8b-instruct", "arrival": "poisson"}),
            ),
        ),
        ("inferencex", inferencex(), with(&use_case, day)),
        (
            "inference-benchmarker",
            inference_benchmarker(),
            with(&use_case, json!({"hardware": "h100x1", "engine": "tgi"})),
        ),
        ("llm-d", llm_d("vllm-benchmark"), use_case),
        ("aiperf", json!(aiperf_records()), of_records()),
    ]
}

pub fn later() -> DateTime<Utc> {
    now() + TimeDelta::days(1)
}
