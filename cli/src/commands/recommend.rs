//! `assay recommend`: which configurations to run.

use anyhow::Result;
use catalog::{RecommendationRequest, Snapshot};
use domain::{MetricId, SloBound, Statistic};

use super::answer;
use crate::arguments::Recommend;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::tables;

/// Prints a ranking.
pub async fn recommend(data: &DataFolder, arguments: &Recommend) -> Result<Exit> {
    data.must_exist()?;
    let snapshot = Snapshot::from_results(data.results_to_read().await?.latest().await?);
    answer(catalog::recommend(&snapshot, &request(arguments)), arguments.json, |ranking| {
        format!("{}{}", tables::recommendation(ranking), tables::explanation(ranking))
    })
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
    RecommendationRequest {
        filter: a.only.filter(),
        shape: a.shape.clone(),
        input_tokens: a.input_tokens,
        output_tokens: a.output_tokens,
        bounds: own.then_some(bounds),
        max_usd_per_hour: a.max_usd_per_hour,
        target_rps: a.target_rps,
        max_usd_per_month: a.max_usd_per_month,
        price: a.price,
        provenance: a.provenance,
        normalisation: a.normalisation,
        limit: a.limit,
        ..RecommendationRequest::new(a.use_case)
    }
}
