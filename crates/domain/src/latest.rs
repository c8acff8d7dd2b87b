//! The **latest** results of all configurations as columns: what a catalogue is made of, without the documents that
//! stand behind it.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::result::Flag;
use crate::{BenchmarkResult, Column, ConfigId, MetricId, Provenance, RunId, Serving, Statistic, Workload};

/// What limits what may be concluded from a result.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Caveats {
    /// Whether it may be ranked.
    pub rankable: bool,
    /// What was flagged.
    pub flags: Vec<Flag>,
    /// 90th percentiles that too few requests stand behind.
    pub insufficient_p90: Vec<MetricId>,
    /// Which questions its task accuracy is of, as a hash: it is compared with that of the same alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<String>,
}

impl Caveats {
    /// Those of a result.
    #[must_use]
    pub fn of(result: &BenchmarkResult) -> Self {
        let few = |metric: &MetricId| {
            let summary = result.metrics.latency(*metric);
            summary.is_some_and(|s| s.insufficient_samples.contains(&Statistic::P90))
        };
        Self {
            rankable: result.is_rankable(),
            flags: result.flags.clone(),
            insufficient_p90: MetricId::ALL.into_iter().filter(few).collect(),
            questions: result.task_accuracy.as_ref().map(|accuracy| accuracy.questions.clone()),
        }
    }
}

/// Each distinct value of a column once, and a code for every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Coded<T> {
    /// The values.
    pub values: Vec<T>,
    /// For each row the place of its value.
    pub codes: Vec<u32>,
}

impl<T> Default for Coded<T> {
    fn default() -> Self {
        Self { values: Vec::new(), codes: Vec::new() }
    }
}

impl<T: Hash + Eq + Clone> FromIterator<T> for Coded<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        let mut known: HashMap<T, u32> = HashMap::new();
        let mut coded = Self::default();
        for value in rows {
            let next = known.len() as u32;
            let code = *known.entry(value).or_insert_with_key(|value| {
                coded.values.push(value.clone());
                next
            });
            coded.codes.push(code);
        }
        coded
    }
}

/// The latest results, ordered by configuration id and provenance. All columns are of one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LatestColumns {
    /// The configurations.
    pub config_ids: Vec<ConfigId>,
    /// The runs.
    pub run_ids: Vec<RunId>,
    /// When each was measured, in microseconds since 1970.
    pub measured_at: Vec<i64>,
    /// Where the numbers come from.
    pub provenance: Coded<Provenance>,
    /// What was run.
    pub servings: Coded<Serving>,
    /// The traffic it got.
    pub workloads: Coded<Workload>,
    /// The version of the engine that answered, as it told it itself.
    pub engine_versions: Coded<Option<String>>,
    /// What limits the conclusion.
    pub caveats: Coded<Caveats>,
    /// One for each column that is [`Column::stored`], in this order; `NaN` where there is no number.
    pub numbers: Vec<Vec<f64>>,
}

impl LatestColumns {
    /// The columns of results, each the latest of its configuration and provenance, in order.
    #[must_use]
    pub fn from_results(results: &[BenchmarkResult]) -> Self {
        Self {
            config_ids: results.iter().map(|r| r.config_id.clone()).collect(),
            run_ids: results.iter().map(|r| r.run_id.clone()).collect(),
            measured_at: results.iter().map(|r| micros(r.measured_at)).collect(),
            provenance: results.iter().map(|r| r.provenance).collect(),
            servings: results.iter().map(|r| r.configuration.serving.clone()).collect(),
            workloads: results.iter().map(|r| r.configuration.workload.clone()).collect(),
            engine_versions: results.iter().map(|r| r.environment.engine_version.clone()).collect(),
            caveats: results.iter().map(Caveats::of).collect(),
            numbers: Column::stored().map(|column| results.iter().map(|r| column.of(r)).collect()).collect(),
        }
    }
}

fn micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}
