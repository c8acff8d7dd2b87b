//! A **result** is what one trial of a configuration yielded, with everything needed to believe it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fidelity::Fidelity;
use crate::task_accuracy::TaskAccuracy;
use crate::untold::{is_untold, untold};
use crate::{
    BatchId, ByTurn, CampaignId, ConfigId, Configuration, Imported, Metrics, Rent, RequestSlo, RunId,
    RunTelemetry, TokenRate, TokensSold,
};

/// The version of the stored shape of a result.
pub const RESULT_SCHEMA_VERSION: u32 = 1;

/// How the bundled simulated engine signs its models (`owned_by` of `/v1/models`). Whatever answers under this name
/// yields [`Provenance::Simulated`], whatever a spec calls it.
pub const SIMULATED_OWNER: &str = "assay-simulated";

/// Where a number comes from. It is shown wherever the number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// Measured by our runner on a real engine.
    Measured,
    /// Measured by another tool and read from its file.
    Imported,
    /// Measured by our runner on the simulated engine: nothing about real hardware follows from it.
    Simulated,
    /// Computed by a model, not measured.
    Forecast,
}

impl Provenance {
    /// Every provenance.
    pub const ALL: [Self; 4] = [Self::Measured, Self::Imported, Self::Simulated, Self::Forecast];

    /// The name in queries and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Imported => "imported",
            Self::Simulated => "simulated",
            Self::Forecast => "forecast",
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Measured => "measured by our runner on a real engine",
            Self::Imported => "measured by another tool and read from its file",
            Self::Simulated => {
                "measured by our runner on the simulated engine: nothing about real hardware follows"
            }
            Self::Forecast => "computed by a model, not measured",
        }
    }
}

impl std::fmt::Display for Provenance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no provenance.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no provenance: choose measured, imported, simulated or forecast")]
pub struct UnknownProvenance(pub String);

impl std::str::FromStr for Provenance {
    type Err = UnknownProvenance;
    fn from_str(text: &str) -> Result<Self, UnknownProvenance> {
        Self::ALL.into_iter().find(|p| p.name() == text).ok_or_else(|| UnknownProvenance(text.to_owned()))
    }
}

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// No connection could be made.
    Connect,
    /// The connection broke before the stream's end.
    Disconnected,
    /// The server answered with an error status or an error event.
    Server,
    /// The server refused for load (503 or 529).
    Overloaded,
    /// The server refused for the number of requests or tokens (429): they were more than it grants this client.
    RateLimited,
    /// The model declined to answer.
    Declined,
    /// The stream ended without content.
    Empty,
    /// The stream held something that is not the protocol.
    Malformed,
    /// The request took longer than allowed.
    Timeout,
    /// Another tool counted it and did not say why.
    Untold,
}

/// Requests and tokens of the measured part of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RequestCounts {
    /// Requests that ended well.
    pub succeeded: u64,
    /// Requests that did not, by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed: BTreeMap<FailureReason, u64>,
    /// Prompt tokens of the successful ones, without those of `input_uncounted`.
    pub input_tokens: u64,
    /// Successful ones whose prompt tokens nobody counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub input_uncounted: u64,
    /// Of `input_tokens`, those that a prompt cache answered, where the server tells.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached_input_tokens: u64,
    /// Answer tokens of the successful ones.
    pub output_tokens: u64,
    /// Refusals after which a slot of a closed loop waited as long as the server asked (`Retry-After`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retry_waits: u64,
    /// How long these slots waited in sum, ms: the load was lower by that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retry_wait_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl RequestCounts {
    /// All failures.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// The share of all finished requests that failed. None when none finished.
    #[must_use]
    pub fn failed_share(&self) -> Option<f64> {
        let finished = self.succeeded + self.failures();
        (finished > 0).then(|| self.failures() as f64 / finished as f64)
    }

    /// Mean prompt tokens of those that were counted. None when none was.
    #[must_use]
    pub fn mean_input_tokens(&self) -> Option<f64> {
        mean(self.input_tokens, self.succeeded.saturating_sub(self.input_uncounted))
    }

    /// Mean answer tokens of the successful ones. None when none succeeded.
    #[must_use]
    pub fn mean_output_tokens(&self) -> Option<f64> {
        mean(self.output_tokens, self.succeeded)
    }
}

fn mean(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}

/// Who counted the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenSource {
    /// The server's `usage`.
    ServerUsage,
    /// Content events were counted, since the server gave no `usage`: at most one token each is assumed.
    ContentEvents,
    /// Another tool counted, which does not say how.
    OtherTool,
}

/// What stands beside a result and limits what may be concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The load generator was the bottleneck: never ranked.
    ClientLimited,
    /// A hosted service refused requests for the limits of our key: the load was not the one asked for, and latencies and
    /// throughput are those of the limit. Never ranked.
    RateLimited,
    /// No steady state was found within the first half of the run.
    NotSteady,
    /// The intervals of some metrics are wider than was asked for.
    NotConverged,
    /// Answers were shorter or longer than asked for by more than 5 %.
    OutputLengthOff,
    /// Prompts were shorter or longer than asked for by more than 5 %.
    InputLengthOff,
    /// Some requests failed.
    SomeFailed,
    /// The hardware is what the spec says, not what was seen on the machine.
    HardwareUnverified,
    /// Some number was measured by another definition than ours, and whoever imported it let it stand for ours.
    OtherDefinition,
}

/// What a load generator can do on its host, as it was calibrated against a stub that answers at once, and how much
/// of it a run asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientCapacity {
    /// Most content events per second of its IO thread, each in a read of its own.
    pub most_events_per_s: f64,
    /// Most requests per second, with an answer of one event each.
    pub most_requests_per_s: f64,
    /// Reads per second during the run. A server may put several events into one.
    pub events_per_s: f64,
    /// Requests per second that ended during the run.
    pub requests_per_s: f64,
    /// The share of what it can do that both took together.
    pub used: f64,
}

/// Whether the load generator could be trusted during a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// Thresholds that were crossed, in words. Empty: the client was not the bottleneck.
    pub violations: Vec<String>,
    /// `t_send - t_sched`, ms: median.
    pub issue_lag_p50_ms: f64,
    /// 99th percentile.
    pub issue_lag_p99_ms: f64,
    /// Largest.
    pub issue_lag_max_ms: f64,
    /// How late the client's event loop woke up, ms: 99th percentile.
    pub loop_stall_p99_ms: f64,
    /// Largest.
    pub loop_stall_max_ms: f64,
    /// Processor time of the client's IO thread / wall time: 1.0 is a full core.
    pub io_thread_cpu: f64,
    /// Processor time of the whole client / wall time, in cores.
    pub client_cpu_cores: f64,
    /// What the client can do on its host and what was asked of it. None: it was not calibrated, or the window was
    /// too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<ClientCapacity>,
    /// Most sockets open at once.
    pub open_sockets: u32,
    /// Most sockets that the client's process may open. None: there is no limit, or nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket_limit: Option<u32>,
    /// Arrivals that were due and never sent.
    pub dropped_arrivals: u64,
    /// In an open loop, requests per second that were due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_rps: Option<f64>,
    /// In an open loop, requests per second that were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub achieved_rps: Option<f64>,
}

impl Certificate {
    /// Whether the client was the bottleneck, so that the run says nothing about the server.
    #[must_use]
    pub const fn is_client_limited(&self) -> bool {
        !self.violations.is_empty()
    }
}

/// Time charged to a result, in seconds. Of another tool's run at most the window is known; the rest is
/// [untold](crate::untold).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ChargedTime {
    /// This configuration's share of the engine's start.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub engine_start_s: f64,
    /// Warm-up, and the drain after the window.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub warm_up_s: f64,
    /// The measured window.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub window_s: f64,
    /// Work of earlier attempts at this trial that was lost.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub lost_s: f64,
}

impl ChargedTime {
    /// All of it, in hours.
    #[must_use]
    pub fn hours(&self) -> f64 {
        (self.engine_start_s + self.warm_up_s + self.window_s + self.lost_s) / 3600.0
    }
}

/// Weights that were fetched for a launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WeightsUsed {
    /// Where from, as the launch says it.
    pub address: String,
    /// The commit of the hub that the revision was at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// SHA-256 of the listing: paths, lengths and checksums of all files.
    pub content: String,
    /// Bytes that were fetched when the engine was started; 0 where all were there.
    pub fetched_bytes: u64,
    /// How long it took to ask for them, fetch them and check them, ms. It is part of the engine's start.
    pub fetch_ms: u64,
}

/// What the run ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// The engine's version as it reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// The command line the engine was started with; empty when it was attached to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub engine_command: Vec<String>,
    /// The weights, where we fetched them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<WeightsUsed>,
    /// Version of the runner; of an imported result the name and version of the tool.
    pub runner_version: String,
    /// Git revision of the runner, where it was built from a checkout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_revision: Option<String>,
    /// Digest of the container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// The processor's model name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// Logical processors; 0 where nobody told.
    #[serde(default)]
    pub cpu_count: u32,
    /// GPUs found, by product name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<String>,
    /// Version of the GPU driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_driver: Option<String>,
}

/// One trial's outcome and its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BenchmarkResult {
    /// [`RESULT_SCHEMA_VERSION`] when it was written.
    pub schema_version: u32,
    /// Unique: a second result with this id is the same result told twice.
    pub run_id: RunId,
    /// The campaign that asked for it.
    pub campaign: CampaignId,
    /// The batch it ran in.
    pub batch: BatchId,
    /// Which execution of the batch, from 1.
    pub attempt: u32,
    /// Which repetition of the configuration, from 1.
    pub trial: u32,
    /// What was measured.
    pub configuration: Configuration,
    /// Hash of `configuration`.
    pub config_id: ConfigId,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// When the window began.
    pub measured_at: DateTime<Utc>,
    /// Seed of the prompts, where it is known: of our own results it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The SLO that goodput and attainment refer to: the spec's, or the usual one of the use case.
    #[serde(default)]
    pub slo: RequestSlo,
    /// What the hardware was rented as on that day. Recommendations reckon with what it costs when they are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// What the tokens of a hosted model cost on that day. Recommendations reckon with what they cost when they are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_rate: Option<TokenRate>,
    /// All tokens that were paid for a hosted model: those of warm-up, calibration and lost work among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_sold: Option<TokensSold>,
    /// The numbers.
    pub metrics: Metrics,
    /// What its launch keeps of what the unquantised model says. None where nobody asked, or there was no reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<Fidelity>,
    /// How well the launch does tasks. None where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_accuracy: Option<TaskAccuracy>,
    /// Those of conversations, by turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_turn: Option<ByTurn>,
    /// Requests and tokens.
    pub counts: RequestCounts,
    /// Who counted the tokens.
    pub token_source: TokenSource,
    /// What limits the conclusion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Whether the client can be trusted. None where another tool was the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// What was paid for.
    pub charged: ChargedTime,
    /// What it ran on.
    pub environment: Environment,
    /// What GPUs and engine did in the window. None where nobody looked, as in imported results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<RunTelemetry>,
    /// Object key of the raw records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_records: Option<String>,
    /// Where it is from, when another tool measured it. None of results of our own runner, also of those that another
    /// store told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

impl BenchmarkResult {
    /// Whether it may be ranked: a run in which the client or its rate limit was the bottleneck says nothing about the
    /// server.
    #[must_use]
    pub fn is_rankable(&self) -> bool {
        !self.flags.iter().any(|flag| matches!(flag, Flag::ClientLimited | Flag::RateLimited))
    }

    /// Whether the hardware was seen, where there is any to see: of a server that was attached to, only the spec says what
    /// it runs on.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        !self.flags.contains(&Flag::HardwareUnverified)
    }
}
