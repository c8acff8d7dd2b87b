//! **Sample results**: a results store for the tests of the page, and for how fast it is.
//!
//!     cargo run -p testkit --example sample_results -- FOLDER          433 configurations, 481 results
//!     cargo run -p testkit --example sample_results -- FOLDER --many   90,000 configurations
//!
//! `assay --data FOLDER up` serves it. The numbers are made up by a plain rule and are of nothing: they never leave a
//! folder of tests.

// An example may panic and prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::path::PathBuf;

use domain::metrics::Interval;
use domain::result::Flag;
use domain::run_telemetry::{GpuTelemetry, RunTelemetry, Watched};
use domain::task_accuracy::{Score, TaskAccuracy, TaskScores};
use domain::{BenchmarkResult, Engine, Load, Provenance, Quantisation, Statistic, UseCase};
use store::ResultStore;
use store::sqlite::SqliteResults;
use testkit::fixtures::{at, configuration, result, summary};

/// What is multiplied out.
struct Sample {
    models: Vec<String>,
    quantisations: &'static [Quantisation],
    hardware: &'static [&'static str],
    engines: &'static [Engine],
    loads: Vec<u32>,
}

const HARDWARE: [&str; 9] =
    ["l4x1", "a100-80gbx1", "h100x1", "h100x2", "l4x2", "a100-80gbx2", "l4x4", "a100-80gbx4", "h100x4"];
const QUANTISATIONS: [Quantisation; 4] =
    [Quantisation::Fp16, Quantisation::Fp8, Quantisation::Int4, Quantisation::Int8];
const ENGINES: [Engine; 5] = [Engine::Vllm, Engine::Sglang, Engine::Tgi, Engine::Lmdeploy, Engine::LlamaCpp];

/// A day, s.
const DAY_S: i64 = 86_400;

/// Results that are stored in one call.
const TOGETHER: usize = 20_000;

impl Sample {
    fn few() -> Self {
        let models = ["llama-3.1-8b-instruct", "qwen3-8b", "mistral-7b-instruct", "qwen3-32b"];
        Self {
            models: models.map(str::to_owned).to_vec(),
            quantisations: &QUANTISATIONS[..3],
            hardware: &HARDWARE[..4],
            engines: &ENGINES[..3],
            loads: vec![4, 16, 64],
        }
    }

    fn many() -> Self {
        Self {
            models: (0..10).map(|m| format!("model-{m}")).collect(),
            quantisations: &QUANTISATIONS,
            hardware: &HARDWARE,
            engines: &ENGINES,
            loads: (1..=50).collect(),
        }
    }

    fn results(&self) -> Vec<BenchmarkResult> {
        let mut results = Vec::new();
        for (m, model) in self.models.iter().enumerate() {
            for (q, &quantisation) in self.quantisations.iter().enumerate() {
                for &hardware in self.hardware {
                    for (e, &engine) in self.engines.iter().enumerate() {
                        for &concurrency in &self.loads {
                            let mut wanted = configuration(concurrency);
                            let launch = wanted.serving.launch_mut().unwrap();
                            launch.model.model = model.parse().unwrap();
                            launch.model.quantisation = quantisation;
                            launch.hardware = hardware.parse().unwrap();
                            launch.framework.engine = engine;
                            wanted.workload.use_case = UseCase::Chatbot;
                            wanted.workload.load =
                                Load::ClosedLoop { concurrency: concurrency.try_into().unwrap() };
                            let size = (1.0 + m as f64) / (1.0 + 0.5 * q as f64);
                            let place = results.len();
                            let slowness = size * (1.0 + 0.08 * e as f64) / speed(hardware) * noise(place);
                            let mut made = result("sample-0001", 1).configuration(wanted).build();
                            fill(&mut made, slowness, concurrency, place);
                            made.task_accuracy = Some(accuracy(m, q));
                            made.telemetry = Some(memory(size));
                            results.push(made);
                        }
                    }
                }
            }
        }
        results
    }
}

/// How much faster than one L4.
fn speed(hardware: &str) -> f64 {
    let (gpu, count) = hardware.rsplit_once('x').unwrap();
    let one = if gpu.starts_with('h') {
        11.0
    } else if gpu.starts_with('a') {
        6.0
    } else {
        1.0
    };
    one * count.parse::<f64>().unwrap().powf(0.85)
}

/// Between 0.9 and 1.1, always the same for a place.
fn noise(place: usize) -> f64 {
    0.9 + ((place * 7919) % 200) as f64 / 1000.0
}

fn fill(made: &mut BenchmarkResult, slowness: f64, concurrency: u32, place: usize) {
    let in_flight = f64::from(concurrency);
    let tpot = 20.0 * slowness * (1.0 + in_flight / 64.0);
    let ttft = 80.0 * slowness * (1.0 + in_flight / 16.0);
    let tps = in_flight * 1000.0 / (tpot + ttft / 128.0) * noise(place + 1);
    let with_interval = |p50: f64| {
        let mut made = summary(p50);
        let interval = Interval { low: made.p90 * 0.97, high: made.p90 * 1.03 };
        made.ci95 = [(Statistic::P90, interval)].into();
        made
    };
    let metrics = &mut made.metrics;
    metrics.ttft = Some(with_interval(ttft));
    metrics.tpot = Some(with_interval(tpot));
    metrics.itl = Some(summary(tpot));
    metrics.e2e = Some(summary(ttft + 128.0 * tpot));
    metrics.output_tps = tps;
    metrics.output_tps_ci95 = Some(Interval { low: tps * 0.98, high: tps * 1.02 });
    metrics.rps = tps / 128.0;
    made.rent = None;
    made.measured_at = at(i64::try_from(place).unwrap() * 60);
}

fn accuracy(model: usize, quantisation: usize) -> TaskAccuracy {
    let value = 0.61 + 0.04 * model as f64 - 0.012 * quantisation as f64;
    TaskAccuracy {
        harness: "sample".to_owned(),
        questions: "sample".to_owned(),
        tasks: vec![TaskScores {
            task: "sample".parse().unwrap(),
            version: None,
            hash: None,
            shots: None,
            questions: 100,
            of: 100,
            scores: vec![Score {
                metric: "acc".to_owned(),
                filter: "none".to_owned(),
                value: value.min(0.95),
                stderr: None,
            }],
        }],
        object: "none".to_owned(),
    }
}

fn memory(size: f64) -> RunTelemetry {
    let gpu = GpuTelemetry {
        device: "0".to_owned(),
        readings: 10,
        utilisation_mean: None,
        memory_max_bytes: Some(((4.0 + size * 6.0) * f64::from(1_u32 << 30)) as u64),
        power_mean_w: None,
        sm_clock_mean_mhz: None,
        temperature_max_c: None,
        throttled_share: None,
    };
    RunTelemetry { gpus: Watched::Seen(vec![gpu]), engine: Watched::Unseen("a sample".to_owned()) }
}

/// The first sixteen again on two earlier days each, the engine of an older version then; the first as if simulated too,
/// the next ones as if imported; and one in which the client was the bottleneck.
fn beside(results: &[BenchmarkResult]) -> Vec<BenchmarkResult> {
    let mut more = Vec::new();
    for made in &results[..16] {
        for (days, version) in [(40, "0.9.2"), (20, "0.10.1")] {
            let campaign = format!("sample-{days:04}");
            let mut older = result(&campaign, 1).configuration(made.configuration.clone()).build();
            older.metrics = made.metrics.clone();
            older.metrics.output_tps *= 1.0 - f64::from(days) / 200.0;
            let before = made.metrics.ttft.as_ref().map_or(50.0, |ttft| ttft.p50);
            older.metrics.ttft = Some(summary(before * (1.0 + f64::from(days) / 100.0)));
            older.environment.engine_version = Some(version.to_owned());
            older.measured_at = at(-i64::from(days) * DAY_S);
            older.rent = None;
            more.push(older);
        }
    }
    let again = |campaign: &str, made: &BenchmarkResult, provenance| {
        let mut again = result(campaign, 1).configuration(made.configuration.clone()).build();
        again.metrics = made.metrics.clone();
        again.provenance = provenance;
        again.rent = None;
        again
    };
    more.extend(results[..12].iter().map(|made| again("sample-sim", made, Provenance::Simulated)));
    more.extend(results[12..16].iter().map(|made| again("sample-imp", made, Provenance::Imported)));
    let mut limited = configuration(256);
    limited.serving.launch_mut().unwrap().hardware = "h100x4".parse().unwrap();
    more.push(result("sample-0001", 1).configuration(limited).flag(Flag::ClientLimited).build());
    more
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("sample_results FOLDER [--many]"));
    let many = arguments.next().is_some_and(|argument| argument == "--many");
    std::fs::create_dir_all(&folder).unwrap();
    let mut results = if many { Sample::many() } else { Sample::few() }.results();
    let configurations = results.len();
    if !many {
        results.extend(beside(&results));
    }
    let store = SqliteResults::open(folder.join("results.db")).await.unwrap();
    for chunk in results.chunks(TOGETHER) {
        store.insert(chunk).await.unwrap();
    }
    println!("{} results, {configurations} configurations in {}", results.len(), folder.display());
}
