//! Files that are wrong, by accident or on purpose.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use formats::{Stated, read};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn what_is_wrong_is_refused_with_the_line_and_the_field() {
    let vllm = vllm_bench();
    let in_seconds = |file: &Value, keys: &[&str]| {
        let scaled = |file: Value, key: &&str| {
            let value = file.pointer(key).unwrap().as_f64().unwrap();
            changed(&file, key, json!(value / 1e3))
        };
        keys.iter().fold(file.clone(), scaled)
    };
    let ttft = ["/mean_ttft_ms", "/median_ttft_ms", "/p99_ttft_ms"];
    let tpot = ["/mean_tpot_ms", "/median_tpot_ms", "/p99_tpot_ms"];
    for (file, told) in [
        (changed(&vllm, "/mean_ttft_ms", json!(-1.0)), "`mean_ttft_ms` is -1, and cannot be below zero"),
        (changed(&vllm, "/mean_ttft_ms", json!("50")), "`mean_ttft_ms` should be a number, and is `50`"),
        (changed(&vllm, "/p99_tpot_ms", json!(1.0)), "percentiles are in order"),
        (changed(&vllm, "/completed", json!(0)), "has no request that succeeded"),
        (changed(&vllm, "/completed", json!(1.5)), "`completed` is 1.5, and should be a whole number"),
        (changed(&vllm, "/completed", json!(null)), "`completed` is missing"),
        (changed(&vllm, "/date", json!("yesterday")), "`date` should be a date"),
        (changed(&vllm, "/date", json!("20300101-000000")), "yet to come"),
        (
            changed(&vllm, "/burstiness", json!(0))
                .pointer("")
                .map(|f| changed(&changed(f, "/request_rate", json!(6)), "/max_concurrency", json!(null)))
                .unwrap(),
            "burstiness is from",
        ),
        (changed(&vllm, "/output_throughput", json!(77575.7)), "is one of them in another unit?"),
        (in_seconds(&vllm, &[ttft, tpot].concat()), "is one of them in another unit?"),
        (
            in_seconds(&guidellm(), &[])
                .pointer("")
                .map(|f| changed(f, "/benchmarks/0/metrics/request_latency/successful", distribution_in_ms()))
                .unwrap(),
            "is one of them in another unit?",
        ),
        (
            changed(&aiperf(), "/time_to_first_token/unit", json!("fortnight")),
            "`time_to_first_token.unit` is `fortnight`",
        ),
        (changed(&aiperf(), "/was_cancelled", json!(true)), "was cancelled"),
        (changed(&inferencex(), "/mean_tpot", json!(10.0)), "is the time per token in another unit?"),
        (changed(&llm_d("aiperf"), "/version", json!("0.1")), "`version` is of another version"),
        (
            changed(
                &llm_d("aiperf"),
                "/results/request_performance/aggregate/latency/request_latency/units",
                json!("min"),
            ),
            "is `min`, which is no unit",
        ),
        (changed(&inference_benchmarker(), "/start_time", json!("now")), "`start_time` should be an instant"),
        (json!({"benchmarks": [{"metrics": {}}]}), "`benchmarks[0]` has no request"),
        (json!({"hello": "world"}), "holds no results that are known here"),
        (json!([]), "`file` holds no results"),
    ] {
        let stated = with(&stated(), json!({"measured_at": "2026-11-25"}));
        let stated = if file.get("hw").is_some() { every()[4].2.clone() } else { stated };
        let stated = if file.get("version").is_some() { every()[6].2.clone() } else { stated };
        let refused = refused(&file, &stated);
        assert!(refused.contains(told), "{refused}\nand not\n{told}");
    }
    // The line is that of the field.
    let text = serde_json::to_string_pretty(&changed(&vllm, "/p99_itl_ms", json!(-3))).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("p99_itl_ms")).unwrap();
    let bad = read(None, text.as_bytes(), &stated(), now()).unwrap_err();
    assert_eq!((bad.line, bad.field.as_str()), (Some(line), "p99_itl_ms"));
}

fn distribution_in_ms() -> Value {
    json!({"mean": 1_320_000.0, "median": 1_300_000.0, "percentiles": {"p99": 1_900_000.0}})
}

#[test]
fn texts_that_are_no_json_are_refused_where_they_end_to_be_any() {
    let stated = stated();
    let told = |text: &str| read(None, text.as_bytes(), &stated, now()).unwrap_err().to_string();
    let whole = serde_json::to_string_pretty(&vllm_bench()).unwrap();
    let nan = whole.replace("\"mean_ttft_ms\": 50.0", "\"mean_ttft_ms\": NaN");
    assert_ne!(nan, whole);
    assert!(
        told(&nan).starts_with("line 2") && told(&nan).contains("`mean_ttft_ms` cannot be read"),
        "{}",
        told(&nan)
    );
    let infinite = whole.replace("\"duration\": 16.5", "\"duration\": Infinity");
    assert!(told(&infinite).contains("`duration` cannot be read"), "{}", told(&infinite));
    assert!(told(&whole.replace("50.0", "1e999")).contains("number out of range"));
    assert!(told(&whole[..whole.len() / 2]).contains("EOF while parsing"));
    assert!(told(&format!("{whole} x")).contains("trailing characters"));
    let deep = "[".repeat(100_000);
    assert!(told(&deep).contains("recursion limit"), "{}", told(&deep));
    let deep = format!("{{\"benchmarks\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(told(&deep).contains("recursion limit"), "{}", told(&deep));
    let many = format!("{{\"a\": [{}0]}}", "0,".repeat(7_000_000));
    assert!(told(&many).contains("holds more than 6000000 values"));
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(33 << 20));
    assert!(told(&long).contains("are the most; split it"), "{}", &told(&long)[..100]);
    for text in ["hello", "a: b", "- 1", "a: &x [*x]", "PAR1", "{\"a\": 1}\n{\"a\": 2}"] {
        let _ = told(text);
    }
    // A bomb of aliases is not unfolded.
    let levels: String = (1..40).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect();
    let _ = told(&format!("a0: &a0 [x, x]\n{levels}"));
    // What is kept beside the numbers is bounded.
    let large = changed(&vllm_bench(), "/cluster", json!("x".repeat(2 << 20)));
    assert!(refused(&large, &stated).contains("beside its lists of requests"));
}

#[test]
fn lists_that_do_not_fit_are_refused() {
    let file: Value = serde_json::from_slice(include_bytes!("fixtures/vllm_bench_on_vllm.json")).unwrap();
    let stated = with(&stated(), json!({"model": "tiny-llama", "hardware": "cpu"}));
    let shorter = changed(&file, "/ttfts", json!([0.1]));
    assert!(refused(&shorter, &stated).contains("`ttfts` has 1 items"));
    let ms: Vec<f64> = file["ttfts"].as_array().unwrap().iter().map(|t| t.as_f64().unwrap() * 1e3).collect();
    let refused_ms = refused(&changed(&file, "/ttfts", json!(ms)), &stated);
    assert!(refused_ms.contains("`mean_ttft_ms` is 132.2"), "{refused_ms}");
    let negative = changed(&file, "/ttfts/3", json!(-0.1));
    assert!(refused(&negative, &stated).contains("`ttfts[3]` is -0.1"));
}

/// Every value of a file, one after the other, replaced by another.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, value)| pointers(value, &format!("{at}/{n}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

#[test]
fn no_value_makes_it_panic_or_be_taken_with_a_number_that_cannot_be() {
    for (format, file, stated) in every() {
        let mut all = Vec::new();
        pointers(&file, "", &mut all);
        // Requests are like each other.
        all.retain(|pointer| !file.is_array() || pointer.starts_with("/0/"));
        for pointer in all {
            for value in [
                json!(null),
                json!(-1),
                json!(0),
                json!(1e300),
                json!(""),
                json!("x"),
                json!([]),
                json!({}),
                json!(true),
            ] {
                let file = changed(&file, &pointer, value.clone());
                let Ok(reading) = reading(&file, &stated) else { continue };
                for result in reading.results {
                    let text = serde_json::to_string(&result).unwrap();
                    assert!(
                        !text.contains(":null") || text.contains("\"original\""),
                        "{format}{pointer}: {value}"
                    );
                    let again = read(None, text.as_bytes(), &Stated::default(), later()).unwrap();
                    assert_eq!(again.results[0].run_id, result.run_id, "{format}{pointer}: {value}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn cut_and_changed_bytes_never_panic(which in 0..8_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let (_, file, stated) = &every()[which];
        let mut bytes = serde_json::to_vec(file).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at); } else { bytes[at] = byte; }
        let _ = read(None, &bytes, stated, now());
    }
}
