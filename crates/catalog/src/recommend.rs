//! A **recommendation** ranks what was measured for a use case, and tells what it is based on.
//!
//! Only results of one provenance and one workload shape are compared. Concurrency is an operating point of a
//! deployment, so that the same server at different concurrency competes with itself.

use std::collections::BTreeSet;

use domain::{MetricId, Offered, Provenance, Shape, Statistic, UseCase};

use crate::attainment::attainment;
use crate::capacity::Planner;
use crate::contest::Contest;
use crate::left_out::Candidates;
use crate::nearest::{NearestWorkload, nearest};
use crate::request::RecommendationRequest;
use crate::response::{
    Alternative, Counts, CriterionId, CriterionWeight, KeyNumbers, LeftOutReason, RankedEntry, Recommendation,
};
use crate::snapshot::Snapshot;
use crate::statement::Ground;
use crate::{Column, Filter, NoRecommendation, PriceKind};

/// Ranks configurations for a use case.
///
/// # Errors
/// With why there is nothing to recommend, and what to ask instead or what to relax.
pub fn recommend(
    snapshot: &Snapshot,
    request: &RecommendationRequest,
) -> Result<Recommendation, NoRecommendation> {
    request.check()?;
    let Compared { use_case, shape, nearest, rows: compared } = comparable(snapshot, request)?;
    let considered = compared.len();
    let planner = request.target_rps.map(|rps| Planner::new(snapshot, rps, request.price, &compared));
    let planner = planner.as_ref();
    let mut candidates = Candidates::of(snapshot, &compared, request, planner)?;
    if candidates.rows.is_empty() {
        let (relax, closest) = candidates.relaxed(snapshot, &compared, request, planner)?;
        let counts = Counts { considered, ranked: 0, left_out: candidates.left_out };
        return Err(if candidates.missed {
            let usual_bounds = request.has_usual_bounds();
            NoRecommendation::NothingFits { counts, relax, closest, usual_bounds }
        } else {
            NoRecommendation::NothingRankable { counts }
        });
    }
    let Some(contest) = Contest::of(snapshot, &candidates.rows, request, planner)? else {
        let counts = Counts { considered, ranked: 0, left_out: candidates.left_out };
        return Err(NoRecommendation::NothingRankable { counts });
    };
    for &criterion in &contest.lacking {
        candidates.leave_out(LeftOutReason::MissingValue { criterion }, 1);
    }
    let Candidates { rows, left_out, .. } = candidates;
    let counts = Counts { considered, ranked: contest.ranked, left_out };
    if contest.ranked == 0 {
        return Err(NoRecommendation::NothingRankable { counts });
    }
    let weights = contest.weights();
    let prices = snapshot.price_sources(&rows, price_kinds(request));
    let knee = contest.front.knee.and_then(|position| rows.get(position));
    let entries = entries(snapshot, request, &rows, &contest, planner);
    let ground = Ground { request, use_case, shape: &shape, nearest: nearest.as_ref(), prices: &prices };
    Ok(Recommendation {
        statement: ground.statement(&contest, &weights) + &quality_not_compared(snapshot, &rows, &weights),
        use_case,
        shape,
        nearest,
        method: request.method,
        order: request.order.clone(),
        provenance: request.provenance,
        price: request.price,
        prices,
        alternatives: alternatives(snapshot, &rows, &contest, &entries),
        entries,
        counts,
        weights,
        front_size: contest.front.members.iter().filter(|on| **on).count(),
        front_hypervolume: contest.front.hypervolume,
        knee: knee.and_then(|&row| snapshot.rows.config_ids.get(row).cloned()),
        indistinct: contest.stability.map(|stability| stability.indistinct),
        bounds: request.effective_bounds(),
        usual_bounds: request.has_usual_bounds(),
        min_accuracy: request.min_accuracy.clone(),
        normalisation: request.normalisation,
        criteria_dropped: contest.dropped,
        front_objectives: contest.front.objectives,
    })
}

/// Results that may be compared: of one provenance and one traffic.
struct Compared {
    use_case: UseCase,
    shape: Shape,
    nearest: Option<NearestWorkload>,
    rows: Vec<usize>,
}

/// What may be compared for a request.
fn comparable(snapshot: &Snapshot, request: &RecommendationRequest) -> Result<Compared, NoRecommendation> {
    let filter =
        Filter { use_case: request.use_case, provenance: Some(request.provenance), ..request.filter.clone() };
    // Without a use case lengths say what is asked about, and not what was measured.
    let measured = |tokens| request.use_case.and(tokens);
    let asked = Filter {
        shape: request.shape.clone(),
        input_tokens: measured(request.input_tokens),
        output_tokens: measured(request.output_tokens),
        ..filter.clone()
    };
    let mut rows = snapshot.rows_of(&asked);
    let of_lengths = if request.use_case.is_none() { nearest(snapshot, request, &mut rows)? } else { None };
    let available = shapes(snapshot, &rows);
    let shape = match available.as_slice() {
        [shape] => shape.clone(),
        [] => match shapes(snapshot, &snapshot.rows_of(&filter)) {
            others if others.is_empty() => {
                return Err(
                    nothing_matches(snapshot, request).unwrap_or_else(|| what_there_is(snapshot, request))
                );
            }
            available => return Err(NoRecommendation::WrongShape { available }),
        },
        _ => return Err(NoRecommendation::ChooseShape { available }),
    };
    let nearest = match of_lengths {
        Some(nearest) => Some(nearest),
        None => nearest(snapshot, request, &mut rows)?,
    };
    let use_case = request.use_case.or_else(|| nearest.as_ref().map(|nearest| nearest.use_case));
    let use_case = use_case.ok_or(NoRecommendation::NoResults)?;
    Ok(Compared { use_case, shape, nearest, rows })
}

/// The shapes of some rows, sorted. There are few workloads, and each is looked at once.
fn shapes(snapshot: &Snapshot, rows: &[usize]) -> Vec<Shape> {
    let workloads = &snapshot.rows.workloads;
    let mut seen = vec![false; workloads.values().len()];
    for &row in rows {
        if let Some(&code) = workloads.codes().get(row) {
            seen[code as usize] = true;
        }
    }
    let seen = workloads.values().iter().zip(seen).filter(|(_, seen)| *seen);
    let shapes: BTreeSet<Shape> = seen.map(|(workload, _)| workload.shape()).collect();
    shapes.into_iter().collect()
}

/// What to say when the filter leaves none of the results of the use case and provenance. None when there is none anyway.
fn nothing_matches(snapshot: &Snapshot, request: &RecommendationRequest) -> Option<NoRecommendation> {
    let &RecommendationRequest { use_case, provenance, ref filter, .. } = request;
    let anything = Filter { use_case, provenance: Some(provenance), ..Filter::default() };
    let without = snapshot.rows_of(&anything).len();
    let filter = Box::new(filter.clone());
    (without > 0).then_some(NoRecommendation::NothingMatches { use_case, provenance, filter, without })
}

/// What to say when there is no result of the use case and provenance.
fn what_there_is(snapshot: &Snapshot, request: &RecommendationRequest) -> NoRecommendation {
    let available = snapshot.by_provenance();
    if request.provenance == Provenance::Forecast && !available.contains_key(&Provenance::Forecast) {
        return NoRecommendation::ForecastsNotKept;
    }
    if available.is_empty() {
        return NoRecommendation::NoResults;
    }
    if !available.contains_key(&request.provenance) {
        return NoRecommendation::WrongProvenance { asked: request.provenance, available };
    }
    let filter = Filter { provenance: Some(request.provenance), ..Filter::default() };
    let of_provenance = snapshot.rows_of(&filter).into_iter();
    let use_cases: BTreeSet<UseCase> =
        of_provenance.filter_map(|row| snapshot.workload(row)).map(|workload| workload.use_case).collect();
    let Some(use_case) = request.use_case else { return NoRecommendation::NoResults };
    NoRecommendation::WrongUseCase {
        use_case,
        provenance: request.provenance,
        available: use_cases.into_iter().collect(),
    }
}

/// The best candidates. Positions of the contest are indices into `rows`.
fn entries(
    snapshot: &Snapshot,
    request: &RecommendationRequest,
    rows: &[usize],
    contest: &Contest,
    planner: Option<&Planner<'_>>,
) -> Vec<RankedEntry> {
    let (bounds, price) = (request.effective_bounds(), request.price);
    let probability = |position: usize| {
        let first = &contest.stability.as_ref()?.first;
        Some(first.iter().find(|(at, _)| *at == position).map_or(0.0, |(_, probability)| *probability))
    };
    let best = contest.best.iter().zip(contest.breakdowns()).enumerate();
    best.filter_map(|(place, (&(position, score), criteria))| {
        let row = *rows.get(position)?;
        let caveats = snapshot.caveats(row)?;
        let insufficient = caveats.insufficient_p90.iter().filter_map(|metric| match metric {
            MetricId::Ttft => Some(CriterionId::TtftP90),
            MetricId::Tpot => Some(CriterionId::TpotP90),
            MetricId::Itl | MetricId::E2e => None,
        });
        Some(RankedEntry {
            rank: place + 1,
            score,
            config_id: snapshot.rows.config_ids.get(row)?.clone(),
            configuration: snapshot.configuration(row)?,
            run_id: snapshot.rows.run_ids.get(row)?.clone(),
            provenance: snapshot.provenance(row)?,
            measured_at: snapshot.measured_at(row)?,
            flags: caveats.flags.clone(),
            insufficient_samples: insufficient.collect(),
            rent: snapshot.rents.get(row).cloned(),
            token_rate: snapshot.token_rates.get(&snapshot.rows, row),
            numbers: key_numbers(snapshot, row, price),
            on_pareto_front: contest.front.members.get(position).copied().unwrap_or(false),
            front: contest.front.number(position),
            probability_first: probability(position),
            attainment: attainment(snapshot, row, &bounds),
            capacity: planner.and_then(|planner| planner.capacity(row)),
            explanation: contest.explanation(position, &criteria),
            criteria,
        })
    })
    .collect()
}

fn key_numbers(snapshot: &Snapshot, row: usize, price: PriceKind) -> KeyNumbers {
    let number = |column| snapshot.present(row, column);
    KeyNumbers {
        ttft_p90_ms: number(Column::Latency(MetricId::Ttft, Statistic::P90)),
        tpot_p90_ms: number(Column::Latency(MetricId::Tpot, Statistic::P90)),
        output_tps: number(Column::OutputTps),
        serving_cost_per_mtok: number(Column::ServingCost(price)),
        task_accuracy: number(Column::TaskAccuracy),
        fidelity: number(Column::Fidelity),
    }
}

/// What cannot be told apart from the first place by score, but for the first entry.
fn alternatives(
    snapshot: &Snapshot,
    rows: &[usize],
    contest: &Contest,
    entries: &[RankedEntry],
) -> Vec<Alternative> {
    let Some(stability) = &contest.stability else { return Vec::new() };
    let alternative = |&(position, probability_first): &(usize, f64)| {
        let row = *rows.get(position)?;
        let config_id = snapshot.rows.config_ids.get(row)?.clone();
        Some(Alternative { config_id, configuration: snapshot.configuration(row)?, probability_first })
    };
    let first = entries.first().map(|entry| &entry.config_id);
    let all = stability.first.iter().take(stability.indistinct).filter_map(alternative);
    all.filter(|alternative| Some(&alternative.config_id) != first).collect()
}

/// A faster model is no better one: says so where several compete.
fn quality_not_compared(snapshot: &Snapshot, rows: &[usize], weights: &[CriterionWeight]) -> String {
    if weights.iter().any(|w| matches!(w.criterion, CriterionId::TaskAccuracy | CriterionId::Fidelity)) {
        return String::new();
    }
    let launches = &snapshot.rows.servings;
    let mut compete = vec![false; launches.values().len()];
    for &row in rows {
        if let Some(&code) = launches.codes().get(row) {
            compete[code as usize] = true;
        }
    }
    let compete = launches.values().iter().zip(compete).filter(|(_, compete)| *compete);
    let models: BTreeSet<Offered> = compete.map(|(serving, _)| serving.offered()).collect();
    match models.len() {
        0 | 1 => String::new(),
        n => format!("; {n} models or precisions compete, and the quality of their answers was not compared"),
    }
}

/// The kinds of price that an answer has numbers at: what a load costs in a month is told at both.
const fn price_kinds(request: &RecommendationRequest) -> &'static [PriceKind] {
    match (request.target_rps, request.price) {
        (Some(_), _) => &[PriceKind::Spot, PriceKind::OnDemand],
        (None, PriceKind::Spot) => &[PriceKind::Spot],
        (None, PriceKind::OnDemand) => &[PriceKind::OnDemand],
    }
}
