//! A **catalogue entry** is one result as a list shows it.

use chrono::{DateTime, Utc};
use domain::metrics::AtPrice;
use domain::result::Flag;
use domain::{ConfigId, Configuration, HourlyPrice, MetricId, Provenance, RunId, Statistic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Filter, PriceKind, Snapshot};

/// One result. A number that was not measured is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogEntry {
    /// The configuration's id.
    pub config_id: ConfigId,
    /// What was measured.
    pub configuration: Configuration,
    /// The run that the numbers come from.
    pub run_id: RunId,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// When the window began.
    pub measured_at: DateTime<Utc>,
    /// What limits the conclusion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// USD per hour of the hardware config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<HourlyPrice>,
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
    /// USD per million output tokens in steady serving.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving_cost_per_mtok: Option<AtPrice>,
}

impl Snapshot {
    /// The results that match a filter, in the snapshot's order (by configuration id), from the `skip`th on and at
    /// most `limit`, with the number of all that match.
    #[must_use]
    pub fn entries(&self, filter: &Filter, skip: usize, limit: usize) -> (usize, Vec<CatalogEntry>) {
        let mut matching = 0;
        let mut page = Vec::new();
        for row in self.rows(filter) {
            if matching >= skip && page.len() < limit {
                page.extend(self.entry(row));
            }
            matching += 1;
        }
        (matching, page)
    }

    fn entry(&self, row: usize) -> Option<CatalogEntry> {
        let identity = self.identities().get(row)?;
        let latency = |metric, statistic| present(self.latency(row, metric, statistic));
        let spot = present(self.cost(row, PriceKind::Spot));
        let on_demand = present(self.cost(row, PriceKind::OnDemand));
        Some(CatalogEntry {
            config_id: identity.config_id.clone(),
            configuration: identity.configuration.clone(),
            run_id: identity.run_id.clone(),
            provenance: identity.provenance,
            measured_at: identity.measured_at,
            flags: identity.flags.clone(),
            price: identity.price,
            ttft_p50_ms: latency(MetricId::Ttft, Statistic::P50),
            ttft_p90_ms: latency(MetricId::Ttft, Statistic::P90),
            tpot_p50_ms: latency(MetricId::Tpot, Statistic::P50),
            tpot_p90_ms: latency(MetricId::Tpot, Statistic::P90),
            e2e_p90_ms: latency(MetricId::E2e, Statistic::P90),
            output_tps: present(self.output_tps(row)),
            serving_cost_per_mtok: spot.zip(on_demand).map(|(spot, on_demand)| AtPrice { spot, on_demand }),
        })
    }
}

/// `NaN` is how a column says that there is no value.
pub(crate) fn present(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}
