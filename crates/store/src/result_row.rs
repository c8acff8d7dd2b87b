//! A **result row** is a result as columns, for queries by hand and by dashboards; the whole result goes
//! beside it as a JSON document, which is what is read back.

use std::collections::HashMap;

use domain::content_hash::content_hash;
use domain::latest::Caveats;
use domain::result::Flag;
use domain::{BenchmarkResult, LaunchId, MetricId, Serving, Statistic, Workload};

use crate::figures;

/// The columns of `benchmark_results`, the same in every database.
pub struct ResultRow<'a> {
    pub result: &'a BenchmarkResult,
    pub quantisation: &'static str,
    pub hardware: String,
    pub engine: &'static str,
    pub use_case: &'static str,
    /// Requests in flight, where so many were asked for.
    pub concurrency: Option<u32>,
    pub ttft: Percentiles,
    pub tpot: Percentiles,
    pub itl: Percentiles,
    pub e2e: Percentiles,
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

/// As an error of a call, within which it is found.
impl From<Unwritable> for sqlx::Error {
    fn from(error: Unwritable) -> Self {
        Self::Encode(Box::new(error))
    }
}

impl<'a> ResultRow<'a> {
    pub fn new(result: &'a BenchmarkResult) -> Result<Self, Unwritable> {
        let serving = &result.configuration.serving;
        let metrics = &result.metrics;
        Ok(Self {
            result,
            quantisation: serving.offered().precision_name(),
            hardware: serving.hardware().to_string(),
            engine: serving.served_by().name(),
            use_case: result.configuration.workload.use_case.name(),
            concurrency: result.configuration.workload.concurrency().map(Into::into),
            ttft: percentiles(result, MetricId::Ttft),
            tpot: percentiles(result, MetricId::Tpot),
            itl: percentiles(result, MetricId::Itl),
            e2e: percentiles(result, MetricId::E2e),
            serving_usd: prices(metrics.serving_cost_per_mtok),
            measured_usd: prices(metrics.cost_per_mtok),
            document: document(result)?,
        })
    }
}

/// JSON writes NaN as null, which is no number when read back: such a document would damage the store.
fn document(result: &BenchmarkResult) -> Result<String, Unwritable> {
    let unwritable = |source| Unwritable { run_id: result.run_id.clone(), source };
    let text = serde_json::to_string(result).map_err(unwritable)?;
    if text.contains("null") {
        serde_json::from_str::<BenchmarkResult>(&text).map_err(unwritable)?;
    }
    Ok(text)
}

/// Days are averaged over these columns, so that what was measured by another definition than ours is in none of them.
fn percentiles(result: &BenchmarkResult, metric: MetricId) -> Percentiles {
    let ours = !result.flags.contains(&Flag::OtherDefinition);
    let summary = result.metrics.latency(metric).filter(|_| ours);
    summary.map_or_else(Percentiles::default, |s| Percentiles {
        p50: s.known(Statistic::P50),
        p90: s.known(Statistic::P90),
        p99: s.known(Statistic::P99),
    })
}

fn prices(cost: Option<domain::metrics::AtPrice>) -> Prices {
    cost.map_or_else(Prices::default, |c| Prices { spot: Some(c.spot), on_demand: Some(c.on_demand) })
}

/// What `latest_results` and `benchmark_configs` hold of a result, beside its ids.
pub struct LatestValues<'a> {
    pub result: &'a BenchmarkResult,
    /// The id of its launch.
    pub launch: LaunchId,
    /// The content hash of its workload.
    pub workload: String,
    pub caveats: String,
    pub figures: Vec<u8>,
}

/// Makes [`LatestValues`]. Many configurations share a launch and a workload, which are hashed once.
#[derive(Default)]
pub struct LatestMaker<'a> {
    launches: HashMap<&'a Serving, LaunchId>,
    workloads: HashMap<&'a Workload, String>,
}

impl<'a> LatestMaker<'a> {
    /// The values of a result.
    pub fn make(&mut self, result: &'a BenchmarkResult) -> sqlx::Result<LatestValues<'a>> {
        let encode = |e: serde_json::Error| sqlx::Error::Encode(e.into());
        let (launch, workload) = (&result.configuration.serving, &result.configuration.workload);
        let launch = self.launches.entry(launch).or_insert_with(|| launch.id()).clone();
        let workload = match self.workloads.get(workload) {
            Some(id) => id.clone(),
            None => {
                let id = content_hash(workload).map_err(encode)?;
                self.workloads.entry(workload).or_insert(id).clone()
            }
        };
        let caveats = serde_json::to_string(&Caveats::of(result)).map_err(encode)?;
        Ok(LatestValues { result, launch, workload, caveats, figures: figures::of(result) })
    }
}

/// A value as JSON, within a call.
pub fn json<T: serde::Serialize>(value: &T) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|e| sqlx::Error::Encode(e.into()))
}

/// Databases have no unsigned integers; a count beyond 2^63 does not occur.
pub fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
