//! What an **engine** makes of a machine: the share of the peak it reaches, and how long it takes to start.
//!
//! The factors are priors and not measurements of any version. They follow from what is well established:
//! large matrix products reach 50 to 70 % of a GPU's dense peak, reading weights reaches 70 to 85 % of the
//! bandwidth, and a scheduler costs a fraction of a millisecond to a few of them per step.

use domain::Engine;

/// Shares and times of one engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Efficiency {
    /// Share of the peak arithmetic rate that prefill reaches.
    pub compute: f64,
    /// Share of the peak bandwidth that decode reaches.
    pub bandwidth: f64,
    /// Scheduling and kernel launches of one step, ms.
    pub step_overhead_ms: f64,
    /// Start without the weights: imports, profiling, compilation, graph capture, s.
    pub start_s: f64,
    /// Most sequences in one step, unless told otherwise. None: as many as it is asked for.
    pub max_num_seqs: Option<u32>,
}

/// A Python server with compiled graphs (vLLM, SGLang): CUDA graphs hide kernel launches, what remains is a
/// Python scheduler. Start: tens of seconds of `torch.compile` and graph capture.
const COMPILED_GRAPHS: Efficiency = Efficiency {
    compute: 0.55,
    bandwidth: 0.75,
    step_overhead_ms: 0.8,
    start_s: 60.0,
    max_num_seqs: Some(256),
};

/// TGI: Rust router and Python shards, no compilation, fewer fused kernels.
const TGI: Efficiency = Efficiency {
    compute: 0.50,
    bandwidth: 0.70,
    step_overhead_ms: 1.2,
    start_s: 30.0,
    max_num_seqs: Some(128),
};

/// LMDeploy's `TurboMind`: a C++ scheduler and no compilation at start.
const TURBOMIND: Efficiency = Efficiency {
    compute: 0.55,
    bandwidth: 0.78,
    step_overhead_ms: 0.5,
    start_s: 20.0,
    max_num_seqs: Some(128),
};

/// llama.cpp: low overhead; its matrix products unpack block formats and reach less of the peak. The runner
/// starts it with one slot per request in flight, so that it has no limit of its own.
const LLAMA_CPP: Efficiency =
    Efficiency { compute: 0.35, bandwidth: 0.70, step_overhead_ms: 0.3, start_s: 2.0, max_num_seqs: None };

/// The simulated engine plays vLLM and is up at once.
const SIMULATED: Efficiency = Efficiency { start_s: 0.5, ..COMPILED_GRAPHS };

/// Share of a link's bandwidth that an all-reduce reaches.
pub const LINK_EFFICIENCY: f64 = 0.7;

/// Least time of one all-reduce between GPUs, microseconds: launch, hand-shake and ring steps. About 10 us
/// over `NVLink`, three times that through the host over PCIe.
pub const ALL_REDUCE_LATENCY_US: AllReduceLatency = AllReduceLatency { nvlink: 10.0, pcie: 30.0 };

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
        Engine::Vllm | Engine::Sglang => COMPILED_GRAPHS,
        Engine::Tgi => TGI,
        Engine::Lmdeploy => TURBOMIND,
        Engine::LlamaCpp => LLAMA_CPP,
        Engine::Simulated => SIMULATED,
    }
}

/// Seconds from the start of an engine to the first request it can answer, with weights of some bytes.
/// The simulated engine loads none.
#[must_use]
pub fn start_s(engine: Engine, weights_bytes: f64) -> f64 {
    let load = if engine.format().is_some() { weights_bytes / LOAD_BYTES_PER_S } else { 0.0 };
    efficiency(engine).start_s + load
}
