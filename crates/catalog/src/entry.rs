//! A **catalogue entry** is one result as a list shows it.

use chrono::{DateTime, Utc};
use domain::metrics::{AtPrice, Interval};
use domain::result::Flag;
use domain::{ConfigId, Configuration, MetricId, Provenance, Rent, RunId, Statistic, TokenRate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Column, PriceKind, Snapshot};

/// One result. A number that was not measured is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogEntry {
    /// The configuration's id.
    pub config_id: ConfigId,
    /// What was measured.
    pub configuration: Configuration,
    /// Its traffic in words: `chatbot 512>128 c16`.
    pub traffic: String,
    /// The run that the numbers come from.
    pub run_id: RunId,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// The version of the engine that answered, as it told it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// When the window began.
    pub measured_at: DateTime<Utc>,
    /// What limits the conclusion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// What the hardware is rented as, and where that price is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// What the tokens of a hosted model cost, and where that price is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_rate: Option<TokenRate>,
    /// Time to first token, ms, median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_p50_ms: Option<f64>,
    /// 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_p90_ms: Option<f64>,
    /// Time per output token, ms, median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot_p50_ms: Option<f64>,
    /// 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot_p90_ms: Option<f64>,
    /// End-to-end latency, ms, 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e_p90_ms: Option<f64>,
    /// Output tokens per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tps: Option<f64>,
    /// Its 95 % confidence interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tps_ci95: Option<Interval>,
    /// Requests per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rps: Option<f64>,
    /// USD per million output tokens in steady serving, of a machine that is full of such servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving_cost_per_mtok: Option<AtPrice>,
    /// The share of finished requests that failed, 0 to 1; latencies are those of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_share: Option<f64>,
    /// The share of the unquantised model's tokens that come before the first that differs, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<f64>,
    /// The mean share of questions that were answered well over all tasks, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_accuracy: Option<f64>,
    /// Which questions these were, as a hash: others are not compared with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<String>,
    /// Most memory in use on any one GPU, GiB: what was taken, and not what was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_memory_gib: Option<f64>,
}

impl Snapshot {
    /// A result by its row.
    pub(crate) fn entry(&self, row: usize) -> Option<CatalogEntry> {
        let latency = |metric, statistic| self.present(row, Column::Latency(metric, statistic));
        let (low, high) = (self.present(row, Column::OutputTpsLow), self.present(row, Column::OutputTpsHigh));
        let spot = self.present(row, Column::ServingCost(PriceKind::Spot));
        let on_demand = self.present(row, Column::ServingCost(PriceKind::OnDemand));
        let workload = self.workload(row)?;
        Some(CatalogEntry {
            traffic: format!("{} {}", workload.use_case, workload.label()),
            config_id: self.rows.config_ids.get(row)?.clone(),
            configuration: self.configuration(row)?,
            run_id: self.rows.run_ids.get(row)?.clone(),
            provenance: self.provenance(row)?,
            engine_version: self.engine_version(row).cloned(),
            measured_at: self.measured_at(row)?,
            flags: self.caveats(row)?.flags.clone(),
            rent: self.rents.get(row).cloned(),
            token_rate: self.token_rates.get(&self.rows, row),
            ttft_p50_ms: latency(MetricId::Ttft, Statistic::P50),
            ttft_p90_ms: latency(MetricId::Ttft, Statistic::P90),
            tpot_p50_ms: latency(MetricId::Tpot, Statistic::P50),
            tpot_p90_ms: latency(MetricId::Tpot, Statistic::P90),
            e2e_p90_ms: latency(MetricId::E2e, Statistic::P90),
            output_tps: self.present(row, Column::OutputTps),
            output_tps_ci95: low.zip(high).map(|(low, high)| Interval { low, high }),
            rps: self.present(row, Column::Rps),
            serving_cost_per_mtok: spot.zip(on_demand).map(|(spot, on_demand)| AtPrice { spot, on_demand }),
            failed_share: self.present(row, Column::FailedShare),
            fidelity: self.present(row, Column::Fidelity),
            task_accuracy: self.present(row, Column::TaskAccuracy),
            questions: self.caveats(row)?.questions.clone(),
            gpu_memory_gib: self.present(row, Column::GpuMemory),
        })
    }
}
