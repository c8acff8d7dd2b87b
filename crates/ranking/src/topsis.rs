//! **TOPSIS**: the technique for order of preference by similarity to the ideal solution (Hwang & Yoon,
//! *Multiple Attribute Decision Making*, Springer 1981, chapter 3).
//!
//! For rows `i` and criteria `j` with weights `w_j` that add up to 1:
//!
//! 1. normalisation: `r_ij = x_ij / n_j`, where [`Normalisation`] says what `n_j` is
//! 2. weighting: `v_ij = w_j * r_ij`
//! 3. the ideal `A+` has the best `v` of each criterion, the anti-ideal `A-` the worst
//! 4. `d+_i`, `d-_i` are the Euclidean distances of row `i` to them
//! 5. score: `C_i = d-_i / (d+_i + d-_i)`, between 0 (the anti-ideal itself) and 1 (the ideal itself)
//!
//! Where all rows are equal both distances are 0 and each row *is* the ideal: the score is 1.
//!
//! **Missing values** are never a number. A criterion that no row has is dropped, and the others keep their
//! proportions, so that the weights again add up to 1. A row that lacks a value which another row has is
//! excluded, since any number put in its place would be made up. Both are in the answer. A criterion of
//! weight 0 decides nothing and excludes nobody.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use crate::{Direction, Normalisation, Scale};

/// One criterion with the value of every row.
#[derive(Debug, Clone, Copy)]
pub struct Criterion<'a> {
    /// Which values are better.
    pub direction: Direction,
    /// How much it counts against the others; 0 and up, in any unit.
    pub weight: f64,
    /// The values, one for each row. `NaN` marks a value that is missing.
    pub values: &'a [f64],
}

/// A row that was left out because it lacks a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excluded {
    /// The row.
    pub row: usize,
    /// The first criterion that it lacks.
    pub criterion: usize,
}

/// Scores and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Topsis {
    /// By row: `(d+ / d-)^2`, which orders rows as the score does, the other way round. `NaN` for an excluded row.
    pub(crate) ratios: Vec<f64>,
    /// How each criterion's values were made comparable. The weights add up to 1.
    pub scales: Vec<Scale>,
    /// Criteria with a weight that no row has a value for.
    pub dropped: Vec<usize>,
    /// Rows that lack a value which others have.
    pub excluded: Vec<Excluded>,
}

/// Input that cannot be ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TopsisError {
    /// Columns of different lengths.
    #[error("criterion {criterion} has {got} values; the first one has {expected}")]
    Length {
        /// The criterion.
        criterion: usize,
        /// Its number of values.
        got: usize,
        /// The first criterion's number.
        expected: usize,
    },
    /// A weight that is negative or not finite.
    #[error("the weight of criterion {0} must be finite and not negative")]
    Weight(usize),
    /// Nothing that has values has a weight.
    #[error("no criterion that has values has a weight above 0")]
    NothingWeighs,
    /// A value is infinite.
    #[error("criterion {criterion} is infinite in row {row}")]
    Infinite {
        /// The criterion.
        criterion: usize,
        /// The row.
        row: usize,
    },
}

/// Scores rows by TOPSIS.
///
/// # Errors
/// When columns differ in length, a weight is negative or not finite, a value that counts is infinite, or nothing
/// weighs.
pub fn topsis(criteria: &[Criterion<'_>], normalisation: Normalisation) -> Result<Topsis, TopsisError> {
    let rows = check(criteria)?;
    let weighs = |j: &usize| criteria[*j].weight > 0.0;
    let has_values = |j: &usize| rows == 0 || criteria[*j].values.iter().any(|v| !v.is_nan());
    let (used, dropped): (Vec<usize>, Vec<usize>) = (0..criteria.len()).filter(weighs).partition(has_values);
    let total: f64 = used.iter().map(|&j| criteria[j].weight).sum();
    if used.is_empty() {
        return Err(TopsisError::NothingWeighs);
    }

    let missing = |row: usize| used.iter().copied().find(|&j| criteria[j].values[row].is_nan());
    let mut columns: Vec<Cow<'_, [f64]>> = used.iter().map(|&j| Cow::Borrowed(criteria[j].values)).collect();
    let mut excluded = Vec::new();
    let mut kept = Vec::new();
    if columns.iter().any(|column| has_nan(column)) {
        for row in 0..rows {
            match missing(row) {
                Some(criterion) => excluded.push(Excluded { row, criterion }),
                None => kept.push(row),
            }
        }
        for column in &mut columns {
            *column = kept.iter().map(|&row| column[row]).collect();
        }
    }

    let mut scales = vec![Scale::default(); criteria.len()];
    for (&j, column) in used.iter().zip(&columns) {
        let Criterion { direction, weight, values } = criteria[j];
        scales[j] = Scale::of(column, direction, weight / total, normalisation).ok_or_else(|| {
            let row = values.iter().position(|v| v.is_infinite()).unwrap_or_default();
            TopsisError::Infinite { criterion: j, row }
        })?;
    }
    let scaled: Vec<(&[f64], Scale)> =
        used.iter().zip(&columns).map(|(&j, column)| (column.as_ref(), scales[j])).collect();
    let mut ratios = squared_ratios(&scaled);
    if !excluded.is_empty() {
        let mut of_all = vec![f64::NAN; rows];
        for (&row, ratio) in kept.iter().zip(ratios) {
            of_all[row] = ratio;
        }
        ratios = of_all;
    }
    Ok(Topsis { ratios, scales, dropped, excluded })
}

impl Topsis {
    /// The score of a row; none when it was excluded.
    #[must_use]
    pub fn score(&self, row: usize) -> Option<f64> {
        self.ratios.get(row).filter(|ratio| !ratio.is_nan()).map(|&ratio| closeness(ratio))
    }

    /// How many rows have a score.
    #[must_use]
    pub fn ranked(&self) -> usize {
        self.ratios.len() - self.excluded.len()
    }

    /// The best rows with their scores, best first and at most `limit`; rows that are equally good in their given
    /// order.
    #[must_use]
    pub fn best(&self, limit: usize) -> Vec<(usize, f64)> {
        // The worst of the best is on top, and most rows are only ever compared with it.
        let mut best: BinaryHeap<Place> = BinaryHeap::with_capacity(limit.min(self.ratios.len()) + 1);
        let mut admitted_below = if limit == 0 { f64::NEG_INFINITY } else { f64::INFINITY };
        for (row, &ratio) in self.ratios.iter().enumerate() {
            // A ratio is infinite where a row is the anti-ideal; it is a place as long as there are places.
            let admitted = ratio < admitted_below || (best.len() < limit && !ratio.is_nan());
            if !admitted {
                continue;
            }
            best.push(Place { ratio, row });
            if best.len() > limit {
                best.pop();
            }
            if best.len() == limit {
                admitted_below = best.peek().map_or(f64::INFINITY, |last| last.ratio);
            }
        }
        best.into_sorted_vec().into_iter().map(|Place { ratio, row }| (row, closeness(ratio))).collect()
    }
}

/// A row's place: less is better, and the earlier of equals.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    ratio: f64,
    row: usize,
}

impl Eq for Place {}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.ratio.total_cmp(&other.ratio).then(self.row.cmp(&other.row))
    }
}

/// The score: `d- / (d+ + d-)`, written so that rounding keeps its order.
pub(crate) fn closeness(squared_ratio: f64) -> f64 {
    1.0 / (1.0 + squared_ratio.sqrt())
}

/// `(d+ / d-)^2`. It never falls when `d+` grows or `d-` shrinks, so that a row that is at least as good in
/// everything never scores less, to the last bit.
pub(crate) fn squared_ratio(to_ideal: f64, to_anti_ideal: f64) -> f64 {
    if to_ideal == 0.0 { 0.0 } else { to_ideal / to_anti_ideal }
}

/// The squared ratio of every row, in blocks whose sums stay in the nearest cache.
fn squared_ratios(columns: &[(&[f64], Scale)]) -> Vec<f64> {
    const BLOCK: usize = 512;
    let rows = columns.first().map_or(0, |(values, _)| values.len());
    let mut ratios = Vec::with_capacity(rows);
    for start in (0..rows).step_by(BLOCK) {
        let end = rows.min(start + BLOCK);
        let mut to_ideal = [0.0; BLOCK];
        let mut to_anti_ideal = [0.0; BLOCK];
        for (values, scale) in columns {
            let factor = scale.factor();
            let (best, worst) = (scale.best * factor, scale.worst * factor);
            let sums = to_ideal.iter_mut().zip(&mut to_anti_ideal);
            for (x, (plus, minus)) in values[start..end].iter().zip(sums) {
                let v = x * factor;
                *plus += (v - best) * (v - best);
                *minus += (v - worst) * (v - worst);
            }
        }
        let sums = to_ideal.iter().zip(&to_anti_ideal).take(end - start);
        ratios.extend(sums.map(|(&plus, &minus)| squared_ratio(plus, minus)));
    }
    ratios
}

pub(crate) fn has_nan(values: &[f64]) -> bool {
    values.iter().fold(false, |any, v| any | v.is_nan())
}

/// The number of rows, when the input makes sense.
fn check(criteria: &[Criterion<'_>]) -> Result<usize, TopsisError> {
    let rows = criteria.first().map_or(0, |c| c.values.len());
    for (criterion, c) in criteria.iter().enumerate() {
        if c.values.len() != rows {
            return Err(TopsisError::Length { criterion, got: c.values.len(), expected: rows });
        }
        if !(c.weight.is_finite() && c.weight >= 0.0) {
            return Err(TopsisError::Weight(criterion));
        }
    }
    Ok(rows)
}
