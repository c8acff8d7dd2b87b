//! The **columns** of results in tables: what they are of, and every number with its unit in its name. What is not known is
//! empty.

use domain::untold::told;
use domain::{BenchmarkResult, MetricId, Statistic, Summary};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text.
    Text(Option<String>),
    /// A number.
    Number(Option<f64>),
    /// A number of things.
    Count(Option<u64>),
}

/// The columns of a result, by their names. Every result has the same.
pub fn of(result: &BenchmarkResult) -> Vec<(String, Cell)> {
    let text = |text: &dyn ToString| Cell::Text(Some(text.to_string()));
    let (configuration, metrics) = (&result.configuration, &result.metrics);
    let (serving, workload) = (&configuration.serving, &configuration.workload);
    let imported = result.imported.as_ref();
    let mut columns = vec![
        ("run_id".to_owned(), text(&result.run_id)),
        ("config_id".to_owned(), text(&result.config_id)),
        ("campaign".to_owned(), text(&result.campaign)),
        ("trial".to_owned(), Cell::Count(Some(result.trial.into()))),
        ("provenance".to_owned(), text(&result.provenance)),
        ("imported_from".to_owned(), Cell::Text(imported.map(|imported| imported.format.to_string()))),
        ("measured_at".to_owned(), Cell::Text(Some(result.measured_at.to_rfc3339()))),
        ("model".to_owned(), text(serving.model())),
        ("quantisation".to_owned(), text(&serving.offered().precision_name())),
        ("hardware".to_owned(), text(&serving.hardware())),
        ("engine".to_owned(), text(&serving.served_by())),
        ("engine_version".to_owned(), Cell::Text(result.environment.engine_version.clone())),
        ("use_case".to_owned(), text(&workload.use_case)),
        ("input_tokens".to_owned(), Cell::Count(Some(workload.input_tokens.get().into()))),
        ("output_tokens".to_owned(), Cell::Count(Some(workload.output_tokens.get().into()))),
        ("load".to_owned(), text(&workload.load)),
        ("protocol".to_owned(), text(&workload.protocol)),
    ];
    let mut distribution = |name: &str, unit: &str, summary: Option<&Summary>| {
        for statistic in Statistic::ALL {
            let value = summary.and_then(|summary| summary.known(statistic));
            columns.push((format!("{name}_{}{unit}", statistic.name()), Cell::Number(value)));
        }
    };
    for metric in MetricId::ALL {
        distribution(metric.name(), "_ms", metrics.latency(metric));
    }
    distribution("ttfo", "_ms", metrics.ttfo.as_ref());
    distribution("ttft_sched", "_ms", metrics.ttft_sched.as_ref());
    distribution("e2e_sched", "_ms", metrics.e2e_sched.as_ref());
    distribution("tps_per_user", "", metrics.tps_per_user.as_ref());
    let (measured, serving) = (metrics.cost_per_mtok, metrics.serving_cost_per_mtok);
    let numbers = [
        ("output_tps", told(metrics.output_tps)),
        ("total_tps", told(metrics.total_tps)),
        ("rps", told(metrics.rps)),
        ("tps_per_gpu", metrics.tps_per_gpu),
        ("goodput_rps", metrics.goodput),
        ("attainment", metrics.attainment),
        ("serving_usd_per_mtok_spot", serving.map(|cost| cost.spot)),
        ("serving_usd_per_mtok_on_demand", serving.map(|cost| cost.on_demand)),
        ("measured_usd_per_mtok_spot", measured.map(|cost| cost.spot)),
        ("measured_usd_per_mtok_on_demand", measured.map(|cost| cost.on_demand)),
        ("energy_j_per_output_token", metrics.energy_per_tok),
        ("fidelity", result.fidelity.map(|fidelity| fidelity.agreement.until_divergence)),
        ("task_accuracy", result.task_accuracy.as_ref().and_then(domain::task_accuracy::TaskAccuracy::mean)),
        ("window_s", told(result.charged.window_s)),
    ];
    columns.extend(numbers.map(|(name, number)| (name.to_owned(), Cell::Number(number))));
    // Nobody counted requests where none ended.
    let counted = result.counts.failed_share().is_some();
    let of_requests = |count: u64| Cell::Count(counted.then_some(count));
    columns.push(("succeeded".to_owned(), of_requests(result.counts.succeeded)));
    columns.push(("failed".to_owned(), of_requests(result.counts.failures())));
    let flags = result.flags.iter().filter_map(|flag| serde_json::to_value(flag).ok());
    let flags: Vec<String> = flags.filter_map(|flag| flag.as_str().map(str::to_owned)).collect();
    columns.push(("flags".to_owned(), Cell::Text((!flags.is_empty()).then(|| flags.join(" ")))));
    columns
}
