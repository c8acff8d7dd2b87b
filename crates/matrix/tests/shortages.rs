//! What ran out of memory is left out of later plans.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::{CampaignSpec, Shortage};
use matrix::{Plan, leave_out_shortages, plan};

const SPEC: &str = "
name: tight
models: [llama-3.1-8b-instruct]
quantisations: [fp16]
hardware: [h100x1, h100x2]
frameworks: [ENGINE]
workloads:
  - {name: short, use_case: chatbot, input_tokens: 512, output_tokens: 32, concurrency: [1, 64]}
  - {name: long, use_case: chatbot, input_tokens: 2048, output_tokens: 32, concurrency: [1, 64]}
";

fn planned(engine: &str) -> Plan {
    let spec = CampaignSpec::from_yaml(&SPEC.replace("ENGINE", engine)).unwrap();
    plan(&spec, &"tight-0123".parse().unwrap())
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// A shortage of the first launch, started for what the configuration at this place needs.
fn shortage(plan: &Plan, longest: u64, slots: u32) -> Shortage {
    let launch = plan.feasible[0].configuration.serving.launch().unwrap().clone();
    Shortage {
        launch,
        longest_request_tokens: longest,
        slots,
        at: now(),
        said: "CUDA out of memory".to_owned(),
    }
}

fn left(engine: &str, longest: u64, slots: u32, later: TimeDelta) -> (usize, usize) {
    let mut plan = planned(engine);
    let shortage = shortage(&plan, longest, slots);
    leave_out_shortages(&mut plan, &[shortage], now() + later);
    (plan.feasible.len(), plan.infeasible.len())
}

#[test]
fn what_needs_as_much_of_the_same_launch_is_left_out_for_a_while() {
    let day = TimeDelta::days(1);
    assert_eq!(planned("simulated").feasible.len(), 8);
    assert_eq!(left("simulated", 2080, 64, day), (6, 2));
    assert_eq!(left("simulated", 544, 64, day), (4, 4));
    assert_eq!(left("simulated", 4000, 64, day), (8, 0));
    assert_eq!(left("simulated", 544, 64, Shortage::COUNTS), (8, 0));
}

#[test]
fn the_reason_is_what_the_engine_said() {
    let mut plan = planned("simulated");
    let shortage = shortage(&plan, 1, 1);
    leave_out_shortages(&mut plan, &[shortage], now());
    let expected = "it ran out of memory when it was started on 2026-09-21: CUDA out of memory";
    assert_eq!(plan.infeasible[0].reason.to_string(), expected);
}

/// llama.cpp shares its memory out when it starts.
#[test]
fn requests_at_once_count_where_memory_is_shared_out_at_the_start() {
    let attached = "{name: llama.cpp, attach: 'http://127.0.0.1:1'}";
    let all = planned(attached).feasible.len();
    let (feasible, infeasible) = left(attached, 544, 64, TimeDelta::zero());
    assert_eq!((feasible, infeasible), (all - 2, 2));
}
