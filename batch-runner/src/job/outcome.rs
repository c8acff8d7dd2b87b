//! The **outcome** of a trial: one result with its evidence, built from what was measured and what is known.

use std::time::Duration;

use chrono::TimeDelta;
use domain::result::{ChargedTime, Flag, RESULT_SCHEMA_VERSION};
use domain::{BatchManifest, BenchmarkResult, Configuration, LaunchPlan};
use measurement::RequestRecord;
use measurement::cost::{cost_per_mtok, serving_cost_per_mtok};
use store::ObjectKey;

use super::remaining::PendingTrial;
use crate::engine::ServerFacts;
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

/// Everything that a result is made of.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The batch.
    pub manifest: &'a BatchManifest,
    /// The launch.
    pub launch: &'a LaunchPlan,
    /// The trial.
    pub trial: &'a PendingTrial<'a>,
    /// Which execution of the batch, from 1.
    pub attempt: u32,
    /// What it ran against.
    pub server: &'a ServerFacts,
    /// What it ran on.
    pub host: &'a HostFacts,
    /// What it is charged for.
    pub charged: ChargedBefore,
    /// Seed of its prompts.
    pub seed: u64,
    /// What GPUs and engine did meanwhile.
    pub readings: &'a Readings,
}

/// The result of a trial. The records of `measured` are stored apart.
#[must_use]
pub fn result(evidence: &Evidence<'_>, measured: TrialMeasurement) -> BenchmarkResult {
    let Evidence { manifest, launch, trial, server, .. } = *evidence;
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
    flag(Flag::HardwareUnverified, server.hardware_unverified);
    let mut metrics = measured.metrics;
    if let Some(rent) = &launch.rent {
        // The job holds all of the machine; deployments are compared as they fill theirs.
        metrics.cost_per_mtok = cost_per_mtok(&rent.whole(), &charged, measured.counts.output_tokens);
        metrics.serving_cost_per_mtok = serving_cost_per_mtok(&rent.share(), metrics.output_tps);
    }
    let window = TimeDelta::from_std(Duration::from_secs_f64(measured.window.seconds())).unwrap_or_default();
    let telemetry = evidence.readings.summary(measured.measured_at, measured.measured_at + window);
    // Joules per second over tokens per second.
    metrics.energy_per_tok =
        telemetry.power_w().filter(|_| metrics.output_tps > 0.0).map(|watts| watts / metrics.output_tps);
    BenchmarkResult {
        schema_version: RESULT_SCHEMA_VERSION,
        run_id: trial.run_id.clone(),
        campaign: manifest.campaign.clone(),
        batch: manifest.batch.clone(),
        attempt: evidence.attempt,
        trial: trial.plan.trial,
        configuration: Configuration { launch: launch.launch.clone(), workload: trial.plan.workload.clone() },
        config_id: trial.plan.config_id.clone(),
        provenance: server.provenance,
        measured_at: measured.measured_at,
        seed: evidence.seed,
        slo: manifest.slo.or_usual(trial.plan.workload.use_case),
        rent: launch.rent.clone(),
        metrics,
        by_turn: measured.by_turn,
        counts: measured.counts,
        token_source: measured.token_source,
        flags,
        certificate: measured.certificate,
        charged,
        environment: evidence.host.environment(server.version.clone(), server.command.clone()),
        telemetry: Some(telemetry),
        raw_records: Some(ObjectKey::raw_records(&manifest.campaign, &trial.run_id).to_string()),
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
    let tpot =
        metrics.tpot.as_ref().map_or_else(String::new, |tpot| format!(", tpot p50 {:.2} ms", tpot.p50));
    let failed = match result.counts.failures() {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let limited = if result.is_rankable() { "" } else { ", client limited" };
    format!(
        "{:.1} tokens/s, ttft p50 {:.1} ms{tpot}{failed}{limited} ({})",
        metrics.output_tps, metrics.ttft.p50, result.provenance
    )
}
