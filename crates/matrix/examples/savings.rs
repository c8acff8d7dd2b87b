//! What it saves to keep the configurations of a launch together, against batches of a hundred configurations as they
//! come: `cargo run --release -p matrix --example savings`. All numbers are forecasts.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program for measurements")]

use domain::manifest::MAX_BATCH;
use domain::{CampaignId, CampaignSpec, CheaperOfBoth, ConfigId, Launch, known};
use forecast::{Setup, forecast};
use matrix::{FeasibleConfiguration, plan, split};

/// A few small and large models with weights in 16 bits, on the default axes.
const SPEC: &str = "
name: savings
models: [llama-3.1-8b-instruct, qwen2.5-7b-instruct, qwen2.5-32b-instruct, llama-3.1-70b-instruct]
";

fn main() {
    let spec = CampaignSpec::from_yaml(SPEC).expect("a spec");
    let campaign: CampaignId = "savings-0123".parse().expect("an id");
    let plan = plan(&spec, &campaign);
    let mut shuffled = plan.feasible.clone();
    // An id is a hash, so that its order has nothing to do with the configuration.
    shuffled.sort_by(|a, b| ConfigId::cmp(&a.id, &b.id));
    let batches = split(&plan, &CheaperOfBoth).expect("a plan of its own spec");
    let launches = || batches.iter().flat_map(|b| &b.manifest.launches).map(|l| &l.launch);
    let useful: f64 = batches
        .iter()
        .map(|b| {
            b.estimate.run_s
                * f64::from(b.manifest.launches.first().map_or(0, |l| l.launch.hardware.gpu_count()))
        })
        .sum::<f64>()
        / 3600.0
        - gpu_hours(launches());
    println!(
        "{} configurations can run; measuring them takes {useful:.0} GPU hours without engine starts\n",
        plan.feasible.len()
    );
    println!("{:<34} {:>8} {:>20} {:>8}", "batches", "starts", "GPU hours in starts", "of all");
    let line = |name: &str, starts: usize, hours: f64| {
        println!("{name:<34} {starts:>8} {hours:>20.0} {:>6.0} %", 100.0 * hours / (hours + useful));
    };
    line("by launch", launches().count(), gpu_hours(launches()));
    for (name, items) in
        [("every 100, in the matrix's order", &plan.feasible), ("every 100, in any order", &shuffled)]
    {
        let starts: Vec<&Launch> = items.chunks(MAX_BATCH).flat_map(distinct).collect();
        line(name, starts.len(), gpu_hours(starts.iter().copied()));
    }
}

/// The launches of a batch: even a naive runner starts each once.
fn distinct(batch: &[FeasibleConfiguration]) -> Vec<&Launch> {
    let mut launches: Vec<&Launch> = Vec::new();
    for item in batch {
        if let Some(launch) = item.configuration.serving.launch()
            && !launches.contains(&launch)
        {
            launches.push(launch);
        }
    }
    launches
}

/// GPU hours that starting some engines takes.
fn gpu_hours<'a>(launches: impl Iterator<Item = &'a Launch>) -> f64 {
    let workloads = CampaignSpec::from_yaml(SPEC).expect("a spec").workloads;
    let workload = workloads.iter().flat_map(|w| w.workloads()).next().expect("a workload");
    let hours = |launch: &Launch| {
        let setup = Setup::of(launch, &known::MODELS[&launch.model.model].architecture);
        forecast(&setup, &workload).engine_start_s * f64::from(launch.hardware.gpu_count()) / 3600.0
    };
    launches.map(hours).sum()
}
