//! The **outcome** of a trial: one result with its evidence, built from what was measured and what is known.

use std::time::Duration;

use chrono::TimeDelta;
use domain::fidelity::Fidelity;
use domain::result::{ChargedTime, Flag, RESULT_SCHEMA_VERSION, WeightsUsed};
use domain::task_accuracy::TaskAccuracy;
use domain::{
    BatchManifest, BenchmarkResult, Configuration, Provenance, Rent, Serving, TokenRate, TokensSold,
};
use measurement::RequestRecord;
use measurement::cost::{cost_per_mtok, serving_cost_per_mtok, token_cost_per_mtok};
use store::ObjectKey;

use super::remaining::PendingTrial;
use crate::host_facts::HostFacts;
use crate::load::TrialMeasurement;
use crate::sampling::Readings;

/// Compression level of raw records: three times smaller than the fastest, and still faster than the disk.
const ZSTD_LEVEL: i32 = 6;

/// Time that a trial is charged for besides its measurement, s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChargedBefore {
    /// Its share of the engine's starts.
    pub engine_start_s: f64,
    /// Work on it that was lost.
    pub lost_s: f64,
}

/// What a measurement is paid by.
#[derive(Debug, Clone, Copy)]
pub enum Paid<'a> {
    /// Hours of hardware, where that has a price.
    Hours(Option<&'a Rent>),
    /// Tokens of a hosted model.
    Tokens {
        /// What they cost.
        rate: &'a TokenRate,
        /// Those that were paid for before the run: questions, and runs that were lost.
        before: TokensSold,
    },
}

/// What answered.
#[derive(Debug, Clone)]
pub struct Answered<'a> {
    /// The engine or the hosted model.
    pub serving: Serving,
    /// What it is paid by.
    pub paid: Paid<'a>,
    /// What results from it are.
    pub provenance: Provenance,
    /// The version as it reports it.
    pub version: Option<String>,
    /// The command line it was started with; empty when we did not start it.
    pub command: Vec<String>,
    /// The weights, where we fetched them.
    pub weights: Option<WeightsUsed>,
    /// Its hardware is what the spec says, and nobody looked.
    pub hardware_unverified: bool,
}

/// Everything that a result is made of.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The batch.
    pub manifest: &'a BatchManifest,
    /// What answered.
    pub answered: &'a Answered<'a>,
    /// The trial.
    pub trial: &'a PendingTrial<'a>,
    /// Which execution of the batch, from 1.
    pub attempt: u32,
    /// What it ran on; for a hosted model, what it was measured from.
    pub host: &'a HostFacts,
    /// What it is charged for.
    pub charged: ChargedBefore,
    /// Seed of its prompts.
    pub seed: u64,
    /// What the launch keeps of what the unquantised model says.
    pub fidelity: Option<Fidelity>,
    /// How well the launch does tasks.
    pub task_accuracy: Option<&'a TaskAccuracy>,
    /// What GPUs and engine did meanwhile. None where they are somebody else's.
    pub readings: Option<&'a Readings>,
}

/// The result of a trial. The records of `measured` are stored apart.
#[must_use]
pub fn result(evidence: &Evidence<'_>, measured: TrialMeasurement) -> BenchmarkResult {
    let Evidence { manifest, answered, trial, .. } = *evidence;
    let charged = ChargedTime {
        engine_start_s: evidence.charged.engine_start_s,
        warm_up_s: measured.warm_up_s,
        window_s: measured.window.seconds(),
        lost_s: evidence.charged.lost_s,
    };
    let mut flags = measured.flags;
    let mut flag = |flag, applies| {
        if applies && !flags.contains(&flag) {
            flags.push(flag);
        }
    };
    flag(Flag::ClientLimited, measured.certificate.is_client_limited());
    flag(Flag::HardwareUnverified, answered.hardware_unverified);
    let mut metrics = measured.metrics;
    let (mut rent, mut token_rate, mut tokens_sold) = (None, None, None);
    match answered.paid {
        Paid::Hours(None) => {}
        Paid::Hours(Some(of_hardware)) => {
            // The job holds all of the machine; deployments are compared as they fill theirs.
            metrics.cost_per_mtok =
                cost_per_mtok(&of_hardware.whole(), &charged, measured.counts.output_tokens);
            metrics.serving_cost_per_mtok = serving_cost_per_mtok(&of_hardware.share(), metrics.output_tps);
            rent = Some(of_hardware.clone());
        }
        Paid::Tokens { rate, before } => {
            let (price, counts) = (&rate.usd_per_mtok, &measured.counts);
            let mut all = before;
            all += measured.tokens;
            // Prompts that nobody counted are not free.
            if counts.input_uncounted == 0 {
                let served = TokensSold {
                    input: counts.input_tokens,
                    cached_input: counts.cached_input_tokens,
                    output: counts.output_tokens,
                };
                metrics.cost_per_mtok = token_cost_per_mtok(price, &all, counts.output_tokens);
                metrics.serving_cost_per_mtok = token_cost_per_mtok(price, &served, counts.output_tokens);
            }
            (token_rate, tokens_sold) = (Some(*rate), Some(all));
        }
    }
    let window = TimeDelta::from_std(Duration::from_secs_f64(measured.window.seconds())).unwrap_or_default();
    let telemetry = evidence
        .readings
        .map(|readings| readings.summary(measured.measured_at, measured.measured_at + window));
    // Joules per second over tokens per second.
    let power_w = telemetry.as_ref().and_then(|telemetry| telemetry.power_w());
    metrics.energy_per_tok =
        power_w.filter(|_| metrics.output_tps > 0.0).map(|watts| watts / metrics.output_tps);
    let mut environment = evidence.host.environment(answered.version.clone(), answered.command.clone());
    environment.weights = answered.weights.clone();
    if answered.serving.hosted().is_some() {
        // GPUs of this machine did not serve.
        (environment.gpus, environment.gpu_driver) = (Vec::new(), None);
    }
    BenchmarkResult {
        schema_version: RESULT_SCHEMA_VERSION,
        run_id: trial.run_id.clone(),
        campaign: manifest.campaign.clone(),
        batch: manifest.batch.clone(),
        attempt: evidence.attempt,
        trial: trial.plan.trial,
        configuration: Configuration {
            serving: answered.serving.clone(),
            workload: trial.plan.workload.clone(),
        },
        config_id: trial.plan.config_id.clone(),
        provenance: answered.provenance,
        measured_at: measured.measured_at,
        seed: Some(evidence.seed),
        slo: manifest.slo.or_usual(trial.plan.workload.use_case),
        rent,
        fidelity: evidence.fidelity,
        task_accuracy: evidence.task_accuracy.cloned(),
        token_rate,
        tokens_sold,
        metrics,
        by_turn: measured.by_turn,
        counts: measured.counts,
        token_source: measured.token_source,
        flags,
        certificate: Some(measured.certificate),
        charged,
        environment,
        telemetry,
        raw_records: Some(ObjectKey::raw_records(&manifest.campaign, &trial.run_id).to_string()),
        imported: None,
    }
}

/// Records as compressed JSON lines.
///
/// # Errors
/// When they cannot be written as JSON or compressed, which no record that was measured is.
pub fn raw_records(records: &[RequestRecord]) -> std::io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    for record in records {
        serde_json::to_writer(&mut encoder, record)?;
        std::io::Write::write_all(&mut encoder, b"\n")?;
    }
    encoder.finish()
}

/// What a person wants to see of a result, in one line.
#[must_use]
pub fn headline(result: &BenchmarkResult) -> String {
    let metrics = &result.metrics;
    let ttft =
        metrics.ttft.as_ref().map_or_else(String::new, |ttft| format!(", ttft p50 {:.1} ms", ttft.p50));
    let tpot =
        metrics.tpot.as_ref().map_or_else(String::new, |tpot| format!(", tpot p50 {:.2} ms", tpot.p50));
    let failed = match result.counts.failures() {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let limited = match result.flags.contains(&Flag::RateLimited) {
        true => ", limited by its key",
        false if result.is_rankable() => "",
        false => ", client limited",
    };
    format!("{:.1} tokens/s{ttft}{tpot}{failed}{limited} ({})", metrics.output_tps, result.provenance)
}
