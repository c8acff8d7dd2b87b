//! **TOPSIS**: the technique for order of preference by similarity to the ideal solution (Hwang & Yoon,
//! *Multiple Attribute Decision Making*, Springer 1981, chapter 3).
//!
//! For rows `i` and criteria `j` with weights `w_j` that add up to 1:
//!
//! 1. vector normalisation: `r_ij = x_ij / sqrt(sum_i x_ij^2)`
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

use crate::Direction;

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
    /// Rows with their scores, best first; rows of equal score in their given order.
    pub ranked: Vec<(usize, f64)>,
    /// The weight each criterion had in the end. They add up to 1; a dropped criterion has 0.
    pub weights: Vec<f64>,
    /// What each criterion's values were divided by. 0 for a criterion that is 0 in every row or was dropped.
    pub norms: Vec<f64>,
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

/// Ranks rows by TOPSIS with vector normalisation.
///
/// # Errors
/// When columns differ in length, a weight is negative or not finite, a value is infinite, or nothing weighs.
pub fn topsis(criteria: &[Criterion<'_>]) -> Result<Topsis, TopsisError> {
    let rows = check(criteria)?;
    let present: Vec<bool> = criteria.iter().map(|c| c.values.iter().any(|v| !v.is_nan())).collect();
    let used: Vec<usize> =
        (0..criteria.len()).filter(|&j| criteria[j].weight > 0.0 && (present[j] || rows == 0)).collect();
    let total: f64 = used.iter().map(|&j| criteria[j].weight).sum();
    if used.is_empty() {
        return Err(TopsisError::NothingWeighs);
    }
    let mut weights = vec![0.0; criteria.len()];
    for &j in &used {
        weights[j] = criteria[j].weight / total;
    }
    let dropped =
        (0..criteria.len()).filter(|&j| criteria[j].weight > 0.0 && !present[j] && rows > 0).collect();

    let mut excluded = Vec::new();
    let mut kept = Vec::with_capacity(rows);
    for row in 0..rows {
        match used.iter().find(|&&j| criteria[j].values[row].is_nan()) {
            Some(&criterion) => excluded.push(Excluded { row, criterion }),
            None => kept.push(row),
        }
    }

    let mut norms = vec![0.0; criteria.len()];
    let mut to_ideal = vec![0.0; kept.len()];
    let mut to_anti_ideal = vec![0.0; kept.len()];
    for &j in &used {
        let Column { scale, best, worst, norm } = Column::of(&criteria[j], weights[j], &kept);
        norms[j] = norm;
        for (at, &row) in kept.iter().enumerate() {
            let v = criteria[j].values[row] * scale;
            to_ideal[at] += (v - best) * (v - best);
            to_anti_ideal[at] += (v - worst) * (v - worst);
        }
    }
    let mut ranked: Vec<(usize, f64)> = kept
        .iter()
        .zip(to_ideal.iter().zip(&to_anti_ideal))
        .map(|(&row, (&plus, &minus))| (row, closeness(plus.sqrt(), minus.sqrt())))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(Topsis { ranked, weights, norms, dropped, excluded })
}

/// `d- / (d+ + d-)`, written so that rounding keeps its order: it never falls when `d-` grows or `d+` shrinks,
/// and so a row that is at least as good in everything never scores less.
fn closeness(plus: f64, minus: f64) -> f64 {
    if plus == 0.0 {
        return 1.0;
    }
    1.0 / (1.0 + plus / minus)
}

/// The weighted ideal and anti-ideal of one criterion over the rows that are kept.
struct Column {
    scale: f64,
    best: f64,
    worst: f64,
    norm: f64,
}

impl Column {
    fn of(criterion: &Criterion<'_>, weight: f64, kept: &[usize]) -> Self {
        // The largest magnitude is taken out first, so that squares neither overflow nor vanish.
        let mut largest = 0.0_f64;
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in kept {
            let x = criterion.values[row];
            largest = largest.max(x.abs());
            low = low.min(x);
            high = high.max(x);
        }
        if largest == 0.0 {
            return Self { scale: 0.0, best: 0.0, worst: 0.0, norm: 0.0 };
        }
        let squares: f64 = kept.iter().map(|&row| criterion.values[row] / largest).map(|x| x * x).sum();
        let norm = largest * squares.sqrt();
        let scale = weight / norm;
        let (best, worst) = match criterion.direction {
            Direction::Benefit => (high, low),
            Direction::Cost => (low, high),
        };
        Self { scale, best: best * scale, worst: worst * scale, norm }
    }
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
        if let Some(row) = c.values.iter().position(|v| v.is_infinite()) {
            return Err(TopsisError::Infinite { criterion, row });
        }
    }
    Ok(rows)
}
