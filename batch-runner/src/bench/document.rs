//! The **document** of a bench is everything it found, beside the records of single requests. Every output is
//! made from it; written as JSON, it follows `schemas/bench.json`.

use chrono::{DateTime, Utc};
use domain::result::{Certificate, Environment, Flag, RequestCounts, TokenSource};
use domain::{ByTurn, Metrics, Provenance, RequestSlo, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dataset_use::DatasetUse;
use crate::load::{Target, TrialMeasurement, TrialRequest};
use crate::transport::HttpVersion;

/// The version of the document's shape.
pub const BENCH_SCHEMA_VERSION: u32 = 1;

/// What a bench found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchDocument {
    /// [`BENCH_SCHEMA_VERSION`] when it was written.
    pub schema_version: u32,
    /// Whether a real engine answered.
    pub provenance: Provenance,
    /// The command line.
    pub command: Vec<String>,
    /// The server.
    pub url: String,
    /// Which HTTP was spoken.
    pub http: HttpVersion,
    /// The model's name.
    pub model: String,
    /// The traffic.
    pub workload: Workload,
    /// Requests to measure.
    pub requests: u32,
    /// Seed of the prompts.
    pub seed: u64,
    /// What each request had to meet to count as good.
    pub slo: RequestSlo,
    /// GPUs that served; 0 when there were none or nobody said.
    pub gpu_count: u32,
    /// Instant zero of the run, to which all other instants are relative.
    pub started_at: DateTime<Utc>,
    /// When the window began.
    pub measured_at: DateTime<Utc>,
    /// When the window began, s since `started_at`.
    pub window_start_s: f64,
    /// Length of the window, s.
    pub window_s: f64,
    /// All other time, s: calibration, ramp, warm-up, what was cut off the start, drain.
    pub warm_up_s: f64,
    /// The numbers.
    pub metrics: Metrics,
    /// Those of conversations, by turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_turn: Option<ByTurn>,
    /// Measured requests and tokens in the window.
    pub counts: RequestCounts,
    /// Who counted the tokens.
    pub token_source: TokenSource,
    /// What limits the conclusion.
    pub flags: Vec<Flag>,
    /// How much was sent of a dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset_use: Option<DatasetUse>,
    /// Whether the client could be trusted.
    pub certificate: Certificate,
    /// The server's version and this client's machine. Its GPUs are the client's: a server elsewhere has others.
    pub environment: Environment,
}

/// What a measurement itself does not tell.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// The server.
    pub target: Target,
    /// What was asked.
    pub request: TrialRequest,
    /// Whether a real engine answered.
    pub provenance: Provenance,
    /// The command line.
    pub command: Vec<String>,
    /// What it ran on.
    pub environment: Environment,
}

impl BenchDocument {
    /// Describes a measurement.
    #[must_use]
    pub fn new(circumstances: Circumstances, measured: &TrialMeasurement) -> Self {
        let Circumstances { target, request, provenance, command, environment } = circumstances;
        Self {
            schema_version: BENCH_SCHEMA_VERSION,
            provenance,
            command,
            url: target.address.url(),
            http: target.address.http(),
            model: target.model,
            dataset_use: DatasetUse::of(&request.source, &measured.records),
            workload: request.workload,
            requests: request.requests.get(),
            seed: request.seed,
            slo: request.slo,
            gpu_count: request.gpu_count,
            started_at: measured.started_at,
            measured_at: measured.measured_at,
            window_start_s: seconds(measured.window.start_ns),
            window_s: measured.window.seconds(),
            warm_up_s: measured.warm_up_s,
            metrics: measured.metrics.clone(),
            by_turn: measured.by_turn.clone(),
            counts: measured.counts.clone(),
            token_source: measured.token_source,
            flags: measured.flags.clone(),
            certificate: measured.certificate.clone(),
            environment,
        }
    }

    /// Whether the simulated engine answered.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.provenance == Provenance::Simulated
    }

    /// Whether no steady state was found, where there was to be one.
    pub(super) fn is_unsteady(&self) -> bool {
        self.flags.contains(&Flag::NotSteady)
    }

    /// The document as indented JSON.
    ///
    /// # Errors
    /// When a number cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// An instant of the run, s.
pub(super) fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_schema_is_in_step() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/bench.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(BenchDocument)).unwrap() + "\n";
        if std::env::var_os("UPDATE_CONTRACTS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &schema).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), schema, "{} has drifted", path.display());
    }
}
