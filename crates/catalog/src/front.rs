//! The **front** of a contest: the candidates that no other is as good as in everything that the front is made of and
//! better than in something.

use std::borrow::Cow;

use ranking::{Direction, Objective, Topsis, fronts_of, hypervolume, knee, pareto};

use crate::contest::Compared;
use crate::response::CriterionId;

/// The front over the candidates that have scores, in the objectives that all of them have a value for.
pub(crate) struct Front {
    /// What it is made of.
    pub(crate) objectives: Vec<CriterionId>,
    /// Whether each position is on it.
    pub(crate) members: Vec<bool>,
    /// The position where it bends.
    pub(crate) knee: Option<usize>,
    /// How much of what is between the worst and the best of every objective it dominates.
    pub(crate) hypervolume: Option<f64>,
    /// Positions that are listed, each with the number of its front from 1.
    pub(crate) numbers: Vec<(usize, usize)>,
}

impl Front {
    /// The front, and on which one each of the best is.
    pub(crate) fn of<'a>(criteria: &'a [Compared], topsis: &Topsis, best: &[(usize, f64)]) -> Self {
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
        // The first front is known; only what is behind it is looked for.
        let (first, behind): (Vec<usize>, Vec<usize>) =
            best.iter().map(|(position, _)| *position).partition(|&position| members[position]);
        let rows: Vec<usize> = behind.iter().filter_map(|at| positions.binary_search(at).ok()).collect();
        let ranks =
            if rows.is_empty() { Vec::new() } else { fronts_of(&objectives, &rows).unwrap_or_default() };
        let behind = behind.into_iter().zip(ranks).map(|(position, rank)| (position, rank + 1));
        Self {
            objectives: picked.iter().map(|(c, _)| c.id).collect(),
            members,
            knee: knee.and_then(|knee| positions.get(knee.row).copied()),
            hypervolume: share_dominated(&objectives, &on_front),
            numbers: first.into_iter().map(|position| (position, 1)).chain(behind).collect(),
        }
    }

    /// Its members with their scores, the best first and at most `limit`. They are what is listed.
    pub(crate) fn best(&mut self, topsis: &Topsis, limit: usize) -> Vec<(usize, f64)> {
        let members = self.members.iter().enumerate().filter(|(_, on)| **on);
        let mut best: Vec<(usize, f64)> =
            members.filter_map(|(position, _)| Some((position, topsis.score(position)?))).collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        best.truncate(limit);
        self.numbers = best.iter().map(|(position, _)| (*position, 1)).collect();
        best
    }

    /// The number of a listed position's front, from 1.
    pub(crate) fn number(&self, position: usize) -> Option<usize> {
        self.numbers.iter().find(|(at, _)| *at == position).map(|(_, number)| *number)
    }
}

/// The hypervolume of the front over that of the box from the worst to the best candidate. None when the candidates are
/// alike in an objective, so that there is no box.
fn share_dominated(objectives: &[Objective<'_>], on_front: &[bool]) -> Option<f64> {
    let (mut reference, mut whole) = (Vec::new(), 1.0);
    for objective in objectives {
        let least = objective.values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = objective.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        reference.push(if objective.direction == Direction::Cost { most } else { least });
        whole *= most - least;
    }
    let of_front = |values: &[f64]| -> Vec<f64> {
        values.iter().zip(on_front).filter(|(_, on)| **on).map(|(value, _)| *value).collect()
    };
    let columns: Vec<Vec<f64>> = objectives.iter().map(|o| of_front(o.values)).collect();
    let front: Vec<Objective<'_>> = objectives
        .iter()
        .zip(&columns)
        .map(|(o, values)| Objective { direction: o.direction, values })
        .collect();
    hypervolume(&front, &reference).ok().map(|volume| volume / whole).filter(|share| share.is_finite())
}
