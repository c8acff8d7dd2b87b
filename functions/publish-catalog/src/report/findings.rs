//! A **finding** is what follows from a campaign for one use case, workload shape and provenance: a recommendation among its
//! own results, or why there is none.

use std::num::NonZeroUsize;

use catalog::{NoRecommendation, Recommendation, RecommendationRequest, Snapshot};
use domain::duration::WrittenDuration;
use domain::{
    BenchmarkResult, CampaignSpec, MetricId, Provenance, RequestSlo, Shape, SloBound, Statistic, UseCase,
};
use serde::Serialize;

/// Most configurations of a ranking.
const MOST_RANKED: NonZeroUsize = NonZeroUsize::new(200).unwrap();

/// What follows for one question.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What it is for.
    pub use_case: UseCase,
    /// The workload's shape.
    pub shape: Shape,
    /// Where its numbers come from.
    pub provenance: Provenance,
    /// The ranking of what meets the bounds, or of everything where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<Recommendation>,
    /// Why nothing is recommended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<NoRecommendation>,
}

/// The findings of results. Bounds are those of the spec, or the usual ones of each use case.
pub fn of(results: &[BenchmarkResult], spec: Option<&CampaignSpec>) -> Vec<Finding> {
    let snapshot = Snapshot::from_results(results.iter().cloned());
    let stated = spec.map(|spec| bounds(&spec.slo)).filter(|bounds| !bounds.is_empty());
    let questions = snapshot.questions().into_iter();
    questions
        .map(|(use_case, shape, provenance)| {
            let about = RecommendationRequest {
                limit: MOST_RANKED,
                ..RecommendationRequest::about(use_case, &shape, provenance)
            };
            let asked = RecommendationRequest { bounds: stated.clone(), ..about.clone() };
            let (recommendation, none) = match catalog::recommend(&snapshot, &asked) {
                Ok(recommendation) => (Some(recommendation), None),
                Err(none) => (catalog::recommend(&snapshot, &about).ok(), Some(none)),
            };
            Finding { use_case, shape, provenance, recommendation, none }
        })
        .collect()
}

/// What nine of ten requests must meet.
fn bounds(slo: &RequestSlo) -> Vec<SloBound> {
    let all = [(MetricId::Ttft, slo.ttft), (MetricId::Tpot, slo.tpot), (MetricId::E2e, slo.e2e)];
    let stated = |(metric, max): (MetricId, Option<WrittenDuration>)| {
        Some(SloBound { metric, statistic: Statistic::P90, max_ms: max?.as_ms() })
    };
    all.into_iter().filter_map(stated).collect()
}
