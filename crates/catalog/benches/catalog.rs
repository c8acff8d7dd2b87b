//! How long questions to a catalogue of 90,000 results take on one core. `docs/ranking.md` has the figures.
//!
//!     cargo bench -p catalog

#![allow(clippy::unwrap_used, reason = "what fails here fails the bench")]

#[path = "../tests/common/mod.rs"]
mod common;
mod rows;

use std::hint::black_box;

use catalog::{Filter, RecommendationRequest, Snapshot, recommend};
use criterion::{Criterion, criterion_group, criterion_main};
use domain::{Engine, UseCase};

fn bench_recommend(bench: &mut Criterion) {
    let snapshot = Snapshot::from_results(rows::one_shape());
    let plain = RecommendationRequest::new(UseCase::Chatbot);
    bench.bench_function("recommend, all 90,000 comparable", |b| {
        b.iter(|| recommend(black_box(&snapshot), black_box(&plain)).unwrap());
    });
    let bounds = ["ttft_p90=800ms", "tpot_p90=40ms"].map(|b| b.parse().unwrap()).to_vec();
    let bounded = RecommendationRequest { bounds, max_usd_per_hour: Some(20.0), ..plain };
    bench.bench_function("recommend, all 90,000 comparable, three bounds", |b| {
        b.iter(|| recommend(black_box(&snapshot), black_box(&bounded)).unwrap());
    });
}

fn bench_entries(bench: &mut Criterion) {
    let snapshot = Snapshot::from_results(rows::many_shapes());
    let filter = Filter { engine: Some(Engine::Vllm), ..Filter::default() };
    bench.bench_function("filter + page of 100", |b| {
        b.iter(|| snapshot.entries(black_box(&filter), 1000, 100));
    });
}

criterion_group!(benches, bench_recommend, bench_entries);
criterion_main!(benches);
