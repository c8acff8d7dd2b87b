//! Comparing candidates: columns of criteria, TOPSIS over them, the Pareto front, and how sure the first place is.
//!
//! The weight of latency is shared equally by `ttft_p90` and `tpot_p90`: how long until something appears, and how fast
//! it goes on. Accuracy and memory have weights and no measurements, so that they are dropped.

use std::borrow::Cow;

use domain::{MetricId, Statistic};
use ranking::{
    Criterion, Direction, Interval, Normalisation, Objective, Stability, Topsis, knee, pareto, stability,
    topsis,
};

use crate::capacity::Planner;
use crate::request::RecommendationRequest;
use crate::response::{CriterionId, CriterionWeight};
use crate::{Column, Snapshot};

/// What draws of the stability are seeded with: the same question has the same answer.
const SEED: u64 = 1981;

/// Candidates side by side. Positions are indices into the rows that were compared.
pub(crate) struct Comparison {
    /// What they are compared by.
    pub(crate) criteria: Vec<Compared>,
    /// Scores by position.
    pub(crate) topsis: Topsis,
    /// How sure the first place is. None when no value has an interval.
    pub(crate) stability: Option<Stability>,
    /// What the front is made of.
    pub(crate) front_objectives: Vec<CriterionId>,
    /// Whether each position is on it.
    pub(crate) on_front: Vec<bool>,
    /// The position where it bends.
    pub(crate) knee: Option<usize>,
    /// Criteria with a weight and without values.
    pub(crate) dropped: Vec<CriterionWeight>,
}

/// A criterion that something measures, with the candidates' values.
pub(crate) struct Compared {
    pub(crate) id: CriterionId,
    pub(crate) direction: Direction,
    pub(crate) values: Vec<f64>,
    weight: f64,
    /// Whether the front is made of it: the wait, the price and the throughput.
    of_front: bool,
    /// The latency whose confidence interval it has.
    interval_of: Option<MetricId>,
}

impl Comparison {
    /// Compares rows. None when nothing that weighs has a value.
    pub(crate) fn of(
        snapshot: &Snapshot,
        rows: &[usize],
        request: &RecommendationRequest,
        planner: Option<&Planner<'_>>,
    ) -> Option<Self> {
        let criteria = compared(snapshot, rows, request, planner);
        let columns: Vec<Criterion<'_>> = criteria
            .iter()
            .map(|c| Criterion { direction: c.direction, weight: c.weight, values: &c.values })
            .collect();
        let topsis = topsis(&columns, Normalisation::Vector).ok()?;
        let interval = |criterion: usize, position: usize| {
            let metric = criteria.get(criterion)?.interval_of?;
            let row = *rows.get(position)?;
            let low = snapshot.present(row, Column::P90Low(metric))?;
            Some(Interval { low, high: snapshot.present(row, Column::P90High(metric))? })
        };
        let has_interval = |position: usize| (0..criteria.len()).any(|j| interval(j, position).is_some());
        let stability = if (0..rows.len()).any(has_interval) {
            stability(&topsis, &columns, interval, SEED).ok()
        } else {
            None
        };
        let asked = request.effective_weights();
        let dropped = topsis
            .dropped
            .iter()
            .filter_map(|&j| criteria.get(j))
            .map(|c| CriterionWeight { criterion: c.id, weight: c.weight })
            .chain([
                CriterionWeight { criterion: CriterionId::Accuracy, weight: asked.accuracy },
                CriterionWeight { criterion: CriterionId::Memory, weight: asked.memory },
            ])
            .filter(|dropped| dropped.weight > 0.0)
            .collect();
        let front = Front::of(&criteria, &topsis);
        Some(Self {
            topsis,
            stability,
            front_objectives: front.objectives,
            on_front: front.members,
            knee: front.knee,
            dropped,
            criteria,
        })
    }

    /// The weights that counted.
    pub(crate) fn weights(&self) -> Vec<CriterionWeight> {
        self.criteria
            .iter()
            .zip(&self.topsis.scales)
            .filter(|(_, scale)| scale.weight > 0.0)
            .map(|(c, scale)| CriterionWeight { criterion: c.id, weight: scale.weight })
            .collect()
    }
}

fn compared(
    snapshot: &Snapshot,
    rows: &[usize],
    request: &RecommendationRequest,
    planner: Option<&Planner<'_>>,
) -> Vec<Compared> {
    let asked = request.effective_weights();
    let gather = |column: Column| -> Vec<f64> {
        let values = snapshot.column(column);
        rows.iter().map(|&row| values.get(row).copied().unwrap_or(f64::NAN)).collect()
    };
    let latency = |id, metric, of_front| Compared {
        id,
        direction: Direction::Cost,
        values: gather(Column::Latency(metric, Statistic::P90)),
        weight: asked.latency / 2.0,
        of_front,
        interval_of: Some(metric),
    };
    let exact = |id, direction, values, weight| Compared {
        id,
        direction,
        values,
        weight,
        of_front: true,
        interval_of: None,
    };
    let cost = match planner {
        Some(planner) => {
            let values = rows.iter().map(|&row| planner.usd_per_month(row, request.price)).collect();
            exact(CriterionId::UsdPerMonth, Direction::Cost, values, asked.cost)
        }
        None => {
            let values = gather(Column::ServingCost(request.price));
            exact(CriterionId::ServingCostPerMtok, Direction::Cost, values, asked.cost)
        }
    };
    let output_tps = gather(Column::OutputTps);
    vec![
        latency(CriterionId::TtftP90, MetricId::Ttft, true),
        latency(CriterionId::TpotP90, MetricId::Tpot, false),
        exact(CriterionId::OutputTps, Direction::Benefit, output_tps, asked.throughput),
        cost,
    ]
}

/// The front over the candidates that have scores, in the objectives that all of them have a value for.
struct Front {
    objectives: Vec<CriterionId>,
    members: Vec<bool>,
    knee: Option<usize>,
}

impl Front {
    fn of<'a>(criteria: &'a [Compared], topsis: &Topsis) -> Self {
        let candidates = criteria.first().map_or(0, |c| c.values.len());
        let mut has_score = vec![true; candidates];
        topsis.excluded.iter().for_each(|excluded| has_score[excluded.row] = false);
        let positions: Vec<usize> = (0..candidates).filter(|&at| has_score[at]).collect();
        // Without exclusions the columns are used as they are.
        let of_scored = |c: &'a Compared| -> Cow<'a, [f64]> {
            if topsis.excluded.is_empty() {
                Cow::Borrowed(&c.values)
            } else {
                positions.iter().filter_map(|&at| c.values.get(at).copied()).collect()
            }
        };
        let picked: Vec<(&Compared, Cow<'_, [f64]>)> = criteria
            .iter()
            .filter(|c| c.of_front)
            .map(|c| (c, of_scored(c)))
            .filter(|(_, values)| !values.iter().any(|v| v.is_nan()))
            .collect();
        let objectives: Vec<Objective<'_>> =
            picked.iter().map(|(c, values)| Objective { direction: c.direction, values }).collect();
        // Without an objective there is no front, and then nobody is on it.
        let on_front = pareto(&objectives).unwrap_or_default();
        let knee = knee(&objectives, &on_front).ok().flatten();
        let mut members = vec![false; candidates];
        for (&position, on) in positions.iter().zip(&on_front) {
            members[position] = *on;
        }
        Self {
            objectives: picked.iter().map(|(c, _)| c.id).collect(),
            members,
            knee: knee.and_then(|knee| positions.get(knee.row).copied()),
        }
    }
}
