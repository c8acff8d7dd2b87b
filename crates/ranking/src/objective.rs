//! An **objective** is a criterion without a weight: what is better in it is known, and how much it counts is not.

use std::cmp::Ordering;

use crate::Direction;
use crate::topsis::has_nan;

/// One objective with the value of every row.
#[derive(Debug, Clone, Copy)]
pub struct Objective<'a> {
    /// Which values are better.
    pub direction: Direction,
    /// The values, one for each row.
    pub values: &'a [f64],
}

/// Objectives that cannot be compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObjectiveError {
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
    /// The reference point has another number of values, or one that is not a number.
    #[error("the reference point needs a number for each of the {objectives} objectives")]
    Reference {
        /// How many objectives there are.
        objectives: usize,
    },
}

/// Objectives that were checked, read row by row with less being better in all of them.
pub(crate) struct Rows<'a> {
    columns: Vec<(&'a [f64], f64)>,
    len: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn of(objectives: &[Objective<'a>]) -> Result<Self, ObjectiveError> {
        let len = objectives.first().ok_or(ObjectiveError::NoObjective)?.values.len();
        for (objective, o) in objectives.iter().enumerate() {
            if o.values.len() != len {
                return Err(ObjectiveError::Length { objective, got: o.values.len(), expected: len });
            }
            if has_nan(o.values) {
                let row = o.values.iter().position(|v| v.is_nan()).unwrap_or_default();
                return Err(ObjectiveError::NotANumber { objective, row });
            }
        }
        Ok(Self { columns: objectives.iter().map(|o| (o.values, o.direction.sign())).collect(), len })
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Writes a row's values. Adding 0.0 makes -0.0 and 0.0 one value to the total order as well.
    pub(crate) fn read(&self, row: usize, into: &mut [f64]) {
        for (value, (column, sign)) in into.iter_mut().zip(&self.columns) {
            *value = column[row] * sign + 0.0;
        }
    }

    pub(crate) fn value(&self, row: usize, objective: usize) -> f64 {
        let (column, sign) = self.columns[objective];
        column[row] * sign + 0.0
    }

    /// Marks the rows that are at least as good as one of them in everything: it, its copies and what dominates it.
    pub(crate) fn mark_as_good_as(&self, row: usize, marks: &mut [bool]) {
        self.mark(row, marks, |value, limit| value <= limit);
    }

    /// Marks the rows that one of them is better than in everything.
    pub(crate) fn mark_beaten(&self, row: usize, marks: &mut [bool]) {
        self.mark(row, marks, |value, limit| value > limit);
    }

    fn mark(&self, row: usize, marks: &mut [bool], relation: impl Fn(f64, f64) -> bool) {
        /// Rows that are compared in one objective before the next: as long as it fits into the nearest cache.
        const BLOCK: usize = 512;
        let mut point = vec![0.0; self.width()];
        self.read(row, &mut point);
        for (block, marks) in marks.chunks_mut(BLOCK).enumerate() {
            let mut all = [true; BLOCK];
            for (&limit, (column, sign)) in point.iter().zip(&self.columns) {
                for (all, value) in all.iter_mut().zip(&column[block * BLOCK..]) {
                    *all &= relation(value * sign, limit);
                }
            }
            for (mark, all) in marks.iter_mut().zip(all) {
                *mark |= all;
            }
        }
    }

    /// Some rows in lexicographic order, best first: whatever dominates a row comes before it.
    pub(crate) fn sorted(&self, rows: Vec<usize>) -> Sorted {
        let width = self.width();
        let mut points = vec![0.0; rows.len() * width];
        for (point, &row) in points.chunks_exact_mut(width).zip(&rows) {
            self.read(row, point);
        }
        let point = |at: usize| &points[at * width..(at + 1) * width];
        let mut order: Vec<(f64, usize)> = (0..rows.len()).map(|at| (points[at * width], at)).collect();
        order.sort_unstable_by(|&(first, a), &(other, b)| {
            first.total_cmp(&other).then_with(|| lexicographic(point(a), point(b)))
        });
        Sorted { rows, points, width, order: order.into_iter().map(|(_, at)| at).collect() }
    }
}

impl Direction {
    /// What makes less better.
    pub(crate) const fn sign(self) -> f64 {
        match self {
            Self::Benefit => -1.0,
            Self::Cost => 1.0,
        }
    }
}

/// Rows in lexicographic order.
pub(crate) struct Sorted {
    rows: Vec<usize>,
    points: Vec<f64>,
    width: usize,
    order: Vec<usize>,
}

impl Sorted {
    /// Each row with its point.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &[f64])> {
        let width = self.width;
        self.order.iter().map(move |&at| (self.rows[at], &self.points[at * width..(at + 1) * width]))
    }
}

/// The order of two points by their first value that differs.
pub(crate) fn lexicographic(a: &[f64], b: &[f64]) -> Ordering {
    a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}
