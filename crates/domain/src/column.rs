//! A **column** is one number of every result: what the catalogue is filtered by in ranges, sorted by and compared by.

use crate::price::PriceKind;
use crate::{BenchmarkResult, MetricId, Statistic};

/// The numbers that a snapshot keeps of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// A latency, ms.
    Latency(MetricId, Statistic),
    /// Lower end of the 95 % confidence interval of a 90th percentile, ms.
    P90Low(MetricId),
    /// Its upper end.
    P90High(MetricId),
    /// Output tokens per second.
    OutputTps,
    /// Lower end of its 95 % confidence interval.
    OutputTpsLow,
    /// Its upper end.
    OutputTpsHigh,
    /// Requests per second.
    Rps,
    /// USD per million output tokens in steady serving.
    ServingCost(PriceKind),
    /// USD per hour of the hardware config.
    UsdPerHour(PriceKind),
    /// The share of finished requests that failed, 0 to 1.
    FailedShare,
}

/// A name that is no column.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no number of the catalogue: choose output_tps, rps, failed_share, serving_cost_per_mtok_spot, usd_per_hour_spot (or on_demand), or metric_statistic_ms such as ttft_p90_ms (metrics ttft, tpot, itl, e2e; statistics mean, p50, p90, p95, p99)"
)]
pub struct UnknownColumn(pub String);

const LATENCIES: usize = MetricId::ALL.len() * Statistic::ALL.len();
const PRICES: [PriceKind; 2] = [PriceKind::Spot, PriceKind::OnDemand];

impl Column {
    /// Every column, in the order of [`Column::index`].
    pub fn all() -> impl Iterator<Item = Self> {
        let latency =
            |metric| Statistic::ALL.into_iter().map(move |statistic| Self::Latency(metric, statistic));
        MetricId::ALL
            .into_iter()
            .flat_map(latency)
            .chain(MetricId::ALL.into_iter().flat_map(|metric| [Self::P90Low(metric), Self::P90High(metric)]))
            .chain([Self::OutputTps, Self::OutputTpsLow, Self::OutputTpsHigh, Self::Rps])
            .chain(PRICES.map(Self::ServingCost))
            .chain(PRICES.map(Self::UsdPerHour))
            .chain([Self::FailedShare])
    }

    /// Its place among all columns.
    #[must_use]
    pub const fn index(self) -> usize {
        const INTERVALS: usize = LATENCIES;
        const REST: usize = INTERVALS + 2 * MetricId::ALL.len();
        match self {
            Self::Latency(metric, statistic) => metric as usize * Statistic::ALL.len() + statistic as usize,
            Self::P90Low(metric) => INTERVALS + 2 * metric as usize,
            Self::P90High(metric) => INTERVALS + 2 * metric as usize + 1,
            Self::OutputTps => REST,
            Self::OutputTpsLow => REST + 1,
            Self::OutputTpsHigh => REST + 2,
            Self::Rps => REST + 3,
            Self::ServingCost(price) => REST + 4 + price as usize,
            Self::UsdPerHour(price) => REST + 6 + price as usize,
            Self::FailedShare => REST + 8,
        }
    }

    /// The number of a result; `NaN` when it has none. What is not finite is no measurement.
    #[must_use]
    pub fn of(self, result: &BenchmarkResult) -> f64 {
        let metrics = &result.metrics;
        let interval = |metric| metrics.latency(metric).and_then(|s| s.ci95.get(&Statistic::P90));
        let value = match self {
            Self::Latency(metric, statistic) => metrics.latency(metric).map(|s| s.get(statistic)),
            Self::P90Low(metric) => interval(metric).map(|i| i.low),
            Self::P90High(metric) => interval(metric).map(|i| i.high),
            Self::OutputTps => Some(metrics.output_tps),
            Self::OutputTpsLow => metrics.output_tps_ci95.map(|i| i.low),
            Self::OutputTpsHigh => metrics.output_tps_ci95.map(|i| i.high),
            Self::Rps => Some(metrics.rps),
            Self::ServingCost(PriceKind::Spot) => metrics.serving_cost_per_mtok.map(|c| c.spot),
            Self::ServingCost(PriceKind::OnDemand) => metrics.serving_cost_per_mtok.map(|c| c.on_demand),
            Self::UsdPerHour(kind) => result.price.map(|price| kind.of(price)),
            Self::FailedShare => result.counts.failed_share(),
        };
        value.filter(|v| v.is_finite()).unwrap_or(f64::NAN)
    }
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let price = |price: &PriceKind| match price {
            PriceKind::Spot => "spot",
            PriceKind::OnDemand => "on_demand",
        };
        match self {
            Self::Latency(metric, statistic) => write!(f, "{metric}_{}_ms", statistic.name()),
            Self::P90Low(metric) => write!(f, "{metric}_p90_low_ms"),
            Self::P90High(metric) => write!(f, "{metric}_p90_high_ms"),
            Self::OutputTps => f.write_str("output_tps"),
            Self::OutputTpsLow => f.write_str("output_tps_low"),
            Self::OutputTpsHigh => f.write_str("output_tps_high"),
            Self::Rps => f.write_str("rps"),
            Self::ServingCost(kind) => write!(f, "serving_cost_per_mtok_{}", price(kind)),
            Self::UsdPerHour(kind) => write!(f, "usd_per_hour_{}", price(kind)),
            Self::FailedShare => f.write_str("failed_share"),
        }
    }
}

impl std::str::FromStr for Column {
    type Err = UnknownColumn;
    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        Self::all().find(|c| c.to_string() == text).ok_or_else(|| UnknownColumn(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_place_and_its_name() {
        let all: Vec<Column> = Column::all().collect();
        for (at, column) in all.iter().enumerate() {
            assert_eq!(column.index(), at);
            assert_eq!(column.to_string().parse(), Ok(*column));
        }
        assert!("ttft_p91_ms".parse::<Column>().is_err());
    }
}
