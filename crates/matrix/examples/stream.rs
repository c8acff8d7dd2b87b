//! Streams the batches of ten million configurations, and says what that takes:
//! `cargo run --release -p matrix --example stream [models]` (Linux; 512,000 configurations a model, 20 models).

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a program for measurements")]

use std::time::Instant;

use domain::lengths::Spread;
use domain::spec::ModelEntry;
use domain::{CampaignId, CampaignSpec, CheaperOfBoth, Lengths, known};
use forecast::Calibration;
use matrix::{expand, stream};

fn main() {
    let models = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20);
    let mut spec = CampaignSpec::from_yaml("name: large\nmodels: [llama-3.1-8b-instruct]").expect("a spec");
    let entry = |name: &domain::ModelName| ModelEntry {
        name: name.clone(),
        config: None,
        architecture: None,
        artifacts: vec![],
        hosted: None,
    };
    spec.models = known::MODELS.keys().take(models).map(entry).collect();
    // 25 lengths for each use case.
    let workloads = std::mem::take(&mut spec.workloads);
    spec.workloads = (0..25u32)
        .flat_map(|longer| workloads.iter().map(move |w| (longer, w)))
        .map(|(longer, w)| {
            let mut longer_entry = w.clone();
            longer_entry.name = format!("{}-{longer}", w.name);
            let tokens = w.input_tokens.mean().saturating_add(8 * longer);
            longer_entry.input_tokens = Lengths::new(tokens, Spread::None);
            longer_entry
        })
        .collect();
    let campaign: CampaignId = "large-0123".parse().expect("an id");
    let points = expand(&spec).product();
    let (before, started) = (peak_mib(), Instant::now());
    let (mut batches, mut trials) = (0u64, 0u64);
    let calibration = Calibration::default();
    for batch in stream(&spec, &campaign, &calibration, &CheaperOfBoth) {
        batches += 1;
        trials += batch.manifest.trials().count() as u64;
    }
    println!(
        "{points} configurations, {trials} feasible, {batches} batches: {:.1} s; peak memory {:.0} MiB before, {:.0} MiB after",
        started.elapsed().as_secs_f64(),
        before,
        peak_mib()
    );
}

/// Peak resident memory of this process.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().strip_suffix("kB")).and_then(|n| n.trim().parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}
