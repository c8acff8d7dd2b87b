//! How long questions to a catalogue of 90,000 results take on one core. `docs/ranking.md` has the figures.
//!
//!     cargo bench -p catalog

#![allow(clippy::unwrap_used, reason = "what fails here fails the bench")]

#[path = "../tests/common/mod.rs"]
mod common;
mod rows;

use std::hint::black_box;

use catalog::{AnyOf, Column, Filter, Query, Range, RecommendationRequest, Snapshot, Sort, recommend};
use criterion::{Criterion, criterion_group, criterion_main};
use domain::{Engine, MetricId, ServedBy, Statistic, UseCase};

fn bench_recommend(bench: &mut Criterion) {
    let snapshot = Snapshot::from_results(rows::one_shape());
    let plain =
        RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) };
    bench.bench_function("recommend, all 90,000 comparable", |b| {
        b.iter(|| recommend(black_box(&snapshot), black_box(&plain)).unwrap());
    });
    let bounds = ["ttft_p90=2000ms", "tpot_p90=100ms"].map(|b| b.parse().unwrap()).to_vec();
    let full = RecommendationRequest {
        bounds: Some(bounds),
        max_usd_per_hour: Some(50.0),
        target_rps: Some(100.0),
        max_usd_per_month: Some(1e6),
        ..plain
    };
    let ranked = recommend(&snapshot, &full).unwrap().counts.ranked;
    bench.bench_function(&format!("recommend, bounds and capacity, {ranked} fit"), |b| {
        b.iter(|| recommend(black_box(&snapshot), black_box(&full)).unwrap());
    });
}

fn bench_query(bench: &mut Criterion) {
    let snapshot = Snapshot::from_results(rows::many_shapes());
    let query = Query {
        filter: Filter {
            engine: AnyOf(vec![ServedBy::Engine(Engine::Vllm)]),
            use_case: Some(UseCase::Qa),
            ..Filter::default()
        },
        ranges: vec![Range {
            column: Column::Latency(MetricId::Ttft, Statistic::P90),
            min: f64::NEG_INFINITY,
            max: 2000.0,
        }],
        sort: Some(Sort { column: Column::OutputTps, descending: true }),
        skip: 100,
        limit: 100,
    };
    bench.bench_function("filter, range, sort, page of 100, all facets", |b| {
        b.iter(|| snapshot.query(black_box(&query)));
    });
    let everything = Query { filter: Filter::default(), ranges: Vec::new(), ..query };
    bench.bench_function("everything, sort, page of 100, all facets", |b| {
        b.iter(|| snapshot.query(black_box(&everything)));
    });
}

fn bench_file(bench: &mut Criterion) {
    let content = Snapshot::from_results(rows::many_shapes()).to_file().unwrap();
    bench.bench_function(&format!("load a file of {:.1} MB", content.len() as f64 / 1e6), |b| {
        b.iter_with_large_drop(|| Snapshot::from_file(black_box(&content)).unwrap());
    });
}

criterion_group!(benches, bench_recommend, bench_query, bench_file);
criterion_main!(benches);
