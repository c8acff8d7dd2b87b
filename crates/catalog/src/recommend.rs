//! A **recommendation** ranks what was measured for a use case, and tells what it is based on.
//!
//! Only results of one provenance and one workload shape are compared. Concurrency is an operating point of a
//! deployment, so that the same server at different concurrency competes with itself.

use std::collections::BTreeSet;

use domain::{MetricId, UseCase};

use crate::compare::Comparison;
use crate::left_out::Candidates;
use crate::request::RecommendationRequest;
use crate::response::{
    Counts, CriterionId, CriterionWeight, LeftOutReason, NoRecommendation, RankedEntry, Recommendation,
};
use crate::snapshot::Snapshot;
use crate::{Filter, Shape};

/// Ranks configurations for a use case.
///
/// # Errors
/// With why there is nothing to recommend, and what to ask instead or what to relax.
pub fn recommend(
    snapshot: &Snapshot,
    request: &RecommendationRequest,
) -> Result<Recommendation, NoRecommendation> {
    request.check()?;
    let (shape, rows) = comparable(snapshot, request)?;
    let considered = rows.len();
    let mut candidates = Candidates::of(snapshot, &rows, request);
    let closest = candidates.closest(snapshot, request);
    let missed = candidates.missed;
    let nothing = |counts| {
        if missed {
            NoRecommendation::NothingFits { counts, closest }
        } else {
            NoRecommendation::NothingRankable { counts }
        }
    };
    if candidates.rows.is_empty() {
        let left_out = candidates.left_out.into_inner();
        return Err(nothing(Counts { considered, ranked: 0, left_out }));
    }
    let Some(comparison) = Comparison::of(snapshot, &candidates.rows, request) else {
        let left_out = candidates.left_out.into_inner();
        return Err(NoRecommendation::NothingRankable { counts: Counts { considered, ranked: 0, left_out } });
    };
    for excluded in &comparison.topsis.excluded {
        if let Some(criterion) = Comparison::criterion(excluded.criterion) {
            candidates.left_out.add(LeftOutReason::MissingValue { criterion });
        }
    }
    let ranked = comparison.topsis.ranked();
    let counts = Counts { considered, ranked, left_out: candidates.left_out.into_inner() };
    if ranked == 0 {
        return Err(NoRecommendation::NothingRankable { counts });
    }
    let entries = entries(snapshot, request, &candidates.rows, &comparison);
    let weights = comparison.weights();
    Ok(Recommendation {
        statement: statement(request, shape, ranked, &weights, &comparison.dropped),
        use_case: request.use_case,
        shape,
        provenance: request.provenance,
        price: request.price,
        entries,
        counts,
        weights,
        criteria_dropped: comparison.dropped,
        front_objectives: comparison.front_objectives,
    })
}

/// The rows that may be compared: one use case, one provenance, one shape.
fn comparable(
    snapshot: &Snapshot,
    request: &RecommendationRequest,
) -> Result<(Shape, Vec<usize>), NoRecommendation> {
    let filter = Filter {
        use_case: Some(request.use_case),
        provenance: Some(request.provenance),
        ..Filter::default()
    };
    let rows: Vec<usize> = snapshot.rows(&filter).collect();
    if rows.is_empty() {
        return Err(what_there_is(snapshot, request));
    }
    let identities = snapshot.identities();
    let shapes = |rows: &[usize]| -> BTreeSet<Shape> {
        rows.iter().filter_map(|&row| identities.get(row)).map(|i| i.shape()).collect()
    };
    let asked = Filter { input_tokens: request.input_tokens, output_tokens: request.output_tokens, ..filter };
    let all = shapes(&rows);
    let rows: Vec<usize> =
        rows.into_iter().filter(|&row| identities.get(row).is_some_and(|i| asked.matches(i))).collect();
    let mut left = shapes(&rows).into_iter();
    match (left.next(), left.next()) {
        (None, _) => Err(NoRecommendation::WrongShape { available: all.into_iter().collect() }),
        (Some(shape), None) => Ok((shape, rows)),
        (Some(_), Some(_)) => {
            Err(NoRecommendation::ChooseShape { available: shapes(&rows).into_iter().collect() })
        }
    }
}

/// What to say when there is no result of the use case and provenance.
fn what_there_is(snapshot: &Snapshot, request: &RecommendationRequest) -> NoRecommendation {
    let available = snapshot.by_provenance();
    if available.is_empty() {
        return NoRecommendation::NoResults;
    }
    if !available.contains_key(&request.provenance) {
        return NoRecommendation::WrongProvenance { asked: request.provenance, available };
    }
    let of_provenance = snapshot.identities().iter().filter(|i| i.provenance == request.provenance);
    let use_cases: BTreeSet<UseCase> = of_provenance.map(|i| i.configuration.workload.use_case).collect();
    NoRecommendation::WrongUseCase {
        use_case: request.use_case,
        provenance: request.provenance,
        available: use_cases.into_iter().collect(),
    }
}

/// The best candidates. Positions of the comparison are indices into `rows`.
fn entries(
    snapshot: &Snapshot,
    request: &RecommendationRequest,
    rows: &[usize],
    comparison: &Comparison,
) -> Vec<RankedEntry> {
    let best = comparison.topsis.best(request.limit.get()).into_iter().enumerate();
    best.filter_map(|(place, (position, score))| {
        let identity = snapshot.identities().get(*rows.get(position)?)?;
        let insufficient = identity.insufficient_p90.iter().filter_map(|metric| match metric {
            MetricId::Ttft => Some(CriterionId::TtftP90),
            MetricId::Tpot => Some(CriterionId::TpotP90),
            MetricId::Itl | MetricId::E2e => None,
        });
        Some(RankedEntry {
            rank: place + 1,
            score,
            config_id: identity.config_id.clone(),
            configuration: identity.configuration.clone(),
            run_id: identity.run_id.clone(),
            provenance: identity.provenance,
            measured_at: identity.measured_at,
            flags: identity.flags.clone(),
            insufficient_samples: insufficient.collect(),
            usd_per_hour: identity.usd_per_hour(request.price),
            on_pareto_front: comparison.on_front(position),
            criteria: comparison.breakdown(position),
        })
    })
    .collect()
}

fn statement(
    request: &RecommendationRequest,
    shape: Shape,
    ranked: usize,
    weights: &[CriterionWeight],
    dropped: &[CriterionWeight],
) -> String {
    let weights: Vec<String> =
        weights.iter().map(|w| format!("{} {:.1} %", w.criterion, w.weight * 100.0)).collect();
    let mut text = format!(
        "{ranked} {} results for {} {shape} at {} price, ranked by {}",
        request.provenance,
        request.use_case,
        request.price,
        weights.join(", ")
    );
    if !dropped.is_empty() {
        let names: Vec<&str> = dropped.iter().map(|d| d.criterion.name()).collect();
        text.push_str("; without values, their weight shared out: ");
        text.push_str(&names.join(", "));
    }
    text
}
