//! 90,000 results: 10 models x 4 precisions x 9 hardware configs x 5 engines, under 50 workloads each.

use domain::{BenchmarkResult, Engine, Quantisation, UseCase};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::common::{Described, described};

const MODELS: [&str; 10] = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"];
const QUANTISATIONS: [Quantisation; 4] =
    [Quantisation::Fp16, Quantisation::Fp8, Quantisation::Int8, Quantisation::Int4];
const HARDWARE: [&str; 9] =
    ["l4x1", "l4x2", "l4x4", "a100-80gbx1", "a100-80gbx2", "a100-80gbx4", "h100x1", "h100x2", "h100x4"];
const ENGINES: [Engine; 5] = [Engine::Vllm, Engine::Tgi, Engine::Lmdeploy, Engine::Sglang, Engine::LlamaCpp];

/// All of one use case and one shape, at 50 concurrencies: everything can be compared.
pub fn one_shape() -> impl Iterator<Item = BenchmarkResult> {
    let workloads = (1..=50).map(|concurrency| (UseCase::Chatbot, (512, 128), concurrency));
    results(workloads.collect())
}

/// Five use cases, two shapes each, at five concurrencies.
pub fn many_shapes() -> impl Iterator<Item = BenchmarkResult> {
    let mut workloads = Vec::new();
    for use_case in UseCase::ALL {
        for shape in [(512, 128), (2048, 256)] {
            workloads.extend([1, 4, 16, 64, 256].map(|concurrency| (use_case, shape, concurrency)));
        }
    }
    results(workloads)
}

/// The numbers are those of a plain roofline with noise: more GPUs are faster and dearer, more requests in flight
/// yield more and wait longer.
fn results(workloads: Vec<(UseCase, (u32, u32), u32)>) -> impl Iterator<Item = BenchmarkResult> {
    let mut launches = Vec::new();
    for (m, model) in MODELS.into_iter().enumerate() {
        for (q, quantisation) in QUANTISATIONS.into_iter().enumerate() {
            for (h, hardware) in HARDWARE.into_iter().enumerate() {
                for (e, engine) in ENGINES.into_iter().enumerate() {
                    let size = (1.0 + m as f64) / (1.0 + 0.5 * q as f64);
                    let speed = [1.0, 6.0, 11.0][h / 3] * [1.0, 1.8, 3.2][h % 3] * (1.0 - 0.05 * e as f64);
                    launches.push((model, quantisation, hardware, engine, size / speed));
                }
            }
        }
    }
    let mut rng = StdRng::seed_from_u64(1981);
    launches.into_iter().flat_map(move |(model, quantisation, hardware, engine, slowness)| {
        let results: Vec<BenchmarkResult> = workloads
            .iter()
            .map(|&(use_case, shape, concurrency)| {
                let in_flight = f64::from(concurrency);
                let noise = |rng: &mut StdRng| rng.random_range(0.9..1.1);
                let tpot = 20.0 * slowness * (1.0 + in_flight / 64.0) * noise(&mut rng);
                let ttft = f64::from(shape.0) * 0.2 * slowness * (1.0 + in_flight / 16.0) * noise(&mut rng);
                let tps = in_flight * 1000.0 / (tpot + ttft / f64::from(shape.1)) * noise(&mut rng);
                Described {
                    model,
                    quantisation,
                    hardware,
                    engine,
                    use_case,
                    shape,
                    concurrency,
                    ttft,
                    tpot: Some(tpot),
                    tps,
                    price: None,
                    ..described()
                }
                .result()
            })
            .collect();
        results
    })
}
