//! Each reason why a configuration cannot run, in words.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use domain::model::Quantisation;
use domain::{Accelerator, CampaignSpec, Engine};
use matrix::{Infeasible, Point, expand, feasibility};

/// The verdict on the only point of a spec.
fn verdict(
    model: &str,
    quantisation: &str,
    hardware: &str,
    framework: &str,
    workload: &str,
) -> Result<(), String> {
    let text = format!(
        "
name: one
models: [{model}]
quantisations: [{quantisation}]
hardware: [{hardware}]
frameworks: [{framework}]
workloads: [{{name: w, use_case: chatbot, {workload}}}]
"
    );
    let spec = CampaignSpec::from_yaml(&text).unwrap();
    let matrix = expand(&spec);
    let points: Vec<Point<'_, '_>> = matrix.points().collect();
    assert_eq!(points.len(), 1);
    feasibility(&points[0]).map_err(|reason| reason.to_string())
}

const SMALL: &str = "input_tokens: 128, output_tokens: 64, concurrency: [4]";
const LLAMA: &str = "llama-3.1-8b-instruct";

#[test]
fn what_fits_is_feasible() {
    assert_eq!(verdict(LLAMA, "fp16", "l4x1", "vllm", SMALL), Ok(()));
    assert_eq!(verdict("llama-3.1-70b-instruct", "fp16", "h100x4", "vllm", SMALL), Ok(()));
    assert_eq!(verdict(LLAMA, "fp16", "cpu", "vllm", SMALL), Ok(()));
    assert_eq!(verdict(LLAMA, "int4", "l4x1", "simulated", SMALL), Ok(()));
}

#[test]
fn memory_is_told_with_its_numbers() {
    let message = verdict("llama-3.1-70b-instruct", "fp16", "h100x1", "vllm", SMALL).unwrap_err();
    assert_eq!(
        message,
        "needs 131.4 GiB for weights, 0.2 GiB for KV cache and 4.9 GiB for activations and runtime; h100x1 has 71.2 GiB usable"
    );
    let kv = "input_tokens: 8192, output_tokens: 512, concurrency: [64]";
    let message = verdict(LLAMA, "fp16", "l4x1", "vllm", kv).unwrap_err();
    assert!(message.contains("68.0 GiB for KV cache"), "{message}");
    assert_eq!(verdict(LLAMA, "fp16", "l4x8", "vllm", kv), Ok(()));
}

/// Requests of 20,000 tokens on average fit into what a model of 16 GB leaves on an L4, one of 40,000 does not.
#[test]
fn one_longest_request_must_fit() {
    let mixed =
        |longest: u32| format!("input_tokens: 'uniform:64-{longest}', output_tokens: 64, concurrency: [1]");
    assert_eq!(verdict(LLAMA, "fp16", "l4x1", "vllm", &mixed(4096)), Ok(()));
    let message = verdict(LLAMA, "fp16", "l4x1", "vllm", &mixed(40000)).unwrap_err();
    assert!(
        message.starts_with("an engine for requests of up to 41332 tokens must hold one of them"),
        "{message}"
    );
    assert!(message.contains("5.0 GiB of KV cache;"), "{message}");
    assert_eq!(verdict(LLAMA, "fp16", "l4x2", "vllm", &mixed(40000)), Ok(()));
    let attached = "{name: vllm, attach: 'http://127.0.0.1:1'}";
    assert_eq!(verdict(LLAMA, "fp16", "l4x1", attached, &mixed(40000)), Ok(()));
}

/// llama.cpp takes the cache of the longest request for every slot when it starts: 64 requests of 4,600 tokens on average
/// fit, of which one may have 9,000, and 64 times the longest do not.
#[test]
fn llama_cpp_needs_the_longest_request_in_every_slot() {
    let model =
        "{name: llama-3.1-8b-instruct, artifacts: [{quantisation: int4, format: gguf, path: m.gguf}]}";
    let mixed = "input_tokens: 'uniform:64-9000', output_tokens: 64, concurrency: [64]";
    let message = verdict(model, "int4", "h100x1", "llama.cpp", mixed).unwrap_err();
    assert!(message.contains("73.1 GiB for KV cache"), "{message}");
    let even = "input_tokens: 4532, output_tokens: 64, concurrency: [64]";
    assert_eq!(verdict(model, "int4", "h100x1", "llama.cpp", even), Ok(()));
}

#[test]
fn heads_must_be_shared_out_evenly() {
    let message = verdict("qwen2.5-7b-instruct", "fp16", "h100x8", "vllm", SMALL).unwrap_err();
    assert_eq!(message, "28 attention heads with 4 KV heads cannot be shared out evenly over 8 GPUs");
    assert_eq!(verdict("qwen2.5-7b-instruct", "fp16", "h100x4", "vllm", SMALL), Ok(()));
}

/// On eight H200 DeepSeek-V3 leaves room for many long requests, since it caches a latent vector: 69 KiB a token, on every
/// GPU. Gemma 3 holds long requests in a sixth of its layers only.
#[test]
fn the_real_architecture_decides() {
    let long = "input_tokens: 30000, output_tokens: 1000, concurrency: [16]";
    assert_eq!(verdict("deepseek-v3", "fp8", "h200x8", "vllm", long), Ok(()));
    let message = verdict("deepseek-v3", "fp8", "h100x8", "vllm", long).unwrap_err();
    assert!(message.contains("h100x8 has 569.5 GiB usable"), "{message}");
    assert_eq!(verdict("gemma-3-27b-it", "fp16", "h100x1", "vllm", &long.replace("[16]", "[2]")), Ok(()));
    let message = verdict("gemma-2-27b-it", "fp16", "h100x1", "vllm", long).unwrap_err();
    assert!(message.contains("the context of gemma-2-27b-it ends at 8192"), "{message}");
}

#[test]
fn a_request_must_fit_the_context() {
    let long = "input_tokens: 32768, output_tokens: 1, concurrency: [1]";
    let message = verdict("qwen2.5-7b-instruct", "fp16", "h100x1", "vllm", long).unwrap_err();
    assert_eq!(message, "a request has 32769 tokens; the context of qwen2.5-7b-instruct ends at 32768");
    let attached = "{name: vllm, attach: 'http://127.0.0.1:1'}";
    assert_eq!(verdict("qwen2.5-7b-instruct", "fp16", "h100x1", attached, long).unwrap_err(), message);
}

#[test]
fn engines_run_what_their_documents_say() {
    let message = verdict(LLAMA, "fp8", "a100-80gbx1", "simulated", SMALL).unwrap_err();
    assert_eq!(message, "simulated does not run fp8 on a100-80gb: the accelerator has no FP8 arithmetic");
    let message = verdict(LLAMA, "fp16", "cpu", "tgi", SMALL).unwrap_err();
    assert_eq!(message, "tgi does not run fp16 on cpu: the engine needs a GPU");
}

#[test]
fn a_launched_engine_needs_weights_that_it_can_read() {
    let message = verdict("llama-3.1-70b-instruct", "int4", "h100x1", "vllm", SMALL).unwrap_err();
    assert_eq!(
        message,
        "no safetensors weights of llama-3.1-70b-instruct in int4 are known; add them to the model's `artifacts`, or \
         `attach` to a server that has them"
    );
    let message = verdict(LLAMA, "fp16", "cpu", "llama.cpp", SMALL).unwrap_err();
    assert!(message.starts_with("no gguf weights of"), "{message}");
    let gguf = "{name: llama-3.1-8b-instruct, artifacts: [{quantisation: fp16, format: gguf, path: a.gguf}]}";
    assert_eq!(verdict(gguf, "fp16", "cpu", "llama.cpp", SMALL), Ok(()));
    let attached = "{name: llama.cpp, attach: 'http://127.0.0.1:1'}";
    assert_eq!(verdict(LLAMA, "int4", "cpu", attached, SMALL), Ok(()));
}

#[test]
fn a_reason_survives_json() {
    let reason = Infeasible::Unsupported {
        engine: Engine::Tgi,
        quantisation: Quantisation::Fp16,
        accelerator: Accelerator::Cpu,
        gap: matrix::support::Gap::NeedsGpu,
    };
    let json = serde_json::to_value(&reason).unwrap();
    assert_eq!(json["kind"], "unsupported");
    assert_eq!(serde_json::from_value::<Infeasible>(json).unwrap(), reason);
}
