//! Forecasts are plausible: they move the right way, and stay near what the hardware allows.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::num::NonZeroU32;

use domain::known::MODELS;
use domain::workload::Protocol;
use domain::{
    Arrival, Conversation, Engine, Hardware, Load, Quantisation, Rate, RatePlan, UseCase, Variety, Workload,
};
use forecast::{Forecast, ServerModel, Setup, forecast};
use proptest::prelude::*;

fn workload(input: u32, output: u32, concurrency: u32) -> Workload {
    let n = |n| NonZeroU32::new(n).unwrap();
    Workload {
        use_case: UseCase::Chatbot,
        input_tokens: n(input),
        output_tokens: n(output),
        load: Load::ClosedLoop { concurrency: n(concurrency) },
        variety: Variety::default(),
        protocol: Protocol::Chat,
    }
}

fn run(model: &str, quantisation: Quantisation, hardware: &str, w: &Workload) -> Forecast {
    let architecture = &MODELS[&model.parse().unwrap()].architecture;
    let hardware: Hardware = hardware.parse().unwrap();
    forecast(&Setup { architecture, quantisation, weights_only: false, hardware, engine: Engine::Vllm }, w)
}

/// 16.06 GB at 3,350 GB/s are 4.8 ms, the least that any engine can do; nobody needs four times that.
#[test]
fn an_8b_model_alone_on_an_h100_is_bound_by_its_weights() {
    let f = run("llama-3.1-8b-instruct", Quantisation::Fp16, "h100x1", &workload(512, 128, 1));
    assert!((4.8..10.0).contains(&f.tpot_ms), "{f:?}");
    assert!((10.0..60.0).contains(&f.ttft_ms), "{f:?}");
    assert!((60.0..120.0).contains(&f.engine_start_s), "{f:?}");
}

#[test]
fn better_hardware_and_fewer_bytes_are_faster() {
    let w = workload(512, 128, 8);
    let on = |hardware| run("llama-3.1-8b-instruct", Quantisation::Fp16, hardware, &w);
    let (cpu, l4, a100, h100) = (on("cpu"), on("l4x1"), on("a100-80gbx1"), on("h100x1"));
    assert!(cpu.output_tps < l4.output_tps && l4.output_tps < a100.output_tps, "{cpu:?} {l4:?} {a100:?}");
    assert!(a100.output_tps < h100.output_tps, "{a100:?} {h100:?}");
    let int4 = run("llama-3.1-8b-instruct", Quantisation::Int4, "l4x1", &w);
    assert!(int4.tpot_ms < l4.tpot_ms, "{int4:?} {l4:?}");
}

#[test]
fn tensor_parallelism_helps_less_than_its_gpus() {
    let w = workload(512, 128, 8);
    let on = |hardware| run("llama-3.1-70b-instruct", Quantisation::Fp16, hardware, &w).output_tps;
    let (four, eight) = (on("h100x4"), on("h100x8"));
    assert!(eight > 1.2 * four && eight < 2.0 * four, "{four} {eight}");
}

#[test]
fn a_run_takes_its_requests_over_the_throughput() {
    let f = run("llama-3.1-8b-instruct", Quantisation::Fp16, "l4x1", &workload(512, 128, 4));
    let expected = 110.0 / f.rps + f.e2e_ms / 1e3;
    assert!((f.run_s(100, 10) - expected).abs() < 1e-9);
}

#[test]
fn an_open_loop_yields_its_rate_until_the_server_is_full() {
    let open = |rps: f64| {
        let load = Load::OpenLoop {
            rate_rps: RatePlan::Steady(Rate::try_from(rps).unwrap()),
            arrival: Arrival::Poisson,
        };
        run("llama-3.1-8b-instruct", Quantisation::Fp16, "l4x1", &Workload { load, ..workload(512, 128, 1) })
    };
    let closed = |concurrency| {
        run("llama-3.1-8b-instruct", Quantisation::Fp16, "l4x1", &workload(512, 128, concurrency))
    };
    let (idle, alone) = (open(0.01), closed(1));
    assert!((idle.rps - 0.01).abs() < 1e-9 && (idle.e2e_ms / alone.e2e_ms - 1.0).abs() < 1e-3, "{idle:?}");
    let eight = closed(8);
    let same = open(eight.rps);
    assert!((same.e2e_ms / eight.e2e_ms - 1.0).abs() < 1e-3, "{same:?} {eight:?}");
    let full = open(1e6);
    assert!((full.rps / closed(256).rps - 1.0).abs() < 1e-2, "{full:?}");
}

#[test]
fn conversations_are_forecast_with_what_was_said_and_without_those_who_think() {
    let talk = |load: Load, think_time: &str| {
        let conversation = Conversation {
            turns: "5".parse().unwrap(),
            turn_input_tokens: "100".parse().unwrap(),
            think_time: think_time.parse().unwrap(),
        };
        let variety = Variety { conversation: Some(conversation), ..Variety::default() };
        let workload = Workload { load, variety, ..workload(500, 150, 1) };
        run("llama-3.1-8b-instruct", Quantisation::Fp16, "l4x1", &workload)
    };
    let closed = |concurrency: u32| Load::ClosedLoop { concurrency: NonZeroU32::new(concurrency).unwrap() };
    // Prompts of 500, 750, ... 1500: 1000 in the mean.
    let whole = run("llama-3.1-8b-instruct", Quantisation::Fp16, "l4x1", &workload(1000, 150, 8));
    let busy = talk(closed(8), "0s");
    assert!((busy.e2e_ms / whole.e2e_ms - 1.0).abs() < 1e-9, "{busy:?} {whole:?}");
    // Four of five turns are thought about: with a second, 0.8 s for each request.
    let calm = talk(closed(8), "1s");
    let all = calm.rps * (calm.e2e_ms / 1e3 + 0.8);
    assert!((all - 8.0).abs() < 0.05 && calm.e2e_ms < busy.e2e_ms, "{calm:?} {all}");
    let rare = talk(closed(2), "1h");
    let alone = talk(closed(1), "0s");
    assert!((rare.e2e_ms / alone.e2e_ms - 1.0).abs() < 1e-9, "{rare:?} {alone:?}");
    assert!((rare.rps * (rare.e2e_ms / 1e3 + 2880.0) - 2.0).abs() < 1e-6, "{rare:?}");
    let open = talk(
        Load::OpenLoop { rate_rps: "0.01".parse().unwrap(), arrival: Arrival::Poisson },
        "exponential:5s",
    );
    assert!((open.rps - 0.05).abs() < 1e-9, "{open:?}");
    let mut eight = workload(500, 150, 8);
    assert_eq!(busy.warm_up(&eight, 10), 10);
    eight.variety.conversation = Some(Conversation {
        turns: "5".parse().unwrap(),
        turn_input_tokens: "100".parse().unwrap(),
        think_time: "1s".parse().unwrap(),
    });
    // Three of the five turns of each slot's first conversation, in the mean.
    assert_eq!((busy.warm_up(&eight, 10), busy.warm_up(&eight, 100)), (24, 100));
}

#[test]
fn a_server_model_survives_json() {
    let architecture = &MODELS[&"llama-3.1-8b-instruct".parse().unwrap()].architecture;
    let setup = Setup {
        architecture,
        quantisation: Quantisation::Fp16,
        weights_only: false,
        hardware: Hardware::CPU,
        engine: Engine::Simulated,
    };
    let model = ServerModel::of(&setup, 128, 4);
    let text = serde_json::to_string(&model).unwrap();
    let back: ServerModel = serde_json::from_str(&text).unwrap();
    assert!((back.step_base_ms - model.step_base_ms).abs() < 1e-9 && back.max_num_seqs == 256);
}

proptest! {
    /// Every forecast is finite and positive, obeys Little's law, and more load never lowers throughput.
    #[test]
    fn forecasts_obey_littles_law(
        input in 1u32..8192, output in 1u32..2048, concurrency in 1u32..400,
        hardware in prop::sample::select(vec!["cpu", "l4x1", "l4x4", "a100-80gbx2", "h100x8"]),
        quantisation in prop::sample::select(vec![Quantisation::Fp16, Quantisation::Fp8, Quantisation::Int4]),
    ) {
        let f = run("llama-3.1-8b-instruct", quantisation, hardware, &workload(input, output, concurrency));
        for value in [f.ttft_ms, f.e2e_ms, f.output_tps, f.rps, f.engine_start_s] {
            prop_assert!(value.is_finite() && value > 0.0, "{f:?}");
        }
        prop_assert!(f.tpot_ms.is_finite() && f.tpot_ms >= 0.0 && f.ttft_ms <= f.e2e_ms, "{f:?}");
        let in_flight = f.rps * f.e2e_ms / 1e3;
        prop_assert!((in_flight / f64::from(concurrency) - 1.0).abs() < 1e-9, "{in_flight}");
        let more = run("llama-3.1-8b-instruct", quantisation, hardware, &workload(input, output, concurrency + 1));
        prop_assert!(more.output_tps >= f.output_tps * (1.0 - 1e-9), "{f:?} {more:?}");
    }
}
