//! `assay recommend`: which configurations to run.

use anyhow::Result;
use catalog::{MinAccuracy, RecommendationRequest};
use domain::{MetricId, SloBound, Statistic};

use super::{answer, snapshot};
use crate::arguments::Recommend;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::tables;

/// Prints a ranking.
pub async fn recommend(data: &DataFolder, arguments: &Recommend) -> Result<Exit> {
    let snapshot = snapshot(data).await?;
    answer(catalog::recommend(&snapshot, &request(arguments)), arguments.json, tables::recommended)
}

fn request(a: &Recommend) -> RecommendationRequest {
    let named = [
        (MetricId::Ttft, Statistic::P90, a.max_ttft_p90),
        (MetricId::Ttft, Statistic::P99, a.max_ttft_p99),
        (MetricId::Tpot, Statistic::P90, a.max_tpot_p90),
        (MetricId::Tpot, Statistic::P99, a.max_tpot_p99),
        (MetricId::E2e, Statistic::P90, a.max_e2e_p90),
    ];
    let mut bounds: Vec<SloBound> = named
        .into_iter()
        .filter_map(|(metric, statistic, max)| max.map(|m| SloBound { metric, statistic, max_ms: m.as_ms() }))
        .collect();
    bounds.extend(&a.bounds);
    let own = a.no_slo || !bounds.is_empty();
    let questions = a.questions.clone();
    RecommendationRequest {
        use_case: a.use_case,
        filter: a.only.filter(),
        shape: a.shape.clone(),
        input_tokens: a.input_tokens,
        output_tokens: a.output_tokens,
        concurrency: a.concurrency,
        bounds: own.then_some(bounds),
        min_accuracy: a.min_accuracy.clone().map(|least| MinAccuracy { questions, ..least }),
        max_usd_per_hour: a.max_usd_per_hour,
        target_rps: a.target_rps,
        max_usd_per_month: a.max_usd_per_month,
        price: a.price,
        provenance: a.provenance,
        method: a.method,
        order: a.order.clone(),
        weights: a.weights,
        normalisation: a.normalisation,
        limit: a.limit,
    }
}
