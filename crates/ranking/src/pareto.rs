//! The **Pareto front**: the rows that no other row dominates. A row dominates another when it is at least
//! as good in every objective and better in one.
//!
//! Rows with equal values do not dominate each other, so that copies are on the front together or not at all.
//!
//! The rows are sorted lexicographically, best first. Whatever dominates a row then comes before it, and it
//! is enough to compare with the front so far, since domination is transitive. With two objectives the front so
//! far is one number; with three it is a staircase that is searched by bisection (Kung, Luccio & Preparata,
//! *On Finding the Maxima of a Set of Vectors*, J. ACM 1975): `n log n` in both cases. With more objectives the
//! front is scanned: `n` times its size.

use std::cmp::Ordering;

use crate::Direction;

/// One objective with the value of every row.
#[derive(Debug, Clone, Copy)]
pub struct Objective<'a> {
    /// Which values are better.
    pub direction: Direction,
    /// The values, one for each row.
    pub values: &'a [f64],
}

/// Input that has no Pareto front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParetoError {
    /// Columns of different lengths.
    #[error("objective {objective} has {got} values; the first one has {expected}")]
    Length {
        /// The objective.
        objective: usize,
        /// Its number of values.
        got: usize,
        /// The first objective's number.
        expected: usize,
    },
    /// A value is not a number: it is neither better nor worse than another.
    #[error("objective {objective} is not a number in row {row}")]
    NotANumber {
        /// The objective.
        objective: usize,
        /// The row.
        row: usize,
    },
    /// There is nothing to compare by.
    #[error("there is no objective")]
    NoObjective,
}

/// Whether each row is on the front.
///
/// # Errors
/// When there is no objective, columns differ in length, or a value is `NaN`.
pub fn pareto(objectives: &[Objective<'_>]) -> Result<Vec<bool>, ParetoError> {
    let rows = check(objectives)?;
    let width = objectives.len();
    // Row by row, less is better. Adding 0.0 makes -0.0 and 0.0 one value to the total order as well.
    let mut points = vec![0.0; rows * width];
    for (j, objective) in objectives.iter().enumerate() {
        let sign = match objective.direction {
            Direction::Benefit => -1.0,
            Direction::Cost => 1.0,
        };
        for (row, value) in objective.values.iter().enumerate() {
            points[row * width + j] = value * sign + 0.0;
        }
    }
    let point = |row: usize| &points[row * width..(row + 1) * width];
    let mut order: Vec<usize> = (0..rows).collect();
    order.sort_unstable_by(|&a, &b| lexicographic(point(a), point(b)));

    let mut front = Front::new(width);
    let mut on_front = vec![false; rows];
    let mut previous: Option<(&[f64], bool)> = None;
    for row in order {
        let p = point(row);
        // A copy of the row before shares its fate and is not compared with it.
        let keep = match previous {
            Some((q, kept)) if q == p => kept,
            _ => front.admit(p),
        };
        on_front[row] = keep;
        previous = Some((p, keep));
    }
    Ok(on_front)
}

fn lexicographic(a: &[f64], b: &[f64]) -> Ordering {
    a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// The non-dominated points so far, in the form in which the next one is compared fastest. Points arrive in
/// lexicographic order without copies, so the first objective never needs to be compared.
enum Front {
    /// One objective: whether the best has been seen.
    Line { seen: bool },
    /// Two: the least second value.
    Sweep { least: Option<f64> },
    /// Three: second values ascending with third values descending.
    Staircase { steps: Vec<(f64, f64)> },
    /// More: all of them.
    Scan { points: Vec<f64>, width: usize },
}

impl Front {
    fn new(width: usize) -> Self {
        match width {
            1 => Self::Line { seen: false },
            2 => Self::Sweep { least: None },
            3 => Self::Staircase { steps: Vec::new() },
            _ => Self::Scan { points: Vec::new(), width },
        }
    }

    /// Adds a point, unless one of the front dominates it.
    fn admit(&mut self, p: &[f64]) -> bool {
        match self {
            Self::Line { seen } => !std::mem::replace(seen, true),
            Self::Sweep { least } => {
                let keep = least.is_none_or(|least| p[1] < least);
                if keep {
                    *least = Some(p[1]);
                }
                keep
            }
            Self::Staircase { steps } => {
                let (y, z) = (p[1], p[2]);
                let after = steps.partition_point(|&(step_y, _)| step_y <= y);
                if after > 0 && steps[after - 1].1 <= z {
                    return false;
                }
                // A step at the same y is higher, or it would have dominated.
                let from = if after > 0 && steps[after - 1].0 == y { after - 1 } else { after };
                let to = from + steps[from..].partition_point(|&(_, step_z)| step_z >= z);
                steps.splice(from..to, [(y, z)]);
                true
            }
            Self::Scan { points, width } => {
                if points.chunks_exact(*width).any(|q| q.iter().zip(p).all(|(a, b)| a <= b)) {
                    return false;
                }
                points.extend_from_slice(p);
                true
            }
        }
    }
}

/// The number of rows, when the input makes sense.
fn check(objectives: &[Objective<'_>]) -> Result<usize, ParetoError> {
    let rows = objectives.first().ok_or(ParetoError::NoObjective)?.values.len();
    for (objective, o) in objectives.iter().enumerate() {
        if o.values.len() != rows {
            return Err(ParetoError::Length { objective, got: o.values.len(), expected: rows });
        }
        if let Some(row) = o.values.iter().position(|v| v.is_nan()) {
            return Err(ParetoError::NotANumber { objective, row });
        }
    }
    Ok(rows)
}
