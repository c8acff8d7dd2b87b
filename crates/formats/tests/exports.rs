//! What is written can be read again, by us and by others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::*;
use domain::{BenchmarkResult, Provenance};
use formats::{Stated, export, read};
use serde_json::{Value, json};
use testkit::fixtures::result;

fn results() -> Vec<BenchmarkResult> {
    let imported = every().into_iter().map(|(_, file, stated)| one(&file, &stated));
    let accepted = one(&vllm_bench(), &with(&every()[0].2, json!({"accept": "ttft_first_chunk"})));
    [
        result("exported", 1).build(),
        result("exported", 2).provenance(Provenance::Simulated).build(),
        result("exported", 3).metrics(|m| (m.tpot, m.itl_multi_token) = (None, true)).build(),
    ]
    .into_iter()
    .chain(imported)
    .chain([accepted])
    .collect()
}

/// What a store that did not see them makes of results.
fn as_imported(results: &[BenchmarkResult]) -> Vec<Value> {
    let imported = |result: &BenchmarkResult| {
        let mut result = result.clone();
        if result.provenance == Provenance::Measured {
            result.provenance = Provenance::Imported;
        }
        serde_json::to_value(result).unwrap()
    };
    results.iter().map(imported).collect()
}

fn again(file: &[u8]) -> Vec<Value> {
    let reading = read(None, file, &Stated::default(), later()).unwrap();
    as_imported(&reading.results)
}

#[test]
fn our_own_formats_and_reports_come_back_whole() {
    let results = results();
    let expected = as_imported(&results);
    assert_eq!(again(&serde_json::to_vec_pretty(&results).unwrap()), expected);
    let mut parquet = Vec::new();
    export::parquet(&results, &mut parquet).unwrap();
    assert_eq!(again(&parquet), expected);
    let reports: Vec<Value> = results.iter().map(|r| export::llm_d::report(r).unwrap()).collect();
    assert_eq!(again(&serde_json::to_vec(&reports).unwrap()), expected);
    assert_eq!(again(&serde_json::to_vec_pretty(&reports[0]).unwrap()), expected[..1]);
    // A report that somebody changed where we read it is noticed.
    let pointer = "/scenario/load/native/config/assay/metrics/output_tps";
    let lied = read(
        None,
        &serde_json::to_vec(&changed(&reports[0], pointer, json!(-1.0))).unwrap(),
        &Stated::default(),
        later(),
    );
    assert!(lied.unwrap_err().to_string().contains("assay.metrics.output_tps` cannot be"));
    let other = changed(&reports[0], "/scenario/load/native/config/assay/trial", json!(9));
    assert!(read(None, &serde_json::to_vec(&other).unwrap(), &Stated::default(), later()).is_err());
}

#[test]
fn a_report_says_the_same_without_our_own_part() {
    let stored = result("exported", 16).build();
    let mut report = export::llm_d::report(&stored).unwrap();
    report.pointer_mut("/scenario/load/native").unwrap().as_object_mut().unwrap().remove("config");
    let read = one(&report, &with(&Stated::default(), json!({"use_case": "chatbot"})));
    assert_eq!(read.config_id, stored.config_id, "the same configuration");
    for (theirs, ours) in [
        (&read.metrics.ttft, &stored.metrics.ttft),
        (&read.metrics.tpot, &stored.metrics.tpot),
        (&read.metrics.itl, &stored.metrics.itl),
        (&read.metrics.e2e, &stored.metrics.e2e),
    ] {
        let (theirs, ours) = (theirs.as_ref().unwrap(), ours.as_ref().unwrap());
        assert_eq!(
            (theirs.mean, theirs.p50, theirs.p90, theirs.p99),
            (ours.mean, ours.p50, ours.p90, ours.p99)
        );
    }
    assert_eq!((read.metrics.output_tps, read.metrics.rps), (stored.metrics.output_tps, stored.metrics.rps));
    assert_eq!((read.measured_at, read.counts.succeeded), (stored.measured_at, stored.counts.succeeded));
}

#[test]
fn a_report_has_no_number_of_another_definition_and_says_the_provenance() {
    let all = results();
    let accepted = export::llm_d::report(all.last().unwrap()).unwrap();
    assert!(accepted.pointer("/results/request_performance/aggregate/latency/time_to_first_token").is_none());
    assert!(
        accepted.pointer("/results/request_performance/aggregate/latency/time_per_output_token").is_some()
    );
    // What its schema demands of an engine.
    let engine = accepted.pointer("/scenario/stack/0/standardized").unwrap();
    for required in ["kind", "tool", "tool_version", "role", "replicas", "model", "accelerator"] {
        assert!(engine.get(required).is_some(), "{required}");
    }
    assert_eq!(engine["accelerator"], json!({"model": "h100", "count": 1, "parallelism": {"tp": 1}}));
    let simulated = export::llm_d::report(&all[1]).unwrap();
    assert!(
        simulated["run"]["description"].as_str().unwrap().contains("nothing about real hardware follows")
    );
    assert_eq!(simulated["run"]["keywords"], json!(["simulated"]));
    let in_events = export::llm_d::report(&all[2]).unwrap();
    assert!(
        in_events.pointer("/results/request_performance/aggregate/latency/inter_token_latency").is_none()
    );
}

#[test]
fn csv_has_every_number_with_its_unit_and_no_formula() {
    let mut results = results();
    results[0].environment.engine_version = Some("=HYPERLINK(1)".to_owned());
    let mut bytes = Vec::new();
    export::csv(&results, &mut bytes).unwrap();
    let mut reader = ::csv::Reader::from_reader(&*bytes);
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), results.len());
    let cell =
        |row: usize, name: &str| rows[row][heads.iter().position(|head| head == name).unwrap()].to_owned();
    assert_eq!(cell(0, "engine_version"), "'=HYPERLINK(1)");
    for (row, result) in results.iter().enumerate() {
        assert_eq!(cell(row, "run_id"), result.run_id.as_str());
        assert_eq!(cell(row, "provenance"), result.provenance.name());
        assert_eq!(cell(row, "output_tps").parse::<f64>().unwrap(), result.metrics.output_tps);
        let ttft = result.metrics.ttft.as_ref().and_then(|ttft| ttft.known(domain::Statistic::P90));
        assert_eq!(cell(row, "ttft_p90_ms").parse::<f64>().ok(), ttft);
    }
    let x = results
        .iter()
        .position(|r| r.imported.as_ref().is_some_and(|i| i.format.name() == "inferencex"))
        .unwrap();
    assert_eq!(
        (cell(x, "rps"), cell(x, "succeeded"), cell(x, "imported_from")),
        (String::new(), String::new(), "inferencex".to_owned())
    );
}

#[test]
fn no_results_are_written_as_none() {
    let (mut csv, mut parquet) = (Vec::new(), Vec::new());
    export::csv(&[], &mut csv).unwrap();
    export::parquet(&[], &mut parquet).unwrap();
    assert!(csv.is_empty());
    assert!(read(None, &parquet, &Stated::default(), later()).unwrap().results.is_empty());
}
