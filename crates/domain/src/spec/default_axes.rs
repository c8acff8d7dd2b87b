//! The **default axes**: what is measured of a model when the spec says nothing else. Multiplied out they are 20,480
//! configurations of one model: 4 precisions, 8 GPUs in 4 counts, 4 engines, and 5 use cases at 8 concurrencies.

use std::num::NonZeroU32;

use super::workload_entry::{default_requests, default_warm_up};
use super::{FrameworkEntry, HardwareEntry, WorkloadEntry};
use crate::lengths::Spread;
use crate::use_case::TypicalLength;
use crate::workload::Protocol;
use crate::{Accelerator, Engine, Hardware, Lengths, Quantisation, UseCase, known};

const GPU_COUNTS: [u32; 4] = [1, 2, 4, 8];

const CONCURRENCIES: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

const ENGINES: [Engine; 4] = [Engine::Vllm, Engine::Tgi, Engine::Lmdeploy, Engine::Sglang];

pub(super) fn quantisations() -> Vec<Quantisation> {
    vec![Quantisation::Fp16, Quantisation::Fp8, Quantisation::Int8, Quantisation::Int4]
}

pub(super) fn hardware() -> Vec<HardwareEntry> {
    let gpus = Accelerator::ALL.into_iter().filter(|a| *a != Accelerator::Cpu);
    let configs = gpus.flat_map(|gpu| GPU_COUNTS.into_iter().filter_map(move |n| Hardware::new(gpu, n)));
    configs.map(|name| HardwareEntry { name, usd_per_hour: None }).collect()
}

pub(super) fn frameworks() -> Vec<FrameworkEntry> {
    ENGINES.into_iter().map(FrameworkEntry::of).collect()
}

pub(super) fn workloads() -> Vec<WorkloadEntry> {
    let tokens = |length: TypicalLength| NonZeroU32::new(length.mean as u32).unwrap_or(NonZeroU32::MIN);
    let entry = |use_case: UseCase| {
        let facts = known::use_case_facts(use_case);
        WorkloadEntry {
            name: use_case.name().to_owned(),
            use_case,
            input_tokens: Lengths::new(tokens(facts.input_tokens), Spread::None),
            output_tokens: Lengths::new(tokens(facts.output_tokens), Spread::None),
            concurrency: CONCURRENCIES.into_iter().filter_map(NonZeroU32::new).collect(),
            rates: Vec::new(),
            arrival: None,
            batch_sizes: Vec::new(),
            shared_prefix_tokens: None,
            turns: None,
            turn_input_tokens: None,
            think_time: None,
            requests: default_requests(),
            warm_up: default_warm_up(),
            protocol: Protocol::default(),
        }
    };
    UseCase::ALL.into_iter().map(entry).collect()
}
