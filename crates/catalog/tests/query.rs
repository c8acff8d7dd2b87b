//! Pages, facets, files and estimates.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::collections::BTreeMap;

use catalog::estimate::Method;
use catalog::{
    Axis, CatalogEntry, Column, EstimateRequest, EstimatedEntry, Filter, NoRecommendation, Query, Range,
    RecommendationRequest, Snapshot, Sort, recommend,
};
use common::{Described, described};
use domain::result::Flag;
use domain::{BenchmarkResult, Engine, Load, MetricId, Provenance, Statistic, UseCase};
use serde_json::json;

const TTFT: Column = Column::Latency(MetricId::Ttft, Statistic::P90);

fn all(filter: Filter) -> Query {
    Query { filter, limit: 1000, ..Query::default() }
}

fn some_of_everything() -> Snapshot {
    let mut results = Vec::new();
    for hardware in ["l4x1", "l4x2", "h100x1"] {
        for engine in [Engine::Vllm, Engine::Tgi] {
            for use_case in [UseCase::Chatbot, UseCase::Qa] {
                for concurrency in [1, 8, 64] {
                    let ttft = 50.0 + f64::from(results.len() as u32 * 7 % 31);
                    let provenance =
                        if engine == Engine::Tgi { Provenance::Simulated } else { Provenance::Measured };
                    let tpot = (concurrency != 8).then_some(10.0);
                    results.push(
                        Described {
                            hardware,
                            engine,
                            use_case,
                            concurrency,
                            ttft,
                            provenance,
                            tpot,
                            ..described()
                        }
                        .result(),
                    );
                }
            }
        }
    }
    Snapshot::from_results(results)
}

#[test]
fn a_filter_states_what_it_states() {
    let snapshot = some_of_everything();
    let count = |json| snapshot.query(&all(serde_json::from_value::<Filter>(json).unwrap())).total;
    assert_eq!(count(json!({})), 36);
    assert_eq!(count(json!({"accelerator": "l4"})), 24);
    assert_eq!(count(json!({"hardware": "l4x1", "engine": "vllm", "quantisation": "fp16"})), 6);
    assert_eq!(count(json!({"hardware": ["l4x1", "h100x1"], "engine": ["vllm"]})), 12);
    assert_eq!(count(json!({"model": "llama-3.1-8b-instruct", "provenance": "measured"})), 18);
    assert_eq!(count(json!({"framework": "vllm", "load": "c8", "protocol": "chat"})), 6);
    assert_eq!(count(json!({"use_case": "summarization"})), 0);
    assert_eq!(count(json!({"input_tokens": 512, "output_tokens": 127})), 0);
    assert!(serde_json::from_value::<Filter>(json!({"colour": "red"})).is_err());
}

/// What answered, and not what was asked for.
#[test]
fn the_version_that_answered_is_shown_and_filtered_by() {
    let versions = [Some("0.11.0"), Some("0.11.2"), None];
    let with = |(version, concurrency)| Described { version, concurrency, ..described() }.result();
    let results = versions.into_iter().zip([1, 2, 4]).map(with);
    let snapshot = Snapshot::from_file(&Snapshot::from_results(results).to_file().unwrap()).unwrap();
    let versions = |filter| -> Vec<Option<String>> {
        let page = snapshot.query(&all(serde_json::from_value(filter).unwrap()));
        assert_eq!(page.facets[&Axis::EngineVersion].len(), 3);
        page.entries.into_iter().map(|e| e.engine_version).collect()
    };
    assert_eq!(versions(json!({})).len(), 3);
    assert_eq!(versions(json!({"engine_version": "0.11.2"})), [Some("0.11.2".to_owned())]);
    assert_eq!(versions(json!({"engine_version": "unknown"})), [None]);
}

#[test]
fn pages_are_sorted_and_follow_each_other() {
    let snapshot = some_of_everything();
    for descending in [false, true] {
        let sort = Some(Sort { column: TTFT, descending });
        let whole = snapshot.query(&Query { sort, ..all(Filter::default()) });
        let key =
            |e: &CatalogEntry| if descending { -e.ttft_p90_ms.unwrap() } else { e.ttft_p90_ms.unwrap() };
        assert!(whole.entries.is_sorted_by_key(key));
        let mut joined = Vec::new();
        for skip in (0..40).step_by(5) {
            let page = snapshot.query(&Query { sort, skip, limit: 5, ..Query::default() });
            assert_eq!((page.total, page.skip), (36, skip));
            joined.extend(page.entries);
        }
        assert_eq!(joined, whole.entries);
        // A missing number comes last either way.
        let sort = Some(Sort { column: Column::Latency(MetricId::Tpot, Statistic::P90), descending });
        let page = snapshot.query(&Query { sort, ..all(Filter::default()) });
        assert!(page.entries[..24].iter().all(|e| e.tpot_p90_ms.is_some()));
        assert!(page.entries[24..].iter().all(|e| e.tpot_p90_ms.is_none()));
    }
    assert!(snapshot.query(&Query { skip: 99, limit: usize::MAX, ..Query::default() }).entries.is_empty());
}

#[test]
fn a_missing_number_lies_in_no_range() {
    let snapshot = some_of_everything();
    let tpot = Column::Latency(MetricId::Tpot, Statistic::P90);
    let ranges = vec![Range { column: tpot, min: f64::NEG_INFINITY, max: f64::INFINITY }];
    assert_eq!(snapshot.query(&Query { ranges, ..all(Filter::default()) }).total, 24);
    let ranges = vec![Range { column: TTFT, min: 60.0, max: 70.0 }];
    let page = snapshot.query(&Query { ranges, ..all(Filter::default()) });
    assert!(page.total > 0 && page.entries.iter().all(|e| (60.0..=70.0).contains(&e.ttft_p90_ms.unwrap())));
}

/// Each facet value counts what the query finds with that value in place of what the filter says about the axis.
#[test]
fn facets_leave_out_their_own_axis_and_keep_the_others() {
    let snapshot = some_of_everything();
    let filter = json!({"engine": "vllm", "use_case": "qa", "hardware": "l4x2", "provenance": "measured"});
    let ranges = vec![Range { column: TTFT, min: 0.0, max: 75.0 }];
    let filter_of = |fields: &serde_json::Value| serde_json::from_value::<Filter>(fields.clone()).unwrap();
    let page = snapshot.query(&Query { ranges: ranges.clone(), ..all(filter_of(&filter)) });
    assert_eq!(page.facets.len(), Axis::ALL.len());
    let mut seen = 0;
    for (axis, values) in &page.facets {
        let found: BTreeMap<&str, usize> = values.iter().map(|v| (v.value.as_str(), v.count)).collect();
        let every = snapshot.query(&all(Filter::default()));
        for value in &every.facets[axis] {
            let mut chosen = filter.clone();
            let is_number = matches!(axis, Axis::InputTokens | Axis::OutputTokens);
            chosen[axis.name()] =
                if is_number { json!(value.value.parse::<u32>().unwrap()) } else { json!(value.value) };
            let query = Query { ranges: ranges.clone(), ..all(filter_of(&chosen)) };
            let expected = snapshot.query(&query).total;
            assert_eq!(found.get(value.value.as_str()).copied().unwrap_or(0), expected, "{axis:?} {value:?}");
            seen += expected;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn a_file_holds_the_same_catalogue() {
    for snapshot in [some_of_everything(), Snapshot::default(), Snapshot::from_results([])] {
        let content = snapshot.to_file().unwrap();
        let back = Snapshot::from_file(&content).unwrap();
        let query = all(Filter::default());
        assert_eq!(back.query(&query), snapshot.query(&query));
        assert_eq!(back.to_file().unwrap(), content);
        let request =
            RecommendationRequest { target_rps: Some(9.0), ..RecommendationRequest::new(UseCase::Qa) };
        assert_eq!(recommend(&back, &request), recommend(&snapshot, &request));
    }
}

#[test]
fn what_is_no_file_of_ours_is_refused() {
    let content = some_of_everything().to_file().unwrap();
    for bad in [&b""[..], b"not arrow", &content[..content.len() / 2]] {
        let message = Snapshot::from_file(bad).unwrap_err().to_string();
        assert!(message.contains("publish the catalogue again"), "{message}");
    }
}

fn at(shape: (u32, u32), concurrency: u32) -> Described {
    // Powers of the lengths and the load, and nothing else.
    let ttft = 0.5 * f64::from(shape.0) * f64::from(concurrency).powf(0.25);
    let tps = 30.0 * f64::from(concurrency).powf(0.75) * f64::from(shape.1).powf(0.125);
    Described { shape, concurrency, ttft, tps, ..described() }
}

fn estimate(results: &[Described], shape: (u32, u32), concurrency: u32) -> Option<EstimatedEntry> {
    estimate_from(results.iter().map(Described::result).collect(), shape, concurrency)
}

fn estimate_from(
    results: Vec<BenchmarkResult>,
    shape: (u32, u32),
    concurrency: u32,
) -> Option<EstimatedEntry> {
    let n = |n: u32| n.try_into().unwrap();
    let request = EstimateRequest::new(UseCase::Chatbot, [n(shape.0), n(shape.1)], n(concurrency));
    let estimates = Snapshot::from_results(results).estimates(&request).ok()?;
    assert_eq!(estimates.total, 1);
    estimates.entries.into_iter().next()
}

#[test]
fn between_measured_workloads_powers_are_exact() {
    let mut grid = Vec::new();
    for input in [256, 1024] {
        for output in [64, 128] {
            grid.extend([4, 16, 64].map(|concurrency| at((input, output), concurrency)));
        }
    }
    let e = estimate(&grid, (512, 100), 24).unwrap();
    let truth = at((512, 100), 24);
    assert_eq!((e.basis.provenance, e.basis.from.len()), (Provenance::Forecast, 8));
    assert!((e.ttft_p90_ms.unwrap() / truth.ttft - 1.0).abs() < 1e-9, "{e:?}");
    assert!((e.output_tps.unwrap() / truth.tps - 1.0).abs() < 1e-9, "{e:?}");
    let expected = (1.0 + (128.0_f64 / 100.0).log2().powi(2) + 1.5_f64.log2().powi(2)).sqrt();
    assert!((e.basis.distance - expected).abs() < 1e-9, "{e:?}");
    // On the grid in two directions: only two neighbours count.
    assert_eq!(estimate(&grid, (256, 64), 32).unwrap().basis.from.len(), 2);
    let itself = estimate(&grid, (256, 64), 16).unwrap().basis;
    assert_eq!((itself.provenance, itself.distance, itself.from.len()), (Provenance::Measured, 0.0, 1));
}

#[test]
fn outside_of_what_was_measured_the_nearest_stands() {
    let grid = [at((256, 64), 4), at((256, 64), 16), at((512, 64), 4)];
    let beyond = estimate(&grid, (256, 64), 32).unwrap();
    assert_eq!((beyond.basis.distance, beyond.ttft_p90_ms), (1.0, Some(grid[1].ttft)));
    // A corner of the cell is missing.
    let hole = estimate(&grid, (400, 64), 12).unwrap();
    assert_eq!((hole.basis.provenance, hole.basis.from.len()), (Provenance::Forecast, 1));
    assert!(estimate(&[], (256, 64), 64).is_none());
    // Farther than a doubling nothing is told.
    assert!(estimate(&grid, (256, 64), 33).is_none());
}

#[test]
fn what_is_far_is_counted_and_what_stands_in_comes_last() {
    let on = |hardware, concurrency, tps| Described { hardware, tps, ..at((256, 64), concurrency) };
    let mut flagged = on("l4x1", 32, 100.0).result();
    flagged.flags.push(Flag::NotSteady);
    let around = [on("l4x1", 8, 100.0).result(), flagged];
    // Cheap, since it yields most: one is near, the other four times as loaded.
    let others = [on("l4x2", 8, 1e6).result(), on("h100x1", 64, 1e6).result()];
    let n = |n: u32| n.try_into().unwrap();
    let request = EstimateRequest::new(UseCase::Chatbot, [n(256), n(64)], n(16));
    let estimates = Snapshot::from_results([&around[..], &others].concat()).estimates(&request).unwrap();
    assert_eq!((estimates.total, estimates.too_far), (2, 1));
    let told: Vec<_> =
        estimates.entries.iter().map(|e| (e.launch.hardware().to_string(), e.basis.method)).collect();
    assert_eq!(told, [("l4x1".to_owned(), Method::Interpolated), ("l4x2".to_owned(), Method::Nearest)]);
    assert_eq!((&estimates.entries[0].flags, &estimates.entries[1].flags), (&vec![Flag::NotSteady], &vec![]));
    let far = Snapshot::from_results(others[1..].to_vec()).estimates(&request).unwrap_err();
    assert!(far.to_string().ends_with("load; 1 launches were measured farther away"), "{far}");
}

#[test]
fn batches_and_other_traffic_are_no_closed_loop_of_a_shape() {
    let like = |change: &dyn Fn(&mut domain::Workload)| {
        let mut result = at((256, 64), 16).result();
        change(&mut result.configuration.workload);
        result.config_id = result.configuration.id();
        estimate_from(vec![result], (256, 64), 32)
    };
    assert_eq!(like(&|_| {}).unwrap().basis.distance, 1.0);
    assert!(like(&|w| w.load = Load::Batches { size: 16.try_into().unwrap() }).is_none());
    assert!(like(&|w| w.variety.shared_prefix_tokens = 64).is_none());
    assert!(like(&|w| w.protocol = domain::workload::Protocol::Completions).is_none());
}

#[test]
fn every_launch_is_estimated_and_the_cheapest_come_first() {
    let grid = |hardware, tps| Described { hardware, tps, ..at((256, 64), 16) }.result();
    let free = Described { hardware: "cpu", price: None, tps: 1e6, ..at((256, 64), 16) }.result();
    let snapshot = Snapshot::from_results([free, grid("h100x1", 100.0), grid("h100x2", 200.0)]);
    let n = |n: u32| n.try_into().unwrap();
    let mut request = EstimateRequest::new(UseCase::Chatbot, [n(256), n(128)], n(16));
    let estimates = snapshot.estimates(&request).unwrap();
    assert_eq!((estimates.traffic.as_str(), estimates.total), ("chatbot 256>128 c16", 3));
    let hardware = |estimates: &catalog::Estimates| -> Vec<String> {
        estimates.entries.iter().map(|e| e.launch.hardware().to_string()).collect()
    };
    assert_eq!(hardware(&estimates), ["h100x2", "h100x1", "cpu"]);
    assert!(estimates.entries.iter().all(|e| e.basis.provenance == Provenance::Forecast));
    request.limit = 1.try_into().unwrap();
    assert_eq!(hardware(&snapshot.estimates(&request).unwrap()), ["h100x2"]);
    let json = serde_json::to_value(&estimates).unwrap();
    assert_eq!(json["entries"][0]["distance"], 1.0);
    assert_eq!(serde_json::from_value::<catalog::Estimates>(json).unwrap(), estimates);
    request.use_case = UseCase::Qa;
    assert!(matches!(snapshot.estimates(&request), Err(NoRecommendation::NothingNear { .. })));
}
