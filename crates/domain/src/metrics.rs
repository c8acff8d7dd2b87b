//! A **metric** is a number about a run under one definition. The names and definitions are those of
//! docs/metrics.md; all latencies are in milliseconds.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::untold::{is_untold, told, untold};

/// Which number of a distribution is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// Arithmetic mean.
    Mean,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
}

impl Statistic {
    /// Every statistic that a query can name.
    pub const ALL: [Self; 5] = [Self::Mean, Self::P50, Self::P90, Self::P95, Self::P99];

    /// The name in queries: `p90`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    /// Samples needed before the value is a claim: the smallest `n` with
    /// `1 - p^n - n (1 - p) p^(n-1) >= 0.99`, so that with 99 % confidence at least two samples lie beyond
    /// the true percentile.
    #[must_use]
    pub const fn samples_needed(self) -> u64 {
        match self {
            Self::Mean => 2,
            Self::P50 => 11,
            Self::P90 => 64,
            Self::P95 => 130,
            Self::P99 => 662,
        }
    }
}

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A distribution of one metric over the requests (or gaps) of a run. Our own runner tells all of it; what another tool
/// did not tell is [untold](crate::untold).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// How many values there are; 0 where another tool did not tell. An empty distribution has no summary.
    pub count: u64,
    /// Mean.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub mean: f64,
    /// Standard deviation of the sample (n - 1); 0 with one value.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub std: f64,
    /// Smallest.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub min: f64,
    /// Largest.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub max: f64,
    /// Median.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub p50: f64,
    /// 90th percentile.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub p90: f64,
    /// 95th percentile.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub p95: f64,
    /// 99th percentile.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub p99: f64,
    /// 95 % confidence intervals, for the statistics that have one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ci95: BTreeMap<Statistic, Interval>,
    /// Statistics for which there are too few values to make a claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insufficient_samples: Vec<Statistic>,
}

impl Summary {
    /// The value of one statistic, where it was told.
    #[must_use]
    pub fn known(&self, statistic: Statistic) -> Option<f64> {
        told(self.get(statistic))
    }

    /// The value of one statistic; `NaN` where it was not told.
    #[must_use]
    pub const fn get(&self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::Mean => self.mean,
            Statistic::P50 => self.p50,
            Statistic::P90 => self.p90,
            Statistic::P95 => self.p95,
            Statistic::P99 => self.p99,
        }
    }
}

/// A number at spot and at on-demand price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AtPrice {
    /// At the spot price.
    pub spot: f64,
    /// At the on-demand price.
    pub on_demand: f64,
}

/// Percentiles of a latency over all finished requests, ms: one that failed is taken to wait for ever. Without a value
/// where so many failed that the percentile has no end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfAllRequests {
    /// Median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50: Option<f64>,
    /// 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90: Option<f64>,
    /// 95th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<f64>,
    /// 99th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99: Option<f64>,
}

impl OfAllRequests {
    /// The value of one statistic. A mean of all has no end.
    #[must_use]
    pub const fn get(&self, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::Mean => None,
            Statistic::P50 => self.p50,
            Statistic::P90 => self.p90,
            Statistic::P95 => self.p95,
            Statistic::P99 => self.p99,
        }
    }
}

/// Everything measured in one run. A field without a value was not measured, which is not zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    /// Time to first token, ms. Of our own results none lacks it, nor the end-to-end latency and both from the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft: Option<Summary>,
    /// Time to first output (non-reasoning) token, ms. Only for models that reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttfo: Option<Summary>,
    /// End-to-end latency, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e: Option<Summary>,
    /// Time per output token, ms. None when no answer was longer than its first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot: Option<Summary>,
    /// Gaps between consecutive content events, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub itl: Option<Summary>,
    /// Whether events carry more than one token, so that `itl` is not per token.
    pub itl_multi_token: bool,
    /// Percentiles over all finished requests, where some failed. The distributions beside it are of those that did not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub of_all: BTreeMap<MetricId, OfAllRequests>,
    /// `ttft` from the scheduled instant, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_sched: Option<Summary>,
    /// `e2e` from the scheduled instant, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e_sched: Option<Summary>,
    /// Tokens per second that one user sees: 1000 / tpot of each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tps_per_user: Option<Summary>,
    /// Output tokens of successful requests in the window, per second.
    pub output_tps: f64,
    /// 95 % confidence interval of `output_tps`. None where the window was too short to tell one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tps_ci95: Option<Interval>,
    /// Input and output tokens in the window, per second; of another tool's it may be [untold](crate::untold), as `rps`.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub total_tps: f64,
    /// Successful requests in the window, per second.
    #[serde(default = "untold", skip_serializing_if = "is_untold")]
    pub rps: f64,
    /// `output_tps` per GPU. None without a GPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tps_per_gpu: Option<f64>,
    /// Requests per second that met every stated SLO. None when no SLO was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodput: Option<f64>,
    /// Share of finished requests (errors included) that met every stated SLO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attainment: Option<f64>,
    /// USD per million output tokens of this measurement: engine start, warm-up and lost work charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_mtok: Option<AtPrice>,
    /// USD per million output tokens of steady serving at this load: price per hour / (`output_tps` x 3600)
    /// x 10^6. This is what deployments are compared by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving_cost_per_mtok: Option<AtPrice>,
    /// Joules per output token. None without power telemetry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_per_tok: Option<f64>,
}

/// The latency metrics, which are distributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetricId {
    /// Time to first token.
    Ttft,
    /// Time per output token.
    Tpot,
    /// Inter-token latency.
    Itl,
    /// End-to-end latency.
    E2e,
}

impl MetricId {
    /// Every latency metric.
    pub const ALL: [Self; 4] = [Self::Ttft, Self::Tpot, Self::Itl, Self::E2e];

    /// Those that a request has one value of.
    pub const OF_REQUESTS: [Self; 3] = [Self::Ttft, Self::Tpot, Self::E2e];

    /// The name in queries: `ttft`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ttft => "ttft",
            Self::Tpot => "tpot",
            Self::Itl => "itl",
            Self::E2e => "e2e",
        }
    }
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Metrics {
    /// The distribution of a latency metric, in ms.
    #[must_use]
    pub const fn latency(&self, metric: MetricId) -> Option<&Summary> {
        match metric {
            MetricId::Ttft => self.ttft.as_ref(),
            MetricId::Tpot => self.tpot.as_ref(),
            MetricId::Itl => self.itl.as_ref(),
            MetricId::E2e => self.e2e.as_ref(),
        }
    }
}
