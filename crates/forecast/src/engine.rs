//! What an **engine** makes of a machine: the share of the peak it reaches, and how long it takes to start.
//!
//! The factors of vLLM and SGLang were fitted to published measurements (docs/forecast.md says which, and how far off
//! the forecast is on those that were kept apart). The others are priors that follow from what is well established:
//! large matrix products reach 50 to 70 % of a GPU's dense peak, reading weights reaches 70 to 90 % of the bandwidth,
//! and a scheduler costs a fraction of a millisecond to a few of them per step. [`crate::Calibration`] corrects both by
//! what was measured here.

use domain::hardware::AcceleratorFacts;
use domain::{Accelerator, Engine, Generation, Hardware, known};

/// Shares and times of one engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Efficiency {
    /// Share of the peak arithmetic rate that prefill reaches.
    pub compute: f64,
    /// The same when feed-forward layers are experts, whose products are smaller, relative to `compute`.
    pub expert_compute: f64,
    /// Share of the peak bandwidth that decode reaches.
    pub bandwidth: f64,
    /// Scheduling of one step, ms.
    pub step_ms: f64,
    /// Kernel launches of one layer in one step, ms.
    pub layer_ms: f64,
    /// Routing to experts in one layer in one step, ms.
    pub expert_layer_ms: f64,
    /// What the first token of a request takes beyond arithmetic: the HTTP server, tokenisation, admission, ms.
    pub first_token_ms: f64,
    /// Start without the weights: imports, profiling, compilation, graph capture, s.
    pub start_s: f64,
    /// Most sequences in one step, unless told otherwise.
    pub places: Places,
}

/// How many sequences an engine has in one step, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// As many.
    Fixed(u32),
    /// vLLM: 1,024 on GPUs with at least 70 GiB that are no A100, 256 on others.
    ByMemory,
    /// As many as it is asked for.
    AsAsked,
}

/// vLLM: CUDA graphs hide kernel launches, what remains is a Python scheduler. Start: tens of seconds of
/// `torch.compile` and graph capture.
const VLLM: Efficiency = Efficiency {
    compute: 0.56,
    expert_compute: 0.53,
    bandwidth: 0.90,
    step_ms: 0.1,
    layer_ms: 0.04,
    expert_layer_ms: 0.023,
    first_token_ms: 30.0,
    start_s: 60.0,
    places: Places::ByMemory,
};

/// SGLang: as vLLM, with a longer way to the first token.
const SGLANG: Efficiency = Efficiency { first_token_ms: 150.0, ..VLLM };

/// TGI: Rust router and Python shards, no compilation, fewer fused kernels.
const TGI: Efficiency = Efficiency {
    compute: 0.50,
    bandwidth: 0.75,
    step_ms: 0.4,
    start_s: 30.0,
    places: Places::Fixed(128),
    ..VLLM
};

/// LMDeploy's `TurboMind`: a C++ scheduler and no compilation at start.
const TURBOMIND: Efficiency = Efficiency {
    compute: 0.55,
    bandwidth: 0.85,
    step_ms: 0.1,
    layer_ms: 0.03,
    start_s: 20.0,
    places: Places::Fixed(128),
    ..VLLM
};

/// llama.cpp: low overhead; its matrix products unpack block formats and reach less of the peak. The runner
/// starts it with one slot per request in flight, so that it has no limit of its own.
const LLAMA_CPP: Efficiency = Efficiency {
    compute: 0.35,
    bandwidth: 0.70,
    step_ms: 0.1,
    layer_ms: 0.01,
    first_token_ms: 2.0,
    start_s: 2.0,
    places: Places::AsAsked,
    ..VLLM
};

/// The simulated engine plays vLLM and is up at once.
const SIMULATED: Efficiency = Efficiency { start_s: 0.5, places: Places::Fixed(256), ..VLLM };

/// Share of a link's bandwidth that an all-reduce reaches.
pub const LINK_EFFICIENCY: f64 = 0.7;

/// Least time of one all-reduce for each doubling of the GPUs, microseconds: launch, hand-shake and ring steps. Fitted
/// for `NVLink`; through the host over PCIe it takes several times as long.
pub const ALL_REDUCE_LATENCY_US: AllReduceLatency = AllReduceLatency { nvlink: 5.6, pcie: 20.0 };

/// Least time of an all-reduce by kind of link, microseconds.
#[derive(Debug, Clone, Copy)]
pub struct AllReduceLatency {
    /// Over `NVLink`.
    pub nvlink: f64,
    /// Over PCIe.
    pub pcie: f64,
}

/// Bytes per second at which weights come from a local disk into the accelerator. One NVMe volume of the
/// instances in question reads 1 to 2 GB/s; a network volume is slower and a warm page cache faster.
pub const LOAD_BYTES_PER_S: f64 = 1.0e9;

/// The efficiency of an engine.
#[must_use]
pub const fn efficiency(engine: Engine) -> Efficiency {
    match engine {
        Engine::Vllm => VLLM,
        Engine::Sglang => SGLANG,
        Engine::Tgi => TGI,
        Engine::Lmdeploy => TURBOMIND,
        Engine::LlamaCpp => LLAMA_CPP,
        Engine::Simulated => SIMULATED,
    }
}

/// What an engine puts into one step at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepLimits {
    /// Sequences.
    pub sequences: u32,
    /// Tokens of prompts.
    pub tokens: u32,
}

/// The limits that an engine sets itself on a hardware config, when it is asked to serve `slots` requests at once.
///
/// vLLM takes 8,192 tokens and 1,024 sequences on large GPUs and 2,048 and 256 on others (`EngineArgs`, usage context
/// of the API server); llama.cpp takes a micro-batch of 512 tokens. The others are treated as vLLM.
#[must_use]
pub fn step_limits(engine: Engine, hardware: Hardware, slots: u32) -> StepLimits {
    let accelerator = hardware.accelerator();
    let large = known::accelerator_facts(accelerator).is_some_and(|facts: AcceleratorFacts| {
        facts.memory_gib >= 70.0 && facts.generation != Generation::Ampere
    });
    let tokens = match (engine, accelerator) {
        (Engine::LlamaCpp, _) => 512,
        (_, Accelerator::Cpu) => 2048,
        _ if large => 8192,
        _ => 2048,
    };
    let sequences = match efficiency(engine).places {
        Places::Fixed(n) => n,
        Places::ByMemory if large => 1024,
        Places::ByMemory => 256,
        Places::AsAsked => slots.max(1),
    };
    StepLimits { sequences, tokens }
}

/// Seconds from the start of an engine to the first request it can answer, with weights of some bytes.
/// The simulated engine loads none.
#[must_use]
pub fn start_s(engine: Engine, weights_bytes: f64) -> f64 {
    let load = if engine.format().is_some() { weights_bytes / LOAD_BYTES_PER_S } else { 0.0 };
    efficiency(engine).start_s + load
}
