//! A **column** is one number of every result: what the catalogue is filtered by in ranges, sorted by and compared by.

use crate::price::PriceKind;
use crate::run_telemetry::RunTelemetry;
use crate::task_accuracy::TaskAccuracy;
use crate::{BenchmarkResult, MetricId, Statistic, TokenPrice};

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
    /// The share of finished requests that failed, 0 to 1.
    FailedShare,
    /// A percentile of a latency over all finished requests, ms: one that failed waits for ever. None where none failed,
    /// since it is [`Column::Latency`] then.
    OfAll(MetricId, Statistic),
    /// The share of finished requests, those that failed included, that met every bound of [`Column::SloMax`].
    Attainment,
    /// What each request had to meet to count as good, ms.
    SloMax(MetricId),
    /// USD per hour of the hardware config where the spec stated it; none where it was that of a price list.
    StatedUsdPerHour(PriceKind),
    /// Prompt tokens for each answer token.
    InputPerOutput,
    /// Of these, those that a prompt cache answered.
    CachedInputPerOutput,
    /// USD per million tokens of a hosted model where the spec stated it; none where it was that of the provider's list.
    StatedUsdPerMtok(TokenKind),
    /// The share of the unquantised model's tokens that come before the first that differs, 0 to 1.
    Fidelity,
    /// The mean share of questions that were answered well over all tasks, 0 to 1. Comparable where the questions are the
    /// same ([`crate::latest::Caveats::questions`]).
    TaskAccuracy,
    /// Most memory in use on any one GPU in the window, GiB.
    GpuMemory,
    /// USD per million output tokens in steady serving, of a machine that is full of such servers. Not of the result: it
    /// follows from what the hardware costs when the catalogue is read.
    ServingCost(PriceKind),
    /// USD per hour of the machine that one server is rented as. Not of the result, as the one before.
    UsdPerHour(PriceKind),
}

/// Tokens that have a price of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Of a prompt.
    Input,
    /// Of a prompt, answered by a prompt cache.
    CachedInput,
    /// Of an answer.
    Output,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Input, Self::CachedInput, Self::Output];

    const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CachedInput => "cached_input",
            Self::Output => "output",
        }
    }

    const fn of(self, price: &TokenPrice) -> Option<f64> {
        match self {
            Self::Input => Some(price.input),
            Self::CachedInput => price.cached_input,
            Self::Output => Some(price.output),
        }
    }
}

/// A name that is no column.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no number of the catalogue: choose output_tps, rps, failed_share, fidelity, task_accuracy, gpu_memory_gib, serving_cost_per_mtok_spot, usd_per_hour_spot (or on_demand), or metric_statistic_ms such as ttft_p90_ms (metrics ttft, tpot, itl, e2e; statistics mean, p50, p90, p95, p99)"
)]
pub struct UnknownColumn(pub String);

const LATENCIES: usize = MetricId::ALL.len() * Statistic::ALL.len();
const PERCENTILES: [Statistic; 4] = [Statistic::P50, Statistic::P90, Statistic::P95, Statistic::P99];
const PRICES: [PriceKind; 2] = [PriceKind::Spot, PriceKind::OnDemand];

/// Bytes of a GiB.
const GIB: f64 = (1_u64 << 30) as f64;

/// The place of what no result has.
const NOWHERE: usize = usize::MAX;

/// The place among [`MetricId::OF_REQUESTS`].
const fn of_requests(metric: MetricId) -> Option<usize> {
    match metric {
        MetricId::Ttft => Some(0),
        MetricId::Tpot => Some(1),
        MetricId::E2e => Some(2),
        MetricId::Itl => None,
    }
}

/// The place among [`PERCENTILES`].
const fn percentile(statistic: Statistic) -> Option<usize> {
    match statistic {
        Statistic::Mean => None,
        Statistic::P50 => Some(0),
        Statistic::P90 => Some(1),
        Statistic::P95 => Some(2),
        Statistic::P99 => Some(3),
    }
}

impl Column {
    /// Every column, in the order of [`Column::index`].
    pub fn all() -> impl Iterator<Item = Self> {
        let latency =
            |metric| Statistic::ALL.into_iter().map(move |statistic| Self::Latency(metric, statistic));
        let of_all = |metric| PERCENTILES.into_iter().map(move |percentile| Self::OfAll(metric, percentile));
        MetricId::ALL
            .into_iter()
            .flat_map(latency)
            .chain(MetricId::ALL.into_iter().flat_map(|metric| [Self::P90Low(metric), Self::P90High(metric)]))
            .chain([Self::OutputTps, Self::OutputTpsLow, Self::OutputTpsHigh, Self::Rps])
            .chain([Self::FailedShare, Self::Attainment])
            .chain(MetricId::OF_REQUESTS.map(Self::SloMax))
            .chain(MetricId::OF_REQUESTS.into_iter().flat_map(of_all))
            .chain(PRICES.map(Self::StatedUsdPerHour))
            .chain([Self::InputPerOutput, Self::CachedInputPerOutput])
            .chain(TokenKind::ALL.map(Self::StatedUsdPerMtok))
            .chain([Self::Fidelity, Self::TaskAccuracy, Self::GpuMemory])
            .chain(PRICES.map(Self::ServingCost))
            .chain(PRICES.map(Self::UsdPerHour))
    }

    /// Those that are kept with a result: all but the last ones, which follow from prices of another day.
    pub fn stored() -> impl Iterator<Item = Self> {
        Self::all().take_while(|column| !matches!(column, Self::ServingCost(_)))
    }

    /// Its place among all columns; beyond all of them where there is no such column.
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
            Self::FailedShare => REST + 4,
            Self::Attainment => REST + 5,
            Self::SloMax(metric) => match of_requests(metric) {
                Some(metric) => REST + 6 + metric,
                None => NOWHERE,
            },
            Self::OfAll(metric, statistic) => match (of_requests(metric), percentile(statistic)) {
                (Some(metric), Some(percentile)) => REST + 9 + metric * PERCENTILES.len() + percentile,
                _ => NOWHERE,
            },
            Self::StatedUsdPerHour(price) => REST + 21 + price as usize,
            Self::InputPerOutput => REST + 23,
            Self::CachedInputPerOutput => REST + 24,
            Self::StatedUsdPerMtok(kind) => REST + 25 + kind as usize,
            Self::Fidelity => REST + 28,
            Self::TaskAccuracy => REST + 29,
            Self::GpuMemory => REST + 30,
            Self::ServingCost(price) => REST + 31 + price as usize,
            Self::UsdPerHour(price) => REST + 33 + price as usize,
        }
    }

    /// The number of a result; `NaN` when it has none. What is not finite is no measurement.
    #[must_use]
    pub fn of(self, result: &BenchmarkResult) -> f64 {
        let metrics = &result.metrics;
        let interval = |metric| metrics.latency(metric).and_then(|s| s.ci95.get(&Statistic::P90));
        // Prompts that nobody counted are not of no tokens.
        let counted = result.counts.input_uncounted == 0 && result.counts.output_tokens > 0;
        let per_output = |tokens: u64| counted.then(|| tokens as f64 / result.counts.output_tokens as f64);
        let value = match self {
            Self::Latency(metric, statistic) => metrics.latency(metric).map(|s| s.get(statistic)),
            Self::P90Low(metric) => interval(metric).map(|i| i.low),
            Self::P90High(metric) => interval(metric).map(|i| i.high),
            Self::OutputTps => Some(metrics.output_tps),
            Self::OutputTpsLow => metrics.output_tps_ci95.map(|i| i.low),
            Self::OutputTpsHigh => metrics.output_tps_ci95.map(|i| i.high),
            Self::Rps => Some(metrics.rps),
            Self::FailedShare => result.counts.failed_share(),
            Self::OfAll(metric, statistic) => metrics.of_all.get(&metric).and_then(|all| all.get(statistic)),
            Self::Attainment => metrics.attainment,
            Self::SloMax(metric) => result.slo.max_ms(metric),
            Self::StatedUsdPerHour(kind) => {
                result.rent.as_ref().filter(|rent| rent.is_stated()).map(|rent| rent.at(kind).usd_per_hour)
            }
            Self::InputPerOutput => per_output(result.counts.input_tokens),
            Self::CachedInputPerOutput => per_output(result.counts.cached_input_tokens),
            Self::StatedUsdPerMtok(kind) => {
                let stated = result.token_rate.as_ref().filter(|rate| rate.listed.is_none());
                stated.and_then(|rate| kind.of(&rate.usd_per_mtok))
            }
            Self::Fidelity => result.fidelity.map(|fidelity| fidelity.agreement.until_divergence),
            Self::TaskAccuracy => result.task_accuracy.as_ref().and_then(TaskAccuracy::mean),
            Self::GpuMemory => {
                let bytes = result.telemetry.as_ref().and_then(RunTelemetry::memory_max_bytes);
                bytes.map(|bytes| bytes as f64 / GIB)
            }
            Self::ServingCost(_) | Self::UsdPerHour(_) => None,
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
            Self::OfAll(metric, statistic) => write!(f, "{metric}_{}_of_all_ms", statistic.name()),
            Self::Attainment => f.write_str("attainment"),
            Self::SloMax(metric) => write!(f, "slo_{metric}_ms"),
            Self::StatedUsdPerHour(kind) => write!(f, "stated_usd_per_hour_{}", price(kind)),
            Self::InputPerOutput => f.write_str("input_per_output"),
            Self::CachedInputPerOutput => f.write_str("cached_input_per_output"),
            Self::StatedUsdPerMtok(kind) => write!(f, "stated_usd_per_mtok_{}", kind.name()),
            Self::Fidelity => f.write_str("fidelity"),
            Self::TaskAccuracy => f.write_str("task_accuracy"),
            Self::GpuMemory => f.write_str("gpu_memory_gib"),
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
        let nowhere = [
            Column::OfAll(MetricId::Itl, Statistic::P90),
            Column::OfAll(MetricId::Ttft, Statistic::Mean),
            Column::SloMax(MetricId::Itl),
        ];
        assert!(nowhere.iter().all(|column| column.index() >= all.len()));
        assert!("ttft_p91_ms".parse::<Column>().is_err());
        assert_eq!(Column::stored().count() + 4, all.len());
    }
}
