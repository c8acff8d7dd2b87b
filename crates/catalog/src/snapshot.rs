//! A **snapshot** holds one result per configuration and provenance, as columns: what is compared is next to each
//! other in memory.
//!
//! Of several results of one configuration the latest that may be ranked is kept, and the latest of all where none
//! may: a run in which the load generator was the bottleneck says nothing and does not hide an earlier one that does.
//! Nor does a run on hardware that nobody saw hide one on hardware that was seen.
//! Results of different provenance never replace each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow_buffer::ScalarBuffer;
use chrono::{DateTime, Utc};
use domain::latest::{Caveats, LatestColumns};
use domain::{
    BenchmarkResult, ConfigId, Configuration, Provenance, RunId, Serving, Shape, UseCase, Workload,
};

use crate::Column;
use crate::axis::Axes;
use crate::dictionary::Dictionary;
use crate::rents::Rents;
use crate::token_rates::TokenRates;

/// The latest result of every configuration. A missing number is `NaN` inside and `None` outside.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub(crate) rows: Rows,
    /// What each launch, workload and provenance is called on every axis.
    pub(crate) axes: Axes,
    /// What the hardware of each row costs.
    pub(crate) rents: Rents,
    /// What the tokens of hosted models cost.
    pub(crate) token_rates: TokenRates,
}

/// What a snapshot is made of, and what is stored of it. All columns are of one length.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) config_ids: Vec<ConfigId>,
    pub(crate) run_ids: Vec<RunId>,
    /// Microseconds since 1970.
    pub(crate) measured_at: Vec<i64>,
    pub(crate) provenance: Dictionary<Provenance>,
    pub(crate) servings: Dictionary<Serving>,
    pub(crate) workloads: Dictionary<Workload>,
    pub(crate) engine_versions: Dictionary<Option<String>>,
    pub(crate) caveats: Dictionary<Caveats>,
    /// One for each [`Column`], at its index. Those that are not stored follow from the others and the rents.
    pub(crate) numbers: Vec<ScalarBuffer<f64>>,
}

impl Rows {
    /// The codes of every row, in the order of [`crate::axis::Part`].
    pub(crate) fn codes(&self) -> impl Iterator<Item = [usize; 4]> + '_ {
        let codes = self.servings.codes().iter().zip(self.workloads.codes()).zip(self.provenance.codes());
        codes.zip(self.engine_versions.codes()).map(|(((&launch, &workload), &provenance), &version)| {
            [launch, workload, provenance, version].map(|code| code as usize)
        })
    }
}

/// What decides which of two results of a configuration is kept: the greater one.
type Precedence<'a> = (bool, bool, DateTime<Utc>, &'a RunId);

fn precedence(result: &BenchmarkResult) -> Precedence<'_> {
    (result.is_rankable(), result.is_verified(), result.measured_at, &result.run_id)
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
        let mut results: Vec<BenchmarkResult> = latest.into_values().collect();
        // An order of its own, so that equal scores are listed the same way every time.
        results.sort_unstable_by(|a, b| (&a.config_id, a.provenance).cmp(&(&b.config_id, b.provenance)));
        Self::from_columns(LatestColumns::from_results(&results))
    }

    /// A snapshot of the latest result of each configuration and provenance, in the order of both.
    #[must_use]
    pub fn from_columns(latest: LatestColumns) -> Self {
        Self::of(Rows {
            numbers: latest.numbers.into_iter().map(Into::into).collect(),
            provenance: latest.provenance.into(),
            engine_versions: latest.engine_versions.into(),
            caveats: latest.caveats.into(),
            measured_at: latest.measured_at,
            config_ids: latest.config_ids,
            run_ids: latest.run_ids,
            servings: latest.servings.into(),
            workloads: latest.workloads.into(),
        })
    }

    /// A snapshot of rows with the columns that are stored.
    pub(crate) fn of(mut rows: Rows) -> Self {
        let axes = Axes::of(&rows);
        let rents = Rents::of(&rows);
        let output_tps = rows.numbers.get(Column::OutputTps.index());
        let mut columns = rents.columns(output_tps.map_or(&[], |values| values));
        let token_rates = TokenRates::of(&rows);
        let [spot, on_demand, ..] = &mut columns;
        for (row, cost) in token_rates.serving_costs(&rows) {
            // Tokens have one price.
            (spot[row], on_demand[row]) = (cost, cost);
        }
        rows.numbers.extend(columns.map(ScalarBuffer::from));
        Self { rows, axes, rents, token_rates }
    }

    /// Number of results.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.config_ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.config_ids.is_empty()
    }

    /// Results by provenance; one that has none is not listed.
    #[must_use]
    pub fn by_provenance(&self) -> BTreeMap<Provenance, usize> {
        let mut counts = BTreeMap::new();
        for row in 0..self.len() {
            if let Some(provenance) = self.provenance(row) {
                *counts.entry(provenance).or_default() += 1;
            }
        }
        counts
    }

    /// What can be asked: each use case, shape and provenance that there is a result of.
    #[must_use]
    pub fn questions(&self) -> BTreeSet<(UseCase, Shape, Provenance)> {
        let question = |row| {
            let workload = self.workload(row)?;
            Some((workload.use_case, workload.shape(), self.provenance(row)?))
        };
        (0..self.len()).filter_map(question).collect()
    }

    /// All values of a column, row by row.
    pub(crate) fn column(&self, column: Column) -> &[f64] {
        self.rows.numbers.get(column.index()).map_or(&[], |values| values)
    }

    /// A number of a row; `NaN` when it has none.
    pub(crate) fn number(&self, row: usize, column: Column) -> f64 {
        self.column(column).get(row).copied().unwrap_or(f64::NAN)
    }

    /// A number of a row, if it has one.
    pub(crate) fn present(&self, row: usize, column: Column) -> Option<f64> {
        Some(self.number(row, column)).filter(|value| !value.is_nan())
    }

    pub(crate) fn provenance(&self, row: usize) -> Option<Provenance> {
        self.rows.provenance.get(row).copied()
    }

    pub(crate) fn workload(&self, row: usize) -> Option<&Workload> {
        self.rows.workloads.get(row)
    }

    pub(crate) fn engine_version(&self, row: usize) -> Option<&String> {
        self.rows.engine_versions.get(row)?.as_ref()
    }

    pub(crate) fn caveats(&self, row: usize) -> Option<&Caveats> {
        self.rows.caveats.get(row)
    }

    pub(crate) fn configuration(&self, row: usize) -> Option<Configuration> {
        let serving = self.rows.servings.get(row)?.clone();
        Some(Configuration { serving, workload: self.workload(row)?.clone() })
    }

    pub(crate) fn measured_at(&self, row: usize) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(*self.rows.measured_at.get(row)?)
    }
}
