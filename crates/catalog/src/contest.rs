//! A **contest** sets candidates against each other: columns of criteria, TOPSIS over them, the Pareto front, and how sure
//! the first place is.
//!
//! The throughput's confidence interval makes those of the costs that follow from it; all of them are moved by one draw.
//!
//! The weight of latency is shared equally by `ttft_p90` and `tpot_p90`: how long until something appears, and how fast
//! it goes on. That of accuracy is of one thing, and never of two mixed: task accuracy where all candidates were asked the
//! same questions, else fidelity to the unquantised model, which says nothing across models, where all are of one. Both, and
//! memory, count where they are known of all: nobody is left out for what nobody looked at.

use domain::{MetricId, Serving, Statistic};
use ranking::{
    Criterion, Direction, Interval, Lexicographic, Stability, Step, Topsis, lexicographic, stability, topsis,
};

use crate::capacity::Planner;
use crate::dictionary::seen;
use crate::front::Front;
use crate::method::{Method, Turn};
use crate::request::{Normalisation, RecommendationRequest};
use crate::response::{CriterionId, CriterionWeight};
use crate::{Column, NoRecommendation, PriceKind, Snapshot};

/// What draws of the stability are seeded with: the same question has the same answer.
const SEED: u64 = 1981;

/// Candidates side by side. Positions are indices into the rows that were compared.
pub(crate) struct Contest {
    /// What they are compared by.
    pub(crate) criteria: Vec<Compared>,
    /// Scores by position.
    pub(crate) topsis: Topsis,
    /// How sure the first place by score is. None when no value has an interval, or another method decides.
    pub(crate) stability: Option<Stability>,
    /// The front.
    pub(crate) front: Front,
    /// The best positions with their scores, as many as are asked for.
    pub(crate) best: Vec<(usize, f64)>,
    /// How many candidates the method orders.
    pub(crate) ranked: usize,
    /// The criterion that each of the others lacks.
    pub(crate) lacking: Vec<CriterionId>,
    /// The criteria that decided in turn.
    pub(crate) turns: Vec<TurnTaken>,
    /// Whether normalised values are told from the least one on.
    pub(crate) from_least: bool,
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
    pub(crate) of_front: bool,
    /// What its confidence interval follows from.
    uncertain: Uncertain,
}

/// A criterion that decided in its turn.
pub(crate) struct TurnTaken {
    /// Its place among the criteria.
    pub(crate) criterion: usize,
    /// How much worse than the best went on.
    pub(crate) tolerance: f64,
    /// The best value of those that got so far.
    pub(crate) best: f64,
}

/// What is measured with a confidence interval.
#[derive(Clone, Copy)]
enum Uncertain {
    /// A latency: the value itself.
    Latency(MetricId),
    /// The throughput: the value itself.
    Throughput,
    /// The throughput: the value is USD for a million tokens.
    UsdPerMtok,
    /// The throughput: the value is USD for what replicas take.
    UsdPerMonth,
    /// Nothing: the value is taken as exact.
    Exact,
}

impl Uncertain {
    /// Which draw moves it: the same for all that follows from one measured quantity.
    const fn draw(self) -> usize {
        match self {
            Self::Latency(metric) => metric as usize,
            Self::Throughput | Self::UsdPerMtok | Self::UsdPerMonth => MetricId::ALL.len(),
            Self::Exact => MetricId::ALL.len() + 1,
        }
    }
}

/// Where intervals are looked up.
struct Intervals<'a> {
    snapshot: &'a Snapshot,
    rows: &'a [usize],
    criteria: &'a [Compared],
    planner: Option<&'a Planner<'a>>,
    price: PriceKind,
}

impl Intervals<'_> {
    /// The interval of a criterion at a position. None when nothing was told of it, or when it has no end.
    fn of(&self, criterion: usize, position: usize) -> Option<Interval> {
        let compared = self.criteria.get(criterion)?;
        let row = *self.rows.get(position)?;
        let between = |low, high| Some((self.snapshot.present(row, low)?, self.snapshot.present(row, high)?));
        let (low, high) = match compared.uncertain {
            Uncertain::Latency(metric) => between(Column::P90Low(metric), Column::P90High(metric))?,
            Uncertain::Exact => return None,
            _ => between(Column::OutputTpsLow, Column::OutputTpsHigh)?,
        };
        // Who serves more pays less for it.
        let shares = || {
            let tps = self.snapshot.present(row, Column::OutputTps)?;
            // Tokens that are sold one by one cost as much however many there are.
            if self.snapshot.is_hosted(row) {
                return None;
            }
            Some((low / tps, high / tps))
        };
        let value = *compared.values.get(position)?;
        let (low, high) = match compared.uncertain {
            Uncertain::Latency(_) | Uncertain::Throughput | Uncertain::Exact => (low, high),
            Uncertain::UsdPerMtok => shares().map(|(least, most)| (value / most, value / least))?,
            Uncertain::UsdPerMonth => {
                let (least, most) = shares()?;
                let usd = |share| Some(self.planner?.usd_per_month_at(row, self.price, share));
                (usd(most)?, usd(least)?)
            }
        };
        (low.is_finite() && high.is_finite()).then_some(Interval { low, high })
    }
}

impl Contest {
    /// Compares rows. None when nothing that weighs has a value.
    ///
    /// # Errors
    /// When they are to be ordered by a criterion that cannot be compared.
    pub(crate) fn of(
        snapshot: &Snapshot,
        rows: &[usize],
        request: &RecommendationRequest,
        planner: Option<&Planner<'_>>,
    ) -> Result<Option<Self>, NoRecommendation> {
        let (criteria, absent) = compared(snapshot, rows, request, planner);
        let columns: Vec<Criterion<'_>> = criteria
            .iter()
            .map(|c| Criterion { direction: c.direction, weight: c.weight, values: &c.values })
            .collect();
        let Ok(topsis) = topsis(&columns, request.normalisation.into()) else { return Ok(None) };
        let intervals = Intervals { snapshot, rows, criteria: &criteria, planner, price: request.price };
        let has_interval = |position: usize| (0..criteria.len()).any(|j| intervals.of(j, position).is_some());
        let draws: Vec<usize> = criteria.iter().map(|c| c.uncertain.draw()).collect();
        let stability = if request.method == Method::Topsis && (0..rows.len()).any(has_interval) {
            stability(&topsis, &columns, |j, position| intervals.of(j, position), &draws, SEED).ok()
        } else {
            None
        };
        let without_values = topsis.dropped.iter().filter_map(|&j| criteria.get(j));
        let dropped = without_values
            .map(|c| CriterionWeight { criterion: c.id, weight: c.weight })
            .chain(absent)
            .filter(|dropped| dropped.weight > 0.0)
            .collect();
        let id = |j: usize| criteria.get(j).map(|c| c.id);
        let mut lacking: Vec<CriterionId> = topsis.excluded.iter().filter_map(|e| id(e.criterion)).collect();
        let limit = request.limit.get();
        let (front, best, turns) = match request.method {
            Method::Topsis => {
                let best = topsis.best(limit);
                (Front::of(&criteria, &topsis, &best), best, Vec::new())
            }
            Method::Pareto => {
                let mut front = Front::of(&criteria, &topsis, &[]);
                let best = front.best(&topsis, limit);
                (front, best, Vec::new())
            }
            Method::Lexicographic => {
                let (best, turns, without) = in_turn(&criteria, &topsis, &request.order, limit)?;
                lacking.extend(without);
                (Front::of(&criteria, &topsis, &best), best, turns)
            }
        };
        let from_least = request.normalisation == Normalisation::MinMax;
        let ranked = rows.len() - lacking.len();
        Ok(Some(Self {
            topsis,
            stability,
            front,
            best,
            ranked,
            lacking,
            turns,
            from_least,
            dropped,
            criteria,
        }))
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

/// The best positions with their scores, the turns, and what the positions lack that cannot take part.
type InTurn = (Vec<(usize, f64)>, Vec<TurnTaken>, Vec<CriterionId>);

/// Orders positions that have a score by one criterion after the other.
fn in_turn(
    criteria: &[Compared],
    topsis: &Topsis,
    order: &[Turn],
    limit: usize,
) -> Result<InTurn, NoRecommendation> {
    let mut steps = Vec::new();
    let mut places = Vec::new();
    for &Turn { criterion, tolerance } in order {
        let known = criteria.iter().enumerate().find(|(_, c)| c.id.is_as(criterion));
        let known = known.filter(|(_, c)| c.values.iter().any(|value| !value.is_nan()));
        let (place, c) = known.ok_or(NoRecommendation::NotComparable { criterion })?;
        steps.push(Step { direction: c.direction, values: &c.values, tolerance });
        places.push(place);
    }
    let mut without = Vec::new();
    let candidates = criteria.first().map_or(0, |c| c.values.len());
    let takes_part = |position: &usize| {
        let lacks = places.iter().filter_map(|&j| criteria.get(j)).find(|c| c.values[*position].is_nan());
        without.extend(lacks.map(|c| c.id));
        lacks.is_none()
    };
    let positions: Vec<usize> =
        (0..candidates).filter(|&position| topsis.score(position).is_some()).filter(takes_part).collect();
    // There is a criterion, and whoever lacks a value was taken out.
    let Lexicographic { best, bests } = lexicographic(&steps, &positions, limit).unwrap_or_default();
    let turns = places.into_iter().zip(order).zip(bests).map(|((criterion, turn), best)| TurnTaken {
        criterion,
        tolerance: turn.tolerance,
        best,
    });
    let best = best.into_iter().filter_map(|position| Some((position, topsis.score(position)?)));
    Ok((best.collect(), turns.collect(), without))
}

/// The criteria, and those that are not known of all and have no values for it.
fn compared(
    snapshot: &Snapshot,
    rows: &[usize],
    request: &RecommendationRequest,
    planner: Option<&Planner<'_>>,
) -> (Vec<Compared>, Vec<CriterionWeight>) {
    let asked = request.effective_weights();
    let pick = |values: &[f64]| -> Vec<f64> {
        rows.iter().map(|&row| values.get(row).copied().unwrap_or(f64::NAN)).collect()
    };
    let gather = |column: Column| pick(snapshot.column(column));
    let latency = |id, metric, of_front| Compared {
        id,
        direction: Direction::Cost,
        values: gather(Column::Latency(metric, Statistic::P90)),
        weight: asked.latency / 2.0,
        of_front,
        uncertain: Uncertain::Latency(metric),
    };
    let of_throughput = |id, direction, values, weight, uncertain| Compared {
        id,
        direction,
        values,
        weight,
        of_front: true,
        uncertain,
    };
    let cost = match planner {
        Some(planner) => {
            let values = pick(planner.usd_per_month());
            of_throughput(
                CriterionId::UsdPerMonth,
                Direction::Cost,
                values,
                asked.cost,
                Uncertain::UsdPerMonth,
            )
        }
        None => {
            let values = gather(Column::ServingCost(request.price));
            of_throughput(
                CriterionId::ServingCostPerMtok,
                Direction::Cost,
                values,
                asked.cost,
                Uncertain::UsdPerMtok,
            )
        }
    };
    let output_tps = gather(Column::OutputTps);
    let of_all = |column| {
        let values = snapshot.column(column);
        let is_known = |row: &usize| values.get(*row).is_some_and(|value| !value.is_nan());
        rows.iter().all(is_known).then(|| gather(column))
    };
    let by_tasks = || of_all(Column::TaskAccuracy).filter(|_| same_questions(snapshot, rows));
    let by_fidelity = || of_all(Column::Fidelity).filter(|_| is_one_model(snapshot, rows));
    let (id, values) = match by_tasks() {
        Some(values) => (CriterionId::TaskAccuracy, Some(values)),
        None => match by_fidelity() {
            Some(values) => (CriterionId::Fidelity, Some(values)),
            None => (CriterionId::Accuracy, None),
        },
    };
    let memory = of_all(Column::GpuMemory);
    let mut criteria = vec![
        latency(CriterionId::TtftP90, MetricId::Ttft, true),
        latency(CriterionId::TpotP90, MetricId::Tpot, false),
        of_throughput(
            CriterionId::OutputTps,
            Direction::Benefit,
            output_tps,
            asked.throughput,
            Uncertain::Throughput,
        ),
        cost,
    ];
    let mut absent = Vec::new();
    for (criterion, direction, values, weight) in [
        (id, Direction::Benefit, values, asked.accuracy),
        (CriterionId::Memory, Direction::Cost, memory, asked.memory),
    ] {
        match values {
            Some(values) => criteria.push(Compared {
                id: criterion,
                direction,
                values,
                weight,
                of_front: false,
                uncertain: Uncertain::Exact,
            }),
            None => absent.push(CriterionWeight { criterion, weight }),
        }
    }
    (criteria, absent)
}

/// Whether all rows were asked the same questions.
fn same_questions(snapshot: &Snapshot, rows: &[usize]) -> bool {
    let mut asked = seen(&snapshot.rows.caveats, rows).map(|caveats| &caveats.questions);
    let first = asked.next();
    asked.all(|questions| Some(questions) == first)
}

/// Whether all rows are of one model, in whatever precision.
fn is_one_model(snapshot: &Snapshot, rows: &[usize]) -> bool {
    let mut models = seen(&snapshot.rows.servings, rows).map(Serving::model);
    let first = models.next();
    models.all(|model| Some(model) == first)
}
