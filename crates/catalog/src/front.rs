//! The **front** of a contest: the candidates that no other is as good as in everything that the front is made of and
//! better than in something.

use std::borrow::Cow;

use ranking::{Direction, Objective, Scale, Topsis, fronts_of, hypervolume, knee, pareto};

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
        let excluded = &topsis.excluded;
        // Without exclusions rows are positions, and columns are used as they are.
        let positions: Option<Vec<usize>> = (!excluded.is_empty()).then(|| {
            let mut has_score = vec![true; candidates];
            excluded.iter().for_each(|excluded| has_score[excluded.row] = false);
            (0..candidates).filter(|&at| has_score[at]).collect()
        });
        let position = |row: usize| positions.as_ref().map_or(Some(row), |all| all.get(row).copied());
        let row = |at: usize| positions.as_ref().map_or(Some(at), |all| all.binary_search(&at).ok());
        let of_scored = |c: &'a Compared| -> Cow<'a, [f64]> {
            match &positions {
                None => Cow::Borrowed(&c.values),
                Some(positions) => positions.iter().filter_map(|&at| c.values.get(at).copied()).collect(),
            }
        };
        // What weighs is known of all that have a score.
        let is_known =
            |scale: &Scale, values: &[f64]| scale.weight > 0.0 || !values.iter().any(|v| v.is_nan());
        let picked: Vec<(&Compared, &Scale, Cow<'_, [f64]>)> = criteria
            .iter()
            .zip(&topsis.scales)
            .filter(|(c, _)| c.of_front)
            .map(|(c, scale)| (c, scale, of_scored(c)))
            .filter(|(_, scale, values)| is_known(scale, values))
            .collect();
        let objectives: Vec<Objective<'_>> =
            picked.iter().map(|(c, _, values)| Objective { direction: c.direction, values }).collect();
        // Without an objective there is no front, and then nobody is on it.
        let on_front = pareto(&objectives).unwrap_or_default();
        let knee = knee(&objectives, &on_front).ok().flatten();
        let scales = picked.iter().map(|(_, scale, _)| *scale);
        let ends: Vec<Ends> = scales.zip(&objectives).map(|(scale, o)| Ends::of(scale, o)).collect();
        let hypervolume = share_dominated(&objectives, &ends, &on_front);
        let mut members = vec![false; candidates];
        for (row, _) in on_front.iter().enumerate().filter(|(_, on)| **on) {
            if let Some(position) = position(row) {
                members[position] = true;
            }
        }
        // The first front is known; only what is behind it is looked for.
        let (first, behind): (Vec<usize>, Vec<usize>) =
            best.iter().map(|(position, _)| *position).partition(|&position| members[position]);
        let rows: Vec<usize> = behind.iter().filter_map(|&at| row(at)).collect();
        let ranks =
            if rows.is_empty() { Vec::new() } else { fronts_of(&objectives, &rows).unwrap_or_default() };
        let behind = behind.into_iter().zip(ranks).map(|(position, rank)| (position, rank + 1));
        Self {
            objectives: picked.iter().map(|(c, ..)| c.id).collect(),
            knee: knee.and_then(|knee| position(knee.row)),
            hypervolume,
            numbers: first.into_iter().map(|position| (position, 1)).chain(behind).collect(),
            members,
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

/// The best and the worst value of an objective.
struct Ends {
    best: f64,
    worst: f64,
}

impl Ends {
    /// As the scores had to find them, where it weighs.
    fn of(scale: &Scale, objective: &Objective<'_>) -> Self {
        if scale.weight > 0.0 {
            return Self { best: scale.best, worst: scale.worst };
        }
        let least = objective.values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = objective.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match objective.direction {
            Direction::Cost => Self { best: least, worst: most },
            Direction::Benefit => Self { best: most, worst: least },
        }
    }
}

/// The hypervolume of the front over that of the box from the worst to the best candidate. None when the candidates are
/// alike in an objective, so that there is no box.
fn share_dominated(objectives: &[Objective<'_>], ends: &[Ends], on_front: &[bool]) -> Option<f64> {
    let reference: Vec<f64> = ends.iter().map(|ends| ends.worst).collect();
    let whole: f64 = ends.iter().map(|ends| (ends.best - ends.worst).abs()).product();
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
