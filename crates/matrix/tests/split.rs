//! How a plan is cut: balance, limits, arrays of jobs, the stream, and what staying together saves.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::collections::BTreeMap;

use domain::{CampaignSpec, CheaperOfBoth, Hardware, Market, PriceKind};
use forecast::Calibration;
use matrix::{PlannedBatch, Refusal, expand, plan, split, stream};
use proptest::prelude::*;

use common::{campaign, spec};

fn batches(spec: &CampaignSpec) -> Vec<PlannedBatch> {
    split(&plan(spec, &campaign()), &CheaperOfBoth).unwrap()
}

fn hardware(batch: &PlannedBatch) -> Hardware {
    batch.manifest.launches[0].launch.hardware
}

#[test]
fn one_model_over_the_default_axes_is_a_large_matrix() {
    let spec = CampaignSpec::from_yaml("name: all\nmodels: [llama-3.1-8b-instruct]").unwrap();
    assert_eq!(expand(&spec).product(), 20_480);
}

/// Batches of one hardware config and priority differ by one group at most: the longest-first rule promises that.
#[test]
fn batches_of_one_hardware_take_about_as_long_as_each_other() {
    let batches = batches(&spec(""));
    let mut by_hardware: BTreeMap<Hardware, Vec<&PlannedBatch>> = BTreeMap::new();
    for batch in &batches {
        by_hardware.entry(hardware(batch)).or_default().push(batch);
    }
    for (hardware, batches) in by_hardware {
        let times = || batches.iter().map(|b| b.estimate.run_s);
        let (longest, shortest) = (times().fold(0.0, f64::max), times().fold(f64::INFINITY, f64::min));
        assert!(batches.len() == 1 || longest < 2.5 * shortest, "{hardware}: {shortest} to {longest} s");
    }
}

/// Two A100 are sold with six others: the batch pays for all eight, unless the spec states what two cost.
#[test]
fn a_batch_pays_for_the_whole_machine() {
    let cost = |hardware: &str| {
        let text = format!(
            "name: whole\nmodels: [llama-3.1-8b-instruct]\nquantisations: [fp16]\nframeworks: [vllm]\nhardware: \
             [{hardware}]\nworkloads: [{{name: w, use_case: chatbot, input_tokens: 64, output_tokens: 32, concurrency: [1]}}]"
        );
        let batches = batches(&CampaignSpec::from_yaml(&text).unwrap());
        let estimate = batches[0].estimate;
        (
            estimate.usd_on_demand.unwrap() / estimate.run_s * 3600.0,
            batches[0].manifest.launches[0].rent.clone(),
        )
    };
    let (hourly, rent) = cost("a100-80gbx2");
    assert!((hourly - 27.447_05).abs() < 1e-9, "{hourly}");
    assert_eq!(rent.unwrap().on_demand.servers.get(), 4);
    let (hourly, _) = cost("{name: a100-80gbx2, usd_per_hour: {on_demand: 4, spot: 2}}");
    assert!((hourly - 4.0).abs() < 1e-9, "{hourly}");
}

/// Few long requests fit, and many short ones; an engine that takes its cache at once cannot be started for many long
/// ones. vLLM is started once for both.
#[test]
fn what_does_not_fit_one_start_gets_another() {
    let contexts = |engine: &str| -> Vec<(u32, u32)> {
        let text = format!(
            "name: starts\nmodels: [{{name: llama-3.1-8b-instruct, artifacts: [{{quantisation: fp16, format: gguf, path: m}}]}}]\n\
             quantisations: [fp16]\nhardware: [l4x2]\nframeworks: [{engine}]\nworkloads:\n\
             - {{name: many, use_case: chatbot, input_tokens: 512, output_tokens: 128, concurrency: [1, 64]}}\n\
             - {{name: long, use_case: summarization, input_tokens: 16000, output_tokens: 128, concurrency: [1, 4]}}"
        );
        let spec = CampaignSpec::from_yaml(&text).unwrap();
        let calibration = Calibration::default();
        let id = campaign();
        let batches = batches(&spec);
        let streamed: Vec<PlannedBatch> = stream(&spec, &id, &calibration, &CheaperOfBoth).collect();
        assert_eq!(batches, streamed);
        assert_eq!(batches.iter().flat_map(|b| b.manifest.trials()).count(), 4);
        let launches = batches.iter().flat_map(|b| &b.manifest.launches);
        launches.map(|launch| (launch.max_concurrency, launch.context_tokens)).collect()
    };
    assert_eq!(contexts("llama.cpp"), [(64, 676), (4, 16648)]);
    assert_eq!(contexts("vllm"), [(64, 16648)]);
}

#[test]
fn the_deadline_shortens_batches_and_refuses_what_would_be_late() {
    let free = batches(&spec(""));
    let longest_s = free.iter().map(|b| b.estimate.run_s).fold(0.0, f64::max);
    let half = batches(&spec(&format!("deadline: {:.0}s", longest_s / 2.0)));
    assert!(half.len() > free.len());
    let late = half.iter().filter(|b| b.estimate.run_s > longest_s / 2.0).count();
    assert_eq!(half.iter().filter(|b| b.refused.is_some()).count(), late, "all start at once");
    assert!(late * 10 < half.len(), "{late} of {}", half.len());

    let few = batches(&spec(&format!("deadline: {:.0}s\nparallel_jobs: 2", longest_s * 2.0)));
    let (granted, refused): (Vec<_>, Vec<_>) = few.iter().partition(|b| b.refused.is_none());
    assert!(!refused.is_empty());
    let granted_s: f64 = granted.iter().map(|b| b.estimate.run_s).sum();
    assert!(granted_s <= 2.0 * 2.0 * longest_s && granted_s > 2.0 * longest_s, "two jobs side by side");
    let reason = refused[0].refused.unwrap();
    assert!(matches!(reason, Refusal::Deadline { ends_s, deadline_s } if ends_s > deadline_s), "{reason}");
}

/// A dispatcher makes one array of jobs of what follows each other on one hardware config.
#[test]
fn batches_on_the_same_hardware_are_neighbours() {
    let batches = batches(&spec(""));
    let arrays = batches.chunk_by(|a, b| hardware(a) == hardware(b)).count();
    assert_eq!(arrays, 12, "one for each hardware config, as all have interactive work");
}

#[test]
fn a_stream_gives_the_batches_of_a_split() {
    let text =
        "exclude: [{accelerator: l4, use_case: chatbot}, {framework: simulated, use_case: qa}]\ntrials: 2";
    for spec in [spec(""), spec(text)] {
        let (campaign, calibration) = (campaign(), Calibration::default());
        let mut stream = stream(&spec, &campaign, &calibration, &CheaperOfBoth);
        let all: Vec<PlannedBatch> = stream.by_ref().collect();
        assert!(all == batches(&spec));
        let (tally, plan) = (stream.tally(), plan(&spec, &campaign));
        assert_eq!((tally.total, tally.feasible), (plan.total, plan.feasible.len() as u64));
        let kinds: BTreeMap<&str, u64> = tally.infeasible.iter().map(|(kind, r)| (*kind, r.count)).collect();
        let mut expected = BTreeMap::new();
        plan.infeasible.iter().for_each(|i| *expected.entry(i.reason.kind()).or_default() += 1);
        assert_eq!(kinds, expected);
    }
}

/// A whole matrix in its own order is grouped already. The same points in any other order, cut every hundred, start an
/// engine for nearly every configuration.
#[test]
fn staying_together_saves_engine_starts() {
    let plan = plan(&spec(""), &campaign());
    let starts: usize = split(&plan, &CheaperOfBoth).unwrap().iter().map(|b| b.manifest.launches.len()).sum();
    let distinct = plan.feasible.chunk_by(|a, b| a.configuration.serving == b.configuration.serving).count();
    assert_eq!(starts, distinct, "every engine once");
}

prop_compose! {
    fn limits()(
        budget in prop::option::of(1.0..500.0f64),
        deadline in prop::option::of(60u32..100_000),
        jobs in prop::option::of(1u32..20),
    ) -> String {
        let mut text = String::new();
        if let Some(usd) = budget { text += &format!("budget_usd: {usd}\n"); }
        if let Some(s) = deadline { text += &format!("deadline: {s}s\n"); }
        if let Some(n) = jobs { text += &format!("parallel_jobs: {n}\n"); }
        text
    }
}

/// One H100 is sold on spot as eight.
#[test]
fn a_budget_is_kept_at_the_price_that_is_paid() {
    let spec = spec("budget_usd: 1000000");
    let plan = plan(&spec, &campaign());
    let usd = |market: &dyn Market| {
        let batches = split(&plan, market).unwrap();
        let usd = batches.iter().map(|b| b.estimate.usd().unwrap()).sum::<f64>();
        let mut limited = plan.clone();
        limited.spec.budget_usd = Some(usd / 2.0);
        let batches = split(&limited, market).unwrap();
        let granted = batches.iter().filter(|b| b.refused.is_none()).map(|b| b.estimate.usd().unwrap());
        assert!(granted.sum::<f64>() <= usd / 2.0);
        let refused = batches.iter().find_map(|b| b.refused).unwrap().to_string();
        (usd, refused)
    };
    let (spot, on_demand, both) = (usd(&PriceKind::Spot), usd(&PriceKind::OnDemand), usd(&CheaperOfBoth));
    assert!(spot.0 < on_demand.0 && both.0 <= spot.0, "{} {} {}", spot.0, on_demand.0, both.0);
    assert!(on_demand.1.contains(" USD at the on-demand price by the forecast; "), "{}", on_demand.1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the limits, and wherever machines are rented: no configuration is lost, the granted keep the budget, and end
    /// in time.
    #[test]
    fn limits_hold(text in limits(), keep in 1usize..7, nth in 0usize..3) {
        let market = [&PriceKind::Spot as &dyn Market, &PriceKind::OnDemand, &CheaperOfBoth][nth];
        let mut spec = spec(&text);
        spec.workloads.truncate(keep);
        let plan = plan(&spec, &campaign());
        let batches = split(&plan, market).unwrap();
        let trials: usize = batches.iter().map(|b| b.manifest.trials().count()).sum();
        prop_assert_eq!(trials, plan.feasible.len());
        let granted = || batches.iter().filter(|b| b.refused.is_none()).map(|b| b.estimate);
        if let Some(usd) = spec.budget_usd {
            prop_assert!(granted().map(|e| e.usd().unwrap()).sum::<f64>() <= usd);
        }
        if let Some(deadline) = spec.deadline {
            let deadline_s = deadline.as_ms() / 1e3;
            prop_assert!(granted().all(|e| e.run_s <= deadline_s));
            if let Some(jobs) = spec.parallel_jobs {
                let sum: f64 = granted().map(|e| e.run_s).sum();
                prop_assert!(sum <= deadline_s * f64::from(jobs.get()) + 1.0);
            }
        }
    }
}
