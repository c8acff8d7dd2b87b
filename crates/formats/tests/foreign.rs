//! What the files of other tools are taken for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use domain::imported::{Definition, OtherQuantity};
use domain::result::Flag;
use domain::untold::is_untold;
use domain::{BenchmarkResult, Load, MetricId, Provenance, Statistic};
use formats::{Format, Stated, read};
use serde_json::json;

fn ms(result: &BenchmarkResult, metric: MetricId, statistic: Statistic) -> Option<f64> {
    let value = result.metrics.latency(metric)?.known(statistic)?;
    Some((value * 1e6).round() / 1e6)
}

fn other(result: &BenchmarkResult, definition: Definition) -> Option<f64> {
    match result.imported.as_ref()?.quantities.get(&definition)? {
        OtherQuantity::Distribution(summary) => {
            summary.known(Statistic::Mean).map(|ms| (ms * 1e6).round() / 1e6)
        }
        OtherQuantity::Number(number) => Some(*number),
    }
}

/// Whatever the tool, the same run is told: in ms, by quantity, and as imported.
#[test]
fn the_same_run_is_the_same_whoever_tells_it() {
    for (format, file, stated) in every() {
        let reading = reading(&file, &stated).unwrap();
        assert_eq!(reading.format.to_string(), format);
        assert_eq!((reading.results.len(), reading.asks.len()), (1, 0), "{format}: {:?}", reading.asks);
        let result = &reading.results[0];
        assert_eq!(result.provenance, Provenance::Imported);
        assert!(result.flags.contains(&Flag::HardwareUnverified), "nobody looked");
        assert_eq!(result.configuration.serving.model().as_str(), "llama-3.1-8b-instruct");
        let workload = &result.configuration.workload;
        assert_eq!((workload.input_tokens.get(), workload.output_tokens.get()), (512, 128), "{format}");
        assert!((result.metrics.output_tps - 775.757).abs() < 0.1, "{format}: {}", result.metrics.output_tps);
        let ours = [MetricId::Ttft, MetricId::Tpot, MetricId::E2e];
        let [ttft, tpot, e2e] = ours.map(|metric| ms(result, metric, Statistic::Mean));
        let others = [
            Definition::TtftFirstChunk,
            Definition::TtftFirstOutput,
            Definition::TtftUndefined,
            Definition::TokenGapUndefined,
            Definition::E2eStreamEnd,
        ];
        let [first_chunk, first_output, undefined, gap, stream_end] =
            others.map(|definition| other(result, definition));
        assert_eq!(ttft.or(first_chunk).or(first_output).or(undefined), Some(50.0), "{format}");
        assert_eq!(tpot.or(gap), Some(10.0), "{format}");
        if format != "vllm-bench" {
            assert_eq!(e2e.or(stream_end), Some(1320.0), "{format}");
        }
        // Everything that it says is kept.
        assert!(!result.imported.as_ref().unwrap().original.is_empty(), "{format}");
        let stored: BenchmarkResult = serde_json::from_str(&serde_json::to_string(result).unwrap()).unwrap();
        let json = |result: &BenchmarkResult| serde_json::to_value(result).unwrap();
        assert_eq!(json(&stored), json(result), "{format}");
        // Told twice it is the same run; told with other words it is another.
        assert_eq!(common::reading(&file, &stated).unwrap().results[0].run_id, result.run_id);
        let versioned = with(&stated, json!({"engine_version": "9.9"}));
        assert_ne!(common::reading(&file, &versioned).unwrap().results[0].run_id, result.run_id);
    }
}

#[test]
fn quantities_that_are_none_of_ours_keep_their_ids_unless_they_are_accepted() {
    let stated = every().into_iter().find(|(format, ..)| *format == "vllm-bench").unwrap().2;
    let file = vllm_bench();
    let strict = one(&file, &stated);
    assert_eq!(
        (ms(&strict, MetricId::Ttft, Statistic::P99), other(&strict, Definition::TtftFirstChunk)),
        (None, Some(50.0))
    );
    assert!(!strict.flags.contains(&Flag::OtherDefinition));
    let accepting = one(&file, &with(&stated, json!({"accept": "ttft_first_chunk"})));
    assert_eq!(ms(&accepting, MetricId::Ttft, Statistic::P99), Some(90.0));
    assert!(accepting.flags.contains(&Flag::OtherDefinition));
    assert_eq!(accepting.imported.unwrap().accepted, [Definition::TtftFirstChunk]);
    assert_ne!(accepting.run_id, strict.run_id);

    let guidellm = one(&guidellm(), &every()[1].2);
    assert_eq!(
        (ms(&guidellm, MetricId::Tpot, Statistic::Mean), other(&guidellm, Definition::E2ePerToken)),
        (Some(10.0), Some(10.3))
    );
    assert_eq!(ms(&guidellm, MetricId::Ttft, Statistic::P90), Some(55.0));
    let aiperf = one(&aiperf(), &every()[2].2);
    assert_eq!(
        (ms(&aiperf, MetricId::Itl, Statistic::Mean), ms(&aiperf, MetricId::Tpot, Statistic::Mean)),
        (Some(20.0), Some(10.0))
    );
    let perf = one(&inference_perf(), &every()[3].2);
    assert_eq!(
        (ms(&perf, MetricId::Itl, Statistic::Mean), other(&perf, Definition::ItlPerToken)),
        (None, Some(10.0))
    );
    assert_eq!(perf.metrics.ttfo.as_ref().map(|ttfo| ttfo.mean), Some(50.0));
    let x = one(&inferencex(), &every()[4].2);
    assert_eq!(other(&x, Definition::TotalTpsPerGpu), Some(1939.39));
    assert_eq!((x.metrics.tps_per_gpu.unwrap(), x.metrics.energy_per_tok), (387.88, Some(0.7)));
    assert!(x.metrics.tps_per_user.is_none(), "one over a percentile is no percentile");
    // The names of a report mean what its tool means by them.
    let report = |tool| one(&llm_d(tool), &every()[6].2);
    assert_eq!(ms(&report("aiperf"), MetricId::Ttft, Statistic::Mean), Some(50.0));
    assert_eq!(ms(&report("vllm-benchmark"), MetricId::Ttft, Statistic::Mean), None);
    assert_eq!(ms(&report("inference-perf"), MetricId::Itl, Statistic::Mean), None);
    assert_eq!(other(&report("guidellm"), Definition::E2ePerToken), Some(10.0));
    assert_eq!(ms(&report("something-else"), MetricId::Tpot, Statistic::Mean), None);
}

#[test]
fn what_a_file_does_not_say_stays_unknown_or_is_asked() {
    let none = Stated::default();
    assert_eq!(asked(&vllm_bench(), &none), ["engine", "hardware", "use_case"]);
    assert_eq!(asked(&guidellm(), &none), ["engine", "hardware", "use_case"]);
    let of_perf = asked(&inference_perf(), &none);
    assert_eq!(
        of_perf,
        ["arrival", "engine", "hardware", "measured_at", "model", "quantisation", "use_case"]
    );
    assert_eq!(asked(&inferencex(), &none), ["measured_at", "use_case"]);
    assert_eq!(asked(&llm_d("aiperf"), &none), ["use_case"]);
    let asks = reading(&aiperf(), &none).unwrap().asks;
    let hardware = asks.iter().find(|ask| ask.field == "hardware").unwrap();
    assert!(hardware.why.contains("NVIDIA H100 80GB HBM3"), "{}", hardware.why);
    let local = changed(&vllm_bench(), "/model_id", json!("/models/mine"));
    assert_eq!(asked(&local, &stated()), ["model"]);
    assert!(reading(&local, &stated()).unwrap().results.is_empty(), "nothing is taken before");

    let result = one(&vllm_bench(), &stated());
    assert_eq!(result.environment.engine_version, None);
    assert!(result.certificate.is_none() && result.environment.gpus.is_empty() && result.seed.is_none());
    assert!(is_untold(&result.charged.engine_start_s) && result.metrics.goodput.is_none());
    assert_eq!(ms(&result, MetricId::Tpot, Statistic::P90), None, "it tells no p90");
    let tpot = result.metrics.tpot.as_ref().unwrap();
    assert_eq!(tpot.insufficient_samples, [Statistic::P99], "100 requests are too few");
    assert_eq!(result.imported.unwrap().stated, ["hardware", "engine", "use_case"]);
    let x = one(&inferencex(), &every()[4].2);
    assert_eq!(x.environment.engine_version.as_deref(), Some("0.11.0"), "the image says it");
    assert!(is_untold(&x.metrics.rps) && is_untold(&x.charged.window_s));
    assert!(x.metrics.tpot.unwrap().insufficient_samples.contains(&Statistic::P50), "nobody counted");
    // A statement that contradicts the file is refused.
    let h200 = with(&every()[4].2, json!({"hardware": "h200x2"}));
    assert!(refused(&inferencex(), &h200).contains("is of hardware h100x2, and h200x2 was stated"));
    let qwen = with(&stated(), json!({"model": "qwen3-8b"}));
    assert!(refused(&vllm_bench(), &qwen).contains("is of llama-3.1-8b-instruct, and qwen3-8b was stated"));
}

#[test]
fn loads_are_what_they_were() {
    let load =
        |file: &serde_json::Value, stated: &Stated| one(file, stated).configuration.workload.load.to_string();
    let file = vllm_bench();
    assert_eq!(load(&file, &stated()), "c8");
    let at_once = changed(&file, "/max_concurrency", json!(null));
    assert_eq!(load(&at_once, &stated()), "batches of 102");
    let rate = changed(&at_once, "/request_rate", json!(6.0));
    assert_eq!(load(&rate, &stated()), "6/s poisson");
    assert_eq!(load(&changed(&rate, "/burstiness", json!(0.5)), &stated()), "6/s gamma:0.5");
    let both = changed(&rate, "/max_concurrency", json!(8));
    assert_eq!(asked(&both, &stated()), ["concurrency"]);
    let perf = one(&inference_perf(), &every()[3].2);
    assert!(matches!(perf.configuration.workload.load, Load::OpenLoop { .. }) && perf.is_rankable());
    let slow = changed(&inference_perf(), "/load_summary/achieved_rate", json!(4.0));
    assert!(!one(&slow, &every()[3].2).is_rankable(), "the client did not keep up");
}

#[test]
fn runs_that_no_configuration_here_is_of_are_left_out_with_the_reason() {
    let file = json!([
        inferencex(),
        changed(&inferencex(), "/hw", json!("mi300x")),
        changed(&inferencex(), "/framework", json!("trt")),
        changed(&inferencex(), "/precision", json!("fp4")),
        changed(&inferencex(), "/spec_decoding", json!("mtp")),
        changed(&inferencex(), "/disagg", json!(true)),
    ]);
    let reading = reading(&file, &every()[4].2).unwrap();
    assert_eq!((reading.results.len(), reading.left_out.len()), (1, 5));
    assert!(reading.left_out[0].reason.contains("`mi300x`, which is no hardware"), "{:?}", reading.left_out);
    // Every run of a configuration is a trial of its own.
    let twice = json!([inferencex(), inferencex()]);
    let trials: Vec<u32> =
        common::reading(&twice, &every()[4].2).unwrap().results.iter().map(|r| r.trial).collect();
    assert_eq!(trials, [1, 2]);
    // Zeros of requests without a first token.
    let zeros =
        changed(&guidellm(), "/benchmarks/0/metrics/time_to_first_token_ms/successful/min", json!(0.0));
    let reading = common::reading(&zeros, &every()[1].2).unwrap();
    assert!(reading.results[0].metrics.ttft.is_none());
    assert_eq!(reading.left_out[0].place, "benchmarks[0].metrics.time_to_first_token_ms");
}

#[test]
fn a_real_file_with_its_lists_tells_every_percentile() {
    let file = include_bytes!("fixtures/vllm_bench_on_vllm.json");
    let stated = with(&stated(), json!({"model": "tiny-llama", "hardware": "cpu"}));
    let reading = read(None, file, &stated, now()).unwrap();
    let result = &reading.results[0];
    let e2e = result.metrics.e2e.as_ref().unwrap();
    assert_eq!(e2e.count, 64);
    assert!((e2e.mean - 1491.6).abs() < 0.1 && e2e.p50 < e2e.p90 && e2e.p90 < e2e.max, "{e2e:?}");
    assert!((e2e.p99 - 1882.743).abs() < 0.1, "as numpy has it: {}", e2e.p99);
    let tpot = result.metrics.tpot.as_ref().unwrap();
    assert!((tpot.mean - 10.7039).abs() < 0.01, "{}", tpot.mean);
    let lists: serde_json::Value = serde_json::from_slice(file).unwrap();
    let gaps: usize =
        lists["itls"].as_array().unwrap().iter().map(|gaps| gaps.as_array().unwrap().len()).sum();
    assert_eq!(result.metrics.itl.as_ref().unwrap().count, gaps as u64);
    assert!(result.metrics.itl_multi_token, "some of its chunks have several tokens");
    assert!(!result.imported.as_ref().unwrap().original.contains_key("itls"));
}

#[test]
fn what_our_own_generator_wrote_in_their_shape_is_what_it_was() {
    let mut file = vllm_bench();
    for (key, value) in [
        ("tool", json!("assay batch-runner 0.1.0")),
        ("provenance", json!("simulated")),
        ("client_limited", json!(true)),
        ("seed", json!(7)),
    ] {
        file = changed(&file, &format!("/{key}"), value);
    }
    let result = one(&file, &stated());
    assert_eq!((result.provenance, result.seed), (Provenance::Simulated, Some(7)));
    assert_eq!(ms(&result, MetricId::Ttft, Statistic::Mean), Some(50.0));
    assert!(!result.is_rankable());
    let played = one(&vllm_bench(), &with(&stated(), json!({"engine": "simulated"})));
    assert_eq!(played.provenance, Provenance::Simulated);
}

#[test]
fn a_report_may_be_yaml() {
    let yaml = "version: 0.2.1\nrun: {uid: u, time: {start: '2026-11-26T10:00:00Z'}}\nresults:\n  request_performance:\n    aggregate:\n      throughput: {output_token_rate: {units: tokens/s, mean: 775.7}}\n      latency: {request_latency: {units: s, mean: 1.32}}\n";
    let more = json!({"model": "mine", "input_tokens": 512, "output_tokens": 128, "concurrency": 8});
    let stated = with(&stated(), more);
    let reading = read(None, yaml.as_bytes(), &stated, now()).unwrap();
    assert_eq!(reading.format, Format::Foreign(domain::imported::ForeignFormat::LlmD));
    assert_eq!(other(&reading.results[0], Definition::E2eStreamEnd), Some(1320.0));
}
