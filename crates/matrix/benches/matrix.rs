//! From a spec to batches, with 96,000 configurations: a plan, a split, and both as a stream.

#![allow(missing_docs, clippy::expect_used, reason = "criterion's macros write functions; a bench may panic")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use domain::{CampaignId, CampaignSpec, CheaperOfBoth};
use forecast::Calibration;
use matrix::{expand, plan, split, stream};

/// Ten models with the default axes, but 15 hardware configs.
fn spec() -> CampaignSpec {
    let text = "
name: bench
models:
  [llama-3.1-8b-instruct, llama-3.1-70b-instruct, qwen2.5-7b-instruct, qwen2.5-32b-instruct, mistral-7b-instruct-v0.3,
   mixtral-8x7b-instruct-v0.1, gemma-3-27b-it, deepseek-v3, qwen2.5-72b-instruct, gemma-2-27b-it]
frameworks: [{name: vllm, attach: 'http://127.0.0.1:1'}, vllm, {name: vllm, version: 0.11.2}, {name: vllm, version: 0.11.3}]
";
    let mut spec = CampaignSpec::from_yaml(text).expect("a spec");
    spec.hardware.truncate(15);
    spec
}

fn bench(c: &mut Criterion) {
    let spec = spec();
    let campaign: CampaignId = "bench-0123".parse().expect("an id");
    let planned = plan(&spec, &campaign);
    let calibration = Calibration::default();
    let mut group = c.benchmark_group("matrix");
    group.sample_size(20).throughput(Throughput::Elements(planned.total));
    group.bench_function("expand", |b| b.iter(|| expand(black_box(&spec)).points().count()));
    group.bench_function("plan", |b| b.iter(|| plan(black_box(&spec), &campaign)));
    group.bench_function("split", |b| b.iter(|| split(black_box(&planned), &CheaperOfBoth)));
    group.bench_function("plan and split", |b| {
        b.iter(|| split(&plan(black_box(&spec), &campaign), &CheaperOfBoth));
    });
    group.bench_function("stream", |b| {
        b.iter(|| stream(black_box(&spec), &campaign, &calibration, &CheaperOfBoth).count());
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
