//! A **snapshot** holds one result per configuration and provenance, as columns: what is compared is next to each
//! other in memory.
//!
//! Of several results of one configuration the latest that may be ranked is kept, and the latest of all where none
//! may: a run in which the load generator was the bottleneck says nothing and does not hide an earlier one that does.
//! Results of different provenance never replace each other.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::result::Flag;
use domain::{
    BenchmarkResult, ConfigId, Configuration, HourlyPrice, MetricId, Provenance, RunId, Statistic, Summary,
};

use crate::{PriceKind, Shape};

/// The latest result of every configuration. A missing number is `NaN` inside and `None` outside.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Who and where, row by row.
    identities: Vec<Identity>,
    /// One column for each metric and statistic, at [`latency_column`].
    latencies: Vec<Vec<f64>>,
    output_tps: Vec<f64>,
    cost_spot: Vec<f64>,
    cost_on_demand: Vec<f64>,
}

/// The part of a result that is not compared as a number.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub run_id: RunId,
    pub config_id: ConfigId,
    pub configuration: Configuration,
    pub provenance: Provenance,
    pub measured_at: DateTime<Utc>,
    pub flags: Vec<Flag>,
    pub rankable: bool,
    pub price: Option<HourlyPrice>,
    /// 90th percentiles that too few requests stand behind.
    pub insufficient_p90: Vec<MetricId>,
}

/// What decides which of two results of a configuration is kept: the greater one.
type Precedence<'a> = (bool, DateTime<Utc>, &'a RunId);

fn precedence(result: &BenchmarkResult) -> Precedence<'_> {
    (result.is_rankable(), result.measured_at, &result.run_id)
}

impl Snapshot {
    /// A snapshot of results in any order.
    #[must_use]
    pub fn from_results(results: impl IntoIterator<Item = BenchmarkResult>) -> Self {
        let mut latest: HashMap<(ConfigId, Provenance), BenchmarkResult> = HashMap::new();
        for result in results {
            let key = (result.config_id.clone(), result.provenance);
            match latest.get_mut(&key) {
                Some(kept) if precedence(kept) >= precedence(&result) => {}
                Some(kept) => *kept = result,
                None => {
                    latest.insert(key, result);
                }
            }
        }
        let mut rows: Vec<BenchmarkResult> = latest.into_values().collect();
        // An order of its own, so that equal scores are listed the same way every time.
        rows.sort_unstable_by(|a, b| (&a.config_id, a.provenance).cmp(&(&b.config_id, b.provenance)));
        let mut snapshot = Self { latencies: vec![Vec::new(); LATENCY_COLUMNS], ..Self::default() };
        for row in rows {
            snapshot.push(row);
        }
        snapshot
    }

    fn push(&mut self, result: BenchmarkResult) {
        let metrics = &result.metrics;
        for metric in MetricId::ALL {
            for statistic in Statistic::ALL {
                let value = metrics.latency(metric).map(|summary| summary.get(statistic));
                if let Some(column) = self.latencies.get_mut(latency_column(metric, statistic)) {
                    column.push(finite(value));
                }
            }
        }
        self.output_tps.push(finite(Some(metrics.output_tps)));
        let cost = metrics.serving_cost_per_mtok;
        self.cost_spot.push(finite(cost.map(|c| c.spot)));
        self.cost_on_demand.push(finite(cost.map(|c| c.on_demand)));
        let few = |metric: &MetricId| {
            metrics
                .latency(*metric)
                .is_some_and(|s: &Summary| s.insufficient_samples.contains(&Statistic::P90))
        };
        let insufficient_p90 = MetricId::ALL.into_iter().filter(few).collect();
        self.identities.push(Identity {
            rankable: result.is_rankable(),
            insufficient_p90,
            run_id: result.run_id,
            config_id: result.config_id,
            configuration: result.configuration,
            provenance: result.provenance,
            measured_at: result.measured_at,
            flags: result.flags,
            price: result.price,
        });
    }

    /// Number of results.
    #[must_use]
    pub fn len(&self) -> usize {
        self.identities.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// Results by provenance; one that has none is not listed.
    #[must_use]
    pub fn by_provenance(&self) -> BTreeMap<Provenance, usize> {
        let mut counts = BTreeMap::new();
        for identity in &self.identities {
            *counts.entry(identity.provenance).or_default() += 1;
        }
        counts
    }

    pub(crate) fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// A latency of a row in ms; `NaN` when it was not measured.
    pub(crate) fn latency(&self, row: usize, metric: MetricId, statistic: Statistic) -> f64 {
        value(self.latencies.get(latency_column(metric, statistic)), row)
    }

    /// Output tokens per second of a row.
    pub(crate) fn output_tps(&self, row: usize) -> f64 {
        value(Some(&self.output_tps), row)
    }

    /// USD per million output tokens of a row in steady serving; `NaN` without a price.
    pub(crate) fn cost(&self, row: usize, price: PriceKind) -> f64 {
        let column = match price {
            PriceKind::Spot => &self.cost_spot,
            PriceKind::OnDemand => &self.cost_on_demand,
        };
        value(Some(column), row)
    }
}

impl Identity {
    /// The workload's lengths.
    pub(crate) const fn shape(&self) -> Shape {
        let workload = &self.configuration.workload;
        Shape { input_tokens: workload.input_tokens, output_tokens: workload.output_tokens }
    }

    /// USD per hour of the hardware config.
    pub(crate) fn usd_per_hour(&self, kind: PriceKind) -> Option<f64> {
        self.price.map(|price| match kind {
            PriceKind::Spot => price.spot,
            PriceKind::OnDemand => price.on_demand,
        })
    }
}

const LATENCY_COLUMNS: usize = MetricId::ALL.len() * Statistic::ALL.len();

/// Where the column of a metric's statistic is.
const fn latency_column(metric: MetricId, statistic: Statistic) -> usize {
    let metric = match metric {
        MetricId::Ttft => 0,
        MetricId::Tpot => 1,
        MetricId::Itl => 2,
        MetricId::E2e => 3,
    };
    let statistic = match statistic {
        Statistic::Mean => 0,
        Statistic::P50 => 1,
        Statistic::P90 => 2,
        Statistic::P95 => 3,
        Statistic::P99 => 4,
    };
    metric * Statistic::ALL.len() + statistic
}

/// A number that is not finite is no measurement.
fn finite(value: Option<f64>) -> f64 {
    value.filter(|v| v.is_finite()).unwrap_or(f64::NAN)
}

fn value(column: Option<&Vec<f64>>, row: usize) -> f64 {
    column.and_then(|c| c.get(row)).copied().unwrap_or(f64::NAN)
}
