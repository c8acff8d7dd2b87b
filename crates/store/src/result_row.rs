//! A **result row** is a result as columns, for queries by hand and by dashboards; the whole result goes
//! beside it as a JSON document, which is what is read back.

use std::num::NonZeroU32;

use domain::{BenchmarkResult, Summary};

/// The columns of `benchmark_results`, the same in every database.
pub struct ResultRow<'a> {
    pub result: &'a BenchmarkResult,
    pub quantisation: &'static str,
    pub hardware: String,
    pub engine: &'static str,
    pub use_case: &'static str,
    /// Requests in flight; 0 where no number of them was asked for, since the column knows no null.
    pub concurrency: u32,
    pub tpot: Percentiles,
    pub itl: Percentiles,
    pub serving_usd: Prices,
    pub measured_usd: Prices,
    pub document: String,
}

/// The percentiles of one distribution; without values when there is none.
#[derive(Clone, Copy, Default)]
pub struct Percentiles {
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p99: Option<f64>,
}

/// A cost at both prices; without values when there is none.
#[derive(Clone, Copy, Default)]
pub struct Prices {
    pub spot: Option<f64>,
    pub on_demand: Option<f64>,
}

/// A result that cannot be written down so that it can be read back.
#[derive(Debug, thiserror::Error)]
#[error("the result of run {run_id} cannot be stored, since a number in it is not finite")]
pub struct Unwritable {
    run_id: domain::RunId,
    #[source]
    source: serde_json::Error,
}

impl<'a> ResultRow<'a> {
    pub fn new(result: &'a BenchmarkResult) -> Result<Self, Unwritable> {
        let launch = &result.configuration.launch;
        let metrics = &result.metrics;
        Ok(Self {
            result,
            quantisation: launch.model.quantisation.name(),
            hardware: launch.hardware.to_string(),
            engine: launch.framework.engine.name(),
            use_case: result.configuration.workload.use_case.name(),
            concurrency: result.configuration.workload.concurrency().map_or(0, NonZeroU32::get),
            tpot: percentiles(metrics.tpot.as_ref()),
            itl: percentiles(metrics.itl.as_ref()),
            serving_usd: prices(metrics.serving_cost_per_mtok),
            measured_usd: prices(metrics.cost_per_mtok),
            document: document(result)?,
        })
    }
}

/// JSON writes NaN as null, which is no number when read back: such a document would damage the store.
fn document(result: &BenchmarkResult) -> Result<String, Unwritable> {
    serde_json::to_string(result)
        .and_then(|text| serde_json::from_str::<BenchmarkResult>(&text).map(|_| text))
        .map_err(|source| Unwritable { run_id: result.run_id.clone(), source })
}

fn percentiles(summary: Option<&Summary>) -> Percentiles {
    summary.map_or_else(Percentiles::default, |s| Percentiles {
        p50: Some(s.p50),
        p90: Some(s.p90),
        p99: Some(s.p99),
    })
}

fn prices(cost: Option<domain::metrics::AtPrice>) -> Prices {
    cost.map_or_else(Prices::default, |c| Prices { spot: Some(c.spot), on_demand: Some(c.on_demand) })
}

/// Databases have no unsigned integers; a count beyond 2^63 does not occur.
pub fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
