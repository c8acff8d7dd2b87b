//! Comparing candidates: columns of criteria, TOPSIS over them, and the Pareto front.
//!
//! The weight of latency is shared equally by `ttft_p90` and `tpot_p90`: how long until something appears, and how fast
//! it goes on. Accuracy and memory have weights and no measurements, so that they are dropped.

use domain::{MetricId, Statistic};
use ranking::{Criterion, Direction, Normalisation, Objective, Scale, Topsis, pareto, topsis};

use crate::request::RecommendationRequest;
use crate::response::{CriterionId, CriterionValue, CriterionWeight};
use crate::snapshot::Snapshot;

/// The criteria that something measures, with their directions.
const MEASURED: [(CriterionId, Direction); 4] = [
    (CriterionId::TtftP90, Direction::Cost),
    (CriterionId::TpotP90, Direction::Cost),
    (CriterionId::OutputTps, Direction::Benefit),
    (CriterionId::ServingCostPerMtok, Direction::Cost),
];

/// What the Pareto front is made of: the wait, the price and the throughput.
const FRONT: [CriterionId; 3] =
    [CriterionId::TtftP90, CriterionId::ServingCostPerMtok, CriterionId::OutputTps];

/// Candidates side by side. Positions are indices into the rows that were compared.
pub(crate) struct Comparison {
    columns: Vec<Vec<f64>>,
    /// Scores by position.
    pub(crate) topsis: Topsis,
    on_front: Vec<bool>,
    /// What the front is made of.
    pub(crate) front_objectives: Vec<CriterionId>,
    /// Criteria with a weight and without values.
    pub(crate) dropped: Vec<CriterionWeight>,
}

impl Comparison {
    /// Compares rows. None when nothing that weighs has a value.
    pub(crate) fn of(snapshot: &Snapshot, rows: &[usize], request: &RecommendationRequest) -> Option<Self> {
        let asked = request.effective_weights();
        let weight = |criterion| match criterion {
            CriterionId::TtftP90 | CriterionId::TpotP90 => asked.latency / 2.0,
            CriterionId::OutputTps => asked.throughput,
            CriterionId::ServingCostPerMtok => asked.cost,
            CriterionId::Accuracy => asked.accuracy,
            CriterionId::Memory => asked.memory,
        };
        let columns: Vec<Vec<f64>> = MEASURED
            .iter()
            .map(|(criterion, _)| rows.iter().map(|&row| value(snapshot, row, *criterion, request)).collect())
            .collect();
        let criteria: Vec<Criterion<'_>> = MEASURED
            .iter()
            .zip(&columns)
            .map(|(&(criterion, direction), values)| Criterion {
                direction,
                weight: weight(criterion),
                values,
            })
            .collect();
        let topsis = topsis(&criteria, Normalisation::Vector).ok()?;
        let without_values = topsis.dropped.iter().filter_map(|&j| MEASURED.get(j)).map(|(c, _)| *c);
        let dropped = without_values
            .chain([CriterionId::Accuracy, CriterionId::Memory])
            .map(|criterion| CriterionWeight { criterion, weight: weight(criterion) })
            .filter(|dropped| dropped.weight > 0.0)
            .collect();
        let (front_objectives, on_front) = front(&columns, &topsis);
        Some(Self { columns, topsis, on_front, front_objectives, dropped })
    }

    /// The weights that counted.
    pub(crate) fn weights(&self) -> Vec<CriterionWeight> {
        MEASURED
            .iter()
            .zip(&self.topsis.scales)
            .filter(|(_, scale)| scale.weight > 0.0)
            .map(|(&(criterion, _), scale)| CriterionWeight { criterion, weight: scale.weight })
            .collect()
    }

    /// The criterion that a column number of [`Topsis`] means.
    pub(crate) fn criterion(column: usize) -> Option<CriterionId> {
        MEASURED.get(column).map(|(criterion, _)| *criterion)
    }

    /// Whether a position is on the front.
    pub(crate) fn on_front(&self, position: usize) -> bool {
        self.on_front.get(position).copied().unwrap_or(false)
    }

    /// How a position's score came about.
    pub(crate) fn breakdown(&self, position: usize) -> Vec<CriterionValue> {
        MEASURED
            .iter()
            .zip(&self.columns)
            .zip(&self.topsis.scales)
            .filter(|(_, scale)| scale.weight > 0.0)
            .filter_map(|((&(criterion, _), column), scale)| {
                let &Scale { weight, norm, .. } = scale;
                let value = *column.get(position)?;
                let normalised = if norm > 0.0 { value / norm } else { 0.0 };
                Some(CriterionValue { criterion, value, normalised, weight })
            })
            .collect()
    }
}

/// The front over the rows that have scores, in the objectives that all of them have a value for.
fn front(columns: &[Vec<f64>], topsis: &Topsis) -> (Vec<CriterionId>, Vec<bool>) {
    let rows = columns.first().map_or(0, Vec::len);
    let positions: Vec<usize> = (0..rows).filter(|&position| topsis.score(position).is_some()).collect();
    let mut on_front = vec![false; rows];
    let (names, picked): (Vec<CriterionId>, Vec<(Direction, Vec<f64>)>) = MEASURED
        .iter()
        .zip(columns)
        .filter(|((criterion, _), _)| FRONT.contains(criterion))
        .map(|(&(criterion, direction), column)| {
            let values = positions.iter().filter_map(|&p| column.get(p).copied()).collect::<Vec<f64>>();
            (criterion, (direction, values))
        })
        .filter(|(_, (_, values))| !values.iter().any(|v| v.is_nan()))
        .unzip();
    let objectives: Vec<Objective<'_>> =
        picked.iter().map(|(direction, values)| Objective { direction: *direction, values }).collect();
    // Without an objective there is no front, and then nobody is on it.
    for (position, on) in positions.iter().zip(pareto(&objectives).unwrap_or_default()) {
        if let Some(slot) = on_front.get_mut(*position) {
            *slot = on;
        }
    }
    (names, on_front)
}

/// A row's value of a criterion; `NaN` when it has none.
fn value(snapshot: &Snapshot, row: usize, criterion: CriterionId, request: &RecommendationRequest) -> f64 {
    match criterion {
        CriterionId::TtftP90 => snapshot.latency(row, MetricId::Ttft, Statistic::P90),
        CriterionId::TpotP90 => snapshot.latency(row, MetricId::Tpot, Statistic::P90),
        CriterionId::OutputTps => snapshot.output_tps(row),
        CriterionId::ServingCostPerMtok => snapshot.cost(row, request.price),
        CriterionId::Accuracy | CriterionId::Memory => f64::NAN,
    }
}
