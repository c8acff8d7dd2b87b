//! The footprint against what vLLM logged itself.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeSet;

use domain::known::MODELS;
use domain::{Engine, Hardware, ModelName, Quantisation};
use forecast::Setup;
use forecast::engine::StepLimits;
use forecast::footprint::Footprint;
use forecast::memory::{GIB, kv_bytes};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    model: ModelName,
    precision: Quantisation,
    gpus: u32,
    gpu: String,
    gpu_gib: f64,
    utilisation: f64,
    sequences: u32,
    tokens: u32,
    #[serde(default)]
    weights_gib: Option<f64>,
    kv_gib: f64,
    #[serde(default)]
    kv_tokens: Option<f64>,
    #[serde(default)]
    fitted: bool,
    source: String,
}

fn logs() -> Vec<Log> {
    serde_saphyr::from_str(include_str!("data/vllm_memory.yaml")).unwrap()
}

/// The KV cache of one GPU is forecast within 4 % of the GPU's memory, and within 2 % on average; weights within 7 % (the
/// MXFP4 kernels of gpt-oss pad), and within 2 % on average. Where vLLM found no room, neither does the forecast.
#[test]
fn weights_and_kv_cache_are_near_what_was_logged() {
    let (mut weights_errors, mut kv_errors, mut apart, mut pairs) = (vec![], vec![], vec![], BTreeSet::new());
    for log in logs() {
        // A count that the formula knows; the memory of the GPU is the log's own.
        let hardware = Hardware::new(domain::Accelerator::H100, log.gpus).unwrap();
        let architecture = &MODELS[&log.model].architecture;
        let setup = Setup {
            architecture,
            quantisation: log.precision,
            weights_only: false,
            hardware,
            engine: Engine::Vllm,
        };
        let limits = StepLimits { sequences: log.sequences, tokens: log.tokens };
        let footprint = Footprint::of(&setup, limits);
        let kv_gib = log.gpu_gib * log.utilisation - footprint.total_gib();
        let name = format!("{} {} {}x{}", log.model, log.precision, log.gpu, log.gpus);
        let kv_error = (kv_gib - log.kv_gib) / log.gpu_gib;
        println!(
            "{name:50} weights {:6.2} logged {:6.2}   KV {kv_gib:6.2} logged {:6.2} ({:+.1} % of the GPU)",
            footprint.weights_gib,
            log.weights_gib.unwrap_or(f64::NAN),
            log.kv_gib,
            100.0 * kv_error
        );
        assert!(kv_error.abs() < 0.04, "{name}: {kv_gib} GiB, {} logged at {}", log.kv_gib, log.source);
        assert_eq!(kv_gib > 0.0, log.kv_gib > 0.0, "{name}");
        kv_errors.push(kv_error.abs());
        if !log.fitted {
            apart.push(kv_error.abs());
        }
        if let Some(logged) = log.weights_gib {
            let error = (footprint.weights_gib / logged - 1.0).abs();
            assert!(error < 0.07, "{name}: {} GiB, {logged} logged", footprint.weights_gib);
            weights_errors.push(error);
        }
        if let Some(logged) = log.kv_tokens {
            let tokens = log.kv_gib * f64::from(log.gpus) * GIB / kv_bytes(architecture, 1, log.gpus);
            assert!((tokens / logged - 1.0).abs() < 0.015, "{name}: {tokens} tokens, {logged} logged");
        }
        pairs.insert((log.model, log.precision, log.gpu, log.gpus));
    }
    assert!(pairs.len() >= 10, "{}", pairs.len());
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    println!(
        "{} model and GPU pairs; mean error: weights {:.1} %, KV cache {:.1} % of the GPU's memory, {:.1} % on the {} logs that \
         nothing was fitted to",
        pairs.len(),
        100.0 * mean(&weights_errors),
        100.0 * mean(&kv_errors),
        100.0 * mean(&apart),
        apart.len()
    );
    assert!(mean(&weights_errors) < 0.02 && mean(&kv_errors) < 0.02 && mean(&apart) < 0.025);
}
