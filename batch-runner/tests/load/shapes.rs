//! Traffic of other shapes: batches, rates that change, lengths that vary, traces and datasets.

use std::sync::Arc;

use batch_runner::bench::document::BenchDocument;
use batch_runner::load::source::{Source, Trace};
use domain::result::Flag;
use domain::{Load, Provenance};
use measurement::record::{Outcome, Phase};
use simulated_engine::start;
use traffic::trace::{Format, read};

use super::bench::{bench, measured as told};
use super::{config, measure_at, measured, n, trial};

#[tokio::test]
async fn a_batch_is_sent_when_the_last_has_ended() {
    let engine = start(config(2.0), None).await.unwrap();
    let mut request = trial(24, 1, 5);
    request.workload.load = Load::Batches { size: n(6) };
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    assert_eq!(measured(&m).len(), 24);
    for batch in m.records.chunks(6).collect::<Vec<_>>().windows(2) {
        let ended = batch[0].iter().map(|r| r.t_end_ns).max().unwrap();
        assert!(batch[1].iter().all(|r| r.t_sched_ns >= ended && r.phase != Phase::WarmUp));
    }
    assert_eq!(m.certificate.open_sockets, 6);
}

#[tokio::test]
async fn a_rate_follows_its_stages_and_ends_with_them() {
    let engine = start(config(2.0), None).await.unwrap();
    let mut request = trial(1_000, 1, 2);
    request.workload.load = Load::OpenLoop {
        rate_rps: "20:500ms,100:500ms".parse().unwrap(),
        arrival: domain::Arrival::Constant,
    };
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    // More were asked for than are due.
    assert_eq!(measured(&m).len(), 60);
    let first = m.records[0].t_sched_ns;
    let early = m.records.iter().filter(|r| r.t_sched_ns - first < 450_000_000).count();
    assert_eq!(early, 9);
    assert!(!m.flags.contains(&Flag::NotSteady), "{:?}", m.flags);
}

#[tokio::test]
async fn lengths_vary_as_asked_and_are_not_off() {
    let engine = start(config(2.0), None).await.unwrap();
    let mut request = trial(40, 4, 8);
    request.workload.variety.input = "uniform:2-200".parse::<domain::Lengths>().unwrap().spread();
    request.workload.variety.output = "uniform:1-30".parse::<domain::Lengths>().unwrap().spread();
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    let lengths: Vec<u64> = measured(&m).iter().map(|r| r.output_tokens).collect();
    assert!(lengths.iter().any(|l| *l < 8) && lengths.iter().any(|l| *l > 20), "{lengths:?}");
    let inputs: Vec<u64> = measured(&m).iter().filter_map(|r| r.input_tokens).collect();
    assert!(inputs.iter().any(|l| *l < 60) && inputs.iter().any(|l| *l > 140), "{inputs:?}");
    for flag in [Flag::InputLengthOff, Flag::OutputLengthOff] {
        assert!(!m.flags.contains(&flag), "{:?}", m.flags);
    }
}

#[tokio::test]
async fn a_trace_is_replayed_at_its_instants() {
    let engine = start(config(2.0), None).await.unwrap();
    let text = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n\
                0,m,30,2,32,x\n1,m,40,3,43,x\n3,m,50,4,54,x\n";
    let requests = read(Format::BurstGpt, text.as_bytes(), usize::MAX).unwrap();
    let mut request = trial(3, 1, 3);
    request.source = Source::Trace(Arc::new(Trace { requests, speed: 10.0 }));
    let trace = domain::workload::DataFile { name: "t.csv".to_owned(), hash: String::new() };
    request.workload.load = Load::Trace { trace, rate_rps: "10".parse().unwrap() };
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    let first = m.records[0].t_sched_ns;
    let due: Vec<u64> = m.records.iter().map(|r| (r.t_sched_ns - first) / 1_000_000).collect();
    assert_eq!(due, [0, 100, 300]);
    let lengths: Vec<(Option<u64>, u64)> =
        m.records.iter().map(|r| (r.input_tokens, r.output_tokens)).collect();
    assert_eq!(lengths, [(Some(30), 2), (Some(40), 3), (Some(50), 4)]);
    assert!(measured(&m).iter().all(|r| r.outcome == Outcome::Succeeded));
}

#[tokio::test]
async fn the_command_line_replays_files() {
    let engine = start(config(2.0), None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (trace, dataset) = (folder.path().join("trace.jsonl"), folder.path().join("prompts.jsonl"));
    let line = |n: u32| {
        format!(
            r#"{{"timestamp": {}, "input_length": 600, "output_length": 4, "hash_ids": [1, {n}]}}"#,
            n * 20
        )
    };
    std::fs::write(&trace, (0..30).map(|n| line(n) + "\n").collect::<String>()).unwrap();
    std::fs::write(&dataset, "{\"prompt\": \"what is it\", \"output_tokens\": 3}\n{\"prompt\": \"why\"}\n")
        .unwrap();
    let url = engine.base_url();
    let server = ["--url", &url, "--model", "simulated", "--json"];
    let found = |output: &std::process::Output| -> BenchDocument {
        assert!(told(output), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let output =
        bench(&[&server[..], &["--trace", trace.to_str().unwrap(), "--trace-speed", "2"]].concat()).await;
    let replayed = found(&output);
    assert_eq!((replayed.requests, replayed.provenance), (30, Provenance::Simulated));
    assert_eq!(replayed.counts.input_tokens, 600 * 30);
    assert!(
        replayed.workload.label().starts_with("600>4 trace trace.jsonl 103"),
        "{}",
        replayed.workload.label()
    );
    let asked = ["--dataset", dataset.to_str().unwrap(), "--requests", "10", "--output-tokens", "5"];
    let written = found(&bench(&[&server[..], &asked[..], &["--concurrency", "2"]].concat()).await);
    let of_each = written.counts.output_tokens as f64 / written.counts.succeeded as f64;
    assert!((3.7..4.3).contains(&of_each), "{of_each}");
    assert_eq!(written.workload.variety.dataset.unwrap().name, "prompts.jsonl");
    // Ten and two of warm-up at least, of two.
    let used = written.dataset_use.unwrap();
    assert!(used.holds == 2 && used.sent_before == 0 && used.sent >= 12, "{used:?}");
    std::fs::write(&trace, "a,b\n").unwrap();
    let output = bench(&[&server[..], &["--trace", trace.to_str().unwrap()]].concat()).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is no known trace"));
}
