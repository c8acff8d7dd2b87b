//! A **recommendation** ranks what was measured for a use case, and tells what it is based on.
//!
//! Only results of one provenance and one workload shape are compared. Concurrency is an operating point of a
//! deployment, so that the same server at different concurrency competes with itself.

use std::collections::BTreeSet;

use domain::{MetricId, Offered, Provenance, Shape, SloBound, UseCase};

use crate::attainment::attainment;
use crate::capacity::Planner;
use crate::contest::Contest;
use crate::explain::explanation;
use crate::left_out::Candidates;
use crate::request::{Normalisation, RecommendationRequest};
use crate::response::{
    Counts, CriterionId, CriterionWeight, LeftOutReason, NoRecommendation, RankedEntry, Recommendation,
};
use crate::snapshot::Snapshot;
use crate::{Filter, PriceKind, PriceSource};

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
    let planner = request.target_rps.map(|target_rps| Planner::new(snapshot, target_rps));
    let planner = planner.as_ref();
    let mut candidates = Candidates::of(snapshot, &rows, request, planner);
    if candidates.rows.is_empty() {
        let closest = candidates.closest(snapshot, request, planner);
        let counts = Counts { considered, ranked: 0, left_out: candidates.left_out };
        return Err(if candidates.missed {
            NoRecommendation::NothingFits { counts, closest, usual_bounds: request.bounds.is_none() }
        } else {
            NoRecommendation::NothingRankable { counts }
        });
    }
    let Some(contest) = Contest::of(snapshot, &candidates.rows, request, planner) else {
        let counts = Counts { considered, ranked: 0, left_out: candidates.left_out };
        return Err(NoRecommendation::NothingRankable { counts });
    };
    for excluded in &contest.topsis.excluded {
        if let Some(compared) = contest.criteria.get(excluded.criterion) {
            candidates.leave_out(LeftOutReason::MissingValue { criterion: compared.id }, 1);
        }
    }
    let Candidates { rows, left_out, .. } = candidates;
    let ranked = contest.topsis.ranked();
    let counts = Counts { considered, ranked, left_out };
    if ranked == 0 {
        return Err(NoRecommendation::NothingRankable { counts });
    }
    let weights = contest.weights();
    let prices = snapshot.price_sources(&rows, price_kinds(request));
    let knee = contest.front.knee.and_then(|position| rows.get(position));
    Ok(Recommendation {
        statement: statement(request, &shape, ranked, &prices, &weights, &contest.dropped)
            + &quality_not_compared(snapshot, &rows, &weights),
        use_case: request.use_case,
        shape,
        provenance: request.provenance,
        price: request.price,
        prices,
        entries: entries(snapshot, &request.effective_bounds(), &rows, &contest, planner),
        counts,
        weights,
        front_size: contest.front.members.iter().filter(|on| **on).count(),
        front_hypervolume: contest.front.hypervolume,
        knee: knee.and_then(|&row| snapshot.rows.config_ids.get(row).cloned()),
        indistinct: contest.stability.map(|stability| stability.indistinct),
        bounds: request.effective_bounds(),
        usual_bounds: request.bounds.is_none(),
        normalisation: request.normalisation,
        criteria_dropped: contest.dropped,
        front_objectives: contest.front.objectives,
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
        ..request.filter.clone()
    };
    let asked = Filter {
        shape: request.shape.clone(),
        input_tokens: request.input_tokens,
        output_tokens: request.output_tokens,
        ..filter.clone()
    };
    let rows = snapshot.rows_of(&asked);
    let available = shapes(snapshot, &rows);
    match available.as_slice() {
        [shape] => Ok((shape.clone(), rows)),
        [] => match shapes(snapshot, &snapshot.rows_of(&filter)) {
            others if others.is_empty() => {
                Err(nothing_matches(snapshot, request).unwrap_or_else(|| what_there_is(snapshot, request)))
            }
            available => Err(NoRecommendation::WrongShape { available }),
        },
        _ => Err(NoRecommendation::ChooseShape { available }),
    }
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
    let anything = Filter { use_case: Some(use_case), provenance: Some(provenance), ..Filter::default() };
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
    NoRecommendation::WrongUseCase {
        use_case: request.use_case,
        provenance: request.provenance,
        available: use_cases.into_iter().collect(),
    }
}

/// The best candidates. Positions of the contest are indices into `rows`.
fn entries(
    snapshot: &Snapshot,
    bounds: &[SloBound],
    rows: &[usize],
    contest: &Contest,
    planner: Option<&Planner<'_>>,
) -> Vec<RankedEntry> {
    let ranked = contest.topsis.ranked();
    let probability = |position: usize| {
        let first = &contest.stability.as_ref()?.first;
        Some(first.iter().find(|(at, _)| *at == position).map_or(0.0, |(_, probability)| *probability))
    };
    let best = contest.best.iter().enumerate();
    best.filter_map(|(place, &(position, score))| {
        let row = *rows.get(position)?;
        let caveats = snapshot.caveats(row)?;
        let insufficient = caveats.insufficient_p90.iter().filter_map(|metric| match metric {
            MetricId::Ttft => Some(CriterionId::TtftP90),
            MetricId::Tpot => Some(CriterionId::TpotP90),
            MetricId::Itl | MetricId::E2e => None,
        });
        let criteria = contest.breakdown(position);
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
            on_pareto_front: contest.front.members.get(position).copied().unwrap_or(false),
            front: contest.front.number(position),
            probability_first: probability(position),
            attainment: attainment(snapshot, row, bounds),
            capacity: planner.and_then(|planner| planner.capacity(row)),
            explanation: explanation(&criteria, ranked),
            criteria,
        })
    })
    .collect()
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

fn statement(
    request: &RecommendationRequest,
    shape: &Shape,
    ranked: usize,
    prices: &[PriceSource],
    weights: &[CriterionWeight],
    dropped: &[CriterionWeight],
) -> String {
    let weights: Vec<String> =
        weights.iter().map(|w| format!("{} {:.1} %", w.criterion, w.weight * 100.0)).collect();
    let bounds: Vec<String> = request.effective_bounds().iter().map(ToString::to_string).collect();
    let alone = if bounds.len() > 1 { ", each taken alone" } else { "" };
    let bounds = match bounds.as_slice() {
        [] => String::new(),
        bounds if request.bounds.is_none() => {
            format!(" within {}{alone}, as is usual for {}", bounds.join(" and "), request.use_case)
        }
        bounds => format!(" within {}{alone}", bounds.join(" and ")),
    };
    let scaled = match request.normalisation {
        Normalisation::Vector => "",
        Normalisation::MinMax => ", each scaled from its least to its largest value",
    };
    let load = request.target_rps.map_or_else(String::new, |rps| format!(" for {rps} requests/s"));
    let mut text = format!(
        "{ranked} {} results for {} {shape} at {} price{load}{bounds}, ranked by {}{scaled}",
        request.provenance,
        request.use_case,
        request.price,
        weights.join(", ")
    );
    if !prices.is_empty() {
        let prices: Vec<String> = prices.iter().map(ToString::to_string).collect();
        text.push_str(&format!("; prices: {}", prices.join("; ")));
    }
    if !dropped.is_empty() {
        let names: Vec<&str> = dropped.iter().map(|d| d.criterion.name()).collect();
        text.push_str("; without values, their weight shared out: ");
        text.push_str(&names.join(", "));
    }
    text
}
